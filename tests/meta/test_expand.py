"""Compact zones become polygons, as in the document; statistics to its printed digits."""

import numpy as np
import pytest

from shoeroot import meta
from shoeroot.errors import MetaError
from shoeroot.meta.expand import faces_of
from shoeroot.meta.geometry import area_vector, volume_of
from shoeroot.meta.model import Rotation

from .handmade import SMALL, small


def test_the_documents_compact_model_expands_to_its_explicit_one(meta_folder):
    expanded = meta.expand(meta.read(meta_folder / "doc_compact.meta"))
    explicit = meta.read(meta_folder / "doc_explicit.meta")

    for zone, wanted in zip(expanded.zones, explicit.zones, strict=True):
        assert np.round(np.array(zone.cords), 4).tolist() == np.array(wanted.cords).tolist()
        assert zone.surfaces == wanted.surfaces
        assert zone.wall_count == wanted.wall_count


def test_the_figures_of_the_document(meta_folder):
    zones = meta.statistics(meta.read(meta_folder / "doc_compact.meta")).zones.set_index("zone")

    box, roof, pavilion = (zones.loc[name] for name in zones.index)
    assert (box.volume, box.surface_area, box.floor_area) == pytest.approx((1000, 700, 200))
    assert (box.surfaces, box.vertices) == (8, 16)
    assert (box.exposed_area, box.exposed_vertical_area) == pytest.approx((300, 300))
    assert [round(box.wall_of_floor, 2), round(box.wall_u, 3), round(box.wall_ua, 2)] == [
        *(140.0, 0.448, 125.3),
    ]
    assert [round(box.glazing_of_floor, 3), round(box.glazing_ua, 3)] == [10.0, 56.213]
    assert [round(roof.surface_area, 3), round(roof.exposed_area, 2)] == [421.323, 221.32]
    assert [round(roof.wall_ua, 4), round(roof.sloped_roof_ua, 2)] == [7.8541, 362.23]
    assert round(roof.sloped_roof_of_floor, 2) == 100.66
    assert [round(pavilion.volume, 6), round(pavilion.surface_area, 1)] == [30.0, 63.3]
    assert [round(pavilion.exposed_area, 3), round(pavilion.exposed_vertical_area, 3)] == [
        *(53.302, 43.302),
    ]
    assert [round(pavilion.wall_of_floor, 2), round(pavilion.wall_ua, 3)] == [403.02, 25.035]
    # The report cuts its last digit off.
    assert round(pavilion.flat_roof_ua, 3) == 17.992
    assert pavilion.glazing_ua == pytest.approx(8.4319, abs=1e-4)
    assert [round(pavilion.glazing_of_floor, 3), round(pavilion.glazing_of_facade, 4)] == [
        *(30.0, 6.9281),
    ]


def test_the_tables_of_the_document(meta_folder):
    surfaces = meta.statistics(meta.read(meta_folder / "doc_compact.meta")).surfaces

    box = surfaces[surfaces.zone == "metal_box5"]
    assert box.area.round(2).tolist() == [74.75, 50, 100, 50, 200, 200, 5.25, 20]
    assert box.azimuth.round().tolist() == [180, 90, 0, 270, 0, 0, 180, 180]
    assert box.elevation.round().tolist() == [0, 0, 0, 0, 90, -90, 0, 0]
    assert box.use.tolist()[6:] == ["DOOR", "C-WIN"]
    assert box.other_side.tolist()[4:6] == ["base:metal_roof", "ground profile 1"]
    pavilion = surfaces[surfaces.zone == "pavilion"]
    assert pavilion.azimuth.round().tolist() == [180, 58, 302, 0, 0, 58, 180]
    roof = surfaces[surfaces.zone == "metal_roof"]
    assert roof.elevation.round().tolist() == [-90, 0, 86, 0, 79]
    assert roof.location.tolist() == ["FLOR", "VERT", "SLOP", "VERT", "SLOP"]


@pytest.mark.parametrize(
    ("manner", "first"), [("document", (1.0, -1.0)), ("esp-r", (0.0, 0.0))], ids=str
)
def test_rotation_turns_anticlockwise_about_the_point_of_its_tag(manner, first):
    model = meta.read_text(small("*rotate,90,1,0"))

    zone = meta.expand(model, rotation=manner).zones[0]

    assert zone.cords[0][:2] == pytest.approx(first)
    assert zone.cords[1][:2] == pytest.approx((first[0], first[1] + 4.0))
    assert zone.rotate == Rotation(0.0)


def test_children_of_a_turned_box_stay_in_their_wall():
    text = small("*door,1,2,1.0", "*glaze,1,2,25").replace(
        "*end_zone",
        "*surface,door,wood,0,0,0\n*surface,window,glass,0,0,0\n*rotate,30,0,0\n*end_zone",
    )
    faces = faces_of(meta.read_text(text).zones[0])

    normals = [area_vector(faces.vertices[list(ring)]) for ring in faces.rings]
    assert np.linalg.norm(normals[6]) == pytest.approx(1.0 * 2.1)
    assert np.linalg.norm(normals[7]) == pytest.approx(0.25 * 3 * 2.5)
    assert np.linalg.norm(normals[1]) == pytest.approx(3 * 2.5 * 0.75 - 2.1)
    assert volume_of(faces.vertices, faces.rings) == pytest.approx(4 * 3 * 2.5)
    assert faces.parents == [-1, -1, -1, -1, -1, -1, 1, 1]


def test_a_mass_has_two_faces_that_point_to_each_other():
    model = meta.read_text(small("*mass,VM,1,1,0,2,1.5,180,desk_of_wood,wood"))

    zone = meta.expand(model).zones[0]

    front, back = zone.surfaces[-2:]
    assert (front.name, back.name) == ("desk_of_wood", "desk_of_woo_")
    assert (front.boundary.j, back.boundary.j) == (8, 7)
    assert back.vertices == tuple(front.vertices[place] for place in (1, 0, 3, 2))
    corners = np.array(zone.cords)[[vertex - 1 for vertex in front.vertices]]
    assert corners[:2] == pytest.approx(np.array([[1, 1, 0], [3, 1, 0]]))
    assert area_vector(corners) == pytest.approx([0, -3, 0])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (SMALL.replace("*surface,top,roof,0,0,0\n", ""), "5 *surface rows instead of 6"),
        (small("*door,1,9,1", "*surface,d,wood,0,0,0"), "parent 9 is not there"),
        (small("*door,1,1,3.8", "*surface,d,wood,0,0,0"), "does not fit into a wall of 4 m"),
        (SMALL.replace("*size,4,3,2.5\n", ""), "needs *origin and *size"),
        (SMALL.replace("*size,4,3,2.5", "*size,4,3,0"), "sizes of a box are above 0"),
        (SMALL.replace("*shape,box", "*shape,extrude"), "three *cord or more"),
        (SMALL.replace("*shape,box", "*shape,poly"), "has no *list"),
    ],
)
def test_zones_that_do_not_fit_together(text, problem):
    with pytest.raises(MetaError, match=problem.replace("*", r"\*")) as caught:
        meta.expand(meta.read_text(text))

    assert "room" in caught.value.where or "front" in caught.value.where
