"""The 19 operations that turn a template's schedules into a design's, for one design or many.

Each schedule is worked on where its result lies, while that is in the processor's cache,
and an operation costs nothing where it is not asked for. Many designs together give the
same bits as each of them alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shoeroot.design.vocabulary import HOURS, SCHEDULE_OPERATIONS
from shoeroot.design.waves import Waves
from shoeroot.errors import DesignError

__all__ = ["apply_operations"]

FloatArray = NDArray[np.float64]
WEEK = 168
_COLUMN = {name: column for column, name in enumerate(SCHEDULE_OPERATIONS)}
_NEUTRAL = np.array([float(name == "scale") for name in SCHEDULE_OPERATIONS])
_HOUR = np.arange(HOURS, dtype=np.float64)


class _Row(NamedTuple):
    """The operations on one schedule, in the order of `SCHEDULE_OPERATIONS`."""

    reverse: float
    roll: float
    invert: float
    scale: float
    bias: float
    noise: float
    sin_overwrite: float
    sin_bias: float
    sin_0_amp: float
    sin_0_freq: float
    sin_0_phase: float
    sin_1_amp: float
    sin_1_freq: float
    sin_1_phase: float
    synthetic: float
    on_off: float
    uniform_random_daily: float
    pulse_period: float
    pulse_width: float


def apply_operations(
    schedules: ArrayLike,
    operations: ArrayLike,
    schedules_seed: ArrayLike,
    *,
    out: FloatArray | None = None,
) -> FloatArray:
    """Apply designs' operations to their templates' schedules.

    Parameters
    ----------
    schedules : (n_schedules, 8760) or (n_designs, n_schedules, 8760) float64
        Values in 0..1. Without the first dimension all designs start from the same.
    operations : (n_schedules, 19) or (n_designs, n_schedules, 19) float64
        One row a schedule, in the order of `SCHEDULE_OPERATIONS`.
    schedules_seed : int or (n_designs,) int
        Seed of the random numbers: the same design gives the same schedules
        everywhere and in any order of evaluation.
    out : float64, C-contiguous, optional
        Where the result goes; has its shape. Going through a large batch in
        pieces is faster with one `out` for all of them.

    Returns
    -------
    (n_schedules, 8760) or (n_designs, n_schedules, 8760) float64
        As `operations` has it. Beside the result, memory for a few schedules is used.

    Raises
    ------
    DesignError
        The reserved operation `synthetic` is asked for, an operation is not
        finite, random numbers are asked for from a seed below 0, or shapes do
        not fit together.
    """
    operations = np.asarray(operations, dtype=np.float64)
    alone = operations.ndim == 2
    work = _Work.of(schedules, operations[None] if alone else operations, schedules_seed)
    work.check(alone)
    shape = (*work.operations.shape[:2], HOURS)
    result = np.empty(shape) if out is None else _usable(out, shape[1:] if alone else shape)
    work.run(result.reshape(shape))
    return result.reshape(shape[1:]) if alone else result


def _usable(out: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    if out.shape != shape or out.dtype != np.float64 or not out.flags.c_contiguous:
        raise DesignError(
            f"out has shape {out.shape} and type {out.dtype}",
            where="out",
            hint=f"it needs shape {shape}, type float64, and rows one after the other",
        )
    return out


class _Work(NamedTuple):
    """What there is to do: schedules and operations of (n_designs, n_schedules, ...), seeds."""

    schedules: NDArray[Any]
    operations: FloatArray
    seeds: NDArray[np.int64]

    @classmethod
    def of(cls, schedules: ArrayLike, operations: FloatArray, seeds: ArrayLike) -> _Work:
        """Bring everything to one number of designs and schedules."""
        given = np.asarray(schedules)
        seed = np.asarray(seeds)
        count = operations.shape[:-1]
        if operations.ndim != 3 or operations.shape[-1] != len(SCHEDULE_OPERATIONS):
            raise DesignError(
                f"operations have shape {operations.shape}",
                where="schedules",
                hint=f"each schedule needs {len(SCHEDULE_OPERATIONS)} of them",
            )
        try:
            fitting = np.broadcast_to(given, (*count, HOURS))
            numbers = np.broadcast_to(seed.astype(np.int64), count[:1])
        except ValueError:
            raise DesignError(
                f"schedules of shape {given.shape} and seeds of shape {seed.shape} do not fit "
                f"operations of shape {operations.shape}",
                where="schedules",
                hint=f"schedules need shape {(*count[1:], HOURS)} or {(*count, HOURS)}, "
                f"seeds {count[:1]}",
            ) from None
        return cls(fitting, operations, numbers)

    def check(self, alone: bool) -> None:
        """Refuse what cannot be applied; says the design where there are many."""

        def refuse(wrong: NDArray[np.bool_], problem: str, where: str, hint: str) -> None:
            if wrong.any():
                position = tuple(int(axis[0]) for axis in np.nonzero(wrong))
                raise DesignError(
                    problem.format(value=values[position]),
                    where=where if alone else f"design {position[0]}, {where}",
                    hint=hint,
                )

        values: FloatArray | NDArray[np.int64] = self.operations
        problem = "an operation is {value:g}"
        refuse(~np.isfinite(values), problem, "schedules", "set it to a number")
        values = self.operations[:, :, _COLUMN["synthetic"]]
        problem = "synthetic = {value:g}: the operation is reserved"
        refuse(values != 0, problem, "schedules", "set synthetic to 0")
        random = self.operations[:, :, _COLUMN["noise"]] != 0
        random |= self.operations[:, :, _COLUMN["uniform_random_daily"]] == 1
        values = self.seeds
        problem = "schedules_seed = {value} cannot seed random numbers"
        refuse(random.any(axis=1) & (values < 0), problem, "schedules_seed", "set it to 0 or more")

    def run(self, result: FloatArray) -> None:
        """Fill `result`, (n_designs, n_schedules, 8760)."""
        source = self.schedules
        in_place = _is_same_place(source, result)
        if np.may_share_memory(source, result) and not in_place:
            source = source.copy()
        count = self.operations.shape[1]
        active = (self.operations != _NEUTRAL).any(axis=2)
        rows = self.operations[active]
        shares = _are_shares(source)
        bench = _Bench(_waves_of(rows), shares)
        each = map(_Row._make, rows.tolist())
        for design, wanted in enumerate(active.tolist()):
            if shares and not any(wanted):
                result[design] = source[design]
                continue
            draws = _Draws(int(self.seeds[design]), count)
            for number in range(count):
                start = np.asarray(source[design, number], dtype=np.float64)
                values = result[design, number]
                if wanted[number]:
                    start = start.copy() if in_place else start
                    bench.work(next(each), start, values, draws, number)
                elif shares:
                    values[:] = start
                else:
                    start.clip(0.0, 1.0, out=values)


def _is_same_place(source: NDArray[Any], result: FloatArray) -> bool:
    """Tell whether each schedule is replaced by its own result, which is safe."""
    return (
        source.ctypes.data == result.ctypes.data
        and source.strides == result.strides
        and source.dtype == result.dtype
    )


def _are_shares(schedules: NDArray[Any]) -> bool:
    """Tell whether nothing needs clipping; only looked at where all designs share schedules."""
    if not len(schedules) or schedules.strides[0] != 0:
        return False
    return bool(schedules[0].min() >= 0.0 and schedules[0].max() <= 1.0)


def _waves_of(rows: FloatArray) -> Waves:
    """Return those waves that are seen, in the order of the rows, (n, 19)."""
    hidden = (rows[:, _COLUMN["pulse_period"]] > 0) | (
        rows[:, _COLUMN["uniform_random_daily"]] == 1
    )
    hidden |= np.abs(rows[:, _COLUMN["on/off"]]) == 1
    amplitude, frequency, phase = (
        rows[:, [_COLUMN[f"sin_0_{part}"], _COLUMN[f"sin_1_{part}"]]]
        for part in ("amp", "freq", "phase")
    )
    seen = (amplitude != 0) & ~hidden[:, None]
    return Waves(amplitude[seen], frequency[seen], phase[seen])


class _Draws:
    """The random numbers of a design: noise for each schedule, then a week for each.

    Every number has its place in the generator's sequence, so that what is not
    needed is not drawn, and one schedule does not move another.
    """

    def __init__(self, seed: int, count: int) -> None:
        self._seed = seed
        self._weeks = count * HOURS
        self._generator: np.random.Generator | None = None
        self._position = 0

    def noise(self, number: int, values: FloatArray) -> None:
        """Fill a year with uniform random numbers."""
        self._draw(number * HOURS, values)

    def week(self, number: int) -> FloatArray:
        """Return a week of uniform random numbers."""
        values = np.empty(WEEK)
        self._draw(self._weeks + number * WEEK, values)
        return values

    def _draw(self, position: int, values: FloatArray) -> None:
        if self._generator is None:
            self._generator = np.random.Generator(np.random.PCG64(self._seed))
        if position != self._position:
            # The generator's period: going back is going forward almost all around.
            steps = (position - self._position) % 2**128
            self._generator.bit_generator.advance(steps)  # type: ignore[attr-defined]
        self._generator.random(out=values)
        self._position = position + len(values)


class _Bench:
    """Works on one schedule at a time, where its result will lie.

    Parameters
    ----------
    waves : Waves
        Those that will be asked for, in their order.
    shares : bool
        Whether all schedules lie within 0 and 1 from the start.
    """

    def __init__(self, waves: Waves, shares: bool) -> None:
        self._waves = waves
        self._shares = shares
        self._scratch = np.empty((2, HOURS))

    def work(
        self,
        row: _Row,
        start: FloatArray,
        values: FloatArray,
        draws: _Draws,
        number: int,
    ) -> None:
        """Write a schedule's values; the last operation that overwrites all hides the others."""
        if row.pulse_period > 0:
            values[:] = _pulses(row.pulse_period, row.pulse_width)
        elif row.uniform_random_daily == 1:
            _repeat(draws.week(number), values)
        elif row.on_off in (1, -1):
            values.fill(row.on_off == 1)
        else:
            self._alter(row, start, values, draws, number)

    def _alter(
        self, row: _Row, start: FloatArray, values: FloatArray, draws: _Draws, number: int
    ) -> None:
        """Do all that depends on the hours before."""
        level = row.sin_bias + 0.5 * row.sin_0_amp + 0.5 * row.sin_1_amp
        if row.sin_overwrite == 1:
            values.fill(level)
            now, inside = values, 0.0 <= level <= 1.0
        else:
            now = _rearrange(row, start, values)
            now, inside = self._shift(row, now, values, draws, number)
            if level or row.sin_0_amp or row.sin_1_amp:
                now = now if inside else now.clip(0.0, 1.0, out=values)
                now, inside = np.add(now, level, out=values), False
        for amplitude in (row.sin_0_amp, row.sin_1_amp):
            if amplitude:
                now, inside = self._waves.add_next(now, values, self._scratch), False
        if not inside:
            now.clip(0.0, 1.0, out=values)
        elif now is not values:
            values[:] = now

    # Each step reads `now` and leaves its result in `values`, so that the first one also copies.

    def _shift(
        self, row: _Row, now: FloatArray, values: FloatArray, draws: _Draws, number: int
    ) -> tuple[FloatArray, bool]:
        """Scale, bias and noise, clipped in between; tell whether all lies within 0 and 1."""
        inside = self._shares and 0.0 <= row.scale <= 1.0
        if row.scale != 1:
            now = np.multiply(now, row.scale, out=values)
        if row.bias:
            now = now if inside else now.clip(0.0, 1.0, out=values)
            now, inside = np.add(now, row.bias, out=values), False
        if row.noise:
            now = now if inside else now.clip(0.0, 1.0, out=values)
            noise = self._scratch[0] if now is values else values
            draws.noise(number, noise)
            noise *= row.noise
            now, inside = np.add(now, noise, out=values), False
        return now, inside


def _rearrange(row: _Row, now: FloatArray, values: FloatArray) -> FloatArray:
    """Reverse, roll and invert."""
    if row.reverse == 1:
        now = now[::-1]
    shift = int(row.roll) % HOURS
    if shift:
        values[shift:] = now[: HOURS - shift]
        values[:shift] = now[HOURS - shift :]
        now = values
    if row.invert == 1:
        now = np.subtract(1.0, now, out=values)
    return now


@lru_cache(maxsize=32)
def _pulses(period: float, width: float) -> FloatArray:
    """Return a square wave, high for `width` hours of each period: (8760,) float64."""
    values = np.empty(HOURS)
    if period == int(period) and period < HOURS:
        _repeat(_HOUR[: int(period)] < width, values)
    else:
        values[:] = np.remainder(_HOUR, period) < width
    values.flags.writeable = False
    return values


def _repeat(pattern: NDArray[np.float64] | NDArray[np.bool_], values: FloatArray) -> None:
    """Fill a year with a pattern, by copying what is filled already: few and long copies."""
    done = len(pattern)
    values[:done] = pattern
    while done < HOURS:
        more = min(done, HOURS - done)
        values[done : done + more] = values[:more]
        done += more
