"""Design: the values that the building of each event was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from shoeroot.minitrees import TreeMaker, record_columns

if TYPE_CHECKING:
    from shoeroot.minitrees import EventChunk

__all__ = ["Design"]

SCHEDULES = ("equipment", "lights", "occupancy")
#: In the order of the design's array, which has a row of these for each schedule.
OPERATIONS = (
    *("reverse", "roll", "invert", "scale", "bias", "noise", "sin_overwrite", "sin_bias"),
    *("sin_0_amp", "sin_0_freq", "sin_0_phase", "sin_1_amp", "sin_1_freq", "sin_1_phase"),
    *("synthetic", "on_off", "uniform_random_daily", "pulse_period", "pulse_width"),
)
#: Numbers that name something; Basics has two of them too, of the same type.
INDICES = ("program_type", "climate_zone", "base_epw", "orientation", "schedules_seed")


def _schedule_columns() -> dict[str, tuple[str, str]]:
    return {
        f"{schedule}_{operation}": (
            "1",
            f"Value of the operation {operation!r} on the schedule of {schedule}",
        )
        for schedule in SCHEDULES
        for operation in OPERATIONS
    }


def _value_columns() -> dict[str, tuple[str, str]]:
    """Declare the single values; ratios have the unit 1."""
    return {
        name: (unit or ("" if name in INDICES else "1"), description)
        for name, (unit, description) in record_columns("design").items()
    }


class Design(TreeMaker):
    """The design's values by the names of the design schema, and its schedule operations.

    A failed simulation has its design too.
    """

    __version__ = "1"
    events_of: ClassVar[str] = "Simulation"
    columns: ClassVar = {**_value_columns(), **_schedule_columns()}

    def extract(self, events: EventChunk) -> dict[str, Any]:
        """Take the values as they are stored."""
        values = {name: events.design[name] for name in _value_columns()}
        values |= {name: _whole(values[name]) for name in INDICES}
        schedules = dict(zip(_schedule_columns(), events.design.schedules.T, strict=True))
        return {**values, **schedules}


def _whole(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Turn indices into whole numbers; -1 where there is none."""
    finite = np.isfinite(values)
    return np.where(finite, values, -1).astype(np.int64)
