"""DemandFlexibility against a loop over the hours of single events."""

import numpy as np
import pytest

from shoeroot.errors import TreeMakerError
from shoeroot_minitrees import DemandFlexibility

TARIFF = (0.1,) * 7 + (0.3,) * 3 + (0.2,) * 8 + (0.4,) * 2 + (0.1,) * 4


def by_hand(event, tariff, reach, system_share, plug_share):
    """Hour by hour, as the documentation says it."""
    cop = event.design.HeatingCoeffOfPerf
    heating = sum(zone.hourly.heating.astype(float) for zone in event.zones)
    cooling = sum(zone.hourly.cooling.astype(float) for zone in event.zones)
    plugs = sum(zone.hourly.electricity.astype(float) for zone in event.zones)
    system = (heating / cop if cop > 1 else 0) + cooling / event.design.CoolingCoeffOfPerf
    shifted, saved = np.zeros(8760), 0.0
    for hour in range(8760):
        before = min(tariff[max(hour - reach, 0) : hour + 1])
        after = min(tariff[hour : hour + reach + 1])
        for load, share, cheapest in ((system, system_share, before), (plugs, plug_share, after)):
            if cheapest < tariff[hour]:
                shifted[hour] += share * load[hour]
                saved += share * load[hour] * (tariff[hour] - cheapest)
    return system + plugs, shifted, saved


@pytest.mark.parametrize("row", [0, 3])
def test_each_hour_moves_to_the_cheapest_within_reach(made, records, row):
    maker = DemandFlexibility(tariff=TARIFF, reach=2, system_share=0.4, plug_share=0.2)
    prices = np.tile(TARIFF, 365)

    found = made(maker).loc[row]

    total, shifted, saved = by_hand(records[row], prices, 2, 0.4, 0.2)
    assert found["electricity"] == pytest.approx(total.sum())
    assert found["electricity_cost"] == pytest.approx(total @ prices)
    assert found["shiftable"] == pytest.approx(shifted.sum())
    assert found["shift_saving"] == pytest.approx(saved)
    assert found["shiftable_peak"] == pytest.approx(shifted.max())
    dear = total[prices > prices.mean()].sum()
    assert found["dear_share"] == pytest.approx(dear / total.sum())


def test_nothing_moves_where_all_hours_cost_the_same_or_nothing_is_within_reach(made):
    flat = made(DemandFlexibility(tariff=(0.2,) * 24))
    fixed = made(DemandFlexibility(reach=0))

    for data in (flat, fixed):
        assert (data["shiftable"].dropna() == 0).all()
        assert (data["shift_saving"].dropna() == 0).all()


def test_failed_simulations_have_nan(made):
    data = made(DemandFlexibility)

    assert data.loc[2, list(DemandFlexibility.columns)].isna().all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tariff": (1.0,) * 23}, "24 for a day"),
        ({"tariff": (float("inf"),) * 24}, "infinite"),
        ({"reach": 24}, "0 to 23"),
        ({"plug_share": 1.5}, "no share"),
    ],
)
def test_wrong_options_say_what_is_right(made, options, message):
    with pytest.raises(TreeMakerError, match=message):
        made(DemandFlexibility(**options))
