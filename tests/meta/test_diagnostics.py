"""Diagnostics: what is wrong with a model, each with its line."""

from dataclasses import replace

import pytest

from shoeroot import meta
from shoeroot.meta.model import Boundary, MetaModel, MetaSurface, MetaZone

from .handmade import SMALL, small

CUBE = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)]
FACES = {
    "front": (1, 2, 6, 5),
    "right": (2, 3, 7, 6),
    "back": (3, 4, 8, 7),
    "left": (4, 1, 5, 8),
    "top": (5, 6, 7, 8),
    "base": (1, 4, 3, 2),
}


def cube(cords=CUBE, **faces):
    """A cube of polygons; faces by name are others, or (with None) are left out."""
    text = ["*silent_input", "*start_zone,room", "*shape,poly"]
    text += [f"*cord,{x},{y},{z}" for x, y, z in cords]
    for name, ring in {**FACES, **faces}.items():
        if ring is not None:
            text += [
                f"*surface,{name},wall,0,0,0",
                f"*list,{len(ring)},{','.join(map(str, ring))}",
            ]
    return "\n".join([*text, "*end_zone", "*end", ""])


def found(text, **options):
    """Severity, code, line and surface of what is found in a text."""
    model = meta.read_text(text, name="a.meta", **options)
    return [(one.severity, one.code, one.line, one.surface) for one in meta.diagnostics(model)]


def test_good_models_have_none():
    assert found(SMALL) == []
    assert found(cube()) == []


def test_a_diagnostic_reads_as_that_of_a_compiler():
    model = meta.read_text(small("*door,1,1,3.8", "*surface,d,wood,0,0,0"), name="a.meta")

    [one] = meta.diagnostics(model)

    assert (one.severity, one.code, one.zone, one.surface) == (
        *("error", "door-wide"),
        *("room", "front"),
    )
    assert str(one) == (
        "a.meta:13: error: room, front: a door of 3.8 m does not fit into its surface of "
        "4 m by 2.5 m: 0.3 m are kept free on its right [door-wide]"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (small("*colour,blue"), ("warning", "unknown-tag", 13, "")),
        (SMALL.replace("*end\n", ""), ("warning", "no-end", 13, "")),
        (f"{SMALL}*title,more\n", ("warning", "after-end", 15, "")),
        (small(f"*environment,{'x' * 250}"), ("warning", "long-line", 13, "")),
        (small("*size,4,3,2"), ("warning", "doubled", 13, "")),
        (small("*menu,b", at="*start_zone,room"), ("warning", "doubled", 3, "")),
        (small("*cord,1,2,3"), ("warning", "idle-tag", 13, "")),
        (SMALL.replace("A small model", "x" * 73), ("warning", "long-title", 2, "")),
        (SMALL.replace("zone,room", "zone,living_room_1"), ("warning", "long-name", 3, "")),
        (SMALL.replace("front,", "front_of_house,"), ("warning", "long-name", 7, "")),
        (SMALL.replace("front,", "right,"), ("warning", "same-name", 8, "right")),
        (SMALL.replace(",4,1,0", ",4,0,2"), ("error", "boundary", 12, "base")),
        (SMALL.replace(",4,1,0", ",-1,0,0"), ("warning", "boundary", 12, "base")),
        (SMALL.replace(",4,1,0", ",3,2,1"), ("error", "boundary", 12, "base")),
        (SMALL.replace(",4,1,0", ",3,1,7"), ("error", "boundary", 12, "base")),
        (SMALL.replace(",4,1,0", ",3,1,6"), ("error", "boundary", 12, "base")),
        (SMALL.replace(",4,1,0", ",3,1,1"), ("error", "boundary", 12, "base")),
        (SMALL.replace(",4,1,0", ",6,1,120"), ("error", "boundary", 12, "base")),
        (
            small("*ground_refl_monthly,2 " + "0.2 " * 12, at="*start_zone,room"),
            ("warning", "no-snow", 3, ""),
        ),
        (
            small("*ground_refl_monthly,3 " + "0.2 " * 12, at="*start_zone,room"),
            ("warning", "no-snow", 3, ""),
        ),
        (small("*ground_refl_annual,20", at="*start_zone,room"), ("error", "reflectance", 3, "")),
        (small("*site_exp,1,.4,.3,.3", at="*start_zone,room"), ("warning", "views", 3, "")),
        (small("*assessments,single", at="*start_zone,room"), ("warning", "single", 3, "")),
        (
            small("*doc,a", "*docpth ../doc", at="*start_zone,room"),
            ("warning", "docpth", 4, ""),
        ),
        (SMALL.replace("*surface,top,roof,0,0,0\n", ""), ("error", "rows", 3, "")),
        (small("*door,1,9,1", "*surface,d,wood,0,0,0"), ("error", "parent", 13, "")),
        (small("*glaze,1,1,400", "*surface,g,w,0,0,0"), ("error", "window-outside", 13, "front")),
        (
            small("*door,1,1,1", "*surface,d,wood,0,0,0", "*rotate,30"),
            ("warning", "turned-door", 13, ""),
        ),
        (small("*shad_calc,list,1", "9"), ("error", "choice", 13, "")),
        (small("*shad_calc,list,1", "6"), ("warning", "choice", 13, "")),
        (
            small("*insol_calc,list,1", "1").replace("front,wall", "front,extern_wall"),
            ("warning", "choice", 13, ""),
        ),
        (small("*shad_calc,list,2", "1 1"), ("warning", "choice", 13, "")),
        (small("*mass,VM,1,1,0,9,1,180,desk,wood"), ("warning", "mass-outside", 13, "")),
        (small("*obs3,0,0,0,1,1,1,0,0,5,a,b"), ("warning", "tilt", 13, "")),
        (SMALL.replace("*size,4,3,2.5\n", ""), ("error", "geometry", 3, "")),
    ],
)
def test_each_kind_with_its_line(text, expected):
    assert found(text) == [expected]


