"""Events as an RNTuple: the same records, the same ways to read them, and ROOT reads them too."""

# ruff: noqa: RUF009 (a field's declaration is a call)

from __future__ import annotations

from dataclasses import dataclass

import awkward as ak
import numpy as np
import pytest
import uproot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoeroot.errors import ConfigError, EventFileError
from shoeroot.events import EventWriter, merge, open_events
from shoeroot.events.verify import verify
from shoeroot.records import Simulation, about, records_equal
from shoeroot.testing import assert_same_records, record_types_with_records

SEEN = """
import json, sys, ROOT
frame = ROOT.RDataFrame("events", sys.argv[1])
add = "double sum = 0; for (auto &zone : zones.hourly.heating) for (float x : zone) sum += x;"
year = frame.Define("year", add + " return sum;")
reader = ROOT.RNTupleReader.Open("events", sys.argv[1])
descriptor = reader.GetDescriptor()
number = descriptor.FindFieldId("heating", descriptor.FindFieldId("hourly",
    descriptor.FindFieldId("_0", descriptor.FindFieldId("zones"))))
print(json.dumps({
    "entries": reader.GetNEntries(),
    "ids": [int(x) for x in frame.Take["std::int64_t"]("event_id").GetValue()],
    "heating": frame.Sum("zones.heating").GetValue(),
    "year": [float(x) for x in year.Take["double"]("year").GetValue()],
    "ok": frame.Filter('status == "ok"').Count().GetValue(),
    "type": str(frame.GetColumnType("zones.hourly.heating")),
    "described": str(descriptor.GetFieldDescriptor(number).GetFieldDescription()),
    "schema": str(ROOT.TFile(sys.argv[1]).Get("meta/schema_id").GetString()),
}))
"""


@dataclass(frozen=True, slots=True)
class Tenant:
    name: str = about("", "name")
    age: int | None = about("year", "age")


@dataclass(frozen=True, slots=True)
class Flat:
    tenant: Tenant | None = about("", "who lives there, if somebody does")
    rooms: list[list[float]] = about("m2", "rooms by storey")
    notes: list[str | None] = about("", "notes")


@dataclass(frozen=True, slots=True)
class Block:
    event_id: int = about("", "number")
    flats: list[Flat] = about("", "flats")
    owner: Tenant | None = about("", "owner")


def block(number):
    tenant = Tenant(name="Ø" * number, age=None if number % 2 else number)
    flats = [
        Flat(
            tenant=None if place % 2 else tenant,
            rooms=[[1.5] * place, []],
            notes=[None, "", "x"][:place],
        )
        for place in range(number % 4)
    ]
    return Block(event_id=number, flats=flats, owner=tenant if number % 3 else None)


BLOCKS = [block(number) for number in range(11)]


def write(path, records, batch=4, **options):
    kind = type(records[0])
    with EventWriter(path, kind, backend="rntuple", batch=batch, **options) as writer:
        writer.write(records)
    return path


@pytest.fixture(scope="module")
def pair(tmp_path_factory, simulations):
    """The same simulations in both backends."""
    folder = tmp_path_factory.mktemp("pair")
    with EventWriter(folder / "tree.root", Simulation, batch=6) as writer:
        writer.write(simulations)
    return folder / "tree.root", write(folder / "ntuple.root", simulations, batch=6)


def test_simulations_come_back_as_they_were(pair, simulations):
    with open_events(pair[1]) as events:
        assert_same_records(events.records(), simulations)
        assert isinstance(events[17], Simulation)
        assert_same_records([events[17]], [simulations[17]])


def test_columns_are_those_of_the_tree(pair):
    with open_events(pair[0]) as trees, open_events(pair[1]) as events:
        assert len(events) == len(trees)
        for name in events.record_type.columns:
            assert ak.array_equal(events.column(name), trees.column(name), equal_nan=True), name
        assert events.zones.floor_area.to_list() == trees.zones.floor_area.to_list()
        assert events.counts("surfaces").tolist() == trees.counts("surfaces").tolist()


def test_rows_of_hourly_series_are_those_of_the_tree(pair):
    with open_events(pair[0]) as trees, open_events(pair[1]) as events:
        for rows, others in zip(
            events.rows("zones.hourly", ["heating"]),
            trees.rows("zones.hourly", ["heating"]),
            strict=True,
        ):
            assert rows.start == others.start
            assert rows.counts.tolist() == others.counts.tolist()
            assert np.array_equal(rows.arrays["heating"], others.arrays["heating"])


def test_ranges_and_selections_cut_across_clusters(pair, simulations):
    with open_events(pair[1]) as events:
        assert_same_records(events[5:14].records(), simulations[5:14])
        assert_same_records(events[3:3].records(), [])
        mask = np.arange(len(events)) % 7 == 3
        assert_same_records(events.select(mask).records(), simulations[3::7])
        assert [len(chunk) for chunk in events.chunks()] == [6, 6, 6, 6, 1]
        assert [len(chunk) for chunk in events.chunks(10)] == [10, 10, 5]


def test_optional_records_stay_optional(tmp_path):
    with open_events(write(tmp_path / "blocks.root", BLOCKS), record_class=Block) as events:
        assert_same_records(events.records(), BLOCKS)
        assert events.owner.name.to_list()[:3] == [None, "Ø", "ØØ"]


