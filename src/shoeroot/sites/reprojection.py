"""Bring polygons and lattices of points into another coordinate reference system.

An edge that is straight in one system is curved in another: vertices are added to it until the
chords differ from the curve by less than a tolerance.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.sites.date_line import unbroken, whole_turn
from shoeroot.sites.packages import require

__all__ = ["reproject_polygons", "transform_lattice", "transformer"]

#: Where along an edge its curve is compared with its chord.
PROBES = np.array([0.25, 0.5, 0.75])
#: An edge is divided into at most so many.
MOST_PARTS = 100_000
#: Edges are divided again until they are true, at most so often.
PASSES = 5
#: Lines of a lattice between two that are transformed, where the others are interpolated.
STEP = 16

Array = np.ndarray[Any, Any]
Transform = Callable[[Array, Array], tuple[Array, Array]]


@lru_cache(maxsize=32)
def transformer(source: Any, target: Any) -> Any:
    """Give what transforms x and y (longitude and latitude) from one CRS to another, made once.

    Raises
    ------
    SiteError
        There is no such transformation.
    """
    try:
        return require("pyproj").Transformer.from_crs(source, target, always_xy=True)
    except require("pyproj.exceptions").ProjError as problem:
        raise SiteError(
            f"There is no way from {source.name} to {target.name}",
            hint="coordinate reference systems of the Earth have one; is it the right one?",
        ) from problem


def reproject_polygons(geometries: Any, source: Any, target: Any, tolerance: float) -> Any:
    """Transform geometries from one CRS to another.

    Parameters
    ----------
    geometries : numpy.ndarray of shapely.Geometry
    source, target : pyproj.CRS
    tolerance : float
        How far a reprojected edge may lie from the true one [unit of the target].

    Returns
    -------
    numpy.ndarray of shapely.Geometry
        What cannot be shown in the target has coordinates that are not finite; what lies across
        the date line goes beyond 180 degrees.
    """
    shapely = require("shapely")
    if source == target:
        return geometries
    to_target = transformer(source, target)

    def transform(points: Array) -> Array:
        return np.column_stack(to_target.transform(points[:, 0], points[:, 1]))

    flat = shapely.force_2d(geometries)
    turn = whole_turn(target)
    for _ in range(PASSES):
        length = _longest_true_edge(flat, transform, tolerance, turn)
        if not np.isfinite(length):
            break
        flat = shapely.segmentize(flat, length)
    shown = shapely.transform(flat, transform)
    return shown if turn is None else unbroken(shown, turn)


def _longest_true_edge(
    geometries: Any, transform: Any, tolerance: float, turn: float | None
) -> float:
    """Find how long edges may be; infinite where all are true already [unit of the source]."""
    shapely = require("shapely")
    points, part = shapely.get_coordinates(
        shapely.get_parts(shapely.get_rings(shapely.get_parts(geometries))), return_index=True
    )
    same = part[1:] == part[:-1]
    start, end = points[:-1][same], points[1:][same]
    if not len(start):
        return np.inf
    along = PROBES[:, None, None]
    true = transform((start + (end - start) * along).reshape(-1, 2)).reshape(len(PROBES), -1, 2)
    first, last = transform(start), transform(end)
    with np.errstate(invalid="ignore"):
        if turn is not None:  # an edge across the date line is not long
            last[:, 0] -= turn * np.round((last[:, 0] - first[:, 0]) / turn)
            true[..., 0] -= turn * np.round((true[..., 0] - first[:, 0]) / turn)
        chord = first + (last - first) * along
        away = np.hypot(*np.moveaxis(true - chord, -1, 0)).max(axis=0)
        lengths = np.hypot(*(end - start).T)
    bad = np.isfinite(away) & (away > tolerance)
    if not bad.any():
        return np.inf
    # The distance between an arc and its chord grows with the square of the chord's length.
    longest = lengths[bad] * np.sqrt(tolerance / away[bad])
    return float(max(longest.min(), lengths.max() / MOST_PARTS))


def transform_lattice(
    transform: Transform, across: Array, down: Array, tolerance: float = 0.0
) -> tuple[Array, Array]:
    """Transform the points of a lattice; most are interpolated where that is true enough.

    Parameters
    ----------
    transform : callable
        From arrays of x and y to arrays of x and y.
    across, down : array, shape (columns,) and (rows,)
        x of its columns and y of its rows.
    tolerance : float
        How far a point may lie from its true place; 0: all points are transformed.

    Returns
    -------
    x, y : array, shape (rows, columns)
        NaN where there is no such point in the other CRS.
    """
    if tolerance > 0 and min(len(across), len(down)) > 2 * STEP:
        columns, rows = _lines(len(across)), _lines(len(down))
        known = _finite(transform, across[columns], down[rows])
        middle = [(line[:-1] + line[1:]) / 2 for line in (across[columns], down[rows])]
        true = _finite(transform, *middle)
        # Exactly between lines the interpolation is worst.
        guessed = [(each[:-1] + each[1:]) / 2 for each in known]
        guessed = [(each[:, :-1] + each[:, 1:]) / 2 for each in guessed]
        away = max(np.abs(one - other).max() for one, other in zip(true, guessed, strict=True))
        if away <= tolerance:  # not where anything is NaN
            right, low = _shares(columns, len(across)), _shares(rows, len(down))
            return low @ known[0] @ right.T, low @ known[1] @ right.T
    return _finite(transform, across, down)


def _lines(count: int) -> Array:
    return np.unique(np.append(np.arange(0, count, STEP), count - 1))


def _shares(lines: Array, count: int) -> Array:
    """Give how much of each known line is in each of all lines, shape (count, lines)."""
    return np.stack([np.interp(np.arange(count), lines, one) for one in np.eye(len(lines))], 1)


def _finite(transform: Transform, across: Array, down: Array) -> tuple[Array, Array]:
    x, y = transform(*np.meshgrid(across, down))
    known = np.isfinite(x) & np.isfinite(y)
    return np.where(known, x, np.nan), np.where(known, y, np.nan)
