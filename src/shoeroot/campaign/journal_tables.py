"""What stands in ``journal.sqlite``: its tables, its format, and what rows are in Python."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import CampaignError

__all__ = [
    "ENDED",
    "LAST_TABLE",
    "RUNNING",
    "TABLES",
    "VERSION",
    "WAITING",
    "Ended",
    "Generation",
    "Numbers",
    "check_version",
    "now_text",
    "told",
]

#: What stands for a status before there is one.
WAITING, RUNNING = "waiting", "running"

Numbers = NDArray[np.int64]

VERSION = 1
TABLES = """
CREATE TABLE IF NOT EXISTS generations (
    generation INTEGER PRIMARY KEY, started TEXT NOT NULL, lineage TEXT NOT NULL,
    designs INTEGER NOT NULL, hashes BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
    session INTEGER PRIMARY KEY, generation INTEGER NOT NULL, started TEXT NOT NULL,
    ended TEXT, reason TEXT, slots INTEGER, host TEXT, process INTEGER);
CREATE TABLE IF NOT EXISTS simulations (
    number INTEGER PRIMARY KEY, design INTEGER NOT NULL, timesteps_per_hour INTEGER NOT NULL,
    generation INTEGER NOT NULL, status TEXT NOT NULL, attempts INTEGER NOT NULL,
    losses INTEGER NOT NULL, session INTEGER, cpu_seconds REAL, wall_seconds REAL);
CREATE TABLE IF NOT EXISTS failures (
    number INTEGER PRIMARY KEY, cause TEXT NOT NULL, message TEXT NOT NULL);
"""
#: Found when the tables have been made.
LAST_TABLE = "SELECT 1 FROM sqlite_master WHERE name = 'failures'"
ENDED = f"status NOT IN ('{WAITING}', '{RUNNING}')"


@dataclass(frozen=True, slots=True)
class Generation:
    """Settings and designs that simulations were begun with.

    Attributes
    ----------
    number : int
        From 1.
    started : str
        When, UTC.
    lineage : dict of str to object
        What shapes the results: settings, engine, templates, weather.
    designs : int
        How many there were.
    hashes : (designs,) uint64
        One a design.
    """

    number: int
    started: str
    lineage: dict[str, Any]
    designs: int
    hashes: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Ended:
    """A simulation whose event is on disk; `cause` and `message` are empty where it is ok."""

    number: int
    status: str
    cpu_seconds: float
    wall_seconds: float | None = None
    cause: str = ""
    message: str = ""


def now_text() -> str:
    """Return the time, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a journal of a newer shoeroot.

    Raises
    ------
    CampaignError
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise CampaignError(
            f"the journal has format {version}, this shoeroot knows {VERSION}",
            where=str(path),
            hint="install a newer shoeroot",
        )


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Raise what SQLite complains of as an error of the campaign."""
    try:
        yield
    except sqlite3.Error as error:
        raise CampaignError(
            f"the journal cannot be used: {error}",
            where=str(path),
            hint="is there room on the disk, and the right to write? If the file is damaged, "
            "move it away: `shoeroot run` makes it again from the events",
        ) from error
