"""`minitree_frame`: the mini-tree of one TreeMaker and one dataset, made where it must be."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ConfigError, EventFileError, TreeMakerError, nearest
from shoeroot.events import Events, open_events
from shoeroot.minitrees.chunk import DependencyColumns, EventChunk, MinitreesOfChunk, event_ids
from shoeroot.minitrees.dataset import Dataset
from shoeroot.minitrees.extraction import KEY, check_branches, extract_piece
from shoeroot.minitrees.finding import Found, Why, find_current, find_stale
from shoeroot.minitrees.lineage import Lineage, dependencies_of, event_list_id, lineage_of
from shoeroot.minitrees.locking import LOGGER, locked
from shoeroot.minitrees.pieces import Pieces, counts_of
from shoeroot.minitrees.registry import TreeMakerWarning, as_treemaker
from shoeroot.minitrees.store import (
    Header,
    check_names,
    metadata_of,
    minitree_path,
    readable,
    write_minitree,
)
from shoeroot.minitrees.treemaker import ColumnInfo, TreeMaker, fresh
from shoeroot.minitrees.unfinished import Unfinished

__all__ = ["MiniTree", "Remake", "bounds", "dependency_columns", "minitree_frame", "write_pieces"]

Remake = Literal["needed", "never", "stale"]

#: Mini-trees of some events that are kept of a TreeMaker and a dataset.
KEPT_EVENT_LISTS = 8
KEY_INFO = ColumnInfo("", "Number of the event")


@dataclass(frozen=True, slots=True)
class MiniTree:
    """What a TreeMaker made of a dataset.

    Attributes
    ----------
    name : str
        Name of the TreeMaker.
    columns : dict of str to array
        ``event_id`` (int64) first, in the order of the events; each of the same length. Numbers
        and flags are numpy arrays, texts are object arrays of str. Those read from a file that
        have the same type are rows of one array.
    info : dict of str to ColumnInfo
        Unit and description of each column.
    lineage : Lineage
        What it was made from.
    rows_per_event : str
        "one": a row for each event, in the order of the events; "many": any number of rows.
    path : Path or None
        The file; None where it is not kept.
    metadata : dict
        What else is in the file: version, documentation, creator, time, extra metadata.
    """

    name: str
    columns: dict[str, NDArray[Any]]
    info: dict[str, ColumnInfo]
    lineage: Lineage
    rows_per_event: Literal["one", "many"]
    path: Path | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.columns[KEY])

    def __repr__(self) -> str:
        names = ", ".join(self.columns)
        return f"<mini-tree of {self.name}: {len(self)} rows, columns {names}>"


def minitree_frame(
    dataset: str | Path,
    treemaker: str | type[TreeMaker] | TreeMaker,
    *,
    folders: Sequence[str | Path],
    event_list: Sequence[int] | NDArray[np.int64] | None = None,
    force: bool = False,
    remake: Remake = "needed",
) -> MiniTree:
    """Give the mini-tree of a TreeMaker and a dataset; make it where it is missing or not current.

    Parameters
    ----------
    dataset : path
        A campaign folder or an event file.
    treemaker : name, class or TreeMaker with options
        Which.
    folders : sequence of paths
        Folders of mini-trees of this dataset, searched in this order; each holds
        ``<TreeMaker>/<TreeMaker>.root``. New ones are made in the first.
    event_list : sequence of int, optional
        Only these events, by `event_id`; by default all. Ids that the dataset does not have
        are passed over.
    force : bool
        Make it anew even where it is current.
    remake : str
        "needed" makes a mini-tree that is missing or not current; "never" raises an error
        that says why it is not current; "stale" takes what there is, with a warning where it is
        not current, also of a dataset whose events are gone.

    Raises
    ------
    ConfigError
        There is no such `remake`.
    EventFileError
        The dataset is missing or unreadable.
    TreeMakerError
        The TreeMaker is unknown or failed, or `remake` forbids to make the mini-tree.
    """
    _check_remake(remake)
    maker = as_treemaker(treemaker)
    ids = None if event_list is None else np.unique(np.asarray(event_list, dtype=np.int64))
    opened = _opened(dataset, maker, folders, ids, remake)
    if isinstance(opened, MiniTree):
        return opened
    reasons: list[Why] = []
    if not force:
        found, reasons = find_current(opened, maker, folders, ids)
        if found is not None:
            return _minitree(maker, found)
    if remake != "needed":
        return _not_made(opened, maker, folders, ids, remake, reasons)
    for reason in reasons:
        if reason.damaged:
            warnings.warn(
                f"the mini-tree {reason.path} is made again: {reason.reason}",
                TreeMakerWarning,
                stacklevel=2,
            )
    if maker.never_store:
        return _made(opened, maker, folders, ids, None)
    path = minitree_path(folders[0], maker, event_list_id(ids))
    with locked(path):
        if not force:
            # Another process may have made it while this one waited.
            found, _ = find_current(opened, maker, folders, ids)
            if found is not None:
                return _minitree(maker, found)
        return _made(opened, maker, folders, ids, path)


def _check_remake(remake: str) -> None:
    known = get_args(Remake)
    if remake not in known:
        raise ConfigError(f"there is no remake={remake!r}", hint=nearest(str(remake), known))


def _opened(
    dataset: str | Path,
    maker: TreeMaker,
    folders: Sequence[str | Path],
    ids: NDArray[np.int64] | None,
    remake: Remake,
) -> Dataset | MiniTree:
    """Look at the event files; where they are gone, say which mini-tree is left."""
    if not folders:
        raise TreeMakerError("there is no folder for mini-trees", hint="give one")
    try:
        return Dataset(dataset)
    except EventFileError as problem:
        left = find_stale(maker, folders, ids)
        if left is None:
            raise
        if remake == "stale":
            _warn_stale(maker, left.path, "the events are gone")
            return _minitree(maker, left)
        raise EventFileError(
            problem.problem,
            where=problem.where,
            hint=f"its mini-tree is still there, {left.path}: remake='stale' loads it as it is",
        ) from problem


def _not_made(
    dataset: Dataset,
    maker: TreeMaker,
    folders: Sequence[str | Path],
    ids: NDArray[np.int64] | None,
    remake: Remake,
    reasons: list[Why],
) -> MiniTree:
    """Take what there is, or say why nothing is made."""
    why = reasons[0].reason if reasons else "it was not made yet"
    path = reasons[0].path if reasons else minitree_path(folders[0], maker, event_list_id(ids))
    left = find_stale(maker, folders, ids) if remake == "stale" else None
    if left is not None:
        _warn_stale(maker, left.path, why)
        return _minitree(maker, left)
    raise TreeMakerError(
        f"the mini-tree of {maker.name} for {dataset.name} is not current: {why}",
        where=str(path),
        hint="remake='needed' makes it",
    )


def _warn_stale(maker: TreeMaker, path: Path, why: str) -> None:
    warnings.warn(
        f"{maker.name} is not current and loaded as it is: {why} ({path})",
        TreeMakerWarning,
        stacklevel=4,
    )


def _minitree(maker: TreeMaker, found: Found) -> MiniTree:
    header = found.header
    # Branches may come in another order than the columns were given.
    columns = {name: found.columns[name] for name in header.columns}
    return MiniTree(
        maker.name,
        columns,
        dict(header.columns),
        header.lineage,
        "many" if header.rows_per_event == "many" else "one",
        found.path,
        dict(header.metadata),
    )


def _made(
    dataset: Dataset,
    maker: TreeMaker,
    folders: Sequence[str | Path],
    ids: NDArray[np.int64] | None,
    path: Path | None,
) -> MiniTree:
    lineage = lineage_of(maker, dataset.content_id, event_list_id(ids))
    pieces = Pieces(fresh(maker), dataset.name)
    unfinished = None if path is None else Unfinished(path, lineage)
    with open_events(dataset.path) as events:
        check_branches(maker, events, dataset.name)
        chosen = events if ids is None else events.select(np.isin(event_ids(events), ids))
        made = {
            name: minitree_frame(dataset.path, one, folders=folders, event_list=ids)
            for name, one in dependencies_of(maker).items()
        }
        handed = dependency_columns(made, event_ids(chosen)) if made else {}
        minitrees = MinitreesOfChunk(handed, maker.name)
        if unfinished is not None:
            unfinished.restore(pieces)
        run(pieces, chosen, minitrees, unfinished)
    if dataset.has_changed():
        raise TreeMakerError(
            "the events were changed while a TreeMaker was at work on them",
            where=f"dataset {dataset.name}, TreeMaker {maker.name}",
            hint="try again when they are complete",
        )
    minitree = write_pieces(pieces, dataset, lineage, path, event_list=ids)
    if unfinished is not None:
        unfinished.remove()
    return minitree


def run(
    pieces: Pieces, events: Events, minitrees: MinitreesOfChunk, unfinished: Unfinished | None
) -> None:
    """Run the TreeMaker on the events that are not done yet, chunk by chunk.

    Raises
    ------
    TreeMakerError
        It failed; the chunks before are kept.
    """
    maker = pieces.maker
    if len(events) == 0:
        # For the types of the columns; many TreeMakers cannot, and need not, deal with nothing.
        with suppress(TreeMakerError):
            pieces.add(extract_piece(maker, EventChunk(events, minitrees), 0, pieces.dataset))
        return
    try:
        for start, stop in bounds(events, maker.chunk_events, pieces.events):
            chunk = EventChunk(events[start:stop], minitrees.of(slice(start, stop)))
            pieces.add(extract_piece(maker, chunk, start, pieces.dataset))
            if unfinished is not None:
                unfinished.save_now_and_then(pieces)
    except BaseException:
        if unfinished is not None and pieces.done:
            unfinished.save(pieces)
        raise


def bounds(events: Events, size: int, first: int = 0) -> Iterator[tuple[int, int]]:
    """Cut events from `first` on into ranges of about `size`, where they were written together."""
    start = first
    stop = 0
    for chunk in events.chunks():
        after = stop + len(chunk)
        if after > start and after - start > size and stop > start:
            yield start, stop
            start = stop
        stop = after
        while stop - start >= size:
            # One batch of the writer that is larger than a chunk may be.
            yield start, start + size
            start += size
    if stop > start:
        yield start, stop


def dependency_columns(
    made: Mapping[str, MiniTree], ids: NDArray[np.int64]
) -> dict[str, DependencyColumns]:
    """Give the columns of mini-trees by event, for the events with these ids.

    Raises
    ------
    TreeMakerError
        A mini-tree has not the rows of these events.
    """
    return {
        name: DependencyColumns(name, one.columns, _offsets(one, ids), slice(0, len(ids)))
        for name, one in made.items()
    }


def _offsets(made: MiniTree, ids: NDArray[np.int64]) -> NDArray[np.int64] | None:
    rows = made.columns[KEY]
    if made.rows_per_event == "one":
        if not np.array_equal(rows, ids):
            raise TreeMakerError(
                f"the mini-tree of {made.name} has other events than the dataset",
                where=str(made.path),
                hint="make it anew: force_reload=True",
            )
        return None
    order = np.argsort(ids, kind="stable")
    places = order[np.searchsorted(ids[order], rows)]
    offsets = np.zeros(len(ids) + 1, dtype=np.int64)
    np.cumsum(np.bincount(places, minlength=len(ids)), out=offsets[1:])
    return offsets


def write_pieces(
    pieces: Pieces,
    dataset: Dataset,
    lineage: Lineage,
    path: Path | None,
    *,
    event_list: NDArray[np.int64] | None = None,
) -> MiniTree:
    """Put pieces together and keep them as a mini-tree, if there is a path for it."""
    maker = pieces.maker
    declared = maker.columns_made()
    columns = pieces.joined() or {KEY: np.zeros(0, dtype=np.int64)}
    if not pieces.done:
        columns |= {name: np.zeros(0) for name in declared if name != KEY}
    check_names(maker.name, columns)
    info = {name: declared.get(name, ColumnInfo("", "")) for name in columns}
    info[KEY] = KEY_INFO
    metadata = metadata_of(maker)
    metadata["events"] = int(counts_of(pieces.done).size) if pieces.done else 0
    if event_list is not None:
        metadata["event_list"] = event_list.tolist()
    header = Header(
        lineage, info, maker.rows_per_event, dataset.stamps, dataset.stamped_at, metadata
    )
    if path is not None:
        write_minitree(path, columns, header)
        LOGGER.info("made mini-tree %s of dataset %s: %s", maker.name, dataset.name, path)
        if event_list is not None:
            _forget_old_lists(path)
    return (
        _minitree(maker, Found(path or Path(), header, readable(columns)))
        if path
        else MiniTree(
            maker.name,
            readable(columns),
            info,
            lineage,
            "many" if maker.rows_per_event == "many" else "one",
            None,
            metadata,
        )
    )


def _forget_old_lists(path: Path) -> None:
    """Remove the oldest mini-trees of some events: each preselection may make another."""
    kept = sorted(path.parent.glob("*events-*.root"), key=lambda one: one.stat().st_mtime)
    for old in kept[:-KEPT_EVENT_LISTS]:
        old.unlink(missing_ok=True)
