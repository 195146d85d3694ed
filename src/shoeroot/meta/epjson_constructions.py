"""Constructions of an engine's input as those of ESP-r: layers, gaps, panes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shoeroot.building import Pane, transmit
from shoeroot.errors import MetaError
from shoeroot.meta.constructions import (
    INSIDE_FILM,
    OUTSIDE_FILM,
    Construction,
    Layer,
    Optics,
)
from shoeroot.meta.losses import Loss

__all__ = ["construction_from_epjson"]

_ANGLES = (0.0, 40.0, 55.0, 70.0, 80.0)
#: How transmission and absorption of double clear glass change with the angle: those of
#: DCF7671_06nb of the document's example over their values at 0 degrees.
_PASSED = (1.0, 0.954, 0.874, 0.628, 0.278)
_TAKEN = (1.0, 1.09, 1.16, 1.2, 1.12)
_GAINED = (1.0, 0.970, 0.907, 0.685, 0.352)
#: Of one pane that stands for a glazing of which only sums are known.
_PANE_THICKNESS, _REFLECTED = 0.006, 0.08
_GLASS = {"density": 2500.0, "specific_heat": 750.0, "emissivity": 0.84, "absorptivity": 0.05}
_MASSLESS = {"thickness": 0.01, "density": 10.0, "specific_heat": 1000.0}
_USUAL_GAP, _GAP_THICKNESS = 0.17, 0.025
_LEAST_RESISTANCE = 0.001

Fields = Mapping[str, Any]


def construction_from_epjson(
    name: str, own: str, epjson: Mapping[str, Mapping[str, Fields]], losses: list[Loss]
) -> tuple[Construction, Optics | None]:
    """Give a construction of the input under another name, and its optics if it is of glass.

    Raises
    ------
    MetaError
        A material is not there, or of a kind that ESP-r has nothing like.
    """
    fields = epjson.get("Construction", {}).get(name)
    if fields is None:
        raise MetaError(f"the input has no construction {name!r} of layers")
    keys = ["outside_layer", *(f"layer_{number}" for number in range(2, 11))]
    materials = [fields[key] for key in keys if fields.get(key)]
    found = [_material(name, material, epjson) for material in materials]
    kinds = {kind for kind, _ in found}
    if kinds == {"WindowMaterial:SimpleGlazingSystem"}:
        return _simple_glazing(own, found[0][1], losses)
    if any(kind.startswith("WindowMaterial:") for kind in kinds):
        return _glazing(own, materials, found)
    layers = tuple(
        _layer(material, kind, given, own, losses)
        for material, (kind, given) in zip(materials, found, strict=True)
    )
    return Construction(own, layers), None


def _material(
    construction: str, name: str, epjson: Mapping[str, Mapping[str, Fields]]
) -> tuple[str, Fields]:
    kinds = (
        *("Material", "Material:NoMass", "Material:AirGap", "WindowMaterial:SimpleGlazingSystem"),
        *("WindowMaterial:Glazing", "WindowMaterial:Gas"),
    )
    for kind in kinds:
        if name in epjson.get(kind, {}):
            return kind, epjson[kind][name]
    raise MetaError(
        f"material {name!r} is not there, or of a kind that ESP-r has nothing like",
        where=f"construction {construction!r}",
    )


def _layer(name: str, kind: str, fields: Fields, own: str, losses: list[Loss]) -> Layer:
    if kind == "Material:AirGap":
        return Layer("gap", _GAP_THICKNESS, gap_resistance=fields["thermal_resistance"])
    faces = {
        "emissivity": fields.get("thermal_absorptance", 0.9),
        "absorptivity": fields.get("solar_absorptance", 0.7),
    }
    if kind == "Material:NoMass":
        losses.append(Loss(f"construction {own}", f"{name} has the mass of 10 kg/m3 here"))
        conductivity = _MASSLESS["thickness"] / fields["thermal_resistance"]
        return Layer(name, **_MASSLESS, conductivity=conductivity, **faces)
    figures = ("thickness", "conductivity", "density", "specific_heat")
    return Layer(name, **{figure: fields[figure] for figure in figures}, **faces)


def _simple_glazing(own: str, fields: Fields, losses: list[Loss]) -> tuple[Construction, Optics]:
    """Give one pane of the same U-value, with films, and the same solar heat gain."""
    films = INSIDE_FILM + OUTSIDE_FILM
    resistance = max(1 / fields["u_factor"] - films, _LEAST_RESISTANCE)
    gain = fields["solar_heat_gain_coefficient"]
    # What the pane takes in goes to the inside by the share of resistance on its outside.
    inward = (OUTSIDE_FILM + resistance / 2) / (films + resistance)
    passed = (gain - (1 - _REFLECTED) * inward) / (1 - inward)
    passed = min(max(passed, 0.01), 1 - _REFLECTED - 0.01)
    taken = min(max((gain - passed) / inward, 0.0), 1 - _REFLECTED - passed)
    layer = Layer("glass", _PANE_THICKNESS, _PANE_THICKNESS / resistance, **_GLASS)
    seen = fields.get("visible_transmittance", passed)
    losses.append(
        Loss(f"construction {own}", "one pane has the U-value and solar heat gain of the glazing")
    )
    return Construction(own, (layer,), own), _optics(own, seen, passed, (taken,), gain)


def _glazing(
    own: str, materials: list[str], found: list[tuple[str, Fields]]
) -> tuple[Construction, Optics]:
    layers, panes, seen = [], [], []
    for name, (kind, fields) in zip(materials, found, strict=True):
        if kind == "WindowMaterial:Gas":
            layers.append(Layer("gap", fields["thickness"], gap_resistance=_USUAL_GAP))
            continue
        passed = fields.get("solar_transmittance_at_normal_incidence")
        if kind != "WindowMaterial:Glazing" or passed is None:
            raise MetaError(f"glazing {name!r} has no solar transmittance of its own", where=own)
        panes.append(_pane(fields, "solar"))
        seen.append(_pane(fields, "visible"))
        inside = fields.get("back_side_infrared_hemispherical_emissivity", 0.84)
        outside = fields.get("front_side_infrared_hemispherical_emissivity", 0.84)
        conductivity = fields.get("conductivity", 0.9)
        glass = {**_GLASS, "emissivity": outside}
        layer = Layer(
            name,
            fields["thickness"],
            conductivity,
            **glass,
            inside_emissivity=None if inside == outside else inside,
        )
        layers.append(layer)
    construction = Construction(own, tuple(layers), own)
    passed, taken = transmit(panes)
    gain = passed + sum(taken) / (len(taken) + 1)
    return construction, _optics(own, transmit(seen)[0], passed, taken, gain)


def _pane(fields: Fields, band: str) -> Pane:
    passed = fields.get(f"{band}_transmittance_at_normal_incidence") or 0.0
    front = fields.get(f"front_side_{band}_reflectance_at_normal_incidence") or 0.0
    back = fields.get(f"back_side_{band}_reflectance_at_normal_incidence") or front
    return Pane(passed, front, back)


def _optics(
    name: str, visible: float, passed: float, taken: tuple[float, ...], gain: float
) -> Optics:
    from shoeroot.meta.panes import panes_of

    panes = panes_of(passed, taken)
    rows = tuple(
        tuple(
            min(each * factor, 1.0 - passed * _PASSED[place]) for place, factor in enumerate(_TAKEN)
        )
        for each in taken
    )
    return Optics(
        name=name,
        visible_transmittance=visible,
        angles=_ANGLES,
        solar_transmittance=tuple(passed * factor for factor in _PASSED),
        absorptance=rows,
        shgc=tuple(gain * factor for factor in _GAINED),
        pane_transmittance=panes[0][0],
        pane_reflectance=panes[0][1],
        panes=panes,
    )
