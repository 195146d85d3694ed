"""Columns with an array in each row: kept in ROOT, joined, cut, cached, handed on; and refused."""

from __future__ import annotations

import awkward as ak
import numpy as np
import pandas as pd
import pytest
import uproot

import shoeroot
from shoeroot.errors import ConfigError, TreeMakerError
from shoeroot.events import EventWriter, FlatFile, write_flat
from shoeroot.minitrees import (
    MultipleRowExtractor,
    TreeMaker,
    compute,
    concat,
    cuts,
    example_record,
    load,
    read_data,
    write_data,
)
from shoeroot.records import Simulation
from shoeroot.testing import check_treemaker


class ZonePeaks(TreeMaker):
    """Peaks of the zones."""

    __version__ = "1"
    uses_arrays = True
    chunk_events = 7
    columns = {
        "peaks": ("kW", "Heating peak by zone"),
        "shares": ("1", "Three numbers"),
        "numbers": ("", "Their places"),
    }

    def extract(self, events):
        peaks = events.zones.heating_peak
        shares = np.tile(np.array([0.2, 0.3, 0.5]), (len(events), 1))
        return {"peaks": peaks, "shares": shares, "numbers": ak.local_index(peaks)}


class SumOfPeaks(TreeMaker):
    """Depends on arrays."""

    __version__ = "1"
    depends_on = ZonePeaks

    def extract_data(self, event):
        return {"sum_of_peaks": float(event.minitrees["ZonePeaks"].peaks.sum())}


class ZoneMonths(MultipleRowExtractor):
    """An array in each of many rows."""

    __version__ = "1"
    uses_arrays = True

    def extract_data(self, event):
        return [{"months": zone.monthly_heating} for zone in event.zones]


@pytest.fixture
def wanted(made_up):
    with shoeroot.open(made_up) as events:
        return [[zone.heating_peak for zone in one.zones] for one in events.records()]


def test_lists_of_a_columnar_treemaker_are_arrays(batch, wanted):
    for data in (load(batch, ZonePeaks), load(batch, ZonePeaks)):
        assert [list(one) for one in data["peaks"]] == wanted
        assert all(one.shape == (3,) for one in data["shares"])
        assert all(one.dtype.kind == "i" for one in data["numbers"] if len(one))


def test_root_has_them_as_branches_of_arrays(batch, wanted):
    load(batch, ZonePeaks)

    with uproot.open(batch / "minitrees/ZonePeaks/ZonePeaks.root") as file:
        assert file["minitree/peaks"].array().to_list() == wanted
        assert list(file["minitree/npeaks"].array()) == [len(one) for one in wanted]


def test_they_pass_the_check_and_need_a_unit_too():
    check_treemaker(ZonePeaks)
    without = type(
        "ZonePeaks", (ZonePeaks,), {"columns": ZonePeaks.columns | {"shares": ("", "Three")}}
    )
    with pytest.raises(AssertionError, match="'shares' has no unit"):
        check_treemaker(without)


def test_they_are_handed_to_treemakers_that_depend_on_them(batch, wanted):
    data = load(batch, SumOfPeaks)

    np.testing.assert_allclose(data["sum_of_peaks"], [sum(one) for one in wanted])


def test_many_rows_have_arrays_too(batch):
    made, stored = load(batch, ZoneMonths), load(batch, ZoneMonths)

    pd.testing.assert_frame_equal(made, stored)
    assert all(one.shape == (12,) for one in stored["months"])


def test_they_are_joined_cut_and_kept_by_all_kinds_of_tables(batch, tmp_path):
    data = load(batch, ["Basics", ZonePeaks], "eui > 0", cache_file=tmp_path / "cache.root")

    cached = load(batch, ["Basics", ZonePeaks], "eui > 0", cache_file=tmp_path / "cache.root")
    pd.testing.assert_frame_equal(cached, data)
    pd.testing.assert_frame_equal(
        compute(load(batch, ["Basics", ZonePeaks], "eui > 0", delayed=True)), data
    )
    pd.testing.assert_frame_equal(
        concat([data[:5], data[5:]], ignore_index=False)[["peaks"]], data[["peaks"]]
    )
    for suffix in ("parquet", "root"):
        write_data(data, tmp_path / f"table.{suffix}")
        read = read_data(tmp_path / f"table.{suffix}")
        assert all(map(np.array_equal, read["peaks"], data["peaks"]))
    for backend in ("arrow", "polars"):
        other = load(batch, ZonePeaks, "event_id < 5", backend=backend)
        lists = other["peaks"].to_pylist() if backend == "arrow" else other["peaks"].to_list()
        assert lists == [list(one) for one in load(batch, ZonePeaks)["peaks"][:5]]


