"""META files as a design list: each an event, as of any other simulation."""

import numpy as np
import pytest

import shoeroot
from shoeroot import treemakers
from shoeroot.campaign import meta_files, simulate_meta
from shoeroot.errors import CampaignError, CampaignExistsError, WeatherError
from shoeroot.minitrees import TreeMaker

WEATHER = "USA_IL_Chicago-OHare.Intl.AP.725300_TMY3.epw"
HOUSE = """\
*meta_file
*title,A house of one room
{extra}*start_zone,room
*shape,box
*origin,0,0,0
*size,{length},5,2.5
*glaze,1,1,20
*surface,south,extern_wall,OPAQUE,0,0,0
*surface,east,extern_wall,OPAQUE,0,0,0
*surface,north,extern_wall,OPAQUE,0,0,0
*surface,west,extern_wall,OPAQUE,0,0,0
*surface,top,roof_1,OPAQUE,0,0,0
*surface,base,floor_1,OPAQUE,4,1,0
*surface,window,dbl_glz,DCF7671_06nb,0,0,0
*heating,20,20
*cooling,26,26
*ideal_control
*end_zone
*end
"""


def house(length, extra=""):
    return HOUSE.format(length=length, extra=extra)


@pytest.fixture(scope="module")
def run(engine, tmp_path_factory):
    """Two houses, one of a week only, one that cannot be read, one that cannot be converted."""
    folder = tmp_path_factory.mktemp("meta")
    models = folder / "models"
    models.mkdir()
    for name, text in {
        "a_small": house(5),
        "b_large": house(10),
        "c_week": house(5, "*assessments,winter,typical_week\n"),
        "d_cut": house(5)[:200],
        "e_unknown": house(5).replace("roof_1", "thatch"),
    }.items():
        (models / f"{name}.meta").write_text(text)
    return simulate_meta(
        models, folder / "out", weather=WEATHER, engine=engine, show_progress=False
    )


@pytest.fixture
def events(run):
    with run.open() as opened:
        yield opened


def test_each_file_is_an_event_and_failures_say_why(run, events):
    assert run.statuses == {"ok": 3, "invalid": 2}
    assert [event.template for event in events] == [
        *("a_small.meta", "b_large.meta", "c_week.meta", "d_cut.meta", "e_unknown.meta")
    ]
    assert "line" in events[3].messages[0].text
    assert "no construction 'thatch'" in events[4].messages[0].text
    assert "line 12" in events[4].messages[0].text


def test_an_event_tells_the_zone_as_the_model_has_it(events):
    event = events[0]
    (zone,) = event.zones
    assert (zone.floor_area, zone.volume) == pytest.approx((25.0, 62.5))
    assert zone.window_area == pytest.approx(0.2 * 5 * 2.5)
    assert (zone.heating_setpoint, zone.cooling_setpoint) == (20.0, 26.0)
    assert event.design.window_u_value == pytest.approx(2.811, abs=5e-4)
    assert event.timesteps_per_hour == 4


def test_hourly_series_add_up_and_the_air_keeps_its_set_points(events):
    zone = events[0].zones[0]
    assert len(zone.hourly.heating) == 8760
    assert zone.hourly.heating.sum() == pytest.approx(zone.heating, rel=1e-5)
    assert zone.monthly_heating.sum() == pytest.approx(zone.heating, rel=1e-5)
    assert 15 < zone.hourly.temperature.min() < zone.hourly.temperature.max() < 32


def test_heating_is_near_transmittance_times_degree_hours(events, engine):
    event = events[0]
    losses = sum(
        (one.area - one.window_area) * one.u_value
        for one in event.surfaces
        if one.boundary == "outdoors"
    )
    losses += event.window_area * event.design.window_u_value
    rows = np.loadtxt(engine.weather_folder / WEATHER, delimiter=",", skiprows=8, usecols=6)
    by_hand = losses * np.maximum(20.0 - rows, 0.0).sum() / 1000
    # The sun takes off a part, the ground and cold surfaces add to it.
    assert 0.6 * by_hand < event.zones[0].heating < 1.2 * by_hand


def test_a_house_twice_as_large_needs_less_than_twice_the_heat(events):
    assert 1.5 < events[1].zones[0].heating / events[0].zones[0].heating < 2.0


def test_a_week_has_loads_in_its_hours_only(events):
    whole, week = events[0].zones[0].hourly, events[2].zones[0].hourly
    inside = np.zeros(8760, dtype=bool)
    first = (31 + 28 + 31 + 30 + 31 + 30 + 31 + 31 + 30 + 31 + 30 + 21) * 24
    inside[first : first + 7 * 24] = True
    assert (week.heating[~inside] == 0).all()
    assert np.isnan(week.temperature[~inside]).all()
    assert not np.isnan(week.temperature[inside]).any()
    # After its own warm-up the week goes as in the year.
    assert week.heating[inside].sum() == pytest.approx(whole.heating[inside].sum(), rel=0.1)
    assert "typical week" in events[2].messages[-1].text


def test_all_treemakers_work_on_these_events(run, tmp_path):
    shipped = [one for one in vars(treemakers).values() if isinstance(one, type)]
    makers = [one for one in shipped if issubclass(one, TreeMaker) and one.events_of != "Site"]
    for name in (one.__name__ for one in makers):
        table = shoeroot.minitrees.load(run.folder, name, minitree_folder=tmp_path)
        assert len(table)
    data = shoeroot.minitrees.load(run.folder, ["Basics", "Envelope"], minitree_folder=tmp_path)
    assert data.heating[0] == pytest.approx(data.eui[0] * data.floor_area[0] - data.cooling[0])
    # 37.5 m2 of wall and door at 0.393, less the window.
    assert data.ua_wall[0] == pytest.approx((2 * (5 + 5) * 2.5 - 2.5) * 0.3927, rel=1e-3)


def test_what_is_lost_is_a_text_beside_the_events(run):
    text = (run.folder / "losses" / "0000 a_small.txt").read_text()
    assert "construction dbl_glz" in text


def test_nothing_is_written_where_something_is_or_is_missing(run, tmp_path):
    (tmp_path / "one.meta").write_text(house(5))
    with pytest.raises(CampaignExistsError):
        simulate_meta(tmp_path, run.folder, weather=WEATHER)
    with pytest.raises(WeatherError):
        simulate_meta(tmp_path, tmp_path / "out", weather="nowhere.epw")
    assert not (tmp_path / "out").exists()


def test_files_are_named_or_found_in_folders(tmp_path):
    (tmp_path / "b.meta").write_text("")
    (tmp_path / "a.meta").write_text("")
    (tmp_path / "readme.txt").write_text("")
    assert [path.name for path in meta_files([tmp_path])] == ["a.meta", "b.meta"]
    with pytest.raises(CampaignError):
        meta_files([tmp_path / "none.meta"])
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(CampaignError, match=r"\*\.meta"):
        meta_files([empty])
