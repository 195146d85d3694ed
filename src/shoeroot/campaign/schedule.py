"""The loop of a session: units out to the executor, events in, commits, the journal."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from shoeroot.campaign.backlog import Backlog
from shoeroot.campaign.chunks import UnitSize
from shoeroot.campaign.display import Show
from shoeroot.campaign.executors import Executor
from shoeroot.campaign.failures import ended_of, was_killed
from shoeroot.campaign.fidelity import LevelWriter
from shoeroot.campaign.forecast import Forecast, TimeLeft
from shoeroot.campaign.journal import Journal
from shoeroot.campaign.limits import Stops
from shoeroot.campaign.runtime import RuntimeModel
from shoeroot.campaign.work import LostUnit, SimulationContext, UnitResult, WorkUnit, lost_event
from shoeroot.errors import ShoerootError
from shoeroot.records import Simulation

__all__ = ["MOST_LOSSES", "Scheduler"]

#: Units that the executor has for each slot: the next is there when one ends.
AHEAD = 2
#: How often the loop looks whether it should stop [s].
POLL_SECONDS = 0.2
#: A simulation whose worker was killed so often is recorded as a crash.
MOST_LOSSES = 3
#: Events that have ended wait for those before them no longer than so many times the time and
#: the number of a commit: then events on disk are nearly always in the order of the designs.
PATIENCE = 2.0
#: Time between two forecasts [s].
FORECAST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An event that is not yet on disk, and the unit that it came of."""

    unit_id: int
    event: Simulation
    wall_seconds: float
    since: float


