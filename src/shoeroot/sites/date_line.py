"""Longitudes go round: polygons across the date line, and rasters from 0 to 360 degrees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.sites.packages import require

if TYPE_CHECKING:
    from pyproj import CRS

__all__ = ["around", "unbroken", "whole_turn"]

#: Share of a turn that rounding of coordinates in files explains.
CLOSE = 1e-9


def whole_turn(crs: CRS) -> float | None:
    """Give the length of a whole turn in the units of a geographic CRS, of others None."""
    if not crs.is_geographic:
        return None
    return 2 * np.pi / float(crs.axis_info[0].unit_conversion_factor)


def unbroken(polygons: Any, turn: float) -> Any:
    """Put vertices of a ring beside each other that reprojection put on both sides of a date line.

    Polygons then go beyond 180 degrees; those around a pole reach up to it.
    """
    shapely = require("shapely")
    points, owner = shapely.get_coordinates(polygons, return_index=True)
    steps = np.abs(np.diff(points[:, 0]))
    with np.errstate(invalid="ignore"):
        broken = np.unique(owner[1:][(steps > turn / 2) & (owner[1:] == owner[:-1])])
    for position in broken:
        parts = [_unbroken(part, turn) for part in shapely.get_parts(polygons[position])]
        polygons[position] = shapely.multipolygons(shapely.get_parts(parts))
    return polygons


def _unbroken(polygon: Any, turn: float) -> Any:
    shapely = require("shapely")
    rings = shapely.get_rings(polygon)
    exterior, *holes = (shapely.Polygon(_ring(shapely.get_coordinates(r), turn)) for r in rings)
    if not holes:
        return exterior
    # Cut out where all are in the same turn: a hole around a pole begins anywhere.
    west, _, east, _ = exterior.bounds
    frame = around(np.array([exterior, *holes], dtype=object), (west + east) / 2, turn)
    return shapely.difference(frame[0], shapely.union_all(frame[1:]))


def _ring(points: Any, turn: float) -> Any:
    jumps = np.round(np.diff(points[:, 0]) / turn)
    along = points.copy()
    along[1:, 0] -= turn * np.cumsum(jumps)
    if jumps.sum() == 0:
        return along
    pole = np.copysign(turn / 4, along[:, 1].mean())
    around_pole = [[along[-1, 0], pole], [along[0, 0], pole], along[0]]
    return np.concatenate([along, around_pole])


def around(polygons: Any, centre: float, turn: float) -> Any:
    """Bring polygons to within half a turn of a longitude, cut where they go beyond."""
    shapely = require("shapely")
    west, east = centre - turn / 2, centre + turn / 2
    bounds = shapely.bounds(polygons)
    with np.errstate(invalid="ignore"):
        beyond = (bounds[:, 0] < west - CLOSE * turn) | (bounds[:, 2] > east + CLOSE * turn)
    moved = polygons.copy()
    for position in np.flatnonzero(beyond & np.isfinite(bounds).all(axis=1)):
        _, south, _, north = bounds[position]
        frame = shapely.box(west, south - 1, east, north + 1)
        pieces = []
        first = int(np.floor((bounds[position, 0] - west) / turn))
        for turns in range(first, int(np.floor((bounds[position, 2] - west) / turn)) + 1):
            shifted = shapely.transform(polygons[position], lambda p, k=turns: p - (k * turn, 0))
            pieces.append(shapely.intersection(shifted, frame))
        parts = shapely.get_parts(shapely.get_parts([shapely.union_all(pieces)]))
        moved[position] = shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])
    return moved
