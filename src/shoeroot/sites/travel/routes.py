"""Routes: the fastest ways as lines in longitude and latitude."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.records import Route
from shoeroot.sites.packages import require
from shoeroot.sites.travel.lengths import Array
from shoeroot.sites.travel.pairs import Effort, Found, search_pairs
from shoeroot.sites.travel.points import Located
from shoeroot.sites.travel.search import Lines, Search

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["as_routes", "route_table"]


def route_table(
    search: Search,
    origins: Located,
    destinations: Located | None,
    limit: float,
    effort: Effort,
) -> GeoDataFrame:
    """Make the table of routes; see `FrictionGraph.routes`."""
    geopandas = require("geopandas")
    ends = origins if destinations is None else destinations
    # Times are the same in both directions: searches begin on the side with fewer places.
    turned = destinations is not None and _distinct(ends) < _distinct(origins)
    here, there = (ends, origins) if turned else (origins, ends)
    sources, members = _grouped(here.nodes)
    targets, guests = _grouped(there.nodes)
    rows: list[tuple[int, int, float, float]] = []
    lines: list[Any] = []
    if destinations is None:
        for group in members:
            pairs = [(a, b) for place, a in enumerate(group) for b in group[place + 1 :]]
            rows += [(a, b, 0.0, 0.0) for a, b in pairs]
            lines += [_standing(search, origins.nodes[a]) for a, _ in pairs]
    for found in search_pairs(
        search,
        sources,
        None if destinations is None else targets,
        limit=limit,
        lines=True,
        effort=effort,
    ):
        for target, minutes, km, line in _routes(found):
            for a in members[found.source]:
                for b in guests[target]:
                    back = turned or (destinations is None and b < a)
                    rows.append((b, a, minutes, km) if back else (a, b, minutes, km))
                    lines.append(_turned(line) if back else line)
    order = sorted(range(len(rows)), key=lambda number: rows[number][:2])
    table = np.array(rows, dtype=float).reshape(-1, 4)[order]
    return geopandas.GeoDataFrame(
        {
            "origin": origins.ids[table[:, 0].astype(int)],
            "destination": ends.ids[table[:, 1].astype(int)],
            "minutes": table[:, 2],
            "km": table[:, 3],
        },
        geometry=geopandas.GeoSeries([lines[number] for number in order], crs="EPSG:4326"),
        crs="EPSG:4326",
    )


def as_routes(table: GeoDataFrame, ids: Iterable[Any]) -> list[list[Route]]:
    """Give the routes of each place as records, the fastest first.

    A pair of places stands in the lists of both, whether the table has it in one direction or in
    both. Its line is stored once, with the place that comes first in `ids`; for the other one
    `wkb` is empty, so that lines are neither stored nor drawn twice.

    Parameters
    ----------
    table : GeoDataFrame
        Columns origin, destination, minutes [min], km [km]; lines in any CRS or, in a plain
        DataFrame such as a matrix, none. Rows without a time or from a place to itself are left
        out.
    ids : iterable of int
        The places, in the order that the lists have.

    Returns
    -------
    list of list of Route
    """
    places = {one: number for number, one in enumerate(ids)}
    lines = _wkb(table)
    best: dict[tuple[int, int], tuple[float, float, bytes]] = {}
    columns = (table[name].to_numpy() for name in ("origin", "destination", "minutes", "km"))
    for origin, destination, minutes, km, line in zip(*columns, lines, strict=True):
        pair = places.get(origin), places.get(destination)
        if None in pair or pair[0] == pair[1] or not np.isfinite(minutes):
            continue
        key = (min(pair), max(pair))  # type: ignore[type-var]
        if key not in best or (not best[key][2] and line):
            best[key] = (float(minutes), float(km), line)  # type: ignore[index]
    names = list(places)
    routes: list[list[Route]] = [[] for _ in names]
    for (a, b), (minutes, km, line) in best.items():
        routes[a].append(Route(int(names[b]), minutes, km, list(line)))
        routes[b].append(Route(int(names[a]), minutes, km, []))
    return [sorted(group, key=lambda route: (route.minutes, route.to)) for group in routes]


def _wkb(table: GeoDataFrame) -> list[bytes]:
    if not hasattr(table, "geometry") or table.geometry.name not in table.columns:
        return [b""] * len(table)
    lines = table.geometry if table.crs is None else table.geometry.to_crs(4326)
    return [b"" if line is None else bytes(line) for line in lines.to_wkb()]


def _distinct(points: Located) -> int:
    return len(np.unique(points.nodes[points.nodes >= 0]))


def _grouped(nodes: Array) -> tuple[Array, list[list[int]]]:
    """Give the different nodes, and which points stand in each."""
    standing = np.flatnonzero(nodes >= 0)
    different, starts = np.unique(np.sort(nodes[standing]), return_index=True)
    order = standing[np.argsort(nodes[standing], kind="stable")]
    groups = np.split(order, starts[1:]) if len(different) else []
    return different, [group.tolist() for group in groups]


def _standing(search: Search, node: int) -> Any:
    lon, lat = search.cells.lonlat(np.array([node, node]))
    return require("shapely").linestrings(lon, lat)


def _routes(found: Found) -> Iterable[tuple[int, float, float, Any]]:
    """Give target, minutes, km and line of what was reached."""
    ways = found.ways
    if ways.lines is None:
        return
    for number, line in enumerate(_split(ways.lines)):
        if line is not None:
            yield (
                int(found.targets[number]),
                float(ways.minutes[number]),
                float(ways.km[number]),
                line,
            )


def _turned(line: Any) -> Any:
    """Give a line from its end to its beginning, the parts of one that is cut as well."""
    shapely = require("shapely")
    parts = [part.reverse() for part in shapely.get_parts(line)][::-1]
    return parts[0] if len(parts) == 1 else shapely.multilinestrings(parts)


def _split(lines: Lines) -> list[Any]:
    """Make a geometry of each line; None: it has no places."""
    shapely = require("shapely")
    made: list[Any] = []
    start = 0
    for end in lines.ends:
        lon, lat = lines.lon[start:end], lines.lat[start:end]
        start = end
        if not len(lon):
            made.append(None)
        elif len(lon) == 1:
            made.append(shapely.linestrings(np.repeat(lon, 2), np.repeat(lat, 2)))
        elif np.abs(np.diff(lon)).max() > 180:
            made.append(_cut(lon, lat))
        else:
            made.append(shapely.linestrings(lon, lat))
    return made


def _cut(lon: Array, lat: Array) -> Any:
    """Cut a line where it crosses the antimeridian, as RFC 7946 (3.1.9) asks for."""
    shapely = require("shapely")
    jumps = np.flatnonzero(np.abs(np.diff(lon)) > 180)
    pieces: list[Any] = []
    begin: tuple[list[float], list[float]] = ([], [])
    first = 0
    for jump in jumps:
        side = 180.0 if lon[jump] > 0 else -180.0
        whole = lon[jump + 1] + 2 * side - lon[jump]
        share = (side - lon[jump]) / whole if whole else 0.0
        at = lat[jump] + share * (lat[jump + 1] - lat[jump])
        pieces.append(
            shapely.linestrings(
                [*begin[0], *lon[first : jump + 1], side], [*begin[1], *lat[first : jump + 1], at]
            )
        )
        first, begin = int(jump) + 1, ([-side], [at])
    pieces.append(shapely.linestrings([*begin[0], *lon[first:]], [*begin[1], *lat[first:]]))
    return shapely.multilinestrings(pieces)
