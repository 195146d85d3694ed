"""For the events that survived cuts: more mini-trees, and functions of single events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ConfigError, TreeMakerError
from shoeroot.events import Events, open_events
from shoeroot.minitrees.dataset_table import DATASET, Request, dataset_table
from shoeroot.minitrees.making import Remake
from shoeroot.minitrees.places import Folders, Place, find_place, find_places, minitree_folders
from shoeroot.minitrees.tables import DATASETS, KEY, Table, combine, frame_of
from shoeroot.minitrees.view import EventView, views_of
from shoeroot.minitrees.wanted import Wanted, named_makers

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["extend", "function_over_events"]


def extend(
    data: pd.DataFrame,
    treemakers: Wanted | Sequence[Wanted],
    *,
    minitree_folder: Folders = None,
    remake: Remake = "needed",
) -> pd.DataFrame:
    """Add the columns of more TreeMakers to the rows of a table, which stay as they are.

    They are read, or made, only for the events that the table still has.

    Parameters
    ----------
    data : pandas.DataFrame
        What `load` gave, also after cuts, sorted in any way, with columns of your own.
    treemakers : name, class or TreeMaker, or a sequence of them
        Those with one row an event.
    minitree_folder, remake
        See `load`.

    Returns
    -------
    pandas.DataFrame
        A new table with the same rows, index and cut flow.

    Raises
    ------
    ConfigError
        The table does not say which events it has.
    TreeMakerError
        A column is there already, or a TreeMaker has many rows an event.
    """
    makers = named_makers(treemakers)
    declared = tuple(frozenset(maker.columns_made()) for _, maker in makers)
    request = Request(tuple(makers), declared, remake=remake)
    pieces = [
        (rows, _of_rows(data, rows, place, request))
        for place, rows in _places_of(data, minitree_folder)
    ]
    if not pieces:
        return data.copy()
    table = combine([one for _, one in pieces])
    new = {name: values for name, values in table.columns.items() if name not in (DATASET, KEY)}
    for name in new:
        if name in data:
            raise TreeMakerError(
                f"the table has a column {name!r} already", hint="rename it, or leave this one out"
            )
    order = np.argsort(np.concatenate([rows for rows, _ in pieces]), kind="stable")
    added = frame_of(Table({name: values[order] for name, values in new.items()}, {}))
    added.index = data.index
    grown = data.copy(deep=False)
    for name in new:
        grown[name] = added[name]
    about = {name: dict(table.info[name]) for name in new if name in table.info}
    grown.attrs["columns"] = {**data.attrs.get("columns", {}), **about}
    return grown


def function_over_events(
    function: Callable[[EventView], Any],
    data_or_datasets: Any,
    branches: Iterable[str] | None = None,
) -> list[Any]:
    """Call a function for each event of datasets, or for each row of a table.

    Parameters
    ----------
    function : callable
        Gets a light event: its fields are attributes, as in `TreeMaker.extract_data`.
    data_or_datasets : pandas.DataFrame, or what `load` takes as datasets
        The events of a table that `load` gave, in the order of its rows; or all events of datasets.
    branches : iterable of str, optional
        Branches to read beforehand, such as ``"zones.heating"``; others are read when touched.

    Returns
    -------
    list
        What the function gave, event by event.

    Raises
    ------
    UnknownFieldError
        A branch is unknown; the nearest are told.

    Examples
    --------
    >>> names = function_over_events(lambda event: event.template, "batch_00023")  # doctest: +SKIP
    """
    wanted = [branches] if isinstance(branches, str) else list(branches or ())
    if hasattr(data_or_datasets, "columns") and KEY in data_or_datasets:
        return _over_rows(function, data_or_datasets, wanted)
    results: list[Any] = []
    for place in find_places(data_or_datasets):
        with open_events(place.path) as events:
            for chunk in events.chunks():
                results.extend(function(event) for event in _views(chunk, wanted))
    return results


def _over_rows(
    function: Callable[[EventView], Any], data: pd.DataFrame, branches: list[str]
) -> list[Any]:
    results: list[Any] = [None] * len(data)
    for place, rows in _places_of(data, None):
        ids = data[KEY].to_numpy()[rows]
        with open_events(place.path) as events:
            known = np.asarray(events.event_id)
            _require_events(ids, known, place)
            for chunk in events.select(np.isin(known, ids)).chunks():
                here = np.asarray(chunk.event_id)
                order = np.argsort(ids, kind="stable")
                starts = np.searchsorted(ids, here, side="left", sorter=order)
                stops = np.searchsorted(ids, here, side="right", sorter=order)
                for event, start, stop in zip(_views(chunk, branches), starts, stops, strict=True):
                    result = function(event)
                    for row in rows[order[start:stop]]:
                        results[row] = result
    return results


def _views(chunk: Events, branches: list[str]) -> Iterator[EventView]:
    for name in branches:
        chunk[name]
    return views_of(chunk)


def _places_of(
    data: pd.DataFrame, minitree_folder: Folders
) -> list[tuple[Place, NDArray[np.intp]]]:
    """Say where the datasets of a table are, and which rows are of each."""
    if KEY not in data or DATASET not in data:
        raise ConfigError(
            f"the table has no column {KEY if KEY not in data else DATASET!r}",
            hint="give what shoeroot.minitrees.load gave, with dataset and event_id",
        )
    paths: Mapping[str, str] = data.attrs.get(DATASETS, {})
    named = data[DATASET].to_numpy()
    found = []
    for name in dict.fromkeys(named):
        rows = np.flatnonzero(named == name)
        if name in paths and Path(paths[name]).exists():
            path = Path(paths[name])
            place = Place(name, path, minitree_folders(path, minitree_folder))
        else:
            # The attrs are lost, or the folder was moved: look for it by name.
            other = find_place(name, minitree_folder)
            place = Place(name, other.path, other.folders)
        found.append((place, rows))
    return found


def _of_rows(data: pd.DataFrame, rows: NDArray[np.intp], place: Place, request: Request) -> Table:
    ids = data[KEY].to_numpy()[rows]
    table = dataset_table(place, request, np.unique(ids))
    if table.many:
        raise TreeMakerError(
            "a TreeMaker with many rows an event cannot extend a table",
            where=", ".join(name for name, _ in request.makers),
            hint="load it by itself",
        )
    _require_events(ids, table.columns[KEY], place)
    return table.take(np.searchsorted(table.columns[KEY], ids))


def _require_events(ids: NDArray[Any], known: NDArray[Any], place: Place) -> None:
    missing = np.setdiff1d(ids, known)
    if len(missing):
        raise ConfigError(
            f"the dataset has no event {missing[0]} that the table has",
            where=str(place.path),
            hint="the events are others than those that were loaded: load again",
        )
