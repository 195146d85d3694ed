"""Routes: lines that begin and end where they should, as long as their kilometres."""

import numpy as np
import pytest

from shoeroot.sites import Grid, as_routes, friction_graph

gpd = pytest.importorskip("geopandas")
pyproj = pytest.importorskip("pyproj")
affine = pytest.importorskip("affine")
shapely = pytest.importorskip("shapely")

GEOD = pyproj.Geod(ellps="WGS84")
METRICS = ("graph", "continuous")


def make_grid(values, crs):
    transforms = {
        4326: affine.Affine(0.01, 0, 2, 0, -0.01, 51),
        "ESRI:54009": affine.Affine(1000, 0, 2e5, 0, -1000, 5.9e6),
        32631: affine.Affine(1000, 0, 4e5, 0, -1000, 5.7e6),
    }
    return Grid(np.asarray(values, dtype=float), transforms[crs], pyproj.CRS(crs), "friction")


def at_cells(grid, cells, ids=None):
    x = [grid.transform.c + (column + 0.5) * grid.transform.a for _, column in cells]
    y = [grid.transform.f + (row + 0.5) * grid.transform.e for row, _ in cells]
    ids = range(len(cells)) if ids is None else ids
    return gpd.GeoDataFrame({"id": ids}, geometry=gpd.points_from_xy(x, y), crs=grid.crs)


CELLS = [(3, 4), (28, 30), (5, 33), (25, 2), (14, 20)]


@pytest.fixture(scope="module", params=[4326, "ESRI:54009", 32631], ids=str)
def grid(request):
    random = np.random.default_rng(1)
    values = random.uniform(0.005, 0.01, (32, 36))
    values[10:, 10] = np.nan
    values[:20, 25] = np.nan
    return make_grid(values, request.param)


@pytest.fixture(scope="module", params=METRICS)
def graph(grid, request):
    if request.param == "continuous":
        pytest.importorskip("skfmm")
    return friction_graph(grid, metric=request.param)


def test_lines_begin_and_end_at_the_cells_of_the_points(graph, grid):
    points = at_cells(grid, CELLS, ids=list("abcde"))
    routes = graph.routes(points)
    places = points.to_crs(4326).set_index("id").geometry
    for route in routes.itertuples():
        first, last = (np.array(route.geometry.coords[end]) for end in (0, -1))
        start, end = places[route.origin], places[route.destination]
        assert first == pytest.approx([start.x, start.y], abs=1e-7)
        assert last == pytest.approx([end.x, end.y], abs=1e-7)


def test_lines_are_as_long_as_their_kilometres(graph, grid):
    routes = graph.routes(at_cells(grid, CELLS))
    lengths = [GEOD.geometry_length(line) / 1000 for line in routes.geometry]
    assert routes.km.to_numpy() == pytest.approx(lengths, rel=1e-7)


def test_routes_agree_with_the_matrix(graph, grid):
    points = at_cells(grid, CELLS)
    key = ["origin", "destination"]
    routes = graph.routes(points).set_index(key)[["minutes", "km"]]
    table = graph.matrix(points).set_index(key).loc[routes.index]
    assert routes.to_numpy() == pytest.approx(table.to_numpy(), rel=1e-9)


def test_lines_stay_off_barriers(graph, grid):
    routes = graph.routes(at_cells(grid, CELLS))
    side = grid.transform.a
    barriers = [
        shapely.box(
            grid.bounds[0] + (c + 0.02) * side,
            grid.bounds[3] - (r + 0.98) * side,
            grid.bounds[0] + (c + 0.98) * side,
            grid.bounds[3] - (r + 0.02) * side,
        )
        for r, c in np.argwhere(np.isnan(grid.values))
    ]
    lines = routes.to_crs(grid.crs).geometry
    crossed = shapely.union_all(barriers).intersection(lines.to_numpy())
    # A line of the continuous metric may round a corner by a part of a cell.
    assert (shapely.length(crossed) <= 0.75 * side).all()


def test_each_pair_is_there_once(graph, grid):
    routes = graph.routes(at_cells(grid, CELLS))
    assert list(zip(routes.origin, routes.destination, strict=True)) == [
        (a, b) for a in range(5) for b in range(a + 1, 5)
    ]


def test_from_few_to_many_and_back(graph, grid):
    points = at_cells(grid, CELLS)
    there = graph.routes(points.iloc[:1], points.iloc[1:])
    back = graph.routes(points.iloc[1:], points.iloc[:1])
    assert there.minutes.tolist() == back.minutes.tolist()
    for go, come in zip(there.geometry, back.geometry, strict=True):
        assert list(go.coords) == list(come.coords)[::-1]


