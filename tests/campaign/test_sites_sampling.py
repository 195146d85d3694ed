"""Designs for sites: shared out to weather files by the weight of the sites near them."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from shoeroot import Schema
from shoeroot.campaign import (
    CampaignConfig,
    SamplingPlan,
    init_campaign,
    parse_variation,
    read_catalogue,
    sample_campaign,
    sample_designs,
)
from shoeroot.campaign.site_sampling import weather_in_turn, weather_of
from shoeroot.design import read_designs
from shoeroot.errors import ConfigError, DesignError, SiteError, WeatherError

SCHEMA = Schema()
QUIET = dict(inspect=False, show_progress=False)
#: Weather files in the order of their names.
SAN_FRANCISCO, GOLDEN, TAMPA, CHICAGO, STERLING = range(5)


@pytest.fixture(autouse=True)
def _library_read_once(library, monkeypatch):
    """The shipped library as it is; reading it takes seconds."""
    monkeypatch.setattr("shoeroot.campaign.sample_folder.read_templates", lambda path: library)


def weather_counts(folder) -> list[int]:
    schema, batch = read_designs(folder / "designs.root")
    return np.bincount(batch[:, schema["base_epw"].start_storage].astype(int), minlength=5).tolist()


@pytest.mark.parametrize("method", ["lhs", "sobol", "archetypes"])
def test_designs_follow_the_weight_of_sites(method, california_and_colorado, tmp_path, engine):
    plan = SamplingPlan(method, 256, 3)

    done = sample_campaign(
        tmp_path / "c", plan, sites=california_and_colorado, engine=engine, **QUIET
    )

    counts = weather_counts(tmp_path / "c")
    # 1.4 million people near San Francisco, 0.1 million near Golden.
    assert counts[SAN_FRANCISCO] == pytest.approx(256 * 14 / 15, abs=5)
    assert sum(counts) == counts[SAN_FRANCISCO] + counts[GOLDEN] == 256
    assert done.sites.designs.tolist() == counts
    assert done.sites.by_weather()["sites"].tolist() == [2, 1]


def test_a_smaller_power_gives_small_climates_more_designs(
    california_and_colorado, tmp_path, engine
):
    even = {"path": california_and_colorado, "power": 0.0}

    sample_campaign(tmp_path / "c", SamplingPlan("lhs", 40), sites=even, engine=engine, **QUIET)

    assert weather_counts(tmp_path / "c") == [20, 20, 0, 0, 0]


def test_built_up_surface_may_weigh(site, write_sites, tmp_path, engine):
    folder = write_sites(
        site("Oakland", built={2020: 1e6}), site("Milwaukee", built={2000: 1e9, 2020: 3e6})
    )

    sample_campaign(
        tmp_path / "c",
        SamplingPlan("lhs", 40),
        sites={"path": folder, "weights": "built"},
        engine=engine,
        **QUIET,
    )

    assert weather_counts(tmp_path / "c") == [10, 0, 0, 30, 0]


def test_the_settings_name_sites_and_are_read_again(california_and_colorado, tmp_path, engine):
    wanted = {"path": california_and_colorado, "floor_area": 40.0, "places": ["Oakland", 13]}

    path = init_campaign(tmp_path / "c", sites=wanted)
    sample_campaign(tmp_path / "c", SamplingPlan("lhs", 50), engine=engine, **QUIET)

    settings = CampaignConfig.read(tmp_path / "c").sites
    assert settings.path == str(california_and_colorado)
    assert settings.places == ("Oakland", "13")
    assert settings.floor_area == 40
    assert f'sites = {{path = "{california_and_colorado}"' in path.read_text()
    assert weather_counts(tmp_path / "c") == [40, 10, 0, 0, 0]


def test_a_path_alone_names_sites_beside_the_settings(california_and_colorado, tmp_path, engine):
    path = init_campaign(tmp_path / "c")
    shutil.move(california_and_colorado, tmp_path / "c" / "places")
    text = path.read_text()
    assert 'sites = ""' in text
    path.write_text(text.replace('sites = ""', 'sites = "places"'))

    done = sample_campaign(tmp_path / "c", SamplingPlan("lhs", 30), engine=engine, **QUIET)

    assert len(done.sites.match) == 3


def test_a_table_of_settings_is_read_as_well(tmp_path):
    (tmp_path / "campaign.toml").write_text(
        'weather = ["a"]\n[sites]\npath = "here"\nweights = "built"\nmax_distance = 50\n'
    )

    settings = CampaignConfig.read(tmp_path).sites

    assert (settings.path, settings.weights, settings.max_distance) == ("here", "built", 50)


def test_earlier_designs_stay_when_more_are_drawn(california_and_colorado, tmp_path, engine):
    plan = SamplingPlan("sobol", 16, 5)
    sample_campaign(tmp_path / "c", plan, sites=california_and_colorado, engine=engine, **QUIET)
    _, before = read_designs(tmp_path / "c" / "designs.root")

    sample_campaign(tmp_path / "c", extend=16, engine=engine, **QUIET)

    _, after = read_designs(tmp_path / "c" / "designs.root")
    np.testing.assert_array_equal(after[:16], before)
    all_at_once = tmp_path / "all"
    sample_campaign(
        all_at_once, SamplingPlan("sobol", 32, 5), sites=california_and_colorado, **QUIET
    )
    np.testing.assert_array_equal(after, read_designs(all_at_once / "designs.root")[1])


def test_designs_for_other_sites_are_not_mixed(
    california_and_colorado, site, write_sites, tmp_path, engine
):
    plan = SamplingPlan("sobol", 16, 5)
    sample_campaign(tmp_path / "c", plan, sites=california_and_colorado, engine=engine, **QUIET)
    shutil.rmtree(california_and_colorado)
    write_sites(site("Milwaukee"))

    with pytest.raises(DesignError, match="other weather files"):
        sample_campaign(tmp_path / "c", extend=16, engine=engine, **QUIET)


def test_what_varies_by_the_plan_is_not_changed_by_sites(california_and_colorado, tmp_path, engine):
    plan = SamplingPlan("uniform", 20, 1, (parse_variation("base_epw=2,4"),))

    sample_campaign(tmp_path / "c", plan, sites=california_and_colorado, engine=engine, **QUIET)

    assert sum(weather_counts(tmp_path / "c")[place] for place in (TAMPA, STERLING)) == 20


def test_without_sites_designs_are_what_they_were(library, engine):
    catalogue = read_catalogue(None, engine)

    batch = sample_designs(40, library=library, weather=catalogue, seed=2)

    epw = batch[:, SCHEMA["base_epw"].start_storage]
    np.testing.assert_array_equal(epw, np.arange(40) // 4 % 5)


def test_every_prefix_of_boxes_is_mixed_evenly():
    shares = np.array([0.5, 0.0, 0.3, 0.2])

    places = weather_in_turn(shares, 500, seed=9)

    for count in (10, 50, 200, 500):
        found = np.bincount(places[:count], minlength=4) / count
        np.testing.assert_allclose(found, shares, atol=2.5 / count)


def test_numbers_at_the_ends_get_weather_files_with_a_share():
    shares = np.array([0.0, 1 / 3, 2 / 3 - 1e-17, 0.0])

    assert weather_of(shares, np.array([0.0, 1 / 3, 0.999, 1.0])).tolist() == [1, 2, 2, 2]


def test_of_a_folder_of_weather_the_nearest_files_are_taken(
    california_and_colorado, tmp_path, engine
):
    path = init_campaign(
        tmp_path / "c", weather=[engine.weather_folder], sites=california_and_colorado
    )

    config = CampaignConfig.read(path.parent)
    assert [name.rpartition("/")[2].split("_")[1] for name in config.weather] == ["CA", "CO"]


def test_bad_input_writes_nothing(california_and_colorado, tmp_path, engine):
    target = tmp_path / "c"
    empty = tmp_path / "empty"
    empty.mkdir()

    with pytest.raises(SiteError, match="no such file or folder"):
        init_campaign(target, sites=tmp_path / "nowhere")
    with pytest.raises(SiteError, match="cannot be read"):
        sample_campaign(target, sites=empty, engine=engine, **QUIET)
    with pytest.raises(SiteError, match="no built-up surface"):
        init_campaign(target, sites={"path": california_and_colorado, "weights": "built"})
    with pytest.raises(SiteError, match="farther than 1 km"):
        init_campaign(target, sites={"path": california_and_colorado, "max_distance": 1})
    with pytest.raises(ConfigError, match=r"unknown setting 'sites.weight'") as raised:
        init_campaign(target, sites={"path": california_and_colorado, "weight": "built"})
    assert "'weights'" in raised.value.hint
    with pytest.raises(WeatherError, match="no weather file"):
        init_campaign(target, weather=[empty], sites=california_and_colorado)
    with pytest.raises(ConfigError, match="there are no sites"):
        init_campaign(target, weather=[engine.weather_folder])
    assert not target.exists()


def test_sites_that_the_settings_have_are_not_given_again(california_and_colorado, tmp_path):
    init_campaign(tmp_path / "c", sites=california_and_colorado)

    with pytest.raises(ConfigError, match="weather, templates and sites"):
        sample_campaign(tmp_path / "c", sites=california_and_colorado, **QUIET)
