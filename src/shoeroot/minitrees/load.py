"""Load mini-trees into one DataFrame, making those that are missing or not current."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import TreeMakerError
from shoeroot.events import Events, open_events
from shoeroot.minitrees.registry import find_treemaker
from shoeroot.minitrees.store import (
    lineage_of,
    minitree_path,
    read_minitree,
    write_minitree,
)
from shoeroot.minitrees.treemaker import Columns, TreeMaker, extract_columns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["load"]

Dataset = str | Path
Wanted = str | type[TreeMaker]

#: What every mini-tree has, and what mini-trees of a dataset are joined on.
KEY = "event_id"


def load(
    datasets: Dataset | Iterable[Dataset],
    treemakers: Wanted | Sequence[Wanted] = "Basics",
    *,
    force_reload: bool = False,
    minitree_folder: str | Path | None = None,
) -> pd.DataFrame:
    """Load mini-trees of campaigns into one DataFrame.

    Parameters
    ----------
    datasets : path or iterable of paths
        Campaign folders or event files.
    treemakers : name or class, or a sequence of them
        Their columns are joined on dataset and event.
    force_reload : bool
        Make the mini-trees anew even where they are current.
    minitree_folder : path, optional
        Where mini-trees are kept; by default ``minitrees`` in the campaign folder.

    Returns
    -------
    pandas.DataFrame
        One row an event. ``df.attrs["columns"]`` holds unit and description of each column.

    Raises
    ------
    EventFileError
        A dataset is missing or unreadable.
    TreeMakerError
        A TreeMaker is unknown, failed, or two of them have a column of the same name.
    """
    import pandas as pd

    classes = [find_treemaker(one) for one in _listed(treemakers)]
    names = [one.__name__ for one in classes]
    for name in names:
        if names.count(name) > 1:
            raise TreeMakerError(
                f"two TreeMakers are called {name!r}", hint="ask for one, or rename one"
            )
    frames = [
        _load_dataset(Path(dataset), classes, force_reload, minitree_folder)
        for dataset in _listed(datasets)
    ]
    if not frames:
        raise TreeMakerError("there is no dataset to load", hint="name at least one")
    data = pd.concat(frames, ignore_index=True)
    data.attrs["columns"] = {
        column: info for frame in frames for column, info in frame.attrs["columns"].items()
    }
    return data


def _listed(one_or_many: Any) -> list[Any]:
    single = isinstance(one_or_many, str | Path | type)
    return [one_or_many] if single else list(one_or_many)


def _load_dataset(
    dataset: Path,
    classes: list[type[TreeMaker]],
    force_reload: bool,
    minitree_folder: str | Path | None,
) -> pd.DataFrame:
    home = dataset if dataset.is_dir() else dataset.parent
    folder = home / "minitrees" if minitree_folder is None else Path(minitree_folder) / home.name
    with open_events(dataset) as events:
        loaded = [_load_minitree(events, one, folder, force_reload) for one in classes]
    data = loaded[0]
    described = dict(data.attrs["columns"])
    for treemaker, frame in zip(classes[1:], loaded[1:], strict=True):
        doubled = (set(frame.columns) & set(data.columns)) - {KEY}
        if doubled:
            raise TreeMakerError(
                f"column {min(doubled)!r} comes from two TreeMakers",
                where=treemaker.__name__,
                hint="rename it in one of them",
            )
        data = data.merge(frame, on=KEY, how="inner", validate="one_to_one")
        described |= frame.attrs["columns"]
    data.insert(0, "dataset", dataset.name)
    data.attrs["columns"] = {
        "dataset": {"unit": "", "description": "Name of the dataset"},
        **described,
    }
    return data


def _load_minitree(
    events: Events, treemaker: type[TreeMaker], folder: Path, force_reload: bool
) -> pd.DataFrame:
    lineage = lineage_of(treemaker, events)
    path = minitree_path(folder, treemaker)
    data = None if force_reload else read_minitree(path, lineage)
    if data is None:
        columns = _made(treemaker(), events)
        write_minitree(path, columns, treemaker, lineage)
        data = read_minitree(path, lineage)
    if data is None:
        raise TreeMakerError(
            "a mini-tree cannot be read back after it was written",
            where=str(path),
            hint="check the disk that it lies on",
        )
    data.attrs["columns"][KEY] = {"unit": "", "description": "Number of the event"}
    return data


def _made(treemaker: TreeMaker, events: Events) -> Columns:
    """Run a TreeMaker over all events, a chunk at a time."""
    pieces: list[dict[str, NDArray[Any]]] = []
    for chunk in events.chunks():
        piece = extract_columns(treemaker, chunk)
        piece.pop(KEY, None)
        pieces.append({KEY: chunk.event_id, **piece})
    names = dict.fromkeys(name for piece in pieces for name in piece)
    return {name: _joined(name, pieces) for name in names}


def _joined(name: str, pieces: list[Columns]) -> NDArray[Any]:
    """Put the chunks of a column together; a chunk without it has nothing to tell: NaN or ""."""
    parts = [piece.get(name) for piece in pieces]
    is_text = any(part is not None and part.dtype.kind in "US" for part in parts)
    missing = "" if is_text else np.nan
    return np.concatenate(
        [
            np.full(len(piece[KEY]), missing) if part is None else part
            for piece, part in zip(pieces, parts, strict=True)
        ]
    )
