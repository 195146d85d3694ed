"""Ctrl-C in a campaign on the real engine: what has finished is kept, nothing is left running."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import numpy as np
import psutil
import pytest

import shoeroot

# Sends itself the signal of Ctrl-C when the third event has been written.
SCRIPT = """
import os, signal, sys
import numpy as np
from shoeroot.campaign import run, run_campaign
from shoeroot.design import read_designs

count = 0
make = run.EventWriter.write
def write(self, events):
    global count
    make(self, events)
    count += 1
    if count == 3:
        os.kill(os.getpid(), signal.SIGINT)

run.EventWriter.write = write
schema, designs = read_designs(sys.argv[1])
ended = run_campaign(np.repeat(designs[:1], 40, axis=0), sys.argv[2])
print(ended.interrupted, sum(ended.statuses.values()))
"""


@pytest.fixture(scope="module")
def interrupted(campaign, tmp_path_factory):
    folder = tmp_path_factory.mktemp("interrupted") / "campaign"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), campaign.folder / "designs.root", folder],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert done.returncode == 0, done.stderr
    return folder, done.stdout.split()


def test_the_campaign_says_that_it_was_interrupted(interrupted):
    _, printed = interrupted

    assert printed[0] == "True"
    assert 3 <= int(printed[1]) < 40


def test_the_finished_events_are_whole(interrupted):
    folder, printed = interrupted

    with shoeroot.open(folder) as events:
        assert len(events) == int(printed[1])
        assert set(events.status) == {"ok"}
        np.testing.assert_array_equal(
            events[2].zones[0].hourly.heating, events[0].zones[0].hourly.heating
        )
    assert not list(folder.rglob("*.part"))


def test_no_engine_is_left_running(interrupted):
    ours = [
        process.info
        for process in psutil.process_iter(["name", "ppid"])
        if process.info["name"] == "energyplus" and process.info["ppid"] == 1
    ]

    assert ours == []
