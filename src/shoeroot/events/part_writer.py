"""Writing one ROOT file of events: ``*.root.part`` until it is complete, then ``*.root``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import uproot
from numpy.typing import NDArray

from shoeroot.errors import EventFileError
from shoeroot.events.commits import (
    COMMITS,
    Commit,
    checked_arrays,
    commit_row,
    commit_types,
    tree_checksum,
)
from shoeroot.events.compress import checked
from shoeroot.events.layout import Entries, Layout, Tree
from shoeroot.events.metadata import provenance_row, provenance_types
from shoeroot.events.text_room import reserve_room
from shoeroot.events.titles import set_titles
from shoeroot.events.tree_writer import TreeWriter, can_add, write_batch
from shoeroot.records import Stripes

__all__ = ["PartWriter"]

RESIZE_FACTOR = 4.0
THREADS = 2
"""Threads that compress; ROOT's files are written by one."""
PROVENANCE_BASKETS = 4


class PartWriter:
    """One file that is being written.

    Parameters
    ----------
    path : Path
        The final path; the file is `path` + ``.part`` until `finish`.
    layout : Layout
        Trees and branches.
    texts : mapping of str to str
        What goes to ``meta/``.
    batch : int
        Events an extend: ROOT is told that they are a cluster.
    baskets : int
        Expected number of extends; more make uproot rewrite the trees' headers.
    compression : uproot.compression.Compression, optional
        By default ZSTD level 1.
    """

    def __init__(
        self,
        path: Path,
        layout: Layout,
        texts: Mapping[str, str],
        batch: int,
        baskets: int,
        compression: Any = None,
    ) -> None:
        self.path = path
        self.unfinished = path.with_name(f"{path.name}.part")
        self.count = 0
        self._layout = layout
        if path.exists():
            raise EventFileError("the file exists already", where=str(path))
        try:
            # "x": of two writers that chose the same name, the second must fail.
            self._stream = self.unfinished.open("x+b")
        except OSError as problem:
            raise EventFileError(
                f"the file cannot be made: {problem.strerror}", where=str(self.unfinished)
            ) from problem
        try:
            self._file = uproot.recreate(self._stream, compression=checked(compression))
            for key, text in texts.items():
                self._file[f"meta/{key}"] = text
            self._trees = {
                tree.name: self._make_tree(tree, batch, baskets) for tree in layout.trees.values()
            }
            self._commits = self._file.mktree(
                COMMITS,
                commit_types(layout),
                initial_basket_capacity=baskets,
                resize_factor=RESIZE_FACTOR,
            )
        except BaseException:
            self._stream.close()
            raise
        trees = {**self._trees, COMMITS: self._commits}
        self._writers: dict[str, TreeWriter] = {}
        if can_add(trees.values()):
            self._writers = {name: TreeWriter(tree, self._file) for name, tree in trees.items()}
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="shoeroot-compress")

    def _make_tree(self, tree: Tree, batch: int, baskets: int) -> Any:
        # Assignment, file["events"] = ..., would write an RNTuple.
        made = self._file.mktree(
            tree.name,
            tree.types(),
            title=f"{self._layout.record_type.name}: {tree.name}",
            counter_name=lambda counted: f"n{counted}",
            initial_basket_capacity=baskets,
            resize_factor=RESIZE_FACTOR,
        )
        _set_cluster(made, batch if tree.is_main else 0)
        set_titles(made, self._layout.record_type, tree)
        reserve_room(made)
        return made

    def extend(self, stripes: Stripes, event_ids: NDArray[Any]) -> None:
        """Write events, one basket a branch; they are on disk when this returns."""
        trees = self._layout.trees
        batch = {name: tree.entries(stripes, event_ids) for name, tree in trees.items()}
        rows = {name: int(tree.rows(stripes, len(event_ids))[-1]) for name, tree in trees.items()}
        commit = Commit(
            rows,
            {
                name: tree_checksum(tree, checked_arrays(batch[name], stripes))
                for name, tree in trees.items()
            },
        )
        try:
            self._write(stripes, event_ids, batch, commit)
        except OSError as problem:
            raise EventFileError(
                f"the events cannot be written: {problem.strerror}",
                where=str(self.unfinished),
                hint="what was committed before is in it: `salvage` brings it back",
            ) from problem
        self.count += len(event_ids)

    def _write(
        self,
        stripes: Stripes,
        event_ids: NDArray[Any],
        batch: Mapping[str, Mapping[str, Entries]],
        commit: Commit,
    ) -> None:
        # An extend by no rows would break ROOT's view of the tree.
        filled = {name: entries for name, entries in batch.items() if commit.rows[name] > 0}
        if self._writers:
            self._add(filled, commit)
        else:
            for name in filled:
                tree = self._layout.trees[name]
                self._trees[name].extend(tree.arrays(stripes, event_ids))
            self._commits.extend(commit_row(commit))
        self._stream.flush()

    def _add(self, batch: Mapping[str, Mapping[str, Entries]], commit: Commit) -> None:
        # The large ones first: threads compress them while this one makes the small baskets.
        encodings = {
            name: self._writers[name].encode(entries, self._pool)
            for name, entries in reversed(list(batch.items()))
        }
        row = {name: Entries("value", array) for name, array in commit_row(commit).items()}
        encodings = {name: encodings[name] for name in batch}
        encodings[COMMITS] = self._writers[COMMITS].encode(row, self._pool)
        write_batch(
            [
                (self._writers[name], [each.finish() for each in encoded])
                for name, encoded in encodings.items()
            ],
            self._stream,
        )

    def size(self) -> int:
        """Give the size of the file so far, in bytes."""
        return os.fstat(self._stream.fileno()).st_size

    def finish(self, provenance_rows: Mapping[str, Any] | None = None) -> None:
        """Complete the file and give it its final name.

        Parameters
        ----------
        provenance_rows : mapping, optional
            Who wrote the events, as a merge takes it over from its sources; by default one row.
        """
        provenance = self._file.mktree(
            "provenance", provenance_types(), initial_basket_capacity=PROVENANCE_BASKETS
        )
        reserve_room(provenance)
        rows = provenance_rows or provenance_row(self._layout.record_type, self.count)
        provenance.extend(rows)
        self.abandon()
        _sync(self.unfinished)
        if self.path.exists():
            raise EventFileError(
                "another writer made the file meanwhile",
                where=str(self.path),
                hint=f"what this one wrote is {self.unfinished.name}",
            )
        self.unfinished.rename(self.path)
        _sync(self.path.parent)

    def abandon(self) -> None:
        """Close the file as it is: what was extended stays in ``*.part``."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._file.close()
        self._stream.close()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _set_cluster(tree: Any, cluster: int) -> None:
    """Tell ROOT how many events are a cluster, for which uproot has no argument.

    ROOT then reads by cluster where it would guess. A later uproot that keeps its header
    elsewhere is left alone: the file is valid without.
    """
    cascading = getattr(tree, "_cascading", None)
    header = getattr(cascading, "_metadata", None)
    if cluster and isinstance(header, dict) and "fAutoFlush" in header:
        header["fAutoFlush"] = cluster
