"""Put columns of several tables together in one type that holds all their values as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.minitrees.array_columns import holds_arrays, no_arrays

__all__ = ["joined_column"]

#: Up to here every integer is a float64.
EXACT = 2**53


def joined_column(pieces: Sequence[NDArray[Any] | None], lengths: Sequence[int]) -> Any:
    """Put the pieces of a column one after another.

    Numbers of different types become the type that holds all of them; where none does, such as
    for large integers next to fractions, they stay as they are in an object array. A table that
    lacks the column has NaN there, or "" among texts; integers too large for a float next to NaN
    become pandas' Int64.

    Parameters
    ----------
    pieces : sequence of (n,) array, or None where a table lacks the column
    lengths : sequence of int
        Rows of each table.

    Returns
    -------
    numpy.ndarray or pandas.array
        (sum of lengths,)
    """
    # A table without rows has no say in the type.
    present = [piece for piece in pieces if piece is not None and len(piece)]
    lacking = any(piece is None and n for piece, n in zip(pieces, lengths, strict=True))
    if not present:
        return _of_no_values(pieces, lengths)
    dtypes = list(dict.fromkeys(piece.dtype for piece in present))
    if len(dtypes) == 1 and not lacking:
        return present[0] if len(present) == 1 else np.concatenate(present)
    kinds = {dtype.kind for dtype in dtypes}
    if kinds <= set("biuf"):
        return _joined_numbers(pieces, lengths, present, lacking)
    if any(holds_arrays(piece) for piece in present):
        filled = [
            no_arrays(n) if piece is None else piece
            for piece, n in zip(pieces, lengths, strict=True)
        ]
        return np.concatenate(filled)
    texts = kinds <= set("OUST")
    missing = "" if texts else None
    filled = [
        _objects([missing] * n) if piece is None else piece.astype(object)
        for piece, n in zip(pieces, lengths, strict=True)
    ]
    return np.concatenate(filled)


def _of_no_values(pieces: Sequence[NDArray[Any] | None], lengths: Sequence[int]) -> NDArray[Any]:
    known = [piece for piece in pieces if piece is not None]
    if sum(lengths):
        return np.full(sum(lengths), np.nan)
    return known[0] if known else np.zeros(0)


def _objects(values: list[Any]) -> NDArray[Any]:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _joined_numbers(
    pieces: Sequence[NDArray[Any] | None],
    lengths: Sequence[int],
    present: list[NDArray[Any]],
    lacking: bool,
) -> Any:
    floats = lacking or any(piece.dtype.kind == "f" for piece in present)
    integers = [piece for piece in present if piece.dtype.kind in "iu"]
    target = np.result_type(*[piece.dtype for piece in present])
    if floats:
        target = np.result_type(target, np.float32 if target.kind == "f" else np.float64)
        if all(_exact(piece, target) for piece in integers):
            filled = [
                np.full(n, np.nan, target) if piece is None else piece.astype(target)
                for piece, n in zip(pieces, lengths, strict=True)
            ]
            return np.concatenate(filled)
        return _large_next_to_fractions(pieces, lengths)
    if target.kind != "f":
        return np.concatenate([piece.astype(target) for piece in present])
    return _signed_and_unsigned(present)


def _exact(integers: NDArray[Any], target: np.dtype[Any]) -> bool:
    limit = EXACT if target.itemsize >= 8 else 2**24
    return int(integers.max()) <= limit and int(integers.min()) >= -limit


def _signed_and_unsigned(present: list[NDArray[Any]]) -> NDArray[Any]:
    """Join int64 and uint64, for which numpy takes float64 and would round."""
    highest = max(int(piece.max()) for piece in present)
    lowest = min(int(piece.min()) for piece in present)
    target: Any = object
    if highest <= np.iinfo(np.int64).max:
        target = np.int64
    elif lowest >= 0:
        target = np.uint64
    return np.concatenate([piece.astype(target) for piece in present])


def _large_next_to_fractions(pieces: Sequence[NDArray[Any] | None], lengths: Sequence[int]) -> Any:
    import pandas as pd

    whole = all(
        piece is None or piece.dtype.kind != "f" or _is_whole(piece) for piece in pieces
    ) and all(
        piece is None or piece.dtype != np.uint64 or int(piece.max(initial=0)) < 2**63
        for piece in pieces
    )
    filled = [
        _objects([None] * n) if piece is None else _numbers_as_objects(piece, whole)
        for piece, n in zip(pieces, lengths, strict=True)
    ]
    values = np.concatenate(filled)
    return pd.array(values, dtype="Int64") if whole else values


def _is_whole(values: NDArray[Any]) -> bool:
    known = values[~np.isnan(values)]
    return bool(np.all((np.abs(known) <= EXACT) & (known == np.round(known))))


def _numbers_as_objects(piece: NDArray[Any], whole: bool) -> NDArray[Any]:
    if piece.dtype.kind != "f" or not whole:
        return piece.astype(object)
    column = _objects([None] * len(piece))
    known = ~np.isnan(piece)
    column[known] = piece[known].astype(np.int64).astype(object)
    return column
