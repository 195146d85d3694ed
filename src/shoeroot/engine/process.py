"""Run one command in its own session, bounded in time, and measure the CPU time it takes."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from resource import struct_rusage
from typing import IO

from shoeroot.errors import EngineError

__all__ = ["Finished", "kill_session", "run_process", "stop_processes", "stoppable"]

# How long a look at a running child is put off: its end is seen this late at most.
_INTERVAL_SECONDS = 0.005

_lock = threading.Lock()
_running: set[int] = set()  # ids of children that have not been waited for
_stopped: set[int] = set()  # those that `stop_processes` has killed


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended.

    Attributes
    ----------
    return_code : int
        As `subprocess` has it: minus the number of the signal that ended the command.
    cpu_seconds : float
        User and system time of the command and the children it waited for.
    wall_seconds : float
        Time from start to end.
    timed_out : bool
        Whether it was killed for taking too long.
    """

    return_code: int
    cpu_seconds: float
    wall_seconds: float
    timed_out: bool


def run_process(
    command: Sequence[str],
    *,
    folder: Path,
    environ: Mapping[str, str],
    timeout: float,
    output: IO[bytes],
) -> Finished:
    """Run a command to its end, without input, its standard output and error into `output`.

    Safe to call from several threads at once. Whatever ends the wait early (the timeout,
    an interrupt) kills the command and all that it started.

    Parameters
    ----------
    command : sequence of str
        Program and arguments; no shell is involved.
    folder : Path
        Working folder.
    environ : mapping of str to str
        The whole environment of the command.
    timeout : float
        Longest wall time in seconds.
    output : binary file
        A real file, so that a talkative command never blocks.

    Raises
    ------
    OSError
        The command could not be started.
    EngineError
        `stop_processes` was called meanwhile.
    """
    begin = time.monotonic()
    with _lock:
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        _running.add(process.pid)
    with stoppable(process.pid):
        try:
            status, usage, timed_out = _wait(process.pid, begin + timeout)
        except BaseException:
            kill_session(process.pid)
            with suppress(ChildProcessError):
                os.waitpid(process.pid, 0)
            process.returncode = -signal.SIGKILL
            raise
        # Popen must know that its child is gone, or it would wait for a stranger's id.
        process.returncode = os.waitstatus_to_exitcode(status)
    return Finished(
        return_code=process.returncode,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        wall_seconds=time.monotonic() - begin,
        timed_out=timed_out,
    )


@contextmanager
def stoppable(identifier: int) -> Iterator[None]:
    """Let `stop_processes` kill a child, which leads a session, in the meantime.

    The child must not be waited for inside, unless it is done as `run_process` does it.

    Raises
    ------
    EngineError
        `stop_processes` was called.
    """
    with _lock:
        _running.add(identifier)
    try:
        yield
    finally:
        with _lock:
            _running.discard(identifier)
            stopped = identifier in _stopped
            _stopped.discard(identifier)
    if stopped:
        raise EngineError("the run was stopped", hint="run it again")


def stop_processes() -> int:
    """Kill every command that `run_process` is waiting for; return how many there were.

    The calls that wait for them raise `EngineError`. Meant for the main thread when it is
    interrupted while other threads run commands.
    """
    with _lock:
        for identifier in _running:
            kill_session(identifier)
        _stopped.update(_running)
        return len(_running)


def _wait(identifier: int, deadline: float) -> tuple[int, struct_rusage, bool]:
    """Wait for a child; kill it at the deadline. Return status, usage, and whether killed."""
    timed_out = False
    while True:
        # Under the lock, so that nobody signals an id after it was given back.
        with _lock:
            done, status, usage = os.wait4(identifier, os.WNOHANG)
            if done:
                _running.discard(identifier)
                return status, usage, timed_out
        remaining = deadline - time.monotonic()
        if remaining <= 0 and not timed_out:
            kill_session(identifier)
            timed_out = True
        time.sleep(_INTERVAL_SECONDS)


def kill_session(identifier: int) -> None:
    """Kill a child that leads a session, and all that belongs to it."""
    # Its group has its id and holds its children. It must not have been waited for.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(identifier, signal.SIGKILL)
