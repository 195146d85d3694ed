"""Draw designs: many values from few words, reproducible from one seed.

All functions return a dict of parameter name to values, (n_designs, *shape_storage),
which `Schema.fill_storage_batch` puts into a batch. One seed serves for a whole study:
the parameters' names are part of what seeds the random numbers, so that two calls with
different parameters are independent of each other. (Sobol sequences of two calls are
not: what should fill space together is drawn together.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, overload

import numpy as np

from shoeroot.design.parameters import FloatArray, NumericParameter, OneHotParameter, Parameter
from shoeroot.design.schema import Schema
from shoeroot.design.shares import (
    check_count,
    check_seed,
    generator_of,
    latin_hypercube_shares,
    sobol_shares,
)
from shoeroot.errors import DesignError

__all__ = [
    "Values",
    "sample_latin_hypercube",
    "sample_normal",
    "sample_sobol",
    "sample_uniform",
]

Values = dict[str, FloatArray]
#: Values, and how many of each parameter were clipped.
Report = tuple[Values, dict[str, int]]
Drawable = NumericParameter | OneHotParameter
Distribution = Literal["uniform", "normal"]


def sample_uniform(schema: Schema, n: int, names: Sequence[str], *, seed: int) -> Values:
    """Draw parameters independently, evenly over their range or their categories.

    More designs from the same seed begin with those of fewer; further parameters
    change nothing in the others.

    Parameters
    ----------
    schema : Schema
    n : int
        Number of designs.
    names : sequence of str
        Parameters with a range or with categories.
    seed : int

    Raises
    ------
    DesignError
        A name is unknown, the parameter has no range, or `n` or `seed` cannot be.
    """
    check_count(n)
    drawn = {}
    for name in names:
        parameter = _drawable(schema, name, "uniform")
        generator = generator_of(seed, "uniform", name)
        drawn[name] = _uniform(parameter, generator.random((n, parameter.length_storage)))
    return drawn


@overload
def sample_latin_hypercube(
    schema: Schema,
    n: int,
    names: Sequence[str],
    *,
    seed: int,
    distribution: Distribution = "uniform",
    report: Literal[False] = False,
) -> Values: ...


@overload
def sample_latin_hypercube(
    schema: Schema,
    n: int,
    names: Sequence[str],
    *,
    seed: int,
    distribution: Distribution = "uniform",
    report: Literal[True],
) -> Report: ...


def sample_latin_hypercube(
    schema: Schema,
    n: int,
    names: Sequence[str],
    *,
    seed: int,
    distribution: Distribution = "uniform",
    report: bool = False,
) -> Values | Report:
    """Draw parameters as a Latin hypercube: each n-th of each range holds one design.

    Parameters and errors are those of `sample_uniform`; with the distribution
    "normal" values follow mean and standard deviation, clipped to the range, and
    with `report` a dict tells as well how many values of each parameter were clipped.
    """
    check_count(n)
    parameters = [_drawable(schema, name, distribution) for name in names]
    shares = latin_hypercube_shares(n, names, _length(parameters), seed=seed)
    return _values(parameters, shares, distribution, report)


@overload
def sample_sobol(
    schema: Schema,
    n: int,
    names: Sequence[str],
    *,
    seed: int,
    start: int = 0,
    distribution: Distribution = "uniform",
    report: Literal[False] = False,
) -> Values: ...


@overload
def sample_sobol(
    schema: Schema,
    n: int,
    names: Sequence[str],
    *,
    seed: int,
    start: int = 0,
    distribution: Distribution = "uniform",
    report: Literal[True],
) -> Report: ...


def sample_sobol(
    schema: Schema,
    n: int,
    names: Sequence[str],
    *,
    seed: int,
    start: int = 0,
    distribution: Distribution = "uniform",
    report: bool = False,
) -> Values | Report:
    """Draw parameters from a scrambled Sobol sequence, which can be extended later.

    With the same seed and names, `start` continues where earlier calls ended:
    64 designs and then 64 with ``start=64`` are the 128 designs of one call.
    Totals that are powers of two fill the space most evenly. Parameters that should
    not follow each other belong into one call.

    Parameters
    ----------
    start : int
        Number of designs that were drawn before.
    schema, n, names, seed, distribution, report
        As in `sample_latin_hypercube`.

    Raises
    ------
    DesignError
        As `sample_uniform`, or `start` cannot be.
    """
    check_count(n)
    parameters = [_drawable(schema, name, distribution) for name in names]
    shares = sobol_shares(n, names, _length(parameters), seed=seed, start=start)
    return _values(parameters, shares, distribution, report)


@overload
def sample_normal(
    schema: Schema, n: int, names: Sequence[str], *, seed: int, report: Literal[False] = False
) -> Values: ...


@overload
def sample_normal(
    schema: Schema, n: int, names: Sequence[str], *, seed: int, report: Literal[True]
) -> Report: ...


def sample_normal(
    schema: Schema, n: int, names: Sequence[str], *, seed: int, report: bool = False
) -> Values | Report:
    """Draw numeric parameters from their normal distributions, spread as a Latin hypercube.

    Parameters
    ----------
    schema : Schema
        Gives mean, standard deviation and range of each parameter.
    n : int
        Number of designs.
    names : sequence of str
        The numeric parameters to draw.
    seed : int
    report : bool
        Whether to tell as well how many values of each parameter were clipped.

    Returns
    -------
    dict of str to (n, *shape_storage) float64
        Values clipped to each parameter's range; with `report`, and a dict of
        str to int.

    Raises
    ------
    DesignError
        A name is unknown, the parameter has no distribution, or `n` is below 1.
    """
    from scipy.stats import qmc

    check_count(n)
    check_seed(seed)
    parameters = [_numeric(schema, name) for name in names]
    shares = np.empty((n, 0))
    if parameters:
        sampler = qmc.LatinHypercube(d=_length(parameters), rng=np.random.default_rng(seed))
        shares = sampler.random(n)
    return _values(parameters, shares, "normal", report)


def _values(
    parameters: Sequence[Drawable], shares: FloatArray, distribution: Distribution, report: bool
) -> Values | Report:
    """Map shares in 0..1, one column a number, to values."""
    drawn: Values = {}
    clipped: dict[str, int] = {}
    ends = np.cumsum([parameter.length_storage for parameter in parameters])
    for parameter, piece in zip(parameters, np.split(shares, ends[:-1], axis=1), strict=False):
        mapped = _normal if distribution == "normal" else _uniform
        values = mapped(parameter, piece)
        kept = parameter.clip(values)
        clipped[parameter.name] = int(np.count_nonzero(kept != values))
        drawn[parameter.name] = kept.reshape(len(shares), *parameter.shape_storage)
    return (drawn, clipped) if report else drawn


def _uniform(parameter: Drawable, shares: FloatArray) -> FloatArray:
    if isinstance(parameter, OneHotParameter):
        return np.minimum(np.floor(shares * parameter.count), parameter.count - 1)
    values: FloatArray = parameter.unnormalize(shares)
    return values


def _normal(parameter: Drawable, shares: FloatArray) -> FloatArray:
    from scipy.stats import norm

    if isinstance(parameter, OneHotParameter):
        raise TypeError("categories have no normal distribution")
    return np.asarray(parameter.mean + parameter.std * norm.ppf(shares), dtype=np.float64)


def _length(parameters: Sequence[Parameter]) -> int:
    return sum(parameter.length_storage for parameter in parameters)


def _drawable(schema: Schema, name: str, distribution: str) -> Drawable:
    if distribution not in ("uniform", "normal"):
        raise DesignError(
            f"there is no distribution {distribution!r}",
            where="distribution",
            hint="'uniform' or 'normal'",
        )
    if distribution == "normal":
        return _numeric(schema, name)
    parameter = schema[name]
    if not isinstance(parameter, NumericParameter | OneHotParameter):
        raise DesignError(
            f"{name} has neither a range nor categories",
            where=name,
            hint="set it with schema.update_storage_batch",
        )
    return parameter


def _numeric(schema: Schema, name: str) -> NumericParameter:
    parameter = schema[name]
    if not isinstance(parameter, NumericParameter):
        raise DesignError(
            f"{name} has no mean and standard deviation",
            where=name,
            hint="set it with schema.update_storage_batch",
        )
    return parameter
