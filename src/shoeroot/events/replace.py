"""A file that appears under its name only when it is complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shoeroot.errors import EventFileError

__all__ = ["replaced"]


@contextmanager
def replaced(target: Path) -> Iterator[Path]:
    """Give a temporary path beside `target`, which gets its name when the block ends well.

    Raises
    ------
    EventFileError
        If `target` exists, before or meanwhile, or cannot be made. On any error the temporary
        file is removed.
    """
    if target.exists():
        raise EventFileError("the file exists already", where=str(target), hint="give another name")
    if not target.parent.is_dir():
        raise EventFileError("there is no such folder", where=str(target.parent))
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield unfinished
        if target.exists():
            raise EventFileError("another process made the file meanwhile", where=str(target))
        unfinished.rename(target)
    except OSError as problem:
        raise EventFileError(
            f"the file cannot be written: {problem.strerror or problem}", where=str(target)
        ) from problem
    finally:
        unfinished.unlink(missing_ok=True)
