"""RetrofitSavings: what a retrofit saves, from two campaigns that share their designs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import TreeMakerError
from shoeroot.events import content_id
from shoeroot.minitrees import TreeMaker, load

if TYPE_CHECKING:
    import pandas as pd

    from shoeroot.minitrees import EventChunk

__all__ = ["RetrofitSavings"]

FloatArray = NDArray[np.float64]
USES = ("heating", "cooling", "lighting", "equipment", "hot_water")
KEY = ("batch_id", "variation_id")


class RetrofitSavings(TreeMaker):
    """Energy before less energy after, design by design.

    The dataset is the campaign after the retrofit; the option `before` names the one before it.
    Events belong together where batch_id and variation_id are the same. What has no partner,
    or failed, or whose partner failed, has NaN.

    It is not kept in a file: the other campaign may change.

    Options
    -------
    before : str
        Path of the campaign before the retrofit. It must be given.
    """

    __version__ = "1"
    events_of: ClassVar[str] = "Simulation"
    options: Mapping[str, Any] = {"before": ""}
    depends_on: ClassVar = ("Basics",)
    never_store = True
    _loaded: tuple[str, pd.DataFrame] | None = None
    columns: ClassVar = {
        "before_event_id": ("", "Event of the same design before; -1 for none"),
        **{
            f"saved_{use}": ("kWh", f"Energy for {use.replace('_', ' ')} saved in the year")
            for use in USES
        },
        "saved_energy": ("kWh", "Energy of all end uses saved in the year"),
        "saved_eui": ("kWh/m2", "Energy use intensity before less that after"),
        "saved_share": ("1", "Energy saved over energy before"),
    }

    def extract(self, events: EventChunk) -> dict[str, Any]:
        """Find the partner of each event and subtract."""
        if not self.options["before"]:
            raise TreeMakerError(
                "the campaign before the retrofit is not given",
                where="RetrofitSavings",
                hint='ask for RetrofitSavings(before="path/of/campaign")',
            )
        after = events.minitrees["Basics"]
        before = self._before()
        place = _partners(
            [np.asarray(after[name]) for name in KEY],
            [before[name].to_numpy() for name in KEY],
            self.options["before"],
        )
        found = place >= 0

        def earlier(name: str) -> FloatArray:
            values = np.full(len(place), np.nan)
            values[found] = before[name].to_numpy()[place[found]]
            return values

        saved = {use: earlier(use) - after[use] for use in USES}
        energy_before = sum(earlier(use) for use in USES)
        total = sum(saved.values())
        share = np.divide(
            total, energy_before, out=np.full(len(place), np.nan), where=energy_before != 0
        )
        event_id = np.full(len(place), -1, dtype=np.int64)
        event_id[found] = before["event_id"].to_numpy()[place[found]]
        return {
            "before_event_id": event_id,
            **{f"saved_{use}": values for use, values in saved.items()},
            "saved_energy": total,
            "saved_eui": earlier("eui") - after["eui"],
            "saved_share": share,
        }

    def _before(self) -> pd.DataFrame:
        """Load the other campaign, once for all chunks of this one."""
        content = content_id(self.options["before"])
        if self._loaded is None or self._loaded[0] != content:
            self._loaded = content, load(self.options["before"], "Basics")
        return self._loaded[1]


def _partners(
    after: list[NDArray[np.int64]], before: list[NDArray[np.int64]], dataset: str
) -> NDArray[np.int64]:
    """Give the place of each event's partner; -1 where there is none.

    Raises
    ------
    TreeMakerError
        Two events before are of the same design.
    """
    order = np.lexsort(before[::-1])
    keys = np.stack([column[order] for column in before], axis=1)
    doubled = np.flatnonzero((keys[1:] == keys[:-1]).all(axis=1))
    if len(doubled):
        batch, variation = keys[doubled[0]].tolist()
        raise TreeMakerError(
            f"two events are of batch {batch}, variation {variation}",
            where=dataset,
            hint="designs can only be paired where batch_id and variation_id name one",
        )
    both = np.concatenate([keys, np.stack(after, axis=1)])
    _, number = np.unique(both, axis=0, return_inverse=True)
    number = number.reshape(-1)
    place_of = np.full(number.max(initial=-1) + 1, -1, dtype=np.int64)
    place_of[number[: len(keys)]] = order
    found: NDArray[np.int64] = place_of[number[len(keys) :]]
    return found
