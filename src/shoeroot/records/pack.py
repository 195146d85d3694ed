"""Records and columns in memory, cut into stripes (flat arrays and counts)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import RecordError, nearest
from shoeroot.records.casting import cast, encode, stack
from shoeroot.records.fields import Field
from shoeroot.records.record_type import RecordType
from shoeroot.records.stripes import Column, Stripes

__all__ = ["cut_column", "pack_values", "stripes_from_columns", "stripes_from_records"]

_MISSING = object()


def stripes_from_records(record_type: RecordType, records: Sequence[Any]) -> Stripes:
    """Cut a sequence of dataclass instances into stripes.

    Parameters
    ----------
    record_type : RecordType
        What the records are.
    records : sequence
        Instances of its class, or any objects with the same attributes.

    Raises
    ------
    RecordError
        If a value does not fit its field; it names class and field.
    """
    stripes = dict(_pack(record_type.root, list(records), "", "", record_type.name))
    return {name: stripes[name] for name in record_type.stripes}


def pack_values(field: Field, values: list[Any], base: str, where: str) -> Stripes:
    """Cut values of one field into stripes; `base` is the field's flattened name."""
    return dict(_pack(field, values, base, "", where))


def _pack(
    field: Field, values: list[Any], base: str, marker: str, where: str
) -> Iterator[tuple[str, NDArray[np.generic]]]:
    # One call a field, not one a value: `values` are all values of the field, in order.
    if field.kind == "record":
        for child in field.children:
            below = f"{base}_{child.name}" if base else child.name
            inner = _attributes(values, child, where)
            yield from _pack(child, inner, below, "", f"{where}.{child.name}")
    elif field.kind == "list":
        counts, items = _flatten(values, where)
        yield f"{base}{marker}_n", counts
        yield from _pack(field.item, items, base, f"{marker}_item", where)
    elif field.kind == "optional":
        valid = [value is not None and value is not _MISSING for value in values]
        yield f"{base}{marker}_valid", np.array(valid, dtype=np.bool_)
        empty = _empty(field.item)
        filled = [value if known else empty for value, known in zip(values, valid, strict=True)]
        yield from _pack(field.item, filled, base, marker, where)
    elif field.kind == "str":
        lengths, letters = encode(values, where)
        yield f"{base}_len", lengths
        yield f"{base}_chars", letters
    elif field.kind == "array":
        yield base, stack(values, field, where)
    else:
        array = cast(values, field, where)
        if array.shape != (len(values),):
            raise RecordError("a sequence where one value is declared", where=where)
        yield base, array


def _attributes(values: list[Any], child: Field, where: str) -> list[Any]:
    empty = _empty(child)
    name = child.name
    try:
        return [empty if value is _MISSING else getattr(value, name) for value in values]
    except AttributeError as problem:
        raise RecordError(f"a record lacks the field {name!r}: {problem}", where=where) from problem


def _flatten(values: list[Any], where: str) -> tuple[NDArray[np.generic], list[Any]]:
    try:
        counts = np.fromiter(map(len, values), dtype=np.int32, count=len(values))
        if any(isinstance(value, str | bytes) for value in values):
            raise TypeError("a text is not a list")
        return counts, list(chain.from_iterable(values))
    except TypeError as problem:
        raise RecordError(f"a list is declared: {problem}", where=where) from problem


def _empty(field: Field) -> Any:
    """Give what is stored in the place of a missing value."""
    if field.kind == "record":
        return _MISSING
    if field.kind == "array":
        return np.zeros(field.length, dtype=np.dtype(field.dtype))
    return {"str": "", "list": (), "optional": None, "bool": False, "int": 0, "float": 0.0}[
        field.kind
    ]


def stripes_from_columns(record_type: RecordType, columns: Mapping[str, Any]) -> Stripes:
    """Cut columns into stripes, without a Python loop over records.

    Parameters
    ----------
    record_type : RecordType
        What the columns are.
    columns : mapping
        An array for each flattened name of the record type (`RecordType.columns`): numpy for
        single numbers (shape (n,)) and fixed arrays (n, length), awkward for texts and for
        what is in lists, with option type where the field is optional. An optional record is
        missing where all its values are: a record that has none that must be there cannot be
        told from a missing one.

    Raises
    ------
    RecordError
        If a column is missing or unknown, does not fit, or lists disagree about their lengths.
    """
    known = record_type.columns
    for name in columns:
        if name not in known:
            raise RecordError(
                f"{record_type.name} has no column {name!r}", hint=nearest(str(name), known)
            )
    missing = [name for name in known if name not in columns]
    if missing:
        raise RecordError(f"columns are missing: {', '.join(missing)}", where=record_type.name)
    stripes: Stripes = {}
    rows: int | None = None
    # In a column, a missing record and a missing value of it look the same.
    shared = {
        outer.stripe
        for column in known.values()
        for outer, inner in pairwise(column.steps)
        if outer.kind == inner.kind == "optional"
    }
    for column in known.values():
        where = f"{record_type.name}.{'.'.join(column.path)}"
        layout = _layout(columns[column.name], where)
        if rows is not None and len(layout) != rows:
            raise RecordError(f"{len(layout)} rows where other columns have {rows}", where=where)
        rows = len(layout)
        for name, array in _cut(layout, column, where):
            if name in shared:
                array = _present_in_any(stripes.get(name), array)
            elif name in stripes and not np.array_equal(stripes[name], array):
                raise RecordError(f"fields of one list disagree about {name!r}", where=where)
            stripes[name] = array
    return {name: stripes[name] for name in record_type.stripes}


