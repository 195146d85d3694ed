"""Points that people travel from and to, and the cells of the friction raster they stand in."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError, SiteWarning
from shoeroot.sites.packages import require
from shoeroot.sites.travel.graph import Cells
from shoeroot.sites.travel.lengths import WGS84, Array, centres, to_earth, transformer

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame

__all__ = ["Located", "Locator", "points_in_file", "read_points"]

# A name more helps nobody.
_NAMED = 10

_NO_POINTS = "It is a table without geometries"
_COLUMNS = "columns lon and lat, in degrees, say where points are"


@dataclass(frozen=True, slots=True)
class Located:
    """Points and their nodes.

    Parameters
    ----------
    ids : pandas.Index
        One a point, different from each other.
    nodes : array of int64, shape (points,)
        Node of each point; -1: none.
    """

    ids: pd.Index[Any]
    nodes: Array

    def __len__(self) -> int:
        return len(self.nodes)


def points_in_file(path: str | os.PathLike[str]) -> GeoDataFrame:
    """Read a file of points that GDAL knows, or a table with columns ``lon`` and ``lat`` [deg].

    Raises
    ------
    SiteError
        The file cannot be read, or holds no points.
    """
    geopandas, pandas = require("geopandas"), require("pandas")
    where = os.fspath(path)
    try:
        if where.lower().endswith(".csv"):
            # Texts as they are: an id of 01 is no 1.
            table = pandas.read_csv(path, dtype=str, keep_default_na=False)
        else:
            table = geopandas.read_file(path)
    except Exception as problem:  # drivers raise what they like
        raise SiteError(f"The points cannot be read: {problem}", where=where) from problem
    if not len(table):
        raise SiteError("There are no points", where=where)
    if isinstance(table, geopandas.GeoDataFrame):
        return table
    if not {"lon", "lat"} <= set(table.columns):
        raise SiteError(_NO_POINTS, where=where, hint=_COLUMNS)
    lon, lat = (pandas.to_numeric(table[name], errors="coerce") for name in ("lon", "lat"))
    points = geopandas.points_from_xy(lon, lat)
    return geopandas.GeoDataFrame(table, geometry=points, crs=WGS84)


def read_points(points: GeoDataFrame, what: str) -> tuple[pd.Index[Any], Array, Array]:
    """Read ids, longitudes and latitudes [deg] of points.

    Ids are the column ``id`` or ``code``, otherwise the index. A table of polygons has its
    places in columns ``lon`` and ``lat``, as the tables of extents do.

    Raises
    ------
    SiteError
        There is no CRS, ids are there twice, or the geometries are no points.
    """
    pandas = require("pandas")
    named = [name for name in ("id", "code") if name in points.columns]
    ids = pandas.Index(points[named[0]]) if named else points.index
    ids = ids.rename(named[0] if named else ids.name)
    twice = ids[ids.duplicated()]
    if len(twice):
        raise SiteError(f"Ids of {what} are there twice: {_listed(twice)}", where=what)
    geometry = getattr(points, "geometry", None)  # a plain DataFrame has none
    if geometry is not None and _are_points(geometry):
        if points.crs is None:
            raise SiteError(
                f"The {what} have no CRS", where=what, hint="set_crs(...) says which one it is"
            )
        geometry = geometry.to_crs(4326)
        return ids, geometry.x.to_numpy(dtype=float), geometry.y.to_numpy(dtype=float)
    if {"lon", "lat"} <= set(points.columns):
        return ids, points["lon"].to_numpy(dtype=float), points["lat"].to_numpy(dtype=float)
    if geometry is None:
        raise SiteError(_NO_POINTS, where=what, hint=_COLUMNS)
    kinds = sorted(set(geometry.geom_type.dropna()) - {"Point"})
    raise SiteError(
        f"The {what} are {', '.join(kinds)}, not points",
        where=what,
        hint="weighted_centroids(places, population) gives points, and so do columns lon and lat",
    )


def _are_points(geometry: Any) -> bool:
    return bool(((geometry.geom_type == "Point") | geometry.isna() | geometry.is_empty).all())


@dataclass(frozen=True)
class Locator:
    """Finds the nodes of points, or the nearest ones."""

    cells: Cells

    def locate(self, points: GeoDataFrame, what: str, snap: float) -> Located:
        """Find the node of each point.

        A point off the grid or on a barrier moves to the nearest passable cell whose centre is
        within `snap` [km]; if there is none it has no node, and a warning names it.

        Raises
        ------
        SiteError
            See `read_points`; `snap` is negative.
        """
        if not snap >= 0:
            raise SiteError(f"snap is a distance in km, not {snap}", where=what)
        ids, lon, lat = read_points(points, what)
        nodes = self.nodes_at(lon, lat)
        lost = np.flatnonzero((nodes < 0) & np.isfinite(lon) & np.isfinite(lat))
        if len(lost) and snap > 0:
            nodes[lost] = self._snapped(lon[lost], lat[lost], snap)
        lost = np.flatnonzero(nodes < 0)
        if len(lost):
            _warn(ids[lost], what, snap, self.cells.grid.name)
        return Located(ids, nodes)

    def nodes_at(self, lon: Array, lat: Array) -> Array:
        """Find the nodes whose cells hold some places [deg]; -1: off the grid or a barrier."""
        grid = self.cells.grid
        known = np.isfinite(lon) & np.isfinite(lat)
        x, y = transformer(WGS84, grid.crs).transform(
            np.where(known, lon, 0), np.where(known, lat, 0)
        )
        x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        if grid.crs.is_geographic:
            turn = 2 * np.pi / grid.crs.axis_info[0].unit_conversion_factor
            x = grid.transform.c + (x - grid.transform.c) % turn
        with np.errstate(invalid="ignore"):
            column = np.floor((x - grid.transform.c) / grid.transform.a)
            row = np.floor((y - grid.transform.f) / grid.transform.e)
            inside = (row >= 0) & (column >= 0) & (row < grid.shape[0]) & (column < grid.shape[1])
        inside &= known
        nodes = np.full(len(inside), -1, dtype=np.int64)
        cell = row[inside].astype(np.int64), column[inside].astype(np.int64)
        nodes[inside] = self.cells.node_of[cell]
        return nodes

    def _snapped(self, lon: Array, lat: Array, snap: float) -> Array:
        tree, frontier = self._frontier
        distance, number = tree.query(to_earth(lon, lat))
        # The tree measures chords; the difference to the geodesic is far below a cell.
        return np.where(distance <= snap * 1000, frontier[number], -1)

    @cached_property
    def _frontier(self) -> tuple[Any, Array]:
        """Passable cells at barriers and edges: one of them is nearest to any place outside."""
        from scipy.ndimage import minimum_filter
        from scipy.spatial import cKDTree

        passable = self.cells.node_of >= 0
        mode = ("constant", "wrap" if self.cells.grid.wraps else "constant")
        enclosed = minimum_filter(passable, size=3, mode=mode, cval=False)
        rows, columns = np.nonzero(passable & ~enclosed)
        if not len(rows):
            rows, columns = np.nonzero(passable)
        places = to_earth(*centres(self.cells.grid, rows, columns))
        return cKDTree(places), self.cells.node_of[rows, columns]


def _warn(ids: pd.Index[Any], what: str, snap: float, name: str) -> None:
    reach = f" and farther than {snap:g} km from any passable cell" if snap else ""
    advice = "" if snap else "; snap=... [km] moves them to the nearest passable cell"
    warnings.warn(
        f"{len(ids)} {what} are off {name} or on a barrier{reach}, and are NaN: "
        f"{_listed(ids)}{advice}",
        SiteWarning,
        stacklevel=4,
    )


def _listed(ids: pd.Index[Any]) -> str:
    shown = ", ".join(str(one) for one in ids[:_NAMED])
    return shown if len(ids) <= _NAMED else f"{shown} and {len(ids) - _NAMED} more"
