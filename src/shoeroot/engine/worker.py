"""What a worker process does: load the engine's library, then make one run after another.

It is started by `shoeroot.engine.pool`, which writes to it and reads from it. It has one
thread, since the engine's results differ when it runs in several.
"""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import sys
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from shoeroot.engine.folders import PRINTED
from shoeroot.engine.judge import RunResult, judge
from shoeroot.engine.library import Library
from shoeroot.engine.process import Finished
from shoeroot.engine.run import engine_arguments
from shoeroot.engine.wire import Answer, Request, pack_answer, unpack_request

__all__ = ["main"]

_F_SETSIG = getattr(fcntl, "F_SETSIG", 10)  # named since Python 3.13
# How often an idle worker looks whether its parent is still the same.
_LOOK_SECONDS = 5.0


def main(path: str, label: str, connection_fd: int, lifeline_fd: int) -> None:
    """Answer requests until the parent hangs up.

    Parameters
    ----------
    path : str
        The engine's library.
    label : str
        Version and build that it must have.
    connection_fd, lifeline_fd : int
        File descriptors: of the socket to the parent, and of the end of a pipe whose
        other end the parent holds as long as it lives.
    """
    _die_with(lifeline_fd)
    parent = os.getppid()
    with Connection(connection_fd) as connection:
        try:
            library = Library(path)
        except OSError as error:
            connection.send_bytes(_pack(problem=str(error)))
            return
        wrong = "" if label in library.version else f"it is {library.version}, not {label}"
        connection.send_bytes(_pack(problem=wrong))
        while True:
            while not connection.poll(_LOOK_SECONDS):
                if os.getppid() != parent:
                    return
            try:
                request = unpack_request(connection.recv_bytes())
            except EOFError:
                return
            try:
                answer = _pack(_simulate(library, label, request))
            except OSError as error:
                answer = _pack(problem=f"{error.strerror}: {error.filename}")
            connection.send_bytes(answer)


def _die_with(lifeline_fd: int) -> None:
    """Let the kernel kill this process when the other end of a pipe is closed.

    The engine may be in the middle of a run then, where nothing else would look. The
    signal that a process can ask for when its parent dies would come when the parent's
    thread ends that started it, which is too early.
    """
    fcntl.fcntl(lifeline_fd, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline_fd, _F_SETSIG, signal.SIGKILL)
    flags = fcntl.fcntl(lifeline_fd, fcntl.F_GETFL)
    fcntl.fcntl(lifeline_fd, fcntl.F_SETFL, flags | os.O_ASYNC | os.O_NONBLOCK)
    try:
        if not os.read(lifeline_fd, 1):  # it was closed before the kernel knew
            os._exit(1)
    except BlockingIOError:
        pass


def _simulate(library: Library, label: str, request: Request) -> RunResult:
    finished = _call(library, request)
    return judge(finished, request.folder, engine=label, timeout=request.timeout)


def _call(library: Library, request: Request) -> Finished:
    """Run the engine in the folder, with what it prints in a file there."""
    before = os.dup(1)
    output = os.open(request.folder / PRINTED, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(request.folder)
        begin, cpu_begin = time.monotonic(), _cpu_seconds()
        code = library.run(engine_arguments(request.weather, request.folder))
        cpu_seconds, wall_seconds = _cpu_seconds() - cpu_begin, time.monotonic() - begin
    finally:
        os.chdir("/")
        os.dup2(before, 1)
        os.dup2(before, 2)
        os.close(output)
        os.close(before)
    return Finished(code, cpu_seconds, wall_seconds, timed_out=False)


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _pack(result: RunResult | None = None, problem: str = "") -> bytes:
    return pack_answer(Answer(result, problem, _cpu_seconds(), _peak_bytes()))


def _peak_bytes() -> int:
    """Most memory that this process ever had [bytes]."""
    # On Linux, ru_maxrss begins with what the parent had, which may be a large notebook.
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
