"""Which branches of which trees hold a record type.

================  ===============================================================
stripe            branch
================  ===============================================================
number, flag      ``p``, a scalar
fixed array       ``p[12]/F``
text              ``p/C``
any of a list     ``p[np]`` under its own counter ``np``: a counter shared with
                  another branch makes a later append damage the file
fixed array, list the same, flat with 12 contents an element: two dimensions,
                  ``p[n][12]``, are written with wrong offsets
text in a list    ``p_len[np_len]/I`` and ``p_chars[np_chars]/b``
own tree          a second tree, one row a list element, with ``event_id/L``
                  (`event_id` of the record, or its running number) and
                  ``index/I``, the element's place in its event
================  ===============================================================

Lists add a count ``p_n``, optional values a flag ``p_valid/O``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import RecordError
from shoeroot.records import RecordType, Stripe, Stripes, frame_offsets

__all__ = ["MAIN_TREE", "Branch", "Entries", "Layout", "Tree", "text_stripes", "text_type"]

MAIN_TREE = "events"
RESERVED_TREES = (MAIN_TREE, "commits", "meta", "provenance")


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch: what it is called and which stripe it holds.

    Attributes
    ----------
    name : str
        Name in its tree.
    kind : str
        "value", "jagged" or "text".
    stripe : Stripe
        What it holds; for a text its lengths.
    """

    name: str
    kind: str
    stripe: Stripe

    @property
    def counter(self) -> str:
        """Name of the counter that uproot writes with a jagged branch, "" for others."""
        return f"n{self.name}" if self.kind == "jagged" else ""

    @property
    def type(self) -> Any:
        """What `uproot.WritableDirectory.mktree` takes for the type of the branch."""
        if self.kind == "text":
            return text_type()
        dtype = np.dtype(self.stripe.dtype)
        if self.kind == "jagged":
            return ak.types.ListType(ak.types.NumpyType(dtype.name))
        return np.dtype((dtype, (self.stripe.length,))) if self.stripe.length else dtype


def text_type() -> Any:
    """Give the type of a text branch, as `mktree` takes it."""
    # Parsing "string" with awkward's grammar would cost more than writing a hundred events.
    letters = ak.types.NumpyType("uint8", parameters={"__array__": "char"})
    return ak.types.ListType(letters, parameters={"__array__": "string"})


@dataclass(frozen=True, slots=True)
class Entries:
    """What one branch gets in a batch.

    Attributes
    ----------
    kind : str
        "value", "jagged" or "text".
    values : numpy.ndarray
        One value an entry, or all that is in lists, flat, or all letters.
    offsets : numpy.ndarray or None
        Where each list or text begins in `values`, and where the last ends.
    """

    kind: str
    values: NDArray[Any]
    offsets: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree: its name, the counts between events and its rows, its branches."""

    name: str
    frame: tuple[str, ...]
    branches: tuple[Branch, ...]

    @property
    def is_main(self) -> bool:
        """Whether its rows are the events."""
        return not self.frame

    def types(self) -> dict[str, Any]:
        """Give the branches as `mktree` takes them."""
        own = {} if self.is_main else {"event_id": np.dtype("i8"), "index": np.dtype("i4")}
        return {**own, **{branch.name: branch.type for branch in self.branches}}

    def rows(self, stripes: Stripes, events: int) -> NDArray[np.int64]:
        """Give the first row of each of `events` events, and the number of rows at the end."""
        return frame_offsets(stripes, self.frame, events)

    def entries(self, stripes: Stripes, event_ids: NDArray[Any]) -> dict[str, Entries]:
        """Give what each branch gets for the events of `stripes`; counters are left out."""
        first_rows = self.rows(stripes, len(event_ids))
        entries: dict[str, Entries] = {}
        if not self.is_main:
            counts = np.diff(first_rows)
            owners = np.repeat(event_ids, counts).astype(np.int64)
            index = np.arange(first_rows[-1]) - np.repeat(first_rows[:-1], counts)
            entries["event_id"] = Entries("value", owners)
            entries["index"] = Entries("value", index.astype(np.int32))
        offsets: dict[tuple[str, ...], NDArray[np.int64]] = {}
        for branch in self.branches:
            entries[branch.name] = self._entries(branch, stripes, int(first_rows[-1]), offsets)
        return entries

    def _entries(
        self,
        branch: Branch,
        stripes: Stripes,
        rows: int,
        known: dict[tuple[str, ...], NDArray[np.int64]],
    ) -> Entries:
        stripe = branch.stripe
        if branch.kind == "value":
            return Entries("value", stripes[stripe.name])
        if branch.kind == "text":
            lengths, name = text_stripes(stripe)
            frame: tuple[str, ...] = (lengths,)
        else:
            frame, name = stripe.frame[len(self.frame) :], stripe.name
        if frame not in known:
            known[frame] = frame_offsets(stripes, frame, rows)
        offsets = known[frame] * stripe.length if stripe.length else known[frame]
        return Entries(branch.kind, stripes[name].reshape(-1), offsets)

    def arrays(self, stripes: Stripes, event_ids: NDArray[Any]) -> dict[str, Any]:
        """Give what uproot's ``extend`` takes for the events of `stripes`."""
        entries = self.entries(stripes, event_ids)
        return {name: _for_uproot(each) for name, each in entries.items()}


