"""What a design's parameters do to its event: energy used, hot water, schedules, weather."""

from __future__ import annotations

import numpy as np
import pytest

import shoeroot
from shoeroot.campaign import sample_designs
from shoeroot.design import SCHEDULE_OPERATIONS

SCHEMA = shoeroot.Schema()
LIGHTS, EQUIPMENT = 1, 0


def always(row: int, value: float) -> np.ndarray:
    """Operations that keep two schedules and turn one on (1) or off (-1) for the whole year."""
    operations = np.zeros((3, 19))
    operations[:, SCHEDULE_OPERATIONS.index("scale")] = 1.0
    operations[row, SCHEDULE_OPERATIONS.index("on/off")] = value
    return operations


#: One change each to the same design.
CHANGES = {
    "as it is": {},
    "heat pump": {"HeatingCoeffOfPerf": 3.2},
    "better chiller": {"CoolingCoeffOfPerf": 5.0},
    "more hot water": {"FlowRatePerFloorArea": 0.0004},
    "lights always on": {"schedules": always(LIGHTS, 1.0)},
    "equipment always off": {"schedules": always(EQUIPMENT, -1.0)},
    "in Florida": {"base_epw": 1},
}
BASE = {
    "HeatingCoeffOfPerf": 0.9,
    "CoolingCoeffOfPerf": 3.0,
    "FlowRatePerFloorArea": 0.0001,
    # A box that must be cooled in Chicago, too.
    "facade_2_footprint": 0.4,
    "wwr": 0.5,
    "shading_fact": 0.0,
    "CoolingSetpoint": 24.0,
}


@pytest.fixture(scope="module")
def events(tmp_path_factory, engine, library):
    """An event for each change, by its name."""
    weather = [next(engine.weather_folder.glob(f"*{city}*.epw")) for city in ("Chicago", "Tampa")]
    one = sample_designs(1, library=library, seed=4)
    designs = np.repeat(one, len(CHANGES), axis=0)
    for row, changes in enumerate(CHANGES.values()):
        for name, value in (BASE | {"base_epw": 0} | changes).items():
            SCHEMA.update_storage_batch(designs, index=row, parameter=name, value=value)
    folder = tmp_path_factory.mktemp("parameters") / "campaign"
    shoeroot.run_campaign(
        designs, folder, engine=engine, library=library, weather=weather, show_progress=False
    )
    with shoeroot.open(folder) as opened:
        assert set(opened.status) == {"ok"}
        yield {name: opened[row] for row, name in enumerate(CHANGES)}


def used(event, use: str) -> np.ndarray:
    """Energy used by month [kWh]."""
    return np.array([getattr(month, use) for month in event.end_uses])


def delivered(event, name: str) -> float:
    """The sum over the zones [kWh]."""
    return sum(getattr(zone, name) for zone in event.zones)


@pytest.mark.parametrize(
    ("changed", "use", "ratio"),
    [("heat pump", "heating", 0.9 / 3.2), ("better chiller", "cooling", 3.0 / 5.0)],
)
def test_coefficient_of_performance_turns_heat_into_energy_used(events, changed, use, ratio):
    before, after = events["as it is"], events[changed]

    assert delivered(after, use) == delivered(before, use) > 0
    np.testing.assert_allclose(used(after, use), ratio * used(before, use), rtol=1e-5)


def test_energy_used_for_heating_is_heat_over_its_coefficient(events):
    event = events["heat pump"]

    assert used(event, "heating").sum() == pytest.approx(delivered(event, "heating") / 3.2, 1e-5)


def test_four_times_the_flow_is_four_times_the_heat_for_hot_water(events):
    before, after = events["as it is"], events["more hot water"]

    assert used(before, "hot_water").min() > 0
    np.testing.assert_allclose(used(after, "hot_water"), 4.0 * used(before, "hot_water"), 1e-5)
    assert delivered(after, "heating") == delivered(before, "heating")


def test_lights_that_are_always_on_use_their_power_in_every_hour(events):
    event = events["lights always on"]

    density = event.design.LightingPowerDensity
    assert used(event, "lighting").sum() == pytest.approx(
        density * event.floor_area * 8.760, rel=1e-5
    )
    # Their heat need not be delivered, and must be removed.
    assert delivered(event, "heating") < delivered(events["as it is"], "heating")
    assert delivered(event, "cooling") > delivered(events["as it is"], "cooling")


def test_equipment_that_is_always_off_uses_nothing(events):
    event = events["equipment always off"]

    assert used(event, "equipment").sum() == 0.0
    assert delivered(event, "heating") > delivered(events["as it is"], "heating")


def test_warmer_weather_heats_less_and_cools_more(events):
    cold, warm = events["as it is"], events["in Florida"]

    assert delivered(warm, "heating") < 0.2 * delivered(cold, "heating")
    assert delivered(warm, "cooling") > 2.0 * delivered(cold, "cooling")
    assert warm.weather_hash != cold.weather_hash


def test_total_is_the_sum_of_the_uses(events):
    for event in events.values():
        uses = ("heating", "cooling", "lighting", "equipment", "hot_water")
        np.testing.assert_allclose(
            used(event, "total"), sum(used(event, use) for use in uses), rtol=1e-6
        )
