"""`Simulation`, one run of the engine as a nested record, and the records it is made of."""

# The declaration of a field is a call that gives a dataclasses.field, nothing mutable.
# ruff: noqa: RUF009

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.records.fields import about
from shoeroot.records.text import Shown

__all__ = ["Design", "EndUse", "Message", "Simulation", "Surface", "Zone", "ZoneHourly"]

_HOURS = 8760
_MONTHS = 12
_SCHEDULE_VALUES = 57

FloatArray = NDArray[np.float64]
SeriesArray = NDArray[np.float32]


def _hourly(unit: str, description: str) -> Any:
    return about(unit, description, dtype="f4", length=_HOURS)


def _monthly(description: str) -> Any:
    return about("kWh", description, dtype="f4", length=_MONTHS)


@dataclass(frozen=True, slots=True)
class Design(Shown):
    """The numbers that one shoebox was built from, by the names of the design schema."""

    program_type: float = about("", "residential program, index into the schema's categories")
    vintage: float = about("year", "year of construction")
    climate_zone: float = about("", "ASHRAE climate zone, index into the schema's categories")
    base_epw: float = about("", "index into the weather catalogue")
    width: float = about("m", "width of the facade")
    height: float = about("m", "height of the storey")
    facade_2_footprint: float = about("m2/m2", "facade area over footprint area")
    perim_2_footprint: float = about("m2/m2", "perimeter-zone area over footprint area")
    roof_2_footprint: float = about("m2/m2", "share of the top that is roof")
    footprint_2_ground: float = about("m2/m2", "share of the bottom that is on the ground")
    shading_fact: float = about("", "share of the sky in front of the facade that is blocked")
    wwr: float = about("m2/m2", "window-to-wall ratio of the facade")
    orientation: float = about("", "where the facade looks: 0 south, 1 east, 2 north, 3 west")
    HeatingSetpoint: float = about("degC", "air temperature below which heating starts")
    CoolingSetpoint: float = about("degC", "air temperature above which cooling starts")
    HeatingCoeffOfPerf: float = about("", "heat delivered over energy used for heating")
    CoolingCoeffOfPerf: float = about("", "heat removed over energy used for cooling")
    FlowRatePerFloorArea: float = about("m3/(h m2)", "peak flow of hot water over floor area")
    LightingPowerDensity: float = about("W/m2", "installed lighting power over floor area")
    EquipmentPowerDensity: float = about("W/m2", "installed equipment power over floor area")
    PeopleDensity: float = about("people/m2", "people over floor area")
    Infiltration: float = about("1/h", "air changes through leaks")
    FacadeMass: float = about("J/(m2 K)", "thermal mass of the facade")
    RoofMass: float = about("J/(m2 K)", "thermal mass of the roof")
    FacadeRValue: float = about("m2 K/W", "thermal resistance of the facade")
    RoofRValue: float = about("m2 K/W", "thermal resistance of the roof")
    SlabRValue: float = about("m2 K/W", "thermal resistance of the slab")
    window_u_value: float = about("W/(m2 K)", "thermal transmittance of the window")
    window_shgc: float = about("", "solar heat gain coefficient of the window")
    window_vlt: float = about("", "visible light transmittance of the window")
    schedules_seed: float = about("", "seed of the schedule operations' random numbers")
    schedules: FloatArray = about(
        "", "3 schedules x 19 operations, row by row", dtype="f8", length=_SCHEDULE_VALUES
    )


@dataclass(frozen=True, slots=True)
class ZoneHourly:
    """The year of one zone, hour by hour."""

    heating: SeriesArray = _hourly("kWh", "heat delivered in the hour")
    cooling: SeriesArray = _hourly("kWh", "heat removed in the hour")
    electricity: SeriesArray = _hourly("kWh", "lighting and equipment in the hour")
    temperature: SeriesArray = _hourly("degC", "mean operative temperature of the hour")


