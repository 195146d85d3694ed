"""The graph of a friction raster: cells are nodes, and time passes between neighbours."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from shoeroot.errors import SiteError, SiteWarning, nearest
from shoeroot.sites.travel.lengths import NEIGHBOURS, Array, centres, steps_of

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from shoeroot.sites.grid import Grid

__all__ = ["METRICS", "Cells", "Metric", "cells_of", "check_metric", "edges_of"]

Metric = Literal["graph", "continuous"]
METRICS: tuple[Metric, ...] = ("graph", "continuous")

#: Cells whose edges are made at once; about 250 bytes a cell are needed for the time.
BLOCK_CELLS = 400_000

# Slower than 50 m/h, or faster than sound: the raster is in other units than minutes a metre.
_IMPLAUSIBLE = (5e-5, 1.2)


@dataclass(frozen=True)
class Cells:
    """The passable cells of a friction raster; they are numbered from north-west to south-east.

    Parameters
    ----------
    grid : Grid
        Friction [min/m].
    node_of : array of int32, shape (rows, columns)
        Number of the cell; -1: a barrier.
    cell_of : array of int32 or int64, shape (nodes,)
        Place in the flattened grid.
    """

    grid: Grid
    node_of: Array
    cell_of: Array

    @property
    def count(self) -> int:
        """How many cells are passable."""
        return len(self.cell_of)

    @cached_property
    def friction(self) -> Array:
        """Friction of the passable cells [min/m], shape (nodes,)."""
        return np.asarray(self.grid.values.reshape(-1)[self.cell_of], dtype=np.float64)

    def lonlat(self, nodes: Array) -> tuple[Array, Array]:
        """Give longitudes and latitudes [deg] of the centres of some nodes."""
        rows, columns = np.divmod(self.cell_of[nodes], self.grid.shape[1])
        return centres(self.grid, rows, columns)

    def spread(self, values: Array, fill: Any) -> Array:
        """Put values of the nodes into an array of the grid's shape, `fill` in barriers."""
        raster = np.full(self.grid.shape, fill, dtype=values.dtype)
        raster.reshape(-1)[self.cell_of] = values
        return raster


def cells_of(grid: Grid) -> Cells:
    """Find the passable cells: friction is positive and finite, and they lie on Earth.

    Raises
    ------
    SiteError
        The grid has no passable cell, spans more than 360 degrees, or is too large.
    """
    _check_width(grid)
    if grid.values.dtype.kind != "f":
        grid = grid.with_values(grid.values.astype(np.float64))
    with np.errstate(invalid="ignore"):
        passable = np.isfinite(grid.values) & (grid.values > 0)
    if not grid.crs.is_geographic or abs(grid.bounds[1]) > 90 or abs(grid.bounds[3]) > 90:
        passable &= _on_earth(grid)
    cell_of = np.flatnonzero(passable)
    if not len(cell_of):
        raise SiteError(
            "The friction raster has no passable cell",
            where=grid.name,
            hint="friction is positive and in minutes a metre; nodata, NaN and zero are barriers",
        )
    if len(cell_of) * len(NEIGHBOURS) > np.iinfo(np.int32).max:
        raise SiteError(
            f"The friction raster has {len(cell_of)} passable cells, too many for one graph",
            where=grid.name,
            hint="read a part of it: read_grid(path, bounds=...)",
        )
    _check_units(grid, cell_of)
    node_of = np.full(grid.shape, -1, dtype=np.int32)
    node_of.reshape(-1)[cell_of] = np.arange(len(cell_of), dtype=np.int32)
    return Cells(grid, node_of, cell_of)


