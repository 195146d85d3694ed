"""Constructions, their materials and optics written as ESP-r's databases."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from shoeroot.meta.constructions import Construction, ConstructionSet, Layer, Optics

__all__ = ["DATABASE_FILES", "write_databases"]

#: Name of the file for each database tag.
DATABASE_FILES = {
    "mat": "shoeroot.materialdb",
    "mlc": "shoeroot.constrdb",
    "opt": "shoeroot.opticdb",
}
#: Resistance to vapour and usual thickness, of which nothing is known here; any will do.
_UNKNOWN = "10.000,100.0"
_OPAQUE = "OPAQUE"


def write_databases(constructions: ConstructionSet, folder: str | Path) -> dict[str, Path]:
    """Write three databases that ESP-r and `read_databases` read.

    Parameters
    ----------
    constructions : ConstructionSet
    folder : path
        Is made where it is missing.

    Returns
    -------
    dict of str to Path
        Files by database tag: ``mat``, ``mlc``, ``opt``.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    named = list(constructions.constructions.values())
    materials = _numbered(layer for one in named for layer in one.layers if not layer.is_gap)
    texts = {
        "mat": _materials_text(materials),
        "mlc": _constructions_text(named, materials),
        "opt": _optics_text(constructions.optics.values()),
    }
    paths = {tag: target / name for tag, name in DATABASE_FILES.items()}
    for tag, path in paths.items():
        unfinished = path.with_name(f"{path.name}.part")
        unfinished.write_text(texts[tag], encoding="latin-1", errors="replace")
        unfinished.replace(path)
    return paths


def _material_of(layer: Layer) -> tuple[str, str]:
    """Give name and properties of a layer's material, as a file has them."""
    inside = layer.inside_face
    faces = (layer.emissivity, inside[0], layer.absorptivity, inside[1])
    numbers = (layer.conductivity, layer.density, layer.specific_heat, *faces)
    name = layer.name.replace(",", " ").replace("#", " ").replace(":", " ")[:32].strip()
    return name or "material", ",".join(f"{number:.8g}" for number in numbers)


def _numbered(layers: Iterable[Layer]) -> dict[tuple[str, str], int]:
    found = dict.fromkeys(map(_material_of, layers))
    return {material: number for number, material in enumerate(found, start=1)}


def _materials_text(materials: dict[tuple[str, str], int]) -> str:
    lines = [
        "*Materials 1.1",
        "*doc,Materials of a model that was written by shoeroot",
        "1  # number of classifications",
        f"*class, 1,{len(materials):3d},Materials",
        "Category ( 1) all materials of the model",
    ]
    for (name, numbers), index in materials.items():
        # Names need not be unique, numbers are.
        lines += [f"*item,{name},{index:3d}, 1,{name}", f"{numbers},{_UNKNOWN},-"]
    return "\n".join([*lines, ""])


def _constructions_text(
    constructions: list[Construction], materials: dict[tuple[str, str], int]
) -> str:
    lines = [
        "# composite construction db written by shoeroot",
        f"# based on materials db {DATABASE_FILES['mat']}",
        f"{len(constructions):5d}     # no of composites",
    ]
    for one in constructions:
        kind, optics = ("TRAN", one.optics) if one.optics else ("OPAQ", _OPAQUE)
        symmetry = "SYMMETRIC" if one.is_symmetric else "NONSYMMETRIC"
        lines += [
            "# layers  description  type  optics name   symmetry tag",
            f"{len(one.layers):5d}    {one.name:<12s}  {kind}  {optics:<12s}  {symmetry}",
            "# material ref thickness (m) description & air gap R",
        ]
        for layer in one.layers:
            if layer.is_gap:
                resistances = " ".join([f"{layer.gap_resistance:.6g}"] * 3)
                lines.append(f"{0:5d}    {layer.thickness:.8g}  gap  {resistances}")
            else:
                material = _material_of(layer)
                place = materials[material]
                lines.append(f"{place:5d}    {layer.thickness:.8g}  {material[0]} : {material[0]}")
    return "\n".join([*lines, ""])


def _optics_text(optics: Iterable[Optics]) -> str:
    lines = ["# optical properties db written by shoeroot"]
    for one in optics:
        count = len(one.absorptance)
        taken = sum(row[0] for row in one.absorptance)
        back = max(1.0 - one.solar_transmittance[0] - taken, 0.0)
        lines += [
            "# 12 char id |  description",
            f"{one.name:<14s}:{one.name}",
            "# def lyr, tmc lyr, vis trn, sol refl, sol absor, U val",
            f"  1  {2 * count - 1:2d}  {one.visible_transmittance:.6g} {back:.4f} {taken:.4f}  1.0",
            "# direct trn @ 5 angles, total heat gain @ 5 angles",
            "  " + " ".join(f"{value:.6g}" for value in (*one.solar_transmittance, *one.shgc)),
            "# refr index, absorption @ 5 angles for each tmc layer",
        ]
        for number, row in enumerate(one.absorptance):
            if number:
                lines.append("  1.000 0.001 0.001 0.001 0.001 0.001")
            lines.append("  1.520 " + " ".join(f"{value:.6g}" for value in row))
    return "\n".join([*lines, ""])