def cut_column(array: Any, column: Column, where: str) -> Stripes:
    """Cut one column into its stripes, those of the lists and options around it included."""
    return dict(_cut(_layout(array, where), column, where))


def _present_in_any(
    known: NDArray[np.generic] | None, flags: NDArray[np.generic]
) -> NDArray[np.generic]:
    return flags if known is None or len(known) != len(flags) else np.logical_or(known, flags)


def _layout(array: Any, where: str) -> Any:
    try:
        if isinstance(array, np.ndarray) and array.dtype.kind in "UTO":
            return ak.to_layout(ak.from_iter(array.tolist()))
        if isinstance(array, list | tuple):
            return ak.to_layout(ak.from_iter(array))
        return ak.to_layout(array)
    except (TypeError, ValueError) as problem:
        raise RecordError(f"this is not an array: {problem}", where=where) from problem


def _cut(layout: Any, column: Column, where: str) -> Iterator[tuple[str, NDArray[np.generic]]]:
    # Below an option the arrays are dense; `present` says which places of the stripe they fill.
    present: NDArray[np.bool_] | None = None
    for step in column.steps:
        if step.kind == "optional":
            layout, valid = _split_option(layout)
            flags = _spread(valid, present)
            yield step.stripe, flags
            present = flags.astype(np.bool_)
        else:
            layout, counts = _split_list(layout, where)
            yield step.stripe, _spread(counts, present)
            present = None
    layout = _without_option(layout, where)
    if column.value.kind == "str":
        lengths, letters = _split_text(layout, where)
        yield f"{column.name}_len", _spread(lengths, present)
        yield f"{column.name}_chars", letters
    else:
        yield column.name, _spread(_numbers(layout, column.value, where), present)


def _spread(dense: NDArray[Any], present: NDArray[np.bool_] | None) -> NDArray[Any]:
    if present is None:
        return dense
    full = np.zeros((len(present), *dense.shape[1:]), dtype=dense.dtype)
    full[present] = dense
    return full


def _split_option(layout: Any) -> tuple[Any, NDArray[np.bool_]]:
    layout = _plain(layout)
    if not layout.is_option:
        return layout, np.ones(len(layout), dtype=np.bool_)
    valid = ~np.asarray(layout.mask_as_bool(valid_when=False)).astype(np.bool_)
    return layout.project(), valid


def _without_option(layout: Any, where: str) -> Any:
    layout, valid = _split_option(layout)
    if not valid.all():
        raise RecordError("a value is missing and the field is not optional", where=where)
    return layout


def _plain(layout: Any) -> Any:
    while layout.is_indexed and not layout.is_option:
        layout = layout.project()
    return layout


def _split_list(layout: Any, where: str) -> tuple[Any, NDArray[np.int32]]:
    layout = _plain(_without_option(layout, where))
    if layout.is_unknown:
        return layout, np.zeros(len(layout), dtype=np.int32)
    if layout.is_numpy:
        layout = layout.to_RegularArray()
    if not layout.is_list or layout.parameter("__array__") in ("string", "bytestring"):
        raise RecordError("a list is declared here", where=where)
    layout = layout.to_ListOffsetArray64(True)
    offsets = np.asarray(layout.offsets)
    return layout.content[: offsets[-1]], np.diff(offsets).astype(np.int32)


def _split_text(layout: Any, where: str) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    if layout.is_unknown or len(layout) == 0:
        return np.zeros(len(layout), dtype=np.int32), np.zeros(0, dtype=np.uint8)
    layout = _plain(layout)
    if not layout.is_list or layout.parameter("__array__") != "string":
        raise RecordError("a text is declared here", where=where)
    layout = layout.to_ListOffsetArray64(True)
    offsets = np.asarray(layout.offsets)
    letters = np.asarray(layout.content.data)[: offsets[-1]]
    if np.any(letters == 0):
        raise RecordError("a text with a NUL character cannot be stored", where=where)
    return np.diff(offsets).astype(np.int32), letters


def _numbers(layout: Any, field: Field, where: str) -> NDArray[np.generic]:
    shape = (len(layout), field.length) if field.kind == "array" else (len(layout),)
    if len(layout) == 0:
        return np.zeros(shape, dtype=np.dtype(field.dtype))
    try:
        array = ak.to_numpy(layout, allow_missing=False)
    except (ValueError, TypeError) as problem:
        raise RecordError(f"numbers are declared here: {problem}", where=where) from problem
    if array.shape != shape:
        raise RecordError(f"an array of shape {array.shape} where {shape} is declared", where=where)
    return cast(array, field, where)
