"""Urban extents of rasters larger than memory: by windows of rows, with what `urban_extents` finds.

Arrays of the raster's size lie in files of a scratch folder, and every step goes through them some
rows at a time. Clusters that a seam between windows divides are merged; cells that join clusters
are found through lists of the cells at the edges of extents, which are short.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.sites.cell_areas import CellAreas
from shoeroot.sites.degurba import DegurbaThresholds, Holes, Surface, edges_of
from shoeroot.sites.extent_sums import ExtentSums
from shoeroot.sites.extents import refuse_surfaces, surface_of, thresholds_of
from shoeroot.sites.gost import GostThresholds
from shoeroot.sites.grid_writing import GridWriter
from shoeroot.sites.labelling import (
    label_cells,
    roots,
    rounded,
    rounded_areas,
    sums_of_labels,
    touching,
)
from shoeroot.sites.polygons import label_polygons
from shoeroot.sites.raster_files import RasterFile, open_raster
from shoeroot.sites.smoothing import count_around, spread_labels, spread_window

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["rows_of_windows", "urban_extents_by_window"]

Array = np.ndarray[Any, Any]
PathLike = str | os.PathLike[str]
RasterLike = PathLike | RasterFile

# Cells of a window where the user does not say how many rows it has.
WINDOW_CELLS = 1 << 23


def rows_of_windows(shape: tuple[int, int]) -> int:
    """Give as many rows of a raster as are read at a time."""
    return max(WINDOW_CELLS // shape[1], 1)


def urban_extents_by_window(
    population: RasterLike,
    /,
    *,
    rule: str = "degurba",
    level: str = "urban_centre",
    built: RasterLike | None = None,
    land: RasterLike | None = None,
    labels: PathLike | None = None,
    window_rows: int | None = None,
    scratch: PathLike | None = None,
    **thresholds: Any,
) -> GeoDataFrame:
    """Find the urban extents of a raster file that does not fit into memory.

    The result is the table that `urban_extents` gives for the whole raster, whatever the windows.

    Parameters
    ----------
    population, built, land : path or RasterFile
        Raster files with the same cells, as `urban_extents` takes them as grids; or parts of such
        files: ``open_raster(path).within(bounds)``.
    rule, level, **thresholds
        As for `urban_extents`.
    labels : path, optional
        A GeoTIFF to be written: 0 outside, k in the cells of row k - 1 of the table.
    window_rows : int, optional
        Rows that are read at a time; 8 million cells without it.
    scratch : path, optional
        Folder for temporary files of up to 12 bytes a cell; the system's without it.

    Returns
    -------
    geopandas.GeoDataFrame
        As `Extents.table`.

    Raises
    ------
    SiteError
        As `urban_extents` and `read_grid`.
    """
    chosen = thresholds_of(rule, level, thresholds)
    if isinstance(chosen, GostThresholds):
        refuse_surfaces(built, land)
    files = _Files.of(population, built, land, window_rows)
    with tempfile.TemporaryDirectory(prefix="shoeroot-", dir=scratch) as folder:
        rooms = _Scratch(Path(folder), files.population.shape, files.rows, files.wraps)
        if isinstance(chosen, GostThresholds):
            found, count = _gost(files, rooms, chosen)
        else:
            found, count = _degurba(files, rooms, chosen)
        return _tabulate(files, rooms, found, count, level, labels)


@dataclass(frozen=True, slots=True, eq=False)
class _Files:
    """The rasters, and how many of their rows are read at a time."""

    population: RasterFile
    built: RasterFile | None
    land: RasterFile | None
    areas: CellAreas
    rows: int

    @classmethod
    def of(
        cls,
        population: RasterLike,
        built: RasterLike | None,
        land: RasterLike | None,
        window_rows: int | None,
    ) -> _Files:
        people = _opened(population)
        others = [None if one is None else _opened(one) for one in (built, land)]
        for other, what in zip(others, ("built-up surface", "permanent land"), strict=True):
            if other is not None:
                people.same_as(other, f"use the {what} with the population")
        if window_rows is not None and window_rows < 1:
            raise SiteError(f"A window has at least one row, not {window_rows}")
        rows = window_rows or rows_of_windows(people.shape)
        areas = CellAreas.of(people.transform, people.crs, people.shape, people.name)
        return cls(people, others[0], others[1], areas, rows)

    @property
    def wraps(self) -> bool:
        return self.population.wraps

    def people(self) -> Iterator[tuple[int, Array]]:
        """First row and population of each window."""
        for window in self.population.windows(self.rows):
            yield window.first, window.grid.values

    def surfaces(self) -> Iterator[tuple[int, Surface]]:
        """First row and surface of each window."""
        for window in self.population.windows(self.rows):
            first, last = window.first, window.last
            built, land = (
                None if file is None else file.read(first, last) for file in (self.built, self.land)
            )
            yield first, surface_of(window.grid, built, land, self.areas.km2(first, last))


def _opened(raster: RasterLike) -> RasterFile:
    return raster if isinstance(raster, RasterFile) else open_raster(raster)


class _Scratch:
    """Arrays of the raster's size with a frame of one cell, in files of a folder."""

    def __init__(self, folder: Path, shape: tuple[int, int], rows: int, wraps: bool) -> None:
        self._folder = folder
        self.shape = shape
        self.rows = rows
        self.wraps = wraps

    def array(self, name: str, kind: type[np.generic] | type[bool]) -> Array:
        """Make an array of zeros."""
        shape = self.shape[0] + 2, self.shape[1] + 2
        return np.memmap(self._folder / name, dtype=kind, mode="w+", shape=shape)

    def windows(self) -> Iterator[tuple[int, int]]:
        for first in range(0, self.shape[0], self.rows):
            yield first, min(first + self.rows, self.shape[0])

    def blocks(self, framed: Array) -> Iterator[tuple[int, Array]]:
        """First row and view of each window's cells."""
        for first, last in self.windows():
            yield first, framed[first + 1 : last + 1, 1:-1]

    def close_frame(self, framed: Array) -> None:
        """Put the columns of the other side into the frame of a grid that goes round."""
        if self.wraps:
            framed[:, 0], framed[:, -1] = framed[:, -2], framed[:, 1]

    def replace(self, framed: Array, by: Array) -> None:
        """Put other labels in the place of labels."""
        for _, block in self.blocks(framed):
            block[...] = by[block]


