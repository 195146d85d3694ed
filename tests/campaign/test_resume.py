"""Campaigns that change, fail, are run twice at once, or meet a disk that takes no more."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess

import numpy as np
import pytest

import shoeroot
from shoeroot.campaign import (
    CampaignConfig,
    open_campaign,
    resume_campaign,
    run_campaign,
)
from shoeroot.campaign.journal import Journal
from shoeroot.campaign.lock import is_locked, locked
from shoeroot.design import read_designs, write_designs
from shoeroot.errors import CampaignError, ConfigError, ShoerootError
from shoeroot.records import records_equal

INVALID, FATAL = 2, 4
WIDTH = shoeroot.Schema()["width"].start_storage


@pytest.fixture
def folder(campaign, tmp_path):
    """A copy of the finished campaign, to be changed."""
    copy = tmp_path / "campaign"
    shutil.copytree(campaign.folder, copy, ignore=shutil.ignore_patterns("minitrees"))
    return copy


def change(folder, **settings):
    CampaignConfig.read(folder).changed(settings, where="test").write(folder)


def change_design(folder, number, added=1):
    schema, designs = read_designs(folder / "designs.root")
    designs[number, WIDTH] += 0.25
    more = designs[:added].copy()
    more[:, WIDTH] += 0.5
    write_designs(folder / "designs.root", schema, np.concatenate([designs, more]))


def events_of(folder):
    with shoeroot.open(folder) as events:
        return {one.event_id: one for one in events.records()}


def attempts(folder):
    with Journal.look(folder) as journal:
        return [row[0] for row in journal.rows("SELECT attempts FROM simulations ORDER BY number")]


def resume(folder, **options):
    return resume_campaign(folder, show_progress=False, **options)


def test_a_finished_campaign_has_nothing_left_to_do(folder):
    before = [path.read_bytes() for path in sorted((folder / "events").iterdir())]

    ended = resume(folder)

    assert (ended.waiting, ended.stopped) == (0, "")
    assert ended.statuses == {"ok": 6, "invalid": 1, "fatal": 1}
    assert [path.read_bytes() for path in sorted((folder / "events").iterdir())] == before


def test_changed_settings_are_refused_with_the_difference(folder):
    change(folder, timesteps_per_hour=6, timeout=10.0)

    with pytest.raises(CampaignError) as caught:
        resume(folder)

    assert "timesteps_per_hour: 4 before, 6 now" in caught.value.problem
    assert "timeout: 600.0 before, 10.0 now" in caught.value.problem
    assert "--amend" in caught.value.hint


def test_settings_that_do_not_shape_results_may_change(folder):
    change(folder, workers=1, make=["Basics"], commit_seconds=1.0)

    resume(folder)

    assert (folder / "minitrees" / "Basics").is_dir()


def test_changed_designs_are_refused_by_number(folder):
    change_design(folder, 3)

    with pytest.raises(CampaignError) as caught:
        resume(folder)

    assert "designs: 3 changed" in caught.value.problem
    assert "designs: 8 before, 9 now" in caught.value.problem
    assert attempts(folder) == [1] * 8


def test_amended_campaigns_simulate_what_changed_and_keep_the_lineage(folder):
    before = events_of(folder)
    change_design(folder, 3)
    change(folder, timesteps_per_hour=1)

    ended = resume(folder, amend=True)

    after = events_of(folder)
    assert sorted(after) == list(range(9))
    assert after[3].design.width == before[3].design.width + 0.25
    for number in (0, 1, 2, 4, 5, 6, 7):
        assert records_equal(after[number], before[number])
    assert [after[number].timesteps_per_hour for number in (0, 3, 8)] == [4, 1, 1]
    first, second = ended.status().generations
    assert first.counts == {"fatal": 1, "invalid": 1, "ok": 5}
    assert second.counts == {"ok": 2}
    assert (first.lineage["timesteps_per_hour"], second.lineage["timesteps_per_hour"]) == (4, 1)
    with shoeroot.open(folder / "events" / "part-0001.root") as events:
        assert events.metadata["generation"] == "2"


def test_designs_cannot_be_taken_away(folder):
    schema, designs = read_designs(folder / "designs.root")
    write_designs(folder / "designs.root", schema, designs[:5])

    with pytest.raises(CampaignError, match="designs: 8 before, 5 now") as caught:
        resume(folder, amend=True)

    assert "another folder" in caught.value.hint


def test_other_designs_for_a_campaign_that_is_there_are_refused(campaign, folder, library):
    other = campaign.designs.copy()
    other[0, WIDTH] += 1

    with pytest.raises(CampaignError, match="designs: 0 changed"):
        run_campaign(other, folder, library=library, show_progress=False)

    np.testing.assert_array_equal(read_designs(folder / "designs.root")[1], campaign.designs)


def test_a_retried_event_replaces_the_failed_one(folder):
    before = events_of(folder)

    ended = resume(folder, retry=["fatal"])

    after = events_of(folder)
    assert sorted(after) == list(range(8))
    assert ended.statuses == {"ok": 6, "invalid": 1, "fatal": 1}
    assert attempts(folder) == [1, 1, 1, 1, 2, 1, 1, 1]
    assert after[FATAL].messages == before[FATAL].messages
    assert records_equal(after[0], before[0])
    with shoeroot.open(folder / "events" / "part-0001.root") as events:
        assert list(events.event_id) == [FATAL]


def test_only_ways_to_fail_can_be_retried(folder):
    with pytest.raises(ConfigError) as caught:
        resume(folder, retry=["fatl"])

    assert "'fatal'" in caught.value.hint


def test_failures_are_grouped_by_cause_with_an_example(folder):
    invalid, fatal = sorted(open_campaign(folder).failures(), key=lambda group: group.example)

    assert (invalid.status, invalid.example, invalid.count) == ("invalid", INVALID, 1)
    assert "HeatingSetpoint" in invalid.message
    assert "26" in invalid.message
    assert "26" not in invalid.cause
    assert (fatal.status, fatal.example) == ("fatal", FATAL)
    assert "Material too thick" in fatal.message


def test_a_lost_journal_is_made_again_from_the_events(folder):
    for path in folder.glob("journal.sqlite*"):
        path.unlink()
    before = [path.read_bytes() for path in sorted((folder / "events").iterdir())]

    ended = resume(folder)

    assert ended.statuses == {"ok": 6, "invalid": 1, "fatal": 1}
    assert len(ended.failures()) == 2
    assert [path.read_bytes() for path in sorted((folder / "events").iterdir())] == before


def test_events_that_are_lost_are_simulated_again(folder):
    before = events_of(folder)
    shoeroot.events.remove_events(folder / "events" / "part-0000.root", [INVALID, 5])
    change(folder, commit_events=1)

    resume(folder)

    after = events_of(folder)
    assert sorted(after) == list(range(8))
    # The time that a run took is not the same again.
    heating = [events[5].zones[0].hourly.heating for events in (before, after)]
    np.testing.assert_array_equal(*heating)


def test_events_of_another_campaign_are_refused(folder):
    strange = dataclasses.replace(events_of(folder)[FATAL], event_id=1007)
    with shoeroot.events.EventWriter(folder / "events", shoeroot.records.Simulation) as writer:
        writer.write([strange])

    with pytest.raises(CampaignError, match="event 1007 is none of"):
        resume(folder)


def test_the_second_of_two_at_once_is_refused(folder):
    with locked(folder):
        assert is_locked(folder)
        with pytest.raises(CampaignError) as caught:
            resume(folder)

    assert f"process {os.getpid()}" in caught.value.problem
    assert not is_locked(folder)


def test_a_folder_that_must_not_be_written_is_told_from_the_first(folder, tmp_path):
    mounted = tmp_path / "read-only"
    mounted.mkdir()
    if subprocess.run(["mount", "--bind", folder, mounted], capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", mounted], check=True)
        with pytest.raises(CampaignError, match="cannot be written"):
            resume(mounted, retry=["fatal"])
        assert open_campaign(mounted).statuses == {"ok": 6, "invalid": 1, "fatal": 1}
    finally:
        subprocess.run(["umount", mounted], check=True)
    assert sorted(events_of(folder)) == list(range(8))


# The smaller disk has no room for all events, the larger one none for the journal.
@pytest.mark.parametrize("size", ["400k", "800k"])
def test_a_full_disk_loses_nothing_and_duplicates_nothing(campaign, tmp_path, size):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", disk]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    folder = disk / "campaign"
    try:
        folder.mkdir()
        settings = CampaignConfig.read(campaign.folder)
        fast = {"commit_events": 1, "timesteps_per_hour": 1}
        settings.changed(fast, where="test").write(folder)
        write_designs(folder / "designs.root", shoeroot.Schema(), campaign.designs)
        with pytest.raises(ShoerootError) as caught:
            resume(folder)
        assert "No space left" in str(caught.value) or "full" in str(caught.value)
        with pytest.raises(ShoerootError):
            resume(folder)  # it still is
        subprocess.run(["mount", "-o", "remount,size=40m", disk], check=True)
        ended = resume(folder)
        assert sorted(events_of(folder)) == list(range(8))
        assert ended.statuses == {"ok": 6, "invalid": 1, "fatal": 1}
        assert shoeroot.events.verify(folder).ok
    finally:
        subprocess.run(["umount", disk], check=True)
