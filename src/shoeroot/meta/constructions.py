"""Constructions and optics that surfaces name: layers, U-values, and the file of the example."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from shoeroot.errors import MetaError, nearest

__all__ = ["Construction", "ConstructionSet", "Layer", "Optics", "example_constructions"]

#: Surface resistances inside and outside for every orientation [m2 K/W]: ISO 6946, horizontal
#: heat flow, as ESP-r's report has them.
INSIDE_FILM, OUTSIDE_FILM = 0.13, 0.04


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of a construction.

    Attributes
    ----------
    thickness : float
        [m].
    conductivity, density, specific_heat : float
        [W/(m K)], [kg/m3], [J/(kg K)]; 0 for a gap.
    emissivity, absorptivity : float
        Thermal and solar [-].
    gap_resistance : float
        Of an air gap [m2 K/W]; 0 for a solid layer.
    inside_emissivity, inside_absorptivity : float, optional
        Of the side that looks inside, where it is another.
    """

    name: str
    thickness: float
    conductivity: float = 0.0
    density: float = 0.0
    specific_heat: float = 0.0
    emissivity: float = 0.9
    absorptivity: float = 0.65
    gap_resistance: float = 0.0
    inside_emissivity: float | None = None
    inside_absorptivity: float | None = None

    @property
    def is_gap(self) -> bool:
        """Whether it is air."""
        return self.gap_resistance > 0

    def turned(self) -> Layer:
        """Give the same layer with its other side outside."""
        if self.inside_emissivity is None and self.inside_absorptivity is None:
            return self
        emissivity, absorptivity = self.inside_face
        return replace(
            self,
            emissivity=emissivity,
            absorptivity=absorptivity,
            inside_emissivity=self.emissivity,
            inside_absorptivity=self.absorptivity,
        )

    @property
    def inside_face(self) -> tuple[float, float]:
        """Emissivity and absorptivity of the side that looks inside."""
        inside = (self.inside_emissivity, self.inside_absorptivity)
        return (
            self.emissivity if inside[0] is None else inside[0],
            self.absorptivity if inside[1] is None else inside[1],
        )

    @property
    def resistance(self) -> float:
        """[m2 K/W]."""
        return self.gap_resistance or self.thickness / self.conductivity


@dataclass(frozen=True, slots=True)
class Optics:
    """How glazing lets the sun through, by angle of incidence [deg].

    Attributes
    ----------
    absorptance : tuple of tuple of float
        Of each pane, from outside, by angle.
    pane_transmittance, pane_reflectance : float
        Of one pane at 0 degrees; panes of it together have the values above.
    panes : tuple of (float, float)
        The same of each pane, from outside, where they are not alike.
    """

    name: str
    visible_transmittance: float
    angles: tuple[float, ...]
    solar_transmittance: tuple[float, ...]
    absorptance: tuple[tuple[float, ...], ...]
    shgc: tuple[float, ...]
    pane_transmittance: float
    pane_reflectance: float
    panes: tuple[tuple[float, float], ...] = ()

    def pane(self, number: int) -> tuple[float, float]:
        """Give solar transmittance and reflectance of a pane at 0 degrees, from outside, from 0."""
        return (
            self.panes[number] if self.panes else (self.pane_transmittance, self.pane_reflectance)
        )


@dataclass(frozen=True, slots=True)
class Construction:
    """Layers from outside to inside; `optics` names those of a transparent one."""

    name: str
    layers: tuple[Layer, ...]
    optics: str = ""

    @property
    def r_value(self) -> float:
        """Resistance of the layers, without films [m2 K/W]."""
        return sum(layer.resistance for layer in self.layers)

    @property
    def u_value(self) -> float:
        """Thermal transmittance with the films of ISO 6946 [W/(m2 K)]."""
        return 1.0 / (INSIDE_FILM + self.r_value + OUTSIDE_FILM)

    def reversed(self) -> Construction:
        """Give the same construction seen from its other side."""
        if self.is_symmetric:
            return self
        return Construction(f"{self.name} reversed", self._turned, self.optics)

    @property
    def _turned(self) -> tuple[Layer, ...]:
        return tuple(layer.turned() for layer in self.layers[::-1])

    @property
    def is_symmetric(self) -> bool:
        """Whether it is the same from both sides."""
        return self.layers == self._turned


@dataclass(frozen=True, slots=True)
class ConstructionSet:
    """Constructions and optics by name."""

    constructions: Mapping[str, Construction]
    optics: Mapping[str, Optics]

    def __getitem__(self, name: str) -> Construction:
        if name not in self.constructions:
            raise MetaError(
                f"there is no construction {name!r}", hint=nearest(name, self.constructions)
            )
        return self.constructions[name]

    def __contains__(self, name: object) -> bool:
        return name in self.constructions

    def joined(self, other: ConstructionSet) -> ConstructionSet:
        """Put two sets together; those of `other` come first where names agree."""
        return ConstructionSet(
            {**self.constructions, **other.constructions}, {**self.optics, **other.optics}
        )


@cache
def example_constructions() -> ConstructionSet:
    """Read the constructions of the document's example, which come with shoeroot."""
    text = (files("shoeroot.meta") / "data" / "example.toml").read_text(encoding="utf-8")
    stored = tomllib.loads(text)
    constructions = [_construction(row) for row in stored["construction"]]
    optics = [_optics(row) for row in stored["optics"]]
    return ConstructionSet(
        {one.name: one for one in constructions}, {one.name: one for one in optics}
    )


def _construction(row: Mapping[str, Any]) -> Construction:
    layers = tuple(
        Layer(
            **{key: value for key, value in layer.items() if key != "resistance"},
            gap_resistance=layer.get("resistance", 0.0),
        )
        for layer in row["layers"]
    )
    return Construction(row["name"], layers, row.get("optics", ""))


def _optics(row: Mapping[str, Any]) -> Optics:
    return Optics(
        name=row["name"],
        visible_transmittance=row["visible_transmittance"],
        angles=tuple(row["angles"]),
        solar_transmittance=tuple(row["solar_transmittance"]),
        absorptance=tuple(map(tuple, row["absorptance"])),
        shgc=tuple(row["shgc"]),
        pane_transmittance=row["pane_transmittance"],
        pane_reflectance=row["pane_reflectance"],
    )
