"""TreeMakers in the style of hax: what changes is the import, and the names of the fields."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import shoeroot
from shoeroot.minitrees import load, load_single_minitree

# import hax, in the original
hax = shoeroot


class WarmZone(hax.minitrees.TreeMaker):
    """The seed's own listing: list access by an index that is itself a field."""

    __version__ = "0.0.1"
    extra_branches = ["zones.heating_peak_hour", "zones.floor_area"]

    def extract_data(self, event):
        if not len(event.zones):
            return dict()
        first = event.zones[0]
        last = event.zones[len(event.zones) - 1]
        return dict(
            peak_hours_apart=(last.heating_peak_hour - first.heating_peak_hour) * 1,
            last_area=last.floor_area,
        )


class LargestPeaks(hax.minitrees.TreeMaker):
    """A string for the branches, loops, attributes set in __init__, keys that come and go."""

    __version__ = "0.2"
    extra_branches = "zones.heating_peak"

    def __init__(self):
        super().__init__()
        self.asked = 0

    def extract_data(self, event):
        self.asked += 1
        result = {"number": event.event_id, "asked": self.asked > 0}
        peaks = sorted([zone.heating_peak for zone in event.zones], reverse=True)
        for place, peak in enumerate(peaks[:2]):
            result[f"peak_{place}"] = peak
        if event.status != "ok":
            result["why"] = event.status
        return result


class ZoneTable(hax.minitrees.MultipleRowExtractor):
    """Many rows an event, a list of dicts; all branches are asked for."""

    __version__ = "1.0"
    branch_selection = ["event_id", "zones.*"]

    def extract_data(self, event):
        rows = []
        for number, zone in enumerate(event.zones):
            rows.append({"zone": number, "zone_area": zone.floor_area, "zone_name": zone.name})
        return rows


class SeriesSums(hax.minitrees.TreeMaker):
    """Arrays in the events."""

    __version__ = "0.0.3"
    extra_branches = ["zones.hourly.heating", "zones.monthly_heating"]
    uses_arrays = True
    extra_metadata = {"responsible": "the loads group", "limits": [1, 2]}

    def extract_data(self, event):
        if event.status != "ok":
            return {}
        total = np.sum([np.array(zone.hourly.heating).sum(dtype=float) for zone in event.zones])
        summer = sum(zone.monthly_heating[6] for zone in event.zones)
        return dict(annual=total, july=summer, zones=len(event.zones))


class Passing(hax.minitrees.TreeMaker):
    """Made each time."""

    __version__ = "0.0.1"
    never_store = True

    def extract_data(self, event):
        return dict(batch=event.batch_id, wide=bool(event.design.width > 5))


@pytest.fixture(scope="module")
def records(made_up):
    with shoeroot.open(made_up) as events:
        return events.records()


def test_list_access_and_empty_dicts(batch, records):
    data = load(batch, WarmZone)

    wanted = [
        one.zones[1].heating_peak_hour - one.zones[0].heating_peak_hour if one.zones else np.nan
        for one in records
    ]
    np.testing.assert_allclose(data["peak_hours_apart"], wanted)


def test_basics_and_an_own_one_come_in_one_table(batch, records):
    data = load(batch, ["Basics", WarmZone])

    assert len(data) == len(records)
    assert {"eui", "last_area"} <= set(data.columns)


def test_keys_that_come_and_go_and_state_of_ones_own(batch, records):
    data = load(batch, LargestPeaks)

    assert list(data["number"]) == [one.event_id for one in records]
    assert data["asked"].all()
    failed = [one.status != "ok" for one in records]
    assert list(data["why"] != "") == failed
    assert list(data["peak_0"].isna()) == failed
    good = data[~np.array(failed)]
    assert (good["peak_0"] >= good["peak_1"]).all()


def test_many_rows_an_event(batch, records):
    data = load(batch, ZoneTable)

    wanted = [(one.event_id, zone.name) for one in records for zone in one.zones]
    assert list(zip(data["event_id"], data["zone_name"], strict=True)) == wanted


