"""How far a campaign is and why simulations failed: from the journal, while it runs too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shoeroot.campaign.journal import RUNNING, WAITING, Journal
from shoeroot.campaign.lock import is_locked

__all__ = [
    "CampaignStatus",
    "FailureGroup",
    "GenerationStatus",
    "campaign_status",
    "failure_groups",
]


@dataclass(frozen=True, slots=True)
class GenerationStatus:
    """Settings and designs that simulations were begun with, and what became of these.

    Attributes
    ----------
    generation : int
        From 1.
    started : str
        When, UTC.
    designs : int
        How many designs there were.
    counts : dict of str to int
        Simulations by status.
    first, last : int or None
        Lowest and highest number of a simulation.
    lineage : dict of str to object
        Settings, engine, templates, weather.
    """

    generation: int
    started: str
    designs: int
    counts: dict[str, int]
    first: int | None
    last: int | None
    lineage: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CampaignStatus:
    """How far a campaign is.

    Attributes
    ----------
    folder : str
    simulations : int
        All of them.
    counts : dict of str to int
        Simulations by status; those that wait or run included.
    at_work : bool
        Whether a process works on it now.
    attempts : int
        Simulations that were begun, those included that were dropped or lost.
    cpu_seconds : float
        Of all events [s].
    mean_seconds : float or None
        Mean wall time of a simulation [s]; None where none is known.
    seconds_left : float or None
        What the rest takes at that pace on as many slots as the last session had [s].
    sessions : list of dict
        Start, end, reason and slots of each, in order.
    generations : list of GenerationStatus
        The first comes first.
    """

    folder: str
    simulations: int
    counts: dict[str, int]
    at_work: bool
    attempts: int
    cpu_seconds: float
    mean_seconds: float | None
    seconds_left: float | None
    sessions: list[dict[str, Any]]
    generations: list[GenerationStatus]

    @property
    def waiting(self) -> int:
        """Simulations without an event, those that run included."""
        return self.counts.get(WAITING, 0) + self.counts.get(RUNNING, 0)

    @property
    def failed(self) -> int:
        """Simulations that failed."""
        return self.simulations - self.waiting - self.counts.get("ok", 0)


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Simulations that failed for the same cause.

    Attributes
    ----------
    status : str
    cause : str
        The message without names (…) and numbers (#).
    count : int
    example : int
        The first of them: an `event_id`.
    message : str
        What was said of it.
    """

    status: str
    cause: str
    count: int
    example: int
    message: str


def campaign_status(folder: str | Path) -> CampaignStatus:
    """Say how far a campaign is.

    Raises
    ------
    CampaignError
        There is no journal, or it is damaged.
    """
    target = Path(folder)
    with Journal.look(target) as journal:
        counts = journal.counts()
        (attempts, cpu_seconds, mean) = journal.rows(
            "SELECT sum(attempts), sum(cpu_seconds), avg(nullif(wall_seconds, 0)) FROM simulations"
        )[0]
        sessions = journal.rows(
            "SELECT session, generation, started, ended, reason, slots, host FROM sessions "
            "ORDER BY session"
        )
        generations = _generations(journal)
    names = ("session", "generation", "started", "ended", "reason", "slots", "host")
    told = [dict(zip(names, row, strict=True)) for row in sessions]
    slots = told[-1]["slots"] if told else None
    at_work = is_locked(target)
    waiting = counts.get(WAITING, 0) + counts.get(RUNNING, 0)
    if not at_work:
        # What a session had begun that was killed; the next sets it right.
        counts = {name: count for name, count in counts.items() if name != RUNNING}
        if waiting:
            counts[WAITING] = waiting
    return CampaignStatus(
        folder=str(target),
        simulations=sum(counts.values()),
        counts=counts,
        at_work=at_work,
        attempts=attempts or 0,
        cpu_seconds=cpu_seconds or 0.0,
        mean_seconds=mean,
        seconds_left=waiting * mean / slots if mean and slots else None,
        sessions=told,
        generations=generations,
    )


def failure_groups(folder: str | Path) -> list[FailureGroup]:
    """Group the failed simulations of a campaign by cause, the most frequent first.

    Raises
    ------
    CampaignError
        There is no journal, or it is damaged.
    """
    with Journal.look(Path(folder)) as journal:
        # SQLite takes the message from the row that has the minimum.
        rows = journal.rows(
            "SELECT status, cause, count(*) AS times, min(number), message "
            "FROM failures JOIN simulations USING (number) "
            "GROUP BY status, cause ORDER BY times DESC, min(number)"
        )
    return [FailureGroup(*row) for row in rows]


def _generations(journal: Journal) -> list[GenerationStatus]:
    counted: dict[int, dict[str, int]] = {}
    spans: dict[int, tuple[int, int]] = {}
    for generation, status, count, first, last in journal.rows(
        "SELECT generation, status, count(*), min(number), max(number) FROM simulations "
        "GROUP BY generation, status"
    ):
        counted.setdefault(generation, {})[status] = count
        low, high = spans.get(generation, (first, last))
        spans[generation] = (min(low, first), max(high, last))
    return [
        GenerationStatus(
            one.number,
            one.started,
            one.designs,
            counted.get(one.number, {}),
            spans[one.number][0] if one.number in spans else None,
            spans[one.number][1] if one.number in spans else None,
            one.lineage,
        )
        for one in reversed(journal.generations())
    ]
