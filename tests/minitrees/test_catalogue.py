"""Catalogues of datasets: tags, conditions, and what is wrong with a file."""

from __future__ import annotations

import shutil

import pytest

from shoeroot.errors import ConfigError, EventFileError
from shoeroot.minitrees import datasets, load, why

TOML = """
[cold]
path = "campaigns/cold"
tags = ["baseline", "zone_7"]
city = "Duluth"
year = 2024

[hot]
path = "campaigns/hot"
tags = ["baseline", "zone_1A"]
city = "Miami"
year = 2025

[test]
path = "campaigns/test"
tags = ["bad"]
city = "Duluth"
year = 2025
"""
CSV = """dataset,path,tags,city,year
cold,campaigns/cold,baseline; zone_7,Duluth,2024
hot,campaigns/hot,baseline;zone_1A,Miami,2025
test,campaigns/test,bad,Duluth,2025
"""


@pytest.fixture(params=["datasets.toml", "datasets.csv"])
def folder(request, tmp_path, monkeypatch):
    (tmp_path / request.param).write_text(TOML if request.param.endswith("toml") else CSV)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, ["cold", "hot", "test"]),
        ({"tags": "baseline"}, ["cold", "hot"]),
        ({"tags": ["Baseline", "ZONE_1*"]}, ["hot"]),
        ({"exclude": "bad"}, ["cold", "hot"]),
        ({"where": "city == 'Duluth' and year < 2025"}, ["cold"]),
        ({"tags": "zone_*", "exclude": "zone_7", "where": "year > 2000"}, ["hot"]),
    ],
)
def test_datasets_are_chosen_by_tags_and_conditions(folder, options, names):
    chosen = datasets(**options)

    assert list(chosen["dataset"]) == names
    assert list(chosen.columns) == ["dataset", "path", "tags", "city", "year"]


def test_a_choice_and_names_can_be_loaded(folder, campaign, tmp_path):
    shutil.copytree(campaign.folder, tmp_path / "campaigns" / "cold")
    shutil.copytree(campaign.folder, tmp_path / "campaigns" / "hot")

    assert len(load(datasets("baseline"))) == 16
    assert set(load("hot")["dataset"]) == {"hot"}
    assert why("Basics", "hot").current
    with pytest.raises(EventFileError, match="'test' of the catalogue is not there"):
        load("test")
    with pytest.raises(EventFileError, match="no such dataset") as caught:
        load("hott")
    assert "'hot'" in caught.value.hint


def test_unknown_tags_and_columns_name_the_nearest(folder):
    with pytest.raises(ConfigError, match="no dataset has the tag 'basline'") as caught:
        datasets("basline")
    assert "baseline" in caught.value.hint
    with pytest.raises(ConfigError, match="no column 'cty'") as caught:
        datasets(where="cty == 'Miami'")
    assert "city" in caught.value.hint
    with pytest.raises(ConfigError, match="3 is no tag"):
        datasets(3)


def test_catalogues_are_looked_for_in_search_paths(folder, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="no catalogue"):
        datasets()

    monkeypatch.setenv("SHOEROOT_DATA_PATH", str(tmp_path))

    assert list(datasets("zone_7")["path"]) == [tmp_path / "campaigns" / "cold"]


def test_two_catalogues_may_not_contradict_each_other(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "datasets.toml").write_text(TOML)
    (tmp_path / "datasets.csv").write_text(CSV.replace("campaigns/hot", "other"))

    with pytest.raises(ConfigError, match="two catalogues have a dataset 'hot'"):
        datasets()


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.toml", "[a", "cannot be read"),
        ("a.toml", "a = 3", "no table"),
        ("a.toml", "[a]\npath = 3", "the path is no text"),
        ("a.toml", '[a]\ntags = "x"', "tags are a list"),
        ("a.toml", "[a]\ntags = [1]", "tags are a list"),
        ("a.toml", "[a]\nb = [1]", "neither a text nor a number"),
        ("a.toml", '[a]\npath = "../../etc"', "leaves the folder"),
        ("a.csv", "name,path\na,b\n", "no column 'dataset'"),
        ("a.csv", "dataset,path\na\n", "not as many values"),
        ("a.csv", "dataset,path\na,b,c\n", "not as many values"),
        ("a.csv", "dataset,path\na,b\na,c\n", "there twice"),
        ("a.yaml", "a: 3", "not '.yaml'"),
    ],
)
def test_a_catalogue_is_checked(tmp_path, name, text, problem):
    (tmp_path / name).write_text(text)

    with pytest.raises(ConfigError, match=problem):
        datasets(catalogue=tmp_path / name)
