"""From the dicts that `extract_data` returns to columns; what an event leaves out is NaN or ""."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import EventFileError, ShoerootError, TreeMakerError
from shoeroot.events import UnknownFieldError
from shoeroot.minitrees.array_columns import as_arrays, is_array
from shoeroot.minitrees.chunk import event_ids
from shoeroot.minitrees.view import views_of

if TYPE_CHECKING:
    from shoeroot.minitrees.treemaker import TreeMaker

__all__ = ["ManyRows", "columns_of_rows", "is_of_events", "place_of"]


@dataclass(frozen=True, slots=True)
class ManyRows:
    """Any number of rows an event: what `MultipleRowExtractor.extract` may return too.

    Attributes
    ----------
    counts : (n_events,) array of int
        Rows of each event.
    columns : dict of str to (n_rows,) array
        The rows of all events, one after the other.
    """

    counts: NDArray[Any]
    columns: Mapping[str, Any]


def columns_of_rows(maker: TreeMaker, events: Any) -> dict[str, NDArray[Any]] | ManyRows:
    """Ask a TreeMaker for one event after the other and put what it returns into columns.

    Raises
    ------
    TreeMakerError
        It raised, or returned something that is no row; the event is named.
    """
    ids = event_ids(events).tolist()
    many = maker.rows_per_event == "many"
    rows: list[Mapping[str, Any]] = []
    owners: list[int] = []
    counts = np.ones(len(ids), dtype=np.int64)
    for place, view in enumerate(views_of(events)):
        try:
            returned = maker.extract_data(view)
        except Exception as error:
            if is_of_events(error):
                raise
            raise _failure(maker, error, ids[place]) from error
        found = _listed(maker, returned, ids[place]) if many else [returned]
        for row in found:
            if not isinstance(row, Mapping):
                raise _no_row(maker, row, ids[place])
        counts[place] = len(found)
        rows += found
        owners += [ids[place]] * len(found)
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {
        name: _column(maker, name, [row.get(name) for row in rows], owners) for name in names
    }
    filled = {name: values for name, values in columns.items() if values is not None}
    return ManyRows(counts, filled) if many else filled


def _failure(maker: TreeMaker, error: Exception, event: int) -> TreeMakerError:
    hint = error.hint if isinstance(error, ShoerootError) else ""
    problem = error.problem if isinstance(error, ShoerootError) else str(error)
    if isinstance(error, TreeMakerError) and "neither extract nor" in error.problem:
        return error
    return TreeMakerError(
        f"TreeMaker {maker.name} failed: {type(error).__name__}: {problem}",
        where=f"event {event}{place_of(error)}",
        hint=hint or "try it on this event alone: load(..., event_list=[" + str(event) + "])",
    )


def is_of_events(error: Exception) -> bool:
    """Say whether it is the event files that cannot be read, for which no TreeMaker can."""
    return isinstance(error, EventFileError) and not isinstance(error, UnknownFieldError)


def place_of(error: BaseException) -> str:
    """Say in which line of whose code an error was raised: ``, line 12 of peaks.py in extract``."""
    frames = traceback.extract_tb(error.__traceback__)
    own = str(Path(__file__).parent.parent)
    theirs = [frame for frame in frames if not frame.filename.startswith(own)]
    if not theirs:
        return ""
    # The first frame that is not of shoeroot is the TreeMaker's own.
    frame = theirs[0]
    return f", line {frame.lineno} of {Path(frame.filename).name} in {frame.name}"


def _listed(maker: TreeMaker, returned: Any, event: int) -> Sequence[Any]:
    if isinstance(returned, Mapping) and not returned:
        return []
    if isinstance(returned, list | tuple):
        return returned
    raise TreeMakerError(
        f"TreeMaker {maker.name} returned a {type(returned).__name__}",
        where=f"event {event}",
        hint="extract_data of a MultipleRowExtractor returns a list of dicts, one a row",
    )


def _no_row(maker: TreeMaker, row: Any, event: int) -> TreeMakerError:
    hint = "extract_data returns a dict, an empty one where there is nothing to tell"
    if isinstance(row, list) and maker.rows_per_event == "one":
        hint = "for many rows an event subclass MultipleRowExtractor"
    elif row is None:
        hint = f"{hint}; is there a return?"
    return TreeMakerError(
        f"TreeMaker {maker.name} returned a {type(row).__name__}", where=f"event {event}", hint=hint
    )


def _column(
    maker: TreeMaker, name: str, values: list[Any], owners: list[int]
) -> NDArray[Any] | None:
    """Make a column of values of which some are missing; None where all are."""
    known = [place for place, value in enumerate(values) if value is not None]
    if not known:
        return None
    if maker.uses_arrays and any(is_array(values[place]) for place in known):
        return _column_of_arrays(maker, name, values, owners)
    is_text = isinstance(values[known[0]], str)
    for place in known:
        value = values[place]
        if isinstance(value, str) != is_text or (not is_text and np.ndim(value)):
            wanted = "a text" if is_text else "a number"
            raise TreeMakerError(
                f"TreeMaker {maker.name} returned {name!r} as a {_told(value)}",
                where=f"event {owners[place]}",
                hint="uses_arrays = True lets it return arrays; without, a column has single values"
                if place == known[0] and np.ndim(value)
                else f"elsewhere it is {wanted}; a column has one kind of single values",
            )
    if is_text:
        return np.asarray(["" if value is None else value for value in values])
    complete = len(known) == len(values)
    column = np.asarray(values if complete else [values[place] for place in known])
    if column.dtype.kind not in "biuf" or column.dtype == np.longdouble:
        raise TreeMakerError(
            f"TreeMaker {maker.name} returned {name!r} as a {_told(values[known[0]])}",
            where=f"event {owners[known[0]]}",
            hint="a column holds numbers, flags or texts",
        )
    if complete:
        return column
    spread = np.full(len(values), np.nan)
    spread[known] = column
    return spread


def _column_of_arrays(
    maker: TreeMaker, name: str, values: list[Any], owners: list[int]
) -> NDArray[Any]:
    for value, owner in zip(values, owners, strict=True):
        try:
            as_arrays([value])
        except ValueError as problem:
            raise TreeMakerError(
                f"TreeMaker {maker.name} returned {name!r} as a {_told(value)}: {problem}",
                where=f"event {owner}",
                hint="elsewhere it is an array; a column has arrays of numbers for all events",
            ) from problem
    return as_arrays(values)


def _told(value: Any) -> str:
    shape = np.shape(value) if not isinstance(value, str) else ()
    return f"{type(value).__name__} of {shape[0]} values" if shape else type(value).__name__
