"""Columns of arrays: objects that are numpy arrays into all their numbers, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["arrays_of", "numbers_of"]


def numbers_of(arrays: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Give where each array begins in all the numbers, and where the last ends; the numbers.

    Parameters
    ----------
    arrays : (n,) array of objects
        Arrays of numbers or flags, each of one dimension.

    Raises
    ------
    ValueError
        One is something else.
    """
    pieces = arrays.tolist()
    if not all(isinstance(one, np.ndarray) and one.ndim == 1 for one in pieces):
        raise ValueError("a column has arrays of one dimension, or none at all")
    offsets = np.zeros(len(pieces) + 1, dtype=np.int64)
    np.cumsum(np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces)), out=offsets[1:])
    # An empty one has no say in the type, unless all are.
    numbers = np.concatenate([one for one in pieces if len(one)] or pieces[:1] or [np.zeros(0)])
    if numbers.dtype.kind not in "biuf":
        raise ValueError(f"arrays of {numbers.dtype} are no numbers")
    return offsets, numbers


def arrays_of(lengths: NDArray[Any], numbers: NDArray[Any]) -> NDArray[Any]:
    """Give the arrays of these lengths, one after the other in the numbers, as objects."""
    ends = np.cumsum(lengths)
    arrays = np.empty(len(lengths), dtype=object)
    for place, (end, length) in enumerate(zip(ends.tolist(), lengths.tolist(), strict=True)):
        arrays[place] = numbers[end - length : end]
    return arrays
