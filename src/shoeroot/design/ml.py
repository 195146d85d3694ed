"""What a surrogate model sees of designs: numbers in 0..1, one-hots, and hourly schedules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from shoeroot.design.parameters import FloatArray, SchedulesParameter
from shoeroot.design.schedules import apply_operations
from shoeroot.design.vocabulary import HOURS
from shoeroot.errors import DesignError
from shoeroot.optional import import_optional

if TYPE_CHECKING:
    from shoeroot.design.schema import Schema

__all__ = ["MLBatch", "Schedules", "encode", "encode_pieces"]

#: Schedules of the templates, or what finds them for the storage vectors of some designs.
Schedules = ArrayLike | Callable[[FloatArray], ArrayLike]


@dataclass(frozen=True, slots=True, eq=False)
class MLBatch:
    """Designs as a surrogate model sees them, as arrays or as tensors.

    Attributes
    ----------
    tabular : (n_designs, 62)
        Numbers as `normalize` maps them (the range of the parameter to 0..1;
        values outside the range stay outside), and one-hots. `extract_ml_values_batch`
        of a parameter finds its own.
    schedules : (n_designs, 3, 8760) or None
        Values in 0..1, after the designs' operations; None if no template
        schedules were given.
    """

    tabular: Any
    schedules: Any

    def __len__(self) -> int:
        return len(self.tabular)

    def vectors(self) -> Any:
        """Return both in one: (n_designs, 26342).

        Raises
        ------
        DesignError
            There are no schedules.
        """
        if self.schedules is None:
            raise DesignError(
                "ML vectors contain hourly schedules, and there are none",
                where="schedules",
                hint="give the templates' schedules to schema.to_ml(batch, schedules)",
            )
        flat = self.schedules.reshape(len(self), -1)
        if isinstance(self.tabular, np.ndarray):
            return np.hstack([self.tabular, flat])
        return _torch().cat([self.tabular, flat], dim=1)


def encode(
    schema: Schema,
    storage_batch: FloatArray,
    schedules: Schedules | None,
    dtype: DTypeLike,
    as_torch: bool,
) -> MLBatch:
    """Turn checked storage vectors into what a surrogate model sees; see `Schema.to_ml`."""
    torch = _torch() if as_torch else None
    tabular = np.hstack(
        [
            parameter.to_ml(storage_batch)
            for parameter in schema
            if not isinstance(parameter, SchedulesParameter)
        ]
    ).astype(dtype, copy=False)
    series = None
    if schedules is not None:
        series = _hourly(schema, storage_batch, schedules).astype(dtype, copy=False)
    if torch is not None:
        tabular = torch.from_numpy(tabular)
        series = None if series is None else torch.from_numpy(series)
    return MLBatch(tabular, series)


def encode_pieces(
    schema: Schema,
    storage_batch: FloatArray,
    size: int,
    schedules: Schedules | None,
    dtype: DTypeLike,
    as_torch: bool,
) -> Iterator[MLBatch]:
    """Encode `size` designs after the other; see `Schema.iter_ml`."""
    for start in range(0, len(storage_batch), size):
        piece = slice(start, start + size)
        some = _of_piece(schedules, piece)
        yield encode(schema, storage_batch[piece], some, dtype, as_torch)


def _of_piece(schedules: Schedules | None, piece: slice) -> Schedules | None:
    if schedules is None or callable(schedules) or np.ndim(schedules) != 3:
        return schedules
    # An array on disk (memmap, h5py) is read piece by piece.
    lasting: Any = schedules if hasattr(schedules, "shape") else np.asarray(schedules)
    return np.asarray(lasting[piece])


def check_schedules(schedules: Schedules | None, designs: int) -> None:
    """Refuse schedules that do not fit before any work is done.

    Raises
    ------
    DesignError
        They are neither (3, 8760) nor (n_designs, 3, 8760).
    """
    if schedules is None or callable(schedules):
        return
    shape = np.shape(schedules)
    if shape not in ((3, HOURS), (designs, 3, HOURS)):
        raise DesignError(
            f"schedules of shape {shape} do not fit {designs} designs",
            where="schedules",
            hint=f"give {(3, HOURS)} for all, or {(designs, 3, HOURS)}",
        )


def _hourly(schema: Schema, storage_batch: FloatArray, schedules: Schedules) -> FloatArray:
    base = np.asarray(schedules(storage_batch) if callable(schedules) else schedules, np.float64)
    check_schedules(base, len(storage_batch))
    operations = schema["schedules"].extract_storage_values_batch(storage_batch)
    seeds = storage_batch[:, schema["schedules_seed"].start_storage]
    return apply_operations(base, operations, seeds)


def _torch() -> Any:
    return import_optional("torch", "tensors are made with", "pip install 'shoeroot[ml]'")
