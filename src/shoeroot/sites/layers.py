"""What lies in places: night lights, built-up surface, fine particles, climate classes.

Each function takes places and the rasters of a layer by what they stand for, and gives the records
that a `Site` holds, in order of that, one list a place. Places that a raster does not show have NaN
in its records.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.records.site import BuiltUp, NightLight, ParticulateMatter
from shoeroot.sites.many_rasters import records, tables_of
from shoeroot.sites.sources import Raster
from shoeroot.sites.zonal import zonal_statistics

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["built_up", "night_lights", "particulate_matter"]

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def night_lights(
    places: GeoDataFrame,
    files: Mapping[str, Raster],
    *,
    valid: tuple[float, float] = (0.1, np.inf),
    threads: int = 1,
    show_progress: bool = False,
) -> list[list[NightLight]]:
    """Sum up night lights month by month.

    Parameters
    ----------
    places : GeoDataFrame
        Polygons in any CRS.
    files : mapping of str to raster
        Radiance [nW/(cm2 sr)] by month, such as ``{"2019-07": "lights_201907.tif"}``.
    valid : tuple of float
        Cells outside of this range are not lit: below 0.1 is noise of the sensor.
    threads : int
        As many months are read at a time, which helps where they are remote.
    show_progress : bool
        Tell on standard error how many months are done.

    Returns
    -------
    list of list of NightLight
        A list a place, months in order. Where nothing is lit, `sum` and `lit_km2` are 0, and
        the others NaN.

    Raises
    ------
    SiteError
        A month is no such month, or a raster cannot be used.
    """
    for month in files:
        if not isinstance(month, str) or not MONTH.fullmatch(month):
            raise SiteError(f"{month!r} is no month", where="files", hint="such as '2019-07'")
    statistics = ("sum", "min", "max", "area_mean", "area_km2")
    work = partial(zonal_statistics, statistics=statistics, valid=valid)
    tables = tables_of(
        work, places, files, label="night lights", threads=threads, show=show_progress
    )
    return records(places, tables, NightLight)


def built_up(
    places: GeoDataFrame,
    files: Mapping[int, Raster],
    *,
    valid: tuple[float, float] = (0, np.inf),
    threads: int = 1,
    show_progress: bool = False,
) -> list[list[BuiltUp]]:
    """Sum up built-up surface epoch by epoch.

    Parameters
    ----------
    places, threads, show_progress
        As for `night_lights`.
    files : mapping of int to raster
        Built-up surface of a cell [m2] by year; ``RasterBand(path, scale=...)`` where it is
        stored in something else.
    valid : tuple of float
        Cells outside of this range are not counted.

    Returns
    -------
    list of list of BuiltUp
        A list a place, epochs in order. `share` is of the whole area of the place that the raster
        shows, water and cells without a value included.
    """
    work = partial(zonal_statistics, statistics=("sum", "total_km2"), valid=valid)
    tables = tables_of(
        work, places, _years(files), label="built-up", threads=threads, show=show_progress
    )
    return records(places, tables, _built_up)


def _built_up(epoch: int, m2: float, total_km2: float) -> BuiltUp:
    return BuiltUp(epoch, m2, m2 / (total_km2 * 1e6))


def particulate_matter(
    places: GeoDataFrame,
    files: Mapping[int, Raster],
    *,
    population: Raster,
    valid: tuple[float, float] = (0, np.inf),
    threads: int = 1,
    show_progress: bool = False,
) -> list[list[ParticulateMatter]]:
    """Average fine particles in the air (PM2.5) year by year.

    Parameters
    ----------
    places, threads, show_progress
        As for `night_lights`.
    files : mapping of int to raster
        Annual mean concentration [ug/m3] by year.
    population : raster
        People of each cell; the concentration is brought to its cells.
    valid : tuple of float
        Cells outside of this range are not counted.

    Returns
    -------
    list of list of ParticulateMatter
        A list a place, years in order; the mean over people is NaN where nobody lives.
    """
    work = partial(_means, population=population, valid=valid)
    tables = tables_of(
        work, places, _years(files), label="PM2.5", threads=threads, show=show_progress
    )
    return records(places, tables, ParticulateMatter)


def _means(raster: Raster, places: GeoDataFrame, population: Raster, valid: Any) -> Any:
    table = zonal_statistics(raster, places, ("area_mean",), valid=valid)
    weighted = zonal_statistics(raster, places, ("weighted_mean",), weights=population, valid=valid)
    return table.join(weighted)


def _years(files: Mapping[int, Raster]) -> Mapping[int, Raster]:
    for year in files:
        if not isinstance(year, int | np.integer):
            raise SiteError(f"{year!r} is no year", where="files", hint="a whole number: 2020")
    return files
