"""`verify`: whether files hold what their writers wrote, batch by batch.

What is compared, in each file:

- the schema with its id, and with the other files;
- the number of events with the writers' rows in ``provenance`` and with ``commits``, and the
  rows of own trees with the lists they belong to;
- every value with the checksum that its batch has in ``commits``;
- what `commits` leaves out because it follows from the rest: counters of lists, and where the
  entries of each basket start.

Reading alone sees less. Compressed baskets carry checksums of their own, and what trees, lists of
keys and baskets say of each other is compared; but a bit that flips in a basket too small to be
compressed changes a value, and only the checksums of `commits` tell. No checksum covers the texts
in ``meta/`` other than the schema.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import EventFileError
from shoeroot.events.branch_reading import Work, run
from shoeroot.events.commits import COMMITS, Commit, tree_checksum
from shoeroot.events.evolve import stored_type
from shoeroot.events.layout import MAIN_TREE, Branch, Layout, Tree, text_stripes
from shoeroot.events.part_reader import PartReader
from shoeroot.events.parts import LARGEST_POOL, find_parts, open_part
from shoeroot.events.rntuple import RNTuplePartReader, commit_of
from shoeroot.events.tree_reader import TreeReader
from shoeroot.records import frame_offsets

__all__ = ["PartCheck", "Problem", "Verification", "verify"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that is not as it was written.

    Attributes
    ----------
    file : Path
        The file.
    what : str
        What is wrong.
    tree, branch : str
        Where; "" where it is not known.
    entries : tuple of int, optional
        First entry of the tree that is concerned, and the one after the last.
    """

    file: Path
    what: str
    tree: str = ""
    branch: str = ""
    entries: tuple[int, int] | None = None

    def __str__(self) -> str:
        place = "/".join(name for name in (self.tree, self.branch) if name)
        span = f"entries {self.entries[0]} to {self.entries[1]}" if self.entries else ""
        return ": ".join(part for part in (str(self.file), place, span, self.what) if part)


@dataclass(frozen=True, slots=True)
class PartCheck:
    """What was found in one file.

    Attributes
    ----------
    path : Path
        The file.
    schema_id : str
        Id of its record type, "" if it could not be read.
    rows : dict of str to int
        Entries by tree; {} if they could not be read.
    batches : int
        How many batches were compared.
    has_checksums : bool
        Whether the file has checksums; those of earlier versions do not: all was read, but a
        changed value may have gone unseen.
    problems : tuple of Problem
        What is wrong, () for nothing.
    """

    path: Path
    schema_id: str
    rows: dict[str, int]
    batches: int
    has_checksums: bool
    problems: tuple[Problem, ...]

    @property
    def events(self) -> int:
        """Number of events."""
        return self.rows.get(MAIN_TREE, 0)


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found in all files, in their order."""

    parts: tuple[PartCheck, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong."""
        return tuple(problem for part in self.parts for problem in part.problems)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    @property
    def events(self) -> int:
        """Number of events in all files."""
        return sum(part.events for part in self.parts)

    def __str__(self) -> str:
        lines = [
            f"{part.path}: {part.events} events in {part.batches} "
            f"batch{'' if part.batches == 1 else 'es'}, "
            f"{'checksums compared' if part.has_checksums else 'no checksums to compare'}, "
            f"{len(part.problems) or 'no'} problem{'' if len(part.problems) == 1 else 's'}"
            for part in self.parts
        ]
        return "\n".join([*lines, *map(str, self.problems)])


def verify(path: str | Path | Iterable[str | Path], *, threads: int | None = None) -> Verification:
    """Compare files of events with what their writers said of them.

    Parameters
    ----------
    path : path or iterable of paths
        A campaign folder, its folder ``events``, one file, or several files.
    threads : int, optional
        Threads that decompress; by default one a processor, four at most.

    Returns
    -------
    Verification
        All problems of all files; a batch at a time is in memory.

    Raises
    ------
    EventFileError
        If there is no file.
    """
    checks: list[PartCheck] = []
    with ThreadPoolExecutor(threads or min(LARGEST_POOL, os.cpu_count() or 1)) as executor:
        for file in find_parts(path):
            check = _Check(file, executor)
            checks.append(check.run(next((each.schema_id for each in checks), "")))
    return Verification(tuple(checks))


