"""Events of META models: what was run, and what came of it, as of any other simulation.

A META model is of no design. Its event has in the design: coefficients of performance of 1 (heat
and cold are what the zones take), U-value, solar heat gain and visible transmittance of its
windows by area (0 without windows), -1 for each index, no schedule operations, and NaN for the
rest.
"""

from __future__ import annotations

import hashlib
import json
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
    Weather,
    ideal_loads_name,
)
from shoeroot.campaign.results import by_month
from shoeroot.engine import RunResult
from shoeroot.errors import EngineError
from shoeroot.meta import Converted, MetaZone, Period, PlannedSurface, ZonePlan, boundary_word
from shoeroot.records import Design, EndUse, Message, Simulation, Surface, Zone, ZoneHourly

__all__ = ["MetaJob", "check_hours", "event_of", "hours_of", "refused_event"]

FloatArray = NDArray[np.float64]

_HOURS = 8760
_JOULES_PER_KWH = 3.6e6
_SCHEDULE_VALUES = 57
_INDICES = ("program_type", "climate_zone", "base_epw")
_OUTDOORS = 0


@dataclass(frozen=True, slots=True)
class MetaJob:
    """A META file to simulate, and what its event tells whatever comes of it."""

    event_id: int
    name: str
    text_hash: str
    weather: Weather
    engine: str


def refused_event(job: MetaJob, messages: list[Message]) -> Simulation:
    """Return the event of a model that could not be run, and the messages that say why."""
    unknown = float("nan")
    return Simulation(
        event_id=job.event_id,
        batch_id=0,
        variation_id=job.event_id,
        status="invalid",
        return_code=0,
        cpu_seconds=0.0,
        engine=job.engine,
        model_hash="",
        weather_hash=job.weather.sha256,
        weather=job.weather.name,
        template=job.name,
        floor_area=unknown,
        volume=unknown,
        facade_area=unknown,
        window_area=unknown,
        design=_design(None),
        zones=[],
        surfaces=[],
        end_uses=[],
        messages=messages,
        template_hash=job.text_hash,
    )


def event_of(job: MetaJob, made: Converted, result: RunResult) -> Simulation:
    """Return the event of a run; without results where it failed."""
    refused = refused_event(
        job, [Message(one.severity, one.text, one.count) for one in result.messages]
    )
    zones = [_zone(plan, made, result) for plan in made.zones] if result.status == "ok" else []
    outside = [one for plan in made.zones for one in plan.surfaces if _is_facade(one)]
    geometry = [_geometry(plan) for plan in made.zones]
    timestep = next(iter(made.epjson["Timestep"].values()))["number_of_timesteps_per_hour"]
    hashed = json.dumps(made.epjson, sort_keys=True).encode()
    return replace(
        refused,
        status=result.status,
        return_code=result.return_code,
        cpu_seconds=result.cpu_seconds,
        model_hash=hashlib.sha256(hashed).hexdigest(),
        floor_area=sum(area for area, _ in geometry),
        volume=sum(volume for _, volume in geometry),
        facade_area=sum((one.area for one in outside), 0.0),
        window_area=sum((one.area for one in outside if one.glazed), 0.0),
        design=_design(made),
        zones=zones,
        surfaces=_surfaces(made) if zones else [],
        end_uses=_end_uses(zones) if zones else [],
        timesteps_per_hour=timestep,
    )


def hours_of(periods: tuple[Period, ...]) -> NDArray[np.bool_]:
    """Tell which hours of the year are simulated; (8760,)."""
    hours = np.zeros(_HOURS, dtype=bool)
    for period in periods:
        hours[(period.first - 1) * 24 : period.last * 24] = True
    return hours


def _design(made: Converted | None) -> Design:
    values: dict[str, Any] = {field.name: float("nan") for field in fields(Design)}
    values |= dict.fromkeys(_INDICES, -1.0)
    values |= {"HeatingCoeffOfPerf": 1.0, "CoolingCoeffOfPerf": 1.0, "schedules_seed": -1.0}
    values["schedules"] = np.zeros(_SCHEDULE_VALUES)
    if made is not None:
        values |= _window_values(made)
    return Design(**values)


def _window_values(made: Converted) -> dict[str, float]:
    windows = [
        one
        for plan in made.zones
        for one in plan.surfaces
        if one.part == "opening" and one.glazed and one.row.boundary.kind == _OUTDOORS
    ]
    total = sum(one.area for one in windows)
    if not total:
        return {"window_u_value": 0.0, "window_shgc": 0.0, "window_vlt": 0.0}
    sums = np.zeros(3)
    for one in windows:
        construction = made.constructions[one.row.construction]
        own = one.row.optic
        optics = made.constructions.optics[
            own if own in made.constructions.optics else construction.optics
        ]
        figures = (construction.u_value, optics.shgc[0], optics.visible_transmittance)
        sums += one.area * np.array(figures)
    names = ("window_u_value", "window_shgc", "window_vlt")
    return dict(zip(names, (sums / total).tolist(), strict=True))


def _is_facade(surface: PlannedSurface) -> bool:
    return (
        surface.row.boundary.kind == _OUTDOORS
        and surface.location == "VERT"
        and surface.part != "mass"
    )


def _geometry(plan: ZonePlan) -> tuple[float, float]:
    """Floor area [m2] and volume [m3] of a zone."""
    floor = sum(
        (one.area for one in plan.surfaces if one.location == "FLOR" and one.part != "mass"), 0.0
    )
    return floor, plan.volume


def _series(result: RunResult, key: str, variable: str, hours: NDArray[np.bool_]) -> FloatArray:
    """Put a series into the year; what was not simulated, or not there, is 0."""
    year = np.zeros(_HOURS)
    found = result.hourly.get((key.upper(), variable))
    if found is not None:
        year[hours] = found
    return year


