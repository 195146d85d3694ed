"""AdminJoin: a row for each site and each administrative unit that it lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import awkward as ak
import numpy as np

from shoeroot.minitrees import ManyRows, MultipleRowExtractor
from shoeroot.treemakers.arrays import flat

if TYPE_CHECKING:
    from shoeroot.minitrees import EventChunk

__all__ = ["AdminJoin"]


class AdminJoin(MultipleRowExtractor):
    """A row for each site and unit that intersect: people and area of the site in the unit.

    The unit in which most people of the site live has rank 0. All units are kept, so that
    ``data[data.admin_rank == 0]`` is the join by majority.
    """

    __version__ = "1"
    events_of: ClassVar[str] = "Site"
    chunk_events: ClassVar[int] = 4000
    columns: ClassVar = {
        "admin_rank": ("", "Place of the unit in the site, most people first, from 0"),
        "admin_code": ("", "Code of the unit"),
        "admin_name": ("", "Name of the unit"),
        "admin_population": ("people", "People of the site who live in the unit"),
        "admin_area_km2": ("km2", "Area of the site that lies in the unit"),
        "admin_share": ("1", "People of the site in the unit over those in all its units"),
    }

    def extract(self, events: EventChunk) -> Any:
        """Rank the units of each site by people, then by area."""
        units = events.admin
        counts = np.asarray(ak.num(units.code, axis=1), dtype=np.int64)
        site = np.repeat(np.arange(len(counts)), counts)
        population, area = flat(units.population), flat(units.area_km2)
        order = np.lexsort((-area, -population, site))
        totals = np.bincount(site, weights=population, minlength=len(counts))[site]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(totals > 0, population / totals, np.nan)
        columns = {
            "admin_code": flat(units.code)[order],
            "admin_name": flat(units.name)[order],
            "admin_population": population[order],
            "admin_area_km2": area[order],
            "admin_share": share[order],
        }
        rank = np.arange(len(site)) - np.repeat(np.cumsum(counts) - counts, counts)
        return ManyRows(counts, {"admin_rank": rank, **columns})
