"""Bring journal and events together after a session ended, however it did."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shoeroot.campaign.failures import cause_of
from shoeroot.campaign.fidelity import event_folders
from shoeroot.campaign.journal import Ended, Journal
from shoeroot.errors import CampaignError
from shoeroot.events import find_parts, open_events, recover, remove_events
from shoeroot.records import Message

__all__ = ["drop_events", "event_files", "recover_campaign"]

Numbers = NDArray[np.int64]


def recover_campaign(folder: Path, journal: Journal) -> int:
    """Complete what a killed session left, and make the journal say what the events do.

    Parameters
    ----------
    folder : Path
        The campaign folder, of which this process has the lock.
    journal : Journal

    Returns
    -------
    int
        Number of events on disk.

    Raises
    ------
    EventFileError, CampaignError
        A file of events is damaged, or holds events of another campaign.
    """
    for events in event_folders(folder):
        recover(events)
    parts = _parts(folder)
    ids = [_ids(part) for part in parts]
    # Of two events of one simulation the later one is right; that takes a copied file.
    seen = np.empty(0, dtype=np.int64)
    for place in range(len(parts) - 1, -1, -1):
        twice = np.intersect1d(ids[place], seen)
        if len(twice):
            remove_events(parts[place], twice)
            ids[place] = np.setdiff1d(ids[place], twice)
        seen = np.union1d(seen, ids[place])
    unknown, strange = journal.reconcile(seen)
    if len(strange):
        part = next(part for part, own in zip(parts, ids, strict=True) if strange[0] in own)
        raise CampaignError(
            f"event {strange[0]} is none of this campaign's simulations",
            where=str(part),
            hint="move the file away: it belongs to another campaign",
        )
    for part, own in zip(parts, ids, strict=True):
        here = np.intersect1d(own, unknown)
        if len(here):
            journal.finish(_ended(part, here))
    return len(seen)


def drop_events(folder: Path, numbers: Numbers) -> int:
    """Remove the events of simulations that are to run again; return how many there were."""
    return sum(remove_events(part, numbers) for part in _parts(folder)) if len(numbers) else 0


def event_files(folder: Path) -> list[Path]:
    """Return the event files of a campaign, those that are being written last."""
    written = [sorted(one.glob("part-*.root.part")) for one in event_folders(folder)]
    return [*_parts(folder), *(part for some in written for part in some)]


def _parts(folder: Path) -> list[Path]:
    return [
        part
        for events in event_folders(folder)
        if any(events.glob("part-*.root"))
        for part in find_parts(events)
    ]


def _ids(part: Path) -> Numbers:
    with open_events([part]) as events:
        return np.asarray(events["event_id"], dtype=np.int64)


def _ended(part: Path, numbers: Numbers) -> Iterator[Ended]:
    """Tell how the simulations of some events ended."""
    with open_events([part]) as events:
        some = events.select(np.isin(np.asarray(events["event_id"]), numbers))
        ids, cpu_seconds = some["event_id"].tolist(), some["cpu_seconds"].tolist()
        statuses = some["status"].tolist()
        severities, texts = some["messages.severity"].tolist(), some["messages.text"].tolist()
    for place, status in enumerate(statuses):
        cause = message = ""
        if status != "ok":
            told = zip(severities[place], texts[place], strict=True)
            cause, message = cause_of(status, [Message(one, text, 1) for one, text in told])
        yield Ended(ids[place], status, cpu_seconds[place], None, cause, message)
