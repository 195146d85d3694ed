"""Run one model through one engine and decide whether its numbers can be trusted."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from shoeroot.engine.eso import EsoData, SeriesKey, parse_eso
from shoeroot.engine.find import Engine, loader_refusal
from shoeroot.engine.messages import Message, parse_end, parse_messages
from shoeroot.engine.process import Finished, run_process, stop_processes
from shoeroot.errors import EngineError, ModelError

__all__ = [
    "HOURS",
    "MONTHS",
    "STATUSES",
    "EngineModel",
    "Run",
    "RunResult",
    "Status",
    "execute",
    "run_model",
    "stop_runs",
]

HOURS: Final = 8760
MONTHS: Final = 12

Status = Literal["ok", "invalid", "fatal", "severe", "crash", "timeout", "short"]
STATUSES: Final[tuple[Status, ...]] = (
    "ok",
    "invalid",
    "fatal",
    "severe",
    "crash",
    "timeout",
    "short",
)
"""How a run ended; ``"invalid"`` is for callers that refuse a model before it runs."""

_INPUT = "in.epJSON"
_PRINTED = "printed.txt"
_OUTPUT_PREFIX = "eplus"
_MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108
# A run needs a few MB; leave room for many at once and for everybody else.
_ROOM_BYTES = 512 * 2**20
# With these, memory that was freed stays with the process: no page faults at each step.
_TUNABLES = "glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=8589934592"
_TERMINATED = "EnergyPlus Terminated"
_ENVIRONMENT = {"GLIBC_TUNABLES": _TUNABLES, "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class EngineModel:
    """What the engine reads: a model, and the files that it names.

    Attributes
    ----------
    epjson : bytes
        The model. Only its ESO file is read: it should turn the other outputs off.
    files : mapping of str to bytes
        Further files by name relative to the working folder, such as
        ``{"schedules.csv": b"..."}``.

    Raises
    ------
    ModelError
        A name leaves the working folder or hides a file of the run itself.
    """

    epjson: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.files:
            _check_name(name)


@dataclass(frozen=True, slots=True)
class Run:
    """One run to be made.

    Attributes
    ----------
    model : EngineModel
        What to simulate.
    weather : Path
        EPW file.
    folder : Path or None
        Working folder, which must be new or empty; by default a fresh one in memory
        where there is room, else among the temporary files.
    timeout : float
        Longest wall time in seconds.
    keep : bool
        Whether the working folder stays after the run.
    """

    model: EngineModel
    weather: Path
    folder: Path | None = None
    timeout: float = 600.0
    keep: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class RunResult:
    """What came of a run.

    Attributes
    ----------
    status : str
        One of `STATUSES`; only with ``"ok"`` are there numbers.
    return_code : int
        Of the engine; minus the number of the signal if one ended it.
    cpu_seconds, wall_seconds : float
        CPU time of the engine; time from its start to its end.
    messages : tuple of Message
        What the engine said.
    hourly, monthly : dict of (key value, variable name) to array of float64
        8760 and 12 finite values, in the unit of the variable.
    units : dict of variable name to str
        Units as the engine writes them.
    engine : str
        Version and build of the engine.
    folder : Path or None
        The working folder if it was kept.
    """

    status: Status
    return_code: int
    cpu_seconds: float
    wall_seconds: float
    messages: tuple[Message, ...]
    hourly: dict[SeriesKey, NDArray[np.float64]]
    monthly: dict[SeriesKey, NDArray[np.float64]]
    units: dict[str, str]
    engine: str
    folder: Path | None = None


def run_model(
    engine: Engine,
    model: EngineModel,
    weather: Path,
    folder: Path | None = None,
    timeout: float = 600.0,
    *,
    keep: bool = False,
) -> RunResult:
    """Simulate a model; see `Run` for the arguments and `execute` for what is raised."""
    return execute(engine, Run(model, weather, folder, timeout, keep))


def execute(engine: Engine, run: Run) -> RunResult:
    """Make a run in a process of its own, in a working folder of its own.

    Safe to call from several threads at once. A simulation that fails is a result, not
    an error.

    Raises
    ------
    EngineError
        The engine has vanished or lacks a system library, the working folder cannot be
        written or is not empty, or `stop_runs` was called.
    """
    with _working_folder(run) as folder:
        finished = _launch(engine, run, folder)
        return _judge(engine, run, folder, finished)


def stop_runs() -> int:
    """Kill all runs of this process; return how many there were.

    For the main thread when it is interrupted while other threads make runs: those
    raise `EngineError`. Runs of the main thread are killed by the interrupt itself.
    """
    return stop_processes()


def _check_name(name: str) -> None:
    path = PurePosixPath(name)
    plain = name and "\0" not in name and "\\" not in name and name == str(path)
    if not plain or path.is_absolute() or ".." in path.parts or name == ".":
        raise ModelError(
            f"the file name {name!r} leaves the working folder",
            hint="use a relative name without '..', such as 'schedules.csv'",
        )
    first = path.parts[0].lower()
    if first in {_INPUT.lower(), _PRINTED, "energy+.ini"} or first.startswith(_OUTPUT_PREFIX):
        raise ModelError(
            f"the file name {name!r} hides a file of the run itself", hint="choose another"
        )


@contextmanager
def _working_folder(run: Run) -> Iterator[Path]:
    """Make the working folder and fill it; remove it whatever happens, unless kept."""
    folder = _make_folder(run.folder)
    try:
        try:
            (folder / _INPUT).write_bytes(run.model.epjson)
            for name, content in run.model.files.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        except OSError as error:
            raise _folder_error(folder, error) from error
        yield folder
    finally:
        if not run.keep:
            shutil.rmtree(folder, ignore_errors=True)


def _make_folder(wanted: Path | None) -> Path:
    try:
        if wanted is None:
            return Path(tempfile.mkdtemp(prefix="shoeroot-run-", dir=_roomy_folder()))
        wanted.mkdir(parents=True, exist_ok=True)
        occupied = any(wanted.iterdir())
    except OSError as error:
        raise _folder_error(wanted or Path(tempfile.gettempdir()), error) from error
    if occupied:
        raise EngineError(
            "the working folder is not empty", where=str(wanted), hint="each run needs a fresh one"
        )
    return wanted.absolute()


def _folder_error(folder: Path, error: OSError) -> EngineError:
    return EngineError(
        f"the working folder cannot be written: {error.strerror or error}", where=str(folder)
    )


def _roomy_folder() -> Path | None:
    """Return the folder in memory if it has room, else None for the usual one."""
    try:
        room = shutil.disk_usage(_MEMORY_FOLDER).free
    except OSError:
        return None
    usable = room >= _ROOM_BYTES and os.access(_MEMORY_FOLDER, os.W_OK | os.X_OK)
    return _MEMORY_FOLDER if usable else None


def _launch(engine: Engine, run: Run, folder: Path) -> Finished:
    weather = str(Path(run.weather).absolute())
    command = [str(engine.path), "-w", weather, "-d", str(folder), str(folder / _INPUT)]
    try:
        with (folder / _PRINTED).open("wb") as output:
            return run_process(
                command,
                folder=folder,
                environ={**os.environ, **_ENVIRONMENT},
                timeout=run.timeout,
                output=output,
            )
    except OSError as error:
        raise EngineError(
            f"the engine cannot be started: {error.strerror or error}",
            where=str(engine.path),
            hint="it was there when it was found; was it moved or removed since?",
        ) from error


def _judge(engine: Engine, run: Run, folder: Path, finished: Finished) -> RunResult:
    """Classify a run that has ended and read its numbers if they can be trusted."""
    errors = _read_text(folder / "eplusout.err", folder)
    messages = parse_messages(errors)
    completed = parse_end(_read_text(folder / "eplusout.end", folder))
    status = _status(finished, messages, terminated=_TERMINATED in errors, completed=completed)
    series = EsoData({}, {})
    if status == "ok":
        series, doubt = _read_series(folder / "eplusout.eso")
        if doubt:
            status = "short"
            messages = (*messages, Message("severe", doubt))
            series = EsoData({}, {})
    elif status == "timeout":
        late = f"the engine was killed because it took longer than {run.timeout:g} s"
        messages = (*messages, Message("fatal", late))
    elif not any(message.severity in {"severe", "fatal"} for message in messages):
        messages = (*messages, _last_words(engine, status, finished, folder))
    return RunResult(
        status=status,
        return_code=finished.return_code,
        cpu_seconds=finished.cpu_seconds,
        wall_seconds=finished.wall_seconds,
        messages=messages,
        hourly=series.hourly,
        monthly=series.monthly,
        units=series.units,
        engine=engine.label,
        folder=folder if run.keep else None,
    )


def _status(
    finished: Finished, messages: tuple[Message, ...], *, terminated: bool, completed: bool
) -> Status:
    """Classify by everything but the numbers; ``"ok"`` means that these may be read."""
    severities = {message.severity for message in messages}
    if finished.timed_out:
        return "timeout"
    # A shell that started the engine reports the signal that ended it as 128 and more.
    if finished.return_code < 0 or finished.return_code > 128:
        return "crash"
    if finished.return_code > 0 or terminated or "fatal" in severities:
        return "fatal"
    if "severe" in severities:
        return "severe"
    return "ok" if completed else "crash"


def _last_words(engine: Engine, status: Status, finished: Finished, folder: Path) -> Message:
    """Make a message for a run that gave no reason, from the last lines it printed."""
    printed = _read_text(folder / _PRINTED, folder)
    lacking = loader_refusal(printed)
    if lacking:
        raise EngineError(f"the engine cannot run: {lacking}", where=str(engine.path))
    reason = f"the engine ended without a reason: {status}, return code {finished.return_code}"
    lines = [line for line in printed.splitlines() if line.strip()]
    return Message("fatal", "\n".join([reason, *lines[-3:]]))


def _read_series(path: Path) -> tuple[EsoData, str]:
    """Read the ESO file; return its series and why they cannot be trusted, else empty."""
    try:
        data = parse_eso(path.read_bytes())
    except OSError as error:
        return EsoData({}, {}), f"the ESO file cannot be read: {error.strerror or error}"
    except EngineError as error:
        return EsoData({}, {}), error.problem
    if not data.complete:
        return data, f"the ESO file is not complete: {data.problem}"
    return data, _doubt(data)


def _doubt(data: EsoData) -> str:
    """Say which series is not a whole finite year, else empty."""
    if not data.hourly and not data.monthly:
        return "the ESO file holds no hourly and no monthly series"
    for series, length in ((data.hourly, HOURS), (data.monthly, MONTHS)):
        for key, values in series.items():
            if len(values) != length:
                return f"{', '.join(key)} has {len(values)} values instead of {length}"
            if not np.isfinite(values).all():
                return f"{', '.join(key)} has values that are not finite"
    return ""


def _read_text(path: Path, folder: Path) -> str:
    """Read a file of the run; empty if there is none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The folder has a random name: without it the same failure reads the same again.
    return text.replace(f"{folder}/", "")
