"""Columns of arrays: what a TreeMaker with `uses_arrays` may give for an event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

__all__ = ["as_arrays", "holds_arrays", "is_array", "no_arrays", "same_values"]


def holds_arrays(values: Any) -> bool:
    """Say whether a column has an array in each row; one without rows has none."""
    column = np.asarray(values)
    return column.dtype.kind == "O" and len(column) > 0 and isinstance(column[0], np.ndarray)


def is_array(value: Any) -> bool:
    """Say whether a single value is an array or a list rather than a number or a text."""
    return not isinstance(value, str) and np.ndim(value) > 0


def no_arrays(rows: int) -> NDArray[Any]:
    """Give a column of empty arrays."""
    return as_arrays([None] * rows)


def as_arrays(values: Iterable[Any]) -> NDArray[Any]:
    """Make a column of arrays of one type; None becomes an empty array.

    Parameters
    ----------
    values : iterable of array-like, or awkward array with lists
        Each of one dimension, of numbers or flags.

    Returns
    -------
    (n,) array of objects
        Each a numpy array.

    Raises
    ------
    ValueError
        One of them is something else.
    """
    if isinstance(values, ak.Array) and values.ndim == 2:
        # Not row by row, which takes awkward microseconds for each.
        numbers, ends = _array(ak.flatten(values)), np.cumsum(np.asarray(ak.num(values)))
        each = np.split(numbers, ends[:-1]) if len(ends) else []
    else:
        each = [_array(one) for one in values]
    dtypes = {one.dtype for one in each if len(one)} or {np.dtype(np.float64)}
    common = np.result_type(*dtypes)
    if common == np.float16:
        common = np.dtype(np.float32)
    column = np.empty(len(each), dtype=object)
    for place, one in enumerate(each):
        column[place] = one.astype(common, copy=False)
    return column


def _array(value: Any) -> NDArray[Any]:
    if value is None:
        return np.zeros(0)
    given: Any = ak.to_numpy(value) if isinstance(value, ak.Array) else value
    if isinstance(given, np.ma.MaskedArray):
        given = np.ma.filled(given.astype(np.float64), np.nan)
    array: NDArray[Any] = np.asarray(given)
    if array.ndim != 1:
        raise ValueError(f"it has {array.ndim} dimensions where an array has 1")
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise ValueError(f"arrays hold numbers or flags, it is of type {array.dtype}")
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def same_values(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Say whether two columns hold the same; NaN is the same as NaN."""
    if holds_arrays(one) and holds_arrays(other):
        return len(one) == len(other) and all(map(same_values, one, other))
    if holds_arrays(one) or holds_arrays(other):
        return False
    numbers = one.dtype.kind == other.dtype.kind == "f"
    return bool(np.array_equal(one, other, equal_nan=numbers))
