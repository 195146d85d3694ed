"""`Site`, one urban extent and what surrounds it as a nested record, and its parts."""

# The declaration of a field is a call that gives a dataclasses.field, nothing mutable.
# ruff: noqa: RUF009

from __future__ import annotations

from dataclasses import dataclass

from shoeroot.records.fields import about
from shoeroot.records.text import Shown

__all__ = [
    "AdminUnit",
    "BuiltUp",
    "ClimateMonth",
    "Flood",
    "NightLight",
    "ParticulateMatter",
    "Route",
    "Site",
]


@dataclass(frozen=True, slots=True)
class AdminUnit:
    """The part of an administrative unit that lies in the site."""

    code: str = about("", "code of the unit")
    name: str = about("", "name of the unit")
    population: float = about("people", "people of the site who live in the unit")
    area_km2: float = about("km2", "area of the site that lies in the unit")


@dataclass(frozen=True, slots=True)
class NightLight:
    """Night lights of one month, over the cells that are lit."""

    month: str = about("", "month, such as 2019-07")
    sum: float = about("nW/(cm2 sr)", "sum of the radiance of the cells")
    min: float = about("nW/(cm2 sr)", "smallest radiance of a cell")
    max: float = about("nW/(cm2 sr)", "largest radiance of a cell")
    mean: float = about("nW/(cm2 sr)", "mean radiance of the lit area")
    lit_km2: float = about("km2", "area of the cells that are lit")


@dataclass(frozen=True, slots=True)
class BuiltUp:
    """Built-up surface of one epoch."""

    epoch: int = about("year", "year that the surface stands for")
    m2: float = about("m2", "built-up surface")
    share: float = about("m2/m2", "built-up surface over the area of the site")


@dataclass(frozen=True, slots=True)
class Flood:
    """Floods of one type, return period and year that are deeper than a threshold."""

    type: str = about("", "what floods: fluvial, pluvial, coastal or the like")
    return_period: int = about("year", "how often such a flood comes")
    year: int = about("year", "year that the climate stands for")
    threshold: float = about("m", "depth above which a cell is flooded")
    share: float = about("", "share of the site that is flooded")
    population: float = about("people", "people who live where it is flooded")
    mean_depth: float = about("m", "mean depth of the wet cells")


@dataclass(frozen=True, slots=True)
class ClimateMonth:
    """Normals of one month, weighted by population."""

    month: int = about("", "month, 1 to 12")
    t_mean: float = about("degC", "mean air temperature")
    t_min: float = about("degC", "mean daily minimum of the air temperature")
    t_max: float = about("degC", "mean daily maximum of the air temperature")
    precipitation: float = about("mm", "precipitation in the month")
    t_mean_deviation: float = about(
        "K", "standard deviation of the mean temperature between years; NaN: one year"
    )
    precipitation_deviation: float = about(
        "mm", "standard deviation of the precipitation between years; NaN: one year"
    )


@dataclass(frozen=True, slots=True)
class ParticulateMatter:
    """Fine particles in the air (PM2.5) in one year."""

    year: int = about("year", "year of the mean")
    mean: float = about("ug/m3", "mean over the area of the site")
    population_mean: float = about("ug/m3", "mean over the people of the site")


@dataclass(frozen=True, slots=True)
class Route:
    """The fastest way to another site."""

    to: int = about("", "the site it leads to, by its event_id")
    minutes: float = about("min", "time of travel")
    km: float = about("km", "geodesic length of the way")
    wkb: list[int] = about(
        "", "the way as a line in longitude and latitude, bytes of WKB", dtype="u2"
    )


@dataclass(frozen=True, slots=True)
class Site(Shown):
    """One urban extent and what surrounds it.

    What was not given to the analysis is an empty list, an empty text or NaN.
    """

    event_id: int = about("", "the site: a hash of its population-weighted centroid")
    level: str = about("", "urban centre or urban cluster")
    name: str = about("", "name of its largest place, otherwise of the nearest")
    country: str = about("", "country of that place, ISO 3166-1 alpha-2")
    lon: float = about("deg", "longitude of the population-weighted centroid")
    lat: float = about("deg", "latitude of the population-weighted centroid")
    area_km2: float = about("km2", "area on the ellipsoid")
    population: float = about("people", "people who live in it")
    geometry: list[int] = about(
        "", "the extent as polygons in longitude and latitude, bytes of WKB", dtype="u2"
    )
    hd_id: int = about("", "the urban centre that most of its people live in; 0: none")
    eca_id: str = about("", "id in an external set of extents; empty: none")
    koppen: str = about("", "Koppen-Geiger class at the centroid, such as Cfb; empty: not known")
    admin: list[AdminUnit] = about("", "administrative units that it lies in, most people first")
    ntl: list[NightLight] = about("", "night lights by month")
    built: list[BuiltUp] = about("", "built-up surface by epoch")
    flood: list[Flood] = about("", "floods by type, return period, year and threshold")
    climate: list[ClimateMonth] = about("", "climate normals by month")
    pm25: list[ParticulateMatter] = about("", "fine particles by year")
    routes: list[Route] = about("", "ways to other sites")
