"""Merging event files: what is checked, what is kept, and what ROOT's own hadd leaves."""

# ruff: noqa: RUF009 (a field's declaration is a call)

from __future__ import annotations

import json
from dataclasses import dataclass

import awkward as ak
import numpy as np
import pytest
import uproot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoeroot.errors import EventFileError
from shoeroot.events import EventWriter, merge, open_events
from shoeroot.events.backends import BACKENDS
from shoeroot.events.event_ids import has_event_ids
from shoeroot.records import Simulation, about, records_equal
from shoeroot.testing import assert_same_records, record_types_with_records

HADD = """
import json, sys, ROOT
merger = ROOT.TFileMerger(False)
merger.OutputFile(sys.argv[1])
for path in sys.argv[2:]:
    merger.AddFile(path)
print(json.dumps(bool(merger.Merge())))
"""


@dataclass(frozen=True, slots=True)
class Series:
    values: np.ndarray = about("kWh", "values", dtype="f4", length=3)


@dataclass(frozen=True, slots=True)
class Room:
    area: float = about("m2", "floor area")
    series: Series = about("", "series", own_tree=True)


@dataclass(frozen=True, slots=True)
class House:
    event_id: int = about("", "number of the house")
    name: str = about("", "name")
    rooms: list[Room] = about("", "rooms")


@dataclass(frozen=True, slots=True)
class TallRoom:
    area: float = about("ft2", "floor area")
    series: Series = about("", "series", own_tree=True)


@dataclass(frozen=True, slots=True)
class TallHouse:
    event_id: int = about("", "number of the house")
    name: str = about("", "name")
    rooms: list[TallRoom] = about("", "rooms")
    storeys: int = about("", "storeys")


def house(number):
    rooms = [
        Room(area=number + 0.5, series=Series(np.array([number, place, 1], dtype="f4")))
        for place in range(number % 3)
    ]
    return House(event_id=number, name=f"n° {number}", rooms=rooms)


def tall(number):
    return TallHouse(event_id=number, name="tall", rooms=[], storeys=9)


def write(path, numbers, make=house, batch=3, **metadata):
    with EventWriter(path, type(make(0)), batch=batch, metadata=metadata) as writer:
        writer.write([make(number) for number in numbers])
    return path


@pytest.fixture
def pair(tmp_path):
    return [
        write(tmp_path / "a.root", range(7), site="Kyiv", units="SI"),
        write(tmp_path / "b.root", range(7, 12), site="Ōsaka", units="SI"),
    ]


def read(path):
    with open_events(path) as events:
        return events.records()


def left_behind(folder):
    return sorted(path.name for path in folder.iterdir())


def test_all_events_in_the_order_of_the_sources(tmp_path, pair):
    seen = []

    merged = merge(pair, tmp_path / "all.root", progress=lambda done, total: seen.append(done))

    assert all(map(records_equal, read(merged.path), [house(n) for n in range(12)]))
    assert merged.events == 12
    assert merged.rows == {"events": 12, "rooms_series": 12}
    assert merged.sources == tuple(pair)
    assert not merged.renumbered
    assert merged.size == merged.path.stat().st_size
    assert seen[-1] == 12
    assert left_behind(tmp_path) == ["a.root", "all.root", "b.root"]


def test_the_rows_of_own_trees_know_their_events(tmp_path, pair):
    merged = merge(pair, tmp_path / "all.root")
    with uproot.open(merged.path) as file:
        owners = file["rooms_series/event_id"].array(library="np").tolist()
    assert owners == [number for number in range(12) for _ in range(number % 3)]


def test_one_row_of_provenance_a_writer(tmp_path, pair):
    first = merge(pair, tmp_path / "all.root")
    more = write(tmp_path / "c.root", [20, 21])
    second = merge([first.path, more], tmp_path / "more.root")
    with uproot.open(second.path) as file:
        assert file["provenance/count"].array(library="np").tolist() == [7, 5, 2]
        assert len(set(file["provenance/time"].array(library="np"))) >= 1


