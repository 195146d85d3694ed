"""Assemblies: the insulation makes the R-value, the innermost massive layer the mass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoeroot.building.assemblies import (
    insulation_of,
    massive_layer_of,
    with_mass,
    with_mass_and_r_value,
    with_r_value,
)
from shoeroot.building.template import Construction, Layer, Material
from shoeroot.errors import ModelError

from .handmade import BRICK, CONCRETE, FACADE, GYPSUM, WOOL

STEEL = Material("Steel", 50.0, 7800.0, 450.0)


def wall(*layers: tuple[Material, float]) -> Construction:
    return Construction("Wall", tuple(Layer(material, thickness) for material, thickness in layers))


def with_r(construction: Construction, r_value: float) -> Construction:
    return with_r_value(construction, r_value, parameter="FacadeRValue")


def with_both(construction: Construction, mass: float, r_value: float) -> Construction:
    return with_mass_and_r_value(
        construction, mass, r_value, parameter="FacadeRValue", mass_parameter="FacadeMass"
    )


# R-value


@pytest.mark.parametrize("r_value", [0.3, 2.15, 5.0])
def test_r_value_is_reached(r_value):
    assert with_r(FACADE, r_value).r_value == pytest.approx(r_value)


def test_only_the_insulation_changes():
    changed = with_r(FACADE, 3.15)

    assert [layer.thickness for layer in changed.layers] == pytest.approx([0.1, 0.12, 0.1])
    assert [layer.material for layer in changed.layers] == [BRICK, WOOL, CONCRETE]


def test_assembly_given_is_not_changed():
    with_r(FACADE, 4.0)

    assert FACADE.r_value == pytest.approx(2.15)


def test_insulation_is_the_layer_of_lowest_conductivity():
    assert insulation_of(wall((BRICK, 0.1), (GYPSUM, 0.01), (WOOL, 0.1), (CONCRETE, 0.1))) == 2


def test_massive_layer_is_never_the_insulation():
    clay = Material("Clay", 0.3, 1500.0, 1000.0)

    assert insulation_of(wall((STEEL, 0.01), (clay, 0.2))) == 0


@pytest.mark.parametrize("thickness", [0.0, 0.0029])
def test_insulation_under_3_mm_is_dropped(thickness):
    changed = with_r(FACADE, 0.15 + thickness / WOOL.conductivity)

    assert [layer.material for layer in changed.layers] == [BRICK, CONCRETE]
    assert changed.r_value == pytest.approx(0.15)


def test_insulation_of_3_mm_stays():
    changed = with_r(FACADE, 0.15 + 0.0031 / WOOL.conductivity)

    assert changed.layers[1].thickness == pytest.approx(0.0031)


def test_r_value_below_the_other_layers_says_the_lowest_reachable():
    with pytest.raises(ModelError) as caught:
        with_r(FACADE, 0.1)

    assert caught.value.problem == "FacadeRValue = 0.1 m2 K/W cannot be reached"
    assert caught.value.where == "construction 'Facade'"
    assert "0.15 m2 K/W" in caught.value.hint


def test_lowest_reachable_can_be_reached():
    assert with_r(FACADE, 0.1 + 0.05).r_value == pytest.approx(0.15)


def test_single_layer_gets_insulation_outside():
    changed = with_r(wall((CONCRETE, 0.2)), 2.1)

    assert len(changed.layers) == 2
    assert changed.layers[0].material.conductivity == 0.035
    assert changed.layers[0].thickness == pytest.approx(2.0 * 0.035)
    assert changed.layers[1] == Layer(CONCRETE, 0.2)


def test_single_layer_that_resists_enough_stays_alone():
    assert with_r(wall((CONCRETE, 0.2)), 0.1).layers == (Layer(CONCRETE, 0.2),)


# Mass


def test_mass_layer_is_the_innermost_massive_one():
    assert massive_layer_of(FACADE) == 2
    assert massive_layer_of(wall((CONCRETE, 0.1), (BRICK, 0.1), (WOOL, 0.1), (GYPSUM, 0.01))) == 1


def test_layer_of_greatest_capacity_stands_for_a_massive_one():
    light = wall((GYPSUM, 0.0125), (WOOL, 0.1), (GYPSUM, 0.025))

    assert massive_layer_of(light) == 2


def test_mass_is_reached_by_thickness():
    changed = with_mass(FACADE, 100_000)

    assert changed.layers[2] == Layer(CONCRETE, pytest.approx(0.05))
    assert changed.layers[:2] == FACADE.layers[:2]


def test_mass_changes_the_resistance_and_the_insulation_evens_it_out():
    changed = with_both(FACADE, mass=400_000, r_value=2.15)

    assert changed.r_value == pytest.approx(2.15)
    assert changed.layers[2].mass == pytest.approx(400_000)


def test_layer_made_thin_stays_the_massive_one():
    # Then the wool holds more heat than the gypsum: it must not be taken for the mass.
    changed = with_both(wall((WOOL, 0.1), (GYPSUM, 0.0125)), mass=1000, r_value=1.5)

    assert [layer.material for layer in changed.layers] == [WOOL, GYPSUM]
    assert changed.layers[1].mass == pytest.approx(1000)
    assert changed.r_value == pytest.approx(1.5)


LAYERS = st.tuples(st.sampled_from([BRICK, CONCRETE, WOOL, GYPSUM, STEEL]), st.floats(0.005, 0.4))
ASSEMBLIES = st.lists(LAYERS, min_size=1, max_size=5).map(lambda layers: wall(*layers))


@given(assembly=ASSEMBLIES, mass=st.floats(1000, 300_000), r_value=st.floats(0.1, 5))
def test_mass_and_r_value_are_reached_together_or_refused(assembly, mass, r_value):
    massive, insulation = with_mass(assembly, mass), insulation_of(assembly)
    rest = massive.r_value - (0 if insulation is None else massive.layers[insulation].r_value)
    try:
        changed = with_both(assembly, mass, r_value)
    except ModelError:
        assert rest > r_value
        return
    # An insulation under 3 mm of the best material is worth 0.09 m2 K/W at most.
    assert r_value - 0.003 / 0.035 <= changed.r_value + 1e-9
    assert changed.r_value <= r_value * (1 + 1e-6)
    assert pytest.approx(mass) in [layer.mass for layer in changed.layers]


def test_assembly_seen_from_its_other_side_keeps_what_it_is():
    turned = FACADE.reversed()

    assert turned.layers == FACADE.layers[::-1]
    assert (turned.r_value, turned.mass) == pytest.approx((FACADE.r_value, FACADE.mass))
