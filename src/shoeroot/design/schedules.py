"""The 19 operations that turn a template's schedules into a design's, for one design or many.

Each schedule is worked on where its result lies, while that is in the processor's cache,
and an operation costs nothing where it is not asked for. Many designs together give the
same bits as each of them alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shoeroot.design.seeds import SeededGenerator
from shoeroot.design.vocabulary import HOURS, SCHEDULE_OPERATIONS
from shoeroot.design.waves import Waves
from shoeroot.errors import DesignError

__all__ = ["apply_operations"]

FloatArray = NDArray[np.float64]
WEEK = 168
_COLUMN = {name: column for column, name in enumerate(SCHEDULE_OPERATIONS)}
_NEUTRAL = np.array([float(name == "scale") for name in SCHEDULE_OPERATIONS])
_HOUR = np.arange(HOURS, dtype=np.float64)


#: What hides all other operations on a schedule; `_ALTER` where nothing does.
_KEEP, _ALTER, _ON, _OFF, _WEEK, _PULSES = range(6)


class _Row(NamedTuple):
    """What there is to alter in one schedule, in the order of the steps."""

    reverse: bool
    shift: int
    invert: bool
    scale: float
    bias: float
    noise: float
    overwrite: bool
    #: What the sines swing about, and how many of them there are.
    level: float
    waves: int


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
        values = self.seeds
        problem = "schedules_seed = {value} cannot seed random numbers"
        refuse(self.random & (values < 0), problem, "schedules_seed", "set it to 0 or more")

    @property
    def random(self) -> NDArray[np.bool_]:
        """Which designs need random numbers."""
        needed = self.operations[:, :, _COLUMN["noise"]] != 0
        needed |= self.operations[:, :, _COLUMN["uniform_random_daily"]] == 1
        return np.asarray(needed.any(axis=1))

    def run(self, result: FloatArray) -> None:
        """Fill `result`, (n_designs, n_schedules, 8760)."""
        source = self.schedules
        in_place = _is_same_place(source, result)
        if np.may_share_memory(source, result) and not in_place:
            source = source.copy()
        kinds = _kinds_of(self.operations)
        draws = _Draws(self.seeds, self.random, kinds.shape[1])
        bench = _Bench(self.operations, kinds, _are_shares(source), draws)
        shared = None
        if len(source) and source.strides[0] == 0 and not in_place:
            shared = [_Start(values) for values in source[0]]
        for design, wanted in enumerate(kinds.tolist()):
            if bench.shares and not any(wanted):
                result[design] = source[design]
                continue
            given = source[design].copy() if in_place else source[design]
            starts = shared or [_Start(values) for values in given]
            for number, values in enumerate(result[design]):
                bench.work(wanted[number], starts[number], values, (design, number))


class _Start:
    """A template's schedule, (8760,) float64; a reversed one is slow to read and so kept."""

    def __init__(self, values: NDArray[Any]) -> None:
        self.values: FloatArray = np.asarray(values, dtype=np.float64)
        self._reversed: FloatArray | None = None

    def reversed(self) -> FloatArray:
        """Return the values from last to first."""
        if self._reversed is None:
            self._reversed = np.ascontiguousarray(self.values[::-1])
        return self._reversed


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


def _kinds_of(operations: FloatArray) -> NDArray[np.int64]:
    """Return what to do with each schedule: (n_designs, n_schedules)."""
    kinds = np.where((operations != _NEUTRAL).any(axis=2), _ALTER, _KEEP)
    switch = operations[:, :, _COLUMN["on/off"]]
    kinds[switch == 1] = _ON
    kinds[switch == -1] = _OFF
    # The last operation that overwrites all hides the others.
    kinds[operations[:, :, _COLUMN["uniform_random_daily"]] == 1] = _WEEK
    kinds[operations[:, :, _COLUMN["pulse_period"]] > 0] = _PULSES
    return kinds


def _rows_of(operations: FloatArray) -> Iterator[_Row]:
    """Return what to alter, from operations of (n, 19)."""
    column = dict(zip(SCHEDULE_OPERATIONS, operations.T, strict=True))
    first, second = column["sin_0_amp"], column["sin_1_amp"]
    columns = (
        column["reverse"] == 1,
        np.fmod(np.trunc(column["roll"]), HOURS).astype(np.int64) % HOURS,
        column["invert"] == 1,
        column["scale"],
        column["bias"],
        column["noise"],
        column["sin_overwrite"] == 1,
        column["sin_bias"] + 0.5 * first + 0.5 * second,
        (first != 0).astype(np.int64) + (second != 0),
    )
    return map(_Row._make, zip(*(values.tolist() for values in columns), strict=True))


def _waves_of(operations: FloatArray) -> Waves:
    """Return the waves of some operations, (n, 19), in their order."""
    amplitude, frequency, phase = (
        operations[:, [_COLUMN[f"sin_0_{part}"], _COLUMN[f"sin_1_{part}"]]]
        for part in ("amp", "freq", "phase")
    )
    seen = amplitude != 0
    return Waves(amplitude[seen], frequency[seen], phase[seen])


