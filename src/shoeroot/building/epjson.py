"""Write a shoebox as epJSON, the engine's JSON input."""

from __future__ import annotations

from typing import Any

from shoeroot.building.collect import Epjson, ScheduleCollector, merge
from shoeroot.building.envelope import envelope_epjson
from shoeroot.building.geometry import Polygon
from shoeroot.building.shoebox import Shoebox
from shoeroot.building.template import Loads, ZoneTemplate
from shoeroot.building.weather import Weather

__all__ = [
    "COOLING",
    "EQUIPMENT",
    "HEATING",
    "LIGHTING",
    "TEMPERATURE",
    "ideal_loads_name",
    "shoebox_epjson",
]

ENGINE_VERSION = "25.2"

HEATING = "Zone Ideal Loads Supply Air Total Heating Energy"
COOLING = "Zone Ideal Loads Supply Air Total Cooling Energy"
TEMPERATURE = "Zone Operative Temperature"
LIGHTING = "Zone Lights Electricity Energy"
EQUIPMENT = "Zone Electric Equipment Electricity Energy"
HOURLY_OUTPUTS = (HEATING, COOLING, TEMPERATURE)
MONTHLY_OUTPUTS = (LIGHTING, EQUIPMENT)

#: Files that the engine would write for its readers, not for ours.
UNWANTED_OUTPUTS = (
    *("csv", "mtr", "eio", "tabular", "sqlite", "json", "audit", "shd"),
    *("bnd", "rdd", "mdd", "mtd", "edd", "dbg"),
)

#: Sun goes to the surfaces that it falls on. The engine's simpler way puts all of it on the
#: floor, which melts where the perimeter is a few centimetres deep; it saves no time.
SOLAR = "FullInteriorAndExterior"

#: Metabolic heat of a person at home [W]: seated to light work, ASHRAE
#: Handbook of Fundamentals 2017, chapter 18, table 1 (115 to 130 W).
ACTIVITY = 120.0
#: How the heat of lights and appliances reaches the zone: the figures for
#: suspended luminaires in the EnergyPlus Input Output Reference, and no
#: latent heat from appliances, of whose heat a fifth is radiant.
LIGHTS_RADIANT, LIGHTS_VISIBLE = 0.42, 0.18
EQUIPMENT_RADIANT = 0.2


def shoebox_epjson(
    shoebox: Shoebox, surfaces: list[Polygon], weather: Weather, timesteps_per_hour: int
) -> tuple[Epjson, dict[str, bytes]]:
    """Return the engine's input, and the schedule files that it refers to by name."""
    schedules = ScheduleCollector()
    model = _run_settings(timesteps_per_hour)
    zones = shoebox.box.zones()
    model["Zone"] = {zone.name: {} for zone in zones}
    merge(model, envelope_epjson(shoebox, surfaces, weather, schedules))
    for zone in zones:
        template = shoebox.zone_templates[zone.name]
        merge(model, _gains(zone.name, template.loads, schedules))
        merge(model, _air(zone.name, template, schedules))
        merge(model, _ideal_loads(zone.name, template, schedules))
    merge(model, schedules.objects)
    return model, schedules.files


def ideal_loads_name(zone: str) -> str:
    """Return the name of a zone's heating and cooling system, as its outputs are keyed."""
    return f"{zone} Ideal Loads Air System"


def _run_settings(timesteps_per_hour: int) -> Epjson:
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
        "Building": {"Shoebox": {"terrain": "Suburbs", "solar_distribution": SOLAR}},
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
        "OutputControl:Files": {"Files": {"output_eso": "Yes", **_no_other_files()}},
        "Output:Variable": {
            name: {"key_value": "*", "variable_name": name, "reporting_frequency": frequency}
            for name, frequency in outputs
        },
    }


def _no_other_files() -> dict[str, str]:
    return {f"output_{name}": "No" for name in UNWANTED_OUTPUTS}


def _gains(zone: str, loads: Loads, schedules: ScheduleCollector) -> Epjson:
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


def _air(zone: str, template: ZoneTemplate, schedules: ScheduleCollector) -> Epjson:
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


def _ideal_loads(zone: str, template: ZoneTemplate, schedules: ScheduleCollector) -> Epjson:
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
        "ZoneHVAC:IdealLoadsAirSystem": {ideal_loads_name(zone): system},
        "ZoneHVAC:EquipmentList": {
            f"{zone} Equipment List": {
                "equipment": [
                    {
                        "zone_equipment_object_type": "ZoneHVAC:IdealLoadsAirSystem",
                        "zone_equipment_name": ideal_loads_name(zone),
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
