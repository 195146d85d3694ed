"""Compression in ROOT's blocks, each with a checksum: ZSTD frames, or LZ4 for quick reading.

Whoever decompresses a block, ROOT and uproot included, compares the checksum, so that a
flipped bit is an error and never a wrong number. Blocks are cut between entries where entries
are small, so that a reader may work on one block at a time while it is in the processor's cache.
"""

from __future__ import annotations

import threading
from typing import Any

import cramjam
import numpy as np
import uproot
import xxhash
import zstandard
from numpy.typing import NDArray

__all__ = [
    "BLOCK",
    "CheckedZSTD",
    "QuicklyReadLZ4",
    "checked",
    "compress_bytes",
    "compress_values",
    "zeros_block",
]

BLOCK = 1 << 18
"""Bytes of content a block aims at: it fits the processor's cache. ROOT's limit is 2**24 - 1."""

WORTH_DECODING = 0.85
"""Share of its size that a block must come down to, to be worth what decoding it costs."""
AS_IT_IS = -(1 << 17)
"""ZSTD's lowest level: blocks are kept as they are, in a frame with a checksum."""

_compressors = threading.local()


class CheckedZSTD(uproot.ZSTD):  # type: ignore[misc]
    """uproot's ZSTD, with the checksum of the content in each frame."""

    @property
    def code_pair(self) -> tuple[int, int]:
        """Algorithm and level as ROOT numbers them."""
        algorithm, level = uproot.ZSTD(self.level).code_pair
        return int(algorithm), int(level)

    def compress(self, data: Any) -> bytes:
        """Give one frame; other Python threads run meanwhile."""
        return _compressor(self.level).compress(data)

    def block(self, content: NDArray[Any]) -> bytes:
        """Give one block with its header."""
        return _zstd_block(self.compress(content), content)


class QuicklyReadLZ4(uproot.LZ4):  # type: ignore[misc]
    """LZ4, decoded three times as fast as ZSTD, for what is read far more often than written.

    ROOT's blocks of LZ4 have a checksum anyway. What LZ4 hardly makes smaller, such as the last
    bits of computed numbers, which are noise, is kept as it is in a ZSTD frame with a checksum:
    that costs a few bytes, whatever the content.
    """

    def block(self, content: NDArray[Any]) -> bytes:
        """Give one block with its header."""
        data = content.view(np.uint8).data
        packed = bytes(cramjam.lz4.compress_block(data, store_size=False))
        if len(packed) > WORTH_DECODING * len(data):
            return _zstd_block(_compressor(AS_IT_IS).compress(data), content)
        stored = xxhash.xxh64_digest(packed) + packed
        return b"L4\x01" + _three(len(stored)) + _three(content.nbytes) + stored


def _compressor(level: int) -> zstandard.ZstdCompressor:
    # A compressor must not be used by two threads at once, and is slow to make.
    known: dict[int, zstandard.ZstdCompressor] = _compressors.__dict__.setdefault("by_level", {})
    if level not in known:
        known[level] = zstandard.ZstdCompressor(level=level, write_checksum=True)
    return known[level]


def checked(compression: Any) -> Any:
    """Give the same codec with checksums where it is ZSTD, by default ZSTD level 1."""
    if compression is None:
        return CheckedZSTD(1)
    if isinstance(compression, uproot.ZSTD) and compression.level > 0:
        return CheckedZSTD(compression.level)
    return compression


def compress_values(values: NDArray[Any], compression: Any) -> list[bytes] | None:
    """Compress the entries of an array as ROOT stores them: big-endian, in blocks.

    Parameters
    ----------
    values : numpy.ndarray
        The first dimension is that of entries.
    compression : uproot.compression.Compression
        The codec.

    Returns
    -------
    list of bytes or None
        Blocks with their headers; None where the codec cannot make blocks of this.
    """
    flat = np.ascontiguousarray(values).reshape(-1)
    big = flat.dtype.newbyteorder(">")
    entry = values[:1].size
    # Whole entries a block; where one entry is larger than a block, whole values.
    step = max(BLOCK // (entry * flat.itemsize), 1) * entry if entry * flat.itemsize <= BLOCK else 0
    step = step or BLOCK // flat.itemsize
    blocks = []
    for start in range(0, len(flat), step):
        block = _block(flat[start : start + step].astype(big, copy=False), compression)
        if block is None:
            return None
        blocks.append(block)
    return blocks


def compress_bytes(data: bytes, compression: Any) -> list[bytes] | None:
    """Compress bytes as they are; otherwise like `compress_values`."""
    return compress_values(np.frombuffer(data, dtype=np.uint8), compression)


def _block(content: NDArray[Any], compression: Any) -> bytes | None:
    if isinstance(compression, CheckedZSTD | QuicklyReadLZ4):
        return compression.block(content)
    raw = content.tobytes()
    packed: bytes = uproot.compression.compress(raw, compression)
    # uproot gives the data back where they do not become smaller.
    return packed if packed is not raw and len(packed) < len(raw) else None


def _zstd_block(frame: bytes, content: NDArray[Any]) -> bytes:
    return b"ZS\x01" + _three(len(frame)) + _three(content.nbytes) + frame


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")


def zeros_block(count: int, compression: Any) -> bytes | None:
    """Compress `count` bytes that are zero into one block."""
    if isinstance(compression, QuicklyReadLZ4):
        compression = CheckedZSTD(1)  # the shortest, however many they are
    return _block(np.zeros(count, dtype=np.uint8), compression)