def edges_of(cells: Cells) -> csr_array:
    """Make the matrix of the minutes between neighbours, shape (nodes, nodes).

    An edge takes the mean friction of its two cells times its length on the ground. A diagonal
    step between two barriers is none; one that passes a single barrier's corner is allowed.
    The matrix is symmetric to the last bit.
    """
    from scipy.sparse import csr_array

    rows, columns = cells.grid.shape
    steps = steps_of(cells.grid)
    block = max(1, BLOCK_CELLS // columns)
    # Room for all edges that could be; what stays empty takes no memory.
    minutes = np.empty(len(NEIGHBOURS) * cells.count)
    nodes = np.empty(len(minutes), dtype=np.int32)
    starts = np.zeros(cells.count + 1, dtype=np.int32)
    node = edge = 0
    for top in range(0, rows, block):
        counts, to, lengths = _block(cells, steps, top, min(top + block, rows))
        nodes[edge : edge + len(to)], minutes[edge : edge + len(to)] = to, lengths
        starts[node + 1 : node + 1 + len(counts)] = edge + np.cumsum(counts)
        node, edge = node + len(counts), edge + len(to)
    matrix = csr_array((minutes[:edge], nodes[:edge], starts), shape=(cells.count, cells.count))
    matrix.indices = matrix.indices.astype(np.int32, copy=False)
    matrix.indptr = matrix.indptr.astype(np.int32, copy=False)
    return matrix


def _block(cells: Cells, steps: Any, top: int, bottom: int) -> tuple[Array, Array, Array]:
    """Make the edges from the cells of some rows: how many each node has, to which, minutes."""
    columns = cells.grid.shape[1]
    node = _with_margin(cells, cells.node_of, -1, top, bottom)
    friction = _with_margin(cells, cells.grid.values, np.nan, top, bottom).astype(np.float64)
    here, at = node[1:-1, 1:-1], friction[1:-1, 1:-1]
    passable = here >= 0
    exists = np.empty((*here.shape, len(NEIGHBOURS)), dtype=bool)
    minutes = np.empty(exists.shape)
    to = np.empty(exists.shape, dtype=np.int32)
    for k, (down, right) in enumerate(NEIGHBOURS):
        rows = slice(1 + down, 1 + down + bottom - top)
        across = slice(1 + right, 1 + right + columns)
        to[..., k] = node[rows, across]
        exists[..., k] = passable & (to[..., k] >= 0)
        if down and right:
            exists[..., k] &= (node[rows, 1:-1] >= 0) | (node[1:-1, across] >= 0)
        with np.errstate(invalid="ignore", over="ignore"):
            half = 0.5 * steps(top, bottom, (down, right))
            minutes[..., k] = (at + friction[rows, across]) * half
    exists &= np.isfinite(minutes)
    counts = np.count_nonzero(exists, axis=2)[passable]
    return counts, to[exists], minutes[exists]


def _with_margin(cells: Cells, values: Array, fill: Any, top: int, bottom: int) -> Array:
    """Give some rows with a margin of one cell, round the Earth where the grid goes round it."""
    rows, columns = cells.grid.shape
    padded = np.full((bottom - top + 2, columns + 2), fill, dtype=values.dtype)
    first, last = max(top - 1, 0), min(bottom + 1, rows)
    inside = slice(first - top + 1, last - top + 1)
    padded[inside, 1:-1] = values[first:last]
    # With two columns both neighbours of a cell would be the same one.
    if cells.grid.wraps and columns > 2:
        padded[inside, 0] = values[first:last, -1]
        padded[inside, -1] = values[first:last, 0]
    return padded


def _check_width(grid: Grid) -> None:
    left, _, right, _ = grid.bounds
    if grid.crs.is_geographic and not grid.wraps and right - left > 360:
        raise SiteError(
            f"The friction raster spans {right - left:g} degrees of longitude: some columns are "
            "there twice",
            where=grid.name,
            hint="read a part of it: read_grid(path, bounds=...)",
        )


def _on_earth(grid: Grid) -> Array:
    """See which cells of a projection show a place on Earth, by blocks of rows."""
    rows, columns = grid.shape
    found = np.empty(grid.shape, dtype=bool)
    block = max(1, BLOCK_CELLS // columns)
    for top in range(0, rows, block):
        bottom = min(top + block, rows)
        places = np.meshgrid(np.arange(top, bottom), np.arange(columns), indexing="ij")
        found[top:bottom] = np.isfinite(centres(grid, *places)[0])
    return found


def _check_units(grid: Grid, cell_of: Array) -> None:
    typical = float(np.median(grid.values.reshape(-1)[cell_of]))
    slow, fast = _IMPLAUSIBLE[1], _IMPLAUSIBLE[0]
    if fast <= typical <= slow:
        return
    warnings.warn(
        f"half of {grid.name} has a friction beyond {typical:g} minutes a metre, which is "
        f"{0.06 / typical:.3g} km/h: is it in minutes a kilometre or a cell?",
        SiteWarning,
        stacklevel=4,
    )


def check_metric(metric: str) -> None:
    """Refuse a metric that does not exist."""
    if metric not in METRICS:
        raise SiteError(f"There is no metric {metric!r}", hint=nearest(metric, METRICS))
