"""Quality: whether the results of an event can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from shoeroot.minitrees import TreeMaker, sum_by_event, sum_series_by_event
from shoeroot.treemakers.arrays import among_all, joined, zone_rows

if TYPE_CHECKING:
    from shoeroot.minitrees import EventChunk

__all__ = ["Quality"]

FloatArray = NDArray[np.float64]
SERIES = ("heating", "cooling", "electricity")
SEVERITIES = {"warning": "warnings", "severe": "severes", "fatal": "fatals"}


class Quality(TreeMaker):
    """Messages by severity, energy that does not add up, and heating against cooling.

    The residuals compare what reached the event on different ways. The hourly series of lights
    and equipment are what the model prescribes, their monthly sums what the engine reports;
    heating and cooling in the end uses are what the hourly series give after the coefficients
    of performance. They are 0 but for rounding (1e-6) where nothing went wrong. They are no heat
    balance of the zone air, which the events cannot tell.

    A failed simulation has NaN, but for its messages.
    """

    __version__ = "1"
    events_of: ClassVar[str] = "Simulation"
    columns: ClassVar = {
        **{
            name: ("", f"Messages of severity {severity}, as often as they came")
            for severity, name in SEVERITIES.items()
        },
        "energy_balance_residual": (
            "1",
            "Energy of the hourly series and of hot water over that of the end uses, less 1",
        ),
        "electricity_residual": (
            "1",
            "Electricity of the hourly series over lighting and equipment by month, less 1",
        ),
        "simultaneous_hours": ("h", "Hours in which the building is both heated and cooled"),
        "simultaneous_energy": (
            "kWh",
            "Heat delivered against heat removed in the same hour: the sum of the smaller one",
        ),
        "not_finite": ("h", "Hours of the zones in which a series is infinite or not a number"),
    }

    def extract(self, events: EventChunk) -> dict[str, Any]:
        """Count the messages and go through the hourly series once."""
        messages = events.messages
        counts = {
            name: np.asarray(ak.sum(messages["count"] * (messages.severity == severity), axis=1))
            for severity, name in SEVERITIES.items()
        }
        sums = _hourly_sums(events)
        uses = {name: sum_by_event(events.end_uses[name]) for name in (*_USES, "total")}
        plugs = uses["lighting"] + uses["equipment"]
        design = events.design
        energy = (
            sums["heating"] / design.HeatingCoeffOfPerf
            + sums["cooling"] / design.CoolingCoeffOfPerf
            + sums["electricity"]
            + uses["hot_water"]
        )
        return {
            **counts,
            "energy_balance_residual": _residual(energy, uses["total"]),
            "electricity_residual": _residual(sums["electricity"], plugs),
            "simultaneous_hours": sums["hours"],
            "simultaneous_energy": sums["energy"],
            "not_finite": sums["not_finite"],
        }


_USES = ("lighting", "equipment", "hot_water")


def _residual(found: FloatArray, wanted: FloatArray) -> FloatArray:
    """Give the relative difference; 0 where both are 0, NaN where only `wanted` is."""
    off = np.where(found == wanted, 0.0, np.nan)
    np.divide(found - wanted, wanted, out=off, where=np.isfinite(wanted) & (wanted != 0))
    return off


def _hourly_sums(events: EventChunk) -> dict[str, NDArray[Any]]:
    pieces = [_sums(rows.counts, rows.arrays) for rows, _ in zone_rows(events, SERIES)]
    return joined(pieces, (*SERIES, "hours", "energy", "not_finite"))


def _sums(counts: NDArray[Any], arrays: dict[str, NDArray[Any]]) -> dict[str, FloatArray]:
    loads = {name: sum_series_by_event(arrays[name], counts) for name in SERIES}
    smaller = np.minimum(loads["heating"], loads["cooling"])
    finite = np.logical_and.reduce([np.isfinite(arrays[name]) for name in SERIES])
    odd_hours = (~finite).sum(axis=1, keepdims=True)
    sums = {
        **{name: series.sum(axis=1) for name, series in loads.items()},
        "hours": (smaller > 0).sum(axis=1, dtype=np.float64),
        "energy": np.maximum(smaller, 0.0).sum(axis=1),
        "not_finite": sum_series_by_event(odd_hours, counts)[:, 0],
    }
    return {name: among_all(values, counts > 0) for name, values in sums.items()}
