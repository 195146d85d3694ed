"""One process at a time makes a mini-tree; the others wait and then find it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from shoeroot.minitrees.store import cannot_write

__all__ = ["LOGGER", "locked"]

LOGGER = logging.getLogger("shoeroot.minitrees")

#: After this time of waiting it is said for whom [s].
PATIENCE = 5.0


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a mini-tree, a file in the hidden folder ``.locks``.

    Raises
    ------
    TreeMakerError
        Its folder cannot be made or written to.
    """
    try:
        folder = path.parent.parent / ".locks"
        for needed in (path.parent, folder):
            needed.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f"{path.stem}.lock")
        try:
            lock.acquire(timeout=PATIENCE)
        except Timeout:
            LOGGER.warning("waiting for another process that makes %s", path)
            lock.acquire()
    except NotImplementedError:
        # A file system without locks: writes are atomic, at worst work is done twice.
        yield
        return
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        yield
    finally:
        lock.release()
