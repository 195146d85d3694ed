"""Cells join the clusters around them, step by step, until nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from shoeroot.sites.labelling import BLOCK_CELLS

__all__ = [
    "blocks",
    "count_around",
    "framed",
    "join_majority_labels",
    "join_majority_window",
    "once",
    "spread_labels",
    "spread_window",
]

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
    urban = framed(cells.astype(np.uint8), wraps)
    counts = np.zeros_like(urban)
    joins = count_around(urban, counts, least)
    spread_window(urban, counts, joins, least=least, limit=limit, wraps=wraps)
    return np.asarray(urban[1:-1, 1:-1], dtype=bool)


def count_around(urban: Array, counts: Array, least: int) -> Array:
    """Count the urban neighbours of cells, some rows at a time.

    Parameters
    ----------
    urban : uint8 array, framed
        Which cells are urban.
    counts : uint8 array, framed
        Zeros; the numbers are put there.
    least : int
        With so many a cell joins.

    Returns
    -------
    int array
        Flat indices of the cells that join.
    """
    width = urban.shape[1]
    joins = [np.zeros(0, dtype=np.int64)]
    for top, bottom in blocks(urban.shape):
        inner = counts[top:bottom, 1:-1]
        for down, right in AROUND:
            inner += urban[top + down : bottom + down, 1 + right : width - 1 + right]
        rows, columns = np.nonzero((inner >= least) & (urban[top:bottom, 1:-1] == 0))
        joins.append((rows + top) * width + columns + 1)
    return np.concatenate(joins)


def spread_window(
    urban: Array, counts: Array, joins: Array, *, least: int, limit: int, wraps: bool
) -> None:
    """Let cells join, and their neighbours after them; framed arrays are changed in place.

    Parameters
    ----------
    urban, counts : uint8 arrays, framed
        Which cells are urban, and how many of their neighbours.
    joins : int array
        Flat indices of the cells that join first.
    least, limit, wraps
        As in `join_majority_window`.
    """
    neighbours = Neighbours(urban.shape, wraps)
    flat, flat_counts = urban.reshape(-1), counts.reshape(-1)
    for _ in range(limit):
        if not len(joins):
            break
        flat[neighbours.with_twins(joins)] = 1
        touched = neighbours.of(joins)
        np.add.at(flat_counts, touched, 1)
        joins = once(touched[(flat_counts[touched] >= least) & (flat[touched] == 0)])
        joins = joins[neighbours.inside(joins)]


def join_majority_labels(
    labels: Array, counted: Array, joinable: Array, *, wraps: bool = False
) -> Array:
    """Let a cell join a cluster that has more than half of the neighbours that count.

    All cells look at the same state of the grid at each step, so that no order matters.

    Parameters
    ----------
    labels : int32 array, shape (rows, columns)
        Clusters; 0 is outside. Beyond the edge of the grid all cells count and are outside.
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
    state = framed(labels.astype(np.int32), wraps)
    counts = framed(counted.astype(bool), wraps, beyond=True)
    free = framed(joinable.astype(bool), False) & (state == 0)
    spread_labels(state, counts, free, wraps=wraps)
    return np.ascontiguousarray(state[1:-1, 1:-1])


def spread_labels(state: Array, counts: Array, free: Array, *, wraps: bool) -> None:
    """Let cells join the cluster around them; framed arrays are changed in place.

    Parameters
    ----------
    state, counts, free : int32, bool and bool arrays, framed
        Labels, which cells count, and which may join.
    wraps : bool
        Whether the last column lies beside the first.
    """
    neighbours = Neighbours(state.shape, wraps)
    flat, flat_counts, flat_free = (each.reshape(-1) for each in (state, counts, free))
    candidates = _beside_labels(state, free)
    while len(candidates):
        winners = np.concatenate(
            [
                _winners(flat, flat_counts, part, neighbours)
                for part in np.array_split(candidates, len(candidates) // BLOCK_CELLS * 8 + 1)
            ]
        )
        joined = candidates[winners > 0]
        flat_free[joined] = False
        flat[joined] = winners[winners > 0]
        neighbours.copy_twins(flat, joined)
        around = neighbours.of(joined)
        # The frame is not free.
        candidates = once(around[flat_free[around]])


def _beside_labels(state: Array, free: Array) -> Array:
    """Flat indices of the cells that may join and have a labelled neighbour."""
    width = state.shape[1]
    found = [np.zeros(0, dtype=np.int64)]
    for top, bottom in blocks(state.shape):
        labelled = state[top - 1 : bottom + 1] > 0
        beside = np.zeros((bottom - top, width - 2), dtype=bool)
        for down, right in AROUND:
            beside |= labelled[1 + down : 1 + bottom - top + down, 1 + right : width - 1 + right]
        rows, columns = np.nonzero(beside & free[top:bottom, 1:-1])
        found.append((rows + top) * width + columns + 1)
    return np.concatenate(found)


def _winners(flat: Array, counts: Array, cells: Array, neighbours: Neighbours) -> Array:
    """Label that has more than half of the counted neighbours of each cell, or 0."""
    around = cells[:, None] + neighbours.offsets
    counted = counts[around]
    found = np.where(counted, flat[around], 0)
    total = counted.sum(axis=1)
    winners = np.zeros(len(cells), dtype=np.int32)
    # Most cells have too few labelled neighbours, whatever the labels are.
    place = np.flatnonzero(2 * (found > 0).sum(axis=1) > total)
    found, total = found[place], total[place]
    number = (found[:, :, None] == found[:, None, :]).sum(axis=2)
    number[found == 0] = 0
    best = number.argmax(axis=1)
    line = np.arange(len(place))
    winners[place] = np.where(2 * number[line, best] > total, found[line, best], 0)
    return winners


class Neighbours:
    """Flat indices around cells of a framed grid, whose frame repeats columns when it wraps."""

    def __init__(self, shape: tuple[int, ...], wraps: bool) -> None:
        self._height, self._width = shape
        self._wraps = wraps
        self.offsets = np.array([down * self._width + right for down, right in AROUND])

    def inside(self, cells: Array) -> Array:
        """Which cells do not lie in the frame."""
        rows, columns = np.divmod(cells, self._width)
        inside = (rows > 0) & (rows < self._height - 1)
        return np.asarray(inside & (columns > 0) & (columns < self._width - 1))

    def of(self, cells: Array) -> Array:
        """Neighbours of all cells, as often as they are one, and cells of the frame."""
        around = (self.with_twins(cells)[:, None] + self.offsets).ravel()
        if self._wraps:
            # Those of copies in the frame may lie beyond it: cells of the frame as well.
            np.clip(around, 0, self._height * self._width - 1, out=around)
        return np.asarray(around)

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


def once(cells: Array) -> Array:
    """Sort cells and leave out what stands twice: faster than np.unique, which makes a hash."""
    cells = np.sort(cells)
    first = np.ones(len(cells), dtype=bool)
    np.not_equal(cells[1:], cells[:-1], out=first[1:])
    return np.asarray(cells[first])


def framed(values: Array, wraps: bool, *, beyond: int = 0) -> Array:
    """Put a frame of one cell around a grid: a value, or the columns of the other side."""
    result = np.pad(values, 1, constant_values=beyond)
    if wraps:
        result[:, 0], result[:, -1] = result[:, -2], result[:, 1]
    return result


def blocks(shape: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Rows of a framed array, some at a time: the first, and the last, which is excluded."""
    step = max(BLOCK_CELLS // shape[1], 1)
    for top in range(1, shape[0] - 1, step):
        yield top, min(top + step, shape[0] - 1)
