"""Reading one ROOT file of events: flat arrays of any range of its entries."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import uproot
from numpy.typing import NDArray

from shoeroot.errors import EventFileError, ShoerootError
from shoeroot.events.layout import MAIN_TREE, Branch, Layout, text_stripes
from shoeroot.events.metadata import FORMAT
from shoeroot.records import Stripes, frame_offsets

__all__ = ["PartReader"]

_Result = TypeVar("_Result")
_LARGE_FILE = 1_000_000


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
        _check_header(path)
        # A dict keeps uproot from looking for "file:object" in the name. Arrays are cached by us.
        # Not the memory-map handler: Python crashed when a thread was still decompressing as the
        # file was closed, and would where somebody truncates the file.
        self._file = self._guard(
            lambda: uproot.open(
                {str(path): None},
                array_cache=None,
            ),
            "the file",
        )
        try:
            self._check_contents()
        except BaseException:
            self.close()
            raise

    def _guard(self, work: Callable[[], _Result], what: str) -> _Result:
        """Turn whatever a damaged file makes uproot raise into an error of ours."""
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

    def _check_contents(self) -> None:
        names = self._guard(lambda: self._file.keys(recursive=False, cycle=False), "the directory")
        self._names = names
        if MAIN_TREE not in names:
            raise EventFileError(
                f"the file has no tree {MAIN_TREE!r}",
                where=str(self.path),
                hint=f"it has {', '.join(names[:10]) or 'nothing'}",
            )
        if "meta" not in names or self.text("format") != FORMAT:
            raise EventFileError(
                "the file does not say what its events are",
                where=str(self.path),
                hint="it needs meta/format, meta/schema and meta/schema_id, as EventWriter writes",
            )

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

    def _tree(self, name: str) -> Any:
        return self._guard(lambda: self._file[name], f"the tree {name!r}")

    @cached_property
    def main_tree(self) -> Any:
        """The tree of events, as uproot has it."""
        tree = self._tree(MAIN_TREE)
        if self._written is not None and tree.num_entries != self._written:
            raise EventFileError(
                f"the file has {tree.num_entries} events where its writers wrote {self._written}",
                where=str(self.path),
                hint="the file is damaged or was merged without checks",
            )
        return tree

    @cached_property
    def _written(self) -> int | None:
        # The small tree of the writers is read some 20 times faster than that of the events.
        if "provenance" not in self._names:
            return None
        tree = self._guard(lambda: self._file["provenance"], "the provenance")
        counts, types = self._guard(
            lambda: [
                tree[name].array(library="np") if name in tree else ()
                for name in ("count", "schema_id")
            ],
            "the provenance",
        )
        if any(schema_id != self.text("schema_id") for schema_id in types):
            raise EventFileError(
                "writers of other record types wrote into the file",
                where=str(self.path),
                hint="hadd loses what differs; merge the sources with shoeroot merge, which checks",
            )
        return int(np.sum(counts))

    @cached_property
    def count(self) -> int:
        """Number of events."""
        return int(self.main_tree.num_entries) if self._written is None else self._written

    @cached_property
    def clusters(self) -> NDArray[np.int64]:
        """First entries of what was written together, and the number of events at the end."""
        first = self.main_tree.branches[0]
        edges = self._guard(lambda: first.entry_offsets, "the baskets")
        return np.asarray(edges, dtype=np.int64)

    def offsets(self, layout: Layout, frame: tuple[str, ...]) -> NDArray[np.int64]:
        """Say where each event of the whole file starts in a flat array cut by `frame`."""
        if frame not in self._offsets:
            for name in frame:
                if name not in self._counts:
                    self._counts.update(self.read(layout, name, 0, self.count))
            offsets = frame_offsets(self._counts, frame, self.count)
            self._offsets[frame] = offsets
        return self._offsets[frame]

    def read(self, layout: Layout, name: str, start: int, stop: int) -> Stripes:
        """Read a stripe of events `start` to `stop`.

        Returns
        -------
        dict
            The stripe; for a text also the other stripe that is in the same branch.
        """
        tree, branch = layout.places[name]
        if not tree.is_main:
            rows = self.offsets(layout, tree.frame)
            self._check_rows(tree.name, int(rows[-1]))
            start, stop = int(rows[start]), int(rows[stop])
        if start == stop:
            return _no_rows(branch)
        label = f"the branch {tree.name}/{branch.name}"
        source = self.main_tree if tree.is_main else self._tree(tree.name)
        return self._guard(lambda: _read(source, branch, start, stop, self._executor), label)

    def _check_rows(self, name: str, wanted: int) -> None:
        present = int(self._tree(name).num_entries)
        if present != wanted:
            raise EventFileError(
                f"the tree {name!r} has {present} rows where the events need {wanted}",
                where=str(self.path),
                hint="the file is damaged or was merged without checks",
            )


def _check_header(path: Path) -> None:
    """See whether this is a ROOT file with all its bytes, from its first 20 bytes."""
    try:
        with path.open("rb") as stream:
            header = stream.read(20)
        size = path.stat().st_size
    except OSError as problem:
        raise EventFileError(
            f"the file cannot be opened: {problem.strerror}", where=str(path)
        ) from problem
    if len(header) < 20 or header[:4] != b"root":
        raise EventFileError("this is not a ROOT file", where=str(path))
    version = struct.unpack(">i", header[4:8])[0]
    end = (
        struct.unpack(">q", header[12:20])
        if version >= _LARGE_FILE
        else (struct.unpack(">i", header[12:16]))
    )
    if end[0] > size:
        raise EventFileError(
            f"the file is cut short: it has {size} bytes of {end[0]}",
            where=str(path),
            hint="copy it again from where it is whole",
        )


def _no_rows(branch: Branch) -> Stripes:
    if branch.kind == "text":
        lengths, letters = text_stripes(branch.stripe)
        return {lengths: np.zeros(0, dtype=np.int32), letters: np.zeros(0, dtype=np.uint8)}
    stripe = branch.stripe
    shape = (0, stripe.length) if stripe.length else (0,)
    return {stripe.name: np.zeros(shape, dtype=np.dtype(stripe.dtype))}


def _read(tree: Any, branch: Branch, start: int, stop: int, executor: Any) -> Stripes:
    array = tree[branch.name].array(
        # ROOT stores an empty text in no bytes at all, and uproot's own reading of texts would
        # then give a piece of the next one: the bytes are taken as they are.
        uproot.AsJagged(uproot.AsDtype("u1")) if branch.kind == "text" else None,
        entry_start=start,
        entry_stop=stop,
        library="np" if branch.kind == "value" else "ak",
        decompression_executor=executor,
        array_cache=None,
    )
    if len(array) != stop - start:
        raise ValueError(f"{len(array)} rows where {stop - start} are expected")
    stripe = branch.stripe
    if branch.kind == "value":
        return {stripe.name: _checked(array, branch)}
    layout = array.layout.to_ListOffsetArray64(True)
    offsets = np.asarray(layout.offsets)
    content = np.asarray(layout.content.data)[: offsets[-1]]
    if branch.kind == "text":
        return dict(zip(text_stripes(stripe), _texts(offsets, content), strict=True))
    if stripe.length:
        content = content.reshape(-1, stripe.length)
    return {stripe.name: _checked(content, branch)}


def _texts(
    offsets: NDArray[np.int64], stored: NDArray[np.uint8]
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Take the heads off stored texts: 1 byte with the length, or 255 and 4 bytes with it.

    An empty text is one byte 0 or nothing.
    """
    starts, sizes = offsets[:-1], np.diff(offsets)
    some = starts[sizes > 0]
    first = stored[some].astype(np.int64)
    long = some[first == 255]
    if np.any(sizes[sizes > 0][first == 255] < 5):
        raise ValueError("a text is shorter than its length says")
    head = np.zeros(len(sizes), dtype=np.int64)
    head[sizes > 0] = np.where(first == 255, 5, 1)
    lengths = sizes - head
    places = long[:, None] + np.arange(1, 5)
    first[first == 255] = stored[places].view(">u4").ravel()
    if np.any(lengths[sizes > 0] != first):
        raise ValueError("a text is not as long as it says")
    keep = np.ones(len(stored), dtype=np.bool_)
    keep[some] = False
    keep[places] = False
    return lengths.astype(np.int32), stored[keep]


def _checked(array: NDArray[Any], branch: Branch) -> NDArray[Any]:
    stripe = branch.stripe
    wanted = np.dtype(stripe.dtype)
    shape = (stripe.length,) if stripe.length else ()
    if array.dtype.newbyteorder("=") != wanted or array.shape[1:] != shape:
        raise ValueError(f"{array.dtype}{array.shape[1:]} where {wanted}{shape} is described")
    return array.astype(wanted, copy=False)
