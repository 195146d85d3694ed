"""Find what is wrong with a model before the engine runs it, in the words of its design.

The engine takes some models without a word that no building could be, and
crashes on others: what it would not report itself must be seen here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from shoeroot.building.envelope import WINDOW
from shoeroot.building.geometry import THINNEST_ZONE, Box, Polygon
from shoeroot.building.input_schema import InputSchema
from shoeroot.building.model import Model
from shoeroot.building.template import Window, ZoneTemplate
from shoeroot.design import HOURS, FloatArray

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

#: Lowest and highest value of a zone's figures that the engine takes without a word, or never
#: sees; wider than the ranges of the schema, beyond which a design may go on purpose.
_ZONE_LIMITS: tuple[tuple[str, Callable[[ZoneTemplate], float], float, float], ...] = (
    ("Infiltration", lambda zone: zone.ventilation.infiltration, 0.0, 50.0),
    ("LightingPowerDensity", lambda zone: zone.loads.lighting_power_density, 0.0, 500.0),
    ("EquipmentPowerDensity", lambda zone: zone.loads.equipment_power_density, 0.0, 5000.0),
    ("PeopleDensity", lambda zone: zone.loads.people_density, 0.0, 10.0),
    ("HeatingSetpoint", lambda zone: zone.conditioning.heating_setpoint, -50.0, 60.0),
    ("CoolingSetpoint", lambda zone: zone.conditioning.cooling_setpoint, -50.0, 100.0),
    ("HeatingCoeffOfPerf", lambda zone: zone.conditioning.heating_cop, 0.01, 100.0),
    ("CoolingCoeffOfPerf", lambda zone: zone.conditioning.cooling_cop, 0.01, 100.0),
    (
        *("FlowRatePerFloorArea", lambda zone: zone.domestic_hot_water.flow_rate_per_floor_area),
        *(0.0, 1.0),
    ),
)


#: Parameters that pick the template: what is wrong with a template comes from these.
_TEMPLATE = ("program_type", "vintage", "climate_zone")

#: Parameters that a field of the input comes from; an empty field stands for every field.
_SOURCES = {
    ("Lights", "watts_per_floor_area"): ("LightingPowerDensity",),
    ("ElectricEquipment", "watts_per_floor_area"): ("EquipmentPowerDensity",),
    ("People", "people_per_floor_area"): ("PeopleDensity",),
    ("ZoneInfiltration:DesignFlowRate", "air_changes_per_hour"): ("Infiltration",),
    ("Schedule:Constant", "hourly_value"): ("HeatingSetpoint", "CoolingSetpoint"),
    ("WindowMaterial:SimpleGlazingSystem", ""): ("WindowSettings",),
    ("Schedule:Compact", ""): ("base_epw",),
    **{
        (kind, ""): ("width", "height", "facade_2_footprint", "perim_2_footprint")
        for kind in ("BuildingSurface:Detailed", "InternalMass")
    },
    ("FenestrationSurface:Detailed", ""): ("width", "height", "wwr"),
    ("Shading:Building:Detailed", ""): ("width", "height", "shading_fact"),
}
#: What follows schedules that a design may change.
_SCHEDULED = ("Lights", "ElectricEquipment", "People")
#: Parameters that change the layers of a construction.
_LAYERED = {
    "facade": ("FacadeMass", "FacadeRValue"),
    "roof": ("RoofMass", "RoofRValue"),
    "slab": ("SlabRValue",),
}
#: Longest edge of a box [m]; ten times what the ranges of the schema allow.
_LONGEST = 6000.0
#: How far a corner may lie beside the plane of its surface [m]; the engine moves corners by 1 cm.
_FLATNESS = 1e-3


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: the design parameters it comes from, what it is, what to do."""

    parameters: tuple[str, ...]
    problem: str
    hint: str

    def __str__(self) -> str:
        return f"{self.problem} ({self.hint})"


