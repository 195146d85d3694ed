"""Rows of own trees, such as hourly series: one batch at a time, or reduced while they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import nearest
from shoeroot.events.layout import Layout, Tree
from shoeroot.events.part_reader import PartReader, RowBlocks
from shoeroot.events.parts import Parts
from shoeroot.events.selection import places_of, windows
from shoeroot.events.views import UnknownFieldError

__all__ = ["RowKernel", "Rows", "own_tree", "reduce_fields", "summarize_rows"]

BLOCK = 1024 * 1024
"""Bytes of rows that are reduced at a time: they stay in the cache, and Python's part is small."""

RowKernel = Callable[[NDArray[Any]], Mapping[str, NDArray[Any]]]
Reduced = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of an own tree that belong to some events.

    Attributes
    ----------
    start : int
        Place of the first of the events.
    counts : numpy.ndarray
        Number of rows of each event.
    arrays : dict of str to numpy.ndarray
        Fields by name, one row a list element: (rows, length) for fixed arrays.
    """

    start: int
    counts: NDArray[Any]
    arrays: dict[str, NDArray[Any]]


def summarize_rows(block: NDArray[Any]) -> Reduced:
    """Give sum, largest value and its place of each row.

    Parameters
    ----------
    block : array
        (rows, length), numbers.

    Returns
    -------
    dict
        ``total``, float64; ``peak``, in the type of the rows; ``peak_place``, int64, the first
        of equals. A row with NaN has NaN for total and peak, and the place of the first NaN.
    """
    place = block.argmax(axis=1)
    return {
        # Sums of float32 in float32 would lose 4e-5 over a year.
        "total": np.einsum("ij->i", block, dtype=np.float64),
        "peak": block[np.arange(len(block)), place],
        "peak_place": place,
    }


def own_tree(
    layout: Layout, path: str, fields: Iterable[str] | None
) -> tuple[Tree, dict[str, str]]:
    """Find an own tree, and the stripes of some of its fields by the name of the field.

    Raises
    ------
    UnknownFieldError
        With the nearest names.
    """
    prefix = path.replace(".", "_")
    tree = layout.trees.get(prefix)
    if tree is None or tree.is_main:
        known = [name.replace("_", ".") for name, own in layout.trees.items() if not own.is_main]
        raise UnknownFieldError(f"{path!r} has no tree of its own", hint=nearest(path, known))
    values = {branch.name: branch.stripe.name for branch in tree.branches if branch.kind == "value"}
    chosen = list(values) if fields is None else list(fields)
    for field in chosen:
        if field not in values:
            raise UnknownFieldError(f"{path!r} has no {field!r}", hint=nearest(field, values))
    return tree, {field: values[field] for field in chosen}


def reduce_fields(
    parts: Parts,
    entries: range | NDArray[np.int64],
    tree: Tree,
    wanted: Mapping[str, str],
    kernel: RowKernel,
) -> dict[str, Reduced]:
    """Reduce the rows of some events, field by field; see `Events.reduce_rows`."""
    waiting: dict[str, list[Future[Reduced]]] = {field: [] for field in wanted}
    try:
        for reader, start, stop, picked in windows(parts, entries):
            chosen = _Chosen.of(parts, reader, tree, start, stop, picked)
            for field, name in wanted.items():
                waiting[field] += [
                    parts.executor.submit(job) for job in _jobs(parts, reader, name, chosen, kernel)
                ]
        return {
            field: _joined([future.result() for future in futures])
            or dict(kernel(_no_row(parts.layout, wanted[field])))
            for field, futures in waiting.items()
        }
    finally:
        for futures in waiting.values():
            for future in futures:
                future.cancel()


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Rows of a tree in one file that belong to some events.

    Attributes
    ----------
    start, stop : int
        The range of events.
    first, after : int
        The range of rows.
    rows : array, optional
        The chosen ones among them; None for all.
    """

    start: int
    stop: int
    first: int
    after: int
    rows: NDArray[np.int64] | None

    @classmethod
    def of(
        cls,
        parts: Parts,
        reader: PartReader,
        tree: Tree,
        start: int,
        stop: int,
        picked: NDArray[np.int64] | None,
    ) -> _Chosen:
        """Find the rows of events `start` to `stop`, or of those of them that are picked."""
        offsets = reader.offsets(parts.layout, tree.frame)
        first, after = int(offsets[start]), int(offsets[stop])
        rows = None if picked is None else places_of(offsets, picked)
        return cls(start, stop, first, after, rows)

    def among(self, start: int, stop: int) -> slice | NDArray[np.int64]:
        """Say which of the rows `start` to `stop` are chosen, counted from `start`."""
        low, high = max(self.first, start), min(self.after, stop)
        if self.rows is None:
            return slice(low - start, high - start)
        bounds = np.searchsorted(self.rows, [low, high])
        return self.rows[bounds[0] : bounds[1]] - start


def _jobs(
    parts: Parts, reader: PartReader, name: str, chosen: _Chosen, kernel: RowKernel
) -> Iterator[Callable[[], Reduced]]:
    """Give one job a basket, which reduces the rows that are chosen in it."""
    if chosen.first == chosen.after:
        return
    stripe = parts.layout.record_type.stripes[name]
    count = max(1, BLOCK // (max(stripe.length, 1) * np.dtype(stripe.dtype).itemsize))
    for start, blocks in _baskets(parts.layout, reader, name, chosen):

        def job(start: int = start, blocks: RowBlocks = blocks) -> Reduced:
            reduced = _joined([dict(kernel(block)) for block in blocks(count)])
            rows = len(next(iter(reduced.values()), ()))
            kept = chosen.among(start, start + rows)
            return {key: values[kept] for key, values in reduced.items()}

        yield job


def _baskets(
    layout: Layout, reader: Any, name: str, chosen: _Chosen
) -> Iterable[tuple[int, RowBlocks]]:
    if hasattr(reader, "row_baskets"):
        found: Iterable[tuple[int, RowBlocks]] = reader.row_baskets(
            layout, name, chosen.first, chosen.after
        )
        return found
    # Other kinds of files have no baskets: the rows of the events at once.
    values = reader.read(layout, [name], chosen.start, chosen.stop)[name]
    return [(chosen.first, lambda rows: iter([values.reshape(len(values), -1)]))]


def _joined(pieces: Sequence[Reduced]) -> Reduced:
    if not pieces:
        return {}
    return {key: np.concatenate([piece[key] for piece in pieces]) for key in pieces[0]}


def _no_row(layout: Layout, name: str) -> NDArray[Any]:
    stripe = layout.record_type.stripes[name]
    return np.zeros((0, max(stripe.length, 1)), dtype=np.dtype(stripe.dtype))
