"""`TreeReader`: the branches of one TTree as flat arrays, whichever way it can be read."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.events.basket_reading import Basket
from shoeroot.events.branch_reading import Work, list_work, text_work, value_baskets, value_work
from shoeroot.events.file_bytes import FileBytes
from shoeroot.events.header import Key
from shoeroot.events.layout import Branch
from shoeroot.events.other_files import UprootFile
from shoeroot.events.tree_header import BranchHeader, OtherVersionError, TreeHeader

__all__ = ["TreeReader"]


class TreeReader:
    """One tree of one file.

    Parameters
    ----------
    file : FileBytes
        The file.
    key : Key
        Where the tree is in it.
    other : UprootFile
        The same file, for what is of another version.

    Raises
    ------
    ValueError
        Or whatever else a damaged file leads to.
    """

    def __init__(self, file: FileBytes, key: Key, other: UprootFile) -> None:
        self.name = key.name
        self._file = file
        self._other = other
        self._header: TreeHeader | None = None
        try:
            self._header = TreeHeader(file, key)
            self.entries = self._header.entries
        except OtherVersionError:
            self.entries = int(other.tree(key.name).num_entries)

    def __contains__(self, name: str) -> bool:
        try:
            return name in self._known().names
        except OtherVersionError:
            return name in self._other.tree(self.name)

    @property
    def branch_names(self) -> tuple[str, ...]:
        """Names of all branches; OtherVersionError if only uproot can tell."""
        return self._known().names

    def work(self, branch: Branch, start: int, stop: int) -> Work:
        """Plan to read what a record type has in a branch, for entries `start` to `stop`."""
        stripe = branch.stripe
        wanted = "S" if branch.kind == "text" else stripe.dtype
        return self.plan(branch.name, branch.kind, wanted, stripe.length, start, stop)

    def plan(self, name: str, kind: str, dtype: str, length: int, start: int, stop: int) -> Work:
        """Plan to read a branch.

        Parameters
        ----------
        name : str
            Name of the branch.
        kind : str
            "value", "jagged" or "text".
        dtype : str
            numpy type that it must have.
        length : int
            Length of the arrays of a branch of kind "value", 0 for numbers.
        start, stop : int
            Which entries.
        """
        try:
            header = self._checked(name, kind, dtype, length)
            make = {"value": value_work, "jagged": list_work, "text": text_work}[kind]
            return make(self._file, self.name, header, start, stop)
        except OtherVersionError:
            return self._by_uproot(name, kind, dtype, length, start, stop)

    def baskets(self, branch: Branch, start: int, stop: int) -> list[tuple[int, Basket]]:
        """Find the baskets of a branch of kind "value"; with each its first entry.

        Raises
        ------
        OtherVersionError
            If only uproot can read it.
        """
        stripe = branch.stripe
        header = self._checked(branch.name, branch.kind, stripe.dtype, stripe.length)
        return value_baskets(self._file, self.name, header, start, stop)

    def edges(self) -> NDArray[np.int64]:
        """Give the first entry of each basket of the first branch, and the number of entries."""
        try:
            header = self._known()
            return header.branch(header.names[0]).edges
        except OtherVersionError:
            first = self._other.tree(self.name).branches[0]
            return np.asarray(first.entry_offsets, dtype=np.int64)

    def branch(self, name: str) -> BranchHeader:
        """Give the header of a branch; OtherVersionError if only uproot can."""
        return self._known().branch(name)

    def _known(self) -> TreeHeader:
        if self._header is None:
            raise OtherVersionError(f"the tree {self.name!r}")
        return self._header

    def _checked(self, name: str, kind: str, dtype: str, length: int) -> BranchHeader:
        header = self._known().branch(name)
        counted = kind == "jagged"
        wanted = 1 if counted else max(length, 1)
        if np.dtype(header.dtype) != np.dtype(dtype) or (
            (header.counted, header.length) != (counted, wanted) and kind != "text"
        ):
            found = _described(header.dtype, header.length, header.counted)
            expected = _described(dtype, wanted, counted)
            raise ValueError(f"{found} where {expected} is described")
        return header

    def _by_uproot(
        self, name: str, kind: str, dtype: str, length: int, start: int, stop: int
    ) -> Work:
        arrays: list[NDArray[Any]] = []

        def job() -> None:
            arrays.extend(self._other.read(self.name, name, kind, start, stop))

        def finish() -> tuple[NDArray[Any], ...]:
            values = arrays[-1]
            shape = (length,) if kind == "value" and length else ()
            if kind != "text" and (values.dtype != np.dtype(dtype) or values.shape[1:] != shape):
                raise ValueError(
                    f"{values.dtype}{values.shape[1:]} where {np.dtype(dtype)}{shape} is described"
                )
            return tuple(arrays)

        # uproot decompresses in the threads itself: a large job would wait for its own.
        return Work([(0, job)], finish)


def _described(dtype: str, length: int, counted: bool) -> str:
    name = "text" if dtype == "S" else np.dtype(dtype).name
    array = f"[{length}]" if length > 1 else ""
    return f"a list of {name}{array}" if counted else f"{name}{array}"