def check_model(model: Model, input_schema: InputSchema | None = None) -> list[Finding]:
    """Return everything that is wrong with a model; empty where it may run.

    Parameters
    ----------
    model : Model
    input_schema : InputSchema, optional
        The engine's own rules, see `read_input_schema`; without them the engine
        finds what only they tell, and says so in its own words.
    """
    findings = list(_wrong_shape(model.shoebox.box))
    findings += _wrong_setpoints(model)
    findings += _wrong_zones(model)
    findings += _wrong_window(model.shoebox.window)
    findings += _wrong_surfaces(model)
    findings += _wrong_schedules(model)
    findings += _wrong_numbers(model)
    findings += _dangling_references(model)
    if input_schema is not None and not findings:
        findings += _refused_fields(model, input_schema)
    return findings


def _refused_fields(model: Model, input_schema: InputSchema) -> Iterator[Finding]:
    for refusal in input_schema.refusals(model.epjson):
        place = " ".join(part for part in (refusal.field, "of", refusal.kind) if part)
        problem = f"{place} {refusal.name!r} {refusal.problem}"
        yield Finding(
            _sources(model, refusal.kind, refusal.name, refusal.field),
            problem,
            "change the design or its template",
        )


def _sources(model: Model, kind: str, name: str, field: str) -> tuple[str, ...]:
    """Return the parameters that a field of the input comes from."""
    if field.endswith("schedule_name") and kind in _SCHEDULED:
        return ("schedules", *_TEMPLATE)
    if kind == "Construction":
        glazing = ("WindowSettings",) if name == WINDOW else _TEMPLATE
        return tuple(_layer_sources(model, name)) or glazing
    known = _SOURCES.get((kind, field)) or _SOURCES.get((kind, ""))
    if known:
        return known
    if kind == "Material" and field == "thickness":
        return _thickness_sources(model, name)
    return _TEMPLATE


def _thickness_sources(model: Model, material: str) -> tuple[str, ...]:
    """Return the parameters that change constructions with a layer of this material."""
    using = [
        construction
        for construction, fields in model.epjson["Construction"].items()
        if material in fields.values()
    ]
    found = [each for name in using for each in _layer_sources(model, name)]
    return tuple(dict.fromkeys(found)) or _TEMPLATE


def _layer_sources(model: Model, construction: str) -> list[str]:
    """Return the parameters that change the layers of a construction of the input."""
    found: list[str] = []
    for zone in model.shoebox.zone_templates.values():
        for part, parameters in _LAYERED.items():
            name = getattr(zone.constructions, part).name
            # The same assembly from its other side, or one that shares its name, has more to it.
            if construction == name or construction.startswith(f"{name} "):
                found += parameters
    return list(dict.fromkeys(found))


def _wrong_shape(box: Box) -> Iterator[Finding]:
    for name in ("width", "height", "facade_2_footprint", "perim_2_footprint"):
        value = getattr(box, name)
        if not value > 0:
            yield Finding((name,), f"{name} = {value:g} leaves no building", "set it above 0")
    for sources, length in (
        (("width",), box.width),
        (("height",), box.height),
        (("facade_2_footprint", "height"), box.depth),
    ):
        if length > _LONGEST:
            problem = f"a box {length:g} m long, wide or high is beyond what a building can be"
            yield Finding(sources, problem, f"the box may have {_LONGEST:g} m in each direction")
    if not 0 < box.wwr < 1:
        yield Finding(("wwr",), f"wwr = {box.wwr:g} leaves no wall or no window", "0.05 to 0.9")
    for name in ("roof_2_footprint", "footprint_2_ground", "perim_2_footprint", "shading_fact"):
        value = getattr(box, name)
        if not 0 <= value <= 1:
            yield Finding((name,), f"{name} = {value:g} is not a share", "set it within 0 and 1")
    yield from _too_shallow(box)


