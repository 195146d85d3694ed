"""Rounding float32 to fewer bits of mantissa, so that series take less room at a known loss.

======  ==================  ======================================
bits    largest relative    size of hourly series of simulations,
        error               ZSTD level 1, against all 23 bits
======  ==================  ======================================
16      2**-17, 7.6e-6      about 0.82
12      2**-13, 1.2e-4      about 0.64
======  ==================  ======================================

Rounding is to the nearest number with so many bits, and of two equally near ones to the even.
A number below 1.2e-38 (a denormal) is rounded to the same step as those just above it. NaN and
infinity stay what they are, and a finite number never becomes infinite.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ConfigError
from shoeroot.records import RecordType, Stripes

__all__ = ["MANTISSA_BITS", "check_bits", "round_mantissa", "round_series"]

MANTISSA_BITS = (12, 16)
_ALL_BITS = 23
_EXPONENT = np.uint32(0x7F800000)
_NEARLY_INFINITE = np.float32(1.7e38)
_CHUNK = 1 << 15


def check_bits(bits: int | None) -> int | None:
    """Give `bits` back if series can be rounded to so many.

    Raises
    ------
    ConfigError
        If not.
    """
    if bits is not None and bits not in MANTISSA_BITS:
        raise ConfigError(f"mantissa_bits is {bits!r}", hint="12, 16, or None to keep all 23")
    return bits


def round_mantissa(array: NDArray[Any], bits: int) -> NDArray[Any]:
    """Give a float32 array with only the first `bits` bits of each mantissa in use.

    Parameters
    ----------
    array : numpy.ndarray
        float32; it is not changed.
    bits : int
        1 to 22, beside the leading bit that is not stored.
    """
    source = np.ascontiguousarray(array, dtype=np.float32).view(np.uint32).reshape(-1)
    result = np.empty_like(source)
    # In pieces that stay in the processor's cache: four passes over memory would cost more.
    for start in range(0, len(source), _CHUNK):
        piece = slice(start, start + _CHUNK)
        _round(source[piece], result[piece], _ALL_BITS - bits)
    return result.view(np.float32).reshape(array.shape)


def _round(numbers: NDArray[np.uint32], result: NDArray[np.uint32], dropped: int) -> None:
    keep = np.uint32(0xFFFFFFFF << dropped & 0xFFFFFFFF)
    # Half a step less one, and one more where the last bit that stays is set: ties to even.
    np.right_shift(numbers, np.uint32(dropped), out=result)
    result &= np.uint32(1)
    result += numbers
    result += np.uint32((1 << dropped - 1) - 1)
    result &= keep
    # Also true for NaN, which no comparison is.
    if not np.abs(numbers.view(np.float32)).max() < _NEARLY_INFINITE:
        _keep_special(numbers, result, keep)


def _keep_special(numbers: NDArray[np.uint32], result: NDArray[np.uint32], keep: np.uint32) -> None:
    # NaN and infinity as they were; the largest finite numbers down and not up to infinity.
    finite = (numbers & _EXPONENT) != _EXPONENT
    np.copyto(result, numbers, where=~finite)
    np.copyto(result, numbers & keep, where=finite & ((result & _EXPONENT) == _EXPONENT))


def round_series(record_type: RecordType, stripes: Stripes, bits: int | None) -> Stripes:
    """Round the float32 arrays of own trees; the rest stays as it is."""
    if bits is None:
        return stripes
    return {
        name: round_mantissa(array, bits)
        if record_type.stripes[name].tree and array.dtype == np.float32 and array.size
        else array
        for name, array in stripes.items()
    }
