"""Random numbers in 0..1 that designs are drawn with: independent, Latin hypercube, Sobol.

One seed serves for a whole study: words, such as the parameters' names, are part of what
seeds the numbers, so that draws for different purposes are independent of each other.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from shoeroot.design.parameters import FloatArray
from shoeroot.errors import DesignError, nearest

__all__ = ["ShareMethod", "draw_shares", "generator_of"]

ShareMethod = Literal["uniform", "lhs", "sobol"]
#: scipy's Sobol sequences have 30 bits.
LONGEST_SOBOL = 2**30


def generator_of(seed: int, *words: str) -> np.random.Generator:
    """Return a generator for one purpose: the words are part of its seed."""
    check_seed(seed)
    return np.random.default_rng([seed, *(zlib.crc32(word.encode()) for word in words)])


def draw_shares(
    method: ShareMethod, n: int, columns: Sequence[str], *, seed: int, start: int = 0
) -> FloatArray:
    """Draw numbers in 0..1, one column for each number of a design that varies.

    Parameters
    ----------
    method : {"uniform", "lhs", "sobol"}
        Independent of each other; a Latin hypercube, whose columns each have one number in
        each n-th of 0..1; or a scrambled Sobol sequence, which fills the space evenly.
    n : int
        Number of rows.
    columns : sequence of str
        Names that tell the columns apart; each once.
    seed : int
    start : int
        Rows that were drawn before with the same seed and columns: these go on where those
        ended. A Latin hypercube knows no more than its own rows.

    Returns
    -------
    (n, len(columns)) float64

    Raises
    ------
    DesignError
        The method is unknown or cannot go on, or `n`, `start` or `seed` cannot be.
    """
    if method not in get_args(ShareMethod):
        raise DesignError(
            f"there is no method {method!r}",
            where="method",
            hint=nearest(str(method), get_args(ShareMethod)),
        )
    check_count(n)
    if start and method == "lhs":
        raise DesignError(
            "a Latin hypercube cannot be extended",
            where="start",
            hint="use sobol or uniform, whose earlier designs stay what they are",
        )
    if not columns:
        check_seed(seed)
        return np.empty((n, 0))
    if method == "sobol":
        return sobol_shares(n, columns, len(columns), seed=seed, start=start)
    if method == "lhs":
        return latin_hypercube_shares(n, columns, len(columns), seed=seed)
    drawn = [generator_of(seed, "uniform", name).random(start + n)[start:] for name in columns]
    return np.stack(drawn, axis=1)


def latin_hypercube_shares(
    n: int, words: Sequence[str], dimensions: int, *, seed: int
) -> FloatArray:
    """Return a Latin hypercube: (n, dimensions) float64 in 0..1."""
    from scipy.stats import qmc

    generator = generator_of(seed, "latin hypercube", *words)
    if not dimensions:
        return np.empty((n, 0))
    shares: FloatArray = qmc.LatinHypercube(d=dimensions, rng=generator).random(n)
    return shares


def sobol_shares(
    n: int, words: Sequence[str], dimensions: int, *, seed: int, start: int
) -> FloatArray:
    """Return rows `start` to ``start + n`` of a scrambled Sobol sequence."""
    from scipy.stats import qmc

    if start < 0 or start + n > LONGEST_SOBOL:
        raise DesignError(
            f"designs {start} to {start + n} of a Sobol sequence cannot be drawn",
            where="start",
            hint=f"it has {LONGEST_SOBOL} of them",
        )
    if not dimensions:
        return np.empty((n, 0))
    generator = generator_of(seed, "sobol", *words)
    sampler = qmc.Sobol(d=dimensions, scramble=True, rng=generator)
    # scipy warns of any first number of points but a power of two; here the total matters.
    first: FloatArray = sampler.random(1)
    if start == 0:
        return np.vstack([first, sampler.random(n - 1)]) if n > 1 else first
    shares: FloatArray = sampler.fast_forward(start - 1).random(n)
    return shares


def check_count(n: int) -> None:
    """Refuse to draw no designs."""
    if not isinstance(n, int | np.integer) or n < 1:
        raise DesignError(f"{n!r} designs cannot be drawn", where="n", hint="ask for 1 or more")


def check_seed(seed: int) -> None:
    """Refuse what cannot seed random numbers."""
    if seed < 0:
        raise DesignError(
            f"{seed} cannot seed random numbers", where="seed", hint="set it to 0 or more"
        )
