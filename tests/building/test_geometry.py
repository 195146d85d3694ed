"""The shoebox's surfaces: areas, volumes, closedness, where they look, and its shading blocks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoeroot.building import CORE, PERIMETER, Box
from shoeroot.building.geometry import shading_blocks, surfaces_of

from .handmade import BOX

#: 10 m wide, 3 m high, 10 m deep, two zones of 5 m.
BASE = Box(**(BOX | {"orientation": 0}))

ORIENTATIONS = (0, 1, 2, 3)

BOXES = st.builds(
    Box,
    width=st.floats(3, 12),
    height=st.floats(2.5, 6),
    facade_2_footprint=st.floats(0.01, 2),
    perim_2_footprint=st.floats(0.01, 1),
    roof_2_footprint=st.floats(0.01, 1),
    footprint_2_ground=st.floats(0.01, 1),
    shading_fact=st.floats(0, 1),
    wwr=st.floats(0.05, 0.9),
    orientation=st.integers(0, 3),
)


def named(box: Box, name: str):
    return next(surface for surface in surfaces_of(box) if surface.name == name)


def areas(box: Box, *parts: str) -> float:
    return sum(surface.area for surface in surfaces_of(box) if surface.part in parts)


def volume(surfaces) -> float:
    """By the divergence theorem: a third of each area vector times a point on its surface."""
    return sum(surface.normal @ surface.corners[0] for surface in surfaces) / 3.0


# Areas and volumes


def test_depth_follows_from_height_and_facade_share():
    assert BASE.depth == pytest.approx(10.0)
    assert replace(BASE, height=4.0, facade_2_footprint=0.8).depth == pytest.approx(5.0)


def test_two_zones_have_sixteen_surfaces():
    assert len(surfaces_of(BASE)) == 16


@pytest.mark.parametrize(
    ("part", "area"),
    [
        ("facade", 10 * 3),
        ("partition", 2 * 10 * 3),
        ("wall", 2 * 10 * 3 + 10 * 3),
        ("roof", 50),
        ("ceiling", 50),
        ("ground", 50),
        ("floor", 50),
    ],
)
def test_areas_are_those_of_the_box(part, area):
    assert areas(BASE, part) == pytest.approx(area)


@pytest.mark.parametrize(("zone", "volume_wanted"), [(PERIMETER, 75), (CORE, 225)])
def test_zones_share_the_volume(zone, volume_wanted):
    box = replace(BASE, perim_2_footprint=0.25)

    enclosed = volume([surface for surface in surfaces_of(box) if surface.zone == zone])

    assert enclosed == pytest.approx(volume_wanted)


@given(box=BOXES)
@settings(max_examples=100, deadline=None)
def test_each_zone_is_closed(box):
    for zone in box.zones():
        surfaces = [surface for surface in surfaces_of(box) if surface.zone == zone.name]
        leak = np.linalg.norm(sum(surface.normal for surface in surfaces))
        assert leak <= 1e-9 * zone.depth * box.width


@given(box=BOXES)
@settings(max_examples=100, deadline=None)
def test_volumes_add_up_to_the_box(box):
    enclosed = volume(surfaces_of(box))

    assert enclosed == pytest.approx(box.width * box.height * box.depth)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_normals_point_outside(orientation):
    box = replace(BASE, orientation=orientation)
    for zone in (PERIMETER, CORE):
        surfaces = [surface for surface in surfaces_of(box) if surface.zone == zone]
        middle = np.mean([surface.corners.mean(axis=0) for surface in surfaces], axis=0)
        for surface in surfaces:
            assert surface.normal @ (surface.corners.mean(axis=0) - middle) > 0, surface.name


@given(box=BOXES)
@settings(max_examples=50, deadline=None)
def test_all_areas_are_positive(box):
    assert all(surface.area > 0 for surface in surfaces_of(box))


def test_zones_meet_at_the_same_wall_seen_from_both_sides():
    front = named(BASE, f"{PERIMETER} Partition")
    back = named(BASE, f"{CORE} Partition")

    assert (front.twin, back.twin) == (back.name, front.name)
    np.testing.assert_allclose(front.normal, -back.normal)
    assert {tuple(corner) for corner in front.corners} == {tuple(corner) for corner in back.corners}


# Zones


def test_perimeter_that_fills_the_box_is_the_only_zone():
    surfaces = surfaces_of(replace(BASE, perim_2_footprint=1.0))

    assert {surface.zone for surface in surfaces} == {PERIMETER}
    assert "partition" not in {surface.part for surface in surfaces}
    assert volume(surfaces) == pytest.approx(300)


def test_core_thinner_than_a_centimetre_joins_the_perimeter():
    box = replace(BASE, perim_2_footprint=0.9995)

    assert [zone.name for zone in box.zones()] == [PERIMETER]
    assert box.zones()[0].depth == pytest.approx(10.0)


def test_smallest_perimeter_is_still_a_zone():
    box = replace(BASE, perim_2_footprint=0.01)

    assert [zone.depth for zone in box.zones()] == pytest.approx([0.1, 9.9])


# Where surfaces look


@pytest.mark.parametrize(("orientation", "azimuth"), [(0, 180), (1, 90), (2, 0), (3, 270)])
def test_facade_looks_where_the_orientation_says(orientation, azimuth):
    facade = named(replace(BASE, orientation=orientation), f"{PERIMETER} Facade")

    assert facade.azimuth == pytest.approx(azimuth)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_back_wall_looks_the_other_way(orientation):
    box = replace(BASE, orientation=orientation)

    turn = named(box, f"{CORE} Wall Back").azimuth - named(box, f"{PERIMETER} Facade").azimuth

    assert turn % 360 == pytest.approx(180)


@pytest.mark.parametrize(
    ("part", "tilt"),
    [("facade", 90), ("wall", 90), ("roof", 0), ("ceiling", 0), ("ground", 180), ("floor", 180)],
)
def test_tilt_is_that_of_the_part(part, tilt):
    tilts = [surface.tilt for surface in surfaces_of(BASE) if surface.part == part]

    assert tilts == pytest.approx([tilt] * len(tilts))


def test_corners_start_at_the_upper_left_as_seen_from_outside():
    facade = named(BASE, f"{PERIMETER} Facade")

    np.testing.assert_allclose(facade.corners, [[0, 0, 3], [0, 0, 0], [10, 0, 0], [10, 0, 3]])


# Window


@pytest.mark.parametrize("wwr", [0.05, 0.4, 0.9])
@pytest.mark.parametrize("width", [3.0, 12.0])
def test_window_is_the_share_of_the_facade(wwr, width):
    facade = named(replace(BASE, wwr=wwr, width=width), f"{PERIMETER} Facade")

    assert facade.window_area / facade.area == pytest.approx(wwr, rel=1e-12)


@given(box=BOXES)
@settings(max_examples=50, deadline=None)
def test_window_lies_within_the_facade(box):
    facade = named(box, f"{PERIMETER} Facade")

    inside_low = facade.corners.min(axis=0) <= facade.window.min(axis=0)
    inside_high = facade.window.max(axis=0) <= facade.corners.max(axis=0)
    assert inside_low.all()
    assert inside_high.all()
    assert (facade.window - facade.corners[0]) @ facade.normal == pytest.approx(0, abs=1e-9)


def test_only_the_facade_has_a_window():
    assert [surface.part for surface in surfaces_of(BASE) if surface.window_area] == ["facade"]


# Roof and ground


@pytest.mark.parametrize("share", [0.01, 0.5, 1.0])
def test_roof_is_its_share_of_the_top(share):
    box = replace(BASE, roof_2_footprint=share)

    assert areas(box, "roof") == pytest.approx(share * 100)
    assert areas(box, "roof", "ceiling") == pytest.approx(100)


@pytest.mark.parametrize("share", [0.01, 0.5, 1.0])
def test_ground_is_its_share_of_the_bottom(share):
    box = replace(BASE, footprint_2_ground=share)

    assert areas(box, "ground") == pytest.approx(share * 100)
    assert areas(box, "ground", "floor") == pytest.approx(100)


@pytest.mark.parametrize("share", [0.01, 0.5, 1.0])
def test_both_zones_have_the_same_share_of_roof(share):
    box = replace(BASE, roof_2_footprint=share, perim_2_footprint=0.3)

    roofs = [surface.area for surface in surfaces_of(box) if surface.part == "roof"]

    assert roofs == pytest.approx([share * 30, share * 70])


def test_whole_roof_leaves_no_ceiling():
    parts = {surface.part for surface in surfaces_of(replace(BASE, roof_2_footprint=1.0))}

    assert "ceiling" not in parts


@pytest.mark.parametrize(("share", "built"), [(0.003, 0.0), (0.997, 1.0), (0.98, 0.98)])
def test_strip_too_narrow_for_the_engine_joins_its_neighbour(share, built):
    # Of 3 m of width, 0.3 % are 9 mm and 2 % are 6 cm.
    box = replace(BASE, width=3.0, roof_2_footprint=share)

    assert areas(box, "roof") == pytest.approx(built * 30)
    assert areas(box, "roof", "ceiling") == pytest.approx(30)


def test_only_facade_and_roof_see_the_weather():
    outdoors = {surface.part for surface in surfaces_of(BASE) if surface.boundary == "outdoors"}

    assert outdoors == {"facade", "roof"}


# Shading


def hidden_share(box: Box, rays: int) -> float:
    """Cast rays from the facade's middle, spread evenly over the sky in front of it."""
    facade = named(box, f"{PERIMETER} Facade")
    middle, outwards = facade.corners.mean(axis=0), facade.normal / facade.area
    ways = np.random.default_rng(20).normal(size=(rays, 3))
    ways /= np.linalg.norm(ways, axis=1)[:, None]
    ways[:, 2] = np.abs(ways[:, 2])
    behind = ways @ outwards < 0
    ways[behind] -= 2 * (ways[behind] @ outwards)[:, None] * outwards
    hidden = np.zeros(rays, bool)
    for block in shading_blocks(box):
        hidden |= hits(block, middle, ways)
    return float(hidden.mean())


