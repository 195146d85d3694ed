"""The tree ``commits``: what each batch of events was when it was written, to be checked later.

A writer puts events on disk in batches. With each batch goes one row of the plain TTree
``commits``, written after the baskets of the batch, so that the row says they are complete.
For each tree of the layout (`Layout.trees`: ``events`` and the own trees), in that order, it has
two branches:

=====================  ====  ========================================================
branch                 type  content
=====================  ====  ========================================================
``<tree>_rows``        L     entries of the tree in this batch; of ``events``: events
``<tree>_checksum``    l     what `tree_checksum` gives for these entries
=====================  ====  ========================================================

Rows are in the order of the events: batch k holds ``events_rows[k]`` events after those of the
batches before it. The tree survives ``hadd``, which puts the rows of one file after those of the
other just as it does with events. Files of earlier versions do not have it.

The checksum of a tree is made in two steps, so that it can be computed branch by branch and in
threads. The digest of an array is the XXH3 hash of 64 bits, without seed, of its values as
little-endian bytes in C order (also for float32: bit by bit, so NaN and -0.0 are kept apart).
The checksum is the same hash of the digests, 8 little-endian bytes each, of these arrays:

1. in an own tree its branches ``event_id`` (int64) and ``index`` (int32),
2. for each branch of `Tree.branches` its stripe as `RecordType.stripes` types it; for a text
   branch the stripe of lengths, then that of letters.

Counters (``n<branch>``) are not in it: they follow from the counts that are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from shoeroot.errors import EventFileError
from shoeroot.events.layout import Entries, Layout, Tree, text_stripes

__all__ = [
    "COMMITS",
    "Commit",
    "array_names",
    "checked_arrays",
    "combine",
    "commit_row",
    "commit_types",
    "digest",
    "read_commits",
    "tree_checksum",
]

COMMITS = "commits"


@dataclass(frozen=True, slots=True)
class Commit:
    """One batch as its writer described it.

    Attributes
    ----------
    rows : dict of str to int
        Entries by tree.
    checksums : dict of str to int
        `tree_checksum` by tree.
    """

    rows: dict[str, int]
    checksums: dict[str, int]


def digest(array: NDArray[Any]) -> int:
    """Give the XXH3 hash of the values of an array, as little-endian bytes in C order."""
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return xxhash.xxh3_64_intdigest(little.data if little.size else b"")


def combine(digests: Iterable[int]) -> int:
    """Make one checksum of the digests of several arrays, in their order."""
    return xxhash.xxh3_64_intdigest(np.fromiter(digests, dtype="<u8").tobytes())


def array_names(tree: Tree) -> tuple[str, ...]:
    """Name the arrays that go into a tree's checksum, in order: stripes, and an own tree's ids."""
    names = [] if tree.is_main else ["event_id", "index"]
    for branch in tree.branches:
        names += text_stripes(branch.stripe) if branch.kind == "text" else (branch.stripe.name,)
    return tuple(names)


def checked_arrays(
    entries: Mapping[str, Entries], stripes: Mapping[str, NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    """Give the arrays for `tree_checksum` of what a writer is about to write."""
    own = {name: entries[name].values for name in ("event_id", "index") if name in entries}
    return {**stripes, **own}


def tree_checksum(tree: Tree, arrays: Mapping[str, NDArray[Any]]) -> int:
    """Give the checksum of some entries of a tree.

    Parameters
    ----------
    tree : Tree
        The tree.
    arrays : mapping
        What `array_names` names, for these entries alone: stripes by the name of the stripe,
        and for an own tree its branches ``event_id`` and ``index``.
    """
    return combine(digest(arrays[name]) for name in array_names(tree))


def commit_types(layout: Layout) -> dict[str, Any]:
    """Give the branches of the tree, as `mktree` takes them."""
    types: dict[str, Any] = {}
    for name in layout.trees:
        types[f"{name}_rows"] = np.dtype("i8")
        types[f"{name}_checksum"] = np.dtype("u8")
    return types


def commit_row(commit: Commit) -> dict[str, NDArray[Any]]:
    """Give the row of a batch, as `extend` takes it."""
    row: dict[str, NDArray[Any]] = {}
    for name, rows in commit.rows.items():
        row[f"{name}_rows"] = np.array([rows], dtype=np.int64)
        row[f"{name}_checksum"] = np.array([commit.checksums[name]], dtype=np.uint64)
    return row


def read_commits(file: Any, layout: Layout) -> tuple[Commit, ...] | None:
    """Read the commits of an open file.

    Parameters
    ----------
    file : uproot.ReadOnlyDirectory
        The file.
    layout : Layout
        Of the record type in it.

    Returns
    -------
    tuple of Commit or None
        None if the file has no commits: it was written by an earlier version.

    Raises
    ------
    EventFileError
        If the tree is there but is not what this module describes.
    """
    if COMMITS not in file.keys(recursive=False, cycle=False):
        return None
    try:
        columns = file[COMMITS].arrays(list(commit_types(layout)), library="np")
    except Exception as problem:  # uproot raises whatever a damaged file makes of it
        raise EventFileError(
            f"the tree {COMMITS!r} cannot be read: {type(problem).__name__}: {problem}",
            where=str(file.file_path),
            hint="the file is damaged",
        ) from problem
    return tuple(
        Commit(
            {name: int(columns[f"{name}_rows"][batch]) for name in layout.trees},
            {name: int(columns[f"{name}_checksum"][batch]) for name in layout.trees},
        )
        for batch in range(len(columns["events_rows"]))
    )
