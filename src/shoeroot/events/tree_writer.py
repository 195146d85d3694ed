"""Adding batches of baskets to a tree that uproot made, many baskets in one write.

uproot writes a tree's header and keeps the books (places in the file, free segments), but adds
baskets one after the other in one thread. `TreeWriter` adds them to the same books itself: it
needs things of uproot that are not public, so `can_add` looks whether all of them are there, and
`part_writer` uses uproot's own ``extend`` where they are not.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from typing import Any, BinaryIO

import numpy as np

from shoeroot.events.basket import (
    Basket,
    Encoding,
    encode_fixed,
    encode_jagged,
    encode_text,
    moment_now,
)
from shoeroot.events.layout import Entries
from shoeroot.events.text_room import room_for

__all__ = ["TreeWriter", "can_add", "write_batch"]


PIECES_A_CALL = 1000
_TREE = (
    "_basket_capacity",
    "_branch_data",
    "_directory",
    "_freesegments",
    "_key",
    "_metadata",
    "_name",
    "_num_baskets",
    "_num_entries",
    "_resize_factor",
    "write_anew",
    "write_updates",
)
_BRANCH = (
    "arrays_write_stop",
    "compression",
    "fBasketBytes",
    "fBasketEntry",
    "fBasketSeek",
    "fEntryOffsetLen",
    "fName",
    "fTotBytes",
    "fZipBytes",
    "tleaf_maximum_value",
)


def can_add(trees: Iterable[Any]) -> bool:
    """Say whether these trees of uproot keep their books as `TreeWriter` expects."""
    books: list[Any] = [getattr(tree, "_cascading", None) for tree in trees]
    return all(
        all(hasattr(book, name) for name in _TREE)
        and all(key in branch for branch in book._branch_data for key in _BRANCH)
        for book in books
    )


class TreeWriter:
    """A tree to which batches are added.

    Parameters
    ----------
    tree : uproot.WritableTree
        As `mktree` gives it.
    file : uproot.WritableDirectory
        The file it is in.
    """

    def __init__(self, tree: Any, file: Any) -> None:
        self._books = tree._cascading
        self._sink = file.file.sink
        self._header: _Header | None = None

    def encode(self, arrays: Mapping[str, Entries], pool: Executor) -> list[Encoding]:
        """Begin the baskets of a batch, those of counters included."""
        encodings: list[Encoding] = []
        counters: dict[int, tuple[int, Encoding]] = {}
        for branch in self._books._branch_data:
            name, compression = branch["fName"], branch["compression"]
            own = arrays.get(name)
            if own is None:  # a counter, called n and the branch that it counts
                encodings.append(self._counter(branch, arrays, counters, pool))
            elif own.offsets is None:
                made = encode_fixed(name, self._books._name, own.values, compression, pool)
                encodings.append(made)
            else:
                encode = encode_text if own.kind == "text" else encode_jagged
                made = encode(name, self._books._name, own.offsets, own.values, compression, pool)
                encodings.append(made)
        return encodings

    def _counter(
        self,
        branch: dict[str, Any],
        arrays: Mapping[str, Entries],
        known: dict[int, tuple[int, Encoding]],
        pool: Executor,
    ) -> Encoding:
        name = branch["fName"]
        offsets = arrays[name.removeprefix("n")].offsets
        # All fields of a list have the same counts, compressed once.
        if id(offsets) not in known:
            counts = np.diff(np.asarray(offsets)).astype(np.int32)
            known[id(offsets)] = (
                int(counts.max(initial=0)),
                encode_fixed(name, self._books._name, counts, branch["compression"], pool),
            )
        largest, encoding = known[id(offsets)]
        branch["tleaf_maximum_value"] = max(largest, int(branch["tleaf_maximum_value"]))
        return encoding.named(name)

    def key(self, basket: Basket, place: int, number: int, moment: int) -> bytes:
        """Give the key of a basket of batch `number` that is to be at `place`."""
        return basket.key(place, self._books._directory.key.location, number, moment)

    def add(self, baskets: list[Basket], place: int) -> None:
        """Enter the baskets of a batch, one a branch, in the books."""
        books = self._books
        self._make_room()
        number, entries = books._num_baskets, baskets[0].entries
        for branch, basket in zip(books._branch_data, baskets, strict=True):
            content = basket.key_bytes + basket.content_bytes
            branch["fTotBytes"] += content
            branch["fZipBytes"] += basket.size
            branch["fBasketBytes"][number] = basket.size
            branch["fBasketEntry"][number + 1] = books._num_entries + entries
            branch["fBasketSeek"][number] = place
            branch["arrays_write_stop"] = number + 1
            if basket.has_offsets:
                branch["fEntryOffsetLen"] = 4 * entries
            if basket.longest:
                branch["fLen"] = max(branch.get("fLen", 0), room_for(basket.longest))
            books._metadata["fTotBytes"] += content
            books._metadata["fZipBytes"] += basket.size
            place += basket.size
        books._num_entries += entries
        books._num_baskets += 1

    def _make_room(self) -> None:
        # The books hold the first entries of all baskets and, after the last, their number.
        books = self._books
        if books._num_baskets + 1 < books._basket_capacity:
            return
        capacity = max(books._num_baskets + 2, int(books._basket_capacity * books._resize_factor))
        for branch in books._branch_data:
            for key in ("fBasketBytes", "fBasketEntry", "fBasketSeek"):
                longer = np.zeros(capacity, dtype=branch[key].dtype)
                longer[: len(branch[key])] = branch[key]
                branch[key] = longer
        books._basket_capacity = capacity
        begin = books._key.seek_location
        end = begin + books._key.num_bytes + books._key.compressed_bytes
        books.write_anew(self._sink)
        books._freesegments.release(begin, end)
        self._header = None

    def write_header(self) -> None:
        """Write what the books say into the file, in one piece."""
        if self._header is None:
            self._header = _Header(self._books._key, self._sink)
        self._books.write_updates(self._header)


class _Header:
    """A tree's header in memory, which takes uproot's many small writes."""

    def __init__(self, key: Any, sink: Any) -> None:
        self._begin = key.seek_location + key.num_bytes
        self._sink = sink
        self._content = bytearray(sink.read(self._begin, key.compressed_bytes))

    def write(self, place: int, content: bytes) -> None:
        begin = place - self._begin
        if not 0 <= begin <= len(self._content) - len(content):
            raise RuntimeError("uproot writes outside the header of the tree")
        self._content[begin : begin + len(content)] = content

    def flush(self) -> None:
        self._sink.write(self._begin, bytes(self._content))
        self._sink.flush()


def write_batch(batch: list[tuple[TreeWriter, list[Basket]]], stream: BinaryIO) -> None:
    """Write the baskets of a batch, of all its trees, and then the headers.

    The last tree has a basket for each batch, which comes last: it says that the others are
    complete.
    """
    first, number = batch[0][0], batch[-1][0]._books._num_baskets
    segments, sink = first._books._freesegments, first._sink
    sizes = [[basket.size for basket in baskets] for _, baskets in batch]
    place = begin = segments.allocate(sum(map(sum, sizes)), dry_run=False)
    pieces: list[bytes] = []
    moment = moment_now()
    for (writer, baskets), lengths in zip(batch, sizes, strict=True):
        for basket, size in zip(baskets, lengths, strict=True):
            pieces += (writer.key(basket, place, number, moment), *basket.content)
            place += size
    stream.flush()
    _write_all(stream.fileno(), pieces, begin)
    place = begin
    for (writer, baskets), lengths in zip(batch, sizes, strict=True):
        writer.add(baskets, place)
        place += sum(lengths)
    segments.write(sink)
    sink.set_file_length(segments.fileheader.end)
    for writer, _ in batch:
        writer.write_header()


def _write_all(descriptor: int, pieces: list[bytes], place: int) -> None:
    """Write pieces one after the other without joining them first, which would copy all."""
    for start in range(0, len(pieces), PIECES_A_CALL):
        left = [memoryview(piece) for piece in pieces[start : start + PIECES_A_CALL] if piece]
        while left:
            written = os.pwritev(descriptor, left, place)
            place += written
            while left and written >= len(left[0]):
                written -= len(left.pop(0))
            if left:
                left[0] = left[0][written:]
