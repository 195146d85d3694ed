"""Stripes (flat arrays and counts) put together again: columns, and records one by one."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import RecordError
from shoeroot.records.fields import Field, about, check_name
from shoeroot.records.pack import stripes_from_records
from shoeroot.records.record_type import RecordType
from shoeroot.records.stripes import Column, Stripes
from shoeroot.records.text import Shown

__all__ = [
    "class_from_type",
    "column_from_stripes",
    "columns_from_records",
    "records_from_stripes",
]

_PYTHON_TYPES: dict[str, Any] = {
    "bool": bool,
    "int": int,
    "float": float,
    "str": str,
    "array": np.ndarray,
}


def column_from_stripes(column: Column, stripes: Mapping[str, NDArray[Any]]) -> Any:
    """Build one column without copying its stripes.

    Returns
    -------
    numpy.ndarray or awkward.Array
        numpy for numbers and fixed arrays that are in no list and no option, else awkward.
    """
    if not column.steps and column.value.kind != "str":
        return stripes[column.name]
    layout: Any
    if column.value.kind == "str":
        letters = ak.contents.NumpyArray(
            stripes[f"{column.name}_chars"], parameters={"__array__": "char"}
        )
        layout = ak.contents.ListOffsetArray(
            _index(stripes[f"{column.name}_len"]), letters, parameters={"__array__": "string"}
        )
    else:
        layout = ak.contents.NumpyArray(stripes[column.name])
    for step in reversed(column.steps):
        if step.kind == "list":
            layout = ak.contents.ListOffsetArray(_index(stripes[step.stripe]), layout)
        else:
            flags = stripes[step.stripe].astype(np.int8)
            mask = ak.index.Index8(flags)
            layout = ak.contents.ByteMaskedArray.simplified(mask, layout, valid_when=True)
    return ak.Array(layout)


def _index(counts: NDArray[Any]) -> Any:
    offsets = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return ak.index.Index64(offsets)


def columns_from_records(record_type: RecordType, records: Sequence[Any]) -> dict[str, Any]:
    """Turn dataclass instances into columns, keyed by flattened name."""
    stripes = stripes_from_records(record_type, records)
    return {
        name: column_from_stripes(column, stripes) for name, column in record_type.columns.items()
    }


def class_from_type(record_type: RecordType) -> type:
    """Make a frozen dataclass for a record type whose own class is not at hand.

    Lists are tuples in it, and `RecordType.of` it is `record_type` again. Its names were checked:
    `dataclasses.make_dataclass` compiles them.
    """
    return _make(record_type.root)


def _make(record: Field) -> type:
    fields = [
        (check_name(child.name, record.record), _annotation(child), _declaration(child))
        for child in record.children
    ]
    made: type = dataclasses.make_dataclass(
        check_name(record.record, record.name), fields, bases=(Shown,), frozen=True, slots=True
    )
    made.__doc__ = record.description
    return made


def _declaration(field: Field) -> Any:
    inside = field
    while inside.kind in ("list", "optional"):
        inside = inside.item
    return about(
        field.unit,
        field.description,
        dtype=inside.dtype or None,
        length=inside.length or None,
        own_tree=inside.own_tree,
    )


def _annotation(field: Field) -> Any:
    if field.kind == "record":
        return _make(field)
    if field.kind == "list":
        return tuple[_annotation(field.item), ...]  # type: ignore[misc]
    if field.kind == "optional":
        return _annotation(field.item) | None
    return _PYTHON_TYPES[field.kind]


def records_from_stripes(
    record_type: RecordType, stripes: Stripes, record_class: type
) -> list[Any]:
    """Build typed records from their stripes.

    Parameters
    ----------
    record_type : RecordType
        What the stripes are.
    stripes : dict
        All stripes of the records.
    record_class : type
        The dataclass to build: the one `record_type` describes, or `class_from_type`'s.
    """
    return _build(record_type.root, record_class, stripes, "", "")


def _build(field: Field, hint: Any, stripes: Stripes, base: str, marker: str) -> list[Any]:
    # One call a field, as in pack: each gives the values of all records.
    if field.kind == "record":
        return _build_records(field, hint, stripes, base)
    if field.kind == "list":
        counts = stripes[f"{base}{marker}_n"].tolist()
        inner = typing.get_args(hint)[0]
        items = _build(field.item, inner, stripes, base, f"{marker}_item")
        collect = typing.get_origin(hint) or list
        return _split(items, counts, collect)
    if field.kind == "optional":
        flags = stripes[f"{base}{marker}_valid"].tolist()
        inner = next(given for given in typing.get_args(hint) if given is not type(None))
        values = _build(field.item, inner, stripes, base, marker)
        return [value if known else None for value, known in zip(values, flags, strict=True)]
    if field.kind == "str":
        letters = stripes[f"{base}_chars"].tobytes()
        lengths = stripes[f"{base}_len"].tolist()
        return [text.decode() for text in _split(letters, lengths, bytes)]
    if field.kind == "array":
        return list(stripes[base])
    return cast("list[Any]", stripes[base].tolist())


def _build_records(field: Field, hint: Any, stripes: Stripes, base: str) -> list[Any]:
    if not dataclasses.is_dataclass(hint):
        raise RecordError(f"{hint!r} is not the dataclass of {field.record}", where=base)
    make = cast("Callable[..., Any]", hint)
    hints = typing.get_type_hints(hint)
    values = [
        _build(
            child,
            hints[child.name],
            stripes,
            f"{base}_{child.name}" if base else child.name,
            "",
        )
        for child in field.children
    ]
    names = [child.name for child in field.children]
    return [make(**dict(zip(names, row, strict=True))) for row in zip(*values, strict=True)]


def _split(items: Any, counts: list[int], collect: Any) -> list[Any]:
    parts, start = [], 0
    for count in counts:
        parts.append(collect(items[start : start + count]))
        start += count
    return parts
