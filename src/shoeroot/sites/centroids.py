"""Where the people of places live on average: centroids weighted by population."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shoeroot.sites.coverage import covered_sums, people_at, polygons_on
from shoeroot.sites.date_line import whole_turn
from shoeroot.sites.directions import degrees, directions_at, longitude_latitude
from shoeroot.sites.packages import require

if TYPE_CHECKING:
    from shoeroot.sites.grid import Grid

__all__ = ["geometric_centroids", "weighted_centroids"]


def weighted_centroids(places: Any, population: Grid) -> pd.DataFrame:
    """Compute the centroids of places, weighted by the people who live there.

    A cell counts with its people times the share of it that the place covers, at its centre. The
    mean is that of directions on the globe: it does not depend on the projection, and holds at
    the antimeridian and the poles.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Polygons in any CRS.
    population : Grid
        People per cell; no number and negative ones are nobody.

    Returns
    -------
    pandas.DataFrame
        With the index of the places: `lon`, `lat` [deg, EPSG:4326] and `population` [people].
        Where nobody lives they are those of the geometric centroid, and NaN where there is no
        geometry.
    """
    polygons = polygons_on(places, population, "places")

    def of_cells(cells: NDArray[Any]) -> NDArray[np.float64]:
        counts = people_at(population, cells)
        values = np.zeros((4, len(cells)))
        values[0], some = counts, counts > 0
        # Beyond the edge of a projection is nobody.
        values[1:, some] = counts[some] * np.nan_to_num(directions_at(population, cells[some]))
        return values

    totals, *sums = covered_sums(population, polygons, of_cells)
    directions = np.stack(sums, axis=-1)
    longitude, latitude = degrees(directions)
    nobody = np.flatnonzero(~directions.any(axis=1))
    longitude[nobody], latitude[nobody] = geometric_centroids(polygons[nobody], population.crs)
    return pd.DataFrame(
        {"lon": longitude, "lat": latitude, "population": totals}, index=places.index
    )


def geometric_centroids(polygons: NDArray[Any], crs: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Give the longitudes and latitudes [deg] of the centroids of polygons in a CRS.

    Polygons of which parts lie on both sides of the date line have theirs there as well; without
    geometry it is NaN.
    """
    shapely = require("shapely")
    turn = whole_turn(crs)
    left, _, right, _ = shapely.bounds(polygons).T
    if turn is not None:
        polygons = polygons.copy()
        to_east = np.array([turn, 0])
        with np.errstate(invalid="ignore"):
            both_sides = np.flatnonzero((left < 0) & (right - left > turn / 2))
        for position in both_sides:
            parts = shapely.get_parts(polygons[position])
            moved = shapely.bounds(parts)[:, 2] <= 0
            parts[moved] = shapely.transform(parts[moved], lambda points: points + to_east)
            polygons[position] = shapely.multipolygons(parts)
    points = shapely.centroid(polygons)
    known = ~(shapely.is_missing(points) | shapely.is_empty(points))
    longitude, latitude = np.full((2, len(points)), np.nan)
    x, y = shapely.get_x(points[known]), shapely.get_y(points[known])
    longitude[known], latitude[known] = longitude_latitude(x, y, crs)
    return (longitude + 180) % 360 - 180, latitude
