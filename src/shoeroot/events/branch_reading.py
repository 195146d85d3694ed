"""Branches as flat arrays: which baskets to read, in threads, and how they are put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.events.basket_reading import Basket, find_basket, read_lists, read_values
from shoeroot.events.file_bytes import FileBytes
from shoeroot.events.tree_header import BranchHeader, OtherVersionError

__all__ = [
    "Jobs",
    "Work",
    "list_work",
    "run",
    "split_texts",
    "text_work",
    "value_baskets",
    "value_work",
]

WORTH_A_THREAD = 400_000
Jobs = list[tuple[int, Callable[[], None]]]


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done to read a branch: jobs in any order, then `finish` gives the arrays.

    Attributes
    ----------
    jobs : list
        How many bytes each decompresses, and what to call.
    finish : callable
        Gives the flat arrays.
    """

    jobs: Jobs
    finish: Callable[[], tuple[NDArray[Any], ...]]


def run(works: Sequence[Work], executor: Any) -> None:
    """Do the jobs of several branches, in threads where that is worth it."""
    jobs = [job for work in works for job in work.jobs]
    large = [job for job in jobs if job[0] >= WORTH_A_THREAD]
    futures: list[Future[None]] = []
    try:
        if len(large) > 1:
            futures = [executor.submit(job) for _, job in large]
            jobs = [job for job in jobs if job[0] < WORTH_A_THREAD]
        for _, job in jobs:
            job()
        for future in futures:
            future.result()
    finally:
        for future in futures:
            future.cancel()


def _touched(branch: BranchHeader, start: int, stop: int) -> range:
    """Numbers of the baskets in which entries `start` to `stop` are."""
    if not 0 <= start < stop <= branch.entries:
        raise ValueError(f"entries {start} to {stop} of {branch.entries} are asked for")
    first = int(np.searchsorted(branch.edges, start, side="right")) - 1
    after = int(np.searchsorted(branch.edges, stop, side="left"))
    return range(first, after)


def value_baskets(
    file: FileBytes, tree: str, branch: BranchHeader, start: int, stop: int
) -> list[tuple[int, Basket]]:
    """Find the baskets of entries that all have the same size; with each its first entry."""
    width = np.dtype(branch.dtype).itemsize * branch.length
    found = []
    for number in _touched(branch, start, stop):
        basket = find_basket(file, tree, branch, number)
        if basket.border != basket.entries * width:  # zeros may follow the values
            raise ValueError(f"basket {number} of {branch.name!r} has {basket.border} bytes")
        found.append((int(branch.edges[number]), basket))
    return found


def value_work(file: FileBytes, tree: str, branch: BranchHeader, start: int, stop: int) -> Work:
    """Plan to read numbers, or fixed arrays, of entries `start` to `stop`."""
    found = value_baskets(file, tree, branch, start, stop)
    shape = (stop - start, branch.length) if branch.length > 1 else (stop - start,)
    values = np.empty(shape, dtype=np.dtype(branch.dtype))
    jobs: Jobs = []
    for first, basket in found:
        low, high = max(start, first), min(stop, first + basket.entries)
        target = values[low - start : high - start]
        jobs.append((basket.size, _value_job(file, branch.name, basket, target, low - first)))
    return Work(jobs, lambda: (values,))


def _value_job(
    file: FileBytes, name: str, basket: Basket, target: NDArray[Any], skip: int
) -> Callable[[], None]:
    def read() -> None:
        with _named(name):
            read_values(file, basket, target, skip)

    return read


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Say which branch it is that cannot be read: others are read at the same time."""
    try:
        yield
    except Exception as problem:
        raise ValueError(f"a basket of {name!r}: {problem}") from problem


@dataclass(slots=True)
class _Lists:
    """Lists of bytes of some baskets, as jobs bring them."""

    name: str
    starts: dict[int, NDArray[np.int64]] = field(default_factory=dict)
    contents: dict[int, NDArray[np.uint8]] = field(default_factory=dict)

    def job(
        self, file: FileBytes, number: int, basket: Basket, low: int, high: int
    ) -> Callable[[], None]:
        def read() -> None:
            with _named(self.name):
                starts, content = read_lists(file, basket)
            self.contents[number] = content[starts[low] : starts[high]]
            self.starts[number] = np.diff(starts[low : high + 1])

        return read

    def joined(self) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Give the bytes of each entry, and all bytes."""
        numbers = sorted(self.starts)
        if len(numbers) == 1:
            return self.starts[numbers[0]], self.contents[numbers[0]]
        return (
            np.concatenate([self.starts[number] for number in numbers]),
            np.concatenate([self.contents[number] for number in numbers]),
        )


def _lists(
    file: FileBytes, tree: str, branch: BranchHeader, start: int, stop: int
) -> tuple[Jobs, _Lists]:
    lists = _Lists(branch.name)
    jobs: Jobs = []
    for number in _touched(branch, start, stop):
        basket = find_basket(file, tree, branch, number)
        if basket.size == basket.border:
            raise OtherVersionError(f"{branch.name!r} does not say where its entries start")
        first = int(branch.edges[number])
        low, high = max(start, first) - first, min(stop, first + basket.entries) - first
        jobs.append((basket.size, lists.job(file, number, basket, low, high)))
    return jobs, lists


def list_work(file: FileBytes, tree: str, branch: BranchHeader, start: int, stop: int) -> Work:
    """Plan to read lists of numbers: `finish` gives their lengths and all numbers."""
    jobs, lists = _lists(file, tree, branch, start, stop)
    dtype = np.dtype(branch.dtype)

    def finish() -> tuple[NDArray[Any], ...]:
        sizes, content = lists.joined()
        if np.any(sizes % dtype.itemsize):
            raise ValueError(f"a list in {branch.name!r} that ends within a number")
        return sizes // dtype.itemsize, content.view(dtype.newbyteorder(">")).astype(dtype)

    return Work(jobs, finish)


def text_work(file: FileBytes, tree: str, branch: BranchHeader, start: int, stop: int) -> Work:
    """Plan to read texts: `finish` gives their lengths in bytes, and all bytes."""
    jobs, lists = _lists(file, tree, branch, start, stop)
    return Work(jobs, lambda: split_texts(*lists.joined()))


def split_texts(
    sizes: NDArray[np.int64], stored: NDArray[np.uint8]
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Take the heads off stored texts: 1 byte with the length, or 255 and 4 bytes with it.

    An empty text is one byte 0, or nothing at all where ROOT wrote it.
    """
    starts = np.cumsum(sizes) - sizes
    filled = sizes > 0
    first = stored[starts[filled]].astype(np.int64)
    head = np.where(first == 255, 5, 1)
    if np.any(sizes[filled] < head):
        raise ValueError("a text is shorter than its length says")
    long = starts[filled][first == 255][:, None] + np.arange(1, 5)
    first[first == 255] = stored[long].view(">u4").ravel()
    lengths = np.zeros(len(sizes), dtype=np.int64)
    lengths[filled] = sizes[filled] - head
    if np.any(lengths[filled] != first):
        raise ValueError("a text is not as long as it says")
    keep = np.ones(len(stored), dtype=np.bool_)
    keep[starts[filled]] = False
    keep[long] = False
    return lengths.astype(np.int32), stored[keep]