def test_a_table_without_the_column_has_empty_arrays(batch):
    data = concat([load(batch, ZonePeaks), load(batch, "Basics")])

    assert [len(one) for one in data["peaks"][20:]] == [0] * 20


def test_what_was_finished_before_a_failure_is_taken_up(batch, wanted, tmp_path):
    calls = tmp_path / "calls"
    calls.write_text("")

    class Stops(ZonePeaks):
        def extract(self, events):
            with calls.open("a") as file:
                file.write(f"{int(events.event_id[0])} ")
            if events.event_id[-1] >= 14 and calls.read_text().count("14") == 1:
                raise RuntimeError("the power is gone")
            return super().extract(events)

    with pytest.raises(TreeMakerError, match="the power is gone"):
        load(batch, Stops)
    finished = len(calls.read_text().split())
    data = load(batch, Stops)

    assert [list(one) for one in data["peaks"]] == wanted
    assert calls.read_text().split()[finished:] == ["14"]


@pytest.mark.parametrize(
    ("returned", "flag", "problem"),
    [
        ({"a": [1, 2]}, False, "uses_arrays = True"),
        ({"a": np.zeros((2, 2))}, True, "2 dimensions"),
        ({"a": ["x", "y"]}, True, "numbers or flags"),
        ({"a": [1.0], "na": 1}, True, "beside arrays called 'a'"),
    ],
)
def test_what_cannot_be_an_array_in_a_file_is_refused(batch, returned, flag, problem):
    class Wrong(TreeMaker):
        __version__ = "1"
        uses_arrays = flag

        def extract_data(self, event):
            return returned

    with pytest.raises(TreeMakerError) as caught:
        load(batch, Wrong)

    assert problem in str(caught.value)
    assert not list(batch.rglob("Wrong*.root"))


@pytest.mark.parametrize("first", [9, 10])
def test_arrays_and_single_values_do_not_mix(batch, first):
    class Mixed(TreeMaker):
        __version__ = "1"
        uses_arrays = True
        chunk_events = 10

        def extract_data(self, event):
            return {"a": [1.0] if event.event_id < first else 3}

    with pytest.raises(TreeMakerError, match="array"):
        load(batch, Mixed)


def test_conditions_on_them_say_what_to_do(batch):
    data = load(batch, ZonePeaks)

    with pytest.raises(ConfigError, match=r"'peaks' has an array in each row(.|\n)*map\(len\)"):
        cuts.below(data, "peaks", 3)
    assert len(cuts.selection(data, data["peaks"].map(len) > 0)) == 12


def test_of_no_events_the_column_is_empty(tmp_path):
    random = np.random.default_rng(0)
    with EventWriter(tmp_path / "one" / "events", Simulation) as writer:
        writer.write([example_record(Simulation, 2, random)])

    for _ in range(2):
        data = load(tmp_path / "one", ZonePeaks)
        assert [len(one) for one in data["peaks"]] == [0]


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "u8", "i4", "i2", "u1", "?"])
def test_a_flat_file_keeps_arrays_of_each_type(tmp_path, dtype):
    arrays = np.empty(5, dtype=object)
    for length in range(5):
        arrays[length] = np.arange(length).astype(dtype)

    write_flat(tmp_path / "flat.root", "tree", {"a": arrays, "b": np.arange(5)})

    with FlatFile(tmp_path / "flat.root") as file:
        assert file.columns("tree") == ["a", "b"]
        found = file.read("tree")
    assert list(found) == ["a", "b"]
    for one, other in zip(found["a"], arrays, strict=True):
        np.testing.assert_array_equal(one, other, strict=True)
