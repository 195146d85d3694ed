"""Names and nesting of the flat arrays (stripes) that a nested record type is cut into.

Every value of a record type becomes one flat array over all records, and every list, option and
text adds one flat array of counts, flags or lengths. `zones: list[Zone]` with `area: float` and
`name: str` in it becomes ``zones_n``, ``zones_area``, ``zones_name_len`` and ``zones_name_chars``.
The columns of a file and the records in memory are both built from stripes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import RecordError
from shoeroot.records.fields import Field

__all__ = ["Column", "Step", "Stripe", "Stripes", "columns_of", "frame_offsets", "stripes_of"]

Stripes = dict[str, NDArray[np.generic]]
"""Flat arrays by name: shape (m,), or (m, length) for fixed arrays."""


@dataclass(frozen=True, slots=True)
class Step:
    """A list or an option on the way from the record to a value.

    Attributes
    ----------
    kind : str
        "list" or "optional".
    stripe : str
        Name of the stripe with the counts of the list or the flags of the option.
    tree : str
        Name of the own tree in which that stripe is, "" for the main tree.
    """

    kind: str
    stripe: str
    tree: str


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a record type with all that encloses it.

    Attributes
    ----------
    name : str
        Flattened name, such as ``zones_hourly_heating``.
    path : tuple of str
        Names of the fields from the outermost record down.
    steps : tuple of Step
        Lists and options that enclose the value, outermost first.
    value : Field
        The bool, int, float, str or array itself.
    tree : str
        Name of the own tree, "" for the main tree.
    """

    name: str
    path: tuple[str, ...]
    steps: tuple[Step, ...]
    value: Field
    tree: str

    @property
    def frame(self) -> tuple[str, ...]:
        """Names of the counts of the enclosing lists, outermost first."""
        return _frame(self.steps)

    @property
    def stripe_names(self) -> tuple[str, ...]:
        """Names of all stripes that are needed to build the column."""
        own = _text_names(self.name) if self.value.kind == "str" else (self.name,)
        return (*(step.stripe for step in self.steps), *own)


@dataclass(frozen=True, slots=True)
class Stripe:
    """One flat array of a record type.

    Attributes
    ----------
    name : str
        Its name among all stripes of the record type.
    role : str
        "value", "count" (of list elements), "valid" (flags of an option), "text_length" (bytes)
        or "text" (UTF-8 bytes of all texts, one after the other).
    frame : tuple of str
        Names of the count stripes that cut it into lists, outermost first.
    dtype : str
        numpy type.
    length : int
        Elements of a fixed array, otherwise 0.
    tree : str
        Name of the own tree, "" for the main tree.
    column : str
        Flattened name of the value it belongs to.
    """

    name: str
    role: str
    frame: tuple[str, ...]
    dtype: str
    length: int
    tree: str
    column: str


def columns_of(root: Field) -> dict[str, Column]:
    """Flatten a record type: its values by flattened name, in the order of declaration."""
    columns: dict[str, Column] = {}
    for column in _walk(root, (), "", (), ""):
        if column.name in columns:
            raise RecordError(
                f"two fields flatten to the name {column.name!r}",
                where=f"{root.record}.{'.'.join(column.path)}",
                hint=f"the other is {'.'.join(columns[column.name].path)}; rename one",
            )
        columns[column.name] = column
    return columns


def _walk(
    field: Field, path: tuple[str, ...], marker: str, steps: tuple[Step, ...], tree: str
) -> Iterator[Column]:
    base = "_".join(path)
    if field.kind == "record":
        tree = base if field.own_tree else tree
        for child in field.children:
            yield from _walk(child, (*path, child.name), "", steps, tree)
    elif field.kind == "list":
        # A list directly in a list has no name of its own: "_item" stands for it.
        step = Step("list", f"{base}{marker}_n", tree)
        yield from _walk(field.item, path, f"{marker}_item", (*steps, step), tree)
    elif field.kind == "optional":
        step = Step("optional", f"{base}{marker}_valid", tree)
        yield from _walk(field.item, path, marker, (*steps, step), tree)
    else:
        yield Column(base, path, steps, field, tree)


def stripes_of(columns: Iterable[Column], owner: str) -> dict[str, Stripe]:
    """Name the flat arrays of all columns.

    Raises
    ------
    RecordError
        If two different things would get the same name.
    """
    stripes: dict[str, Stripe] = {}
    # A list is shared by its columns: the same step, seen again, is no clash.
    seen_steps: dict[str, Step] = {}
    origins: dict[str, tuple[Step, ...]] = {}

    def add(stripe: Stripe, path: tuple[str, ...]) -> None:
        if stripe.name in stripes:
            raise RecordError(
                f"two flat arrays would be named {stripe.name!r}",
                where=f"{owner}.{'.'.join(path)}",
                hint=f"the other belongs to {stripes[stripe.name].column!r}; rename a field",
            )
        stripes[stripe.name] = stripe

    for column in columns:
        for position, step in enumerate(column.steps):
            above = column.steps[:position]
            if seen_steps.get(step.stripe) == step and origins[step.stripe] == above:
                continue
            role, dtype = ("count", "i4") if step.kind == "list" else ("valid", "?")
            stripe = Stripe(step.stripe, role, _frame(above), dtype, 0, step.tree, column.name)
            add(stripe, column.path)
            seen_steps[step.stripe], origins[step.stripe] = step, above
        for stripe in _value_stripes(column):
            add(stripe, column.path)
    return stripes


def _value_stripes(column: Column) -> tuple[Stripe, ...]:
    frame, tree, name = column.frame, column.tree, column.name
    if column.value.kind != "str":
        return (Stripe(name, "value", frame, column.value.dtype, column.value.length, tree, name),)
    lengths, letters = _text_names(name)
    return (
        Stripe(lengths, "text_length", frame, "i4", 0, tree, name),
        Stripe(letters, "text", (*frame, lengths), "u1", 0, tree, name),
    )


def _text_names(name: str) -> tuple[str, str]:
    return f"{name}_len", f"{name}_chars"


def _frame(steps: tuple[Step, ...]) -> tuple[str, ...]:
    return tuple(step.stripe for step in steps if step.kind == "list")


def frame_offsets(stripes: Stripes, frame: tuple[str, ...], count: int) -> NDArray[np.int64]:
    """Say where each of `count` rows starts in a flat array that is cut by `frame`.

    Parameters
    ----------
    stripes : dict
        Must hold the counts named in `frame`, for these rows alone.
    frame : tuple of str
        Counts between the rows and the flat array, outermost first; () gives ``arange``.
    count : int
        Number of rows.

    Returns
    -------
    numpy.ndarray
        `count` + 1 offsets, the first 0.
    """
    offsets = np.arange(count + 1, dtype=np.int64)
    for name in frame:
        inner = np.zeros(len(stripes[name]) + 1, dtype=np.int64)
        np.cumsum(stripes[name], out=inner[1:])
        offsets = inner[offsets]
    return offsets
