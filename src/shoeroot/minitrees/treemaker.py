"""TreeMakers: small classes that reduce events to rows of a flat table."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import TreeMakerError, nearest

if TYPE_CHECKING:
    from shoeroot.events import Events
    from shoeroot.minitrees.view import EventView

__all__ = ["ColumnInfo", "TreeMaker", "extract_columns", "identity_of"]

Columns = dict[str, NDArray[Any]]


class ColumnInfo(NamedTuple):
    """Unit and one-line description of a column."""

    unit: str
    description: str


class TreeMaker:
    """Reduces each event to a row.

    Subclass it and write one of two methods. `extract` gets many events at once
    and returns one array a column; it is fast. `extract_data` gets one event
    at a time and returns a dict of its values, or an empty dict for none; it is
    easy to write. Only the branches that are touched are read either way.

    Attributes
    ----------
    __version__ : str
        Raise it to have the mini-trees made anew; a change of the source does so too.
    columns : dict of str to (unit, description)
        What the columns mean. A TreeMaker that declares columns must return exactly these.
    extra_branches : sequence of str
        Accepted for the sake of TreeMakers written for hax; nothing needs declaring.

    Examples
    --------
    >>> import shoeroot.minitrees
    >>> class GlazedShare(shoeroot.minitrees.TreeMaker):
    ...     __version__ = "0.0.1"
    ...
    ...     def extract_data(self, event):
    ...         return dict(glazed=event.window_area / event.facade_area)
    """

    __version__: ClassVar[str] = "0"
    columns: ClassVar[Mapping[str, tuple[str, str]]] = {}
    extra_branches: ClassVar[Sequence[str]] = ()

    def extract(self, events: Events) -> Mapping[str, Any]:
        """Return one array a column, each of `len(events)` values."""
        from shoeroot.minitrees.view import views_of

        rows = [self._row(place, event) for place, event in enumerate(views_of(events))]
        names = dict.fromkeys(name for row in rows for name in row)
        return {name: _stack([row.get(name) for row in rows]) for name in names}

    def extract_data(self, event: EventView) -> Mapping[str, Any]:
        """Return the values of one event by column, or an empty dict."""
        raise TreeMakerError(
            f"TreeMaker {type(self).__name__} has neither extract nor extract_data",
            hint="write extract_data(self, event) and return a dict",
        )

    def _row(self, place: int, event: EventView) -> Mapping[str, Any]:
        row: Any = self.extract_data(event)
        if not isinstance(row, Mapping):
            raise TreeMakerError(
                f"TreeMaker {type(self).__name__} returned a {type(row).__name__}",
                where=f"event {place}",
                hint="extract_data returns a dict, an empty one where there is nothing to tell",
            )
        return row

    @classmethod
    def column_info(cls) -> dict[str, ColumnInfo]:
        """Return unit and description of the declared columns."""
        return {name: ColumnInfo(*info) for name, info in cls.columns.items()}


def _stack(values: list[Any]) -> NDArray[Any]:
    """Make a column of values of which some are missing: NaN, or "" among texts."""
    known = [value for value in values if value is not None]
    if len(known) == len(values):
        return np.asarray(values)
    if all(isinstance(value, str) for value in known):
        return np.asarray(["" if value is None else value for value in values])
    return np.asarray([np.nan if value is None else value for value in values], dtype=np.float64)


def identity_of(treemaker: type[TreeMaker]) -> str:
    """Return a hash of a TreeMaker's name, version and source.

    A class whose source cannot be found (typed at a prompt) counts by the
    bytecode and constants of its methods.
    """
    try:
        source = inspect.getsource(treemaker)
    except (OSError, TypeError):
        methods = [value for _, value in sorted(vars(treemaker).items()) if callable(value)]
        source = "".join(_code_text(method) for method in methods)
    text = "\0".join([treemaker.__name__, str(treemaker.__version__), source])
    return hashlib.sha256(text.encode()).hexdigest()


def _code_text(method: Any) -> str:
    code = getattr(method, "__code__", None)
    return "" if code is None else f"{code.co_code.hex()}{code.co_consts}{code.co_names}"


def extract_columns(treemaker: TreeMaker, events: Events) -> Columns:
    """Run a TreeMaker over events and check what it returns.

    Raises
    ------
    TreeMakerError
        It raised, or a column is missing, undeclared, of a wrong length or type.
    """
    name = type(treemaker).__name__
    try:
        returned = treemaker.extract(events)
    except TreeMakerError:
        raise
    except Exception as error:
        raise TreeMakerError(
            f"TreeMaker {name} failed: {type(error).__name__}: {error}",
            where=f"{name}.extract",
            hint="try it on a single event: shoeroot.open(dataset)[0]",
        ) from error
    declared = type(treemaker).columns
    if declared:
        for column in [*returned, *declared]:
            if column not in declared or column not in returned:
                problem = "returned an undeclared" if column in returned else "did not return its"
                raise TreeMakerError(
                    f"TreeMaker {name} {problem} column {column!r}",
                    where=f"{name}.columns",
                    hint=nearest(column, declared if column in returned else returned),
                )
    return {column: _checked(name, column, value, events) for column, value in returned.items()}


def _checked(name: str, column: str, value: Any, events: Events) -> NDArray[Any]:
    array = np.asarray(value)
    if array.shape != (len(events),):
        raise TreeMakerError(
            f"TreeMaker {name} returned {column!r} of shape {array.shape}",
            where=f"{name}, column {column!r}",
            hint=f"it needs one value for each of the {len(events)} events",
        )
    if array.dtype.kind not in "biufUS":
        raise TreeMakerError(
            f"TreeMaker {name} returned {column!r} of type {array.dtype}",
            where=f"{name}, column {column!r}",
            hint="a column holds numbers, booleans or texts",
        )
    return array
