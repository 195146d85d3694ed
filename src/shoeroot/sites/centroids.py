"""Where the people of places live on average: centroids weighted by population."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shoeroot.sites.coverage import coverage, covered_sums, people, polygons_on
from shoeroot.sites.packages import require

if TYPE_CHECKING:
    from shoeroot.sites.grid import Grid

__all__ = ["degrees", "unit_vectors", "weighted_centroids"]


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
    covered = coverage(population, polygons)
    counts = people(population).ravel()
    # Cells that no place covers need no longitude: most of the raster, often.
    used = np.unique(covered.indices[counts[covered.indices] > 0])
    weighted = unit_vectors(*_cell_centres(population, used)) * counts[used, np.newaxis]
    directions = np.asarray(covered[:, used] @ weighted)
    totals = covered_sums(covered, counts)
    longitude, latitude = degrees(directions)
    nobody = np.flatnonzero(~(totals > 0))
    longitude[nobody], latitude[nobody] = _geometric(polygons[nobody], population.crs)
    return pd.DataFrame(
        {"lon": longitude, "lat": latitude, "population": totals}, index=places.index
    )


def unit_vectors(longitude: NDArray[Any], latitude: NDArray[Any]) -> NDArray[np.float64]:
    """Turn longitudes and latitudes [deg] into directions: vectors of length 1, shape (n, 3)."""
    east, north = np.radians(longitude), np.radians(latitude)
    return np.stack(
        [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=-1
    )


def degrees(vectors: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn directions of any length, shape (n, 3), into longitudes and latitudes [deg]."""
    x, y, z = np.moveaxis(np.asarray(vectors, np.float64), -1, 0)
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))


def _cell_centres(grid: Grid, cells: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    columns, transform = grid.shape[1], grid.transform
    x = transform.c + (cells % columns + 0.5) * transform.a
    y = transform.f + (cells // columns + 0.5) * transform.e
    return _longitude_latitude(x, y, grid.crs)


def _geometric(polygons: NDArray[Any], crs: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    shapely = require("shapely")
    points = shapely.centroid(polygons)
    x, y = np.full((2, len(points)), np.nan)
    known = ~(shapely.is_missing(points) | shapely.is_empty(points))
    x[known], y[known] = shapely.get_x(points[known]), shapely.get_y(points[known])
    longitude, latitude = _longitude_latitude(x, y, crs)
    return np.where(known, longitude, np.nan), np.where(known, latitude, np.nan)


def _longitude_latitude(
    x: NDArray[Any], y: NDArray[Any], crs: Any
) -> tuple[NDArray[Any], NDArray[Any]]:
    pyproj = require("pyproj")
    turn = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    longitude, latitude = turn.transform(x, y)
    return np.asarray(longitude), np.asarray(latitude)
