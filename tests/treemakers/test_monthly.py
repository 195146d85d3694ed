"""Monthly against the months of single events."""

import numpy as np
import pytest

from shoeroot.treemakers import Monthly

USES = ("heating", "cooling", "lighting", "equipment", "hot_water", "total")


def test_each_column_is_a_month_of_the_event(made, records, good):
    data = made("Monthly")

    assert len(Monthly.columns) == 72
    for row in good:
        for month in records[row].end_uses:
            for use in USES:
                assert data[f"{use}_{month.month:02d}"][row] == getattr(month, use)


def test_failed_simulations_have_no_months(made, failed):
    assert made("Monthly").loc[failed, list(Monthly.columns)].isna().all().all()


def test_the_year_is_the_sum_of_the_months(made, good):
    months, year = made("Monthly"), made("Basics")

    for use in USES[:-1]:
        sums = months[[f"{use}_{month:02d}" for month in range(1, 13)]].sum(axis=1)
        assert sums[good].to_numpy() == pytest.approx(year[use][good].to_numpy())


def test_months_may_come_in_any_order_and_may_be_missing(handmade):
    first = handmade.simulation(
        end_uses=[handmade.month(12, heating=3.0), handmade.month(2, heating=1.0)]
    )
    second = handmade.simulation(end_uses=[handmade.month(1, heating=5.0)])

    columns = handmade.extract(Monthly(), first, second)

    assert columns["heating_12"].tolist()[0] == 3.0
    assert columns["heating_02"].tolist()[0] == 1.0
    assert columns["heating_01"].tolist()[1] == 5.0
    assert np.isnan(columns["heating_01"][0])
    assert np.isnan(columns["heating_02"][1])


def test_events_without_any_month_have_nan(handmade):
    columns = handmade.extract(Monthly(), handmade.simulation(), handmade.simulation())

    assert np.isnan(columns["total_07"]).tolist() == [True, True]
