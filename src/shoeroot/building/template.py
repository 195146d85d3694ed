"""What a building template is: frozen dataclasses with the figures of one archetype.

They hold what archetypal reads from a UMI template library and nothing of
archetypal itself: a worker that builds models never imports it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Conditioning",
    "Construction",
    "Constructions",
    "DomesticHotWater",
    "Layer",
    "Loads",
    "Material",
    "Template",
    "Ventilation",
    "Window",
    "YearSchedule",
    "ZoneTemplate",
]


@dataclass(frozen=True, slots=True)
class Material:
    """An opaque material.

    Conductivity in W/(m K), density in kg/m3, specific heat in J/(kg K);
    absorptances in 0..1; roughness is one of the engine's six words.
    """

    name: str
    conductivity: float
    density: float
    specific_heat: float
    roughness: str = "MediumRough"
    thermal_absorptance: float = 0.9
    solar_absorptance: float = 0.7
    visible_absorptance: float = 0.7


@dataclass(frozen=True, slots=True)
class Layer:
    """A material of some thickness [m]."""

    material: Material
    thickness: float

    @property
    def r_value(self) -> float:
        """Thermal resistance of the layer [m2 K/W]."""
        return self.thickness / self.material.conductivity

    @property
    def mass(self) -> float:
        """Heat capacity of the layer [J/(m2 K)]."""
        return self.thickness * self.material.density * self.material.specific_heat


@dataclass(frozen=True, slots=True)
class Construction:
    """Layers from outside to inside."""

    name: str
    layers: tuple[Layer, ...]

    @property
    def r_value(self) -> float:
        """Thermal resistance without surface films [m2 K/W]."""
        return sum(layer.r_value for layer in self.layers)

    @property
    def mass(self) -> float:
        """Heat capacity of all layers [J/(m2 K)]."""
        return sum(layer.mass for layer in self.layers)

    def reversed(self) -> Construction:
        """Return the same assembly seen from its other side."""
        return replace(self, name=f"{self.name} reversed", layers=self.layers[::-1])


@dataclass(frozen=True, slots=True)
class Constructions:
    """The five opaque constructions of a UMI zone."""

    facade: Construction
    roof: Construction
    partition: Construction
    slab: Construction
    ground: Construction


@dataclass(frozen=True, slots=True)
class Window:
    """A simple glazing system.

    U-value with films in W/(m2 K); solar heat gain coefficient and visible
    transmittance in 0..1.
    """

    name: str
    u_value: float
    shgc: float
    visible_transmittance: float


@dataclass(frozen=True, slots=True, eq=False)
class YearSchedule:
    """Hourly values of a year: (8760,) float64, read-only."""

    name: str
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Loads:
    """Internal gains: densities in W/m2, W/m2 and people/m2, with their schedules in 0..1."""

    equipment_power_density: float
    lighting_power_density: float
    people_density: float
    equipment_schedule: YearSchedule
    lighting_schedule: YearSchedule
    occupancy_schedule: YearSchedule


@dataclass(frozen=True, slots=True, eq=False)
class Conditioning:
    """Setpoints in degC, coefficients of performance, and when the systems may run (0 or 1)."""

    heating_setpoint: float
    cooling_setpoint: float
    heating_cop: float
    cooling_cop: float
    heating_schedule: YearSchedule
    cooling_schedule: YearSchedule


@dataclass(frozen=True, slots=True, eq=False)
class Ventilation:
    """Infiltration in air changes per hour; outdoor air in m3/(s m2) and m3/(s person).

    `heat_recovery` is the sensible effectiveness in 0..1 (0: none). `natural`
    tells that the template asks for natural ventilation.
    """

    infiltration: float
    outdoor_air_per_area: float
    outdoor_air_per_person: float
    mechanical: bool
    mechanical_schedule: YearSchedule
    heat_recovery: float = 0.0
    natural: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class DomesticHotWater:
    """Hot water: flow in m3/(h m2), temperatures in degC, schedule in 0..1."""

    flow_rate_per_floor_area: float
    supply_temperature: float
    inlet_temperature: float
    schedule: YearSchedule


@dataclass(frozen=True, slots=True, eq=False)
class ZoneTemplate:
    """One zone of a template; internal mass is exposed area per floor area [m2/m2]."""

    name: str
    loads: Loads
    conditioning: Conditioning
    ventilation: Ventilation
    domestic_hot_water: DomesticHotWater
    constructions: Constructions
    internal_mass: Construction | None
    internal_mass_per_floor_area: float


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A building template: a perimeter and a core zone, and the window of the facade.

    `program` is the UMI category, `climate_zones` the ASHRAE zones it is meant
    for (empty: all), `year_from` and `year_to` the first and last year of
    construction it is meant for (None: open).
    """

    name: str
    program: str
    climate_zones: tuple[str, ...]
    year_from: int | None
    year_to: int | None
    perimeter: ZoneTemplate
    core: ZoneTemplate
    window: Window
