"""The nearest facility, the areas that facilities serve, and gravity."""

# Grids have values, which are no values of pandas.
# ruff: noqa: PD010, PD011

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoeroot.errors import SiteError, SiteWarning
from shoeroot.sites import Grid, friction_graph, gravity

gpd = pytest.importorskip("geopandas")
pyproj = pytest.importorskip("pyproj")
affine = pytest.importorskip("affine")


def make_grid(values, crs="ESRI:54009"):
    transform = affine.Affine(1000, 0, 2e5, 0, -1000, 5.9e6)
    return Grid(np.asarray(values, dtype=float), transform, pyproj.CRS(crs), "friction")


def at_cells(cells, ids=None, crs="ESRI:54009"):
    x = [2e5 + (column + 0.5) * 1000 for _, column in cells]
    y = [5.9e6 - (row + 0.5) * 1000 for row, _ in cells]
    ids = range(len(cells)) if ids is None else ids
    return gpd.GeoDataFrame({"id": ids}, geometry=gpd.points_from_xy(x, y), crs=crs)


@pytest.fixture(scope="module", params=["graph", "continuous"])
def metric(request):
    if request.param == "continuous":
        pytest.importorskip("skfmm")
    return request.param


@pytest.fixture(scope="module")
def grid():
    values = np.full((30, 40), 0.012)
    values[12:18, 10:30] = 0.002
    values[:25, 20] = np.nan
    values[28:, 36:] = np.nan
    values[27, 36:] = np.nan
    values[29, 39] = 0.012  # nobody gets there
    return make_grid(values)


FACILITIES = [(4, 4), (4, 35), (27, 18)]


def test_times_are_the_shortest_of_those_from_each_facility(grid, metric):
    graph = friction_graph(grid, metric=metric)
    nearest = graph.nearest(at_cells(FACILITIES, ids=["a", "b", "c"]))
    cells = [(0, 0), (29, 0), (15, 25), (20, 30), (4, 21), (4, 19)]
    table = graph.matrix(at_cells(cells), at_cells(FACILITIES)).pivot(
        index="origin", columns="destination", values="minutes"
    )
    found = nearest.at(at_cells(cells))
    accuracy = 1e-12 if metric == "graph" else 0.01
    assert found.minutes.to_numpy() == pytest.approx(table.min(axis=1).to_numpy(), rel=accuracy)
    assert found.facility.tolist() == ["abc"[number] for number in table.idxmin(axis=1)]


def test_what_is_shown_of_them_is_a_line(grid):
    graph = friction_graph(grid)

    assert repr(graph) == "<FrictionGraph of friction: 1,164 of 1,200 cells are passable>"
    nearest = graph.nearest(at_cells([(4, 4)]), limit=1e-6)
    assert repr(nearest) == "<nearest of 1 facilities: 1 cells are reached>"


def test_facilities_themselves_are_no_time_away(grid, metric):
    nearest = friction_graph(grid, metric=metric).nearest(at_cells(FACILITIES))
    assert [nearest.minutes.values[cell] for cell in FACILITIES] == [0, 0, 0]
    assert [nearest.facility.values[cell] for cell in FACILITIES] == [0, 1, 2]


def test_barriers_and_what_lies_behind_them_are_not_reached(grid, metric):
    nearest = friction_graph(grid, metric=metric).nearest(at_cells(FACILITIES))
    unknown = np.isnan(grid.values)
    unknown[29, 39] = True
    assert np.array_equal(np.isnan(nearest.minutes.values), unknown)
    assert np.array_equal(nearest.facility.values == -1, unknown)
    lost = nearest.at(at_cells([(29, 39)]))
    assert lost.minutes.isna().all()
    assert lost.facility.isna().all()


def test_points_of_which_some_are_nowhere(grid):
    nearest = friction_graph(grid).nearest(at_cells(FACILITIES, ids=[2**52 + 1, 5, 9]))
    with pytest.warns(SiteWarning, match="1 points are off friction.*8"):
        found = nearest.at(at_cells([(4, 4), (4, 20)], ids=[7, 8]))
    assert found["facility"].tolist() == [2**52 + 1, pd.NA]
    assert nearest.at(at_cells([(4, 20)]), snap=1)["minutes"].notna().all()


