"""Stripes (flat arrays and counts) as one nested awkward array, and back: for other formats."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import EventFileError
from shoeroot.events.batches import count_events
from shoeroot.records import Field, RecordType, Stripes

__all__ = ["empty_stripes", "nested_from_stripes", "stripes_from_nested"]


def empty_stripes(record_type: RecordType) -> Stripes:
    """Give the stripes of no events."""
    return {
        name: np.zeros((0, stripe.length) if stripe.length else 0, dtype=np.dtype(stripe.dtype))
        for name, stripe in record_type.stripes.items()
    }


def nested_from_stripes(record_type: RecordType, stripes: Stripes) -> ak.Array:
    """Build one array of records, nested as the record type is, without copying numbers.

    Units and descriptions are in the parameter ``__doc__`` of each field.
    """
    count = count_events(record_type, stripes)
    return ak.Array(_build(record_type.root, stripes, "", "", count))


def _build(field: Field, stripes: Stripes, base: str, marker: str, count: int) -> Any:
    about = {"__doc__": f"[{field.unit}] {field.description}" if field.unit else field.description}
    if field.kind == "record":
        contents = [
            _build(child, stripes, f"{base}_{child.name}" if base else child.name, "", count)
            for child in field.children
        ]
        names = [child.name for child in field.children]
        return ak.contents.RecordArray(contents, names, length=count, parameters=about)
    if field.kind == "list":
        offsets = _offsets(stripes[f"{base}{marker}_n"])
        inner = _build(field.item, stripes, base, f"{marker}_item", int(offsets[-1]))
        return ak.contents.ListOffsetArray(ak.index.Index64(offsets), inner, parameters=about)
    if field.kind == "optional":
        places = np.arange(count, dtype=np.int64)
        places[~stripes[f"{base}{marker}_valid"].astype(np.bool_)] = -1
        inner = _build(field.item, stripes, base, marker, count)
        return ak.contents.IndexedOptionArray(ak.index.Index64(places), inner, parameters=about)
    if field.kind == "str":
        letters = ak.contents.NumpyArray(stripes[f"{base}_chars"], parameters={"__array__": "char"})
        offsets = ak.index.Index64(_offsets(stripes[f"{base}_len"]))
        return ak.contents.ListOffsetArray(
            offsets, letters, parameters={"__array__": "string", **about}
        )
    if field.kind == "array":
        flat = ak.contents.NumpyArray(np.ascontiguousarray(stripes[base]).reshape(-1))
        return ak.contents.RegularArray(flat, field.length, count, parameters=about)
    return ak.contents.NumpyArray(stripes[base], parameters=about)


def _offsets(counts: NDArray[Any]) -> NDArray[np.int64]:
    offsets = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets


def stripes_from_nested(record_type: RecordType, array: Any, where: str) -> Stripes:
    """Cut an array of records into stripes; what `nested_from_stripes` made comes back as it was.

    Parameters
    ----------
    record_type : RecordType
        What the records are.
    array : awkward.Array
        Has the fields of the record type, in any order.
    where : str
        File, for errors.

    Raises
    ------
    EventFileError
        If the array is nested otherwise or its numbers are of another type.
    """
    stripes = dict(_cut(record_type.root, ak.to_layout(array), None, "", "", where))
    return {name: stripes[name] for name in record_type.stripes}


def _cut(
    field: Field,
    layout: Any,
    present: NDArray[np.bool_] | None,
    base: str,
    marker: str,
    where: str,
) -> Iterator[tuple[str, NDArray[Any]]]:
    # `present` says which places of the stripes the values of `layout` fill, None for all.
    layout = _plain(layout)
    if field.kind == "optional":
        layout, known = _known(layout)
        flags = _spread(known, present).astype(np.bool_)
        yield f"{base}{marker}_valid", flags
        yield from _cut(field.item, layout, flags, base, marker, where)
        return
    layout, known = _known(layout)
    _expect(bool(known.all()), "has a missing value", base, where)
    if field.kind == "record":
        _expect(layout.is_record, "is no record", base, where)
        for child in field.children:
            below = f"{base}_{child.name}" if base else child.name
            _expect(child.name in layout.fields, "is missing", below, where)
            inner = layout.content(child.name)[: layout.length]
            yield from _cut(child, inner, present, below, "", where)
    elif field.kind in ("list", "str"):
        _expect(layout.is_list, f"is no {field.kind}", base, where)
        layout = layout.to_ListOffsetArray64(True)
        offsets = np.asarray(layout.offsets)
        inner = layout.content[: offsets[-1]]
        counts = _spread(np.diff(offsets), present).astype(np.int32)
        if field.kind == "list":
            yield f"{base}{marker}_n", counts
            yield from _cut(field.item, inner, None, base, f"{marker}_item", where)
        else:
            yield f"{base}_len", counts
            yield f"{base}_chars", _numbers(inner, "u1", 0, base, where)
    else:
        numbers = _numbers(layout, field.dtype, field.length, base, where)
        yield base, _spread(numbers, present)


def _expect(fulfilled: bool, problem: str, name: str, where: str) -> None:
    if not fulfilled:
        raise EventFileError(f"{name or 'the event'!r} {problem}", where=where)


def _plain(layout: Any) -> Any:
    while layout.is_indexed and not layout.is_option:
        layout = layout.project()
    return layout


def _known(layout: Any) -> tuple[Any, NDArray[np.bool_]]:
    if not layout.is_option:
        return layout, np.ones(layout.length, dtype=np.bool_)
    known = np.asarray(layout.mask_as_bool(valid_when=True)).astype(np.bool_)
    return _plain(layout.project()), known


def _spread(dense: NDArray[Any], present: NDArray[np.bool_] | None) -> NDArray[Any]:
    if present is None:
        return dense
    full = np.zeros((len(present), *dense.shape[1:]), dtype=dense.dtype)
    full[present] = dense
    return full


def _numbers(layout: Any, dtype: str, length: int, name: str, where: str) -> NDArray[Any]:
    wanted = np.dtype(dtype)
    shape = (layout.length, length) if length else (layout.length,)
    if layout.length == 0:
        return np.zeros(shape, dtype=wanted)
    try:
        numbers = np.asarray(ak.to_numpy(layout, allow_missing=False))
    except (ValueError, TypeError) as problem:
        raise EventFileError(f"{name!r} holds no numbers: {problem}", where=where) from problem
    _expect(
        numbers.dtype == wanted and numbers.shape == shape,
        f"is {numbers.dtype}{numbers.shape[1:]} where {wanted}{shape[1:]} is described",
        name,
        where,
    )
    return numbers
