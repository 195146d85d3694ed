"""The extents of an analysis: found once, and kept as polygons and as a raster of labels."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.sites.extents import Extents, urban_extents
from shoeroot.sites.grid import Grid, write_grid
from shoeroot.sites.packages import require
from shoeroot.sites.raster_files import RasterFile, map_cells, open_raster
from shoeroot.sites.steps import Steps
from shoeroot.sites.tables import write_table
from shoeroot.sites.windows import rows_of_windows, urban_extents_by_window

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from shoeroot.sites.config import SitesConfig

__all__ = ["Surfaces", "find_extents", "read_surfaces", "widened"]

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Surfaces:
    """The rasters that extents are found in: people, built-up surface, permanent land.

    Attributes
    ----------
    population : Grid
        In memory, or in a file that stands in for it.
    files : tuple of RasterFile or None
        Of the three, or of the parts that are looked at.
    room : Path or None
        The folder of files that stand in for memory; None where memory is large enough.
    """

    population: Grid
    files: tuple[RasterFile, RasterFile | None, RasterFile | None]
    room: Path | None

    def extents(self, labels: Path, **options: Any) -> GeoDataFrame:
        """Find extents, and write the raster of their labels; options are of `urban_extents`."""
        population, built, land = self.files
        if self.room is not None:
            return urban_extents_by_window(
                population, built=built, land=land, labels=labels, scratch=self.room, **options
            )
        surfaces = [None if one is None else one.read() for one in (built, land)]
        found = urban_extents(self.population, built=surfaces[0], land=surfaces[1], **options)
        write_grid(labels, self.population.with_values(found.labels, str(labels)))
        return found.table

    def kept(self, raster: RasterFile) -> Grid:
        """Read a raster of these cells into memory, or into a file that stands in for it."""
        return _kept_cells(raster, self.room)


def read_surfaces(config: SitesConfig, bounds: Bounds | None, room: Path) -> Surfaces:
    """Look at the rasters, whole or within bounds, and read the people.

    Parameters
    ----------
    config : SitesConfig
    bounds : west, south, east, north, optional
        In degrees; widened by `margin_km`.
    room : Path
        A folder for what memory has no room for, made where it is needed.
    """

    def look(path: str) -> RasterFile | None:
        if not path:
            return None
        raster = open_raster(config.source(path))
        if bounds is None:
            return raster
        try:
            return raster.within(_inside(raster, bounds, config))
        except SiteError as problem:
            west, south, east, north = (f"{one:.5g}" for one in bounds)
            raise SiteError(
                f"the raster shows nothing of {config.margin_km:g} km around {west} to {east} "
                f"degrees east and {south} to {north} north",
                where=raster.name,
                hint="is it the raster of that area? `area` is [west, south, east, north]",
            ) from problem

    population = look(config.population_path)
    assert population is not None  # noqa: S101  settings have one
    files = population, look(config.built), look(config.land)
    rows, columns = population.shape
    if rows * columns <= config.cells_in_memory:
        return Surfaces(population.read(), files, None)
    room.mkdir()
    return Surfaces(_kept_cells(population, room), files, room)


def _kept_cells(raster: RasterFile, room: Path | None) -> Grid:
    if room is None:
        return raster.read()
    handle, path = tempfile.mkstemp(dir=room)
    os.close(handle)
    return map_cells(raster, Path(path), rows_of_windows(raster.shape))


def find_extents(
    config: SitesConfig, level: str, surfaces: Surfaces, made_from: Mapping[str, Any], steps: Steps
) -> Extents:
    """Find the extents of a level, or read them where they are kept."""
    thresholds = dict(config.extents.get(level, {}))  # type: ignore[call-overload]
    mark = {**made_from, "rule": config.rule, "level": level, "thresholds": thresholds}
    stem = f"extents-{level}-{steps.key(mark)}"
    polygons, labels = steps.folder / f"{stem}.gpkg", steps.folder / f"{stem}.tif"
    started = time.perf_counter()
    kept = _kept(polygons, labels, surfaces)
    if kept is None:
        table = surfaces.extents(labels, rule=config.rule, level=level, **thresholds)
        # The table is written last: where it is, the labels are whole as well.
        write_table(table, polygons, "extents")
    # What was written is read: it may be another to the last bit, and later steps tell them apart.
    found = kept or _kept(polygons, labels, surfaces)
    if found is None:
        raise SiteError("the extents cannot be read back", where=str(polygons), hint="try again")
    outcome = "made" if kept is None else "kept"
    steps.note(
        level.replace("_", " ") + "s", outcome, time.perf_counter() - started, polygons, labels
    )
    return found


def _kept(polygons: Path, labels: Path, surfaces: Surfaces) -> Extents | None:
    if not polygons.is_file() or not labels.is_file():
        return None
    try:
        raster = surfaces.kept(open_raster(labels))
        table = require("geopandas").read_file(polygons, layer="extents")
    except (SiteError, OSError, RuntimeError):
        return None  # damaged: made again
    population = surfaces.population
    if raster.shape != population.shape or raster.values.max(initial=0) != len(table):
        return None
    table = table.set_crs(population.crs, allow_override=True)
    return Extents(raster.values.astype(np.int32, copy=False), population, table)


def _inside(raster: RasterFile, bounds: Bounds, config: SitesConfig) -> Bounds:
    """Turn degrees into the raster's own coordinates, with the margin around."""
    transformer = require("pyproj").Transformer.from_crs(4326, raster.crs, always_xy=True)
    west, south, east, north = widened(bounds, config.margin_km)
    found: Bounds = transformer.transform_bounds(west, south, east, north, densify_pts=101)
    if not np.isfinite(found).all():
        raise SiteError(
            f"the area {bounds} cannot be told in {raster.crs.name}",
            where=raster.name,
            hint="give a smaller area",
        )
    return found


def widened(bounds: Bounds, margin_km: float) -> Bounds:
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
