"""A small real engine, a small real model, and runs of it made once a session."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shoeroot.engine import Engine, EngineModel, RunResult, candidates, find_engine, run_model
from shoeroot.errors import EngineNotFoundError

HOURLY = (
    "Zone Mean Air Temperature",
    "Zone Ideal Loads Supply Air Total Heating Energy",
    "Zone Ideal Loads Supply Air Total Cooling Energy",
)
MONTHLY = (
    "Zone Ideal Loads Supply Air Total Heating Energy",
    "Zone Lights Electricity Energy",
)
ZONES = ("south", "core")

Objects = dict[str, Any]


def wall(zone: str, kind: str, boundary: str, corners: list[tuple[float, float, float]]) -> Objects:
    """One surface, its corners anticlockwise seen from outside."""
    outdoors = boundary == "Outdoors"
    return {
        "surface_type": kind,
        "construction_name": "plain",
        "zone_name": zone,
        "outside_boundary_condition": boundary,
        "sun_exposure": "SunExposed" if outdoors else "NoSun",
        "wind_exposure": "WindExposed" if outdoors else "NoWind",
        "vertices": [
            {"vertex_x_coordinate": x, "vertex_y_coordinate": y, "vertex_z_coordinate": z}
            for x, y, z in corners
        ],
    }


def box(zone: str, south: float, north: float) -> Objects:
    """The six surfaces of a zone 10 m wide and 3 m high, from `south` to `north` in y."""
    s, n = south, north
    return {
        f"{zone} south": wall(
            zone,
            "Wall",
            "Outdoors" if zone == "south" else "Adiabatic",
            [(0, s, 3), (0, s, 0), (10, s, 0), (10, s, 3)],
        ),
        f"{zone} north": wall(
            zone, "Wall", "Adiabatic", [(10, n, 3), (10, n, 0), (0, n, 0), (0, n, 3)]
        ),
        f"{zone} east": wall(
            zone, "Wall", "Adiabatic", [(10, s, 3), (10, s, 0), (10, n, 0), (10, n, 3)]
        ),
        f"{zone} west": wall(
            zone, "Wall", "Adiabatic", [(0, n, 3), (0, n, 0), (0, s, 0), (0, s, 3)]
        ),
        f"{zone} floor": wall(
            zone, "Floor", "Adiabatic", [(0, s, 0), (0, n, 0), (10, n, 0), (10, s, 0)]
        ),
        f"{zone} roof": wall(
            zone, "Roof", "Outdoors", [(0, s, 3), (10, s, 3), (10, n, 3), (0, n, 3)]
        ),
    }


def zone_objects(zone: str) -> dict[str, Objects]:
    """Thermostat, ideal loads and lights of one zone."""
    return {
        "Zone": {zone: {}},
        "ZoneHVAC:EquipmentConnections": {
            f"{zone} connections": {
                "zone_name": zone,
                "zone_conditioning_equipment_list_name": f"{zone} equipment",
                "zone_air_inlet_node_or_nodelist_name": f"{zone} inlet",
                "zone_air_node_name": f"{zone} node",
                "zone_return_air_node_or_nodelist_name": f"{zone} return",
            }
        },
        "ZoneHVAC:EquipmentList": {
            f"{zone} equipment": {
                "load_distribution_scheme": "SequentialLoad",
                "equipment": [
                    {
                        "zone_equipment_object_type": "ZoneHVAC:IdealLoadsAirSystem",
                        "zone_equipment_name": f"{zone} ideal",
                        "zone_equipment_cooling_sequence": 1,
                        "zone_equipment_heating_or_no_load_sequence": 1,
                    }
                ],
            }
        },
        "ZoneHVAC:IdealLoadsAirSystem": {
            f"{zone} ideal": {"zone_supply_air_node_name": f"{zone} inlet"}
        },
        "ZoneControl:Thermostat": {
            f"{zone} thermostat": {
                "zone_or_zonelist_name": zone,
                "control_type_schedule_name": "control",
                "control_1_object_type": "ThermostatSetpoint:DualSetpoint",
                "control_1_name": "setpoints",
            }
        },
        "Lights": {
            f"{zone} lights": {
                "zone_or_zonelist_or_space_or_spacelist_name": zone,
                "schedule_name": "lights",
                "design_level_calculation_method": "Watts/Area",
                "watts_per_floor_area": 8.0,
            }
        },
    }


def make_model() -> dict[str, Objects]:
    """Two zones with ideal loads, lights that follow a file, hourly and monthly outputs."""
    model: dict[str, Objects] = {
        "Version": {"Version 1": {"version_identifier": "25.2"}},
        "Building": {
            "building": {"terrain": "Suburbs", "solar_distribution": "FullExterior"},
        },
        "Timestep": {"Timestep 1": {"number_of_timesteps_per_hour": 2}},
        "GlobalGeometryRules": {
            "rules": {
                "starting_vertex_position": "UpperLeftCorner",
                "vertex_entry_direction": "Counterclockwise",
                "coordinate_system": "World",
            }
        },
        "SimulationControl": {
            "control": {
                "do_zone_sizing_calculation": "No",
                "do_system_sizing_calculation": "No",
                "do_plant_sizing_calculation": "No",
                "run_simulation_for_sizing_periods": "No",
                "run_simulation_for_weather_file_run_periods": "Yes",
            }
        },
        "RunPeriod": {
            "year": {
                "begin_month": 1,
                "begin_day_of_month": 1,
                "end_month": 12,
                "end_day_of_month": 31,
                "day_of_week_for_start_day": "Monday",
                "use_weather_file_daylight_saving_period": "No",
                "use_weather_file_holidays_and_special_days": "No",
            }
        },
        "Material": {
            "concrete": {
                "roughness": "Rough",
                "thickness": 0.15,
                "conductivity": 0.4,
                "density": 1800.0,
                "specific_heat": 900.0,
            }
        },
        "Construction": {"plain": {"outside_layer": "concrete"}},
        "ScheduleTypeLimits": {"any": {}},
        "Schedule:Constant": {
            "control": {"schedule_type_limits_name": "any", "hourly_value": 4},
            "heating": {"schedule_type_limits_name": "any", "hourly_value": 20.0},
            "cooling": {"schedule_type_limits_name": "any", "hourly_value": 26.0},
        },
        "Schedule:File": {
            "lights": {
                "schedule_type_limits_name": "any",
                "file_name": "schedules.csv",
                "column_number": 1,
                "rows_to_skip_at_top": 0,
                "number_of_hours_of_data": 8760,
                "column_separator": "Comma",
                "minutes_per_item": 60,
            }
        },
        "ThermostatSetpoint:DualSetpoint": {
            "setpoints": {
                "heating_setpoint_temperature_schedule_name": "heating",
                "cooling_setpoint_temperature_schedule_name": "cooling",
            }
        },
        "BuildingSurface:Detailed": {**box("south", 0, 5), **box("core", 5, 10)},
        "OutputControl:Files": {
            "files": {
                f"output_{name}": "No"
                for name in ("csv", "mtr", "eio", "tabular", "sqlite", "json", "audit", "bnd")
            }
            | {
                f"output_{name}": "No"
                for name in ("rdd", "mdd", "mtd", "shd", "dxf", "zone_sizing", "system_sizing")
            }
            | {"output_eso": "Yes", "output_end": "Yes"}
        },
        "Output:Variable": {
            f"{frequency} {name}": {
                "key_value": "*",
                "variable_name": name,
                "reporting_frequency": frequency,
            }
            for frequency, names in (("Hourly", HOURLY), ("Monthly", MONTHLY))
            for name in names
        },
    }
    for zone in ZONES:
        for kind, objects in zone_objects(zone).items():
            model.setdefault(kind, {}).update(objects)
    return model


def lights_file() -> bytes:
    """Lights on from 8 to 18, one number a line, 8760 lines."""
    day = ["1" if 8 <= hour < 18 else "0" for hour in range(24)]
    return ("\n".join(day * 365) + "\n").encode()


def pack(objects: dict[str, Objects]) -> EngineModel:
    return EngineModel(json.dumps(objects).encode(), {"schedules.csv": lights_file()})


@pytest.fixture(scope="session")
def engine() -> Engine:
    try:
        return find_engine()
    except EngineNotFoundError as error:
        pytest.skip(f"needs a usable EnergyPlus: {error.problem}")


@pytest.fixture(scope="session")
def library_engine() -> Engine:
    """The engine of the wheel that has no command line."""
    found = [one.engine for one in candidates() if one.way == "wheel pyenergyplus-lbnl"]
    if not found or not found[0]:
        pytest.skip("needs the wheel pyenergyplus-lbnl")
    return found[0]


@pytest.fixture(scope="session")
def weather(engine: Engine) -> Path:
    files = sorted(engine.weather_folder.glob("*Golden*.epw")) if engine.weather_folder else []
    if not files:
        pytest.skip("needs the weather files that come with the engine")
    return files[0]


@pytest.fixture(scope="session")
def as_engine_model() -> Callable[[dict[str, Objects]], EngineModel]:
    """Turns objects into what the engine reads, with the schedule file."""
    return pack


@pytest.fixture(scope="session")
def make_objects() -> Callable[[], dict[str, Objects]]:
    """Makes the epJSON of a good model."""
    return make_model


@pytest.fixture
def objects() -> dict[str, Objects]:
    """The epJSON of a good model, to be spoilt by a test."""
    return make_model()


@pytest.fixture
def simulate(
    engine: Engine, weather: Path, tmp_path: Path
) -> Callable[[dict[str, Objects]], RunResult]:
    def simulate(objects: dict[str, Objects]) -> RunResult:
        return run_model(engine, pack(objects), weather, tmp_path / "run")

    return simulate


@pytest.fixture(scope="session")
def annual(
    engine: Engine, weather: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[RunResult, bytes]:
    """The result of one good run, and the bytes of its ESO file."""
    folder = tmp_path_factory.mktemp("annual") / "run"
    result = run_model(engine, pack(make_model()), weather, folder, keep=True)
    return result, (folder / "eplusout.eso").read_bytes()