def test_metadata_on_which_sources_differ_stay_apart(tmp_path, pair):
    merged = merge(pair, tmp_path / "all.root")
    with open_events(merged.path) as events:
        assert events.metadata["units"] == "SI"
        assert "site" not in events.metadata
        sources = json.loads(events.metadata["merged_from"])
    assert sources == [
        {"file": "a.root", "events": 7, "metadata": {"site": "Kyiv"}},
        {"file": "b.root", "events": 5, "metadata": {"site": "Ōsaka"}},
    ]


def test_sources_of_a_merged_file_stay_apart_when_it_is_merged_again(tmp_path, pair):
    first = merge(pair, tmp_path / "all.root")
    more = write(tmp_path / "c.root", [20], site="Kyiv", units="IP")

    second = merge([first.path, more], tmp_path / "more.root")

    with open_events(second.path) as events:
        sources = json.loads(events.metadata["merged_from"])
        assert "units" not in events.metadata
    assert [each["file"] for each in sources] == ["a.root", "b.root", "c.root"]
    assert [each["metadata"]["units"] for each in sources] == ["SI", "SI", "IP"]
    assert [each["metadata"]["site"] for each in sources] == ["Kyiv", "Ōsaka", "Kyiv"]


def test_folders_and_campaigns_are_sources(tmp_path, campaign, simulations):
    merged = merge([campaign], tmp_path / "all.root")
    assert all(map(records_equal, read(merged.path), simulations))
    with open_events(merged.path) as events:
        assert events.metadata["site"] == "Žilina"


def test_many_small_files_become_large_batches(tmp_path):
    sources = [write(tmp_path / f"{n}.root", [2 * n, 2 * n + 1]) for n in range(6)]
    sources.append(write(tmp_path / "large.root", range(100, 110), batch=10))

    merged = merge(sources, tmp_path / "all.root")

    with open_events(merged.path) as events:
        assert [len(chunk) for chunk in events.chunks()] == [10, 12]
        assert events.event_id.tolist() == [*range(12), *range(100, 110)]


def test_the_codec_is_kept(tmp_path, pair):
    merged = merge(pair, tmp_path / "all.root")
    with uproot.open(merged.path) as file:
        assert file.file.compression == uproot.ZSTD(1)


def test_another_record_type_is_refused_by_file_and_field(tmp_path, pair):
    other = write(tmp_path / "tall.root", [50], make=tall)
    with pytest.raises(EventFileError) as caught:
        merge([*pair, other], tmp_path / "all.root")
    assert caught.value.where == str(other)
    assert "not that of a.root: House has 'storeys'" in caught.value.problem
    assert left_behind(tmp_path) == ["a.root", "b.root", "tall.root"]


def test_a_difference_in_a_unit_is_found(tmp_path, pair):
    @dataclass(frozen=True, slots=True)
    class House2:
        event_id: int = about("", "number of the house")
        name: str = about("", "name")
        rooms: list[TallRoom] = about("", "rooms")

    other = write(
        tmp_path / "c.root", [50], make=lambda number: House2(event_id=number, name="", rooms=[])
    )
    with pytest.raises(EventFileError, match=r"House\.rooms\.area has unit 'ft2' instead of 'm2'"):
        merge([*pair, other], tmp_path / "all.root")


def test_an_id_that_occurs_twice_is_refused(tmp_path, pair):
    again = write(tmp_path / "c.root", [30, 9, 3])
    with pytest.raises(EventFileError) as caught:
        merge([*pair, again], tmp_path / "all.root")
    assert "more than once: 3, 9" in caught.value.problem
    assert str(again) in caught.value.where
    assert "renumber" in caught.value.hint


def test_renumbered_events_have_new_ids_in_all_trees(tmp_path, pair):
    again = write(tmp_path / "c.root", [5, 2])

    merged = merge([*pair, again], tmp_path / "all.root", renumber=True)

    assert merged.renumbered
    with open_events(merged.path) as events, uproot.open(merged.path) as file:
        assert events.event_id.tolist() == list(range(14))
        owners = file["rooms_series/event_id"].array(library="np")
        wanted = np.repeat(events.event_id, ak.num(events.rooms.area))
        assert owners.tolist() == wanted.tolist()
        assert events.name.to_list()[-1] == "n° 2"