def test_two_doors_in_a_wall_cover_each_other():
    text = small("*door,2,1,1,1,1", "*surface,d,wood,0,0,0", "*surface,e,wood,0,0,0")

    assert found(text)[:2] == [
        ("error", "overlap", 13, "front"),
        ("warning", "children", 13, "front"),
    ]


def test_a_door_and_a_window_of_one_wall_are_told_and_may_be_meant():
    text = small(
        "*door,1,1,0.8", "*surface,d,wood,0,0,0", "*glaze,1,1,10", "*surface,g,glass,0,0,0"
    )

    assert found(text) == [("warning", "children", 15, "front")]


@pytest.mark.parametrize(("percent", "expected"), [(10, []), (60, ["window-outside"])])
def test_a_window_in_a_triangular_wall(percent, expected):
    gable = {"front": (1, 2, 5), "right": (2, 3, 6, 5), "left": (4, 1, 5, 6), "back": (3, 4, 6)}
    text = cube([*CUBE[:4], (0.5, 0, 1), (0.5, 1, 1)], **gable, top=None, glass=(1, 2, 3)).replace(
        "*list,3,1,2,3\n", f"*glaze,1,1,{percent}\n"
    )

    assert [code for _, code, *_ in found(text)] == expected


def test_vertices_that_are_not_there_unused_or_given_twice():
    assert ("error", "vertex", 16, "back") in found(cube(back=(3, 4, 9, 7)))
    assert found(cube([*CUBE, (5, 5, 5)])) == [("warning", "unused-vertex", 12, "")]
    twice = found(cube([*CUBE, (0, 0, 0)], left=(4, 9, 5, 8)))
    near = found(cube([*CUBE, (0, 0.002, 0)], left=(4, 1, 9, 5, 8), base=(1, 9, 4, 3, 2)))
    assert twice == [("error", "same-vertex", 12, "")]
    assert ("warning", "near-vertex", 12, "") in near


