"""``shoeroot ls``, ``show``, ``merge``, ``salvage`` and ``verify`` on a real campaign."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import shoeroot
from shoeroot.cli.main import verbs
from shoeroot.errors import EventFileError
from shoeroot.events import EventWriter, describe, export_events, import_events, open_events
from shoeroot.records import Simulation
from shoeroot.testing import assert_same_records

PROGRAM = str(Path(sys.executable).with_name("shoeroot"))


def run(*arguments):
    return CliRunner().invoke(verbs, [str(each) for each in arguments])


def refused(*arguments):
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("error: ") == 1
    assert done.stdout == ""
    return done.stderr


@pytest.fixture
def one(campaign):
    return sorted((campaign.folder / "events").glob("part-*.root"))[0]


@pytest.fixture
def others(campaign, tmp_path):
    """The campaign's events once more, with ids of their own, and as an RNTuple."""
    with open_events(campaign.folder) as events:
        columns = {name: events.column(name) for name in events.record_type.columns}
        columns["event_id"] = columns["event_id"] + 1000
        with EventWriter(
            tmp_path / "others.root", Simulation, backend="rntuple", metadata={"round": "2"}
        ) as writer:
            writer.write(columns)
    return tmp_path / "others.root"


def test_ls_says_what_is_in_a_campaign(campaign):
    done = run("ls", campaign.folder)

    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("8 events of Simulation in 1 file, ")
    assert "TTree" in done.stdout
    assert "ZSTD 1" in done.stdout
    heating = next(line for line in lines if "─ heating " in line and "8760" in line)
    assert "float32[8760]" in heating
    assert " kWh " in heating
    assert heating.endswith("heat delivered in the hour")
    assert any("list of Zone" in line for line in lines)
    assert all(line == line.rstrip() for line in lines)


def test_ls_adds_up(campaign, one):
    report = json.loads(run("ls", one, "--json").stdout)

    assert report["events"] == 8
    assert [part["path"] for part in report["parts"]] == [str(one)]
    assert report["record"]["stored"] < one.stat().st_size
    zones = next(each for each in report["record"]["fields"] if each["name"] == "zones")
    hourly = next(each for each in zones["fields"] if each["name"] == "hourly")
    with open_events(one) as events:
        rows = int(np.sum(events.counts("zones")))
    for series in hourly["fields"]:
        assert 8760 * 4 * rows <= series["unpacked"] < 8760 * 4 * rows + 1000
    assert sum(each["stored"] for each in report["record"]["fields"]) == report["record"]["stored"]
    assert sum(each["stored"] for each in hourly["fields"]) == hourly["stored"]


def test_sizes_of_an_rntuple(others):
    described = describe(others)
    zones = next(each for each in described.record.fields if each.name == "zones")
    hourly = next(each for each in zones.fields if each.name == "hourly")
    with open_events(others) as events:
        rows = int(np.sum(events.counts("zones")))
    assert [each.unpacked for each in hourly.fields] == [8760 * 4 * rows] * 4
    assert described.parts[0].backend == "rntuple"
    assert described.metadata == {"round": "2"}
    assert "RNTuple" in run("ls", others).stdout


def test_show_prints_an_event_with_units(campaign, events):
    done = run("show", campaign.folder, 0)

    assert done.exit_code == 0, done.stderr
    record = events[0]
    zone = record.zones[0]
    assert done.stdout.startswith("Simulation 0 of 8\n")
    assert f"floor_area          {record.floor_area:.6g} m2" in done.stdout
    heating = zone.hourly.heating
    assert (
        f"min {heating.min():.6g}   mean {heating.mean(dtype='f8'):.6g}   "
        f"max {heating.max():.6g} kWh   of 8760"
    ) in done.stdout
    assert f"zones  {len(record.zones)}" in done.stdout
    assert "month  heating [kWh]" in done.stdout


def test_show_full_prints_all_values(campaign, events):
    text = run("show", campaign.folder, -1, "--full").stdout
    temperature = events[-1].zones[0].hourly.temperature
    assert (
        ", ".join(f"{each:.6g}" for each in temperature[:50].tolist()) in text.replace("\n", " ")
        or f"{temperature[8000]:.6g}" in text
    )


def test_show_as_json(campaign, events):
    shown = json.loads(run("show", campaign.folder, 3, "--json").stdout)
    full = json.loads(run("show", campaign.folder, 3, "--json", "--full").stdout)
    record = events[3]
    assert shown["event_id"] == record.event_id
    assert shown["zones"][0]["hourly"]["heating"]["length"] == 8760
    assert full["zones"][0]["hourly"]["heating"] == record.zones[0].hourly.heating.tolist()


def test_show_an_event_that_failed(campaign, events):
    place = int(np.flatnonzero(events.status == "fatal")[0])
    text = run("show", campaign.folder, place).stdout
    assert "status              fatal" in text
    assert "zones               none" in text
    assert "messages" in text


