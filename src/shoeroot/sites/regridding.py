"""Bring a raster to the cells of another: of the same CRS or not, finer or coarser.

Own sums over points instead of GDAL's warper: where a cell is oblique in the other CRS, that takes
the box around it, and counts some cells twice.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from shoeroot.errors import SiteError, nearest
from shoeroot.sites.date_line import whole_turn
from shoeroot.sites.reprojection import transform_lattice, transformer
from shoeroot.sites.sources import Block, Source

if TYPE_CHECKING:
    from affine import Affine
    from pyproj import CRS

__all__ = ["Resampling", "on_cells_of"]

Resampling = Literal["mean", "nearest", "sum", "refuse"]

#: Corners of cells may differ by this share of a cell: coordinates in files are rounded.
CLOSE = 1e-3
#: Points may lie so far from where they are [cells that are read].
NEAR = 0.01
#: Points along a side of one of two cells that are equally large: half as many make floods of
#: single cells wrong by 5 % in a city of 200 cells, these by 1 %.
POINTS = 8
#: Cells that are read or made at once, about.
TILE_CELLS = 250_000
SOURCE_CELLS = 4_000_000
#: Tiles that are kept: neighbouring polygons ask for the same.
TILES_KEPT = 32

Array = np.ndarray[Any, Any]


def on_cells_of(source: Source, target: Source, resampling: Resampling) -> Source:
    """Give a source on the cells of another raster.

    Parameters
    ----------
    source, target : Source
    resampling : {"mean", "nearest", "sum", "refuse"}
        Mean over the target's cell of what is known there, value at its centre, or the counts of
        the cells, shared out by the part of each that lies in the target's cell.

    Raises
    ------
    SiteError
        `resampling` is "refuse" and the cells differ, or is unknown.
    """
    if resampling not in get_args(Resampling):
        known = get_args(Resampling)
        raise SiteError(f"There is no resampling {resampling!r}", hint=nearest(resampling, known))
    if _same_lattice(source, target):
        return source
    if resampling == "refuse":
        raise SiteError(
            "The raster does not lie on the cells of the weights",
            where=f"{source.name} and {target.name}",
            hint='resampling="mean" for intensities, "nearest" for classes, "sum" for counts',
        )
    ratio = _cells_within_cell(target, source)
    if not np.isfinite(ratio):
        raise SiteError(
            f"The cells of one raster cannot be shown in {source.crs.name}",
            where=f"{source.name} and {target.name}",
        )
    # A tile is so large that what is read for it is not too much.
    side = int(max(min(TILE_CELLS, SOURCE_CELLS / ratio**2) ** 0.5, 8))
    return _Regridded(source, target, resampling, ratio, side)


def _same_lattice(one: Source, other: Source) -> bool:
    """Whether cells coincide where both rasters are, wherever they begin and end."""
    if one.crs != other.crs:
        return False
    first, second = one.transform, other.transform
    cell = np.array([first.a, first.e])
    size = np.abs(np.array([second.a, second.e]) / cell - 1)
    shift = np.array([second.c - first.c, second.f - first.f]) / cell
    reach = max(*one.shape, *other.shape)
    return bool((size * reach < CLOSE).all() and (np.abs(shift - shift.round()) < CLOSE).all())


@dataclass(frozen=True, slots=True)
class _Regridded:
    """A source on the cells of another raster, made tile by tile."""

    source: Source
    target: Source
    resampling: Resampling
    #: Cells of the source along a side of a cell of the target, at most.
    ratio: float
    side: int
    tiles: OrderedDict[tuple[int, int], Array] = field(default_factory=OrderedDict)

    @property
    def name(self) -> str:
        return f"{self.source.name} on the cells of {self.target.name}"

    @property
    def crs(self) -> CRS:
        return self.target.crs

    @property
    def transform(self) -> Affine:
        return self.target.transform

    @property
    def shape(self) -> tuple[int, int]:
        return self.target.shape

    def read(self, block: Block) -> Array:
        made = np.empty((block.rows, block.columns))
        for row in range(block.row // self.side, -(-(block.row + block.rows) // self.side)):
            last = -(-(block.column + block.columns) // self.side)
            for column in range(block.column // self.side, last):
                self._copy(row, column, block, made)
        return made

    def _copy(self, row: int, column: int, block: Block, made: Array) -> None:
        tile = self._tile(row, column)
        top, left = row * self.side, column * self.side
        first_row, first_column = max(top, block.row), max(left, block.column)
        last_row = min(top + tile.shape[0], block.row + block.rows)
        last_column = min(left + tile.shape[1], block.column + block.columns)
        made[
            first_row - block.row : last_row - block.row,
            first_column - block.column : last_column - block.column,
        ] = tile[first_row - top : last_row - top, first_column - left : last_column - left]

    def _tile(self, row: int, column: int) -> Array:
        if (row, column) not in self.tiles:
            top, left = row * self.side, column * self.side
            rows = min(self.side, self.shape[0] - top)
            columns = min(self.side, self.shape[1] - left)
            self.tiles[row, column] = self._make(Block(top, left, rows, columns))
            if len(self.tiles) > TILES_KEPT:
                self.tiles.popitem(last=False)
        self.tiles.move_to_end((row, column))
        return self.tiles[row, column]

    def _make(self, block: Block) -> Array:
        x, y = _corners(self.target, block, self.source, tolerance=self._tolerance())
        reach = _reach(x, y, self.source)
        if reach is None:
            return np.full((block.rows, block.columns), np.nan)
        if self.resampling == "sum":
            return _shared_out(self.source, reach, self.target, block, _points(1 / self.ratio))
        points = 1 if self.resampling == "nearest" else _points(self.ratio)
        return _mean_of_points(x, y, self.source, reach, points)

    def _tolerance(self) -> float:
        return NEAR * min(self.source.transform.a, -self.source.transform.e)


def _points(ratio: float) -> int:
    """Say how many points along the side of a cell stand for it, of which others have `ratio`.

    One where the others are so large that their edges are rarely met; two in each of the others
    where these are small.
    """
    return int(np.ceil(min(POINTS * ratio, POINTS + 2 * ratio)))


def _cells_within_cell(target: Source, source: Source) -> float:
    """Count the cells of the source along a side of a cell of the target, at most."""
    rows, columns = target.shape
    largest = []
    for row in np.unique(np.linspace(0, rows - 1, 7).astype(int)):
        for column in np.unique(np.linspace(0, columns - 1, 7).astype(int)):
            x, y = _corners(target, Block(int(row), int(column), 1, 1), source)
            span = max(np.ptp(x) / source.transform.a, np.ptp(y) / -source.transform.e)
            if np.isfinite(span):
                largest.append(span)
    return float(np.median(largest)) if largest else np.nan


def _corners(
    raster: Source, block: Block, other: Source, tolerance: float = 0.0
) -> tuple[Array, Array]:
    """Give coordinates of the corners of cells in the CRS of another raster, NaN if it has none.

    Parameters
    ----------
    tolerance : float
        How far they may lie from where they are [unit of the other CRS]; 0: the same whatever the
        block, so that each point lies in one block alone.

    Returns
    -------
    x, y : array, shape (4, rows, columns)
        Corners of each cell: beside each other also where they lie on both sides of a date line.
    """
    affine = raster.transform
    across = affine.c + affine.a * np.arange(block.column, block.column + block.columns + 1)
    down = affine.f + affine.e * np.arange(block.row, block.row + block.rows + 1)
    if raster.crs == other.crs:
        x, y = np.meshgrid(across, down)
    else:
        transform = transformer(raster.crs, other.crs).transform
        x, y = transform_lattice(transform, across, down, tolerance)
    x, y = (
        np.stack([each[:-1, :-1], each[:-1, 1:], each[1:, :-1], each[1:, 1:]]) for each in (x, y)
    )
    turn = whole_turn(other.crs)
    if turn is not None:
        with np.errstate(invalid="ignore"):
            x -= turn * np.round((x - x[0]) / turn)
    return x, y


def _wrapped(x: Array, raster: Source) -> Array:
    """Bring longitudes to where a raster has them."""
    turn = whole_turn(raster.crs)
    if turn is None:
        return x
    west = raster.transform.c
    return np.asarray(west + np.mod(x - west, turn))


def _reach(x: Array, y: Array, source: Source) -> Block | None:
    """Find the block of a source that some corners span."""
    affine, (rows, columns) = source.transform, source.shape
    finite = np.isfinite(x) & np.isfinite(y)
    if not finite.any():
        return None
    across = (_wrapped(x[finite], source) - affine.c) / affine.a
    down = (y[finite] - affine.f) / affine.e
    turn = whole_turn(source.crs)
    if turn is not None and np.ptp(across) * affine.a > turn / 2:
        across = np.array([0, columns])  # on both sides of the date line
    left, right = max(int(across.min()) - 1, 0), min(int(across.max()) + 2, columns)
    top, bottom = max(int(down.min()) - 1, 0), min(int(down.max()) + 2, rows)
    if left >= right or top >= bottom:
        return None
    return Block(top, left, bottom - top, right - left)


def _between(corners: Array, right: float, down: float) -> Array:
    """Give a point of each cell, which lies so far to the right and down in it."""
    north = corners[0] * (1 - right) + corners[1] * right
    south = corners[2] * (1 - right) + corners[3] * right
    return np.asarray(north * (1 - down) + south * down)


def _cell_of(x: Array, y: Array, raster: Source, block: Block) -> tuple[Array, Array]:
    """Find cells of a block that points lie in: flat positions, and which points have one."""
    affine = raster.transform
    with np.errstate(invalid="ignore"):
        column = np.floor((_wrapped(x, raster) - affine.c) / affine.a) - block.column
        row = np.floor((y - affine.f) / affine.e) - block.row
        inside = (column >= 0) & (column < block.columns) & (row >= 0) & (row < block.rows)
    flat = np.where(inside, row * block.columns + column, 0).astype(np.int64)
    return flat, inside


def _mean_of_points(x: Array, y: Array, source: Source, reach: Block, points: int) -> Array:
    """Average a source over points of each cell, of those whose value is known."""
    # A border of unknown cells takes the points that lie outside.
    values = np.full((reach.rows + 2, reach.columns + 2), np.nan)
    values[1:-1, 1:-1] = source.read(reach)
    columns, rows, fold = _positions(x, y, source, reach)
    total, count = np.zeros(x.shape[1:]), np.zeros(x.shape[1:], np.int32)
    steps = (np.arange(points) + 0.5) / points
    for down in steps:
        across, along = columns[0] + down * columns[2], columns[1] + down * columns[3]
        depth, below = rows[0] + down * rows[2], rows[1] + down * rows[3]
        for right in steps:
            column, row = across + right * along, depth + right * below
            if fold:
                column[column >= fold + 1 - reach.column] -= fold
            # Cut at the border, positions are positive, so that the cast rounds down.
            column, row = (
                np.clip(each, 0, most + 1.5).astype(np.int32)
                for each, most in ((column, reach.columns), (row, reach.rows))
            )
            found = values[row, column]
            known = ~np.isnan(found)
            total += np.where(known, found, 0)
            count += known
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _positions(x: Array, y: Array, source: Source, reach: Block) -> tuple[Array, Array, float]:
    """Give where corners lie in a block, from 1, and after how many columns all comes again.

    Returns
    -------
    columns, rows : array, shape (4, rows, columns)
        Of each cell the position of its first corner, and what is added to the right, down, and
        to the right and down.
    fold : float
        0 where nothing comes again.
    """
    affine, fold = source.transform, 0.0
    turn = whole_turn(source.crs)
    if turn is not None:
        west = np.fmin.reduce(x)
        x = x + (_wrapped(west, source) - west)
        fold = turn / affine.a if np.fmax.reduce(x, axis=None) >= affine.c + turn else 0.0
    columns, rows = (
        (x - affine.c) / affine.a - reach.column + 1,
        (y - affine.f) / affine.e - reach.row + 1,
    )
    unknown = ~np.isfinite(columns + rows).all(axis=0)
    columns[:, unknown] = rows[:, unknown] = 0
    return _differences(columns), _differences(rows), fold


def _differences(corners: Array) -> Array:
    first, right, down, both = corners
    return np.stack([first, right - first, down - first, both - right - down + first])


def _shared_out(source: Source, reach: Block, target: Source, block: Block, points: int) -> Array:
    """Share each count of a source out to points of its cell, and count these in cells."""
    values = source.read(reach)
    x, y = _corners(source, reach, target)
    cells = block.rows * block.columns
    total, met = np.zeros(cells), np.zeros(cells, bool)
    known = ~np.isnan(values)
    for step in range(points**2):
        right, down = ((part + 0.5) / points for part in divmod(step, points))
        flat, inside = _cell_of(_between(x, right, down), _between(y, right, down), target, block)
        there = inside & known
        shares = values[there].astype(np.float64) / points**2
        total += np.bincount(flat[there], shares, minlength=cells)
        met[flat[there]] = True
    return np.where(met, total, np.nan).reshape(block.rows, block.columns)
