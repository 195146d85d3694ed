"""ODMatrix: a row for each site and each other site that it has a route to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from shoeroot.minitrees import ManyRows, MultipleRowExtractor
from shoeroot.treemakers.site_rows import sorted_rows

if TYPE_CHECKING:
    from shoeroot.minitrees import EventChunk

__all__ = ["ODMatrix"]


class ODMatrix(MultipleRowExtractor):
    """A row for each pair of sites with a route: minutes, geodesic length and speed.

    ``data.pivot(index="event_id", columns="to", values="minutes")`` is the matrix of origins and
    destinations. Pairs that no way joins have no row, nor have sites without routes.
    """

    __version__ = "1"
    events_of: ClassVar[str] = "Site"
    columns: ClassVar = {
        "to": ("", "The site that the route leads to, by its event_id"),
        "minutes": ("min", "Time of travel"),
        "km": ("km", "Geodesic length of the way"),
        "speed": ("km/h", "Length over time; NaN where there is no way to go"),
    }

    def extract(self, events: EventChunk) -> Any:
        """Sort the destinations of each site."""
        routes = events.routes
        found = sorted_rows({"to": routes.to, "minutes": routes.minutes, "km": routes.km}, "to")
        minutes, km = found.columns["minutes"], found.columns["km"]
        with np.errstate(divide="ignore", invalid="ignore"):
            speed = np.where(minutes > 0, 60.0 * km / minutes, np.nan)
        return ManyRows(found.counts, {**found.columns, "speed": speed})
