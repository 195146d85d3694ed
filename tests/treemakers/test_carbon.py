"""Carbon against sums over the hours and months of single events."""

import numpy as np
import pytest

from shoeroot.errors import TreeMakerError
from shoeroot.minitrees import load
from shoeroot.treemakers import EMISSION_FACTORS, Carbon

USES = ("heating", "cooling", "lighting", "equipment", "hot_water")
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MONTH = np.repeat(np.arange(12), np.array(DAYS) * 24)


def yearly(event, use):
    return sum(getattr(month, use) for month in event.end_uses)


def test_energy_times_the_default_factors(made, records, good):
    data = made("Carbon")
    gas, power = EMISSION_FACTORS["natural_gas"].value, EMISSION_FACTORS["electricity"].value

    for row in good:
        event = records[row]
        heating = power if event.design.HeatingCoeffOfPerf > 1 else gas
        factors = dict(
            heating=heating, cooling=power, lighting=power, equipment=power, hot_water=gas
        )
        for use in USES:
            wanted = yearly(event, use) * factors[use]
            assert data[f"carbon_{use}"][row] == pytest.approx(wanted)
        total = sum(data[f"carbon_{use}"][row] for use in USES)
        assert data["carbon"][row] == pytest.approx(total)
        assert data["carbon_intensity"][row] == pytest.approx(total / event.floor_area)


def test_default_factors_are_those_of_their_sources():
    # kg of carbon dioxide alone: 53.06 kg/mmBtu and 823.149 lb/MWh.
    gas, power = EMISSION_FACTORS["natural_gas"], EMISSION_FACTORS["electricity"]

    assert gas.value == pytest.approx(53.06 / 293.07, rel=2e-3)
    assert power.value == pytest.approx(0.82315 * 0.45359, rel=6e-3)
    assert all("EPA" in factor.source and "20" in factor.source for _, factor in factors())


def factors():
    return EMISSION_FACTORS.items()


def test_failed_simulations_emit_nan(made, failed):
    assert made("Carbon").loc[failed, list(Carbon.columns)].isna().all().all()


def test_hourly_factors_meet_the_load_of_each_hour(made, records, good):
    hourly = np.random.default_rng(1).uniform(0.1, 0.9, 8760)
    electric = dict.fromkeys(("heating", "hot_water"), "electricity")

    data = made(Carbon(factors={"electricity": tuple(hourly)}, carriers=electric))

    for row in good:
        event = records[row]
        for use, cop in (
            ("heating", event.design.HeatingCoeffOfPerf),
            ("cooling", event.design.CoolingCoeffOfPerf),
        ):
            load_ = sum(getattr(zone.hourly, use).astype(np.float64) for zone in event.zones)
            assert data[f"carbon_{use}"][row] == pytest.approx((load_ @ hourly) / cop, rel=1e-5)
        plugs = sum(zone.hourly.electricity.astype(np.float64) for zone in event.zones)
        found = data["carbon_lighting"][row] + data["carbon_equipment"][row]
        assert found == pytest.approx(plugs @ hourly, rel=1e-5)
        means = [hourly[month == MONTH].mean() for month in range(12)]
        water = sum(month.hot_water * means[month.month - 1] for month in event.end_uses)
        assert data["carbon_hot_water"][row] == pytest.approx(water)


def test_monthly_factors_meet_the_months(made, records, good):
    monthly = tuple(np.linspace(0.1, 0.5, 12))

    data = made(Carbon(factors={"electricity": monthly}))

    for row in good:
        wanted = sum(m.lighting * monthly[m.month - 1] for m in records[row].end_uses)
        assert data["carbon_lighting"][row] == pytest.approx(wanted)


def test_heating_that_no_boiler_does_is_electric(handmade):
    def event(cop):
        months = [handmade.month(month, heating=10.0) for month in range(1, 13)]
        return handmade.simulation(
            design=handmade.design(HeatingCoeffOfPerf=cop), end_uses=months, floor_area=2.0
        )

    folder = handmade.write([event(0.9), event(3.0)])

    data = load(folder, Carbon(factors={"natural_gas": 0.2, "electricity": 0.4}))

    assert data["carbon_heating"].tolist() == pytest.approx([24.0, 48.0])
    assert data["carbon_intensity"].tolist() == pytest.approx([12.0, 24.0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"carriers": {"heatin": "natural_gas"}}, "heating"),
        ({"carriers": {"heating": "natural_gaz"}}, "natural_gas"),
        ({"carriers": {"lighting": "auto"}}, "no emission factor of 'auto'"),
        ({"factors": {"electricity": (1.0, 2.0)}}, "12 for the months"),
        ({"factors": {"electricity": "much"}}, "no number"),
        ({"factors": {"electricity": float("nan")}}, "not a number"),
    ],
)
def test_wrong_options_say_what_is_right(options, message, campaign, tmp_path):
    with pytest.raises(TreeMakerError, match=message):
        load(campaign.folder, Carbon(**options), minitree_folder=tmp_path)


def test_a_carrier_of_ones_own(made, records, good):
    data = made(Carbon(factors={"pellets": 0.03}, carriers={"heating": "pellets"}))

    for row in good:
        assert data["carbon_heating"][row] == pytest.approx(0.03 * yearly(records[row], "heating"))
