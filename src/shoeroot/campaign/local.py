"""Simulations on this computer: threads, each of which keeps one process of the engine busy."""

from __future__ import annotations

import os
import queue
import threading
import time

from shoeroot.campaign.work import LostUnit, Runs, SimulationContext, UnitResult, WorkUnit, simulate
from shoeroot.engine import Runner, find_engine, make_runner, stop_runs

__all__ = ["LocalExecutor"]

_STOP_SECONDS = 5.0

Outcome = UnitResult | LostUnit | Exception


class LocalExecutor:
    """Simulates on this computer.

    Parameters
    ----------
    workers : int, optional
        Simulations at once; by default one for each processor.
    runner : Runner, optional
        Makes the runs; by default the fastest that the engine allows. Stopping closes it.

    Attributes
    ----------
    slots : int
        Simulations at once.
    unit_seconds : float
        0: one design a unit, because handing work to a thread costs nothing.
    """

    unit_seconds = 0.0

    def __init__(self, workers: int | None = None, runner: Runner | None = None) -> None:
        self.slots = workers or os.cpu_count() or 1
        self._runner = runner
        self._units: queue.SimpleQueue[WorkUnit | None] = queue.SimpleQueue()
        self._ended: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._stopped = False

    def start(self, context: SimulationContext) -> None:
        """Get the engine ready and start the threads."""
        if context.engine is None:
            context = context.with_engine(find_engine())
        assert context.engine is not None  # noqa: S101 (tells the type checker)
        runner = self._runner or make_runner(context.engine, self.slots)
        self._runner = runner
        for number in range(self.slots):
            thread = threading.Thread(
                target=self._work,
                args=(context, runner),
                name=f"simulation-{number}",
                daemon=True,
            )
            thread.start()
            self._threads.append(thread)

    def submit(self, unit: WorkUnit) -> None:
        """Take a unit; returns at once."""
        self._units.put(unit)

    def collect(self, timeout: float) -> list[UnitResult | LostUnit]:
        """Give the units that have ended; waits up to `timeout` seconds for the first.

        Raises
        ------
        ShoerootError
            No simulation can be made: the engine has vanished, the disk is full.
        """
        ended: list[UnitResult | LostUnit] = []
        try:
            outcome = self._ended.get(timeout=timeout) if timeout > 0 else self._ended.get_nowait()
            while True:
                if isinstance(outcome, Exception):
                    raise outcome
                ended.append(outcome)
                outcome = self._ended.get_nowait()
        except queue.Empty:
            return ended

    def stop(self) -> None:
        """Drop what waits and kill what runs."""
        self._stopped = True
        for _ in self._threads:
            self._units.put(None)
        if self._runner is not None:
            self._runner.close()
        if any(thread.is_alive() for thread in self._threads):
            stop_runs()
        deadline = time.monotonic() + _STOP_SECONDS
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.0))

    def _work(self, context: SimulationContext, runner: Runs) -> None:
        while (unit := self._units.get()) is not None and not self._stopped:
            try:
                outcome: Outcome = simulate(context, unit, runner)
            except Exception as error:
                outcome = error
            # Runs that were killed by `stop` have nothing to tell.
            if not self._stopped:
                self._ended.put(outcome)
