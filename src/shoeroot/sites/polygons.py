"""Polygons along the edges of the cells of each label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.optional import import_optional

if TYPE_CHECKING:
    from affine import Affine

__all__ = ["label_polygons"]

HINT = "pip install 'shoeroot[sites]'"


def label_polygons(
    labels: np.ndarray[Any, Any], transform: Affine, count: int, corner: tuple[int, int] = (0, 0)
) -> Any:
    """Draw each label's cells.

    Parts of a label that touch at a corner only are parts of a multipolygon, and holes are holes.

    Parameters
    ----------
    labels : int32 array, shape (rows, columns)
        0 is outside.
    transform : affine.Affine
        From (column, row) to coordinates.
    count : int
        Highest label.
    corner : row, column
        Where the labels begin in the grid of the transform.

    Returns
    -------
    object array of shapely geometries, shape (count,)
        That of label k is at k - 1; empty polygons where a label has no cell.
    """
    features = import_optional("rasterio.features", "draws polygons around cells", HINT)
    shapely = import_optional("shapely", "draws polygons", HINT)
    points, ring_sizes, polygon_sizes, owners = [], [], [], []
    for geometry, label in features.shapes(
        labels.astype(np.int32, copy=False), mask=labels > 0, connectivity=4
    ):
        rings = geometry["coordinates"]
        for ring in rings:
            points.extend(ring)
            ring_sizes.append(len(ring))
        polygon_sizes.append(len(rings))
        owners.append(int(label))
    drawn = np.full(count, shapely.Polygon(), dtype=object)
    if not owners:
        return drawn
    # Rows and columns become coordinates here, so that a part gives the same as the whole.
    columns, rows = np.asarray(points).T
    x = transform.c + transform.a * (columns + corner[1])
    y = transform.f + transform.e * (rows + corner[0])
    polygons = shapely.polygons(
        shapely.linearrings(
            np.stack([x, y], axis=1), indices=np.repeat(np.arange(len(ring_sizes)), ring_sizes)
        ),
        indices=np.repeat(np.arange(len(polygon_sizes)), polygon_sizes),
    )
    owner = np.asarray(owners) - 1
    order = np.argsort(owner, kind="stable")
    owner, polygons = owner[order], polygons[order]
    found, first, number = np.unique(owner, return_index=True, return_counts=True)
    drawn[found[number == 1]] = polygons[first[number == 1]]
    several = np.isin(owner, found[number > 1])
    if several.any():
        _, place = np.unique(owner[several], return_inverse=True)
        drawn[found[number > 1]] = shapely.multipolygons(polygons[several], indices=place)
    return drawn