def test_several_parts_of_a_folder_are_one(tmp_path):
    write(tmp_path, BLOCKS, batch=2, max_part_bytes=1.0)
    with open_events(tmp_path, record_class=Block) as events:
        assert len(events.paths) > 1
        assert_same_records(events.records(), BLOCKS)


def test_a_tree_and_an_rntuple_of_one_record_type_are_one(tmp_path):
    write(tmp_path / "part-0000.root", BLOCKS[:5])
    with EventWriter(tmp_path, Block) as writer:
        writer.write(BLOCKS[5:])
    with open_events(tmp_path, record_class=Block) as events:
        assert_same_records(events.records(), BLOCKS)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=record_types_with_records(max_size=5), batch=st.integers(1, 3), data=st.data())
def test_any_records_come_back(drawn, batch, data, tmp_path_factory):
    record_class, records = drawn
    path = write(tmp_path_factory.mktemp("any") / "any.root", records, batch=batch)
    with open_events(path, record_class=record_class) as events:
        assert_same_records(events.records(), records)
        start = data.draw(st.integers(0, len(records)), label="start")
        stop = data.draw(st.integers(start, len(records)), label="stop")
        assert_same_records(events[start:stop].records(), records[start:stop])


def test_merge_keeps_the_backend(tmp_path):
    sources = [
        write(tmp_path / "a.root", BLOCKS[:5], metadata={"site": "a"}),
        write(tmp_path / "b.root", BLOCKS[5:], metadata={"site": "b"}),
    ]
    merged = merge(sources, tmp_path / "all.root")
    with uproot.open(merged.path) as file:
        assert file.classname_of("events") == "ROOT::RNTuple"
        assert file["provenance/count"].array(library="np").tolist() == [5, 6]
    with open_events(merged.path, record_class=Block) as events:
        assert_same_records(events.records(), BLOCKS)


def test_a_killed_writer_leaves_what_it_committed(tmp_path):
    def interrupted():
        with EventWriter(tmp_path / "a.root", Block, backend="rntuple", batch=4) as writer:
            writer.write(BLOCKS)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [path.name for path in tmp_path.iterdir()] == ["a.root.part"]
    with uproot.open({str(tmp_path / "a.root.part"): None}) as file:
        assert file["events"].num_entries == 8
        assert file["commits/events_rows"].array(library="np").tolist() == [4, 4]


def test_an_unknown_backend_names_the_nearest(tmp_path):
    with pytest.raises(ConfigError, match="rntuple"):
        EventWriter(tmp_path, Block, backend="rntupel")


def test_a_damaged_rntuple_is_an_error(tmp_path):
    path = write(tmp_path / "a.root", BLOCKS)
    whole = path.read_bytes()
    for share in range(1, 20):
        path.write_bytes(whole[: len(whole) * share // 20])
        with pytest.raises(EventFileError), open_events(path) as events:
            events.records()


def test_flipped_bits_are_noticed(tmp_path, simulations):
    path = write(tmp_path / "a.root", simulations[:3])
    whole = path.read_bytes()
    middle = len(whole) // 2
    flipped = bytes([whole[middle] ^ 4])
    path.write_bytes(whole[:middle] + flipped + whole[middle + 1 :])
    with pytest.raises(EventFileError), open_events(path) as events:
        events.records()


def test_any_flipped_bit_is_an_error_or_seen_by_verify(tmp_path):
    path = write(tmp_path / "a.root", BLOCKS)
    whole = path.read_bytes()
    rng = np.random.default_rng(1)
    for place in rng.integers(0, len(whole), size=120):
        changed = bytearray(whole)
        changed[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(changed)
        try:
            with open_events(path, record_class=Block) as events:
                found = events.records()
        except EventFileError:
            continue
        if len(found) != len(BLOCKS) or not all(map(records_equal, found, BLOCKS)):
            assert not verify(path).ok, int(place)


def test_verify_compares_the_checksums(tmp_path):
    path = write(tmp_path / "a.root", BLOCKS)
    check = verify(path)
    assert check.ok, check
    assert check.parts[0].has_checksums
    assert check.parts[0].batches == 3

    # These pages are too small to be compressed, so that nothing but a checksum tells.
    whole = path.read_bytes()
    at = whole.index("ØØØØØ".encode())
    path.write_bytes(whole[:at] + "Å".encode() + whole[at + 2 :])
    check = verify(path)
    assert [problem.entries for problem in check.problems] == [(0, 4)]


def test_root_reads_it(run_root, pair):
    seen = run_root(SEEN, pair[1])
    with open_events(pair[0]) as events:
        assert seen["entries"] == len(events)
        assert seen["ids"] == events.event_id.tolist()
        assert seen["heating"] == pytest.approx(ak.sum(events.zones.heating), rel=1e-12)
        assert seen["ok"] == np.sum(events.status == "ok")
        hourly = ak.sum(ak.values_astype(events.zones.hourly.heating, "f8"), axis=-1)
        assert np.allclose(seen["year"], ak.sum(hourly, axis=1), rtol=1e-12, atol=1e-9)
        assert seen["schema"] == events.record_type.content_id
    assert seen["type"] == "ROOT::VecOps::RVec<ROOT::VecOps::RVec<float>>"
    assert seen["described"].startswith("[kWh] ")
