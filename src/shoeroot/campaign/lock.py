"""One process at a time works on a campaign: a lock that ends with the process that holds it."""

from __future__ import annotations

import fcntl
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from shoeroot.errors import CampaignError

__all__ = ["is_locked", "locked"]

LOCK_NAME = "journal.lock"
#: `is_locked` holds the lock for an instant, which must not refuse a campaign.
TRIES, PAUSE_SECONDS = 3, 0.1


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a campaign folder; the system frees it when the process ends, however.

    Raises
    ------
    CampaignError
        Another process holds it: says which; or the folder cannot be written.
    """
    path = folder / LOCK_NAME
    try:
        # Not inherited by the programs that are started meanwhile, which may outlive this one.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise CampaignError(
            f"the campaign folder cannot be written: {error.strerror or error}",
            where=str(folder.absolute()),
            hint="nothing in it was changed; get the right to write, or copy it elsewhere",
        ) from error
    try:
        try:
            _take(descriptor)
        except OSError as error:
            holder = os.pread(descriptor, 1000, 0).decode(errors="replace").strip()
            raise CampaignError(
                f"another process works on this campaign: {holder or 'it does not say which'}",
                where=str(folder.absolute()),
                hint="wait for it or stop it; `shoeroot status` shows how far it is",
            ) from error
        started = datetime.now(UTC).isoformat(timespec="seconds")
        note = f"process {os.getpid()} on {platform.node()} since {started}\n"
        with suppress(OSError):  # a full disk: the lock holds without the note
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, note.encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> None:
    for tries_left in range(TRIES - 1, -1, -1):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if not tries_left:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return


def is_locked(folder: Path) -> bool:
    """Say whether a process works on a campaign."""
    try:
        descriptor = os.open(folder / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        # Shared, so that two that only look do not see each other.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
