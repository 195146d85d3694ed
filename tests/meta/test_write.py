"""META models are written: the same bytes, or the file's own lines around what changed."""

import difflib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoeroot import meta
from shoeroot.errors import MetaError

from .handmade import SMALL, small

FILES = ("doc_compact", "doc_explicit", "silent_extrude")


def changed(before, after):
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[:3] not in ("---", "+++") and line[:2] != "@@"]


@pytest.mark.parametrize("name", FILES)
def test_an_unchanged_model_is_the_same_bytes(meta_folder, tmp_path, name):
    path = meta_folder / f"{name}.meta"

    meta.write(meta.read(path), tmp_path / "again.meta")

    assert (tmp_path / "again.meta").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_a_model_without_its_text_reads_the_same(meta_folder, name):
    model = meta.read(meta_folder / f"{name}.meta")

    again = meta.read_text(meta.to_text(replace(model, source=None)))

    assert again == model


def test_only_what_changed_is_written_anew(meta_folder):
    model = meta.read(meta_folder / "doc_compact.meta")
    zone = replace(model.zones[0], heating=(19.5, 12.0), ideal_control=True)
    later = replace(model, title="Warmer", zones=(zone, *model.zones[1:]))

    text = meta.to_text(later)

    assert changed(model.source.text, text) == [
        "-*menu,Creates three zone model in /tmp/poly3",
        "+*title,Warmer",
        "-*heating,18.0,0.0   # setpoint occupied & unoccupied",
        "+*heating,19.5,12",
        "+*ideal_control,1",
    ]
    assert meta.read_text(text) == later


def test_zones_and_tags_that_are_gone_are_not_written(meta_folder):
    model = meta.read(meta_folder / "doc_compact.meta")
    later = replace(model, snow_days=(), zones=model.zones[:1])

    text = meta.to_text(later)

    assert meta.read_text(text) == later
    assert "pavilion" not in text
    assert all(line.startswith("-") for line in changed(model.source.text, text))


def test_an_old_site_tag_becomes_two(meta_folder):
    model = meta.read(meta_folder / "silent_extrude.meta")
    later = replace(model, location=replace(model.location, latitude=50.0))

    again = meta.read_text(meta.to_text(later))

    assert again == later


def test_an_expanded_model_keeps_comments_and_reads_the_same(meta_folder):
    model = meta.read(meta_folder / "doc_compact.meta")

    text = meta.to_text(meta.expand(model))

    again = meta.read_text(text)
    assert [zone.surfaces for zone in again.zones] == [
        zone.surfaces for zone in meta.expand(model).zones
    ]
    assert "# shading directives" in text
    assert meta.to_text(again) == text


def test_line_ends_unknown_tags_and_trailing_text_stay():
    text = (
        small("*colour, blue | green # of walls", "   more, of it").replace("\n", "\r\n") + "x\r\n"
    )

    model = meta.read_text(text)

    assert meta.to_text(model) == text
    assert meta.to_text(replace(model, title="b")) == text.replace("A small model", "b")


def test_repaired_models_are_written_clean(scanned_listings):
    model = meta.read_text(scanned_listings[0], tolerant=True)

    again = meta.read_text(meta.to_text(model))

    assert again == model


def test_files_that_cannot_be_written(tmp_path):
    model = replace(meta.read_text(SMALL), title="snow \N{SNOWFLAKE}")

    with pytest.raises(MetaError, match="no character"):
        meta.write(model, tmp_path / "a.meta")
    with pytest.raises(MetaError, match="cannot be written"):
        meta.write(meta.read_text(SMALL), tmp_path / "none" / "a.meta")
    assert not list(tmp_path.iterdir())


TAGS = [
    "*surface",
    "*list",
    "*cord",
    "*end_zone",
    "*start_zone",
    "*zz",
    "*shape,box",
    "*shape,poly",
]
OTHERS = [
    "4",
    "-1",
    "1e999",
    "#",
    ",",
    "a b",
    "\x00",
    "é",
    "*glaze",
    "*obsp",
    "*start_literal",
    "\n",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from([*TAGS, *OTHERS]), max_size=12), st.integers(0, len(SMALL)))
def test_damaged_files_are_errors_with_a_place_or_come_back_the_same(tokens, place):
    text = SMALL[:place] + "".join(tokens) + SMALL[place:]

    for tolerant in (False, True):
        try:
            model = meta.read_text(text, tolerant=tolerant)
            meta.expand(model)
        except MetaError as error:
            known = bool(error.where)
        else:
            known = tolerant or meta.to_text(model) == text
        assert known
