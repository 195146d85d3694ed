"""Quality against single events, and on events in which something is wrong."""

import numpy as np
import pytest

from shoeroot.treemakers import Quality


def series(event, name):
    return np.array([getattr(zone.hourly, name) for zone in event.zones], dtype=np.float64)


def test_hours_with_heating_and_cooling_are_counted(made, records, good):
    data = made("Quality")

    for row in good:
        heating = series(records[row], "heating").sum(axis=0)
        cooling = series(records[row], "cooling").sum(axis=0)
        both = (heating > 0) & (cooling > 0)
        assert data["simultaneous_hours"][row] == both.sum()
        against = np.minimum(heating, cooling).sum()
        assert data["simultaneous_energy"][row] == pytest.approx(against)


def test_energy_of_the_engine_adds_up(made, good):
    data = made("Quality").loc[good]

    # Series are in single precision; electricity is what the engine reports by month.
    assert data["energy_balance_residual"].abs().max() < 1e-5
    assert data["electricity_residual"].abs().max() < 1e-5
    assert (data["not_finite"] == 0).all()


def test_failed_simulations_have_messages_and_nothing_else(made, records, failed):
    data = made("Quality").loc[failed]

    assert (data["severes"] + data["fatals"] > 0).all()
    rest = ["energy_balance_residual", "electricity_residual", "simultaneous_hours", "not_finite"]
    assert data[rest].isna().all().all()
    for row in failed:
        for severity, name in (("warning", "warnings"), ("severe", "severes"), ("fatal", "fatals")):
            wanted = sum(m.count for m in records[row].messages if m.severity == severity)
            assert data[name][row] == wanted


def test_a_wrong_coefficient_and_lost_hours_are_seen(handmade):
    # 100 kWh of heat at a coefficient of 4 are 25 kWh of energy, of which 50 were stored.
    heated = handmade.simulation(
        design=handmade.design(HeatingCoeffOfPerf=4.0),
        zones=[handmade.zone(hourly={"heating": {0: 100.0}})],
        end_uses=[handmade.month(1, heating=50.0)],
    )
    # 3 of 4 kWh of lights are in the series.
    lit = handmade.simulation(
        zones=[handmade.zone(hourly={"electricity": {5: 3.0}})],
        end_uses=[handmade.month(1, lighting=3.0, equipment=1.0)],
    )

    columns = handmade.extract(Quality(), heated, lit)

    assert columns["energy_balance_residual"] == pytest.approx([-0.5, -0.25])
    assert columns["electricity_residual"] == pytest.approx([0.0, -0.25])


def test_zones_of_different_events_do_not_mix(handmade):
    warm = handmade.zone(hourly={"heating": {7: 2.0}})
    cool = handmade.zone(hourly={"cooling": {7: 5.0}})
    apart = [handmade.simulation(zones=[warm]), handmade.simulation(zones=[cool])]
    together = handmade.simulation(zones=[warm, cool])

    columns = handmade.extract(Quality(), *apart, handmade.simulation(), together, batch=2)

    assert columns["simultaneous_hours"].tolist()[:2] == [0, 0]
    assert np.isnan(columns["simultaneous_hours"][2])
    assert columns["simultaneous_hours"][3] == 1
    assert columns["simultaneous_energy"][3] == 2.0


def test_hours_that_are_no_numbers_are_counted(handmade):
    broken = handmade.simulation(zones=[handmade.zone(hourly={"heating": {3: np.nan, 9: np.inf}})])

    assert handmade.extract(Quality(), broken)["not_finite"].tolist() == [2]
