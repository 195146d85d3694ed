"""Turn a finished run and the model that was run into an event."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.building import (
    COOLING,
    EQUIPMENT,
    HEATING,
    LIGHTING,
    TEMPERATURE,
    Model,
    Polygon,
    ZoneBox,
    ZoneTemplate,
    construction_of,
    ideal_loads_name,
)
from shoeroot.design import Schema
from shoeroot.engine import RunResult
from shoeroot.records import (
    Design,
    EndUse,
    Message,
    Simulation,
    Surface,
    Zone,
    ZoneHourly,
)

__all__ = [
    "Job",
    "by_month",
    "failed_event",
    "finished_event",
    "shared_event",
    "storage_vector_of",
]

FloatArray = NDArray[np.float64]

JOULES_PER_KWH = 3.6e6
#: Heat to warm a cubic metre of water by one kelvin [kWh/(m3 K)]: 998 kg/m3 at
#: 20 degC and 4.186 kJ/(kg K).
WATER_HEAT_CAPACITY = 998.0 * 4186.0 / JOULES_PER_KWH
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTH_STARTS = np.concatenate([[0], np.cumsum(_DAYS)[:-1]]) * 24

#: What a surface of each part is called in an event.
_TYPE = {"facade": "wall", "ground": "floor"}
#: Surface resistances inside and outside [m2 K/W] for heat that flows up,
#: sideways and down: ISO 6946:2017, table 7.
_INSIDE_FILM = {"roof": 0.10, "ceiling": 0.10, "ground": 0.17, "floor": 0.17}
_SIDEWAYS_FILM = 0.13
_OUTSIDE_FILM = 0.04

#: Where the values of the window parameter stand in an event's design.
_WINDOW_FIELDS = ("window_u_value", "window_shgc", "window_vlt")


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A design to simulate and what an event tells of it whatever comes of the run."""

    event_id: int
    storage_vector: FloatArray
    template: str
    weather: str
    weather_hash: str
    engine: str
    timesteps_per_hour: int = 4
    template_hash: str = ""


def finished_event(schema: Schema, job: Job, model: Model, result: RunResult) -> Simulation:
    """Return the event of a run; without results where the run failed."""
    messages = [
        Message(message.severity, message.text, message.count) for message in result.messages
    ]
    if result.status != "ok":
        return failed_event(
            schema,
            job,
            result.status,
            messages,
            model=model,
            return_code=result.return_code,
            cpu_seconds=result.cpu_seconds,
        )
    zones = [_zone(model, zone, result) for zone in model.shoebox.box.zones()]
    return Simulation(
        **_what_was_run(schema, job, model),
        status="ok",
        return_code=result.return_code,
        cpu_seconds=result.cpu_seconds,
        zones=zones,
        surfaces=[_surface(model, surface) for surface in model.surfaces],
        end_uses=_end_uses(model, zones),
        messages=messages,
    )


def shared_event(schema: Schema, job: Job, model: Model, known: Simulation) -> Simulation:
    """Return the event that a run of `model` would give, of the event of another run of it.

    What the engine computes is that of the other event; what the design says and the engine does
    not see (hot water, coefficients of performance) is this design's own. It took no processor
    time: `cpu_seconds` is 0.
    """
    messages = list(known.messages)
    if known.status != "ok":
        return failed_event(
            schema, job, known.status, messages, model=model, return_code=known.return_code
        )
    zones = []
    for box, zone in zip(model.shoebox.box.zones(), known.zones, strict=True):
        template = model.shoebox.zone_templates[box.name]
        hot_water = _hot_water(template, zone.floor_area)
        monthly = by_month(hot_water).astype(np.float32)
        zones.append(replace(zone, hot_water=float(hot_water.sum()), monthly_hot_water=monthly))
    return Simulation(
        **_what_was_run(schema, job, model),
        status="ok",
        return_code=known.return_code,
        cpu_seconds=0.0,
        zones=zones,
        surfaces=[_surface(model, surface) for surface in model.surfaces],
        end_uses=_end_uses(model, zones),
        messages=messages,
    )


