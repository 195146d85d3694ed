"""The mini-trees of one dataset as one table; what a preselection removes is not read further."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ConfigError, ExpressionError, nearest
from shoeroot.events import open_events
from shoeroot.minitrees.cut_counts import count_cuts
from shoeroot.minitrees.cutflow import CutFlow, CutStep
from shoeroot.minitrees.expressions import Expression
from shoeroot.minitrees.making import MiniTree, Remake, minitree_frame
from shoeroot.minitrees.places import Place
from shoeroot.minitrees.tables import KEY, Table, join

__all__ = ["Preselection", "Request", "dataset_table", "unknown_ids"]

DATASET = "dataset"
ABOUT = {
    DATASET: {"unit": "", "description": "Name of the dataset"},
    KEY: {"unit": "", "description": "Number of the event"},
}


@dataclass(frozen=True, slots=True)
class Preselection:
    """A condition that rows fulfil before later mini-trees are read."""

    name: str
    parts: tuple[Expression, ...]

    @property
    def text(self) -> str:
        """The condition, or what is left of it."""
        return " and ".join(part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class Request:
    """What is wanted of each dataset.

    Attributes
    ----------
    makers : tuple of (name, TreeMaker)
        In the order of their columns.
    declared : tuple of set of str
        The columns that each TreeMaker declares; empty where it declares none.
    preselection : tuple of Preselection
    weights : tuple of str
    force : bool
    remake : str
        See `minitree_frame`.
    """

    makers: tuple[tuple[str, Any], ...]
    declared: tuple[frozenset[str], ...]
    preselection: tuple[Preselection, ...] = ()
    weights: tuple[str, ...] = ()
    force: bool = False
    remake: Remake = "needed"

    def check_names(self) -> None:
        """Refuse unknown names in the preselection before anything is made.

        Raises
        ------
        ExpressionError
            Naming the nearest columns; only where all TreeMakers declare theirs.
        """
        if not all(self.declared):
            return
        known = [DATASET, KEY, *sorted(frozenset().union(*self.declared))]
        for one in self.preselection:
            for part in one.parts:
                _require(part.names, known, part.text)
        for weight in self.weights:
            _require([weight], known, "weights")

    def order(self) -> list[int]:
        """Say in which order to read: TreeMakers first whose columns the preselection needs."""
        needed = {name for one in self.preselection for part in one.parts for name in part.names}
        sums = frozenset(self.weights)
        return sorted(
            range(len(self.makers)),
            key=lambda place: (not sums & self.declared[place], not needed & self.declared[place]),
        )


def dataset_table(
    place: Place, request: Request, event_list: NDArray[np.int64] | None = None
) -> Table:
    """Load the mini-trees of a dataset, joined on the event and sorted by it.

    Raises
    ------
    ShoerootError
        See `shoeroot.minitrees.load`.
    """
    reading = _Reading(place, request, event_list)
    for number in request.order():
        reading.add(number)
    return reading.table()


def unknown_ids(place: Place, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give those of the wanted events that a dataset does not have.

    Raises
    ------
    EventFileError
        The dataset cannot be read.
    """
    with open_events(place.path) as events:
        unknown: NDArray[np.int64] = np.setdiff1d(wanted, np.asarray(events.event_id))
    return unknown


