"""Run campaigns: begin one from designs, go on with one that is there, run failures again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shoeroot.building import TemplateLibrary
from shoeroot.campaign.config import FILE_NAME, CampaignConfig
from shoeroot.campaign.design_files import DESIGN_FILES, designs_path, same_designs
from shoeroot.campaign.executors import Executor
from shoeroot.campaign.journal import JOURNAL_NAME, RUNNING, WAITING, Journal
from shoeroot.campaign.limits import Limits
from shoeroot.campaign.lock import locked
from shoeroot.campaign.prepare import Preparation, default_weather, prepare
from shoeroot.campaign.session import SessionOptions, check_unchanged, work_on
from shoeroot.campaign.site_settings import lasting_sites
from shoeroot.campaign.status import CampaignStatus, FailureGroup, campaign_status, failure_groups
from shoeroot.design import DesignRows, FloatArray, Schema, write_designs
from shoeroot.engine import STATUSES, Engine, find_engine
from shoeroot.errors import (
    CampaignError,
    CampaignExistsError,
    ConfigError,
    DesignError,
    nearest,
)
from shoeroot.events import Events, open_events

__all__ = ["Campaign", "open_campaign", "refuse_existing", "resume_campaign", "run_campaign"]


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign folder and how its simulations ended.

    Attributes
    ----------
    folder : Path
    statuses : dict of str to int
        Events by status.
    stopped : str
        Why the last session ended before all was simulated; empty where nothing waits.
    waiting : int
        Simulations that have no event yet.
    """

    folder: Path
    statuses: dict[str, int] = field(default_factory=dict)
    stopped: str = ""
    waiting: int = 0

    @property
    def interrupted(self) -> bool:
        """Whether the user stopped it; the events of the finished simulations are there."""
        return self.stopped == "interrupted"

    @property
    def failed(self) -> int:
        """How many simulations failed."""
        return sum(count for status, count in self.statuses.items() if status != "ok")

    @property
    def events_folder(self) -> Path:
        """Where the event files lie."""
        return self.folder / "events"

    def open(self) -> Events:
        """Open the events."""
        return open_events(self.folder)

    def status(self) -> CampaignStatus:
        """Say how far it is, now."""
        return campaign_status(self.folder)

    def failures(self) -> list[FailureGroup]:
        """Group its failures by cause, the most frequent first."""
        return failure_groups(self.folder)

    def resume(self, **options: Any) -> Campaign:
        """Go on where it stopped; see `resume_campaign`."""
        return resume_campaign(self.folder, **options)

    def retry(self, only: Sequence[str], **options: Any) -> Campaign:
        """Run failed simulations again, such as ``["timeout", "crash"]``, and what waits."""
        return resume_campaign(self.folder, retry=only, **options)


