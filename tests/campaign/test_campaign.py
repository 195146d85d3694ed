"""A campaign on the real engine: what its events hold, and how failures end."""

from __future__ import annotations

import numpy as np
import pytest

import shoeroot
from shoeroot.building import build_model, find_weather, read_weather
from shoeroot.campaign import CampaignConfig, run_campaign
from shoeroot.design import read_designs
from shoeroot.engine import EngineModel, run_model

INVALID, FATAL = 2, 4
GOOD = [0, 1, 3, 5, 6, 7]


def test_every_design_becomes_an_event_in_its_order(campaign, events):
    np.testing.assert_array_equal(events.event_id, np.arange(len(campaign.designs)))
    np.testing.assert_array_equal(events.variation_id, np.arange(len(campaign.designs)))


def test_failed_designs_do_not_keep_the_others_from_running(events):
    statuses = list(events.status)

    assert [statuses[row] for row in GOOD] == ["ok"] * len(GOOD)
    assert statuses[INVALID] == "invalid"
    assert statuses[FATAL] == "fatal"


def test_a_design_that_the_engine_refuses_keeps_the_engines_message(events):
    event = events[FATAL]

    assert event.return_code == 1
    assert event.cpu_seconds > 0
    severities = [message.severity for message in event.messages]
    assert "severe" in severities
    assert "fatal" in severities
    assert any("Material too thick" in message.text for message in event.messages)


def test_a_design_that_the_check_refuses_names_its_parameters(events):
    event = events[INVALID]

    assert len(event.messages) == 1
    assert "HeatingSetpoint = 26" in event.messages[0].text
    assert "CoolingSetpoint = 22" in event.messages[0].text
    assert event.cpu_seconds == 0


@pytest.mark.parametrize("row", [INVALID, FATAL])
def test_a_failed_event_keeps_its_design_and_has_no_results(campaign, events, row):
    event = events[row]

    assert event.zones == []
    assert event.surfaces == []
    assert event.end_uses == []
    assert event.floor_area > 0
    assert event.model_hash
    schema = shoeroot.Schema()
    assert event.design.width == campaign.designs[row, schema["width"].start_storage]


def test_without_our_check_the_engine_itself_refuses_the_setpoints(
    campaign, engine, library, tmp_path
):
    ended = run_campaign(
        campaign.designs[[INVALID]],
        tmp_path / "unchecked",
        engine=engine,
        library=library,
        check_models=False,
    )

    with ended.open() as events:
        event = events[0]
    assert event.status == "fatal"
    assert any("setpoint" in message.text.lower() for message in event.messages)


def test_an_event_is_what_the_engine_says_of_its_design(campaign, events, engine, library):
    schema, designs = read_designs(campaign.folder / "designs.root")
    np.testing.assert_array_equal(designs, campaign.designs)
    event = events[1]
    template = next(one for one in library.templates if one.name == event.template)
    weather = read_weather(find_weather(event.weather, [engine.weather_folder]))

    model = build_model(schema, designs[1], template, weather)
    result = run_model(engine, EngineModel(model.text, model.files), weather.path)

    assert event.model_hash == model.hash
    assert event.weather_hash == weather.sha256
    assert event.engine == result.engine
    for zone in event.zones:
        key = f"{zone.name} IDEAL LOADS AIR SYSTEM".upper()
        for series, word in (("heating", "Heating"), ("cooling", "Cooling")):
            joules = result.hourly[key, f"Zone Ideal Loads Supply Air Total {word} Energy"]
            stored = getattr(zone.hourly, series)
            np.testing.assert_array_equal(stored, (joules / 3.6e6).astype(np.float32))
            assert getattr(zone, series) == pytest.approx(joules.sum() / 3.6e6, rel=1e-12)
            assert getattr(zone, f"{series}_peak") == pytest.approx(joules.max() / 3.6e6)
        temperature = result.hourly[zone.name.upper(), "Zone Operative Temperature"]
        np.testing.assert_array_equal(zone.hourly.temperature, temperature.astype(np.float32))