class _Check:
    """The check of one file; it gathers problems."""

    def __init__(self, path: Path, executor: ThreadPoolExecutor) -> None:
        self._path = path
        self._executor = executor
        self._problems: list[Problem] = []
        self._rows: dict[str, int] = {}
        self._schema_id = ""
        self._batches = 0
        self._has_checksums = False

    def run(self, wanted_schema: str) -> PartCheck:
        """Check everything; `wanted_schema` is the id in the first file, "" for that file."""
        try:
            reader = open_part(self._path, self._executor)
        except EventFileError as problem:
            self.add(problem.problem)
            return self._result()
        try:
            record_type = stored_type(reader)
            self._schema_id = record_type.content_id
            if wanted_schema and self._schema_id != wanted_schema:
                self.add("the record type is not that of the first file")
            if isinstance(reader, PartReader):
                self._check_trees(reader, Layout.of(record_type))
            else:
                self._check_other(reader, Layout.of(record_type))
        except EventFileError as problem:
            self.add(problem.problem)
        finally:
            reader.close()
        return self._result()

    def _result(self) -> PartCheck:
        return PartCheck(
            self._path,
            self._schema_id,
            self._rows,
            self._batches,
            self._has_checksums,
            tuple(self._problems),
        )

    def add(
        self, what: str, tree: str = "", branch: str = "", entries: tuple[int, int] | None = None
    ) -> None:
        """Note a problem."""
        self._problems.append(Problem(self._path, what, tree, branch, entries))

    def _check_other(self, reader: RNTuplePartReader, layout: Layout) -> None:
        """Read all of an RNTuple, and compare it with its commits if there are any."""
        self._rows = {MAIN_TREE: reader.count}
        commits = reader.commits(layout)
        self._has_checksums = commits is not None
        spans = list(itertools.pairwise(reader.clusters.tolist()))
        self._batches = len(spans)
        if commits is not None and len(commits) != len(spans):
            self.add(f"{len(spans)} batches where its writers wrote {len(commits)}", MAIN_TREE)
            return
        for number, (start, stop) in enumerate(spans):
            try:
                stripes = reader.read(layout, list(layout.record_type.stripes), start, stop)
                found = commit_of(layout, stripes, start, stop - start)
            except EventFileError as problem:
                self.add(problem.problem, MAIN_TREE, entries=(start, stop))
                continue
            if commits is not None and found != commits[number]:
                self.add(
                    "values are not those that were written (the checksum differs)",
                    MAIN_TREE,
                    entries=(start, stop),
                )

    def _check_trees(self, reader: PartReader, layout: Layout) -> None:
        present = {
            name: reader.tree(name).entries if name in reader.tree_names else 0
            for name in layout.trees
        }
        self._rows = present
        # Compares with what the writers counted, and own trees with their lists.
        _ = reader.main_tree
        for tree in layout.trees.values():
            if not tree.is_main:
                self._check_row_count(reader, layout, tree)
        commits = _commits(reader, layout, self._executor)
        self._has_checksums = commits is not None
        edges = self._edges(reader, layout, commits)
        self._batches = len(edges[MAIN_TREE]) - 1
        for name, tree in layout.trees.items():
            if edges[name][-1] != present[name]:
                self.add(f"{present[name]} entries where its batches have {edges[name][-1]}", name)
            elif present[name]:
                reading = _TreeCheck(tree, reader.tree(name), self._executor, self)
                for number, span in enumerate(itertools.pairwise(edges[name])):
                    wanted = None if commits is None else commits[number].checksums[name]
                    reading.check(*span, wanted)

    def _check_row_count(self, reader: PartReader, layout: Layout, tree: Tree) -> None:
        wanted = int(reader.offsets(layout, tree.frame)[-1])
        if self._rows[tree.name] != wanted:
            self.add(f"{self._rows[tree.name]} rows where the events need {wanted}", tree.name)

    def _edges(
        self, reader: PartReader, layout: Layout, commits: Sequence[Commit] | None
    ) -> dict[str, list[int]]:
        """Give the first entry of each batch of each tree, and the number of entries."""
        if commits is not None:
            return {
                name: [0, *itertools.accumulate(commit.rows[name] for commit in commits)]
                for name in layout.trees
            }
        clusters = reader.clusters
        return {
            name: reader.offsets(layout, tree.frame)[clusters].tolist()
            for name, tree in layout.trees.items()
        }


