"""How errors end the command line: texts for people, JSON for programs, never a traceback."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from shoeroot.cli.main import TRACEBACK_VARIABLE, verbs

PROGRAM = str(Path(sys.executable).with_name("shoeroot"))


def run(*arguments):
    return CliRunner().invoke(verbs, [str(each) for each in arguments])


@pytest.fixture
def faulty(monkeypatch):
    """Give the command line a verb that raises something nobody foresaw."""

    def add(problem):
        @click.command()
        @click.option("--json", "as_json", is_flag=True)
        def faulty(as_json):
            raise problem

        monkeypatch.setitem(verbs.commands, "faulty", faulty)

    return add


def test_with_json_an_error_is_json_too():
    done = run("ls", "nowhere/campaign", "--json")

    assert done.exit_code == 2
    error = json.loads(done.stdout)["error"]
    assert error["kind"] == "EventFileError"
    assert error["where"] == "nowhere/campaign"
    assert error["hint"]
    assert done.stderr.startswith("error: ")
    assert run("ls", "nowhere/campaign").stdout == ""


@pytest.mark.parametrize("wrong", [["nonsense"], ["show", "here", "first"], ["meta", "check"]])
def test_with_json_a_wrong_call_is_json_too(wrong):
    done = run(*wrong, "--json")

    assert done.exit_code == 2
    assert "--help" in json.loads(done.stdout)["error"]["hint"]
    assert "Usage: " in done.stderr


def test_a_file_named_json_is_no_request_for_json():
    assert run("ls", "--", "--json").stdout == ""


def test_with_json_an_interruption_is_json_too(faulty):
    faulty(KeyboardInterrupt())

    done = run("faulty", "--json")

    assert done.exit_code == 1
    assert json.loads(done.stdout)["error"]["kind"] == "KeyboardInterrupt"


@pytest.mark.parametrize(
    ("problem", "said", "where"),
    [
        (PermissionError(13, "Permission denied", "a.root"), "permission denied", "a.root"),
        (MemoryError(), "the memory is used up", ""),
        (KeyError("width"), "shoeroot failed: KeyError: 'width'", ""),
    ],
)
def test_what_nobody_foresaw_is_one_error_without_a_traceback(faulty, problem, said, where):
    faulty(problem)

    done = run("faulty", "--json")

    assert done.exit_code == 2
    error = json.loads(done.stdout)["error"]
    assert (error["problem"], error["where"]) == (said, where)
    assert error["hint"]
    assert done.stderr.startswith(f"error: {said}\n")
    assert "Traceback" not in done.stderr


def test_its_traceback_can_be_asked_for(faulty, monkeypatch):
    faulty(KeyError("width"))
    monkeypatch.setenv(TRACEBACK_VARIABLE, "1")

    with pytest.raises(KeyError, match="width"):
        CliRunner().invoke(verbs, ["faulty"], catch_exceptions=False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("asked", [[], ["--json"]])
def test_a_standard_output_that_is_full_is_an_error(campaign, asked):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [PROGRAM, "ls", campaign.folder, *asked],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=120,
        )

    assert done.returncode == 2
    assert done.stderr.startswith("error: no space left")
    assert "Traceback" not in done.stderr


def test_the_status_of_what_is_no_campaign_says_so(tmp_path):
    begun = tmp_path / "begun"
    begun.mkdir()
    (begun / "campaign.toml").touch()

    nowhere, empty = run("status", tmp_path / "nowhere"), run("status", tmp_path)

    assert "there is no such campaign folder" in nowhere.stderr
    assert "is this a campaign folder?" in empty.stderr
    assert "`shoeroot run` begins it" in run("status", begun).stderr


def test_commands_that_are_told_can_be_typed(tmp_path):
    folder = tmp_path / "my campaign"

    (line,) = [line for line in run("init", folder).stdout.splitlines() if "next" in line]
    hint = json.loads(run("ls", folder, "--json").stdout)["error"]["hint"]

    assert line.endswith(f"shoeroot sample '{folder}'; shoeroot run '{folder}'")
    assert f"`shoeroot run '{folder}'`" in hint


def test_a_mini_tree_is_no_event_file_and_says_what_shows_it(campaign, tmp_path):
    shutil.copytree(campaign.folder / "events", tmp_path / "batch" / "events")
    run("load", tmp_path / "batch", "--folder", tmp_path / "trees")

    (tree,) = (tmp_path / "trees").rglob("*.root")
    done = run("ls", tree)

    assert done.exit_code == 2
    assert "the file has no tree 'events'" in done.stderr
    assert "`shoeroot load`" in done.stderr


def test_designs_that_are_not_there_cannot_be_extended(tmp_path):
    done = run("sample", tmp_path / "new", "--extend", "--designs", 2)

    assert done.exit_code == 2
    assert "without --extend" in done.stderr
    assert list(tmp_path.iterdir()) == []