def test_a_limit_ends_the_search(grid, metric):
    graph = friction_graph(grid, metric=metric)
    everywhere = graph.nearest(at_cells(FACILITIES)).minutes.values
    near = graph.nearest(at_cells(FACILITIES), limit=60).minutes.values
    expected = np.where(everywhere <= 60, everywhere, np.nan)
    assert np.nanmax(near) <= 60 * (1 + 1e-6)
    assert near == pytest.approx(expected, nan_ok=True)


def test_facilities_that_are_nowhere_serve_nothing(grid):
    graph = friction_graph(grid)
    with pytest.warns(SiteWarning, match="1 facilities"):
        nearest = graph.nearest(at_cells([(4, 20)]))
    assert np.isnan(nearest.minutes.values).all()
    with pytest.warns(SiteWarning, match="1 facilities"):
        assert len(graph.catchments(at_cells([(4, 20)]), limit=10)) == 0


def test_of_facilities_in_one_cell_the_first_serves_it(grid):
    nearest = friction_graph(grid).nearest(at_cells([(4, 4), (4, 4)], ids=["first", "second"]))
    assert set(nearest.at(at_cells([(0, 0), (9, 9)]))["facility"]) == {"first"}


def test_half_way_lies_the_border_of_two_facilities(metric):
    graph = friction_graph(make_grid(np.full((9, 20), 0.01)), metric=metric)
    facility = graph.nearest(at_cells([(4, 2), (4, 17)])).facility.values
    assert (facility[:, :9] == 0).all()
    assert (facility[:, 11:] == 1).all()


class TestCatchments:
    @pytest.fixture
    def graph(self, grid, metric):
        return friction_graph(grid, metric=metric)

    def test_are_the_cells_within_the_limit(self, graph):
        facilities = at_cells(FACILITIES, ids=["a", "b", "c"])
        areas = graph.catchments(facilities, limit=[30, 60])
        nearest = graph.nearest(facilities)
        assert areas.limit.tolist() == [30] * 3 + [60] * 3
        assert areas.id.tolist() == ["a", "b", "c"] * 2
        for area in areas.itertuples():
            number = "abc".index(area.id)
            with np.errstate(invalid="ignore"):
                cells = (nearest.facility.values == number) & (nearest.minutes.values <= area.limit)
            assert area.geometry.is_valid
            assert area.geometry.area / 1e6 == pytest.approx(cells.sum())
            assert area.area_km2 == pytest.approx(cells.sum(), rel=1e-6)

    def test_larger_limits_hold_smaller_ones_and_none_overlap(self, graph):
        areas = graph.catchments(at_cells(FACILITIES), limit=[120, 40])
        small, large = areas.iloc[:3].geometry, areas.iloc[3:].geometry
        assert large.reset_index(drop=True).covers(small).all()
        for wide in (small, large):
            assert wide.union_all().area == pytest.approx(wide.area.sum())

    @pytest.mark.parametrize("limit", [0, [10, -1]])
    def test_limits_are_positive(self, graph, limit):
        with pytest.raises(SiteError, match="above 0"):
            graph.catchments(at_cells(FACILITIES), limit=limit)

    def test_without_a_limit_is_refused(self, graph):
        with pytest.raises(SiteError, match="above 0"):
            graph.catchments(at_cells(FACILITIES), limit=[])


