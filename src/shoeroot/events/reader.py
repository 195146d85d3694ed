"""`open_events` and `Events`: nested events of many files as arrays that load when touched."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, overload

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import nearest
from shoeroot.events.dask_arrays import dask_array
from shoeroot.events.event_rows import EventKernel, reduce_fields_by_event
from shoeroot.events.loaded_stripes import LoadedStripes
from shoeroot.events.parts import Parts, find_parts
from shoeroot.events.read_ahead import read_ahead
from shoeroot.events.rows import RowKernel, Rows, own_tree, reduce_fields, summarize_rows
from shoeroot.events.views import RecordView, UnknownFieldError, fields_inside, look_up
from shoeroot.records import (
    RecordType,
    Simulation,
    Site,
    Stripes,
    class_from_type,
    column_from_stripes,
    html_of_type,
    records_from_stripes,
)

__all__ = ["Events", "Rows", "open_events"]


def open_events(
    path: str | Path | Iterable[str | Path],
    *,
    record_class: type | None = None,
    threads: int | None = None,
) -> Events:
    """Open the events of a campaign.

    Parameters
    ----------
    path : path or iterable of paths
        A campaign folder, its folder ``events``, one file, or several files.
    record_class : type, optional
        The dataclass of single events. Files of an older version of it are read as the newer
        one where that is possible (`shoeroot.records.Evolution`). By default `Simulation` or
        `Site` where the files hold those, otherwise a class made from the files' schema.
    threads : int, optional
        Threads that decompress; by default one a processor, four at most.

    Raises
    ------
    EventFileError
        If there is no event file, one cannot be read, or is not of the record class and cannot
        become it.
    """
    parts = Parts(find_parts(path), threads, record_class)
    return Events(parts, record_class or _record_class(parts))


def _record_class(parts: Parts) -> type:
    for known in (Simulation, Site):
        if parts.record_type == RecordType.of(known):
            return known
    return class_from_type(parts.record_type)


class Events:
    """Events of one record type; its fields are attributes that are read when touched.

    ``events.status``, ``events.zones.area`` and ``events.zones.hourly.heating`` are arrays over
    all events: numpy for numbers and fixed arrays, awkward for texts and what is in lists.
    ``events["zones.area"]`` is the same. ``events[17]`` is one event as a record,
    ``events[10:20]`` some events. Fields that are called like an attribute of this class are
    reached by ``events["name"]``.

    Use `open_events` to make one; `close`, or a ``with`` block, closes the files, also for the
    sub-ranges made from it.
    """

    def __init__(
        self, parts: Parts, record_class: type, entries: range | NDArray[np.int64] | None = None
    ) -> None:
        self._parts = parts
        self._class = record_class
        self._loaded = LoadedStripes(parts, entries)
        self._columns: dict[str, Any] = {}

    @property
    def _entries(self) -> range | NDArray[np.int64]:
        return self._loaded.entries

    def __len__(self) -> int:
        return len(self._entries)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files. What was read stays."""
        self._parts.close()

    @property
    def record_type(self) -> RecordType:
        """What an event is."""
        return self._parts.record_type

    @property
    def metadata(self) -> dict[str, str]:
        """The texts in ``meta/`` of the first file, among them the writer's own."""
        return self._parts.readers[0].texts()

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, in the order of the events."""
        return tuple(reader.path for reader in self._parts.readers)

    @property
    def branches(self) -> tuple[str, ...]:
        """Names of the branches; those of another tree as ``tree/branch``."""
        return self._parts.layout.branch_names

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return look_up(self, (), fields_inside(self.record_type.root), name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *fields_inside(self.record_type.root)})

    def __repr__(self) -> str:
        names = ", ".join(fields_inside(self.record_type.root))
        return f"<{len(self)} events of {self.record_type.name}: {names}>"

    def _repr_html_(self) -> str:
        return html_of_type(self.record_type, f"{len(self)} events of {self.record_type.name}")

    def column(self, name: str) -> Any:
        """Give one value of all events by its flattened name, such as ``zones_area``.

        Returns
        -------
        numpy.ndarray or awkward.Array
            Shape (events,), (events, length), or nested as the record type is.
        """
        if name not in self._columns:
            known = self.record_type.columns
            if name not in known:
                raise UnknownFieldError(
                    f"{self.record_type.name} has no column {name!r}", hint=nearest(name, known)
                )
            column = known[name]
            self._loaded.load(column.stripe_names)
            stripes = {needed: self._stripe(needed) for needed in column.stripe_names}
            self._columns[name] = column_from_stripes(column, stripes)
        return self._columns[name]

    def counts(self, path: str) -> Any:
        """Say how many elements a list has, such as ``"zones"``: one number an event.

        For a list in a list, one number an element of the outer one.
        """
        name = f"{path.replace('.', '_')}_n"
        stripe = self.record_type.stripes.get(name)
        if stripe is None or stripe.role != "count":
            lists = [
                known[:-2] for known, s in self.record_type.stripes.items() if s.role == "count"
            ]
            raise UnknownFieldError(f"{path!r} is not a list", hint=nearest(path, lists))
        counts: Any = self._stripe(name)
        for outer in reversed(stripe.frame):
            counts = ak.unflatten(counts, self._stripe(outer))
        return counts

    def to_dask(self, name: str, size: int = 500) -> Any:
        """Give a column of numbers as a Dask array, which is read block by block when computed.

        Parameters
        ----------
        name : str
            Such as ``"floor_area"`` or ``"zones.hourly.heating"``.
        size : int
            Events a block.

        Returns
        -------
        dask.array.Array
            (n_events,), (n_events, length), or, for what is in lists, one row an element: the
            zones of all events one after another, (n_zones, 8760).

        Raises
        ------
        UnknownFieldError
            There is no such column, or it holds texts or optional values.
        MissingExtraError
            Dask is not installed.
        """
        known = self.record_type.columns
        flat = name.replace(".", "_")
        if flat not in known:
            raise UnknownFieldError(f"there is no column {name!r}", hint=nearest(flat, known))
        return dask_array(self, known[flat], size)

    def _stripe(self, name: str) -> NDArray[Any]:
        return self._loaded.stripe(name)

    @overload
    def __getitem__(self, item: int | np.integer[Any] | str) -> Any: ...
    @overload
    def __getitem__(self, item: slice) -> Events: ...
    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, str):
            first, *rest = item.split(".")
            found = look_up(self, (), fields_inside(self.record_type.root), first)
            if not rest:
                return found
            if not isinstance(found, RecordView):
                raise UnknownFieldError(f"{first!r} has no fields")
            return found[".".join(rest)]
        if isinstance(item, slice):
            if item.step is not None and item.step < 1:
                raise IndexError("events are read forwards: a step is 1 or more")
            return self._restricted(self._entries[item])
        place = range(len(self))[item]
        return self[place : place + 1].records()[0]

    def __iter__(self) -> Iterator[Any]:
        for chunk in self.chunks():
            yield from chunk.records()

    def _restricted(self, entries: range | NDArray[np.int64]) -> Events:
        return Events(self._parts, self._class, entries)

    def select(self, mask: Any) -> Events:
        """Keep some events.

        Parameters
        ----------
        mask : array of bool
            One value an event, numpy or awkward: ``events.select(events.status == "ok")``.

        Returns
        -------
        Events
            They read only the parts of the files in which selected events are.
        """
        flags = np.asarray(mask)
        if flags.dtype != np.bool_ or flags.shape != (len(self),):
            raise IndexError(f"a selection of {len(self)} events needs as many bools")
        return self._restricted(np.asarray(self._entries, dtype=np.int64)[flags])

    def chunks(self, size: int | None = None) -> Iterator[Events]:
        """Go through the events in sub-ranges, which forget what they read when they are left.

        Parameters
        ----------
        size : int, optional
            Events a chunk; by default as they were written together, which reads fastest.
        """
        if size is not None and size < 1:
            raise IndexError("a chunk has 1 event or more")
        if size is None:
            edges = np.searchsorted(np.asarray(self._entries), self._parts.clusters)
            bounds: Sequence[int] = np.unique([*edges.tolist(), 0, len(self)]).tolist()
        else:
            bounds = [*range(0, len(self), size), len(self)]
        for start, stop in itertools.pairwise(bounds):
            yield self._restricted(self._entries[start:stop])

    def rows(self, path: str, fields: Iterable[str] | None = None) -> Iterator[Rows]:
        """Go through an own tree, such as ``"zones.hourly"``, some events at a time.

        No Python loop over events, and memory for two batches of the writer: the next is read
        while one is at work. Sum in float64: ``rows.arrays["heating"].sum(axis=1, dtype="f8")``;
        what needs one row at a time is faster by `reduce_rows`.

        Parameters
        ----------
        path : str
            The record that has its own tree.
        fields : iterable of str, optional
            Which of its fields to read, by default all.
        """
        tree, wanted = own_tree(self._parts.layout, path, fields)
        needed = (*tree.frame, *wanted.values())
        start = 0
        for chunk, _ in read_ahead(self.chunks(), lambda each: each._loaded.load(needed)):
            counts = {name: chunk._stripe(name) for name in tree.frame}
            arrays = {field: chunk._stripe(name) for field, name in wanted.items()}
            yield Rows(start, np.diff(tree.rows(counts, len(chunk))), arrays)
            start += len(chunk)

    def reduce_rows(
        self,
        path: str,
        fields: Iterable[str] | None = None,
        kernel: RowKernel = summarize_rows,
    ) -> dict[str, dict[str, NDArray[Any]]]:
        """Reduce each row of an own tree, such as ``"zones.hourly"``, while it is being read.

        Rows are decompressed some at a time, in threads, and reduced while they are in the
        processor's cache: close to the cost of decompressing alone, in memory for a few rows.

        Parameters
        ----------
        path : str
            The record that has its own tree.
        fields : iterable of str, optional
            Which of its fields to reduce, by default all.
        kernel : callable
            Takes some rows, (rows, length) in the field's type, and gives arrays by name, one
            value or more a row. It is called from several threads, and the rows are
            overwritten after it returns. By default `summarize_rows`: ``total`` (float64),
            ``peak`` and ``peak_place``.

        Returns
        -------
        dict of dict of numpy.ndarray
            By field and by the kernel's names: one entry a row, in the order of the events;
            `counts` says how many each event has.
        """
        tree, wanted = own_tree(self._parts.layout, path, fields)
        return reduce_fields(self._parts, self._entries, tree, wanted, kernel)

    def reduce_events(
        self, path: str, fields: Iterable[str] | None, kernel: EventKernel
    ) -> dict[str, dict[str, NDArray[Any]]]:
        """Reduce the rows of each event in an own tree, such as its zones', while they are read.

        Parameters
        ----------
        path, fields
            As `reduce_rows` takes them.
        kernel : callable
            Takes the rows of some whole events, (rows, length), and how many each of them has,
            and gives arrays by name, one value or more an event. Events without rows are left
            out. It is called from several threads, and may write to the rows.

        Returns
        -------
        dict of dict of numpy.ndarray
            By field and by the kernel's names: one entry for each event that has rows.
        """
        tree, wanted = own_tree(self._parts.layout, path, fields)
        return reduce_fields_by_event(self._parts, self._entries, tree, wanted, kernel)

    def records(self) -> list[Any]:
        """Give all events as typed records; `chunks` keeps the memory small."""
        return records_from_stripes(self.record_type, self.stripes(), self._class)

    def stripes(self) -> Stripes:
        """Give all events as the flat arrays of their record type."""
        self._loaded.load(self.record_type.stripes)
        return {name: self._stripe(name) for name in self.record_type.stripes}
