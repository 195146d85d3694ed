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

__all__ = [
    "Chosen",
    "RowKernel",
    "Rows",
    "baskets_of",
    "joined",
    "own_tree",
    "reduce_fields",
    "rows_at_a_time",
    "run_jobs",
    "summarize_rows",
]

BLOCK = 1024 * 1024
"""Bytes of rows that are reduced at a time: they stay in the cache, and Python's part is small."""

RowKernel = Callable[[NDArray[Any]], Mapping[str, NDArray[Any]]]
Reduced = dict[str, NDArray[Any]]
Job = Callable[[], Reduced]


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
    return run_jobs(
        parts,
        entries,
        tree,
        wanted,
        lambda reader, name, chosen: _jobs(parts, reader, name, chosen, kernel),
        lambda nothing: dict(kernel(nothing)),
    )


def run_jobs(
    parts: Parts,
    entries: range | NDArray[np.int64],
    tree: Tree,
    wanted: Mapping[str, str],
    jobs: Callable[[PartReader, str, Chosen], Iterable[Job]],
    of_nothing: Callable[[NDArray[Any]], Reduced],
) -> dict[str, Reduced]:
    """Run the jobs that reduce the rows of some events in threads, and join what they give.

    Parameters
    ----------
    jobs : callable
        Gives the jobs of a file, a stripe and chosen rows, in the order of the rows.
    of_nothing : callable
        Reduces an array without rows: what there is where there is no job.
    """
    waiting: dict[str, list[Future[Reduced]]] = {field: [] for field in wanted}
    try:
        for reader, start, stop, picked in windows(parts, entries):
            chosen = Chosen.of(parts, reader, tree, start, stop, picked)
            for field, name in wanted.items():
                waiting[field] += [parts.executor.submit(job) for job in jobs(reader, name, chosen)]
        return {
            field: joined([future.result() for future in futures])
            or of_nothing(_no_row(parts.layout, wanted[field]))
            for field, futures in waiting.items()
        }
    finally:
        for futures in waiting.values():
            for future in futures:
                future.cancel()


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows of a tree in one file that belong to some events.

    Attributes
    ----------
    start, stop : int
        The range of events.
    first, after : int
        The range of rows.
    rows : array, optional
        The chosen ones among them; None for all.
    picked : array, optional
        The chosen events; None for all.
    """

    start: int
    stop: int
    first: int
    after: int
    rows: NDArray[np.int64] | None
    picked: NDArray[np.int64] | None

    @classmethod
    def of(
        cls,
        parts: Parts,
        reader: PartReader,
        tree: Tree,
        start: int,
        stop: int,
        picked: NDArray[np.int64] | None,
    ) -> Chosen:
        """Find the rows of events `start` to `stop`, or of those of them that are picked."""
        offsets = reader.offsets(parts.layout, tree.frame)
        first, after = int(offsets[start]), int(offsets[stop])
        rows = None if picked is None else places_of(offsets, picked)
        return cls(start, stop, first, after, rows, picked)

    def among(self, start: int, stop: int) -> slice | NDArray[np.int64]:
        """Say which of the rows `start` to `stop` are chosen, counted from `start`."""
        low, high = max(self.first, start), min(self.after, stop)
        if self.rows is None:
            return slice(low - start, high - start)
        bounds = np.searchsorted(self.rows, [low, high])
        return self.rows[bounds[0] : bounds[1]] - start


def _jobs(
    parts: Parts, reader: PartReader, name: str, chosen: Chosen, kernel: RowKernel
) -> Iterator[Job]:
    """Give one job a basket, which reduces the rows that are chosen in it."""
    if chosen.first == chosen.after:
        return
    count = rows_at_a_time(parts.layout, name)
    for start, blocks in baskets_of(parts.layout, reader, name, chosen):

        def job(start: int = start, blocks: RowBlocks = blocks) -> Reduced:
            reduced = joined([dict(kernel(block)) for block in blocks(count)])
            rows = len(next(iter(reduced.values()), ()))
            kept = chosen.among(start, start + rows)
            return {key: values[kept] for key, values in reduced.items()}

        yield job


def rows_at_a_time(layout: Layout, name: str) -> int:
    """Say how many rows of a stripe are reduced at a time."""
    stripe = layout.record_type.stripes[name]
    return max(1, BLOCK // (max(stripe.length, 1) * np.dtype(stripe.dtype).itemsize))


def baskets_of(
    layout: Layout, reader: Any, name: str, chosen: Chosen
) -> list[tuple[int, RowBlocks]]:
    """Give the first row of each basket with chosen rows, and what gives all its rows."""
    if hasattr(reader, "row_baskets"):
        return list(reader.row_baskets(layout, name, chosen.first, chosen.after))
    # Other kinds of files have no baskets: the rows of the events at once.
    values = reader.read(layout, [name], chosen.start, chosen.stop)[name]
    return [(chosen.first, lambda rows: iter([values.reshape(len(values), -1)]))]


def joined(pieces: Sequence[Reduced]) -> Reduced:
    """Put what was made of rows one after another; empty for no pieces."""
    if not pieces:
        return {}
    return {key: np.concatenate([piece[key] for piece in pieces]) for key in pieces[0]}


def _no_row(layout: Layout, name: str) -> NDArray[Any]:
    stripe = layout.record_type.stripes[name]
    return np.zeros((0, max(stripe.length, 1)), dtype=np.dtype(stripe.dtype))
