"""ESP-r's databases of materials, constructions and optics: text files read and written.

The formats as the files that come with ESP-r have them (ESP-rCommunity/ESP-rSource,
``src/databases``: ``constr.db1.a`` and ``material.db3.a`` for materials in the older and in the
tagged form, ``multicon.db1`` to ``db4`` for constructions, ``optics.db2`` for optics).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from shoeroot.meta.constructions import Construction, Layer, Optics
from shoeroot.meta.database_text import DatabaseLines
from shoeroot.meta.panes import panes_of

__all__ = [
    "Material",
    "Materials",
    "read_constructions_text",
    "read_materials_text",
    "read_optics_text",
]

_CONSTRUCTION = re.compile(r"\s*(\d+)\s+(\S.*?)\s+(OPAQ|TRAN|CFC\w*)\b\s*(\S+)?")
_LAYER = re.compile(r"\s*(-?\d+)\s+([\d.eE+-]+)\s*(.*)")
_OLD_MATERIAL = re.compile(r"\s*(\d+)\s+(\S.*)")
_GAPS = ("air", "gap")
#: Air as a gap, where a file gives no resistance [m2 K/W]: what ESP-r's own files have.
_USUAL_GAP = 0.17
_ANGLES = (0.0, 40.0, 55.0, 70.0, 80.0)
#: What optics say of the air between panes: a refractive index of 1, and next to no absorption.
_AIR_INDEX, _AIR_ABSORPTION = 1.0, 0.01


@dataclass(frozen=True, slots=True)
class Material:
    """A material: [W/(m K)], [kg/m3], [J/(kg K)]; emissivity and absorptivity out and in."""

    name: str
    index: int
    conductivity: float
    density: float
    specific_heat: float
    emissivity: tuple[float, float]
    absorptivity: tuple[float, float]
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class Materials:
    """Materials by the number that constructions call them by, and by name."""

    by_index: Mapping[int, Material]
    by_name: Mapping[str, Material]


def read_materials_text(text: str, name: str = "materials") -> Materials:
    """Read a database of materials, tagged (``*Materials``) or of the older form.

    Raises
    ------
    MetaError
        A line is wrong: names file and line.
    """
    lines = DatabaseLines(name, text)
    tagged = lines.look().lower().startswith("*materials")
    found = _tagged_materials(lines) if tagged else _old_materials(lines)
    if not found:
        raise lines.error("the file holds no materials")
    # Of two with the same number, the first one is meant.
    by_index = {one.index: one for one in reversed(found) if one.index > 0}
    return Materials(by_index, {one.name.lower(): one for one in reversed(found)})


def _tagged_materials(lines: DatabaseLines) -> list[Material]:
    found = []
    while lines:
        body = lines.take("a material")
        if not body.lower().startswith("*item"):
            continue
        parts = [part.strip() for part in body.split(",", 4)]
        if len(parts) < 4 or not parts[1]:
            raise lines.error("*item has no name and number")
        try:
            index = int(parts[2])
        except ValueError:
            raise lines.error(f"the number of a material is {parts[2]!r}") from None
        flag = lines.look().replace(",", " ").split()
        numbers = lines.numbers("the properties of a material", 7)
        is_gap = len(flag) > 9 and flag[9].lower() in ("g", "h")
        found.append(_material(lines, parts[1], index, numbers, is_gap))
    return found


def _old_materials(lines: DatabaseLines) -> list[Material]:
    found = []
    lines.numbers("the number of classes", 1)
    while lines:
        words = lines.take("a class").split()
        if len(words) < 2 or not words[1].isdecimal():
            raise lines.error("a class begins with its number and the number of its materials")
        for _ in range(int(words[1])):
            match = _OLD_MATERIAL.match(lines.take("a material"))
            if match is None:
                raise lines.error("a material begins with its number and its name")
            six = lines.numbers("the properties of a material", 5)
            numbers = [*six[:3], six[3], six[3], six[4], six[4]]
            found.append(_material(lines, match[2].strip(), int(match[1]), numbers, False))
    return found


def _material(
    lines: DatabaseLines, name: str, index: int, numbers: list[float], is_gap: bool
) -> Material:
    conductivity, density, heat, out_e, in_e, out_a, in_a = numbers[:7]
    # What stands for air has no conductivity; no other does without.
    is_gap = is_gap or conductivity == 0
    if not is_gap and min(conductivity, density, heat) <= 0:
        raise lines.error(f"material {name!r} has a property that is not above 0")
    if not all(0 <= value <= 1 for value in (out_e, in_e, out_a, in_a)):
        raise lines.error(f"material {name!r} has an emissivity or absorptivity beyond 0 to 1")
    return Material(name, index, conductivity, density, heat, (out_e, in_e), (out_a, in_a), is_gap)


def read_constructions_text(
    text: str, materials: Materials, name: str = "constructions"
) -> dict[str, Construction]:
    """Read a database of constructions; layers are taken from `materials`.

    Raises
    ------
    MetaError
        A line is wrong, or a material is missing: names file and line.
    """
    lines = DatabaseLines(name, text)
    if lines.look().startswith("*"):
        raise lines.error("the constructions are in a tagged form that is not read")
    count = int(lines.numbers("the number of constructions", 1)[0])
    found: dict[str, Construction] = {}
    for _ in range(count):
        head = _CONSTRUCTION.match(lines.take("a construction"))
        if head is None:
            raise lines.error("a construction begins with layers, name, OPAQ or TRAN, and optics")
        layers = tuple(_layer(lines, materials) for _ in range(int(head[1])))
        if not layers:
            raise lines.error(f"construction {head[2]!r} has no layers")
        optics = (head[4] or "") if head[3] == "TRAN" else ""
        found.setdefault(head[2], Construction(head[2], layers, optics))
    return found


def _layer(lines: DatabaseLines, materials: Materials) -> Layer:
    match = _LAYER.match(lines.take("a layer"))
    try:
        index, thickness = (int(match[1]), float(match[2])) if match else (0, -1.0)
    except ValueError:
        thickness = -1.0
    if match is None or not 0 < thickness < float("inf"):
        raise lines.error("a layer begins with the number of its material and its thickness")
    described = match[3].strip()
    name = described.partition(" : ")[0].strip()
    material = materials.by_index.get(index) or materials.by_name.get(name.lower())
    is_air = index == 0 and (not name or name.split()[0].lower() in _GAPS)
    if is_air or (material is not None and material.is_gap):
        return Layer("gap", thickness, gap_resistance=_gap_resistance(described))
    if material is None:
        raise lines.error(f"material {index} ({name}) is not in the database of materials")
    same = (
        material.emissivity[0] == material.emissivity[1]
        and material.absorptivity[0] == material.absorptivity[1]
    )
    return Layer(
        material.name,
        thickness,
        material.conductivity,
        material.density,
        material.specific_heat,
        material.emissivity[0],
        material.absorptivity[0],
        inside_emissivity=None if same else material.emissivity[1],
        inside_absorptivity=None if same else material.absorptivity[1],
    )


def _gap_resistance(described: str) -> float:
    """Give the first of the resistances in vertical, horizontal and other gaps [m2 K/W]."""
    for word in described.split():
        try:
            value = float(word)
        except ValueError:
            continue
        return value if 0 < value < float("inf") else _USUAL_GAP
    return _USUAL_GAP


def read_optics_text(text: str, name: str = "optics") -> dict[str, Optics]:
    """Read a database of optics; the panes are found that together have them.

    Raises
    ------
    MetaError
        A line is wrong: names file and line.
    """
    lines = DatabaseLines(name, text)
    found: dict[str, Optics] = {}
    while lines:
        # The name stands in the first twelve characters, before a colon.
        key = lines.take("optics")[:14].partition(":")[0].strip()
        if not key:
            raise lines.error("optics begin with their name")
        layers, visible = lines.numbers("layers and visible transmittance", 3)[1:3]
        ten = lines.numbers("transmission and heat gain at five angles", 10)
        rows = [lines.numbers("absorption at five angles", 6) for _ in range(int(layers))]
        glass = tuple(
            tuple(row[1:6])
            for row in rows
            if not (row[0] == _AIR_INDEX and row[1] < _AIR_ABSORPTION)
        )
        if not glass:
            raise lines.error(f"optics {key!r} have no pane")
        if not 0 <= ten[0] + sum(row[0] for row in glass) <= 1.005:
            raise lines.error(f"optics {key!r} pass and take in more than there is")
        panes = panes_of(ten[0], [row[0] for row in glass])
        made = Optics(
            name=key,
            visible_transmittance=visible,
            angles=_ANGLES,
            solar_transmittance=tuple(ten[:5]),
            absorptance=glass,
            shgc=tuple(ten[5:10]),
            pane_transmittance=panes[0][0],
            pane_reflectance=panes[0][1],
            panes=panes,
        )
        found.setdefault(key, made)
    return found
