"""A session: one process works on a campaign, from where the last one ended to where it stops."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.building import templates_to_json
from shoeroot.campaign.backlog import Backlog
from shoeroot.campaign.config import CampaignConfig
from shoeroot.campaign.display import progress_display
from shoeroot.campaign.executors import Executor
from shoeroot.campaign.fidelity import (
    LevelWriter,
    joined,
    levels_of,
    plan_repeats,
    plan_simulations,
)
from shoeroot.campaign.interrupt import interrupt_as_flag
from shoeroot.campaign.journal import Journal
from shoeroot.campaign.known_models import KnownModels
from shoeroot.campaign.limits import Limits, Stops
from shoeroot.campaign.lineage import (
    changed_designs,
    differences,
    lineage_of,
    refuse,
)
from shoeroot.campaign.local import LocalExecutor
from shoeroot.campaign.prepare import Preparation
from shoeroot.campaign.reconcile import drop_events, event_files, recover_campaign
from shoeroot.campaign.result_cache import ResultCache
from shoeroot.campaign.runtime import RuntimeModel
from shoeroot.campaign.schedule import Scheduler
from shoeroot.campaign.sharing import SharingExecutor
from shoeroot.design import DesignRows
from shoeroot.errors import CampaignError, ShoerootError
from shoeroot.events import EventWriter
from shoeroot.minitrees import IncrementalMaker
from shoeroot.records import Simulation

__all__ = ["SessionOptions", "check_unchanged", "work_on"]

#: Runs that ended before, from which the times of those to come are learned.
REMEMBERED = 500
NO_LIMITS = Limits()

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """How a session works.

    Attributes
    ----------
    workers : int or None
        Simulations at once; None for what the settings say.
    limits : Limits
    amend : bool
        Whether changed settings and designs begin a new generation, or are refused.
    retry : tuple of str
        Statuses of simulations to run again.
    executor : Executor or None
        Where simulations run; None for this computer.
    show_progress : bool
    """

    workers: int | None = None
    limits: Limits = NO_LIMITS
    amend: bool = False
    retry: tuple[str, ...] = ()
    executor: Executor | None = None
    show_progress: bool = True


def work_on(
    folder: Path,
    config: CampaignConfig,
    rows: DesignRows,
    preparation: Preparation,
    options: SessionOptions,
) -> str:
    """Simulate what waits in a campaign folder, of which this process has the lock.

    Returns
    -------
    str
        Why it stopped; empty where nothing waits any more.

    Raises
    ------
    CampaignError
        Settings or designs are not what they were, and `options.amend` is false.
    ShoerootError
        Something cannot be read or written. What was committed stays.
    """
    maker = IncrementalMaker(folder, config.make) if config.make else None
    with Journal.create(folder) as journal, interrupt_as_flag() as interrupted:
        check_unchanged(folder, journal, config, preparation, amend=options.amend)
        _begin_generation(folder, journal, config, preparation)
        recover_campaign(folder, journal)
        if options.retry:
            again = journal.with_status(options.retry)
            # In this order: an event that is gone runs again, whatever happens in between.
            drop_events(folder, again)
            journal.wait_again(again)
        reason = ""
        if len(waiting := journal.waiting()[0]):
            work = _Work(folder, config, rows, preparation, options, journal, maker)
            reason = work.simulate(interrupted, len(waiting))
        if maker is not None and not interrupted.is_set() and len(journal.ended()):
            maker.finish()
    return reason


def check_unchanged(
    folder: Path,
    journal: Journal,
    config: CampaignConfig,
    preparation: Preparation,
    *,
    amend: bool,
) -> None:
    """Refuse settings, inputs and designs that are not those of the last generation.

    Raises
    ------
    CampaignError
        With the differences.
    """
    last = journal.generation()
    if last is None:
        return
    now = preparation.survey.hashes
    told = differences(last, lineage_of(config, preparation), now)
    if len(now) < len(last.hashes):
        raise refuse(
            told, str(folder), "designs cannot be taken away: begin a campaign in another folder"
        )
    if told and not amend:
        raise refuse(
            told,
            str(folder),
            "undo the change, or go on with it from here: `shoeroot run --amend` "
            "(amend=True) runs what is left, and designs that changed, in a new generation",
        )


def _begin_generation(
    folder: Path, journal: Journal, config: CampaignConfig, preparation: Preparation
) -> None:
    last, lineage, hashes = (
        journal.generation(),
        lineage_of(config, preparation),
        preparation.survey.hashes,
    )
    if last is None:
        new = plan_simulations(config, 0, len(hashes))
        nothing = np.empty(0, dtype=np.int64)
        journal.begin_generation(lineage, hashes, new=new, again=nothing)
    elif differences(last, lineage, hashes):
        again = journal.of_designs(changed_designs(last.hashes, hashes))
        # First, because an event of the old design must not be taken for one of the new.
        recover_campaign(folder, journal)
        drop_events(folder, again)
        new = plan_simulations(config, len(last.hashes), len(hashes))
        # Levels that were added, or have a larger share, take designs that were there before.
        repeats = journal.unknown(plan_repeats(config, 0, len(last.hashes)))
        new = joined(new, repeats)
        journal.begin_generation(lineage, hashes, new=new, again=again)
        journal.set_steps(config.timesteps_per_hour, repeats=levels_of(config)[1:])


@dataclass(frozen=True, slots=True)
class _Work:
    """All that a session works with."""

    folder: Path
    config: CampaignConfig
    rows: DesignRows
    preparation: Preparation
    options: SessionOptions
    journal: Journal
    maker: IncrementalMaker | None

    def simulate(self, interrupted: threading.Event, count: int) -> str:
        """Simulate what waits: `count` simulations; return why it stopped."""
        config, options, journal = self.config, self.options, self.journal
        executor = SharingExecutor(
            options.executor or LocalExecutor(options.workers or config.workers or None),
            KnownModels(lambda: event_files(self.folder)),
            self._cache(),
        )

        def committed(numbers: set[int]) -> None:
            executor.committed(numbers)
            self._make_minitrees()

        last = journal.generation()
        generation = 1 if last is None else last.number
        session = journal.begin_session(generation, executor.slots)
        runtime = RuntimeModel(self.rows.schema)
        _remember(runtime, journal, self.rows)
        groups = self.preparation.survey.groups
        total = min(count, options.limits.simulations or count)
        with _session_ends(journal, session) as ending, ExitStack() as stack:
            writer = stack.enter_context(self._writer(generation, session, total))
            show = stack.enter_context(progress_display(total, show=options.show_progress))
            scheduler = Scheduler(
                self.preparation.context(self.rows.schema, config),
                executor=executor,
                journal=journal,
                session=session,
                writer=writer,
                backlog=Backlog(self.rows, journal.waiting(), groups, runtime),
                runtime=runtime,
                stops=Stops(options.limits, interrupted),
                show=show,
                committed=committed,
            )
            ending.append(scheduler.run())
        return ending[0]

    def _writer(self, generation: int, session: int, total: int) -> LevelWriter:
        metadata = {
            "engine": self.preparation.engine.label,
            "templates_sha256": self.preparation.library.sha256,
            "templates": templates_to_json(self.preparation.survey.templates.values()),
            "templates_name": self.preparation.library.path.name,
            "timeout": str(self.config.timeout),
            "generation": str(generation),
            "session": str(session),
        }

        def make(events: Path, steps: int) -> EventWriter:
            return EventWriter(
                events,
                Simulation,
                metadata={**metadata, "timesteps_per_hour": str(steps)},
                batch=self.config.commit_events,
                expected_events=total,
            )

        return LevelWriter(self.folder, self.config.timesteps_per_hour, make)

    def _cache(self) -> ResultCache | None:
        if not self.config.cache:
            return None
        limit = 1e9 * self.config.cache_gigabytes
        return ResultCache(self.folder / self.config.cache, limit)

    def _make_minitrees(self) -> None:
        if self.maker is not None:
            self.maker.update()


@contextmanager
def _session_ends(journal: Journal, session: int) -> Iterator[list[str]]:
    """Note in the journal why a session ended: what was put into the list, or the error."""
    ending: list[str] = []
    try:
        yield ending
    except BaseException as error:
        told = error.problem if isinstance(error, ShoerootError) else type(error).__name__
        # A full disk, as the error says, takes no note; the next session sets it right.
        with suppress(CampaignError):
            journal.end_session(session, f"error: {told}")
        raise
    journal.end_session(session, ending[0] or "complete")


def _remember(runtime: RuntimeModel, journal: Journal, rows: DesignRows) -> None:
    """Let the model of times learn from the last runs of earlier sessions."""
    known: Sequence[tuple[Any, ...]] = journal.rows(
        "SELECT design, timesteps_per_hour, wall_seconds FROM simulations "
        "WHERE wall_seconds > 0 ORDER BY number DESC LIMIT ?",
        (REMEMBERED,),
    )
    if known:
        designs, steps, seconds = (np.array(column) for column in zip(*known, strict=True))
        runtime.learn(rows.take(designs), steps, seconds)