def hits(block: np.ndarray, origin: np.ndarray, ways: np.ndarray) -> np.ndarray:
    """Whether rays cross a flat convex polygon."""
    normal = np.cross(block[1] - block[0], block[2] - block[0])
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = ((block[0] - origin) @ normal) / (ways @ normal)
    distance = np.where(np.isfinite(distance), distance, -1.0)
    points = origin + distance[:, None] * ways
    edges = np.roll(block, -1, axis=0) - block
    sides = np.array(
        [
            np.cross(edge, points - corner) @ normal
            for corner, edge in zip(block, edges, strict=True)
        ]
    )
    return (distance > 0) & ((sides >= 0).all(axis=0) | (sides <= 0).all(axis=0))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.97, 1.0])
def test_blocks_hide_their_share_of_the_sky(share, orientation):
    box = replace(BASE, shading_fact=share, orientation=orientation)
    rays = 20_000

    hidden = hidden_share(box, rays)

    # Flat blocks between the edges of round sectors hide up to 0.12 % more.
    error = 4 * np.sqrt(share * (1 - share) / rays) + 0.0012
    assert hidden == pytest.approx(share, abs=error)


def test_blocks_hide_the_same_before_a_small_facade():
    box = replace(BASE, shading_fact=0.5, width=3.0, height=2.5)

    assert hidden_share(box, 20_000) == pytest.approx(0.5, abs=0.016)


def test_nothing_is_built_where_nothing_is_hidden():
    assert shading_blocks(replace(BASE, shading_fact=0.0)) == []


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("share", [0.1, 0.99, 1.0])
def test_blocks_stand_before_the_facade_and_above_the_ground(share, orientation):
    box = replace(BASE, shading_fact=share, orientation=orientation)
    facade = named(box, f"{PERIMETER} Facade")

    for block in shading_blocks(box):
        assert ((block - facade.corners[0]) @ facade.normal >= -1e-9).all()
        assert (block[:, 2] >= 0).all()


@pytest.mark.parametrize("share", [0.1, 0.97, 1.0])
def test_blocks_are_flat_and_have_an_area(share):
    for block in shading_blocks(replace(BASE, shading_fact=share)):
        normal = np.cross(block[1] - block[0], block[2] - block[0])
        assert np.linalg.norm(normal) > 1e-3
        np.testing.assert_allclose((block - block[0]) @ normal, 0, atol=1e-6)


def test_high_shares_are_hidden_by_a_lid():
    walls = shading_blocks(replace(BASE, shading_fact=0.9))
    with_lid = shading_blocks(replace(BASE, shading_fact=0.97))

    assert (len(walls), len(with_lid)) == (12, 24)
