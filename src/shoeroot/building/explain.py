"""Tell what each parameter of a design did to its model: object, field, before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from shoeroot.building.assemblies import insulation_of, massive_layer_of
from shoeroot.building.geometry import PERIMETER, shading_blocks
from shoeroot.building.model import Model
from shoeroot.building.template import Construction, Loads, Template, ZoneTemplate
from shoeroot.design import SCHEDULE_OPERATIONS, FloatArray, Schema

__all__ = ["Effect", "explain_design"]


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a parameter of a design sets.

    Attributes
    ----------
    parameter, value, unit
        The parameter of the design.
    kind, name, field : str
        What it sets: kind, object and field of the engine's input. The kinds
        ``template``, ``weather file`` and ``event`` stand beside the input.
    before, after
        The figure in the template (None where templates say nothing of it) and
        in the model.
    quantity : str
        What the two figures are, with their unit.
    """

    parameter: str
    value: float | str
    unit: str
    kind: str
    name: str
    field: str
    before: float | str | None
    after: float | str | None
    quantity: str

    def as_dict(self) -> dict[str, Any]:
        """Return the attributes by name."""
        return asdict(self)


#: kind, name, field, before, after, quantity of an effect.
_What = tuple[str, str, str, float | str | None, float | str | None, str]

#: What a figure of a zone's template sets: kind and end of the object's name, field,
#: how it is read, and what it is.
_ZONE_FIGURES: dict[str, tuple[str, str, str, Callable[[ZoneTemplate], float], str]] = {
    "HeatingSetpoint": (
        *("ThermostatSetpoint:DualSetpoint", "Setpoints"),
        "heating_setpoint_temperature_schedule_name",
        lambda zone: zone.conditioning.heating_setpoint,
        "setpoint [degC]",
    ),
    "CoolingSetpoint": (
        *("ThermostatSetpoint:DualSetpoint", "Setpoints"),
        "cooling_setpoint_temperature_schedule_name",
        lambda zone: zone.conditioning.cooling_setpoint,
        "setpoint [degC]",
    ),
    "LightingPowerDensity": (
        *("Lights", "Lights", "watts_per_floor_area"),
        lambda zone: zone.loads.lighting_power_density,
        "power density [W/m2]",
    ),
    "EquipmentPowerDensity": (
        *("ElectricEquipment", "Equipment", "watts_per_floor_area"),
        lambda zone: zone.loads.equipment_power_density,
        "power density [W/m2]",
    ),
    "PeopleDensity": (
        *("People", "People", "people_per_floor_area"),
        lambda zone: zone.loads.people_density,
        "density [people/m2]",
    ),
    "Infiltration": (
        *("ZoneInfiltration:DesignFlowRate", "Infiltration", "air_changes_per_hour"),
        lambda zone: zone.ventilation.infiltration,
        "air changes [1/h]",
    ),
}

#: The same for figures that the engine does not see: the event has their results.
_EVENT_FIGURES: dict[str, tuple[str, str, Callable[[ZoneTemplate], float], str]] = {
    "HeatingCoeffOfPerf": (
        *("end_uses", "heating"),
        lambda zone: zone.conditioning.heating_cop,
        "heat delivered over energy used",
    ),
    "CoolingCoeffOfPerf": (
        *("end_uses", "cooling"),
        lambda zone: zone.conditioning.cooling_cop,
        "heat removed over energy used",
    ),
    "FlowRatePerFloorArea": (
        *("zones", "hot_water"),
        lambda zone: zone.domestic_hot_water.flow_rate_per_floor_area,
        "peak flow of hot water [m3/(h m2)]",
    ),
}

#: Layers that a parameter makes thicker or thinner: construction, and how it is found.
_LAYERS: dict[str, tuple[str, Callable[[Construction], int | None]]] = {
    "FacadeMass": ("facade", massive_layer_of),
    "RoofMass": ("roof", massive_layer_of),
    "FacadeRValue": ("facade", insulation_of),
    "RoofRValue": ("roof", insulation_of),
    "SlabRValue": ("slab", insulation_of),
}

_SCHEDULES: tuple[tuple[str, Callable[[Loads], FloatArray]], ...] = (
    ("ElectricEquipment", lambda loads: loads.equipment_schedule.values),
    ("Lights", lambda loads: loads.lighting_schedule.values),
    ("People", lambda loads: loads.occupancy_schedule.values),
)
_SCHEDULE_FIELDS = {"People": "number_of_people_schedule_name"}
_OBJECT_NAMES = {"ElectricEquipment": "Equipment"}


