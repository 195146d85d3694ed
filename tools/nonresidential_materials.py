"""What encloses non-residential zones: materials of the standards' tables, in SI units."""

from __future__ import annotations

from typing import Any

from nonresidential_figures import Figures, resistance, zones_of
from standards_tables import row
from template_book import Book
from template_envelope import add_construction

INCH = 0.0254  # m
CONDUCTIVITY = 0.1442279  # W/(m K) in one Btu in/(h ft2 F)
DENSITY = 16.018463  # kg/m3 in one lb/ft3
SPECIFIC_HEAT = 4186.8  # J/(kg K) in one Btu/(lb F)

Layers = list[list[Any]]


def materials(figures: Figures) -> dict[str, dict[str, Any]]:
    """Return the materials that the constructions name, as rows of support_materials say."""
    constructions = figures["constructions"]
    names = {
        name
        for layers in constructions.values()
        if isinstance(layers, list) and isinstance(layers[0], list)
        for name, _ in layers
    }
    return {name: _material(name, constructions["insulation"]) for name in sorted(names)}


def _material(name: str, insulation: str) -> dict[str, Any]:
    title = insulation if name == "insulation" else name
    found = row("support_materials", name=title)
    return {
        "conductivity": round(found["conductivity"] * CONDUCTIVITY, 3),
        "density": round(found["density"] * DENSITY, 1),
        "specific_heat": round(found["specific_heat"] * SPECIFIC_HEAT, 1),
        "roughness": found["roughness"],
        "source": f"support_materials[{title}]",
    }


def thick(layers: Layers) -> Layers:
    """Return layers with thicknesses in whole millimetres [m], as UMI libraries keep them."""
    return [
        [name, max(round(inches * INCH, 3), 0.001 if inches else 0.0)] for name, inches in layers
    ]


def finishes(figures: Figures, layers: Layers) -> float:
    """Resistance of all layers but the insulation [m2 K/W]."""
    return sum(thickness / figures["materials"][name]["conductivity"] for name, thickness in layers)


def insulated(figures: Figures, kind: str, wanted: float) -> tuple[Layers, float]:
    """Return layers in metres that resist as wanted [m2 K/W], and the insulation's share.

    Where the finishes alone resist more, the insulation goes; where the bare
    construction of that kind then comes nearer, the finishes go too.
    """
    layers = thick(figures["constructions"][kind])
    base = finishes(figures, layers)
    missing = wanted - base
    if missing * figures["materials"]["insulation"]["conductivity"] >= 0.0015:
        return layers, missing
    kept = [layer for layer in layers if layer[0] != "insulation"]
    bare = thick(figures["constructions"].get(f"bare {kind}", [])) or kept
    if abs(finishes(figures, bare) - wanted) < abs(base - wanted):
        return bare, 0.0
    return kept, 0.0


def add_parts(
    book: Book, figures: Figures, program: str, vintage: int, zone: int, category: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Add the constructions of a zone; return the set and the internal mass."""
    facts, layers = figures["programs"][program], figures["constructions"]
    floor = "bare " if program in layers["bare"] else ""
    zones = zones_of(figures, vintage)["names"][zone]
    place = f"{figures['vintages']['names'][vintage]}, zones {zones}"
    partition = add_construction(book, figures, "partition", thick(layers["partition"]))
    parts = {
        "Facade": _add_outer(book, figures, "wall", facts["facade"], vintage, zone, place),
        "Ground": add_construction(
            book, figures, f"{floor}ground slab", thick(layers[f"{floor}ground"])
        ),
        "Partition": partition,
        "Roof": _add_outer(book, figures, "roof", facts["roof"], vintage, zone, place),
        "Slab": add_construction(
            book, figures, f"{floor}inner floor", thick(layers[f"{floor}floor"])
        ),
    }
    adiabatic = {f"Is{part}Adiabatic": False for part in parts}
    name = f"{facts['facade']} walls, {facts['roof']} roof, {floor}floor, {place}"
    return book.add("ZoneConstructionSets", name, category, **parts, **adiabatic), partition


def _add_outer(
    book: Book, figures: Figures, part: str, kind: str, vintage: int, zone: int, place: str
) -> dict[str, str]:
    wanted, source = resistance(figures, part, kind, vintage, zone)
    roofs = {"Metal Building": "Metal Building roof"}
    assembly = roofs.get(kind, kind) if part == "roof" else kind
    layers, insulation = insulated(figures, assembly, wanted)
    return add_construction(
        book,
        figures,
        f"{kind} {part} {place}",
        layers,
        insulation,
        on_roof=part == "roof",
        comment=source,
    )
