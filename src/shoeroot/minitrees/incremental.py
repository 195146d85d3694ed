"""`IncrementalMaker`: mini-trees of a campaign that are made while its events arrive."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import EventFileError, ShoerootError, TreeMakerError
from shoeroot.events import Events, batch_digests, open_events
from shoeroot.minitrees.chunk import EventChunk, MinitreesOfChunk, event_ids
from shoeroot.minitrees.dataset import Dataset
from shoeroot.minitrees.extraction import check_branches, extract_piece
from shoeroot.minitrees.finding import find_current, own_folder
from shoeroot.minitrees.lineage import dependencies_of, lineage_of
from shoeroot.minitrees.locking import locked
from shoeroot.minitrees.making import (
    MiniTree,
    bounds,
    dependency_columns,
    minitree_frame,
    write_pieces,
)
from shoeroot.minitrees.pieces import Pieces
from shoeroot.minitrees.registry import TreeMakerWarning, as_treemaker
from shoeroot.minitrees.store import minitree_path
from shoeroot.minitrees.treemaker import TreeMaker, fresh

__all__ = ["IncrementalMaker"]


class IncrementalMaker:
    """Makes mini-trees of a dataset while its events are being written.

    Call `update` now and then, and `finish` when all events are written: then only the last few
    are left to do. A TreeMaker that fails does not stop the others, nor the campaign: it is left
    out, with a warning, and its error is in `failures`.

    Parameters
    ----------
    dataset : path
        The campaign folder; its folder ``events`` may be empty still.
    treemakers : sequence of names, classes or TreeMakers
        What they depend on is made too.
    folders : sequence of paths, optional
        Folders of mini-trees of this dataset, as for `minitree_frame`; by default its own.

    Raises
    ------
    TreeMakerError
        A TreeMaker is unknown, or two have the same name.

    Examples
    --------
    >>> maker = IncrementalMaker("batch_00023", ["Basics", "Loads"])  # doctest: +SKIP
    >>> maker.update(), maker.finish()  # doctest: +SKIP
    """

    def __init__(
        self,
        dataset: str | Path,
        treemakers: Iterable[str | type[TreeMaker] | TreeMaker],
        *,
        folders: Sequence[str | Path] | None = None,
    ) -> None:
        self.dataset = Path(dataset)
        self.failures: dict[str, TreeMakerError] = {}
        self._folders = folders
        self._makers = _in_order([as_treemaker(one) for one in treemakers])
        self._state = ""
        self._start()

    def _start(self) -> None:
        self._pieces = {
            name: Pieces(fresh(maker), self.dataset.name)
            for name, maker in self._makers.items()
            if name not in self.failures
        }
        self._done = 0
        self._seen: list[tuple[int, str]] = []

    @property
    def events_done(self) -> int:
        """Number of events that the TreeMakers have seen."""
        return self._done

    def update(self) -> int:
        """Let the TreeMakers work on the events that were written since the last time.

        Returns
        -------
        int
            Number of events that were new.
        """
        paths = self._files()
        state = str([(str(path), path.stat().st_size) for path in paths if path.exists()])
        if not paths or state == self._state:
            return 0
        before = self._done
        try:
            batches = batch_digests(paths)
            if batches[: len(self._seen)] != self._seen:
                self._start()  # other events: what was made of those before counts no more
            written = sum(count for count, _ in batches)
            with open_events(paths) as events:
                # The writer may have gone on: what it wrote since is left to the next time.
                self._work(events[: min(written, len(events))])
            self._seen = batches
        except EventFileError:
            # A file between two states of its writer: the next time it will be whole.
            return max(self._done - before, 0)
        self._state = state
        return max(self._done - before, 0)

    def _files(self) -> list[Path]:
        """List the complete parts in their order, and the one that is being written."""
        folder = self.dataset / "events" if (self.dataset / "events").is_dir() else self.dataset
        if folder.is_file():
            return [folder]
        parts = [*folder.glob("part-*.root"), *folder.glob("part-*.root.part")]
        names = {path: path.name.removesuffix(".part") for path in parts}
        return sorted(parts, key=lambda path: (len(names[path]), names[path]))

    def _work(self, events: Events) -> None:
        if len(events) <= self._done:
            return
        if self._done == 0:
            for name, pieces in list(self._pieces.items()):
                self._try(name, partial(check_branches, pieces.maker, events, self.dataset.name))
        size = min((one.maker.chunk_events for one in self._pieces.values()), default=1000)
        for start, stop in bounds(events, size, self._done):
            self._chunk(events[start:stop], start)
            self._done = stop

    def _chunk(self, events: Events, start: int) -> None:
        """Let all TreeMakers work on a chunk, one after the other, so that it is read once."""
        ids = event_ids(events, start)
        for name, pieces in list(self._pieces.items()):
            self._try(name, partial(self._piece, pieces, events, start, ids))

    def _piece(self, pieces: Pieces, events: Events, start: int, ids: NDArray[np.int64]) -> None:
        maker = pieces.maker
        made = {}
        for name in dependencies_of(maker):
            if name not in self._pieces:
                raise TreeMakerError(f"TreeMaker {maker.name} depends on {name}, which failed")
            last = self._pieces[name].done[-1]
            many: Literal["one", "many"] = "many" if last.counts is not None else "one"
            lineage = lineage_of(self._makers[name], "")
            made[name] = MiniTree(name, last.columns, {}, lineage, many)
        handed = dependency_columns(made, ids) if made else {}
        chunk = EventChunk(events, MinitreesOfChunk(handed, maker.name))
        pieces.add(extract_piece(maker, chunk, start, pieces.dataset))

    def _try(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except ShoerootError as problem:
            failure = (
                problem if isinstance(problem, TreeMakerError) else TreeMakerError(str(problem))
            )
            self.failures[name] = failure
            del self._pieces[name]
            warnings.warn(
                f"the mini-tree {name} is not made along: {problem}", TreeMakerWarning, stacklevel=5
            )

    def finish(self) -> dict[str, MiniTree]:
        """Do what is left, and write the mini-trees.

        What was made along counts only if the events are those that it was made of; otherwise
        it is made again from the files.

        Returns
        -------
        dict of str to MiniTree
            By the TreeMaker's name; without those in `failures`.

        Raises
        ------
        EventFileError
            There are no events, or they cannot be read.
        TreeMakerError
            A mini-tree cannot be written.
        """
        self.update()
        dataset = Dataset(self.dataset)
        folders = [own_folder(self.dataset)] if self._folders is None else list(self._folders)
        whole = self._is_whole(dataset)
        made: dict[str, MiniTree] = {}
        for name, pieces in self._pieces.items():
            maker = pieces.maker
            if not whole or (not pieces.done and not maker.never_store):
                made[name] = minitree_frame(self.dataset, maker, folders=folders)
                continue
            path = None if maker.never_store else minitree_path(folders[0], maker)
            lineage = lineage_of(maker, dataset.content_id)
            if path is None:
                made[name] = write_pieces(pieces, dataset, lineage, None)
                continue
            with locked(path):
                found, _ = find_current(dataset, maker, folders, read=False)
                if found is None:
                    made[name] = write_pieces(pieces, dataset, lineage, path)
            if name not in made:
                made[name] = minitree_frame(self.dataset, maker, folders=folders)
        return made

    def _is_whole(self, dataset: Dataset) -> bool:
        """Say whether the events that were seen are exactly those of the dataset."""
        if dataset.has_changed():
            return False
        try:
            return batch_digests(self.dataset) == self._seen
        except EventFileError:
            return False

    def __repr__(self) -> str:
        names = ", ".join(self._pieces)
        return f"<mini-trees {names} of {self.dataset.name}: {self._done} events done>"


def _in_order(makers: list[TreeMaker]) -> dict[str, TreeMaker]:
    """Put TreeMakers behind what they depend on."""
    ordered: dict[str, TreeMaker] = {}

    def add(maker: TreeMaker) -> None:
        for dependency in dependencies_of(maker).values():
            add(dependency)
        known = ordered.setdefault(maker.name, maker)
        if (type(known), known.changed_options) != (type(maker), maker.changed_options):
            raise TreeMakerError(
                f"two TreeMakers are called {maker.name!r}",
                where=f"{known!r} and {maker!r}",
                hint="make them one after the other",
            )

    for maker in makers:
        add(maker)
    return ordered