def failed_event(
    schema: Schema,
    job: Job,
    status: str,
    messages: list[Message],
    *,
    model: Model | None = None,
    return_code: int = 0,
    cpu_seconds: float = 0.0,
) -> Simulation:
    """Return the event of a design that has no results, and the messages that say why."""
    return Simulation(
        **_what_was_run(schema, job, model),
        status=status,
        return_code=return_code,
        cpu_seconds=cpu_seconds,
        zones=[],
        surfaces=[],
        end_uses=[],
        messages=messages,
    )


def _what_was_run(schema: Schema, job: Job, model: Model | None) -> dict[str, Any]:
    vector = job.storage_vector
    surfaces = [] if model is None else model.surfaces
    facades = [surface for surface in surfaces if surface.part == "facade"]
    box = None if model is None else model.shoebox.box
    floor_area = np.nan if box is None else box.width * box.depth
    unknown = np.nan if model is None else 0.0
    return {
        "event_id": job.event_id,
        "batch_id": int(vector[schema["batch_id"].start_storage]),
        "variation_id": int(vector[schema["variation_id"].start_storage]),
        "engine": job.engine,
        "model_hash": "" if model is None else model.hash,
        "weather_hash": job.weather_hash,
        "weather": job.weather,
        "template": job.template,
        "floor_area": floor_area,
        "volume": np.nan if box is None else floor_area * box.height,
        "facade_area": unknown + sum(surface.area for surface in facades),
        "window_area": unknown + sum(surface.window_area for surface in facades),
        "design": _design(schema, vector),
        "timesteps_per_hour": job.timesteps_per_hour,
        "template_hash": job.template_hash,
    }


def _design(schema: Schema, vector: FloatArray) -> Design:
    values: dict[str, Any] = {}
    for parameter in schema:
        if parameter.name == "WindowSettings":
            values |= zip(_WINDOW_FIELDS, vector[parameter.slice_storage].tolist(), strict=True)
        elif parameter.length_storage == 1:
            values[parameter.name] = float(vector[parameter.start_storage])
        else:
            values[parameter.name] = vector[parameter.slice_storage]
    return Design(**{field.name: values[field.name] for field in fields(Design)})


def storage_vector_of(schema: Schema, event: Simulation) -> FloatArray:
    """Return the design of an event: (90,) float64, every number as it was."""
    vector = np.zeros(schema.storage_length)
    for parameter in schema:
        if parameter.name == "WindowSettings":
            value = [getattr(event.design, name) for name in _WINDOW_FIELDS]
        elif parameter.name in ("batch_id", "variation_id"):
            value = getattr(event, parameter.name)
        else:
            value = getattr(event.design, parameter.name)
        vector[parameter.slice_storage] = value
    return vector


