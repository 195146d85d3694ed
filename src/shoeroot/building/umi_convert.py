"""Turning archetypal's objects into the plain template dataclasses, each object once."""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from shoeroot.building.glazing import (
    Pane,
    is_equivalent_layer,
    simple_glazing_u_value,
    solar_heat_gain,
    transmit,
)
from shoeroot.building.template import (
    Conditioning,
    Construction,
    Constructions,
    DomesticHotWater,
    Layer,
    Loads,
    Material,
    Template,
    Ventilation,
    Window,
    YearSchedule,
    ZoneTemplate,
)
from shoeroot.errors import TemplateError

__all__ = ["HOURS", "Converter"]

HOURS = 8760
"""Hours of a year without a leap day."""

_ROUGHNESSES = ("VeryRough", "Rough", "MediumRough", "MediumSmooth", "Smooth", "VerySmooth")

_Plain = TypeVar("_Plain")


class Converter:
    """Converts archetypal's objects; the same object always gives the same dataclass.

    Units of UMI template libraries are those of the dataclasses: conductivity in
    W/(m K), infiltration in air changes per hour, fresh air in m3/(s m2) and
    m3/(s person), hot water in m3/(h m2). Layers run from outside to inside.
    """

    def __init__(self) -> None:
        # The source objects are kept alive with the results, or ids could be reused.
        self._done: dict[tuple[int, str], tuple[Any, Any]] = {}

    def _once(self, source: Any, what: str, make: Callable[[Any], _Plain]) -> _Plain:
        key = (id(source), what)
        if key not in self._done:
            self._done[key] = (source, make(source))
        plain: _Plain = self._done[key][1]
        return plain

    def template(self, source: Any) -> Template:
        """Convert a BuildingTemplate."""
        return Template(
            name=str(source.Name),
            program=str(source.Category or ""),
            climate_zones=tuple(str(zone) for zone in source.ClimateZone or () if zone),
            # UMI writes 0 for a year that is not set.
            year_from=int(source.YearFrom) if source.YearFrom else None,
            year_to=int(source.YearTo) if source.YearTo else None,
            perimeter=self.zone(source.Perimeter),
            core=self.zone(source.Core),
            window=self.window(source.Windows.Construction),
        )

    def zone(self, source: Any) -> ZoneTemplate:
        """Convert a ZoneDefinition."""
        return self._once(source, "zone", self._zone)

    def _zone(self, source: Any) -> ZoneTemplate:
        mass = source.InternalMassConstruction
        return ZoneTemplate(
            name=str(source.Name),
            loads=self._once(source.Loads, "loads", self._loads),
            conditioning=self._once(source.Conditioning, "conditioning", self._conditioning),
            ventilation=self._ventilation(source.Ventilation, source.Conditioning),
            domestic_hot_water=self._once(source.DomesticHotWater, "water", self._hot_water),
            constructions=self._once(source.Constructions, "set", self._constructions),
            internal_mass=None if mass is None else self.construction(mass),
            internal_mass_per_floor_area=_number(source.InternalMassExposedPerFloorArea),
        )

    def _loads(self, source: Any) -> Loads:
        return Loads(
            equipment_power_density=_number(source.EquipmentPowerDensity, source.IsEquipmentOn),
            lighting_power_density=_number(source.LightingPowerDensity, source.IsLightingOn),
            people_density=_number(source.PeopleDensity, source.IsPeopleOn),
            equipment_schedule=self.schedule(source.EquipmentAvailabilitySchedule),
            lighting_schedule=self.schedule(source.LightsAvailabilitySchedule),
            occupancy_schedule=self.schedule(source.OccupancySchedule),
        )

    def _conditioning(self, source: Any) -> Conditioning:
        return Conditioning(
            heating_setpoint=_number(source.HeatingSetpoint, default=20.0),
            cooling_setpoint=_number(source.CoolingSetpoint, default=26.0),
            heating_cop=_number(source.HeatingCoeffOfPerf, default=1.0),
            cooling_cop=_number(source.CoolingCoeffOfPerf, default=1.0),
            heating_schedule=self.schedule(source.HeatingSchedule, source.IsHeatingOn),
            cooling_schedule=self.schedule(source.CoolingSchedule, source.IsCoolingOn),
        )

    def _ventilation(self, source: Any, conditioning: Any) -> Ventilation:
        # Fresh air belongs to a UMI zone's conditioning, infiltration to its ventilation.
        mechanical = bool(conditioning.IsMechVentOn)
        recovers = _enum_value(conditioning.HeatRecoveryType) != 0
        return Ventilation(
            infiltration=_number(source.Infiltration, source.IsInfiltrationOn),
            outdoor_air_per_area=_number(conditioning.MinFreshAirPerArea, mechanical),
            outdoor_air_per_person=_number(conditioning.MinFreshAirPerPerson, mechanical),
            mechanical=mechanical,
            mechanical_schedule=self.schedule(conditioning.MechVentSchedule, mechanical),
            heat_recovery=_number(
                conditioning.HeatRecoveryEfficiencySensible, mechanical and recovers
            ),
            natural=bool(source.IsNatVentOn),
        )

    def _hot_water(self, source: Any) -> DomesticHotWater:
        return DomesticHotWater(
            flow_rate_per_floor_area=_number(source.FlowRatePerFloorArea, source.IsOn),
            supply_temperature=_number(source.WaterSupplyTemperature, default=65.0),
            inlet_temperature=_number(source.WaterTemperatureInlet, default=10.0),
            schedule=self.schedule(source.WaterSchedule, source.IsOn),
        )

    def _constructions(self, source: Any) -> Constructions:
        return Constructions(
            facade=self.construction(source.Facade),
            roof=self.construction(source.Roof),
            partition=self.construction(source.Partition),
            slab=self.construction(source.Slab),
            ground=self.construction(source.Ground),
        )

    def construction(self, source: Any) -> Construction:
        """Convert an OpaqueConstruction or an internal mass construction."""
        return self._once(source, "construction", self._construction)

    def _construction(self, source: Any) -> Construction:
        layers = tuple(
            self._layer(each.Material, _number(getattr(each, "Thickness", 0.0)))
            for each in source.Layers
        )
        kept = tuple(layer for layer in layers if layer.thickness > 0.0)
        if not kept:
            raise TemplateError(f"the construction {source.Name!r} has no layer with a thickness")
        return Construction(str(source.Name), kept)

    def _layer(self, material: Any, thickness: float) -> Layer:
        convert = _glass if type(material).__name__ == "GlazingMaterial" else _material
        return Layer(self._once(material, "material", convert), thickness)

    def window(self, source: Any) -> Window:
        """Convert a WindowConstruction to U-value with films, solar gain and transmittance."""
        return self._once(source, "window", _window)

    def schedule(self, source: Any, runs: Any = True) -> YearSchedule:
        """Convert a schedule to 8760 hourly values; always 0 where `runs` is false.

        A schedule that the library leaves out runs always.
        """
        if not runs:
            return self._once(None, "off", lambda _: _constant("always off", 0.0))
        if source is None:
            return self._once(None, "on", lambda _: _constant("always on", 1.0))
        return self._once(source, "schedule", _schedule)