@dataclass(frozen=True, slots=True, eq=False)
class _Clusters:
    """Clusters found by windows: labels of windows, what they are together, and their sums."""

    root: Array
    sums: Array

    def numbers(self, keep: Array) -> tuple[Array, int]:
        """Renumber the labels of windows when only some clusters stay, and count these."""
        numbers = np.zeros(len(self.sums), dtype=np.int32)
        kept = np.flatnonzero(keep)
        kept = kept[kept > 0]
        numbers[kept] = np.arange(1, len(kept) + 1)
        return numbers[self.root], len(kept)


def _label(
    rooms: _Scratch,
    target: Array,
    cells: Iterable[tuple[int, Array, Array]],
    change: Any,
    *,
    diagonal: bool,
) -> _Clusters:
    """Label windows of cells into an array, with what `cells` sums up: row, cells, values."""
    count, pairs, sums = 0, [np.zeros((0, 2), dtype=np.int64)], [np.zeros(1)]
    above: Array | None = None
    for first, inside, values in cells:
        labels, found = label_cells(inside, diagonal=diagonal)
        sums.append(sums_of_labels(labels, values, found, change)[1:])
        labels[labels > 0] += count
        count += found
        if rooms.wraps:
            pairs.append(touching(labels[:, -1], labels[:, 0], diagonal=diagonal))
        if above is not None:
            pairs.append(touching(above, labels[0], diagonal=diagonal))
            if rooms.wraps and diagonal:
                pairs.append(touching(above[[-1, 0]], labels[0][[0, -1]], diagonal=False))
        target[first + 1 : first + 1 + len(labels), 1:-1] = labels
        above = labels[-1].copy()
    root = roots(count, np.concatenate(pairs))
    size = int(root.max()) + 1
    return _Clusters(root, np.bincount(root, weights=np.concatenate(sums), minlength=size))


def _gost(files: _Files, rooms: _Scratch, thresholds: GostThresholds) -> tuple[Array, int]:
    found = rooms.array("labels", np.int32)

    def keep(cells: Iterable[tuple[int, Array, Array]]) -> int:
        clusters = _label(rooms, found, cells, rounded, diagonal=thresholds.queen)
        numbers, count = clusters.numbers(clusters.sums > thresholds.population)
        rooms.replace(found, numbers)
        return count

    count = keep(
        (first, (people > thresholds.density) & np.isfinite(people), people)
        for first, people in files.people()
    )
    if not thresholds.smooth or not count:
        return found, count
    urban, counts = rooms.array("urban", np.uint8), rooms.array("counts", np.uint8)
    for (_, into), (_, labels) in zip(rooms.blocks(urban), rooms.blocks(found), strict=True):
        into[...] = labels > 0
    rooms.close_frame(urban)
    joins = count_around(urban, counts, 5)
    spread_window(urban, counts, joins, least=5, limit=100, wraps=rooms.wraps)
    return found, keep(
        (first, urban[first + 1 : first + 1 + len(people), 1:-1].astype(bool), people)
        for first, people in files.people()
    )


