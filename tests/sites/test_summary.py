"""People of units: all, urban and in high density, and the classes of units."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from shoeroot.errors import SiteError, SiteWarning
from shoeroot.sites import Extents, population_summary, unit_classes


def denser(grid, density):
    """Extents of all cells with more than so many people."""
    return Extents(np.greater(grid.values, density).astype(np.int32), grid, table=None)


@pytest.fixture
def people(draw_grid):
    return draw_grid([[2000, 400, 100, 0]])


@pytest.fixture
def clusters(people):
    return denser(people, 300)


@pytest.fixture
def centres(people):
    return denser(people, 1500)


def test_people_are_counted_by_the_shares_of_cells(draw_boxes, people, clusters, centres):
    units = draw_boxes([(0, 0, 0.5, 1), (0.5, 0, 2.5, 1), (2.5, 0, 4, 1), (3, 0, 9, 1)])

    table = population_summary(units, people, clusters, centres)

    expected = pd.DataFrame(
        {
            "total": [1000.0, 1450.0, 50.0, 0.0],
            "urban": [1000.0, 1400.0, 0.0, 0.0],
            "urban_high_density": [1000.0, 1000.0, 0.0, 0.0],
            "share_urban": [1, 1400 / 1450, 0, np.nan],
            "share_urban_high_density": [1, 1000 / 1450, 0, np.nan],
        }
    )
    pd.testing.assert_frame_equal(table, expected, rtol=1e-6)


def test_all_people_are_in_some_unit(draw_boxes, people, clusters, centres):
    units = draw_boxes([(0, 0, 1.3, 0.4), (0, 0.4, 1.3, 1), (1.3, 0, 4, 1)])

    table = population_summary(units, people, clusters, centres)

    assert table["total"].sum() == pytest.approx(2500)
    assert table["urban"].sum() == pytest.approx(2400)
    assert table["urban_high_density"].sum() == pytest.approx(2000)


def test_cells_of_centres_are_urban_where_no_cluster_is(draw_boxes, people, centres):
    nothing = denser(people, 1e9)

    table = population_summary(draw_boxes([(0, 0, 4, 1)]), people, nothing, centres)

    assert table["urban"].tolist() == [2000]


def test_extents_of_another_grid_are_refused(draw_grid, draw_boxes, people, clusters):
    other = denser(draw_grid([[2000.0, 400.0]]), 1500)

    with pytest.raises(SiteError, match="shapes"):
        population_summary(draw_boxes([(0, 0, 1, 1)]), people, clusters, other)


def test_no_units_give_an_empty_table(draw_boxes, people, clusters, centres):
    table = population_summary(draw_boxes([(0, 0, 1, 1)]).iloc[:0], people, clusters, centres)

    assert table.empty
    assert unit_classes(table).empty


@pytest.mark.parametrize(
    ("centre", "urban", "expected"),
    [
        (0.5, 0.5, "city"),
        (0.49, 1.0, "town"),
        (0.0, 0.5, "town"),
        (0.0, 0.49, "rural"),
        (np.nan, np.nan, "rural"),
    ],
)
def test_units_are_classed_by_halves_of_their_people(centre, urban, expected):
    summary = pd.DataFrame(
        {"total": [9.0], "share_urban": [urban], "share_urban_high_density": [centre]}
    )

    assert unit_classes(summary).tolist() == [expected]


def test_units_outside_are_told_and_have_no_class(draw_boxes, people, clusters, centres):
    units = draw_boxes([(0, 0, 1, 1), (7, 7, 9, 9)], "code", ["in", "out"])
    units = pd.concat([units, units.iloc[:1].assign(code="none", geometry=None)])

    with pytest.warns(SiteWarning, match="2 of 3 places lie outside of .*: out, none"):
        table = population_summary(units, people, clusters, centres)

    assert table["total"].tolist() == pytest.approx([2000, np.nan, np.nan], nan_ok=True)
    assert table["share_urban"].isna().tolist() == [False, True, True]
    assert unit_classes(table).tolist() == ["city", "", ""]


def test_belgium_is_urban(communes, belgian_people, belgian_clusters, belgian_centres):
    table = population_summary(communes, belgian_people, belgian_clusters, belgian_centres)

    classes = unit_classes(table).set_axis(communes["name"])
    assert table["total"].sum() == pytest.approx(11.55e6, rel=0.01)
    assert (table["urban_high_density"] <= table["urban"]).all()
    assert (table["urban"] <= table["total"]).all()
    assert (classes[["Antwerpen", "Gent", "Brussel", "Charleroi"]] == "city").all()
    assert classes["Tellin"] == "rural"
