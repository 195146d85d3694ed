"""Rows of own trees reduced event by event while they are read, such as the zones of a building."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.events.layout import Tree
from shoeroot.events.part_reader import PartReader, RowBlocks
from shoeroot.events.parts import Parts
from shoeroot.events.rows import Chosen, Job, Reduced, baskets_of, joined, rows_at_a_time, run_jobs

__all__ = ["EventKernel", "reduce_fields_by_event"]

EventKernel = Callable[[NDArray[Any], NDArray[np.int64]], Mapping[str, NDArray[Any]]]


def reduce_fields_by_event(
    parts: Parts,
    entries: range | NDArray[np.int64],
    tree: Tree,
    wanted: Mapping[str, str],
    kernel: EventKernel,
) -> dict[str, Reduced]:
    """Reduce the rows of some events, field by field; see `Events.reduce_events`."""
    return run_jobs(
        parts,
        entries,
        tree,
        wanted,
        lambda reader, name, chosen: _jobs(parts, reader, tree, name, chosen, kernel),
        lambda nothing: dict(kernel(nothing, np.zeros(0, dtype=np.int64))),
    )


def _jobs(
    parts: Parts, reader: PartReader, tree: Tree, name: str, chosen: Chosen, kernel: EventKernel
) -> Iterable[Job]:
    if chosen.first == chosen.after:
        return []
    offsets = reader.offsets(parts.layout, tree.frame)
    events = np.flatnonzero(np.diff(offsets))
    edges = offsets[np.append(events, len(offsets) - 1)]
    counts = np.diff(edges)
    wanted = np.zeros(len(offsets) - 1, dtype=np.bool_)
    wanted[slice(chosen.start, chosen.stop) if chosen.picked is None else chosen.picked] = True
    count = rows_at_a_time(parts.layout, name)
    if counts.min() == counts.max() <= count:
        count -= count % int(counts[0])  # no block ends within an event
    baskets = baskets_of(parts.layout, reader, name, chosen)
    starts = [start for start, _ in baskets]
    if not np.isin(starts[1:], edges).all():
        # Of a writer that cuts baskets within events.
        baskets = [(starts[0], partial(_chained, [blocks for _, blocks in baskets]))]

    def job(start: int, blocks: RowBlocks) -> Reduced:
        first = int(np.searchsorted(edges, start))
        pieces = [
            dict(kernel(rows, of))
            for rows, of in _whole_events(blocks(count), start, edges, counts, first)
        ]
        reduced = joined(pieces)
        done = len(next(iter(reduced.values()), ()))
        kept = wanted[events[first : first + done]]
        return {key: values[kept] for key, values in reduced.items()}

    return [partial(job, start, blocks) for start, blocks in baskets]


def _chained(baskets: list[RowBlocks], count: int) -> Iterator[NDArray[Any]]:
    for blocks in baskets:
        yield from blocks(count)


def _whole_events(
    blocks: Iterator[NDArray[Any]],
    start: int,
    edges: NDArray[np.int64],
    counts: NDArray[np.int64],
    event: int,
) -> Iterator[tuple[NDArray[Any], NDArray[np.int64]]]:
    """Cut blocks of rows, from row `start` on, where events end; an event is in one piece.

    Rows before the first edge, of an event that does not end, and after all are left out.
    """
    position = start
    begun: NDArray[Any] | None = None
    for block in blocks:
        if event == len(counts):
            return
        stop = position + len(block)
        if begun is None and edges[event] > position:
            block = block[edges[event] - position :]
        if begun is not None:
            left = int(counts[event]) - len(begun)
            begun = np.concatenate([begun, block[:left]])
            block = block[left:]
            if len(begun) < counts[event]:
                position = stop
                continue
            yield begun, counts[event : event + 1]
            event, begun = event + 1, None
        position = stop - len(block)
        after = int(np.searchsorted(edges, stop, side="right")) - 1
        if after > event:
            yield block[: edges[after] - position], counts[event:after]
            event = after
        if event < len(counts) and stop > edges[event]:
            # The memory of the block is used again.
            begun = block[edges[event] - position :].copy()
        position = stop
