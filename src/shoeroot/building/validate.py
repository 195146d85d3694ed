"""Find what is wrong with a model before the engine runs it, in the words of its design.

The engine takes some models without a word that no building could be, and
crashes on others: what it would not report itself must be seen here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from shoeroot.building.collect import Epjson
from shoeroot.building.geometry import Box
from shoeroot.building.model import Model

__all__ = ["Finding", "check_model"]

#: Fields that name another object, and the kinds of object they may name.
_REFERENCES = {
    "construction_name": ("Construction",),
    "building_surface_name": ("BuildingSurface:Detailed",),
    "zone_name": ("Zone",),
    "zone_or_zonelist_or_space_or_spacelist_name": ("Zone",),
    "zone_or_zonelist_name": ("Zone",),
    "outside_layer": ("Material", "WindowMaterial:SimpleGlazingSystem"),
}
_SCHEDULES = ("Schedule:Constant", "Schedule:File", "Schedule:Compact")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: the design parameters it comes from, what it is, what to do."""

    parameters: tuple[str, ...]
    problem: str
    hint: str

    def __str__(self) -> str:
        return f"{self.problem} ({self.hint})"


def check_model(model: Model) -> list[Finding]:
    """Return everything that is wrong with a model; empty where it may run."""
    findings = list(_wrong_shape(model.shoebox.box))
    findings += _wrong_setpoints(model)
    findings += _wrong_numbers(model.epjson)
    findings += _dangling_references(model.epjson)
    return findings


def _wrong_shape(box: Box) -> Iterator[Finding]:
    for name in ("width", "height", "facade_2_footprint", "perim_2_footprint"):
        value = getattr(box, name)
        if not value > 0:
            yield Finding((name,), f"{name} = {value:g} leaves no building", "set it above 0")
    if not 0 < box.wwr < 1:
        yield Finding(("wwr",), f"wwr = {box.wwr:g} leaves no wall or no window", "0.05 to 0.9")
    for name in ("roof_2_footprint", "footprint_2_ground", "perim_2_footprint", "shading_fact"):
        value = getattr(box, name)
        if not 0 <= value <= 1:
            yield Finding((name,), f"{name} = {value:g} is not a share", "set it within 0 and 1")


def _wrong_setpoints(model: Model) -> Iterator[Finding]:
    for zone in model.shoebox.zone_templates.values():
        heating = zone.conditioning.heating_setpoint
        cooling = zone.conditioning.cooling_setpoint
        if not heating < cooling:
            yield Finding(
                ("HeatingSetpoint", "CoolingSetpoint"),
                f"HeatingSetpoint = {heating:g} degC is not below "
                f"CoolingSetpoint = {cooling:g} degC",
                "lower the one or raise the other",
            )
            return


def _wrong_numbers(epjson: Epjson) -> Iterator[Finding]:
    for kind, objects in epjson.items():
        for name, fields in objects.items():
            for field, value in fields.items():
                if isinstance(value, float) and not math.isfinite(value):
                    yield Finding(
                        (), f"{field} of {kind} {name!r} is {value}", "every number must be finite"
                    )


def _dangling_references(epjson: Epjson) -> Iterator[Finding]:
    schedules = {name for kind in _SCHEDULES for name in epjson.get(kind, ())}
    for kind, objects in epjson.items():
        for name, fields in objects.items():
            for field, value in fields.items():
                if field.endswith("schedule_name"):
                    known = value in schedules
                elif field in _REFERENCES:
                    known = any(value in epjson.get(target, ()) for target in _REFERENCES[field])
                else:
                    continue
                if not known:
                    yield Finding(
                        (),
                        f"{field} of {kind} {name!r} names {value!r}, which does not exist",
                        "the engine would crash: report this",
                    )
