"""How far it is on the ground from the centre of a cell to the centre of a neighbour.

Lengths are geodesics on WGS84, in metres, whatever the projection of the grid is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.sites.packages import require

if TYPE_CHECKING:
    from pyproj import CRS

    from shoeroot.sites.grid import Grid

__all__ = [
    "NEIGHBOURS",
    "WGS84",
    "Array",
    "Steps",
    "centres",
    "steps_of",
    "to_earth",
    "transformer",
]

Array = np.ndarray[Any, Any]

#: Steps in (rows, columns) to the eight neighbours, in the order of their cells.
NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))

#: Gives, for rows ``top`` to ``bottom`` (excluded) and a step, metres from each cell to that
#: neighbour; broadcasts to (rows, columns) of the block.
Steps = Callable[[int, int, tuple[int, int]], Array]

#: Longitude and latitude.
WGS84 = "EPSG:4326"

SEMI_MAJOR = 6378137.0
FLATTENING = 1 / 298.257223563
ECCENTRICITY2 = FLATTENING * (2 - FLATTENING)


def steps_of(grid: Grid) -> Steps:
    """Give the function that knows the lengths of a grid's steps."""
    return _steps_by_row(grid) if grid.crs.is_geographic else _steps_by_chord(grid)


def centres(grid: Grid, rows: Array, columns: Array) -> tuple[Array, Array]:
    """Give longitudes and latitudes [deg, WGS84] of places given in rows and columns.

    Whole numbers are centres of cells. Longitudes lie in [-180, 180); where the projection
    shows no place on Earth both are infinite.
    """
    x = grid.transform.c + (np.asarray(columns) + 0.5) * grid.transform.a
    y = grid.transform.f + (np.asarray(rows) + 0.5) * grid.transform.e
    lon, lat = transformer(grid.crs, WGS84).transform(x, y)
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    known = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) <= 90)
    lon = np.where(known, (np.where(known, lon, 0) + 180) % 360 - 180, np.inf)
    return lon, np.where(known, lat, np.inf)


@lru_cache(maxsize=32)
def transformer(source: CRS | str, target: CRS | str) -> Any:
    """Give pyproj's transformer, x before y: finding one takes much longer than a few places."""
    return require("pyproj").Transformer.from_crs(source, target, always_xy=True)


def to_earth(lon: Array, lat: Array) -> Array:
    """Give positions on the ellipsoid [m], shape (..., 3), of longitudes and latitudes [deg]."""
    known = np.isfinite(lon) & np.isfinite(lat)
    along, up = np.radians(np.where(known, lon, 0)), np.radians(np.where(known, lat, 0))
    normal = SEMI_MAJOR / np.sqrt(1 - ECCENTRICITY2 * np.sin(up) ** 2)
    places = np.stack(
        [
            normal * np.cos(up) * np.cos(along),
            normal * np.cos(up) * np.sin(along),
            normal * (1 - ECCENTRICITY2) * np.sin(up),
        ],
        axis=-1,
    )
    places[~known] = np.nan
    return places


def _steps_by_row(grid: Grid) -> Steps:
    """All steps of a row are alike where rows are parallels: three geodesics a row."""
    pyproj = require("pyproj")
    rows = grid.shape[0]
    # A row more on both sides: the steps out of the grid are asked for, but never used.
    number = np.arange(-1, rows + 1)
    _, lat = centres(grid, number, np.zeros(rows + 2))
    lat = np.where(np.isfinite(lat), lat, np.nan)
    east, _ = centres(grid, np.zeros(2) + rows // 2, np.arange(2))
    turn = np.full(rows + 1, (east[1] - east[0]) % 360)
    none = np.zeros(rows + 1)
    geod = pyproj.Geod(ellps="WGS84")
    across = geod.inv(none, lat[:-1], turn, lat[:-1])[2][1:]
    down = geod.inv(none, lat[:-1], none, lat[1:])[2]
    slanting = geod.inv(none, lat[:-1], turn, lat[1:])[2]

    def steps(top: int, bottom: int, step: tuple[int, int]) -> Array:
        if step[0] == 0:
            return np.asarray(across[top:bottom, None])
        lengths = slanting if step[1] else down
        shift = 1 if step[0] > 0 else 0
        return np.asarray(lengths[top + shift : bottom + shift, None])

    return steps


def _steps_by_chord(grid: Grid) -> Steps:
    """Chords between positions in space, bent to the radius of the Earth there.

    For steps of 100 km the error is below 1e-7 of the length, for shorter ones far smaller.
    """
    held: dict[tuple[int, int], Array] = {}

    def places(top: int, bottom: int) -> Array:
        if (top, bottom) not in held:
            held.clear()
            rows = np.arange(top - 1, bottom + 1)
            columns = np.arange(-1, grid.shape[1] + 1)
            held[top, bottom] = to_earth(*centres(grid, *np.meshgrid(rows, columns, indexing="ij")))
        return held[top, bottom]

    def steps(top: int, bottom: int, step: tuple[int, int]) -> Array:
        here = places(top, bottom)
        rows, columns = bottom - top, grid.shape[1]
        there = here[1 + step[0] : 1 + step[0] + rows, 1 + step[1] : 1 + step[1] + columns]
        here = here[1:-1, 1:-1]
        chord = np.sqrt(np.sum((here - there) ** 2, axis=-1))
        twice = 2 * _radius(here[..., 2] + there[..., 2])
        with np.errstate(invalid="ignore"):
            return np.asarray(twice * np.arcsin(chord / twice))

    return steps


def _radius(height: Array) -> Array:
    """Give the mean radius of curvature [m] where z is half of `height` [m]."""
    # sin(latitude) follows from z to the order of the flattening, which is enough here.
    sine = np.clip(height / 2 / (SEMI_MAJOR * (1 - FLATTENING)), -1, 1)
    return np.asarray(SEMI_MAJOR * np.sqrt(1 - ECCENTRICITY2) / (1 - ECCENTRICITY2 * sine**2))
