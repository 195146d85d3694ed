"""Parts, batches and names: what is on disk while a writer writes and after it."""

# ruff: noqa: RUF009 (a field's declaration is a call)

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import numpy as np
import pytest
import uproot

from shoeroot.errors import ConfigError, EventFileError, RecordError
from shoeroot.events import EventWriter, Layout, open_events
from shoeroot.records import RecordType, Simulation, about


@dataclass(frozen=True, slots=True)
class Point:
    x: float = about("m", "place")
    tags: list[str] = about("", "tags")


def points(count, first=0):
    return [Point(x=float(first + number), tags=["a"] * (number % 3)) for number in range(count)]


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_a_part_is_complete_when_it_has_its_name(tmp_path):
    with EventWriter(tmp_path, Point, batch=5) as writer:
        writer.write(points(12))
        assert names(tmp_path) == ["part-0000.root.part"]
        assert writer.committed == 10
    assert names(tmp_path) == ["part-0000.root"]
    assert writer.committed == 12
    assert writer.paths == (tmp_path / "part-0000.root",)


def test_a_crash_leaves_the_committed_batches_in_a_part_file(tmp_path):
    def crash():
        with EventWriter(tmp_path, Point, batch=5) as writer:
            writer.write(points(13))
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        crash()

    assert names(tmp_path) == ["part-0000.root.part"]
    with pytest.raises(EventFileError, match="unfinished"):
        open_events(tmp_path)
    with open_events(tmp_path / "part-0000.root.part") as events:
        assert events.x.tolist() == list(range(10))


def test_the_next_writer_leaves_parts_alone(tmp_path):
    (tmp_path / "part-0002.root.part").write_bytes(b"left by a killed writer")
    with EventWriter(tmp_path, Point) as writer:
        writer.write(points(3))
    with EventWriter(tmp_path, Point) as writer:
        writer.write(points(3, first=3))

    assert names(tmp_path) == ["part-0002.root.part", "part-0003.root", "part-0004.root"]
    with open_events(tmp_path) as events:
        assert events.x.tolist() == list(range(6))


def test_a_new_part_begins_before_the_limit(tmp_path):
    with EventWriter(tmp_path, Point, batch=50, max_part_bytes=60_000) as writer:
        for first in range(0, 2000, 50):
            writer.write(points(50, first))

    assert len(writer.paths) > 1
    assert all(path.stat().st_size < 80_000 for path in writer.paths)
    with open_events(tmp_path) as events:
        assert events.x.tolist() == list(range(2000))


def test_a_single_file_does_not_grow_past_the_limit(tmp_path):
    with (
        pytest.raises(EventFileError, match="grow past"),
        EventWriter(tmp_path / "one.root", Point, batch=1, max_part_bytes=1000) as writer,
    ):
        writer.write(points(1))
    assert names(tmp_path) == ["one.root.part"]


def test_a_single_file_is_not_overwritten(tmp_path):
    with EventWriter(tmp_path / "one.root", Point) as writer:
        writer.write(points(1))
    assert names(tmp_path) == ["one.root"]
    with pytest.raises(EventFileError, match="exists already"):
        EventWriter(tmp_path / "one.root", Point)


def test_without_events_there_is_no_file(tmp_path):
    with EventWriter(tmp_path / "events", Point) as writer:
        writer.write([])
    assert writer.paths == ()
    assert not (tmp_path / "events").exists()


def test_events_that_do_not_fit_are_not_taken(tmp_path):
    with EventWriter(tmp_path, Point, batch=2) as writer:
        writer.write(points(3))
        with pytest.raises(RecordError, match=r"Point\.x"):
            writer.write([Point(x="far", tags=[])])
        writer.write(points(1, first=3))
    with open_events(tmp_path) as events:
        assert events.x.tolist() == [0, 1, 2, 3]


