"""Remove what killed writers left behind, and nothing that somebody may still be writing."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from pathlib import Path

__all__ = ["remove_abandoned"]

#: Who writes touches the file, or one of the folder, more often than this [s].
ABANDONED = 3600.0


def remove_abandoned(folder: Path, pattern: str) -> None:
    """Remove temporary files and folders that have not been written to for an hour.

    Parameters
    ----------
    folder : path
    pattern : str
        Of their names, such as ``".block*.part"``.
    """
    before = time.time() - ABANDONED
    for path in folder.glob(pattern):
        with suppress(OSError):
            if max(one.stat().st_mtime for one in (path, *path.rglob("*"))) < before:
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
