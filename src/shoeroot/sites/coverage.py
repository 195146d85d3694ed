"""Which share of each cell a polygon covers, and sums over the covered cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import SiteError
from shoeroot.sites.date_line import around, whole_turn
from shoeroot.sites.packages import require
from shoeroot.sites.reprojection import reproject_polygons

if TYPE_CHECKING:
    from shoeroot.sites.grid import Grid

__all__ = ["coverage", "covered_areas", "covered_sums", "people", "place_ids", "polygons_in"]

POLYGON, MULTI_POLYGON = 3, 6

#: Borders may lie so far from their true place in another CRS, in cells.
TOLERANCE = 1e-3


def place_ids(places: Any, what: str) -> NDArray[Any]:
    """Give what identifies places: the column `id` or `code`, or an index of such a name.

    Raises
    ------
    SiteError
        There is neither.
    """
    for column in ("id", "code"):
        if column in places.columns:
            return np.asarray(places[column])
        if places.index.name == column:
            return np.asarray(places.index)
    raise SiteError(
        f"{what} have neither a column nor an index 'id' or 'code'",
        where=f"columns: {', '.join(map(str, places.columns))}",
        hint="rename the column that identifies them to 'id'",
    )


def polygonal(geometries: NDArray[Any]) -> NDArray[Any]:
    """Repair polygons, and leave out the points and lines that a repair or a cut leaves."""
    shapely = require("shapely")
    geometries = geometries.copy()
    wrong = ~shapely.is_valid(geometries) & ~shapely.is_missing(geometries)
    geometries[wrong] = shapely.make_valid(geometries[wrong])
    kinds = shapely.get_type_id(geometries)
    mixed = np.flatnonzero((kinds != POLYGON) & (kinds != MULTI_POLYGON))
    for position in mixed:  # few: neighbours that touch, collections
        parts = shapely.get_parts(shapely.get_parts(geometries[[position]]))
        kept = parts[shapely.get_type_id(parts) == POLYGON]
        geometries[position] = shapely.multipolygons(kept) if len(kept) else shapely.Polygon()
    return geometries


def polygons_in(places: Any, crs: Any, what: str) -> NDArray[Any]:
    """Give the geometries of places in a coordinate reference system: valid polygons only.

    Raises
    ------
    SiteError
        The places have no CRS.
    """
    if places.crs is None:
        raise SiteError(
            f"{what} have no coordinate reference system",
            hint="set it: places.set_crs('EPSG:4326')",
        )
    geometry = places.geometry
    if places.crs != crs:
        geometry = geometry.to_crs(crs)
    return polygonal(np.array(geometry.array, dtype=object))


def polygons_on(places: Any, grid: Grid, what: str) -> NDArray[Any]:
    """Give the geometries of places where the cells of a grid lie: valid polygons only.

    Edges that bend in the grid's CRS get vertices; polygons across the date line are cut where
    the grid ends.

    Raises
    ------
    SiteError
        The places have no CRS, or cannot be shown in that of the grid.
    """
    shapely = require("shapely")
    polygons = polygons_in(places, places.crs, what)
    there = ~(shapely.is_missing(polygons) | shapely.is_empty(polygons))
    cell = min(abs(grid.transform.a), abs(grid.transform.e))
    shown = reproject_polygons(polygons[there], places.crs, grid.crs, TOLERANCE * cell)
    if not np.isfinite(shapely.bounds(shown)).all():
        raise SiteError(
            f"{what} have coordinates that cannot be shown in {grid.crs.name}",
            where=grid.name,
            hint="is their CRS the one that they say?",
        )
    turn = whole_turn(grid.crs)
    if turn is not None:
        shown = around(shown, grid.transform.c + grid.transform.a * grid.shape[1] / 2, turn)
    polygons[there] = polygonal(shown)
    return polygons


def coverage(grid: Grid, polygons: NDArray[Any]) -> Any:
    """Compute the share of each cell that each polygon covers.

    Parameters
    ----------
    grid : Grid
        Whose cells; its values do not matter.
    polygons : array of shapely geometries
        Polygons in the CRS of the grid; what lies outside covers nothing.

    Returns
    -------
    scipy.sparse.csr_array
        Shape (polygons, rows x columns), of shares in (0, 1], exact.
    """
    shapely, sparse = require("shapely"), require("scipy.sparse")
    rows, columns = grid.shape
    inside = np.flatnonzero(
        shapely.intersects(polygons, shapely.box(*grid.bounds)) & (shapely.area(polygons) > 0)
    )
    cells = [np.zeros(0, np.int64)]
    shares = [np.zeros(0)]
    counts = np.zeros(len(polygons), np.int64)
    if len(inside):
        extracted = _extract(grid, polygons[inside])
        cells, shares = list(extracted["cell_id"]), list(extracted["coverage"])
        counts[inside] = [len(one) for one in cells]
    starts = np.concatenate([[0], np.cumsum(counts)])
    matrix = sparse.csr_array(
        (np.concatenate(shares).astype(np.float64), np.concatenate(cells), starts),
        shape=(len(polygons), rows * columns),
    )
    matrix.sum_duplicates()
    return matrix


def _extract(grid: Grid, polygons: NDArray[Any]) -> Any:
    exactextract, raster = require("exactextract"), require("exactextract.raster")
    geopandas = require("geopandas")
    left, bottom, right, top = grid.bounds
    # The cells alone matter: an array of one byte stands for a raster of any size.
    cells = np.broadcast_to(np.zeros((1, 1), np.uint8), grid.shape)
    wkt = grid.crs.to_wkt()
    source = raster.NumPyRasterSource(
        cells, xmin=left, ymin=bottom, xmax=right, ymax=top, srs_wkt=wkt
    )
    frame = geopandas.GeoDataFrame(geometry=polygons, crs=wkt)
    return exactextract.exact_extract(source, frame, ["cell_id", "coverage"], output="pandas")


def covered_sums(covered: Any, values: NDArray[Any]) -> NDArray[np.float64]:
    """Sum the values of cells over each polygon, a cell by the share that is covered.

    Parameters
    ----------
    covered : scipy.sparse.csr_array
        From `coverage`.
    values : array
        Of the grid's shape, finite where anything is covered.
    """
    return np.asarray(covered @ np.asarray(values, np.float64).ravel())


def covered_areas(covered: Any, grid: Grid, polygons: NDArray[Any]) -> NDArray[np.float64]:
    """Compute areas of polygons in square kilometres.

    The cells count with their true areas, and what lies beyond the grid with its area on the
    ellipsoid.
    """
    shapely, sparse = require("shapely"), require("scipy.sparse")
    columns = grid.shape[1]
    # Where a projection is not defined is no area.
    cell_areas = np.broadcast_to(np.nan_to_num(grid.cell_areas_km2()), grid.shape)
    of_cells = cell_areas[covered.indices // columns, covered.indices % columns]
    weighted = sparse.csr_array(
        (covered.data * of_cells, covered.indices, covered.indptr), shape=covered.shape
    )
    areas = np.asarray(weighted.sum(axis=1), np.float64)
    frame = shapely.box(*grid.bounds)
    beyond = np.flatnonzero(~shapely.is_empty(polygons) & ~shapely.covers(frame, polygons))
    if len(beyond):
        areas[beyond] += _ellipsoidal_areas(shapely.difference(polygons[beyond], frame), grid.crs)
    return areas


def _ellipsoidal_areas(polygons: NDArray[Any], crs: Any) -> NDArray[np.float64]:
    geopandas, pyproj = require("geopandas"), require("pyproj")
    ellipsoid = pyproj.Geod(ellps="WGS84")
    turned = geopandas.GeoSeries(polygons, crs=crs).to_crs("EPSG:4326")
    areas = [abs(ellipsoid.geometry_area_perimeter(one)[0]) * 1e-6 for one in turned]
    return np.array(areas, np.float64)


def people(population: Grid) -> NDArray[np.float64]:
    """Give the people of each cell: where there is no number or a negative one, nobody lives."""
    counts = np.asarray(population.values, np.float64)
    return np.where(np.isfinite(counts) & (counts > 0), counts, 0.0)
