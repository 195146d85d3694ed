"""Sine waves over a year, cheap and the same to the last bit on every machine.

The sine of numpy or of the C library may differ in its last bits between
machines. Here only additions, multiplications and roundings are used, which
IEEE 754 fixes. A wave needs the sines of 193 angles, not of 8760: with the hour
written as 120 i + j, sin(a_i + b_j) = sin a_i cos b_j + cos a_i sin b_j.
"""

from __future__ import annotations

from itertools import accumulate
from math import pi

import numpy as np
from numpy.typing import NDArray

from shoeroot.design.vocabulary import HOURS

__all__ = ["Waves"]

FloatArray = NDArray[np.float64]

INNER = 120
OUTER = HOURS // INNER
#: Turns from the first hour to each other one; the last hour closes the circle.
_OUTER_TURNS = np.arange(OUTER) * INNER / (HOURS - 1)
_INNER_TURNS = np.arange(INNER) / (HOURS - 1)
#: Taylor's coefficients of the sine of x turns, up to x^23: exact to 1e-17 up to a quarter turn.
_COEFFICIENTS = list(
    accumulate(
        range(2, 24, 2),
        lambda last, power: last * (-4 * pi * pi) / (power * (power + 1)),
        initial=2 * pi,
    )
)
_INNER_SINES = slice(2 * OUTER, 2 * OUTER + INNER)
_INNER_COSINES = slice(2 * OUTER + INNER, None)
#: Waves whose angles are worked out together.
_TOGETHER = 64


def sine_of_turns(turns: FloatArray) -> FloatArray:
    """Return the sine of angles given in turns (2 pi rad each)."""
    x = turns - np.rint(turns)
    x = np.where(np.abs(x) > 0.25, np.copysign(0.5, x) - x, x)
    square = x * x
    result = np.full_like(x, _COEFFICIENTS[-1])
    for coefficient in _COEFFICIENTS[-2::-1]:
        result *= square
        result += coefficient
    result *= x
    return result


class Waves:
    """Waves amplitude / 2 * sin(frequency (t + phase)), t from 0 to 2 pi in a year, in turn.

    Parameters
    ----------
    amplitude, frequency, phase : (n,) float64
        Frequency in waves a year, phase in rad.
    """

    def __init__(self, amplitude: FloatArray, frequency: FloatArray, phase: FloatArray) -> None:
        self._half = 0.5 * amplitude
        self._frequency = frequency
        self._start = frequency * phase / (2 * pi)
        self._next = 0
        # Sine and cosine of the outer angles, then of the inner ones, one row a wave.
        self._parts: FloatArray = np.empty((0, 0))

    def add_next(self, now: FloatArray, out: FloatArray, scratch: FloatArray) -> FloatArray:
        """Add the next wave's hourly values to those of `now`.

        Parameters
        ----------
        now : (8760,) float64
        out : (8760,) float64
            Where the sum goes; may be `now`.
        scratch : (2, 8760) float64
            Overwritten.

        Returns
        -------
        (8760,) float64
            `out`.
        """
        number = self._next % _TOGETHER
        if number == 0:
            self._prepare(self._next)
        self._next += 1
        parts = self._parts[number]
        for start, inner, product in (
            (0, _INNER_COSINES, scratch[0]),
            (OUTER, _INNER_SINES, scratch[1]),
        ):
            outer = parts[start : start + OUTER, None]
            # Each element is one product, rounded once: the same however BLAS goes about it.
            np.dot(outer, parts[None, inner], out=product.reshape(OUTER, INNER))
        np.add(scratch[0], scratch[1], out=scratch[0])
        total: FloatArray = np.add(now, scratch[0], out=out)
        return total

    def _prepare(self, first: int) -> None:
        some = slice(first, first + _TOGETHER)
        outer = self._frequency[some, None] * _OUTER_TURNS + self._start[some, None]
        inner = self._frequency[some, None] * _INNER_TURNS
        self._parts = sine_of_turns(np.hstack([outer, outer + 0.25, inner, inner + 0.25]))
        self._parts[:, : 2 * OUTER] *= self._half[some, None]
