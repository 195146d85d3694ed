"""Record types and records as text for people: fields, types, units, and values."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from shoeroot.errors import RecordError
from shoeroot.records.fields import METADATA_KEY, Field

__all__ = ["Shown", "describe_fields", "render", "type_label", "walk_fields"]

LONGEST_ARRAY = 6
"""Arrays with more elements than this are summarised."""


def type_label(field: Field) -> str:
    """Say what a field holds: ``float32[12]``, ``text or missing``, ``list of Zone``."""
    if field.kind == "record":
        return field.record
    if field.kind == "list":
        return f"list of {type_label(field.item)}"
    if field.kind == "optional":
        return f"{type_label(field.item)} or missing"
    if field.kind == "str":
        return "text"
    name = np.dtype(field.dtype).name
    return f"{name}[{field.length}]" if field.kind == "array" else name


def walk_fields(fields: Sequence[Field], depth: int = 0) -> Iterator[tuple[int, Field]]:
    """Give all fields with how deep they are, each record's fields after it."""
    for field in fields:
        yield depth, field
        inside = field
        while inside.kind in ("list", "optional"):
            inside = inside.item
        yield from walk_fields(inside.children, depth + 1)


def describe_fields(fields: Sequence[Field]) -> str:
    """Give one line a field: name, type, unit, description, indented as they are nested."""
    rows = [
        (f"{'  ' * depth}{field.name}", type_label(field), field.unit, field.description)
        for depth, field in walk_fields(fields)
    ]
    widths = [max((len(row[place]) for row in rows), default=0) for place in range(3)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
        for row in rows
    )


def render(record: Any, *, max_items: int = 3) -> str:
    """Give one record as text: a line a field, with units; long arrays are summarised.

    Parameters
    ----------
    record : object
        An instance of a record class, or of a record in one.
    max_items : int
        Elements of a list that are shown.

    Raises
    ------
    RecordError
        If it is no record.
    """
    if not dataclasses.is_dataclass(record) or isinstance(record, type):
        raise RecordError(f"{record!r} is not a record")
    return "\n".join([type(record).__name__, *_lines(record, max_items, "  ")])


class Shown:
    """A record that prints as `render` gives it, also in notebooks; `repr` has all values."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        # IPython looks into a class itself, where a dataclass has its repr, before its bases.
        cls._repr_pretty_ = Shown._repr_pretty_  # type: ignore[method-assign]

    def __str__(self) -> str:
        return render(self, max_items=1)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


def _lines(record: Any, max_items: int, indent: str) -> Iterator[str]:
    declared = dataclasses.fields(record)
    width = max((len(each.name) for each in declared), default=0)
    for each in declared:
        value, unit = getattr(record, each.name), _unit(each)
        yield f"{indent}{each.name.ljust(width)}  {_value(value, unit)}".rstrip()
        if dataclasses.is_dataclass(value):
            yield from _lines(value, max_items, f"{indent}  ")
        elif isinstance(value, list | tuple) and any(map(dataclasses.is_dataclass, value)):
            for place, item in enumerate(value[:max_items]):
                # An optional record may be missing among those that are there.
                missing = not dataclasses.is_dataclass(item)
                yield f"{indent}  [{place}]{' -' if missing else ''}"
                if not missing:
                    yield from _lines(item, max_items, f"{indent}    ")
            if len(value) > max_items:
                yield f"{indent}  and {len(value) - max_items} more"


def _unit(declared: dataclasses.Field[Any]) -> str:
    return str(declared.metadata.get(METADATA_KEY, {}).get("unit", ""))


def _value(value: Any, unit: str) -> str:
    if value is None:
        return "-"
    if dataclasses.is_dataclass(value):
        return type(value).__name__
    if isinstance(value, list | tuple):
        names = {type(item).__name__ for item in value if dataclasses.is_dataclass(item)}
        if names:
            return f"{len(value)} {min(names)}"
        return _several(list(value), unit)
    if isinstance(value, np.ndarray):
        return _array(value, unit)
    text = _single(value)
    return f"{text} {unit}" if unit and not isinstance(value, str) else text


def _single(value: Any) -> str:
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)


def _several(values: list[Any], unit: str) -> str:
    shown = ", ".join(_value(value, "") for value in values[:LONGEST_ARRAY])
    more = f", ... {len(values)} in all" if len(values) > LONGEST_ARRAY else ""
    return f"[{shown}{more}]{f' {unit}' if unit else ''}"


def _array(values: np.ndarray, unit: str) -> str:
    if len(values) <= LONGEST_ARRAY:
        return _several(values.tolist(), unit)
    if values.dtype.kind == "b":
        return f"{len(values)} flags, {int(values.sum())} of them yes"
    known = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    lost = len(values) - len(known)
    end = f", {lost} NaN" if lost else ""
    if len(known) == 0:
        return f"{len(values)} numbers{end}"
    # A mean in float64; infinities are shown as such, without a warning.
    with np.errstate(invalid="ignore", over="ignore"):
        mean = known.mean(dtype="f8")
    text = f"{len(values)} numbers, {_single(known.min())} to {_single(known.max())}"
    return f"{text}, mean {mean:.6g}{f' {unit}' if unit else ''}{end}"
