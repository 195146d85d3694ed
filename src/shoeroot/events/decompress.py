"""ROOT's compressed blocks: 9 bytes of header each, each decompressed where it is needed.

================  ==========================================
bytes of a block  what
================  ==========================================
2                 codec: ``ZS`` (ZSTD), ``ZL``, ``L4``, ``XZ``
1                 method
3                 compressed size, little-endian
3                 decompressed size, little-endian
================  ==========================================
"""

from __future__ import annotations

import lzma
import threading
import zlib
from collections.abc import Iterator
from typing import Any

import cramjam
import numpy as np
import xxhash
import zstandard
from numpy.typing import NDArray

__all__ = ["blocks", "decompress", "decompress_into", "stream"]

HEADER = 9
_local = threading.local()


def blocks(body: memoryview, size: int) -> list[tuple[bytes, memoryview, int]]:
    """Find the blocks of what decompresses to `size` bytes.

    Returns
    -------
    list of tuple
        Codec, the block without its header, and its decompressed size.

    Raises
    ------
    ValueError
        If they are not whole, or their sizes do not add up to `size`: nothing is allocated
        for what a damaged header claims.
    """
    found = []
    position = total = 0
    while position < len(body):
        head = body[position : position + HEADER]
        if len(head) < HEADER:
            raise ValueError("a compressed block is cut short")
        compressed = int.from_bytes(head[3:6], "little")
        whole = int.from_bytes(head[6:9], "little")
        position += HEADER
        block = body[position : position + compressed]
        if len(block) != compressed:
            raise ValueError("a compressed block is cut short")
        codec = bytes(head[:2])
        if codec == b"ZS":
            _check_frame(block, whole)
        found.append((codec, block, whole))
        position += compressed
        total += whole
    if total != size:
        raise ValueError(f"compressed blocks of {total} bytes where {size} are expected")
    return found


def _check_frame(block: memoryview, whole: int) -> None:
    frame = zstandard.get_frame_parameters(block[:18])
    claimed = frame.content_size
    if claimed not in (whole, zstandard.CONTENTSIZE_UNKNOWN) or frame.window_size > max(
        2 * whole, 1 << 24
    ):
        raise ValueError(f"a ZSTD frame of {claimed} bytes in a block of {whole}")


def decompress(body: memoryview, size: int) -> bytearray:
    """Decompress the blocks in `body` to `size` bytes."""
    # Checked before the memory is taken.
    found = blocks(body, size)
    target = bytearray(size)
    _fill(found, memoryview(target))
    return target


def decompress_into(body: memoryview, target: memoryview) -> None:
    """Decompress the blocks in `body` into all of `target` (bytes)."""
    _fill(blocks(body, len(target)), target)


def _fill(found: list[tuple[bytes, memoryview, int]], target: memoryview) -> None:
    start = 0
    for codec, block, whole in found:
        place = target[start : start + whole]
        if codec == b"ZS":
            with _zstd().stream_reader(block, closefd=False) as reader:
                _read_exactly(reader, place)
                _check_end(reader)
        else:
            place[:] = _other(codec, block, whole)
        start += whole


def stream(body: memoryview, size: int, target: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """Decompress piece by piece into the same memory, so that a piece is still in the cache.

    Parameters
    ----------
    body : memoryview
        The blocks.
    size : int
        Bytes in all.
    target : array of uint8
        Where the pieces are put, one after the other; its length is that of a piece.

    Yields
    ------
    array of uint8
        `target`, or its beginning for the last piece.
    """
    view = target.data
    filled = 0
    for codec, block, whole in blocks(body, size):
        reader: Any = (
            _zstd().stream_reader(block, closefd=False)
            if codec == b"ZS"
            else _Buffer(_other(codec, block, whole))
        )
        left = whole
        while left:
            count = min(left, len(view) - filled)
            _read_exactly(reader, view[filled : filled + count])
            left -= count
            filled += count
            if left == 0:
                _check_end(reader)
            if filled == len(view):
                yield target
                filled = 0
    if filled:
        yield target[:filled]


class _Buffer:
    """What `stream` needs of a reader, for bytes that are decompressed already."""

    def __init__(self, content: bytes | memoryview) -> None:
        self._rest = memoryview(content)

    def readinto(self, target: memoryview) -> int:
        count = min(len(target), len(self._rest))
        target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _read_exactly(reader: Any, place: memoryview) -> None:
    while len(place):
        count = reader.readinto(place)
        if not count:
            raise ValueError("compressed data end too early")
        place = place[count:]


def _check_end(reader: Any) -> None:
    # The reader sees the frame's checksum only when it is asked for more.
    if reader.readinto(bytearray(1)):
        raise ValueError("compressed data are longer than they say")


def _zstd() -> Any:
    if not hasattr(_local, "zstd"):
        _local.zstd = zstandard.ZstdDecompressor()
    return _local.zstd


def _lz4(block: memoryview, whole: int) -> memoryview:
    """Decompress a block of LZ4, of which the first 8 bytes are a checksum."""
    if xxhash.xxh64_digest(block[8:]) != block[:8]:
        raise ValueError("the checksum of an LZ4 block is wrong")
    return memoryview(cramjam.lz4.decompress_block(block[8:], output_len=whole))


def _other(codec: bytes, block: memoryview, whole: int) -> bytes | memoryview:
    """Decompress a block of the codecs that ROOT has besides ZSTD, to `whole` bytes at most."""
    done: bytes | memoryview
    if codec == b"ZL":
        done = zlib.decompressobj().decompress(block, whole + 1)
    elif codec == b"XZ":
        done = lzma.LZMADecompressor().decompress(block, whole + 1)
    elif codec == b"L4":
        done = _lz4(block, whole)
    else:
        raise ValueError(f"data compressed as {codec!r} are not known")
    if len(done) != whole:
        raise ValueError(f"{len(done)} decompressed bytes where {whole} are expected")
    return done
