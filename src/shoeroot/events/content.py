"""`content_id`: a hash that changes when the events of a dataset do, and stamps that tell cheaply.

What is in a file is told by the checksums that its writer left with each batch (`events.commits`)
and the texts in ``meta/``; a file without them is hashed as a whole. A stamp is what the file
system says of a file: while the stamps of all files stay, so does their content.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from shoeroot.errors import EventFileError
from shoeroot.events.branch_reading import run
from shoeroot.events.commits import COMMITS
from shoeroot.events.part_reader import PartReader
from shoeroot.events.parts import find_parts
from shoeroot.events.tree_header import OtherVersionError

__all__ = ["FileStamp", "batch_digests", "content_id", "file_stamps"]

SETTLED = 2_000_000_000
"""Time [ns] after which a later change must show in the file system's times, however coarse."""
LARGEST_CACHE = 10_000
PIECE = 1 << 22
OF_THE_WRITER = ("software",)
"""Texts that tell who wrote, not what."""

_known: dict[tuple[str, FileStamp], str] = {}


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What the file system says of a file.

    Attributes
    ----------
    name : str
        Name of the file, without folders.
    size : int
        Bytes.
    modified, changed : int
        When the content, and when anything about the file was changed last [ns since 1970].
    inode : int
        Number of the file.
    """

    name: str
    size: int
    modified: int
    changed: int
    inode: int

    def settled(self, moment: int) -> bool:
        """Say whether a change after `moment` [ns since 1970] would show in the stamp."""
        return max(self.modified, self.changed) + SETTLED < moment


def file_stamps(path: str | Path | Iterable[str | Path]) -> tuple[FileStamp, ...]:
    """Give the stamps of the event files of a dataset, in their order.

    Raises
    ------
    EventFileError
        There is none.
    """
    return tuple(_stamp(part) for part in find_parts(path))


def _stamp(path: Path) -> FileStamp:
    try:
        found = path.stat()
    except OSError as problem:
        raise EventFileError(
            f"the file cannot be looked at: {problem.strerror}", where=str(path)
        ) from problem
    return FileStamp(path.name, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def content_id(path: str | Path | Iterable[str | Path]) -> str:
    """Give a hash of the events of a dataset: of their values, order and metadata.

    A copy has the same; any change of a value, a text in ``meta/``, or the order has another.
    A file written by `EventWriter` is not read for it, only its checksums are.

    Parameters
    ----------
    path : path or iterable of paths
        As `open_events` takes it.

    Raises
    ------
    EventFileError
        There is no event file, or one cannot be read.
    """
    digest = hashlib.sha256()
    for part in find_parts(path):
        digest.update(_part_id(part).encode())
    return digest.hexdigest()


def _part_id(path: Path) -> str:
    key = (str(path.absolute()), _stamp(path))
    if key in _known:
        return _known[key]
    moment = time.time_ns()
    found = _committed(path) or _whole(path)
    if key[1].settled(moment) and _stamp(path) == key[1]:
        if len(_known) >= LARGEST_CACHE:
            _known.clear()
        _known[key] = found
    return found


def _committed(path: Path) -> str | None:
    """Hash checksums and texts; None where there are no checksums that can be read so."""
    with ThreadPoolExecutor(1) as executor:
        reader = PartReader(path, executor)
        try:
            if reader.is_rntuple or not reader.described:
                return None
            digest = hashlib.sha256()
            for name, text in sorted(reader.texts().items()):
                if name not in OF_THE_WRITER:
                    digest.update(f"{name}={text}\0".encode())
            columns = _commit_columns(reader, executor)
            if columns is None:
                return None
            for name, values in columns.items():
                digest.update(name.encode() + values.astype("<u8").tobytes())
            return digest.hexdigest()
        finally:
            reader.close()


def _commit_columns(reader: PartReader, executor: Any) -> dict[str, NDArray[Any]] | None:
    """Read the checksums of a file's batches; None where there are none that can be read so."""
    if COMMITS not in reader.tree_names:
        return None
    tree = reader.tree(COMMITS)
    try:
        names = sorted(tree.branch_names)
    except OtherVersionError:
        return None
    dtypes = {name: "u8" if name.endswith("_checksum") else "i8" for name in names}
    if not tree.entries:
        return {name: np.zeros(0, dtype=dtype) for name, dtype in dtypes.items()}
    works = {
        name: tree.plan(name, "value", dtype, 0, 0, tree.entries) for name, dtype in dtypes.items()
    }
    reader.guard(lambda: run(list(works.values()), executor), "the commits")
    return {name: work.finish()[0] for name, work in works.items()}


def _whole(path: Path) -> str:
    digest = xxhash.xxh3_128()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
    except OSError as problem:
        raise EventFileError(
            f"the file cannot be read: {problem.strerror}", where=str(path)
        ) from problem
    return digest.hexdigest()


def batch_digests(path: str | Path | Iterable[str | Path]) -> list[tuple[int, str]]:
    """Give the number of events and a hash of each batch, in the order they were written.

    Of files that are still being written, too: the batches that are complete. What was there
    before stays the beginning of what comes later, unless the events were replaced.

    Raises
    ------
    EventFileError
        There is no event file, one cannot be read, or one has no checksums.
    """
    found: list[tuple[int, str]] = []
    for part in find_parts(path):
        with ThreadPoolExecutor(1) as executor:
            reader = PartReader(part, executor)
            try:
                columns = None if reader.is_rntuple else _commit_columns(reader, executor)
            finally:
                reader.close()
        if columns is None:
            raise EventFileError("the file has no checksums of its batches", where=str(part))
        rows = columns["events_rows"].tolist()
        for number, count in enumerate(rows):
            values = b"".join(one[number].tobytes() for one in columns.values())
            found.append((int(count), xxhash.xxh3_128_hexdigest(values)))
    return found
