"""`FlatFile` and `write_flat`: one tree of plain columns and some texts in a ROOT file, read fast.

For what is smaller than events, such as mini-trees: a TTree with a number, a flag, a text or an
array of numbers in each branch, and texts beside it. Columns of one type are read as the rows of
one array, which a DataFrame takes as it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
import uproot
from numpy.typing import NDArray

from shoeroot.errors import EventFileError, ShoerootError, nearest
from shoeroot.events.basket_reading import read_values
from shoeroot.events.branch_reading import Jobs, Work, list_work, run, text_work, value_baskets
from shoeroot.events.compress import CheckedZSTD, QuicklyReadLZ4
from shoeroot.events.file_bytes import FileBytes
from shoeroot.events.flat_arrays import arrays_of, numbers_of
from shoeroot.events.flat_texts import letters_of, texts_of
from shoeroot.events.header import read_text, root_folder
from shoeroot.events.layout import Entries, text_type
from shoeroot.events.other_files import UprootFile
from shoeroot.events.text_room import reserve_room
from shoeroot.events.tree_header import OtherVersionError
from shoeroot.events.tree_reader import TreeReader
from shoeroot.events.tree_writer import TreeWriter, can_add, write_batch

__all__ = ["FlatFile", "write_flat"]

LARGEST_BATCH = 1 << 22
"""Rows a basket: ROOT's limit is 2 GiB, of which texts may need much."""
ARRAYS = "arrays"
"""Among the types of columns: arrays of numbers."""
THREADS = 4
LEVEL = 1
"""Of ZSTD."""
_Result = TypeVar("_Result")


