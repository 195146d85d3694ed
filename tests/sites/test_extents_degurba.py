"""The Degree of Urbanisation, on grids drawn by hand: densities, holes, edges, water."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine

from shoeroot.errors import SiteError
from shoeroot.sites import Grid, urban_extents

DENSE = 2000.0


def centres(grid, **given):
    """Cells of at least 1500 people per km2, centres of at least 10000 people."""
    return urban_extents(grid, **({"population": 10_000} | given))


def drawn(picture, **people):
    """People of a picture: "#" is a dense cell, "." nobody; other letters as they are given."""
    people = {"#": DENSE, ".": 0.0} | people
    return np.array([[people[letter] for letter in row] for row in picture.split()])


def block(rows, columns, hole=(slice(0), slice(0))):
    """A dense block with a hole, and a row of nobody around it."""
    people = np.zeros((rows + 2, columns + 2))
    people[1:-1, 1:-1] = DENSE
    people[hole] = 0
    return people


def test_thresholds_are_met_when_they_are_equalled(draw_grid):
    grid = draw_grid([[1500.0] * 34 + [300.0]])

    def found(**given):
        return urban_extents(grid, smooth=False, **given).table["population"].tolist()

    assert found() == [51_000]
    assert found(population=51_000) == [51_000]
    assert found(population=51_000.5) == []
    assert found(density=1500.1) == []
    assert found(level="urban_cluster", population=51_300) == [51_300]


def test_density_is_per_permanent_land(draw_grid):
    people = draw_grid([[800.0] * 20])
    land = draw_grid([[5e5] * 19 + [6e5]])

    found = centres(people, land=land, smooth=False)

    # The last cell has 800 / 0.6 = 1333 people per km2.
    assert found.labels.tolist() == [[1] * 19 + [0]]
    assert len(centres(people)) == 0


def test_a_cell_without_land_has_no_density(draw_grid):
    people = draw_grid([[DENSE] * 6])
    land = draw_grid([[1e6, 1e6, 1e6, 0, 1e6, 1e6]])

    found = centres(people, land=land, population=5000, smooth=False)

    assert found.labels.tolist() == [[1, 1, 1, 0, 0, 0]]


def test_density_uses_true_areas():
    # At 60 degrees north a cell of 0.01 degrees has 0.62 km2, at the equator 1.23 km2.
    people = np.full((3, 20), 1200.0)

    def grid(north):
        return Grid(people, Affine(0.01, 0, 10, 0, -0.01, north), "EPSG:4326")

    assert len(centres(grid(60.0))) == 1
    assert len(centres(grid(0.015))) == 0


def test_built_up_cells_belong_as_well(draw_grid):
    people = draw_grid([[DENSE] * 5 + [0.0, 0.0]])
    built = draw_grid([[0.0] * 5 + [5e5, 4.9e5]])

    found = centres(people, built=built, smooth=False)

    assert found.labels.tolist() == [[1] * 6 + [0]]
    assert centres(people, built=built, built_share=0.49).labels.tolist() == [[1] * 7]
    # Not in urban clusters.
    clusters = urban_extents(people, level="urban_cluster", built=built)
    assert clusters.labels.tolist() == [[1] * 5 + [0] * 2]


def test_built_up_share_is_of_permanent_land(draw_grid):
    people = draw_grid([[DENSE] * 5 + [0.0]])
    land = draw_grid([[1e6] * 5 + [4e5]])
    built = draw_grid([[0.0] * 5 + [2e5]])

    assert centres(people, land=land, built=built, smooth=False).labels[0, 5] == 1


def test_centres_touch_at_sides_and_clusters_at_corners(draw_grid):
    grid = draw_grid(drawn("###... ###... ...### ...###"))

    assert centres(grid).table["population"].tolist() == [12_000, 12_000]
    clusters = urban_extents(grid, level="urban_cluster")
    assert clusters.table["population"].tolist() == [24_000]
    assert clusters.table.geometry.iloc[0].geom_type == "MultiPolygon"


def test_holes_of_less_than_15_km2_are_filled(draw_grid):
    small = draw_grid(block(9, 9, (slice(2, 4), slice(2, 9))))
    large = draw_grid(block(9, 9, (slice(2, 5), slice(2, 7))))

    filled = centres(small, smooth=False)
    left = centres(large, smooth=False)

    assert filled.table["area_km2"].tolist() == [81]
    assert left.table["area_km2"].tolist() == [81 - 15]
    assert len(left.table.geometry.iloc[0].interiors) == 1
    assert centres(large, smooth=False, hole_km2=15.5).table["area_km2"].tolist() == [81]
    assert centres(small, smooth=False, hole_km2=0).table["area_km2"].tolist() == [67]


def test_the_area_of_a_hole_is_its_true_area():
    # 12 cells of 1.1 x 1.1 km at the equator are 14.8 km2; at 60 degrees 24 are.
    people = block(10, 10, (slice(2, 4), slice(2, 8)))

    def grid(north):
        return Grid(people, Affine(0.01, 0, 10, 0, -0.01, north), "EPSG:4326")

    assert centres(grid(0.0), smooth=False).labels[1:-1, 1:-1].all()
    more = people.copy()
    more[4, 2] = 0
    equator = Grid(more, Affine(0.01, 0, 10, 0, -0.01, 0), "EPSG:4326")
    north = Grid(more, Affine(0.01, 0, 10, 0, -0.01, 60), "EPSG:4326")
    assert not centres(equator, smooth=False).labels[1:-1, 1:-1].all()
    assert centres(north, smooth=False).labels[1:-1, 1:-1].all()


def test_a_hole_that_reaches_the_edge_is_none(draw_grid):
    grid = draw_grid(drawn("##### #...# #.### ####.").astype(float))
    open_grid = draw_grid(drawn("##### #...# #.### #.###"))

    assert centres(grid, smooth=False).labels[1].all()
    assert not centres(open_grid, smooth=False).labels[1].all()


def test_water_in_a_hole_is_filled(draw_grid):
    people = draw_grid(block(5, 5, (3, 3)))
    land = draw_grid(np.where(people.values > 0, 1e6, 0.0))

    assert centres(people, land=land, smooth=False).labels[3, 3] == 1


def test_what_lies_between_two_centres_is_no_hole(draw_grid):
    # The cell in the middle has both beside it; they touch at corners only.
    grid = draw_grid(drawn("....... .###... .#.#... .##.##. ...#.#. ...###. ......."))

    found = centres(grid, smooth=False, population=2000 * 7)

    assert found.table["population"].tolist() == [14_000, 14_000]
    assert found.labels[3, 3] == 0


def test_a_cell_joins_a_centre_with_most_of_its_neighbours(draw_grid):
    # The corner cell: 4 of its 8 neighbours are urban; below it, 5 are.
    grid = draw_grid(drawn("....... .###... .####.. .#####. .#####. ......."))

    found = centres(grid)

    assert found.labels[2, 5] == 0
    assert found.labels[1, 4] == 0
    notch = centres(draw_grid(drawn(".... .### .#.. .### ....")))
    assert notch.labels[2, 2] == 1
    assert notch.labels[2, 3] == 1


def test_half_of_the_neighbours_is_no_majority(draw_grid):
    # "o" has four of eight neighbours in the centre.
    half = centres(draw_grid(drawn("....... .###... .##o... .##.... .......", o=0.0)))
    more = centres(draw_grid(drawn("....... .###... .##o... .###... .......", o=0.0)))

    assert half.labels[2, 3] == 0
    assert more.labels[2, 3] == 1


def test_beyond_the_edge_of_the_grid_is_land_where_nobody_lives(draw_grid):
    inside = centres(draw_grid(drawn("...... ...... .####. .####. ......")))
    at_edge = centres(draw_grid(drawn("...... .####. .####. ......")))

    np.testing.assert_array_equal(at_edge.labels, inside.labels[1:])


def test_water_never_joins_and_does_not_count(draw_grid):
    picture = drawn("~~~~~ ..### ...## ..### .....", **{"~": -1.0})
    people = draw_grid(np.maximum(picture, 0))
    land = draw_grid(np.where(picture < 0, 0.0, 1e6))

    found = centres(people, land=land)

    # The cell at the coast has two urban neighbours of five that are land, the notch five of eight.
    assert found.labels.tolist() == [
        [0, 0, 0, 0, 0],
        [0, 0, 1, 1, 1],
        [0, 0, 1, 1, 1],
        [0, 0, 1, 1, 1],
        [0, 0, 0, 0, 0],
    ]


def test_water_around_a_cell_lowers_what_a_majority_is(draw_grid):
    # "o" has one urban neighbour, and no other that is land.
    picture = "##~~~ ##o~~ ##~~~ ##~~~"
    people = draw_grid(drawn(picture, **{"~": 0.0, "o": 1.0}))
    land = draw_grid(np.where(np.isin(people.values, [0.0]), 0.0, 1e6))

    assert centres(people, land=land).labels[1].tolist() == [1, 1, 1, 0, 0]


def test_less_than_half_land_with_people_is_not_water(draw_grid):
    people = drawn("### #a# ###", a=1.0)
    land = np.full((3, 3), 1e6)
    land[1, 1] = 1e5

    found = centres(draw_grid(people), land=draw_grid(land), hole_km2=0)

    assert found.labels[1, 1] == 1
    people[1, 1] = 0
    empty = centres(draw_grid(people), land=draw_grid(land), hole_km2=0)
    assert empty.labels[1, 1] == 0
    buildings = np.zeros((3, 3))
    buildings[1, 1] = 10
    built = centres(draw_grid(people), land=draw_grid(land), built=draw_grid(buildings), hole_km2=0)
    assert built.labels[1, 1] == 1


def test_centres_are_not_merged_by_smoothing(draw_grid):
    # Both have four of the nine cells around each cell between them: neither has most.
    grid = draw_grid(drawn("###.### ###.### ###.###"))

    found = centres(grid)

    assert found.table["population"].tolist() == [18_000, 18_000]
    assert not found.labels[:, 3].any()


def test_people_of_filled_and_joined_cells_are_counted(draw_grid):
    grid = draw_grid(drawn("#####. #a#### ####b. ######", a=7.0, b=3.0))

    found = centres(grid)

    assert found.labels[2, 5] == 1
    assert found.table["population"].tolist() == [grid.values.sum()]


def test_clusters_are_neither_filled_nor_smoothed(draw_grid):
    grid = draw_grid(drawn("### #.# ###"))

    assert urban_extents(grid, level="urban_cluster").labels[1, 1] == 0


def test_cells_without_a_value_are_no_land(draw_grid):
    people = drawn("### #a# ###", a=np.nan)

    found = centres(draw_grid(people), hole_km2=0)

    assert found.labels[1, 1] == 0
    # With permanent land they are places where nobody lives.
    land = draw_grid(np.full((3, 3), 1e6))
    assert centres(draw_grid(people), land=land, hole_km2=0).labels[1, 1] == 1


def test_surfaces_of_other_cells_or_units_are_refused(draw_grid):
    people = draw_grid([[DENSE] * 6])

    with pytest.raises(SiteError, match="use the permanent land with the population"):
        urban_extents(people, land=draw_grid([[1e6] * 5]))
    with pytest.raises(SiteError, match="CRS"):
        urban_extents(people, built=draw_grid([[1e6] * 6], crs="ESRI:54009"))
    with pytest.raises(SiteError, match="not in m2 a cell"):
        urban_extents(people, land=draw_grid([[1.0] * 6]))
    with pytest.raises(SiteError, match="not in m2 a cell"):
        urban_extents(people, built=draw_grid([[2e6] * 6]))


@pytest.mark.parametrize("rule", ["degurba", "gost"])
@pytest.mark.parametrize("people", [[[0.0, 0.0]], [[np.nan, np.nan]], [[-200.0, 3.0]]])
def test_nothing_urban_is_an_empty_table(draw_grid, rule, people):
    found = urban_extents(draw_grid(people), rule=rule)

    assert len(found) == 0
    assert list(found.table.columns) == [
        "id",
        "level",
        "population",
        "area_km2",
        "lon",
        "lat",
        "geometry",
    ]
    assert found.table["id"].dtype == np.int64
    assert found.table.crs.to_epsg() == 3035
    assert found.labels.dtype == np.int32
    assert not found.labels.any()
