"""Baskets of a branch: found, checked against the tree's header, and decompressed.

A basket holds what a branch has for some entries: their values one after the other, big-endian,
and for entries of different lengths where each starts. What its header claims is compared with
what the tree's header and the file's size allow before memory is taken for it.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.events.decompress import decompress_into, stream
from shoeroot.events.file_bytes import FileBytes
from shoeroot.events.header import LARGE_KEY, read_string
from shoeroot.events.tree_header import BranchHeader, OtherVersionError

__all__ = ["Basket", "find_basket", "pieces", "read_lists", "read_values", "row_blocks"]

LARGEST_BLOCK = 1 << 24
SMALLEST_BLOCK = 16
PIECE = 256 * 1024
_KEY = struct.Struct(">iHiIHH")
_BASKET = struct.Struct(">Hiiii?")
_local = threading.local()


@dataclass(frozen=True, slots=True)
class Basket:
    """One basket.

    Attributes
    ----------
    place, stored : int
        Byte at which its data start in the file, and how many they are there.
    size : int
        Bytes of the data when they are decompressed.
    border : int
        Bytes of values; after them comes where each entry starts.
    entries : int
        Number of entries.
    header : int
        Bytes before the data, from which the starts of entries are counted.
    """

    place: int
    stored: int
    size: int
    border: int
    entries: int
    header: int


def find_basket(file: FileBytes, tree: str, branch: BranchHeader, number: int) -> Basket:
    """Read the header of a basket and check it against its branch.

    Raises
    ------
    OtherVersionError
        If it is a kind of basket that is not known here.
    ValueError
        If it is not the basket that the branch describes.
    """
    place, stored = int(branch.seeks[number]), int(branch.sizes[number])
    head = file.read(place, min(stored, 1024))
    nbytes, version, size, _, header, _ = _KEY.unpack_from(head)
    position = _KEY.size + (16 if version > LARGE_KEY else 8)
    seek = struct.unpack_from(">q" if version > LARGE_KEY else ">i", head, _KEY.size)[0]
    class_name, position = read_string(head, position)
    name, position = read_string(head, position)
    title, position = read_string(head, position)
    _, _, room, entries, last, flag = _BASKET.unpack_from(head, position)
    position += _BASKET.size
    what = f"basket {number} of {branch.name!r}"
    if (nbytes, class_name, name, title, seek) != (
        stored,
        b"TBasket",
        branch.name.encode(),
        tree.encode(),
        place,
    ):
        raise ValueError(f"{what} is not where the tree says")
    wanted = int(branch.edges[number + 1] - branch.edges[number])
    if entries != wanted:
        raise ValueError(f"{what} has {entries} entries where the tree has {wanted}")
    if room < 0 or flag or position != header:
        raise OtherVersionError(f"{what} is of another kind")
    data, border = stored - header, last - header
    if not 0 <= border <= size or data < 0:
        raise ValueError(f"{what} has {border} bytes of values in {size}")
    if size > data and size > LARGEST_BLOCK * (data // SMALLEST_BLOCK + 1):
        raise ValueError(f"{what} claims {size} bytes out of {data}")
    return Basket(place + header, data, size, border, entries, header)


def _stored(file: FileBytes, basket: Basket) -> memoryview:
    """Read the data of a basket as they are in the file, into memory that is used again."""
    buffer = getattr(_local, "stored", None)
    if buffer is None or len(buffer) < basket.stored:
        buffer = _local.stored = bytearray(max(basket.stored, PIECE))
    view = memoryview(buffer)[: basket.stored]
    file.read_into(basket.place, view)
    return view


def _scratch(name: str, size: int) -> NDArray[np.uint8]:
    """Give memory for a piece of data: the same at each call in a thread."""
    buffer: NDArray[np.uint8] | None = getattr(_local, name, None)
    if buffer is None or len(buffer) < size:
        buffer = np.empty(size, dtype=np.uint8)
        setattr(_local, name, buffer)
    return buffer[:size]


def pieces(file: FileBytes, basket: Basket, size: int) -> Iterator[NDArray[np.uint8]]:
    """Decompress the values of a basket in pieces of `size` bytes, all in the same memory.

    A writer may have put zeros after values that cannot be compressed (`events.basket`); all
    blocks are read, so that their checksums are compared, and the zeros are left out.
    """
    left = basket.border
    for piece in _all_pieces(file, basket, size):
        if left:
            yield piece[:left]
        left -= min(left, len(piece))


def _all_pieces(file: FileBytes, basket: Basket, size: int) -> Iterator[NDArray[np.uint8]]:
    stored = _stored(file, basket)
    if basket.stored == basket.size:
        content = np.frombuffer(stored, dtype=np.uint8)
        for start in range(0, basket.size, size):
            yield content[start : start + size]
    else:
        yield from stream(stored, basket.size, _scratch("piece", size))


def row_blocks(
    file: FileBytes, basket: Basket, dtype: np.dtype[Any], length: int, rows: int
) -> Iterator[NDArray[Any]]:
    """Give the rows of a basket, `rows` at a time, in native byte order and in the same memory.

    Yields
    ------
    array
        (rows or fewer for the last, length)
    """
    size = rows * length * dtype.itemsize
    native = _scratch("native", size).view(dtype)
    for piece in pieces(file, basket, size):
        values = piece.view(dtype.newbyteorder(">"))
        block = native[: len(values)]
        np.copyto(block, values)
        yield block.reshape(-1, length)


def contents(file: FileBytes, basket: Basket) -> NDArray[np.uint8]:
    """Decompress all of a basket into memory of its own."""
    stored = _stored(file, basket)
    content = np.empty(basket.size, dtype=np.uint8)
    if basket.stored == basket.size:
        content[:] = stored
    else:
        decompress_into(stored, content.data)
    return content


def read_values(file: FileBytes, basket: Basket, target: NDArray[Any], skip: int) -> None:
    """Fill `target` with values of a basket, from its entry `skip` on, in native byte order.

    Parameters
    ----------
    target : array
        (entries) or (entries, length), contiguous.
    """
    stored_as = target.dtype.newbyteorder(">")
    flat = target.reshape(-1)
    first = skip * (flat.size // max(len(target), 1))
    done = -first
    for piece in pieces(file, basket, PIECE):
        values = piece.view(stored_as)
        low, high = max(done, 0), min(done + len(values), len(flat))
        if low < high:
            # Swapped on the way, while the piece is in the cache.
            np.copyto(flat[low:high], values[low - done : high - done])
        done += len(values)


def read_lists(file: FileBytes, basket: Basket) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Give where each entry of a basket starts, in bytes, the end of the last, and all bytes."""
    content = contents(file, basket)
    tail = content[basket.border :]
    if len(tail) < 4:
        raise ValueError("a basket that does not say where its entries start")
    count = int(tail[:4].view(">i4")[0])
    if count not in (basket.entries, basket.entries + 1) or len(tail) != 4 + 4 * count:
        raise ValueError(f"a basket of {basket.entries} entries with {count} places of entries")
    starts = np.empty(basket.entries + 1, dtype=np.int64)
    starts[:-1] = tail[4 : 4 + 4 * basket.entries].view(">i4")
    starts[:-1] -= basket.header
    starts[-1] = basket.border
    if starts[0] != 0 or np.any(np.diff(starts) < 0):
        raise ValueError("a basket in which entries are not one after the other")
    return starts, content[: basket.border]