def _for_uproot(entries: Entries) -> Any:
    if entries.offsets is None:
        return entries.values
    outer, inner = ("string", "char") if entries.kind == "text" else ("", "")
    content = ak.contents.NumpyArray(
        entries.values, parameters={"__array__": inner} if inner else None
    )
    return ak.Array(
        ak.contents.ListOffsetArray(
            ak.index.Index64(entries.offsets),
            content,
            parameters={"__array__": outer} if outer else None,
        )
    )


def text_stripes(stripe: Stripe) -> tuple[str, str]:
    """Name the lengths and the letters of the text to which `stripe` belongs."""
    return f"{stripe.column}_len", f"{stripe.column}_chars"


@dataclass(frozen=True, slots=True)
class Layout:
    """All trees of a record type.

    Attributes
    ----------
    record_type : RecordType
        What is laid out.
    trees : dict of str to Tree
        By name, the main tree first.
    places : dict of str to (Tree, Branch)
        Where each stripe is, by its name.
    """

    record_type: RecordType
    trees: dict[str, Tree]
    places: dict[str, tuple[Tree, Branch]]

    @classmethod
    def of(cls, record_type: RecordType) -> Layout:
        """Lay out a record type.

        Raises
        ------
        RecordError
            If two branches of a tree, counters included, would have the same name.
        """
        frames: dict[str, tuple[str, ...]] = {"": ()}
        for column in record_type.columns.values():
            frames.setdefault(column.tree, _tree_frame(column))
        trees = {}
        for own, frame in frames.items():
            if own in RESERVED_TREES:
                raise RecordError(
                    f"a tree cannot be called {own!r}", where=record_type.name, hint="rename it"
                )
            stripes = [stripe for stripe in record_type.stripes.values() if stripe.tree == own]
            branches = tuple(
                _branch(stripe, frame) for stripe in stripes if not _inside_text(stripe, frame)
            )
            tree = Tree(own or MAIN_TREE, frame, branches)
            _check_names(tree, record_type.name)
            trees[tree.name] = tree
        places = {}
        for tree in trees.values():
            for branch in tree.branches:
                stripe = branch.stripe
                names = text_stripes(stripe) if branch.kind == "text" else (stripe.name,)
                places.update(dict.fromkeys(names, (tree, branch)))
        return cls(record_type, trees, places)

    @property
    def branch_names(self) -> tuple[str, ...]:
        """All branches but counters: the main tree's by name, others as ``tree/branch``."""
        return tuple(
            branch.name if tree.is_main else f"{tree.name}/{branch.name}"
            for tree in self.trees.values()
            for branch in tree.branches
        )


def _tree_frame(column: Any) -> tuple[str, ...]:
    return tuple(
        step.stripe for step in column.steps if step.kind == "list" and step.tree != column.tree
    )


def _inside_text(stripe: Stripe, frame: tuple[str, ...]) -> bool:
    # The letters of a text that is one value a row are in the same branch as its lengths.
    return stripe.role == "text" and len(stripe.frame) == len(frame) + 1


def _branch(stripe: Stripe, frame: tuple[str, ...]) -> Branch:
    name = stripe.name.removeprefix(f"{stripe.tree}_") if stripe.tree else stripe.name
    if stripe.frame != frame:
        return Branch(name, "jagged", stripe)
    if stripe.role == "text_length":
        return Branch(name.removesuffix("_len"), "text", stripe)
    return Branch(name, "value", stripe)


def _check_names(tree: Tree, owner: str) -> None:
    names = [] if tree.is_main else ["event_id", "index"]
    for branch in tree.branches:
        names += [branch.name, branch.counter] if branch.counter else [branch.name]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RecordError(
            f"two branches of the tree {tree.name!r} would be named {', '.join(twice)}",
            where=owner,
            hint="n<name> counts what is in a list; rename a field",
        )
