"""The map that the continuous metric computes on: directions keep their angles there.

The eikonal equation of scikit-fmm takes a pixel to be equally long in all directions. That holds
on a conformal projection only: longitudes and latitudes are put on Mercator's, projections that
keep angles stay as they are, and others are sampled on a stereographic one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.sites.packages import require
from shoeroot.sites.travel.lengths import (
    ECCENTRICITY2,
    SEMI_MAJOR,
    WGS84,
    Array,
    centres,
    steps_of,
    transformer,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoeroot.sites.grid import Grid
    from shoeroot.sites.travel.graph import Cells

__all__ = ["Carrier", "carrier_of"]

# Beyond, Mercator's map grows without end; cells there are barriers of the continuous metric.
POLEWARD = 85.0
# Sides of a cell, and its diagonals, that differ by less are taken to be equal.
_CONFORMAL = 2e-3
# Pixels along a side of a cell: where friction changes from cell to cell and ways bend around
# barriers, one would cost as much time as the directions of the graph do.
_FINER = 2
# Widths of a pixel on a map that is turned: that at the centre of a cell lies within the cell.
_PITCH = 0.7
_SAMPLES = 40


@dataclass(frozen=True, slots=True, eq=False)
class Carrier:
    """Pixels of a conformal map.

    Parameters
    ----------
    minutes : array, shape (rows, columns)
        Time to cross a pixel; NaN: a barrier.
    node : array of int32, shape (rows, columns)
        The passable cell that a pixel lies in; -1: none.
    row, column : array, shape (nodes,)
        Where the centres of the cells lie, in pixels.
    shown : array of bool, shape (nodes,)
        Whether the map shows the cell.
    wraps : bool
        The last column lies beside the first.
    lonlat : callable
        From rows and columns to longitudes and latitudes [deg].
    """

    minutes: Array
    node: Array
    row: Array
    column: Array
    shown: Array
    wraps: bool
    lonlat: Callable[[Array, Array], tuple[Array, Array]]


def carrier_of(cells: Cells) -> Carrier:
    """Put the friction of some cells on a conformal map.

    Raises
    ------
    SiteError
        The raster shows more than a hemisphere in a projection that distorts angles.
    """
    if cells.grid.crs.is_geographic:
        return _mercator(cells)
    return _itself(cells) if _is_conformal(cells.grid) else _stereographic(cells)


def _mercator(cells: Cells) -> Carrier:
    """Repeat rows and columns so that pixels are as high as they are wide everywhere."""
    grid = cells.grid
    rows, columns = grid.shape
    _, edges = centres(grid, np.arange(rows + 1) - 0.5, np.zeros(rows + 1))
    beyond = np.where(np.arange(rows + 1) <= rows / 2, 90.0, -90.0)
    edges = np.where(np.isfinite(edges), edges, beyond)
    heights = _stretched(np.clip(edges, -POLEWARD, POLEWARD))
    width = np.radians(_degrees_wide(grid))
    # No row and no column is lost where pixels are no larger than any of them.
    lowest = float(np.min(-np.diff(heights), where=np.diff(heights) < 0, initial=width))
    across = int(np.ceil(_FINER * columns * width / lowest - 1e-6))
    pitch = columns * width / across
    count = max(1, int(np.ceil((heights[0] - heights[-1]) / pitch - 1e-6)))
    middle = heights[0] - (np.arange(count) + 0.5) * pitch
    source = np.clip(np.searchsorted(-heights, -middle, side="right") - 1, 0, rows - 1)
    lat = _latitude(middle)
    sine = np.sin(np.radians(lat))
    metres = pitch * SEMI_MAJOR * np.cos(np.radians(lat)) / np.sqrt(1 - ECCENTRICITY2 * sine**2)
    beside = np.minimum(((np.arange(across) + 0.5) * pitch / width).astype(int), columns - 1)
    node = cells.node_of[np.ix_(source, beside)]
    node[np.abs(lat) >= POLEWARD] = -1
    down, right = np.divmod(cells.cell_of, columns)
    _, centre = centres(grid, np.arange(rows), np.zeros(rows))
    place = (heights[0] - _stretched(np.clip(centre, -POLEWARD, POLEWARD))) / pitch - 0.5
    first, _ = centres(grid, np.zeros(1), np.zeros(1) - 0.5)

    def lonlat(row: Array, column: Array) -> tuple[Array, Array]:
        lon = first[0] + np.degrees((column + 0.5) * pitch)
        return (lon + 180) % 360 - 180, _latitude(heights[0] - (row + 0.5) * pitch)

    return Carrier(
        _minutes(cells, node, metres[:, None]),
        node,
        place[down],
        (right + 0.5) * width / pitch - 0.5,
        (np.abs(centre) < POLEWARD)[down],
        grid.wraps,
        lonlat,
    )


def _itself(cells: Cells) -> Carrier:
    grid = cells.grid
    down, right = np.divmod(cells.cell_of, grid.shape[1])
    metres = steps_of(grid)(0, grid.shape[0], (0, 1)) / _FINER
    node, metres = (
        np.repeat(np.repeat(whole, _FINER, axis=0), _FINER, axis=1)
        for whole in (cells.node_of, metres)
    )

    def lonlat(row: Array, column: Array) -> tuple[Array, Array]:
        return centres(grid, (row + 0.5) / _FINER - 0.5, (column + 0.5) / _FINER - 0.5)

    return Carrier(
        _minutes(cells, node, metres),
        node,
        (down + 0.5) * _FINER - 0.5,
        (right + 0.5) * _FINER - 0.5,
        np.ones(cells.count, dtype=bool),
        wraps=False,
        lonlat=lonlat,
    )


def _stereographic(cells: Cells) -> Carrier:
    """Sample the cells on a stereographic map around their middle."""
    grid = cells.grid
    pyproj = require("pyproj")
    lon, lat = cells.lonlat(np.arange(cells.count))
    middle = _middle(lon, lat, grid.name)
    crs = pyproj.CRS.from_proj4(
        f"+proj=stere +lat_0={middle[1]:.9f} +lon_0={middle[0]:.9f} +ellps=WGS84 +units=m"
    )
    to_map = transformer(WGS84, crs)
    x, y = to_map.transform(lon, lat)
    pitch = _PITCH * _shortest(grid) / _FINER
    left, top = np.min(x) - 2 * pitch, np.max(y) + 2 * pitch
    shape = (
        int(np.ceil((top - np.min(y)) / pitch)) + 2,
        int(np.ceil((np.max(x) - left) / pitch)) + 2,
    )
    node = np.full(shape, -1, dtype=np.int32)
    metres = np.empty(shape, dtype=np.float32)
    across = left + (np.arange(shape[1]) + 0.5) * pitch
    to_grid = transformer(crs, grid.crs)
    block = max(1, 1_000_000 // shape[1])
    for begin in range(0, shape[0], block):
        end = min(begin + block, shape[0])
        down = top - (np.arange(begin, end) + 0.5) * pitch
        places = np.broadcast_arrays(across[None, :], down[:, None])
        node[begin:end] = _nodes(cells, *to_grid.transform(*places))
        # The scale of the map, on the sphere that fits its middle: exact to the flattening.
        distance = np.hypot(*places)
        metres[begin:end] = pitch / (1 + (distance / (2 * 6371000.0)) ** 2)

    def lonlat(row: Array, column: Array) -> tuple[Array, Array]:
        places = left + (column + 0.5) * pitch, top - (row + 0.5) * pitch
        lon, lat = to_map.transform(*places, direction="INVERSE")
        return np.asarray(lon), np.asarray(lat)

    return Carrier(
        _minutes(cells, node, metres),
        node,
        (top - np.asarray(y)) / pitch - 0.5,
        (np.asarray(x) - left) / pitch - 0.5,
        np.ones(cells.count, dtype=bool),
        wraps=False,
        lonlat=lonlat,
    )


def _minutes(cells: Cells, node: Array, metres: Array) -> Array:
    minutes = cells.friction[np.maximum(node, 0)] * metres
    return np.where(node >= 0, minutes, np.nan)


def _nodes(cells: Cells, x: Array, y: Array) -> Array:
    grid = cells.grid
    with np.errstate(invalid="ignore"):
        column = np.floor((np.asarray(x) - grid.transform.c) / grid.transform.a)
        row = np.floor((np.asarray(y) - grid.transform.f) / grid.transform.e)
        inside = (row >= 0) & (column >= 0) & (row < grid.shape[0]) & (column < grid.shape[1])
    nodes = np.full(inside.shape, -1, dtype=np.int32)
    nodes[inside] = cells.node_of[row[inside].astype(np.int64), column[inside].astype(np.int64)]
    return nodes


def _middle(lon: Array, lat: Array, name: str) -> tuple[float, float]:
    along, up = np.radians(lon), np.radians(lat)
    places = np.stack([np.cos(up) * np.cos(along), np.cos(up) * np.sin(along), np.sin(up)])
    mean = places.mean(axis=1)
    length = float(np.sqrt(np.sum(mean**2)))
    if length < 1e-6 or float((mean / length @ places).min()) < 0:
        raise SiteError(
            "The continuous metric takes a hemisphere at most in projections that distort angles",
            where=name,
            hint='read a part of the raster, use one in longitude and latitude, or metric="graph"',
        )
    x, y, z = mean / length
    return float(np.degrees(np.arctan2(y, x))), float(np.degrees(np.arcsin(z)))


def _samples(grid: Grid) -> tuple[Array, ...]:
    """Give lengths [m] of the steps east, south and along both diagonals, here and there."""
    rows, _ = grid.shape
    steps = steps_of(grid)
    found: list[list[Array]] = [[], [], [], []]
    for row in np.unique(np.linspace(0, rows - 1, _SAMPLES).astype(int)):
        for lengths, step in zip(found, ((0, 1), (1, 0), (1, 1), (1, -1)), strict=True):
            lengths.append(steps(int(row), int(row) + 1, step).reshape(-1))
    return tuple(np.concatenate(lengths) for lengths in found)


def _shortest(grid: Grid) -> float:
    """Give the shortest width of a cell [m]."""
    lengths = _samples(grid)
    return float(min(np.nanmin(lengths[0]), np.nanmin(lengths[1]), np.nanmin(lengths[2:]) / 2**0.5))


def _is_conformal(grid: Grid) -> bool:
    east, south, falling, rising = _samples(grid)
    known = np.isfinite(east) & np.isfinite(south) & np.isfinite(falling) & np.isfinite(rising)
    if not known.any():
        return False
    sides = np.abs(south / east - 1)[known].max()
    diagonals = np.abs(falling / rising - 1)[known].max()
    return bool(sides < _CONFORMAL and diagonals < _CONFORMAL)


def _degrees_wide(grid: Grid) -> float:
    lon, _ = centres(grid, np.zeros(2), np.arange(2))
    return float((lon[1] - lon[0]) % 360)


def _stretched(lat: Array) -> Array:
    """Give Mercator's ordinate on the unit ellipsoid of latitudes [deg]."""
    up = np.radians(lat)
    e = np.sqrt(ECCENTRICITY2)
    return np.asarray(np.arctanh(np.sin(up)) - e * np.arctanh(e * np.sin(up)))


def _latitude(stretched: Array) -> Array:
    """Give the latitudes [deg] of Mercator's ordinates."""
    e = np.sqrt(ECCENTRICITY2)
    sine = np.tanh(stretched)
    for _ in range(6):  # each round leaves less than a hundredth of the error
        sine = np.tanh(stretched + e * np.arctanh(e * sine))
    return np.asarray(np.degrees(np.arcsin(sine)))
