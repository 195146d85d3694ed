"""Explicit zones become compact where that says the same: doors, windows, masses, extrusions."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shoeroot import meta
from shoeroot.meta.model import (
    Boundary,
    Door,
    Glazing,
    Mass,
    MetaModel,
    MetaSurface,
    MetaZone,
    Obstruction,
    Rotation,
)
from shoeroot.meta.obstructions import corners_of


def test_the_documents_explicit_model_becomes_its_compact_one(meta_folder):
    explicit = meta.read(meta_folder / "doc_explicit.meta")

    box, roof, pavilion = meta.compact(explicit).zones

    assert (box.shape, box.size) == ("box", (20.0, 10.0, 5.0))
    assert (box.doors, box.glazings) == ((Door(1, 2.5),), (Glazing(1, 20.0),))
    assert roof == explicit.zones[1]
    assert (pavilion.shape, pavilion.origin) == ("extrude", (0.0, 3.0, 0.0))
    assert (pavilion.doors, pavilion.glazings) == ((Door(2, 1.5),), (Glazing(1, 20.0),))


def test_a_zone_that_was_changed_by_hand_stays_explicit(meta_folder):
    explicit = meta.read(meta_folder / "doc_explicit.meta")
    box = explicit.zones[0]
    moved = replace(box, cords=(*box.cords[:-1], (5.6, 0.0, 3.618)))

    assert meta.compact(replace(explicit, zones=(moved,))).zones == (moved,)


sizes = st.integers(30, 200).map(lambda tenths: tenths / 10)
places = st.integers(-500, 500).map(lambda tenths: tenths / 10)
percents = st.integers(1, 90).map(float)


@st.composite
def zones(draw):
    """A box or an extruded shape with doors, windows, a mass and a block."""
    is_box = draw(st.booleans())
    corner = (draw(places), draw(places))
    if is_box:
        walls = 4
        shape = {
            "shape": "box",
            "origin": (*corner, 0.0),
            "size": (draw(sizes), draw(sizes), draw(sizes)),
        }
    else:
        walls = draw(st.integers(3, 7))
        # On a circle, so that the plan is convex and anticlockwise.
        angles = 2 * np.pi * np.arange(walls) / walls
        radius = draw(st.integers(5, 20))
        plan = np.round(radius * np.column_stack([np.cos(angles), np.sin(angles)]) + corner, 4)
        shape = {
            "shape": "extrude",
            "origin": (0.0, draw(sizes), 0.0),
            "cords": tuple(map(tuple, plan.tolist())),
            "wall_count": walls,
        }
    wall = st.integers(1, walls)
    doors = draw(st.lists(wall, max_size=2, unique=True))
    glazings = draw(st.lists(wall, max_size=2, unique=True))
    names = [f"s{number}" for number in range(walls + 2 + len(doors) + len(glazings))]
    masses = (Mass(True, (*corner, 0.0), 2.0, 1.5, 180.0, "desk", "wood"),)
    return MetaZone(
        "room",
        **shape,
        doors=tuple(Door(parent, 0.9) for parent in sorted(doors)),
        glazings=tuple(Glazing(parent, draw(percents)) for parent in sorted(glazings)),
        surfaces=tuple(MetaSurface(name, "wall", Boundary(0)) for name in names),
        masses=masses if draw(st.booleans()) else (),
        obstructions=(
            Obstruction("obs", "tree", "leaf", (*corner, 0.0), (1.0, 1.0, 5.0), (30.0,)),
        ),
    )


@settings(deadline=None, max_examples=50)
@given(zones())
def test_compact_undoes_expand_through_a_file(zone):
    explicit = meta.expand(MetaModel(zones=(zone,)))

    again = meta.compact(meta.read_text(meta.to_text(explicit)))

    [made] = again.zones
    assert made.shape == zone.shape
    assert (made.doors, made.masses, made.obstructions) == (
        *(zone.doors, zone.masses),
        zone.obstructions,
    )
    np.testing.assert_allclose(
        [one.percent for one in made.glazings], [one.percent for one in zone.glazings], rtol=5e-3
    )
    for one, other in zip(meta.expand(again).zones, explicit.zones, strict=True):
        assert one.surfaces == other.surfaces
        np.testing.assert_allclose(one.cords, other.cords, atol=2.1e-4)


@settings(deadline=None, max_examples=30)
@given(zones(), st.integers(-180, 180).map(float))
def test_turning_keeps_areas_and_volumes(zone, angle):
    still = meta.statistics(MetaModel(zones=(zone,)))
    turned = meta.statistics(MetaModel(zones=(replace(zone, rotate=Rotation(angle, (1.0, 2.0))),)))

    np.testing.assert_allclose(turned.zones.volume, still.zones.volume)
    np.testing.assert_allclose(turned.surfaces.area, still.surfaces.area)
    walls = still.surfaces.location == "VERT"
    if not zone.masses:
        difference = (still.surfaces.azimuth - turned.surfaces.azimuth)[walls] - angle
        np.testing.assert_allclose(np.cos(np.radians(difference)), 1.0, atol=1e-9)


@settings(deadline=None, max_examples=20)
@given(st.integers(-90, 90), st.integers(0, 60))
def test_blocks_are_lifted_then_turned(turn, lift):
    block = Obstruction("obs3", "b", "c", (1.0, 2.0, 3.0), (4.0, 1.0, 0.5), (turn, lift, 0.0))

    corners = corners_of(block)

    np.testing.assert_allclose(corners[0], (1, 2, 3))
    edge = corners[1] - corners[0]
    np.testing.assert_allclose(np.linalg.norm(edge), 4.0)
    np.testing.assert_allclose(edge[2], 4.0 * np.sin(np.radians(lift)), atol=1e-12)
    np.testing.assert_allclose(np.degrees(np.arctan2(edge[1], edge[0])), turn, atol=1e-9)


def test_the_picture_shows_every_surface_and_block(meta_folder, tmp_path):
    model = meta.read(meta_folder / "doc_compact.meta")

    figure = meta.view(model)

    [axes] = figure.axes
    assert len(axes.collections) == 8 + 5 + 7 + 3 * 6
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        *("metal_box5", "metal_roof", "pavilion"),
    ]
    figure.savefig(tmp_path / "model.png")
    assert (tmp_path / "model.png").stat().st_size > 10_000
