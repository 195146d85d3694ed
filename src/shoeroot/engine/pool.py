"""Worker processes that keep the engine loaded: the fastest way to make many runs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Pipe
from pathlib import Path
from types import TracebackType
from typing import Self

from shoeroot.engine.find import Engine
from shoeroot.engine.folders import PRINTED, working_folder
from shoeroot.engine.judge import SIGNALS_FROM_OUTSIDE, RunResult, judge
from shoeroot.engine.process import Finished, kill_session, stoppable
from shoeroot.engine.run import ENVIRONMENT, Run
from shoeroot.engine.wire import Answer, Request, pack_request, unpack_answer
from shoeroot.errors import EngineError

__all__ = ["PersistentRunner"]

_ATTEMPTS = 3
_START_SECONDS = 60.0
_END_SECONDS = 5.0
_LOOK_SECONDS = 0.002
# Far beyond what one needs: a worker that has ever grown so large is replaced.
_MOST_BYTES = 2**30
# Packages that a worker imports would start threads of their own.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class PersistentRunner:
    """Makes runs in worker processes that keep the engine's library loaded.

    What the engine does once a process (reading its schema, half a second) is paid once a
    worker. A worker has one thread. One that crashes, hangs or is killed takes its own run
    with it and nothing else; the next run gets a new one. Workers die with this process,
    however it ends.

    Parameters
    ----------
    engine : Engine
        One that has a library.
    workers : int
        Runs at once; more callers wait for each other.
    recycle_after : int
        Runs after which a worker is replaced, because the engine leaks a little.

    Raises
    ------
    EngineError
        The engine has no library.
    """

    def __init__(self, engine: Engine, workers: int = 1, recycle_after: int = 200) -> None:
        if engine.library is None:
            raise EngineError("the engine has no library", where=str(engine.path))
        self.engine = engine
        self.recycle_after = recycle_after
        # A place for each worker; they start when they are first needed.
        self._places: list[_Worker | None] = [None] * max(1, workers)
        self._alive: set[_Worker] = set()
        self._changed = threading.Condition()
        self._closed = False
        self._finalizer = weakref.finalize(self, _end_all, self._alive)

    def run(self, run: Run) -> RunResult:
        """Make a run in a worker; see `Runner.run`."""
        for _ in range(_ATTEMPTS):
            result = self._try(run)
            if result is not None:
                return result
        raise EngineError("worker processes are killed before they begin with a run")

    def start(self) -> None:
        """Start a worker now, to see whether it can be done.

        Raises
        ------
        EngineError
            The library cannot be loaded or is not the engine that was found.
        """
        with self._worker():
            pass

    def close(self) -> None:
        """Kill what runs and end all workers; again does nothing."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for worker in list(self._alive):
            worker.kill()
        for worker in [place for place in self._places if place]:
            self._discard(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _try(self, run: Run) -> RunResult | None:
        """Make a run; None if its worker was killed before it began."""
        model = run.model
        with (
            self._worker() as worker,
            working_folder(model.epjson, model.files, run.folder, keep=run.keep) as folder,
        ):
            request = Request(folder, Path(run.weather).absolute(), run.timeout)
            result = worker.simulate(request)
            if result.was_killed and self._closed:
                raise _closed_error(self.engine)
            if run.keep:
                return replace(result, folder=folder)
            begun = (folder / PRINTED).exists()
            return None if result.was_killed and not begun else result

    @contextmanager
    def _worker(self) -> Iterator[_Worker]:
        """Lend a worker that lives; take it back, or leave its place to a new one."""
        worker = self._take()
        try:
            if worker is None or not worker.is_alive():
                if worker is not None:
                    self._discard(worker)
                    worker = None
                worker = self._start()
            yield worker
        except BaseException:
            if worker is not None:
                self._discard(worker)
                worker = None
            if self._closed:
                raise _closed_error(self.engine) from None
            raise
        finally:
            self._give_back(worker)

    def _take(self) -> _Worker | None:
        with self._changed:
            self._changed.wait_for(lambda: self._places or self._closed)
            if self._closed:
                raise _closed_error(self.engine)
            # The last place is the one used last: few callers keep few workers.
            return self._places.pop()

    def _give_back(self, worker: _Worker | None) -> None:
        if worker is not None and (self._closed or worker.is_used_up(self.recycle_after)):
            self._discard(worker)
            worker = None
        with self._changed:
            self._places.append(worker)
            # A place without a worker goes to the bottom, so that live ones are used first.
            self._places.sort(key=lambda place: place is not None)
            self._changed.notify()

    def _start(self) -> _Worker:
        for _ in range(_ATTEMPTS):
            worker = _Worker(self.engine)
            self._alive.add(worker)
            try:
                if worker.await_start():
                    return worker
            except BaseException:
                self._discard(worker)
                raise
            self._discard(worker)
            if self._closed:
                raise _closed_error(self.engine)
        raise EngineError("worker processes are killed as soon as they start")

    def _discard(self, worker: _Worker) -> None:
        worker.end()
        self._alive.discard(worker)


class _Worker:
    """The parent's side of one worker process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._runs = 0
        self._cpu_seconds = 0.0
        self._peak_bytes = 0
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  closed in `end`
        self._connection, theirs = Pipe()
        # Nothing ever goes through it; the worker dies when this end of it is closed.
        lifeline, self._lifeline = Pipe(duplex=False)
        try:
            files = theirs.fileno(), lifeline.fileno(), self._said.fileno()
            self._process = _spawn(engine, *files)
        except OSError as error:
            self._close_files()
            raise EngineError(
                f"a worker process cannot be started: {error.strerror or error}",
                where=sys.executable,
            ) from error
        finally:
            theirs.close()
            lifeline.close()

    def await_start(self) -> bool:
        """Wait until the worker has loaded the engine; False if somebody killed it."""
        with stoppable(self._process.pid):
            answer = self._receive(_START_SECONDS)
        if answer is None:
            code, _ = self._wait()
            if -code in SIGNALS_FROM_OUTSIDE:
                return False
            self._said.seek(0)
            lines = self._said.read().decode("utf-8", errors="replace").strip().splitlines()
            said = f": {lines[-1]}" if lines else ""
            raise EngineError(
                f"a worker process ended before it began{said}", where=str(self._engine.library)
            )
        if answer.problem:
            raise EngineError(
                f"the engine's library cannot be used: {answer.problem}",
                where=str(self._engine.library),
            )
        return True

    def is_alive(self) -> bool:
        """Whether the process runs; one that has ended stays to be waited for."""
        if self._process.returncode is not None:
            return False
        look = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, look) is None

    def is_used_up(self, most_runs: int) -> bool:
        """Whether it should be replaced: dead, old, or large."""
        return self._runs >= most_runs or self._peak_bytes > _MOST_BYTES or not self.is_alive()

    def simulate(self, request: Request) -> RunResult:
        """Make a run; a worker that does not survive it is a result too."""
        self._runs += 1
        begin = time.monotonic()
        with stoppable(self._process.pid):
            with suppress(OSError):  # it is dead, as the answer will tell
                self._connection.send_bytes(pack_request(request))
            timed_out = not self._connection.poll(request.timeout)
            if timed_out:
                kill_session(self._process.pid)
            answer = None if timed_out else self._receive()
        if answer is None:
            code, cpu_seconds = self._wait()
            finished = Finished(code, cpu_seconds, time.monotonic() - begin, timed_out)
            label = self._engine.label
            return judge(finished, request.folder, engine=label, timeout=request.timeout)
        if answer.result is None:
            raise EngineError(f"the worker process failed: {answer.problem}")
        return answer.result

    def kill(self) -> None:
        """Kill it; whoever waits for it sees it end."""
        with self._lock:
            # A fork of this process has a copy of this object, and no say.
            if self._process.returncode is None and os.getpid() == self._owner:
                kill_session(self._process.pid)

    def end(self) -> None:
        """Kill it, wait for it, and give its files back; again does nothing."""
        self.kill()
        if os.getpid() == self._owner:
            self._wait()
        self._close_files()

    def _receive(self, timeout: float | None = None) -> Answer | None:
        """Read an answer; None if the worker died, or said nothing in time."""
        try:
            if timeout is not None and not self._connection.poll(timeout):
                return None
            answer = unpack_answer(self._connection.recv_bytes())
        except (EOFError, OSError):
            return None
        self._cpu_seconds = answer.cpu_seconds
        self._peak_bytes = answer.peak_bytes
        return answer

    def _wait(self) -> tuple[int, float]:
        """Wait for its end; return its return code and CPU time since its last answer."""
        deadline = time.monotonic() + _END_SECONDS
        while self.is_alive():
            if time.monotonic() > deadline:
                self.kill()
            time.sleep(_LOOK_SECONDS)
        with self._lock:
            if self._process.returncode is not None:
                return self._process.returncode, 0.0
            _, status, usage = os.wait4(self._process.pid, 0)
            self._process.returncode = os.waitstatus_to_exitcode(status)
        return self._process.returncode, usage.ru_utime + usage.ru_stime - self._cpu_seconds

    def _close_files(self) -> None:
        self._connection.close()
        self._lifeline.close()
        self._said.close()


def _spawn(engine: Engine, connection: int, lifeline: int, output: int) -> subprocess.Popen[bytes]:
    """Start a worker process that finds the same packages as this one."""
    command = [sys.executable, "-P", "-m", "shoeroot.engine.worker"]
    paths = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
    return subprocess.Popen(
        [*command, str(engine.library), engine.label, str(connection), str(lifeline)],
        cwd="/",
        env={**os.environ, **ENVIRONMENT, **_ONE_THREAD, "PYTHONPATH": paths},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        pass_fds=(connection, lifeline),
        start_new_session=True,
    )


def _end_all(workers: set[_Worker]) -> None:
    for worker in list(workers):
        worker.end()


def _closed_error(engine: Engine) -> EngineError:
    return EngineError("the runner was closed", where=str(engine.path), hint="make a new one")
