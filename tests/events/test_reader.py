"""Reading: lazily, across parts, in ranges and selections, and what unknown names say."""

import copy

import awkward as ak
import numpy as np
import pytest

from shoeroot.errors import EventFileError, ShoerootError
from shoeroot.events import EventWriter, UnknownFieldError, open_events
from shoeroot.events.part_reader import PartReader
from shoeroot.records import Simulation, records_equal


@pytest.fixture
def events(campaign):
    with open_events(campaign) as opened:
        yield opened


@pytest.fixture
def touched(monkeypatch):
    """Names of the branches that are read, and from which file."""
    reads = []
    read = PartReader.read

    def spy(reader, layout, names, start, stop):
        stripes = read(reader, layout, names, start, stop)
        reads.extend((reader.path.name, name) for name in stripes)
        return stripes

    monkeypatch.setattr(PartReader, "read", spy)
    return reads


def test_arrays_over_all_parts(events, simulations):
    assert len(events) == len(simulations)
    assert len(events.paths) > 2
    assert events.event_id.tolist() == [each.event_id for each in simulations]
    assert events.status.to_list() == [each.status for each in simulations]
    assert events.design.width.tolist() == [each.design.width for each in simulations]
    assert events.design.schedules.shape == (len(simulations), 57)
    assert events.zones.volume.to_list() == [[z.volume for z in s.zones] for s in simulations]
    assert events.messages.text.to_list() == [[m.text for m in s.messages] for s in simulations]
    assert events.zones.monthly_heating.type.content.content.size == 12
    heating = events.zones.hourly.heating
    assert heating.type.content.content.size == 8760
    assert ak.num(heating).tolist() == [len(each.zones) for each in simulations]
    assert np.array_equal(heating[2, 1], simulations[2].zones[1].hourly.heating)
    assert events["zones.hourly.heating"] is heating


def test_only_touched_branches_are_read(events, touched):
    assert "zones_volume" in events.branches
    assert "zones_hourly/heating" in events.branches
    assert events.metadata["site"] == "Žilina"
    assert touched == []

    _ = events.zones.volume
    assert {name for _, name in touched} == {"zones_n", "zones_volume"}

    touched.clear()
    _ = events.zones.volume
    assert touched == []

    _ = events.zones.hourly.cooling
    assert {name for _, name in touched} <= {"zones_n", "zones_hourly_cooling"}


def test_ranges_read_only_their_parts(events, touched):
    _ = events[:2].zones.volume
    assert {file for file, _ in touched} == {"part-0000.root"}
    touched.clear()
    _ = events.select(np.arange(len(events)) == len(events) - 1).zones.hourly.heating
    assert {file for file, _ in touched} == {events.paths[-1].name}


def test_single_events_are_records(events, simulations):
    assert isinstance(events[17], Simulation)
    assert records_equal(events[17], simulations[17])
    assert records_equal(events[-1], simulations[-1])
    assert records_equal(events[np.int64(3)], simulations[3])
    with pytest.raises(IndexError):
        events[len(events)]


@pytest.mark.parametrize(
    "part", [slice(10, 20), slice(0, 0), slice(3, None), slice(-4, None), slice(2, 23, 5)]
)
def test_slices_across_parts(events, simulations, part):
    some = events[part]
    assert len(some) == len(simulations[part])
    assert list(map(records_equal, some, simulations[part])) == [True] * len(some)
    assert some[1:][::2].event_id.tolist() == [s.event_id for s in simulations[part][1:][::2]]


@pytest.mark.parametrize("size", [1, 7, 100, None])
def test_chunks_cover_everything_once(events, simulations, size):
    chunks = list(events.chunks(size))
    assert sum(map(len, chunks)) == len(events)
    ids = np.concatenate([chunk.event_id for chunk in chunks])
    assert ids.tolist() == [each.event_id for each in simulations]


def test_selection_by_a_column(events, simulations):
    failed = events.select(events.status != "ok")
    wanted = [each for each in simulations if each.status != "ok"]
    assert len(failed) == len(wanted)
    assert list(map(records_equal, failed, wanted)) == [True] * len(wanted)
    assert events.select(np.zeros(len(events), bool)).zones.hourly.heating.to_list() == []
    with pytest.raises(IndexError, match="bools"):
        events.select([True])


