"""Which share of each cell a polygon covers, and sums over the covered cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import SiteError
from shoeroot.sites.date_line import around, whole_turn
from shoeroot.sites.packages import require
from shoeroot.sites.reprojection import reproject_polygons

if TYPE_CHECKING:
    from shoeroot.sites.cell_areas import CellAreas
    from shoeroot.sites.grid import Grid

__all__ = [
    "CoveredCells",
    "areas_at",
    "areas_beyond",
    "covered_cells",
    "covered_sums",
    "people_at",
    "place_ids",
    "polygonal",
    "polygons_in",
    "polygons_on",
]

#: Gives values of cells, shape (k, n), by their positions, shape (n,).
OfCells = Callable[[NDArray[Any]], NDArray[np.float64]]

POLYGON, MULTI_POLYGON = 3, 6

#: Borders may lie so far from their true place in another CRS, in cells.
TOLERANCE = 1e-3

#: Cells around polygons that are taken together; larger polygons are cut.
GROUP_CELLS = 2_000_000


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


class CoveredCells(NamedTuple):
    """Cells that polygons cover: a row a polygon and cell.

    Attributes
    ----------
    polygon : int array, shape (n,)
        Position of the polygon.
    cell : int array, shape (n,)
        Position of the cell in the rows of the grid, one after the other.
    share : float64 array, shape (n,)
        Of the cell, in (0, 1], exact.
    """

    polygon: NDArray[Any]
    cell: NDArray[Any]
    share: NDArray[np.float64]


def covered_cells(grid: Grid, polygons: NDArray[Any]) -> Iterator[CoveredCells]:
    """Find the cells that polygons cover, some polygons at a time, and large ones in pieces.

    Parameters
    ----------
    grid : Grid
        Whose cells; its values do not matter.
    polygons : array of shapely geometries
        Polygons in the CRS of the grid; what lies outside covers nothing.

    Yields
    ------
    CoveredCells
        Of about `GROUP_CELLS` at most. A polygon may come more than once.
    """
    shapely = require("shapely")
    inside = np.flatnonzero(
        shapely.intersects(polygons, shapely.box(*grid.bounds)) & (shapely.area(polygons) > 0)
    )
    pieces, owners = _pieces(grid, polygons[inside], inside)
    ends = np.cumsum(_cells_around(grid, pieces))
    first = 0
    while first < len(pieces):
        most = (ends[first - 1] if first else 0) + GROUP_CELLS
        last = max(int(np.searchsorted(ends, most, side="right")), first + 1)
        extracted = _extract(grid, pieces[first:last])
        cells, shares = list(extracted["cell_id"]), list(extracted["coverage"])
        yield CoveredCells(
            np.repeat(owners[first:last], [len(one) for one in cells]),
            np.concatenate(cells),
            np.concatenate(shares).astype(np.float64),
        )
        first = last


def _pieces(
    grid: Grid, polygons: NDArray[Any], owners: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Cut polygons that extend over too many cells along the edges of cells."""
    shapely = require("shapely")
    large = _cells_around(grid, polygons) > GROUP_CELLS
    if not large.any():
        return polygons, owners
    transform, (rows, columns) = grid.transform, grid.shape
    side = int(GROUP_CELLS**0.5)
    tops, lefts = (one.ravel() for one in np.mgrid[0:rows:side, 0:columns:side])
    tiles = shapely.box(
        transform.c + lefts * transform.a,
        transform.f + np.minimum(tops + side, rows) * transform.e,
        transform.c + np.minimum(lefts + side, columns) * transform.a,
        transform.f + tops * transform.e,
    )
    which, tile = shapely.STRtree(tiles).query(polygons[large], predicate="intersects")
    cut = polygonal(shapely.intersection(polygons[large][which], tiles[tile]))
    some = shapely.area(cut) > 0
    return (
        np.concatenate([polygons[~large], cut[some]]),
        np.concatenate([owners[~large], owners[large][which[some]]]),
    )


def _cells_around(grid: Grid, polygons: NDArray[Any]) -> NDArray[np.float64]:
    """Count the cells of the grid in the boxes around polygons, about."""
    left, bottom, right, top = grid.bounds
    low_x, low_y, high_x, high_y = require("shapely").bounds(polygons).T
    across = (np.minimum(high_x, right) - np.maximum(low_x, left)) / grid.transform.a
    down = (np.minimum(high_y, top) - np.maximum(low_y, bottom)) / -grid.transform.e
    return np.asarray((across + 1) * (down + 1), np.float64)


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


def covered_sums(grid: Grid, polygons: NDArray[Any], of_cells: OfCells) -> NDArray[np.float64]:
    """Sum what cells have over each polygon, a cell by the share that is covered.

    Parameters
    ----------
    grid, polygons
        As for `covered_cells`.
    of_cells : callable
        Takes positions of cells, shape (n,), as in `CoveredCells`, and gives k values of each,
        all finite, shape (k, n). No others are asked for: the grid may be larger than memory.

    Returns
    -------
    array, shape (k, polygons)
    """
    count = len(polygons)
    sums = np.zeros((len(of_cells(np.zeros(0, np.int64))), count))
    for covered in covered_cells(grid, polygons):
        for total, values in zip(sums, of_cells(covered.cell), strict=True):
            total += np.bincount(covered.polygon, covered.share * values, count)
    return sums


def people_at(population: Grid, cells: NDArray[Any]) -> NDArray[np.float64]:
    """Give the people of cells: where there is no number or a negative one, nobody lives."""
    counts = population.values.reshape(-1)[cells].astype(np.float64)
    return np.where(np.isfinite(counts) & (counts > 0), counts, 0.0)


def areas_at(areas: CellAreas, cells: NDArray[Any]) -> NDArray[np.float64]:
    """Give the true areas of cells [km2]; where a projection is not defined is no area."""
    rows, columns = np.divmod(cells, areas.shape[1])
    found = np.empty(len(cells))
    step = max(GROUP_CELLS // areas.shape[1], 1)
    for block in np.unique(rows // step).tolist():
        inside = rows // step == block
        first = block * step
        km2 = areas.km2(first, min(first + step, areas.shape[0]))
        all_cells = np.broadcast_to(km2, (step if len(km2) == 1 else len(km2), areas.shape[1]))
        found[inside] = all_cells[rows[inside] - first, columns[inside]]
    return np.nan_to_num(found)


def areas_beyond(grid: Grid, polygons: NDArray[Any]) -> NDArray[np.float64]:
    """Compute the areas [km2] on the ellipsoid of what of polygons lies beyond a grid."""
    shapely = require("shapely")
    areas = np.zeros(len(polygons))
    frame = shapely.box(*grid.bounds)
    beyond = np.flatnonzero(~shapely.is_empty(polygons) & ~shapely.covers(frame, polygons))
    if len(beyond):
        areas[beyond] = _ellipsoidal_areas(shapely.difference(polygons[beyond], frame), grid.crs)
    return areas


def _ellipsoidal_areas(polygons: NDArray[Any], crs: Any) -> NDArray[np.float64]:
    geopandas, pyproj = require("geopandas"), require("pyproj")
    ellipsoid = pyproj.Geod(ellps="WGS84")
    turned = geopandas.GeoSeries(polygons, crs=crs).to_crs("EPSG:4326")
    areas = [abs(ellipsoid.geometry_area_perimeter(one)[0]) * 1e-6 for one in turned]
    return np.array(areas, np.float64)
