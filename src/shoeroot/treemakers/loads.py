"""Loads: peaks of the whole building, when they come, and how loads spread over the hours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import TreeMakerError
from shoeroot.minitrees import TreeMaker, sum_series_by_event
from shoeroot.treemakers.arrays import among_all, joined

if TYPE_CHECKING:
    from shoeroot.minitrees import EventChunk

__all__ = ["Loads"]

SERIES = ("heating", "cooling")


class Loads(TreeMaker):
    """Coincident peaks, hour of peak, load factors and the load-duration curve.

    Loads are heat and cold delivered to the zones. A failed simulation has NaN.

    Options
    -------
    quantiles : tuple of float
        Points of the load-duration curve: ``heating_load_5`` is the load that is reached or
        exceeded 5 % of the year. From 0, the peak, to 100, the lowest load.
    """

    __version__ = "2"
    options: Mapping[str, Any] = {"quantiles": (1, 5, 10, 25, 50)}

    def describe_columns(self) -> dict[str, tuple[str, str]]:
        """Give peak, hour, factor, and a column for each quantile."""
        shares = _shares(self.options["quantiles"])
        return {
            name: info for series in SERIES for name, info in _described(series, shares).items()
        }

    def extract(self, events: EventChunk) -> dict[str, Any]:
        """Reduce the hourly series of each event."""
        shares = _shares(self.options["quantiles"])
        pieces = [
            _reduced(rows.counts, rows.arrays, shares)
            for rows in events.rows("zones.hourly", SERIES)
        ]
        return joined(pieces, self.describe_columns())


def _shares(quantiles: tuple[float, ...]) -> dict[str, float]:
    """Give the shares of the year [%] by how they are written in names.

    Raises
    ------
    TreeMakerError
        One is no share, or two of them are the same.
    """
    for share in quantiles:
        if isinstance(share, bool | str) or not 0 <= share <= 100:
            raise TreeMakerError(
                f"{share!r} is no share of the year",
                where="Loads(quantiles=...)",
                hint="give percents from 0 to 100, such as (1, 5, 50)",
            )
    named = {f"{share:g}".replace(".", "_"): float(share) for share in quantiles}
    if len(named) < len(quantiles):
        raise TreeMakerError(
            f"quantiles {quantiles!r} name a column twice",
            where="Loads(quantiles=...)",
            hint="give each share once, with at most six digits",
        )
    return named


def _described(series: str, shares: Mapping[str, float]) -> dict[str, tuple[str, str]]:
    loads = series.capitalize()
    return {
        f"{series}_peak": ("kW", f"Highest hourly {series} load of all zones together"),
        f"{series}_peak_hour": ("h", "Hour of the year of that peak, from 0; -1 for none"),
        f"{series}_load_factor": ("1", f"Mean {series} load over its peak; NaN without a load"),
        **{
            f"{series}_load_{name}": ("kW", f"{loads} load that is reached {share:g} % of the year")
            for name, share in shares.items()
        },
    }


def _reduced(
    counts: NDArray[Any], arrays: Mapping[str, NDArray[Any]], shares: Mapping[str, float]
) -> dict[str, NDArray[Any]]:
    columns: dict[str, NDArray[Any]] = {}
    for series in SERIES:
        loads = sum_series_by_event(arrays[series], counts)
        columns |= _load_columns(series, loads, counts > 0, shares)
    return columns


def _load_columns(
    series: str,
    loads: NDArray[np.float64],
    present: NDArray[np.bool_],
    shares: Mapping[str, float],
) -> dict[str, NDArray[Any]]:
    """Return the columns of one series; `loads` are the events where `present`."""
    peak = loads.max(axis=1)
    mean = loads.mean(axis=1)
    factor = np.divide(mean, peak, out=np.full_like(mean, np.nan), where=peak > 0)
    spread = np.quantile(loads, [1 - share / 100 for share in shares.values()], axis=1)
    hour = np.full(len(present), -1, dtype=np.int32)
    hour[present] = loads.argmax(axis=1)
    return {
        f"{series}_peak": among_all(peak, present),
        f"{series}_peak_hour": hour,
        f"{series}_load_factor": among_all(factor, present),
        **{
            f"{series}_load_{name}": among_all(values, present)
            for name, values in zip(shares, spread, strict=True)
        },
    }
