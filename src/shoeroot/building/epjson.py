"""Write a shoebox as epJSON, the engine's JSON input."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from typing import Any

import numpy as np

from shoeroot.building.geometry import Polygon, ZoneBox, shading_blocks
from shoeroot.building.shoebox import Shoebox
from shoeroot.building.template import Construction, YearSchedule, ZoneTemplate
from shoeroot.building.weather import Weather

__all__ = ["HOURLY_OUTPUTS", "MONTHLY_OUTPUTS", "construction_of", "shoebox_epjson"]

Objects = dict[str, dict[str, Any]]
Epjson = dict[str, Any]

ENGINE_VERSION = "25.2"

HEATING = "Zone Ideal Loads Supply Air Total Heating Energy"
COOLING = "Zone Ideal Loads Supply Air Total Cooling Energy"
TEMPERATURE = "Zone Operative Temperature"
LIGHTING = "Zone Lights Electricity Energy"
EQUIPMENT = "Zone Electric Equipment Electricity Energy"
HOURLY_OUTPUTS = (HEATING, COOLING, TEMPERATURE)
MONTHLY_OUTPUTS = (LIGHTING, EQUIPMENT)

#: Metabolic heat of a person at home [W]: seated to light work, ASHRAE
#: Handbook of Fundamentals 2017, chapter 18, table 1 (115 to 130 W).
ACTIVITY = 120.0
#: How the heat of lights and appliances reaches the zone: the figures for
#: suspended luminaires in the EnergyPlus Input Output Reference, and no
#: latent heat from appliances, of whose heat a fifth is radiant.
LIGHTS_RADIANT, LIGHTS_VISIBLE = 0.42, 0.18
EQUIPMENT_RADIANT = 0.2
#: Monthly ground temperature where a weather file has none [degC]: the engine's own default.
DEFAULT_GROUND_TEMPERATURE = 18.0

#: What a surface is to the engine, by part.
_SURFACE_TYPE = {
    "facade": "Wall",
    "wall": "Wall",
    "partition": "Wall",
    "roof": "Roof",
    "ceiling": "Ceiling",
    "ground": "Floor",
    "floor": "Floor",
}
_BOUNDARY = {
    "outdoors": "Outdoors",
    "ground": "Ground",
    "adiabatic": "Adiabatic",
    "zone": "Surface",
}


def shoebox_epjson(
    shoebox: Shoebox, surfaces: list[Polygon], weather: Weather, timesteps_per_hour: int
) -> tuple[Epjson, dict[str, bytes]]:
    """Return the engine's input, and the schedule files that it refers to by name."""
    schedules = _Schedules()
    model = _run_settings(weather, timesteps_per_hour)
    zones = shoebox.box.zones()
    model["Zone"] = {zone.name: {} for zone in zones}
    _merge(model, _envelope(shoebox, surfaces))
    for zone in zones:
        template = shoebox.zone_templates[zone.name]
        area = zone.depth * shoebox.box.width
        _merge(model, _gains(zone.name, template.loads, schedules))
        _merge(model, _air(zone.name, template, schedules))
        _merge(model, _ideal_loads(zone.name, template, schedules))
        _merge(model, _internal_mass(zone, template, area))
    _merge(model, schedules.objects)
    return model, schedules.files


def _merge(model: Epjson, more: Epjson) -> None:
    for kind, objects in more.items():
        model.setdefault(kind, {}).update(objects)


