"""The continuous metric: circles are round, walls hold, and the eight neighbours' bias is gone."""

import sys

import numpy as np
import pytest

from shoeroot.errors import MissingExtraError, SiteError
from shoeroot.sites import Grid, friction_graph

gpd = pytest.importorskip("geopandas")
pyproj = pytest.importorskip("pyproj")
affine = pytest.importorskip("affine")
pytest.importorskip("skfmm")

GEOD = pyproj.Geod(ellps="WGS84")
FRICTION = 0.01
KINDS = {
    "at 50 degrees": (4326, affine.Affine(0.01, 0, 2, 0, -0.01, 51)),
    "at the equator": (4326, affine.Affine(0.01, 0, 2, 0, -0.01, 0.5)),
    "at 70 degrees": (4326, affine.Affine(0.01, 0, 2, 0, -0.01, 71)),
    "wide cells": (4326, affine.Affine(0.02, 0, 2, 0, -0.01, 51)),
    "low cells": (4326, affine.Affine(0.02, 0, 2, 0, -0.005, 2)),
    "Mollweide": ("ESRI:54009", affine.Affine(1000, 0, 2e5, 0, -1000, 6e6)),
    "Mollweide, sheared": ("ESRI:54009", affine.Affine(1000, 0, 5.5e6, 0, -1000, 6e6)),
    "equal-area": (3035, affine.Affine(1000, 0, 3.9e6, 0, -1000, 3.3e6)),
    "UTM": (32631, affine.Affine(1000, 0, 4e5, 0, -1000, 5.7e6)),
    "web Mercator": (3857, affine.Affine(1000, 0, 2e5, 0, -1000, 6.7e6)),
    "around the pole": (3995, affine.Affine(1000, 0, -5e4, 0, -1000, 5e4)),
}


def make_grid(values, kind="UTM"):
    crs, transform = KINDS[kind]
    return Grid(np.asarray(values, dtype=float), transform, pyproj.CRS(crs), "friction")


def at_cells(grid, cells):
    x = [grid.transform.c + (column + 0.5) * grid.transform.a for _, column in cells]
    y = [grid.transform.f + (row + 0.5) * grid.transform.e for row, _ in cells]
    return gpd.GeoDataFrame(
        {"id": range(len(cells))}, geometry=gpd.points_from_xy(x, y), crs=grid.crs
    )


def distances(graph, grid, cell):
    """Metres on the ellipsoid from a cell to all cells."""
    lon, lat = graph.cells.lonlat(np.arange(graph.cells.count))
    start = at_cells(grid, [cell]).to_crs(4326).geometry.iloc[0]
    return GEOD.inv(np.full(len(lon), start.x), np.full(len(lon), start.y), lon, lat)[2]


def bias(graph, grid, cell):
    """Relative errors of the times to a ring of cells, where friction is the same everywhere."""
    minutes = graph.nearest(at_cells(grid, [cell])).minutes.values.reshape(-1)
    metres = distances(graph, grid, cell)
    ring = (metres > 15e3) & (metres < 0.9 * metres.reshape(grid.shape)[[0, -1]].min())
    assert ring.sum() > 200
    return minutes[ring] / (FRICTION * metres[ring]) - 1


@pytest.mark.parametrize("kind", KINDS)
def test_circles_are_round_in_any_projection(kind):
    grid = make_grid(np.full((101, 101), FRICTION), kind)
    errors = bias(friction_graph(grid, metric="continuous"), grid, (50, 50))
    assert abs(errors.mean()) < 0.003
    assert np.abs(errors).max() < 0.015


def test_the_bias_of_eight_neighbours_is_what_the_documentation_says():
    grid = make_grid(np.full((101, 101), FRICTION))
    errors = bias(friction_graph(grid), grid, (50, 50))
    # cos(a) + (sqrt(2) - 1) sin(a) for angles a up to 45 degrees
    assert errors.mean() == pytest.approx(0.055, abs=0.003)
    assert errors.max() == pytest.approx(np.sqrt(1 + (np.sqrt(2) - 1) ** 2) - 1, abs=1e-3)