def test_one_basket_a_batch_and_no_shared_counter(tmp_path):
    with EventWriter(tmp_path, Point, batch=4, expected_events=8) as writer:
        for number in range(21):
            writer.write(points(1, first=number))
    with uproot.open(writer.paths[0]) as file:
        tree = file["events"]
        assert tree["x"].entry_offsets == [0, 4, 8, 12, 16, 20, 21]
        assert tree.member("fAutoFlush") == 4
        leaves = [branch.member("fLeaves")[0] for branch in tree.branches]
        counters = [leaf.member("fLeafCount") for leaf in leaves]
        assert [leaf.member("fName") for leaf in counters if leaf is not None] == [
            "ntags_len",
            "ntags_chars",
        ]


def test_branches_of_a_simulation():
    layout = Layout.of(RecordType.of(Simulation))

    assert list(layout.trees) == ["events", "zones_hourly"]
    for name in ("status", "design_schedules", "zones_n", "zones_floor_area", "zones_name_len"):
        assert name in layout.branch_names
    assert "zones_hourly/heating" in layout.branch_names
    types = layout.trees["zones_hourly"].types()
    assert list(types)[:2] == ["event_id", "index"]
    assert types["heating"] == np.dtype(("f4", (8760,)))
    assert str(layout.trees["events"].types()["zones_monthly_heating"]) == "var * float32"


def test_metadata_and_provenance(tmp_path):
    with EventWriter(tmp_path, Point, metadata={"campaign": "Žilina " * 60}) as writer:
        writer.write(points(7))
    with uproot.open(writer.paths[0]) as file:
        assert {type(file[f"meta/{key}"]).__name__ for key in file["meta"].keys(cycle=False)} == {
            "Model_TObjString"
        }
        assert RecordType.from_json(str(file["meta/schema"])) == RecordType.of(Point)
        assert str(file["meta/campaign"]) == "Žilina " * 60
        assert "uproot" in json.loads(str(file["meta/software"]))
        row = file["provenance"].arrays(library="np")
    assert row["count"].tolist() == [7]
    assert re.match(r"20\d\d-\d\d-\d\dT.*\+00:00", row["time"][0])
    assert row["schema_id"][0] == RecordType.of(Point).content_id


def test_event_ids_in_the_second_tree(campaign, simulations):
    ids, indices = [], []
    with open_events(campaign) as events:
        paths = events.paths
    for path in paths:
        with uproot.open(path) as file:
            ids += file["zones_hourly/event_id"].array(library="np").tolist()
            indices += file["zones_hourly/index"].array(library="np").tolist()
    assert ids == [each.event_id for each in simulations for _ in each.zones]
    assert indices == [place for each in simulations for place in range(len(each.zones))]


@pytest.mark.parametrize("key", ["schema", "no spaces", "a/b", ""])
def test_metadata_keys_are_checked(tmp_path, key):
    with pytest.raises(ConfigError, match="metadata key"):
        EventWriter(tmp_path, Point, metadata={key: "text"})


def test_names_that_clash_with_counters_are_refused():
    @dataclass(frozen=True, slots=True)
    class Clash:
        ntags_len: int = about("", "clashes with the counter of tags_len")
        tags: list[str] = about("", "tags")

    with pytest.raises(RecordError, match="ntags_len"):
        Layout.of(RecordType.of(Clash))


def test_settings_are_checked(tmp_path):
    with pytest.raises(ConfigError, match="batch"):
        EventWriter(tmp_path, Point, batch=0)
    writer = EventWriter(tmp_path, Point)
    writer.close()
    with pytest.raises(EventFileError, match="closed"):
        writer.write(points(1))


def test_a_part_does_not_get_more_than_so_many_events(tmp_path, monkeypatch):
    monkeypatch.setattr("shoeroot.events.writer.LARGEST_PART", 6)

    with EventWriter(tmp_path, Point, batch=4) as writer:
        writer.write(points(20))

    counts = []
    for path in writer.paths:
        with open_events(path) as events:
            counts.append(len(events))
    assert counts == [8, 8, 4]
