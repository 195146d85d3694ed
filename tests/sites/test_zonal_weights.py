"""Statistics with weights, and rasters that are brought to the cells of the weights."""

from __future__ import annotations

import geopandas
import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from shoeroot.errors import SiteError, SiteWarning
from shoeroot.sites import Grid, regridding, zonal_statistics

EQUAL_AREA = "EPSG:3035"
WEIGHTED = ("weighted_sum", "weighted_mean", "weight")


def places_of(*polygons, crs=EQUAL_AREA):
    ids = range(1, len(polygons) + 1)
    return geopandas.GeoDataFrame({"id": ids}, geometry=[*polygons], crs=crs)


def grid_of(values, cell=1000.0, crs=EQUAL_AREA, west=4e6, north=3e6, name="drawn"):
    values = np.asarray(values, float)
    return Grid(values, Affine(cell, 0, west, 0, -cell, north), CRS(crs), name)


def square(column, row, width=1.0, height=1.0):
    west, north = 4e6 + 1000 * column, 3e6 - 1000 * row
    return shapely.box(west, north - 1000 * height, west + 1000 * width, north)


def box_of(grid):
    rows, columns = grid.shape
    return shapely.box(*grid.bounds) if rows and columns else None


def test_weighted_statistics_are_those_computed_by_hand():
    values = grid_of([[1, 2, np.nan], [4, 5, 6]])
    weights = grid_of([[10, np.nan, 30], [-5, 50, 60]])

    table = zonal_statistics(
        values, places_of(square(0, 0, 2.5, 2)), (*WEIGHTED, "count", "sum"), weights=weights
    )

    # Unknown and negative weights are 0; the third column counts half.
    total, weight = 1 * 10 + 5 * 50 + 6 * 30, 10 + 50 + 30
    assert table.loc[0].to_dict() == pytest.approx(
        dict(weighted_sum=total, weighted_mean=total / weight, weight=weight, count=4.5, sum=15)
    )


def test_where_nobody_lives_there_is_no_weighted_mean():
    table = zonal_statistics(
        grid_of([[7]]), places_of(square(0, 0)), WEIGHTED, weights=grid_of([[0]])
    )

    assert table.loc[0, ["weighted_sum", "weight"]].tolist() == [0, 0]
    assert np.isnan(table.loc[0, "weighted_mean"])


def test_weights_may_begin_and_end_elsewhere():
    values = grid_of([[1, 2, 3], [4, 5, 6]])
    weights = grid_of([[1, 1], [1, 1]], west=4e6 + 1000, north=3e6 - 1000)  # below, to the right

    table = zonal_statistics(values, places_of(square(0, 0, 3, 2)), WEIGHTED, weights=weights)

    assert table.loc[0].tolist() == [11, 5.5, 2]


def test_rasters_on_other_cells_are_refused_when_told_so():
    fine, coarse = grid_of(np.ones((4, 4)), 500.0, name="fine"), grid_of(np.ones((2, 2)))

    with pytest.raises(SiteError, match="does not lie on the cells of the weights") as refused:
        zonal_statistics(
            fine, places_of(square(0, 0)), WEIGHTED, weights=coarse, resampling="refuse"
        )
    assert refused.value.where == "fine and drawn"
    with pytest.raises(SiteError, match="did you mean 'mean'"):
        zonal_statistics(fine, places_of(square(0, 0)), WEIGHTED, weights=coarse, resampling="men")


@pytest.mark.parametrize("shift", [0.1, 0.2, 0.3, 0.4])
def test_cells_that_overlap_share_their_values_to_a_sixteenth_of_a_side(shift):
    wet = np.zeros((3, 3))
    wet[1, 1] = 1
    values = grid_of(wet, west=4e6 + 1000 * shift, north=3e6 + 1000 * shift)

    table = zonal_statistics(
        values, places_of(square(1, 1)), ["weighted_mean"], weights=grid_of(np.ones((3, 3)))
    )

    side = table.loc[0, "weighted_mean"] ** 0.5
    assert side == pytest.approx(1 - shift, abs=1 / 16)


@pytest.mark.parametrize(
    ("resampling", "expected"), [("mean", 2.5), ("sum", 10.0), ("nearest", 4.0)]
)
def test_a_finer_raster_is_brought_to_cells_as_it_is_told(resampling, expected):
    fine = grid_of([[1, 2], [3, 4]], 500.0)

    table = zonal_statistics(
        fine,
        places_of(square(0, 0)),
        ("weighted_mean",),
        weights=grid_of([[9]]),
        resampling=resampling,
    )

    assert table.loc[0, "weighted_mean"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("resampling", "expected"),
    [("mean", [[8, 8, 4, 4]] * 2), ("nearest", [[8, 8, 4, 4]] * 2), ("sum", [[2, 2, 1, 1]] * 2)],
)
def test_a_coarser_raster_is_brought_to_cells_as_it_is_told(resampling, expected):
    coarse = grid_of([[8, 4]])
    weights = grid_of(np.ones((2, 4)), 500.0)
    cells = [square(column / 2, row / 2, 0.5, 0.5) for row in (0, 1) for column in range(4)]

    table = zonal_statistics(
        coarse, places_of(*cells), ("weighted_mean",), weights=weights, resampling=resampling
    )

    np.testing.assert_allclose(table["weighted_mean"].to_numpy().reshape(2, 4), expected)


def test_unknown_cells_are_left_out_of_means_over_cells():
    fine = grid_of([[1, np.nan], [np.nan, 4], [np.nan, np.nan], [np.nan, np.nan]], 500.0)
    weights = grid_of([[1], [100]])

    table = zonal_statistics(fine, places_of(square(0, 0, 1, 2)), WEIGHTED, weights=weights)

    assert table.loc[0].tolist() == [2.5, 2.5, 1]


