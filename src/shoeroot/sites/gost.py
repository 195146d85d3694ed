"""The rule of the GOST tools: dense cells that touch, large enough together, smoothed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from shoeroot.sites.labelling import keep_labels, label_cells, rounded, sums_of_labels
from shoeroot.sites.smoothing import join_majority_window

__all__ = ["GostThresholds", "gost_labels"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class GostThresholds:
    """Thresholds of the rule "gost".

    Parameters
    ----------
    density : float
        People a cell has more than (a count, whatever the cell's area).
    population : float
        People a cluster has more than.
    smooth : bool
        Whether cells with 5 urban cells in their window of 9 join.
    queen : bool
        Whether cells that touch at a corner belong together.
    """

    density: float
    population: float
    smooth: bool
    queen: bool = False


# The notebooks smooth high-density extents only.
GOST = {
    "urban_centre": GostThresholds(1500, 50_000, smooth=True),
    "urban_cluster": GostThresholds(300, 5_000, smooth=False),
}


def gost_labels(population: Array, thresholds: GostThresholds, *, wraps: bool) -> tuple[Array, int]:
    """Find urban extents as the GOST tools do.

    Cells with more people than the threshold that touch at a side are a cluster; clusters with
    more people than the threshold stay. Then a cell joins when at least 5 of the 9 cells of its
    window are urban, again and again until nothing changes, at most 100 times; none is removed.
    What touches now is counted again and must be large enough again.

    Parameters
    ----------
    population : array, shape (rows, columns)
        People a cell; negative numbers, NaN and infinity are nobody.
    thresholds : GostThresholds
        Its numbers.
    wraps : bool
        Whether the last column lies beside the first.

    Returns
    -------
    labels : int32 array, shape (rows, columns)
        0 outside.
    count : int
        Number of extents.
    """
    dense = (population > thresholds.density) & np.isfinite(population)
    labels, count = _large(dense, population, thresholds, wraps)
    if not thresholds.smooth or not count:
        return labels, count
    smoothed = join_majority_window(labels > 0, wraps=wraps)
    return _large(smoothed, population, thresholds, wraps)


def _large(
    cells: Array, population: Array, thresholds: GostThresholds, wraps: bool
) -> tuple[Array, int]:
    labels, count = label_cells(cells, diagonal=thresholds.queen, wraps=wraps)
    people = sums_of_labels(labels, population, count, rounded)
    return keep_labels(labels, people > thresholds.population)
