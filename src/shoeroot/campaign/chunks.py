"""How many designs a unit of work gets: many while there is much to do, few at the end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shoeroot.design import FloatArray
from shoeroot.errors import ConfigError

__all__ = ["UnitSize", "wall_time_for"]

#: A unit costs scheduler and parent some 7 ms together: at so many a second they are not busy.
TASKS_A_SECOND = 25.0
#: Bounds of what a unit aims at [s]: shorter ones are not worth their message, and longer ones
#: lose much with a worker.
SHORTEST_SECONDS, LONGEST_SECONDS = 10.0, 300.0


@dataclass(frozen=True, slots=True)
class UnitSize:
    """The rule by which designs are cut into units.

    Attributes
    ----------
    seconds : float
        Wall time that a unit aims at [s].
    most : int
        Most designs in a unit: bounds the memory of its results (some 0.3 MB a design).
    rounds : float
        What is left is cut into at least so many units for each slot, so that units shrink
        towards the end and slots run out of work at about the same time.
    """

    seconds: float = SHORTEST_SECONDS
    most: int = 64
    rounds: float = 3.0

    def __post_init__(self) -> None:
        for name, least in (("seconds", 0.0), ("most", 1), ("rounds", 1.0)):
            value = getattr(self, name)
            if not value >= least:
                raise ConfigError(f"{name} = {value!r}", hint=f"give {least:g} or more")

    def take(self, expected: FloatArray, left: float, slots: int) -> int:
        """Say how many of the next designs make the next unit.

        Parameters
        ----------
        expected : (m,) float64
            What the next designs are expected to take [s], in the order in which they come;
            `most` of them are enough.
        left : float
            What all designs that are in no unit yet are expected to take together [s].
        slots : int
            Simulations at once.

        Returns
        -------
        int
            1 or more; 0 if there are no designs.
        """
        if len(expected) == 0:
            return 0
        aim = min(self.seconds, left / (self.rounds * max(slots, 1)))
        # Half a design more or less is as near: `aim` is an aim, no limit.
        middles = np.cumsum(expected) - expected / 2
        return int(np.clip(np.searchsorted(middles, aim), 1, min(self.most, len(expected))))


def wall_time_for(slots: int) -> float:
    """Return what a unit should aim at [s], so that a scheduler of many slots stands it."""
    return float(np.clip(slots / TASKS_A_SECOND, SHORTEST_SECONDS, LONGEST_SECONDS))
