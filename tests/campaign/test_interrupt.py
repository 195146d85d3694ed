"""Ctrl-C in a campaign on the real engine: what has finished is kept, nothing is left running."""

from __future__ import annotations

import os
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
from shoeroot.campaign import CampaignConfig, open_campaign, run_campaign
from shoeroot.design import write_designs
from shoeroot.errors import CampaignError
from shoeroot.events import open_events

PROGRAM = str(Path(sys.executable).with_name("shoeroot"))
DESIGNS = 30


@pytest.fixture(scope="module")
def interrupted(campaign, tmp_path_factory):
    """A campaign of many designs that got the signal of Ctrl-C after some had ended."""
    folder = tmp_path_factory.mktemp("interrupted") / "campaign"
    folder.mkdir()
    schema = shoeroot.Schema()
    designs = np.repeat(campaign.designs[:1], DESIGNS, axis=0)
    designs[:, schema["width"].start_storage] += np.arange(DESIGNS) / 100
    write_designs(folder / "designs.root", schema, designs)
    settings = CampaignConfig.read(campaign.folder).model_dump()
    settings |= {"commit_events": 1, "timesteps_per_hour": 1}
    CampaignConfig.from_values(settings, where="test").write(folder)
    process = subprocess.Popen(
        [PROGRAM, "run", str(folder), "--workers", "2", "--limit", str(DESIGNS)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    while process.poll() is None and ended(folder) < 3:
        time.sleep(0.05)
    workers = [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
    process.send_signal(signal.SIGINT)
    printed, said = process.communicate(timeout=120)
    assert process.returncode == 1, said
    return folder, printed, workers


def ended(folder):
    with suppress(CampaignError):  # it is being made
        return sum(open_campaign(folder).statuses.values())
    return 0


def test_the_campaign_says_that_it_was_interrupted_and_how_to_go_on(interrupted):
    folder, printed, _ = interrupted

    assert "interrupted" in printed
    assert f"shoeroot run {folder}" in printed


def test_the_finished_events_are_whole(interrupted):
    folder, _, _ = interrupted

    with open_events(folder) as events:
        assert 3 <= len(events) < DESIGNS
        assert set(events.status) == {"ok"}
        assert len(events) == open_campaign(folder).statuses["ok"]
    assert not list(folder.rglob("*.part"))


def test_no_engine_is_left_running(interrupted):
    _, _, workers = interrupted

    assert workers
    assert not [pid for pid in workers if psutil.pid_exists(pid)]


def test_it_goes_on_and_simulates_only_what_is_left(interrupted):
    folder, _, _ = interrupted
    before = open_campaign(folder)

    after = before.resume(limit=2, show_progress=False)

    assert after.waiting == before.waiting - 2
    with after.open() as events:
        assert sorted(events.event_id) == list(range(before.statuses["ok"] + 2))


def test_the_same_call_continues_a_campaign_and_simulates_nothing_where_all_is_done(
    campaign, engine, library, tmp_path
):
    def call():
        return run_campaign(
            campaign.designs[:2],
            tmp_path / "c",
            engine=engine,
            library=library,
            timesteps_per_hour=1,
            limit=1,
            show_progress=False,
        )

    waiting = [call().waiting, call().waiting, call().waiting]

    assert waiting == [1, 0, 0]
    assert open_campaign(tmp_path / "c").status().attempts == 2