class _TreeCheck:
    """The check of one tree, some entries at a time."""

    def __init__(self, tree: Tree, source: TreeReader, executor: Any, report: _Check) -> None:
        self._tree = tree
        self._source = source
        self._executor = executor
        self._report = report

    def check(self, start: int, stop: int, wanted: int | None) -> None:
        """Read entries `start` to `stop`, and compare them with the checksum if there is one."""
        if start == stop:
            return
        if start > stop:
            self._report.add("a batch of fewer than no entries", self._tree.name)
            return
        try:
            arrays = self._read(self._tree.branches, start, stop)
        except Exception as problem:
            self._locate(start, stop, problem)
            return
        if wanted is not None and tree_checksum(self._tree, arrays) != wanted:
            self._report.add(
                "values are not those that were written (the checksum differs)",
                self._tree.name,
                entries=(start, stop),
            )

    def _locate(self, start: int, stop: int, first: Exception) -> None:
        """Find the branches that cannot be read."""
        found: dict[str, Exception] = {}
        for branch in self._tree.branches:
            try:
                self._read([branch], start, stop)
            except Exception as problem:
                found[branch.name] = problem
        for name, seen in (found or {"": first}).items():
            what = f"{type(seen).__name__}: {seen}"
            self._report.add(what, self._tree.name, name, (start, stop))

    def _read(self, branches: Sequence[Branch], start: int, stop: int) -> dict[str, NDArray[Any]]:
        ids = {} if self._tree.is_main else {"event_id": "i8", "index": "i4"}
        plans: dict[str, Work] = {
            name: self._source.plan(name, "value", dtype, 0, start, stop)
            for name, dtype in ids.items()
        }
        for branch in branches:
            plans[branch.name] = self._source.work(branch, start, stop)
            if branch.counter:
                plans[branch.counter] = self._source.plan(
                    branch.counter, "value", "i4", 0, start, stop
                )
        run(list(plans.values()), self._executor)
        arrays: dict[str, NDArray[Any]] = {name: plans[name].finish()[0] for name in ids}
        lengths: dict[str, NDArray[Any]] = {}
        for branch in branches:
            found = plans[branch.name].finish()
            if branch.kind == "text":
                arrays |= dict(zip(text_stripes(branch.stripe), found, strict=True))
            else:
                arrays[branch.stripe.name] = found[-1]
            if branch.counter:
                lengths[branch.name] = found[0]
                if not np.array_equal(plans[branch.counter].finish()[0], found[0]):
                    raise ValueError(f"{branch.counter} does not count what is in {branch.name}")
        self._check_lists(branches, arrays, lengths, stop - start)
        return arrays

    def _check_lists(
        self,
        branches: Sequence[Branch],
        arrays: dict[str, NDArray[Any]],
        lengths: dict[str, NDArray[Any]],
        rows: int,
    ) -> None:
        for branch in branches:
            frame = branch.stripe.frame[len(self._tree.frame) :]
            if branch.name in lengths and all(name in arrays for name in frame):
                wanted = np.diff(frame_offsets(arrays, frame, rows))
                wanted *= max(branch.stripe.length, 1)
                if not np.array_equal(lengths[branch.name], wanted):
                    raise ValueError(f"lists in {branch.name} are not as long as counted")


def _commits(reader: PartReader, layout: Layout, executor: Any) -> list[Commit] | None:
    """Read the tree of commits; None if there is none."""
    if COMMITS not in reader.tree_names:
        return None
    tree = reader.tree(COMMITS)
    if tree.entries == 0:
        return []
    plans = {
        (name, what): reader.guard(
            lambda name=name, what=what, dtype=dtype: tree.plan(  # type: ignore[misc]
                f"{name}_{what}", "value", dtype, 0, 0, tree.entries
            ),
            "the commits",
        )
        for name in layout.trees
        for what, dtype in (("rows", "i8"), ("checksum", "u8"))
    }
    reader.guard(lambda: run(list(plans.values()), executor), "the commits")
    columns = {key: work.finish()[0].tolist() for key, work in plans.items()}
    return [
        Commit(
            {name: columns[name, "rows"][batch] for name in layout.trees},
            {name: columns[name, "checksum"][batch] for name in layout.trees},
        )
        for batch in range(tree.entries)
    ]
