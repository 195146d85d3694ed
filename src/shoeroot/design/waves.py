"""Sine waves over a year, cheap and the same to the last bit on every machine.

The sine of numpy or of the C library may differ in its last bits between
machines. Here only additions, multiplications and roundings are used, which
IEEE 754 fixes. A wave needs the sines of 193 angles, not of 8760: with the hour
written as 120 i + j, sin(a_i + b_j) = sin a_i cos b_j + cos a_i sin b_j.

Waves of whole frequencies, which is what people ask for, are mixed from the sine and the
cosine of their frequency, which are kept. Which way a wave goes follows from its frequency
alone, so that it has the same bits in any company.
"""

from __future__ import annotations

from functools import lru_cache
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


@lru_cache(maxsize=32)
def _sine_and_cosine(frequency: float) -> tuple[FloatArray, FloatArray]:
    """Return the sine and the cosine of a frequency over the year: (8760,) float64 each."""
    sine, cosine = np.empty(HOURS), np.empty(HOURS)
    parts = _parts_of(np.full(2, frequency), np.array([0.0, 0.25]), np.ones(2))
    scratch = np.empty((2, HOURS))
    for row, out in zip(parts, (sine, cosine), strict=True):
        out[:] = _multiply(row, scratch)
        out.flags.writeable = False
    return sine, cosine


def _parts_of(frequency: FloatArray, start: FloatArray, scale: FloatArray) -> FloatArray:
    """Return sine and cosine of the outer angles, then of the inner ones, one row a wave.

    `start` is the angle in the first hour in turns; `scale` multiplies the wave.
    """
    outer = frequency[:, None] * _OUTER_TURNS + start[:, None]
    inner = frequency[:, None] * _INNER_TURNS
    parts = sine_of_turns(np.hstack([outer, outer + 0.25, inner, inner + 0.25]))
    parts[:, : 2 * OUTER] *= scale[:, None]
    return parts


def _multiply(parts: FloatArray, scratch: FloatArray) -> FloatArray:
    """Return a wave's hourly values from its parts, in the first row of `scratch`."""
    for start, inner, product in (
        (0, _INNER_COSINES, scratch[0]),
        (OUTER, _INNER_SINES, scratch[1]),
    ):
        outer = parts[start : start + OUTER, None]
        # Each element is one product, rounded once: the same however BLAS goes about it.
        np.dot(outer, parts[None, inner], out=product.reshape(OUTER, INNER))
    wave: FloatArray = np.add(scratch[0], scratch[1], out=scratch[0])
    return wave


class Waves:
    """Waves amplitude / 2 * sin(frequency (t + phase)), t from 0 to 2 pi in a year, in turn.

    Parameters
    ----------
    amplitude, frequency, phase : (n,) float64
        Frequency in waves a year, phase in rad.
    """

    def __init__(self, amplitude: FloatArray, frequency: FloatArray, phase: FloatArray) -> None:
        half, start = 0.5 * amplitude, frequency * phase / (2 * pi)
        whole = (frequency == np.rint(frequency)) & (np.abs(frequency) < HOURS)
        shares = sine_of_turns(np.stack([start + 0.25, start], axis=1)) * half[:, None]
        self._mixes = iter(zip(whole.tolist(), frequency.tolist(), shares.tolist(), strict=True))
        self._half, self._frequency, self._start = half[~whole], frequency[~whole], start[~whole]
        self._next = 0
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
        whole, frequency, shares = next(self._mixes)
        wave = self._mixed(frequency, shares, scratch) if whole else self._made(scratch)
        total: FloatArray = np.add(now, wave, out=out)
        return total

    def _mixed(self, frequency: float, shares: list[float], scratch: FloatArray) -> FloatArray:
        sine, cosine = _sine_and_cosine(frequency)
        wave: FloatArray = np.multiply(sine, shares[0], out=scratch[0])
        if shares[1]:
            wave += np.multiply(cosine, shares[1], out=scratch[1])
        return wave

    def _made(self, scratch: FloatArray) -> FloatArray:
        number = self._next % _TOGETHER
        if number == 0:
            some = slice(self._next, self._next + _TOGETHER)
            self._parts = _parts_of(self._frequency[some], self._start[some], self._half[some])
        self._next += 1
        return _multiply(self._parts[number], scratch)
