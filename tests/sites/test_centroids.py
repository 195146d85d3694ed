"""Centroids weighted by people: exact shares of cells, whatever the projection."""

from __future__ import annotations

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer

import shoeroot.sites.directions
from shoeroot.sites import weighted_centroids


def metres(table, crs="EPSG:3035"):
    """Kilometres from the south-western corner of drawn grids."""
    turn = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    x, y = turn.transform(table["lon"].to_numpy(), table["lat"].to_numpy())
    return (np.array([x, y]).T - [4e6, 3e6]) / 1e3


def test_people_of_half_a_cell_count_half(draw_grid, draw_boxes):
    grid = draw_grid([[30, 10]])

    table = weighted_centroids(draw_boxes([(0.5, 0, 2, 1)]), grid)

    assert table["population"].tolist() == pytest.approx([25])
    np.testing.assert_allclose(metres(table), [[(15 * 0.5 + 10 * 1.5) / 25, 0.5]], atol=1e-5)


def test_rows_run_south_and_columns_east(draw_grid, draw_boxes):
    """The notebook's centroids had their axes swapped."""
    grid = draw_grid([[0, 0, 1], [0, 0, 0], [0, 0, 0]])

    table = weighted_centroids(draw_boxes([(0, 0, 3, 3)]), grid)

    np.testing.assert_allclose(metres(table), [[2.5, 2.5]], atol=1e-5)


def test_where_nobody_lives_it_is_the_geometric_centroid(draw_grid, draw_boxes):
    grid = draw_grid([[0, np.nan, -99999.0]])
    places = draw_boxes([(0, 0, 3, 0.5), (50, 50, 52, 52)])

    table = weighted_centroids(places, grid)

    assert table["population"].tolist() == [0, 0]
    np.testing.assert_allclose(metres(table), [[1.5, 0.25], [51, 51]], atol=1e-5)


def test_a_place_without_geometry_has_no_centroid(draw_grid, draw_boxes):
    places = draw_boxes([(0, 0, 1, 1), (0, 0, 1, 1)])
    places.geometry = [shapely.Polygon(), None]

    table = weighted_centroids(places, draw_grid([[1]]))

    assert table[["lon", "lat"]].isna().all(axis=None)
    assert table["population"].tolist() == [0, 0]


def test_no_places_give_an_empty_table(draw_grid, draw_boxes):
    table = weighted_centroids(draw_boxes([(0, 0, 1, 1)]).iloc[:0], draw_grid([[1]]))

    assert list(table.columns) == ["lon", "lat", "population"]
    assert table.empty


def test_across_the_antimeridian_the_centroid_stays_there(draw_grid):
    values = np.zeros((2, 360))
    values[:, [0, 359]] = 5
    grid = draw_grid(values, crs="EPSG:4326", west=-180, south=-1, cell=1)
    fiji = shapely.MultiPolygon([shapely.box(179, -1, 180, 1), shapely.box(-180, -1, -179, 1)])
    places = geopandas.GeoDataFrame({"id": [1]}, geometry=[fiji], crs=4326)

    table = weighted_centroids(places, grid)

    assert abs(table["lon"][0]) == pytest.approx(180)
    assert table["lat"][0] == pytest.approx(0)


def test_around_the_pole_the_centroid_is_the_pole(draw_grid):
    values = np.ones((2, 360))
    grid = draw_grid(values, crs="EPSG:4326", west=-180, south=88, cell=1)
    places = geopandas.GeoDataFrame(
        {"id": [1]}, geometry=[shapely.box(-180, 88, 180, 90)], crs=4326
    )

    assert weighted_centroids(places, grid)["lat"][0] == pytest.approx(90)


@given(
    st.lists(st.floats(0, 1e5), min_size=12, max_size=12),
    st.floats(0, 3.5),
    st.floats(0, 2.5),
    st.floats(0.1, 2),
)
@settings(max_examples=30, deadline=None)
def test_centroids_are_the_mean_of_cells_by_their_shares(
    draw_grid, draw_boxes, values, west, south, side
):
    grid = draw_grid(np.reshape(values, (3, 4)))
    box = (west, south, min(west + side, 4), min(south + side, 3))

    table = weighted_centroids(draw_boxes([box]), grid)

    # The shares of a box are products of what it covers of each column and row.
    across = np.clip(np.minimum(box[2], np.arange(4) + 1) - np.maximum(box[0], np.arange(4)), 0, 1)
    along = np.clip(np.minimum(box[3], np.arange(3) + 1) - np.maximum(box[1], np.arange(3)), 0, 1)
    people = np.reshape(values, (3, 4)) * along[::-1, None] * across
    assert table["population"][0] == pytest.approx(people.sum(), rel=1e-5, abs=1e-3)
    if people.sum() > 1:
        x = (people.sum(axis=0) @ (np.arange(4) + 0.5)) / people.sum()
        y = (people.sum(axis=1) @ (2.5 - np.arange(3))) / people.sum()
        np.testing.assert_allclose(metres(table), [[x, y]], atol=2e-4)


def test_extents_have_the_centroids_of_their_table(belgian_centres, belgian_people):
    table = belgian_centres.table

    found = weighted_centroids(table, belgian_people)

    np.testing.assert_allclose(found["population"], table["population"], rtol=1e-6)
    np.testing.assert_allclose(found[["lon", "lat"]], table[["lon", "lat"]], atol=1e-4)


def test_centroids_of_communes_lie_where_their_people_live(communes, belgian_people):
    table = weighted_centroids(communes, belgian_people).set_index(communes["name"])

    assert table["population"].sum() == pytest.approx(11.55e6, rel=0.01)
    # The harbour of Antwerp stretches north-west; its people live around the cathedral.
    assert table.loc["Antwerpen", ["lon", "lat"]].tolist() == pytest.approx([4.40, 51.23], abs=0.01)


@pytest.mark.parametrize(
    ("crs", "west", "south", "cell"),
    [
        ("EPSG:4326", -30.0, 40.0, 0.01),
        ("EPSG:3035", 4e6, 3e6, 1e3),
        ("ESRI:54009", -17e6, -8e6, 1e5),
        ("EPSG:3031", -7.5e4, -7.5e4, 1e3),
    ],
    ids=["geographic", "Europe", "the world, beyond its edge", "around the pole"],
)
def test_many_cells_are_interpolated_to_the_centimetre(
    draw_grid, monkeypatch, crs, west, south, cell
):
    random = np.random.default_rng(7)
    values = random.uniform(0, 100, (150, 150))
    grid = draw_grid(values, crs=crs, west=west, south=south, cell=cell)
    lower = random.uniform(0, 120, (2, 9))
    upper = lower + random.uniform(2, 30, (2, 9))
    boxes = shapely.box(
        *(np.array([west, south])[:, None] + cell * lower),
        *(np.array([west, south])[:, None] + cell * upper),
    )
    places = geopandas.GeoDataFrame({"id": range(9)}, geometry=boxes, crs=crs)

    each = weighted_centroids(places, grid)
    monkeypatch.setattr(shoeroot.sites.directions, "FEW_CELLS", 10)
    monkeypatch.setattr(shoeroot.sites.coverage, "GROUP_CELLS", 1000)
    interpolated = weighted_centroids(places, grid)

    _, _, metres = Geod(ellps="WGS84").inv(
        *(one.to_numpy() for table in (each, interpolated) for one in (table["lon"], table["lat"]))
    )
    assert np.nanmax(metres) < 0.05
    assert each["lon"].isna().tolist() == interpolated["lon"].isna().tolist()