class FlatFile:
    """A ROOT file with trees of plain columns.

    Parameters
    ----------
    path : path
        The file.
    threads : int, optional
        Threads that decompress; by default one a processor, four at most.

    Raises
    ------
    EventFileError
        It cannot be opened, or is no whole ROOT file.
    """

    def __init__(self, path: str | Path, threads: int | None = None) -> None:
        self.path = Path(path)
        self._executor = ThreadPoolExecutor(threads or min(THREADS, os.cpu_count() or 1))
        self._file = FileBytes(self.path)
        self._other = UprootFile(self.path, self._executor)
        try:
            self._keys = self._guard(lambda: root_folder(self._file), "the directory")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._file.close()
        self._other.close()

    def _guard(self, work: Callable[[], _Result], what: str) -> _Result:
        try:
            return work()
        except (ShoerootError, OtherVersionError):
            raise
        except Exception as problem:
            raise EventFileError(
                f"{what} cannot be read: {type(problem).__name__}: {problem}",
                where=str(self.path),
                hint="the file is damaged",
            ) from problem

    @cached_property
    def size(self) -> int:
        """Bytes of the file."""
        return self._file.size

    def text(self, name: str) -> str:
        """Give a text (TObjString) at the top of the file."""
        self._require(name)
        return self._guard(lambda: read_text(self._file, self._keys[name]), f"{name!r}")

    def _require(self, name: str) -> None:
        if name not in self._keys:
            raise EventFileError(
                f"the file has no {name!r}",
                where=str(self.path),
                hint=f"it has {', '.join(list(self._keys)[:10]) or 'nothing'}",
            )

    def _tree(self, name: str) -> TreeReader:
        self._require(name)
        return self._guard(
            lambda: TreeReader(self._file, self._keys[name], self._other), f"the tree {name!r}"
        )

    def read(self, tree: str, names: Iterable[str] | None = None) -> dict[str, NDArray[Any]]:
        """Read columns of a tree.

        Parameters
        ----------
        tree : str
            Name of the tree.
        names : iterable of str, optional
            Which columns; by default all.

        Returns
        -------
        dict of str to (n_rows,) array
            In native byte order. Columns of one type are rows of one array (`ndarray.base`);
            texts are object arrays of str, arrays of numbers are object arrays of arrays.

        Raises
        ------
        EventFileError
            The tree or a column is not there, or they cannot be read.
        """
        source = self._tree(tree)
        try:
            return self._guard(lambda: self._read(source, names), f"the tree {tree!r}")
        except OtherVersionError:
            return self._guard(lambda: self._by_uproot(tree, names), f"the tree {tree!r}")

    def columns(self, tree: str) -> list[str]:
        """Give the columns of a tree, and see that all their data lie within the file.

        Raises
        ------
        EventFileError
            The tree is not there, cannot be read, or the file is too short for it.
        """
        source = self._tree(tree)
        try:
            return self._guard(lambda: _columns_of(source), f"the tree {tree!r}")
        except OtherVersionError:
            return self._guard(
                lambda: _columns_by_uproot(self._other.tree(tree)), f"the tree {tree!r}"
            )

    def _read(self, tree: TreeReader, names: Iterable[str] | None) -> dict[str, NDArray[Any]]:
        chosen = _columns_of(tree) if names is None else list(names)
        self._check_names(chosen, tree.branch_names)
        rows = tree.entries
        kinds: dict[str, list[str]] = {}
        for name in chosen:
            header = tree.branch(name)
            if header.length != 1 and header.dtype != "S":
                raise ValueError(f"the branch {name!r} is not one value a row")
            kinds.setdefault(ARRAYS if header.counted else header.dtype, []).append(name)
        columns: dict[str, NDArray[Any]] = dict.fromkeys(chosen, np.zeros(0))
        works: list[Work] = []
        for dtype, group in kinds.items():
            if dtype in ("S", ARRAYS):
                continue
            block = np.empty((len(group), rows), dtype=np.dtype(dtype))
            for name, row in zip(group, block, strict=True):
                columns[name] = row
                works.append(self._values(tree, name, row))
        texts = {
            name: text_work(self._file, tree.name, tree.branch(name), 0, rows)
            for name in kinds.get("S", [])
            if rows
        }
        arrays = {
            name: list_work(self._file, tree.name, tree.branch(name), 0, rows)
            for name in kinds.get(ARRAYS, [])
            if rows
        }
        run([*works, *texts.values(), *arrays.values()], self._executor)
        for name in (*kinds.get("S", []), *kinds.get(ARRAYS, [])):
            columns[name] = np.zeros(0, dtype=object)
        columns |= {name: texts_of(*work.finish()) for name, work in texts.items()}
        columns |= {name: arrays_of(*work.finish()) for name, work in arrays.items()}
        return columns

    def _values(self, tree: TreeReader, name: str, row: NDArray[Any]) -> Work:
        header = tree.branch(name)
        found = value_baskets(self._file, tree.name, header, 0, len(row)) if len(row) else []
        jobs: Jobs = []
        for first, basket in found:
            target = row[first : first + basket.entries]

            jobs.append((basket.size, partial(read_values, self._file, basket, target, 0)))
        return Work(jobs, lambda: (row,))

    def _check_names(self, chosen: list[str], known: Iterable[str]) -> None:
        for name in chosen:
            if name not in known:
                raise EventFileError(
                    f"there is no column {name!r}", where=str(self.path), hint=nearest(name, known)
                )

    def _by_uproot(self, tree: str, names: Iterable[str] | None) -> dict[str, NDArray[Any]]:
        source = self._other.tree(tree)
        chosen = _columns_by_uproot(source) if names is None else list(names)
        self._check_names(chosen, source.keys())
        arrays = source.arrays(chosen, library="np")
        return {
            name: each if each.dtype.kind == "O" else each.astype(each.dtype.newbyteorder("="))
            for name, each in arrays.items()
        }


def _columns_of(tree: TreeReader) -> list[str]:
    """Give the branches of a tree without those that count the values of others."""
    headers = [tree.branch(name) for name in tree.branch_names]
    counters = {f"n{one.name}" for one in headers if one.counted}
    return [one.name for one in headers if one.name not in counters]


def _columns_by_uproot(tree: Any) -> list[str]:
    counters = {branch.count_branch.name for branch in tree.branches if branch.count_branch}
    return [name for name in tree.keys() if name not in counters]  # noqa: SIM118  a TTree