class _Schedules:
    """Collects schedules: equal ones once, constants without a file."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.objects: Epjson = {"ScheduleTypeLimits": {"Any Number": {}}}
        self._names: dict[bytes, str] = {}

    def constant(self, value: float) -> str:
        name = f"Always {value:.17g}"
        self.objects.setdefault("Schedule:Constant", {})[name] = {
            "schedule_type_limits_name": "Any Number",
            "hourly_value": value,
        }
        return name

    def year(self, schedule: YearSchedule) -> str:
        values = schedule.values
        if (values == values[0]).all():
            return self.constant(float(values[0]))
        key = values.tobytes()
        name = self._names.get(key)
        if name is None:
            name = f"Series {len(self._names)}"
            self._names[key] = name
            file = f"series_{len(self.files)}.csv"
            self.files[file] = "\n".join(map(repr, values.tolist())).encode()
            self.objects.setdefault("Schedule:File", {})[name] = {
                "schedule_type_limits_name": "Any Number",
                "file_name": file,
                "column_number": 1,
                "rows_to_skip_at_top": 0,
                "number_of_hours_of_data": len(values),
                "column_separator": "Comma",
                "interpolate_to_timestep": "No",
                "minutes_per_item": 60,
            }
        return name


def _run_settings(weather: Weather, timesteps_per_hour: int) -> Epjson:
    ground = weather.ground_temperatures or (DEFAULT_GROUND_TEMPERATURE,) * 12
    months = [month.lower() for month in calendar.month_name[1:]]
    outputs = [(name, "Hourly") for name in HOURLY_OUTPUTS]
    outputs += [(name, "Monthly") for name in MONTHLY_OUTPUTS]
    return {
        "Version": {"Version": {"version_identifier": ENGINE_VERSION}},
        "SimulationControl": {
            "Control": {
                "do_zone_sizing_calculation": "No",
                "do_system_sizing_calculation": "No",
                "do_plant_sizing_calculation": "No",
                "run_simulation_for_sizing_periods": "No",
                "run_simulation_for_weather_file_run_periods": "Yes",
            }
        },
        "Building": {"Shoebox": {"terrain": "Suburbs", "solar_distribution": "FullExterior"}},
        "Timestep": {"Timestep": {"number_of_timesteps_per_hour": timesteps_per_hour}},
        "HeatBalanceAlgorithm": {"Algorithm": {"algorithm": "ConductionTransferFunction"}},
        "RunPeriod": {
            "Year": {
                "begin_month": 1,
                "begin_day_of_month": 1,
                "end_month": 12,
                "end_day_of_month": 31,
                "use_weather_file_holidays_and_special_days": "No",
                "use_weather_file_daylight_saving_period": "No",
                "apply_weekend_holiday_rule": "No",
            }
        },
        "GlobalGeometryRules": {
            "Rules": {
                "starting_vertex_position": "UpperLeftCorner",
                "vertex_entry_direction": "Counterclockwise",
                "coordinate_system": "World",
            }
        },
        "Site:GroundTemperature:BuildingSurface": {
            "Ground": {
                f"{month}_ground_temperature": value
                for month, value in zip(months, ground, strict=True)
            }
        },
        "OutputControl:Files": {"Files": {"output_eso": "Yes", **_no_other_files()}},
        "Output:Variable": {
            name: {"key_value": "*", "variable_name": name, "reporting_frequency": frequency}
            for name, frequency in outputs
        },
    }


def _no_other_files() -> dict[str, str]:
    unwanted = "csv mtr eio tabular sqlite json audit shd bnd rdd mdd mtd edd dbg".split()
    return {f"output_{name}": "No" for name in unwanted}


def construction_of(shoebox: Shoebox, surface: Polygon) -> Construction:
    """Return a surface's assembly, from its outside to its inside.

    Adiabatic walls are partitions; adiabatic floors and ceilings are slabs, of
    which a ceiling shows its lower side.
    """
    constructions = shoebox.zone_templates[surface.zone].constructions
    return {
        "facade": constructions.facade,
        "wall": constructions.partition,
        "partition": constructions.partition,
        "roof": constructions.roof,
        "ceiling": constructions.slab.reversed(),
        "ground": constructions.ground,
        "floor": constructions.slab,
    }[surface.part]


def _envelope(shoebox: Shoebox, surfaces: list[Polygon]) -> Epjson:
    model: Epjson = {"BuildingSurface:Detailed": {}}
    window = shoebox.window
    for surface in surfaces:
        construction = construction_of(shoebox, surface)
        # Both sides of the wall between the zones must be one assembly: the perimeter's.
        owner = surface.zone if surface.part != "partition" else shoebox.box.zones()[0].name
        if surface.part == "partition":
            construction = shoebox.zone_templates[owner].constructions.partition
            if surface.zone != owner:
                construction = construction.reversed()
        name = f"{owner} {surface.part} {construction.name}"
        _merge(model, _opaque(name, construction))
        model["BuildingSurface:Detailed"][surface.name] = _surface(surface, name)
        if surface.window is not None:
            model["FenestrationSurface:Detailed"] = {
                f"{surface.name} Window": {
                    "surface_type": "Window",
                    "construction_name": "Window",
                    "building_surface_name": surface.name,
                    "number_of_vertices": len(surface.window),
                    **_window_corners(surface),
                }
            }
    model["WindowMaterial:SimpleGlazingSystem"] = {
        "Glazing": {
            "u_factor": window.u_value,
            "solar_heat_gain_coefficient": window.shgc,
            "visible_transmittance": window.visible_transmittance,
        }
    }
    model["Construction"]["Window"] = {"outside_layer": "Glazing"}
    blocks = shading_blocks(shoebox.box)
    if blocks:
        model["Shading:Building:Detailed"] = {
            f"Block {number}": {
                "number_of_vertices": len(corners),
                "vertices": _vertices(corners),
            }
            for number, corners in enumerate(blocks)
        }
    return model


def _surface(surface: Polygon, construction: str) -> dict[str, Any]:
    outdoors = surface.boundary == "outdoors"
    fields = {
        "surface_type": _SURFACE_TYPE[surface.part],
        "construction_name": construction,
        "zone_name": surface.zone,
        "outside_boundary_condition": _BOUNDARY[surface.boundary],
        "sun_exposure": "SunExposed" if outdoors else "NoSun",
        "wind_exposure": "WindExposed" if outdoors else "NoWind",
        "number_of_vertices": len(surface.corners),
        "vertices": _vertices(surface.corners),
    }
    if surface.twin:
        fields["outside_boundary_condition_object"] = surface.twin
    return fields


def _vertices(corners: Iterable[np.ndarray[Any, Any]]) -> list[dict[str, float]]:
    return [
        {
            "vertex_x_coordinate": float(x),
            "vertex_y_coordinate": float(y),
            "vertex_z_coordinate": float(z),
        }
        for x, y, z in corners
    ]


def _window_corners(surface: Polygon) -> dict[str, float]:
    assert surface.window is not None  # the caller's condition, for the type checker
    return {
        f"vertex_{number}_{axis}_coordinate": float(value)
        for number, corner in enumerate(surface.window, start=1)
        for axis, value in zip("xyz", corner, strict=True)
    }


def _opaque(name: str, construction: Construction) -> Epjson:
    """Return a construction and its materials; each layer is a material of its own."""
    materials: Objects = {}
    layers = {}
    for number, layer in enumerate(construction.layers, start=1):
        material = layer.material
        key = f"{name} {number} {material.name}"
        materials[key] = {
            "roughness": material.roughness,
            "thickness": layer.thickness,
            "conductivity": material.conductivity,
            "density": material.density,
            "specific_heat": material.specific_heat,
            "thermal_absorptance": material.thermal_absorptance,
            "solar_absorptance": material.solar_absorptance,
            "visible_absorptance": material.visible_absorptance,
        }
        layers["outside_layer" if number == 1 else f"layer_{number}"] = key
    return {"Material": materials, "Construction": {name: layers}}


def _gains(zone: str, loads: Any, schedules: _Schedules) -> Epjson:
    where = {"zone_or_zonelist_or_space_or_spacelist_name": zone}
    return {
        "People": {
            f"{zone} People": {
                **where,
                "number_of_people_schedule_name": schedules.year(loads.occupancy_schedule),
                "number_of_people_calculation_method": "People/Area",
                "people_per_floor_area": loads.people_density,
                "fraction_radiant": 0.3,
                "activity_level_schedule_name": schedules.constant(ACTIVITY),
            }
        },
        "Lights": {
            f"{zone} Lights": {
                **where,
                "schedule_name": schedules.year(loads.lighting_schedule),
                "design_level_calculation_method": "Watts/Area",
                "watts_per_floor_area": loads.lighting_power_density,
                "fraction_radiant": LIGHTS_RADIANT,
                "fraction_visible": LIGHTS_VISIBLE,
            }
        },
        "ElectricEquipment": {
            f"{zone} Equipment": {
                **where,
                "schedule_name": schedules.year(loads.equipment_schedule),
                "design_level_calculation_method": "Watts/Area",
                "watts_per_floor_area": loads.equipment_power_density,
                "fraction_radiant": EQUIPMENT_RADIANT,
            }
        },
    }


def _air(zone: str, template: ZoneTemplate, schedules: _Schedules) -> Epjson:
    ventilation = template.ventilation
    objects: Epjson = {
        "ZoneInfiltration:DesignFlowRate": {
            f"{zone} Infiltration": {
                "zone_or_zonelist_or_space_or_spacelist_name": zone,
                "schedule_name": schedules.constant(1.0),
                "design_flow_rate_calculation_method": "AirChanges/Hour",
                "air_changes_per_hour": ventilation.infiltration,
                "constant_term_coefficient": 1.0,
            }
        }
    }
    if ventilation.mechanical:
        objects["DesignSpecification:OutdoorAir"] = {
            f"{zone} Outdoor Air": {
                "outdoor_air_method": "Sum",
                "outdoor_air_flow_per_person": ventilation.outdoor_air_per_person,
                "outdoor_air_flow_per_zone_floor_area": ventilation.outdoor_air_per_area,
                "outdoor_air_schedule_name": schedules.year(ventilation.mechanical_schedule),
            }
        }
    return objects


def _ideal_loads(zone: str, template: ZoneTemplate, schedules: _Schedules) -> Epjson:
    conditioning, ventilation = template.conditioning, template.ventilation
    system: dict[str, Any] = {
        "zone_supply_air_node_name": f"{zone} Supply",
        "heating_limit": "NoLimit",
        "cooling_limit": "NoLimit",
        "heating_availability_schedule_name": schedules.year(conditioning.heating_schedule),
        "cooling_availability_schedule_name": schedules.year(conditioning.cooling_schedule),
        "dehumidification_control_type": "None",
        "humidification_control_type": "None",
    }
    if ventilation.mechanical:
        system["design_specification_outdoor_air_object_name"] = f"{zone} Outdoor Air"
        system["outdoor_air_inlet_node_name"] = f"{zone} Outdoor Air Inlet"
        if ventilation.heat_recovery > 0:
            system["heat_recovery_type"] = "Sensible"
            system["sensible_heat_recovery_effectiveness"] = ventilation.heat_recovery
    return {
        "ZoneHVAC:IdealLoadsAirSystem": {f"{zone} Ideal Loads Air System": system},
        "ZoneHVAC:EquipmentList": {
            f"{zone} Equipment List": {
                "equipment": [
                    {
                        "zone_equipment_object_type": "ZoneHVAC:IdealLoadsAirSystem",
                        "zone_equipment_name": f"{zone} Ideal Loads Air System",
                        "zone_equipment_cooling_sequence": 1,
                        "zone_equipment_heating_or_no_load_sequence": 1,
                    }
                ]
            }
        },
        "ZoneHVAC:EquipmentConnections": {
            f"{zone} Connections": {
                "zone_name": zone,
                "zone_conditioning_equipment_list_name": f"{zone} Equipment List",
                "zone_air_inlet_node_or_nodelist_name": f"{zone} Supply",
                "zone_air_node_name": f"{zone} Air",
                "zone_return_air_node_or_nodelist_name": f"{zone} Return",
            }
        },
        "ZoneControl:Thermostat": {
            f"{zone} Thermostat": {
                "zone_or_zonelist_name": zone,
                "control_type_schedule_name": schedules.constant(4.0),
                "control_1_object_type": "ThermostatSetpoint:DualSetpoint",
                "control_1_name": f"{zone} Setpoints",
            }
        },
        "ThermostatSetpoint:DualSetpoint": {
            f"{zone} Setpoints": {
                "heating_setpoint_temperature_schedule_name": schedules.constant(
                    conditioning.heating_setpoint
                ),
                "cooling_setpoint_temperature_schedule_name": schedules.constant(
                    conditioning.cooling_setpoint
                ),
            }
        },
    }


def _internal_mass(zone: ZoneBox, template: ZoneTemplate, floor_area: float) -> Epjson:
    area = template.internal_mass_per_floor_area * floor_area
    if template.internal_mass is None or area <= 0:
        return {}
    name = f"{zone.name} internal mass {template.internal_mass.name}"
    objects = _opaque(name, template.internal_mass)
    objects["InternalMass"] = {
        f"{zone.name} Internal Mass": {
            "construction_name": name,
            "zone_or_zonelist_name": zone.name,
            "surface_area": area,
        }
    }
    return objects
