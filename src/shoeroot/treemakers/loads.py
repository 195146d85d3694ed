"""Loads: peaks of the whole building, when they come, and how loads spread over the hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from shoeroot.minitrees import TreeMaker

if TYPE_CHECKING:
    from shoeroot.events import Events

__all__ = ["Loads"]

SERIES = ("heating", "cooling")
#: Shares of the year [%] during which the load is at least the quantile's value.
DURATIONS = (1, 5, 10, 25, 50)
HOURS = 8760


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
        columns |= _load_columns(series, building_sums(arrays[series], counts), counts > 0)
    return columns


def building_sums(zones: NDArray[Any], counts: NDArray[Any]) -> NDArray[np.float64]:
    """Add up zones that lie one after another, event by event.

    Parameters
    ----------
    zones : (n_zones, 8760)
        The zones of all events.
    counts : (n_events,)
        How many of them each event has; may be 0.

    Returns
    -------
    (n_events_with_zones, 8760) float64
    """
    filled = counts[counts > 0]
    if not len(filled):
        return np.zeros((0, HOURS))
    starts = np.cumsum(filled) - filled
    sums: NDArray[np.float64] = np.add.reduceat(zones, starts, axis=0, dtype=np.float64)
    return sums


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