def test_ways_bend_where_friction_changes():
    values = np.full((120, 120), FRICTION)
    values[60:] *= 2
    grid = make_grid(values)
    table = friction_graph(grid, metric="continuous").matrix(at_cells(grid, [(10, 20), (110, 90)]))
    # The fastest of all ways that cross the border between rows 59 and 60 in one place.
    across = np.linspace(0, 70, 7001)
    minutes = 1000 * FRICTION * (np.hypot(49.5, across) + 2 * np.hypot(50.5, 70 - across))
    assert table.minutes[1] == pytest.approx(minutes.min(), rel=0.004)
    # A straight way takes 3 % longer.
    assert table.minutes[1] < 0.98 * minutes[np.abs(across - 35).argmin()]


def test_ways_touch_the_end_of_a_wall():
    values = np.full((81, 81), FRICTION)
    values[:60, 40] = np.nan
    grid = make_grid(values)
    table = friction_graph(grid, metric="continuous").matrix(at_cells(grid, [(20, 10), (20, 70)]))
    # Two straight lines that meet below the wall's last cell.
    metres = 2 * np.hypot(30, 40) * 1000
    assert table.km[1] * 1000 == pytest.approx(metres, rel=0.03)
    assert table.minutes[1] == pytest.approx(metres * FRICTION, rel=0.03)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wall", ["row", "column", "diagonal"])
def test_walls_of_one_cell_hold(kind, wall):
    values = np.full((60, 60), FRICTION)
    number = np.arange(60)
    cells = {
        "row": (np.full(60, 30), number),
        "column": (number, np.full(60, 30)),
        "diagonal": (number, number),
    }[wall]
    values[cells] = np.nan
    if wall == "diagonal":
        values[number[1:], number[:-1]] = np.nan
    grid = make_grid(values, kind)
    graph = friction_graph(grid, metric="continuous")
    table = graph.matrix(at_cells(grid, [(40, 5), (5, 45), (50, 5), (45, 2)]))
    minutes = table.pivot_table(
        index="origin", columns="destination", values="minutes", dropna=False
    ).to_numpy()
    side = {"row": [0, 1, 0, 0], "column": [0, 1, 0, 0], "diagonal": [0, 1, 0, 0]}[wall]
    same = np.equal.outer(side, side)
    assert np.array_equal(np.isfinite(minutes), same)


@pytest.mark.parametrize("seed", range(4))
def test_times_are_shorter_than_the_graphs_and_ways_arrive(seed):
    random = np.random.default_rng(seed)
    smooth = np.kron(random.uniform(0.005, 0.02, (6, 6)), np.ones((10, 10)))
    smooth[np.kron(random.random((12, 12)) < 0.15, np.ones((5, 5), dtype=bool))] = np.nan
    grid = make_grid(smooth, "Mollweide" if seed % 2 else "at 50 degrees")
    rows, columns = np.nonzero(np.isfinite(smooth))
    chosen = random.permutation(len(rows))[:12]
    points = at_cells(grid, list(zip(rows[chosen], columns[chosen], strict=True)))

    graph = friction_graph(grid).matrix(points)
    continuous = friction_graph(grid, metric="continuous").matrix(points)

    both = (graph.minutes > 20) & continuous.minutes.notna()
    ratio = (continuous.minutes / graph.minutes)[both]
    assert both.sum() > 60
    # Corners of barriers, which only the graph cuts, cost some of the short ways a part of a cell.
    assert ratio.max() < 1.12
    assert 0.8 < ratio.mean() < 1.0
    # The line is one that takes the time that is said.
    speeds = (continuous.minutes / continuous.km)[both]
    assert speeds.between(4.5, 22).all()


