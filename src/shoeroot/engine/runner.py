"""What makes runs: the protocol, and a runner that starts a process for each run."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Protocol, Self

from shoeroot.engine.find import Engine
from shoeroot.engine.judge import RunResult
from shoeroot.engine.pool import PersistentRunner
from shoeroot.engine.run import Run, execute
from shoeroot.errors import EngineError

__all__ = ["Runner", "SubprocessRunner", "make_runner"]


class Runner(Protocol):
    """Makes runs of one engine; closing it ends those that have not ended."""

    engine: Engine

    def run(self, run: Run) -> RunResult:
        """Make a run and wait for it; safe to call from several threads at once.

        A simulation that fails is a result, not an error.

        Raises
        ------
        EngineError
            As `execute` raises it, or the runner was closed.
        """

    def close(self) -> None:
        """Kill what runs and give everything back; again does nothing."""

    def __enter__(self) -> Self:
        """Return itself."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""


class SubprocessRunner:
    """Starts the engine anew for each run."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def run(self, run: Run) -> RunResult:
        """Make a run in a process of its own; see `Runner.run`."""
        return execute(self.engine, run)

    def close(self) -> None:
        """Do nothing: no process outlives its run."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def make_runner(engine: Engine, workers: int = 1) -> Runner:
    """Make the fastest runner that the engine allows: worker processes, if it has a library.

    Parameters
    ----------
    engine : Engine
    workers : int
        Runs at once that it should stand; more callers wait for each other.

    Raises
    ------
    EngineError
        The engine is a library only, and cannot be loaded.
    """
    if engine.library and sys.executable:
        runner = PersistentRunner(engine, workers)
        try:
            runner.start()
        except EngineError:
            runner.close()
            if engine.executable is None:
                raise
        else:
            return runner
    return SubprocessRunner(engine)
