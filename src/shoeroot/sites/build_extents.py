"""The extents of an analysis: found once, and kept as polygons and as a raster of labels."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.sites.extents import Extents, urban_extents
from shoeroot.sites.grid import Grid, open_raster, read_grid, write_grid
from shoeroot.sites.packages import require
from shoeroot.sites.steps import Steps
from shoeroot.sites.tables import write_table

if TYPE_CHECKING:
    from shoeroot.sites.config import SitesConfig

__all__ = ["Surfaces", "find_extents", "read_surfaces"]


@dataclass(frozen=True, slots=True)
class Surfaces:
    """The rasters that extents are found in: people, built-up surface, permanent land."""

    population: Grid
    built: Grid | None
    land: Grid | None


def read_surfaces(
    config: SitesConfig, bounds: tuple[float, float, float, float] | None
) -> Surfaces:
    """Read the rasters, whole or within bounds.

    Parameters
    ----------
    config : SitesConfig
    bounds : west, south, east, north, optional
        In degrees; widened by `margin_km`.
    """

    def read(path: str) -> Grid | None:
        if not path:
            return None
        source = config.source(path)
        return read_grid(source, bounds=None if bounds is None else _inside(source, bounds, config))

    population = read(config.population_path)
    assert population is not None  # noqa: S101  settings have one
    return Surfaces(population, read(config.built), read(config.land))


def find_extents(
    config: SitesConfig, level: str, surfaces: Surfaces, made_from: Mapping[str, Any], steps: Steps
) -> Extents:
    """Find the extents of a level, or read them where they are kept."""
    thresholds = dict(config.extents.get(level, {}))  # type: ignore[call-overload]
    mark = {**made_from, "rule": config.rule, "level": level, "thresholds": thresholds}
    stem = f"extents-{level}-{steps.key(mark)}"
    polygons, labels = steps.folder / f"{stem}.gpkg", steps.folder / f"{stem}.tif"
    started = time.perf_counter()
    kept = _kept(polygons, labels, surfaces.population)
    if kept is None:
        fresh = urban_extents(
            surfaces.population,
            rule=config.rule,
            level=level,
            built=surfaces.built,
            land=surfaces.land,
            **thresholds,
        )
        write_grid(labels, surfaces.population.with_values(fresh.labels, str(labels)))
        # The table is written last: where it is, the labels are whole as well.
        write_table(fresh.table, polygons, "extents")
    # What was written is read: it may be another to the last bit, and later steps tell them apart.
    found = kept or _kept(polygons, labels, surfaces.population)
    if found is None:
        raise SiteError("the extents cannot be read back", where=str(polygons), hint="try again")
    outcome = "made" if kept is None else "kept"
    steps.note(
        level.replace("_", " ") + "s", outcome, time.perf_counter() - started, polygons, labels
    )
    return found


def _kept(polygons: Path, labels: Path, population: Grid) -> Extents | None:
    if not polygons.is_file() or not labels.is_file():
        return None
    try:
        raster = read_grid(labels)
        table = require("geopandas").read_file(polygons, layer="extents")
    except (SiteError, OSError, RuntimeError):
        return None  # damaged: made again
    if raster.shape != population.shape or raster.values.max(initial=0) != len(table):
        return None
    table = table.set_crs(population.crs, allow_override=True)
    return Extents(raster.values.astype(np.int32), population, table)


def _inside(
    source: str, bounds: tuple[float, float, float, float], config: SitesConfig
) -> tuple[float, float, float, float]:
    """Turn degrees into the raster's own coordinates, with the margin around."""
    raster = open_raster(source)
    transformer = require("pyproj").Transformer.from_crs(4326, raster.crs, always_xy=True)
    west, south, east, north = widened(bounds, config.margin_km)
    found: tuple[float, float, float, float] = transformer.transform_bounds(
        west, south, east, north, densify_pts=101
    )
    if not np.isfinite(found).all():
        raise SiteError(
            f"the area {bounds} cannot be told in {raster.crs.name}",
            where=source,
            hint="give a smaller area",
        )
    return found


def widened(
    bounds: tuple[float, float, float, float], margin_km: float
) -> tuple[float, float, float, float]:
    """Add a margin [km] around west, south, east and north [deg]."""
    west, south, east, north = bounds
    # A degree of latitude has 110.6 km at least.
    high = margin_km / 110.6
    wide = high / max(np.cos(np.radians(max(abs(south), abs(north)))), 0.01)
    return (
        max(west - wide, -180.0),
        max(south - high, -90.0),
        min(east + wide, 180.0),
        min(north + high, 90.0),
    )
