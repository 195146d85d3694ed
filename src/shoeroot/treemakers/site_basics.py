"""SiteBasics: what each site is, where it lies, how large it is and who lives there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from shoeroot.minitrees import TreeMaker

if TYPE_CHECKING:
    from shoeroot.minitrees import EventChunk

__all__ = ["SiteBasics"]

TEXTS = ("level", "name", "country", "eca_id", "koppen")


class SiteBasics(TreeMaker):
    """Level, name, country, centroid, area, people, density, and the ids that a site is joined to.

    What was not given to the analysis is an empty text, 0 or NaN.
    """

    __version__ = "1"
    events_of: ClassVar[str] = "Site"
    chunk_events: ClassVar[int] = 4000
    columns: ClassVar = {
        "level": ("", "Urban centre or urban cluster"),
        "name": ("", "Name of its largest place, otherwise of the nearest"),
        "country": ("", "Country of that place, ISO 3166-1 alpha-2"),
        "lon": ("deg", "Longitude of the population-weighted centroid"),
        "lat": ("deg", "Latitude of the population-weighted centroid"),
        "area_km2": ("km2", "Area on the ellipsoid"),
        "population": ("people", "People who live in it"),
        "density": ("people/km2", "People over area"),
        "hd_id": ("", "The urban centre that most of its people live in; 0: none"),
        "eca_id": ("", "Id in an external set of extents"),
        "koppen": ("", "Koppen-Geiger class"),
    }

    def extract(self, events: EventChunk) -> dict[str, Any]:
        """Take the values as they are stored, and divide people by area."""
        area, population = events.area_km2, events.population
        with np.errstate(divide="ignore", invalid="ignore"):
            density = np.where(area > 0, population / area, np.nan)
        return {
            **{name: np.asarray(events[name]) for name in TEXTS},
            "lon": events.lon,
            "lat": events.lat,
            "area_km2": area,
            "population": population,
            "density": density,
            "hd_id": events.hd_id,
        }
