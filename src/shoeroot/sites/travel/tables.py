"""Matrices and routes of points in files: `travel_tables`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError, nearest
from shoeroot.sites.travel.graph import Metric
from shoeroot.sites.travel.matrix import long_table
from shoeroot.sites.travel.network import check_limit, friction_graph
from shoeroot.sites.travel.points import Located, Locator, points_in_file
from shoeroot.sites.travel.routes import route_table

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame

    from shoeroot.sites.grid import Grid

__all__ = ["read_places", "travel_tables"]


def travel_tables(
    friction: Grid | str | os.PathLike[str],
    origins: GeoDataFrame | str | os.PathLike[str],
    destinations: GeoDataFrame | str | os.PathLike[str] | None = None,
    *,
    matrix: str | os.PathLike[str] | None = None,
    routes: str | os.PathLike[str] | None = None,
    identifier: str = "",
    metric: Metric = "graph",
    limit: float = np.inf,
    snap: float = 0.0,
    workers: int | None = None,
    progress: bool = False,
) -> tuple[pd.DataFrame, GeoDataFrame]:
    """Find times, distances and routes between points, and write them into files.

    Each way is searched once. A file is replaced by a whole one, or not at all.

    Parameters
    ----------
    friction : Grid or path
        Minutes a metre; see `friction_graph`.
    origins, destinations : GeoDataFrame or path
        Points, or files of points that GDAL reads; without destinations the origins are the
        destinations as well.
    matrix : path, optional
        Where the matrix goes, as a long table: csv or parquet.
    routes : path, optional
        Where the routes go: gpkg, geojson, shp or parquet with lines, csv without.
    identifier : str
        Column of both tables that identifies the points; by default ``id`` or ``code``, otherwise
        points are numbered from 0.
    metric, workers, progress
        See `friction_graph`.
    limit : float
        Longest way [min].
    snap : float
        Points on barriers move to the nearest passable cell within so many km.

    Returns
    -------
    matrix, routes
        As `FrictionGraph.matrix` and `FrictionGraph.routes` give them.

    Raises
    ------
    SiteError
        A file cannot be read or written, or has no such column.
    """
    from shoeroot.sites.tables import writable, write_table

    check_limit(limit)
    # What cannot be written is said before anything is searched.
    for path, geometries in ((matrix, False), (routes, True)):
        if path is not None:
            writable(path, geometries=geometries)
    starts = read_places(origins, identifier)
    ends = None if destinations is None else read_places(destinations, identifier)
    graph = friction_graph(friction, metric=metric, workers=workers, progress=progress)
    locator = Locator(graph.cells)
    first = locator.locate(starts, "origins", snap)
    second = None if ends is None else locator.locate(ends, "destinations", snap)
    found = route_table(graph.search, first, second, limit, graph.effort)
    whole = _matrix(found, first, second)
    if matrix is not None:
        write_table(whole, matrix)
    if routes is not None:
        write_table(found, routes, "routes")
    return whole, found


def read_places(places: GeoDataFrame | str | os.PathLike[str], identifier: str) -> GeoDataFrame:
    """Read points from a file, or take a table; the identifier becomes the column ``id``.

    Raises
    ------
    SiteError
        The file cannot be read, or has no such column.
    """
    table: Any = places
    where = "points"
    if isinstance(places, str | os.PathLike):
        where = str(Path(places))
        table = points_in_file(places)
    if not identifier:
        return table
    if identifier not in table.columns:
        known = [str(name) for name in table.columns if name != "geometry"]
        raise SiteError(
            f"The points have no column {identifier!r}",
            where=where,
            hint=nearest(identifier, known),
        )
    return table.assign(id=table[identifier])


def _matrix(routes: GeoDataFrame, origins: Located, destinations: Located | None) -> pd.DataFrame:
    """Make the matrix of all pairs from the routes, which lack pairs without a way."""
    ends = origins if destinations is None else destinations
    minutes = np.full((len(origins), len(ends)), np.nan)
    km = minutes.copy()
    rows = origins.ids.get_indexer(routes["origin"])
    columns = ends.ids.get_indexer(routes["destination"])
    for whole, name in ((minutes, "minutes"), (km, "km")):
        whole[rows, columns] = routes[name]
        if destinations is None:
            whole[columns, rows] = routes[name]
            here = np.flatnonzero(origins.nodes >= 0)
            whole[here, here] = 0.0
    return long_table(origins, ends, minutes, km)
