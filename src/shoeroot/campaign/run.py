"""Simulate a batch of designs: many engines at once, events in the order of the designs."""

from __future__ import annotations

import itertools
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from shoeroot.building import TemplateLibrary, build_model, check_model
from shoeroot.campaign.config import CampaignConfig
from shoeroot.campaign.prepare import Preparation, default_weather, prepare
from shoeroot.campaign.results import Job, failed_event, finished_event
from shoeroot.design import FloatArray, Schema, write_designs
from shoeroot.engine import Engine, EngineModel, find_engine, run_model, stop_runs
from shoeroot.errors import CampaignError, CampaignExistsError, DesignError, ModelError
from shoeroot.events import Events, EventWriter, open_events
from shoeroot.progress import progress
from shoeroot.records import Message, Simulation

__all__ = ["Campaign", "refuse_existing", "run_campaign"]

#: Simulations that wait or run ahead of the one that is written next, per worker.
AHEAD = 4
#: How often a campaign looks whether it has been interrupted [s].
POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign folder and how its simulations ended.

    `statuses` counts events by status; `interrupted` tells that the user
    stopped it, in which case the events of the finished simulations are there.
    """

    folder: Path
    statuses: dict[str, int] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def events_folder(self) -> Path:
        """Where the event files lie."""
        return self.folder / "events"

    def open(self) -> Events:
        """Open the events."""
        return open_events(self.folder)


def run_campaign(
    designs: FloatArray,
    folder: str | Path,
    *,
    schema: Schema | None = None,
    weather: Sequence[str | Path] | None = None,
    templates: str | Path = "",
    engine: Engine | str | Path | None = None,
    timesteps_per_hour: int = 4,
    timeout: float = 600.0,
    check_models: bool = True,
    workers: int | None = None,
    library: TemplateLibrary | None = None,
    show_progress: bool = True,
) -> Campaign:
    """Simulate a year of each design and write the events.

    Parameters
    ----------
    designs : (n_designs, 90) float64
        Storage vectors of `schema`.
    folder : path
        The campaign folder to make.
    schema : Schema, optional
    weather : sequence of paths or names, optional
        The catalogue that `base_epw` points into; by default the files that
        come with the engine, in the order of their names.
    templates : path, optional
        A UMI template library instead of the one that ships with shoeroot.
    engine : Engine or path, optional
        By default it is searched for.
    timesteps_per_hour : int
    timeout : float
        Longest time for one simulation [s].
    check_models : bool
        Whether models are checked before they run.
    workers : int, optional
        Simulations at once; by default one for each processor.
    library : TemplateLibrary, optional
        The library in `templates` where it has been read already.
    show_progress : bool

    Returns
    -------
    Campaign

    Raises
    ------
    CampaignExistsError
        There is something at `folder`.
    EngineNotFoundError, WeatherError, TemplateError, DesignError, ConfigError
        Something is missing or wrong; nothing has been written.
    """
    schema = schema or Schema()
    target = Path(folder)
    refuse_existing(target)
    if len(designs) == 0:
        raise DesignError("there are no designs to simulate", hint="give at least one row")
    if not isinstance(engine, Engine):
        engine = find_engine(engine)
    config = CampaignConfig.from_values(
        {
            "weather": [_lasting(one) for one in weather or default_weather(engine)],
            "templates": str(Path(templates).absolute()) if templates else "",
            "engine": str(engine.executable) if engine.way == "argument" else "",
            "timesteps_per_hour": timesteps_per_hour,
            "timeout": timeout,
            "check_models": check_models,
        },
        where="run_campaign",
    )
    preparation = prepare(schema, designs, config, engine=engine, library=library)
    _make_folder(target, config, schema, designs)
    return _simulate(target, schema, designs, config, preparation, workers, show_progress)


def refuse_existing(target: Path) -> None:
    """Refuse to write where there is something.

    Raises
    ------
    CampaignExistsError
    """
    if target.exists() or target.is_symlink():
        raise CampaignExistsError(
            "the campaign folder exists already",
            where=str(target.absolute()),
            hint="give another folder, or remove this one if you do not need it",
        )


def _make_folder(target: Path, config: CampaignConfig, schema: Schema, designs: FloatArray) -> None:
    try:
        target.mkdir(parents=True)
        config.write(target)
        write_designs(target / "designs.root", schema, designs)
    except OSError as error:
        raise CampaignError(
            f"the campaign folder cannot be made: {error.strerror or error}",
            where=str(target.absolute()),
            hint="give a folder on a disk with room that you may write to",
        ) from error


def _lasting(weather: str | Path) -> str:
    """Write a file as an absolute path, so that the settings hold wherever they are read."""
    return str(Path(weather).absolute()) if Path(weather).is_file() else str(weather)


def _simulate(
    target: Path,
    schema: Schema,
    designs: FloatArray,
    config: CampaignConfig,
    preparation: Preparation,
    workers: int | None,
    show_progress: bool,
) -> Campaign:
    statuses: Counter[str] = Counter()
    writer = EventWriter(
        target / "events",
        Simulation,
        metadata={
            "engine": preparation.engine.label,
            "templates_sha256": preparation.library.sha256,
            "timesteps_per_hour": str(config.timesteps_per_hour),
        },
        expected_events=len(designs),
    )
    maker = _EventMaker(schema, designs, config, preparation)
    count = len(designs)
    with (
        _interrupt_as_flag() as interrupted,
        writer,
        progress("Simulating", count, show=show_progress) as advance,
    ):
        for event in _in_order(maker, workers or os.cpu_count() or 1, interrupted):
            writer.write([event])
            statuses[event.status] += 1
            advance(1)
    return Campaign(target, dict(statuses), interrupted.is_set())


@contextmanager
def _interrupt_as_flag() -> Iterator[threading.Event]:
    """Turn the first Ctrl-C into a flag, so that it never strikes in the middle of a write."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked  # only the main thread gets signals
        return

    def ask(*_: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


def _in_order(
    maker: _EventMaker, workers: int, interrupted: threading.Event
) -> Iterator[Simulation]:
    """Make all events, several at once; yield them in the order of the designs.

    When it is interrupted it kills the runs that have not ended and yields the rest.
    """
    waiting: deque[Future[Simulation]] = deque()
    numbers = iter(range(len(maker.designs)))
    with ThreadPoolExecutor(workers, thread_name_prefix="simulation") as pool:
        try:
            while not interrupted.is_set():
                for number in itertools.islice(numbers, AHEAD * workers - len(waiting)):
                    waiting.append(pool.submit(maker.make, number))
                if not waiting:
                    return
                if wait([waiting[0]], timeout=POLL_SECONDS).done:
                    yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            stop_runs()
    for future in waiting:
        # A run that was killed ends in an error, which has nothing to tell.
        if not future.cancelled() and future.exception() is None:
            yield future.result()


@dataclass(frozen=True, slots=True, eq=False)
class _EventMaker:
    """Makes the event of a design: build, check, run, tell. A failure is an event too."""

    schema: Schema
    designs: FloatArray
    config: CampaignConfig
    preparation: Preparation

    def make(self, number: int) -> Simulation:
        vector = self.designs[number]
        template = self.preparation.templates[number]
        weather = self.preparation.weathers[number]
        engine = self.preparation.engine
        steps = self.config.timesteps_per_hour
        job = Job(number, vector, template.name, weather.name, weather.sha256, engine.label, steps)
        try:
            model = build_model(
                self.schema,
                vector,
                template,
                weather,
                timesteps_per_hour=self.config.timesteps_per_hour,
            )
        except (ModelError, DesignError) as error:
            return failed_event(self.schema, job, "invalid", [Message("severe", str(error), 1)])
        rules = self.preparation.input_schema
        findings = check_model(model, rules) if self.config.check_models else []
        if findings:
            messages = [Message("severe", str(finding), 1) for finding in findings]
            return failed_event(self.schema, job, "invalid", messages, model=model)
        result = run_model(
            engine,
            EngineModel(model.text, model.files),
            weather.path,
            timeout=self.config.timeout,
        )
        return finished_event(self.schema, job, model, result)
