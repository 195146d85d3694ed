"""Statistics of rasters over polygons: what counts by how much, and what is said of the rest."""

from __future__ import annotations

import warnings

import geopandas
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod
from rasterio.errors import NotGeoreferencedWarning

from shoeroot.errors import SiteError, SiteWarning
from shoeroot.sites import Grid, RasterBand, extraction, zonal_statistics

EQUAL_AREA = "EPSG:3035"
ALL = ("sum", "min", "max", "mean", "area_mean", "count", "area_km2", "total_km2")


def places_of(*polygons, crs=EQUAL_AREA):
    ids = range(1, len(polygons) + 1)
    return geopandas.GeoDataFrame({"id": ids}, geometry=[*polygons], crs=crs)


def grid_of(values, crs=EQUAL_AREA, west=4e6, north=3e6, cell=1000.0):
    values = np.asarray(values)
    return Grid(values, Affine(cell, 0, west, 0, -cell, north), CRS(crs), "drawn")


def write(path, values, nodata=None, transform=None, crs=EQUAL_AREA, **options):
    values = np.atleast_3d(np.asarray(values).T).T
    bands, rows, columns = values.shape
    transform = transform or Affine(1000, 0, 4e6, 0, -1000, 3e6)
    profile = dict(height=rows, width=columns, count=bands, dtype=values.dtype, nodata=nodata)
    with rasterio.open(
        path, "w", driver="GTiff", crs=crs, transform=transform, **profile, **options
    ) as file:
        file.write(values)
    return path


def square(column, row, width=1.0, height=1.0):
    """Make a rectangle in cells from the north-western corner of the drawn grids."""
    west, north = 4e6 + 1000 * column, 3e6 - 1000 * row
    return shapely.box(west, north - 1000 * height, west + 1000 * width, north)


def by_hand(grid, polygon):
    """Compute statistics with the areas of intersections of the polygon with each cell."""
    share, value = [], []
    for (row, column), found in np.ndenumerate(grid.values):
        west = grid.transform.c + column * grid.transform.a
        north = grid.transform.f + row * grid.transform.e
        cell = shapely.box(west, north + grid.transform.e, west + grid.transform.a, north)
        covered = polygon.intersection(cell).area / cell.area
        if covered > 0 and np.isfinite(found):
            share.append(covered)
            value.append(found)
    share, value = np.array(share), np.array(value)
    return {
        "sum": share @ value,
        "min": value.min(),
        "max": value.max(),
        "mean": share @ value / share.sum(),
        "count": share.sum(),
        "area_km2": share.sum(),
    }


