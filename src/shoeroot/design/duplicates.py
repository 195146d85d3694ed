"""Designs that lead to the same model: which of their parameters do nothing."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from shoeroot.design.parameters import FloatArray
from shoeroot.design.schema import Schema
from shoeroot.errors import DesignError

__all__ = ["Duplicates", "find_duplicates"]

#: Rows, columns and values that a text names.
SHOWN = 10
#: Numbers that no model is made of.
BOOKKEEPING = ("batch_id", "variation_id")


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Designs with the same model.

    Attributes
    ----------
    rows : tuple of int
        Positions in the batch, two or more.
    inert : tuple of str
        Parameters in which these designs differ, to no effect; none if the
        designs are the same but for their ids.
    columns : tuple of str
        The same, number by number, as in `Schema.to_frame`.
    values : tuple of tuple of float
        For each of `columns` the different values that these designs have, ascending.
    """

    rows: tuple[int, ...]
    inert: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]

    def __str__(self) -> str:
        rows = ", ".join(str(row) for row in self.rows[:SHOWN]) + (
            ", ..." * (len(self.rows) > SHOWN)
        )
        if not self.inert:
            return f"designs {rows} are the same"
        told = "; ".join(
            f"{column} = {_listed(values)}"
            for column, values in zip(self.columns[:SHOWN], self.values, strict=False)
        )
        more = len(self.columns) - SHOWN
        told += f"; and {more} more" if more > 0 else ""
        return f"designs {rows} lead to the same model: {told} did nothing"


def find_duplicates(
    schema: Schema, storage_batch: FloatArray, hashes: Sequence[Hashable]
) -> tuple[Duplicates, ...]:
    """Find designs whose models are the same, before any of them is simulated.

    Parameters
    ----------
    schema : Schema
    storage_batch : (n_designs, 90) float64
    hashes : sequence of str, one a design
        Of everything that the simulation reads: model and weather.

    Returns
    -------
    tuple of Duplicates
        In the order of their first designs; empty if all models differ.

    Raises
    ------
    DesignError
        There is not one hash a design.
    """
    schema.check_batch(storage_batch)
    if len(hashes) != len(storage_batch):
        raise DesignError(
            f"{len(hashes)} hashes do not fit {len(storage_batch)} designs",
            where="hashes",
            hint="give one a design",
        )
    groups: dict[Hashable, list[int]] = {}
    for row, digest in enumerate(hashes):
        groups.setdefault(digest, []).append(row)
    return tuple(
        _duplicates(schema, storage_batch, rows) for rows in groups.values() if len(rows) > 1
    )


def _duplicates(schema: Schema, storage_batch: FloatArray, rows: list[int]) -> Duplicates:
    some = storage_batch[rows]
    differs = (some != some[0]).any(axis=0)
    inert: list[str] = []
    columns: list[str] = []
    values: list[tuple[float, ...]] = []
    for parameter in schema:
        where = np.flatnonzero(differs[parameter.slice_storage])
        if len(where) and parameter.name not in BOOKKEEPING:
            names = list(parameter.columns)
            inert.append(parameter.name)
            columns.extend(names[column] for column in where)
            numbers = some[:, parameter.start_storage + where]
            values.extend(tuple(np.unique(column).tolist()) for column in numbers.T)
    return Duplicates(tuple(rows), tuple(inert), tuple(columns), tuple(values))


def _listed(values: tuple[float, ...]) -> str:
    shown = ", ".join(f"{value:g}" for value in values[:SHOWN])
    return shown + (", ..." if len(values) > SHOWN else "")
