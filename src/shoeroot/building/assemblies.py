"""Change an assembly to the R-value and the thermal mass that a design asks for."""

from __future__ import annotations

from dataclasses import replace

from shoeroot.building.template import Construction, Layer, Material
from shoeroot.errors import ModelError

__all__ = [
    "insulation_of",
    "massive_layer_of",
    "with_mass",
    "with_mass_and_r_value",
    "with_r_value",
]

#: An insulation thinner than this [m] is dropped.
THINNEST_INSULATION = 0.003
#: A layer is massive when its material is at least this dense [kg/m3].
MASSIVE_DENSITY = 1000.0

#: Put on the outside of an assembly that has no layer to serve as insulation.
#: Mineral wool: ISO 10456:2007, table 3 lists 1030 J/(kg K); conductivity 0.035 W/(m K) and
#: density 30 kg/m3 lie in the declared range of EN 13162 products.
ADDED_INSULATION = Material("Added mineral wool", 0.035, 30.0, 1030.0)


def massive_layer_of(construction: Construction) -> int:
    """Return the position of the innermost massive layer.

    Massive is a layer of at least 1000 kg/m3; an assembly that has none lets
    the layer of the greatest heat capacity stand for it.
    """
    layers = construction.layers
    for position in range(len(layers) - 1, -1, -1):
        if layers[position].material.density >= MASSIVE_DENSITY:
            return position
    return max(range(len(layers)), key=lambda position: layers[position].mass)


def insulation_of(construction: Construction) -> int | None:
    """Return the position of the insulation: the lowest conductivity, not the massive layer.

    None where the assembly has a single layer.
    """
    massive = massive_layer_of(construction)
    others = [position for position in range(len(construction.layers)) if position != massive]
    if not others:
        return None
    return min(others, key=lambda position: construction.layers[position].material.conductivity)


def with_mass(construction: Construction, mass: float) -> Construction:
    """Return the assembly with its massive layer made as thick as `mass` [J/(m2 K)] asks."""
    position = massive_layer_of(construction)
    layer = construction.layers[position]
    thickness = mass / (layer.material.density * layer.material.specific_heat)
    return _with_layer(construction, position, replace(layer, thickness=thickness))


def with_r_value(construction: Construction, r_value: float, *, parameter: str) -> Construction:
    """Return the assembly with its insulation made as thick as `r_value` [m2 K/W] asks.

    Parameters
    ----------
    construction : Construction
    r_value : float
        Thermal resistance without surface films [m2 K/W].
    parameter : str
        The design parameter to name in an error.

    Raises
    ------
    ModelError
        The other layers alone resist more.
    """
    return _insulated(construction, insulation_of(construction), r_value, parameter)


def with_mass_and_r_value(
    construction: Construction,
    mass: float,
    r_value: float,
    *,
    parameter: str,
    mass_parameter: str,
) -> Construction:
    """Return the assembly with both; see `with_mass` and `with_r_value`.

    The mass comes first: it changes the resistance, which the insulation then
    evens out. Which layer is which is told by the assembly as it was: a layer
    made thin no longer looks massive.
    """
    position, insulation = massive_layer_of(construction), insulation_of(construction)
    heavy = with_mass(construction, mass)
    massive = heavy.layers[position]
    others = heavy.r_value - massive.r_value
    if insulation is not None:
        others -= heavy.layers[insulation].r_value
    # What the massive layer may resist, and so weigh, for this R-value.
    material = massive.material
    most = (r_value - others) * material.conductivity * material.density * material.specific_heat
    way_out = f", or for {mass_parameter} of {most:.0f} J/(m2 K) or less" if most >= 1.0 else ""
    return _insulated(heavy, insulation, r_value, parameter, way_out)


def _insulated(
    construction: Construction,
    position: int | None,
    r_value: float,
    parameter: str,
    way_out: str = "",
) -> Construction:
    if position is None:
        added = Layer(ADDED_INSULATION, 0.0)
        construction = replace(construction, layers=(added, *construction.layers))
        position = 0
    insulation = construction.layers[position]
    others = construction.r_value - insulation.r_value
    # What remains within a rounding error of nothing is nothing.
    if r_value < others * (1.0 - 1e-9):
        raise ModelError(
            f"{parameter} = {r_value:g} m2 K/W cannot be reached",
            where=f"construction {construction.name!r}",
            hint=f"its layers other than the insulation resist {others:.4g} m2 K/W: "
            f"ask for that or more{way_out}",
        )
    thickness = (r_value - others) * insulation.material.conductivity
    if thickness < THINNEST_INSULATION:
        layers = construction.layers[:position] + construction.layers[position + 1 :]
        return replace(construction, layers=layers)
    return _with_layer(construction, position, replace(insulation, thickness=thickness))


def _with_layer(construction: Construction, position: int, layer: Layer) -> Construction:
    layers = list(construction.layers)
    layers[position] = layer
    return replace(construction, layers=tuple(layers))
