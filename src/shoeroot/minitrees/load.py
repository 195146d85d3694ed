"""`load` and its relatives: mini-trees of many datasets in one table, made where they must be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ConfigError, nearest
from shoeroot.events import file_stamps
from shoeroot.minitrees.backends import Backend, check_backend, converted
from shoeroot.minitrees.basics import basics_of, common_basics
from shoeroot.minitrees.cache_file import cached
from shoeroot.minitrees.cuts import Cut
from shoeroot.minitrees.dataset_table import Preselection, Request, dataset_table, unknown_ids
from shoeroot.minitrees.expressions import Expression
from shoeroot.minitrees.finding import Why, why
from shoeroot.minitrees.lineage import lineage_of
from shoeroot.minitrees.making import Remake, minitree_frame
from shoeroot.minitrees.parallel import delayed_frame, for_each
from shoeroot.minitrees.places import Folders, Place, find_place, find_places
from shoeroot.minitrees.tables import Table, combine, frame_of
from shoeroot.minitrees.wanted import Wanted, named_maker, named_makers

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check", "load", "load_single_dataset", "load_single_minitree"]

#: A condition, a named cut, or several of them.
Conditions = str | Cut | Expression | Sequence[str | Cut | Expression] | None
EventList = Sequence[int] | NDArray[np.int64] | Mapping[str, Sequence[int]] | None


def load(
    datasets: Any,
    treemakers: Wanted | Sequence[Wanted] | None = None,
    preselection: Conditions = None,
    force_reload: bool = False,
    delayed: bool = False,
    num_workers: int = 1,
    compute_options: Mapping[str, Any] | None = None,
    cache_file: str | Path | None = None,
    remake_cache: bool = False,
    event_list: EventList = None,
    *,
    weights: str | Sequence[str] = (),
    backend: Backend = "pandas",
    minitree_folder: Folders = None,
    remake: Remake = "needed",
) -> Any:
    """Load mini-trees of datasets into one table; make those that are missing or not current.

    Parameters
    ----------
    datasets : path, pattern, name, or iterable of them, or DataFrame
        Campaign folders, event files, patterns such as ``"batch_*"``, names of a catalogue, or
        what `datasets` gave.
    treemakers : name, class or TreeMaker, or a sequence of them, optional
        By default Basics, or SiteBasics of sites. Their columns are joined on dataset and event;
        events that all of them have stay.
    preselection : str or Cut, or a sequence of them
        Conditions on columns, such as ``"status == 'ok' and eui < 100"``. Further mini-trees are
        read, or made, only for the events that pass; `cut_flow` has their counts.
    force_reload : bool
        Make the mini-trees anew even where they are current.
    delayed : bool
        Give a Dask DataFrame, one partition a dataset, which loads when it is computed.
    num_workers : int
        Datasets at once, each in a thread.
    compute_options : mapping, optional
        Load the datasets by Dask, with these arguments of ``dask.compute``.
    cache_file : path, optional
        A ROOT file that holds the result for the next time. It is made anew when a TreeMaker's
        version, source or options or an event file has changed since.
    remake_cache : bool
        Write the cache file anew.
    event_list : sequence of int, or mapping of dataset to sequence of int
        Only these events, by `event_id`.
    weights : str or sequence of str
        Columns whose sums the cut flow has next to the counts.
    backend : str
        ``"pandas"``, ``"polars"`` or ``"arrow"``.
    minitree_folder : path or sequence of paths, optional
        Where mini-trees are looked for; new ones are made in the first. By default the folders
        of the environment variable SHOEROOT_MINITREE_PATH, then ``minitrees`` in the dataset.
    remake : str
        "needed"; or "never": an error where a mini-tree is missing or not current; or "stale":
        take what there is, also of a dataset whose events are gone.

    Returns
    -------
    pandas.DataFrame, polars.DataFrame, pyarrow.Table or dask.dataframe.DataFrame
        Rows sorted by event within a dataset. ``df.attrs["columns"]`` holds unit and description
        of each column.

    Raises
    ------
    EventFileError
        A dataset is missing or unreadable.
    TreeMakerError
        A TreeMaker is unknown, failed, or two of them have a column of the same name.
    ExpressionError
        The preselection has an unknown column (with the nearest names), a call, or worse.
    ConfigError
        An event of the event list does not exist, or an argument is wrong.

    Examples
    --------
    >>> data = load("batch_*", ["Basics", "Loads"], "status == 'ok'")  # doctest: +SKIP
    """
    check_backend(backend)
    if treemakers is None:
        treemakers = common_basics(datasets, minitree_folder, gone=remake == "stale")
    request = _request(treemakers, preselection, weights, force_reload, remake)
    places = find_places(datasets, minitree_folder, gone=remake == "stale")
    chosen = _event_lists(places, event_list)
    if delayed:
        if cache_file is not None or backend != "pandas":
            raise ConfigError(
                "delayed=True gives a Dask DataFrame: it has no cache file and no other backend",
                hint="leave out cache_file and backend",
            )
        return delayed_frame(places, request, chosen)
    work = partial(_tables, places, request, chosen, num_workers, compute_options)
    if cache_file is None:
        return converted(work(), backend)
    asked = _asked(places, request, chosen)
    return converted(cached(Path(cache_file), asked, remake_cache, work), backend)


def load_single_dataset(
    dataset: str | Path,
    treemakers: Wanted | Sequence[Wanted] | None = None,
    preselection: Conditions = None,
    **options: Any,
) -> pd.DataFrame:
    """Load mini-trees of one dataset; `options` are those of `load`."""
    if not isinstance(dataset, str | Path):
        raise ConfigError("one dataset is needed", hint="shoeroot.minitrees.load takes several")
    return load(dataset, treemakers, preselection, **options)  # type: ignore[no-any-return]


def load_single_minitree(
    dataset: str | Path,
    treemaker: Wanted,
    force_reload: bool = False,
    *,
    event_list: Sequence[int] | NDArray[np.int64] | None = None,
    minitree_folder: Folders = None,
    remake: Remake = "needed",
) -> pd.DataFrame:
    """Load the mini-tree of one TreeMaker and one dataset, as it is in its file.

    Returns
    -------
    pandas.DataFrame
        ``df.attrs["metadata"]`` holds version, creator, time, documentation and extra metadata;
        ``df.attrs["path"]`` the file.
    """
    place = find_place(dataset, minitree_folder, gone=remake == "stale")
    chosen = _event_lists([place], event_list)[0]
    made = minitree_frame(
        place.path,
        named_maker(treemaker)[1],
        folders=place.folders,
        event_list=chosen,
        force=force_reload,
        remake=remake,
    )
    info = {name: dict(about._asdict()) for name, about in made.info.items()}
    data = frame_of(Table(dict(made.columns), info, None, {place.name: str(place.path.absolute())}))
    data.attrs["metadata"] = dict(made.metadata)
    data.attrs["path"] = None if made.path is None else str(made.path)
    return data


def check(
    datasets: Any,
    treemakers: Wanted | Sequence[Wanted] | None = None,
    *,
    minitree_folder: Folders = None,
) -> list[Why]:
    """Say which mini-trees are there and current, and why others are not; make nothing.

    Parameters
    ----------
    datasets, treemakers, minitree_folder
        As `load` takes them.
    """
    return [
        why(maker, place.path, place.folders)
        for place in find_places(datasets, minitree_folder)
        for _, maker in named_makers(basics_of(place) if treemakers is None else treemakers)
    ]


def _request(
    treemakers: Wanted | Sequence[Wanted],
    preselection: Conditions,
    weights: str | Sequence[str],
    force: bool,
    remake: Remake,
) -> Request:
    makers = named_makers(treemakers)
    sums = (weights,) if isinstance(weights, str) else tuple(weights)
    request = Request(
        makers=tuple(makers),
        declared=tuple(frozenset(maker.columns_made()) for _, maker in makers),
        preselection=tuple(_preselection(one) for one in _listed(preselection)),
        weights=sums,
        force=force,
        remake=remake,
    )
    request.check_names()
    return request


def _listed(preselection: Conditions) -> list[str | Cut | Expression]:
    if preselection is None:
        return []
    single = isinstance(preselection, str | Cut | Expression)
    return [preselection] if single else list(preselection)  # type: ignore[list-item, arg-type]


def _preselection(condition: Any) -> Preselection:
    cut = condition if isinstance(condition, Cut) else Cut("", condition)
    if not isinstance(cut.condition, Expression):
        raise ConfigError(
            f"the preselection {cut.name!r} is no text",
            hint="give a condition such as \"status == 'ok'\"; masks and functions go to "
            "minitrees.cuts.selection after loading",
        )
    name = "" if cut.name == cut.text else cut.name
    parts = cut.condition.parts()
    whole = (cut.condition,) if len(parts) == 1 else parts
    return Preselection(name, whole)


def _event_lists(places: list[Place], event_list: EventList) -> list[NDArray[np.int64] | None]:
    """Give the wanted events of each dataset; None for all.

    Raises
    ------
    ConfigError
        An event is in none of the datasets, or in that it is asked of.
    """
    if event_list is None:
        return [None] * len(places)
    if isinstance(event_list, Mapping):
        return _lists_by_dataset(places, event_list)
    wanted = _ids(event_list)
    missing = wanted
    for place in places:
        missing = unknown_ids(place, missing)
    _refuse(missing, ", ".join(place.name for place in places[:5]))
    return [wanted] * len(places)


def _lists_by_dataset(
    places: list[Place], event_list: Mapping[str, Sequence[int]]
) -> list[NDArray[np.int64] | None]:
    names = [place.name for place in places]
    for name in event_list:
        if name not in names:
            raise ConfigError(
                f"the event list has a dataset {name!r} that is not loaded",
                hint=nearest(str(name), names),
            )
    lists = [_ids(event_list.get(name, ())) for name in names]
    for place, wanted in zip(places, lists, strict=True):
        _refuse(unknown_ids(place, wanted), place.name)
    return list(lists)


def _ids(event_list: Iterable[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    listed = list(event_list) if isinstance(event_list, Iterable) else event_list
    given = np.asarray(event_list if isinstance(event_list, np.ndarray) else listed)
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        raise ConfigError(
            "an event list has something that is no event id"
            if given.ndim == 1
            else f"{event_list!r} is no list of events",
            hint="give whole numbers, such as data['event_id']",
        )
    return np.unique(given.astype(np.int64))


def _refuse(missing: NDArray[np.int64], where: str) -> None:
    if len(missing):
        shown = ", ".join(map(str, missing[:5])) + (", ..." if len(missing) > 5 else "")
        raise ConfigError(
            f"{len(missing)} events of the event list do not exist: {shown}",
            where=where,
            hint="give ids that are in the column event_id of Basics",
        )


def _tables(
    places: list[Place],
    request: Request,
    chosen: list[NDArray[np.int64] | None],
    num_workers: int,
    compute_options: Mapping[str, Any] | None,
) -> Table:
    jobs = [
        partial(dataset_table, place, request, ids)
        for place, ids in zip(places, chosen, strict=True)
    ]
    return combine(for_each(jobs, num_workers, compute_options))


def _asked(
    places: list[Place], request: Request, chosen: list[NDArray[np.int64] | None]
) -> dict[str, Any]:
    """Say what was asked for, in what JSON can hold."""
    return {
        "datasets": [str(place.path.resolve()) for place in places],
        "treemakers": [repr(maker) for _, maker in request.makers],
        "preselection": [[one.name, one.text] for one in request.preselection],
        "weights": list(request.weights),
        "event_list": [None if ids is None else ids.tolist() for ids in chosen],
        "made_by": {
            "treemakers": [lineage_of(maker, "").content_id for _, maker in request.makers],
            "events": [[asdict(one) for one in file_stamps(place.path)] for place in places],
        },
    }
