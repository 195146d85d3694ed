"""Ways between sites that are on disk, stored ones and new ones, with the names of their ends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError, nearest
from shoeroot.sites.store import routes_frame, sites_frame
from shoeroot.sites.travel.points import points_in_file

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["named_routes", "travel_from_sites"]


def named_routes(sites: str | Path) -> GeoDataFrame:
    """Give the routes that the sites of a folder hold, with the names of both ends.

    Returns
    -------
    geopandas.GeoDataFrame
        A row a pair and direction, the fastest of an origin first: ``origin``, ``origin_name``,
        ``destination``, ``destination_name``, ``minutes``, ``km``, and the line, which the pair
        has once.

    Raises
    ------
    SiteError
        The folder has no sites, or they have no routes.
    """
    if _holds_points(sites):
        raise SiteError(
            "points hold no routes",
            where=str(sites),
            hint="name a friction raster: --friction FILE",
        )
    routes, places = routes_frame(sites), sites_frame(sites)
    if not len(routes):
        raise SiteError(
            "the sites have no routes",
            where=str(sites),
            hint="name a friction raster: --friction FILE, or [friction] in sites.toml",
        )
    return _named(routes, places, places)


def travel_from_sites(
    sites: str | Path,
    friction: str | Path,
    facilities: str | Path | None = None,
    *,
    id: str = "",  # noqa: A002
    level: str = "",
    metric: Any = "graph",
    limit: float = np.inf,
    snap_km: float = 5.0,
    matrix: str | Path | None = None,
    progress: bool = False,
) -> GeoDataFrame:
    """Find the fastest ways from sites, or other points, to each other or to facilities.

    Parameters
    ----------
    sites : path
        A folder of sites, or a file of points that GDAL reads.
    friction : path
        A raster of minutes per metre.
    facilities : path, optional
        A file of points that GDAL reads: airports, ports, district centres.
    id : str
        The column that identifies points of files; by default their number from 0.
    level : str
        Only sites of this level.
    matrix : path, optional
        Where the matrix of all pairs is written: csv or parquet.
    metric, limit, snap_km
        See `friction_graph` and `FrictionGraph`.
    progress : bool
        Show it on standard error.

    Returns
    -------
    geopandas.GeoDataFrame
        As `named_routes`; each pair of sites once.
    """
    from shoeroot.sites.travel import travel_tables

    points = _holds_points(sites)
    places = _points(Path(sites), id) if points else sites_frame(sites)
    if level and points:
        raise SiteError("points have no level", where=str(sites), hint="leave out the level")
    if level:
        places = places[places["level"] == level]
    if not len(places):
        raise SiteError(f"there are no sites of level {level!r}", where=str(sites))
    ends = None if facilities is None else _points(Path(facilities), id)
    _, routes = travel_tables(
        str(friction),
        places,
        ends,
        matrix=matrix,
        metric=metric,
        limit=limit,
        snap=snap_km,
        progress=progress,
    )
    return _named(routes, places, places if ends is None else ends)


def _holds_points(sites: str | Path) -> bool:
    """Whether it is a file of points rather than sites."""
    return Path(sites).is_file() and Path(sites).suffix not in {".root", ".toml"}


def _named(routes: GeoDataFrame, origins: Any, destinations: Any) -> GeoDataFrame:
    table = routes.copy()
    for place, (side, ends) in enumerate((("origin", origins), ("destination", destinations))):
        names = dict(zip(ends["id"], ends["name"], strict=True))
        table.insert(2 * place + 1, f"{side}_name", [names[one] for one in table[side]])
    table["minutes"], table["km"] = table["minutes"].round(3), table["km"].round(3)
    return table.sort_values(["origin", "minutes", "destination"], ignore_index=True)


def _points(path: Path, column: str) -> Any:
    table = points_in_file(path)
    if column and column not in table.columns:
        known = [str(name) for name in table.columns if name != "geometry"]
        raise SiteError(
            f"the points have no column {column!r}",
            where=str(path),
            hint=nearest(column, known),
        )
    table["id"] = table[column] if column else np.arange(len(table))
    ids = table["id"].astype(str)
    # Where a point has no name its id is one.
    names = table.get("name", ids)
    table["name"] = names.astype(str).where(names.notna(), ids)
    return table
