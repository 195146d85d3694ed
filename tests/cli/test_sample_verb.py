"""``shoeroot sample``: designs into a campaign folder, extended later, looked at."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

from shoeroot import Schema
from shoeroot.campaign import CampaignConfig, draw_designs, parse_variation, sample_designs
from shoeroot.campaign.sampling_plan import SamplingPlan, Variation
from shoeroot.cli.main import verbs
from shoeroot.design import read_designs
from shoeroot.errors import DesignError, ShoerootError

SCHEMA = Schema()


@pytest.fixture(autouse=True)
def _library_read_once(library, monkeypatch):
    """The shipped library as it is; reading it takes seconds."""
    monkeypatch.setattr("shoeroot.campaign.sample_folder.read_templates", lambda path: library)


def run(*arguments):
    return CliRunner().invoke(verbs, ["sample", *map(str, arguments)])


def column(batch, name):
    return SCHEMA[name].extract_storage_values_batch(batch)[:, 0]


def test_a_folder_gets_designs_and_settings(tmp_path, library):
    done = run(tmp_path / "c", "--designs", 8, "--seed", 1)

    assert done.exit_code == 0, done.output
    _, batch = read_designs(tmp_path / "c" / "designs.root")
    np.testing.assert_array_equal(batch, sample_designs(8, library=library, seed=1))
    assert len(CampaignConfig.read(tmp_path / "c").weather) == 5
    assert "8 designs, 8 of them new" in done.stdout
    assert "moved to the end of their range: " in done.stdout
    assert "HeatingCoeffOfPerf in 8" in done.stdout
    assert "8 designs: 8 different models" in done.stdout


def test_a_sobol_sequence_is_extended_without_redoing_earlier_designs(tmp_path):
    options = ["--method", "sobol", "--vary", "wwr=0.2:0.6", "--vary", "WindowSettings.shgc"]

    run(tmp_path / "whole", "--designs", 12, *options, "--no-inspect")
    run(tmp_path / "c", "--designs", 8, *options, "--no-inspect")
    done = run(tmp_path / "c", "--extend", "--designs", 4, "--json")

    _, whole = read_designs(tmp_path / "whole" / "designs.root")
    _, extended = read_designs(tmp_path / "c" / "designs.root")
    np.testing.assert_array_equal(extended, whole)
    report = json.loads(done.stdout)
    assert (report["designs"], report["added"]) == (12, 4)
    assert report["inspection"]["designs"] == 12
    assert column(whole, "wwr").min() >= 0.2
    assert column(whole, "wwr").max() <= 0.6


def test_a_grid_names_what_does_nothing_and_exits_with_1_where_designs_are_wrong(tmp_path):
    done = run(
        *(tmp_path / "c", "--method", "grid", "--vary", "vintage=1950,1960"),
        *("--vary", "HeatingSetpoint=18,29"),
    )

    assert done.exit_code == 1
    assert "4 designs: 1 different model, 1 of them once more, 2 cannot be simulated" in done.stdout
    assert "vintage = 1950, 1960 did nothing" in done.stdout


def test_designs_are_not_overwritten(tmp_path):
    run(tmp_path / "c", "--designs", 4, "--no-inspect")

    done = run(tmp_path / "c", "--designs", 4)

    assert done.exit_code == 2
    assert "has designs already" in done.stderr
    assert "--extend" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--vary", "wwr"], "wwr cannot be varied with the method 'archetypes'"),
        (["--method", "lhs", "--vary", "wwwr"], "did you mean 'wwr'"),
        (["--method", "lhs", "--vary", "wwr=0.2:9"], "wwr cannot be 9"),
        (["--method", "lhs", "--vary", "orientation=0.5"], "orientation cannot be 0.5"),
        (["--method", "lhs", "--vary", "wwr=high"], "says of no number how it varies"),
        (["--method", "lhs", "--vary", "wwr=0.5:0.2"], "wwr cannot go from 0.5 to 0.2"),
        (["--method", "lhs", "--vary", "schedules_seed"], "has no range of its own"),
        (["--method", "lhs", "--vary", "wwr", "--vary", "wwr"], "wwr is to vary in two ways"),
        (["--method", "grid", "--vary", "wwr"], "how many values of wwr"),
        (["--method", "grid"], "a grid of nothing"),
        (["--method", "grid", "--designs", "4", "--vary", "wwr=0.2,0.4"], "a grid has its own"),
        (["--extend"], "no batch of designs"),
        (["--extend", "--seed", "2"], "goes on as before"),
    ],
)
def test_what_cannot_be_drawn_is_refused(tmp_path, arguments, problem):
    done = run(tmp_path / "c", *arguments)

    assert done.exit_code == 2
    assert problem in done.stderr
    assert not (tmp_path / "c" / "designs.root").exists()


@pytest.mark.parametrize("method", ["archetypes", "normal", "lhs"])
def test_methods_that_would_draw_others_cannot_be_extended(tmp_path, method):
    run(tmp_path / "c", "--designs", 4, "--method", method, "--no-inspect")

    done = run(tmp_path / "c", "--extend")

    assert done.exit_code == 2
    assert "uniform, sobol" in done.stderr


def test_designs_of_other_weather_are_not_mixed(tmp_path):
    run(tmp_path / "c", "--designs", 4, "--method", "uniform", "--no-inspect")
    config = CampaignConfig.read(tmp_path / "c")
    config.model_copy(update={"weather": config.weather[:1]}).write(tmp_path / "c")

    done = run(tmp_path / "c", "--extend")

    assert done.exit_code == 2
    assert "other weather" in done.stderr


def test_normal_values_are_clipped_to_the_range_asked_for_and_counted(library):
    plan = SamplingPlan("normal", 200, 1, (Variation("wwr", 0.25, 0.35),))

    batch, clipped = draw_designs(plan, library=library)

    values = column(batch, "wwr")
    assert (values.min(), values.max()) == (0.25, 0.35)
    assert clipped["wwr"] == np.count_nonzero((values == 0.25) | (values == 0.35)) > 100


@pytest.mark.parametrize("method", ["uniform", "lhs", "sobol", "normal"])
def test_buildings_and_climates_are_drawn_evenly(library, method):
    batch, _ = draw_designs(SamplingPlan(method, 190, 1), library=library)

    programs = np.bincount(column(batch, "program_type").astype(int), minlength=4)
    assert len(programs) == 4
    assert programs.min() > 20
    assert set(column(batch, "base_epw")) == {0, 1, 2, 3, 4}
    # Vintages do not follow the windows.
    assert abs(np.corrcoef(column(batch, "vintage"), column(batch, "wwr"))[0, 1]) < 0.2


def test_values_chosen_and_a_fixed_program(library):
    plan = SamplingPlan(
        "lhs", 8, 1, (Variation("program_type", values=(3,)), Variation("orientation"))
    )

    batch, _ = draw_designs(plan, library=library)

    assert set(column(batch, "program_type")) == {3}
    assert sorted(column(batch, "orientation")) == [0, 0, 1, 1, 2, 2, 3, 3]
    assert set(column(batch, "width")) == {5.0}


def test_variations_are_read_from_text():
    assert parse_variation("wwr") == Variation("wwr")
    assert parse_variation("wwr=0.2:0.6") == Variation("wwr", 0.2, 0.6)
    assert parse_variation("wwr=0.2:0.6:5") == Variation("wwr", 0.2, 0.6, count=5)
    assert parse_variation("orientation=0,2") == Variation("orientation", values=(0, 2))


def test_a_plan_that_is_none_is_refused():
    with pytest.raises(DesignError, match="do not say how they were drawn"):
        SamplingPlan.from_dict({"method": "sobol"})
    with pytest.raises(ShoerootError, match="no method 'sobl'"):
        SamplingPlan("sobl")  # type: ignore[arg-type]
