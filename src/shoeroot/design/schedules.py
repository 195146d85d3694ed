"""The 19 operations that turn a template's schedules into a design's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shoeroot.design.vocabulary import HOURS, SCHEDULE_OPERATIONS
from shoeroot.errors import DesignError

__all__ = ["apply_operations"]

FloatArray = NDArray[np.float64]
WEEK = 168
_COLUMN = {name: column for column, name in enumerate(SCHEDULE_OPERATIONS)}


def apply_operations(
    schedules: FloatArray, operations: FloatArray, schedules_seed: int
) -> FloatArray:
    """Apply a design's operations to its template's schedules.

    Parameters
    ----------
    schedules : (n_schedules, 8760) float64
        Values in 0..1.
    operations : (n_schedules, 19) float64
        One row a schedule, in the order of `SCHEDULE_OPERATIONS`.
    schedules_seed : int
        Seed of the random numbers: the same design gives the same schedules
        everywhere and in any order of evaluation.

    Returns
    -------
    (n_schedules, 8760) float64, new

    Raises
    ------
    DesignError
        The reserved operation `synthetic` is asked for, or random numbers from
        a seed below 0.
    """
    operation = {name: operations[:, column, None] for name, column in _COLUMN.items()}
    synthetic = operation["synthetic"]
    if synthetic.any():
        raise DesignError(
            f"synthetic = {synthetic[synthetic != 0][0]:g}: the operation is reserved",
            where="schedules",
            hint="set synthetic to 0",
        )
    values = _rearranged(schedules, operation)
    noise, week = _random_numbers(operation, schedules_seed, len(schedules))
    values = values * operation["scale"] + operation["bias"] + noise * operation["noise"]
    values = np.clip(_with_sines(values, operation), 0.0, 1.0)
    values = np.where(operation["on/off"] == 1, 1.0, values)
    values = np.where(operation["on/off"] == -1, 0.0, values)
    values = np.where(operation["uniform_random_daily"] == 1, week, values)
    return _with_pulses(values, operation)


def _rearranged(schedules: FloatArray, operation: dict[str, FloatArray]) -> FloatArray:
    """Reverse, roll and invert."""
    values = np.where(operation["reverse"] == 1, schedules[:, ::-1], schedules)
    shifts = operation["roll"][:, 0].astype(np.int64)
    if shifts.any():
        hours = (np.arange(HOURS) - shifts[:, None]) % HOURS
        values = np.take_along_axis(values, hours, axis=1)
    return np.where(operation["invert"] == 1, 1.0 - values, values)


def _random_numbers(
    operation: dict[str, FloatArray], seed: int, count: int
) -> tuple[FloatArray, FloatArray]:
    """Draw the noise and the random week; always both, so that one does not move the other."""
    if not operation["noise"].any() and not operation["uniform_random_daily"].any():
        nothing = np.zeros((count, 1))
        return nothing, nothing
    if seed < 0:
        raise DesignError(
            f"schedules_seed = {seed} cannot seed random numbers",
            where="schedules_seed",
            hint="set it to 0 or more",
        )
    generator = np.random.default_rng(seed)
    noise = generator.random((count, HOURS))
    week = generator.random((count, WEEK))
    return noise, week[:, np.arange(HOURS) % WEEK]


def _with_sines(values: FloatArray, operation: dict[str, FloatArray]) -> FloatArray:
    values = np.where(operation["sin_overwrite"] == 1, 0.0, values) + operation["sin_bias"]
    time = np.linspace(0.0, 2.0 * np.pi, HOURS)
    for name in ("sin_0", "sin_1"):
        amplitude = operation[f"{name}_amp"]
        if amplitude.any():
            angle = operation[f"{name}_freq"] * (time + operation[f"{name}_phase"])
            values = values + amplitude * (0.5 * np.sin(angle) + 0.5)
    return values


def _with_pulses(values: FloatArray, operation: dict[str, FloatArray]) -> FloatArray:
    period = operation["pulse_period"]
    if not (period > 0).any():
        return values
    phase = np.arange(HOURS) % np.where(period > 0, period, 1.0)
    pulses = (phase < operation["pulse_width"]).astype(np.float64)
    return np.where(period > 0, pulses, values)