def write_flat(
    path: str | Path,
    tree: str,
    columns: Mapping[str, NDArray[Any]],
    *,
    texts: Mapping[str, str] | None = None,
    title: str = "",
) -> None:
    """Write columns as one tree of a new ROOT file, in few large baskets, and texts beside it.

    Parameters
    ----------
    path : path
        The file to make; one that exists is replaced.
    tree : str
        Name of the tree.
    columns : mapping of str to (n_rows,) array
        Numbers, flags, texts (numpy's "U", or objects that are str), or arrays of numbers
        (objects that are arrays of one dimension and type). A column ``x`` of arrays has its
        lengths in a branch ``nx``.
    texts : mapping of str to str, optional
        Written as TObjString.
    title : str
        Title of the tree.

    Raises
    ------
    OSError
        It cannot be written.
    """
    entries = {name: _entries(values) for name, values in columns.items()}
    types = {name: _type_of(each) for name, each in entries.items()}
    rows = len(next(iter(columns.values()), ()))
    with Path(path).open("w+b") as stream:
        # Baskets of tens of megabytes do not need uproot's large lists of them.
        file = uproot.recreate(stream, compression=CheckedZSTD(LEVEL))
        for name, text in (texts or {}).items():
            file[name] = text
        made = file.mktree(
            tree, types, title=title or tree, initial_basket_capacity=rows // LARGEST_BATCH + 2
        )
        # Where offsets follow, what is not made smaller would lose its checksum (`Encoding`).
        made.compression = {
            name: (QuicklyReadLZ4 if each.kind == "value" else CheckedZSTD)(LEVEL)
            for name, each in entries.items()
        } | {f"n{name}": CheckedZSTD(LEVEL) for name in _arrays_in(entries)}
        reserve_room(made)
        with ThreadPoolExecutor(THREADS) as pool:
            for start in range(0, rows, LARGEST_BATCH):
                batch = {
                    name: _part(each, start, min(start + LARGEST_BATCH, rows))
                    for name, each in entries.items()
                }
                _extend(file, made, batch, stream, pool)
        file.close()


def _extend(
    file: Any, tree: Any, batch: Mapping[str, Entries], stream: Any, pool: ThreadPoolExecutor
) -> None:
    if not can_add([tree]):
        import awkward as ak

        tree.extend(
            {
                name: each.values
                if each.offsets is None
                else ak.unflatten(each.values, np.diff(each.offsets))
                if each.kind == "jagged"
                else ak.Array([bytes(piece).decode() for piece in _pieces(each)])
                for name, each in batch.items()
            }
        )
        return
    writer = TreeWriter(tree, file)
    encodings = writer.encode(batch, pool)
    write_batch([(writer, [each.finish() for each in encodings])], stream)


def _pieces(entries: Entries) -> list[NDArray[Any]]:
    offsets = np.asarray(entries.offsets)
    return np.split(entries.values[offsets[0] : offsets[-1]], offsets[1:-1] - offsets[0])


def _arrays_in(entries: Mapping[str, Entries]) -> list[str]:
    return [name for name, each in entries.items() if each.kind == "jagged"]


def _type_of(entries: Entries) -> Any:
    if entries.kind == "jagged":
        import awkward as ak

        return ak.types.ListType(ak.types.NumpyType(entries.values.dtype.name))
    return text_type() if entries.kind == "text" else entries.values.dtype


def _entries(values: NDArray[Any]) -> Entries:
    if values.dtype.kind == "O" and len(values) and isinstance(values[0], np.ndarray):
        offsets, numbers = numbers_of(values)
        return Entries("jagged", numbers, offsets)
    if values.dtype.kind in "UO":
        offsets, letters = letters_of(values)
        return Entries("text", letters, offsets)
    return Entries("value", np.ascontiguousarray(values))


def _part(entries: Entries, start: int, stop: int) -> Entries:
    if entries.offsets is None:
        return Entries("value", entries.values[start:stop])
    offsets = entries.offsets[start : stop + 1]
    return Entries(entries.kind, entries.values[offsets[0] : offsets[-1]], offsets - offsets[0])
