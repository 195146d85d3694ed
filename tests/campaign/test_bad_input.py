"""What a campaign refuses: one error each, and nothing written."""

from __future__ import annotations

import numpy as np
import pytest

from shoeroot import Schema
from shoeroot.campaign import CampaignConfig, run_campaign, sample_designs
from shoeroot.errors import (
    CampaignError,
    CampaignExistsError,
    ConfigError,
    DesignError,
    EngineNotFoundError,
    TemplateError,
    WeatherError,
)


@pytest.fixture
def designs(campaign):
    return campaign.designs[:2].copy()


def refused(kind, designs, folder, **settings):
    with pytest.raises(kind) as caught:
        run_campaign(designs, folder, show_progress=False, **settings)
    assert not folder.exists()
    assert not list(folder.parent.iterdir()) or folder.parent.name == "parent"
    return caught.value


def test_a_missing_engine(designs, library, tmp_path):
    error = refused(
        EngineNotFoundError,
        designs,
        tmp_path / "c",
        engine=tmp_path.parent / "none",
        library=library,
    )
    assert error.hint


def test_an_unknown_weather_file_names_the_nearest(designs, engine, library, tmp_path):
    error = refused(
        WeatherError,
        designs,
        tmp_path / "c",
        engine=engine,
        library=library,
        weather=["USA_IL_Chicago.epw"],
    )
    assert "USA_IL_Chicago-OHare" in error.hint


def test_an_unreadable_template_library(designs, engine, tmp_path, tmp_path_factory):
    library = tmp_path_factory.mktemp("templates") / "broken.json"
    library.write_text('{"not": "a library"')
    error = refused(TemplateError, designs, tmp_path / "c", engine=engine, templates=library)
    assert str(library) in error.where


def test_a_template_that_the_library_lacks(designs, engine, library, tmp_path):
    designs[1, Schema()["program_type"].start_storage] = 11
    error = refused(TemplateError, designs, tmp_path / "c", engine=engine, library=library)
    assert "'Clinic'" in error.problem


def test_a_weather_index_outside_the_catalogue(designs, engine, library, tmp_path):
    designs[1, Schema()["base_epw"].start_storage] = 5
    error = refused(DesignError, designs, tmp_path / "c", engine=engine, library=library)
    assert error.where == "design 1"
    assert "0 to 4" in error.hint


def test_a_design_that_is_not_a_number(designs, engine, library, tmp_path):
    designs[1, Schema()["width"].start_storage] = np.nan
    error = refused(DesignError, designs, tmp_path / "c", engine=engine, library=library)
    assert "width" in error.problem


def test_no_designs_at_all(designs, engine, library, tmp_path):
    refused(DesignError, designs[:0], tmp_path / "c", engine=engine, library=library)


def test_timesteps_that_do_not_divide_an_hour(designs, engine, library, tmp_path):
    error = refused(
        ConfigError,
        designs,
        tmp_path / "c",
        engine=engine,
        library=library,
        timesteps_per_hour=7,
    )
    assert "timesteps_per_hour" in error.problem


@pytest.mark.parametrize("kind", ["folder", "file", "dangling link"])
def test_a_campaign_folder_that_exists_is_left_alone(designs, engine, library, tmp_path, kind):
    target = tmp_path / "taken"
    if kind == "folder":
        target.mkdir()
        (target / "mine.txt").write_text("precious")
    elif kind == "file":
        target.write_text("precious")
    else:
        target.symlink_to(tmp_path / "nowhere")

    with pytest.raises(CampaignExistsError, match="exists already"):
        run_campaign(designs, target, engine=engine, library=library)

    if kind == "folder":
        assert [path.name for path in target.iterdir()] == ["mine.txt"]
    elif kind == "file":
        assert target.read_text() == "precious"


def test_a_place_that_cannot_be_written(designs, engine, library, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CampaignError, match="cannot be made"):
        run_campaign(designs, tmp_path / "file" / "c", engine=engine, library=library)


def test_an_unknown_setting_names_the_nearest():
    with pytest.raises(ConfigError, match="timestep_per_hour") as caught:
        CampaignConfig.from_values({"weather": ["a"], "timestep_per_hour": 4}, where="x")
    assert "timesteps_per_hour" in caught.value.hint


def test_a_misspelt_setting_is_told_before_the_one_that_it_leaves_out():
    values = {"weather": ["a"], "fidelity": [{"step": 2}]}

    with pytest.raises(ConfigError, match=r"unknown setting 'fidelity.0.step'") as misspelt:
        CampaignConfig.from_values(values, where="x")
    with pytest.raises(ConfigError, match="weather") as missing:
        CampaignConfig.from_values({}, where="x")

    assert misspelt.value.hint == "did you mean 'steps'?"
    assert missing.value.hint.startswith("add it")


def test_sampling_no_designs(library):
    with pytest.raises(DesignError, match="cannot sample 0"):
        sample_designs(0, library=library, weather=[])
