"""What holds for all extents: nobody is lost, ids stay, order and CRS do not matter."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from shoeroot.sites import Grid, read_grid, urban_extents

people_of_cells = st.tuples(st.integers(1, 12), st.integers(3, 12)).flatmap(
    lambda shape: arrays.arrays(
        "f8", shape, elements=st.sampled_from([0.0, 1.5, 700.1, 2000.0, 2000.0, -200.0, np.nan])
    )
)
rules = st.sampled_from(["degurba", "gost"])
levels = st.sampled_from(["urban_centre", "urban_cluster"])


@settings(max_examples=30, deadline=None)
@given(people_of_cells, rules, levels)
def test_nobody_is_lost_or_counted_twice(draw_grid, people, rule, level):
    grid = draw_grid(people)

    found = urban_extents(grid, rule=rule, level=level, population=3000)

    counted = np.where(people > 0, people, 0)
    for number, row in enumerate(found.table.itertuples(), start=1):
        inside = found.labels == number
        assert row.population == pytest.approx(counted[inside].sum(), abs=1e-3)
        assert row.area_km2 == inside.sum()
        assert row.geometry.area == inside.sum() * 1e6
        assert row.geometry.is_valid
    assert found.labels.max() == len(found)
    assert found.table["population"].is_monotonic_decreasing
    assert not found.table["id"].duplicated().any()


@settings(max_examples=30, deadline=None)
@given(people_of_cells, rules)
def test_smoothing_never_removes(draw_grid, people, rule):
    grid = draw_grid(people)

    rough = urban_extents(grid, rule=rule, population=3000, smooth=False)
    smooth = urban_extents(grid, rule=rule, population=3000, smooth=True)

    assert smooth.labels[rough.labels > 0].all()


@settings(max_examples=25, deadline=None)
@given(people_of_cells, rules, levels, st.sampled_from(["down", "across"]))
def test_a_mirrored_country_has_mirrored_extents(draw_grid, people, rule, level, mirror):
    turn = (
        (slice(None, None, -1), slice(None))
        if mirror == "down"
        else (slice(None), slice(None, None, -1))
    )

    found = urban_extents(draw_grid(people), rule=rule, level=level, population=3000)
    mirrored = urban_extents(draw_grid(people[turn]), rule=rule, level=level, population=3000)

    np.testing.assert_array_equal(mirrored.labels[turn] > 0, found.labels > 0)
    np.testing.assert_array_equal(mirrored.table["population"], found.table["population"])


def test_the_order_of_rows_in_a_file_does_not_matter(draw_grid, tmp_path):
    people = np.random.default_rng(3).choice([0.0, 400.0, 2000.0], (30, 40))
    found = []
    for name, values, step, corner in (
        ("north.tif", people, -1000, 30_000),
        ("south.tif", people[::-1], 1000, 0),
    ):
        transform = Affine(1000, 0, 4e6, 0, step, 3e6 + corner)
        with rasterio.open(
            tmp_path / name,
            "w",
            driver="GTiff",
            height=30,
            width=40,
            count=1,
            dtype="float64",
            crs="EPSG:3035",
            transform=transform,
        ) as file:
            file.write(values, 1)
        found.append(urban_extents(read_grid(tmp_path / name), population=5000))

    north, south = found
    assert len(north) > 3
    np.testing.assert_array_equal(north.labels, south.labels)
    assert north.table.equals(south.table)


def test_the_crs_does_not_matter_where_cells_have_the_same_area(draw_grid):
    people = np.random.default_rng(4).choice([0.0, 400.0, 2000.0], (20, 20))
    tables = []
    for crs in ("EPSG:3035", "ESRI:54009", "EPSG:6933"):
        found = urban_extents(draw_grid(people, crs=crs), population=5000)
        tables.append((found.labels, found.table[["population", "area_km2"]]))

    for labels, table in tables[1:]:
        np.testing.assert_array_equal(labels, tables[0][0])
        assert table.equals(tables[0][1])


def test_ids_stay_when_other_places_change(draw_grid):
    people = np.zeros((20, 20))
    people[2:5, 2:5] = 8000
    people[10:14, 10:14] = 5000
    before = urban_extents(draw_grid(people)).table

    people[2:5, 2:5] = 9000
    people[17, 1] = 60_000
    after = urban_extents(draw_grid(people)).table

    assert len(before) == 2
    assert len(after) == 3
    # All cells of a place grew alike, so that its centroid stayed.
    assert set(before["id"]) < set(after["id"])
    assert (after["id"] > 0).all()
    assert (after["id"] < 2**53).all()


def test_ids_tell_the_level(draw_grid):
    people = np.full((4, 4), 8000.0)

    centre = urban_extents(draw_grid(people)).table
    cluster = urban_extents(draw_grid(people), level="urban_cluster").table

    assert centre["lon"].equals(cluster["lon"])
    assert centre["id"].iloc[0] != cluster["id"].iloc[0]


def test_the_centroid_is_weighted_by_people():
    people = np.array([[2000.0, 6000.0]])
    grid = Grid(people, Affine(0.01, 0, 10, 0, -0.01, 0.005), "EPSG:4326")

    (place,) = urban_extents(grid, population=8000).table.itertuples()

    assert place.lon == pytest.approx(10.0125, abs=1e-9)
    assert place.lat == pytest.approx(0, abs=1e-12)


def test_where_nobody_lives_the_centroid_is_that_of_the_cells(draw_grid):
    built = draw_grid([[1e6, 1e6]])

    (place,) = urban_extents(draw_grid([[0.0, 0.0]]), built=built, population=0).table.itertuples()

    assert place.population == 0
    assert place.geometry.centroid.x == 4e6 + 1000
    assert np.isfinite([place.lon, place.lat]).all()


def test_polygons_have_holes_and_parts(draw_grid):
    people = np.array([[3, 3, 3, 0], [3, 0, 3, 0], [3, 3, 3, 0], [0, 0, 0, 3]]) * 1e4

    (place,) = urban_extents(draw_grid(people), level="urban_cluster").table.itertuples()

    cells = [shapely.box(x, 3 - y, x + 1, 4 - y) for y, x in np.argwhere(people > 0)]
    drawn = shapely.transform(shapely.unary_union(cells), lambda xy: xy * 1000 + [4e6, 3e6])
    assert place.geometry.equals(drawn)
    assert sorted(len(each.interiors) for each in place.geometry.geoms) == [0, 1]


def globe(people, west=-180.0, round_the_earth=True):
    cell = 360 / people.shape[1] if round_the_earth else 0.5
    return Grid(people, Affine(cell, 0, west, 0, -cell, cell), "EPSG:4326")


@pytest.mark.parametrize("rule", ["gost", "degurba"])
def test_extents_continue_across_the_antimeridian(rule):
    people = np.zeros((3, 720))
    people[1, [0, 1, 718, 719]] = 1e7

    (place,) = urban_extents(globe(people), rule=rule).table.itertuples()

    assert place.population == 4e7
    assert place.geometry.geom_type == "MultiPolygon"
    assert place.geometry.bounds[::2] == (-180, 180)
    # In the middle, and not at longitude 0 as a mean of numbers would be.
    assert abs(place.lon) == pytest.approx(180)
    assert place.lat == pytest.approx(-0.25, abs=1e-4)


def test_other_grids_end_at_their_edges():
    people = np.zeros((3, 40))
    people[1, [0, 1, 38, 39]] = 1e7

    found = urban_extents(globe(people, west=160, round_the_earth=False), rule="gost")

    assert len(found) == 2


def test_smoothing_and_holes_see_across_the_antimeridian():
    people = np.zeros((5, 720))
    people[1:4, [718, 719, 0, 1]] = 1e7
    people[2, 0] = 0
    cells = [(2, 0)]

    gost = urban_extents(globe(people), rule="gost")
    hole = urban_extents(globe(people), smooth=False, hole_km2=1e5)
    left = urban_extents(globe(people), smooth=False, hole_km2=1)

    assert all(gost.labels[cell] for cell in cells)
    assert hole.labels[2, 0] == 1
    assert left.labels[2, 0] == 0
    assert len(left.table.geometry.iloc[0].geoms) == 2


def test_a_site_upon_the_antimeridian_has_one_id():
    """Rounding says 180 degrees of its centroid, or -180, as the grid goes round the Earth."""
    people = np.zeros((60, 10_800))
    people[40:46, 5397:5403] = 20_000.0
    cell = 1 / 30

    def found(west, turn):
        transform = Affine(cell, 0, west, 0, -cell, -15)
        grid = Grid(np.roll(people, turn, axis=1), transform, "EPSG:4326", "islands")
        (place,) = urban_extents(grid).table.itertuples()
        return place

    here, there = found(-180.0, 5400), found(0.0, 0)

    assert (round(here.lon, 9), round(there.lon, 9)) == (-180, 180)
    assert here.id == there.id
    assert here.id != found(cell, 0).id


def test_a_site_upon_a_pole_has_one_id():
    """Its longitude means nothing."""
    half = np.random.default_rng(5).uniform(4000, 9000, (6, 6))
    people = np.zeros((20, 20))
    people[7:13, 7:13] = half + np.rot90(half, 2)
    transform = Affine(1000, 0, -10_000, 0, -1000, 10_000)

    found = [
        urban_extents(Grid(np.rot90(people, turn), transform, "EPSG:3413", "pole")).table
        for turn in range(4)
    ]

    assert len({one["lon"][0].round() for one in found}) > 1
    assert len({one["id"][0] for one in found}) == 1


def test_places_around_a_pole():
    people = np.zeros((180, 360))
    people[0] = 1e6

    (place,) = urban_extents(
        Grid(people, Affine(1, 0, -180, 0, -1, 90), "EPSG:4326")
    ).table.itertuples()

    assert place.population == 3.6e8
    assert place.lat == pytest.approx(90)
    assert place.area_km2 == pytest.approx(39_000, rel=0.01)
