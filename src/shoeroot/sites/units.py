"""Read administrative units: polygons with a code and a name, which do not overlap."""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np
import pandas as pd

from shoeroot.errors import SiteError, SiteWarning, nearest
from shoeroot.sites.coverage import polygonal
from shoeroot.sites.joins import as_texts
from shoeroot.sites.packages import require

__all__ = ["check_units", "read_units"]

#: Units may share this part of the smaller one: borders of files are drawn twice, and rounded.
OVERLAP = 0.01


def read_units(
    path: str | os.PathLike[str],
    code: str = "code",
    name: str | None = None,
    *,
    layer: str | None = None,
    crs: str | None = None,
    overlap: float = OVERLAP,
) -> Any:
    """Read administrative units from a GeoPackage, GeoJSON, shapefile, or what else GDAL reads.

    Parameters
    ----------
    path : path
        The file.
    code : str
        Column that identifies the units. Codes become texts: 2000 is "2000", "02000" stays.
    name : str, optional
        Column of names; without it the codes are the names.
    layer : str, optional
        Layer of the file; without it the first one.
    crs : str, optional
        Such as "EPSG:4326": taken where the file does not say.
    overlap : float
        Units may share this part of the smaller one; more is an error.

    Returns
    -------
    geopandas.GeoDataFrame
        `code`, `name`, `geometry` (valid polygons), in the order and the CRS of the file.

    Raises
    ------
    SiteError
        The file cannot be read, lacks a column or a CRS; a code is missing or stands twice; a
        unit has no polygon; units overlap.

    Warns
    -----
    SiteWarning
        Geometries were repaired, or units overlap a little: people there count in both.
    """
    geopandas = require("geopandas")
    where = os.fspath(path)
    table = _read(where, layer)
    for column in (code, name):
        if column is not None and column not in table.columns:
            raise SiteError(
                f"Units have no column {column!r}",
                where=where,
                hint=nearest(column, [one for one in table.columns if one != "geometry"]),
            )
    if table.crs is None:
        if crs is None:
            raise SiteError(
                "Units have no coordinate reference system",
                where=where,
                hint="say which one they are in, with the setting crs such as 'EPSG:4326'",
            )
        table = _in_crs(table, crs, where)
    codes = as_texts(table[code])
    units = geopandas.GeoDataFrame(
        {"code": codes, "name": codes if name is None else as_texts(table[name])},
        geometry=np.asarray(table.geometry.array, dtype=object),
        crs=table.crs,
    )
    return check_units(units, overlap=overlap, where=where)


def check_units(units: Any, *, overlap: float = OVERLAP, where: str = "units") -> Any:
    """See that units can be counted in: each has a code of its own and a polygon of its own.

    Parameters
    ----------
    units : geopandas.GeoDataFrame
        With columns `code`, `name` and polygons.
    overlap : float
        Units may share this part of the smaller one.
    where : str
        What errors call them.

    Returns
    -------
    geopandas.GeoDataFrame
        The same with geometries repaired.

    Raises
    ------
    SiteError
        As `read_units` does.
    """
    shapely = require("shapely")
    _check_codes(units["code"], where)
    geometries = np.asarray(units.geometry.array, dtype=object)
    wrong = ~shapely.is_valid(geometries) & ~shapely.is_missing(geometries)
    polygons = polygonal(geometries)
    codes = units["code"].to_numpy()
    empty = shapely.is_missing(polygons) | shapely.is_empty(polygons)
    if empty.any():
        raise SiteError(
            f"Units without a polygon: {_some(codes[empty])}",
            where=where,
            hint="remove them, or give them their polygons",
        )
    if wrong.any():
        warnings.warn(
            f"Polygons of {_some(codes[wrong])} cross themselves and were repaired ({where})",
            SiteWarning,
            stacklevel=2,
        )
    _check_overlaps(polygons, codes, overlap, where)
    return units.set_geometry(type(units.geometry)(polygons, index=units.index, crs=units.crs))


def _read(where: str, layer: str | None) -> Any:
    geopandas, errors = require("geopandas"), require("pyogrio.errors")
    options = {} if layer is None else {"layer": layer}
    try:
        table = geopandas.read_file(where, **options)
    except (errors.DataSourceError, errors.DataLayerError, OSError, ValueError) as problem:
        raise SiteError(f"Units cannot be read: {problem}", where=where) from problem
    if not hasattr(table, "geometry") or "geometry" not in table.columns:
        raise SiteError("It has no geometries", where=where, hint="a file of polygons is needed")
    if not len(table):
        raise SiteError("It has no units", where=where)
    return table


def _in_crs(table: Any, crs: str, where: str) -> Any:
    try:
        return table.set_crs(crs)
    except require("pyproj.exceptions").CRSError as problem:
        raise SiteError(
            f"There is no coordinate reference system {crs!r}",
            where=where,
            hint="such as 'EPSG:4326', longitude and latitude",
        ) from problem


def _check_codes(codes: pd.Series[Any], where: str) -> None:
    missing = np.flatnonzero(codes.to_numpy() == "")
    if len(missing):
        raise SiteError(
            f"{len(missing)} units have no code, the first in row {missing[0]}", where=where
        )
    twice = codes[codes.duplicated()].unique()
    if len(twice):
        raise SiteError(
            f"Codes stand twice: {_some(twice)}",
            where=where,
            hint="name the column that tells units apart, or dissolve parts of one unit by it",
        )


def _check_overlaps(polygons: Any, codes: Any, overlap: float, where: str) -> None:
    """Compare the area that two units share with that of the smaller one."""
    shapely = require("shapely")
    tree = shapely.STRtree(polygons)
    pairs = [tree.query(polygons, predicate=kind) for kind in ("overlaps", "contains")]
    first, second = np.unique(np.sort(np.concatenate(pairs, axis=1).T, axis=1), axis=0).T.reshape(
        2, -1
    )
    first, second = first[first != second], second[first != second]
    if not len(first):
        return
    areas = shapely.area(polygons)
    shared = shapely.area(shapely.intersection(polygons[first], polygons[second]))
    share = shared / np.minimum(areas[first], areas[second])
    order = np.argsort(-share)
    worst = [
        f"{codes[first[pair]]} and {codes[second[pair]]} ({share[pair]:.2%} of the smaller)"
        for pair in order[:3]
    ]
    if share[order[0]] > overlap:
        raise SiteError(
            f"Units overlap, and people would count twice: {', '.join(worst)}",
            where=where,
            hint="keep one level of units, or allow it with the setting overlap = 1",
        )
    # Borders that were drawn twice cross each other everywhere: only what can be seen is told.
    seen = share > 1e-4
    if seen.any():
        warnings.warn(
            f"{int(seen.sum())} pairs of units overlap a little, the most: {worst[0]} ({where})",
            SiteWarning,
            stacklevel=3,
        )


def _some(values: Any) -> str:
    shown = ", ".join(str(value) for value in values[:5])
    return shown if len(values) <= 5 else f"{shown} and {len(values) - 5} more"
