"""A TTree's header, read by hand: number of entries, branches, and where their baskets are.

uproot interprets all of it, which takes some 40 ms for the 150 branches of a simulation. Here the
branches are only found by name, and one is interpreted when it is asked for. Other versions of
the classes than those that ROOT has written since 6.14 raise `OtherVersionError`: such files
are left to uproot.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shoeroot.events.file_bytes import FileBytes
from shoeroot.events.header import Key, read_object, read_string

__all__ = ["BranchHeader", "OtherVersionError", "TreeHeader"]

TREE_VERSION = 20
BRANCH_VERSION = 13
BYTE_COUNT = 0x40000000
CLASS = 0x80000000
NEW_CLASS = 0xFFFFFFFF
CLASS_OFFSET = 2

_LEAVES = {
    "TLeafO": "?",
    "TLeafS": "i2",
    "TLeafI": "i4",
    "TLeafL": "i8",
    "TLeafF": "f4",
    "TLeafD": "f8",
    "TLeafB": "i1",
    "TLeafC": "S",
}


class OtherVersionError(Exception):
    """The file has another version of ROOT's classes than is known here."""


@dataclass(frozen=True, slots=True)
class BranchHeader:
    """One branch.

    Attributes
    ----------
    name : str
        Its name.
    dtype : str
        numpy type of its values without byte order, "S" for texts.
    length : int
        Values an entry, per element where `counted`.
    counted : bool
        Whether another branch counts its values.
    entries : int
        Number of entries.
    seeks, sizes : numpy.ndarray
        Where each basket is in the file, and how many bytes it has there.
    edges : numpy.ndarray
        First entry of each basket, and the number of entries at the end.
    uncompressed : int
        Bytes of all baskets before compression, keys included.
    """

    name: str
    dtype: str
    length: int
    counted: bool
    entries: int
    seeks: NDArray[np.int64]
    sizes: NDArray[np.int64]
    edges: NDArray[np.int64]
    uncompressed: int


