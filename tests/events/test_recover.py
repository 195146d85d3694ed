"""Folders of events after a writer was killed, and parts without some of their events."""

from __future__ import annotations

import shutil
from contextlib import suppress

import numpy as np
import pytest

from shoeroot.errors import EventFileError
from shoeroot.events import EventWriter, open_events, recover, remove_events, verify
from shoeroot.records import Simulation, records_equal


def abandoned(folder, simulations, batch=4):
    """Leave a part as a killed writer does: some events are committed, the rest is not."""
    with suppress(KeyboardInterrupt), EventWriter(folder, Simulation, batch=batch) as writer:
        writer.write(simulations)
        raise KeyboardInterrupt


def ids(folder):
    with open_events(folder) as events:
        return list(events.event_id)


def test_committed_events_of_an_unfinished_part_become_a_complete_one(tmp_path, simulations):
    abandoned(tmp_path, simulations[:10])

    (made,) = recover(tmp_path)

    assert made.events == 8
    assert [entry.name for entry in tmp_path.iterdir()] == ["part-0000.root"]
    with open_events(tmp_path) as events:
        assert all(map(records_equal, events.records(), simulations[:8]))


def test_an_unfinished_part_without_committed_events_is_removed(tmp_path, simulations):
    abandoned(tmp_path, simulations[:3])
    (tmp_path / "part-0001.root.part").touch()

    made = recover(tmp_path)

    assert made == []
    assert list(tmp_path.iterdir()) == []


def test_being_killed_while_recovering_does_no_harm(tmp_path, simulations):
    abandoned(tmp_path, simulations[:8])
    unfinished = tmp_path / "part-0000.root.part"
    kept = tmp_path / "kept"
    shutil.copy(unfinished, kept)
    recover(tmp_path)
    kept.rename(unfinished)
    (tmp_path / ".part-0000.root.abc").mkdir()
    (tmp_path / ".part-0000.root.abc" / "part-0000.root.part").touch()

    again = recover(tmp_path)

    assert again == []
    assert ids(tmp_path) == [one.event_id for one in simulations[:8]]
    assert [entry.name for entry in tmp_path.iterdir()] == ["part-0000.root"]


def test_a_damaged_part_with_committed_events_is_not_removed(tmp_path, simulations):
    abandoned(tmp_path, simulations[:8])
    unfinished = tmp_path / "part-0000.root.part"
    content = unfinished.read_bytes().replace(b"shoeroot events 1", b"shoeroot events 9")
    unfinished.write_bytes(content)

    with pytest.raises(EventFileError):
        recover(tmp_path)

    assert unfinished.read_bytes() == content


def test_flushed_events_are_committed_whatever_their_number(tmp_path, simulations):
    with suppress(KeyboardInterrupt), EventWriter(tmp_path, Simulation) as writer:
        writer.write(simulations[:3])
        writer.flush()
        assert writer.committed == 3
        writer.write(simulations[3:5])
        writer.flush()
        raise KeyboardInterrupt

    recover(tmp_path)

    assert ids(tmp_path) == [one.event_id for one in simulations[:5]]


def test_removed_events_are_gone_and_the_others_as_they_were(tmp_path, simulations):
    with EventWriter(tmp_path, Simulation, batch=4, metadata={"site": "Žilina"}) as writer:
        writer.write(simulations[:10])
    part = tmp_path / "part-0000.root"

    removed = remove_events(part, [1002, 1003, 1009, 7])

    assert removed == 3
    with open_events(part) as events:
        left = [one for one in simulations[:10] if one.event_id not in (1002, 1003, 1009)]
        assert all(map(records_equal, events.records(), left))
        assert len(events) == len(left)
        assert events.metadata["site"] == "Žilina"
    assert verify(part).ok
    assert [entry.name for entry in tmp_path.iterdir()] == ["part-0000.root"]


def test_a_part_without_the_events_is_not_touched(tmp_path, simulations):
    with EventWriter(tmp_path, Simulation) as writer:
        writer.write(simulations[:2])
    part = tmp_path / "part-0000.root"
    before = part.read_bytes()

    assert remove_events(part, np.arange(5)) == 0
    assert part.read_bytes() == before


def test_a_part_of_which_nothing_is_left_is_removed(tmp_path, simulations):
    with EventWriter(tmp_path, Simulation) as writer:
        writer.write(simulations[:2])

    assert remove_events(tmp_path / "part-0000.root", [1000, 1001]) == 2
    assert list(tmp_path.iterdir()) == []
