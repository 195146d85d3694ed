"""Generated models: written and read they are the same, in all dialects; expanded, they stay so."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoeroot import meta
from shoeroot.meta.expand import faces_of
from shoeroot.meta.geometry import area_vector, azimuth_and_elevation, volume_of
from shoeroot.meta.model import (
    Action,
    Assessment,
    Boundary,
    Literally,
    Mass,
    MetaModel,
    MetaSurface,
    MonthlyGround,
    Obstruction,
    Rotation,
    SimulationParameters,
    SiteExposure,
    SiteLocation,
    SurfaceChoice,
    UnknownTag,
    Usage,
)

from .handmade import SMALL, small
from .test_compact import zones

numbers = st.floats(-1e4, 1e4).map(lambda value: value + 0.0)
points = st.tuples(*3 * [st.integers(-90_000, 90_000).map(lambda value: value / 1000)])
names = st.text("abcdefg_XYZ0123456789", min_size=1, max_size=12)
boundaries = st.one_of(
    st.builds(Boundary, st.sampled_from([-1, 0, 5, 7])),
    st.builds(Boundary, st.just(1), st.integers(-5, 5), st.integers(0, 99)),
    st.builds(Boundary, st.just(2), st.floats(-20, 40), st.integers(0, 99)),
    st.builds(Boundary, st.sampled_from([3, 4, 6]), st.integers(0, 9), st.integers(0, 9)),
)


@st.composite
def blocks(draw):
    kind = draw(st.sampled_from(["obs", "obs3", "obsp"]))
    if kind == "obsp":
        corners = tuple(draw(st.lists(points, min_size=8, max_size=8)))
        return Obstruction("obsp", draw(names), draw(names), points=corners)
    count = {"obs": 1, "obs3": 3}[kind]
    angles = tuple(draw(st.lists(numbers, min_size=count, max_size=count)))
    return Obstruction(kind, draw(names), draw(names), draw(points), draw(points), angles)


@st.composite
def surfaces_of(draw, zone, dialect):
    """The surfaces of a zone with what its dialect can say of them."""
    made = []
    for number, surface in enumerate(zone.surfaces):
        optic = draw(st.sampled_from(["OPAQUE", "DCF7671_06nb"]))
        made.append(
            replace(
                surface,
                name=f"{draw(names)[:8]}_{number}",
                construction=draw(st.sampled_from(["extern_wall", "a wall of brick"])),
                boundary=draw(boundaries),
                optic="" if dialect == "1.1" and draw(st.booleans()) else optic,
                location=draw(st.sampled_from(["VERT", "CEIL", "UNKN"]))
                if dialect == "1.3"
                else "",
                parent=draw(st.sampled_from(["-", "front"])) if dialect == "1.3" else "",
                uses=("WALL", "-") if dialect == "1.3" else ("", ""),
            )
        )
    return tuple(made)


@st.composite
def full_zones(draw, name, dialect):
    zone = replace(draw(zones()), name=name)
    kinds = st.builds(
        Mass,
        st.booleans(),
        points,
        st.floats(0.01, 50),
        st.floats(0.01, 50),
        numbers,
        names,
        names,
    )
    choice = st.one_of(
        st.none(),
        st.just(SurfaceChoice("none")),
        st.builds(
            SurfaceChoice,
            st.sampled_from(["list", "all_applicable"]),
            st.lists(st.integers(1, 9), max_size=9).map(tuple),
        ),
    )
    turn = st.one_of(
        st.none(), st.builds(Rotation, numbers, st.one_of(st.none(), st.tuples(numbers, numbers)))
    )
    setpoints = st.one_of(st.none(), st.lists(numbers, min_size=1, max_size=2).map(tuple))
    return replace(
        zone,
        surfaces=draw(surfaces_of(zone, dialect)),
        rotate=draw(turn),
        previous_rotate=draw(turn),
        masses=tuple(draw(st.lists(kinds, max_size=2))),
        obstructions=tuple(draw(st.lists(blocks(), max_size=3))),
        shading=draw(choice),
        insolation=draw(choice),
        solar_grid=draw(st.one_of(st.none(), st.just((20, 30)))),
        usage=draw(st.one_of(st.none(), st.just(Usage("pattern", "all", "--", "an office.opr")))),
        environment=draw(st.sampled_from(["", "convective_night_off"])),
        heating=draw(setpoints),
        cooling=draw(setpoints),
        ideal_control=draw(st.sampled_from([None, True, False])),
    )


@st.composite
def models(draw):
    """Whole models in one of the three dialects."""
    dialect = draw(st.sampled_from(["1.1", "1.2", "1.3"]))
    kept = [
        draw(full_zones(f"zone_{number}", dialect)) for number in range(draw(st.integers(0, 2)))
    ]
    months = st.lists(numbers, min_size=12, max_size=12).map(tuple)
    return MetaModel(
        dialect=dialect,
        date="Wed Oct 7 11:58:47 2009",
        title=draw(st.sampled_from(["", "A box, and a roof"])),
        doc=draw(st.sampled_from(["", "of two | rooms"])),
        action=draw(
            st.sampled_from(
                [
                    None,
                    Action("new", "poly"),
                    Action("within", "poly", "single"),
                    Action("new", "poly", "distributed", "/tmp/a b,c"),
                ]
            )
        ),
        paths=(("zonpth", "../zones"), ("docpth", "../my doc")),
        databases=(("stdmat", "material.db3.a"), ("mlc", "../dbs/a b.db")),
        weather_station=draw(st.sampled_from(["", "uk_oban"])),
        location=draw(
            st.one_of(st.none(), st.builds(SiteLocation, st.floats(-90, 90), numbers, numbers))
        ),
        exposure=draw(
            st.sampled_from([None, SiteExposure(3), SiteExposure(8, (0.36, 0.36, 0.28))])
        ),
        ground_reflectance=draw(st.one_of(st.none(), st.floats(0, 1))),
        monthly_ground=draw(
            st.one_of(
                st.none(),
                st.builds(MonthlyGround, st.integers(1, 3), months, st.sampled_from([None, 0.7])),
            )
        ),
        snow_days=draw(st.one_of(st.just(()), months)),
        snow_depth_file=draw(st.sampled_from(["", "snow depth.txt"])),
        monthly_profiles=tuple(draw(st.lists(months, max_size=2))),
        parameters=draw(st.sampled_from([None, SimulationParameters(3, 4, 1, 6)])),
        assessments=draw(
            st.sampled_from(
                [
                    (),
                    (Assessment("annual"),),
                    (Assessment("five_season", "season"), Assessment("default")),
                    (Assessment("single", "user", (1, 31)),),
                ]
            )
        ),
        outputs=draw(st.sampled_from([(), ("building/a", "building/b, c")])),
        literals=(Literally("a.ctl", ("# kept", "  *surface,a")),) if dialect == "1.3" else (),
        zones=tuple(kept),
        unknown=tuple(UnknownTag("*colour", "blue", zone.name) for zone in kept[:1]),
        has_end=draw(st.booleans()) or not kept,
    )


@settings(deadline=None, max_examples=120)
@given(models())
def test_what_is_written_is_read_again(model):
    text = meta.to_text(model)

    again = meta.read_text(text)

    assert again == model
    assert meta.to_text(again) == text


@settings(deadline=None, max_examples=60)
@given(models(), models())
def test_a_model_written_over_the_lines_of_another_one_is_read_again(model, other):
    """However much changed since it was read: what is written is the model."""
    later = replace(model, source=meta.read_text(meta.to_text(other)).source)

    again = meta.read_text(meta.to_text(later))

    assert replace(again, has_end=later.has_end) == later


@settings(deadline=None, max_examples=60)
@given(zones(), st.integers(-180, 180).map(float), st.sampled_from(["document", "esp-r"]))
def test_expanding_twice_is_expanding_once(zone, angle, manner):
    model = MetaModel(zones=(replace(zone, rotate=Rotation(angle, (3.0, -2.0))),))

    once = meta.expand(model, rotation=manner)

    assert meta.expand(once, rotation=manner) == once
    compacted = meta.compact(once)
    assert meta.compact(compacted) == compacted
    assert meta.compact(meta.expand(compacted)) == compacted


@settings(deadline=None, max_examples=60)
@given(zones(), st.integers(-180, 180).map(float))
def test_generated_zones_are_closed_and_look_outwards(zone, angle):
    model = MetaModel(zones=(replace(zone, rotate=Rotation(angle), masses=()),))

    found = meta.diagnostics(model)

    shell = {"open", "inverted", "no-area", "not-flat", "geometry"}
    if not any(one.code in ("overlap", "near-vertex") for one in found):
        assert not shell & {one.code for one in found}
        faces = faces_of(model.zones[0])
        assert volume_of(faces.vertices, faces.rings) > 0


@pytest.mark.parametrize(("angle", "corner"), [(90.0, (0.0, 4.0)), (-90.0, (0.0, -4.0))])
def test_esp_r_turns_polygons_about_their_first_vertex(angle, corner):
    explicit = meta.expand(meta.read_text(SMALL))
    moved = tuple((x + 10.0, y + 5.0, z) for x, y, z in explicit.zones[0].cords)
    zone = replace(explicit.zones[0], cords=moved, rotate=Rotation(angle, (0.0, 0.0)))

    faces = faces_of(zone, rotation="esp-r")

    assert faces.vertices[0] == pytest.approx((10, 5, 0))
    assert faces.vertices[1] == pytest.approx((10 + corner[0], 5 + corner[1], 0))
    about_origin = faces_of(zone, rotation="document")
    assert about_origin.vertices[0] == pytest.approx((-5, 10, 0) if angle > 0 else (5, -10, 0))


@pytest.mark.parametrize(
    ("height", "door_height"), [(2.5, 2.1), (2.31, 2.1), (2.3, 2.0), (1.2, 0.9)]
)
def test_doors_are_as_high_as_esp_r_makes_them(height, door_height):
    text = small("*door,1,2,0.8", "*surface,door,wood,0,0,0").replace("4,3,2.5", f"4,3,{height}")

    faces = faces_of(meta.read_text(text).zones[0])

    corners = faces.vertices[list(faces.rings[6])]
    # The wall looks east: its right end, seen from outside, is in the north.
    assert corners[:, 1] == pytest.approx([1.9, 2.7, 2.7, 1.9])
    assert corners[:, 2] == pytest.approx([0, 0, door_height, door_height])


def test_windows_have_the_proportions_of_the_rectangle_round_their_surface():
    faces = faces_of(meta.read_text(small("*glaze,1,1,25", "*surface,g,glass,0,0,0")).zones[0])

    corners = faces.vertices[list(faces.rings[6])]
    assert np.ptp(corners, axis=0) == pytest.approx([2.0, 0.0, 1.25])
    assert corners.mean(axis=0) == pytest.approx([2.0, 0.0, 1.25])


def test_children_stand_in_the_order_of_their_parents():
    text = small(
        "*door,2,3,0.8,1,0.9",
        "*glaze,2,2,20,1,10",
        *(f"*surface,{name},x,0,0,0" for name in ("door_1", "door_3", "glz_1", "glz_2")),
    )

    faces = faces_of(meta.read_text(text).zones[0])

    assert [surface.name for surface in faces.surfaces[6:]] == [
        *("door_1", "door_3", "glz_1", "glz_2"),
    ]
    assert faces.parents[6:] == [0, 2, 0, 1]


@pytest.mark.parametrize("azimuth", [0.0, 30.0, 90.0, 200.0])
def test_vertical_masses_look_where_their_azimuth_says(azimuth):
    model = meta.read_text(small(f"*mass,VM,1,1,0,2,1.5,{azimuth},desk,wood"))

    faces = faces_of(model.zones[0])

    front, back = (faces.vertices[list(ring)] for ring in faces.rings[-2:])
    assert azimuth_and_elevation(front) == pytest.approx((azimuth, 0.0), abs=1e-9)
    assert area_vector(front) == pytest.approx(-area_vector(back))


def test_horizontal_masses_are_turned_anticlockwise():
    """As ESP-r's ADDMASS does: its azimuth is no azimuth of a normal there."""
    model = meta.read_text(small("*mass,HM,1,1,1,2,0.5,90,shelf,wood"))

    faces = faces_of(model.zones[0])

    corners = faces.vertices[list(faces.rings[-2])]
    assert corners == pytest.approx(np.array([[1, 1, 1], [1, 3, 1], [0.5, 3, 1], [0.5, 1, 1]]))
    assert area_vector(corners) == pytest.approx([0, 0, 1.0])
    again = meta.compact(meta.expand(model)).zones[0].masses
    assert [(one.vertical, one.azimuth) for one in again] == [(False, 90.0)]


def test_a_surface_made_without_an_optic_is_opaque_in_later_dialects():
    row = MetaSurface("front", "wall", Boundary(0))
    for dialect in ("1.2", "1.3"):
        zone = replace(meta.read_text(SMALL).zones[0], surfaces=(row,))

        again = meta.read_text(meta.to_text(MetaModel(dialect=dialect, zones=(zone,))))

        assert again.zones[0].surfaces[0].optic == "OPAQUE"