def test_arrays_and_extra_metadata(batch, records):
    data = load_single_minitree(batch, SeriesSums)

    wanted = [
        sum(zone.hourly.heating.sum(dtype=float) for zone in one.zones) if one.zones else np.nan
        for one in records
    ]
    np.testing.assert_allclose(data["annual"], wanted)
    assert data.attrs["metadata"]["extra"]["responsible"] == "the loads group"
    assert data.attrs["metadata"]["version"] == "0.0.3"


def test_cuts_with_a_history(batch, records):
    data = load(batch, "Basics", None, False)

    data = hax.cuts.selection(data, data["status"] == "ok", desc="it ran")
    data = hax.cuts.range_selections(data, ("floor_area", (2, 8)), ("window_area", (0, 100)))
    data = hax.cuts.below(hax.cuts.notnan(data, "eui"), "eui", 1000, desc="no outlier")
    history = hax.cuts.history(data)

    ran = [one for one in records if one.status == "ok"]
    inside = [one for one in ran if 2 <= one.floor_area < 8]
    assert history["selection_desc"].iloc[0] == "it ran"
    assert history["selection_desc"].iloc[-1] == "no outlier"
    assert list(history["n_before"][:2]) == [len(records), len(ran)]
    assert list(history["n_after"][:2]) == [len(ran), len(inside)]
    assert list(history["n_removed"]) == list(history["n_before"] - history["n_after"])
    np.testing.assert_allclose(
        history["cumulative_fraction_left"], history["n_after"] / len(records)
    )
    assert len(data) == history["n_after"].iloc[-1]


def test_a_record_is_found_in_its_list(batch):
    places = hax.minitrees.function_over_events(
        lambda event: [event.zones.index(zone) for zone in event.zones], batch
    )

    assert places[0] == [0, 1]
    assert places[2] == []


def test_never_store_leaves_no_file(batch, records):
    data = load(batch, Passing)

    assert list(data["wide"]) == [one.design.width > 5 for one in records]
    assert not list(batch.rglob("Passing*.root"))


def test_they_are_found_by_name_in_a_folder_with_only_the_import_changed(batch, tmp_path):
    written_for_hax = (
        "import hax\n"
        "class Volume(hax.minitrees.TreeMaker):\n"
        "    __version__ = '0.0.1'\n"
        "    extra_branches = ['volume']\n"
        "    def extract_data(self, event):\n"
        "        return dict(volume_litre=event.volume * 1000)\n"
    )
    (tmp_path / "volume.py").write_text(
        written_for_hax.replace("import hax", "import shoeroot as hax")
    )
    shoeroot.minitrees.add_treemaker_folder(tmp_path)

    data = load(batch, "Volume")

    assert (data["volume_litre"] > 0).all()


class TopPeaks(hax.minitrees.TreeMaker):
    """Arrays in what it returns: of any length, of none, of a fixed length."""

    __version__ = "0.0.1"
    uses_arrays = True
    chunk_events = 7

    def extract_data(self, event):
        result = {"how_many": len(event.zones)}
        result["peaks"] = np.array([zone.heating_peak for zone in event.zones])
        result["order"] = [int(place) for place in np.argsort(result["peaks"])]
        if event.zones:
            result["months"] = event.zones[0].monthly_heating
        return result


def test_an_event_may_have_arrays_where_the_treemaker_says_so(batch, records):
    made = load(batch, TopPeaks)
    stored = load(batch, TopPeaks)

    pd.testing.assert_frame_equal(stored, made)
    for row, one in zip(stored.itertuples(), records, strict=True):
        peaks = [zone.heating_peak for zone in one.zones]
        assert row.peaks.dtype == np.float64
        assert list(row.peaks) == peaks
        assert list(row.order) == sorted(range(len(peaks)), key=peaks.__getitem__)
        assert len(row.months) == (12 if one.zones else 0)
        if one.zones:
            np.testing.assert_array_equal(row.months, one.zones[0].monthly_heating)