def run_campaign(
    designs: FloatArray,
    folder: str | Path,
    *,
    schema: Schema | None = None,
    weather: Sequence[str | Path] | None = None,
    templates: str | Path | None = None,
    engine: Engine | str | Path | None = None,
    timesteps_per_hour: int | None = None,
    fidelity: Sequence[Mapping[str, float]] | None = None,
    timeout: float | None = None,
    check_models: bool | None = None,
    make: Sequence[str] | None = None,
    cache: str | Path | None = None,
    sites: str | Path | Mapping[str, Any] | None = None,
    workers: int | None = None,
    limit: int | None = None,
    budget: str | float | None = None,
    max_failures: str | int | None = None,
    amend: bool = False,
    executor: Executor | None = None,
    library: TemplateLibrary | None = None,
    show_progress: bool = True,
) -> Campaign:
    """Simulate a year of each design and write the events.

    A campaign that was stopped goes on: the same call continues it, and simulates nothing where
    all has been simulated.

    Parameters
    ----------
    designs : (n_designs, 90) float64
        Storage vectors of `schema`. Their row numbers are the `event_id` of their events.
    folder : path
        The campaign folder to make, or to continue.
    schema : Schema, optional
    weather : sequence of paths or names, optional
        The catalogue that `base_epw` points into; by default the files that
        come with the engine, in the order of their names.
    templates : path, optional
        A UMI template library instead of the one that ships with shoeroot.
    engine : Engine or path, optional
        By default it is searched for.
    timesteps_per_hour : int, optional
        By default 4.
    fidelity : sequence of mappings, optional
        Several levels, such as ``[{"steps": 2}, {"steps": 6, "share": 0.1}]``: all designs are
        run at the first, a random share of them again at the others, whose events are the dataset
        ``fidelity/<steps>`` in the folder; see `fidelity_report`.
    timeout : float, optional
        Longest time for one simulation [s], by default 600.
    check_models : bool, optional
        Whether models are checked before they run, by default true.
    make : sequence of str, optional
        TreeMakers whose mini-trees are made, too.
    cache : path, optional
        A folder in which campaigns share the results of identical models.
    sites : path or mapping, optional
        The sites that the designs stand for, for `aggregate_to_sites`: a folder, or settings
        with its ``path``.
    workers : int, optional
        Simulations at once; by default one for each processor.
    limit, budget, max_failures, amend, executor, show_progress
        See `resume_campaign`.
    library : TemplateLibrary, optional
        The library in `templates` where it has been read already.

    Returns
    -------
    Campaign

    Raises
    ------
    CampaignExistsError
        There is something else than a campaign at `folder`.
    CampaignError
        The campaign there has other designs or settings; another process works on it.
    EngineNotFoundError, WeatherError, TemplateError, DesignError, ConfigError
        Something is missing or wrong; nothing has been written.
    """
    schema = schema or Schema()
    target = Path(folder)
    there = (target / FILE_NAME).is_file()
    if not there and not _is_beginning(target):
        refuse_existing(target)
    if len(designs) == 0:
        raise DesignError("there are no designs to simulate", hint="give at least one row")
    if engine is not None and not isinstance(engine, Engine):
        engine = find_engine(engine)
    given: dict[str, Any] = {
        "weather": None if weather is None else [_lasting(one) for one in weather],
        "templates": _templates_path(templates, library),
        "engine": str(engine.path) if engine is not None and engine.way == "argument" else None,
        "timesteps_per_hour": timesteps_per_hour,
        "fidelity": None if fidelity is None else [dict(level) for level in fidelity],
        "timeout": timeout,
        "check_models": check_models,
        "make": None if make is None else list(make),
        "cache": str(Path(cache).absolute()) if cache else cache,
        "sites": None if sites is None else lasting_sites(sites),
        "workers": workers,
    }
    given = {name: value for name, value in given.items() if value is not None}
    if there:
        config = CampaignConfig.read(target).changed(given, where="run_campaign")
    else:
        engine = engine or find_engine()
        given.setdefault("weather", default_weather(engine))
        config = CampaignConfig.from_values(given, where="run_campaign")
    options = SessionOptions(
        workers=workers,
        limits=Limits.of(limit, budget, max_failures),
        amend=amend,
        executor=executor,
        show_progress=show_progress,
    )
    rows = DesignRows.of(schema, designs)
    prepared = prepare(schema, designs, config, engine=engine, library=library, base=target)
    _make_folder(target)
    with locked(target):
        _write_inputs(target, config, schema, designs, prepared, amend=amend)
        reason = work_on(target, config, rows, prepared, options)
    return _told(target, reason)


def resume_campaign(
    folder: str | Path,
    *,
    workers: int | None = None,
    limit: int | None = None,
    budget: str | float | None = None,
    max_failures: str | int | None = None,
    retry: Sequence[str] = (),
    amend: bool = False,
    executor: Executor | None = None,
    show_progress: bool = True,
) -> Campaign:
    """Start or continue a campaign that lies in a folder, and simulate what waits.

    Parameters
    ----------
    folder : path
        With ``campaign.toml`` and ``designs.root``.
    workers : int, optional
        Simulations at once; by default what the settings say.
    limit : int, optional
        Begin so many simulations at most.
    budget : str or float, optional
        Stop after so long: "30m", "2h", or seconds.
    max_failures : str or int, optional
        Stop when more than so many simulations fail, or more than a share such as "5%" once
        20 have ended.
    retry : sequence of str
        Run simulations that ended with these statuses again; their new events replace the old.
    amend : bool
        Go on with other settings or designs than before, in a new generation: events that are
        there stay, but for those of designs that changed.
    executor : Executor, optional
        Where simulations run, such as a `DaskExecutor`; by default on this computer.
    show_progress : bool

    Returns
    -------
    Campaign

    Raises
    ------
    ConfigError, EngineNotFoundError, WeatherError, TemplateError, DesignError
        Something is missing or wrong; nothing has been changed.
    CampaignError
        Settings or designs have changed and `amend` is false; another process works on the
        campaign; the folder cannot be written.
    """
    target = Path(folder)
    config = CampaignConfig.read(target)
    options = SessionOptions(
        workers=workers,
        limits=Limits.of(limit, budget, max_failures),
        amend=amend,
        retry=_statuses(retry),
        executor=executor,
        show_progress=show_progress,
    )
    with DesignRows.open(designs_path(target)) as rows:
        if len(rows) == 0:
            raise DesignError("there are no designs to simulate", where=str(target))
        prepared = prepare(rows.schema, rows, config, base=target)
        with locked(target):
            reason = work_on(target, config, rows, prepared, options)
    return _told(target, reason)


