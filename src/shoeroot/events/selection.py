"""From selected events to ranges of entries of files, and out of what was read there."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from shoeroot.events.part_reader import PartReader
from shoeroot.events.parts import Parts
from shoeroot.records import Stripes

__all__ = ["places_of", "take", "windows"]

Window = tuple[PartReader, int, int, NDArray[np.int64] | None]
"""A file, a range of its entries, and which of them (None for all)."""


def windows(parts: Parts, entries: range | NDArray[np.int64]) -> Iterator[Window]:
    """Cut selected events into ranges of entries of files.

    Parameters
    ----------
    parts : Parts
        The files.
    entries : range or array
        Events by their number in all files, increasing.

    Yields
    ------
    tuple
        A file, a range of its entries, and the selected ones among them. What is selected
        sparsely is cut where the baskets are, so that baskets without selected events are
        left out. There is at least one, which may be empty.
    """
    if isinstance(entries, range) and entries.step == 1:
        yield from _contiguous(parts, entries.start, entries.stop)
        return
    numbers = np.asarray(entries, dtype=np.int64)
    if len(numbers) == 0:
        yield parts.readers[0], 0, 0, None
    for reader, first, after in zip(
        parts.readers, parts.starts[:-1], parts.starts[1:], strict=True
    ):
        bounds = np.searchsorted(numbers, [first, after])
        yield from _by_cluster(reader, numbers[bounds[0] : bounds[1]] - first)


def _contiguous(parts: Parts, start: int, stop: int) -> Iterator[Window]:
    found = False
    for reader, first, after in zip(
        parts.readers, parts.starts[:-1].tolist(), parts.starts[1:].tolist(), strict=True
    ):
        if max(start, first) < min(stop, after):
            found = True
            yield reader, max(start, first) - first, min(stop, after) - first, None
    if not found:
        yield parts.readers[0], 0, 0, None


def _by_cluster(reader: PartReader, entries: NDArray[np.int64]) -> Iterator[Window]:
    if len(entries) == 0:
        return
    if entries[-1] - entries[0] + 1 == len(entries):
        yield reader, int(entries[0]), int(entries[-1]) + 1, None
        return
    bounds = np.unique(np.searchsorted(entries, reader.clusters))
    for low, high in itertools.pairwise(bounds):
        inside = entries[low:high]
        yield reader, int(inside[0]), int(inside[-1]) + 1, inside


def take(
    parts: Parts,
    reader: PartReader,
    piece: Stripes,
    start: int,
    stop: int,
    picked: NDArray[np.int64],
) -> Stripes:
    """Keep the values of the entries `picked` of what was read for entries `start` to `stop`."""
    if len(picked) == stop - start:
        return piece
    taken: Stripes = {}
    for name, array in piece.items():
        frame = parts.record_type.stripes[name].frame
        offsets = reader.offsets(parts.layout, frame)
        places = places_of(offsets, picked) - offsets[start]
        taken[name] = array[places]
    return taken


def places_of(offsets: NDArray[np.int64], picked: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give all places of the ranges `picked`, where range k is `offsets[k]` to `offsets[k + 1]`."""
    lengths = offsets[picked + 1] - offsets[picked]
    before = np.cumsum(lengths) - lengths
    # Each range's start, counted up.
    places: NDArray[np.int64] = np.arange(lengths.sum())
    places += np.repeat(offsets[picked] - before, lengths)
    return places
