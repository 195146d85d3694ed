"""What a campaign hands its work to: the interface that local processes and clusters share."""

from __future__ import annotations

from typing import Protocol

from shoeroot.campaign.work import LostUnit, SimulationContext, UnitResult, WorkUnit

__all__ = ["Executor"]


class Executor(Protocol):
    """Simulates units of designs, several at once."""

    @property
    def slots(self) -> int:
        """Simulations at once; may change while it works."""

    @property
    def unit_seconds(self) -> float:
        """Wall time that a unit should aim at [s]; 0 for units of one design."""

    def start(self, context: SimulationContext) -> None:
        """Get ready; called once, before any unit is submitted."""

    def submit(self, unit: WorkUnit) -> None:
        """Take a unit; returns at once."""

    def collect(self, timeout: float) -> list[UnitResult | LostUnit]:
        """Give the units that have ended, in the order in which they did.

        Waits up to `timeout` seconds for the first. A unit whose worker vanished comes
        back as a `LostUnit`.

        Raises
        ------
        ShoerootError
            No simulation can be made at all, and a retry would not help.
        """

    def stop(self) -> None:
        """Drop what waits and runs; returns fast. Nothing is collected afterwards."""
