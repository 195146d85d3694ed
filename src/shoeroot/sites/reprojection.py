"""Bring polygons into the coordinate reference system of a raster so that their edges stay true.

An edge that is straight in one system is curved in another: vertices are added to it until the
chords differ from the curve by less than a tolerance.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from shoeroot.sites.packages import require

__all__ = ["reproject_polygons"]

#: Where along an edge its curve is compared with its chord.
PROBES = np.array([0.25, 0.5, 0.75])
#: An edge is divided at most this often [log10].
MOST_PARTS = 100_000
#: Edges are divided again until they are true, at most so often.
PASSES = 5


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
        What cannot be shown in the target has coordinates that are not finite.
    """
    shapely, pyproj = require("shapely"), require("pyproj")
    if source == target:
        return geometries
    transformer = pyproj.Transformer.from_crs(source, target, always_xy=True)

    def transform(points: Any) -> Any:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    flat = shapely.force_2d(geometries)
    for _ in range(PASSES):
        length = _longest_true_edge(flat, transform, tolerance)
        if not np.isfinite(length):
            break
        flat = shapely.segmentize(flat, length)
    return shapely.transform(flat, transform)


def _longest_true_edge(geometries: Any, transform: Any, tolerance: float) -> float:
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
    chord = first + (last - first) * along
    with np.errstate(invalid="ignore"):
        away = np.hypot(*np.moveaxis(true - chord, -1, 0)).max(axis=0)
        lengths = np.hypot(*(end - start).T)
    bad = np.isfinite(away) & (away > tolerance)
    if not bad.any():
        return np.inf
    # The distance between an arc and its chord grows with the square of the chord's length.
    longest = lengths[bad] * np.sqrt(tolerance / away[bad])
    return float(max(longest.min(), lengths.max() / MOST_PARTS))
