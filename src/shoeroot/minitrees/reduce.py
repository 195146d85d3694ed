"""Reductions from what an event's lists hold to one value, or one series, an event."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

__all__ = ["sum_by_event", "sum_series_by_event"]


def sum_by_event(values: Any) -> NDArray[np.float64]:
    """Sum the values of each event's list in float64; NaN where the list is empty.

    Parameters
    ----------
    values : awkward.Array
        (n_events, variable)

    Returns
    -------
    (n_events,) float64
    """
    doubles = ak.values_astype(values, np.float64)
    return np.asarray(ak.fill_none(ak.sum(doubles, axis=1, mask_identity=True), np.nan))


def sum_series_by_event(series: NDArray[Any], counts: NDArray[Any]) -> NDArray[np.float64]:
    """Add up series that lie one after another, event by event, in float64.

    Parameters
    ----------
    series : (n_elements, length)
        The series of all events' elements, such as zones.
    counts : (n_events,)
        How many elements each event has; may be 0.

    Returns
    -------
    (n_events with elements, length) float64
    """
    filled = np.asarray(counts[counts > 0], dtype=np.int64)
    sums = np.empty((len(filled), series.shape[1]))
    if not len(filled):
        return sums
    starts = np.cumsum(filled) - filled
    most = int(filled.max())
    # Whole rows are added: np.add.reduceat is many times slower where it changes the type.
    if filled.min() == most:
        np.copyto(sums, series[::most])  # rows at equal distances are views
        for place in range(1, most):
            sums += series[place::most]
        return sums
    np.copyto(sums, series[starts])
    for place in range(1, most):
        longer = np.flatnonzero(filled > place)
        sums[longer] += series[starts[longer] + place]
    return sums
