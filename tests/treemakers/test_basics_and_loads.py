"""Basics and Loads against sums made by hand from single events."""

from __future__ import annotations

import numpy as np
import pytest

from shoeroot.minitrees import find_treemaker, load, treemaker_names

GOOD = [0, 1, 3, 5, 6, 7]
FAILED = [2, 4]


@pytest.fixture(scope="module")
def data(campaign, tmp_path_factory):
    folder = tmp_path_factory.mktemp("minitrees")
    return load(campaign.folder, ["Basics", "Loads"], minitree_folder=folder)


@pytest.mark.parametrize("row", GOOD)
def test_annual_energy_is_the_sum_of_the_months(data, events, row):
    months = events[row].end_uses

    for use in ("heating", "cooling", "lighting", "equipment", "hot_water"):
        wanted = sum(getattr(month, use) for month in months)
        assert data[use][row] == pytest.approx(wanted)
    wanted = sum(month.total for month in months) / events[row].floor_area
    assert data["eui"][row] == pytest.approx(wanted)


def test_failed_events_are_rows_without_results(data):
    failed = data.loc[FAILED]

    assert list(failed["status"]) == ["invalid", "fatal"]
    assert failed[["heating", "eui", "heating_peak", "cooling_load_50"]].isna().all().all()
    assert (failed["heating_peak_hour"] == -1).all()
    assert (failed["floor_area"] > 0).all()


@pytest.mark.parametrize("row", GOOD)
@pytest.mark.parametrize("series", ["heating", "cooling"])
def test_peaks_are_those_of_all_zones_together(data, events, row, series):
    zones = [getattr(zone.hourly, series).astype(np.float64) for zone in events[row].zones]
    building = np.sum(zones, axis=0)

    assert data[f"{series}_peak"][row] == pytest.approx(building.max())
    assert data[f"{series}_peak_hour"][row] == building.argmax()
    factor = building.mean() / building.max() if building.max() > 0 else np.nan
    assert data[f"{series}_load_factor"][row] == pytest.approx(factor, nan_ok=True)


@pytest.mark.parametrize("row", GOOD)
def test_load_durations_are_reached_that_share_of_the_year(data, events, row):
    zones = [zone.hourly.heating.astype(np.float64) for zone in events[row].zones]
    building = np.sum(zones, axis=0)

    for share in (1, 5, 10, 25, 50):
        level = data[f"heating_load_{share}"][row]
        if level > 0:
            assert np.mean(building >= level) == pytest.approx(share / 100, abs=2e-4)


@pytest.mark.parametrize("name", treemaker_names())
def test_every_column_has_a_description_and_dimensions_have_units(name):
    columns = find_treemaker(name).column_info()

    assert columns
    for column, (unit, description) in columns.items():
        assert description, column
        if any(word in column for word in ("area", "peak", "heating", "cooling", "eui")):
            assert unit or column.endswith("load_factor"), column


def test_the_two_that_ship_are_registered():
    assert {"Basics", "Loads"} <= set(treemaker_names())