def _number(value: Any, on: Any = True, default: float = 0.0) -> float:
    """Return a figure as float: 0 where its switch is off, `default` where it is missing."""
    if not on:
        return 0.0
    number = default if value is None else float(value)
    return default if math.isnan(number) else number


def _enum_value(value: Any) -> int:
    return int(getattr(value, "value", value) or 0)


def _roughness(material: Any) -> str:
    word = str(getattr(material, "Roughness", "") or "")
    matches = [each for each in _ROUGHNESSES if each.lower() == word.lower()]
    return matches[0] if matches else "MediumRough"


def _absorptances(material: Any) -> dict[str, float]:
    return {
        "thermal_absorptance": _number(getattr(material, "ThermalEmittance", None), default=0.9),
        "solar_absorptance": _number(getattr(material, "SolarAbsorptance", None), default=0.7),
        "visible_absorptance": _number(getattr(material, "VisibleAbsorptance", None), default=0.7),
    }


def _material(source: Any) -> Material:
    conductivity = _number(source.Conductivity)
    if conductivity <= 0.0:
        raise TemplateError(f"the material {source.Name!r} has no conductivity above 0")
    return Material(
        name=str(source.Name),
        conductivity=conductivity,
        density=_number(source.Density),
        specific_heat=_number(source.SpecificHeat),
        roughness=_roughness(source),
        **_absorptances(source),
    )


