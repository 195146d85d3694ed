"""The schema: what each position of a design's storage vector means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from shoeroot.design.parameters import (
    FloatArray,
    OneHotParameter,
    Parameter,
    shoebox_parameters,
)
from shoeroot.design.vocabulary import SCHEDULE_OPERATIONS
from shoeroot.errors import DesignError, nearest

__all__ = ["Schema"]

Index = int | tuple[int, int] | None


class Schema:
    """Gives meaning to the positions of storage vectors; stores no data itself.

    Parameters
    ----------
    program_types : int
        How many building programs can be told apart: the 19 of `PROGRAMS`, in its order.
    climate_zones : int
        How many of the 19 ASHRAE climate zones can be told apart; the default
        of 15 ends with 5C, so that cold zones need ``Schema(climate_zones=19)``.
    """

    def __init__(self, *, program_types: int = 19, climate_zones: int = 15) -> None:
        placed: list[Parameter] = []
        storage = ml = 0
        for parameter in shoebox_parameters(program_types, climate_zones):
            placed.append(replace(parameter, start_storage=storage, start_ml=ml))
            storage += parameter.length_storage
            ml += parameter.length_ml
        self.parameters: tuple[Parameter, ...] = tuple(placed)
        self.storage_length = storage
        self.ml_length = ml
        self.program_types = program_types
        self.climate_zones = climate_zones

    @cached_property
    def _by_name(self) -> dict[str, Parameter]:
        return {parameter.name: parameter for parameter in self.parameters}

    @property
    def parameter_names(self) -> list[str]:
        """Names of all parameters, in their order."""
        return list(self._by_name)

    def __getitem__(self, name: str) -> Parameter:
        try:
            return self._by_name[name]
        except KeyError:
            raise DesignError(
                f"the schema has no parameter {name!r}", hint=nearest(name, self._by_name)
            ) from None

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters)

    def __len__(self) -> int:
        return len(self.parameters)

    def __str__(self) -> str:
        blocks = ["-------- Schema --------"]
        for parameter in self.parameters:
            ends = (
                parameter.start_storage + parameter.length_storage,
                parameter.start_ml + parameter.length_ml,
            )
            blocks.append(
                f"---- {parameter.name} ----\n"
                f"shape storage: {parameter.shape_storage} / shape ml: {parameter.shape_ml}\n"
                f"location storage: {parameter.start_storage}->{ends[0]}"
                f" / location ml: {parameter.start_ml}->{ends[1]}\n"
            )
        blocks.append(f"Total storage vector length: {self.storage_length}")
        blocks.append(f"Total ml vector length: {self.ml_length}")
        return "\n".join(blocks)

    def __repr__(self) -> str:
        return f"Schema(program_types={self.program_types}, climate_zones={self.climate_zones})"

    def generate_empty_storage_vector(self) -> FloatArray:
        """Return a design of zeros that keeps the template's schedules: (90,) float64."""
        return self.generate_empty_storage_batch(1).reshape(-1)

    def generate_empty_storage_batch(self, n: int) -> FloatArray:
        """Return `n` designs of zeros that keep the template's schedules: (n, 90) float64."""
        batch = np.zeros((n, self.storage_length))
        schedules = self["schedules"]
        operations = np.zeros(schedules.shape_storage)
        operations[:, SCHEDULE_OPERATIONS.index("scale")] = 1
        batch[:, schedules.slice_storage] = operations.reshape(-1)
        return batch

    def update_storage_vector(
        self, storage_vector: FloatArray, parameter: str, value: ArrayLike
    ) -> None:
        """Set a parameter of one design in place; values are clipped to the parameter's range."""
        self.update_storage_batch(storage_vector.reshape(1, -1), parameter=parameter, value=value)

    def update_storage_batch(
        self,
        storage_batch: FloatArray,
        index: Index = None,
        parameter: str = "",
        value: ArrayLike = 0.0,
    ) -> None:
        """Set a parameter of many designs in place.

        Parameters
        ----------
        storage_batch : (n_designs, 90) float64
        index : None, int or (start, end)
            All designs, one, or a range.
        parameter : str
        value : array_like
            Broadcast to (n_selected, *shape_storage); clipped to the range of
            the parameter where it has one.

        Raises
        ------
        DesignError
            The parameter is unknown, the value does not fit its shape, or the
            index leaves the batch.
        """
        target = self[parameter]
        if storage_batch.ndim != 2 or storage_batch.shape[1] != self.storage_length:
            raise DesignError(
                f"a storage batch has shape {storage_batch.shape}",
                where=parameter,
                hint=f"its rows need {self.storage_length} values",
            )
        rows = storage_batch[_as_slice(index, len(storage_batch))]
        shape = (len(rows), *target.shape_storage)
        values = np.asarray(value, dtype=np.float64)
        if values.shape == (len(rows),) and target.length_storage == 1:
            values = values.reshape(shape)
        try:
            values = np.broadcast_to(values, shape)
        except ValueError:
            raise DesignError(
                f"values of shape {values.shape} do not fit {parameter!r}",
                where=parameter,
                hint=f"give a value that broadcasts to {shape}",
            ) from None
        rows[:, target.slice_storage] = target.clip(values).reshape(
            len(rows), target.length_storage
        )

    def check_batch(self, storage_batch: FloatArray) -> None:
        """Refuse a batch that cannot be read as designs at all.

        Raises
        ------
        DesignError
            A wrong shape, a number that is not finite, or a category out of
            range; says the row, the parameter and the value.
        """
        if storage_batch.ndim != 2 or storage_batch.shape[1] != self.storage_length:
            raise DesignError(
                f"a storage batch has shape {storage_batch.shape}",
                hint=f"it needs {self.storage_length} values a design",
            )
        for parameter in self.parameters:
            values = storage_batch[:, parameter.slice_storage]
            _check_rows((~np.isfinite(values)).any(axis=1), parameter, values, "is not finite", "")
            if isinstance(parameter, OneHotParameter):
                wrong = (values < 0) | (values >= parameter.count) | (values != np.floor(values))
                hint = f"it is an index from 0 to {parameter.count - 1}"
                hint += _schema_with_more(parameter, values[wrong])
                _check_rows(wrong.any(axis=1), parameter, values, "is not a category", hint)


def _as_slice(index: Index, count: int) -> slice:
    if index is None:
        return slice(None)
    start, end = index if isinstance(index, tuple) else (index, index + 1)
    if start < 0 and not isinstance(index, tuple):
        start, end = start + count, end + count
    if not 0 <= start <= end <= count:
        raise DesignError(
            f"index {index} leaves a batch of {count} designs",
            hint="give a position, or (start, end) where the end is left out",
        )
    return slice(start, end)


def _schema_with_more(parameter: OneHotParameter, wrong: FloatArray) -> str:
    """Say how to make a schema that has the categories asked for, if one can."""
    highest = wrong.max(initial=0)
    known = len(parameter.categories) or int(highest) + 1
    if not parameter.schema_argument or not parameter.count <= highest < known:
        return ""
    return f", or make a schema with more: Schema({parameter.schema_argument}={known})"


def _check_rows(
    wrong: ArrayLike,
    parameter: Parameter,
    values: FloatArray,
    what: str,
    hint: str,
) -> None:
    rows = np.flatnonzero(np.asarray(wrong))
    if len(rows):
        row = int(rows[0])
        value = values[row, 0] if values.shape[1] == 1 else values[row]
        raise DesignError(
            f"{parameter.name} = {value} {what}"
            + (f" ({len(rows)} rows)" if len(rows) > 1 else ""),
            where=f"design {row}",
            hint=hint or "set it to a number",
        )