@pytest.mark.parametrize("row", GOOD)
def test_hourly_monthly_and_annual_numbers_of_an_event_agree(events, row):
    event = events[row]
    starts = np.concatenate([[0], np.cumsum([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30])]) * 24

    for zone in event.zones:
        for series in ("heating", "cooling"):
            hourly = getattr(zone.hourly, series).astype(np.float64)
            monthly = getattr(zone, f"monthly_{series}")
            np.testing.assert_allclose(np.add.reduceat(hourly, starts), monthly, rtol=1e-5)
            assert hourly.sum() == pytest.approx(getattr(zone, series), rel=1e-6)
            peak_hour = getattr(zone, f"{series}_peak_hour")
            assert hourly[peak_hour] == pytest.approx(getattr(zone, f"{series}_peak"), rel=1e-6)
        # The engine reports lights and equipment by month; the hours are computed.
        electricity = np.add.reduceat(zone.hourly.electricity.astype(np.float64), starts)
        reported = zone.monthly_lighting + zone.monthly_equipment
        np.testing.assert_allclose(electricity, reported, rtol=1e-5)


@pytest.mark.parametrize("row", GOOD)
def test_end_uses_are_loads_over_coefficients_of_performance(events, row):
    event = events[row]

    heating = sum(month.heating for month in event.end_uses)
    cooling = sum(month.cooling for month in event.end_uses)

    delivered = sum(zone.heating for zone in event.zones)
    removed = sum(zone.cooling for zone in event.zones)
    assert heating == pytest.approx(delivered / event.design.HeatingCoeffOfPerf, rel=1e-5)
    assert cooling == pytest.approx(removed / event.design.CoolingCoeffOfPerf, rel=1e-5)
    for month in event.end_uses:
        parts = month.heating + month.cooling + month.lighting + month.equipment + month.hot_water
        assert month.total == pytest.approx(parts)


def test_areas_of_an_event_follow_from_its_design(events):
    event = events[0]
    design = event.design

    assert event.facade_area == pytest.approx(design.width * design.height)
    assert event.window_area == pytest.approx(event.facade_area * design.wwr)
    assert event.floor_area == pytest.approx(event.facade_area / design.facade_2_footprint)
    perimeter, core = event.zones
    assert perimeter.floor_area == pytest.approx(event.floor_area * design.perim_2_footprint)
    assert perimeter.floor_area + core.floor_area == pytest.approx(event.floor_area)
    windows = sum(surface.window_area for surface in event.surfaces)
    assert windows == pytest.approx(event.window_area)


def test_hot_water_is_the_heat_of_the_flow_that_the_design_asks_for(events, library):
    event = events[0]
    template = next(one for one in library.templates if one.name == event.template)
    water = template.perimeter.domestic_hot_water

    cubic_metres = (
        event.design.FlowRatePerFloorArea * event.floor_area * water.schedule.values.sum()
    )
    warming = water.supply_temperature - water.inlet_temperature
    kilowatt_hours = cubic_metres * 998 * 4.186 * warming / 3600

    assert sum(zone.hot_water for zone in event.zones) == pytest.approx(kilowatt_hours)


def test_results_do_not_depend_on_the_number_of_workers(
    campaign, events, engine, library, tmp_path
):
    rows = [0, INVALID, 3]

    ended = run_campaign(
        campaign.designs[rows], tmp_path / "one", engine=engine, library=library, workers=1
    )

    with ended.open() as alone:
        for place, row in enumerate(rows):
            assert list(alone.status)[place] == list(events.status)[row]
            assert list(alone.model_hash)[place] == list(events.model_hash)[row]
        np.testing.assert_array_equal(
            alone[2].zones[0].hourly.heating, events[3].zones[0].hourly.heating
        )


def test_the_settings_that_were_used_are_in_the_folder(campaign):
    config = CampaignConfig.read(campaign.folder)

    assert len(config.weather) == 5
    assert config.timesteps_per_hour == 4
    assert config.check_models
