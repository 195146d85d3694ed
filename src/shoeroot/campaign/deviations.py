"""In what two events differ: every number and text of every field, the largest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.records import Simulation

__all__ = ["Deviation", "compare_events"]


@dataclass(frozen=True, slots=True)
class Deviation:
    """A field in which two events differ.

    Attributes
    ----------
    field : str
        Such as ``"zones.hourly.heating"``.
    values, differing : int
        How many there are, and how many of them differ.
    largest : float
        Largest absolute difference, in the unit of the field; infinite where one has values that
        the other has not, and where texts differ.
    relative : float
        Largest absolute difference over the largest absolute value of the field.
    stored, replayed : str
        The values that differ most, or the first texts that differ.
    """

    field: str
    values: int
    differing: int
    largest: float
    relative: float
    stored: str
    replayed: str


def compare_events(
    stored: Simulation, replayed: Simulation, *, leave_out: Sequence[str] = ()
) -> tuple[int, tuple[Deviation, ...]]:
    """Compare two events value by value; NaN equals NaN.

    Returns
    -------
    int, tuple of Deviation
        How many numbers were compared, and the fields that differ, the largest first.
    """
    before, now = _columns(stored), _columns(replayed)
    numbers = 0
    found: list[Deviation] = []
    for name in before | now:
        if name in leave_out:
            continue
        first, second = before.get(name, []), now.get(name, [])
        if any(isinstance(one, str) for one in (*first[:1], *second[:1])):
            found += _texts(name, first, second)
        else:
            one, other = _joined(first), _joined(second)
            numbers += len(one)
            found += _numbers(name, one, other)
    return numbers, tuple(sorted(found, key=lambda one: -one.relative))


def _columns(event: Simulation) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {}
    for name, value in _values(event, ""):
        columns.setdefault(name, []).append(value)
    return columns


def _values(record: Any, before: str) -> Iterator[tuple[str, Any]]:
    """Give the numbers, arrays and texts of a record by the names of their fields."""
    for field in fields(record):
        name, value = f"{before}{field.name}", getattr(record, field.name)
        for one in value if isinstance(value, list | tuple) else (value,):
            if is_dataclass(one):
                yield from _values(one, f"{name}.")
            else:
                yield name, one


def _joined(values: list[Any]) -> NDArray[np.float64]:
    if not values:
        return np.empty(0)
    return np.concatenate([np.atleast_1d(np.asarray(one, dtype=np.float64)) for one in values])


def _numbers(
    name: str, first: NDArray[np.float64], second: NDArray[np.float64]
) -> Iterator[Deviation]:
    if len(first) != len(second):
        told = (f"{len(first)} values", f"{len(second)} values")
        yield Deviation(name, len(first), len(first), np.inf, np.inf, *told)
        return
    same = (first == second) | (np.isnan(first) & np.isnan(second))
    if same.all():
        return
    with np.errstate(invalid="ignore"):
        distance = np.where(same, 0.0, np.abs(first - second))
    distance = np.where(np.isnan(distance), np.inf, distance)
    worst = int(distance.argmax())
    scale = np.nanmax(np.abs(np.concatenate([first, second])))
    yield Deviation(
        name,
        len(first),
        int(np.count_nonzero(~same)),
        float(distance[worst]),
        float(distance[worst] / scale) if scale else np.inf,
        repr(float(first[worst])),
        repr(float(second[worst])),
    )


def _texts(name: str, first: list[str], second: list[str]) -> Iterator[Deviation]:
    if first == second:
        return
    pairs = list(zip(first, second, strict=False))
    differing = [(one, other) for one, other in pairs if one != other]
    more = abs(len(first) - len(second))
    told = differing[0] if differing else (f"{len(first)} texts", f"{len(second)} texts")
    yield Deviation(name, len(first), len(differing) + more, np.inf, np.inf, *told)
