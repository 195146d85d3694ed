"""``journal.sqlite``: which simulations of a campaign wait, run, have ended and how.

It is an SQLite database in WAL mode, to be looked at with any SQLite program while a campaign
runs. Events are on disk before the journal says so: where the two differ the events are right,
and `Journal.reconcile` makes the journal say what they do.

============  ================================================================================
table         one row
============  ================================================================================
simulations   a simulation: its number is the id of its event
generations   settings and designs that simulations were begun with; `--amend` begins the next
sessions      a process that worked on the campaign, and why it ended
failures      a simulation that failed: what to group it by, and the message
============  ================================================================================
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from shoeroot.campaign.journal_tables import (
    ENDED,
    LAST_TABLE,
    RUNNING,
    TABLES,
    VERSION,
    WAITING,
    Ended,
    Generation,
    Numbers,
    check_version,
    now_text,
    told,
)
from shoeroot.errors import CampaignError

__all__ = ["JOURNAL_NAME", "RUNNING", "WAITING", "Ended", "Generation", "Journal", "now_text"]

JOURNAL_NAME = "journal.sqlite"


class Journal:
    """The journal of a campaign folder; `create` makes a missing one, `look` only reads."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Open the journal to write to it; make it if there is none.

        Raises
        ------
        CampaignError
            It cannot be written, or is damaged.
        """
        path = folder / JOURNAL_NAME
        with told(path):
            connection = sqlite3.connect(path, isolation_level=None, timeout=30)
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                # A power cut may lose the last rows, which the events bring back.
                connection.execute("PRAGMA synchronous=NORMAL")
                connection.executescript(TABLES)
                check_version(connection, path)
                connection.execute(f"PRAGMA user_version={VERSION}")
            except BaseException:
                connection.close()
                raise
        return cls(connection, path)

    @classmethod
    def look(cls, folder: Path) -> Self:
        """Open the journal to read, also while another process writes.

        Raises
        ------
        CampaignError
            There is none, or it is damaged.
        """
        path = folder / JOURNAL_NAME
        if not folder.is_dir():
            raise CampaignError(
                "there is no such campaign folder",
                where=str(folder),
                hint="`shoeroot init` makes one",
            )
        nothing_yet = CampaignError(
            "this campaign has no journal: nothing was run yet",
            where=str(path),
            hint="`shoeroot run` begins it"
            if (folder / "campaign.toml").is_file()
            else "is this a campaign folder? `shoeroot init` makes one",
        )
        if not path.is_file():
            raise nothing_yet
        with told(path):
            uri = f"{path.absolute().as_uri()}?mode="
            connection = sqlite3.connect(f"{uri}rw", uri=True, isolation_level=None, timeout=30)
            try:
                connection.execute("PRAGMA query_only=ON")
                connection.execute("SELECT 1 FROM sqlite_master LIMIT 1")
            except sqlite3.OperationalError:
                # Without the right to write beside it, WAL cannot be read along.
                connection.close()
                only = f"{uri}ro&immutable=1"
                connection = sqlite3.connect(only, uri=True, isolation_level=None)
            check_version(connection, path)
            if not connection.execute(LAST_TABLE).fetchone():
                connection.close()
                raise nothing_yet
        return cls(connection, path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    @contextmanager
    def _changes(self) -> Iterator[sqlite3.Connection]:
        """Make changes together or not at all."""
        with told(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        with told(self._path):
            return self._connection.execute(query, values).fetchall()

    def _numbers(self, condition: str) -> Numbers:
        with told(self._path):
            found = self._connection.execute(
                f"SELECT number FROM simulations WHERE {condition} ORDER BY number"  # noqa: S608
            )
            return np.fromiter((row[0] for row in found), dtype=np.int64)

    def generation(self) -> Generation | None:
        """Return the last generation; None before the first."""
        found = self.generations(1)
        return found[0] if found else None

    def generations(self, count: int = -1) -> list[Generation]:
        """Return the last `count` generations, or all, newest first."""
        rows = self.rows(
            "SELECT generation, started, lineage, designs, hashes FROM generations "
            "ORDER BY generation DESC LIMIT ?",
            (count,),
        )
        return [
            Generation(number, started, json.loads(lineage), designs, np.frombuffer(hashes, "<u8"))
            for number, started, lineage, designs, hashes in rows
        ]

    def begin_generation(
        self,
        lineage: dict[str, Any],
        hashes: NDArray[np.uint64],
        *,
        new: tuple[Numbers, Numbers, Numbers],
        again: Numbers,
        move_waiting: bool = True,
    ) -> int:
        """Begin a generation.

        Parameters
        ----------
        lineage : dict
        hashes : (n_designs,) uint64
        new : three (n,) int64
            Numbers, designs and time steps an hour of simulations to add.
        again : (n,) int64
            Simulations that wait again, whatever came of them.
        move_waiting : bool
            Whether those that wait belong to it from now on.
        """
        with self._changes() as connection:
            (last,) = connection.execute("SELECT max(generation) FROM generations").fetchone()
            number = (last or 0) + 1
            connection.execute(
                "INSERT INTO generations VALUES (?, ?, ?, ?, ?)",
                (
                    number,
                    now_text(),
                    json.dumps(lineage, sort_keys=True),
                    len(hashes),
                    hashes.astype("<u8").tobytes(),
                ),
            )
            connection.executemany(
                f"INSERT INTO simulations VALUES (?, ?, ?, {number}, '{WAITING}', 0, 0, "  # noqa: S608
                "NULL, NULL, NULL)",
                zip(*(column.tolist() for column in new), strict=True),
            )
            _wait_again(connection, again)
            if move_waiting:
                connection.execute(
                    "UPDATE simulations SET generation = ? WHERE status IN (?, ?)",
                    (number, WAITING, RUNNING),
                )
        return int(number)

    def begin_session(self, generation: int, slots: int) -> int:
        """Note that a process works on the campaign; return its number."""
        with self._changes() as connection:
            made = connection.execute(
                "INSERT INTO sessions (generation, started, slots, host, process) "
                "VALUES (?, ?, ?, ?, ?)",
                (generation, now_text(), slots, platform.node(), os.getpid()),
            )
        return int(made.lastrowid or 0)

    def end_session(self, session: int, reason: str) -> None:
        """Note why a session ended; what it had begun waits again."""
        with self._changes() as connection:
            connection.execute(
                "UPDATE sessions SET ended = ?, reason = ? WHERE session = ?",
                (now_text(), reason, session),
            )
            connection.execute(
                "UPDATE simulations SET status = ? WHERE status = ?", (WAITING, RUNNING)
            )

    def claim(self, numbers: Numbers, session: int) -> None:
        """Note that simulations were begun."""
        with self._changes() as connection:
            connection.executemany(
                "UPDATE simulations SET status = ?, attempts = attempts + 1, session = ? "
                "WHERE number = ?",
                ((RUNNING, session, number) for number in numbers.tolist()),
            )

    def count_losses(self, numbers: Iterable[int]) -> None:
        """Note that the workers of simulations were killed."""
        with self._changes() as connection:
            connection.executemany(
                "UPDATE simulations SET losses = losses + 1 WHERE number = ?",
                ((number,) for number in numbers),
            )

    def losses(self) -> dict[int, int]:
        """Return how often simulations lost their worker, for those that did and have not ended."""
        query = f"SELECT number, losses FROM simulations WHERE losses > 0 AND NOT ({ENDED})"  # noqa: S608
        return dict(self.rows(query))

    def finish(self, ended: Iterable[Ended]) -> None:
        """Note how simulations ended; their events are on disk."""
        rows = list(ended)
        with self._changes() as connection:
            connection.executemany(
                "UPDATE simulations SET status = ?, cpu_seconds = ?, "
                "wall_seconds = coalesce(?, wall_seconds) WHERE number = ?",
                ((one.status, one.cpu_seconds, one.wall_seconds, one.number) for one in rows),
            )
            connection.executemany(
                "INSERT OR REPLACE INTO failures VALUES (?, ?, ?)",
                ((one.number, one.cause, one.message) for one in rows if one.cause),
            )

    def waiting(self) -> tuple[Numbers, Numbers, Numbers]:
        """Return numbers, designs and time steps an hour of simulations that wait, in order."""
        with told(self._path):
            found = self._connection.execute(
                "SELECT number, design, timesteps_per_hour FROM simulations WHERE status = ? "
                "ORDER BY number",
                (WAITING,),
            )
            table: Numbers = np.fromiter(found, dtype=np.dtype((np.int64, 3)))
        return table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy()

    def ended(self) -> Numbers:
        """Return the numbers of simulations that have an event."""
        return self._numbers(ENDED)

    def with_status(self, statuses: Sequence[str]) -> Numbers:
        """Return the numbers of simulations with one of some statuses."""
        places = ", ".join("?" * len(statuses))
        query = f"SELECT number FROM simulations WHERE status IN ({places}) ORDER BY number"  # noqa: S608
        return np.array([row[0] for row in self.rows(query, statuses)], dtype=np.int64)

    def of_designs(self, designs: Numbers) -> Numbers:
        """Return the numbers of the simulations of some designs."""
        with self._changes() as connection:
            connection.execute("CREATE TEMP TABLE wanted (design INTEGER PRIMARY KEY)")
            connection.executemany(
                "INSERT INTO wanted VALUES (?)", ((one,) for one in designs.tolist())
            )
            found = connection.execute(
                "SELECT number FROM simulations WHERE design IN (SELECT design FROM wanted)"
            ).fetchall()
            connection.execute("DROP TABLE wanted")
        return np.array([row[0] for row in found], dtype=np.int64)

    def unknown(
        self, planned: tuple[Numbers, Numbers, Numbers]
    ) -> tuple[Numbers, Numbers, Numbers]:
        """Return those of some simulations (numbers, designs, steps) that are not known yet."""
        numbers, designs, steps = planned
        new = ~np.isin(numbers, self._numbers("1"))
        return numbers[new], designs[new], steps[new]

    def set_steps(self, timesteps_per_hour: int, repeats: Sequence[int] = ()) -> None:
        """Let all simulations that wait have other time steps.

        Those that would repeat a design at another level of fidelity keep theirs, or are
        forgotten where that is none of `repeats`.
        """
        waits = f"status IN ('{WAITING}', '{RUNNING}')"
        kept = ", ".join(map(str, repeats)) or "0"
        with self._changes() as connection:
            connection.execute(
                f"UPDATE simulations SET timesteps_per_hour = ? WHERE number = design AND {waits}",  # noqa: S608
                (timesteps_per_hour,),
            )
            connection.execute(
                f"DELETE FROM simulations WHERE number != design AND {waits} "  # noqa: S608
                f"AND timesteps_per_hour NOT IN ({kept})"
            )

    def wait_again(self, numbers: Numbers) -> None:
        """Let simulations wait as if they had never run; they keep their count of attempts."""
        with self._changes() as connection:
            _wait_again(connection, numbers)

    def reconcile(self, on_disk: Numbers) -> tuple[Numbers, Numbers]:
        """Compare with the events on disk, when nothing runs.

        What was begun and has no event waits again, and so does what has lost its event.

        Parameters
        ----------
        on_disk : (n,) int64
            Ids of all events.

        Returns
        -------
        (n,) int64, (n,) int64
            Events that the journal does not know as ended, to be given to `finish`; and
            events of no simulation of this campaign.
        """
        ended, known = self.ended(), self._numbers("1")
        missing = np.setdiff1d(ended, on_disk, assume_unique=True)
        with self._changes() as connection:
            _wait_again(connection, missing)
            connection.execute(
                "UPDATE simulations SET status = ? WHERE status = ?", (WAITING, RUNNING)
            )
        strange = np.setdiff1d(on_disk, known, assume_unique=True)
        unknown = np.setdiff1d(on_disk, ended, assume_unique=True)
        return np.setdiff1d(unknown, strange, assume_unique=True), strange

    def counts(self) -> dict[str, int]:
        """Count simulations by status, those that wait or run included."""
        return dict(self.rows("SELECT status, count(*) FROM simulations GROUP BY status"))


def _wait_again(connection: sqlite3.Connection, numbers: Numbers) -> None:
    rows = [(number,) for number in numbers.tolist()]
    connection.executemany(
        f"UPDATE simulations SET status = '{WAITING}', losses = 0, "  # noqa: S608
        "cpu_seconds = NULL, wall_seconds = NULL, "
        "generation = (SELECT max(generation) FROM generations) WHERE number = ?",
        rows,
    )
    connection.executemany("DELETE FROM failures WHERE number = ?", rows)
