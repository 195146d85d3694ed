"""The schema: what each position of a design's storage vector means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from shoeroot.design.checks import check_numbers, check_readable, check_sensible, check_shape
from shoeroot.design.frames import batch_of, frame_of
from shoeroot.design.ml import MLBatch, Schedules, check_schedules, encode, encode_pieces
from shoeroot.design.parameters import FloatArray, Parameter, shoebox_parameters
from shoeroot.design.tensors import as_array, numpy_type
from shoeroot.design.vocabulary import SCHEDULE_OPERATIONS
from shoeroot.errors import DesignError, nearest

if TYPE_CHECKING:
    import pandas as pd

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
        self,
        storage_vector: FloatArray,
        parameter: str,
        value: ArrayLike,
        *,
        report: bool = False,
    ) -> int | None:
        """Set a parameter of one design in place; values are clipped to the parameter's range.

        With `report`, returns how many values were clipped.
        """
        return self.update_storage_batch(
            storage_vector.reshape(1, -1), parameter=parameter, value=value, report=report
        )

    def update_storage_batch(
        self,
        storage_batch: FloatArray,
        index: Index = None,
        parameter: str = "",
        value: ArrayLike = 0.0,
        *,
        report: bool = False,
    ) -> int | None:
        """Set a parameter of many designs in place.

        Parameters
        ----------
        storage_batch : (n_designs, 90) float64
            An array, or a tensor in the computer's own memory.
        index : None, int or (start, end)
            All designs, one, or a range.
        parameter : str
        value : array_like
            Broadcast to (n_selected, *shape_storage); clipped to the range of
            the parameter where it has one.
        report : bool
            Whether to return how many values were clipped.

        Raises
        ------
        DesignError
            The parameter is unknown, the value does not fit its shape, is not
            a number or not a category, or the index leaves the batch.
        """
        target = self[parameter]
        storage_batch = as_array(storage_batch)
        check_shape(self, storage_batch, where=parameter)
        rows_of = _as_slice(index, len(storage_batch))
        rows = storage_batch[rows_of]
        shape = (len(rows), *target.shape_storage)
        try:
            values = np.asarray(as_array(value), dtype=np.float64)
        except (TypeError, ValueError):
            raise DesignError(
                f"{parameter} = {value!r} is not a number",
                where=parameter,
                hint=f"give one, or an array that broadcasts to {shape}",
            ) from None
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
        check_numbers(target, values, first=rows_of.start or 0)
        kept = target.clip(values)
        rows[:, target.slice_storage] = kept.reshape(len(rows), target.length_storage)
        return int(np.count_nonzero(kept != values)) if report else None

    def fill_storage_batch(
        self, storage_batch: FloatArray, values: Mapping[str, ArrayLike], index: Index = None
    ) -> dict[str, int]:
        """Set several parameters of many designs in place, such as those that were sampled.

        Returns how many values of each parameter were clipped; the rest is as in
        `update_storage_batch`.
        """
        return {
            name: self.update_storage_batch(storage_batch, index, name, value, report=True) or 0
            for name, value in values.items()
        }

    def check_batch(self, storage_batch: FloatArray) -> None:
        """Refuse a batch that cannot be read as designs at all.

        Raises
        ------
        DesignError
            A wrong shape, a number that is not finite, or a category out of
            range; says the row, the parameter and the value.
        """
        check_readable(self, storage_batch)

    def check_designs(self, storage_batch: FloatArray) -> None:
        """Refuse designs that are wrong whatever their templates are.

        Raises
        ------
        DesignError
            What `check_batch` refuses, a value outside its parameter's range,
            or a heating above the cooling setpoint.
        """
        check_readable(self, storage_batch)
        check_sensible(self, storage_batch)

    def to_ml(
        self,
        storage_batch: FloatArray,
        schedules: Schedules | None = None,
        *,
        dtype: Any = np.float64,
        as_torch: bool = False,
    ) -> MLBatch:
        """Turn designs into what a surrogate model sees.

        Parameters
        ----------
        storage_batch : (n_designs, 90) float64
        schedules : (3, 8760) or (n_designs, 3, 8760) float64, or callable, optional
            Schedules of the designs' templates, in the order of `SCHEDULES` and
            with values in 0..1; or a function that returns them for the storage
            vectors of some designs. Without, only the tabular part is made.
        dtype : dtype
            float32 halves the memory; ``torch.float32`` serves as well.
        as_torch : bool
            Whether to return tensors (needs torch). They share the memory of the
            arrays that were made: nothing is copied.

        Returns
        -------
        MLBatch
            `.tabular` (n_designs, 62), `.schedules` (n_designs, 3, 8760), and
            `.vectors()` for both in one (n_designs, 26342). Numbers are mapped
            from the range of their parameter to 0..1, as `normalize` does.

        Raises
        ------
        DesignError
            The batch is no batch of designs, or the schedules do not fit it.
        MissingExtraError
            Tensors are asked for, and torch is not installed.
        """
        storage_batch, schedules = as_array(storage_batch), as_array(schedules)
        self.check_batch(storage_batch)
        check_schedules(schedules, len(storage_batch))
        return encode(self, storage_batch, schedules, numpy_type(dtype), as_torch)

    def iter_ml(
        self,
        storage_batch: FloatArray,
        size: int,
        schedules: Schedules | None = None,
        *,
        dtype: Any = np.float64,
        as_torch: bool = False,
    ) -> Iterator[MLBatch]:
        """Do what `to_ml` does for `size` designs after the other, in bounded memory."""
        if size < 1:
            raise DesignError(f"pieces of {size} designs", where="size", hint="ask for 1 or more")
        storage_batch, schedules = as_array(storage_batch), as_array(schedules)
        self.check_batch(storage_batch)
        check_schedules(schedules, len(storage_batch))
        return encode_pieces(self, storage_batch, size, schedules, numpy_type(dtype), as_torch)

    def to_frame(self, storage_batch: FloatArray) -> pd.DataFrame:
        """Turn designs into a table, one row a design, one column a number.

        `WindowSettings` and `schedules` have several columns, such as
        ``WindowSettings.shgc`` and ``schedules.OccupancySchedule.roll``.
        ``frame.attrs["columns"]`` says unit and description of each.

        Raises
        ------
        DesignError
            The batch is no batch of designs.
        """
        self.check_batch(storage_batch)
        return frame_of(self, storage_batch)

    def from_frame(self, frame: pd.DataFrame) -> FloatArray:
        """Turn a table into designs; its columns may stand in any order.

        Returns
        -------
        (n_designs, 90) float64

        Raises
        ------
        DesignError
            A column is unknown (names the nearest) or missing, or a value is no
            number or no category (says row, parameter and value).
        """
        batch = batch_of(self, frame)
        self.check_batch(batch)
        return batch


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