def _glass(source: Any) -> Material:
    return Material(
        str(source.Name), _number(source.Conductivity, default=0.9), 2500.0, 840.0, "VerySmooth"
    )


def _window(source: Any) -> Window:
    glass = [layer for layer in source.Layers if type(layer.Material).__name__ != "GasMaterial"]
    solar = [
        Pane(
            _number(layer.Material.SolarTransmittance),
            _number(layer.Material.SolarReflectanceFront),
            _number(layer.Material.SolarReflectanceBack),
        )
        for layer in glass
    ]
    visible = [
        Pane(
            _number(layer.Material.VisibleTransmittance),
            _number(layer.Material.VisibleReflectanceFront),
            _number(layer.Material.VisibleReflectanceBack),
        )
        for layer in glass
    ]
    resistances = [_window_resistance(layer) for layer in source.Layers]
    if len(resistances) != 2 * len(glass) - 1:
        raise TemplateError(f"the window {source.Name!r} is not panes with a gap between each two")
    return Window(
        name=str(source.Name),
        u_value=_u_value(source, resistances),
        shgc=solar_heat_gain(solar, resistances),
        visible_transmittance=min(transmit(visible)[0], 1.0),
    )


def _window_resistance(layer: Any) -> float:
    if type(layer.Material).__name__ != "GasMaterial":
        return _number(layer.Thickness) / _number(layer.Material.Conductivity, default=0.9)
    # Conduction through the gas and radiation between panes of emissivity 0.84.
    gas = _number(layer.Material.Conductivity, default=0.024)
    return 1.0 / (gas / _number(layer.Thickness) + 3.7)


def _u_value(source: Any, resistances: list[float]) -> float:
    only = source.Layers[0].Material
    if len(resistances) == 1 and is_equivalent_layer(_number(only.Conductivity, default=0.9)):
        return simple_glazing_u_value(resistances[0])
    try:
        value = float(source.u_factor)
    except (ArithmeticError, AssertionError, AttributeError, IndexError, TypeError, ValueError):
        value = math.nan  # archetypal resolves common gas fills and pane counts only
    if math.isfinite(value) and 0.0 < value < 10.0:
        return value
    return 1.0 / (1.0 / 23.0 + sum(resistances) + 1.0 / 8.0)


def _constant(name: str, value: float) -> YearSchedule:
    return _year(name, np.full(HOURS, value))


def _year(name: str, values: NDArray[np.float64]) -> YearSchedule:
    values.flags.writeable = False
    return YearSchedule(name, values)


def _schedule(source: Any) -> YearSchedule:
    name = str(source.Name)
    if getattr(source, "Parts", None):
        values = _values_of_parts(source.Parts)
    else:
        # A leap year's last day is dropped.
        values = np.array(source.all_values, dtype=np.float64)[:HOURS]
    if values.shape != (HOURS,) or not np.isfinite(values).all():
        raise TemplateError(
            f"the schedule {name!r} does not give a value for each of the {HOURS} hours of a year"
        )
    return _year(name, values)


def _values_of_parts(parts: Any) -> NDArray[np.float64]:
    """Lay out the weeks of a year schedule; the year starts on a Monday.

    archetypal starts each part on a Monday instead, which shifts weekends as soon as a
    schedule has seasons; the engine does not.
    """
    values = np.full((365, 24), np.nan)
    for part in parts:
        first = _day_of_year(part.FromMonth, part.FromDay)
        last = _day_of_year(part.ToMonth, part.ToDay)
        # A part may run over the turn of the year.
        days = range(first, last + 1) if first <= last else [*range(first, 365), *range(last + 1)]
        week = [np.asarray(day.all_values, dtype=np.float64) for day in part.Schedule.Days]
        for day in days:
            values[day] = week[day % len(week)]
    return values.reshape(HOURS)


def _day_of_year(month: int, day: int) -> int:
    """Day of a year without leap day, from 0; 29 February counts as the 28th."""
    lengths = [calendar.monthrange(2001, each)[1] for each in range(1, 13)]
    return sum(lengths[: month - 1]) + min(day, lengths[month - 1]) - 1
