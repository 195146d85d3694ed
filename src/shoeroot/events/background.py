"""`Background`: one piece of work at a time in a thread, whose errors are raised by the caller."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

__all__ = ["Background"]


class Background:
    """A thread that does one thing while the caller prepares the next."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._running: Future[None] | None = None

    def start(self, work: Callable[[], None]) -> None:
        """Begin `work` when what was begun before is done; raises what that raised."""
        self.wait()
        self._running = self._executor.submit(work)

    def wait(self) -> None:
        """Wait until nothing is under way; raises what it raised."""
        running, self._running = self._running, None
        if running is not None:
            running.result()

    def close(self) -> None:
        """Wait, whatever the end, and end the thread."""
        self._executor.shutdown(wait=True)
        self._running = None
