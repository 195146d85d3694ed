"""Zones and Surfaces: a row for each, with what the records hold."""

import pytest

from shoeroot.treemakers import Surfaces, Zones


@pytest.mark.parametrize(("name", "prefix"), [("Zones", "zone"), ("Surfaces", "surface")])
def test_there_is_a_row_for_each(made, records, name, prefix):
    data = made(name)

    wanted = [
        (event.event_id, place, record)
        for event in records
        for place, record in enumerate(getattr(event, f"{prefix}s"))
    ]
    assert len(data) == len(wanted) > 0
    fields = [
        column.removeprefix(f"{prefix}_") for column in data if column.startswith(f"{prefix}_")
    ]
    assert "area" in fields or "floor_area" in fields
    for row, (event_id, place, record) in zip(data.to_dict("records"), wanted, strict=True):
        assert row["event_id"] == event_id
        assert row[prefix] == place
        for field in fields:
            assert row[f"{prefix}_{field}"] == getattr(record, field)


def test_failed_simulations_have_no_rows(made, failed):
    assert not set(made("Zones")["event_id"]) & set(failed)
    assert not set(made("Surfaces")["event_id"]) & set(failed)


def test_hourly_and_monthly_series_are_left_out():
    assert not [name for name in Zones.columns if "hourly" in name or "monthly" in name]
    assert Zones.columns["zone_heating"][0] == "kWh"
    assert Surfaces.columns["surface_u_value"][0] == "W/(m2 K)"


def test_annual_loads_add_up_to_what_the_end_uses_tell(made, records, good):
    sums = made("Zones").groupby("event_id")["zone_heating"].sum()
    used = made("Basics").set_index("event_id")["heating"]

    for row in good:
        cop = records[row].design.HeatingCoeffOfPerf
        assert sums[row] == pytest.approx(used[row] * cop, rel=1e-6)
