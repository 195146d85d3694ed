"""A run to be made, and the making of it in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from shoeroot.engine.find import Engine
from shoeroot.engine.folders import INPUT, PRINTED, working_folder
from shoeroot.engine.judge import RunResult, judge, read_text
from shoeroot.engine.probe import library_command, loader_refusal
from shoeroot.engine.process import Finished, run_process, stop_processes
from shoeroot.errors import EngineError, ModelError

__all__ = [
    "ENVIRONMENT",
    "EngineModel",
    "Run",
    "engine_arguments",
    "execute",
    "run_model",
    "stop_runs",
]

_OUTPUT_PREFIX = "eplus"
# With these, memory that was freed stays with the process: no page faults at each step.
_TUNABLES = "glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=8589934592"
ENVIRONMENT = {"GLIBC_TUNABLES": _TUNABLES, "OMP_NUM_THREADS": "1"}
"""What the environment of an engine has besides what it inherits."""


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
    model = run.model
    with working_folder(model.epjson, model.files, run.folder, keep=run.keep) as folder:
        finished = _launch(engine, run, folder)
        lacking = loader_refusal(read_text(folder / PRINTED, folder))
        if finished.return_code and lacking:
            raise EngineError(f"the engine cannot run: {lacking}", where=str(engine.path))
        result = judge(finished, folder, engine=engine.label, timeout=run.timeout)
        return replace(result, folder=folder) if run.keep else result


def stop_runs() -> int:
    """Kill all runs of this process; return how many there were.

    For the main thread when it is interrupted while other threads make runs: those
    raise `EngineError`. Runs of the main thread are killed by the interrupt itself.
    """
    return stop_processes()


def engine_arguments(weather: Path, folder: Path) -> list[str]:
    """Return what the engine's command line gets for a run."""
    return ["-w", str(weather.absolute()), "-d", str(folder), str(folder / INPUT)]


def _check_name(name: str) -> None:
    path = PurePosixPath(name)
    plain = name and "\0" not in name and "\\" not in name and name == str(path)
    if not plain or path.is_absolute() or ".." in path.parts or name == ".":
        raise ModelError(
            f"the file name {name!r} leaves the working folder",
            hint="use a relative name without '..', such as 'schedules.csv'",
        )
    first = path.parts[0].lower()
    if first in {INPUT.lower(), PRINTED, "energy+.ini"} or first.startswith(_OUTPUT_PREFIX):
        raise ModelError(
            f"the file name {name!r} hides a file of the run itself", hint="choose another"
        )


def _launch(engine: Engine, run: Run, folder: Path) -> Finished:
    program = [str(engine.executable)]
    if engine.executable is None and engine.library:
        program = library_command("run", engine.library)
    try:
        with (folder / PRINTED).open("wb") as output:
            return run_process(
                [*program, *engine_arguments(Path(run.weather), folder)],
                folder=folder,
                environ={**os.environ, **ENVIRONMENT},
                timeout=run.timeout,
                output=output,
            )
    except OSError as error:
        raise EngineError(
            f"the engine cannot be started: {error.strerror or error}",
            where=str(engine.path),
            hint="it was there when it was found; was it moved or removed since?",
        ) from error
