"""Reading one ROOT file of events: flat arrays of any range of its entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import EventFileError, ShoerootError
from shoeroot.events.basket_reading import Basket, row_blocks
from shoeroot.events.branch_reading import Work, run
from shoeroot.events.file_bytes import FileBytes
from shoeroot.events.header import (
    NOT_ROOT,
    WHAT_TO_GIVE,
    Key,
    check_head,
    read_folder,
    read_text,
    root_folder,
)
from shoeroot.events.layout import MAIN_TREE, Branch, Layout, Tree, text_stripes
from shoeroot.events.metadata import FORMAT
from shoeroot.events.other_files import UprootFile
from shoeroot.events.tree_header import OtherVersionError
from shoeroot.events.tree_reader import TreeReader
from shoeroot.records import Stripes, frame_offsets

__all__ = ["PartReader", "RowBlocks", "check_root_file"]

RowBlocks = Callable[[int], Iterator[NDArray[Any]]]
_Result = TypeVar("_Result")


def check_root_file(path: Path) -> None:
    """See whether a file is a ROOT file with all its bytes.

    Raises
    ------
    EventFileError
        If it is not, or cannot be opened.
    """
    file = FileBytes(path)
    try:
        check_head(file)
    except ValueError as problem:
        raise _no_root_file(path, problem) from problem
    finally:
        file.close()


def _no_root_file(path: Path, problem: ValueError) -> EventFileError:
    foreign = str(problem) == NOT_ROOT
    return EventFileError(
        str(problem),
        where=str(path),
        hint=WHAT_TO_GIVE if foreign else "copy it again from where it is whole",
    )


class PartReader:
    """One open file.

    Parameters
    ----------
    path : Path
        The file.
    executor : object
        What decompresses baskets: anything with ``submit``.

    Raises
    ------
    EventFileError
        If it is no ROOT file, is cut short, or holds no events.
    """

    def __init__(self, path: Path, executor: Any) -> None:
        self.path = path
        self._executor = executor
        self._counts: dict[str, NDArray[Any]] = {}
        self._offsets: dict[tuple[str, ...], NDArray[np.int64]] = {}
        self._trees: dict[str, TreeReader] = {}
        self._texts: dict[str, str] = {}
        self._file = FileBytes(path)
        self._other = UprootFile(path, executor)
        try:
            self._keys = self._open_folder()
            self._check_contents()
        except BaseException:
            self.close()
            raise

    def _open_folder(self) -> dict[str, Key]:
        try:
            return root_folder(self._file)
        except ValueError as problem:
            raise _no_root_file(self.path, problem) from problem
        except Exception as problem:
            raise self._error("the directory", problem) from problem

    def _error(self, what: str, problem: Exception) -> EventFileError:
        return EventFileError(
            f"{what} cannot be read: {type(problem).__name__}: {problem}",
            where=str(self.path),
            hint="the file is damaged, or was not written by shoeroot",
        )

    def guard(self, work: Callable[[], _Result], what: str) -> _Result:
        """Turn whatever a damaged file leads to into an error of ours."""
        try:
            return work()
        except ShoerootError:
            raise
        except Exception as problem:
            raise self._error(what, problem) from problem

    def _check_contents(self) -> None:
        if MAIN_TREE not in self._keys:
            raise EventFileError(
                f"the file has no tree {MAIN_TREE!r}",
                where=str(self.path),
                hint=f"it has {', '.join(list(self._keys)[:10]) or 'nothing'}",
            )
        if self.described and self.text("format") != FORMAT:
            raise self._undescribed()

    @property
    def described(self) -> bool:
        """Whether the file says what its events are; one that ROOT wrote may not."""
        return "meta" in self._keys

    def _undescribed(self) -> EventFileError:
        return EventFileError(
            "the file does not say what its events are",
            where=str(self.path),
            hint="it needs meta/format, meta/schema and meta/schema_id, as EventWriter writes; if "
            "it has the branches of a record class, give that as record_class",
        )

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self._other.close()

    @cached_property
    def _meta(self) -> dict[str, Key]:
        if not self.described:
            raise self._undescribed()
        return self.guard(lambda: read_folder(self._file, self._keys["meta"]), "meta")

    def text(self, key: str) -> str:
        """Give one text of ``meta/``."""
        if key not in self._texts:
            self._texts[key] = self.guard(
                lambda: read_text(self._file, self._meta[key]), f"meta/{key}"
            )
        return self._texts[key]

    def texts(self) -> dict[str, str]:
        """Give all texts of ``meta/``."""
        return {key: self.text(key) for key in self._meta} if self.described else {}

    @property
    def is_rntuple(self) -> bool:
        """Whether the events are in an RNTuple, which this class does not read."""
        return "RNTuple" in self._keys[MAIN_TREE].class_name

    @property
    def tree_names(self) -> tuple[str, ...]:
        """Names of everything at the top of the file, trees and others."""
        return tuple(self._keys)

    def tree(self, name: str) -> TreeReader:
        """Give a tree by its name."""
        if name not in self._trees:
            self._trees[name] = self.guard(
                lambda: TreeReader(self._file, self._keys[name], self._other), f"the tree {name!r}"
            )
        return self._trees[name]

    @cached_property
    def main_tree(self) -> TreeReader:
        """The tree of events, after its count was compared with what its writers wrote."""
        tree = self.tree(MAIN_TREE)
        written = self._written()
        if written is not None and tree.entries != written:
            raise EventFileError(
                f"the file has {tree.entries} events where its writers wrote {written}",
                where=str(self.path),
                hint="the file is damaged or was merged without checks",
            )
        return tree

    def _written(self) -> int | None:
        if "provenance" not in self._keys:
            return None
        tree = self.tree("provenance")
        if tree.entries == 0:
            return 0

        def read(name: str, kind: str, dtype: str) -> NDArray[Any]:
            work = tree.plan(name, kind, dtype, 0, 0, tree.entries)
            run([work], self._executor)
            return work.finish()[-1]

        counts = self.guard(lambda: read("count", "value", "i8"), "the provenance")
        types = b""
        if "schema_id" in tree:
            types = self.guard(lambda: read("schema_id", "text", "S"), "the provenance").tobytes()
        if types.replace(self.text("schema_id").encode(), b""):
            raise EventFileError(
                "writers of other record types wrote into the file",
                where=str(self.path),
                hint="hadd loses what differs; merge the sources with shoeroot merge, which checks",
            )
        return int(counts.sum())

    @cached_property
    def count(self) -> int:
        """Number of events."""
        return self.main_tree.entries

    @cached_property
    def clusters(self) -> NDArray[np.int64]:
        """First entries of what was written together, and the number of events at the end."""
        return self.guard(self.main_tree.edges, "the baskets")

    def offsets(self, layout: Layout, frame: tuple[str, ...]) -> NDArray[np.int64]:
        """Say where each event of the whole file starts in a flat array cut by `frame`."""
        if frame not in self._offsets:
            for name in frame:
                if name not in self._counts:
                    self._counts.update(self.read(layout, [name], 0, self.count))
                    self._check_counts(name)
            self._offsets[frame] = frame_offsets(self._counts, frame, self.count)
        return self._offsets[frame]

    def _check_counts(self, name: str) -> None:
        if np.any(self._counts[name] < 0):
            raise EventFileError(
                f"{name!r} counts fewer than no elements",
                where=str(self.path),
                hint="the file is damaged",
            )

    def read(self, layout: Layout, names: Iterable[str], start: int, stop: int) -> Stripes:
        """Read stripes of events `start` to `stop`.

        Returns
        -------
        dict
            The stripes; of a text also the other stripe that is in the same branch.
        """
        planned: list[tuple[Branch, Work]] = []
        stripes: Stripes = {}
        for branch, first, after in self._places(layout, names, start, stop):
            if first == after:
                stripes |= _no_rows(branch)
            else:
                planned.append((branch, self._plan(layout, branch, first, after)))
        # Which branch it was is in the message.
        self.guard(lambda: run([work for _, work in planned], self._executor), "the events")
        for branch, work in planned:
            stripes |= self.guard(
                lambda branch=branch, work=work: _stripes(branch, work),  # type: ignore[misc]
                f"the branch {branch.name}",
            )
        return stripes

    def _places(
        self, layout: Layout, names: Iterable[str], start: int, stop: int
    ) -> list[tuple[Branch, int, int]]:
        places = {}
        for name in names:
            tree, branch = layout.places[name]
            first, after = self._rows(layout, tree, start, stop)
            places[tree.name, branch.name] = (branch, first, after)
        return list(places.values())

    def _rows(self, layout: Layout, tree: Tree, start: int, stop: int) -> tuple[int, int]:
        """Say which entries of a tree belong to events `start` to `stop`."""
        if tree.is_main:
            return start, stop
        self._check_rows(layout, tree)
        rows = self.offsets(layout, tree.frame)
        return int(rows[start]), int(rows[stop])

    def _check_rows(self, layout: Layout, tree: Tree) -> None:
        wanted = int(self.offsets(layout, tree.frame)[-1])
        # A tree without rows may be missing.
        present = self.tree(tree.name).entries if tree.name in self._keys or wanted else 0
        if present != wanted:
            raise EventFileError(
                f"the tree {tree.name!r} has {present} rows where the events need {wanted}",
                where=str(self.path),
                hint="the file is damaged or was merged without checks",
            )

    def row_baskets(
        self, layout: Layout, name: str, first: int, after: int
    ) -> list[tuple[int, RowBlocks]]:
        """Give the baskets of a stripe of fixed arrays, for entries `first` to `after` of its tree.

        Returns
        -------
        list of tuple
            The first entry of each, and what gives all its rows in native byte order, as many
            at a time as it is asked for; each time in the same memory.
        """
        tree, branch = layout.places[name]
        label = f"the branch {tree.name}/{branch.name}"
        self._check_rows(layout, tree)
        stripe, source = branch.stripe, self.tree(tree.name)
        dtype, length = np.dtype(stripe.dtype), max(stripe.length, 1)

        def blocks(basket: Basket, rows: int) -> Iterator[NDArray[Any]]:
            pieces = row_blocks(self._file, basket, dtype, length, rows)
            while (block := self.guard(lambda: next(pieces, None), label)) is not None:
                yield block

        def find() -> list[tuple[int, Basket]] | None:
            try:
                return source.baskets(branch, first, after)
            except OtherVersionError:
                return None

        found = self.guard(find, label)
        if found is None:
            work = self.guard(lambda: source.work(branch, first, after), label)
            self.guard(lambda: run([work], self._executor), label)
            whole = self.guard(work.finish, label)[0].reshape(-1, length)
            return [(first, lambda rows: iter([whole]))]
        return [(start, partial(blocks, basket)) for start, basket in found]

    def _plan(self, layout: Layout, branch: Branch, first: int, after: int) -> Work:
        tree, _ = layout.places[branch.stripe.name]
        source = self.main_tree if tree.is_main else self.tree(tree.name)
        return self.guard(
            lambda: source.work(branch, first, after), f"the branch {tree.name}/{branch.name}"
        )


def _no_rows(branch: Branch) -> Stripes:
    if branch.kind == "text":
        lengths, letters = text_stripes(branch.stripe)
        return {lengths: np.zeros(0, dtype=np.int32), letters: np.zeros(0, dtype=np.uint8)}
    stripe = branch.stripe
    shape = (0, stripe.length) if stripe.length else (0,)
    return {stripe.name: np.zeros(shape, dtype=np.dtype(stripe.dtype))}


def _stripes(branch: Branch, work: Work) -> Stripes:
    stripe, arrays = branch.stripe, work.finish()
    if branch.kind == "text":
        return dict(zip(text_stripes(stripe), arrays, strict=True))
    flat = arrays[-1]
    if stripe.length:
        flat = flat.reshape(-1, stripe.length)
    return {stripe.name: flat}