class _Draws:
    """The random numbers of each design: noise for each schedule, then a week for each.

    Every number has its place in the generator's sequence, so that what is not
    needed is not drawn, and one schedule does not move another.
    """

    def __init__(self, seeds: NDArray[np.int64], random: NDArray[np.bool_], count: int) -> None:
        self._seeds, self._random = seeds, random
        self._seeded: SeededGenerator | None = None
        self._weeks = count * HOURS
        # Design and place of the next random number.
        self._next = (-1, 0)

    def noise(self, design: int, number: int, values: FloatArray) -> None:
        """Fill a year with uniform random numbers."""
        self._draw(design, number * HOURS, values)

    def week(self, design: int, number: int, values: FloatArray) -> None:
        """Fill a week with uniform random numbers."""
        self._draw(design, self._weeks + number * WEEK, values)

    def _draw(self, design: int, position: int, values: FloatArray) -> None:
        if self._seeded is None:
            self._seeded = SeededGenerator(self._seeds[self._random])
            self._numbers = (np.cumsum(self._random) - 1).tolist()
        if (design, position) != self._next:
            self._seeded.start(self._numbers[design], position)
        self._seeded.generator.random(out=values)
        self._next = (design, position + len(values))


class _Bench:
    """Works on one schedule at a time, where its result will lie.

    Parameters
    ----------
    operations : (n_designs, n_schedules, 19) float64
    kinds : (n_designs, n_schedules) int
        What to do with each schedule; they are worked on in this order.
    shares : bool
        Whether all schedules lie within 0 and 1 from the start.
    draws : _Draws
        Random numbers of these designs.
    """

    def __init__(
        self,
        operations: FloatArray,
        kinds: NDArray[np.int64],
        shares: bool,
        draws: _Draws,
    ) -> None:
        altered = operations[kinds == _ALTER]
        self.shares, self._draws = shares, draws
        self._rows, self._waves = _rows_of(altered), _waves_of(altered)
        pulses = operations[kinds == _PULSES][:, _COLUMN["pulse_period"] :]
        self._pulses = iter(pulses.tolist())
        self._scratch = np.empty((2, HOURS))

    def work(self, kind: int, start: _Start, values: FloatArray, place: tuple[int, int]) -> None:
        """Write the values of the next schedule; `place` is its design and its number."""
        if kind == _ALTER:
            self._alter(next(self._rows), start, values, place)
        elif kind == _PULSES:
            values[:] = _pulses(*next(self._pulses))
        elif kind == _WEEK:
            self._draws.week(*place, values[:WEEK])
            _repeat(WEEK, values)
        elif kind == _KEEP and self.shares:
            values[:] = start.values
        elif kind == _KEEP:
            start.values.clip(0.0, 1.0, out=values)
        else:
            values.fill(1.0 if kind == _ON else 0.0)

    def _alter(self, row: _Row, start: _Start, values: FloatArray, place: tuple[int, int]) -> None:
        """Do all that depends on the hours before."""
        if row.overwrite:
            values.fill(row.level)
            now, inside = values, 0.0 <= row.level <= 1.0
        else:
            now = _rearrange(row, start, values)
            now, inside = self._shift(row, now, values, place)
            if row.level or row.waves:
                now = now if inside else now.clip(0.0, 1.0, out=values)
                now, inside = np.add(now, row.level, out=values), False
        for _ in range(row.waves):
            now, inside = self._waves.add_next(now, values, self._scratch), False
        if not inside:
            now.clip(0.0, 1.0, out=values)
        elif now is not values:
            values[:] = now

    # Each step reads `now` and leaves its result in `values`, so that the first one also copies.

    def _shift(
        self, row: _Row, now: FloatArray, values: FloatArray, place: tuple[int, int]
    ) -> tuple[FloatArray, bool]:
        """Scale, bias and noise, clipped in between; tell whether all lies within 0 and 1."""
        inside = self.shares and 0.0 <= row.scale <= 1.0
        if row.scale != 1:
            now = np.multiply(now, row.scale, out=values)
        if row.bias:
            now = now if inside else now.clip(0.0, 1.0, out=values)
            now, inside = np.add(now, row.bias, out=values), False
        if row.noise:
            now = now if inside else now.clip(0.0, 1.0, out=values)
            noise = self._scratch[0] if now is values else values
            self._draws.noise(*place, noise)
            noise *= row.noise
            now, inside = np.add(now, noise, out=values), False
        return now, inside


def _rearrange(row: _Row, start: _Start, values: FloatArray) -> FloatArray:
    """Reverse, roll and invert."""
    now = start.reversed() if row.reverse else start.values
    if row.shift:
        values[row.shift :] = now[: HOURS - row.shift]
        values[: row.shift] = now[HOURS - row.shift :]
        now = values
    if row.invert:
        now = np.subtract(1.0, now, out=values)
    return now


@lru_cache(maxsize=32)
def _pulses(period: float, width: float) -> FloatArray:
    """Return a square wave, high for `width` hours of each period: (8760,) float64."""
    values: FloatArray = (np.remainder(_HOUR, period) < width).astype(np.float64)
    values.flags.writeable = False
    return values


def _repeat(done: int, values: FloatArray) -> None:
    """Fill a year with its first hours, by copying what is filled: few and long copies."""
    while done < HOURS:
        more = min(done, HOURS - done)
        values[done : done + more] = values[:more]
        done += more
