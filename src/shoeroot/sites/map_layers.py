"""What both maps have in common: layers in longitude and latitude, colours, and the file."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.sites.packages import require

__all__ = ["LEVEL_COLOURS", "LEVEL_NAMES", "UNIT_COLOURS", "MapLayers", "map_layers", "write_map"]

LEVEL_NAMES = {"urban_cluster": "Urban cluster", "urban_centre": "Urban centre"}

#: From light to dark: what is denser is darker, also in print.
LEVEL_COLOURS = {"urban_cluster": "#f4b183", "urban_centre": "#b2182b"}

UNIT_COLOURS = {"city": "#c6cfe0", "town": "#e1e7f0", "rural": "#f4f6f4"}


@dataclass(frozen=True, slots=True)
class MapLayers:
    """Tables of what is drawn in EPSG:4326; None: not given, or nothing in it.

    Attributes
    ----------
    places : geopandas.GeoDataFrame
        With a column `level`; clusters stand before centres, which lie on top of them.
    units, routes : geopandas.GeoDataFrame or None
    bounds : tuple of float
        West, south, east, north [deg] of what the map shows: the units, otherwise the places.
        What lies on both sides of the antimeridian is drawn beyond 180 degrees, in one piece.
    """

    places: Any
    units: Any
    routes: Any
    bounds: tuple[float, float, float, float]


def map_layers(places: Any, units: Any, routes: Any) -> MapLayers:
    """Bring what is to be drawn into one CRS and order.

    Raises
    ------
    SiteError
        A table has no CRS, or there is nothing to draw.
    """
    drawn = _turned(getattr(places, "table", places), "places")
    areas = _turned(units, "units")
    lines = _turned(routes, "routes")
    if _on_both_sides(areas if areas is not None else drawn):
        drawn, areas, lines = (_beyond(table) for table in (drawn, areas, lines))
    shown = areas if areas is not None else drawn if drawn is not None else lines
    if shown is None:
        raise SiteError(
            "There is nothing to draw: no place, unit or route has a geometry",
            hint="look at the thresholds that the extents were found with",
        )
    if drawn is not None:
        drawn = drawn.copy()
        if "level" not in drawn.columns:
            drawn["level"] = "urban_cluster"
        order = [
            list(LEVEL_NAMES).index(one) if one in LEVEL_NAMES else 0 for one in drawn["level"]
        ]
        drawn = drawn.iloc[np.argsort(order, kind="stable")]
    west, south, east, north = (float(edge) for edge in shown.total_bounds)
    return MapLayers(drawn, areas, lines, (west, south, east, north))


def _turned(table: Any, what: str) -> Any:
    if table is None:
        return None
    if table.crs is None:
        raise SiteError(f"The {what} have no coordinate reference system", hint="set_crs(...)")
    table = table.loc[~(table.geometry.isna() | table.geometry.is_empty)]
    return table.to_crs("EPSG:4326") if len(table) else None


def _on_both_sides(table: Any) -> bool:
    """Say whether a table goes less far around the Earth across the antimeridian than without."""
    if table is None:
        return False
    x = require("shapely").get_coordinates(np.asarray(table.geometry.array, dtype=object))[:, 0]
    return bool(np.ptp(x) > 180 > np.ptp(np.where(x < 0, x + 360, x)))


def _beyond(table: Any) -> Any:
    if table is None:
        return None
    geometry = np.asarray(table.geometry.array, dtype=object)
    moved = require("shapely").transform(geometry, _east)
    return table.set_geometry(type(table.geometry)(moved, index=table.index, crs=table.crs))


def _east(coordinates: Any) -> Any:
    x, y = coordinates.T
    return np.stack([np.where(x < 0, x + 360, x), y], axis=1)


def write_map(path: Path, content: bytes) -> None:
    """Write a map in the place of a file of that name when all of it is there.

    Raises
    ------
    SiteError
        It cannot be written.
    """
    try:
        handle, temporary = tempfile.mkstemp(path.suffix, f".{path.stem}-", path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as problem:
        raise SiteError(
            f"The map cannot be written: {problem.strerror or problem}",
            where=str(path),
            hint="give a name in a folder that is there and that you may write to",
        ) from problem
