"""`FileBytes`: checked reads of ranges of one file, from any thread."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from shoeroot.errors import EventFileError

__all__ = ["FileBytes"]

HEAD = 8192
"""Bytes at the beginning that are read at once: lists of keys and texts are mostly there."""


class FileBytes:
    """A file that is read in ranges; no range outside it is ever allocated.

    Reads carry their place with them, so threads do not disturb each other. `close` waits for
    no one: the last read that is under way closes the file.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    EventFileError
        If it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            self.size = os.fstat(self._descriptor).st_size
        except OSError as problem:
            raise EventFileError(
                f"the file cannot be opened: {problem.strerror}", where=str(path)
            ) from problem
        self._head: bytearray | None = None
        self._lock = threading.Lock()
        self._users = 1

    def read(self, start: int, length: int) -> bytearray:
        """Read `length` bytes from `start`.

        Raises
        ------
        ValueError
            If the file does not have them, or is closed.
        """
        self._check(start, length)
        if start + length <= HEAD:
            if self._head is None:
                self._head = bytearray(min(HEAD, self.size))
                self._fill(0, memoryview(self._head))
            return self._head[start : start + length]
        content = bytearray(length)
        self._fill(start, memoryview(content))
        return content

    def read_into(self, start: int, target: memoryview) -> None:
        """Fill `target` with the bytes from `start`; errors as in `read`."""
        self._check(start, len(target))
        self._fill(start, target)

    def _check(self, start: int, length: int) -> None:
        if start < 0 or length < 0 or start + length > self.size:
            raise ValueError(f"bytes {start} to {start + length} of {self.size} are asked for")

    def _fill(self, start: int, target: memoryview) -> None:
        with self._lock:
            if self._users == 0:
                raise ValueError("the file is closed")
            self._users += 1
        try:
            done = 0
            while done < len(target):
                count = os.preadv(self._descriptor, [target[done:]], start + done)
                if count == 0:
                    raise ValueError("the file was cut short while it was read")
                done += count
        finally:
            self._leave()

    def _leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                os.close(self._descriptor)

    def close(self) -> None:
        """Close the file once; a read that is under way still ends well."""
        with self._lock:
            closed, self._closed = self._closed, True
        if not closed:
            self._leave()

    _closed = False
