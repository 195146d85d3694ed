"""Access to nested fields by name: ``events.zones.area``, and the error for unknown names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoeroot.errors import EventFileError, nearest
from shoeroot.records import Field, html_of_fields

if TYPE_CHECKING:
    from shoeroot.events.reader import Events

__all__ = ["RecordView", "UnknownFieldError", "fields_inside", "look_up"]


class UnknownFieldError(EventFileError, AttributeError, KeyError):
    """A field that the record type does not have; also an AttributeError and a KeyError."""

    __str__ = EventFileError.__str__


def fields_inside(field: Field) -> dict[str, Field]:
    """Give the fields of a record, also one in lists and options; {} for a value."""
    while field.kind in ("list", "optional"):
        field = field.item
    return {child.name: child for child in field.children}


def look_up(events: Events, path: tuple[str, ...], fields: dict[str, Field], name: str) -> Any:
    """Give the column or the view that `name` is.

    Raises
    ------
    UnknownFieldError
        With the nearest names.
    """
    if name not in fields:
        where = ".".join((events.record_type.name, *path))
        raise UnknownFieldError(f"{where} has no field {name!r}", hint=nearest(name, fields))
    below = (*path, name)
    inside = fields_inside(fields[name])
    return RecordView(events, below, inside) if inside else events.column("_".join(below))


class RecordView:
    """The fields of a nested record of all events: arrays that are read when touched.

    It has no public methods, so that every name is free for fields; ``view["name"]`` is the
    same as ``view.name``.
    """

    __slots__ = ("_events", "_fields", "_path")

    def __init__(self, events: Events, path: tuple[str, ...], fields: dict[str, Field]) -> None:
        self._events = events
        self._path = path
        self._fields = fields

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in RecordView.__slots__:
            raise AttributeError(name)
        return look_up(self._events, self._path, self._fields, name)

    def __getitem__(self, name: str) -> Any:
        view: Any = self
        for step in name.split("."):
            view = look_up(self._events, view._path, view._fields, step)
        return view

    def __dir__(self) -> list[str]:
        return sorted(self._fields)

    def _repr_html_(self) -> str:
        caption = f"{'.'.join(self._path)} of {len(self._events)} events"
        return html_of_fields(list(self._fields.values()), caption)

    def __repr__(self) -> str:
        lines = [f"{'.'.join(self._path)} of {len(self._events)} events:"]
        for field in self._fields.values():
            unit = f" [{field.unit}]" if field.unit else ""
            lines.append(f"  {field.name}{unit}: {field.description}")
        return "\n".join(lines)