def _degurba(files: _Files, rooms: _Scratch, thresholds: DegurbaThresholds) -> tuple[Array, int]:
    found = rooms.array("labels", np.int32)
    counted, free = rooms.array("counted", bool), rooms.array("free", bool)
    counted[[0, -1]] = True
    counted[:, [0, -1]] = True

    def cells() -> Iterator[tuple[int, Array, Array]]:
        for first, surface in files.surfaces():
            inside = slice(first + 1, first + 1 + len(surface.population)), slice(1, -1)
            counted[inside] = (surface.population > 0) | surface.mostly_land
            free[inside] = ~surface.water
            dense = surface.dense(thresholds.density, thresholds.built_share)
            yield first, dense, surface.population

    clusters = _label(rooms, found, cells(), rounded, diagonal=thresholds.queen)
    numbers, count = clusters.numbers(clusters.sums >= thresholds.population)
    rooms.replace(found, numbers)
    if thresholds.hole_km2 > 0 and count:
        _fill_holes(files, rooms, found, thresholds.hole_km2)
    if thresholds.smooth and count:
        for (_, may), (_, labels) in zip(rooms.blocks(free), rooms.blocks(found), strict=True):
            may &= labels == 0
        rooms.close_frame(found)
        rooms.close_frame(counted)
        spread_labels(found, counted, free, wraps=rooms.wraps)
    return found, count


def _fill_holes(files: _Files, rooms: _Scratch, found: Array, limit_km2: float) -> None:
    outside = rooms.array("outside", np.int32)
    nothing = np.zeros((1, 1))
    clusters = _label(
        rooms,
        outside,
        ((first, labels == 0, nothing) for first, labels in rooms.blocks(found)),
        None,
        diagonal=False,
    )
    at_edge = clusters.root[edges_of(outside[1:-1, 1:-1], wraps=rooms.wraps)]
    holes = Holes.of(len(clusters.sums) - 1, at_edge)
    may_be = holes.inside[clusters.root]
    labels = found[1:-1, 1:-1]
    for first, block in rooms.blocks(outside):
        rows, columns = np.nonzero(may_be[block])
        areas = rounded_areas(files.areas.km2(first, first + len(block)))
        area = np.broadcast_to(areas, block.shape)[rows, columns]
        holes.add(clusters.root[block[rows, columns]], labels, rows + first, columns, area)
    fills = holes.fills(limit_km2)[clusters.root]
    for (_, block), (_, into) in zip(rooms.blocks(outside), rooms.blocks(found), strict=True):
        rows, columns = np.nonzero(may_be[block])
        into[rows, columns] = fills[block[rows, columns]]


def _tabulate(
    files: _Files, rooms: _Scratch, found: Array, count: int, level: str, labels: PathLike | None
) -> GeoDataFrame:
    """Make the table and, where it is wanted, the raster of labels."""
    grid = files.population
    sums = ExtentSums(count, grid.transform, grid.crs, grid.shape)
    for first, people in files.people():
        block = np.asarray(found[first + 1 : first + 1 + len(people), 1:-1])
        sums.add(first, block, people, files.areas.km2(first, first + len(people)))
    table, order = sums.table(level)
    polygons = np.empty(count, dtype=object)
    for place, label in enumerate(order):
        north, south, west, east = sums.boxes[label]
        cells = found[north + 1 : south + 1, west + 1 : east + 1] == label
        box = cells.astype(np.int32)
        polygons[place] = label_polygons(box, grid.transform, 1, corner=(north, west))[0]
    if labels is not None:
        renumbered = np.zeros(count + 1, dtype=np.int32)
        renumbered[order] = np.arange(1, count + 1)
        with GridWriter(labels, grid.shape, np.int32, grid.transform, grid.crs) as writer:
            for first, block in rooms.blocks(found):
                writer.write(first, renumbered[block])
    return table.set_geometry(polygons, crs=grid.crs)
