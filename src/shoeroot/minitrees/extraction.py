"""Run a TreeMaker on a chunk of events and check what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ShoerootError, TreeMakerError, nearest
from shoeroot.minitrees.array_columns import as_arrays
from shoeroot.minitrees.chunk import EventChunk, MinitreesOfChunk, event_ids
from shoeroot.minitrees.kinds import check_record_type
from shoeroot.minitrees.rows import ManyRows, is_of_events, place_of
from shoeroot.minitrees.treemaker import TreeMaker, is_columnar, unknown_column, wanted_branches

__all__ = ["KEY", "Piece", "check_branches", "extract_columns", "extract_piece"]

#: What every mini-tree has, and what mini-trees of a dataset are joined on.
KEY = "event_id"

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Piece:
    """What a TreeMaker made of a chunk.

    Attributes
    ----------
    first, count : int
        Place of the first event in the dataset, and the number of events.
    columns : dict of str to array
        ``event_id`` first; of equal length.
    counts : array or None
        Rows of each event; None for a row an event.
    """

    first: int
    count: int
    columns: Columns
    counts: NDArray[np.int64] | None = None


def extract_piece(maker: TreeMaker, chunk: EventChunk, first: int, dataset: str) -> Piece:
    """Run a TreeMaker on a chunk, which begins at event `first` of the dataset.

    Raises
    ------
    TreeMakerError
        It raised, or what it returned are no columns of these events: names the TreeMaker, the
        dataset, and the event where that can be found out.
    """
    ids = event_ids(chunk, first)
    try:
        returned = _run(maker, chunk, ids)
        rows = _as_rows(maker, returned, len(chunk))
        columns = _declared(maker, rows)
    except TreeMakerError as error:
        raise _placed(error, dataset, ids) from error.__cause__
    counts = rows.counts
    if maker.rows_per_event == "one":
        return Piece(first, len(chunk), {KEY: ids, **columns})
    return Piece(first, len(chunk), {KEY: np.repeat(ids, counts), **columns}, counts)


def extract_columns(maker: TreeMaker, events: Any) -> Columns:
    """Run a TreeMaker on events and give its columns, without `event_id`."""
    chunk = (
        events
        if isinstance(events, EventChunk)
        else EventChunk(events, MinitreesOfChunk({}, maker.name))
    )
    piece = extract_piece(maker, chunk, 0, "")
    return {name: values for name, values in piece.columns.items() if name != KEY}


def _placed(error: TreeMakerError, dataset: str, ids: NDArray[np.int64]) -> TreeMakerError:
    parts = [f"dataset {dataset}"] if dataset else []
    if "event " not in error.where and len(ids):
        parts.append(f"events {ids[0]} to {ids[-1]}")
    parts += [error.where] if error.where else []
    return TreeMakerError(error.problem, where=", ".join(parts), hint=error.hint)


def _run(maker: TreeMaker, chunk: EventChunk, ids: NDArray[np.int64]) -> Any:
    if not is_columnar(maker):
        return maker.extract(chunk)
    try:
        return maker.extract(chunk)
    except Exception as error:
        if is_of_events(error):
            raise
        place = _failing_event(maker, chunk)
        where = f"event {ids[place]}" if place is not None else f"events {ids[0]} to {ids[-1]}"
        problem = error.problem if isinstance(error, ShoerootError) else str(error)
        hint = error.hint if isinstance(error, ShoerootError) else ""
        raise TreeMakerError(
            f"TreeMaker {maker.name} failed: {type(error).__name__}: {problem}",
            where=f"{where}{place_of(error)}",
            hint=hint
            or "try it on some events: Basics().extract(shoeroot.open(dataset)[:10])".replace(
                "Basics", maker.name
            ),
        ) from error


def _failing_event(maker: TreeMaker, chunk: EventChunk) -> int | None:
    """Find the single event on which it fails too, by halving; None where there is none."""
    low, high = 0, len(chunk)
    while high - low > 1:
        middle = (low + high) // 2
        if _fails(maker, chunk[low:middle]):
            high = middle
        elif _fails(maker, chunk[middle:high]):
            low = middle
        else:
            return None
    return low if high > low else None


def _fails(maker: TreeMaker, chunk: EventChunk) -> bool:
    try:
        maker.extract(chunk)
    except Exception:
        return True
    return False


def _as_rows(maker: TreeMaker, returned: Any, events: int) -> ManyRows:
    if isinstance(returned, ManyRows):
        counts = np.asarray(returned.counts)
        if counts.shape != (events,) or counts.dtype.kind not in "iu" or np.any(counts < 0):
            raise TreeMakerError(
                f"TreeMaker {maker.name} returned counts of shape {counts.shape}",
                hint=f"ManyRows needs a count of rows for each of the {events} events",
            )
        return _flat(maker, returned.columns, counts.astype(np.int64))
    if not isinstance(returned, Mapping):
        raise TreeMakerError(
            f"TreeMaker {maker.name} returned a {type(returned).__name__}",
            where=f"{maker.name}.extract",
            hint="extract returns a dict of arrays, one a column",
        )
    if maker.rows_per_event == "one":
        return _flat(maker, returned, np.ones(events, dtype=np.int64))
    return _unrolled(maker, returned, events)


def _flat(maker: TreeMaker, columns: Mapping[str, Any], counts: NDArray[np.int64]) -> ManyRows:
    rows = int(counts.sum())
    many = maker.rows_per_event == "many"
    what = f"each of the {rows} rows" if many else f"each of the {rows} events"
    return ManyRows(
        counts,
        {
            name: checked_column(maker, name, values, rows, what)
            for name, values in columns.items()
            if name != KEY
        },
    )


def _unrolled(maker: TreeMaker, returned: Mapping[str, Any], events: int) -> ManyRows:
    """Turn arrays with a list for each event into rows; single values an event are repeated."""
    counts = np.ones(events, dtype=np.int64)
    leader = ""
    for name, values in returned.items():
        found = _counts(values)
        if found is None:
            continue
        if leader and not np.array_equal(found, counts):
            place = int(np.argmax(found != counts)) if len(found) == len(counts) else 0
            raise TreeMakerError(
                f"TreeMaker {maker.name} returned {name!r} with other counts than {leader!r}",
                where=f"the event at place {place} of the chunk",
                hint="all columns need as many rows for an event",
            )
        leader, counts = name, found
    if len(counts) != events:
        raise _wrong_length(maker.name, leader, (len(counts),), f"each of the {events} events")
    columns: dict[str, Any] = {}
    for name, values in returned.items():
        if _counts(values) is None:
            single = checked_column(maker, name, values, events, f"each of the {events} events")
            columns[name] = np.repeat(single, counts)
        else:
            columns[name] = ak.flatten(values, axis=1)
    return _flat(maker, columns, counts)


def _counts(values: Any) -> NDArray[np.int64] | None:
    if isinstance(values, ak.Array) and values.ndim > 1:
        return np.asarray(ak.num(values, axis=1), dtype=np.int64)
    return None


def _declared(maker: TreeMaker, rows: ManyRows) -> Columns:
    columns = dict(rows.columns)
    declared = maker.columns_made()
    if not declared:
        return columns
    for column in columns:
        if column not in declared:
            raise unknown_column(maker.name, column, declared, "returned an undeclared")
    for column in declared:
        if column in columns or column == KEY:
            continue
        if is_columnar(maker):
            raise unknown_column(maker.name, column, columns, "did not return its")
        # No event of the chunk had something to tell.
        columns[column] = np.full(int(rows.counts.sum()), np.nan)
    return {name: columns[name] for name in declared if name != KEY}


def checked_column(maker: TreeMaker, column: str, value: Any, rows: int, what: str) -> NDArray[Any]:
    """Make one column of what a TreeMaker returned.

    Raises
    ------
    TreeMakerError
        It has a wrong length, or holds something else than numbers, flags or texts.
    """
    array = _as_arrays(value) if maker.uses_arrays else None
    if array is not None and array.shape == (rows,):
        return array
    array = _as_array(value)
    if array.shape != (rows,):
        raise _wrong_length(maker.name, column, array.shape, what)
    if array.dtype.kind == "O" and all(isinstance(one, str) for one in array.tolist()):
        array = array.astype(str)
    if array.dtype.kind not in "biufU" or (array.dtype.kind != "U" and array.dtype.itemsize > 8):
        hint = "a column holds numbers, flags or texts"
        if array.dtype.kind in "mM":
            hint = "give times as numbers, such as hours of the year, and say so in the unit"
        raise TreeMakerError(
            f"TreeMaker {maker.name} returned {column!r} of type {array.dtype}",
            where=f"column {column!r}",
            hint=hint,
        )
    if array.dtype == np.float16:
        array = array.astype(np.float32)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _as_arrays(value: Any) -> NDArray[Any] | None:
    """Give a column of arrays where there is a list in each row; None for anything else."""
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind != "O":
        return None
    try:
        return as_arrays(value)
    except (TypeError, ValueError):
        return None


def _as_array(value: Any) -> NDArray[Any]:
    if isinstance(value, ak.Array):
        try:
            value = ak.to_numpy(value)
        except ValueError:  # lists of different lengths
            return np.zeros((len(value), 0))
    if isinstance(value, np.ma.MaskedArray):
        filling: Any = "" if value.dtype.kind == "U" else np.nan
        kept: Any = value if value.dtype.kind in "Uf" else value.astype(np.float64)
        value = kept.filled(filling)
    array = np.asarray(value)
    return array.astype(str) if array.dtype.kind in "ST" else array


def _wrong_length(maker: str, column: str, shape: tuple[int, ...], what: str) -> TreeMakerError:
    return TreeMakerError(
        f"TreeMaker {maker} returned {column!r} of shape {shape}",
        where=f"column {column!r}",
        hint=f"it needs one value for {what}",
    )


def check_branches(maker: TreeMaker, events: Any, dataset: str) -> None:
    """See whether the events are those that a TreeMaker is for, with the branches it declares.

    Raises
    ------
    TreeMakerError
        They are of another record type, or a branch is missing; with the nearest names.
    """
    check_record_type(maker, events.record_type.name, dataset)
    wanted = wanted_branches(maker)
    if not wanted:
        return
    known = _known_fields(events)
    for branch in wanted:
        if not isinstance(branch, str):
            raise TreeMakerError(
                f"TreeMaker {maker.name} declares {branch!r} as a branch",
                where=f"{maker.name}.extra_branches",
                hint='a branch is a text, such as "zones.heating_peak"',
            )
        flat = branch.replace(".", "_")
        if flat in known or any(fnmatch(name, flat) for name in known):
            continue
        raise TreeMakerError(
            f"TreeMaker {maker.name} needs the branch {branch!r}, which the events do not have",
            where=f"dataset {dataset}, {maker.name}.extra_branches",
            hint=nearest(branch, known.values() if "." in branch else known),
        )


def _known_fields(events: Any) -> dict[str, str]:
    """Give all fields and columns by flattened name, with their dotted names."""
    found: dict[str, str] = {}

    def walk(field: Any, path: tuple[str, ...]) -> None:
        inner = field
        while inner.kind in ("list", "optional"):
            inner = inner.item
        for child in inner.children:
            below = (*path, child.name)
            found["_".join(below)] = ".".join(below)
            walk(child, below)

    walk(events.record_type.root, ())
    return found
