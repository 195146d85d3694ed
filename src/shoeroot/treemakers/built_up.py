"""BuiltUp: a row for each site and epoch, from the first epoch to the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from shoeroot.minitrees import MultipleRowExtractor
from shoeroot.treemakers.site_rows import sorted_rows

if TYPE_CHECKING:
    from shoeroot.minitrees import EventChunk

__all__ = ["BuiltUp"]


class BuiltUp(MultipleRowExtractor):
    """A row for each site and epoch: built-up surface, and its share of the site.

    Rows of a site are in the order of the epochs. A site without built-up surface in the
    analysis has no rows.
    """

    __version__ = "1"
    events_of: ClassVar[str] = "Site"
    chunk_events: ClassVar[int] = 4000
    columns: ClassVar = {
        "epoch": ("year", "Year that the surface stands for"),
        "built_m2": ("m2", "Built-up surface"),
        "built_share": ("m2/m2", "Built-up surface over the area of the site"),
    }

    def extract(self, events: EventChunk) -> Any:
        """Sort the epochs of each site."""
        built = events.built
        columns = {"epoch": built.epoch, "built_m2": built.m2, "built_share": built.share}
        return sorted_rows(columns, "epoch")
