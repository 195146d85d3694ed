"""Draw designs: many storage vectors from few words, reproducible from one seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shoeroot.design.parameters import FloatArray, NumericParameter
from shoeroot.design.schema import Schema
from shoeroot.errors import DesignError

__all__ = ["sample_normal"]


def sample_normal(
    schema: Schema, n: int, names: Sequence[str], *, seed: int
) -> dict[str, FloatArray]:
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

    Returns
    -------
    dict of str to (n, *shape_storage) float64
        Values clipped to each parameter's range.

    Raises
    ------
    DesignError
        A name is unknown, the parameter has no distribution, or `n` is below 1.
    """
    from scipy.stats import norm, qmc

    if n < 1:
        raise DesignError(f"{n} designs cannot be drawn", where="n", hint="ask for 1 or more")
    parameters = [_numeric(schema, name) for name in names]
    if not parameters:
        return {}
    lengths = [parameter.length_storage for parameter in parameters]
    sampler = qmc.LatinHypercube(d=sum(lengths), rng=np.random.default_rng(seed))
    deviates = norm.ppf(sampler.random(n))
    drawn = {}
    for parameter, piece in zip(
        parameters, np.split(deviates, np.cumsum(lengths)[:-1], axis=1), strict=True
    ):
        values = parameter.mean + parameter.std * piece
        drawn[parameter.name] = parameter.clip(values).reshape(n, *parameter.shape_storage)
    return drawn


def _numeric(schema: Schema, name: str) -> NumericParameter:
    parameter = schema[name]
    if not isinstance(parameter, NumericParameter):
        raise DesignError(
            f"{name} has no mean and standard deviation",
            where=name,
            hint="set it with schema.update_storage_batch",
        )
    return parameter