class TestGravity:
    @pytest.fixture
    def graph(self, grid):
        return friction_graph(grid)

    @pytest.fixture
    def towns(self):
        return at_cells(FACILITIES, ids=["a", "b", "c"])

    def test_of_a_table_is_the_sum_over_destinations(self, graph, towns):
        people = pd.Series({"c": 10.0, "b": 200.0, "a": 3000.0})
        table = graph.matrix(at_cells([(0, 0), (20, 30)], ids=[1, 2]), towns)
        minutes = table[table.origin == 1].minutes.to_numpy()
        power = gravity(table, people, decay=2)
        exponential = gravity(table, people, kernel="exponential", decay=0.05)
        weights = np.array([3000.0, 200.0, 10.0])
        assert power[1] == pytest.approx((weights / minutes**2).sum())
        assert exponential[1] == pytest.approx((weights * np.exp(-0.05 * minutes)).sum())
        assert list(power.index) == [1, 2]

    def test_of_cells_is_that_of_points(self, graph, towns):
        cells = [(0, 0), (20, 30), (4, 4)]
        table = graph.matrix(at_cells(cells), towns)
        weights = [3000.0, 200.0, 10.0]
        people = pd.Series(weights, index=["a", "b", "c"])
        for options in ({"decay": 1.5}, {"kernel": "exponential", "decay": 0.02}):
            raster = graph.gravity(towns, weights, **options).values
            expected = gravity(table, people, **options).to_numpy()
            assert [raster[cell] for cell in cells] == pytest.approx(expected)

    def test_unreached_places_count_nothing(self, graph, towns):
        raster = graph.gravity(towns, [1, 1, 1]).values
        assert raster[29, 39] == 0
        assert np.isnan(raster[4, 20])
        table = graph.matrix(at_cells([(29, 39)]), towns)
        assert gravity(table, pd.Series(1.0, index=["a", "b", "c"])).tolist() == [0]

    def test_a_place_counts_itself_at_the_least_time(self, graph, towns):
        table = graph.matrix(towns)
        alone = table[table.origin == table.destination]
        people = pd.Series(10.0, index=["a", "b", "c"])
        assert gravity(alone, people, decay=2, least=5).tolist() == pytest.approx([0.4] * 3)

    def test_places_in_one_cell_add_up(self, graph):
        twice = graph.gravity(at_cells([(4, 4), (4, 4)]), [1, 2]).values
        once = graph.gravity(at_cells([(4, 4)]), [3]).values
        assert twice == pytest.approx(once, nan_ok=True)

    def test_a_limit_leaves_out_what_is_farther(self, graph):
        whole = graph.gravity(at_cells([(4, 4)]), [1]).values
        near = graph.gravity(at_cells([(4, 4)]), [1], limit=50).values
        assert near == pytest.approx(np.where(whole >= 1 / 50, whole, whole * 0), nan_ok=True)

    def test_destinations_without_weight_are_named(self, graph, towns):
        with pytest.raises(SiteError, match="1 destinations have no weight, such as c"):
            gravity(graph.matrix(towns), pd.Series({"a": 1.0, "b": 1.0}))

    @pytest.mark.parametrize("weights", [[1, 2], [1, 2, np.nan], [1, 2, -3]])
    def test_weights_are_one_a_place_and_not_negative(self, graph, towns, weights):
        with pytest.raises(SiteError, match=r"[Ww]eights"):
            graph.gravity(towns, weights)

    @pytest.mark.parametrize(
        ("options", "match"),
        [
            ({"kernel": "exponentail"}, "did you mean 'exponential'"),
            ({"decay": 0}, "decay is above 0"),
            ({"least": 0}, "least as well"),
        ],
    )
    def test_options_out_of_range_are_refused(self, graph, towns, options, match):
        with pytest.raises(SiteError, match=match):
            graph.gravity(towns, [1, 1, 1], **options)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 6))
def test_nearest_is_the_minimum_over_facilities(seed, count):
    random = np.random.default_rng(seed)
    values = random.uniform(0.001, 0.02, (9, 9))
    values[random.random((9, 9)) < 0.25] = np.nan
    values[4, 4] = 0.01
    cells = [tuple(cell) for cell in np.argwhere(np.isfinite(values))]
    chosen = [cells[number] for number in random.permutation(len(cells))[:count]]
    graph = friction_graph(make_grid(values))

    nearest = graph.nearest(at_cells(chosen))

    table = graph.matrix(at_cells(cells), at_cells(chosen))
    expected = table.groupby("origin").minutes.min().to_numpy()
    found = np.array([nearest.minutes.values[cell] for cell in cells])
    assert found == pytest.approx(expected, nan_ok=True)