def test_show_an_event_that_is_not_there(campaign):
    assert "0 to 7" in refused("show", campaign.folder, 8)


def test_merge_refuses_events_that_are_there_twice_and_numbers_them_anew(tmp_path, campaign, one):
    again = tmp_path / "again.root"
    again.write_bytes(one.read_bytes())
    said = refused("merge", one, again, "-o", tmp_path / "all.root")
    assert "more than once" in said
    assert "--renumber" in said

    done = run("merge", one, again, "-o", tmp_path / "all.root", "--renumber", "--json")

    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["events"] == 16
    with open_events(tmp_path / "all.root") as merged:
        assert merged.event_id.tolist() == list(range(16))
        with open_events(one) as events:
            assert merged[8:].zones.heating.to_list() == events.zones.heating.to_list()


def test_merge_of_a_tree_and_an_rntuple(tmp_path, campaign, one, others):
    done = run("merge", campaign.folder, others, "-o", tmp_path / "all.root")

    assert done.exit_code == 0, done.stderr
    assert "16 events of 2 files" in done.stdout
    assert "Merging: 16/16" in done.stderr
    with open_events(tmp_path / "all.root") as merged, open_events(one) as events:
        records, wanted = merged.records(), events.records()
    assert_same_records(records[:8], wanted)
    assert [each.event_id - 1000 for each in records[8:]] == [each.event_id for each in wanted]


@pytest.mark.parametrize("ending", [".h5", ".parquet"])
def test_a_real_campaign_survives_other_formats(tmp_path, campaign, ending):
    pytest.importorskip("h5py" if ending == ".h5" else "pyarrow")
    export_events(campaign.folder, tmp_path / f"all{ending}")
    import_events(tmp_path / f"all{ending}", tmp_path / "back.root")
    with shoeroot.open(campaign.folder) as events, open_events(tmp_path / "back.root") as back:
        assert_same_records(back.records(), events.records())


@pytest.mark.parametrize("verb", ["ls", "show", "merge", "salvage", "verify"])
def test_help_ends_in_an_example(verb):
    done = run(verb, "--help")
    assert done.exit_code == 0
    assert done.stdout.rstrip().splitlines()[-1].strip().startswith(f"Example: shoeroot {verb} ")


@pytest.mark.parametrize("verb", ["ls", "salvage", "verify"])
def test_what_is_not_there_is_one_error(tmp_path, verb):
    assert "no such file" in refused(verb, tmp_path / "nothing.root.part").lower()


def test_a_foreign_file_is_one_error(tmp_path):
    (tmp_path / "a.root").write_text("not a ROOT file at all, though it says so")
    refused("ls", tmp_path / "a.root")
    refused("show", tmp_path / "a.root", 0)
    with pytest.raises(EventFileError):
        describe(tmp_path / "a.root")


def test_in_a_process_of_its_own_output_is_plain(campaign):
    done = subprocess.run(
        [PROGRAM, "show", str(campaign.folder), "0"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii:backslashreplace"},
    )
    assert done.returncode == 0, done.stderr
    assert b"\x1b" not in done.stdout
    assert b"Simulation 0 of 8" in done.stdout


def killed(path, records):
    with EventWriter(path, Simulation, batch=3) as writer:
        writer.write(records)
        raise KeyboardInterrupt


def test_salvage_recovers_what_a_killed_writer_committed(tmp_path, campaign):
    with open_events(campaign.folder) as events:
        records = events.records()
    with pytest.raises(KeyboardInterrupt):
        killed(tmp_path / "a.root", records)

    done = run("salvage", tmp_path / "a.root.part", "--json")

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["events"] == 6
    with open_events(tmp_path / "a.root") as events:
        assert_same_records(events.records(), records[:6])
    assert "exists" in refused("salvage", tmp_path / "a.root.part")
    text = run("salvage", tmp_path / "a.root.part", "-o", tmp_path / "b.root").stdout
    assert f"{tmp_path / 'b.root'}: 6 events recovered." in text


def test_verify_says_that_all_is_well(campaign):
    done = run("verify", campaign.folder)

    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[1].split() == ["part-0000.root", "8", "1", "compared", "ok"]
    assert json.loads(run("verify", campaign.folder, "--json").stdout)["ok"] is True


def test_verify_finds_what_was_changed(tmp_path, one):
    changed = bytearray(one.read_bytes())
    changed[len(changed) // 2] ^= 1
    (tmp_path / "changed.root").write_bytes(changed)

    done = run("verify", tmp_path / "changed.root")

    assert done.exit_code == 1, done.output
    assert "1 problem" in done.stdout
    report = json.loads(run("verify", tmp_path / "changed.root", "--json").stdout)
    assert not report["ok"]
    assert report["parts"][0]["problems"][0]["tree"] == "zones_hourly"
