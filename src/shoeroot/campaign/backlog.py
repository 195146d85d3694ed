"""`Backlog`: the simulations that wait, and which of them make the next unit of work."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shoeroot.campaign.chunks import UnitSize
from shoeroot.campaign.runtime import RuntimeModel, longest_first
from shoeroot.campaign.work import WorkUnit
from shoeroot.design import DesignRows, FloatArray

__all__ = ["Backlog"]

#: Simulations that are put in order together, longest first, before they run.
WINDOW = 512
#: Most simulations of the same model in a unit: bounds the memory of its events.
MOST_ALIKE = 200
#: Designs from which the time of all that wait is estimated.
SAMPLE = 400

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """The next simulations, in the order in which they will run."""

    numbers: Numbers
    designs: FloatArray
    steps: Numbers
    heads: NDArray[np.bool_]
    expected: FloatArray


class Backlog:
    """Simulations that wait, as compact arrays; designs are read as their turn comes.

    Those that may have the same model stay together, at the place of the first of them.

    Parameters
    ----------
    rows : DesignRows
    waiting : three (n,) int64
        Numbers, designs and time steps an hour of the simulations that wait.
    groups : (n_designs,) uint64
        Designs of different groups have different models.
    runtime : RuntimeModel
        Tells what simulations will take.
    """

    def __init__(
        self,
        rows: DesignRows,
        waiting: tuple[Numbers, Numbers, Numbers],
        groups: NDArray[np.uint64],
        runtime: RuntimeModel,
    ) -> None:
        self._rows, self._runtime = rows, runtime
        numbers, designs, steps = waiting
        own = groups[designs] * np.uint64(64) + steps.astype(np.uint64)
        _, first, which = np.unique(own, return_index=True, return_inverse=True)
        leaders = first[which.reshape(-1)]
        order = np.argsort(leaders, kind="stable")
        self._numbers, self._designs, self._steps = numbers[order], designs[order], steps[order]
        # Whether another model than that of the simulation before may begin.
        self._heads = np.ones(len(order), dtype=np.bool_)
        self._heads[1:] = np.diff(leaders[order]) != 0
        self._next = 0
        self._window: _Window | None = None
        self._taken = 0
        self._again: deque[WorkUnit] = deque()
        self._units = 0

    def __len__(self) -> int:
        in_window = 0 if self._window is None else len(self._window.numbers) - self._taken
        return len(self._numbers) - self._next + in_window + len(self._again)

    def put_back(self, unit: WorkUnit, place: int) -> None:
        """Take back one simulation of a unit; it comes first, in a unit of its own."""
        one = slice(place, place + 1)
        alone = WorkUnit(-1, unit.numbers[one], unit.designs[one], unit.timesteps_per_hour[one])
        self._again.append(alone)

    def take(self, size: UnitSize, slots: int, most: int | None = None) -> WorkUnit | None:
        """Give the next unit, with `most` simulations at most; None if nothing waits."""
        if len(self) == 0 or most == 0:
            return None
        number = self._units
        self._units += 1
        if self._again:
            again = self._again.popleft()
            return WorkUnit(number, again.numbers, again.designs, again.timesteps_per_hour)
        window = self._open_window(slots)
        expected = window.expected[self._taken : self._taken + size.most]
        count = size.take(expected, self.seconds_left(), slots)
        stop = self._taken + count
        # A model that the unit has begun with stays in it.
        same = ~window.heads[stop : self._taken + max(MOST_ALIKE, count)]
        stop += int(np.argmin(same)) if not same.all() else len(same)
        if most is not None:
            stop = min(stop, self._taken + most)
        part = slice(self._taken, stop)
        self._taken = stop
        return WorkUnit(number, window.numbers[part], window.designs[part], window.steps[part])

    def seconds_left(self) -> float:
        """Estimate what all simulations that wait take together [s], one after the other."""
        left = len(self._numbers) - self._next
        total = 0.0
        if self._window is not None:
            total += float(self._window.expected[self._taken :].sum())
        if left:
            total += left * self._mean_seconds()
        return total

    def _mean_seconds(self) -> float:
        """Return the mean over some of those that are in no window yet."""
        window = self._window
        if window is not None and len(window.expected):
            return float(window.expected.mean())
        places = np.linspace(self._next, len(self._numbers) - 1, SAMPLE).astype(np.int64)
        some = np.unique(places[:SAMPLE])
        designs = self._rows.take(self._designs[some])
        return float(self._runtime.predict(designs, self._steps[some]).mean())

    def _open_window(self, slots: int) -> _Window:
        window = self._window
        if window is not None and self._taken < len(window.numbers):
            return window
        stop = min(self._next + max(WINDOW, 8 * slots), len(self._numbers))
        # Those with the same model stay in one window.
        beyond = self._heads[stop : stop + MOST_ALIKE]
        stop += int(np.argmax(beyond)) if beyond.any() else len(beyond)
        here = slice(self._next, stop)
        designs, heads = self._rows.take(self._designs[here]), self._heads[here].copy()
        heads[0] = True
        expected = self._runtime.predict(designs, self._steps[here])
        # As long as the first of them, so that an order by length keeps them together.
        leader = np.maximum.accumulate(np.where(heads, np.arange(len(heads)), 0))
        order = longest_first(expected[leader])
        # The others of a model cost next to nothing.
        expected = np.where(heads, expected, 0.0)
        self._next, self._taken = stop, 0
        self._window = _Window(
            self._numbers[here][order],
            designs[order],
            self._steps[here][order],
            heads[order],
            expected[order],
        )
        return self._window
