"""Finding baskets and texts in a file without its headers, wherever the file ends.

Every object in a ROOT file begins with a key that says how long the object is, of which class,
what it is called, and at which byte of the file it is itself. The last makes keys easy to tell
from other bytes that look like one, so that all objects that were written whole can be found.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shoeroot.events.basket import CYCLES, TAIL
from shoeroot.events.decompress import decompress
from shoeroot.events.file_bytes import FileBytes
from shoeroot.events.header import LARGE_KEY, Key, read_string, read_text

__all__ = ["FoundBasket", "find_baskets", "find_texts"]

WINDOW = 1 << 24
LONGEST_KEY = 4096
_KEY = struct.Struct(">iHiIHH")
_PLACES = {True: struct.Struct(">qq"), False: struct.Struct(">ii")}


@dataclass(frozen=True, slots=True)
class FoundBasket:
    """A basket that is whole.

    Attributes
    ----------
    key : Key
        Where it is and how large; its cycle is the number of the batch, modulo `CYCLES`,
        and always 0 where uproot wrote it.
    entries : int
        Number of entries.
    border : int
        Bytes of the values; after them may come where each entry starts, or zeros.
    """

    key: Key
    entries: int
    border: int

    def content(self, file: FileBytes) -> memoryview:
        """Decompress it; raises ValueError or an error of the codec if it is damaged."""
        key = self.key
        body = memoryview(file.read(key.place, key.stored))[key.header :]
        return body if len(body) == key.size else memoryview(decompress(body, key.size))

    def values(self, file: FileBytes, dtype: np.dtype[np.generic]) -> NDArray[np.generic]:
        """Give the values of all its entries, flat and in native byte order."""
        stored = np.frombuffer(self.content(file)[: self.border], dtype.newbyteorder(">"))
        return stored.astype(dtype)


def find_baskets(file: FileBytes) -> dict[tuple[str, str], dict[int, FoundBasket]]:
    """Find all baskets that are whole: by names of tree and branch, and then by number.

    The number is that of the batch (`events.basket`). Where uproot wrote the baskets, which
    gives them none, they are counted as they stand in the file.
    """
    found: dict[tuple[str, str], list[FoundBasket]] = {}
    for key, title, tail in _objects(file, "TBasket"):
        if len(tail) != TAIL.size:
            continue
        _, _, _, entries, last, _ = TAIL.unpack(tail)
        border = last - key.header
        if entries > 0 and 0 <= border <= key.size:
            found.setdefault((title, key.name), []).append(FoundBasket(key, entries, border))
    return {names: _by_number(baskets) for names, baskets in found.items()}


def _by_number(baskets: list[FoundBasket]) -> dict[int, FoundBasket]:
    # Not by place: uproot fills gaps in a file, so that a later basket may stand before others.
    cycles = [basket.key.cycle for basket in baskets]
    if not any(cycles):
        return dict(enumerate(baskets))
    numbers: dict[int, FoundBasket] = {}
    for cycle, basket in zip(cycles, baskets, strict=True):
        while cycle in numbers:
            cycle += CYCLES
        numbers[cycle] = basket
    return numbers


def find_texts(file: FileBytes) -> dict[str, str]:
    """Find the texts (TObjString) by name, of two of one name the later; damaged ones are not."""
    texts = {}
    for key, _, _ in _objects(file, "TObjString"):
        try:
            texts[key.name] = read_text(file, key)
        except Exception:  # noqa: S112 (codecs raise what they like)
            continue
    return texts


def _objects(file: FileBytes, class_name: str) -> Iterator[tuple[Key, str, bytes]]:
    """Find all keys of a class: key, title, and the rest of the key after the title."""
    pattern = bytes([len(class_name)]) + class_name.encode()
    position = start = 0
    window = file.read(0, min(WINDOW, file.size))
    while True:
        found = window.find(pattern, position - start)
        if found >= 0:
            read = _read_key(file, start + found)
            # What is inside an object is not searched.
            position = read[0].place + read[0].stored if read else start + found + 1
            if read:
                yield read
        elif start + len(window) < file.size:
            position = max(start + len(window) - len(pattern) + 1, position)
        else:
            return
        if position >= file.size:
            return
        if found < 0 or position >= start + len(window):
            start = position
            window = file.read(start, min(WINDOW, file.size - start))


def _read_key(file: FileBytes, place_of_class: int) -> tuple[Key, str, bytes] | None:
    """Read the key whose class name is there, if it is one, and its object whole."""
    for wide in (True, False):
        start = place_of_class - _KEY.size - _PLACES[wide].size
        if start < 0:
            continue
        head = bytes(file.read(start, min(LONGEST_KEY, file.size - start)))
        stored, version, size, _, header, cycle = _KEY.unpack_from(head)
        seek = _PLACES[wide].unpack_from(head, _KEY.size)[0]
        if seek != start or (version > LARGE_KEY) != wide:
            continue
        if not 0 < header <= min(stored, len(head)) or start + stored > file.size or size < 0:
            continue
        try:
            class_name, position = read_string(head, _KEY.size + _PLACES[wide].size)
            name, position = read_string(head, position)
            title, position = read_string(head, position)
            texts = [text.decode() for text in (name, class_name, title)]
        except (ValueError, IndexError, struct.error):
            continue
        if position <= header:
            key = Key(texts[0], texts[1], cycle, start, stored, header, size)
            return key, texts[2], head[position:header]
    return None
