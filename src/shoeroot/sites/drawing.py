"""Maps of sites that are on disk, with the units and routes that they were built with."""

from __future__ import annotations

from pathlib import Path

from shoeroot.errors import SiteError
from shoeroot.sites.build_report import UNITS
from shoeroot.sites.maps import interactive_map
from shoeroot.sites.packages import require
from shoeroot.sites.static_map import static_map
from shoeroot.sites.store import routes_frame, sites_frame

__all__ = ["draw_sites"]


def draw_sites(
    sites: str | Path,
    path: str | Path,
    *,
    level: str = "",
    colour_by: str = "level",
    routes: bool = True,
    units: bool = True,
) -> Path:
    r"""Draw the sites of a folder.

    Parameters
    ----------
    sites : path
        The folder that `build_sites` made.
    path : path
        \*.html for a map that moves, otherwise a picture.
    level : str
        Only sites of this level.
    colour_by : str
        Column for the colours of a picture.
    routes, units : bool
        Whether they are drawn, where there are any.

    Raises
    ------
    SiteError
        There is nothing to draw, or the map cannot be written.
    """
    folder, target = Path(sites), Path(path)
    places = sites_frame(folder)
    if level:
        places = places[places["level"] == level]
    if not len(places):
        raise SiteError(f"there are no sites of level {level!r}", where=str(folder))
    ways = None
    if routes:
        found = routes_frame(folder)
        ends = set(places["id"])
        ways = found[found.geometry.notna() & found["origin"].isin(ends)]
        ways = ways if len(ways) else None
    borders = None
    if units and (folder / UNITS).is_file():
        borders = require("geopandas").read_file(folder / UNITS)
    if target.suffix.lower() in (".html", ".htm"):
        interactive_map(places, borders, ways, target)
    else:
        static_map(places, borders, ways, target, colour_by=colour_by)
    return target