@pytest.mark.parametrize("seed", range(5))
def test_statistics_are_those_of_the_intersections_with_each_cell(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(10, 20, (7, 9))
    values[rng.random(values.shape) < 0.2] = np.nan
    grid = grid_of(values)
    corners = rng.uniform([4e6, 3e6 - 7000], [4e6 + 9000, 3e6], (6, 2))
    polygon = shapely.MultiPoint(corners).convex_hull.difference(square(4, 3, 0.7, 0.3))

    table = zonal_statistics(grid, places_of(polygon), ("sum", "min", "max", "mean", "count"))

    expected = by_hand(grid, polygon)
    for name in table.columns:
        assert table.loc[0, name] == pytest.approx(expected[name], rel=1e-6), name


def test_the_table_has_the_index_of_the_places_and_the_columns_that_were_asked_for():
    places = places_of(square(1, 0), square(0, 0)).set_index(pd.Index(["b", "a"], name="place"))

    table = zonal_statistics(grid_of([[1.0, 2.0]]), places, ("max", "sum"))

    assert list(table.columns) == ["max", "sum"]
    assert table.index.equals(places.index)
    assert table["sum"].to_dict() == {"b": 2.0, "a": 1.0}


@given(
    values=st.lists(
        st.floats(-1e6, 1e6, width=32) | st.just(float("nan")), min_size=30, max_size=30
    ),
    across=st.lists(st.floats(0.01, 5.99), min_size=1, max_size=3, unique=True),
    slope=st.floats(-0.5, 0.5),
)
@settings(max_examples=25, deadline=None)
def test_parts_of_an_area_sum_up_to_the_whole(values, across, slope):
    grid = grid_of(np.array(values).reshape(5, 6))
    whole = square(0, 0, 6, 5)
    lines = [
        shapely.LineString(
            [(4e6 + 1000 * x - 1e4 * slope, 3e6 + 1e4), (4e6 + 1000 * x + 1e4 * slope, 3e6 - 15e3)]
        )
        for x in across
    ]
    parts = [*shapely.ops.split(whole, lines[0]).geoms]
    for line in lines[1:]:
        parts = [piece for part in parts for piece in shapely.ops.split(part, line).geoms]

    table = zonal_statistics(grid, places_of(whole, *parts), ("sum", "count", "min", "max", "mean"))

    of_whole, of_parts = table.iloc[0], table.iloc[1:]
    scale = np.nansum(np.abs(values))
    assert of_parts["sum"].sum() == pytest.approx(of_whole["sum"], abs=1e-4 + 1e-5 * scale)
    assert of_parts["count"].sum() == pytest.approx(np.isfinite(values).sum(), abs=1e-4)
    known = of_parts[of_parts["count"] > 0]
    room = 1e-6 + 1e-6 * np.nan_to_num(known["max"].abs() + known["min"].abs())
    assert (known["mean"] >= known["min"] - room).all()
    assert (known["mean"] <= known["max"] + room).all()


# What is not known


@pytest.mark.parametrize(
    ("dtype", "nodata"),
    [
        ("uint8", 255),
        ("uint16", 65535),
        ("uint32", 4294967295),
        ("int16", -32768),
        ("int32", -2147483648),
        ("float32", float("nan")),
        ("float32", -3.4e38),
        ("float32", -9999),
        ("float64", -200),
    ],
)
def test_nodata_is_never_counted(tmp_path, dtype, nodata):
    values = np.array([[1, 2, nodata], [nodata, 3, 4]]).astype(dtype)
    path = write(tmp_path / "raster.tif", values, nodata=nodata)

    table = zonal_statistics(path, places_of(square(0, 0, 3, 2), square(2, 0)), ALL)

    assert table.loc[0].to_dict() == pytest.approx(
        dict(sum=10, min=1, max=4, mean=2.5, area_mean=2.5, count=4, area_km2=4, total_km2=6)
    )
    # Inside of the raster, but nothing is known: there is none, and no mean of it.
    nothing = table.loc[1]
    assert nothing[["sum", "count", "area_km2", "total_km2"]].tolist() == [0, 0, 0, 1]
    assert nothing[["min", "max", "mean", "area_mean"]].isna().all()


def test_a_mask_of_a_file_and_its_scale_are_respected(tmp_path):
    path = write(tmp_path / "masked.tif", np.array([[1, 2], [3, 4]], "int16"))
    with rasterio.open(path, "r+") as file:
        file.write_mask(np.array([[True, False], [True, True]]))
        file.scales, file.offsets = [0.5], [10.0]

    table = zonal_statistics(path, places_of(square(0, 0, 2, 2)), ("sum", "count"))

    assert table.loc[0].tolist() == [10.5 + 11.5 + 12, 3]


@pytest.mark.parametrize(
    ("valid", "total"), [((2, np.inf), 9), ((-np.inf, 2), 3), ((2, 3), 5), ((5, 6), 0)]
)
def test_values_outside_of_the_valid_range_are_not_counted(valid, total):
    grid = grid_of([[1, 2], [3, 4]])  # whole numbers, which have no NaN

    table = zonal_statistics(grid, places_of(square(0, 0, 2, 2)), ("sum",), valid=valid)

    assert table.loc[0, "sum"] == total


def test_a_band_is_chosen_and_scaled(tmp_path):
    path = write(tmp_path / "bands.tif", np.array([[[1.0]], [[20.0]]]))
    place = places_of(square(0, 0))

    second = zonal_statistics(path, place, ("sum",), band=2)
    band = RasterBand(path, 2, scale=2, offset=-1)
    scaled = zonal_statistics(band, place, ("sum",), valid=(39, 39))

    assert second.loc[0, "sum"] == 20
    assert scaled.loc[0, "sum"] == 39  # the range is of scaled values


def test_rows_from_south_and_columns_from_east_are_turned(tmp_path):
    values = np.arange(12.0).reshape(3, 4)
    upright = write(tmp_path / "upright.tif", values)
    turned = write(
        tmp_path / "turned.tif",
        values[::-1, ::-1],
        transform=Affine(-1000, 0, 4e6 + 4000, 0, 1000, 3e6 - 3000),
    )
    places = places_of(square(0.2, 0.1, 1.5, 1.2), square(2, 1, 1.3, 1.9))

    expected = zonal_statistics(upright, places, ALL)
    table = zonal_statistics(turned, places, ALL)

    pd.testing.assert_frame_equal(table, expected)
    assert expected["sum"].is_unique


# Places


def test_places_without_geometry_or_outside_are_nan_and_named():
    places = places_of(square(0, 0), None, shapely.Polygon(), square(50, 50), square(1, 0))
    places["code"] = ["a", "b", "c", "d", "e"]
    places = places.drop(columns="id")

    with pytest.warns(SiteWarning) as told:
        table = zonal_statistics(grid_of([[1.0]]), places, ("sum", "count"))

    assert table["sum"].isna().tolist() == [False, True, True, True, True]
    assert [str(each.message) for each in told] == [
        "2 of 5 places have no geometry; their figures are NaN: b, c",
        "2 of 5 places lie outside of drawn; their figures are NaN: d, e",  # e only touches it
    ]


def test_no_places_give_an_empty_table():
    table = zonal_statistics(grid_of([[1.0]]), places_of(), ("sum",))

    assert table.shape == (0, 1)


def test_a_polygon_that_is_not_valid_is_repaired_with_a_warning():
    west, north = 4e6, 3e6
    bow_tie = shapely.Polygon(
        [(west, north), (west + 2000, north - 2000), (west + 2000, north), (west, north - 2000)]
    )

    with pytest.warns(SiteWarning, match="1 of 1 places are not valid and were repaired: 1"):
        table = zonal_statistics(grid_of(np.ones((2, 2))), places_of(bow_tie), ("count",))

    assert table.loc[0, "count"] == pytest.approx(2)


def test_parts_that_overlap_are_counted_once():
    overlapping = shapely.MultiPolygon([square(0, 0, 2, 2), square(1, 1, 2, 2)])

    with pytest.warns(SiteWarning, match="repaired"):
        table = zonal_statistics(grid_of(np.ones((3, 3))), places_of(overlapping), ("count",))

    assert table.loc[0, "count"] == pytest.approx(7)


def test_a_series_of_polygons_will_do():
    table = zonal_statistics(grid_of([[3.0]]), places_of(square(0, 0)).geometry, ("sum",))

    assert table.loc[0, "sum"] == 3


@pytest.mark.parametrize(
    ("geometry", "problem"),
    [
        (
            shapely.Polygon([(4e6, 3e6), (np.inf, 3e6), (4e6, 2e6)]),
            "1 places have coordinates that are not finite: 1",
        ),
        (shapely.Point(4e6, 3e6), "Place 1 is a Point"),
        (shapely.LineString([(4e6, 3e6), (4e6 + 1, 3e6)]), "Place 1 is a LineString"),
    ],
)
def test_what_is_no_polygon_is_refused_by_name(geometry, problem):
    with pytest.raises(SiteError, match=problem):
        zonal_statistics(grid_of([[1.0]]), places_of(geometry))


def test_coordinates_that_the_raster_cannot_show_are_refused_by_name():
    places = places_of(shapely.box(-1000, -1000, 1000, 1000), crs="EPSG:4326")

    with pytest.raises(SiteError, match=r"1 places have coordinates that cannot be shown .*: 1"):
        zonal_statistics(grid_of([[1.0]], crs="EPSG:3857"), places)


def test_the_crs_is_never_guessed(tmp_path):
    bare = write(tmp_path / "bare.tif", np.ones((2, 2)), crs=None)
    places = places_of(square(0, 0))

    with pytest.raises(SiteError, match="coordinate reference system"):
        zonal_statistics(bare, places)
    with pytest.raises(SiteError, match="The places have no coordinate reference system"):
        zonal_statistics(grid_of([[1.0]]), places.set_crs(None, allow_override=True))


def test_a_crs_that_is_nowhere_on_earth_is_an_error():
    local = 'LOCAL_CS["site",UNIT["metre",1]]'

    with pytest.raises(SiteError, match="There is no way from site to ETRS89"):
        zonal_statistics(grid_of([[1.0]]), places_of(square(0, 0), crs=local))


def test_places_in_another_crs_are_reprojected():
    rng = np.random.default_rng(1)
    grid = grid_of(rng.random((40, 40)))
    corners = rng.uniform(0, 35, (9, 2))
    places = places_of(*[square(*corner, 4.3, 3.7) for corner in corners])
    fine = places.set_geometry(places.geometry.segmentize(10.0))

    table = zonal_statistics(grid, fine.to_crs("EPSG:4326"), ("sum", "count"))

    expected = zonal_statistics(grid, places, ("sum", "count"))
    np.testing.assert_allclose(table, expected, rtol=1e-6)


def test_a_long_edge_stays_where_it_truly_is():
    # A rectangle in degrees, whose edges are curves in the raster's projection.
    country = shapely.box(2.0, 48.0, 14.0, 52.0)
    grid = grid_of(np.ones((80, 120)), west=3.7e6, north=3.3e6, cell=10_000.0)

    table = zonal_statistics(grid, places_of(country, crs="EPSG:4326"), ("area_km2",))

    truth = abs(Geod(ellps="GRS80").geometry_area_perimeter(shapely.segmentize(country, 0.001))[0])
    # The north and south edges follow parallels, not geodesics.
    assert table.loc[0, "area_km2"] == pytest.approx(truth / 1e6, rel=1e-4)
    corners_only = geopandas.GeoSeries([country], crs="EPSG:4326").to_crs(EQUAL_AREA).area[0]
    assert abs(corners_only / truth - 1) > 2e-3


def test_a_place_across_the_date_line_is_one_place():
    pacific = CRS("+proj=aea +lat_1=-25 +lat_2=-10 +lat_0=-17 +lon_0=180 +datum=WGS84")
    places = places_of(shapely.box(-3e5, -2e5, 4e5, 2e5), crs=pacific)
    values = np.random.default_rng(0).random((180, 360))
    from_west = grid_of(values, "EPSG:4326", -180, 90, 1.0)
    from_greenwich = grid_of(np.roll(values, -180, axis=1), "EPSG:4326", 0, 90, 1.0)

    table = zonal_statistics(from_west, places, ("sum", "area_km2"))
    same = zonal_statistics(from_greenwich, places, ("sum", "area_km2"))

    assert table.loc[0, "area_km2"] == pytest.approx(280_000, rel=1e-4)
    np.testing.assert_allclose(same, table, rtol=1e-9)


@pytest.mark.parametrize(("crs", "north"), [("EPSG:6931", 90), ("EPSG:6932", -60)])
def test_a_place_around_a_pole_reaches_up_to_it(crs, north):
    box = shapely.box(-1e6, -2e6, 1.5e6, 1e6)
    hole = shapely.box(-1e5, -1e5, 1e5, 1e5)  # around the pole as well
    places = places_of(box, box.difference(hole), crs=crs)
    grid = grid_of(np.ones((120, 1440)), "EPSG:4326", -180, north, 0.25)

    table = zonal_statistics(grid, places, ("area_km2",))

    assert table["area_km2"].tolist() == pytest.approx([7.5e6, 7.46e6], rel=1e-4)


# Areas


def test_areas_are_those_of_the_ellipsoid():
    place = shapely.box(10, 60, 11, 61)
    geographic = grid_of(np.ones((20, 20)), "EPSG:4326", 9.5, 61.5, 0.1)
    mercator = grid_of(np.ones((400, 300)), "EPSG:3857", 1.05e6, 8.7e6, 1000.0)
    places = places_of(place, crs="EPSG:4326")

    tables = [zonal_statistics(grid, places, ("area_km2",)) for grid in (geographic, mercator)]

    truth = Geod(ellps="WGS84").geometry_area_perimeter(shapely.segmentize(place, 0.001))[0] / 1e6
    areas = [table.loc[0, "area_km2"] for table in tables]
    assert areas == pytest.approx([truth, truth], rel=1e-4)


def test_a_mean_by_area_counts_polar_cells_less():
    grid = grid_of([[1.0], [0.0]], "EPSG:4326", 0, 90, 45.0)  # 45 to 90 degrees, and 0 to 45
    place = places_of(shapely.box(0, 0, 45, 90), crs="EPSG:4326")

    table = zonal_statistics(grid, place, ("mean", "area_mean"))

    assert table.loc[0, "mean"] == 0.5
    assert table.loc[0, "area_mean"] == pytest.approx(1 - np.sin(np.pi / 4), abs=2e-3)


# Bad input


def test_names_of_statistics_are_checked():
    grid, places = grid_of([[1.0]]), places_of(square(0, 0))

    with pytest.raises(SiteError, match="did you mean 'mean'"):
        zonal_statistics(grid, places, ("meen",))
    with pytest.raises(SiteError, match="list of names"):
        zonal_statistics(grid, places, "mean")
    with pytest.raises(SiteError, match="'weighted_mean' needs weights"):
        zonal_statistics(grid, places, ("weighted_mean",))
    with pytest.raises(SiteError, match="no statistic uses them"):
        zonal_statistics(grid, places, ("mean",), weights=grid)
    with pytest.raises(SiteError, match=r"range .* is empty"):
        zonal_statistics(grid, places, valid=(2, 1))


def test_a_file_that_is_not_there_or_no_raster_is_an_error(tmp_path):
    write(tmp_path / "population.tif", np.ones((2, 2)))
    (tmp_path / "text.tif").write_text("no raster")
    places = places_of(square(0, 0))

    with pytest.raises(SiteError, match=r"did you mean 'population\.tif'"):
        zonal_statistics(tmp_path / "poplation.tif", places)
    with pytest.raises(SiteError, match="cannot be opened"):
        zonal_statistics(tmp_path / "text.tif", places)
    with pytest.raises(SiteError, match="band"):
        zonal_statistics(tmp_path / "population.tif", places, band=2)
    with pytest.raises(SiteError, match="has one band"):
        zonal_statistics(grid_of([[1.0]]), places, band=2)


def test_a_file_that_does_not_say_where_it_lies_is_an_error(tmp_path):
    with pytest.warns(NotGeoreferencedWarning):
        path = write(tmp_path / "nowhere.tif", np.ones((2, 2)), transform=Affine.identity())

    with pytest.raises(SiteError, match="where its cells"):
        zonal_statistics(path, places_of(square(0, 0)))


def test_a_damaged_file_is_an_error_and_no_crash(tmp_path):
    values = np.random.default_rng(0).random((512, 512))
    path = write(tmp_path / "damaged.tif", values, tiled=True, blockxsize=64, blockysize=64)
    path.write_bytes(path.read_bytes()[:300_000])

    with pytest.raises(SiteError, match="cannot be read") as caught:
        zonal_statistics(path, places_of(square(0, 0, 512, 512)))

    assert "previous exception" not in str(caught.value)  # but what GDAL said
    assert "fetch it again" in caught.value.hint


def test_rasters_larger_than_memory_are_read_by_blocks(tmp_path, monkeypatch):
    values = np.random.default_rng(0).random((400, 500)).astype("f4")
    path = write(tmp_path / "large.tif", values, tiled=True, blockxsize=64, blockysize=64)
    places = places_of(square(0.5, 0.5, 499, 399), square(10, 10, 3, 3))
    whole = zonal_statistics(path, places, ALL)
    read, sizes = rasterio.DatasetReader.read, []

    def watched(self, *args, window, **options):
        sizes.append(window.width * window.height)
        return read(self, *args, window=window, **options)

    monkeypatch.setattr(rasterio.DatasetReader, "read", watched)
    monkeypatch.setattr(extraction, "CELLS_IN_MEMORY", 10_000)
    table = zonal_statistics(path, places, ALL)

    np.testing.assert_allclose(table, whole, rtol=1e-9)
    assert max(sizes) <= 10_000
    assert len(sizes) >= 20


def test_no_warning_is_given_where_all_is_well(recwarn):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        zonal_statistics(grid_of([[1.0, np.nan]]), places_of(square(0, 0, 2, 1)), ALL)


def test_the_people_of_belgian_communes(belgium, communes):
    table = zonal_statistics(belgium / "POP.tif", communes, ("sum", "count"))

    assert len(table) == 581
    assert 11.4e6 < table["sum"].sum() < 11.6e6
    assert 30_400 < table["count"].sum() < 30_800
    antwerp = table.loc[communes.index[communes["code"] == "11002"][0]]
    assert 480_000 < antwerp["sum"] < 560_000


def test_communes_in_degrees_have_the_same_people(belgium, communes):
    table = zonal_statistics(belgium / "POP.tif", communes.to_crs("EPSG:4326"), ("sum",))

    expected = zonal_statistics(belgium / "POP.tif", communes, ("sum",))
    np.testing.assert_allclose(table, expected, rtol=1e-6)
