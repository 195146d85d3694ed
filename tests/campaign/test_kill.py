"""A campaign that is killed at random moments ends with the events of an undisturbed one.

Four kills by default; SHOEROOT_KILLS=20 makes it twenty, SHOEROOT_KILL_SEED repeats a run.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest

import shoeroot
from shoeroot.campaign import CampaignConfig, open_campaign, resume_campaign
from shoeroot.campaign.journal import Journal
from shoeroot.design import write_designs
from shoeroot.events import open_events, verify

PROGRAM = str(Path(sys.executable).with_name("shoeroot"))
KILLS = int(os.environ.get("SHOEROOT_KILLS", "4"))
SEED = int(os.environ.get("SHOEROOT_KILL_SEED", time.time_ns() % 10**6))
#: The moments are drawn from so many seconds after a session has begun.
SPAN = 3.0
DESIGNS = 12


@pytest.fixture(scope="module")
def prepared(campaign, tmp_path_factory):
    """A campaign folder in which nothing was run yet: good designs, and two that fail."""
    folder = tmp_path_factory.mktemp("kill") / "prepared"
    folder.mkdir()
    schema = shoeroot.Schema()
    designs = np.concatenate([campaign.designs, campaign.designs[: DESIGNS - 8]])
    designs[8:, schema["width"].start_storage] += 0.5
    write_designs(folder / "designs.root", schema, designs)
    settings = CampaignConfig.read(campaign.folder).model_dump()
    settings |= {"commit_events": 2, "timesteps_per_hour": 1}
    CampaignConfig.from_values(settings, where="test").write(folder)
    return folder


@pytest.fixture(scope="module")
def undisturbed(prepared):
    folder = prepared.with_name("undisturbed")
    shutil.copytree(prepared, folder)
    resume_campaign(folder, show_progress=False)
    return numbers(folder)


def numbers(folder):
    """Give all numbers and texts of all events, in the order of the events, but times."""
    with open_events(folder) as events:
        records = sorted(events.records(), key=lambda one: one.event_id)
    record_type = shoeroot.records.RecordType.of(shoeroot.records.Simulation)
    stripes = shoeroot.records.stripes_from_records(record_type, records)
    return {name: values for name, values in stripes.items() if name != "cpu_seconds"}


def start(folder):
    """Start a session and wait until it has begun in the journal, or ended before that."""
    before = sessions(folder)
    with said_by(folder).open("w") as said:
        process = subprocess.Popen(
            [PROGRAM, "run", str(folder), "--workers", "2"],
            stdout=subprocess.DEVNULL,
            stderr=said,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
    while process.poll() is None and sessions(folder) == before:
        time.sleep(0.02)
    return process


def said_by(folder):
    return folder.with_suffix(".said")


def sessions(folder):
    if not (folder / "journal.sqlite").exists():
        return 0
    with suppress(shoeroot.ShoerootError), Journal.look(folder) as journal:
        return len(journal.rows("SELECT * FROM sessions"))
    return 0


def kill(process, what):
    """Kill the parent, one of its workers, or all of them; say whether the parent is gone."""
    try:
        workers = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return True
    victims = {"parent": [process], "worker": workers[:1], "all": [process, *workers]}[what]
    for victim in victims:
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            victim.send_signal(signal.SIGKILL)
    return what != "worker"


def test_killed_campaigns_end_with_the_events_of_an_undisturbed_one(
    prepared, undisturbed, tmp_path
):
    draw = random.Random(SEED)
    left, round_number, killed = KILLS, 0, []
    while left:
        folder = tmp_path / f"round-{round_number}"
        shutil.copytree(prepared, folder)
        process = start(folder)
        while left:
            with suppress(subprocess.TimeoutExpired):
                process.wait(draw.uniform(0, SPAN))
            if process.returncode is not None:
                break
            what = draw.choice(["parent", "worker", "all"])
            killed.append((round_number, what))
            left -= 1
            if kill(process, what):
                process.wait()
                process = start(folder)
        # Two designs fail, as they should.
        assert process.wait(timeout=300) == 1, said_by(folder).read_text()
        assert "Traceback" not in said_by(folder).read_text()
        check(folder, undisturbed, killed)
        round_number += 1


def check(folder, undisturbed, killed):
    told = f"SHOEROOT_KILL_SEED={SEED}, killed {killed}"
    found = numbers(folder)
    for name, values in undisturbed.items():
        np.testing.assert_array_equal(found[name], values, err_msg=f"{name}: {told}")
    assert open_campaign(folder).waiting == 0, told
    assert not list((folder / "events").glob("*.part")), told
    assert not list((folder / "events").glob(".*")), told
    checked = verify(folder)
    assert checked.ok, (told, str(checked))