@pytest.mark.parametrize(
    ("names", "target", "problem"),
    [
        (["a.root", "b.root"], "b.root", "exists already"),
        (["a.root", "a.root"], "all.root", "given twice"),
        (["a.root", "b.root"], "all.hdf5", "ends in .root"),
        (["a.root"], "nowhere/all.root", "no such folder"),
        (["a.root", "c.root"], "all.root", "no such file"),
        ([], "all.root", "no event file"),
    ],
)
def test_what_is_refused_before_anything_is_written(tmp_path, pair, names, target, problem):
    before = left_behind(tmp_path)
    with pytest.raises(EventFileError, match=problem):
        merge([tmp_path / name for name in names], tmp_path / target)
    assert left_behind(tmp_path) == before


def test_a_source_that_cannot_be_read_leaves_nothing_behind(tmp_path, pair):
    damaged = pair[1].read_bytes()
    start = damaged.find("n° 8".encode())
    middle = start if start > 0 else len(damaged) // 3
    pair[1].write_bytes(damaged[:middle] + bytes(200) + damaged[middle + 200 :])
    with pytest.raises(EventFileError):
        merge(pair, tmp_path / "all.root")
    assert left_behind(tmp_path) == ["a.root", "b.root"]


def test_what_hadd_makes_of_our_files_reads(run_root, tmp_path, pair):
    assert run_root(HADD, tmp_path / "all.root", *pair)
    assert all(map(records_equal, read(tmp_path / "all.root"), [house(n) for n in range(12)]))


def test_what_hadd_makes_of_simulations_reads(run_root, tmp_path, campaign, simulations):
    with open_events(campaign) as events:
        paths = events.paths
    assert run_root(HADD, tmp_path / "all.root", *paths)
    with open_events(tmp_path / "all.root", record_class=Simulation) as events:
        assert all(map(records_equal, events.records(), simulations))


@pytest.mark.parametrize("order", [1, -1])
def test_hadd_of_two_record_types_is_noticed(run_root, tmp_path, pair, order):
    other = write(tmp_path / "tall.root", [50, 51], make=tall)
    run_root(HADD, tmp_path / "all.root", *[pair[0], other][::order])
    with (
        pytest.raises(EventFileError, match="writers of other record types"),
        open_events(tmp_path / "all.root") as events,
    ):
        len(events)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    drawn=record_types_with_records(min_size=2, max_size=6),
    batch=st.integers(1, 3),
    backend=st.sampled_from(BACKENDS),
    data=st.data(),
)
def test_any_records_survive_a_merge(drawn, batch, backend, data, tmp_path_factory):
    record_class, records = drawn
    folder = tmp_path_factory.mktemp("any")
    cut = data.draw(st.integers(1, len(records) - 1), label="cut")
    for name, share in (("a.root", records[:cut]), ("b.root", records[cut:])):
        with EventWriter(folder / name, record_class, batch=batch, backend=backend) as writer:
            writer.write(share)

    with open_events(folder / "a.root", record_class=record_class) as events:
        named = has_event_ids(events.record_type)
    ids = [record.event_id if named else place for place, record in enumerate(records)]
    if len(set(ids)) < len(ids):
        with pytest.raises(EventFileError, match="more than once"):
            merge([folder / "a.root", folder / "b.root"], folder / "all.root")
        return
    merged = merge([folder / "a.root", folder / "b.root"], folder / "all.root")

    with open_events(merged.path, record_class=record_class) as events:
        assert_same_records(events.records(), records)


def test_a_merged_file_can_be_merged_by_hadd(run_root, tmp_path, pair):
    merged = merge(pair, tmp_path / "all.root")
    more = write(tmp_path / "c.root", [20])
    assert run_root(HADD, tmp_path / "more.root", merged.path, more)
    with open_events(tmp_path / "more.root") as events:
        assert events.event_id.tolist() == [*range(12), 20]