def explain_design(
    schema: Schema, storage_vector: FloatArray, template: Template, model: Model
) -> list[Effect]:
    """Return what each parameter sets, in the order of the schema.

    Parameters
    ----------
    schema : Schema
    storage_vector : (90,) float64
    template : Template
        As it was before the design's values went into it.
    model : Model
        Built from these three.
    """
    effects = []
    for parameter in schema:
        name, values = parameter.name, storage_vector[parameter.slice_storage]
        what = list(_effects_of(name, storage_vector, template, model, schema))
        told: list[tuple[float | str, str]] = [(float(values[0]), parameter.unit)] * len(what)
        if name == "WindowSettings":
            told = list(zip(values.tolist(), ("W/(m2 K)", "", ""), strict=True))
        elif name == "schedules":
            rows = values.reshape(parameter.shape_storage)
            zones = len(what) // len(rows)
            told = [(_operations(row), "") for row in rows for _ in range(zones)]
        effects += [
            Effect(name, value, unit, *one) for (value, unit), one in zip(told, what, strict=True)
        ]
    return effects


def _operations(row: FloatArray) -> str:
    """Return the operations on a schedule that are asked for."""
    neutral = dict.fromkeys(SCHEDULE_OPERATIONS, 0.0) | {"scale": 1.0}
    asked = [
        f"{name} = {value:g}"
        for name, value in zip(SCHEDULE_OPERATIONS, row.tolist(), strict=True)
        if value != neutral[name]
    ]
    return ", ".join(asked) or "as in the template"


def _effects_of(
    name: str, vector: FloatArray, template: Template, model: Model, schema: Schema
) -> Iterator[_What]:
    if name in _ZONE_FIGURES:
        yield from _zone_figure(name, template, model)
    elif name in _EVENT_FIGURES:
        record, field, read, quantity = _EVENT_FIGURES[name]
        for zone, before, after in _zones(template, model):
            if zone == PERIMETER or record == "zones":
                place = "every month" if record == "end_uses" else zone
                yield "event", place, f"{record}.{field}", read(before), read(after), quantity
    elif name in _LAYERS:
        yield from _layer(name, template, model)
    elif name == "WindowSettings":
        yield from _window(template, model)
    elif name in ("schedules", "schedules_seed"):
        yield from _schedules(name, vector, template, model, schema)
    elif name in _GEOMETRY:
        yield from _GEOMETRY[name](model)
    else:
        yield _chosen(name, template, model)


def _zones(template: Template, model: Model) -> Iterator[tuple[str, ZoneTemplate, ZoneTemplate]]:
    """Yield the model's zones, each before and after the design."""
    for zone in model.shoebox.box.zones():
        before = template.perimeter if zone.name == PERIMETER else template.core
        yield zone.name, before, model.shoebox.zone_templates[zone.name]


def _zone_figure(name: str, template: Template, model: Model) -> Iterator[_What]:
    kind, ending, field, read, quantity = _ZONE_FIGURES[name]
    for zone, before, after in _zones(template, model):
        yield kind, f"{zone} {ending}", field, read(before), read(after), quantity


def _layer(name: str, template: Template, model: Model) -> Iterator[_What]:
    """Yield the layer that a parameter makes thicker or thinner, once for equal zones."""
    part, find = _LAYERS[name]
    seen: list[tuple[Construction, Construction]] = []
    for zone, zone_before, zone_after in _zones(template, model):
        before: Construction = getattr(zone_before.constructions, part)
        after: Construction = getattr(zone_after.constructions, part)
        if (before, after) in seen:
            continue
        seen.append((before, after))
        position = find(before)
        place = _place_after(before, after, position)
        layers = before.layers if place is None else after.layers
        material = layers[(place if place is not None else position) or 0].material.name
        written = None if place is None else _written_material(model, zone, part, place)
        absent = place is not None and written is None
        yield (
            *("Material", written or material, "thickness"),
            0.0 if position is None else before.layers[position].thickness,
            0.0 if place is None else after.layers[place].thickness,
            f"thickness in {after.name!r} [m]" + (", which no surface has" if absent else ""),
        )


def _place_after(before: Construction, after: Construction, position: int | None) -> int | None:
    """Return where a layer of the template's assembly stands in the design's; None if nowhere.

    A design may drop the insulation or, where there was none (`position` None), put one outside.
    """
    more = len(after.layers) - len(before.layers)
    if position is None:
        return 0 if more > 0 else None
    insulation = insulation_of(before)
    if more < 0 and insulation is not None:
        return None if position == insulation else position - (insulation < position)
    return position + more