class TreeHeader:
    """The header of one TTree.

    Parameters
    ----------
    file : FileBytes
        The file.
    key : Key
        Where the tree is in it.

    Raises
    ------
    OtherVersionError
        If a class has another version.
    ValueError, struct.error, IndexError
        If it is damaged.
    """

    def __init__(self, file: FileBytes, key: Key) -> None:
        if key.class_name not in ("TTree", "TNtuple", "TNtupleD"):
            raise ValueError(f"{key.name!r} is a {key.class_name}, not a tree")
        if key.class_name != "TTree":
            raise OtherVersionError(key.class_name)
        self._content = read_object(file, key)
        self._key_length = key.header
        self._file_size = file.size
        self._parsed: dict[str, BranchHeader] = {}
        content = self._content
        position, end = self._versioned(0, TREE_VERSION, "TTree")
        if end != len(content):
            raise ValueError("the tree is not as long as it says")
        position = self._named(position)[1]
        for _ in ("line", "fill", "marker"):
            position = self._skip(position)
        self.entries: int = struct.unpack_from(">q", content, position)[0]
        if self.entries < 0:
            raise ValueError(f"a tree of {self.entries} entries")
        self._after_entries = position

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all branches, counters included."""
        return tuple(self._places)

    def branch(self, name: str) -> BranchHeader:
        """Give one branch.

        Raises
        ------
        KeyError
            If there is no such branch.
        """
        if name not in self._parsed:
            if name not in self._places:
                raise KeyError(f"no branch {name!r}")
            self._parsed[name] = self._branch(self._places[name])
        return self._parsed[name]

    def _versioned(self, position: int, known: int, what: str) -> tuple[int, int]:
        """Step into an object with byte count and version; also give where it ends."""
        count, version = struct.unpack_from(">IH", self._content, position)
        if not count & BYTE_COUNT or count & ~BYTE_COUNT < 2:
            raise ValueError(f"a {what} without its length")
        end = position + 4 + (count & ~BYTE_COUNT)
        if end > len(self._content):
            raise ValueError(f"a {what} that ends outside")
        if version != known:
            raise OtherVersionError(f"{what} of version {version}")
        return position + 6, end

    def _skip(self, position: int) -> int:
        count = struct.unpack_from(">I", self._content, position)[0]
        end = position + 4 + (count & ~BYTE_COUNT)
        if not count & BYTE_COUNT or end > len(self._content):
            raise ValueError("an object without its length")
        return int(end)

    def _named(self, position: int) -> tuple[str, int]:
        start, end = self._versioned(position, 1, "TNamed")
        # Version, number and bits of the TObject, with two more bytes if it is referred to.
        bits = struct.unpack_from(">I", self._content, start + 6)[0]
        name, _ = read_string(self._content, start + 10 + (2 if bits & (1 << 4) else 0))
        return name.decode(errors="replace"), end

    def _after_array(self, position: int, count: int, width: int) -> int:
        """Step over an array that has one byte before it."""
        if count < 0 or position + 1 + count * width > len(self._content):
            raise ValueError(f"an array of {count} elements that ends outside")
        return position + 1 + count * width

    def _array(self, position: int, room: int, count: int, kind: str) -> NDArray[np.int64]:
        self._after_array(position, room, np.dtype(kind).itemsize)
        if room < count:
            raise ValueError(f"{count} baskets in a list of {room}")
        return np.frombuffer(self._content, kind, count, position + 1).astype(np.int64)

    def _members(self, position: int) -> tuple[list[tuple[str, int, int]], int]:
        """Find the objects of an array: class, start and end of each, and where all end."""
        start, end = self._versioned(position, 3, "TObjArray")
        bits = struct.unpack_from(">I", self._content, start + 6)[0]
        _, start = read_string(self._content, start + 10 + (2 if bits & (1 << 4) else 0))
        count = struct.unpack_from(">i", self._content, start)[0]
        start += 8
        members: list[tuple[str, int, int]] = []
        while len(members) < count and start < end:
            class_name, inside, after = self._object(start)
            members.append((class_name, inside, after))
            start = after
        if len(members) != count or start != end:
            raise ValueError(f"a list of {count} objects that is not as long as they are")
        return members, end

    def _object(self, position: int) -> tuple[str, int, int]:
        """Find an object in an array: its class, where its content starts and ends."""
        count = struct.unpack_from(">I", self._content, position)[0]
        if count == 0:
            return "", position + 4, position + 4
        if not count & BYTE_COUNT or count & CLASS:
            # One that was written before: its place is all there is.
            return "reference", position + 4, position + 4
        end = position + 4 + (count & ~BYTE_COUNT)
        tag = struct.unpack_from(">I", self._content, position + 4)[0]
        start = position + 8
        # A class is named where it comes first; later ones say where that was.
        at = start if tag == NEW_CLASS else (tag & ~CLASS) - CLASS_OFFSET - self._key_length + 4
        stop = self._content.find(b"\0", at, at + 100)
        if end > len(self._content) or not 0 <= at < stop:
            raise ValueError("an object in a tree that ends outside or has no class")
        name = bytes(self._content[at:stop]).decode(errors="replace")
        return name, (stop + 1 if tag == NEW_CLASS else start), end

    @cached_property
    def _places(self) -> dict[str, int]:
        """Where each branch starts."""
        position = self._after_entries + 64
        ranges = struct.unpack_from(">i", self._content, position)[0]
        position += 4 + 6 * 8
        for _ in ("ends", "sizes"):
            position = self._after_array(position, ranges, 8)
        position = self._skip(position)
        places: dict[str, int] = {}
        for class_name, start, _ in self._members(position)[0]:
            # Branches of C++ objects are not ours.
            if class_name == "TBranch":
                inside, _ = self._versioned(start, BRANCH_VERSION, "TBranch")
                name = self._named(inside)[0]
                if name in places:
                    raise ValueError(f"two branches {name!r}")
                places[name] = start
        return places

    def _branch(self, start: int) -> BranchHeader:
        position, end = self._versioned(start, BRANCH_VERSION, "TBranch")
        name, position = self._named(position)
        position = self._skip(position)
        written = struct.unpack_from(">i", self._content, position + 12)[0]
        position = self._skip(position + 24)
        _, room, _, entries, first, whole, _ = struct.unpack_from(
            ">iiiqqqq", self._content, position
        )
        position += 44
        inner, position = self._members(position)
        leaves, position = self._members(position)
        embedded, position = self._members(position)
        if inner or len(leaves) != 1 or first or any(kind for kind, _, _ in embedded):
            raise OtherVersionError(f"the branch {name!r} has branches, leaves or baskets in it")
        sizes = self._array(position, room, written, ">i4")
        position += 1 + 4 * room
        # The entry after the last basket is there too, unless the list is full.
        starts = self._array(position, room, written, ">i8")
        position += 1 + 8 * room
        seeks = self._array(position, room, written, ">i8")
        position += 1 + 8 * room
        if read_string(self._content, position) != (b"", end):
            raise OtherVersionError(f"the branch {name!r} is in another file")
        edges = np.append(starts, entries)
        self._check_baskets(name, sizes, edges, seeks)
        dtype, length, counted = self._leaf(*leaves[0][:2])
        return BranchHeader(name, dtype, length, counted, entries, seeks, sizes, edges, int(whole))

    def _check_baskets(
        self,
        name: str,
        sizes: NDArray[np.int64],
        edges: NDArray[np.int64],
        seeks: NDArray[np.int64],
    ) -> None:
        outside = (sizes <= 0) | (seeks <= 0) | (seeks > self._file_size - sizes)
        if edges[0] != 0 or edges[-1] != self.entries or np.any(np.diff(edges) <= 0):
            raise ValueError(f"the baskets of {name!r} do not follow each other")
        if np.any(outside):
            raise ValueError(f"baskets of {name!r} are outside the file")

    def _leaf(self, class_name: str, start: int) -> tuple[str, int, bool]:
        if class_name not in _LEAVES:
            raise OtherVersionError(f"a leaf of class {class_name}")
        position, _ = self._versioned(start, 1, class_name)
        position, end = self._versioned(position, 2, "TLeaf")
        position = self._named(position)[1]
        length, _, _, _, unsigned = struct.unpack_from(">iii??", self._content, position)
        counter = struct.unpack_from(">I", self._content, position + 14)[0]
        if position + 18 > end:
            raise ValueError("a leaf that is cut short")
        dtype = _LEAVES[class_name]
        return dtype.replace("i", "u") if unsigned else dtype, length, counter != 0
