"""The graph of a friction raster: lengths on the ground, barriers, fastest times."""

import heapq
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoeroot.errors import SiteError, SiteWarning
from shoeroot.sites import Grid, friction_graph

gpd = pytest.importorskip("geopandas")
pyproj = pytest.importorskip("pyproj")
affine = pytest.importorskip("affine")

GEOD = pyproj.Geod(ellps="WGS84")
WALK = 0.012  # min/m, 5 km/h


def geographic(values, *, west=2.0, north=51.0, step=0.01):
    transform = affine.Affine(step, 0, west, 0, -step, north)
    return Grid(np.asarray(values, dtype=float), transform, pyproj.CRS(4326), "friction")


def projected(values, crs, *, left, top, size=1000.0):
    transform = affine.Affine(size, 0, left, 0, -size, top)
    return Grid(np.asarray(values, dtype=float), transform, pyproj.CRS(crs), "friction")


def at_cells(grid, cells):
    """Give points at centres of cells (row, column), with ids 0, 1, ..."""
    x = [grid.transform.c + (column + 0.5) * grid.transform.a for _, column in cells]
    y = [grid.transform.f + (row + 0.5) * grid.transform.e for row, _ in cells]
    return gpd.GeoDataFrame(
        {"id": range(len(cells))}, geometry=gpd.points_from_xy(x, y), crs=grid.crs
    )


def minutes_between(grid, cells, **options):
    table = friction_graph(grid, workers=1).matrix(at_cells(grid, cells), **options)
    return table.pivot(index="origin", columns="destination", values="minutes").to_numpy()


def geodesic(grid, cells):
    """Metres on the ellipsoid between the first and the last of some cells."""
    points = at_cells(grid, cells).to_crs(4326).geometry
    first, last = points.iloc[0], points.iloc[-1]
    return GEOD.inv(first.x, first.y, last.x, last.y)[2]


GRIDS = {
    "longitudes and latitudes": geographic(np.full((40, 60), WALK)),
    "in the far north": geographic(np.full((40, 60), WALK), north=78),
    "Mollweide": projected(np.full((40, 60), WALK), "ESRI:54009", left=2e5, top=5.9e6),
    "Mollweide, sheared": projected(np.full((40, 60), WALK), "ESRI:54009", left=4.3e6, top=5.9e6),
    "UTM": projected(np.full((40, 60), WALK), "EPSG:32631", left=4e5, top=5.7e6),
    "web Mercator": projected(np.full((40, 60), WALK), "EPSG:3857", left=5e5, top=6.6e6),
    "polar": projected(np.full((40, 60), WALK), "EPSG:3995", left=-3e4, top=2e4),
}


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS.keys())
@pytest.mark.parametrize("end", [(20, 50), (39, 5), (35, 20), (5, 20)], ids=str)
def test_straight_ways_take_as_long_as_geodesics(grid, end):
    cells = [(20, 5), end]
    table = friction_graph(grid).matrix(at_cells(grid, cells))
    way = table[(table.origin == 0) & (table.destination == 1)].iloc[0]
    metres = geodesic(grid, cells)
    # A row of cells is no geodesic, but one of 45 km is hardly longer.
    assert way.km * 1000 == pytest.approx(metres, rel=2e-4)
    assert way.minutes == pytest.approx(way.km * 1000 * WALK, rel=1e-12)


def test_steps_are_geodesics_in_any_projection():
    for name, grid in GRIDS.items():
        for end in ((20, 31), (21, 30), (21, 31), (21, 29)):
            cells = [(20, 30), end]
            assert minutes_between(grid, cells)[0, 1] == pytest.approx(
                geodesic(grid, cells) * WALK, rel=3e-9
            ), name


def test_steps_of_a_hundred_kilometres_are_geodesics():
    grid = projected(np.full((30, 60), WALK), "ESRI:54009", left=-3e6, top=6e6, size=100_000)
    for end in ((3, 11), (4, 10), (4, 11), (4, 9)):
        cells = [(3, 10), end]
        assert minutes_between(grid, cells)[0, 1] == pytest.approx(
            geodesic(grid, cells) * WALK, rel=1e-6
        )


def test_a_step_takes_the_mean_friction_of_its_cells():
    grid = geographic([[0.001, 0.003, 0.003]])
    metres = geodesic(grid, [(0, 0), (0, 1)])
    minutes = minutes_between(grid, [(0, 0), (0, 1), (0, 2)])
    assert minutes[0, 1] == pytest.approx(0.002 * metres)
    assert minutes[0, 2] == pytest.approx(0.005 * metres)


