"""Texts of a flat column: letters with lengths into Python's str, each different one made once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["letters_of", "texts_of"]

LONGEST_PADDED = 64
"""Longer texts are mostly all different, and padding them would take memory."""


def letters_of(texts: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Give where each text begins in the letters (UTF-8), and where the last ends; the letters.

    Parameters
    ----------
    texts : (n,) array
        Of numpy's kind "U", or objects that are str.
    """
    encoded = [str(text).encode() for text in texts.tolist()]
    offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
    np.cumsum(np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded)), out=offsets[1:])
    return offsets, np.frombuffer(b"".join(encoded), dtype=np.uint8)


def texts_of(lengths: NDArray[Any], letters: NDArray[np.uint8]) -> NDArray[Any]:
    """Give texts as an object array of str.

    Raises
    ------
    UnicodeDecodeError
        They are not UTF-8.
    """
    longest = int(lengths.max(initial=0))
    if longest <= LONGEST_PADDED and len(lengths) > 16:
        found = _by_value(lengths, letters, longest)
        if found is not None:
            return found
    return _one_by_one(lengths, letters)


def _by_value(
    lengths: NDArray[Any], letters: NDArray[np.uint8], longest: int
) -> NDArray[Any] | None:
    """Decode the different texts alone; None where they are nearly all different."""
    import pandas as pd

    words = longest // 8 + 1
    padded = np.zeros((len(lengths), words * 8), dtype=np.uint8)
    padded[np.arange(words * 8) < np.asarray(lengths)[:, None]] = letters
    # The length goes into the last byte, which no text reaches: it sets "a" apart from "a\0".
    padded[:, -1] = lengths
    rows = padded.view(np.uint64)
    keys = rows[:, 0].copy()
    for word in range(1, words):
        keys *= np.uint64(0x9E3779B97F4A7C15)
        keys ^= rows[:, word]
    codes, uniques = pd.factorize(keys)
    if len(uniques) * 2 > len(lengths):
        return None
    first = np.empty(len(uniques), dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    if words > 1 and not np.array_equal(rows, rows[first][codes]):
        return None  # two different texts with the same key
    different = np.empty(len(uniques), dtype=object)
    different[:] = [padded[place, : lengths[place]].tobytes().decode() for place in first.tolist()]
    return different[codes]


def _one_by_one(lengths: NDArray[Any], letters: NDArray[np.uint8]) -> NDArray[Any]:
    content = letters.tobytes()
    ends = np.cumsum(lengths).tolist()
    starts = [0, *ends[:-1]]
    texts = np.empty(len(lengths), dtype=object)
    texts[:] = [content[a:b].decode() for a, b in zip(starts, ends, strict=True)]
    return texts
