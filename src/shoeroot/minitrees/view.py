"""Events one at a time, as hax has them: light objects over columns that are read when touched."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from shoeroot.errors import nearest
from shoeroot.events import UnknownFieldError
from shoeroot.records import Field

if TYPE_CHECKING:
    from shoeroot.events import Events

__all__ = ["EventView", "ListView", "views_of"]

Place = tuple[int, ...]
Cell = Callable[[Place], Any]


class _Cells:
    """Single values of the columns of some events; a column is prepared once, when touched."""

    __slots__ = ("_cells", "_counts", "events", "minitrees")

    def __init__(self, events: Events, minitrees: Any) -> None:
        self.events = events
        self.minitrees = minitrees
        self._cells: dict[str, Cell] = {}
        self._counts: dict[str, Cell] = {}

    def value(self, path: tuple[str, ...], place: Place) -> Any:
        name = "_".join(path)
        cell = self._cells.get(name)
        if cell is None:
            cell = self._cells[name] = _cell_of(self.events.column(name))
        return cell(place)

    def count(self, path: tuple[str, ...], place: Place) -> int:
        name = ".".join(path)
        cell = self._counts.get(name)
        if cell is None:
            cell = self._counts[name] = _cell_of(self.events.counts(name))
        return int(cell(place))


def _cell_of(column: Any) -> Cell:
    """Give what takes a single value out of a column, without awkward's cost for each."""
    if isinstance(column, np.ndarray):
        return lambda place: column[place]
    layout = column.layout
    if type(layout).__name__ == "ListOffsetArray" and not layout.parameters:
        offsets = np.asarray(layout.offsets)
        content = _flat(layout.content)
        if content is not None:
            starts = offsets.tolist()

            def cell(place: Place) -> Any:
                start = starts[place[0]]
                if len(place) == 1:
                    return content[start : starts[place[0] + 1]]
                return content[(start + place[1], *place[2:])]

            return cell
    nested = column.to_list()

    def nested_cell(place: Place) -> Any:
        value = nested
        for index in place:
            value = value[index]
        is_array = isinstance(value, list) and not any(isinstance(one, str | list) for one in value)
        return np.asarray(value) if is_array else value

    return nested_cell


def _flat(content: Any) -> Any:
    """Give numbers, or fixed arrays of them, as one numpy array; None for anything else."""
    layer = content
    while type(layer).__name__ == "RegularArray" and not layer.parameters:
        layer = layer.content
    return content.to_backend_array() if type(layer).__name__ == "NumpyArray" else None


def views_of(events: Any) -> Iterator[EventView]:
    """Go through events one by one; a branch is read once, for all of them, when touched."""
    root = events.record_type.root
    cells = _Cells(events, getattr(events, "minitrees", None))
    for position in range(len(events)):
        yield EventView(cells, root, (), (position,))


class _View:
    """A place in the columns of many events: which field, and which event and elements."""

    __slots__ = ("_cells", "_field", "_path", "_place")

    def __init__(self, cells: _Cells, field: Field, path: tuple[str, ...], place: Place) -> None:
        self._cells = cells
        self._field = field
        self._path = path
        self._place = place

    def _identity(self) -> tuple[Any, ...]:
        return id(self._cells), self._path, self._place

    def __eq__(self, other: object) -> bool:
        """Say whether it is the same place of the same events, as a list asks for `index`."""
        return isinstance(other, _View) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())


class EventView(_View):
    """One event, or a record inside one: its fields are attributes.

    Numbers are numpy scalars, texts are str, fixed arrays are numpy arrays, lists are sequences
    of records or arrays, and what is not there is None. ``event["zones"]`` is the same as
    ``event.zones``. What the TreeMaker depends on is in ``event.minitrees["Basics"].eui``.
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        child = self._field.child(name)
        if child is None:
            return self._without_field(name)
        path = (*self._path, name)
        if child.kind == "list" and child.item.kind == "record":
            return ListView(self._cells, child.item, path, self._place)
        if child.kind == "optional" and child.item.kind == "record":
            return self._optional(child.item, path)
        if child.kind == "record":
            return EventView(self._cells, child, path, self._place)
        return self._cells.value(path, self._place)

    __getitem__ = __getattr__

    def _optional(self, record: Field, path: tuple[str, ...]) -> EventView | None:
        # A record that is not there has no values: any of them tells.
        inner, below = record, path
        while inner.children:
            inner = inner.children[0]
            below = (*below, inner.name)
        if self._cells.value(below, self._place) is None:
            return None
        return EventView(self._cells, record, path, self._place)

    def _without_field(self, name: str) -> Any:
        if name == "minitrees" and not self._path and self._cells.minitrees is not None:
            return self._cells.minitrees.at(self._place[0])
        known = [one.name for one in self._field.children]
        where = ".".join((self._cells.events.record_type.name, *self._path))
        raise UnknownFieldError(f"{where} has no field {name!r}", hint=nearest(name, known))

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(child.name for child in self._field.children)})

    def __repr__(self) -> str:
        names = ", ".join(child.name for child in self._field.children)
        place = "".join(f"[{index}]" for index in self._place[1:])
        where = f" {'.'.join(self._path)}{place}" if self._path else ""
        return f"<{self._field.record or 'record'}{where} of event {self._place[0]}: {names}>"


class ListView(_View, Sequence[EventView]):
    """A list of records of one event: `len`, indexing, slices and iteration."""

    __slots__ = ()

    def __len__(self) -> int:
        return self._cells.count(self._path, self._place)

    @overload
    def __getitem__(self, index: int) -> EventView: ...
    @overload
    def __getitem__(self, index: slice) -> list[EventView]: ...
    def __getitem__(self, index: int | slice) -> EventView | list[EventView]:
        if isinstance(index, slice):
            return [self._element(each) for each in range(len(self))[index]]
        count = len(self)
        whole = operator.index(index)
        if not -count <= whole < count:
            raise IndexError(f"{'.'.join(self._path)}[{whole}] of {count}")
        return self._element(whole % count)

    def _element(self, place: int) -> EventView:
        return EventView(self._cells, self._field, self._path, (*self._place, place))

    def __iter__(self) -> Iterator[EventView]:
        return (self._element(index) for index in range(len(self)))

    def __repr__(self) -> str:
        return f"<{len(self)} of {'.'.join(self._path)}>"