def test_faces_that_look_inwards():
    turned = {name: ring[::-1] for name, ring in FACES.items()}

    assert found(cube(top=FACES["top"][::-1])) == [("error", "inverted", 20, "top")]
    assert found(cube(**turned)) == [("error", "inverted", 2, "")]


def test_a_face_that_is_missing_leaves_edges_open():
    codes = found(cube(top=None))

    assert codes == [
        ("error", "open", line, name)
        for line, name in zip((12, 14, 16, 18), ("front", "right", "back", "left"), strict=True)
    ]


def test_faces_that_are_not_flat_or_have_no_area():
    bent = found(cube([*CUBE[:6], (1, 1, 1.1), CUBE[7]]))
    flat = found(cube(slit=(1, 2, 1)))

    assert [code for _, code, *_ in bent] == ["not-flat"]
    assert ("error", "no-area", 24, "slit") in flat


def test_an_explicit_window_outside_of_its_wall():
    hole = [(0.2, 0, 0.8), (0.4, 0, 0.8), (0.4, 0, 1.2), (0.2, 0, 1.2)]
    text = cube([*CUBE, *hole], front=(1, 2, 6, 5, 1, 9, 12, 11, 10, 9), glass=(9, 10, 11, 12))

    assert found(text) == [("error", "window-outside", 28, "glass")]


def test_walls_between_zones_point_to_each_other_and_have_one_size():
    west = SMALL.replace("right,wall,0,0,0", "right,wall,3,2,4").replace("*end\n", "")
    east = SMALL.replace("*silent_input\n*title,A small model\n", "").replace("room", "east")
    east = east.replace("left,wall,0,0,0", "left,wall,3,1,2").replace("*origin,0", "*origin,4")

    assert found(west + east) == []
    one_way = found(west + east.replace("3,1,2", "3,1,3"))
    assert [one for one in one_way if one[1] == "boundary"] == [
        ("error", "boundary", 8, "right"),
        ("error", "boundary", 21, "left"),
    ]
    assert found(west + east.replace("*size,4,3,2.5", "*size,4,2,2.5")) == [
        ("warning", "pair-area", 8, "right")
    ]


def test_a_mass_is_nobodys_other_side():
    text = small("*mass,VM,1,1,0,1,1,180,desk,wood").replace(",4,1,0", ",3,1,7")

    model = meta.read_text(text)

    [one] = meta.diagnostics(model)
    assert "is a mass" in one.text


def test_repairs_of_scanned_text_are_told(scanned_listings):
    model = meta.read_text(scanned_listings[0], tolerant=True)

    codes = [one.code for one in meta.diagnostics(model)]

    assert codes.count("repair") == len(model.repairs)


def test_the_documents_models(meta_folder):
    for name in ("doc_compact", "doc_explicit", "silent_extrude"):
        model = meta.read(meta_folder / f"{name}.meta")
        for one in (*meta.diagnostics(model), *meta.diagnostics(meta.expand(model))):
            assert one.severity == "warning", one
            assert one.line > 0


def test_a_model_that_was_made_has_no_lines():
    surface = MetaSurface("front", "wall", Boundary(0), (1, 2, 3))
    cords = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    zone = MetaZone("room", "poly", cords=cords, surfaces=(surface,))

    [one] = meta.diagnostics(MetaModel(zones=(zone,)))

    assert str(one) == (
        "model: error: room, front: no other surface goes back along the edges 1-2, 2-3, 3-1 [open]"
    )


def test_lines_of_a_model_that_was_changed_are_those_of_its_zones():
    model = meta.read_text(cube())
    [zone] = model.zones
    later = replace(model, zones=(replace(zone, cords=(*zone.cords, (9.0, 9.0, 9.0))),))

    assert [(one.code, one.line) for one in meta.diagnostics(later)] == [("unused-vertex", 2)]