def _zone(model: Model, zone: ZoneBox, result: RunResult) -> Zone:
    box = model.shoebox.box
    template = model.shoebox.zone_templates[zone.name]
    area = zone.depth * box.width
    key, system = zone.name.upper(), ideal_loads_name(zone.name).upper()
    heating = result.hourly[system, HEATING] / JOULES_PER_KWH
    cooling = result.hourly[system, COOLING] / JOULES_PER_KWH
    lighting = result.monthly[key, LIGHTING] / JOULES_PER_KWH
    equipment = result.monthly[key, EQUIPMENT] / JOULES_PER_KWH
    hot_water = _hot_water(template, area)
    facades = [
        surface
        for surface in model.surfaces
        if surface.zone == zone.name and surface.part == "facade"
    ]
    return Zone(
        name=zone.name,
        floor_area=area,
        volume=area * box.height,
        facade_area=sum((surface.area for surface in facades), 0.0),
        window_area=sum((surface.window_area for surface in facades), 0.0),
        heating_setpoint=template.conditioning.heating_setpoint,
        cooling_setpoint=template.conditioning.cooling_setpoint,
        lighting_power_density=template.loads.lighting_power_density,
        equipment_power_density=template.loads.equipment_power_density,
        people_density=template.loads.people_density,
        infiltration=template.ventilation.infiltration,
        heating=float(heating.sum()),
        cooling=float(cooling.sum()),
        lighting=float(lighting.sum()),
        equipment=float(equipment.sum()),
        hot_water=float(hot_water.sum()),
        # The mean power over an hour [kW] is the energy of that hour [kWh].
        heating_peak=float(heating.max()),
        cooling_peak=float(cooling.max()),
        heating_peak_hour=int(heating.argmax()),
        cooling_peak_hour=int(cooling.argmax()),
        monthly_heating=by_month(heating).astype(np.float32),
        monthly_cooling=by_month(cooling).astype(np.float32),
        monthly_lighting=lighting.astype(np.float32),
        monthly_equipment=equipment.astype(np.float32),
        monthly_hot_water=by_month(hot_water).astype(np.float32),
        hourly=ZoneHourly(
            heating=heating.astype(np.float32),
            cooling=cooling.astype(np.float32),
            electricity=_electricity(template, area).astype(np.float32),
            temperature=result.hourly[key, TEMPERATURE].astype(np.float32),
        ),
    )


def by_month(hourly: FloatArray) -> FloatArray:
    """Sum (8760,) hourly values to (12,) monthly ones."""
    months: FloatArray = np.add.reduceat(hourly, _MONTH_STARTS)
    return months


def _electricity(template: ZoneTemplate, area: float) -> FloatArray:
    """Return what lights and equipment use: (8760,) [kWh].

    The model prescribes it, so that the engine need not report it hour by hour.
    """
    loads = template.loads
    watts = (
        loads.lighting_power_density * loads.lighting_schedule.values
        + loads.equipment_power_density * loads.equipment_schedule.values
    )
    return watts * (area / 1000.0)


def _hot_water(template: ZoneTemplate, area: float) -> FloatArray:
    """Return the heat in the hot water that is drawn: (8760,) [kWh]."""
    water = template.domestic_hot_water
    warming = max(water.supply_temperature - water.inlet_temperature, 0.0)
    peak = water.flow_rate_per_floor_area * area * WATER_HEAT_CAPACITY * warming
    return peak * water.schedule.values


def _surface(model: Model, surface: Polygon) -> Surface:
    construction = construction_of(model.shoebox, surface)
    r_value = construction.r_value
    inside = _INSIDE_FILM.get(surface.part, _SIDEWAYS_FILM)
    outside = {"outdoors": _OUTSIDE_FILM, "ground": 0.0}.get(surface.boundary, inside)
    return Surface(
        name=surface.name,
        zone=surface.zone,
        type=_TYPE.get(surface.part, surface.part),
        boundary=surface.boundary,
        construction=construction.name,
        area=surface.area,
        azimuth=surface.azimuth,
        tilt=surface.tilt,
        u_value=1.0 / (inside + r_value + outside),
        r_value=r_value,
        window_area=surface.window_area,
    )


def _end_uses(model: Model, zones: list[Zone]) -> list[EndUse]:
    """Add up the zones by month; heat and cold become energy used."""
    conditioning = model.shoebox.zone_templates[zones[0].name].conditioning

    def monthly(name: str) -> FloatArray:
        total: FloatArray = sum(
            getattr(zone, f"monthly_{name}").astype(np.float64) for zone in zones
        )
        return total

    uses = {
        "heating": monthly("heating") / conditioning.heating_cop,
        "cooling": monthly("cooling") / conditioning.cooling_cop,
        "lighting": monthly("lighting"),
        "equipment": monthly("equipment"),
        "hot_water": monthly("hot_water"),
    }
    table = np.stack(list(uses.values()), axis=1)
    return [
        EndUse(month, **dict(zip(uses, row, strict=True)), total=sum(row))
        for month, row in enumerate(table.tolist(), start=1)
    ]
