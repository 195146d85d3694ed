"""Monthly: the energy used in each month, by end use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from shoeroot.minitrees import TreeMaker
from shoeroot.treemakers.arrays import MONTHS, by_month

if TYPE_CHECKING:
    from shoeroot.minitrees import EventChunk

__all__ = ["Monthly", "month_columns"]

USES = ("heating", "cooling", "lighting", "equipment", "hot_water", "total")
NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def month_columns(use: str) -> list[str]:
    """Give the names of a use's twelve columns, January first."""
    return [f"{use}_{month:02d}" for month in range(1, MONTHS + 1)]


def _described(use: str, month: str) -> tuple[str, str]:
    purpose = "all end uses" if use == "total" else use.replace("_", " ")
    return "kWh", f"Energy used for {purpose} in {month}"


class Monthly(TreeMaker):
    """Energy used in each month, by end use: ``heating_01`` is January's for heating.

    Heating and cooling are after the coefficient of performance. A failed simulation has NaN.
    """

    __version__ = "1"
    events_of: ClassVar[str] = "Simulation"
    columns: ClassVar = {
        name: _described(use, month)
        for use in USES
        for name, month in zip(month_columns(use), NAMES, strict=True)
    }

    def extract(self, events: EventChunk) -> dict[str, Any]:
        """Give each event's list of months as columns."""
        months = events.end_uses.month
        return {
            name: values
            for use in USES
            for name, values in zip(
                month_columns(use), by_month(months, events.end_uses[use]).T, strict=True
            )
        }