def _zone(plan: ZonePlan, made: Converted, result: RunResult) -> Zone:
    hours = hours_of(made.periods)
    system = ideal_loads_name(plan.name)
    heating, cooling, lighting, equipment = (
        _series(result, key, variable, hours) / _JOULES_PER_KWH
        for key, variable in (
            (system, HEATING),
            (system, COOLING),
            (plan.name, LIGHTING),
            (plan.name, EQUIPMENT),
        )
    )
    temperature = _series(result, plan.name, TEMPERATURE, hours)
    temperature[~hours] = np.nan
    floor, volume = _geometry(plan)
    facades = [one for one in plan.surfaces if _is_facade(one)]
    controlled = plan.name in {
        fields["zone_or_zonelist_name"]
        for fields in made.epjson.get("ZoneControl:Thermostat", {}).values()
    }
    return Zone(
        name=plan.name,
        floor_area=floor,
        volume=volume,
        facade_area=sum((one.area for one in facades), 0.0),
        window_area=sum((one.area for one in facades if one.glazed), 0.0),
        heating_setpoint=_setpoint(plan.zone, "heating", controlled),
        cooling_setpoint=_setpoint(plan.zone, "cooling", controlled),
        lighting_power_density=_installed(made, "Lights", "lighting_level", plan.name, floor),
        equipment_power_density=_installed(
            made, "ElectricEquipment", "design_level", plan.name, floor
        ),
        people_density=float("nan") if plan.name in made.patterns else 0.0,
        infiltration=_infiltration(made, plan.name),
        heating=float(heating.sum()),
        cooling=float(cooling.sum()),
        lighting=float(lighting.sum()),
        equipment=float(equipment.sum()),
        hot_water=0.0,
        # The mean power over an hour [kW] is the energy of that hour [kWh].
        heating_peak=float(heating.max()),
        cooling_peak=float(cooling.max()),
        heating_peak_hour=int(heating.argmax()),
        cooling_peak_hour=int(cooling.argmax()),
        monthly_heating=by_month(heating).astype(np.float32),
        monthly_cooling=by_month(cooling).astype(np.float32),
        monthly_lighting=by_month(lighting).astype(np.float32),
        monthly_equipment=by_month(equipment).astype(np.float32),
        monthly_hot_water=np.zeros(12, dtype=np.float32),
        hourly=ZoneHourly(
            heating=heating.astype(np.float32),
            cooling=cooling.astype(np.float32),
            electricity=(lighting + equipment).astype(np.float32),
            temperature=temperature.astype(np.float32),
        ),
    )


def _setpoint(zone: MetaZone, name: str, controlled: bool) -> float:
    points: tuple[float, ...] | None = getattr(zone, name)
    return float("nan") if points is None or not controlled else points[0]


def _installed(made: Converted, kind: str, field: str, zone: str, floor: float) -> float:
    watts = sum(
        fields[field]
        for fields in made.epjson.get(kind, {}).values()
        if fields["zone_or_zonelist_or_space_or_spacelist_name"] == zone
    )
    return watts / floor if floor else float("nan")


def _infiltration(made: Converted, zone: str) -> float:
    """Mean air changes of a week, of which five days are weekdays [1/h]."""
    pattern = made.patterns.get(zone)
    if pattern is None:
        return 0.0
    days = pattern.infiltration.mean(axis=1)[:3]
    return float(np.average(days, weights=(5, 1, 1)[: len(days)]))


def _surfaces(made: Converted) -> list[Surface]:
    return [
        _surface(made, plan, one)
        for plan in made.zones
        for one in plan.surfaces
        if one.part == "wall" or (one.part == "opening" and not one.glazed)
    ]


def _surface(made: Converted, plan: ZonePlan, surface: PlannedSurface) -> Surface:
    """Tell of a wall with its windows, or of a door, which has its own area."""
    construction = made.constructions[surface.row.construction]
    windows = sum(
        (one.area for one in plan.surfaces if one.parent == surface.number and one.glazed), 0.0
    )
    return Surface(
        name=surface.name,
        zone=plan.name,
        type=_type(surface),
        boundary=boundary_word(surface),
        construction=construction.name,
        area=surface.area + windows,
        azimuth=surface.azimuth,
        tilt=90.0 - surface.elevation,
        u_value=construction.u_value,
        r_value=construction.r_value,
        window_area=windows,
    )


def _type(surface: PlannedSurface) -> str:
    boundary = boundary_word(surface)
    if surface.elevation < -45:
        return "floor"
    if surface.elevation > 45:
        return "roof" if boundary == "outdoors" else "ceiling"
    return "partition" if boundary == "zone" else "wall"


def _end_uses(zones: list[Zone]) -> list[EndUse]:
    """Add up the zones by month; the coefficients of performance are 1."""
    names = ("heating", "cooling", "lighting", "equipment", "hot_water")
    table = np.stack(
        [
            sum(
                (getattr(zone, f"monthly_{name}").astype(np.float64) for zone in zones),
                start=np.zeros(12),
            )
            for name in names
        ],
        axis=1,
    )
    return [
        EndUse(month, **dict(zip(names, row, strict=True)), total=sum(row))
        for month, row in enumerate(table.tolist(), start=1)
    ]


def check_hours(made: Converted, result: RunResult) -> None:
    """Make sure that each series has the hours that were asked for.

    Raises
    ------
    EngineError
        One has not.
    """
    expected = int(hours_of(made.periods).sum())
    for key, values in result.hourly.items():
        if len(values) != expected or not np.isfinite(values).all():
            raise EngineError(f"{', '.join(key)} has {len(values)} values instead of {expected}")
