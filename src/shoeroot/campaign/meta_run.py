"""Simulate META files: each a year or the assessments that it asks for, each one event."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from shoeroot.building import (
    InputSchema,
    Weather,
    find_weather,
    read_input_schema,
    read_weather,
    weather_folders,
)
from shoeroot.campaign.interrupt import interrupt_as_flag
from shoeroot.campaign.meta_events import MetaJob, check_hours, event_of, hours_of, refused_event
from shoeroot.campaign.run import refuse_existing
from shoeroot.campaign.work import Runs
from shoeroot.engine import (
    HOURS,
    STATUSES,
    Engine,
    EngineModel,
    Run,
    RunResult,
    find_engine,
    make_runner,
    parse_eso,
)
from shoeroot.engine import Message as EngineMessage
from shoeroot.errors import CampaignError, EngineError, MetaError
from shoeroot.events import Events, EventWriter, open_events
from shoeroot.meta import ConstructionSet, Converted, LossReport, convert, read
from shoeroot.progress import progress
from shoeroot.records import Message, Simulation

__all__ = ["MetaRun", "meta_files", "simulate_meta"]

_TIMEOUT = 600.0
_SUFFIX = ".meta"


@dataclass(frozen=True, slots=True)
class MetaRun:
    """What came of META files.

    Attributes
    ----------
    folder : Path
        With ``events`` in it, and ``losses`` with a text for each model that lost something.
    statuses : dict of str to int
        Events by status.
    losses : dict of str to LossReport
        By name of the file.
    waiting : int
        Files that were not simulated, because the user stopped it.
    """

    folder: Path
    statuses: dict[str, int] = field(default_factory=dict)
    losses: dict[str, LossReport] = field(default_factory=dict)
    waiting: int = 0

    @property
    def failed(self) -> int:
        """How many models failed."""
        return sum(count for status, count in self.statuses.items() if status != "ok")

    def open(self) -> Events:
        """Open the events."""
        return open_events(self.folder)


@dataclass(frozen=True, slots=True, eq=False)
class _Settings:
    """What is the same for all files."""

    weather: Weather
    engine: Engine
    input_schema: InputSchema | None
    constructions: ConstructionSet | None
    databases: str | Path | None
    assume_control: bool
    tolerant: bool
    timeout: float


def meta_files(paths: Sequence[str | Path]) -> list[Path]:
    """List META files: those that are named, and those in folders that are named.

    Raises
    ------
    CampaignError
        A path is not there, or a folder has no ``*.meta``.
    """
    found: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(one for one in path.iterdir() if one.suffix.lower() == _SUFFIX)
            if not inside:
                raise CampaignError(f"the folder has no *{_SUFFIX}", where=str(path))
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise CampaignError("there is no such file or folder", where=str(path))
    return found


def simulate_meta(
    paths: str | Path | Sequence[str | Path],
    folder: str | Path,
    *,
    weather: str | Path,
    engine: Engine | str | Path | None = None,
    constructions: ConstructionSet | None = None,
    databases: str | Path | None = None,
    assume_control: bool = False,
    tolerant: bool = False,
    workers: int | None = None,
    timeout: float = _TIMEOUT,
    show_progress: bool = True,
) -> MetaRun:
    """Simulate META files in EnergyPlus and write an event of each.

    A file that cannot be read, converted or run is an event, too: its status and messages say
    why. Hours that ``*assessments`` does not ask for have no load and no temperature (0 and NaN).

    Parameters
    ----------
    paths : path or sequence of paths
        Files, and folders of ``*.meta``. Their places are the `event_id` of their events.
    folder : path
        The folder to make.
    weather : path or name
        An EPW file, or the name of one that comes with the engine.
    engine : Engine or path, optional
        By default it is searched for.
    constructions, databases, assume_control
        See `shoeroot.meta.to_epjson`.
    tolerant : bool
        Mend the faults of scanned texts.
    workers : int, optional
        Simulations at once; by default one for each processor.
    timeout : float
        Longest time for one simulation [s].
    show_progress : bool

    Raises
    ------
    CampaignExistsError
        There is something at `folder`.
    CampaignError, EngineNotFoundError, WeatherError
        Something is missing; nothing has been written.
    """
    files = meta_files([paths] if isinstance(paths, str | Path) else paths)
    target = Path(folder)
    refuse_existing(target)
    if not isinstance(engine, Engine):
        engine = find_engine(engine)
    epw = find_weather(weather, weather_folders(engine.weather_folder))
    settings = _Settings(
        weather=read_weather(epw),
        engine=engine,
        input_schema=None if engine.schema is None else read_input_schema(engine.schema),
        constructions=constructions,
        databases=databases,
        assume_control=assume_control,
        tolerant=tolerant,
        timeout=timeout,
    )
    slots = min(workers or os.cpu_count() or 1, len(files))
    statuses: Counter[str] = Counter()
    losses: dict[str, LossReport] = {}
    metadata = {"engine": engine.label, "source": "ESP-r META files"}
    with (
        interrupt_as_flag() as asked,
        make_runner(engine, slots) as runner,
        ThreadPoolExecutor(slots) as pool,
        EventWriter(
            target / "events", Simulation, metadata=metadata, expected_events=len(files)
        ) as writer,
        progress("Simulating", len(files), show=show_progress) as advance,
    ):
        for path, (event, report) in _in_order(pool, files, settings, runner):
            writer.write([event])
            statuses[event.status] += 1
            if report:
                losses[path.name] = report
                _write_losses(target, event, path, report)
            advance(1)
            if asked.is_set():
                pool.shutdown(wait=False, cancel_futures=True)
                break
    order: dict[str, int] = {one: statuses[one] for one in STATUSES if statuses[one]}
    return MetaRun(target, order, losses, len(files) - sum(order.values()))


Outcome = tuple[Simulation, LossReport]


def _in_order(
    pool: ThreadPoolExecutor, files: list[Path], settings: _Settings, runner: Runs
) -> Iterator[tuple[Path, Outcome]]:
    waiting: list[Future[Outcome]] = [
        pool.submit(_simulate, number, path, settings, runner) for number, path in enumerate(files)
    ]
    waiting.reverse()
    for path in files:
        # What has been written needs no memory.
        yield path, waiting.pop().result()


def _write_losses(target: Path, event: Simulation, path: Path, report: LossReport) -> None:
    folder = target / "losses"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{event.event_id:04d} {path.stem}.txt").write_text(f"{report}\n", encoding="utf-8")


def _simulate(number: int, path: Path, settings: _Settings, runner: Runs) -> Outcome:
    """Read, convert, check, run, tell; a failure is an event."""
    weather = settings.weather
    job = MetaJob(number, path.name, _hash(path), weather, settings.engine.label)
    try:
        model = read(path, tolerant=settings.tolerant)
        made = convert(
            model,
            weather=weather,
            constructions=settings.constructions,
            databases=settings.databases,
            assume_control=settings.assume_control,
        )
    except MetaError as error:
        return refused_event(job, [Message("severe", str(error), 1)]), LossReport()
    refused = [
        Message("severe", f"{one.field} of {one.kind} {one.name!r} {one.problem}", 1)
        for one in (settings.input_schema.refusals(made.epjson) if settings.input_schema else ())
    ]
    if refused:
        return refused_event(job, refused), made.losses
    return event_of(job, made, _run(made, settings, runner)), made.losses


def _hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _run(made: Converted, settings: _Settings, runner: Runs) -> RunResult:
    """Make the run; one of a part of the year is short, which it should be."""
    whole = int(hours_of(made.periods).sum()) == HOURS
    model = EngineModel(json.dumps(made.epjson).encode())
    run = Run(model, settings.weather.path, timeout=settings.timeout, keep=not whole)
    result = runner.run(run)
    if whole or result.folder is None:
        return result
    try:
        return _of_part(made, result, result.folder) if result.status == "short" else result
    finally:
        shutil.rmtree(result.folder, ignore_errors=True)


def _of_part(made: Converted, result: RunResult, folder: Path) -> RunResult:
    try:
        series = parse_eso((folder / "eplusout.eso").read_bytes())
        if not series.complete:
            return result
        # The last message says that it is no whole year.
        found = replace(
            result,
            status="ok",
            messages=(*result.messages[:-1], _told(made)),
            hourly=series.hourly,
            monthly={},
        )
        check_hours(made, found)
    except (OSError, EngineError):
        return result
    return found


def _told(made: Converted) -> EngineMessage:
    names = ", ".join(f"{one.name} ({one.days} days)" for one in made.periods)
    return EngineMessage("warning", f"only what *assessments asks for was simulated: {names}")
