"""Constructions of a META model as materials and constructions of the engine's input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from shoeroot.meta.constructions import Construction, Layer, Optics
from shoeroot.meta.losses import Loss
from shoeroot.meta.panes import visible_transmittance_of_panes

__all__ = ["AssemblyCollector", "Objects"]

#: Objects by kind and name, as the engine's JSON input has them.
Objects = dict[str, dict[str, dict[str, Any]]]

#: Most layers of a construction that the engine takes.
_MOST_LAYERS = 10
_MOST_PANES = 4
#: Least specific heat that the engine takes [J/(kg K)]; a layer of less stores nothing.
_LEAST_SPECIFIC_HEAT = 100.0
_LEAST_RESISTANCE = 0.001
#: What glass lets through may be next to nothing, but not nothing.
_LEAST_SHARE = 1e-4
#: Radiation between two bodies of 10 degC over their difference, 4 sigma T3 [W/(m2 K)], and
#: conductivity of air [W/(m K)].
_RADIATION, _AIR = 4 * 5.670e-8 * 283.15**3, 0.0248
#: Share by which the resistance of a gap filled with air may be another.
_NEAR = 0.1
#: Dry air at 10 degC: viscosity [kg/(m s)], specific heat [J/(kg K)], molecular weight [g/mol].
_AIR_LIKE = {
    "viscosity_coefficient_a": 1.77e-5,
    "specific_heat_coefficient_a": 1006.0,
    "molecular_weight": 28.97,
    "specific_heat_ratio": 1.4,
}
_ROUGHNESS = "MediumRough"


class AssemblyCollector:
    """Collects constructions; equal layers become one material."""

    def __init__(self) -> None:
        self.objects: Objects = {}
        self.losses: list[Loss] = []
        self._materials: dict[Any, str] = {}
        self._constructions: dict[Any, str] = {}
        self._taken: set[str] = set()

    def opaque(self, construction: Construction, *, between: bool = False) -> str:
        """Add an opaque construction; return its name.

        Parameters
        ----------
        construction : Construction
            From outside to inside.
        between : bool
            Whether a surface of another zone shows its other side, whose layers must then be
            the very same.
        """
        layers = construction.layers
        if between:
            layers = tuple(
                replace(layer, inside_emissivity=None, inside_absorptivity=None) for layer in layers
            )
        key = ("opaque", layers)
        if key not in self._constructions:
            names = [
                self._material(layer, place, len(layers), last=not between)
                for place, layer in enumerate(self._few(construction, layers))
            ]
            self._constructions[key] = self._construction(construction.name, names)
        return self._constructions[key]

    def _few(self, construction: Construction, layers: tuple[Layer, ...]) -> list[Layer]:
        """Join neighbours of one material where there are more layers than the engine takes."""
        few = list(layers)
        place = 1
        while len(few) > _MOST_LAYERS and place < len(few):
            before, here = few[place - 1], few[place]
            if not here.is_gap and replace(before, thickness=here.thickness) == here:
                few[place - 1 : place + 1] = [
                    replace(here, thickness=before.thickness + here.thickness)
                ]
            else:
                place += 1
        while len(few) > _MOST_LAYERS:
            # The two thinnest in resistance of those inside become one that stores nothing.
            inside = range(1, len(few) - 2)
            place = min(inside, key=lambda at: few[at].resistance + few[at + 1].resistance)
            both = few[place].resistance + few[place + 1].resistance
            few[place : place + 2] = [Layer("joined", 0.01, gap_resistance=both)]
            self.losses.append(
                Loss(
                    f"construction {construction.name}",
                    f"the engine takes {_MOST_LAYERS} layers: two of {len(layers)} are joined "
                    "to a resistance that stores nothing",
                )
            )
        return few

    def _material(self, layer: Layer, place: int, count: int, *, last: bool) -> str:
        inside = last and count > 1 and place == count - 1
        emissivity, absorptivity = (
            layer.inside_face if inside else (layer.emissivity, layer.absorptivity)
        )
        at_surface = place in (0, count - 1)
        if layer.is_gap and not at_surface:
            resistance = f"{layer.gap_resistance:g}"
            fields: dict[str, Any] = {"thermal_resistance": layer.gap_resistance}
            return self._object("Material:AirGap", f"gap {resistance} m2 K/W", fields)
        faces = {
            "thermal_absorptance": max(emissivity, _LEAST_SHARE),
            "solar_absorptance": absorptivity,
            "visible_absorptance": absorptivity,
        }
        if layer.is_gap or layer.specific_heat < _LEAST_SPECIFIC_HEAT:
            resistance_fields = {"thermal_resistance": max(layer.resistance, _LEAST_RESISTANCE)}
            fields = {"roughness": _ROUGHNESS, **resistance_fields, **faces}
            return self._object("Material:NoMass", layer.name, fields)
        fields = {
            "roughness": _ROUGHNESS,
            "thickness": layer.thickness,
            "conductivity": layer.conductivity,
            "density": layer.density,
            "specific_heat": layer.specific_heat,
            **faces,
        }
        return self._object("Material", layer.name, fields)

    def glazed(self, construction: Construction, optics: Optics) -> str:
        """Add a construction of glass; return its name."""
        key = ("glazed", construction.layers, optics)
        if key not in self._constructions:
            stacks = _stacks(construction.layers)
            panes = _panes(optics, len(stacks), sum(map(len, stacks)), stacks)
            usable = panes is not None and len(stacks) <= _MOST_PANES
            ends_in_glass = not (construction.layers[0].is_gap or construction.layers[-1].is_gap)
            names = (
                self._panes(construction, optics, stacks, panes)
                if usable and ends_in_glass and panes
                else self._simple_glazing(construction, optics)
            )
            self._constructions[key] = self._construction(construction.name, names)
        return self._constructions[key]

    def _panes(
        self,
        construction: Construction,
        optics: Optics,
        stacks: list[list[Layer]],
        panes: Sequence[tuple[float, float]],
    ) -> list[str]:
        visible = visible_transmittance_of_panes(optics.visible_transmittance, panes)
        gaps = [layer for layer in construction.layers if layer.is_gap]
        names: list[str] = []
        for place, (stack, (passed, reflected), seen) in enumerate(
            zip(stacks, panes, visible, strict=True)
        ):
            fields = _pane_fields(stack, passed, reflected, seen)
            if place:
                across = stacks[place - 1][-1].inside_face[0], stack[0].emissivity
                names.append(self._gas(construction, gaps[place - 1], *across))
            names.append(self._object("WindowMaterial:Glazing", stack[0].name, fields))
        self.losses.append(
            Loss(
                f"construction {construction.name}, optics {optics.name}",
                f"panes have its values at {optics.angles[0]:g} degrees; those at other angles "
                "are the engine's own",
            )
        )
        return names

    def _gas(self, construction: Construction, gap: Layer, outer: float, inner: float) -> str:
        """Add a gap: air, or a gas that conducts as its resistance asks."""
        radiation = _RADIATION / (1 / max(outer, 0.01) + 1 / max(inner, 0.01) - 1)
        of_air = 1 / (radiation + _AIR / gap.thickness)
        fields: dict[str, Any] = {"gas_type": "Air", "thickness": gap.thickness}
        if abs(of_air / gap.gap_resistance - 1) > _NEAR:
            conductivity = gap.thickness * (1 / gap.gap_resistance - radiation)
            fields |= {
                "gas_type": "Custom",
                "conductivity_coefficient_a": max(conductivity, 0.001),
                **_AIR_LIKE,
            }
        self.losses.append(
            Loss(
                f"construction {construction.name}",
                f"the engine computes the resistance of its gap, {gap.gap_resistance:g} m2 K/W, "
                f"from {1000 * gap.thickness:g} mm of {fields['gas_type'].lower()} gas",
            )
        )
        return self._object("WindowMaterial:Gas", f"gas in {construction.name}", fields)

    def _simple_glazing(self, construction: Construction, optics: Optics) -> list[str]:
        fields = {
            "u_factor": min(construction.u_value, 7.0),
            "solar_heat_gain_coefficient": min(max(optics.shgc[0], 0.01), 0.99),
            "visible_transmittance": min(max(optics.visible_transmittance, 0.01), 0.99),
        }
        self.losses.append(
            Loss(
                f"construction {construction.name}",
                f"its layers are not the panes of optics {optics.name}: a simple glazing of the "
                "same U-value and solar heat gain stands instead",
            )
        )
        kind = "WindowMaterial:SimpleGlazingSystem"
        return [self._object(kind, f"{construction.name} glazing", fields)]

    def fields(self, kind: str, name: str, fields: dict[str, Any]) -> str:
        """Add an object that is the same wherever it is used; return its name."""
        return self._object(kind, name, fields)

    def _construction(self, wanted: str, layers: list[str]) -> str:
        fields = {
            "outside_layer" if number == 1 else f"layer_{number}": layer
            for number, layer in enumerate(layers, start=1)
        }
        name = self._unused(wanted)
        self.objects.setdefault("Construction", {})[name] = fields
        return name

    def _object(self, kind: str, wanted: str, fields: dict[str, Any]) -> str:
        key = (kind, *fields.items())
        if key not in self._materials:
            name = self._materials[key] = self._unused(wanted)
            self.objects.setdefault(kind, {})[name] = fields
        return self._materials[key]

    def _unused(self, wanted: str) -> str:
        """Give the name, numbered where it is taken: the engine ignores case."""
        name, number = wanted, 1
        while name.lower() in self._taken:
            number += 1
            name = f"{wanted} ({number})"
        self._taken.add(name.lower())
        return name


def _stacks(layers: Sequence[Layer]) -> list[list[Layer]]:
    """Part layers at the gaps: what touches is one pane."""
    stacks: list[list[Layer]] = [[]]
    for layer in layers:
        if layer.is_gap:
            stacks.append([])
        else:
            stacks[-1].append(layer)
    return [stack for stack in stacks if stack]


def _panes(
    optics: Optics, count: int, solids: int, stacks: list[list[Layer]]
) -> list[tuple[float, float]] | None:
    """Give transmittance and reflectance of each pane; None where they do not fit the layers."""
    known = len(optics.panes) or len(optics.absorptance)
    if known == count:
        return [optics.pane(number) for number in range(count)]
    if known != solids or not optics.panes:
        return None
    # Layers that touch, each with its own row: light passes them one after another.
    joined, start = [], 0
    for stack in stacks:
        passed, reflected = 1.0, optics.panes[start][1]
        for each, _ in optics.panes[start : start + len(stack)]:
            passed *= each
        joined.append((passed, min(reflected, 1 - passed)))
        start += len(stack)
    return joined


def _pane_fields(
    stack: list[Layer], passed: float, reflected: float, visible: float
) -> dict[str, Any]:
    thickness = sum(layer.thickness for layer in stack)
    resistance = sum(layer.resistance for layer in stack)
    reflected = min(max(reflected, 0.0), 1.0 - _LEAST_SHARE)
    return {
        "optical_data_type": "SpectralAverage",
        "thickness": thickness,
        "solar_transmittance_at_normal_incidence": min(passed, 1.0 - reflected - _LEAST_SHARE),
        "front_side_solar_reflectance_at_normal_incidence": reflected,
        "back_side_solar_reflectance_at_normal_incidence": reflected,
        "visible_transmittance_at_normal_incidence": min(visible, 1.0 - reflected - _LEAST_SHARE),
        "front_side_visible_reflectance_at_normal_incidence": reflected,
        "back_side_visible_reflectance_at_normal_incidence": reflected,
        "infrared_transmittance_at_normal_incidence": 0.0,
        "front_side_infrared_hemispherical_emissivity": max(stack[0].emissivity, 0.01),
        "back_side_infrared_hemispherical_emissivity": max(stack[-1].inside_face[0], 0.01),
        "conductivity": thickness / resistance,
    }
