"""Sums over labelled cells, block of rows by block of rows: people, areas, centroids, boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xxhash

from shoeroot.optional import import_optional
from shoeroot.sites.directions import degrees, longitude_latitude, unit_vectors
from shoeroot.sites.labelling import rounded, rounded_areas
from shoeroot.sites.transforms import HINT

if TYPE_CHECKING:
    from affine import Affine
    from geopandas import GeoDataFrame
    from pyproj import CRS

__all__ = ["ExtentSums"]

Array = np.ndarray[Any, Any]

#: 180 degrees in the unit that centroids are hashed in, 0.00001 degrees.
_HALF_TURN = 18_000_000.0


class ExtentSums:
    """What a table of extents says of each label, summed up from the north to the south.

    Cells are added one by one in the order of rows, so that sums do not depend on the blocks.

    Parameters
    ----------
    count : int
        Number of labels, from 1.
    transform, crs, shape
        Of the whole grid.
    """

    def __init__(self, count: int, transform: Affine, crs: CRS, shape: tuple[int, int]) -> None:
        self._crs = crs
        self._count = count
        self._x = transform.c + transform.a * (np.arange(shape[1]) + 0.5)
        self._y = transform.f + transform.e * (np.arange(shape[0]) + 0.5)
        self.people, self._cells = np.zeros(count + 1), np.zeros(count + 1)
        self.area_km2 = np.zeros(count + 1)
        self._columns = shape[1]
        self._first = np.full(count + 1, shape[0] * shape[1])
        self._moments = np.zeros((3, count + 1))
        self._plain = np.zeros((3, count + 1))
        # North, south, west and east of the cells, the south and east excluded.
        self.boxes = np.array([[shape[0], 0, shape[1], 0]] * (count + 1))

    def add(self, first: int, labels: Array, population: Array, areas: Array) -> None:
        """Add some rows.

        Parameters
        ----------
        first : int
            The first of these rows in the whole grid.
        labels : int array, shape (rows, columns)
            0 is outside.
        population : array, shape (rows, columns)
            People a cell.
        areas : array that broadcasts to (rows, columns)
            Areas of the cells [km2].
        """
        rows, columns = np.nonzero(labels)
        owner = labels[rows, columns]
        people = rounded(population[rows, columns])
        area = rounded_areas(np.broadcast_to(areas, labels.shape)[rows, columns])
        np.add.at(self.people, owner, people)
        np.add.at(self._cells, owner, 1.0)
        np.add.at(self.area_km2, owner, area)
        rows += first
        np.minimum.at(self._first, owner, rows * self._columns + columns)
        for moment, plain, values in zip(
            self._moments, self._plain, self._directions(rows, columns), strict=True
        ):
            np.add.at(moment, owner, people * values)
            np.add.at(plain, owner, values)
        for side, values, choose in (
            (0, rows, np.minimum),
            (1, rows + 1, np.maximum),
            (2, columns, np.minimum),
            (3, columns + 1, np.maximum),
        ):
            choose.at(self.boxes[:, side], owner, values)

    def _directions(self, rows: Array, columns: Array) -> Array:
        """Where cells are: vectors of length 1 on the globe, shape (3, cells).

        Means of directions are the same in every projection, and right across the antimeridian
        and near the poles. Beyond the edge of a projection is nobody.
        """
        vectors = unit_vectors(*longitude_latitude(self._x[columns], self._y[rows], self._crs))
        return np.nan_to_num(vectors).T

    def centroids(self) -> tuple[Array, Array]:
        """Population-weighted centroids [degrees], EPSG:4326; of all cells where nobody lives."""
        moments = np.where(self.people > 0, self._moments, self._plain)[:, 1:]
        return degrees(np.where(moments.any(axis=0), moments, np.nan).T)

    def table(self, level: str) -> tuple[GeoDataFrame, Array]:
        """Make the table, most people first, without geometries yet.

        Returns
        -------
        table : geopandas.GeoDataFrame
            As `Extents.table` describes.
        order : int array, shape (count,)
            Label of each row.
        """
        geopandas = import_optional("geopandas", "keeps tables of extents", HINT)
        people, area = self.people[1:], self.area_km2[1:]
        longitude, latitude = self.centroids()
        # Of as many people, the one that begins further north, then west.
        order = np.lexsort((self._first[1:], -people))
        table = geopandas.GeoDataFrame(
            {
                "id": _ids(longitude[order], latitude[order], level),
                "level": np.full(self._count, level, dtype=object),
                "population": people[order],
                "area_km2": area[order],
                "lon": longitude[order],
                "lat": latitude[order],
            },
            geometry=np.full(self._count, None, dtype=object),
            crs=self._crs,
        )
        return table, order + 1


def _ids(longitude: Array, latitude: Array, level: str) -> Array:
    """Hash centroids to positive numbers below 2**53; of two that are the same, the next one."""
    # A dict, as it keeps the order and finds a number at once.
    taken: dict[int, None] = {}
    # 0.0 is added as -0.0 would be another text.
    east, north = (np.rint(one * 1e5) + 0.0 for one in (longitude, latitude))
    # Rounding decides on which side of the antimeridian, or of a pole, a place upon it lies.
    east = np.where(east == _HALF_TURN, -_HALF_TURN, east)
    east = np.where(np.abs(north) == _HALF_TURN / 2, 0.0, east)
    for right, up in zip(east, north, strict=True):
        text = f"{right:.0f},{up:.0f},{level}"
        number = xxhash.xxh3_64_intdigest(text.encode()) % (2**53 - 1) + 1
        while number in taken:
            number = number % (2**53 - 1) + 1
        taken[number] = None
    return np.fromiter(taken, dtype=np.int64, count=len(taken))
