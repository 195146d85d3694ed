"""Floods in places: how much is flooded, how deep, and how many people live there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.records.site import Flood
from shoeroot.sites.extraction import Request, extract
from shoeroot.sites.many_rasters import tables_of
from shoeroot.sites.packages import require
from shoeroot.sites.regridding import on_cells_of
from shoeroot.sites.sources import Raster, computed, open_source, within
from shoeroot.sites.zones import prepare_zones

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import DataFrame

__all__ = ["FloodScenario", "floods"]

Array = np.ndarray[Any, Any]


class FloodScenario(NamedTuple):
    """What a raster of flood depths stands for.

    Parameters
    ----------
    type : str
        What floods, such as "fluvial", "pluvial" or "coastal".
    return_period : int
        How often such a flood comes [years].
    year : int
        Year that the climate stands for.
    """

    type: str
    return_period: int
    year: int


def floods(
    places: GeoDataFrame,
    files: Mapping[FloodScenario, Raster],
    *,
    population: Raster,
    thresholds: Sequence[float] = (0.0,),
    valid: tuple[float, float] = (0, np.inf),
    threads: int = 1,
    show_progress: bool = False,
) -> list[list[Flood]]:
    """Compute what floods do to places.

    Parameters
    ----------
    places : GeoDataFrame
        Polygons in any CRS.
    files : mapping of FloodScenario to raster
        Depths [m]. Cells without a value are dry.
    population : raster
        People of each cell. The flooded share of each of its cells is computed, and as many of
        its people are counted.
    thresholds : sequence of float
        A cell is flooded where it is deeper than that [m].
    valid : tuple of float
        Cells outside of this range are dry: some makers mark rivers and lakes with 999, for
        instance, which ``(0, 900)`` leaves out.
    threads, show_progress
        As for `night_lights`.

    Returns
    -------
    list of list of Flood
        A list a place, in order of type, return period, year and threshold. `share` is of the
        whole area of the place; `mean_depth` is by area over the flooded cells, and NaN where
        there is none.

    Raises
    ------
    SiteError
        There is no threshold or it is negative, or a raster cannot be used.
    """
    if not thresholds or not all(threshold >= 0 for threshold in thresholds):
        raise SiteError(
            f"Thresholds are depths of 0 m or more, not {tuple(thresholds)}", where="thresholds"
        )
    depths = tuple(sorted(set(map(float, thresholds))))
    scenarios = {FloodScenario(*scenario): raster for scenario, raster in files.items()}
    work = partial(_flooded, population=population, thresholds=depths, valid=valid)
    tables = tables_of(work, places, scenarios, label="floods", threads=threads, show=show_progress)
    made: list[list[Flood]] = [[] for _ in range(len(places))]
    for (kind, return_period, year), table in tables.items():
        for threshold in depths:
            rows = table[threshold].to_numpy(float).tolist()
            for of_place, (share, people, depth) in zip(made, rows, strict=True):
                of_place.append(Flood(kind, return_period, year, threshold, share, people, depth))
    return made


def _flooded(
    raster: Raster,
    places: GeoDataFrame,
    population: Raster,
    thresholds: Sequence[float],
    valid: tuple[float, float],
) -> DataFrame:
    """Make a table of shares, people and depths, columns by threshold."""
    with open_source(raster) as read, open_source(population) as people:
        depth = within(read, valid)
        zones, homes = prepare_zones(places, depth), prepare_zones(places, people)
        tables = {}
        for threshold in thresholds:
            wet = computed(depth, partial(_wet, threshold=threshold))
            flooded = computed(depth, partial(_flooded_share, threshold=threshold))
            area = extract(Request(wet, None, ("area_km2", "total_km2", "area_mean")), zones)
            on_homes = on_cells_of(flooded, people, "mean")
            lives = extract(Request(on_homes, people, ("weighted_sum",)), homes)
            # Where no depth is shown nobody is known to be dry.
            tables[threshold] = area.assign(
                share=area.area_km2 / area.total_km2,
                population=lives.weighted_sum.where(area.total_km2.notna()),
            )[["share", "population", "area_mean"]]
    frame: DataFrame = require("pandas").concat(tables, axis=1)
    return frame


def _wet(depth: Array, threshold: float) -> Array:
    return np.where(depth > threshold, depth, np.nan)


def _flooded_share(depth: Array, threshold: float) -> Array:
    return (depth > threshold).astype(np.float64)  # NaN is dry
