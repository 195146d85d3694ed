"""Clusters of touching cells: numbered, summed, kept where they are large enough.

scipy is imported where it is used: it takes longer to load than this whole room.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = [
    "BLOCK_CELLS",
    "QUANTUM",
    "keep_labels",
    "label_cells",
    "roots",
    "rounded",
    "rounded_areas",
    "sums_of_labels",
    "touching",
]

Array = np.ndarray[Any, Any]

# Populations are multiples of this many people. Sums of such numbers up to 8.6e9 people are exact
# in float64, so that they do not depend on the order of cells, nor on windows.
QUANTUM = 2.0**-20

# Areas are multiples of this many km2, about a thousandth of a square metre, for the same reason.
AREA_QUANTUM = 2.0**-30

# Cells that are worked on at a time where copies would otherwise double the memory.
BLOCK_CELLS = 1 << 22

SIDES = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], dtype=bool)
CORNERS = np.ones((3, 3), dtype=bool)


def rounded(people: Array) -> Array:
    """Round people to multiples of `QUANTUM`, about a millionth; nobody where there is no number.

    Negative numbers, NaN and infinity are none.
    """
    there = (people > 0) & np.isfinite(people)
    counted = np.rint(np.where(there, people, 0).astype(np.float64) / QUANTUM)
    counted *= QUANTUM
    return np.asarray(counted)


def rounded_areas(areas: Array) -> Array:
    """Round areas [km2] to multiples of `AREA_QUANTUM`; NaN is 0."""
    counted = np.rint(np.where(areas > 0, areas, 0).astype(np.float64) / AREA_QUANTUM)
    counted *= AREA_QUANTUM
    return np.asarray(counted)


def label_cells(cells: Array, *, diagonal: bool = False, wraps: bool = False) -> tuple[Array, int]:
    """Give each cluster of touching cells a number.

    Parameters
    ----------
    cells : bool array, shape (rows, columns)
        Which cells belong to clusters.
    diagonal : bool
        Whether cells touch at a corner as well as at a side.
    wraps : bool
        Whether the last column lies beside the first.

    Returns
    -------
    labels : int32 array, shape (rows, columns)
        0 outside; clusters from 1, in the order of their first cells.
    count : int
        Number of clusters.
    """
    from scipy import ndimage

    labels = np.empty(cells.shape, dtype=np.int32)
    count = int(ndimage.label(cells, structure=CORNERS if diagonal else SIDES, output=labels))
    if not wraps or count < 2:
        return labels, count
    return _merged(labels, count, touching(labels[:, -1], labels[:, 0], diagonal=diagonal))


def touching(one: Array, other: Array, *, diagonal: bool) -> Array:
    """Pairs of labels that touch across a seam of two rows or columns, shape (pairs, 2)."""
    sides = [(one, other)]
    if diagonal:
        sides += [(one[1:], other[:-1]), (one[:-1], other[1:])]
    pairs = np.concatenate([np.stack(each, axis=1) for each in sides])
    return np.unique(pairs[(pairs > 0).all(axis=1)], axis=0)


def roots(count: int, pairs: Array) -> Array:
    """Labels after merging: entry k is the new label of k, in the order of the lowest members."""
    from scipy import sparse

    graph = sparse.coo_matrix(
        (np.ones(len(pairs), dtype=bool), (pairs[:, 0], pairs[:, 1])), shape=(count + 1, count + 1)
    )
    _, component = sparse.csgraph.connected_components(graph, directed=False)
    # Components are numbered by their lowest member, and 0 touches nothing.
    _, first = np.unique(component, return_index=True)
    order = np.empty(len(first), dtype=np.int32)
    order[np.argsort(first)] = np.arange(len(first))
    return np.asarray(order[component], dtype=np.int32)


def _merged(labels: Array, count: int, pairs: Array) -> tuple[Array, int]:
    if not len(pairs):
        return labels, count
    renumbered = roots(count, pairs)
    return renumbered[labels], int(renumbered.max())


def sums_of_labels(
    labels: Array, values: Array, count: int, change: Callable[[Array], Array] | None = None
) -> Array:
    """Sum values by label.

    Parameters
    ----------
    labels : int array, shape (rows, columns)
        From 0 to `count`.
    values : array that broadcasts to (rows, columns)
        What is summed.
    count : int
        Number of labels.
    change : function, optional
        What is done to the values first, some at a time: `rounded`.

    Returns
    -------
    float64 array, shape (count + 1,)
        Sums; that of label 0 is 0.
    """
    total = np.zeros(count + 1)
    values = np.broadcast_to(values, labels.shape)
    step = max(BLOCK_CELLS // max(labels.shape[1], 1), 1)
    for top in range(0, labels.shape[0], step):
        block = labels[top : top + step]
        inside = block > 0
        if change is None and 2 * np.count_nonzero(inside) > inside.size:
            # To leave out few cells costs more than to sum them up.
            every = values[top : top + step].ravel()
            total += np.bincount(block.ravel(), weights=every, minlength=count + 1)
            continue
        weights = values[top : top + step][inside]
        if change is not None:
            weights = change(weights)
        total += np.bincount(block[inside], weights=weights, minlength=count + 1)
    total[0] = 0
    return total


def keep_labels(labels: Array, keep: Array) -> tuple[Array, int]:
    """Renumber the labels to keep, in order, from 1; the others are 0.

    Parameters
    ----------
    labels : int array
        From 0 to ``len(keep) - 1``.
    keep : bool array
        Which labels stay; that of 0 does not count.
    """
    renumbered = np.zeros(len(keep), dtype=np.int32)
    kept = np.flatnonzero(keep[1:]) + 1
    renumbered[kept] = np.arange(1, len(kept) + 1)
    return np.asarray(renumbered[labels]), len(kept)
