"""Designs as a table of pandas, one column a number, with names and units, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shoeroot.design.parameters import FloatArray
from shoeroot.errors import DesignError, nearest

if TYPE_CHECKING:
    import pandas as pd

    from shoeroot.design.schema import Schema

__all__ = ["batch_of", "frame_of"]


def frame_of(schema: Schema, storage_batch: FloatArray) -> pd.DataFrame:
    """Turn a checked batch into a table; see `Schema.to_frame`."""
    import pandas as pd

    described = {
        column: {"unit": unit, "description": parameter.info}
        for parameter in schema
        for column, unit in parameter.columns.items()
    }
    frame = pd.DataFrame(storage_batch.copy(), columns=list(described))
    frame.attrs["columns"] = described
    frame.attrs["schema"] = {
        "program_types": schema.program_types,
        "climate_zones": schema.climate_zones,
    }
    return frame


def batch_of(schema: Schema, frame: pd.DataFrame) -> FloatArray:
    """Turn a table into a batch, not yet checked; see `Schema.from_frame`."""
    columns = [column for parameter in schema for column in parameter.columns]
    _check_names([str(name) for name in frame.columns], columns)
    batch = np.empty((len(frame), schema.storage_length))
    for position, column in enumerate(columns):
        batch[:, position] = _numbers(column, frame[column].to_numpy())
    return batch


def _check_names(given: list[str], columns: list[str]) -> None:
    unknown = [name for name in given if name not in columns]
    missing = [name for name in columns if name not in given]
    twice = sorted({name for name in given if given.count(name) > 1})
    if unknown:
        raise DesignError(
            f"the table has a column {unknown[0]!r}, which designs do not have"
            + _and_more(unknown),
            where=unknown[0],
            hint=nearest(unknown[0], missing or columns),
        )
    if missing:
        raise DesignError(
            f"the table lacks the column {missing[0]!r}" + _and_more(missing),
            where=missing[0],
            hint="start from schema.to_frame(schema.generate_empty_storage_batch(n))",
        )
    if twice:
        raise DesignError(
            f"the table has the column {twice[0]!r} more than once",
            where=twice[0],
            hint="keep one of them",
        )


def _and_more(names: list[str]) -> str:
    return f", and {len(names) - 1} more" if len(names) > 1 else ""


def _numbers(column: str, values: np.ndarray) -> FloatArray:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        for row, value in enumerate(values):
            try:
                float(value)
            except (TypeError, ValueError):
                raise DesignError(
                    f"{column} = {value!r} is not a number",
                    where=f"design {row}",
                    hint="set it to a number",
                ) from None
        raise
