"""The rule of the GOST tools, on grids drawn by hand: counts a cell, strict thresholds."""

from __future__ import annotations

import numpy as np
import pytest

from shoeroot.errors import SiteError
from shoeroot.sites import urban_extents


def drawn(picture, people):
    """People of a picture: a letter is a number of people."""
    return np.array([[people.get(letter, 0) for letter in row] for row in picture.split()], float)


def extents(grid, **thresholds):
    """Cells of more than 10 people, clusters of more than 30."""
    given = {"density": 10, "population": 30, "smooth": False} | thresholds
    return urban_extents(grid, rule="gost", **given)


def test_a_cell_has_more_people_than_the_threshold(draw_grid):
    grid = draw_grid(drawn("ab.", {"a": 10, "b": 31}))

    found = extents(grid)

    assert found.labels.tolist() == [[0, 1, 0]]
    assert found.table["population"].tolist() == [31]


def test_a_cluster_has_more_people_than_the_threshold(draw_grid):
    grid = draw_grid(drawn("aa.ab", {"a": 15, "b": 16}))

    found = extents(grid)

    assert found.labels.tolist() == [[0, 0, 0, 1, 1]]
    assert found.table["population"].tolist() == [31]


def test_what_is_shown_of_extents_is_a_line(draw_grid):
    found = urban_extents(draw_grid([[40_000.0, 20_000.0, 0.0]]), rule="gost")

    assert repr(found) == "<1 extents of drawn: 60,000 people, 2 km2>"


def test_levels_have_the_thresholds_of_the_tools(draw_grid):
    grid = draw_grid([[1501.0] * 34 + [0] + [301.0] * 17])

    centres = urban_extents(grid, rule="gost", level="urban_centre")
    clusters = urban_extents(grid, rule="gost", level="urban_cluster")

    assert centres.table["population"].tolist() == [34 * 1501]
    assert clusters.table["population"].tolist() == [34 * 1501, 17 * 301]
    assert set(clusters.table["level"]) == {"urban_cluster"}


def test_cells_that_touch_at_a_corner_are_apart(draw_grid):
    grid = draw_grid(drawn("a. .a", {"a": 20}))

    assert len(extents(grid)) == 0


def test_queen_joins_them_and_adds_no_area(draw_grid):
    grid = draw_grid(drawn("a. .a", {"a": 20}))

    found = extents(grid, queen=True)

    assert found.labels.tolist() == [[1, 0], [0, 1]]
    assert found.table["area_km2"].tolist() == [2]
    (geometry,) = found.table.geometry
    assert geometry.geom_type == "MultiPolygon"
    assert geometry.is_valid
    assert geometry.area == 2e6


def test_people_are_counts_whatever_the_area_of_a_cell(draw_grid):
    people = drawn("aa", {"a": 20})

    small, large = (extents(draw_grid(people, cell=cell)) for cell in (100.0, 5000.0))

    np.testing.assert_array_equal(small.labels, large.labels)
    assert small.table["area_km2"].tolist() == [pytest.approx(0.02)]
    assert large.table["area_km2"].tolist() == [50]


def test_negative_nodata_nan_and_infinity_are_nobody(draw_grid):
    grid = draw_grid([[40, -99999], [np.nan, np.inf]])

    found = extents(grid)
    degurba = urban_extents(grid, density=10, population=30)

    assert found.table["population"].tolist() == [40]
    assert found.labels.tolist() == [[1, 0], [0, 0]]
    assert degurba.table["population"].tolist() == [40]
    assert degurba.labels.tolist() == [[1, 0], [0, 0]]


def test_whole_numbers_are_people_too(draw_grid):
    grid = draw_grid([[0.0, 0.0]]).with_values(np.array([[40, 11]], dtype=np.uint16))

    assert extents(grid).table["population"].tolist() == [51]
    assert urban_extents(grid, density=11, population=51).table["population"].tolist() == [51]


def test_a_cell_joins_with_five_urban_cells_in_its_window(draw_grid):
    five = "aaa a.. a..".replace("a..", "a.b")
    four = "aaa a.b ..b"
    people = {"a": 20, "b": 0}

    assert extents(draw_grid(drawn(five, people)), smooth=True).labels[1, 1] == 1
    assert extents(draw_grid(drawn(four, people)), smooth=True).labels[1, 1] == 0


def test_smoothing_repeats_until_nothing_changes(draw_grid):
    # The notch closes from its end: each cell needs the one before it.
    grid = draw_grid(drawn("aaaaaaaa a....... aaaaaaaa", {"a": 20}))

    found = extents(grid, smooth=True)

    assert found.labels.tolist() == [[1] * 8] * 3
    assert found.table["population"].tolist() == [17 * 20]


def test_people_of_cells_that_join_are_counted(draw_grid):
    grid = draw_grid(drawn("aaa aba aaa", {"a": 20, "b": 7}))

    found = extents(grid, smooth=True)

    assert found.table["population"].tolist() == [8 * 20 + 7]


def test_extents_that_grow_together_are_one(draw_grid):
    grid = draw_grid(drawn("aa.aa aa.aa aa.aa", {"a": 20}))

    apart = extents(grid)
    together = extents(grid, smooth=True)

    assert apart.table["population"].tolist() == [120, 120]
    assert together.table["population"].tolist() == [240]
    assert together.labels.tolist() == [[1] * 5] * 3


def test_a_small_cluster_does_not_help_others_to_smooth(draw_grid):
    # b is dense but too small: it is no longer there when cells join.
    grid = draw_grid(drawn("aa. a.. ..b", {"a": 20, "b": 12}))

    found = extents(grid, smooth=True)

    assert found.labels.tolist() == [[1, 1, 0], [1, 0, 0], [0, 0, 0]]


def test_the_default_smooths_centres_only(draw_grid):
    grid = draw_grid(drawn("aaa a.a aaa", {"a": 10_000}))

    assert urban_extents(grid, rule="gost").labels[1, 1] == 1
    assert urban_extents(grid, rule="gost", level="urban_cluster").labels[1, 1] == 0


def test_the_edge_of_the_grid_is_not_urban(draw_grid):
    grid = draw_grid(drawn(".aa aaa", {"a": 20}))

    assert extents(grid, smooth=True).labels[0, 0] == 0


def test_what_the_rule_does_not_know_is_refused(draw_grid):
    grid = draw_grid([[40]])

    with pytest.raises(SiteError, match="does not look at `land`"):
        urban_extents(grid, rule="gost", land=grid)
    with pytest.raises(SiteError, match="no threshold 'hole_km2'"):
        urban_extents(grid, rule="gost", hole_km2=15)
    with pytest.raises(SiteError, match="cannot be 'many'"):
        urban_extents(grid, rule="gost", density="many")
    with pytest.raises(SiteError, match="cannot be 1"):
        urban_extents(grid, rule="gost", queen=1)
    with pytest.raises(SiteError, match="no rule 'gots'") as caught:
        urban_extents(grid, rule="gots")
    assert "gost" in caught.value.hint
    with pytest.raises(SiteError, match="no level 'urban_center'") as caught:
        urban_extents(grid, level="urban_center")
    assert "urban_centre" in caught.value.hint
