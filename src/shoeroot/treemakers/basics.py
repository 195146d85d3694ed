"""Basics: what each event is, how it ended, and the energy it used in the year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from shoeroot.minitrees import TreeMaker, sum_by_event

if TYPE_CHECKING:
    from shoeroot.minitrees import EventChunk

__all__ = ["Basics"]

END_USES = ("heating", "cooling", "lighting", "equipment", "hot_water")


class Basics(TreeMaker):
    """Ids, status, areas, annual energy by end use, and energy use intensity.

    A failed simulation has NaN for its energy.
    """

    __version__ = "1"
    events_of: ClassVar[str] = "Simulation"
    chunk_events: ClassVar[int] = 4000
    columns: ClassVar = {
        "batch_id": ("", "Which batch of designs"),
        "variation_id": ("", "Which variation in the batch"),
        "status": ("", "ok, or how the simulation failed"),
        "program_type": ("", "Index of the building program"),
        "vintage": ("year", "Year of construction"),
        "climate_zone": ("", "Index of the ASHRAE climate zone"),
        "floor_area": ("m2", "Floor area of all zones"),
        "facade_area": ("m2", "Area of walls to outside air, windows included"),
        "window_area": ("m2", "Area of windows"),
        **{name: ("kWh", f"Energy used for {name.replace('_', ' ')}") for name in END_USES},
        "eui": ("kWh/m2", "Energy use intensity: all end uses over floor area"),
    }

    def extract(self, events: EventChunk) -> dict[str, Any]:
        """Sum the monthly end uses of each event."""
        energy = {name: sum_by_event(events.end_uses[name]) for name in END_USES}
        design = events.design
        return {
            "batch_id": events.batch_id,
            "variation_id": events.variation_id,
            "status": np.asarray(events.status),
            "program_type": design.program_type.astype(np.int32),
            "vintage": design.vintage,
            "climate_zone": design.climate_zone.astype(np.int32),
            "floor_area": events.floor_area,
            "facade_area": events.facade_area,
            "window_area": events.window_area,
            **energy,
            "eui": sum(energy.values()) / events.floor_area,
        }
