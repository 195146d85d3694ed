"""Fastest ways between all pairs of places, each pair searched once and no farther than needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from shoeroot.progress import progress
from shoeroot.sites.travel.crew import Job, crew_for
from shoeroot.sites.travel.lengths import Array, to_earth
from shoeroot.sites.travel.search import Search, Ways

__all__ = ["Effort", "Found", "search_pairs"]

# Searches whose results bound the later ones; fixed, so that results never depend on workers.
_PIVOTS = 6


@dataclass(frozen=True, slots=True)
class Effort:
    """How the work is done: worker processes (None: as suits), and whether progress is shown."""

    workers: int | None = None
    show: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The ways from one node to some others.

    Parameters
    ----------
    source : int
        Place of the node in the list of sources.
    targets : array of int
        Places of the others in the list of targets.
    ways : Ways
        Minutes, km and lines.
    """

    source: int
    targets: Array
    ways: Ways


def search_pairs(
    search: Search,
    sources: Array,
    targets: Array | None,
    *,
    limit: float,
    lines: bool,
    effort: Effort,
) -> Iterator[Found]:
    """Find the ways from each source to each target.

    Parameters
    ----------
    search : Search
        Finds the ways.
    sources, targets : array of int
        Different nodes. Without targets the sources are the targets as well, and each pair is
        found once, in one of its directions: times are the same in both.
    limit : float
        Minutes beyond which nothing is searched.
    lines : bool
        Whether lines are wanted.
    effort : Effort
        Workers and progress.

    Yields
    ------
    Found
        One a source; pairs that cannot be reached are left out or NaN.

    Notes
    -----
    The way between two places is no longer than the one through a third. So the first searches
    bound all others: a search ends where the last of its targets must have been found.
    """
    order = _central_first(search, sources)
    jobs, wanted = _plan(search, sources, targets, order, limit, lines)
    with (
        progress("travel times", len(jobs), show=effort.show) as advance,
        crew_for(search, len(jobs), effort.workers) as crew,
    ):
        bounded = targets is None and search.exact_bounds
        count = min(_PIVOTS, len(jobs)) if bounded else len(jobs)
        known = np.full((count, len(sources)), np.inf) if bounded else None
        for place, ways in enumerate(crew.run(jobs[:count], advance)):
            yield Found(int(order[place]), wanted[place], ways)
            if known is not None:
                known[place, wanted[place]] = np.nan_to_num(ways.minutes, nan=np.inf)
        rest = []
        for job, number, others in zip(jobs[count:], order[count:], wanted[count:], strict=True):
            bound = _farthest(known, int(number), others)
            rest.append(replace(job, limit=min(limit, bound)))
        for place, ways in enumerate(crew.run(rest, advance), start=count):
            yield Found(int(order[place]), wanted[place], ways)


def _plan(
    search: Search,
    sources: Array,
    targets: Array | None,
    order: Array,
    limit: float,
    lines: bool,
) -> tuple[list[Job], list[Array]]:
    """Make a job a source, with the targets that it can reach; each pair is in one job."""
    ends = sources if targets is None else targets
    parts = search.parts()
    jobs, wanted = [], []
    for place, number in enumerate(order):
        others = order[place + 1 :] if targets is None else np.arange(len(ends))
        others = others[parts[ends[others]] == parts[sources[number]]]
        wanted.append(others)
        jobs.append(Job(int(sources[number]), ends[others], limit, lines))
    return jobs, wanted


def _central_first(search: Search, sources: Array) -> Array:
    """Order sources: the most central one, then from the most remote one inwards.

    The first searches reach everything anyway; those that are left lie ever closer together.
    """
    if not len(sources):
        return np.empty(0, dtype=np.int64)
    places = to_earth(*search.cells.lonlat(sources))
    remoteness = np.sum((places - places.mean(axis=0)) ** 2, axis=1)
    order = np.argsort(-remoteness, kind="stable")
    return np.concatenate([order[-1:], order[:-1]])


def _farthest(known: Array | None, number: int, others: Array) -> float:
    """Bound the minutes from a source to the farthest of some others."""
    if known is None or not len(others):
        return np.inf
    through = known[:, [number]] + known[:, others]
    return float(through.min(axis=0).max())
