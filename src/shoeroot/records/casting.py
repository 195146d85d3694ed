"""Turning Python values and arrays into numpy arrays of a declared type, without silent loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import RecordError
from shoeroot.records.fields import Field

__all__ = ["cast", "encode", "stack"]

LARGEST_ID = 2**53
"""Ids from here on would be rounded by whoever reads them as a double, TTree::Draw among them."""


def cast(values: Any, field: Field, where: str) -> NDArray[np.generic]:
    """Give `values` as an array of the numpy type of `field`.

    A float may become a shorter float and an integer a float; a float never becomes an integer,
    nor an integer another integer.

    Raises
    ------
    RecordError
        If a value is of another kind or out of range.
    """
    wanted = np.dtype(field.dtype)
    try:
        array = np.asarray(values)
        if wanted == np.uint64 and array.dtype.kind == "f" and _all_integers(values):
            # Small and very large integers together would become floats.
            array = np.array(values, dtype=wanted)
    except (ValueError, OverflowError) as problem:
        raise RecordError(f"these are not numbers: {problem}", where=where) from problem
    if array.size == 0:
        return np.zeros(array.shape, dtype=wanted)
    if array.dtype == wanted and array.dtype.isnative:
        _check_ids(array, field, where)
        return array
    kinds = {"b": "b", "i": "iu", "u": "iu", "f": "fiu"}[wanted.kind]
    if array.dtype.kind not in kinds:
        raise RecordError(
            f"a {field.kind} of type {field.dtype!r} cannot hold {_example(array)}", where=where
        )
    with np.errstate(over="ignore"):
        result = array.astype(wanted)
    changed = result != array if wanted.kind in "iu" else np.isinf(result) & np.isfinite(array)
    if np.any(changed):
        outside = array[changed].flat[0]
        raise RecordError(f"{outside!r} is outside the range of {field.dtype!r}", where=where)
    _check_ids(result, field, where)
    return result


def _all_integers(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, int | np.integer) for value in values)


def _check_ids(array: NDArray[np.generic], field: Field, where: str) -> None:
    if array.dtype.kind not in "iu" or array.dtype.itemsize < 8:
        return
    if (field.name == "id" or field.name.endswith("_id")) and (
        array.max() >= LARGEST_ID or array.min() <= -LARGEST_ID
    ):
        raise RecordError("an integer id stays under 2**53", where=where)


def _example(array: NDArray[np.generic]) -> str:
    value = array.flat[0] if array.dtype.kind != "O" else array.reshape(-1)[0]
    return f"{value!r} ({type(value).__name__})"


def stack(values: Sequence[Any], field: Field, where: str) -> NDArray[np.generic]:
    """Give fixed arrays as one array of shape (number of values, `field.length`).

    Raises
    ------
    RecordError
        If one has another shape or cannot be cast.
    """
    rows = [np.asarray(value) for value in values]
    for row in rows:
        if row.shape != (field.length,):
            raise RecordError(
                f"an array of shape {row.shape} where ({field.length},) is declared", where=where
            )
    if not rows:
        return np.zeros((0, field.length), dtype=np.dtype(field.dtype))
    return cast(np.stack(rows), field, where)


def encode(texts: Sequence[Any], where: str) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    """Give texts as their lengths in bytes and all their UTF-8 bytes.

    Raises
    ------
    RecordError
        If one is not a str, has a lone surrogate, or a NUL character: C++ would end the text there.
    """
    try:
        encoded = [text.encode() for text in texts]
    except (AttributeError, UnicodeEncodeError) as problem:
        raise RecordError(
            f"this is not a text that UTF-8 can hold: {problem}", where=where
        ) from None
    letters = b"".join(encoded)
    if b"\0" in letters:
        raise RecordError("a text with a NUL character cannot be stored", where=where)
    lengths = np.fromiter(map(len, encoded), dtype=np.int32, count=len(encoded))
    return lengths, np.frombuffer(letters, dtype=np.uint8)
