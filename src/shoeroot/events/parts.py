"""`Parts`: all files of a campaign, open, in their order, and their record type."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import shlex
import weakref
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import EventFileError, nearest
from shoeroot.events.evolve import read_as
from shoeroot.events.header import WHAT_TO_GIVE
from shoeroot.events.layout import Layout
from shoeroot.events.part_reader import PartReader
from shoeroot.events.rntuple import RNTuplePartReader

__all__ = ["Parts", "find_parts", "open_part"]

LARGEST_POOL = 4
_PART = re.compile(r"part-\d+\.root\Z")


def find_parts(path: str | Path | Iterable[str | Path]) -> list[Path]:
    """List the files of a campaign, an events folder, one file or several, in a fixed order.

    The parts of a folder are sorted by number; files that are given one by one keep their order.

    Raises
    ------
    EventFileError
        If there is none.
    """
    if not isinstance(path, str | Path):
        files = [Path(part) for part in path]
        if not files:
            raise EventFileError("no event file was given")
        return files
    given = Path(path)
    if not given.exists():
        raise EventFileError(
            "there is no such file or folder", where=str(given), hint=_nearest_beside(given)
        )
    if not given.is_dir():
        return [given]
    folder = given / "events" if (given / "events").is_dir() else given
    parts = [entry for entry in folder.iterdir() if _PART.match(entry.name)]
    if not parts:
        raise EventFileError(
            "the folder has no part-0000.root or other complete part",
            where=str(folder),
            hint=_way_to_events(given, folder),
        )
    # By length first: part-10000 comes after part-9999.
    return sorted(parts, key=lambda entry: (len(entry.name), entry.name))


def _nearest_beside(given: Path) -> str:
    """Name what lies beside a path that does not exist and is called nearly so."""
    with contextlib.suppress(OSError):
        beside = [entry.name for entry in given.parent.iterdir()]
        if difflib.get_close_matches(given.name, beside):
            return nearest(given.name, beside)
    return WHAT_TO_GIVE


def _way_to_events(given: Path, folder: Path) -> str:
    """Say what makes the events of a folder that has none."""
    unfinished = len(list(folder.glob("part-*.root.part")))
    if unfinished:
        return f"{unfinished} unfinished *.part: is a writer still at work?"
    if (given / "campaign.toml").is_file():
        return f"nothing was simulated yet: `shoeroot run {shlex.quote(str(given))}` does"
    return WHAT_TO_GIVE


class Parts:
    """Open files with events of one record type.

    Parameters
    ----------
    paths : sequence of Path
        The files in order.
    threads : int, optional
        Threads that decompress; by default one a processor, four at most.
    record_class : type, optional
        What events of older record types are read as, see `read_as`.

    Raises
    ------
    EventFileError
        If one cannot be read, or its record type is not and cannot become that of the others.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        threads: int | None = None,
        record_class: type | None = None,
    ) -> None:
        workers = threads or min(LARGEST_POOL, os.cpu_count() or 1)
        self.executor = ThreadPoolExecutor(workers, thread_name_prefix="shoeroot-events")
        self.readers: list[PartReader] = []
        # Without it a forgotten close() would keep files and threads until the end.
        self._finalizer = weakref.finalize(self, _close, self.readers, self.executor)
        try:
            for path in paths:
                self.readers.append(open_part(path, self.executor))
            self.record_type = read_as(self.readers, record_class)
            self.layout = Layout.of(self.record_type)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close all files."""
        self._finalizer()

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Number of events before each part, and of all at the end."""
        starts = np.zeros(len(self.readers) + 1, dtype=np.int64)
        np.cumsum([reader.count for reader in self.readers], out=starts[1:])
        return starts

    @cached_property
    def clusters(self) -> NDArray[np.int64]:
        """First events of what was written together, in all parts, and the number of events."""
        edges = [
            reader.clusters[:-1] + start
            for reader, start in zip(self.readers, self.starts[:-1], strict=True)
        ]
        return np.unique(np.concatenate([*edges, self.starts[-1:]]))


def open_part(path: Path, executor: ThreadPoolExecutor) -> Any:
    """Open one file of events with what reads its kind."""
    reader = PartReader(path, executor)
    if not reader.is_rntuple:
        return reader
    reader.close()
    return RNTuplePartReader(path)


def _close(readers: list[Any], executor: ThreadPoolExecutor) -> None:
    executor.shutdown(wait=False, cancel_futures=True)
    for reader in readers:
        reader.close()