def _written_material(model: Model, zone: str, part: str, place: int) -> str | None:
    """Return the name that a layer has in the input; None where no surface is built so."""
    parts = ("floor", "ceiling") if part == "slab" else (part,)
    for surface in model.surfaces:
        if surface.zone == zone and surface.part in parts:
            fields = model.epjson["BuildingSurface:Detailed"][surface.name]
            layers = list(model.epjson["Construction"][fields["construction_name"]].values())
            # A ceiling shows the lower side of its slab.
            return str(layers[-1 - place] if surface.part == "ceiling" else layers[place])
    return None


def _window(template: Template, model: Model) -> Iterator[_What]:
    before, after = template.window, model.shoebox.window
    kind, name = "WindowMaterial:SimpleGlazingSystem", "Glazing"
    yield kind, name, "u_factor", before.u_value, after.u_value, "U-value [W/(m2 K)]"
    yield kind, name, "solar_heat_gain_coefficient", before.shgc, after.shgc, "share of the sun"
    yield (
        *(kind, name, "visible_transmittance"),
        *(before.visible_transmittance, after.visible_transmittance),
        "share of the light",
    )


def _schedules(
    name: str, vector: FloatArray, template: Template, model: Model, schema: Schema
) -> Iterator[_What]:
    """Yield what the operations made of the schedules; of the seed, whether it counts."""
    operations = vector[schema["schedules"].slice_storage].reshape(len(_SCHEDULES), -1)
    if name == "schedules_seed":
        random = [SCHEDULE_OPERATIONS.index(one) for one in ("noise", "uniform_random_daily")]
        counts = operations[:, random].any()
        said = "random numbers of the schedules" if counts else "no operation is random: no effect"
        yield "", "", "", None, vector[schema[name].start_storage], said
        return
    for kind, read in _SCHEDULES:
        ending = _OBJECT_NAMES.get(kind, kind)
        field = _SCHEDULE_FIELDS.get(kind, "schedule_name")
        for zone, before, after in _zones(template, model):
            hours = float(read(before.loads).sum()), float(read(after.loads).sum())
            yield kind, f"{zone} {ending}", field, *hours, "full-load hours in the year [h]"


def _chosen(name: str, template: Template, model: Model) -> _What:
    if name in ("program_type", "vintage", "climate_zone"):
        return "template", template.name, "", None, template.name, "which template"
    if name == "base_epw":
        file = model.weather.name
        return "weather file", file, "", None, file, "which weather"
    return "", "", "", None, None, "a number of the design, nothing in the model"


def _part(model: Model, part: str, quantity: str) -> Iterator[_What]:
    kind = "BuildingSurface:Detailed"
    for surface in model.surfaces:
        if surface.part == part:
            yield kind, surface.name, "vertices", None, surface.area, quantity


def _depths(model: Model) -> Iterator[_What]:
    for zone in model.shoebox.box.zones():
        yield "Zone", zone.name, "depth of its surfaces", None, zone.depth, "depth [m]"


def _orientation(model: Model) -> Iterator[_What]:
    for surface in model.surfaces:
        if surface.part == "facade":
            yield (
                *("BuildingSurface:Detailed", surface.name, "vertices"),
                *(None, surface.azimuth, "where it looks [deg clockwise from north]"),
            )


def _shading(model: Model) -> Iterator[_What]:
    kind = "Shading:Building:Detailed"
    blocks = shading_blocks(model.shoebox.box)
    top = max((float(np.max(block[:, 2])) for block in blocks), default=0.0)
    yield kind, f"{len(blocks)} blocks", "vertices", None, top, "height of the blocks [m]"


def _window_area(model: Model) -> Iterator[_What]:
    for surface in model.surfaces:
        if surface.window is not None:
            yield (
                *("FenestrationSurface:Detailed", f"{surface.name} Window", "vertices"),
                *(None, surface.window_area, "area [m2]"),
            )


_GEOMETRY: dict[str, Callable[[Model], Iterator[_What]]] = {
    "width": lambda model: _part(model, "facade", "area of the facade [m2]"),
    "height": lambda model: _part(model, "facade", "area of the facade [m2]"),
    "facade_2_footprint": _depths,
    "perim_2_footprint": _depths,
    "roof_2_footprint": lambda model: _part(model, "roof", "area of roof [m2]"),
    "footprint_2_ground": lambda model: _part(model, "ground", "area on the ground [m2]"),
    "shading_fact": _shading,
    "wwr": _window_area,
    "orientation": _orientation,
}
