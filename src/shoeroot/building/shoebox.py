"""A design's values put into a template: everything that a model needs, still as dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from shoeroot.building.assemblies import massive_layer_of, with_mass_and_r_value, with_r_value
from shoeroot.building.geometry import CORE, PERIMETER, Box
from shoeroot.building.template import (
    Construction,
    Constructions,
    Loads,
    Template,
    Window,
    YearSchedule,
    ZoneTemplate,
)
from shoeroot.design import (
    SCHEDULE_OPERATIONS,
    FloatArray,
    OneHotParameter,
    Schema,
    ShoeboxGeometryParameter,
    apply_operations,
)
from shoeroot.errors import ModelError

__all__ = ["Shoebox", "apply_design", "template_values"]


_POSITIVE = (
    *("width", "height", "facade_2_footprint", "perim_2_footprint"),
    *("FacadeMass", "RoofMass"),
)


#: A row of operations that leaves its schedule as it is.
_NOTHING_DONE = np.array([float(name == "scale") for name in SCHEDULE_OPERATIONS])


@dataclass(frozen=True, slots=True, eq=False)
class Shoebox:
    """A box, what its zones are like (by zone name), and its window."""

    box: Box
    zone_templates: dict[str, ZoneTemplate]
    window: Window
    template_name: str


def apply_design(schema: Schema, storage_vector: FloatArray, template: Template) -> Shoebox:
    """Put a design's values into a copy of its template.

    Raises
    ------
    ModelError
        A figure leaves no building, or an R-value is below what the assembly's
        other layers resist.
    DesignError
        A number is not finite, a category unknown, or a reserved schedule
        operation asked for.
    """
    if not _is_readable(schema, storage_vector):
        schema.check_batch(storage_vector.reshape(1, -1))  # says what is wrong
    values = {
        parameter.name: parameter.extract_storage_values(storage_vector) for parameter in schema
    }
    numbers = {name: value for name, value in values.items() if isinstance(value, float)}
    _check_figures(numbers)
    shape = {
        parameter.name: numbers[parameter.name]
        for parameter in schema
        if isinstance(parameter, ShoeboxGeometryParameter)
    }
    u_value, shgc, visible = np.atleast_1d(values["WindowSettings"])
    operations = np.atleast_2d(values["schedules"])
    seed = int(numbers["schedules_seed"])
    perimeter = _designed(template.perimeter, numbers, operations, seed)
    core = (
        perimeter
        if template.core is template.perimeter
        else _designed(template.core, numbers, operations, seed)
    )
    return Shoebox(
        box=Box(**shape, orientation=int(numbers["orientation"])),
        zone_templates={PERIMETER: perimeter, CORE: core},
        window=Window("Window", float(u_value), float(shgc), float(visible)),
        template_name=template.name,
    )


def _is_readable(schema: Schema, vector: FloatArray) -> bool:
    """Tell what `Schema.check_batch` tells of one design, in a tenth of its time."""
    if vector.shape != (schema.storage_length,) or not np.isfinite(vector).all():
        return False
    categories = [
        (vector[parameter.start_storage], parameter.count)
        for parameter in schema
        if isinstance(parameter, OneHotParameter)
    ]
    return all(0 <= value < count and value == int(value) for value, count in categories)


def _check_figures(numbers: dict[str, float]) -> None:
    """Refuse what would divide by zero or make a surface or a layer of no extent."""
    for name in _POSITIVE:
        if not numbers[name] > 0:
            raise ModelError(
                f"{name} = {numbers[name]:g} leaves no building", where=name, hint="set it above 0"
            )


def _designed(
    zone: ZoneTemplate, numbers: dict[str, float], operations: FloatArray, seed: int
) -> ZoneTemplate:
    return replace(
        zone,
        loads=_designed_loads(zone.loads, numbers, operations, seed),
        conditioning=replace(
            zone.conditioning,
            heating_setpoint=numbers["HeatingSetpoint"],
            cooling_setpoint=numbers["CoolingSetpoint"],
            heating_cop=numbers["HeatingCoeffOfPerf"],
            cooling_cop=numbers["CoolingCoeffOfPerf"],
        ),
        ventilation=replace(zone.ventilation, infiltration=numbers["Infiltration"]),
        domestic_hot_water=replace(
            zone.domestic_hot_water, flow_rate_per_floor_area=numbers["FlowRatePerFloorArea"]
        ),
        constructions=_designed_constructions(zone.constructions, numbers),
    )


@lru_cache(maxsize=256)
def _is_share(schedule: YearSchedule) -> bool:
    """Tell whether all values lie within 0 and 1, where operations would put them."""
    return bool(schedule.values.min() >= 0.0 and schedule.values.max() <= 1.0)


def _designed_loads(
    loads: Loads, numbers: dict[str, float], operations: FloatArray, seed: int
) -> Loads:
    # The order of the rows is that of `SCHEDULES`.
    originals = (loads.equipment_schedule, loads.lighting_schedule, loads.occupancy_schedule)
    kept = [
        _is_share(original) and bool((row == _NOTHING_DONE).all())
        for original, row in zip(originals, operations, strict=True)
    ]
    if all(kept):
        equipment, lighting, occupancy = originals
    else:
        stacked = np.stack([schedule.values for schedule in originals])
        series = apply_operations(stacked, operations, seed)
        equipment, lighting, occupancy = (
            original if keep else YearSchedule(original.name, values)
            for original, values, keep in zip(originals, series, kept, strict=True)
        )
    return Loads(
        equipment_power_density=numbers["EquipmentPowerDensity"],
        lighting_power_density=numbers["LightingPowerDensity"],
        people_density=numbers["PeopleDensity"],
        equipment_schedule=equipment,
        lighting_schedule=lighting,
        occupancy_schedule=occupancy,
    )


def _designed_constructions(
    constructions: Constructions, numbers: dict[str, float]
) -> Constructions:
    def resistant(construction: Construction, part: str) -> Construction:
        mass, resistance = f"{part}Mass", f"{part}RValue"
        return with_mass_and_r_value(
            construction,
            numbers[mass],
            numbers[resistance],
            parameter=resistance,
            mass_parameter=mass,
        )

    return replace(
        constructions,
        facade=resistant(constructions.facade, "Facade"),
        roof=resistant(constructions.roof, "Roof"),
        slab=with_r_value(constructions.slab, numbers["SlabRValue"], parameter="SlabRValue"),
    )


def template_values(
    schema: Schema, template: Template, *, clip: bool = True
) -> dict[str, FloatArray]:
    """Return the design parameters that leave a template as it is.

    Parameters
    ----------
    schema : Schema
    template : Template
    clip : bool
        Whether to move values to the range of their parameter.

    Returns
    -------
    dict of str to (*shape_storage,) float64
        One entry for each template and window parameter of the schema.
    """
    zone, window = template.perimeter, template.window
    constructions = zone.constructions
    plain = {
        "HeatingSetpoint": zone.conditioning.heating_setpoint,
        "CoolingSetpoint": zone.conditioning.cooling_setpoint,
        "HeatingCoeffOfPerf": zone.conditioning.heating_cop,
        "CoolingCoeffOfPerf": zone.conditioning.cooling_cop,
        "FlowRatePerFloorArea": zone.domestic_hot_water.flow_rate_per_floor_area,
        "LightingPowerDensity": zone.loads.lighting_power_density,
        "EquipmentPowerDensity": zone.loads.equipment_power_density,
        "PeopleDensity": zone.loads.people_density,
        "Infiltration": zone.ventilation.infiltration,
        "FacadeMass": constructions.facade.layers[massive_layer_of(constructions.facade)].mass,
        "RoofMass": constructions.roof.layers[massive_layer_of(constructions.roof)].mass,
        "FacadeRValue": constructions.facade.r_value,
        "RoofRValue": constructions.roof.r_value,
        "SlabRValue": constructions.slab.r_value,
        "WindowSettings": (window.u_value, window.shgc, window.visible_transmittance),
    }
    values = {name: np.atleast_1d(np.asarray(one, dtype=np.float64)) for name, one in plain.items()}
    return {name: schema[name].clip(one) for name, one in values.items()} if clip else values
