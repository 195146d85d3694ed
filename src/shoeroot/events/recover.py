"""`recover`: complete parts out of what killed writers left in a folder of events."""

from __future__ import annotations

import shutil
from pathlib import Path

from shoeroot.errors import EventFileError
from shoeroot.events.commits import COMMITS
from shoeroot.events.file_bytes import FileBytes
from shoeroot.events.salvage import Salvaged, salvage
from shoeroot.events.scan import find_baskets

__all__ = ["recover"]


def recover(folder: str | Path) -> list[Salvaged]:
    """Complete the unfinished parts of a folder of events, to which nobody writes now.

    Each ``part-*.root.part`` becomes a part with all events that had been committed, and is
    removed; one without any is removed alone. Being killed meanwhile does no harm: call it again.

    Parameters
    ----------
    folder : path
        The folder with the parts.

    Returns
    -------
    list of Salvaged
        The parts that were completed.

    Raises
    ------
    EventFileError
        A part has committed events and cannot be completed: the disk is full, the folder must
        not be written, or the file is damaged. Nothing is removed then.
    """
    folder = Path(folder)
    if not folder.is_dir():
        return []
    try:
        # What an earlier call, or a removal of events, was working on when it was killed.
        for stale in folder.glob(".part-*.root.*"):
            shutil.rmtree(stale)
        recovered = [_recover_part(part) for part in sorted(folder.glob("part-*.root.part"))]
    except OSError as problem:
        raise EventFileError(
            f"unfinished parts cannot be completed: {problem.strerror or problem}",
            where=str(problem.filename or folder),
            hint="nothing was lost; make room, or get the right to write",
        ) from problem
    return [made for made in recovered if made is not None]


def _recover_part(unfinished: Path) -> Salvaged | None:
    made = None
    # A complete part of this name came of it: the last call was killed before it removed it.
    if not unfinished.with_suffix("").exists() and _has_commits(unfinished):
        made = salvage(unfinished)
    unfinished.unlink()
    return made


def _has_commits(path: Path) -> bool:
    if path.stat().st_size == 0:
        return False
    file = FileBytes(path)
    try:
        return any(tree == COMMITS for tree, _ in find_baskets(file))
    finally:
        file.close()
