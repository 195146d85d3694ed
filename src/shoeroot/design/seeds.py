"""States of numpy's generator PCG64 for many seeds at once: the bits of ``PCG64(seed)``.

Making a generator takes numpy as long as drawing a third of a year from it; here one
generator serves all designs, set to the state of each one's seed. The steps are those that
numpy promises never to change: `SeedSequence` (M. O'Neill's seed_seq with a pool of four
words, of which seeds below 2**64 fill two) and the seeding of PCG64.
"""

from __future__ import annotations

from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

__all__ = ["SeededGenerator"]

Words = NDArray[np.uint32]

POOL = 4
_SHIFT = np.uint32(16)
_LEFT, _RIGHT = np.uint32(0xCA01F9DD), np.uint32(0x4973F715)
_LCG = 0x2360ED051FC65DA44385DF649FCCF645
_MASK = 2**128 - 1


def _constants(first: int, times: int, count: int) -> Words:
    """Return the constants of so many hashes and one more: each is both ends of two."""
    powers = accumulate(range(count), lambda last, _: last * times & 0xFFFFFFFF, initial=first)
    return np.array(list(powers), dtype=np.uint32)[:, None]


#: Of filling the pool and mixing it, and of drawing the state from it.
_MIXING = _constants(0x43B0D7E5, 0x931E8875, POOL * POOL)
_DRAWING = _constants(0x8B51F9DD, 0x58F38DED, 2 * POOL)


def _hash(words: Words, constants: Words) -> Words:
    """Hash words, (n, n_seeds) or (n_seeds,), with n + 1 constants."""
    hashed = words ^ constants[:-1]
    hashed *= constants[1:]
    hashed ^= hashed >> _SHIFT
    return hashed


def _pools(seeds: NDArray[np.int64]) -> Words:
    """Return the words of each seed's pool: (4, n_seeds)."""
    pool = np.zeros((POOL, len(seeds)), dtype=np.uint32)
    pool[0], pool[1] = seeds & 0xFFFFFFFF, seeds >> 32
    pool = _hash(pool, _MIXING[: POOL + 1])
    for source in range(POOL):
        first = POOL + source * (POOL - 1)
        others = [target for target in range(POOL) if target != source]
        mixed = _LEFT * pool[others]
        mixed -= _RIGHT * _hash(pool[source], _MIXING[first : first + POOL])
        mixed ^= mixed >> _SHIFT
        pool[others] = mixed
    return pool


def _states(seeds: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return state and increment of ``PCG64(seed)`` for each seed, 0 or more."""
    words = _hash(np.tile(_pools(seeds), (2, 1)), _DRAWING).astype(np.uint64)
    pairs = (words[0::2] | words[1::2] << np.uint64(32)).tolist()
    states = []
    for high, low, stream_high, stream_low in zip(*pairs, strict=True):
        step = ((stream_high << 64 | stream_low) << 1 | 1) & _MASK
        states.append((((high << 64 | low) + step) * _LCG + step & _MASK, step))
    return states


class SeededGenerator:
    """One generator for many seeds.

    Parameters
    ----------
    seeds : (n,) int64
        0 or more.

    Attributes
    ----------
    generator : numpy.random.Generator
        Draws what `start` has set it to.
    """

    def __init__(self, seeds: NDArray[np.int64]) -> None:
        self._states = _states(seeds)
        self._bits = np.random.PCG64(0)
        self.generator = np.random.Generator(self._bits)

    def start(self, number: int, position: int = 0) -> None:
        """Set `generator` to a seed, by its number, after as many draws of doubles."""
        state, step = self._states[number]
        self._bits.state = {
            "bit_generator": "PCG64",
            "state": {"state": state, "inc": step},
            "has_uint32": 0,
            "uinteger": 0,
        }
        if position:
            self._bits.advance(position)
