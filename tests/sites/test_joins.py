"""Places are joined with others by people, then area; every part is counted once."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import shoeroot.sites.coverage
from shoeroot.errors import SiteError
from shoeroot.sites import join_admin, join_by_centroid, join_majority


@pytest.fixture
def people(draw_grid):
    """Four columns of cells; all people live in the west."""
    return draw_grid([[10, 0, 0, 0], [10, 0, 0, 0]])


@pytest.fixture
def units(draw_boxes):
    units = draw_boxes([(0, 0, 1, 2), (1, 0, 4, 2)], "code", ["01", "02"])
    units["name"] = ["West", "East"]
    return units


def brute_force(place, other, grid):
    """People and area of an intersection, cell by cell."""
    part = shapely.intersection(place, other)
    total = 0.0
    left, _, _, top = grid.bounds
    for (row, column), value in np.ndenumerate(grid.values):
        west, north = left + 1000 * column, top - 1000 * row
        cell = shapely.box(west, north - 1000, west + 1000, north)
        total += value * cell.intersection(part).area / 1e6
    return total, part.area / 1e6


def test_units_are_listed_by_people_although_another_has_more_area(draw_boxes, people, units):
    places = draw_boxes([(0.5, 0, 4, 1)])

    ((first, second),) = join_admin(places, units, people)

    assert (first.code, first.name) == ("01", "West")
    assert (first.population, first.area_km2) == (pytest.approx(5), pytest.approx(0.5))
    assert (second.code, second.population) == ("02", 0)
    assert second.area_km2 == pytest.approx(3)


def test_where_nobody_lives_the_larger_area_decides(draw_boxes, people):
    places = draw_boxes([(1, 0, 4, 1)])
    others = draw_boxes([(1, 0, 2, 1), (2, 0, 4, 1)], ids=[7, 9])

    joined = join_majority(places, others, people)

    assert joined.best.tolist() == [9]
    assert joined.candidates["other"].tolist() == [9, 7]
    assert joined.candidates["share"].isna().all()


def test_all_candidates_are_kept_with_their_shares(draw_boxes, people):
    places = draw_boxes([(0, 0, 2, 2)], ids=[5])
    others = draw_boxes([(0, 0, 2, 0.5), (0, 0.5, 2, 2)], ids=[1, 2])

    best, candidates = join_majority(places, others, people)

    assert best.tolist() == [2]
    pd.testing.assert_frame_equal(
        candidates,
        pd.DataFrame(
            {
                "place": [5, 5],
                "other": [2, 1],
                "population": [15.0, 5.0],
                "area_km2": [3.0, 1.0],
                "share": [0.75, 0.25],
            }
        ),
        check_dtype=False,
    )


def test_equal_candidates_come_in_the_order_of_the_others(draw_boxes, people):
    places = draw_boxes([(0, 0, 1, 2)])
    others = draw_boxes([(0, 1, 1, 2), (0, 0, 1, 1)], ids=[8, 3])

    assert join_majority(places, others, people).best.tolist() == [8]


def test_neighbours_that_only_touch_are_no_candidates(draw_boxes, people):
    places = draw_boxes([(0, 0, 1, 1)])
    others = draw_boxes([(1, 0, 2, 1), (1, 1, 2, 2)])

    joined = join_majority(places, others, people)

    assert joined.best.tolist() == [0]
    assert joined.candidates.empty


def test_a_place_in_no_unit_has_none(draw_boxes, people, units):
    places = draw_boxes([(0, 0, 1, 1), (100, 100, 101, 101)])

    inside, outside = join_admin(places, units, people)

    assert [unit.code for unit in inside] == ["01"]
    assert outside == []


def test_parts_beyond_the_grid_have_an_area_and_nobody(draw_boxes, people):
    places = draw_boxes([(-2, 0, 1, 1)])

    candidates = join_majority(places, places, people).candidates

    assert candidates["population"].tolist() == pytest.approx([10])
    assert candidates["area_km2"].tolist() == pytest.approx([3], rel=1e-5)


def test_no_places_and_no_others_are_no_error(draw_boxes, people, units):
    places = draw_boxes([(0, 0, 1, 1)])

    assert join_admin(places.iloc[:0], units, people) == []
    assert join_admin(places, units.iloc[:0], people) == [[]]
    assert join_majority(places, places.iloc[:0], people).best.tolist() == [0]
    assert join_by_centroid(places, places.iloc[:0], "id").tolist() == [""]


def test_texts_without_a_partner_are_empty(draw_boxes, people, units):
    places = draw_boxes([(0, 0, 1, 1), (50, 50, 51, 51)])

    assert join_majority(places, units, people).best.tolist() == ["01", ""]


def test_negative_and_unknown_population_is_nobody(draw_grid, draw_boxes):
    people = draw_grid([[-200.0, np.nan, 7.0]])

    candidates = join_majority(
        draw_boxes([(0, 0, 3, 1)]), draw_boxes([(0, 0, 3, 1)]), people
    ).candidates

    assert candidates["population"].tolist() == [7.0]


def test_an_index_of_ids_serves_as_the_column(draw_boxes, people):
    places = draw_boxes([(0, 0, 1, 1)], ids=[77]).set_index("id")

    joined = join_majority(places, places, people)

    assert joined.best.to_dict() == {77: 77}
    assert joined.candidates["place"].tolist() == [77]


def test_geometry_that_crosses_itself_is_repaired(draw_boxes, people):
    bow = shapely.Polygon([(4e6, 3e6), (4.001e6, 3.001e6), (4.001e6, 3e6), (4e6, 3.001e6)])
    places = geopandas.GeoDataFrame({"id": [1]}, geometry=[bow], crs=people.crs)

    candidates = join_majority(places, draw_boxes([(0, 0, 1, 1)]), people).candidates

    assert candidates["area_km2"].tolist() == pytest.approx([0.5])
    assert candidates["population"].tolist() == pytest.approx([5])


def test_places_in_another_crs_give_the_same(draw_boxes, people, units):
    places = draw_boxes([(0.25, 0.25, 3, 1.5)])
    turned = places.copy()
    turned.geometry = places.geometry.segmentize(50).to_crs("EPSG:4326")

    here, there = (join_admin(one, units, people)[0] for one in (places, turned))

    assert [unit.code for unit in here] == [unit.code for unit in there] == ["01", "02"]
    np.testing.assert_allclose(
        [unit.population for unit in here], [unit.population for unit in there], atol=1e-4
    )


def test_places_without_a_crs_are_refused(draw_boxes, people, units):
    places = draw_boxes([(0, 0, 1, 1)], crs=None)

    with pytest.raises(SiteError, match="no coordinate reference system"):
        join_admin(places, units, people)
    with pytest.raises(SiteError, match="no coordinate reference system"):
        join_by_centroid(places, units, "code")


def test_places_without_an_id_are_refused(draw_boxes, people):
    places = draw_boxes([(0, 0, 1, 1)], column="number")

    with pytest.raises(SiteError, match="'id' or 'code'"):
        join_majority(places, places, people)


def test_a_missing_column_names_the_nearest(draw_boxes, people, units):
    with pytest.raises(SiteError, match="did you mean 'code'"):
        join_by_centroid(draw_boxes([(0, 0, 1, 1)]), units, "kode")


boxes = st.lists(
    st.tuples(
        st.floats(-0.5, 3.0), st.floats(-0.5, 1.5), st.floats(0.05, 1.5), st.floats(0.05, 1.5)
    ).map(lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])),
    min_size=1,
    max_size=4,
)
counts = st.lists(st.floats(0, 1e4), min_size=8, max_size=8)


@given(boxes, boxes, counts, st.sampled_from([1, 4, 2_000_000]))
@settings(max_examples=40, deadline=None)
def test_people_and_areas_are_those_of_a_count_cell_by_cell(
    draw_grid, draw_boxes, ours, theirs, values, at_once
):
    """However many cells are taken at once: large polygons are cut."""
    grid = draw_grid(np.reshape(values, (2, 4)))
    places, others = draw_boxes(ours), draw_boxes(theirs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shoeroot.sites.coverage, "GROUP_CELLS", at_once)
        table = join_majority(places, others, grid).candidates

    found = {(row.place, row.other): row for row in table.itertuples()}
    for place, here in zip(places["id"], places.geometry, strict=True):
        for other, there in zip(others["id"], others.geometry, strict=True):
            count, area = brute_force(here, there, grid)
            if area > 1e-5:
                row = found.pop((place, other))
                assert row.population == pytest.approx(count, rel=1e-5, abs=1e-2)
                assert row.area_km2 == pytest.approx(area, rel=1e-4)
    assert all(row.area_km2 <= 1.1e-5 for row in found.values())


@given(counts, st.floats(0.1, 3.9), st.floats(0.1, 1.9), boxes)
@settings(max_examples=25, deadline=None)
def test_units_that_cover_a_place_share_all_its_people(
    draw_grid, draw_boxes, values, across, along, ours
):
    grid = draw_grid(np.reshape(values, (2, 4)))
    west, south, east, north = -10, -10, 20, 20
    units = draw_boxes(
        [
            (west, south, across, along),
            (across, south, east, along),
            (west, along, across, north),
            (across, along, east, north),
        ],
        "code",
        list("abcd"),
    ).assign(name="")
    places = draw_boxes(ours)

    parts = join_admin(places, units, grid)
    whole = join_majority(places, draw_boxes([(west, south, east, north)]), grid).candidates

    sums = [sum(unit.population for unit in one) for one in parts]
    areas = [sum(unit.area_km2 for unit in one) for one in parts]
    np.testing.assert_allclose(sums, whole["population"], rtol=1e-5, atol=1e-2)
    np.testing.assert_allclose(areas, whole["area_km2"], rtol=1e-4)
    for one in parts:
        assert [unit.population for unit in one] == sorted(
            (unit.population for unit in one), reverse=True
        )


def test_the_centroid_decides_in_which_external_extent_a_place_lies(draw_boxes):
    places = draw_boxes([(0, 0, 4, 1), (0, 1, 1, 2), (9, 9, 10, 10)])
    external = draw_boxes([(0, 0, 1, 3), (1, 0, 4, 3)], "ECA", [1001.0, 1002.0])

    joined = join_by_centroid(places, external.to_crs("EPSG:4326"), "ECA")

    assert joined.tolist() == ["1002", "1001", ""]


def test_of_external_extents_that_overlap_the_first_is_taken(draw_boxes):
    external = draw_boxes([(0, 0, 3, 3), (0, 0, 2, 2)], "ECA", ["b", "a"])

    assert join_by_centroid(draw_boxes([(0, 0, 1, 1)]), external, "ECA").tolist() == ["b"]


def test_points_are_their_own_centroids(draw_boxes):
    external = draw_boxes([(0, 0, 2, 2)], "ECA", ["a"])
    points = external.set_geometry(external.geometry.centroid)

    assert join_by_centroid(points, external, "ECA").tolist() == ["a"]


def test_belgian_clusters_lie_in_their_communes(belgian_clusters, communes, belgian_people):
    table = belgian_clusters.table

    units = join_admin(table, communes, belgian_people)

    brussels = units[int(np.argmax(table["population"]))]
    assert [unit.name for unit in brussels[:2]] == ["Antwerpen", "Gent"]
    # The clusters of neighbouring countries have people outside; those inside have all.
    inside = table.within(communes.union_all()).to_numpy()
    sums = np.array([sum(unit.population for unit in one) for one in units])
    assert inside.sum() > 50
    np.testing.assert_allclose(sums[inside], table["population"][inside], rtol=1e-6)
    assert (sums <= table["population"] * (1 + 1e-6)).all()


@pytest.mark.parametrize("west", [-180.0, 0.0], ids=["-180 to 180", "0 to 360"])
def test_places_across_the_date_line_are_joined_on_grids_of_either_frame(draw_grid, west):
    people = draw_grid(np.full((4, 360), 3.0), crs="EPSG:4326", west=west, south=-20, cell=1)
    across = geopandas.GeoDataFrame(
        {"id": [1]}, geometry=[shapely.box(178.5, -19, 181, -17)], crs="EPSG:4326"
    )
    sides = geopandas.GeoDataFrame(
        {"code": ["east", "west"], "name": ["", ""]},
        geometry=[shapely.box(170, -30, 180, -10), shapely.box(-180, -30, -170, -10)],
        crs="EPSG:4326",
    )

    (in_degrees,) = join_admin(across, sides, people)
    (in_metres,) = join_admin(across.to_crs("EPSG:3832"), sides, people)

    assert [(unit.code, round(unit.population, 5)) for unit in in_degrees] == [
        ("east", 9),
        ("west", 6),
    ]
    assert [unit.population for unit in in_metres] == pytest.approx([9, 6], rel=1e-4)


def test_the_centroid_of_a_place_across_the_date_line_lies_there():
    across = shapely.MultiPolygon([shapely.box(178, -1, 180, 1), shapely.box(-180, -1, -179, 1)])
    places = geopandas.GeoDataFrame({"id": [1]}, geometry=[across], crs="EPSG:4326")
    external = geopandas.GeoDataFrame(
        {"ECA": ["Africa", "Fiji"]},
        geometry=[shapely.box(-5, -5, 5, 5), shapely.box(175, -5, 180, 5)],
        crs="EPSG:4326",
    )

    assert join_by_centroid(places, external, "ECA").tolist() == ["Fiji"]
