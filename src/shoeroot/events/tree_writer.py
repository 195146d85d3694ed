"""Adding batches of baskets to a tree that uproot made, many baskets in one write.

uproot writes a tree's header and keeps the books (places in the file, free segments), but adds
baskets one after the other in one thread. `TreeWriter` adds them to the same books itself: it
needs things of uproot that are not public, so `can_add` looks whether all of them are there, and
`part_writer` uses uproot's own ``extend`` where they are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from typing import Any

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

__all__ = ["TreeWriter", "can_add", "write_batch"]


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
        books, encodings = self._books, []
        name = books._name
        for branch in books._branch_data:
            compression = branch["compression"]
            own = arrays.get(branch["fName"])
            if own is None:  # a counter: the branch that it counts comes next
                offsets = arrays[branch["fName"].removeprefix("n")].offsets
                counts = np.diff(np.asarray(offsets)).astype(np.int32)
                branch["tleaf_maximum_value"] = max(
                    int(counts.max(initial=0)), int(branch["tleaf_maximum_value"])
                )
                encodings.append(encode_fixed(branch["fName"], name, counts, compression, pool))
            elif own.offsets is None:
                encodings.append(encode_fixed(branch["fName"], name, own.values, compression, pool))
            else:
                encode = encode_text if own.kind == "text" else encode_jagged
                encodings.append(
                    encode(branch["fName"], name, own.offsets, own.values, compression, pool)
                )
        return encodings

    def keys(self, baskets: list[Basket], place: int, number: int) -> list[bytes]:
        """Give the keys of the baskets of batch `number`, one after the other from `place`."""
        directory = self._books._directory.key.location
        moment, keys = moment_now(), []
        for basket in baskets:
            keys.append(basket.key(place, directory, number, moment))
            place += basket.size
        return keys

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
                branch["fLen"] = max(branch.get("fLen", 0), basket.longest)
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


def write_batch(batch: list[tuple[TreeWriter, list[Basket]]]) -> None:
    """Write the baskets of a batch, of all its trees, and then the headers.

    The last tree has a basket for each batch, which comes last: it says that the others are
    complete.
    """
    first, number = batch[0][0], batch[-1][0]._books._num_baskets
    segments, sink = first._books._freesegments, first._sink
    size = sum(basket.size for _, baskets in batch for basket in baskets)
    place = begin = segments.allocate(size, dry_run=False)
    pieces: list[bytes] = []
    for writer, baskets in batch:
        for key, basket in zip(writer.keys(baskets, place, number), baskets, strict=True):
            pieces.append(key)
            pieces += basket.content
            place += basket.size
    sink.write(begin, b"".join(pieces))
    place = begin
    for writer, baskets in batch:
        writer.add(baskets, place)
        place += sum(basket.size for basket in baskets)
    segments.write(sink)
    sink.set_file_length(segments.fileheader.end)
    for writer, _ in batch:
        writer.write_header()
