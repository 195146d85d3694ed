"""`EventChunk`: what `extract` gets, some events and the columns of what a TreeMaker depends on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import TreeMakerError, nearest
from shoeroot.events import Events
from shoeroot.minitrees.array_columns import holds_arrays

__all__ = ["DependencyColumns", "EventChunk", "MinitreesOfChunk", "event_ids"]

Places = slice | NDArray[Any]


def event_ids(events: Any, start: int = 0) -> NDArray[np.int64]:
    """Give the ids of events; record types without them count from `start`."""
    if "event_id" in events.record_type.columns:
        return np.asarray(events.column("event_id"), dtype=np.int64)
    return np.arange(start, start + len(events), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class DependencyColumns:
    """The columns of a TreeMaker for some events: attributes, or ``columns["eui"]``.

    Arrays with one value an event; where the TreeMaker makes many rows an event, awkward arrays
    with a list for each.

    Attributes
    ----------
    _name : str
        Name of the TreeMaker.
    _columns : dict of str to array
        Of all rows.
    _offsets : array or None
        First row of each event, and the number of rows; None for a row an event.
    _places : slice or array
        Which events.
    """

    _name: str
    _columns: Mapping[str, NDArray[Any]]
    _offsets: NDArray[np.int64] | None
    _places: Places

    def __getitem__(self, column: str) -> Any:
        if column not in self._columns:
            raise TreeMakerError(
                f"{self._name} has no column {column!r}", hint=nearest(column, self._columns)
            )
        values = self._columns[column]
        if self._offsets is None:
            return values[self._places]
        content = values.astype(str) if values.dtype.kind == "O" else values
        if holds_arrays(values):
            content = ak.Array(values.tolist())
        return ak.unflatten(content, np.diff(self._offsets))[self._places]

    def __getattr__(self, column: str) -> Any:
        if column.startswith("_"):
            raise AttributeError(column)
        return self[column]

    def __dir__(self) -> list[str]:
        return sorted(self._columns)

    def __repr__(self) -> str:
        return f"<columns of {self._name}: {', '.join(self._columns)}>"

    def _of(self, places: Places) -> DependencyColumns:
        return replace(self, _places=_among(self._places, places))


def _among(places: Places, chosen: Places) -> Places:
    if isinstance(places, slice) and isinstance(chosen, slice):
        picked = range(places.start, places.stop)[chosen]
        if picked.step == 1:
            return slice(picked.start, picked.stop)
        return np.asarray(picked, dtype=np.int64)
    whole = np.arange(places.start, places.stop) if isinstance(places, slice) else places
    return whole[chosen]


class MinitreesOfChunk(Mapping[str, DependencyColumns]):
    """What a TreeMaker depends on, by the TreeMaker's name."""

    def __init__(self, found: Mapping[str, DependencyColumns], asker: str) -> None:
        self._found = dict(found)
        self._asker = asker

    def __getitem__(self, name: str) -> DependencyColumns:
        if name not in self._found:
            raise TreeMakerError(
                f"TreeMaker {self._asker} does not depend on {name!r}",
                hint=nearest(name, self._found, 1)
                if self._found
                else f'declare it: depends_on = ("{name}",)',
            )
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        return f"<mini-trees: {', '.join(self._found) or 'none'}>"

    def of(self, places: Places) -> MinitreesOfChunk:
        """Give those of some of the events."""
        return MinitreesOfChunk(
            {name: columns._of(places) for name, columns in self._found.items()}, self._asker
        )

    def at(self, place: int) -> MinitreesOfEvent:
        """Give those of one event."""
        return MinitreesOfEvent(self, place)


@dataclass(frozen=True, slots=True)
class MinitreesOfEvent:
    """What a TreeMaker depends on, for one event: ``event.minitrees["Basics"].eui``."""

    _minitrees: MinitreesOfChunk
    _place: int

    def __getitem__(self, name: str) -> _ColumnsOfEvent:
        return _ColumnsOfEvent(self._minitrees[name], self._place)


@dataclass(frozen=True, slots=True)
class _ColumnsOfEvent:
    _columns: DependencyColumns
    _place: int

    def __getitem__(self, column: str) -> Any:
        value = self._columns[column][self._place]
        return value.to_numpy() if hasattr(value, "to_numpy") else value

    def __getattr__(self, column: str) -> Any:
        if column.startswith("_"):
            raise AttributeError(column)
        return self[column]


class EventChunk:
    """Some events, as `shoeroot.events.Events` has them, and `minitrees` of the same events.

    Parameters
    ----------
    events : Events
        The events.
    minitrees : MinitreesOfChunk
        What the TreeMaker depends on.
    """

    __slots__ = ("_events", "_minitrees")

    def __init__(self, events: Events, minitrees: MinitreesOfChunk) -> None:
        self._events = events
        self._minitrees = minitrees

    @property
    def minitrees(self) -> MinitreesOfChunk:
        """Columns of the TreeMakers that this one depends on, by name."""
        return self._minitrees

    def __getattr__(self, name: str) -> Any:
        if name in EventChunk.__slots__:
            raise AttributeError(name)
        return getattr(self._events, name)

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._events)

    def __dir__(self) -> list[str]:
        return sorted({"minitrees", *dir(self._events)})

    def __repr__(self) -> str:
        return repr(self._events)

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, slice):
            return EventChunk(self._events[item], self._minitrees.of(item))
        return self._events[item]

    def select(self, mask: Any) -> EventChunk:
        """Keep some events, as `Events.select` does."""
        chosen = self._events.select(mask)
        return EventChunk(chosen, self._minitrees.of(np.asarray(mask)))

    def chunks(self, size: int | None = None) -> Iterator[EventChunk]:
        """Go through the events in sub-ranges, as `Events.chunks` does."""
        start = 0
        for chunk in self._events.chunks(size):
            yield EventChunk(chunk, self._minitrees.of(slice(start, start + len(chunk))))
            start += len(chunk)
