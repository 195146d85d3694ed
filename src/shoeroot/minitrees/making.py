"""`minitree_frame`: the mini-tree of one TreeMaker and one dataset, made where it must be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import TreeMakerError
from shoeroot.events import open_events
from shoeroot.minitrees.registry import find_treemaker
from shoeroot.minitrees.store import (
    Lineage,
    lineage_of,
    minitree_path,
    read_minitree,
    write_minitree,
)
from shoeroot.minitrees.treemaker import ColumnInfo, Columns, TreeMaker, extract_columns

__all__ = ["MiniTree", "Remake", "minitree_frame"]

Remake = Literal["needed", "never", "stale"]


@dataclass(frozen=True, slots=True)
class MiniTree:
    """What a TreeMaker made of a dataset.

    Attributes
    ----------
    name : str
        Name of the TreeMaker.
    columns : dict of str to array
        ``event_id`` (int64) first, in the order of the events; each of the same length. Numbers
        and flags are numpy arrays, texts are object arrays of str.
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
        return len(self.columns["event_id"])


def minitree_frame(
    dataset: str | Path,
    treemaker: str | type[TreeMaker],
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
        Only these events, by `event_id`; by default all.
    force : bool
        Make it anew even where it is current.
    remake : str
        "needed" makes a mini-tree that is missing or not current; "never" raises an error
        that says why it is not current; "stale" takes what there is, with a warning where it is
        not current, also of a dataset whose events are gone.

    Raises
    ------
    EventFileError
        The dataset is missing or unreadable.
    TreeMakerError
        The TreeMaker is unknown or failed, or `remake` forbids to make the mini-tree.
    """
    maker = find_treemaker(treemaker)
    with open_events(dataset) as events:
        chosen = events
        if event_list is not None:
            chosen = events.select(np.isin(events.event_id, np.asarray(event_list)))
        lineage = lineage_of(maker, events)
        path = minitree_path(Path(folders[0]), maker)
        frame = None if force or event_list is not None else read_minitree(path, lineage)
        if frame is None and remake == "never":
            raise TreeMakerError("the mini-tree is not current", where=str(path))
        if frame is not None:
            columns = {name: frame[name].to_numpy() for name in frame}
        else:
            columns = _made(maker(), chosen)
            if event_list is None:
                write_minitree(path, columns, maker, lineage)
    info = {"event_id": ColumnInfo("", "Number of the event"), **maker.column_info()}
    known = {name: info.get(name, ColumnInfo("", "")) for name in columns}
    return MiniTree(maker.__name__, columns, known, lineage, "one", path)


def _made(treemaker: TreeMaker, events: Any) -> Columns:
    pieces: list[Columns] = []
    for chunk in events.chunks():
        piece = extract_columns(treemaker, chunk)
        pieces.append({"event_id": chunk.event_id, **piece})
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
