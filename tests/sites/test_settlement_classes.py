"""Level 2 classes of cells, and cities, towns and rural units."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine

from shoeroot.errors import SiteError
from shoeroot.sites import Grid, classify_units, settlement_classes, urban_extents


def row(*people):
    """A row of cells between two rows of nobody."""
    return np.array([[0.0] * len(people), people, [0.0] * len(people)])


def test_each_class_has_its_density_and_population(draw_grid):
    people = np.zeros((9, 30))
    people[1, 1:4] = 20_000  # an urban centre
    people[1, 4:6] = 400  # beside it
    people[1, 16:18] = 3000  # dense, and large enough for a town
    people[6, 26:29] = 1800  # semi-dense: 5400 people, none alone of at least 5000
    people[5, 26:29] = 300
    people[6, 1] = 499  # too few for a rural cluster
    people[6, 5:7] = 300
    people[6, 9] = 50
    people[6, 12] = 49
    people[6, 26:29] = [1400, 1400, 1400]

    classes = settlement_classes(draw_grid(people)).values

    assert classes[1, 1:6].tolist() == [30, 30, 30, 21, 21]
    assert classes[1, 16:18].tolist() == [23, 23]
    assert classes[5:7, 26:29].tolist() == [[22] * 3] * 2
    assert classes[6, 1] == 12
    assert classes[6, 5:7].tolist() == [13, 13]
    assert classes[6, 9] == 12
    assert classes[6, 12] == 11
    assert classes[8, 0] == 11


@pytest.mark.parametrize(("gap", "expected"), [(2, 21), (3, 22), (4, 22)])
def test_semi_dense_clusters_keep_3_km_from_dense_ones(draw_grid, gap, expected):
    people = row(*[20_000] * 3, *[0] * gap, *[1400] * 4)

    classes = settlement_classes(draw_grid(people)).values

    assert classes[1, -4:].tolist() == [expected] * 4


def test_the_distance_is_in_kilometres_and_not_in_cells():
    # Cells of 0.02 degrees are 2.2 km high; at 60 degrees north 1.1 km wide.
    people = row(*[100_000] * 3, 0, 0, *[6000] * 4)

    def town(north, values):
        grid = Grid(values, Affine(0.02, 0, 10, 0, -0.02, north), "EPSG:4326")
        return settlement_classes(grid).values

    assert town(0.03, people)[1, -1] == 22
    assert town(60.03, people / 2)[1, -1] == 21
    down = np.zeros((9, 3))
    down[:3, 1] = 50_000
    down[5:, 1] = 3000
    assert town(60.03, down)[-1, 1] == 22
    assert town(60.03, np.delete(down, 3, axis=0))[-1, 1] == 21


def test_the_distance_goes_across_the_antimeridian():
    people = np.zeros((3, 1800))
    people[1, :3] = 1e7
    people[1, -3:] = 2e5
    grid = Grid(people, Affine(0.2, 0, -180, 0, -0.2, 0.3), "EPSG:4326")
    # Beside the centre, and beside it again with a cell of 22 km between.
    beside = settlement_classes(grid).values
    people[1, -1] = 0
    apart = settlement_classes(grid.with_values(people)).values

    assert beside[1, -3:].tolist() == [21] * 3
    assert apart[1, -3:].tolist() == [22, 22, 11]


def test_water_has_little_land_and_nobody(draw_grid):
    people = draw_grid([[0.0, 1.0, 0.0, 0.0]])
    land = draw_grid([[4e5, 4e5, 5e5, 4e5]])
    built = draw_grid([[0.0, 0.0, 0.0, 9.0]])

    assert settlement_classes(people, land=land, built=built).values.tolist() == [[10, 11, 11, 11]]


def test_cells_without_any_value_have_no_class(draw_grid):
    people = draw_grid([[np.nan, np.nan, 0.0, -200.0]])
    land = draw_grid([[np.nan, 1e6, np.nan, 1e6]])

    assert settlement_classes(people).values.tolist() == [[0, 0, 11, 11]]
    assert settlement_classes(people, land=land).values.tolist() == [[0, 11, 10, 11]]


def test_built_up_cells_are_dense(draw_grid):
    people = draw_grid(row(3000, 3000, 0))
    built = draw_grid(row(0, 0, 3e5))

    assert settlement_classes(people, built=built).values[1, 2] == 11
    assert settlement_classes(people, built=built, built_share=0.3).values[1, 2] == 23


def test_the_first_digit_is_level_1(draw_grid):
    rng = np.random.default_rng(7)
    people = draw_grid(rng.choice([0, 200, 500, 2000, 9000.0], (40, 50)))

    classes = settlement_classes(people).values

    centres = urban_extents(people).labels > 0
    clusters = urban_extents(people, level="urban_cluster").labels > 0
    np.testing.assert_array_equal(classes // 10 == 3, centres)
    np.testing.assert_array_equal(classes // 10 == 2, clusters & ~centres)


def test_units_are_classed_by_where_their_people_live(draw_grid, draw_boxes):
    people = draw_grid([[50.0, 50, 100, 100, 0]])
    classes = people.with_values(np.array([[30, 23, 21, 11, 11]], dtype=np.uint8))
    units = draw_boxes(
        [(0, 0, 2, 1), (1, 0, 3, 1), (2, 0, 4, 1), (2.5, 0, 4, 1), (4, 0, 5, 1)], "code"
    )

    table = classify_units(units, classes, people)

    assert table["class"].tolist() == ["city", "town", "town", "rural", "rural"]
    assert table["population"].tolist() == pytest.approx([100, 150, 200, 150, 0])
    assert table["share_centre"].tolist()[:3] == pytest.approx([0.5, 0, 0])
    assert table["share_cluster"].tolist()[:4] == pytest.approx([0.5, 1, 0.5, 1 / 3])
    assert table["share_rural"].tolist()[:4] == pytest.approx([0, 0, 0.5, 2 / 3])
    assert np.isnan(table["share_rural"].iloc[4])
    assert table.index.equals(units.index)


def test_units_need_classes_of_the_same_cells(draw_grid, draw_boxes):
    with pytest.raises(SiteError, match="class units by settlement classes"):
        classify_units(draw_boxes([(0, 0, 1, 1)]), draw_grid([[11.0]]), draw_grid([[1.0, 2.0]]))
