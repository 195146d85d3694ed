"""Baskets: the entries of one branch, compressed, with the key that ROOT finds them by.

A basket is a key (sizes, its own place in the file, class, names of branch and tree) and then
the compressed content: the values of its entries, big-endian, and for entries of different
sizes also where each begins. The cycle of the key, of which ROOT makes no use and in which it
counts a branch's baskets, is the number of the batch, so that `salvage` knows without a header
which baskets belong together.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import EventFileError
from shoeroot.events.compress import BLOCK, compress_bytes, compress_values, zeros_block

__all__ = [
    "CYCLES",
    "KEY",
    "TAIL",
    "Basket",
    "Encoding",
    "encode_fixed",
    "encode_jagged",
    "encode_text",
    "moment_now",
]

KEY = struct.Struct(">ihiIhhqq")
"""Bytes with key, version, bytes of content, time, bytes of key, cycle, own place, directory."""
TAIL = struct.Struct(">Hiiii?")
"""Version, buffer size, entry size or offsets, entries, end of the values after the key, flag."""
CYCLES = 1 << 15
KEY_VERSION = 1004
BASKET_VERSION = 3
BUFFER_SIZE = 32000
LARGEST = 2**31 - 1
_SPARE = 64
PIECE = 16 * BLOCK
"""About how much a thread compresses at a time."""
WORTH_A_THREAD = BLOCK

Blocks = list[bytes] | None


@dataclass(frozen=True, slots=True)
class Basket:
    """A basket that is ready for its place in the file.

    Attributes
    ----------
    branch, tree : str
        Names.
    entries : int
        Number of entries.
    content : list of bytes
        What follows the key.
    content_bytes : int
        Bytes of the content, decompressed.
    value_bytes : int
        Bytes of the values alone.
    entry_size : int
        Bytes an entry or, where they differ, what ROOT expects in that place.
    has_offsets : bool
        Whether entries differ in size.
    longest : int
        Bytes of the longest entry of a text, otherwise 0.
    """

    branch: str
    tree: str
    entries: int
    content: list[bytes]
    content_bytes: int
    value_bytes: int
    entry_size: int
    has_offsets: bool = False
    longest: int = 0

    @property
    def key_bytes(self) -> int:
        """Bytes of the key."""
        return _key_bytes(self.branch, self.tree)

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return self.key_bytes + sum(map(len, self.content))

    def key(self, place: int, directory: int, number: int, moment: int) -> bytes:
        """Give the key of a basket of batch `number`, for the place in the file where it is."""
        key_bytes, size = self.key_bytes, self.size
        if max(size, self.content_bytes + key_bytes) > LARGEST:
            raise EventFileError(
                f"the branch {self.tree}/{self.branch} has more than 2 GiB in one batch",
                hint="write smaller batches",
            )
        return b"".join(
            (
                KEY.pack(
                    size,
                    KEY_VERSION,
                    self.content_bytes,
                    moment,
                    key_bytes,
                    number % CYCLES,
                    place,
                    directory,
                ),
                _names(self.branch, self.tree),
                TAIL.pack(
                    BASKET_VERSION,
                    BUFFER_SIZE,
                    self.entry_size,
                    self.entries,
                    key_bytes + self.value_bytes,
                    False,
                ),
            )
        )


def moment_now() -> int:
    """Give the local time as ROOT packs it."""
    now = datetime.now()
    date = (now.year - 1995) << 9 | now.month << 5 | now.day
    return date << 17 | now.hour << 12 | now.minute << 6 | now.second


def _key_bytes(branch: str, tree: str) -> int:
    return KEY.size + len(_names(branch, tree)) + TAIL.size


@lru_cache(maxsize=4096)
def _names(branch: str, tree: str) -> bytes:
    return b"".join(map(_text, ("TBasket", branch, tree)))


def _text(text: str) -> bytes:
    letters = text.encode()
    length = (
        bytes([len(letters)]) if len(letters) < 255 else b"\xff" + struct.pack(">I", len(letters))
    )
    return length + letters


@dataclass(frozen=True, slots=True)
class Encoding:
    """A basket whose blocks are, perhaps, still being compressed.

    Attributes
    ----------
    basket : Basket
        The basket without its content.
    blocks : list
        Compressed blocks, or futures of them.
    raw : callable
        Gives the content as it is, for what no codec makes smaller.
    can_grow : bool
        Whether zeros may follow the values.
    compression : uproot.compression.Compression
        The codec.
    """

    basket: Basket
    blocks: list[Future[Blocks] | Blocks]
    raw: Callable[[], bytes]
    can_grow: bool
    compression: Any

    def named(self, branch: str) -> Encoding:
        """Give the same entries, which must be of one size, for another branch."""
        return replace(self, basket=replace(self.basket, branch=branch))

    def finish(self) -> Basket:
        """Wait for the blocks and give the basket.

        Readers take content that is not smaller than what it decompresses to for uncompressed,
        and would not see its checksums. So zeros, which compress to nothing, follow values that
        cannot be compressed. Where offsets follow the values there is no place for zeros; such
        a basket, always a small one, is stored without a checksum of its own.
        """
        done = [each.result() if isinstance(each, Future) else each for each in self.blocks]
        content: list[bytes] = []
        content_bytes = self.basket.content_bytes
        for blocks in done:
            if blocks is None:
                return replace(self.basket, content=[self.raw()])
            content += blocks
        excess = sum(map(len, content)) - content_bytes
        if excess >= 0:
            # A multiple of 8, so that all can be seen as numbers of the same kind.
            zeros = (excess + _SPARE) // 8 * 8
            block = zeros_block(zeros, self.compression) if self.can_grow else None
            if block is None:
                return replace(self.basket, content=[self.raw()])
            content.append(block)
            content_bytes += zeros
        return replace(self.basket, content=content, content_bytes=content_bytes)


def encode_fixed(
    branch: str, tree: str, values: NDArray[Any], compression: Any, pool: Executor
) -> Encoding:
    """Begin a basket of entries of one size: shape (entries,) or (entries, length)."""
    size = values.nbytes
    basket = Basket(branch, tree, len(values), [], size, size, size // len(values))
    blocks = _start(values, compression, pool)
    return Encoding(basket, blocks, lambda: _big(values).tobytes(), True, compression)


def encode_jagged(
    branch: str,
    tree: str,
    offsets: NDArray[np.int64],
    values: NDArray[Any],
    compression: Any,
    pool: Executor,
) -> Encoding:
    """Begin a basket of lists of numbers: where each begins in `values`, and the values."""
    ends = offsets * values.itemsize + _key_bytes(branch, tree)
    tail = struct.pack(">i", len(ends)) + ends.astype(">i4").tobytes()
    content_bytes = values.nbytes + len(tail)
    entries = len(offsets) - 1
    basket = Basket(branch, tree, entries, [], content_bytes, values.nbytes, entries + 2, True)

    def raw() -> bytes:
        return _big(values).tobytes() + tail

    if values.nbytes <= WORTH_A_THREAD:
        blocks: list[Future[Blocks] | Blocks] = [compress_bytes(raw(), compression)]
    else:
        blocks = [*_start(values, compression, pool), compress_bytes(tail, compression)]
    return Encoding(basket, blocks, raw, False, compression)


def encode_text(
    branch: str,
    tree: str,
    offsets: NDArray[np.int64],
    letters: NDArray[Any],
    compression: Any,
    pool: Executor,
) -> Encoding:
    """Begin a basket of texts: where each begins in `letters`, and the letters (UTF-8).

    ROOT's text branch has the length before each text: a byte, or 255 and four bytes.
    """
    lengths = np.diff(offsets)
    long = lengths >= 255
    prefixes = np.where(long, 5, 1)
    begins = offsets + np.concatenate([[0], np.cumsum(prefixes)])
    content = np.empty(int(begins[-1]), dtype=np.uint8)
    content[begins[:-1]] = np.minimum(lengths, 255)
    sizes = lengths[long].astype(">u4").view(np.uint8).reshape(-1, 4)
    content[begins[:-1][long, None] + np.arange(1, 5)] = sizes
    shift = begins[:-1] + prefixes - offsets[:-1]
    content[np.arange(len(letters)) + np.repeat(shift, lengths)] = letters
    encoding = encode_jagged(branch, tree, begins, content, compression, pool)
    longest = int((lengths + prefixes).max(initial=0))
    return replace(encoding, basket=replace(encoding.basket, longest=longest))


def _big(values: NDArray[Any]) -> NDArray[Any]:
    return values.astype(values.dtype.newbyteorder(">"), copy=False)


def _start(values: NDArray[Any], compression: Any, pool: Executor) -> list[Future[Blocks] | Blocks]:
    """Compress small arrays at once; give pieces of large ones to the pool."""
    if values.nbytes <= WORTH_A_THREAD:
        return [compress_values(values, compression)]
    step = max(PIECE // (values.nbytes // len(values)), 1)
    return [
        pool.submit(compress_values, values[start : start + step], compression)
        for start in range(0, len(values), step)
    ]
