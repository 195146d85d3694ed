"""Columns of events as Dask arrays: blocks of events, each read by the task that needs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.events.views import UnknownFieldError
from shoeroot.optional import import_optional
from shoeroot.records import Column, frame_offsets

if TYPE_CHECKING:
    from shoeroot.events.reader import Events

__all__ = ["dask_array"]


def dask_array(events: Events, column: Column, size: int) -> Any:
    """Give a column of numbers as a Dask array; see `Events.to_dask`."""
    arrays, delayed = _dask("dask.array"), _dask("dask").delayed
    if column.value.kind == "str" or any(step.kind != "list" for step in column.steps):
        raise UnknownFieldError(
            f"{column.name!r} has texts or values that may be missing",
            where=".".join(column.path),
            hint="a Dask array holds numbers only: read it with events.column",
        )
    offsets = _offsets(events, column)
    inner = (column.value.length,) if column.value.kind == "array" else ()
    read = delayed(_read, pure=True)
    blocks = []
    for start in range(0, max(len(events), 1), size):
        stop = min(start + size, len(events))
        shape = (int(offsets[stop] - offsets[start]), *inner)
        block = read(events.paths, events._entries[start:stop], column.name)
        blocks.append(arrays.from_delayed(block, shape, dtype=np.dtype(column.value.dtype)))
    return arrays.concatenate(blocks, axis=0)


def _dask(module: str) -> Any:
    return import_optional(module, "makes Dask arrays", "pip install 'shoeroot[dask]'")


def _offsets(events: Events, column: Column) -> NDArray[np.int64]:
    """Say where the values of each event begin; (n_events + 1,)."""
    if not column.frame:
        return np.arange(len(events) + 1)
    counts = {name: events._stripe(name) for name in column.frame}
    return np.asarray(frame_offsets(counts, column.frame, len(events)))


def _read(paths: tuple[Path, ...], entries: range | NDArray[np.int64], name: str) -> NDArray[Any]:
    """Read one block in whatever process the task runs in."""
    from shoeroot.events.reader import open_events

    with open_events(paths) as events:
        return events._restricted(entries)._stripe(name)