def test_rows_of_hourly_series(events, simulations):
    sums, counts = [], []
    for rows in events.rows("zones.hourly", ["heating"]):
        assert list(rows.arrays) == ["heating"]
        sums.append(rows.arrays["heating"].sum(axis=1, dtype="f8"))
        counts.append(rows.counts)
    wanted = [z.hourly.heating.sum(dtype="f8") for s in simulations for z in s.zones]
    assert np.allclose(np.concatenate(sums), wanted, rtol=1e-12)
    assert np.concatenate(counts).tolist() == [len(each.zones) for each in simulations]
    with pytest.raises(UnknownFieldError, match="own"):
        next(events.rows("zones"))
    with pytest.raises(UnknownFieldError, match="heat"):
        next(events.rows("zones.hourly", ["heat"]))


@pytest.mark.parametrize("part", [slice(None), slice(3, 11), slice(2, 23, 5), slice(0, 0)])
def test_rows_are_reduced_while_they_are_read(events, simulations, part):
    reduced = events[part].reduce_rows("zones.hourly", ["cooling", "temperature"])

    assert list(reduced) == ["cooling", "temperature"]
    zones = [zone for each in simulations[part] for zone in each.zones]
    for field, found in reduced.items():
        series = [getattr(zone.hourly, field) for zone in zones]
        assert np.allclose(found["total"], [x.sum(dtype="f8") for x in series], rtol=1e-12)
        assert found["peak"].tolist() == [x.max() for x in series]
        assert found["peak"].dtype == np.float32
        assert found["peak_place"].tolist() == [x.argmax() for x in series]


def test_rows_are_reduced_by_a_kernel_of_ones_own(events, simulations):
    def by_day(block):
        return {"days": block.reshape(len(block), 365, 24).sum(axis=2, dtype="f8")}

    days = events.reduce_rows("zones.hourly", ["heating"], by_day)["heating"]["days"]

    zones = [zone for each in simulations for zone in each.zones]
    wanted = [zone.hourly.heating.reshape(365, 24).sum(axis=1, dtype="f8") for zone in zones]
    assert np.array_equal(days, wanted)
    with pytest.raises(UnknownFieldError, match="heating"):
        events.reduce_rows("zones.hourly", ["heatin"])
    with pytest.raises(ZeroDivisionError):
        events.reduce_rows("zones.hourly", ["heating"], lambda block: {"x": block / (1 // 0)})


def test_closed_events_say_so(campaign):
    with open_events(campaign) as events:
        pass
    with pytest.raises(EventFileError):
        _ = events.zones.hourly.heating


def test_unknown_names(events):
    with pytest.raises(UnknownFieldError, match="floor_area") as caught:
        _ = events.zones.flor_area
    assert isinstance(caught.value, AttributeError)
    assert isinstance(caught.value, ShoerootError)
    assert not hasattr(events, "stattus")
    assert getattr(events.zones, "rooms", None) is None
    with pytest.raises(UnknownFieldError, match="zones"):
        events.counts("zone")
    with pytest.raises(UnknownFieldError):
        events["zones.flor_area"]
    with pytest.raises(UnknownFieldError):
        events["status.letters"]


def test_dir_and_repr_help(events):
    assert {"zones", "status", "chunks"} <= set(dir(events))
    assert "hourly" in dir(events.zones)
    assert "floor_area [m2]: floor area" in repr(events.zones)
    assert "25 events of Simulation" in repr(events)
    assert copy.copy(events.zones).volume is events.zones.volume


def test_one_file_and_a_list_of_files(events, campaign):
    with open_events(events.paths[1]) as one, open_events(reversed(events.paths)) as two:
        assert 0 < len(one) < len(two) == len(events)
        assert two.event_id.tolist() != events.event_id.tolist()
        assert sorted(two.event_id) == sorted(events.event_id)


def test_events_without_any_hourly_rows(tmp_path, simulation):
    with EventWriter(tmp_path, Simulation, batch=2) as writer:
        writer.write([simulation(number, zones=0) for number in range(5)])
    with open_events(tmp_path) as events:
        assert events.zones.hourly.heating.to_list() == [[]] * 5
        assert [rows.arrays["heating"].shape for rows in events.rows("zones.hourly")] == [
            (0, 8760)
        ] * 3
        assert len(events[2:4].records()) == 2


def test_the_class_must_be_as_in_the_files(campaign):
    from shoeroot.records import Message

    with pytest.raises(EventFileError, match="cannot be read as Message"):
        open_events(campaign, record_class=Message)
