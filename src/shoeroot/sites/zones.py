"""Places as zones of a raster: polygons in its CRS, whole and valid, and which of them it shows."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError, SiteWarning
from shoeroot.sites.date_line import around, whole_turn
from shoeroot.sites.packages import require
from shoeroot.sites.reprojection import reproject_polygons
from shoeroot.sites.sources import Source

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from shoeroot.sites.grid import Grid

__all__ = ["Zones", "names_of", "overlaps", "prepare_zones", "warn_missing"]

Names = np.ndarray[Any, Any]

#: How far an edge may lie from its true course after reprojection [cells of the raster].
TOLERANCE = 0.01
#: Types of geometries that shapely counts as polygons and as many of them.
POLYGONAL = (3, 6)
#: As many places are named in a message.
NAMED = 5


@dataclass(frozen=True, slots=True)
class Zones:
    """Places as polygons in the CRS of a raster.

    Parameters
    ----------
    index : pandas.Index
        Index of the places.
    polygons : numpy.ndarray of shapely.Geometry
        Those that the raster shows at least in part.
    positions : numpy.ndarray
        Where they stand in the index.
    """

    index: Any
    polygons: Any
    positions: np.ndarray[Any, Any]


def prepare_zones(places: GeoDataFrame, source: Source) -> Zones:
    """Bring places to the CRS of a raster; warn of those that it does not show.

    Raises
    ------
    SiteError
        The places have no CRS, are no polygons, or cannot be shown in the CRS of the raster.
    """
    shapely = require("shapely")
    if not hasattr(places, "columns"):  # a GeoSeries
        places = places.to_frame("geometry")
    if places.crs is None:
        raise SiteError(
            "The places have no coordinate reference system",
            where=f"a table of {len(places)} places",
            hint="places.set_crs('EPSG:4326'), or what it is",
        )
    names = names_of(places)
    polygons = np.array(places.geometry.array, dtype=object)
    empty = shapely.is_missing(polygons) | shapely.is_empty(polygons)
    _check_polygons(polygons[~empty], names[~empty])
    _check_finite(polygons[~empty], names[~empty], "are not finite", "the places")
    _repair(polygons, names)
    empty |= shapely.is_missing(polygons) | shapely.is_empty(polygons)
    there = np.flatnonzero(~empty)
    cell = min(abs(source.transform.a), abs(source.transform.e))
    shown = reproject_polygons(polygons[there], places.crs, source.crs, TOLERANCE * cell)
    problem = f"cannot be shown in {source.crs.name}"
    _check_finite(shown, names[there], problem, source.name)
    shown = _around(shown, source)
    overlap = overlaps(shown, source)
    warn_missing("have no geometry", names, np.flatnonzero(empty))
    warn_missing(f"lie outside of {source.name}", names, there[~overlap])
    return Zones(places.index, shown[overlap], there[overlap])


def names_of(places: GeoDataFrame) -> Names:
    """Give what messages call places: their `id`, `code` or `name`, otherwise their index."""
    columns = [column for column in ("id", "code", "name") if column in places.columns]
    values = places[columns[0]] if columns else places.index
    return np.array([str(value) for value in values], dtype=object)


def listed(names: Names) -> str:
    """Name some of many."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _check_polygons(geometries: Any, names: Names) -> None:
    shapely = require("shapely")
    kinds = shapely.get_type_id(geometries)
    for geometry, kind, name in zip(geometries, kinds, names, strict=True):
        if kind not in POLYGONAL:
            raise SiteError(
                f"Place {name} is a {geometry.geom_type}; statistics are of polygons",
                hint="places.buffer(...) makes polygons around points and lines",
            )


def _repair(polygons: Any, names: Names) -> None:
    """Repair polygons in place: what is left of them is polygons."""
    shapely = require("shapely")
    wrong = np.flatnonzero(~shapely.is_missing(polygons) & ~shapely.is_valid(polygons))
    for position in wrong:
        # Part by part: where two overlap, all at once would make a hole.
        parts = shapely.make_valid(shapely.get_parts(polygons[position]))
        polygons[position] = _polygons_only(shapely.union_all(parts))
    if len(wrong):
        told = listed(names[wrong])
        warnings.warn(
            f"{len(wrong)} of {len(names)} places are not valid and were repaired: {told}",
            SiteWarning,
            stacklevel=4,
        )


def _polygons_only(geometry: Any) -> Any:
    shapely = require("shapely")
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == POLYGONAL[0]])


def _check_finite(polygons: Any, names: Names, problem: str, where: str) -> None:
    shapely = require("shapely")
    points, owner = shapely.get_coordinates(polygons, return_index=True)
    wrong = np.unique(owner[~np.isfinite(points).all(axis=1)])
    if len(wrong):
        raise SiteError(
            f"{len(wrong)} places have coordinates that {problem}: {listed(names[wrong])}",
            where=where,
            hint="is their CRS the one that they say?",
        )


def _around(polygons: Any, source: Source) -> Any:
    """Bring polygons to the longitudes of a raster, which may run from 0 to 360 degrees."""
    turn = whole_turn(source.crs)
    if turn is None:
        return polygons
    centre = source.transform.c + source.transform.a * source.shape[1] / 2
    return around(polygons, centre, turn)


def overlaps(polygons: Any, source: Source | Grid) -> Any:
    """Say which polygons in the CRS of a raster share some area with it."""
    shapely = require("shapely")
    rows, columns = source.shape
    west, north = source.transform.c, source.transform.f
    east, south = west + columns * source.transform.a, north + rows * source.transform.e
    frame = shapely.box(west, south, east, north)
    overlap = np.asarray(shapely.covers(frame, polygons))
    partly = np.flatnonzero(~overlap & shapely.intersects(frame, polygons))
    overlap[partly] = shapely.area(shapely.intersection(polygons[partly], frame)) > 0
    return overlap


def warn_missing(problem: str, names: Names, positions: Any) -> None:
    """Name places that have no figures."""
    if len(positions):
        told = listed(names[positions])
        warnings.warn(
            f"{len(positions)} of {len(names)} places {problem}; their figures are NaN: {told}",
            SiteWarning,
            stacklevel=4,
        )
