"""Files that are not what they should be give an error of ours, with the path."""

# ruff: noqa: RUF009 (a field's declaration is a call)

from dataclasses import dataclass

import awkward as ak
import numpy as np
import pytest
import uproot

from shoeroot.errors import EventFileError
from shoeroot.events import EventWriter, describe, open_events
from shoeroot.records import about


@dataclass(frozen=True, slots=True)
class Point:
    x: float = about("m", "place")
    tags: list[str] = about("", "tags")


@dataclass(frozen=True, slots=True)
class Other:
    x: float = about("km", "place")
    tags: list[str] = about("", "tags")


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.root"
    rng = np.random.default_rng(0)
    with EventWriter(path, Point, batch=100) as writer:
        writer.write([Point(x=float(x), tags=["a"]) for x in rng.normal(size=500)])
    return path


def assert_refused(path, message):
    with pytest.raises(EventFileError, match=message) as caught:
        open_events(path)
    assert path.name in str(caught.value)


def test_nothing_there(tmp_path):
    assert_refused(tmp_path / "missing.root", "no such file")
    assert_refused(tmp_path, "no part-0000.root")
    with pytest.raises(EventFileError, match="no event file"):
        open_events([])


@pytest.mark.parametrize("content", [b"", b"root", b"not a ROOT file, but a longer text" * 9])
def test_no_root_file(tmp_path, content):
    path = tmp_path / "text.root"
    path.write_bytes(content)
    assert_refused(path, "not a ROOT file")


def test_truncated(good):
    good.write_bytes(good.read_bytes()[:-100])
    assert_refused(good, "cut short")


def test_no_events_tree(tmp_path):
    path = tmp_path / "other.root"
    with uproot.recreate(path) as file:
        file["meta/format"] = "x"
    assert_refused(path, "no tree 'events'")


def test_events_of_another_program(tmp_path):
    path = tmp_path / "other.root"
    with uproot.recreate(path) as file:
        file.mktree("events", {"x": np.dtype("f8")}).extend({"x": np.zeros(3)})
    assert_refused(path, "does not say what")


def test_schemas_that_differ(tmp_path, good):
    path = tmp_path / "km.root"
    with EventWriter(path, Other) as writer:
        writer.write([Other(x=1.0, tags=[])])
    with pytest.raises(EventFileError, match="another schema") as caught:
        open_events([good, path])
    assert "km.root" in str(caught.value)


def test_events_that_got_lost(tmp_path, good):
    path = tmp_path / "lost.root"
    with uproot.open(good) as source, uproot.recreate(path) as file:
        for name in source["meta"].keys(cycle=False):
            file[f"meta/{name}"] = str(source[f"meta/{name}"])
        file.mktree("events", {"x": np.dtype("f8")}).extend({"x": np.zeros(3)})
        file.mktree("provenance", {"count": np.dtype("i8")}).extend({"count": np.array([4])})
    with open_events(path) as events, pytest.raises(EventFileError, match="writers wrote 4"):
        _ = events.x


@pytest.mark.parametrize(
    ("key", "text"), [("schema", "{}"), ("schema", "["), ("schema_id", "0" * 64)]
)
def test_schemas_that_are_wrong(tmp_path, good, key, text):
    path = tmp_path / "wrong.root"
    with uproot.open(good) as source, uproot.recreate(path) as file:
        for name in source["meta"].keys(cycle=False):
            file[f"meta/{name}"] = text if name == key else str(source[f"meta/{name}"])
        file.mktree("events", {"x": np.dtype("f8")}).extend({"x": np.zeros(3)})
    assert_refused(path, "schema in the file")


def test_branches_that_are_not_as_described(tmp_path, good):
    path = tmp_path / "wrong.root"
    with uproot.open(good) as source, uproot.recreate(path) as file:
        for name in source["meta"].keys(cycle=False):
            file[f"meta/{name}"] = str(source[f"meta/{name}"])
        file.mktree("events", {"x": np.dtype("f4")}).extend({"x": np.zeros(3, "f4")})
    with open_events(path) as events:
        with pytest.raises(EventFileError, match="float32"):
            _ = events.x
        with pytest.raises(EventFileError, match="tags"):
            _ = events.tags


def test_damaged_anywhere_gives_our_error_or_the_right_shape(good):
    whole = good.read_bytes()
    rng = np.random.default_rng(1)
    outcomes = set()
    for place in rng.integers(4, len(whole), size=60):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        good.write_bytes(bytes(damaged))
        try:
            with open_events(good) as events:
                assert len(events.x) == len(events.tags) == len(events)
            outcomes.add("read")
        except EventFileError:
            outcomes.add("refused")
    assert outcomes == {"read", "refused"}


def test_texts_that_are_not_utf8(tmp_path, good):
    path = tmp_path / "wrong.root"
    with uproot.open(good) as source, uproot.recreate(path) as file:
        for name in source["meta"].keys(cycle=False):
            file[f"meta/{name}"] = str(source[f"meta/{name}"])
        tree = file.mktree(
            "events",
            {
                "x": np.dtype("f8"),
                "tags_n": np.dtype("i4"),
                "tags_len": source["events/tags_len"].array().type.content,
                "tags_chars": source["events/tags_chars"].array().type.content,
            },
        )
        # The two bytes of one letter, as two texts.
        columns = {"tags_len": [[1, 1]], "tags_chars": [list("é".encode())]}
        tree.extend(
            {
                "x": np.zeros(1),
                "tags_n": np.array([2], "i4"),
                "tags_len": ak.values_astype(ak.Array(columns["tags_len"]), "int32"),
                "tags_chars": ak.values_astype(ak.Array(columns["tags_chars"]), "uint8"),
            }
        )
    with open_events(path) as events, pytest.raises(EventFileError, match="not UTF-8"):
        events.records()


@pytest.mark.parametrize("verb", [describe, open_events])
def test_files_of_other_kinds_say_what_to_give_and_cut_files_what_to_copy(verb, campaign, tmp_path):
    table, cut = tmp_path / "data.csv", tmp_path / "cut.root"
    table.write_text("a,b\n")
    whole = next((campaign / "events").glob("part-*.root")).read_bytes()
    cut.write_bytes(whole[:3000])

    with pytest.raises(EventFileError, match="not a ROOT file") as foreign:
        verb(table)
    with pytest.raises(EventFileError, match=f"3000 bytes of {len(whole)}") as short:
        verb(cut)

    assert "give a campaign folder" in foreign.value.hint
    assert "copy it again" in short.value.hint


def test_a_path_that_leads_nowhere_says_what_is_called_nearly_so(tmp_path):
    (tmp_path / "batch_00023").mkdir()
    (tmp_path / "batch_00023" / "campaign.toml").touch()

    with pytest.raises(EventFileError) as nowhere:
        open_events(tmp_path / "batch_0023")
    with pytest.raises(EventFileError) as not_run:
        open_events(tmp_path / "batch_00023")

    assert nowhere.value.hint == "did you mean 'batch_00023'?"
    assert "shoeroot run" in not_run.value.hint
