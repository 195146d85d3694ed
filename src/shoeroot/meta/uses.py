"""Patterns of use and set-points of zones as gains, infiltration and ideal loads."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.building import ideal_loads_name
from shoeroot.errors import MetaError
from shoeroot.meta.assemblies import Objects
from shoeroot.meta.databases import find_in_model_folder
from shoeroot.meta.losses import Loss
from shoeroot.meta.model import MetaModel, MetaZone
from shoeroot.meta.operations import DAY_TYPES, Gain, Operations, read_operations
from shoeroot.meta.schedules import constant_schedule, daily_schedule

__all__ = ["control_objects", "find_pattern", "use_objects"]

#: Patterns that come with ESP-r and say that nothing happens.
_NOTHING_HAPPENS = ("nothing_in_room.opr", "nothing_happens_in_room.opr")
_DUAL, _HEATING_ONLY, _COOLING_ONLY = 4.0, 1.0, 2.0


def find_pattern(
    model: MetaModel, zone: MetaZone, folder: str | Path | None, losses: list[Loss]
) -> Operations | None:
    """Read the pattern that a zone names; None where there is none, and a loss if it is missed.

    Raises
    ------
    MetaError
        The file is there but wrong.
    """
    use = zone.usage
    if use is None:
        return None
    name = PurePosixPath(use.file.replace("\\", "/")).name
    path = find_in_model_folder(model, use.file)
    if path is None and folder is not None and name and "\0" not in name:
        home = Path(folder).resolve()
        for candidate in ((home / "pattern" / name).resolve(), (home / name).resolve()):
            if candidate.is_relative_to(home) and candidate.is_file():
                path = candidate
                break
    if path is not None:
        return read_operations(path)
    if name not in _NOTHING_HAPPENS:
        losses.append(
            Loss(
                f"{zone.name}, *usage",
                f"the pattern {use.file} is not there: no gains and no infiltration; "
                "give the folder of ESP-r's patterns",
                zone.line,
            )
        )
    return None


def use_objects(
    zone: MetaZone, name: str, floor_area: float, pattern: Operations, losses: list[Loss]
) -> Objects:
    """Write infiltration and gains of a zone."""
    use = zone.usage
    assert use is not None  # noqa: S101 - there is a pattern
    objects: Objects = {"Schedule:Compact": {}}
    schedules = objects["Schedule:Compact"]
    where = f"{zone.name}, *usage"
    if pattern.infiltration.any():
        most = float(pattern.infiltration.max())
        schedules[f"{name} infiltration"] = _by_day(pattern.infiltration / most)
        objects["ZoneInfiltration:DesignFlowRate"] = {
            f"{name} infiltration": {
                "zone_or_zonelist_or_space_or_spacelist_name": name,
                "schedule_name": f"{name} infiltration",
                "design_flow_rate_calculation_method": "AirChanges/Hour",
                "air_changes_per_hour": most,
                "constant_term_coefficient": 1.0,
            }
        }
    if pattern.ventilation:
        losses.append(Loss(where, "air from other zones is not carried over", zone.line))
    if pattern.control:
        losses.append(Loss(where, "the control of air flow is not carried over", zone.line))
    if use.casual != "allcas":
        return objects
    for gain in pattern.gains:
        _add_gain(objects, gain, name, floor_area)
        if gain.radiant + gain.convective < 1 - 1e-6:
            losses.append(
                Loss(
                    where,
                    f"{1 - gain.radiant - gain.convective:.0%} of the heat of {gain.kind} "
                    "reaches nothing",
                    zone.line,
                )
            )
    return objects


def _by_day(hours: NDArray[np.float64]) -> dict[str, Any]:
    return daily_schedule(dict(zip(DAY_TYPES, hours.tolist(), strict=False)))


def _add_gain(objects: Objects, gain: Gain, name: str, floor_area: float) -> None:
    whole = (gain.sensible + gain.latent) * (floor_area if gain.per_area else 1.0)
    most = float(whole.max())
    if most <= 0:
        return
    total = float(whole.sum())
    sensible = float(gain.sensible.sum()) * (floor_area if gain.per_area else 1.0) / total
    kept = min(gain.radiant + gain.convective, 1.0)
    own = f"{name} {gain.kind}"
    while own in objects["Schedule:Compact"]:
        own += " more"
    objects["Schedule:Compact"][own] = _by_day(whole / most)
    fields: dict[str, Any] = {
        "zone_or_zonelist_or_space_or_spacelist_name": name,
        "schedule_name": own,
        "fraction_radiant": min(gain.radiant, 1.0) * sensible,
    }
    if gain.kind == "lights":
        # The engine's lights have no latent heat and no share that is lost.
        fields |= {"design_level_calculation_method": "LightingLevel", "lighting_level": most}
        objects.setdefault("Lights", {})[own] = fields
        return
    fields |= {
        "design_level_calculation_method": "EquipmentLevel",
        "design_level": most,
        "fraction_latent": 1.0 - sensible,
        "fraction_lost": (1.0 - kept) * sensible,
    }
    kind = "ElectricEquipment" if gain.kind == "equipment" else "OtherEquipment"
    objects.setdefault(kind, {})[own] = fields


def control_objects(
    zone: MetaZone, name: str, losses: list[Loss], *, assume_control: bool
) -> Objects:
    """Write thermostat and ideal loads of a zone that has an ideal control.

    Raises
    ------
    MetaError
        It would heat above the temperature to which it cools.
    """
    points = zone.heating is not None or zone.cooling is not None
    controlled = zone.ideal_control or (assume_control and points and zone.ideal_control is None)
    # An exported file has zeros where there is no control.
    said = any((zone.heating or (0.0,))[:1]) or any((zone.cooling or (0.0,))[:1])
    if not (controlled and points):
        if points and said:
            losses.append(
                Loss(
                    f"{zone.name}, *heating and *cooling",
                    "without *ideal_control the zone is neither heated nor cooled, as in ESP-r",
                    zone.line,
                )
            )
        return {}
    heating = None if zone.heating is None else zone.heating[0]
    cooling = None if zone.cooling is None else zone.cooling[0]
    if heating is not None and cooling is not None and heating >= cooling:
        raise MetaError(
            f"heating to {heating:g} degC is not below cooling to {cooling:g} degC",
            where=f"line {zone.line}: {zone.name}",
            hint="correct *heating or *cooling",
        )
    if any(len(set(point or ())) > 1 for point in (zone.heating, zone.cooling)):
        losses.append(
            Loss(
                f"{zone.name}, *heating and *cooling",
                "the set-points of occupied hours hold all day, as in ESP-r",
                zone.line,
            )
        )
    return _ideal_loads(name, heating, cooling)


def _ideal_loads(name: str, heating: float | None, cooling: float | None) -> Objects:
    system = ideal_loads_name(name)
    schedules = {f"Always {value:g}": constant_schedule(value) for value in (0.0, 1.0)}
    objects: Objects = {
        "ZoneHVAC:IdealLoadsAirSystem": {
            system: {
                "zone_supply_air_node_name": f"{name} Supply",
                "heating_limit": "NoLimit",
                "cooling_limit": "NoLimit",
                "heating_availability_schedule_name": f"Always {float(heating is not None):g}",
                "cooling_availability_schedule_name": f"Always {float(cooling is not None):g}",
                "dehumidification_control_type": "None",
                "humidification_control_type": "None",
            }
        },
        "ZoneHVAC:EquipmentList": {
            f"{name} Equipment": {
                "equipment": [
                    {
                        "zone_equipment_object_type": "ZoneHVAC:IdealLoadsAirSystem",
                        "zone_equipment_name": system,
                        "zone_equipment_cooling_sequence": 1,
                        "zone_equipment_heating_or_no_load_sequence": 1,
                    }
                ]
            }
        },
        "ZoneHVAC:EquipmentConnections": {
            f"{name} Connections": {
                "zone_name": name,
                "zone_conditioning_equipment_list_name": f"{name} Equipment",
                "zone_air_inlet_node_or_nodelist_name": f"{name} Supply",
                "zone_air_node_name": f"{name} Air",
                "zone_return_air_node_or_nodelist_name": f"{name} Return",
            }
        },
    }
    kind, control, setpoints = _setpoints(name, heating, cooling, schedules)
    schedules[f"Always {control:g}"] = constant_schedule(control)
    objects[kind] = {f"{name} Setpoints": setpoints}
    objects["ZoneControl:Thermostat"] = {
        f"{name} Thermostat": {
            "zone_or_zonelist_name": name,
            "control_type_schedule_name": f"Always {control:g}",
            "control_1_object_type": kind,
            "control_1_name": f"{name} Setpoints",
        }
    }
    objects["Schedule:Constant"] = schedules
    return objects


def _setpoints(
    name: str, heating: float | None, cooling: float | None, schedules: dict[str, dict[str, Any]]
) -> tuple[str, float, dict[str, str]]:
    for value in (heating, cooling):
        if value is not None:
            schedules[f"Always {value:.17g}"] = constant_schedule(value)
    if heating is not None and cooling is not None:
        fields = {
            "heating_setpoint_temperature_schedule_name": f"Always {heating:.17g}",
            "cooling_setpoint_temperature_schedule_name": f"Always {cooling:.17g}",
        }
        return "ThermostatSetpoint:DualSetpoint", _DUAL, fields
    if heating is not None:
        field = {"setpoint_temperature_schedule_name": f"Always {heating:.17g}"}
        return "ThermostatSetpoint:SingleHeating", _HEATING_ONLY, field
    field = {"setpoint_temperature_schedule_name": f"Always {cooling:.17g}"}
    return "ThermostatSetpoint:SingleCooling", _COOLING_ONLY, field
