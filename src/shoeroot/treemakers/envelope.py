"""Envelope: heat loss coefficients and areas of what parts a building from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from shoeroot.minitrees import TreeMaker, sum_by_event

if TYPE_CHECKING:
    from shoeroot.minitrees import EventChunk

__all__ = ["Envelope"]

#: Density times specific heat of air at 20 degC and sea level over 3600 s [Wh/(m3 K)]:
#: 1.2 kg/m3 and 1005 J/(kg K); ISO 52016-1:2017 gives 1200 J/(m3 K), the same within 1 %.
AIR_HEAT_CAPACITY = 1.2 * 1005.0 / 3600.0

#: What the opaque parts are in the records: type and boundary; None for any type.
PARTS: dict[str, tuple[str | None, str]] = {
    "wall": ("wall", "outdoors"),
    "roof": ("roof", "outdoors"),
    "ground": (None, "ground"),
}
_NAMES = {
    "wall": "walls to outside air, without windows",
    "window": "windows",
    "roof": "roofs",
    "ground": "floors on the ground",
}


class Envelope(TreeMaker):
    """Heat loss coefficients (U-value times area) and areas of the envelope by part.

    Floors on the ground are counted to the ground, at their own transmittance. Air is what comes
    in through leaks at the density of sea level; ventilation by fans is not in the events.
    A failed simulation has NaN.
    """

    __version__ = "1"
    events_of: ClassVar[str] = "Simulation"
    columns: ClassVar = {
        **{
            f"ua_{part}": ("W/K", f"Thermal transmittance times area of {name}")
            for part, name in _NAMES.items()
        },
        "ua_total": ("W/K", "Thermal transmittance times area of all parts together"),
        "ua_infiltration": ("W/K", "Heat to warm the air that leaks in, over the difference"),
        "u_mean": ("W/(m2 K)", "Mean thermal transmittance: ua_total over envelope_area"),
        "loss_per_floor_area": ("W/(m2 K)", "ua_total and ua_infiltration over floor area"),
        **{f"area_{part}": ("m2", f"Area of {name}") for part, name in _NAMES.items()},
        "envelope_area": ("m2", "Area of all parts together"),
        "area_adiabatic": ("m2", "Area of surfaces with a neighbour of the same temperature"),
        "envelope_to_volume": ("1/m", "Area of the envelope over air volume"),
    }

    def extract(self, events: EventChunk) -> dict[str, Any]:
        """Add up the surfaces of each part."""
        areas, losses = _opaque(events)
        areas["window"] = sum_by_event(events.surfaces.window_area)
        losses["window"] = areas["window"] * events.design.window_u_value
        total = sum(losses.values())
        area = sum(areas.values())
        air = _infiltration(events)
        adiabatic = events.surfaces.boundary == "adiabatic"
        return {
            **{f"ua_{part}": losses[part] for part in _NAMES},
            "ua_total": total,
            "ua_infiltration": air,
            "u_mean": total / area,
            "loss_per_floor_area": (total + air) / events.floor_area,
            **{f"area_{part}": areas[part] for part in _NAMES},
            "envelope_area": area,
            "area_adiabatic": sum_by_event(events.surfaces.area * adiabatic),
            "envelope_to_volume": area / events.volume,
        }


def _opaque(
    events: EventChunk,
) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.float64]]]:
    """Give area and heat loss coefficient of the opaque parts, one value an event."""
    surfaces = events.surfaces
    kinds, boundaries = surfaces.type, surfaces.boundary
    opaque = surfaces.area - surfaces.window_area
    areas, losses = {}, {}
    for part, (kind, boundary) in PARTS.items():
        inside = boundaries == boundary
        if kind is not None:
            inside = inside & (kinds == kind)
        areas[part] = sum_by_event(ak.where(inside, opaque, 0.0))
        losses[part] = sum_by_event(ak.where(inside, opaque * surfaces.u_value, 0.0))
    return areas, losses


def _infiltration(events: EventChunk) -> NDArray[np.float64]:
    return AIR_HEAT_CAPACITY * sum_by_event(events.zones.infiltration * events.zones.volume)