@pytest.mark.parametrize("barrier", [np.nan, np.inf, -np.inf, 0.0, -9999.0])
def test_ways_lead_round_barriers(barrier):
    values = np.full((9, 9), WALK)
    values[:8, 4] = barrier
    grid = geographic(values)
    open_ground = minutes_between(geographic(np.full((9, 9), WALK)), [(0, 3), (0, 5)])
    # Down to the gap and up again: the diagonals around the end of the wall, and 7 rows twice.
    around = minutes_between(grid, [(0, 3), (0, 5)])[0, 1]
    down = minutes_between(grid, [(0, 3), (7, 3)])[0, 1]
    up = minutes_between(grid, [(7, 5), (0, 5)])[0, 1]
    across = minutes_between(grid, [(7, 3), (8, 4), (7, 5)])
    assert around > 5 * open_ground[0, 1]
    assert around == pytest.approx(down + across[0, 1] + across[1, 2] + up)


def test_no_way_slips_between_two_barriers_that_touch_in_a_corner():
    values = np.full((6, 6), WALK)
    np.fill_diagonal(values, np.nan)
    minutes = minutes_between(geographic(values), [(0, 5), (5, 0), (0, 1)])
    assert np.isnan(minutes[0, 1])
    assert np.isfinite(minutes[0, 2])


def test_a_diagonal_step_passes_the_corner_of_one_barrier():
    values = np.full((2, 2), WALK)
    values[0, 1] = np.nan
    grid = geographic(values)
    assert minutes_between(grid, [(0, 0), (1, 1)])[0, 1] == pytest.approx(
        WALK * geodesic(grid, [(0, 0), (1, 1)])
    )


def test_a_wall_from_edge_to_edge_makes_two_parts():
    values = np.full((5, 7), WALK)
    values[:, 3] = np.nan
    minutes = minutes_between(geographic(values), [(0, 0), (4, 2), (0, 6)])
    assert np.isfinite(minutes[0, 1])
    assert np.isnan(minutes[0, 2])
    assert np.isnan(minutes[2, 0])


@pytest.mark.parametrize("west", [-180.0, 0.0, 20.0])
def test_a_raster_round_the_earth_is_connected_across_its_edge(west):
    grid = geographic(np.full((8, 36), WALK), west=west, north=40, step=10)
    table = friction_graph(grid).matrix(at_cells(grid, [(3, 0), (3, 35)]))
    assert table.km[1] == pytest.approx(geodesic(grid, [(3, 0), (3, 35)]) / 1000)


def test_half_a_raster_round_the_earth_is_not():
    values = np.full((1, 36), WALK)
    values[:, 18] = np.nan
    whole = geographic(values, west=-180, north=10, step=10)
    most = geographic(values[:, :35], west=-180, north=10, step=10)
    assert np.isfinite(minutes_between(whole, [(0, 0), (0, 30)])[0, 1])
    assert np.isnan(minutes_between(most, [(0, 0), (0, 30)])[0, 1])


def test_two_columns_round_the_earth_have_one_step_between_them():
    grid = geographic(np.full((3, 2), WALK), west=-180, north=4, step=1)
    grid = Grid(grid.values, affine.Affine(180, 0, -180, 0, -1, 4), grid.crs, "friction")
    minutes = minutes_between(grid, [(0, 0), (0, 1)])
    assert minutes[0, 1] == pytest.approx(GEOD.inv(-90, 3.5, 90, 3.5)[2] * WALK, rel=0.2)


def test_cells_beyond_the_map_of_the_earth_are_barriers():
    grid = projected(np.full((18, 36), WALK), "ESRI:54009", left=-18e6, top=9e6, size=1e6)
    cells = friction_graph(grid).cells
    assert cells.node_of[0, 0] == -1
    assert cells.node_of[9, 18] >= 0


def test_a_raster_that_spans_more_than_the_earth_is_refused():
    with pytest.raises(SiteError, match="spans 370 degrees"):
        friction_graph(geographic(np.full((2, 37), WALK), west=-180, north=10, step=10))


def test_a_raster_of_barriers_is_refused():
    with pytest.raises(SiteError, match="no passable cell"):
        friction_graph(geographic(np.full((2, 2), np.nan)))


def test_a_metric_that_does_not_exist_is_refused_with_the_nearest_one():
    with pytest.raises(SiteError, match="did you mean 'continuous'"):
        friction_graph(geographic(np.full((2, 2), WALK)), metric="continous")


