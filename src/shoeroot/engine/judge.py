"""Decide from what a run left behind whether its numbers can be trusted, and read them."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from shoeroot.engine.eso import EsoData, SeriesKey, parse_eso
from shoeroot.engine.folders import PRINTED
from shoeroot.engine.messages import Message, parse_end, parse_messages
from shoeroot.engine.process import Finished
from shoeroot.errors import EngineError

__all__ = [
    "HOURS",
    "MONTHS",
    "SIGNALS_FROM_OUTSIDE",
    "STATUSES",
    "RunResult",
    "Status",
    "judge",
    "read_text",
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

_TERMINATED = "EnergyPlus Terminated"
SIGNALS_FROM_OUTSIDE = frozenset(
    {signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT}
)
"""Those that come from somebody, and not from what a model makes the engine do."""


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

    @property
    def was_killed(self) -> bool:
        """Whether somebody killed the engine (a user, the system that was out of memory).

        Such a run says nothing about its model and deserves another attempt.
        """
        return self.status == "crash" and -self.return_code in SIGNALS_FROM_OUTSIDE


def judge(finished: Finished, folder: Path, *, engine: str, timeout: float) -> RunResult:
    """Classify a run that has ended and read its numbers if they can be trusted.

    Parameters
    ----------
    finished : Finished
        How the engine ended.
    folder : Path
        Its working folder.
    engine : str
        Version and build.
    timeout : float
        The limit that it was given, in seconds.
    """
    errors = read_text(folder / "eplusout.err", folder)
    messages = parse_messages(errors)
    completed = parse_end(read_text(folder / "eplusout.end", folder))
    status = _status(finished, messages, terminated=_TERMINATED in errors, completed=completed)
    series = EsoData({}, {})
    if status == "ok":
        series, doubt = _read_series(folder / "eplusout.eso")
        if doubt:
            status = "short"
            messages = (*messages, Message("severe", doubt))
            series = EsoData({}, {})
    elif status == "timeout":
        late = f"the engine was killed because it took longer than {timeout:g} s"
        messages = (*messages, Message("fatal", late))
    elif status == "crash" and -finished.return_code in SIGNALS_FROM_OUTSIDE:
        killed = f"the engine was killed by signal {-finished.return_code}, not by its model"
        messages = (*messages, Message("fatal", f"{killed}; return code {finished.return_code}"))
    elif not any(message.severity in {"severe", "fatal"} for message in messages):
        messages = (*messages, _last_words(status, finished, folder))
    return RunResult(
        status=status,
        return_code=finished.return_code,
        cpu_seconds=finished.cpu_seconds,
        wall_seconds=finished.wall_seconds,
        messages=messages,
        hourly=series.hourly,
        monthly=series.monthly,
        units=series.units,
        engine=engine,
    )


def read_text(path: Path, folder: Path) -> str:
    """Read a file of the run; empty if there is none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The folder has a random name: without it the same failure reads the same again.
    return text.replace(f"{folder}/", "")


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


def _last_words(status: Status, finished: Finished, folder: Path) -> Message:
    """Make a message for a run that gave no reason, from the last lines it printed."""
    printed = read_text(folder / PRINTED, folder)
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
