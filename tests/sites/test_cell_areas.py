"""Areas of cells are true areas, in geographic coordinates and in every projection."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
from affine import Affine

from shoeroot.errors import SiteError
from shoeroot.sites import Grid
from shoeroot.sites.cell_areas import CellAreas


def geodesic_area(grid, row, column):
    """Area of a cell [km2] by pyproj: a polygon of geodesics between many points of its sides."""
    corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
    to_degrees = pyproj.Transformer.from_crs(grid.crs, grid.crs.geodetic_crs, always_xy=True)
    points = []
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        share = np.linspace(0, 1, 200, endpoint=False)
        x = grid.transform.c + grid.transform.a * (column + x0 + (x1 - x0) * share)
        y = grid.transform.f + grid.transform.e * (row + y0 + (y1 - y0) * share)
        points.append(to_degrees.transform(x, y))
    longitude, latitude = np.concatenate(points, axis=1)
    return abs(grid.crs.get_geod().polygon_area_perimeter(longitude, latitude)[0]) / 1e6


def empty(crs, cell, west, north, shape):
    return Grid(np.zeros(shape), Affine(cell, 0, west, 0, -cell, north), crs)


@pytest.mark.parametrize(
    ("crs", "cell", "west", "north", "shape", "tolerance"),
    [
        ("EPSG:4326", 0.25, -180, 90, (720, 1440), 1e-6),
        ("EPSG:4258", 0.01, 4, 52, (200, 300), 1e-6),
        ("EPSG:3857", 1000, 187_000, 6_603_500, (180, 360), 1e-6),
        ("EPSG:32631", 1000, 300_000, 5_700_000, (150, 400), 1e-6),
        ("EPSG:31370", 500, 20_000, 245_000, (300, 500), 1e-6),
        ("EPSG:3413", 25_000, -3_850_000, 5_850_000, (448, 304), 3e-4),
        ("EPSG:3035", 1000, 3_800_000, 3_200_000, (300, 500), 1e-6),
    ],
)
def test_areas_are_those_on_the_ellipsoid(crs, cell, west, north, shape, tolerance):
    grid = empty(crs, cell, west, north, shape)

    areas = np.broadcast_to(grid.cell_areas_km2(), shape)

    rng = np.random.default_rng(1)
    for _ in range(6):
        row, column = rng.integers(0, shape[0]), rng.integers(0, shape[1])
        assert areas[row, column] == pytest.approx(
            geodesic_area(grid, row, column), rel=tolerance
        ), (row, column)


def test_all_cells_of_a_globe_are_the_earth():
    grid = empty("EPSG:4326", 0.5, -180, 90, (360, 720))

    areas = grid.cell_areas_km2()

    assert areas.shape == (360, 1)
    # Area of WGS 84 from its authalic radius, 6371.0071809 km.
    assert areas.sum() * 720 == pytest.approx(4 * np.pi * 6371.0071809**2, rel=1e-9)
    np.testing.assert_allclose(areas, areas[::-1], rtol=1e-9)


def test_cells_at_the_pole_are_slices():
    grid = empty("EPSG:4326", 1.0, -180, 90, (180, 360))

    areas = grid.cell_areas_km2()

    cap = geodesic_area(empty("EPSG:4326", 1.0, 0, 90, (1, 1)), 0, 0)
    assert areas[0, 0] == pytest.approx(cap, rel=1e-6)
    assert areas[0, 0] < areas[90, 0] / 100


def test_cells_around_the_pole_of_a_polar_projection():
    grid = empty("EPSG:3413", 1000, -50_000, 50_000, (100, 100))

    areas = np.broadcast_to(grid.cell_areas_km2(), grid.shape)

    # The scale is 1 at 70 degrees north: cells at the pole are larger than they look.
    assert areas.min() > 1.05
    assert np.ptp(areas) < 1e-3


def test_rows_beyond_the_pole_have_no_area():
    grid = empty("EPSG:4326", 1.0, -180, 90.5, (181, 360))

    areas = grid.cell_areas_km2()

    half = empty("EPSG:4326", 0.5, -180, 90, (360, 720)).cell_areas_km2()
    assert areas[0, 0] == pytest.approx(2 * half[0, 0])


def test_equal_area_projections_have_one_area():
    for crs in ("ESRI:54009", "EPSG:3035", "EPSG:6933", "ESRI:54008"):
        assert empty(crs, 1000, 0, 1e6, (50, 50)).cell_areas_km2().tolist() == [[1.0]]


def test_units_of_the_projection_count():
    # NAD83 / New York Long Island, in US survey feet.
    grid = empty("EPSG:2263", 5280, 950_000, 250_000, (20, 20))

    assert grid.cell_areas_km2().mean() == pytest.approx(2.58999, rel=1e-3)


def test_some_rows_have_the_areas_of_the_whole():
    for crs, cell in (("EPSG:4326", 0.01), ("EPSG:32631", 1000), ("EPSG:3857", 1000)):
        areas = CellAreas.of(Affine(cell, 0, 0, 0, -cell, 40), pyproj.CRS(crs), (200, 150))

        whole = areas.km2()

        np.testing.assert_array_equal(areas.km2(30, 95), whole[30:95])


def test_cells_outside_the_projection_have_none():
    grid = empty("ESRI:54030", 500_000, -18_000_000, 9_000_000, (36, 72))

    areas = np.broadcast_to(grid.cell_areas_km2(), grid.shape)

    assert np.isnan(areas[0, 0])
    assert areas[18, 36] == pytest.approx(geodesic_area(grid, 18, 36), rel=5e-3)


def test_a_local_grid_has_no_areas():
    crs = pyproj.CRS('LOCAL_CS["somewhere",UNIT["metre",1]]')
    grid = Grid(np.zeros((2, 2)), Affine(1, 0, 0, 0, -1, 0), crs, "plan.tif")

    with pytest.raises(SiteError, match="neither geographic nor projected"):
        grid.cell_areas_km2()
