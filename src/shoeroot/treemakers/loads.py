"""Loads: peaks of the whole building, when they come, and how loads spread over the hours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import TreeMakerError
from shoeroot.minitrees import TreeMaker, sum_series_by_event
from shoeroot.treemakers.arrays import among_all, sorted_quantiles

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
    events_of: ClassVar[str] = "Simulation"
    #: Hourly series are reduced while they are read: many events need little memory.
    chunk_events: ClassVar[int] = 4000
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
        made = events.reduce_events(
            "zones.hourly",
            SERIES,
            lambda rows, counts: _reduced(sum_series_by_event(rows, counts), shares),
        )
        present = events.counts("zones") > 0
        columns: dict[str, Any] = {}
        for series in SERIES:
            hours = np.full(len(present), -1, dtype=np.int32)
            hours[present] = made[series].pop("peak_hour")
            columns[f"{series}_peak_hour"] = hours
            for name, values in made[series].items():
                columns[f"{series}_{name}"] = among_all(values, present)
        return columns


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


def _reduced(loads: NDArray[np.float64], shares: Mapping[str, float]) -> dict[str, NDArray[Any]]:
    """Give the columns of some events' hourly loads, which are sorted here."""
    hour = loads.argmax(axis=1)
    mean = loads.mean(axis=1)
    # numpy sorts with vector instructions, several times faster than np.quantile's partition.
    loads.sort(axis=1)
    peak = loads[:, -1].copy()
    spread = sorted_quantiles(loads, [1 - share / 100 for share in shares.values()])
    return {
        "peak": peak,
        "peak_hour": hour,
        "load_factor": np.divide(mean, peak, out=np.full_like(mean, np.nan), where=peak > 0),
        **{f"load_{name}": values for name, values in zip(shares, spread, strict=True)},
    }
