"""True areas of the cells of a grid, on the ellipsoid of its coordinate reference system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.optional import import_optional
from shoeroot.sites.transforms import HINT

if TYPE_CHECKING:
    from affine import Affine
    from pyproj import CRS, Geod

__all__ = ["CellAreas", "cell_areas_km2", "ellipsoid"]

# Areas on the plane and on the Earth agree this well everywhere: the projection is equal-area.
EQUAL = 1e-6

# Cells along a side of which the area is computed; between them it is interpolated.
LATTICE = 65

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class CellAreas:
    """Areas of the cells of a grid.

    In geographic coordinates they are exact, one a row: areas between parallels of the ellipsoid.
    A projection that is equal-area has the same for all cells. As PROJ computes some of these for
    a sphere (Mollweide, sinusoidal), a cell of 1 km2 covers 0.993 to 1.007 km2 of the ellipsoid;
    such grids are made as if it were 1 km2 (GHSL says so of its own), and so it counts here. In
    other projections the area of cells on a lattice is computed and interpolated.
    """

    transform: Affine
    crs: CRS
    shape: tuple[int, int]
    rows: Array
    columns: Array
    areas: Array

    @classmethod
    def of(cls, transform: Affine, crs: CRS, shape: tuple[int, int], name: str = "") -> CellAreas:
        """Look at the projection of a grid.

        Parameters are those of `shoeroot.sites.Grid`.

        Raises
        ------
        SiteError
            The CRS is neither geographic nor projected.
        """
        if crs.is_geographic:
            areas = _between_parallels(transform, crs, shape)
            return cls(transform, crs, shape, np.arange(shape[0]), np.zeros(1), areas)
        if not crs.is_projected:
            raise SiteError(
                f"Areas cannot be computed in {crs.name}, neither geographic nor projected",
                where=name,
            )
        rows, columns = (
            np.unique(np.linspace(0, count - 1, min(count, LATTICE)).round()) for count in shape
        )
        if _is_equal_area(transform, crs, rows, columns):
            unit = crs.axis_info[0].unit_conversion_factor
            plane = abs(transform.a * transform.e) * unit**2 / 1e6
            return cls(transform, crs, shape, np.zeros(1), np.zeros(1), np.full((1, 1), plane))
        areas = _on_ellipsoid(transform, crs, rows, columns)
        if np.isfinite(areas).all() and (np.ptp(areas, axis=1) < EQUAL * areas[:, 0]).all():
            columns, areas = np.zeros(1), areas[:, :1]
        return cls(transform, crs, shape, rows, columns, areas)

    def km2(self, first: int = 0, last: int | None = None) -> Array:
        """Areas of the cells [km2] of rows from `first` to `last`, the last excluded.

        Returns
        -------
        array, shape (rows, 1), (1, 1) or (rows, columns)
            It broadcasts to the cells; NaN where the projection is not defined.
        """
        last = self.shape[0] if last is None else last
        if self.areas.shape == (1, 1):
            return self.areas
        wanted = np.arange(first, last)
        if not np.isfinite(self.areas).all():
            # Between a cell and one that does not exist nothing can be interpolated.
            return _on_ellipsoid(self.transform, self.crs, wanted, np.arange(self.shape[1]))
        place = np.interp(wanted, self.rows, np.arange(len(self.rows)))
        low = np.minimum(place.astype(int), max(len(self.rows) - 2, 0))
        share = (place - low)[:, None]
        areas = self.areas[low] * (1 - share)
        areas += self.areas[np.minimum(low + 1, len(self.rows) - 1)] * share
        if len(self.columns) == 1:
            return np.asarray(areas)
        across = np.arange(self.shape[1])
        return np.stack([np.interp(across, self.columns, each) for each in areas])


def cell_areas_km2(transform: Affine, crs: CRS, shape: tuple[int, int], name: str = "") -> Array:
    """Areas of all cells [km2]: `CellAreas` at once."""
    return CellAreas.of(transform, crs, shape, name).km2()


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


def _plane(transform: Affine, columns: Array, rows: Array) -> tuple[Array, Array]:
    x, y = np.meshgrid(transform.c + columns * transform.a, transform.f + rows * transform.e)
    return x, y


def _is_equal_area(transform: Affine, crs: CRS, rows: Array, columns: Array) -> bool:
    pyproj = import_optional("pyproj", "knows projections", HINT)
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

    Corners go to the sphere that has the area of the ellipsoid everywhere (Snyder, chapter 3);
    there a cell is a plane quadrilateral, half of the product of its diagonals: no pole and no
    antimeridian disturbs it, and at 25 km the bend of its sides takes some 1e-5 of it.
    """
    pyproj = import_optional("pyproj", "knows projections", HINT)
    geod = ellipsoid(crs)
    pole = _authalic(np.array(np.pi / 2), geod.es)
    transformer = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    corners = []
    for right, down in ((0, 0), (1, 0), (1, 1), (0, 1)):
        x, y = _plane(transform, columns + right, rows + down)
        longitude, latitude = transformer.transform(x, y)
        outside = ~(np.isfinite(longitude) & np.isfinite(latitude))
        longitude, latitude = (np.where(outside, np.nan, each) for each in (longitude, latitude))
        height = np.clip(_authalic(np.radians(latitude), geod.es) / pole, -1, 1)
        radius, angle = np.sqrt(1 - height**2), np.radians(longitude)
        corners.append(np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=-1))
    product = np.cross(corners[2] - corners[0], corners[3] - corners[1])
    return np.asarray(np.linalg.norm(product, axis=-1) / 2 * geod.a**2 * pole / 1e6)
