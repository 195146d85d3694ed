"""What can be wrong with a batch of designs: each error names row, parameter and value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from shoeroot.design.parameters import (
    FloatArray,
    NumericParameter,
    OneHotParameter,
    Parameter,
)
from shoeroot.errors import DesignError

if TYPE_CHECKING:
    from shoeroot.design.schema import Schema

__all__ = ["check_numbers", "check_readable", "check_sensible", "check_shape"]


def check_shape(schema: Schema, storage_batch: FloatArray, where: str = "") -> None:
    """Refuse what is no table of numbers with one row a design."""
    if not isinstance(storage_batch, np.ndarray):
        raise DesignError(
            f"a storage batch is a {type(storage_batch).__name__}",
            where=where,
            hint="give an array: np.asarray(batch), or schema.from_frame(table)",
        )
    shape = storage_batch.shape
    if len(shape) != 2 or shape[1] != schema.storage_length:
        raise DesignError(
            f"a storage batch has shape {shape}",
            where=where,
            hint=f"it needs {schema.storage_length} values a design",
        )
    kind = storage_batch.dtype
    if kind.kind not in "fiu":
        raise DesignError(
            f"a storage batch has type {kind}",
            where=where,
            hint="it needs numbers: batch.astype(float)",
        )


def check_numbers(parameter: Parameter, values: FloatArray, first: int = 0) -> None:
    """Refuse NaN, and categories that do not exist.

    `values` are (n_designs, *shape_storage), of the designs from `first` on.
    """
    flat = values.reshape(len(values), parameter.length_storage)
    _refuse(np.isnan(flat), parameter, flat, "is not a number", "set it to one", first)
    _check_categories(parameter, flat, first)


def check_readable(schema: Schema, storage_batch: FloatArray) -> None:
    """Refuse numbers that are not finite, and categories that do not exist."""
    check_shape(schema, storage_batch)
    for parameter in schema:
        values = storage_batch[:, parameter.slice_storage]
        wrong = ~np.isfinite(values)
        _refuse(wrong, parameter, values, "is not finite", "set it to a number")
        _check_categories(parameter, values)


def _check_categories(parameter: Parameter, values: FloatArray, first: int = 0) -> None:
    if isinstance(parameter, OneHotParameter):
        wrong = (values < 0) | (values >= parameter.count) | (values != np.floor(values))
        hint = f"it is an index from 0 to {parameter.count - 1}"
        hint += _schema_with_more(parameter, values[wrong])
        _refuse(wrong, parameter, values, "is not a category", hint, first)


def check_sensible(schema: Schema, storage_batch: FloatArray) -> None:
    """Refuse values outside their range, and heating above cooling setpoints."""
    for parameter in schema:
        if isinstance(parameter, NumericParameter):
            values = storage_batch[:, parameter.slice_storage]
            wrong = values != parameter.clip(values)
            hint = f"it lies between {parameter.min} and {parameter.max}"
            _refuse(wrong, parameter, values, "is outside its range", hint)
    heating, cooling = (
        storage_batch[:, schema[name].start_storage]
        for name in ("HeatingSetpoint", "CoolingSetpoint")
    )
    rows = np.flatnonzero(heating > cooling)
    if len(rows):
        row = int(rows[0])
        raise DesignError(
            f"HeatingSetpoint = {heating[row]:g} degC is above "
            f"CoolingSetpoint = {cooling[row]:g} degC" + _rows(len(rows)),
            where=f"design {row}",
            hint="lower the one or raise the other",
        )


def _schema_with_more(parameter: OneHotParameter, wrong: FloatArray) -> str:
    """Say how to make a schema that has the categories asked for, if one can."""
    highest = wrong.max(initial=0)
    known = len(parameter.categories) or int(highest) + 1
    if not parameter.schema_argument or not parameter.count <= highest < known:
        return ""
    return f", or make a schema with more: Schema({parameter.schema_argument}={known})"


def _refuse(
    wrong: NDArray[np.bool_],
    parameter: Parameter,
    values: FloatArray,
    what: str,
    hint: str,
    first: int = 0,
) -> None:
    """Raise for the first wrong number: `wrong` and `values` have one row a design."""
    rows = np.flatnonzero(wrong.any(axis=1))
    if not len(rows):
        return
    row = int(rows[0])
    column = int(np.flatnonzero(wrong[row])[0])
    name = list(parameter.columns)[column]
    raise DesignError(
        f"{name} = {values[row, column]:g} {what}" + _rows(len(rows)),
        where=f"design {first + row}",
        hint=hint,
    )


def _rows(count: int) -> str:
    return f" ({count} rows)" if count > 1 else ""
