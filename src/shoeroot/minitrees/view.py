"""Events one at a time, as hax has them: light objects over columns that are read when touched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from shoeroot.errors import nearest
from shoeroot.events import UnknownFieldError
from shoeroot.records import Field

if TYPE_CHECKING:
    from shoeroot.events import Events

__all__ = ["EventView", "ListView", "views_of"]


def views_of(events: Events) -> Iterator[EventView]:
    """Go through events one by one; a branch is read once, for all of them, when touched."""
    root = events.record_type.root
    for position in range(len(events)):
        yield EventView(events, root, (), (position,))


class _View:
    """A place in the columns of many events: which field, and which event and elements."""

    __slots__ = ("_events", "_field", "_path", "_place")

    def __init__(
        self, events: Events, field: Field, path: tuple[str, ...], place: tuple[int, ...]
    ) -> None:
        self._events = events
        self._field = field
        self._path = path
        self._place = place


class EventView(_View):
    """One event, or a record inside one: its fields are attributes.

    Numbers are numpy scalars, texts are str, fixed arrays are numpy arrays,
    lists are sequences of records.
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        child = self._field.child(name)
        if child is None:
            known = [one.name for one in self._field.children]
            where = ".".join((self._events.record_type.name, *self._path))
            raise UnknownFieldError(f"{where} has no field {name!r}", hint=nearest(name, known))
        path = (*self._path, name)
        if child.kind == "record":
            return EventView(self._events, child, path, self._place)
        if child.kind == "list" and child.item.kind == "record":
            return ListView(self._events, child.item, path, self._place)
        return _at(self._events.column("_".join(path)), self._place)

    def __repr__(self) -> str:
        names = ", ".join(child.name for child in self._field.children)
        return f"<{self._field.record or 'record'} at {self._place}: {names}>"


class ListView(_View):
    """A list of records of one event: `len`, indexing and iteration."""

    __slots__ = ()

    def __len__(self) -> int:
        return int(_at(self._events.counts(".".join(self._path)), self._place))

    def __getitem__(self, index: int) -> EventView:
        place = range(len(self))[index]
        return EventView(self._events, self._field, self._path, (*self._place, place))

    def __iter__(self) -> Iterator[EventView]:
        return (self[index] for index in range(len(self)))

    def __repr__(self) -> str:
        return f"<{len(self)} of {'.'.join(self._path)}>"


def _at(column: Any, place: tuple[int, ...]) -> Any:
    value = column
    for index in place:
        value = value[index]
    # A fixed array inside a list comes as awkward; users expect numpy.
    return value.to_numpy() if hasattr(value, "to_numpy") else value
