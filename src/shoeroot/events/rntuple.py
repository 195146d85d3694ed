"""The second backend: events as an RNTuple, in which records nest as they are.

One RNTuple ``events`` holds everything, hourly series included, where a TTree needs a second
tree. Fields are records, vectors, ``std::array`` and ``std::optional``; unit and description of
each are its RNTuple description. ``meta/`` and the trees ``provenance`` and ``commits`` are as
beside a TTree.
ROOT reads it from 6.34 on. Columns are read one by one, as they are stored, since a column of
an RNTuple is what a stripe is: counts as running sums, values that are not missing, letters.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import uproot
from numpy.typing import NDArray

from shoeroot.errors import EventFileError, ShoerootError
from shoeroot.events.commits import (
    COMMITS,
    Commit,
    checked_arrays,
    commit_row,
    commit_types,
    read_commits,
    tree_checksum,
)
from shoeroot.events.compress import checked
from shoeroot.events.event_ids import event_ids
from shoeroot.events.file_bytes import FileBytes
from shoeroot.events.header import root_folder
from shoeroot.events.layout import MAIN_TREE, Layout, text_stripes
from shoeroot.events.metadata import FORMAT, provenance_row, provenance_types
from shoeroot.events.nested import empty_stripes, nested_from_stripes
from shoeroot.events.text_room import reserve_room
from shoeroot.records import Field, RecordType, Stripe, Stripes, frame_offsets

__all__ = ["RNTuplePartReader", "RNTuplePartWriter", "commit_of", "is_rntuple"]

_Result = TypeVar("_Result")


def is_rntuple(path: Path) -> bool:
    """Say whether the events of a file are in an RNTuple, from its list of keys alone."""
    try:
        file = FileBytes(path)
    except EventFileError:
        return False
    try:
        key = root_folder(file).get(MAIN_TREE)
    except (ValueError, IndexError, struct.error, EventFileError):
        # What is wrong with the file, the reader of trees says.
        return False
    finally:
        file.close()
    return key is not None and key.class_name == "ROOT::RNTuple"


def commit_of(layout: Layout, stripes: Stripes, first: int, count: int) -> Commit:
    """Describe a batch as if it were in trees, so that files of both backends can be compared.

    Own trees are those of events that are named by their ids, or by their place in the file:
    `first` is the place of the first of the `count` events.
    """
    ids = event_ids(layout.record_type, stripes, first, count)
    rows, checksums = {}, {}
    for tree in layout.trees.values():
        rows[tree.name] = int(tree.rows(stripes, count)[-1])
        arrays = checked_arrays(tree.entries(stripes, ids), stripes)
        checksums[tree.name] = tree_checksum(tree, arrays)
    return Commit(rows, checksums)


class RNTuplePartWriter:
    """One file that is being written; the interface is that of `PartWriter`.

    Parameters
    ----------
    path : Path
        The final path; the file is `path` + ``.part`` until `finish`.
    layout : Layout
        Of the record type.
    texts : mapping of str to str
        What goes to ``meta/``.
    compression : uproot.compression.Compression, optional
        By default ZSTD level 1.
    """

    def __init__(
        self, path: Path, layout: Layout, texts: Mapping[str, str], compression: Any = None
    ) -> None:
        self.path = path
        self.unfinished = path.with_name(f"{path.name}.part")
        self.count = 0
        self._layout = layout
        self._type = layout.record_type
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
            form = nested_from_stripes(self._type, empty_stripes(self._type)).layout.form
            self._ntuple = self._file.mkrntuple(
                MAIN_TREE, form, description=self._type.root.description
            )
            self._commits = self._file.mktree(COMMITS, commit_types(layout))
        except BaseException:
            self._stream.close()
            raise

    def extend(self, stripes: Stripes, event_ids: NDArray[Any]) -> None:
        """Write events as one cluster; they are on disk when this returns."""
        self._ntuple.extend(nested_from_stripes(self._type, stripes))
        self._commits.extend(
            commit_row(commit_of(self._layout, stripes, self.count, len(event_ids)))
        )
        self._stream.flush()
        self.count += len(event_ids)

    def size(self) -> int:
        """Give the size of the file so far, in bytes."""
        return os.fstat(self._stream.fileno()).st_size

    def finish(self, provenance_rows: Mapping[str, Any] | None = None) -> None:
        """Complete the file and give it its final name."""
        provenance = self._file.mktree("provenance", provenance_types())
        reserve_room(provenance)
        provenance.extend(provenance_rows or provenance_row(self._type, self.count))
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self.abandon()
        if self.path.exists():
            raise EventFileError(
                "another writer made the file meanwhile",
                where=str(self.path),
                hint=f"what this one wrote is {self.unfinished.name}",
            )
        self.unfinished.rename(self.path)

    def abandon(self) -> None:
        """Close the file as it is: what was extended stays in ``*.part``."""
        self._file.close()
        self._stream.close()


class RNTuplePartReader:
    """One open file with an RNTuple; the interface is that of `PartReader`.

    Parameters
    ----------
    path : Path
        The file.
    executor : object
        Not used: uproot decompresses the pages of a column one after the other.

    Raises
    ------
    EventFileError
        If it cannot be read or holds no events.
    """

    def __init__(self, path: Path, executor: Any = None) -> None:
        self.path = path
        self._counts: dict[str, NDArray[Any]] = {}
        self._offsets: dict[tuple[str, ...], NDArray[np.int64]] = {}
        self._file = self._guard(lambda: uproot.open({str(path): None}), "the file")
        try:
            self._ntuple = self._guard(lambda: self._file[MAIN_TREE], "the RNTuple")
            if self.text("format") != FORMAT:
                raise EventFileError("the file is of another format", where=str(path))
        except BaseException:
            self.close()
            raise

    def _guard(self, work: Callable[[], _Result], what: str) -> _Result:
        try:
            return work()
        except ShoerootError:
            raise
        except Exception as problem:
            raise EventFileError(
                f"{what} cannot be read: {type(problem).__name__}: {problem}",
                where=str(self.path),
                hint="the file is damaged, or was not written by shoeroot",
            ) from problem

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def text(self, key: str) -> str:
        """Give one text of ``meta/``."""
        return self._guard(lambda: str(self._file[f"meta/{key}"]), f"meta/{key}")

    def texts(self) -> dict[str, str]:
        """Give all texts of ``meta/``."""
        keys = self._guard(lambda: self._file["meta"].keys(cycle=False), "meta")
        return {key: self.text(key) for key in keys}

    @cached_property
    def count(self) -> int:
        """Number of events.

        Raises
        ------
        EventFileError
            If it is not what the writers wrote.
        """
        count = int(self._guard(lambda: self._ntuple.num_entries, "the RNTuple"))
        written = self._guard(
            lambda: int(self._file["provenance/count"].array(library="np").sum()), "the provenance"
        )
        if count != written:
            raise EventFileError(
                f"the file has {count} events where its writers wrote {written}",
                where=str(self.path),
                hint="the file is damaged or was merged without checks",
            )
        return count

    @cached_property
    def clusters(self) -> NDArray[np.int64]:
        """First entries of what was written together, and the number of events at the end."""
        summaries = self._guard(lambda: self._ntuple.cluster_summaries, "the clusters")
        edges = [summary.num_first_entry for summary in summaries]
        clusters = np.array([*edges, self.count], dtype=np.int64)
        if clusters[0] != 0 or np.any(np.diff(clusters) <= 0):
            raise EventFileError(
                "the clusters of the RNTuple do not follow each other",
                where=str(self.path),
                hint="the file is damaged",
            )
        return clusters

    def commits(self, layout: Layout) -> tuple[Commit, ...] | None:
        """Give what the writers said of each batch, None where they said nothing."""
        return read_commits(self._file, layout)

    @cached_property
    def _columns(self) -> dict[str, int]:
        record_type = RecordType.from_json(self.text("schema"))
        return self._guard(lambda: columns_of_fields(self._ntuple, record_type), "the fields")

    def offsets(self, layout: Layout, frame: tuple[str, ...]) -> NDArray[np.int64]:
        """Say where each event of the whole file starts in a flat array cut by `frame`."""
        if frame not in self._offsets:
            for name in frame:
                if name not in self._counts:
                    self._counts.update(self.read(layout, name, 0, self.count))
            self._offsets[frame] = frame_offsets(self._counts, frame, self.count)
        return self._offsets[frame]

    def read(self, layout: Layout, names: str | Iterable[str], start: int, stop: int) -> Stripes:
        """Read stripes of events `start` to `stop`; of a text the other one too."""
        wanted: dict[str, None] = {}
        for name in [names] if isinstance(names, str) else names:
            _, branch = layout.places[name]
            # The same stripes together as in a tree: parts of both backends may be one.
            wanted |= dict.fromkeys(
                text_stripes(branch.stripe) if branch.kind == "text" else (name,)
            )
        stripes: Stripes = {}
        for name in wanted:
            stripes |= self._read_one(layout, name, start, stop)
        return stripes

    def _read_one(self, layout: Layout, name: str, start: int, stop: int) -> Stripes:
        record_type = layout.record_type
        stripe = record_type.stripes[name]
        if start == stop:
            return {name: empty_stripes(record_type)[name]}
        first = int(np.searchsorted(self.clusters, start, side="right")) - 1
        after = int(np.searchsorted(self.clusters, stop, side="left"))
        origin, end = int(self.clusters[first]), int(self.clusters[after])

        def read() -> NDArray[Any]:
            known = self._read(record_type, stripe, first, after)
            offsets = frame_offsets(known, stripe.frame, end - origin)
            values = known[name]
            if len(values) != offsets[-1]:
                raise ValueError(f"{len(values)} values where its lists need {offsets[-1]}")
            return values[offsets[start - origin] : offsets[stop - origin]]

        return {name: self._guard(read, f"the column of {name!r}")}

    def _read(self, record_type: RecordType, stripe: Stripe, first: int, after: int) -> Stripes:
        """Read a stripe of whole clusters, with all counts and flags that enclose it."""
        column = record_type.columns[stripe.column]
        wanted: Stripes = {}
        present: NDArray[np.bool_] | None = None
        for step in column.steps:
            counts = _spread(self._counts_of(step.stripe, first, after), present)
            if step.kind == "optional" and np.any(counts > 1):
                raise ValueError("an optional value that is there more than once")
            present = counts.astype(np.bool_) if step.kind == "optional" else None
            wanted[step.stripe] = counts.astype(np.int32) if present is None else present
            if step.stripe == stripe.name:
                return wanted
        if stripe.role == "value":
            raw = self._raw(stripe.name, first, after)
            values = raw.reshape(-1, stripe.length) if stripe.length else raw
            wanted[stripe.name] = _spread(_typed(values, stripe), present)
            return wanted
        lengths, letters = column.stripe_names[-2:]
        sizes = self._counts_of(lengths, first, after)
        wanted[lengths] = _spread(sizes, present).astype(np.int32)
        if stripe.name == letters:
            wanted[letters] = _typed(self._raw(letters, first, after), stripe)
        return wanted

    def _counts_of(self, name: str, first: int, after: int) -> NDArray[Any]:
        counts: NDArray[Any] = np.diff(self._raw(name, first, after).astype(np.int64))
        if np.any(counts < 0) or np.any(counts >= 2**31):
            raise ValueError("a list of fewer than no elements, or of too many")
        return counts

    def _raw(self, name: str, first: int, after: int) -> NDArray[Any]:
        return np.asarray(self._ntuple.read_cluster_range(self._columns[name], first, after))


def _spread(dense: NDArray[Any], present: NDArray[np.bool_] | None) -> NDArray[Any]:
    """Put the values that are not missing into their places, zero into the others."""
    if present is None:
        return dense
    if len(dense) != np.count_nonzero(present):
        raise ValueError(f"{len(dense)} values where {np.count_nonzero(present)} are not missing")
    full = np.zeros((len(present), *dense.shape[1:]), dtype=dense.dtype)
    full[present] = dense
    return full


def _typed(values: NDArray[Any], stripe: Stripe) -> NDArray[Any]:
    wanted = np.dtype(stripe.dtype)
    if values.dtype != wanted:
        raise ValueError(f"{values.dtype} where {wanted} is described")
    return values


class _ColumnFinder:
    """Which column of an RNTuple holds which stripe."""

    def __init__(self, ntuple: Any) -> None:
        self.found: dict[str, int] = {}
        self.top: dict[str, int] = {}
        self._children: dict[int, dict[str, int]] = {}
        self._columns: dict[int, list[int]] = {}
        for place, record in enumerate(ntuple.field_records):
            # A field that is its own parent is at the top.
            above = record.parent_field_id
            inside = self.top if above == place else self._children.setdefault(above, {})
            inside[record.field_name] = place
        for place, record in enumerate(ntuple.column_records):
            self._columns.setdefault(record.field_id, []).append(place)

    def walk(self, field: Field, place: int, base: str, marker: str = "") -> None:
        """Note the columns of a field and of everything below it."""
        if field.kind == "record":
            for child in field.children:
                self.walk(child, self._children[place][child.name], f"{base}_{child.name}")
        elif field.kind == "list":
            self.found[f"{base}{marker}_n"] = self._columns[place][0]
            self.walk(field.item, self._children[place]["_0"], base, f"{marker}_item")
        elif field.kind == "optional":
            self.found[f"{base}{marker}_valid"] = self._columns[place][0]
            self.walk(field.item, self._children[place]["_0"], base, marker)
        elif field.kind == "str":
            self.found[f"{base}_len"], self.found[f"{base}_chars"] = self._columns[place][:2]
        elif field.kind == "array":
            self.found[base] = self._columns[self._children[place]["_0"]][0]
        else:
            self.found[base] = self._columns[place][0]


def columns_of_fields(ntuple: Any, record_type: RecordType) -> dict[str, int]:
    """Find the column of each stripe.

    Raises
    ------
    KeyError
        If a field that the record type has is not in the RNTuple.
    """
    finder = _ColumnFinder(ntuple)
    for child in record_type.fields:
        finder.walk(child, finder.top[child.name], child.name)
    return finder.found
