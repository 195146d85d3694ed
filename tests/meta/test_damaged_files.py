"""Damaged files: an error with a place, or diagnostics; never an error of another kind."""

import re
import warnings
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoeroot import meta
from shoeroot.errors import MetaError
from shoeroot.meta.model import Boundary, Mass, MetaModel, MetaSurface, MetaZone

from .conftest import DATA
from .handmade import SMALL, small

RICH = small(
    "*door,1,1,0.9",
    "*surface,door,wood,0,0,0",
    "*glaze,1,2,20",
    "*surface,window,glass,0,0,0",
    "*rotate,30,1,2",
    "*mass,HM,1,1,1,1,0.5,10,desk,wood",
    "*obs3,0,0,0,1,1,1,10,20,0,tree,leaf",
    "*obsp,8,6,hedge,leaf",
    "0,0,0 1,0,0 1,1,0 0,1,0",
    "0,0,1 1,0,1 1,1,1 0,1,1",
    "*shad_calc,list,2",
    "1 2",
    "*usage,pattern,all,allcas,nothing in room.opr",
    "*heating,20,16",
    "*ideal_control,1",
).replace(
    "*start_zone",
    "*site,45.3,0,0,8,0.4,0.3,0.3\n*ground_refl_monthly,2 .2 .2 .2 .2 .2 .2 .2 .2 .2 .2 .2 .2 .7\n"
    "*monthly_profile,1\n5 4 3.5 3.6 6.6\n10 13 15 15 13 10 7\n*assessments,winter,season\n"
    "*start_xml\nbuilding/a\n*end_xml\n*action,new,poly,distributed,/tmp/a\n*start_zone",
)
WORDS = (
    *("0", "-1", "4", "1e308", "-1e308", "1e-308", "nan", "inf", "1e999", "1_000", "0x10", "٣"),
    *("", ",", "|", "#", "*", "*end", "*end_zone", "*start_zone", "*shape,poly", "*cord", "*list"),
    *("*surface", "*door,1,1,1", "*glaze,1,1,99", "*start_literal", "\n", "\t", "\x00", "é"),
    *("\\verb|", "*shad calc", "99999999999999999999", "1.5"),
)
_PLACE = re.compile(r"line \d+|is empty")


@cache
def texts():
    """Good texts, to be damaged."""
    files = [path.read_text("latin-1") for path in sorted(DATA.glob("*.meta"))]
    return [SMALL, RICH, meta.to_text(meta.expand(meta.read_text(RICH))), *files]


def everything(text, tolerant):
    """Do all that can be done with a text; give the error if there is one."""
    try:
        model = meta.read_text(text, tolerant=tolerant)
    except MetaError as error:
        return error
    if not tolerant:
        assert meta.to_text(model) == text
    found = meta.diagnostics(model)
    assert all(str(one) and one.line >= 0 for one in found)
    meta.compact(model)
    try:
        meta.statistics(meta.expand(model))
    except MetaError:
        # What keeps a model from being expanded is among its diagnostics.
        assert any(one.severity == "error" for one in found)
    return None


@st.composite
def damaged(draw):
    """A good text with some of its words replaced, doubled, cut or put elsewhere."""
    pieces = re.split(r"([,\n ])", draw(st.sampled_from(texts())))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(pieces) - 1))
        how = draw(st.sampled_from(["word", "cut", "double", "swap"]))
        if how == "word":
            pieces[place] = draw(st.sampled_from(WORDS))
        elif how == "cut":
            del pieces[place : place + draw(st.integers(1, 6))]
        elif how == "double":
            pieces[place:place] = pieces[place : place + draw(st.integers(1, 12))]
        else:
            other = draw(st.integers(0, len(pieces) - 1))
            pieces[place], pieces[other] = pieces[other], pieces[place]
        pieces = pieces or [""]
    return "".join(pieces)


@settings(deadline=None, max_examples=250)
@given(damaged(), st.booleans())
def test_damaged_words(text, tolerant):
    error = everything(text, tolerant)

    assert error is None or _PLACE.search(f"{error.problem} {error.where}")


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_damaged_bytes(tmp_path_factory, data):
    content = bytearray(data.draw(st.sampled_from(texts())).encode("latin-1"))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(0, len(content)))]
    path = tmp_path_factory.getbasetemp() / "damaged.meta"
    path.write_bytes(content)

    try:
        model = meta.read(path)
    except MetaError as error:
        told = f"{error.problem} {error.where}"
    else:
        meta.diagnostics(model)
        meta.write(model, path)
        told = "damaged.meta is empty" if path.read_bytes() == content else "other bytes"
    assert "damaged.meta" in told
    assert _PLACE.search(told)


@given(st.text(alphabet="*#,| \n\t1a.e-", max_size=60))
def test_texts_of_nothing_but_marks(text):
    error = everything(f"*silent_input\n{text}", tolerant=False)

    assert error is None or _PLACE.search(f"{error.problem} {error.where}")


@pytest.mark.parametrize("number", ["1e308", "-1e308", "1e9"])
@pytest.mark.parametrize(
    ("line", "tag"),
    [
        ("*size,4,3,2.5", "*size,4,3,{}"),
        ("*origin,0,0,0", "*origin,{},0,0"),
        ("*rotate,30,1,2", "*rotate,30,{},2"),
        ("*glaze,1,2,20", "*glaze,1,2,{}"),
        ("*mass,HM,1,1,1,1,0.5,10,desk,wood", "*mass,HM,1,1,1,{},0.5,10,desk,wood"),
    ],
)
def test_numbers_beyond_all_buildings_are_errors_with_their_line(line, tag, number):
    text = RICH.replace(line, tag.format(number))

    with pytest.raises(MetaError, match=r"beyond all buildings|a \w.* of -1e\+\d+") as caught:
        meta.read_text(text)

    assert "line" in caught.value.where


def test_numbers_of_no_size_are_told_and_not_divided_by():
    text = SMALL.replace("*size,4,3,2.5", "*size,1e-300,3,2.5")
    model = meta.read_text(text)

    assert {one.code for one in meta.diagnostics(model)} >= {"no-area"}
    assert meta.statistics(model).zones.volume.tolist() == pytest.approx([0.0])


def test_models_that_were_made_of_infinite_numbers_are_told():
    zone = meta.read_text(SMALL).zones[0]
    made = MetaModel(
        zones=(
            MetaZone(
                "room",
                "box",
                origin=(0.0, 0.0, 0.0),
                size=(1e200, float("inf"), float("nan")),
                surfaces=zone.surfaces,
                masses=(Mass(True, (0.0, 0.0, 0.0), 1e308, 1e308, 0.0, "m", "w"),),
            ),
        )
    )

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(meta.diagnostics(made), list)


def test_thousands_of_surfaces():
    count = 3000
    cords = tuple(
        point
        for place in range(count + 1)
        for point in ((float(place), 0.0, 0.0), (float(place), 0.0, 2.5))
    )
    rows = tuple(
        MetaSurface(f"w{place}", "wall", Boundary(0), (low, low + 2, low + 3, low + 1))
        for place in range(count)
        for low in (2 * place + 1,)
    )
    model = MetaModel(zones=(MetaZone("wall", "poly", cords=cords, surfaces=rows),))

    again = meta.read_text(meta.to_text(model))

    assert again == model
    assert {one.code for one in meta.diagnostics(again)} == {"open"}
    assert meta.statistics(again).zones.surface_area.tolist() == pytest.approx([2.5 * count])
