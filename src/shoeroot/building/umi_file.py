"""The JSON of a UMI template library, checked and brought to a form that archetypal opens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shoeroot.errors import TemplateError

__all__ = ["readable_groups"]

_GROUPS = (
    "GasMaterials",
    "GlazingMaterials",
    "OpaqueMaterials",
    "OpaqueConstructions",
    "WindowConstructions",
    "StructureDefinitions",
    "DaySchedules",
    "WeekSchedules",
    "YearSchedules",
    "DomesticHotWaterSettings",
    "VentilationSettings",
    "ZoneConditionings",
    "ZoneConstructionSets",
    "ZoneLoads",
    "Zones",
    "WindowSettings",
    "BuildingTemplates",
)
_OTHER_NAMES = {"StructureDefinitions": "StructureInformations", "Zones": "ZoneDefinitions"}
_SAVED_BY = "give a UMI template library as UMI or archetypal save it"

# Stand-ins for layers with a resistance but no mass: too light to store heat.
_LIGHT = {"Density": 20.0, "SpecificHeat": 1000.0}
_LIGHT_THICKNESS = 0.01  # m, where the library gives none
_FIELDS_OF_A_SURFACE = ("Roughness", "SolarAbsorptance", "ThermalEmittance", "VisibleAbsorptance")

# Resistance of a closed air space of 25 mm and more, horizontal heat flow (ISO 6946, table 8).
_AIR_SPACE = 0.18
_STILL_AIR = 0.024  # W/(m K)


def readable_groups(content: bytes, path: Path) -> dict[str, Any]:
    """Parse a template library and return its groups as archetypal needs them.

    Groups that are left out become empty. Opaque layers that archetypal cannot open, of
    a gas or of a material without mass, are replaced by light layers of the same
    thickness and resistance.

    Parameters
    ----------
    content : bytes
        The whole file.
    path : pathlib.Path
        Where it was read from, for messages.

    Raises
    ------
    TemplateError
        If the content is no JSON or no UMI template library.
    """
    try:
        # UMI for Windows writes a byte order mark.
        data = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise TemplateError(
            f"the template library is not JSON: {error}", where=str(path), hint=_SAVED_BY
        ) from error
    if not isinstance(data, dict) or not isinstance(data.get("BuildingTemplates"), list):
        raise TemplateError(
            "the file is not a UMI template library: it has no list 'BuildingTemplates'",
            where=str(path),
            hint=_SAVED_BY,
        )
    if not data["BuildingTemplates"]:
        raise TemplateError(
            "the template library has no building templates",
            where=str(path),
            hint="add at least one building template",
        )
    groups = {name: _group(data, name, path) for name in _GROUPS}
    massless = _group(data, "NoMassMaterials", path)
    massless += [each for each in groups["OpaqueMaterials"] if _is_massless(each)]
    groups["OpaqueMaterials"] = [
        each for each in groups["OpaqueMaterials"] if not _is_massless(each)
    ]
    _replace_light_layers(groups, massless)
    return groups


def _group(data: dict[str, Any], name: str, path: Path) -> list[dict[str, Any]]:
    group = data.get(name, data.get(_OTHER_NAMES.get(name, name), []))
    if not isinstance(group, list) or not all(isinstance(each, dict) for each in group):
        raise TemplateError(
            f"the group {name!r} of the template library is not a list of objects",
            where=str(path),
            hint=_SAVED_BY,
        )
    return group


def _is_massless(material: dict[str, Any]) -> bool:
    return "RValue" in material and "Conductivity" not in material


def _replace_light_layers(groups: dict[str, Any], massless: list[dict[str, Any]]) -> None:
    """Give each opaque layer without mass a light material of its own resistance."""
    gases = {each.get("$id"): each for each in groups["GasMaterials"]}
    boards = {each.get("$id"): each for each in massless}
    stand_ins: dict[str, dict[str, Any]] = {}
    for construction in groups["OpaqueConstructions"]:
        for layer in construction.get("Layers") or []:
            reference = (layer.get("Material") or {}).get("$ref")
            if reference not in gases and reference not in boards:
                continue
            layer["Thickness"] = thickness = layer.get("Thickness") or _LIGHT_THICKNESS
            if reference in gases:
                material = gases[reference]
                still = thickness / (material.get("Conductivity") or _STILL_AIR)
                resistance = min(still, _AIR_SPACE)
            else:
                material = boards[reference]
                resistance = material["RValue"]
            name = f"{material.get('Name', reference)} of {thickness:g} m"
            stand_in = _stand_in(material, name, thickness, resistance)
            stand_ins[stand_in["$id"]] = stand_in
            layer["Material"] = {"$ref": stand_in["$id"]}
    groups["OpaqueMaterials"] = [*groups["OpaqueMaterials"], *stand_ins.values()]


def _stand_in(
    material: dict[str, Any], name: str, thickness: float, resistance: float
) -> dict[str, Any]:
    surface = {key: material[key] for key in _FIELDS_OF_A_SURFACE if key in material}
    return {
        "$id": f"{material.get('$id')} as {thickness!r}",
        "Name": name,
        # Metal, where a material has no resistance at all.
        "Conductivity": thickness / max(resistance, thickness / 50.0),
        **_LIGHT,
        **surface,
    }
