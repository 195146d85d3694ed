"""Names of UMI templates (`Perimeter.Loads.EquipmentPowerDensity`) over plain dataclasses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shoeroot.building import CORE, PERIMETER, Shoebox, Template, ZoneTemplate
from shoeroot.errors import nearest

__all__ = ["NotebookView", "view_template"]


class NotebookView:
    """A part of a template by the names that UMI has for its figures; read only.

    Parameters
    ----------
    kind : str
        What it is, for its text.
    values : dict of str to object
        Its figures, or further views, by name.
    """

    __slots__ = ("_kind", "_values")

    def __init__(self, kind: str, values: dict[str, Any]) -> None:
        object.__setattr__(self, "_kind", kind)
        object.__setattr__(self, "_values", values)

    def __getattr__(self, name: str) -> Any:
        # Names with an underscore are asked for by copy and pickle before there are values.
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._values[name]
        except KeyError:
            hint = nearest(name, self._values)
            raise AttributeError(f"{self._kind} has no {name!r}; {hint}") from None

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(
            f"{self._kind}.{name} cannot be set: change the design and make a new simulation"
        )

    def __reduce__(self) -> tuple[object, ...]:
        return NotebookView, (self._kind, self._values)

    def __dir__(self) -> list[str]:
        return sorted(self._values)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __repr__(self) -> str:
        lines = [self._kind]
        for name, value in self._values.items():
            shown = value._kind if isinstance(value, NotebookView) else _shown(value)
            lines.append(f"  {name}: {shown}")
        return "\n".join(lines)


def view_template(template: Template, shoebox: Shoebox) -> NotebookView:
    """Return a template with a design's values in it, by the names of UMI."""
    window = NotebookView("Windows", {"Construction": shoebox.window})
    return NotebookView(
        f"BuildingTemplate {template.name!r}",
        {
            "Name": template.name,
            "Category": template.program,
            "ClimateZone": template.climate_zones,
            "YearFrom": template.year_from,
            "YearTo": template.year_to,
            "Perimeter": _zone(shoebox.zone_templates[PERIMETER]),
            "Core": _zone(shoebox.zone_templates[CORE]),
            "Windows": window,
        },
    )


def _zone(zone: ZoneTemplate) -> NotebookView:
    constructions = zone.constructions
    return NotebookView(
        f"ZoneDefinition {zone.name!r}",
        {
            "Name": zone.name,
            "Constructions": NotebookView(
                "Constructions",
                {
                    "Facade": constructions.facade,
                    "Roof": constructions.roof,
                    "Partition": constructions.partition,
                    "Slab": constructions.slab,
                    "Ground": constructions.ground,
                },
            ),
            "Loads": _loads(zone),
            "Conditioning": _conditioning(zone),
            "Ventilation": NotebookView(
                "Ventilation",
                {
                    "Infiltration": zone.ventilation.infiltration,
                    "IsNatVentOn": zone.ventilation.natural,
                },
            ),
            "DomesticHotWater": _hot_water(zone),
            "InternalMassConstruction": zone.internal_mass,
            "InternalMassExposedPerFloorArea": zone.internal_mass_per_floor_area,
        },
    )


def _loads(zone: ZoneTemplate) -> NotebookView:
    loads = zone.loads
    return NotebookView(
        "Loads",
        {
            "EquipmentPowerDensity": loads.equipment_power_density,
            "EquipmentAvailabilitySchedule": loads.equipment_schedule,
            "LightingPowerDensity": loads.lighting_power_density,
            "LightsAvailabilitySchedule": loads.lighting_schedule,
            "PeopleDensity": loads.people_density,
            "OccupancySchedule": loads.occupancy_schedule,
        },
    )


def _conditioning(zone: ZoneTemplate) -> NotebookView:
    conditioning, ventilation = zone.conditioning, zone.ventilation
    return NotebookView(
        "Conditioning",
        {
            "HeatingSetpoint": conditioning.heating_setpoint,
            "CoolingSetpoint": conditioning.cooling_setpoint,
            "HeatingCoeffOfPerf": conditioning.heating_cop,
            "CoolingCoeffOfPerf": conditioning.cooling_cop,
            "HeatingSchedule": conditioning.heating_schedule,
            "CoolingSchedule": conditioning.cooling_schedule,
            "IsMechVentOn": ventilation.mechanical,
            "MechVentSchedule": ventilation.mechanical_schedule,
            "MinFreshAirPerArea": ventilation.outdoor_air_per_area,
            "MinFreshAirPerPerson": ventilation.outdoor_air_per_person,
            "HeatRecoveryEfficiencySensible": ventilation.heat_recovery,
        },
    )


def _hot_water(zone: ZoneTemplate) -> NotebookView:
    water = zone.domestic_hot_water
    return NotebookView(
        "DomesticHotWater",
        {
            "FlowRatePerFloorArea": water.flow_rate_per_floor_area,
            "WaterSupplyTemperature": water.supply_temperature,
            "WaterTemperatureInlet": water.inlet_temperature,
            "WaterSchedule": water.schedule,
        },
    )


def _shown(value: object) -> str:
    name = getattr(value, "name", None)
    return repr(value) if name is None else f"{type(value).__name__} {name!r}"
