"""NightLights: a row for each site and month, from the first month to the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from shoeroot.minitrees import MultipleRowExtractor
from shoeroot.treemakers.site_rows import sorted_rows

if TYPE_CHECKING:
    from shoeroot.minitrees import EventChunk

__all__ = ["NightLights"]


class NightLights(MultipleRowExtractor):
    """A row for each site and month: sum, least, most and mean of the lights, and the lit area.

    Rows of a site are in the order of the months, whatever order the rasters came in:
    ``data.pivot(index="event_id", columns="month", values="light_sum")`` is the matrix of sites
    and months. A site without night lights has no rows.
    """

    __version__ = "1"
    events_of: ClassVar[str] = "Site"
    chunk_events: ClassVar[int] = 4000
    columns: ClassVar = {
        "month": ("", "Month, such as 2019-07"),
        "light_sum": ("nW/(cm2 sr)", "Sum of the radiance of the lit cells"),
        "light_min": ("nW/(cm2 sr)", "Smallest radiance of a lit cell"),
        "light_max": ("nW/(cm2 sr)", "Largest radiance of a lit cell"),
        "light_mean": ("nW/(cm2 sr)", "Mean radiance of the lit area"),
        "lit_km2": ("km2", "Area of the cells that are lit"),
    }

    def extract(self, events: EventChunk) -> Any:
        """Sort the months of each site."""
        lights = events.ntl
        columns = {
            "month": lights.month,
            "light_sum": lights["sum"],
            "light_min": lights["min"],
            "light_max": lights["max"],
            "light_mean": lights["mean"],
            "lit_km2": lights.lit_km2,
        }
        return sorted_rows(columns, "month")