@dataclass(frozen=True, slots=True)
class Zone(Shown):
    """One thermal zone: geometry, loads, sums, peaks and series."""

    name: str = about("", "name of the zone")
    floor_area: float = about("m2", "floor area")
    volume: float = about("m3", "air volume")
    facade_area: float = about("m2", "area of walls to outside air, windows included")
    window_area: float = about("m2", "area of windows")
    heating_setpoint: float = about("degC", "air temperature below which heating starts")
    cooling_setpoint: float = about("degC", "air temperature above which cooling starts")
    lighting_power_density: float = about("W/m2", "installed lighting power over floor area")
    equipment_power_density: float = about("W/m2", "installed equipment power over floor area")
    people_density: float = about("people/m2", "people over floor area")
    infiltration: float = about("1/h", "air changes through leaks")
    heating: float = about("kWh", "heat delivered by the ideal-loads system in the year")
    cooling: float = about("kWh", "heat removed by the ideal-loads system in the year")
    lighting: float = about("kWh", "electricity for lighting in the year")
    equipment: float = about("kWh", "electricity for equipment in the year")
    hot_water: float = about("kWh", "heat for hot water in the year")
    heating_peak: float = about("kW", "largest hourly mean of heat delivered")
    cooling_peak: float = about("kW", "largest hourly mean of heat removed")
    heating_peak_hour: int = about("h", "hour of the year of the heating peak, 0 to 8759")
    cooling_peak_hour: int = about("h", "hour of the year of the cooling peak, 0 to 8759")
    monthly_heating: SeriesArray = _monthly("heat delivered by month")
    monthly_cooling: SeriesArray = _monthly("heat removed by month")
    monthly_lighting: SeriesArray = _monthly("electricity for lighting by month")
    monthly_equipment: SeriesArray = _monthly("electricity for equipment by month")
    monthly_hot_water: SeriesArray = _monthly("heat for hot water by month")
    hourly: ZoneHourly = about("", "hourly series", own_tree=True)


@dataclass(frozen=True, slots=True)
class Surface:
    """One surface of a zone."""

    name: str = about("", "name of the surface")
    zone: str = about("", "name of the zone it belongs to")
    type: str = about("", "wall, roof, ceiling, floor or partition")
    boundary: str = about("", "what is behind it: outdoors, ground, adiabatic or zone")
    construction: str = about("", "name of the construction")
    area: float = about("m2", "gross area, windows included")
    azimuth: float = about("deg", "direction of the outward normal, clockwise from north")
    tilt: float = about("deg", "0 looks up, 90 is vertical, 180 looks down")
    u_value: float = about("W/(m2 K)", "thermal transmittance of the opaque part")
    r_value: float = about("m2 K/W", "thermal resistance of the opaque layers")
    window_area: float = about("m2", "area of the windows in it")


@dataclass(frozen=True, slots=True)
class EndUse:
    """Energy used in one month: heating and cooling after the coefficient of performance."""

    month: int = about("", "month, 1 to 12")
    heating: float = about("kWh", "energy used for heating")
    cooling: float = about("kWh", "energy used for cooling")
    lighting: float = about("kWh", "energy used for lighting")
    equipment: float = about("kWh", "energy used for equipment")
    hot_water: float = about("kWh", "energy used for hot water")
    total: float = about("kWh", "sum of the uses")


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the engine, and how often it came."""

    severity: str = about("", "warning, severe or fatal")
    text: str = about("", "what the engine said")
    count: int = about("", "how often")


@dataclass(frozen=True, slots=True)
class Simulation(Shown):
    """One run of the engine: what went in, what came out, and how it ended.

    A run that failed has empty lists where there are no results.
    """

    event_id: int = about("", "number of the event, unique in its campaign")
    batch_id: int = about("", "which batch of designs")
    variation_id: int = about("", "which variation in the batch")
    status: str = about("", "ok, invalid, fatal, severe, crash, timeout or short")
    return_code: int = about("", "exit code of the engine")
    cpu_seconds: float = about("s", "processor time of the run; 0: shared with another event")
    engine: str = about("", "build of the engine, as it reports it")
    model_hash: str = about("", "hash of the model that was run")
    weather_hash: str = about("", "hash of the weather file")
    weather: str = about("", "name of the weather file")
    template: str = about("", "name of the building template")
    floor_area: float = about("m2", "floor area of all zones")
    volume: float = about("m3", "air volume of all zones")
    facade_area: float = about("m2", "area of walls to outside air, windows included")
    window_area: float = about("m2", "area of windows")
    design: Design = about("", "the numbers the shoebox was built from")
    zones: list[Zone] = about("", "thermal zones")
    surfaces: list[Surface] = about("", "surfaces of the zones")
    end_uses: list[EndUse] = about("", "energy used, month by month")
    messages: list[Message] = about("", "messages of the engine")
    timesteps_per_hour: int = about("1/h", "zone time steps an hour; 0: not stored", default=0)
    template_hash: str = about("", "hash of the building template; empty: not stored", default="")
