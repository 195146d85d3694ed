"""Design: the values that the building of each event was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

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
#: What Basics has too: there they have the type of an index.
INDICES = ("program_type", "climate_zone")


def _schedule_columns() -> dict[str, tuple[str, str]]:
    return {
        f"{schedule}_{operation}": (
            "",
            f"Value of the operation {operation!r} on the schedule of {schedule}",
        )
        for schedule in SCHEDULES
        for operation in OPERATIONS
    }


class Design(TreeMaker):
    """The design's values by the names of the design schema, and its schedule operations.

    A failed simulation has its design too.
    """

    __version__ = "1"
    columns: ClassVar = {**record_columns("design"), **_schedule_columns()}

    def extract(self, events: EventChunk) -> dict[str, Any]:
        """Take the values as they are stored."""
        values = {name: events.design[name] for name in record_columns("design")}
        values |= {name: values[name].astype(np.int32) for name in INDICES}
        schedules = dict(zip(_schedule_columns(), events.design.schedules.T, strict=True))
        return {**values, **schedules}