class Scheduler:
    """Runs what waits, until nothing does or there is a reason to stop.

    Parameters
    ----------
    context : SimulationContext
    executor : Executor
    journal : Journal
    session : int
        Under which the journal notes what was begun.
    writer : LevelWriter
    backlog : Backlog
    runtime : RuntimeModel
        Learns from what ends.
    stops : Stops
    show : Show
    committed : callable
        Called with the numbers of events that have come to disk.
    """

    def __init__(
        self,
        context: SimulationContext,
        *,
        executor: Executor,
        journal: Journal,
        session: int,
        writer: LevelWriter,
        backlog: Backlog,
        runtime: RuntimeModel,
        stops: Stops,
        show: Show,
        committed: Callable[[set[int]], None],
    ) -> None:
        self._context, self._executor = context, executor
        self._journal, self._session, self._writer = journal, session, writer
        self._backlog, self._runtime, self._stops = backlog, runtime, stops
        self._show, self._committed = show, committed
        self._flying: dict[int, WorkUnit] = {}
        self._waiting: list[_Waiting] = []
        self._losses: Counter[int] = Counter(journal.losses())
        self._forecast = Forecast(time.monotonic())
        self._left: TimeLeft | None = None
        self._left_at = 0.0

    def run(self) -> str:
        """Simulate; return why it stopped, empty where nothing waits any more.

        Raises
        ------
        ShoerootError
            Nothing can be simulated, or events cannot be written. What has ended before is on
            disk as far as that is possible.
        """
        reason = ""
        try:
            self._executor.start(self._context)
            while not (reason := self._stops.reason()):
                self._submit()
                if not self._flying:
                    reason = self._why_idle()
                    break
                for ended in self._executor.collect(POLL_SECONDS):
                    self._take(ended)
                self._commit(everything=False)
            if self._flying:
                for ended in self._executor.collect(0.0):
                    self._take(ended)
        except ShoerootError:
            self._executor.stop()
            # What cannot be written now was simulated in vain; the first error says why.
            with suppress(ShoerootError):
                self._commit(everything=True)
            raise
        finally:
            self._executor.stop()
        self._commit(everything=True)
        return reason

    def _submit(self) -> None:
        """Keep the executor supplied."""
        slots, size = self._executor.slots, UnitSize(seconds=self._executor.unit_seconds)
        while len(self._flying) < AHEAD * slots and len(self._backlog):
            most = self._stops.may_begin
            if most == 0 or not self._stops.fits(self._seconds_of_one()):
                return
            unit = self._backlog.take(size, slots, most)
            if unit is None:
                return
            self._stops.begun += len(unit)
            self._journal.claim(unit.numbers, self._session)
            self._flying[unit.unit_id] = unit
            self._executor.submit(unit)

    def _seconds_of_one(self) -> float:
        """Return what a simulation takes about, once some have ended."""
        if self._runtime.seen == 0 or not len(self._backlog):
            return 0.0
        return self._backlog.seconds_left() / len(self._backlog)

    def _why_idle(self) -> str:
        if not len(self._backlog):
            return ""
        return self._stops.at_limit() if self._stops.may_begin == 0 else self._stops.out_of_time()

    def _take(self, ended: UnitResult | LostUnit) -> None:
        unit = self._flying.pop(ended.unit_id, None)
        if unit is None:
            return
        now = time.monotonic()
        if isinstance(ended, LostUnit):
            self._lose(unit, range(len(unit)), now, ended.reason)
            return
        expected = self._runtime.predict(unit.designs, unit.timesteps_per_hour)
        ran = ended.wall_seconds > 0
        self._forecast.finished(now, float(expected[ran].sum()), self._executor.slots)
        self._runtime.learn(unit.designs, unit.timesteps_per_hour, ended.wall_seconds)
        killed = []
        for place, event in enumerate(ended.events):
            if was_killed(event) and self._losses[event.event_id] + 1 < MOST_LOSSES:
                killed.append(place)
            else:
                self._keep(unit, event, float(ended.wall_seconds[place]), now)
        if killed:
            self._lose(unit, killed, now, "")
        self._tell(now)

    def _lose(self, unit: WorkUnit, places: range | list[int], now: float, reason: str) -> None:
        """Let simulations wait again whose worker was killed; record those that lost too many."""
        numbers = [int(unit.numbers[place]) for place in places]
        self._journal.count_losses(numbers)
        for place, number in zip(places, numbers, strict=True):
            self._losses[number] += 1
            if self._losses[number] < MOST_LOSSES:
                self._stops.begun -= 1
                self._backlog.put_back(unit, place)
                continue
            told = f"the worker of this simulation was lost {MOST_LOSSES} times; the last: {reason}"
            steps = int(unit.timesteps_per_hour[place])
            event = lost_event(self._context, number, unit.designs[place], steps, told)
            self._keep(unit, event, 0.0, now)

    def _keep(self, unit: WorkUnit, event: Simulation, seconds: float, now: float) -> None:
        self._losses.pop(event.event_id, None)
        self._waiting.append(_Waiting(unit.unit_id, event, seconds, now))
        self._stops.ended += 1
        self._stops.failed += event.status != "ok"

    def _tell(self, now: float) -> None:
        if now - self._left_at >= FORECAST_SECONDS:
            flying = [
                self._runtime.predict(unit.designs, unit.timesteps_per_hour)
                for unit in list(self._flying.values())[: 4 * AHEAD * self._executor.slots]
            ]
            work = self._backlog.seconds_left() + sum(float(each.sum()) for each in flying)
            longest = max((float(each.max()) for each in flying), default=0.0)
            self._left = self._forecast.left(work, self._executor.slots, longest=longest)
            self._left_at = now
        self._show(self._stops.ended, self._stops.failed, self._left)

    def _commit(self, *, everything: bool) -> None:
        """Write events, and then note it in the journal."""
        ready = self._waiting if everything else self._due()
        if not ready:
            return
        ready = sorted(ready, key=lambda one: one.event.event_id)
        self._writer.write([one.event for one in ready])
        self._writer.flush()
        self._journal.finish(ended_of(one.event, one.wall_seconds) for one in ready)
        written = {one.event.event_id for one in ready}
        self._waiting = [one for one in self._waiting if one.event.event_id not in written]
        self._committed(written)

    def _due(self) -> list[_Waiting]:
        """Return what is to be committed now, if anything."""
        if not self._waiting:
            return []
        count, seconds = self._context.config.commit_events, self._context.config.commit_seconds
        age = time.monotonic() - min(one.since for one in self._waiting)
        if len(self._waiting) >= PATIENCE * count or age >= PATIENCE * seconds:
            return self._waiting
        # Those before which nothing is missing.
        first_flying = min(self._flying, default=np.inf)
        whole = [one for one in self._waiting if one.unit_id < first_flying]
        due = len(whole) >= count or age >= seconds
        return whole if due else []
