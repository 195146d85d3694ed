"""One event as a picture: what it draws of a simulation that ended well, and of one that failed."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from shoeroot.errors import ConfigError
from shoeroot.plots import plot_event, save_figure


@pytest.fixture
def good(events):
    return events[int(np.flatnonzero(np.asarray(events.status) == "ok")[0])]


@pytest.fixture
def failed(events):
    return events[int(np.flatnonzero(np.asarray(events.status) == "fatal")[0])]


def titled(figure, beginning):
    (axes,) = [axes for axes in figure.axes if axes.get_title().startswith(beginning)]
    return axes


def test_the_carpets_are_the_hours_of_all_zones(good):
    figure = plot_event(good)

    heating = np.asarray(titled(figure, "heating").get_images()[0].get_array())
    temperature = np.asarray(titled(figure, "operative").get_images()[0].get_array())
    area = sum(zone.floor_area for zone in good.zones)
    assert heating.shape == (24, 365)
    annual = sum(zone.heating for zone in good.zones)
    assert heating.sum() / 1000 * area == pytest.approx(annual, rel=1e-5)
    third_day_at_five = 2 * 24 + 5
    wanted = sum(
        zone.hourly.temperature[third_day_at_five] * zone.floor_area for zone in good.zones
    )
    assert temperature[5, 2] == pytest.approx(wanted / area)


def test_months_stack_to_the_energy_of_the_year(good):
    axes = titled(plot_event(good), "energy by month")

    energy = sum(bar.get_height() for bar in axes.patches)
    assert energy == pytest.approx(sum(use.total for use in good.end_uses) / good.floor_area)
    assert f"{energy:.1f} kWh" in axes.get_title()


def test_the_week_goes_round_the_peak_and_shows_each_zone(good):
    axes = titled(plot_event(good), "week of the")

    lines = {line.get_label(): line for line in axes.get_lines()}
    assert list(lines) == [zone.name for zone in good.zones]
    loads = np.sum([zone.hourly.heating for zone in good.zones], axis=0, dtype="f8")
    days = lines[good.zones[0].name].get_xdata()
    assert len(days) == 168
    assert days[0] <= 1 + np.argmax(loads) / 24 <= days[-1]


def test_a_building_without_loads_shows_its_coldest_week(good):
    hourly = {name: getattr(good.zones[0].hourly, name) for name in ("electricity", "temperature")}
    nothing = np.zeros(8760)
    zone = SimpleNamespace(
        name="shed",
        floor_area=1.0,
        hourly=SimpleNamespace(heating=nothing, cooling=nothing, **hourly),
    )
    names = ("event_id", "status", "template", "weather", "engine", "floor_area", "design")
    names += ("timesteps_per_hour", "cpu_seconds", "return_code", "messages")
    event = SimpleNamespace(
        **{name: getattr(good, name) for name in names}, zones=[zone], end_uses=[]
    )

    figure = plot_event(event)

    days = titled(figure, "coldest week").get_lines()[0].get_xdata()
    assert days[0] <= 1 + np.argmin(hourly["temperature"]) / 24 <= days[-1]
    assert titled(figure, "energy by month").get_ylim() == (0, 1)


def test_a_failed_simulation_shows_its_messages(failed, tmp_path):
    figure = plot_event(failed)

    (axes,) = figure.axes
    said = " ".join(axes.texts[0].get_text().split())
    assert figure.get_suptitle().startswith(f"event {failed.event_id}: fatal")
    assert failed.messages[-1].severity in said
    assert failed.messages[0].text.split()[0] in said
    save_figure(figure, tmp_path / "failed.png")


def test_dollars_in_messages_are_no_formula(failed, tmp_path):
    names = ("event_id", "status", "template", "weather", "engine", "floor_area", "design")
    names += ("zones", "timesteps_per_hour", "cpu_seconds", "return_code")
    message = SimpleNamespace(severity="fatal", text="costs $5 and \\$\\alpha", count=2)
    copy = SimpleNamespace(**{name: getattr(failed, name) for name in names}, end_uses=[])
    copy.messages = [message]

    save_figure(plot_event(copy), tmp_path / "dollars.png")

    assert (tmp_path / "dollars.png").stat().st_size > 0


def test_what_is_no_simulation_is_refused():
    with pytest.raises(ConfigError, match="has no 'status'"):
        plot_event(SimpleNamespace(population=5))
