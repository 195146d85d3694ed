"""Hypothesis strategies: random record types, and random records of any record type.

For tests of whatever takes record types: a file format, an export, a plugin of one's own.
``hypothesis`` is imported when a strategy is made.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.optional import import_optional
from shoeroot.records.fields import DTYPES, Field, about
from shoeroot.records.record_type import RecordType

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["record_types", "record_types_with_records", "records_of"]

# Names end in a number of their own, so that no two flatten to the same branch or counter.
_WORDS = ("x", "area", "n", "_n", "zones_len", "valid", "Item", "a_b_", "id")
_UNITS = ("", "kWh", "m2", "W/(m2 K)")
_DESCRIPTIONS = ("a field", "Größe in ° <b>&amp;", 'said "so", and\\more')
_LARGEST_ID = 2**53 - 1


def _hypothesis(part: str = "strategies") -> Any:
    return import_optional(
        f"hypothesis.{part}", "these strategies are made of", "pip install hypothesis"
    )


def record_types(
    *,
    max_depth: int = 3,
    max_fields: int = 5,
    own_trees: bool = True,
    optionals: bool = True,
) -> SearchStrategy[type]:
    """Draw record types: frozen dataclasses of random fields.

    Parameters
    ----------
    max_depth : int
        How many records and lists may be in one another, counted from the outermost record.
    max_fields : int
        Most fields of a record.
    own_trees : bool
        Whether records in lists may have a tree of their own.
    optionals : bool
        Whether values, lists and records may be optional.
    """
    strategies = _hypothesis()

    def make(draw: Callable[[Any], Any]) -> type:
        drawer = _TypeDrawer(draw, strategies, max_fields, own_trees, optionals)
        return drawer.record(max_depth, outermost=True)

    drawn: SearchStrategy[type] = strategies.composite(make)()
    return drawn


def records_of(
    record_class: type, *, min_size: int = 0, max_size: int = 6, max_items: int = 3
) -> SearchStrategy[list[Any]]:
    """Draw lists of records of one dataclass, in which an ``event_id`` names one record.

    Parameters
    ----------
    record_class : type
        The dataclass.
    min_size, max_size : int
        How many records.
    max_items : int
        Most elements of each list in a record.
    """
    strategies = _hypothesis()
    root = RecordType.of(record_class).root
    one = _values(root, record_class, max_items)
    named = root.child("event_id")
    many: SearchStrategy[list[Any]] = strategies.lists(
        one,
        min_size=min_size,
        max_size=max_size,
        unique_by=(lambda record: record.event_id) if named and named.kind == "int" else None,
    )
    return many


def record_types_with_records(
    *, min_size: int = 1, max_size: int = 6, max_items: int = 3, **limits: Any
) -> SearchStrategy[tuple[type, list[Any]]]:
    """Draw a record type together with records of it.

    Parameters
    ----------
    min_size, max_size, max_items : int
        As `records_of` takes them.
    **limits : dict
        As `record_types` takes them.
    """
    strategies = _hypothesis()

    def make(draw: Callable[[Any], Any]) -> tuple[type, list[Any]]:
        record_class = draw(record_types(**limits))
        sizes = {"min_size": min_size, "max_size": max_size, "max_items": max_items}
        return record_class, draw(records_of(record_class, **sizes))

    drawn: SearchStrategy[tuple[type, list[Any]]] = strategies.composite(make)()
    return drawn


class _TypeDrawer:
    """Draws one record type; it counts its names."""

    def __init__(
        self,
        draw: Callable[[Any], Any],
        strategies: Any,
        max_fields: int,
        own_trees: bool,
        optionals: bool,
    ) -> None:
        self._draw = draw
        self._strategies = strategies
        self._max_fields = max_fields
        self._own_trees = own_trees
        self._optionals = optionals
        self._names = 0

    def _one_of(self, choices: Any) -> Any:
        return self._draw(self._strategies.sampled_from(tuple(choices)))

    def _name(self, word: str) -> str:
        self._names += 1
        return f"{word}{self._names}"

    def record(
        self,
        depth: int,
        *,
        outermost: bool = False,
        in_list: bool = False,
        in_tree: bool = False,
    ) -> type:
        count = self._draw(self._strategies.integers(1, self._max_fields))
        declared = [self._field(depth - 1, in_list, in_tree) for _ in range(count)]
        if outermost and self._one_of((False, True)):
            declared.insert(0, ("event_id", int, about("", "number of the event")))
        return dataclasses.make_dataclass(self._name("Record"), declared, frozen=True, slots=True)

    def _field(self, depth: int, in_list: bool, in_tree: bool) -> tuple[str, Any, Any]:
        name = self._name(self._one_of(_WORDS))
        annotation, given = self._annotation(depth, in_list, in_tree, self._optionals)
        return name, annotation, about(self._one_of(_UNITS), self._one_of(_DESCRIPTIONS), **given)

    def _annotation(
        self, depth: int, in_list: bool, in_tree: bool, optional: bool
    ) -> tuple[Any, dict[str, Any]]:
        kinds = ["bool", "int", "float", "str", "array"]
        kinds += ["optional"] * (2 * optional)
        # Some nesting in most types; a record in a list may have a tree.
        kinds += ["list"] * 3 + ["record"] * (4 if in_list else 2) if depth > 0 else []
        kind = self._one_of(kinds)
        if kind == "optional":
            item, given = self._annotation(depth, False, in_tree, False)
            return item | None, given
        if kind == "list":
            item, given = self._annotation(depth - 1, True, in_tree, self._optionals)
            kept_as: Any = self._one_of((list, tuple))
            return (list[item] if kept_as is list else tuple[item, ...]), given  # type: ignore[valid-type]
        if kind == "record":
            own = in_list and not in_tree and self._own_trees and self._one_of((False, True))
            made = self.record(depth, in_list=in_list, in_tree=in_tree or own)
            return made, {"own_tree": own}
        given = {} if kind == "str" else {"dtype": self._one_of(DTYPES[kind])}
        if kind == "array":
            return np.ndarray, {**given, "length": self._one_of((2, 1, 3, 12))}
        return {"bool": bool, "int": int, "float": float, "str": str}[kind], given


def _values(field: Field, hint: Any, max_items: int) -> Any:
    strategies = _hypothesis()
    if field.kind == "record":
        hints = typing.get_type_hints(hint)
        inside = {
            child.name: _values(child, hints[child.name], max_items) for child in field.children
        }
        return strategies.builds(hint, **inside)
    if field.kind == "list":
        item = _values(field.item, typing.get_args(hint)[0], max_items)
        collect = typing.get_origin(hint)
        return strategies.lists(item, max_size=max_items).map(collect)
    if field.kind == "optional":
        inner = next(given for given in typing.get_args(hint) if given is not type(None))
        return strategies.none() | _values(field.item, inner, max_items)
    if field.kind == "array":
        arrays = _hypothesis("extra.numpy").arrays
        return arrays(np.dtype(field.dtype), field.length, elements=_single(field))
    return _single(field)


def _single(field: Field) -> Any:
    """Draw a bool, int, float or str, the ends of its range as often as all else."""
    strategies = _hypothesis()
    if field.kind == "str":
        letters = strategies.characters(exclude_categories=("Cs",), exclude_characters="\0")
        examples = ("", "é", "🌳 ok", " ", "long " * 60)
        return strategies.text(letters, max_size=8) | strategies.sampled_from(examples)
    dtype = np.dtype(field.dtype)
    if dtype.kind == "b":
        return strategies.booleans()
    if dtype.kind == "f":
        limits = np.finfo(dtype)
        width = 8 * dtype.itemsize
        ends = (limits.max, limits.min, limits.tiny, limits.smallest_subnormal)
        special = (0.0, -0.0, float("nan"), float("inf"), float("-inf"), *map(float, ends))
        return strategies.floats(width=width) | strategies.sampled_from(special)
    low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    if field.kind == "int" and (field.name == "id" or field.name.endswith("_id")):
        low, high = max(low, -_LARGEST_ID), min(high, _LARGEST_ID)
    return strategies.integers(low, high) | strategies.sampled_from((low, 0, high))