@given(
    seed=st.integers(0, 2**32 - 1),
    cell=st.sampled_from([0.002, 0.011, 0.05, 0.3]),
    crs=st.sampled_from(["EPSG:4326", "EPSG:3857", "ESRI:54009", "EPSG:32631"]),
)
@settings(max_examples=20, deadline=None)
def test_no_count_is_lost_when_a_raster_is_brought_to_other_cells(seed, cell, crs):
    rng = np.random.default_rng(seed)
    people = rng.poisson(20, (12, 15)).astype(float)
    people[rng.random(people.shape) < 0.1] = np.nan
    counts = grid_of(people)
    frame = places_of(box_of(counts)).to_crs(crs).total_bounds
    cell = cell if crs == "EPSG:4326" else cell * 1e5
    columns, rows = (int((frame[k + 2] - frame[k]) / cell) + 3 for k in (0, 1))
    target = Grid(
        np.ones((rows, columns)),
        Affine(cell, 0, frame[0] - cell, 0, -cell, frame[3] + cell),
        CRS(crs),
        "target",
    )
    everywhere = geopandas.GeoDataFrame({"id": [1]}, geometry=[box_of(target)], crs=crs)

    table = zonal_statistics(
        counts, everywhere, ("weighted_sum",), weights=target, resampling="sum"
    )

    assert table.loc[0, "weighted_sum"] == pytest.approx(np.nansum(people), rel=1e-9)


def test_means_in_another_crs_are_those_of_the_plane():
    # A plane over degrees, of which the mean over any place is its value at the centroid.
    rows, columns = np.mgrid[0:200, 0:300]
    plane = Grid(
        48.0 + 0.02 * columns - 0.03 * rows,
        Affine(0.02, 0, 2.0, 0, -0.02, 52.0),
        CRS("EPSG:4326"),
        "plane",
    )
    people = grid_of(np.ones((40, 50)), 2000.0, west=3.90e6, north=3.05e6)
    place = shapely.Point(3.95e6, 3.01e6).buffer(20_000)

    table = zonal_statistics(plane, places_of(place), ("weighted_mean",), weights=people)

    centre = geopandas.GeoSeries([place.centroid], crs=EQUAL_AREA).to_crs("EPSG:4326")[0]
    column, row = (centre.x - 2) / 0.02 - 0.5, (52 - centre.y) / 0.02 - 0.5
    assert table.loc[0, "weighted_mean"] == pytest.approx(48 + 0.02 * column - 0.03 * row, abs=0.01)


def test_tiles_do_not_show(monkeypatch):
    rng = np.random.default_rng(0)
    counts = grid_of(rng.random((30, 30)), 700.0)
    target = grid_of(np.ones((30, 50)), 0.01, "EPSG:4326", 5.4, 50.15)
    places = places_of(square(3, 4, 9, 9), square(8, 2, 6, 11))

    def compute(resampling):
        return zonal_statistics(
            counts, places, WEIGHTED, weights=target, resampling=resampling
        ).to_numpy()

    whole = {resampling: compute(resampling) for resampling in ("mean", "sum", "nearest")}
    monkeypatch.setattr(regridding, "TILE_CELLS", 64)
    monkeypatch.setattr(regridding, "TILES_KEPT", 2)

    for resampling, expected in whole.items():
        np.testing.assert_allclose(compute(resampling), expected, rtol=1e-9, err_msg=resampling)
        assert np.isfinite(expected).all()


@pytest.mark.parametrize("west", [-180, 0])
@pytest.mark.parametrize("resampling", ["mean", "nearest", "sum"])
def test_longitudes_beyond_the_date_line_are_the_same_places(west, resampling):
    values = np.random.default_rng(0).random((60, 360))
    raster = grid_of(np.roll(values, -west, axis=1), 1.0, "EPSG:4326", west, 30)
    pacific = CRS("+proj=aea +lat_1=-25 +lat_2=-10 +lat_0=-17 +lon_0=180 +datum=WGS84")
    people = Grid(np.ones((80, 120)), Affine(1e4, 0, -6e5, 0, -1e4, 4e5), pacific, "people")
    places = places_of(shapely.box(-3e5, -2e5, 3e5, 2e5), crs=pacific)

    statistic = "weighted_sum" if resampling == "sum" else "weighted_mean"
    weighted = zonal_statistics(raster, places, (statistic,), weights=people, resampling=resampling)

    plain = zonal_statistics(raster, places, ("sum" if resampling == "sum" else "area_mean",))
    assert weighted.iloc[0, 0] == pytest.approx(plain.iloc[0, 0], rel=1e-2)


def test_places_outside_of_the_weights_are_named():
    values, weights = grid_of(np.ones((2, 2)), 4000.0, name="values"), grid_of([[1.0]])

    with pytest.warns(SiteWarning, match=r"lie outside of values on the cells of drawn.*: 2"):
        table = zonal_statistics(
            values, places_of(square(0, 0), square(3, 3)), WEIGHTED, weights=weights
        )

    assert table["weight"].isna().tolist() == [False, True]


def test_rasters_that_cannot_meet_are_an_error():
    values = grid_of(np.ones((180, 360)), 1.0, "EPSG:4326", -180, 90)
    nowhere = grid_of(np.ones((3, 3)), 1000.0, "EPSG:32631", west=1e9, north=3000)
    place = places_of(shapely.box(1e9, 0, 1e9 + 1000, 1000), crs="EPSG:32631")

    with pytest.raises(SiteError, match="cannot be shown"):
        zonal_statistics(values, place, WEIGHTED, weights=nowhere)
