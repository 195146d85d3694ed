"""Comfort against counts over the hours of single events."""

import numpy as np
import pytest

from shoeroot.treemakers import Comfort


def of_zones(event):
    temperature = np.array([zone.hourly.temperature for zone in event.zones], dtype=np.float64)
    low = np.array([[zone.heating_setpoint] for zone in event.zones])
    high = np.array([[zone.cooling_setpoint] for zone in event.zones])
    return temperature, low, high


def test_hours_are_counted_where_it_is_so_in_any_zone(made, records, good):
    data = made("Comfort")

    for row in good:
        temperature, low, high = of_zones(records[row])
        cold = (temperature < low - 1.0).any(axis=0)
        warm = (temperature > high + 1.0).any(axis=0)
        found = data.loc[row]
        assert found["heating_unmet_hours"] == cold.sum()
        assert found["cooling_unmet_hours"] == warm.sum()
        assert found["unmet_hours"] == (cold | warm).sum()
        assert found["overheating_hours"] == (temperature > 26.0).any(axis=0).sum()
        over = np.clip(temperature.max(axis=0) - 26.0, 0, None)
        assert found["overheating_degree_hours"] == pytest.approx(over.sum())
        assert found["underheating_hours"] == (temperature < 18.0).any(axis=0).sum()
        assert found["temperature_min"] == temperature.min()
        assert found["temperature_max"] == temperature.max()


def test_the_mean_is_weighted_by_floor_area(made, records, good):
    data = made("Comfort")

    for row in good:
        temperature, _, _ = of_zones(records[row])
        areas = [zone.floor_area for zone in records[row].zones]
        wanted = np.average(temperature.mean(axis=1), weights=areas)
        assert data["temperature_mean"][row] == pytest.approx(wanted)


def test_limits_are_options(made):
    strict = Comfort(tolerance=0.1, overheating_limit=22.0, underheating_limit=21.0)

    default, narrow = made("Comfort"), made(strict)

    assert (narrow["unmet_hours"].dropna() >= default["unmet_hours"].dropna()).all()
    assert narrow["overheating_hours"].sum() > default["overheating_hours"].sum()
    assert narrow["underheating_hours"].sum() > default["underheating_hours"].sum()


def test_a_year_worked_out_by_hand(handmade):
    def zone(**hours):
        series = np.full(8760, 22.0)
        for hour, value in hours.items():
            series[int(hour[1:])] = value
        return handmade.zone(
            hourly={"temperature": series},
            heating_setpoint=20.0,
            cooling_setpoint=25.0,
            floor_area=1.0,
        )

    # Hour 5 counts once, though both zones are too cold; at 18.9 the tolerance is exceeded.
    event = handmade.simulation(zones=[zone(h5=17.0, h8=29.0), zone(h5=18.9, h9=19.0)])

    columns = handmade.extract(Comfort(), event, handmade.simulation())

    found = {name: values[0] for name, values in columns.items()}
    assert found["heating_unmet_hours"] == 1
    assert found["cooling_unmet_hours"] == 1
    assert found["unmet_hours"] == 2
    assert found["overheating_hours"] == 1
    assert found["overheating_degree_hours"] == 3.0
    assert found["underheating_hours"] == 1
    assert found["underheating_degree_hours"] == 1.0
    assert all(np.isnan(values[1]) for values in columns.values())


def test_a_temperature_that_is_no_number_gives_nan_rather_than_a_count(handmade):
    broken = handmade.zone(hourly={"temperature": {4: np.nan}}, floor_area=1.0)

    columns = handmade.extract(Comfort(), handmade.simulation(zones=[broken]))

    assert np.isnan(columns["unmet_hours"]).all()
