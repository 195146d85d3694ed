"""Levels of fidelity: which designs are run again with other time steps, and where events go.

The first level has all designs; their events are in ``events``, and an event's id is the number of
its design. The events of another level are a dataset of their own, ``fidelity/<steps>``, so that
whoever opens the campaign sees each design once. Their ids are ``steps * 10**9 + design``: unique
in the campaign, also when all events are merged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import xxhash
from numpy.typing import NDArray

from shoeroot.campaign.config import CampaignConfig
from shoeroot.events import EventWriter
from shoeroot.records import Simulation

__all__ = [
    "REPEAT",
    "LevelWriter",
    "event_folders",
    "joined",
    "level_folder",
    "levels_of",
    "plan_repeats",
    "plan_simulations",
]

#: An id of a repeated design has the time steps before this many, and the design after.
REPEAT = 10**9
#: An error bar needs two.
_FEWEST = 2

Numbers = NDArray[np.int64]
Plan = tuple[Numbers, Numbers, Numbers]


def levels_of(config: CampaignConfig) -> tuple[int, ...]:
    """Return the time steps an hour of the levels of a campaign, the first of all designs."""
    repeated = [level.steps for level in config.fidelity[1:]]
    return (config.timesteps_per_hour, *repeated)


def level_folder(folder: Path, steps: int) -> Path:
    """Return the dataset of a level that repeats designs."""
    return folder / "fidelity" / str(steps)


def event_folders(folder: Path) -> list[Path]:
    """Return the folders of events of a campaign: all designs first, then the repeated ones."""
    repeated = [one for one in (folder / "fidelity").glob("*") if one.name.isdecimal()]
    return [
        folder / "events",
        *(one / "events" for one in sorted(repeated, key=lambda one: int(one.name))),
    ]


def plan_simulations(config: CampaignConfig, first: int, stop: int) -> Plan:
    """Return numbers, designs and time steps an hour of the simulations of some designs."""
    numbers = np.arange(first, stop, dtype=np.int64)
    steps = np.full(len(numbers), config.timesteps_per_hour, dtype=np.int64)
    return joined((numbers, numbers, steps), plan_repeats(config, first, stop))


def joined(first: Plan, second: Plan) -> Plan:
    """Return the simulations of two plans."""
    numbers, designs, steps = (np.concatenate(both) for both in zip(first, second, strict=True))
    return numbers, designs, steps


def plan_repeats(config: CampaignConfig, first: int, stop: int) -> Plan:
    """Return those of `plan_simulations` that repeat designs at other levels.

    Each design has a random number, which follows from the seed; a level takes the designs with
    the lowest ones, so that a larger share has all designs of a smaller one.
    """
    if stop <= first or len(config.fidelity) < 2:
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing, nothing
    drawn = [
        xxhash.xxh3_64_intdigest(design.to_bytes(8, "little"), seed=config.fidelity_seed)
        for design in range(first, stop)
    ]
    order = first + np.argsort(np.array(drawn, dtype=np.uint64), kind="stable")
    designs, steps = [], []
    for level in config.fidelity[1:]:
        count = min(max(int(np.ceil(level.share * len(order))), _FEWEST), len(order))
        designs.append(np.sort(order[:count]))
        steps.append(np.full(count, level.steps, dtype=np.int64))
    chosen, chosen_steps = np.concatenate(designs), np.concatenate(steps)
    return chosen_steps * REPEAT + chosen, chosen, chosen_steps


class LevelWriter:
    """Writes each event to the folder of its level; use it in a ``with`` block.

    Parameters
    ----------
    folder : Path
        The campaign folder.
    steps : int
        Time steps an hour of the first level.
    make : callable
        Makes the writer of a folder of events, given the time steps an hour of its level.
    """

    def __init__(self, folder: Path, steps: int, make: Callable[[Path, int], EventWriter]) -> None:
        self._folder, self._steps, self._make = folder, steps, make
        self._stack = ExitStack()
        self._writers: dict[int, EventWriter] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, problem, trace)

    def write(self, events: Sequence[Simulation]) -> None:
        """Take events; see `EventWriter.write`."""
        by_level: dict[int, list[Simulation]] = {}
        for event in events:
            by_level.setdefault(event.event_id // REPEAT, []).append(event)
        for level, some in by_level.items():
            self._writer(level).write(some)

    def flush(self) -> None:
        """Commit what is pending; it is on disk when this returns."""
        for writer in self._writers.values():
            writer.flush()

    def _writer(self, level: int) -> EventWriter:
        if level not in self._writers:
            folder = level_folder(self._folder, level) if level else self._folder
            writer = self._make(folder / "events", level or self._steps)
            self._writers[level] = self._stack.enter_context(writer)
        return self._writers[level]
