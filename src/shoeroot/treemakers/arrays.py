"""What the TreeMakers share: values of some events among all of them, months, values of a zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from shoeroot.events import Rows

__all__ = [
    "HOURS",
    "MONTHS",
    "MONTH_OF_HOUR",
    "among_all",
    "by_month",
    "flat",
    "joined",
    "sorted_quantiles",
    "zone_rows",
]

FloatArray = NDArray[np.float64]

HOURS = 8760
MONTHS = 12
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
#: Month of each hour of a year without a leap day, from 0.
MONTH_OF_HOUR = np.repeat(np.arange(MONTHS), np.array(_DAYS) * 24)


def among_all(values: FloatArray, present: NDArray[np.bool_]) -> FloatArray:
    """Put the values of the events that have some among all events; NaN for the others.

    Parameters
    ----------
    values : (n_present, ...) array
    present : (n_events,) bool

    Returns
    -------
    (n_events, ...) float64
    """
    column = np.full((len(present), *values.shape[1:]), np.nan)
    column[present] = values
    return column


def flat(values: Any) -> NDArray[Any]:
    """Give the numbers of all events' lists one after another."""
    return np.asarray(ak.flatten(values))


def by_month(months: Any, values: Any) -> FloatArray:
    """Sort the values of each event's list into twelve months.

    Parameters
    ----------
    months : awkward.Array
        (n_events, variable), from 1 to 12; values of other months are left out.
    values : awkward.Array
        (n_events, variable)

    Returns
    -------
    (n_events, 12) float64
        Sums; NaN for a month that is not in the list.
    """
    counts = np.asarray(ak.num(months, axis=1))
    month = flat(months)
    known = (month >= 1) & (month <= MONTHS)
    cell = np.repeat(np.arange(len(counts)), counts)[known] * MONTHS + month[known] - 1
    size = len(counts) * MONTHS
    # Of nothing, bincount gives whole numbers.
    sums = np.bincount(cell, weights=flat(values)[known], minlength=size).astype(np.float64)
    sums[np.bincount(cell, minlength=size) == 0] = np.nan
    return sums.reshape(len(counts), MONTHS)


def joined(
    pieces: Iterable[Mapping[str, NDArray[Any]]], names: Iterable[str]
) -> dict[str, NDArray[Any]]:
    """Put columns together that were made some events at a time; empty ones of no pieces."""
    kept = list(pieces)
    return {
        name: np.concatenate([piece[name] for piece in kept]) if kept else np.zeros(0)
        for name in names
    }


def sorted_quantiles(ordered: FloatArray, shares: Sequence[float]) -> FloatArray:
    """Give quantiles of rows that are sorted: between two values by linear interpolation.

    Parameters
    ----------
    ordered : (n_rows, length) array
        Each row from its lowest value to its highest, then NaN.
    shares : sequence of float
        From 0 to 1.

    Returns
    -------
    (n_shares, n_rows) float64
        As np.quantile gives them; NaN for a row that has a NaN.
    """
    last = ordered.shape[1] - 1
    places = np.asarray(shares, dtype=np.float64) * last
    below = np.floor(places).astype(np.intp)
    lower, upper = ordered[:, below].T, ordered[:, np.minimum(below + 1, last)].T
    found: FloatArray = lower + (upper - lower) * (places - below)[:, None]
    found[:, np.isnan(ordered[:, -1])] = np.nan
    return found


def zone_rows(events: Any, fields: tuple[str, ...]) -> Iterator[tuple[Rows, slice]]:
    """Go through the hourly series of the zones; with each, where they are among all zones."""
    first = 0
    for rows in events.rows("zones.hourly", fields):
        after = first + int(rows.counts.sum())
        yield rows, slice(first, after)
        first = after