def test_friction_of_whole_cells_or_kilometres_is_suspected():
    with pytest.warns(SiteWarning, match="minutes a kilometre or a cell"):
        friction_graph(geographic(np.full((3, 3), WALK * 1000)))


def test_whole_numbers_are_friction_too():
    values = np.ones((2, 3), dtype=np.int16)
    values[0, 1] = 0
    grid = geographic(np.ones((2, 3))).with_values(values)
    assert minutes_between(grid, [(0, 0), (0, 2)])[0, 1] == pytest.approx(
        2 * geodesic(grid, [(0, 0), (1, 1)])
    )


def test_blocks_of_rows_make_the_same_edges(monkeypatch):
    values = np.random.default_rng(3).uniform(0.001, 0.01, (23, 11))
    values[values > 0.008] = np.nan
    for grid in (
        geographic(values),
        projected(values, "ESRI:54009", left=2e5, top=5.9e6),
    ):
        whole = friction_graph(grid).search.edges
        monkeypatch.setattr("shoeroot.sites.travel.graph.BLOCK_CELLS", 30)
        assert (whole != friction_graph(grid).search.edges).nnz == 0
        monkeypatch.undo()


def test_edges_are_symmetric_to_the_last_bit():
    values = np.random.default_rng(5).uniform(0.001, 0.01, (20, 20))
    for grid in (
        geographic(values),
        projected(values, "ESRI:54009", left=2e5, top=5.9e6),
    ):
        edges = friction_graph(grid).search.edges
        assert (edges != edges.T).nnz == 0


def brute_force(grid, start):
    """Dijkstra with a heap, in lengths by pyproj."""
    rows, columns = grid.shape
    passable = np.isfinite(grid.values) & (grid.values > 0)
    best = {start: 0.0}
    heap = [(0.0, start)]
    while heap:
        minutes, (r, c) = heapq.heappop(heap)
        if minutes > best[r, c]:
            continue
        for down, right in ((a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b):
            there = (r + down, c + right)
            if not (0 <= there[0] < rows and 0 <= there[1] < columns and passable[there]):
                continue
            if down and right and not (passable[r + down, c] or passable[r, c + right]):
                continue
            metres = geodesic(grid, [(r, c), there])
            new = minutes + metres * (grid.values[r, c] + grid.values[there]) / 2
            if new < best.get(there, math.inf):
                best[there] = new
                heapq.heappush(heap, (new, there))
    return best


@settings(max_examples=15, deadline=None)
@given(
    st.integers(1, 5),
    st.integers(1, 5),
    st.lists(st.sampled_from([0.001, 0.002, 0.005, 0.05, math.nan, 0.0]), min_size=25, max_size=25),
    st.sampled_from(["EPSG:4326", "ESRI:54009"]),
)
def test_times_are_those_of_brute_force(rows, columns, values, crs):
    raster = np.array(values[: rows * columns]).reshape(rows, columns)
    cells = [(r, c) for r in range(rows) for c in range(columns) if raster[r, c] > 0]
    if not cells:
        return
    grid = (
        geographic(raster, step=0.1)
        if crs == "EPSG:4326"
        else projected(raster, crs, left=2e5, top=5.9e6)
    )
    expected = brute_force(grid, cells[0])

    minutes = minutes_between(grid, cells)

    assert minutes == pytest.approx(minutes.T, nan_ok=True, abs=0)
    for place, cell in enumerate(cells):
        assert minutes[0, place] == pytest.approx(
            expected.get(cell, math.nan), rel=1e-7, nan_ok=True
        )


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000))
def test_times_are_a_metric(seed):
    random = np.random.default_rng(seed)
    values = random.uniform(0.001, 0.02, (12, 12))
    values[random.random((12, 12)) < 0.2] = np.nan
    values[0, 0] = 0.01
    rows, columns = np.nonzero(np.isfinite(values))
    chosen = random.permutation(len(rows))[:12]
    minutes = minutes_between(
        geographic(values), list(zip(rows[chosen], columns[chosen], strict=True))
    )
    minutes = np.nan_to_num(minutes, nan=np.inf)
    through = (minutes[:, :, None] + minutes[None, :, :]).min(axis=1)
    assert np.array_equal(minutes, minutes.T)
    assert (np.diag(minutes) == 0).all()
    assert (minutes <= through * (1 + 1e-12)).all()
