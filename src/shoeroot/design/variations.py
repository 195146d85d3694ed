"""Designs made from others: grids, products of variations, small perturbations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike

from shoeroot.design.parameters import FloatArray, NumericParameter, OneHotParameter, Parameter
from shoeroot.design.sampling import Values
from shoeroot.design.schema import Schema
from shoeroot.design.shares import generator_of
from shoeroot.errors import DesignError

__all__ = ["perturb", "product", "sample_grid"]

MOST_DESIGNS = 10**8


def sample_grid(schema: Schema, values: Mapping[str, int | ArrayLike]) -> Values:
    """Combine all values of some parameters with each other.

    Parameters
    ----------
    schema : Schema
    values : mapping of str to int or array_like
        For each parameter its values, (n_values, *shape_storage); or how many,
        evenly from one end of its range to the other, or the first of its categories.

    Returns
    -------
    dict of str to (n_designs, *shape_storage) float64
        The last parameter changes fastest.

    Raises
    ------
    DesignError
        A name is unknown, a value is outside the range of its parameter
        (nothing is clipped here), or there are no values, or too many.
    """
    axes = {name: _axis(schema[name], given) for name, given in values.items()}
    total = int(np.prod([float(len(axis)) for axis in axes.values()]))
    if total > MOST_DESIGNS:
        raise DesignError(
            f"a grid of {total} designs", where="values", hint=f"choose at most {MOST_DESIGNS}"
        )
    rows = np.indices([len(axis) for axis in axes.values()]).reshape(len(axes), -1)
    return {name: axis[row] for (name, axis), row in zip(axes.items(), rows, strict=True)}


@overload
def product(
    schema: Schema,
    storage_batch: FloatArray,
    *variations: Mapping[str, ArrayLike],
    report: Literal[False] = False,
) -> FloatArray: ...


@overload
def product(
    schema: Schema,
    storage_batch: FloatArray,
    *variations: Mapping[str, ArrayLike],
    report: Literal[True],
) -> tuple[FloatArray, dict[str, int]]: ...


def product(
    schema: Schema,
    storage_batch: FloatArray,
    *variations: Mapping[str, ArrayLike],
    report: bool = False,
) -> FloatArray | tuple[FloatArray, dict[str, int]]:
    """Give each design all variations, and each result all of the next variations.

    ``product(schema, base, {"orientation": range(4)}, geometry)`` turns each
    design to four sides and gives each of those all boxes of `geometry`.

    Parameters
    ----------
    schema : Schema
    storage_batch : (n_designs, 90) float64
    *variations : mapping of str to array_like
        Values of some parameters, (n_variations, *shape_storage), as many for
        each; as the functions that sample return them.
    report : bool
        Whether to tell as well how many values of each parameter were clipped.

    Returns
    -------
    (n_designs * n_variations * ..., 90) float64
        New; the last variations change fastest. Values are clipped to the range
        of their parameter. With `report`, and a dict of str to int.

    Raises
    ------
    DesignError
        A name is unknown, or values do not fit together.
    """
    schema.check_batch(storage_batch)
    batch = np.array(storage_batch, dtype=np.float64)
    clipped: dict[str, int] = {}
    for variation in variations:
        count = _count(schema, variation)
        rows = len(batch)
        batch = np.repeat(batch, count, axis=0)
        repeated = {}
        for name, given in variation.items():
            values = _shaped(schema[name], given)
            repeated[name] = np.tile(values, (rows, *[1] * (values.ndim - 1)))
        for name, number in schema.fill_storage_batch(batch, repeated).items():
            clipped[name] = clipped.get(name, 0) + number
    return (batch, clipped) if report else batch


@overload
def perturb(
    schema: Schema,
    storage_batch: FloatArray,
    amounts: Mapping[str, ArrayLike],
    *,
    seed: int,
    report: Literal[False] = False,
) -> FloatArray: ...


@overload
def perturb(
    schema: Schema,
    storage_batch: FloatArray,
    amounts: Mapping[str, ArrayLike],
    *,
    seed: int,
    report: Literal[True],
) -> tuple[FloatArray, dict[str, int]]: ...


def perturb(
    schema: Schema,
    storage_batch: FloatArray,
    amounts: Mapping[str, ArrayLike],
    *,
    seed: int,
    report: bool = False,
) -> FloatArray | tuple[FloatArray, dict[str, int]]:
    """Shift numeric parameters of each design by a little, evenly within +- an amount.

    Parameters
    ----------
    schema : Schema
    storage_batch : (n_designs, 90) float64
    amounts : mapping of str to float or array_like
        Largest shift of each parameter, in its unit; broadcast to `shape_storage`.
    seed : int
    report : bool
        Whether to tell as well how many values of each parameter were clipped.

    Returns
    -------
    (n_designs, 90) float64
        New; values clipped to the range. With `report`, and a dict of str to int.

    Raises
    ------
    DesignError
        A name is unknown or not numeric, or an amount is not positive or 0.
    """
    schema.check_batch(storage_batch)
    batch = np.array(storage_batch, dtype=np.float64)
    shifted = {}
    for name, amount in amounts.items():
        parameter = schema[name]
        if not isinstance(parameter, NumericParameter):
            raise DesignError(f"{name} is not numeric", where=name, hint="it cannot be perturbed")
        largest = _amount(parameter, amount)
        shares = generator_of(seed, "perturb", name).random((len(batch), *parameter.shape_storage))
        values = parameter.extract_storage_values_batch(batch)
        shifted[name] = values + (2.0 * shares - 1.0) * largest
    clipped = schema.fill_storage_batch(batch, shifted)
    return (batch, clipped) if report else batch


def _amount(parameter: NumericParameter, amount: ArrayLike) -> FloatArray:
    largest = np.asarray(amount, dtype=np.float64)
    if not (largest >= 0).all() or not np.isfinite(largest).all():
        raise DesignError(
            f"{parameter.name} cannot be shifted by up to {largest}",
            where=parameter.name,
            hint="give 0 or more",
        )
    if largest.shape not in ((), parameter.shape_storage):
        raise DesignError(
            f"an amount of shape {largest.shape} does not fit {parameter.name}",
            where=parameter.name,
            hint=f"give one number, or {parameter.shape_storage}",
        )
    return largest


def _axis(parameter: Parameter, given: int | ArrayLike) -> FloatArray:
    """Return a parameter's values on a grid: (n_values, *shape_storage)."""
    if isinstance(given, int | np.integer):
        if isinstance(parameter, NumericParameter) and given > 0:
            shares = np.linspace(0, 1, given) if given > 1 else np.array([0.5])
            ones = np.ones(parameter.shape_storage)
            points: FloatArray = parameter.unnormalize(shares.reshape(-1, *[1] * ones.ndim) * ones)
            return points
        if isinstance(parameter, OneHotParameter) and given > 0:
            given = np.arange(given)
        else:
            raise DesignError(
                f"{given} values of {parameter.name} cannot be chosen",
                where=parameter.name,
                hint="give 1 or more for a parameter with a range or categories, or the values",
            )
    axis = _shaped(parameter, given)
    flat = axis.reshape(len(axis), -1)
    wrong = ~np.isfinite(flat) | (parameter.clip(axis).reshape(flat.shape) != flat)
    limits = ""
    if isinstance(parameter, OneHotParameter):
        wrong |= (flat < 0) | (flat >= parameter.count) | (flat != np.floor(flat))
        limits = f"it is an index from 0 to {parameter.count - 1}"
    elif isinstance(parameter, NumericParameter):
        limits = f"it lies between {parameter.min} and {parameter.max}"
    if wrong.any():
        row = int(np.flatnonzero(wrong.any(axis=1))[0])
        raise DesignError(
            f"{parameter.name} = {flat[row][wrong[row]][0]:g} is outside its range",
            where=f"value {row} of {parameter.name}",
            hint=limits or "set it to a number",
        )
    return axis


def _count(schema: Schema, variation: Mapping[str, ArrayLike]) -> int:
    counts = {name: len(_shaped(schema[name], values)) for name, values in variation.items()}
    if len(set(counts.values())) != 1:
        told = ", ".join(f"{count} of {name}" for name, count in counts.items())
        raise DesignError(
            f"variations need as many values of each parameter: {told or 'there are none'}",
            where=next(iter(counts), "variations"),
            hint="combine unequal numbers with sample_grid, or as variations of their own",
        )
    return next(iter(counts.values()))


def _shaped(parameter: Parameter, given: ArrayLike) -> FloatArray:
    """Return values as (n_values, *shape_storage)."""
    try:
        values = np.asarray(given, dtype=np.float64)
        if values.ndim == 1 and parameter.shape_storage == (1,):
            values = values[:, None]
        if values.shape[1:] == parameter.shape_storage and len(values):
            return values
    except (TypeError, ValueError):
        pass
    raise DesignError(
        f"{given!r} are no values of {parameter.name}",
        where=parameter.name,
        hint=f"give numbers of shape {('n', *parameter.shape_storage)}",
    )