def _too_shallow(box: Box) -> Iterator[Finding]:
    """Find a perimeter whose corners the engine would merge."""
    depth = box.depth * box.perim_2_footprint
    if 0 < depth < THINNEST_ZONE:
        least = THINNEST_ZONE / box.depth
        most = box.height * box.perim_2_footprint / THINNEST_ZONE
        yield Finding(
            ("perim_2_footprint", "facade_2_footprint"),
            f"the perimeter zone is {1000 * depth:.3g} mm deep; the engine needs "
            f"{1000 * THINNEST_ZONE:g} mm",
            f"set perim_2_footprint to {least:.3g} or more, "
            f"or facade_2_footprint to {most:.3g} or less",
        )


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
    for corners, surfaces in _by_corners(model.surfaces):
        for surface, problem in zip(surfaces, _crooked(corners), strict=True):
            if problem:
                yield Finding(
                    _SOURCES["BuildingSurface:Detailed", ""],
                    f"surface {surface.name!r} {problem}",
                    "keep the box within the ranges of the schema",
                )
    for surface in model.surfaces:
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
            parameters = (*_SOURCES["BuildingSurface:Detailed", ""], "footprint_2_ground")
            yield Finding(parameters, f"zone {name!r} has no floor", "report this")


def _by_corners(surfaces: list[Polygon]) -> Iterator[tuple[FloatArray, list[Polygon]]]:
    """Yield the corners (n, k, 3) of the surfaces that have k corners, all at once."""
    groups: dict[int, list[Polygon]] = {}
    for surface in surfaces:
        groups.setdefault(len(surface.corners), []).append(surface)
    for group in groups.values():
        yield np.stack([surface.corners for surface in group]), group


def _crooked(corners: FloatArray) -> list[str]:
    """Say of each surface (n, k, 3) why it is none; empty where it is flat and convex."""
    edges = np.roll(corners, -1, axis=1) - corners
    turns = np.cross(edges, np.roll(edges, -1, axis=1))
    normals = turns.sum(axis=1)
    sizes = np.linalg.norm(normals, axis=1)
    units = normals / np.where(sizes > 0, sizes, 1.0)[:, None]
    beside = np.abs(((corners - corners[:, :1]) * units[:, None]).sum(axis=2)).max(axis=1)
    inward = (turns * units[:, None]).sum(axis=2).min(axis=1)
    return [
        "has no area"
        if not size > 0
        else "is not flat"
        if off > _FLATNESS
        else "is not convex"
        if turn < 0
        else ""
        for size, off, turn in zip(sizes.tolist(), beside.tolist(), inward.tolist(), strict=True)
    ]


def _wrong_schedules(model: Model) -> Iterator[Finding]:
    for name, fields in model.epjson.get("Schedule:File", {}).items():
        content = model.files.get(fields["file_name"])
        hours = 0 if content is None else content.count(b"\n") + 1
        parameters = ("schedules", *_TEMPLATE)
        if hours != HOURS:
            problem = f"schedule {name!r} has {hours} hours"
            yield Finding(parameters, problem, f"a year has {HOURS}: change the template")
        # As in "nan" and "inf"; finite numbers have no such letter.
        elif content is not None and b"n" in content:
            problem = f"schedule {name!r} has values that are not finite"
            yield Finding(parameters, problem, "every number must be finite")


def _wrong_numbers(model: Model) -> Iterator[Finding]:
    for kind, objects in model.epjson.items():
        for name, fields in objects.items():
            for field, value in _leaves(fields):
                if isinstance(value, float) and not math.isfinite(value):
                    yield Finding(
                        _sources(model, kind, name, field),
                        f"{field} of {kind} {name!r} is {value}",
                        "every number must be finite",
                    )


def _leaves(fields: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the fields of an object with those of its lists, such as vertices."""
    for field, value in fields.items():
        if isinstance(value, list):
            for entry in value:
                yield from entry.items()
        else:
            yield field, value


def _dangling_references(model: Model) -> Iterator[Finding]:
    epjson = model.epjson
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
                        _sources(model, kind, name, field),
                        f"{field} of {kind} {name!r} names {value!r}, which does not exist",
                        "the engine would crash: report this",
                    )
