"""Find what is wrong with a model before the engine runs it, in the words of its design.

The engine takes some models without a word that no building could be, and
crashes on others: what it would not report itself must be seen here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from shoeroot.building.collect import Epjson
from shoeroot.building.geometry import Box
from shoeroot.building.model import Model
from shoeroot.building.template import Window, ZoneTemplate
from shoeroot.design import HOURS

__all__ = ["Finding", "check_model"]

#: Fields that name another object, and the kinds of object they may name.
_REFERENCES = {
    "construction_name": ("Construction",),
    "building_surface_name": ("BuildingSurface:Detailed",),
    "zone_name": ("Zone",),
    "zone_or_zonelist_or_space_or_spacelist_name": ("Zone",),
    "zone_or_zonelist_name": ("Zone",),
    "outside_layer": ("Material", "WindowMaterial:SimpleGlazingSystem"),
    "outside_boundary_condition_object": (
        "BuildingSurface:Detailed",
        "SurfaceProperty:OtherSideCoefficients",
    ),
    "zone_conditioning_equipment_list_name": ("ZoneHVAC:EquipmentList",),
    "zone_equipment_name": ("ZoneHVAC:IdealLoadsAirSystem",),
    "control_1_name": ("ThermostatSetpoint:DualSetpoint",),
    "design_specification_outdoor_air_object_name": ("DesignSpecification:OutdoorAir",),
    **{f"layer_{number}": ("Material",) for number in range(2, 11)},
}
_SCHEDULES = ("Schedule:Constant", "Schedule:File", "Schedule:Compact")

#: Lowest and highest value of a zone's figures that the engine takes without a word;
#: wider than the ranges of the schema, beyond which a design may go on purpose.
_ZONE_LIMITS: tuple[tuple[str, Callable[[ZoneTemplate], float], float, float], ...] = (
    ("Infiltration", lambda zone: zone.ventilation.infiltration, 0.0, 50.0),
    ("LightingPowerDensity", lambda zone: zone.loads.lighting_power_density, 0.0, 500.0),
    ("EquipmentPowerDensity", lambda zone: zone.loads.equipment_power_density, 0.0, 5000.0),
    ("PeopleDensity", lambda zone: zone.loads.people_density, 0.0, 10.0),
    ("HeatingSetpoint", lambda zone: zone.conditioning.heating_setpoint, -50.0, 60.0),
    ("CoolingSetpoint", lambda zone: zone.conditioning.cooling_setpoint, -50.0, 100.0),
)


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
    findings += _wrong_zones(model)
    findings += _wrong_window(model.shoebox.window)
    findings += _wrong_surfaces(model)
    findings += _wrong_schedules(model)
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


def _wrong_zones(model: Model) -> Iterator[Finding]:
    for name, read, low, high in _ZONE_LIMITS:
        for zone in model.shoebox.zone_templates.values():
            value = read(zone)
            if not low <= value <= high:
                problem = f"{name} = {value:g} is beyond what a building can have"
                yield Finding((name,), problem, f"set it within {low:g} and {high:g}")
                break


def _wrong_window(window: Window) -> Iterator[Finding]:
    for name, value, high in (
        ("U-value", window.u_value, 10.0),
        ("solar heat gain coefficient", window.shgc, 1.0),
        ("visible transmittance", window.visible_transmittance, 1.0),
    ):
        if not 0 < value < high:
            problem = f"the window's {name} is {value:g}"
            yield Finding(("WindowSettings",), problem, f"set it above 0 and below {high:g}")


def _wrong_surfaces(model: Model) -> Iterator[Finding]:
    for surface in model.surfaces:
        if not surface.area > 0:
            yield Finding((), f"surface {surface.name!r} has no area", "report this")
        if surface.window is None:
            continue
        low, high = surface.corners.min(axis=0), surface.corners.max(axis=0)
        # Turned by whole quarters, so that what is inside is so without rounding.
        if (surface.window < low).any() or (surface.window > high).any():
            problem = f"the window is larger than {surface.name!r}"
            yield Finding(("wwr", "width"), problem, "lower wwr")
    with_floor = {surface.zone for surface in model.surfaces if surface.part in ("ground", "floor")}
    for name in model.epjson["Zone"]:
        if name not in with_floor:
            yield Finding((), f"zone {name!r} has no floor", "report this")


def _wrong_schedules(model: Model) -> Iterator[Finding]:
    for name, fields in model.epjson.get("Schedule:File", {}).items():
        content = model.files.get(fields["file_name"])
        hours = 0 if content is None else content.count(b"\n") + 1
        if hours != HOURS:
            problem = f"schedule {name!r} has {hours} hours"
            yield Finding((), problem, f"a year has {HOURS}: change the template")


def _wrong_numbers(epjson: Epjson) -> Iterator[Finding]:
    for kind, objects in epjson.items():
        for name, fields in objects.items():
            for field, value in _leaves(fields):
                if isinstance(value, float) and not math.isfinite(value):
                    yield Finding(
                        (), f"{field} of {kind} {name!r} is {value}", "every number must be finite"
                    )


def _leaves(fields: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the fields of an object with those of its lists, such as vertices."""
    for field, value in fields.items():
        if isinstance(value, list):
            for entry in value:
                yield from entry.items()
        else:
            yield field, value


def _dangling_references(epjson: Epjson) -> Iterator[Finding]:
    schedules = {name for kind in _SCHEDULES for name in epjson.get(kind, ())}
    for kind, objects in epjson.items():
        for name, fields in objects.items():
            for field, value in _leaves(fields):
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
