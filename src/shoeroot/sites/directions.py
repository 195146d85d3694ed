"""Directions on the globe of the cells of a grid: vectors of length 1, whatever the projection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.sites.packages import require
from shoeroot.sites.reprojection import transformer

if TYPE_CHECKING:
    from shoeroot.sites.grid import Grid

__all__ = ["degrees", "directions_at", "longitude_latitude", "unit_vectors"]

Array = NDArray[Any]

#: Up to so many cells are transformed one by one.
FEW_CELLS = 200_000
#: Of more cells, one in so many rows and columns is, and the others are interpolated,
STEP = 16
#: where that is as true as this, a centimetre on the ground.
CLOSE = 1.5e-9


def unit_vectors(longitude: Array, latitude: Array) -> NDArray[np.float64]:
    """Turn longitudes and latitudes [deg] into directions: vectors of length 1, shape (n, 3)."""
    east, north = np.radians(longitude), np.radians(latitude)
    return np.stack(
        [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=-1
    )


def degrees(vectors: Array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn directions of any length, shape (n, 3), into longitudes and latitudes [deg]."""
    x, y, z = np.moveaxis(np.asarray(vectors, np.float64), -1, 0)
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))


def longitude_latitude(x: Array, y: Array, crs: Any) -> tuple[Array, Array]:
    """Turn coordinates of a CRS into longitudes and latitudes [deg]; NaN beyond the Earth."""
    longitude, latitude = transformer(crs, "EPSG:4326").transform(x, y)
    known = np.isfinite(longitude) & np.isfinite(latitude)
    return np.where(known, longitude, np.nan), np.where(known, latitude, np.nan)


def directions_at(grid: Grid, cells: Array) -> NDArray[np.float64]:
    """Give the directions of the centres of cells, by their positions in the rows of a grid.

    Returns
    -------
    array, shape (3, cells)
        NaN beyond the Earth.
    """
    rows, columns = np.divmod(cells, grid.shape[1])
    if len(cells) > FEW_CELLS:
        top, left = int(rows.min()), int(columns.min())
        down, down_nodes = _shares(int(rows.max()) - top + 1)
        across, across_nodes = _shares(int(columns.max()) - left + 1)
        nodes = _at(grid, *np.meshgrid(top + down_nodes, left + across_nodes, indexing="ij"))
        if _is_true(grid, nodes, down, across, (top, left)):
            between = (down @ nodes[..., axis] @ across.T for axis in range(3))
            return np.stack([one[rows - top, columns - left] for one in between])
    used, position = np.unique(cells, return_inverse=True)
    return _at(grid, *np.divmod(used, grid.shape[1]))[position].T


def _at(grid: Grid, rows: Array, columns: Array) -> NDArray[np.float64]:
    transform = grid.transform
    x = transform.c + (columns + 0.5) * transform.a
    y = transform.f + (rows + 0.5) * transform.e
    return unit_vectors(*longitude_latitude(x, y, grid.crs))


def _shares(count: int) -> tuple[Any, Array]:
    """Give how much of each node is in each cell of a row, by cubic interpolation, and the nodes.

    Returns
    -------
    csr_array of shape (count, nodes), array of shape (nodes,)
        The nodes are counted in cells, and lie on and beyond the row.
    """
    sparse = require("scipy.sparse")
    first = np.arange(count) // STEP
    along = np.arange(count) / STEP - first
    # Lagrange's polynomials through the nodes at -1, 0, 1 and 2.
    shares = np.stack(
        [
            -along * (along - 1) * (along - 2) / 6,
            (along + 1) * (along - 1) * (along - 2) / 2,
            -(along + 1) * along * (along - 2) / 2,
            (along + 1) * along * (along - 1) / 6,
        ],
        axis=1,
    )
    nodes = (np.arange(first[-1] + 4) - 1) * STEP
    indices = (first[:, None] + np.arange(4)).ravel()
    starts = np.arange(0, 4 * count + 1, 4)
    return sparse.csr_array((shares.ravel(), indices, starts), shape=(count, len(nodes))), nodes


def _is_true(grid: Grid, nodes: Array, down: Any, across: Any, corner: tuple[int, int]) -> bool:
    """Compare what is interpolated half-way between nodes with what it should be."""
    if not np.isfinite(nodes).all():
        return False
    rows = np.arange(min(STEP // 2, down.shape[0] - 1), down.shape[0], STEP)
    columns = np.arange(min(STEP // 2, across.shape[0] - 1), across.shape[0], STEP)
    at = np.meshgrid(corner[0] + rows, corner[1] + columns, indexing="ij")
    true = _at(grid, *at)
    guessed = [down[rows] @ nodes[..., axis] @ across[columns].T for axis in range(3)]
    return bool(np.abs(np.stack(guessed, axis=-1) - true).max() < CLOSE)
