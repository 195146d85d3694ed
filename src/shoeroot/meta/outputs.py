"""Outputs of the engine: those that events need, and those that ``*start_xml`` asks for."""

from __future__ import annotations

from typing import Final

from shoeroot.building import COOLING, EQUIPMENT, HEATING, LIGHTING, TEMPERATURE
from shoeroot.meta.assemblies import Objects
from shoeroot.meta.losses import Loss
from shoeroot.meta.model import MetaModel

__all__ = ["asked_outputs", "output_objects"]

#: What events are made of, hour by hour, and the objects without which there is no such series.
_HOURLY: Final = {
    TEMPERATURE: "Zone",
    HEATING: "ZoneHVAC:IdealLoadsAirSystem",
    COOLING: "ZoneHVAC:IdealLoadsAirSystem",
    LIGHTING: "Lights",
    EQUIPMENT: "ElectricEquipment",
}
#: What comes nearest to the topics of ESP-r's report, by the words behind the zone.
_TOPICS: Final = {
    "supplied_energy/heating": HEATING,
    "supplied_energy/cooling": COOLING,
    "envelope/all_components/heat_loss": "Zone Opaque Surface Inside Faces Conduction Heat Loss "
    "Energy",
    "envelope/all_components/heat_gain": "Zone Opaque Surface Inside Faces Conduction Heat Gain "
    "Energy",
    "envelope/windows/heat_loss": "Zone Windows Total Heat Loss Energy",
    "envelope/windows/heat_gain": "Zone Windows Total Heat Gain Energy",
    "envelope/infiltration/heat_gain": "Zone Infiltration Total Heat Gain Energy",
    "envelope/infiltration/heat_loss": "Zone Infiltration Total Heat Loss Energy",
    "internal_gains/total": "Zone Total Internal Total Heating Energy",
    "insolation/total": "Zone Windows Total Transmitted Solar Radiation Energy",
    "air_temperature": "Zone Mean Air Temperature",
    "operative_temperature": TEMPERATURE,
}
_UNWANTED: Final = (
    *("csv", "mtr", "eio", "tabular", "sqlite", "json", "audit", "shd"),
    *("bnd", "rdd", "mdd", "mtd", "edd", "dbg"),
)


def asked_outputs(
    model: MetaModel, zones: dict[str, str], losses: list[Loss]
) -> list[tuple[str, str]]:
    """Give zone, or ``*``, and variable for each row of ``*start_xml`` that the engine knows."""
    found = []
    for row in model.outputs:
        words = row.split("/")
        topic = "/".join(words[2:])
        variable = _TOPICS.get(topic)
        place = words[1] if len(words) > 2 else ""
        known = place == "all_zones" or place in zones
        if variable is None or words[0] != "building" or not known:
            losses.append(Loss("*start_xml", f"the engine has no output for {row}"))
        else:
            found.append(("*" if place == "all_zones" else zones[place], variable))
    return found


def output_objects(objects: Objects, asked: list[tuple[str, str]]) -> Objects:
    """Ask for hourly series of what the input has, and for no file but that with them."""
    usual = [("*", name) for name, kind in _HOURLY.items() if objects.get(kind)]
    wanted = dict.fromkeys([*usual, *asked])
    for_all = {variable for key, variable in wanted if key == "*"}
    return {
        "Output:Variable": {
            f"{variable} {key}": {
                "key_value": key,
                "variable_name": variable,
                "reporting_frequency": "Hourly",
            }
            for key, variable in wanted
            if key == "*" or variable not in for_all
        },
        "OutputControl:Files": {
            "Files": {"output_eso": "Yes", **{f"output_{name}": "No" for name in _UNWANTED}}
        },
    }
