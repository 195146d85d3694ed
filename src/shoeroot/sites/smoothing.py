"""Cells join the clusters around them, step by step, until nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["join_majority_labels", "join_majority_window"]

Array = np.ndarray[Any, Any]

AROUND = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if (down, right) != (0, 0)]


def join_majority_window(
    cells: Array, *, least: int = 5, limit: int = 100, wraps: bool = False
) -> Array:
    """Let a cell join when enough of the 9 cells of its window are urban; none ever leaves.

    Parameters
    ----------
    cells : bool array, shape (rows, columns)
        Urban cells. Beyond the edge of the grid there are none.
    least : int
        Urban cells in a window of 3 x 3, the cell included, with which it joins.
    limit : int
        Repetitions after which it ends in any case.
    wraps : bool
        Whether the last column lies beside the first.

    Returns
    -------
    bool array, shape (rows, columns)
    """
    urban = _framed(cells.astype(np.uint8), wraps)
    counts = np.zeros_like(urban)
    inner = counts[1:-1, 1:-1]
    for down, right in AROUND:
        inner += _shifted(urban, down, right)
    joins = np.flatnonzero((counts >= least) & (urban == 0) & _inside(urban.shape))
    neighbours = _Neighbours(urban.shape, wraps)
    flat, flat_counts = urban.reshape(-1), counts.reshape(-1)
    for _ in range(limit):
        if not len(joins):
            break
        flat[neighbours.with_twins(joins)] = 1
        touched = neighbours.of(joins)
        np.add.at(flat_counts, touched, 1)
        joins = _once(touched[(flat_counts[touched] >= least) & (flat[touched] == 0)])
    return np.asarray(urban[1:-1, 1:-1], dtype=bool)


def join_majority_labels(
    labels: Array, counted: Array, joinable: Array, *, wraps: bool = False
) -> Array:
    """Let a cell join a cluster that has more than half of the neighbours that count.

    All cells look at the same state of the grid at each step, so that no order matters.

    Parameters
    ----------
    labels : int32 array, shape (rows, columns)
        Clusters; 0 is outside. Beyond the edge of the grid there is nothing.
    counted : bool array, shape (rows, columns)
        Which of the 8 neighbours count.
    joinable : bool array, shape (rows, columns)
        Which cells may join.
    wraps : bool
        Whether the last column lies beside the first.

    Returns
    -------
    int32 array, shape (rows, columns)
    """
    framed = _framed(labels.astype(np.int32), wraps)
    counts = _framed(counted.astype(bool), wraps).reshape(-1)
    free = (_framed(joinable.astype(bool), False) & (framed == 0)).reshape(-1)
    neighbours = _Neighbours(framed.shape, wraps)
    flat = framed.reshape(-1)
    near = np.flatnonzero((framed > 0) & _inside(framed.shape))
    while len(near):
        candidates = neighbours.of(near)
        candidates = _once(candidates[free[candidates]])
        winners = _winners(flat, counts, candidates, neighbours)
        near = candidates[winners > 0]
        free[near] = False
        flat[near] = winners[winners > 0]
        neighbours.copy_twins(flat, near)
    return np.ascontiguousarray(framed[1:-1, 1:-1])


def _winners(flat: Array, counts: Array, cells: Array, neighbours: _Neighbours) -> Array:
    """Label that has more than half of the counted neighbours of each cell, or 0."""
    around = cells[:, None] + neighbours.offsets
    total = counts[around].sum(axis=1)
    found = np.sort(np.where(counts[around], flat[around], 0), axis=1)
    # More than half of at most eight sorted labels: then the label is met in the middle ones;
    # counting each of the eight is as short.
    number = (found[:, :, None] == found[:, None, :]).sum(axis=2)
    number[found == 0] = 0
    best = number.argmax(axis=1)
    place = np.arange(len(cells))
    return np.where(2 * number[place, best] > total, found[place, best], 0)


class _Neighbours:
    """Flat indices around cells of a framed grid, whose frame repeats columns when it wraps."""

    def __init__(self, shape: tuple[int, int], wraps: bool) -> None:
        self._width = shape[1]
        self._wraps = wraps
        self.offsets = np.array([down * shape[1] + right for down, right in AROUND])
        self._inside = _inside(shape).reshape(-1)

    def of(self, cells: Array) -> Array:
        """Neighbours of all cells, as often as they are one, within the grid."""
        around = (self.with_twins(cells)[:, None] + self.offsets).ravel()
        around = around[(around >= 0) & (around < len(self._inside))]
        return np.asarray(around[self._inside[around]])

    def with_twins(self, cells: Array) -> Array:
        """Cells, and the frame's copies of those in the first and last columns."""
        return np.concatenate([cells, *(twins for _, twins in self._twins(cells))])

    def copy_twins(self, flat: Array, cells: Array) -> None:
        """Bring the frame's copies of some cells up to date."""
        for own, twins in self._twins(cells):
            flat[twins] = flat[own]

    def _twins(self, cells: Array) -> Iterator[tuple[Array, Array]]:
        if not self._wraps:
            return
        column = cells % self._width
        turn = self._width - 2
        for edge, shift in ((1, turn), (turn, -turn)):
            own = cells[column == edge]
            yield own, own + shift


def _once(cells: Array) -> Array:
    """Sort cells and leave out what stands twice: faster than np.unique, which makes a hash."""
    cells = np.sort(cells)
    first = np.ones(len(cells), dtype=bool)
    np.not_equal(cells[1:], cells[:-1], out=first[1:])
    return np.asarray(cells[first])


def _framed(values: Array, wraps: bool) -> Array:
    """Put a frame of one cell around a grid: nothing, or the columns of the other side."""
    framed = np.pad(values, 1)
    if wraps:
        framed[:, 0], framed[:, -1] = framed[:, -2], framed[:, 1]
    return framed


def _inside(shape: tuple[int, int]) -> Array:
    inside = np.zeros(shape, dtype=bool)
    inside[1:-1, 1:-1] = True
    return inside


def _shifted(framed: Array, down: int, right: int) -> Array:
    rows, columns = framed.shape
    return framed[1 + down : rows - 1 + down, 1 + right : columns - 1 + right]
