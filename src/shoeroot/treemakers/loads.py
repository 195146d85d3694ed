"""Loads: peaks of the whole building, when they come, and how loads spread over the hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from shoeroot.minitrees import TreeMaker, sum_series_by_event

if TYPE_CHECKING:
    from shoeroot.events import Events

__all__ = ["Loads"]

SERIES = ("heating", "cooling")
#: Shares of the year [%] during which the load is at least the quantile's value.
DURATIONS = (1, 5, 10, 25, 50)


def _declared(series: str) -> dict[str, tuple[str, str]]:
    return {
        f"{series}_peak": ("kW", f"Highest hourly {series} load of all zones together"),
        f"{series}_peak_hour": ("h", "Hour of the year of that peak, from 0; -1 for none"),
        f"{series}_load_factor": ("", f"Mean {series} load over its peak"),
        **{
            f"{series}_load_{share}": ("kW", f"{series} load that is reached {share} % of the year")
            for share in DURATIONS
        },
    }


class Loads(TreeMaker):
    """Coincident peaks, hour of peak, load factors and the load-duration curve.

    Loads are heat and cold delivered to the zones. A failed simulation has NaN.
    """

    __version__ = "1"
    columns: ClassVar = {
        name: info for series in SERIES for name, info in _declared(series).items()
    }

    def extract(self, events: Events) -> dict[str, Any]:
        """Reduce the hourly series of each event."""
        pieces = [
            _reduced(rows.counts, rows.arrays) for rows in events.rows("zones.hourly", SERIES)
        ]
        return {name: np.concatenate([piece[name] for piece in pieces]) for name in self.columns}


def _reduced(counts: NDArray[Any], arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    columns: dict[str, NDArray[Any]] = {}
    for series in SERIES:
        columns |= _load_columns(series, sum_series_by_event(arrays[series], counts), counts > 0)
    return columns


def _load_columns(
    series: str, loads: NDArray[np.float64], present: NDArray[np.bool_]
) -> dict[str, NDArray[Any]]:
    """Return the columns of one series; `loads` are the events where `present`."""
    peak = loads.max(axis=1)
    mean = loads.mean(axis=1)
    factor = np.divide(mean, peak, out=np.full_like(mean, np.nan), where=peak > 0)
    spread = np.quantile(loads, [1 - share / 100 for share in DURATIONS], axis=1)

    def among_all(values: NDArray[np.float64]) -> NDArray[np.float64]:
        column = np.full(len(present), np.nan)
        column[present] = values
        return column

    hour = np.full(len(present), -1, dtype=np.int32)
    hour[present] = loads.argmax(axis=1)
    return {
        f"{series}_peak": among_all(peak),
        f"{series}_peak_hour": hour,
        f"{series}_load_factor": among_all(factor),
        **{
            f"{series}_load_{share}": among_all(values)
            for share, values in zip(DURATIONS, spread, strict=True)
        },
    }
