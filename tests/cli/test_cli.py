"""The command line as users run it: in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

import shoeroot

PROGRAM = [str(Path(sys.executable).with_name("shoeroot"))]


def run(*arguments, folder=None, **environment):
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def refused(*arguments, folder, **environment):
    before = sorted(folder.rglob("*"))
    done = run(*arguments, folder=folder, **environment)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: ")
    assert "what to do: " in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("error: ") == 1
    assert sorted(folder.rglob("*")) == before
    return done.stderr


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    done = run("demo", "--designs", 8, "--seed", 4, folder=folder)
    assert done.returncode == 0, done.stderr
    return folder, done


def test_the_demo_ends_with_the_table_and_says_where_everything_lies(demo):
    folder, done = demo

    assert done.stdout.split()[:2] == ["event_id", "status"]
    assert "[8 rows x 33 columns" in done.stdout
    for name in ("designs.root", "events/part-0000.root", "Basics.root", "Loads.root"):
        assert name in done.stdout
    assert "What to try next" in done.stdout
    assert "ended      8 ok" in done.stdout
    assert "Simulating: 8/8" in done.stderr
    left = {path.name for path in (folder / "shoeroot-demo").iterdir()}
    assert left == {
        *("campaign.toml", "designs.root", "events", "journal.lock", "journal.sqlite"),
        *("minitrees", "overview.png"),
    }


def test_the_demos_figure_shows_something(demo):
    folder, _ = demo

    pixels = imread(folder / "shoeroot-demo" / "overview.png")

    assert pixels.shape[0] > 400
    assert pixels.shape[1] > 1000
    assert pixels[..., :3].std() > 0.05


def test_the_demos_campaign_loads_as_its_last_lines_say(demo):
    folder, _ = demo

    data = shoeroot.minitrees.load(folder / "shoeroot-demo", ["Basics", "Loads"])

    assert isinstance(data, pd.DataFrame)
    assert data.groupby("vintage").eui.mean().between(10, 1000).all()
    newest = data["vintage"] >= 2004
    oldest = data["vintage"] < 1940
    assert data["heating"][newest].sum() < data["heating"][oldest].sum()
    with shoeroot.open(folder / "shoeroot-demo") as events:
        temperature = events[0].zones[0].hourly.temperature
    assert np.isfinite(temperature).all()


def test_the_demo_takes_a_template_library_and_weather_and_prints_json(tmp_path, library):
    done = run(
        *("demo", "here", "--designs", 2, "--json", "--templates", library.path),
        *("--weather", "USA_IL_Chicago-OHare.Intl.AP.725300_TMY3.epw", "--workers", 1),
        folder=tmp_path,
    )

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["statuses"] == {"ok": 2}
    assert (tmp_path / report["figure"][0]).is_file()
    with shoeroot.open(tmp_path / "here") as events:
        assert set(events.weather) == {"USA_IL_Chicago-OHare.Intl.AP.725300_TMY3.epw"}


def test_a_missing_engine(tmp_path):
    said = refused("demo", "--engine", "nowhere/energyplus", folder=tmp_path)
    assert "nowhere/energyplus" in said


def test_an_engine_variable_that_leads_nowhere(tmp_path):
    said = refused("demo", folder=tmp_path, ENERGYPLUS_DIR=str(tmp_path / "gone"))
    assert "ENERGYPLUS_DIR" in said


def test_an_unknown_weather_file(tmp_path):
    said = refused("demo", "--weather", "Chicago.epw", folder=tmp_path)
    assert "Chicago.epw" in said


def test_an_unreadable_template_library(tmp_path):
    (tmp_path / "templates.json").write_text("{]")
    said = refused("demo", "--templates", "templates.json", folder=tmp_path)
    assert "templates.json" in said


def test_a_missing_template_library(tmp_path):
    said = refused("demo", "--templates", "none.json", folder=tmp_path)
    assert "none.json" in said


def test_a_campaign_folder_that_exists(tmp_path):
    (tmp_path / "shoeroot-demo").mkdir()
    said = refused("demo", folder=tmp_path)
    assert "exists already" in said


def test_an_unknown_option_is_a_usage_error(tmp_path):
    done = run("demo", "--desings", 3, folder=tmp_path)
    assert done.returncode == 2
    assert "--designs" in done.stderr


@pytest.mark.parametrize("verb", ["demo", "doctor"])
def test_every_verb_has_help_with_an_example(verb):
    done = run(verb, "--help")
    assert done.returncode == 0
    assert "Example: shoeroot " in done.stdout
    assert "--json" in done.stdout


def test_doctor_reports_engine_weather_and_templates(engine):
    done = run("doctor")

    assert done.returncode == 0, done.stdout
    assert f"EnergyPlus {engine.label}" in done.stdout
    assert str(engine.executable) in done.stdout
    assert engine.way in done.stdout
    assert "USA_IL_Chicago-OHare.Intl.AP.725300_TMY3.epw" in done.stdout
    assert "archetypal" in done.stdout
    assert "304 templates of 4 programs" in done.stdout
    assert "930 templates of 15 programs" in done.stdout


def test_doctor_says_what_to_type_for_what_is_missing(tmp_path):
    done = run("doctor", "--json", ENERGYPLUS_DIR=str(tmp_path))

    assert done.returncode == 1
    checks = json.loads(done.stdout)
    engines = [check for check in checks if check["name"] == "engine"]
    assert [check["state"] for check in engines] == ["missing"]
    assert engines[0]["remedy"]
    assert all(check["remedy"] for check in checks if check["state"] in ("missing", "optional"))


def test_any_other_template_library_serves(tmp_path, other_library_path):
    done = run(
        "demo", "offices", "--designs", 8, "--templates", other_library_path, folder=tmp_path
    )

    assert done.returncode == 0, done.stderr
    with shoeroot.open(tmp_path / "offices") as events:
        assert set(events.template) == {"small office", "tall office"}
        assert set(events.status) == {"ok"}
        # Core and perimeter of these templates differ only in what the design leaves open.
        assert len({zone.name for event in events for zone in event.zones}) == 2
