"""Find the mini-tree of a TreeMaker in its folders, and say why one is not current."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import EventFileError
from shoeroot.minitrees.dataset import Dataset
from shoeroot.minitrees.extraction import KEY
from shoeroot.minitrees.lineage import event_list_id, lineage_of
from shoeroot.minitrees.registry import as_treemaker
from shoeroot.minitrees.store import Header, OtherFormatError, minitree_path, read_stored
from shoeroot.minitrees.treemaker import TreeMaker

__all__ = ["Found", "Why", "find_current", "find_stale", "own_folder", "why"]

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Found:
    """A mini-tree that was found.

    Attributes
    ----------
    path : Path
        The file.
    header : Header
        What it says of itself.
    columns : dict of str to array
        All columns; of the events that are wanted.
    """

    path: Path
    header: Header
    columns: Columns


@dataclass(frozen=True, slots=True)
class Why:
    """Whether a mini-tree is current, and the first thing that differs where it is not.

    The columns are not read for it: damage within them shows when they are loaded.

    Attributes
    ----------
    treemaker, dataset : str
        Names.
    current : bool
        Whether it would be loaded as it is.
    reason : str
        The first thing that differs; "" where it is current.
    path : Path
        The file; where it would be made if there is none.
    damaged : bool
        Whether a file is there but cannot be read.
    metadata : dict
        What the file says: version, creator, time; empty where there is none.
    """

    treemaker: str
    dataset: str
    current: bool
    reason: str
    path: Path
    damaged: bool = False
    metadata: Any = None

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        subject = f"{self.treemaker} of {self.dataset}"
        if not self.current:
            return f"{subject} is not current: {self.reason}\n  {self.path}"
        told = self.metadata or {}
        made = f"made {told.get('time', '')} by {told.get('creator', '')}"
        return f"{subject} is current: {made}, version {told.get('version', '')}\n  {self.path}"


def find_current(
    dataset: Dataset,
    maker: TreeMaker,
    folders: Sequence[str | Path],
    event_list: NDArray[np.int64] | None = None,
    *,
    read: bool = True,
) -> tuple[Found | None, list[Why]]:
    """Find a current mini-tree in the folders, in their order.

    Parameters
    ----------
    dataset : Dataset
        The events.
    maker : TreeMaker
        With its options.
    folders : sequence of paths
        Where mini-trees of the dataset are.
    event_list : array, optional
        Only these events: of a mini-tree of all events, their rows are taken.
    read : bool
        Whether the columns are read too, and found to be whole; otherwise it is seen that the
        file has room for them.

    Returns
    -------
    tuple of (Found or None, list of Why)
        The mini-tree; and why others are not current.
    """
    reasons: list[Why] = []
    for wanted in ("", event_list_id(event_list)) if event_list is not None else ("",):
        for folder in folders:
            path = minitree_path(folder, maker, wanted)
            found = _at(path, dataset, maker, wanted, read)
            if isinstance(found, Found):
                if event_list is not None and not wanted:
                    found = replace(found, columns=_of_events(found.columns, event_list))
                return found, reasons
            if found is not None:
                reasons.append(found)
    return None, reasons


def _at(
    path: Path, dataset: Dataset, maker: TreeMaker, event_list: str, read: bool
) -> Found | Why | None:
    def because(reason: str, header: Header | None = None, *, damaged: bool = False) -> Why:
        told = None if header is None else header.metadata
        return Why(maker.name, dataset.name, False, reason, path, damaged, told)

    try:
        stored = read_stored(path)
        if stored is None:
            return None
        try:
            header = stored.header
            lineage = lineage_of(maker, dataset.events_of(header), event_list)
            reason = lineage.difference(header.lineage)
            if reason:
                return because(reason, header)
            if not read:
                stored.check()
            return Found(path, header, stored.columns() if read else {})
        finally:
            stored.close()
    except OtherFormatError as problem:
        return because(problem.problem)
    except EventFileError as problem:
        if not path.is_file():
            return None  # taken away meanwhile
        if problem.where and Path(problem.where) != path:
            raise  # it is the events that cannot be read
        return because(f"it is damaged: {problem.problem}", damaged=True)


def _of_events(columns: Columns, event_list: NDArray[np.int64]) -> Columns:
    chosen = np.isin(columns[KEY], event_list)
    return {name: values[chosen] for name, values in columns.items()}


def find_stale(
    maker: TreeMaker, folders: Sequence[str | Path], event_list: NDArray[np.int64] | None = None
) -> Found | None:
    """Find a mini-tree in the folders, whatever it was made from; None where none can be read."""
    for wanted in ("", event_list_id(event_list)) if event_list is not None else ("",):
        for folder in folders:
            path = minitree_path(folder, maker, wanted)
            with suppress(EventFileError):
                stored = read_stored(path)
                if stored is None:
                    continue
                try:
                    columns = stored.columns()
                finally:
                    stored.close()
                if event_list is not None and not wanted:
                    columns = _of_events(columns, event_list)
                return Found(path, stored.header, columns)
    return None


def own_folder(dataset: str | Path) -> Path:
    """Give where mini-trees of a dataset are by default.

    ``minitrees`` in the campaign folder; ``minitrees/<file>`` next to an event file.
    """
    home = Path(dataset).resolve()
    return home / "minitrees" if home.is_dir() else home.parent / "minitrees" / home.stem


def why(
    treemaker: str | type[TreeMaker] | TreeMaker,
    dataset: str | Path,
    folders: Sequence[str | Path] | None = None,
) -> Why:
    """Say whether the mini-tree of a TreeMaker and a dataset is current, and if not, why.

    Parameters
    ----------
    treemaker : name, class or TreeMaker with options
        Which.
    dataset : path, or name of a catalogue
        A campaign folder or an event file, found as `load` finds it.
    folders : sequence of paths, optional
        Folders of mini-trees of this dataset; by default those in which `load` looks.

    Raises
    ------
    EventFileError
        There is no such dataset.
    TreeMakerError
        There is no such TreeMaker.
    """
    from shoeroot.minitrees.places import find_place

    maker = as_treemaker(treemaker)
    place = find_place(dataset)
    opened = Dataset(place.path)
    places = list(place.folders if folders is None else folders)
    found, reasons = find_current(opened, maker, places, read=False)
    if found is not None:
        return Why(
            maker.name, opened.name, True, "", found.path, metadata=dict(found.header.metadata)
        )
    if reasons:
        return reasons[0]
    path = minitree_path(places[0], maker)
    reason = "it is never stored" if maker.never_store else "it was not made yet"
    return Why(maker.name, opened.name, False, reason, path)
