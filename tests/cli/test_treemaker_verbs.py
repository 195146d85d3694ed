"""``shoeroot why`` and ``shoeroot new treemaker``."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from shoeroot.cli.main import verbs
from shoeroot.minitrees import load, registry
from shoeroot.testing import example_dataset


def run(*arguments):
    return CliRunner().invoke(verbs, list(map(str, arguments)))


@pytest.fixture(autouse=True)
def forget_folders(monkeypatch):
    """Folders that a verb adds are gone with its process; here tests share one."""
    monkeypatch.setattr(registry, "_folders", [])
    monkeypatch.setattr(registry, "_files", {})


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return example_dataset(tmp_path_factory.mktemp("cli") / "batch_00023", 4)


def test_why_says_what_differs_and_ends_with_one(dataset):
    result = run("why", "Loads", dataset)

    assert result.exit_code == 1
    assert "Loads of batch_00023 is not current: it was not made yet" in result.output


def test_why_ends_with_zero_where_the_mini_tree_is_current(dataset):
    load(dataset, "Basics")

    result = run("why", "Basics", dataset, "--json")

    assert result.exit_code == 0
    assert json.loads(result.output)["current"] is True


def test_why_finds_datasets_as_load_does(dataset, monkeypatch):
    load(dataset, "Basics")
    monkeypatch.chdir(dataset)
    monkeypatch.setenv("SHOEROOT_DATA_PATH", str(dataset.parent))

    one, several = run("why", "Basics", "batch_00023"), run("why", "Basics", "batch_*", "--json")

    assert (one.exit_code, several.exit_code) == (0, 0)
    assert "Basics of batch_00023 is current" in one.output
    assert json.loads(several.output)["dataset"] == "batch_00023"
    assert run("why", "Basics", "batch_99").exit_code == 2


def test_unknown_names_end_with_two_and_the_nearest(dataset):
    result = run("why", "Basic", dataset)

    assert result.exit_code == 2
    assert "did you mean 'Basics'" in result.output


def test_new_treemaker_writes_it_and_says_how_to_go_on(tmp_path, dataset):
    result = run("new", "treemaker", "ShadedHours", "--folder", tmp_path / "mine")
    asked = run("why", "ShadedHours", dataset, "--treemakers", tmp_path / "mine")

    assert result.exit_code == 0
    assert "pytest" in result.output
    assert (tmp_path / "mine" / "shaded_hours.py").is_file()
    assert "it was not made yet" in asked.output


@pytest.mark.parametrize("words", [("why",), ("new", "treemaker")])
def test_help_ends_in_an_example(words):
    assert "Example: shoeroot" in run(*words, "--help").output
