"""Mini-trees of many datasets, made one after another; one that fails does not stop the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from shoeroot.errors import EventFileError, ShoerootError
from shoeroot.minitrees.basics import basics_of
from shoeroot.minitrees.finding import why
from shoeroot.minitrees.making import minitree_frame
from shoeroot.minitrees.places import Folders, Place, find_places
from shoeroot.minitrees.wanted import Wanted, named_makers

__all__ = ["MadeMiniTree", "make_minitrees", "watch_minitrees"]


Outcome = Literal["made", "current", "failed"]


@dataclass(frozen=True, slots=True)
class MadeMiniTree:
    """What became of a mini-tree.

    Attributes
    ----------
    dataset, treemaker : str
    outcome : str
        "made", "current" (there was nothing to do) or "failed".
    rows : int
    reason : str
        Why it was made, or why it failed.
    path : str
        Its file.
    where, hint : str
        Of a failure: dataset, event and line of code; what to do.
    """

    dataset: str
    treemaker: str
    outcome: Outcome
    rows: int = 0
    reason: str = ""
    path: str = ""
    where: str = ""
    hint: str = ""


def make_minitrees(
    datasets: Any,
    treemakers: Wanted | Sequence[Wanted] | None = None,
    *,
    force_reload: bool = False,
    num_workers: int = 1,
    minitree_folder: Folders = None,
) -> list[MadeMiniTree]:
    """Make the mini-trees of datasets that are missing or not current.

    Parameters
    ----------
    datasets, treemakers, force_reload, minitree_folder
        As `load` takes them; without TreeMakers each dataset has the basics of its own kind.
    num_workers : int
        Datasets at once, each in a thread.

    Returns
    -------
    list of MadeMiniTree
        By dataset and TreeMaker; those that failed say why.

    Raises
    ------
    EventFileError
        A dataset is missing.
    TreeMakerError
        A TreeMaker is unknown.
    """
    makers = None if treemakers is None else named_makers(treemakers)

    def work(place: Place) -> list[MadeMiniTree]:
        wanted = named_makers(basics_of(place)) if makers is None else makers
        return [_made(place, name, maker, force_reload) for name, maker in wanted]

    with ThreadPoolExecutor(max(1, num_workers)) as pool:
        done = list(pool.map(work, find_places(datasets, minitree_folder)))
    return [one for each in done for one in each]


def watch_minitrees(
    datasets: Any,
    treemakers: Wanted | Sequence[Wanted] | None = None,
    *,
    interval: float = 60.0,
    rounds: int | None = None,
    sleep: Callable[[float], None] = time.sleep,
    **options: Any,
) -> Iterator[list[MadeMiniTree]]:
    """Make mini-trees again and again, as datasets come and change.

    Parameters
    ----------
    datasets
        Patterns are looked up again each time; it may be that there is nothing yet.
    interval : float
        From one round to the next [s].
    rounds : int, optional
        How many; by default without end.
    sleep : callable
        Waits.
    **options
        Of `make_minitrees`.

    Yields
    ------
    list of MadeMiniTree
        What was not current in a round; a failure is told once.
    """
    if treemakers is not None:
        named_makers(treemakers)
    told: set[MadeMiniTree] = set()
    number = 0
    while rounds is None or number < rounds:
        if number:
            sleep(interval)
        number += 1
        try:
            done = make_minitrees(datasets, treemakers, **options)
        except EventFileError:
            done = []
        news = [one for one in done if one.outcome != "current" and one not in told]
        told = {one for one in done if one.outcome == "failed"}
        yield news


def _made(place: Place, name: str, maker: Any, force: bool) -> MadeMiniTree:
    try:
        found = why(maker, place.path, place.folders)
        before = _state(found.path)
        made = minitree_frame(place.path, maker, folders=place.folders, force=force)
    except ShoerootError as problem:
        return MadeMiniTree(
            place.name,
            name,
            "failed",
            reason=problem.problem,
            where=problem.where,
            hint=problem.hint,
        )
    reason = found.reason
    if found.current and _state(found.path) != before:
        reason = "it was to be made anew" if force else "it was damaged"
    outcome: Outcome = "made" if reason else "current"
    return MadeMiniTree(place.name, name, outcome, len(made), reason, str(made.path or ""))


def _state(path: Path) -> tuple[int, int] | None:
    with suppress(OSError):
        found = path.stat()
        return found.st_ino, found.st_mtime_ns
    return None
