"""True areas of the cells of a grid, on the ellipsoid of its coordinate reference system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.optional import import_optional

if TYPE_CHECKING:
    from affine import Affine
    from pyproj import CRS, Geod

__all__ = ["cell_areas_km2", "ellipsoid"]

# Areas on the plane and on the Earth agree this well everywhere: the projection is equal-area.
EQUAL = 1e-6

# Cells along a side of which the area is computed; between them it is interpolated.
LATTICE = 65

Array = np.ndarray[Any, Any]


def cell_areas_km2(transform: Affine, crs: CRS, shape: tuple[int, int], name: str = "") -> Array:
    """Areas of the cells of a grid [km2], which broadcast to its shape.

    In geographic coordinates they are exact, one a row: areas between parallels of the ellipsoid.
    A projection that is equal-area has the same for all cells. As PROJ computes some of these for
    a sphere (Mollweide, sinusoidal), a cell of 1 km2 covers 0.993 to 1.007 km2 of the ellipsoid;
    such grids are made as if it were 1 km2 (GHSL says so of its own), and so it counts here. In
    other projections the area of cells on a lattice is computed and interpolated.

    Parameters
    ----------
    transform, crs, shape, name
        As in `shoeroot.sites.Grid`.

    Returns
    -------
    array, shape (rows, 1), (1, 1) or (rows, columns)
        NaN where the projection is not defined.

    Raises
    ------
    SiteError
        The CRS is neither geographic nor projected.
    """
    if crs.is_geographic:
        return _between_parallels(transform, crs, shape)
    if not crs.is_projected:
        raise SiteError(
            f"Areas cannot be computed in {crs.name}, which is neither geographic nor projected",
            where=name,
        )
    return _projected(transform, crs, shape)


def _between_parallels(transform: Affine, crs: CRS, shape: tuple[int, int]) -> Array:
    unit = crs.axis_info[0].unit_conversion_factor
    edges = (transform.f + transform.e * np.arange(shape[0] + 1)) * unit
    geod = ellipsoid(crs)
    # Grids of points reach half a cell beyond the poles.
    heights = _authalic(np.clip(edges, -np.pi / 2, np.pi / 2), geod.es)
    areas = geod.a**2 * transform.a * unit * (heights[:-1] - heights[1:])
    return np.asarray(areas[:, None] / 1e6)


def ellipsoid(crs: CRS) -> Geod:
    """Give the ellipsoid of a CRS, or an error."""
    geod = crs.get_geod()
    if geod is None:
        raise SiteError(f"{crs.name} has no ellipsoid, so that its cells have no area")
    return geod


def _authalic(latitude: Array, es: float) -> Array:
    """Half of Snyder's q: a sphere's sine of latitude, for an ellipsoid of eccentricity es**0.5.

    Snyder, Map Projections: A Working Manual, USGS Professional Paper 1395, equation 3-12.
    """
    sine = np.sin(latitude)
    if es < 1e-12:
        return np.asarray(sine)
    e = np.sqrt(es)
    return np.asarray((1 - es) * (sine / (1 - es * sine**2) + np.arctanh(e * sine) / e) / 2)


def _projected(transform: Affine, crs: CRS, shape: tuple[int, int]) -> Array:
    unit = crs.axis_info[0].unit_conversion_factor
    plane = abs(transform.a * transform.e) * unit**2 / 1e6
    rows, columns = (
        np.unique(np.linspace(0, count - 1, min(count, LATTICE)).round()) for count in shape
    )
    if _is_equal_area(transform, crs, rows, columns):
        return np.full((1, 1), plane)
    areas = _on_ellipsoid(transform, crs, rows, columns)
    if np.nanmax(np.ptp(areas, axis=1) / areas[:, 0]) < EQUAL:
        return np.interp(np.arange(shape[0]), rows, areas[:, 0])[:, None]
    across = np.arange(shape[1])
    between = np.stack([np.interp(across, columns, each) for each in areas])
    place = np.interp(np.arange(shape[0]), rows, np.arange(len(rows)))
    low = np.minimum(place.astype(int), max(len(rows) - 2, 0))
    high = np.minimum(low + 1, len(rows) - 1)
    share = (place - low)[:, None]
    return np.asarray(between[low] * (1 - share) + between[high] * share)


def _plane(transform: Affine, columns: Array, rows: Array) -> tuple[Array, Array]:
    x, y = np.meshgrid(transform.c + columns * transform.a, transform.f + rows * transform.e)
    return x, y


def _is_equal_area(transform: Affine, crs: CRS, rows: Array, columns: Array) -> bool:
    pyproj = import_optional("pyproj", "knows projections", "pip install 'shoeroot[sites]'")
    x, y = _plane(transform, columns + 0.5, rows + 0.5)
    projection = pyproj.Proj(crs)
    longitude, latitude = projection(x, y, inverse=True)
    inside = np.isfinite(longitude) & np.isfinite(latitude) & (np.abs(latitude) < 89)
    if not inside.any():
        return False
    # Factors are finite differences where PROJ has no formula: a few points agree by chance
    # in no projection, and their median is not disturbed by an edge.
    factors = projection.get_factors(longitude[inside], latitude[inside])
    scale = np.asarray(factors.areal_scale)
    scale = scale[np.isfinite(scale)]
    return bool(len(scale) and np.quantile(np.abs(scale - 1), 0.95) < EQUAL)


def _on_ellipsoid(transform: Affine, crs: CRS, rows: Array, columns: Array) -> Array:
    """Areas [km2] of the cells at rows and columns, shape (rows, columns).

    Corners go to longitude and authalic height, coordinates of an equal-area cylinder: a polygon
    has its true area there, but for the bend of its sides, which cells are too small to show.
    """
    pyproj = import_optional("pyproj", "knows projections", "pip install 'shoeroot[sites]'")
    geod = ellipsoid(crs)
    transformer = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    corners = []
    for right, down in ((0, 0), (1, 0), (1, 1), (0, 1)):
        x, y = _plane(transform, columns + right, rows + down)
        longitude, latitude = transformer.transform(x, y)
        outside = ~(np.isfinite(longitude) & np.isfinite(latitude))
        longitude, latitude = (np.where(outside, np.nan, each) for each in (longitude, latitude))
        corners.append((np.radians(longitude), _authalic(np.radians(latitude), geod.es)))
    area = np.zeros((len(rows), len(columns)))
    first = corners[0][0]
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        # Longitudes are taken beside the first corner's: a cell may lie on the antimeridian.
        x0, x1 = ((each - first + np.pi) % (2 * np.pi) - np.pi for each in (x0, x1))
        area += x0 * y1 - x1 * y0
    return np.asarray(np.abs(area) / 2 * geod.a**2 / 1e6)
