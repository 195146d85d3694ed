"""Maps of sites that are on disk, with the units and routes that they were built with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.sites.build_report import UNITS
from shoeroot.sites.maps import interactive_map
from shoeroot.sites.packages import require
from shoeroot.sites.static_map import static_map
from shoeroot.sites.store import output_of, routes_frame, sites_frame

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["draw_sites"]


def draw_sites(
    sites: str | Path,
    path: str | Path | None = None,
    *,
    level: str = "",
    colour_by: str = "level",
    routes: int = 3,
    units: bool = True,
) -> Path:
    r"""Draw the sites of a folder.

    Parameters
    ----------
    sites : path
        The folder that `build_sites` made, or the ``sites.toml`` that it was made by.
    path : path, optional
        \*.html for a map that moves, otherwise a picture; by default ``map.html`` in the folder.
    level : str
        Only sites of this level.
    colour_by : str
        Column for the colours of a picture.
    routes : int
        So many of the fastest routes of each site are drawn, where there are any.
    units : bool
        Whether they are drawn, where there are any.

    Returns
    -------
    Path
        The map.

    Raises
    ------
    SiteError
        There is nothing to draw, or the map cannot be written.
    """
    folder = output_of(sites)
    target = folder / "map.html" if path is None else Path(path)
    places = sites_frame(folder)
    if level:
        places = places[places["level"] == level]
    if not len(places):
        raise SiteError(f"there are no sites of level {level!r}", where=str(folder))
    ways = _fastest(routes_frame(folder), places["id"], routes)
    names = places.set_index("id")["name"]
    names = names.where(names != "", names.index.astype(str))
    ways = ways.assign(**{end: names[ways[end]].to_numpy() for end in ("origin", "destination")})
    borders = None
    if units and (folder / UNITS).is_file():
        borders = require("geopandas").read_file(folder / UNITS)
    if target.suffix.lower() in (".html", ".htm"):
        interactive_map(places, borders, ways if len(ways) else None, target)
    else:
        static_map(places, borders, ways if len(ways) else None, target, colour_by=colour_by)
    return target


def _fastest(routes: GeoDataFrame, ids: Any, count: int) -> GeoDataFrame:
    """Keep the lines of the pairs that are among the fastest of either end."""
    routes = routes[routes["origin"].isin(ids)]
    rank = routes.sort_values("minutes", kind="stable").groupby("origin").cumcount()
    chosen = routes[rank.reindex(routes.index) < count]
    pairs = {frozenset(pair) for pair in zip(chosen["origin"], chosen["destination"], strict=True)}
    wanted = [
        frozenset(pair) in pairs
        for pair in zip(routes["origin"], routes["destination"], strict=True)
    ]
    # The line of a pair is stored once.
    return routes[np.array(wanted, dtype=bool) & np.asarray(routes.geometry.notna())]