def open_campaign(folder: str | Path) -> Campaign:
    """Look at a campaign that lies in a folder; nothing is changed or run.

    Raises
    ------
    ConfigError
        It is no campaign folder.
    """
    target = Path(folder)
    CampaignConfig.read(target)
    if not (target / JOURNAL_NAME).is_file():
        with DesignRows.open(designs_path(target)) as rows:
            return Campaign(target, {}, "nothing was run yet", len(rows))
    return _told(target, "")


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


def _is_beginning(target: Path) -> bool:
    """Say whether a folder is as a campaign leaves it that was killed before it began."""
    ours = ("journal.", "designs.", FILE_NAME)
    return target.is_dir() and all(entry.name.startswith(ours) for entry in target.iterdir())


def _make_folder(target: Path) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CampaignError(
            f"the campaign folder cannot be made: {error.strerror or error}",
            where=str(target.absolute()),
            hint="give a folder on a disk with room that you may write to",
        ) from error


def _write_inputs(
    target: Path,
    config: CampaignConfig,
    schema: Schema,
    designs: FloatArray,
    prepared: Preparation,
    *,
    amend: bool,
) -> None:
    """Write settings and designs where they are missing or, as allowed, not the same."""
    with Journal.create(target) as journal:
        check_unchanged(target, journal, config, prepared, amend=amend)
        started = journal.generation() is not None
    present = next((name for name in DESIGN_FILES if (target / name).exists()), None)
    if present is not None and not same_designs(target / present, designs):
        if not started and not amend:
            raise CampaignError(
                f"the campaign folder has other designs in {present}",
                where=str(target),
                hint="go on with those: `shoeroot run`, or give another folder",
            )
        (target / present).rename(target / f"{present}.before")
        present = None
    if present is None:
        write_designs(target / DESIGN_FILES[0], schema, designs)
    if not (target / FILE_NAME).is_file() or CampaignConfig.read(target) != config:
        config.write(target)


def _statuses(names: Sequence[str]) -> tuple[str, ...]:
    failed = [status for status in STATUSES if status != "ok"]
    for name in names:
        if name not in failed:
            raise ConfigError(f"{name!r} is no way to fail", hint=nearest(name, failed))
    return tuple(names)


def _templates_path(templates: str | Path | None, library: TemplateLibrary | None) -> str | None:
    """Return the path of the templates for the settings; None leaves it to them."""
    if templates:
        return str(Path(templates).absolute())
    if library is not None and library.path.is_file():
        # One that was joined of several files, such as the one that ships, is not its file.
        if hashlib.sha256(library.path.read_bytes()).hexdigest() == library.sha256:
            return str(library.path.absolute())
        return ""
    return None if templates is None else ""


def _lasting(weather: str | Path) -> str:
    """Write a file as an absolute path, so that the settings hold wherever they are read."""
    return str(Path(weather).absolute()) if Path(weather).is_file() else str(weather)


def _told(target: Path, reason: str) -> Campaign:
    with Journal.look(target) as journal:
        counts = journal.counts()
    waiting = counts.pop(WAITING, 0) + counts.pop(RUNNING, 0)
    order: dict[str, int] = {status: place for place, status in enumerate(STATUSES)}
    statuses = dict(sorted(counts.items(), key=lambda one: order.get(one[0], len(order))))
    if waiting and not reason:
        reason = "not all was simulated"
    return Campaign(target, statuses, reason, waiting)