def test_ways_that_do_not_exist_are_left_out():
    values = np.full((5, 9), 0.01)
    values[:, 4] = np.nan
    grid = make_grid(values, 4326)
    routes = friction_graph(grid).routes(at_cells(grid, [(0, 0), (4, 2), (2, 8)]))
    assert list(zip(routes.origin, routes.destination, strict=True)) == [(0, 1)]


def test_a_limit_leaves_out_long_ways(graph, grid):
    points = at_cells(grid, CELLS)
    everything = graph.routes(points)
    limit = everything.minutes.median()
    kept = graph.routes(points, limit=limit)
    expected = everything[everything.minutes <= limit]
    assert kept.minutes.tolist() == pytest.approx(expected.minutes.tolist(), rel=1e-6)


def test_two_points_in_a_cell_have_a_route_of_no_length(graph, grid):
    points = at_cells(grid, [(3, 4), (3, 4), (5, 5)])
    routes = graph.routes(points)
    assert len(routes) == 3
    assert routes.loc[0, ["minutes", "km"]].tolist() == [0, 0]
    assert GEOD.geometry_length(routes.geometry[0]) == 0
    both_ways = graph.routes(points.iloc[:2], points.iloc[:2])
    assert len(both_ways) == 4
    assert (both_ways.minutes == 0).all()


def test_no_points_have_no_routes(graph, grid):
    routes = graph.routes(at_cells(grid, CELLS).iloc[:0])
    assert len(routes) == 0
    assert list(routes.columns) == ["origin", "destination", "minutes", "km", "geometry"]
    assert routes.crs == 4326


@pytest.mark.parametrize("metric", METRICS)
def test_lines_are_cut_at_the_antimeridian(metric):
    if metric == "continuous":
        pytest.importorskip("skfmm")
    transform = affine.Affine(2, 0, -180, 0, -2, 40)
    grid = Grid(np.full((40, 180), 0.001), transform, pyproj.CRS(4326), "friction")
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([171, -165], [21, 9]), crs=4326)

    route = friction_graph(grid, metric=metric).routes(points).iloc[0]

    west, east = route.geometry.geoms
    assert west.coords[0] == pytest.approx((171, 21))
    assert west.coords[-1][0] == 180
    assert east.coords[0] == pytest.approx((-180, west.coords[-1][1]))
    assert east.coords[-1] == pytest.approx((-165, 9))
    # The cut lies on the chart's straight line, not on the geodesic.
    assert GEOD.geometry_length(route.geometry) / 1000 == pytest.approx(route.km, rel=1e-4)


class TestAsRoutes:
    @pytest.fixture
    def ids(self):
        return [2**52 + 1, 7, 30]

    @pytest.fixture
    def made(self, ids):
        grid = make_grid(np.full((5, 30), 0.01), 4326)
        points = at_cells(grid, [(2, 2), (2, 25), (2, 9)], ids=ids)
        graph = friction_graph(grid)
        return graph.matrix(points), graph.routes(points)

    def test_each_place_lists_the_others_from_the_nearest_on(self, made, ids):
        lists = as_routes(made[1], ids)
        assert [[route.to for route in routes] for routes in lists] == [
            [30, 7], [30, ids[0]], [ids[0], 7]
        ]  # fmt: skip
        assert lists[0][1].km == lists[1][1].km

    def test_a_line_is_stored_once(self, made, ids):
        lists = as_routes(made[1], ids)
        assert [[bool(route.wkb) for route in routes] for routes in lists] == [
            [True, True], [True, False], [False, False]
        ]  # fmt: skip
        line = shapely.from_wkb(bytes(lists[0][0].wkb))
        assert line.equals(made[1].geometry[1])

    def test_a_matrix_gives_the_same_without_lines(self, made, ids):
        from_matrix = as_routes(made[0], ids)
        for with_lines, without in zip(as_routes(made[1], ids), from_matrix, strict=True):
            assert [(route.to, route.minutes) for route in with_lines] == [
                (route.to, route.minutes) for route in without
            ]
        assert not any(route.wkb for routes in from_matrix for route in routes)

    def test_places_that_are_not_asked_for_are_left_out(self, made):
        assert [len(routes) for routes in as_routes(made[1], [30, 7])] == [1, 1]

    def test_a_place_without_ways_has_an_empty_list(self, made, ids):
        table = made[0]
        table.loc[(table.origin == 7) | (table.destination == 7), "minutes"] = np.nan
        assert [len(routes) for routes in as_routes(table, [*ids, 99])] == [1, 0, 1, 0]