class _Reading:
    """The table of a dataset while its mini-trees are read one after another."""

    def __init__(
        self, place: Place, request: Request, event_list: NDArray[np.int64] | None
    ) -> None:
        self._place = place
        self._request = request
        self._wanted = event_list
        self._pending = list(request.preselection)
        self._order: dict[int, list[str]] = {}
        self._table: Table | None = None
        self._flow: CutFlow | None = None

    def add(self, number: int) -> None:
        """Read one more mini-tree, then do what can be done of the preselection."""
        name, maker = self._request.makers[number]
        made = minitree_frame(
            self._place.path,
            maker,
            folders=self._place.folders,
            event_list=self._wanted,
            force=self._request.force,
            remake=self._request.remake,
        )
        table = _as_table(made)
        self._order[number] = [column for column in table.columns if column != KEY]
        if self._table is not None:
            before = len(self._table)
            table = join(self._table, table, name)
            if self._flow is not None and len(table) != before:
                self._flow = self._flow.then(_multiplied(name, self._flow, table))
        self._table = table
        self._preselect()

    def table(self) -> Table:
        """Give the table with its columns in the order that was asked for."""
        table = self._table
        assert table is not None  # noqa: S101  a request has a TreeMaker
        for one in self._pending:
            for part in one.parts:
                _require(part.names, [DATASET, *table.columns], part.text)
        _require(self._request.weights, list(table.columns), "weights")
        keys = table.columns[KEY]
        if np.any(keys[1:] < keys[:-1]):
            table = table.take(np.argsort(keys, kind="stable"))
        named = _repeated(self._place.name, len(table))
        ordered = [name for number in sorted(self._order) for name in self._order[number]]
        columns = {DATASET: named, KEY: table.columns[KEY]}
        columns |= {name: table.columns[name] for name in ordered}
        flow = self._flow
        if flow is None and self._request.weights:
            flow = CutFlow(_sums(table, self._request.weights), self._request.weights)
        # Absolute: the working folder may be another one when more is asked of the table.
        places = {self._place.name: str(self._place.path.absolute())}
        return Table(columns, ABOUT | dict(table.info), flow, places, table.many)

    def _preselect(self) -> None:
        table = self._table
        assert table is not None  # noqa: S101  called when there is one
        columns = _WithDataset(table.columns, self._place.name)
        if any(weight not in columns for weight in self._request.weights):
            return
        steps: list[tuple[str, str]] = []
        masks: list[NDArray[np.bool_]] = []
        remaining = []
        for one in self._pending:
            ready = tuple(part for part in one.parts if all(name in columns for name in part.names))
            later = tuple(part for part in one.parts if part not in ready)
            if ready:
                now = replace(one, parts=ready)
                steps.append((one.name or now.text, now.text))
                masks.append(np.logical_and.reduce([part.mask(columns) for part in ready]))
            if later:
                remaining.append(replace(one, parts=later))
        self._pending = remaining
        if steps:
            self._cut(table, steps, masks)

    def _cut(
        self, table: Table, steps: list[tuple[str, str]], masks: list[NDArray[np.bool_]]
    ) -> None:
        weights = {name: _weight(table, name) for name in self._request.weights}
        flow = count_cuts(steps, masks, [None] * len(masks), weights, len(table))
        self._flow = flow if self._flow is None else self._flow.then(flow)
        keep = np.logical_and.reduce(masks)
        if not keep.all():
            # Numbers of rows are followed twice as fast as a mask.
            self._table = table.take(np.flatnonzero(keep))
            keys = self._table.columns[KEY]
            rising = bool(np.all(keys[1:] > keys[:-1]))
            self._wanted = keys if rising else np.unique(keys)


class _WithDataset(dict[str, Any]):
    """The columns of a table, and the name of its dataset in each row, made when asked for."""

    def __init__(self, columns: Mapping[str, Any], name: str) -> None:
        super().__init__(columns)
        self._name = name

    def __contains__(self, key: object) -> bool:
        return key == DATASET or super().__contains__(key)

    def __missing__(self, key: str) -> Any:
        return _repeated(self._name, len(self[KEY]))


def _repeated(name: str, rows: int) -> NDArray[Any]:
    column = np.empty(rows, dtype=object)
    column.fill(name)  # np.full takes forty times as long for objects
    return column


def _as_table(made: MiniTree) -> Table:
    info = {name: dict(about._asdict()) for name, about in made.info.items()}
    return Table(dict(made.columns), info, many=made.rows_per_event == "many")


def _multiplied(name: str, flow: CutFlow, table: Table) -> CutFlow:
    """Note that rows became more, or fewer, by a TreeMaker with many rows an event."""
    left = _sums(table, flow.weights)
    step = CutStep(f"rows of {name}", "", left, left, flow.final)
    return CutFlow(flow.final, flow.weights, (step,))


def _sums(table: Table, weights: Sequence[str]) -> tuple[float, ...]:
    return (len(table), *(float(np.nansum(_weight(table, name))) for name in weights))


def _weight(table: Table, name: str) -> NDArray[Any]:
    _require([name], list(table.columns), "weights")
    column: NDArray[Any] = table.columns[name]
    if column.dtype.kind not in "biuf":
        raise ConfigError(f"the column {name!r} is no weight", hint="a weight is a number")
    return column


def _require(names: Sequence[str], known: Sequence[str], text: str) -> None:
    for name in names:
        if name not in known:
            raise ExpressionError(
                f"there is no column {name!r}", where=text, hint=nearest(name, known)
            )
