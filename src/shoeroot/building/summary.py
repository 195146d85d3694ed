"""The figures of a template in one row: what ``shoeroot show templates`` lists."""

from __future__ import annotations

from dataclasses import dataclass

from shoeroot.building.template import Template, YearSchedule
from shoeroot.records import about

__all__ = ["TemplateSummary", "summarise_template"]


@dataclass(frozen=True, slots=True)
class TemplateSummary:
    """A template's name and figures; loads, air and setpoints are those of its perimeter."""

    name: str = about("", "Name of the template")
    program: str = about("", "Program")
    years: str = about("", "Years of construction, all of which have this template")
    zones: str = about("", "ASHRAE climate zones")
    facade: float = about("m2 K/W", "R-value of the facade")
    roof: float = about("m2 K/W", "R-value of the roof")
    slab: float = about("m2 K/W", "R-value of the slab")
    facade_mass: float = about("kJ/(m2 K)", "Thermal mass of the facade, all layers")
    window: float = about("W/(m2 K)", "U-value of the window with films")
    shgc: float = about("", "Solar heat gain coefficient of the window")
    visible: float = about("", "Visible transmittance of the window")
    lighting: float = about("W/m2", "Lighting power density")
    equipment: float = about("W/m2", "Equipment power density")
    people: float = about("1/m2", "People per floor area")
    heating: float = about("degC", "Heating setpoint")
    cooling: float = about("degC", "Cooling setpoint")
    heating_cop: float = about("", "Coefficient of performance of heating")
    cooling_cop: float = about("", "Coefficient of performance of cooling")
    infiltration: float = about("1/h", "Infiltration, air changes")
    air_per_person: float = about("l/s", "Outdoor air per person, 0 without ventilation")
    air_per_area: float = about("l/(s m2)", "Outdoor air per floor area")
    hot_water: float = about("l/(h m2)", "Hot water at full flow per floor area")
    lighting_hours: float = about("h", "Full-load hours of lighting in a year")
    equipment_hours: float = about("h", "Full-load hours of equipment in a year")
    people_hours: float = about("h", "Full-load hours of people in a year")
    hot_water_hours: float = about("h", "Full-load hours of hot water in a year")


def summarise_template(template: Template) -> TemplateSummary:
    """Return a template's figures in one row."""
    zone, window = template.perimeter, template.window
    loads, conditioning, air = zone.loads, zone.conditioning, zone.ventilation
    parts, water = zone.constructions, zone.domestic_hot_water
    return TemplateSummary(
        name=template.name,
        program=template.program,
        years=f"{template.year_from or '...'} to {template.year_to or '...'}",
        zones=" ".join(template.climate_zones) or "all",
        facade=parts.facade.r_value,
        roof=parts.roof.r_value,
        slab=parts.slab.r_value,
        facade_mass=parts.facade.mass / 1000.0,
        window=window.u_value,
        shgc=window.shgc,
        visible=window.visible_transmittance,
        lighting=loads.lighting_power_density,
        equipment=loads.equipment_power_density,
        people=loads.people_density,
        heating=conditioning.heating_setpoint,
        cooling=conditioning.cooling_setpoint,
        heating_cop=conditioning.heating_cop,
        cooling_cop=conditioning.cooling_cop,
        infiltration=air.infiltration,
        air_per_person=air.outdoor_air_per_person * 1000.0,
        air_per_area=air.outdoor_air_per_area * 1000.0,
        hot_water=water.flow_rate_per_floor_area * 1000.0,
        lighting_hours=_hours(loads.lighting_schedule),
        equipment_hours=_hours(loads.equipment_schedule),
        people_hours=_hours(loads.occupancy_schedule),
        hot_water_hours=_hours(water.schedule),
    )


def _hours(schedule: YearSchedule) -> float:
    return float(schedule.values.sum())
