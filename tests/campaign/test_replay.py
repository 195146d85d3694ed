"""Events that are simulated again from their files alone."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from shoeroot.building import read_weather
from shoeroot.campaign import replay, run_campaign, sample_designs
from shoeroot.errors import EventFileError, TemplateError, WeatherError
from shoeroot.events import EventWriter, merge, open_events, salvage
from shoeroot.minitrees import example_dataset
from shoeroot.records import Simulation, Site

INVALID, FATAL = 2, 4


@pytest.fixture(scope="module")
def own_weather(tmp_path_factory, engine):
    """A weather file that no engine brings: another name and another content."""
    path = tmp_path_factory.mktemp("weather") / "home.epw"
    text = min(engine.weather_folder.glob("*.epw")).read_bytes()
    lines = text.split(b"\n")
    lines[5] = lines[5].replace(b"COMMENTS 1,", b"COMMENTS 1,measured at home ", 1)
    path.write_bytes(b"\n".join(lines))
    assert path.read_bytes() != text
    return path


@pytest.fixture(scope="module")
def at_home(tmp_path_factory, engine, library, own_weather):
    """A campaign of one design, with one time step an hour, under that weather."""
    folder = tmp_path_factory.mktemp("home") / "campaign"
    designs = sample_designs(1, library=library, weather=[read_weather(own_weather)], seed=5)
    run_campaign(
        designs,
        folder,
        engine=engine,
        library=library,
        weather=[own_weather],
        timesteps_per_hour=1,
        show_progress=False,
    )
    return folder


def shoeroot_replay(*arguments):
    program = str(Path(sys.executable).with_name("shoeroot"))
    return subprocess.run(
        [program, "replay", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def written_again(source, target, **changes):
    """Write the first event of a campaign into another file, with other values."""
    with open_events(source) as events:
        event, texts = events[0], events.metadata
    kept = {key: texts[key] for key in ("templates", "timeout") if key in texts}
    with EventWriter(target, Simulation, metadata=kept) as writer:
        writer.write([dataclasses.replace(event, **changes)])
    return target


def test_a_replay_is_exact_on_the_same_build_of_the_engine(campaign):
    again = replay(campaign.folder, 0)
    assert again.exact
    assert again.largest == 0
    assert again.notes == ()
    assert again.replayed.model_hash == again.stored.model_hash
    # Two zones with four hourly series, and all the rest.
    assert again.numbers > 2 * 4 * 8760


@pytest.mark.parametrize(("number", "status"), [(INVALID, "invalid"), (FATAL, "fatal")])
def test_failures_fail_again_with_the_same_messages(campaign, number, status):
    again = replay(campaign.folder, number)
    assert again.exact
    assert again.stored.status == again.replayed.status == status
    assert len(again.replayed.messages) > 0


def test_events_of_merged_files_are_replayed(campaign, at_home, own_weather, tmp_path):
    with open_events(at_home) as events:
        home = [dataclasses.replace(events[0], event_id=100)]
        texts = {key: events.metadata[key] for key in ("templates", "timeout")}
    with EventWriter(tmp_path / "home.root", Simulation, metadata=texts) as writer:
        writer.write(home)
    merged = merge([campaign.folder, tmp_path / "home.root"], tmp_path / "all.root")
    twice = merge([merged.path], tmp_path / "again.root")

    assert replay(twice.path, 100, weather=[own_weather.parent]).exact
    assert replay(twice.path, FATAL).exact
    with open_events(twice.path) as events:
        sources = json.loads(events.metadata["merged_from"])
    assert all("templates" not in one["metadata"] for one in sources)


def test_a_number_that_was_changed_is_found(at_home, tmp_path):
    with open_events(at_home) as events:
        zones = events[0].zones
    hourly = zones[0].hourly.heating.copy()
    hourly[17] += 2.0
    series = dataclasses.replace(zones[0].hourly, heating=hourly)
    changed = [dataclasses.replace(zones[0], hourly=series), *zones[1:]]
    file = written_again(at_home, at_home / "changed.root", zones=changed)
    again = replay(file, 0)
    assert [one.field for one in again.deviations] == ["zones.hourly.heating"]
    assert again.deviations[0].differing == 1
    assert again.deviations[0].largest == pytest.approx(2, abs=1e-6)
    told = shoeroot_replay(file, 0)
    assert told.returncode == 1
    values = 8760 * len(zones)
    assert f"zones.hourly.heating: 1 of {values} differ, most by 2" in told.stdout
    file.unlink()


def test_another_build_of_the_engine_is_told(at_home):
    file = written_again(at_home, at_home / "older.root", engine="9.9.9-older")
    again = replay(file, 0)
    file.unlink()
    assert again.exact
    assert "9.9.9-older" in again.notes[0]


def test_the_command_prints_the_largest_deviation(at_home):
    plain = shoeroot_replay(at_home, 0)
    assert plain.returncode == 0, plain.stderr
    assert "numbers: 0\n" in plain.stdout
    told = json.loads(shoeroot_replay(at_home, 0, "--json").stdout)
    assert told["exact"] is True
    assert told["largest"] == 0
    assert told["deviations"] == []


def test_weather_that_is_not_here_has_to_be_given(at_home, own_weather, engine, tmp_path):
    alone = tmp_path / "part-0000.root"
    alone.write_bytes((at_home / "events" / "part-0000.root").read_bytes())
    with pytest.raises(WeatherError, match=r"home\.epw") as caught:
        replay(alone, 0)
    assert "--weather" in caught.value.hint
    assert replay(alone, 0, weather=[own_weather]).exact

    other = max(engine.weather_folder.glob("*.epw"))
    again = replay(alone, 0, weather=[other])
    assert not again.exact
    assert "weather file is another" in again.notes[0]


def test_events_that_are_not_there_or_have_no_template_are_refused(at_home, tmp_path):
    with pytest.raises(EventFileError, match="no event 7") as caught:
        replay(at_home, 7)
    assert "0 to 0" in caught.value.hint
    file = written_again(at_home, tmp_path / "old.root", template_hash="")
    with pytest.raises(TemplateError, match="does not hold the template"):
        replay(file, 0)


def test_events_of_other_kinds_are_refused(tmp_path):
    example_dataset(tmp_path / "sites", events=2, record_class=Site)

    with pytest.raises(EventFileError, match="only simulations can be replayed"):
        replay(tmp_path / "sites", 0)


def test_templates_survive_salvage_and_removal(campaign, tmp_path):
    with open_events(campaign.folder) as events:
        path, texts = events.paths[0], events.metadata
        hashes = set(np.asarray(events["template_hash"]).tolist())
    cut = tmp_path / "part-0000.root.part"
    cut.write_bytes(path.read_bytes())
    salvage(cut, tmp_path / "saved.root")
    with open_events(tmp_path / "saved.root") as events:
        assert events.metadata["templates"] == texts["templates"]
    assert hashes <= set(json.loads(texts["templates"]))