def test_a_raster_round_the_earth_is_connected_across_its_edge():
    transform = affine.Affine(1, 0, -180, 0, -1, 20)
    grid = Grid(np.full((40, 360), 0.001), transform, pyproj.CRS(4326), "friction")
    points = gpd.GeoDataFrame(
        {"id": [0, 1]}, geometry=gpd.points_from_xy([170.5, -160.5], [5.5, 0.5]), crs=4326
    )
    graph = friction_graph(grid, metric="continuous")
    metres = GEOD.inv(170.5, 5.5, -160.5, 0.5)[2]
    table = graph.matrix(points)
    assert table.minutes[1] == pytest.approx(metres * 0.001, rel=0.01)
    assert table.km[1] == pytest.approx(metres / 1000, rel=0.01)
    assert graph.nearest(points.iloc[:1]).facility.values.min() == 0


def test_a_wall_across_the_edge_parts_what_it_should():
    values = np.full((10, 36), 0.001)
    values[:, 0] = np.nan
    values[:, 18] = np.nan
    grid = Grid(values, affine.Affine(10, 0, -180, 0, -5, 25), pyproj.CRS(4326), "friction")
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([-150, 150, 20], [0, 0, 0]), crs=4326)
    table = friction_graph(grid, metric="continuous").matrix(points)
    assert table.minutes.notna().tolist() == [
        True, False, False, False, True, True, False, True, True
    ]  # fmt: skip


def test_cells_close_to_the_poles_are_barriers():
    grid = Grid(
        np.full((12, 36), 0.001),
        affine.Affine(10, 0, -180, 0, -1, 90),
        pyproj.CRS(4326),
        "friction",
    )
    graph = friction_graph(grid, metric="continuous")
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 100], [79.5, 88.5]), crs=4326)
    minutes = graph.matrix(points).minutes
    assert minutes.notna().tolist() == [True, False, False, True]


def test_the_world_in_a_projection_that_distorts_angles_is_refused():
    transform = affine.Affine(1e6, 0, -18e6, 0, -1e6, 9e6)
    grid = Grid(np.full((18, 36), 0.001), transform, pyproj.CRS("ESRI:54009"), "world.tif")
    with pytest.raises(SiteError, match="hemisphere") as caught:
        friction_graph(grid, metric="continuous")
    assert caught.value.where == "world.tif"


def test_a_single_cell_is_a_world_of_its_own():
    for kind in KINDS:
        grid = make_grid(np.full((1, 1), FRICTION), kind)
        graph = friction_graph(grid, metric="continuous")
        assert graph.matrix(at_cells(grid, [(0, 0)])).minutes.tolist() == [0]
        assert graph.nearest(at_cells(grid, [(0, 0)])).minutes.values.tolist() == [[0]]


def test_without_scikit_fmm_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "skfmm", None)
    with pytest.raises(MissingExtraError, match="continuous") as caught:
        friction_graph(make_grid(np.full((3, 3), FRICTION)), metric="continuous")
    assert "shoeroot[sites,continuous]" in caught.value.hint


@pytest.mark.parametrize(
    ("rows", "north"), [(36, 90), (37, 92.5)], ids=["to the poles", "centres upon the poles"]
)
def test_ways_over_the_whole_earth(rows, north):
    transform = affine.Affine(5, 0, -180, 0, -5, north)
    grid = Grid(np.full((rows, 72), 0.001), transform, pyproj.CRS(4326), "world")
    graph = friction_graph(grid, metric="continuous")
    cells = [(8, 36), (10, 21), (25, 66), (18, 20), (4, 3)]
    points = at_cells(grid, cells)

    table = graph.matrix(points)

    for place, cell in enumerate(cells):
        metres = distances(graph, grid, cell)
        expected = metres[graph.cells.node_of[tuple(np.transpose(cells))]] / 1000
        found = table[table.origin == place].km.to_numpy()
        # Cells beyond 85 degrees are barriers, which ways over a pole go round.
        assert found == pytest.approx(expected, rel=0.06)
