"""Origin-destination matrices: whatever the order, the side that is searched from, the workers."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest

from shoeroot.errors import SiteError, SiteWarning
from shoeroot.sites import Grid, friction_graph

gpd = pytest.importorskip("geopandas")
pyproj = pytest.importorskip("pyproj")
affine = pytest.importorskip("affine")


def make_grid(values, step=0.01):
    return Grid(values, affine.Affine(step, 0, 2, 0, -step, 51), pyproj.CRS(4326), "friction")


def make_points(lon, lat, ids=None, crs=4326):
    ids = np.arange(len(lon)) * 10 if ids is None else ids
    return gpd.GeoDataFrame({"id": ids}, geometry=gpd.points_from_xy(lon, lat), crs=crs)


def squares(points):
    return points.to_crs(3035).geometry.buffer(900, cap_style="square").to_crs(4326)


@pytest.fixture(scope="module")
def grid():
    random = np.random.default_rng(8)
    values = random.uniform(0.0005, 0.02, (60, 80))
    values[random.random((60, 80)) < 0.15] = np.nan
    values[20:40, 40] = np.nan
    return make_grid(values)


@pytest.fixture(scope="module")
def points(grid):
    rows, columns = np.nonzero(np.isfinite(grid.values))
    chosen = np.random.default_rng(2).permutation(len(rows))[:25]
    return make_points(2.005 + columns[chosen] * 0.01, 50.995 - rows[chosen] * 0.01)


@pytest.fixture(scope="module")
def graph(grid):
    return friction_graph(grid)


@pytest.fixture(scope="module")
def table(graph, points):
    return graph.matrix(points)


def test_all_pairs_are_there_in_the_order_of_the_points(table, points):
    ids = list(points["id"])
    assert list(table.columns) == ["origin", "destination", "minutes", "km"]
    assert list(table.origin) == [one for one in ids for _ in ids]
    assert list(table.destination) == ids * len(ids)


def test_bounds_from_first_searches_change_no_result(grid, points, table):
    # One origin at a time has nothing that could bound its search.
    graph = friction_graph(grid)
    for number in (0, 7, 24):
        alone = graph.matrix(points.iloc[[number]], points)
        same = table[table.origin == points["id"].iloc[number]]
        assert alone.minutes.to_numpy() == pytest.approx(same.minutes.to_numpy(), nan_ok=True)
        assert alone.km.to_numpy() == pytest.approx(same.km.to_numpy(), nan_ok=True)


def test_searching_from_the_other_side_changes_no_result(graph, points):
    few, many = points.iloc[:3], points.iloc[3:]
    there = graph.matrix(few, many).pivot(index="origin", columns="destination", values="km")
    back = graph.matrix(many, few).pivot(index="destination", columns="origin", values="km")
    assert there.to_numpy() == pytest.approx(back.to_numpy(), nan_ok=True)


def test_the_order_of_the_points_changes_no_result(graph, points, table):
    shuffled = graph.matrix(points.sample(frac=1, random_state=4))
    key = ["origin", "destination"]
    first, second = (one.set_index(key).sort_index() for one in (table, shuffled))
    assert first.index.equals(second.index)
    assert first.to_numpy() == pytest.approx(second.to_numpy(), nan_ok=True, rel=1e-12)


def test_a_raster_that_is_stored_from_south_to_north_gives_the_same(tmp_path, grid, points, table):
    rasterio = pytest.importorskip("rasterio")
    from shoeroot.sites import read_grid

    path = tmp_path / "south-up.tif"
    south = affine.Affine(0.01, 0, 2, 0, 0.01, 51 - 0.6)
    with rasterio.open(
        path, "w", driver="GTiff", width=80, height=60, count=1, dtype="float64",
        crs="EPSG:4326", transform=south, nodata=-9999,
    ) as file:  # fmt: skip
        file.write(np.nan_to_num(grid.values[::-1], nan=-9999), 1)
    turned = friction_graph(read_grid(path)).matrix(points)
    assert turned.minutes.to_numpy() == pytest.approx(
        table.minutes.to_numpy(), nan_ok=True, rel=1e-9
    )


@pytest.mark.parametrize("metric", ["graph", "continuous"])
def test_workers_change_no_result(grid, points, metric):
    few = points.iloc[:9]
    alone = friction_graph(grid, workers=1, metric=metric)
    crew = friction_graph(grid, workers=2, metric=metric)
    assert alone.routes(few).equals(crew.routes(few))


def test_a_worker_that_dies_is_told(grid, points, monkeypatch):
    monkeypatch.setattr("shoeroot.sites.travel.crew._CODE", "raise SystemExit(3)")
    with pytest.raises(SiteError, match="ended unexpectedly"):
        friction_graph(grid, workers=2).matrix(points)


def test_progress_counts_searches(grid, points, capsys):
    friction_graph(grid, progress=True).matrix(points.iloc[:5])
    assert "travel times: 5/5" in capsys.readouterr().err


def test_a_limit_leaves_out_what_is_farther(graph, points, table):
    limit = float(table.minutes.median())
    near = graph.matrix(points, limit=limit)
    expected = table.minutes.where(table.minutes <= limit)
    assert near.minutes.to_numpy() == pytest.approx(expected.to_numpy(), nan_ok=True)
    assert near.km.isna().equals(near.minutes.isna())
    assert 0 < near.minutes.isna().sum() < len(near)


def test_points_in_one_cell_are_no_time_apart(graph, grid):
    row, column = np.argwhere(np.isfinite(grid.values))[100]
    lon, lat = 2 + (column + 0.3) * 0.01, 51 - (row + 0.8) * 0.01
    twice = make_points([lon, lon + 0.004], [lat, lat + 0.002])
    assert (graph.matrix(twice)[["minutes", "km"]] == 0).all().all()
    assert (graph.matrix(twice, twice)[["minutes", "km"]] == 0).all().all()


def test_points_in_any_crs_are_found(graph, points, table):
    assert graph.matrix(points.to_crs(3035)).equals(table)


def test_longitudes_go_round_the_earth():
    # A raster from 0 to 360 degrees, and a point in the west.
    values = np.full((18, 36), 0.001)
    transform = affine.Affine(10, 0, 0, 0, -10, 90)
    graph = friction_graph(Grid(values, transform, pyproj.CRS(4326), "friction"))
    west, east = make_points([-5, 355], [5, 5]), make_points([5], [5])
    table = graph.matrix(west, east)
    metres = pyproj.Geod(ellps="WGS84").inv(-5, 5, 5, 5)[2]
    assert table.km.to_numpy() == pytest.approx([metres / 1000] * 2)


def test_places_with_centroids_travel_from_there(graph, points, table):
    extents = gpd.GeoDataFrame(
        {"lon": points.geometry.x, "lat": points.geometry.y},
        geometry=squares(points).translate(0.01, 0.01),
    ).set_index(points["id"])
    assert graph.matrix(extents).equals(table)


def test_polygons_without_centroids_are_refused(graph, points):
    areas = gpd.GeoDataFrame(geometry=squares(points))
    with pytest.raises(SiteError, match="Polygon, not points"):
        graph.matrix(areas)


def test_ids_that_are_there_twice_are_refused(graph, points):
    with pytest.raises(SiteError, match="there twice: 10"):
        graph.matrix(points.assign(id=[10, 10, *range(100, 123)]))


def test_points_without_a_crs_are_refused(graph, points):
    with pytest.raises(SiteError, match="have no CRS"):
        graph.matrix(gpd.GeoDataFrame(geometry=list(points.geometry)))


@pytest.mark.parametrize("limit", [0, -1, np.nan])
def test_limits_are_positive(graph, points, limit):
    with pytest.raises(SiteError, match="above 0 minutes"):
        graph.matrix(points, limit=limit)


class TestPointsThatNobodyCanReach:
    """A lake in the middle, 9 cells of about 0.7 x 1.1 km wide."""

    @pytest.fixture
    def lake(self):
        values = np.full((21, 21), 0.01)
        values[6:15, 6:15] = np.nan
        return friction_graph(make_grid(values))

    @pytest.fixture
    def travellers(self):
        # In the grid, in the lake close to its western shore, in its middle, and far outside.
        return make_points(
            [2.005, 2.065, 2.105, 3.5], [50.995, 50.895, 50.895, 50.9], ids=["a", "b", "c", "d"]
        )

    def test_have_no_times_and_are_named(self, lake, travellers):
        with pytest.warns(SiteWarning, match="3 origins are off friction or on a barrier.*b, c, d"):
            table = lake.matrix(travellers)
        found = table.pivot(index="origin", columns="destination", values="minutes")
        assert found.loc["a", "a"] == 0
        assert found.notna().to_numpy().sum() == 1

    def test_snap_to_the_nearest_cell_within_a_distance(self, lake, travellers):
        with pytest.warns(SiteWarning, match="2 origins.*farther than 2 km.*c, d"):
            table = lake.matrix(travellers, snap=2)
        shore = make_points([2.005, 2.055], [50.995, 50.895], ids=["a", "b"])
        expected = lake.matrix(shore)
        kept = table[table.origin.isin(["a", "b"]) & table.destination.isin(["a", "b"])]
        assert kept.minutes.tolist() == expected.minutes.tolist()

    def test_snap_far_enough(self, lake, travellers):
        assert lake.matrix(travellers, snap=200).minutes.notna().all()

    def test_empty_points_and_missing_ones_have_no_times(self, lake):
        points = make_points([2.005, 2.015], [50.995, 50.995])
        points.loc[1, "geometry"] = None
        with pytest.warns(SiteWarning, match="10"):
            assert lake.matrix(points, snap=5).minutes.tolist()[0] == 0

    def test_none_at_all_is_an_empty_table(self, lake, travellers):
        nothing = lake.matrix(travellers.iloc[:0])
        assert len(nothing) == 0
        assert list(nothing.columns) == ["origin", "destination", "minutes", "km"]
        assert len(lake.matrix(travellers.iloc[:1], travellers.iloc[:0])) == 0

    def test_all_of_them_give_a_table_without_times(self, lake, travellers):
        with pytest.warns(SiteWarning, match="c, d"):
            table = lake.matrix(travellers.iloc[2:])
        assert table.minutes.isna().all()

    def test_a_distance_below_zero_is_refused(self, lake, travellers):
        with pytest.raises(SiteError, match="snap is a distance"):
            lake.matrix(travellers, snap=-1)


def test_workers_end_with_their_parent_and_leave_nothing(tmp_path):
    # The parent is killed in the middle of a long matrix.
    psutil = pytest.importorskip("psutil")
    script = tmp_path / "parent.py"
    script.write_text(
        """
import numpy as np, geopandas, pyproj
from affine import Affine
from shoeroot.sites import Grid, friction_graph
values = np.random.default_rng(0).uniform(0.001, 0.01, (300, 300))
grid = Grid(values, Affine(0.01, 0, 2, 0, -0.01, 51), pyproj.CRS(4326), "friction")
places = np.random.default_rng(1).uniform(0, 3, (2000, 2))
points = geopandas.GeoDataFrame(
    geometry=geopandas.points_from_xy(2 + places[:, 0], 51 - places[:, 1]), crs=4326
)
friction_graph(grid, workers=2).matrix(points)
"""
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    parent = subprocess.Popen([sys.executable, script], stderr=subprocess.DEVNULL, env=environment)
    process = psutil.Process(parent.pid)
    waited = 0.0
    while len(workers := process.children()) < 2 and waited < 180 and parent.poll() is None:
        time.sleep(0.1)
        waited += 0.1
    time.sleep(2)
    assert len(workers) == 2
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs(workers, timeout=60)
    for worker in alive:
        worker.kill()
    assert not alive
    assert list(tmp_path.iterdir()) == [script]
