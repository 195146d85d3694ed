"""Levels of fidelity: which designs are run again, where they go, and what they tell."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

import shoeroot
from shoeroot.building import read_weather
from shoeroot.campaign import (
    CampaignConfig,
    campaign_status,
    fidelity_report,
    resume_campaign,
    run_campaign,
    sample_designs,
)
from shoeroot.campaign.fidelity import REPEAT, plan_simulations
from shoeroot.campaign.fidelity_report import _correction
from shoeroot.errors import CampaignError, ConfigError

LEVELS = [{"steps": 1}, {"steps": 2, "share": 0.5}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, engine, library):
    """Four designs with one time step an hour, two of them with two as well; stopped once."""
    target = tmp_path_factory.mktemp("fidelity") / "campaign"
    weather = [read_weather(path) for path in sorted(engine.weather_folder.glob("*.epw"))]
    designs = sample_designs(4, library=library, weather=weather, seed=1)
    options = dict(engine=engine, library=library, fidelity=LEVELS, show_progress=False)
    assert run_campaign(designs, target, limit=5, **options).waiting == 1
    assert run_campaign(designs, target, **options).waiting == 0
    return target


def test_users_see_each_design_once(folder):
    with shoeroot.open(folder) as events:
        assert events.event_id.tolist() == [0, 1, 2, 3]
        assert set(events.timesteps_per_hour) == {1}
    assert len(shoeroot.minitrees.load(folder, ["Basics"])) == 4


def test_repeated_designs_are_a_dataset_of_their_own(folder):
    with shoeroot.open(folder) as events, shoeroot.open(folder / "fidelity" / "2") as repeated:
        designs = repeated.event_id % REPEAT
        assert len(designs) == 2
        assert (repeated.event_id // REPEAT).tolist() == [2, 2]
        assert set(repeated.timesteps_per_hour) == {2}
        assert repeated.metadata["timesteps_per_hour"] == "2"
        same = np.isin(events.event_id, designs)
        assert np.array_equal(repeated.design.width, events.design.width[same])
        assert not set(repeated.model_hash) & set(events.model_hash)
    assert campaign_status(folder).counts == {"ok": 6}


def test_the_report_has_ratios_of_sums(folder):
    report = fidelity_report(folder)
    heating = report.corrections[0]
    with shoeroot.open(folder) as events, shoeroot.open(folder / "fidelity" / "2") as repeated:
        same = np.isin(events.event_id, repeated.event_id % REPEAT)
        before = np.array([sum(zone) for zone in events.zones.heating.tolist()])[same]
        after = np.array([sum(zone) for zone in repeated.zones.heating.tolist()])
    assert (heating.quantity, heating.steps, heating.reference_steps) == ("heating", 1, 2)
    assert heating.n == 2
    assert heating.ratio == pytest.approx(after.sum() / before.sum())
    assert heating.low < heating.ratio < heating.high
    assert [one.quantity for one in report.corrections] == [
        "heating",
        "cooling",
        "eui",
        "heating_peak",
        "cooling_peak",
    ]
    assert "n = 2 designs, 95 % confidence" in str(report)


def test_more_designs_are_repeated_after_an_amendment(folder):
    levels = [{"steps": 1}, {"steps": 2, "share": 0.75}]
    CampaignConfig.read(folder).changed({"fidelity": levels}, where="test").write(folder)
    with pytest.raises(CampaignError, match="fidelity"):
        resume_campaign(folder, show_progress=False)
    with shoeroot.open(folder / "fidelity" / "2") as repeated:
        before = set(repeated.event_id.tolist())
    ended = resume_campaign(folder, amend=True, show_progress=False)
    assert ended.statuses == {"ok": 7}
    with shoeroot.open(folder / "fidelity" / "2") as repeated:
        assert before < set(repeated.event_id.tolist())
    assert fidelity_report(folder).corrections[0].n == 3


def test_a_campaign_of_one_level_has_nothing_to_compare(campaign):
    with pytest.raises(CampaignError, match="two levels") as caught:
        fidelity_report(campaign.folder)
    assert "share" in caught.value.hint


def plan(share, seed=0, count=1000):
    levels = [{"steps": 2}, {"steps": 6, "share": share}]
    config = CampaignConfig(weather=("a",), fidelity=levels, fidelity_seed=seed)
    numbers, designs, steps = plan_simulations(config, 0, count)
    assert np.array_equal(numbers[:count], np.arange(count))
    assert set(steps[:count]) == {2}
    return set(designs[count:].tolist())


def test_the_subset_is_random_reproducible_and_nested():
    tenth = plan(0.1)
    assert len(tenth) == 100
    assert tenth == plan(0.1)
    assert tenth < plan(0.3)
    assert len(tenth & plan(0.1, seed=1)) < 40
    # Spread over all designs as random ones are.
    assert stats.kstest(sorted(tenth), "uniform", (0, 1000)).pvalue > 0.001
    assert len(plan(0.001)) == 2


def test_the_settings_are_written_and_read(tmp_path):
    config = CampaignConfig(weather=("a",), fidelity=LEVELS, timesteps_per_hour=4)
    assert config.timesteps_per_hour == 1
    config.write(tmp_path)
    assert CampaignConfig.read(tmp_path) == config


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        ([{"steps": 7}], "fidelity.0.steps"),
        ([{"step": 2}], "fidelity.0"),
        ([{"steps": 2, "share": 0.5}], "first level"),
        ([{"steps": 2}, {"steps": 2, "share": 0.1}], "other steps"),
        ([{"steps": 2}, {"steps": 6, "share": 0}], "share"),
        (6, "fidelity"),
    ],
)
def test_wrong_levels_are_refused(levels, told):
    with pytest.raises(ConfigError) as caught:
        CampaignConfig.from_values({"weather": ["a"], "fidelity": levels}, where="test")
    assert told in str(caught.value)


def test_the_error_bar_holds_what_it_says():
    rng = np.random.default_rng(4)
    held, errors, ratios = 0, [], []
    for _ in range(400):
        before = rng.uniform(50, 150, 12)
        made = _correction("heating", 2, 6, before, 1.05 * before + rng.normal(0, 3, 12))
        held += made.low <= 1.05 <= made.high
        errors.append(made.error)
        ratios.append(made.ratio)
    assert 0.91 < held / 400 < 0.98
    assert np.mean(errors) == pytest.approx(np.std(ratios), rel=0.1)


def test_one_design_has_a_ratio_but_no_error_bar():
    made = _correction("eui", 2, 6, np.array([2.0]), np.array([3.0]))
    assert made.ratio == 1.5
    assert np.isnan([made.error, made.low, made.high]).all()
    assert json.dumps(made.n) == "1"
