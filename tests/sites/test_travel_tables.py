"""Matrices and routes as files, from files of points, in Python and by `shoeroot sites routes`."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from shoeroot.cli.main import verbs
from shoeroot.errors import SiteError, SiteWarning
from shoeroot.sites import Grid, friction_graph, write_grid
from shoeroot.sites.travel import travel_tables

gpd = pytest.importorskip("geopandas")
pyproj = pytest.importorskip("pyproj")
affine = pytest.importorskip("affine")
pytest.importorskip("rasterio")


@pytest.fixture
def grid():
    values = np.random.default_rng(4).uniform(0.001, 0.01, (30, 40))
    values[:, 30] = np.nan
    return Grid(values, affine.Affine(0.01, 0, 2, 0, -0.01, 51), pyproj.CRS(4326), "friction")


@pytest.fixture
def friction(tmp_path, grid):
    write_grid(tmp_path / "friction.tif", grid)
    return tmp_path / "friction.tif"


@pytest.fixture
def points(tmp_path):
    """Four towns, one of them behind the barrier, and one upon it."""
    table = gpd.GeoDataFrame(
        {"town": ["A", "B", "C", "D", "E"], "name": ["Aa", "Bb", "Cc", "Dd", "Ee"]},
        geometry=gpd.points_from_xy(
            [2.05, 2.15, 2.2, 2.35, 2.305], [50.9, 50.8, 50.95, 50.9, 50.9]
        ),
        crs=4326,
    )
    table.to_file(tmp_path / "towns.gpkg")
    return tmp_path / "towns.gpkg"


def test_tables_are_those_of_the_graph(grid, friction, points):
    with pytest.warns(SiteWarning, match=r"1 origins are off .*friction\.tif.*: E"):
        matrix, routes = travel_tables(friction, points, identifier="town")
    towns = gpd.read_file(points).set_index("town").drop(columns="name")
    with pytest.warns(SiteWarning):
        expected = friction_graph(grid).matrix(towns)
    assert matrix[["origin", "destination"]].equals(expected[["origin", "destination"]])
    for name in ("minutes", "km"):
        assert matrix[name].to_numpy() == pytest.approx(expected[name].to_numpy(), nan_ok=True)
    assert [*zip(routes.origin, routes.destination, strict=True)] == [
        ("A", "B"), ("A", "C"), ("B", "C")
    ]  # fmt: skip


def test_to_other_points(grid, friction, points):
    towns = gpd.read_file(points)
    matrix, _ = travel_tables(friction, towns.iloc[:2], towns.iloc[1:3], identifier="town")
    assert matrix.origin.tolist() == ["A", "A", "B", "B"]
    assert matrix.destination.tolist() == ["B", "C", "B", "C"]
    assert matrix.minutes[2] == 0


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("kind", ["gpkg", "geojson", "parquet"])
def test_files_hold_the_tables(tmp_path, friction, points, ending, kind):
    if "parquet" in (ending, kind):
        pytest.importorskip("pyarrow")
    out = tmp_path / "out" / f"matrix.{ending}", tmp_path / "out" / f"routes.{kind}"
    towns = gpd.read_file(points).iloc[:4]
    matrix, routes = travel_tables(friction, towns, matrix=out[0], routes=out[1])
    read = pd.read_csv(out[0]) if ending == "csv" else pd.read_parquet(out[0])
    pd.testing.assert_frame_equal(read, matrix)
    lines = gpd.read_parquet(out[1]) if kind == "parquet" else gpd.read_file(out[1])
    assert lines.crs == 4326
    assert lines.geom_equals_exact(routes.geometry, 1e-6).all()
    assert lines.minutes.tolist() == pytest.approx(routes.minutes.tolist())
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        path.name for path in out
    )


def test_no_routes_at_all_are_an_empty_file(tmp_path, friction, points):
    towns = gpd.read_file(points).iloc[[0, 3]]
    _, routes = travel_tables(friction, towns, routes=tmp_path / "routes.gpkg")
    assert len(routes) == 0
    assert len(gpd.read_file(tmp_path / "routes.gpkg")) == 0


def test_a_file_that_cannot_be_written_is_refused_before_the_search(tmp_path, points):
    for options, match in (
        ({"matrix": tmp_path / "matrix.gpkg"}, "written as '.gpkg'"),
        ({"routes": tmp_path / "routes.kml"}, "written as '.kml'"),
    ):
        with pytest.raises(SiteError, match=match):
            travel_tables(tmp_path / "there-is-no-friction.tif", points, **options)


def test_a_column_that_does_not_exist_is_named_with_the_nearest(friction, points):
    with pytest.raises(SiteError, match="no column 'twon'") as caught:
        travel_tables(friction, points, identifier="twon")
    assert "'town'" in caught.value.hint


def test_points_that_cannot_be_read_are_named(tmp_path, friction):
    with pytest.raises(SiteError, match="cannot be read") as caught:
        travel_tables(friction, tmp_path / "nothing.gpkg")
    assert caught.value.where.endswith("nothing.gpkg")


def test_a_table_of_longitudes_and_latitudes_holds_points(tmp_path, friction, points):
    table = gpd.read_file(points)
    places = pd.DataFrame({"town": table["town"], "lon": table.geometry.x, "lat": table.geometry.y})
    places.to_csv(tmp_path / "towns.csv", index=False)

    of_csv, _ = travel_tables(friction, tmp_path / "towns.csv", identifier="town", snap=2)
    of_gpkg, _ = travel_tables(friction, points, identifier="town", snap=2)
    of_frame, _ = travel_tables(friction, places, identifier="town", snap=2)

    pd.testing.assert_frame_equal(of_csv, of_gpkg)
    pd.testing.assert_frame_equal(of_frame, of_gpkg)


def test_ids_of_a_table_are_texts(tmp_path, friction):
    (tmp_path / "towns.csv").write_text("code,lon,lat\n01,2.05,50.9\nNA,2.15,50.8\n")

    matrix, _ = travel_tables(friction, tmp_path / "towns.csv", identifier="code")

    assert set(matrix["origin"]) == {"01", "NA"}


def test_a_table_without_places_is_refused(tmp_path, friction):
    (tmp_path / "towns.csv").write_text("town,x\nA,3\n")
    (tmp_path / "none.csv").write_text("town,lon,lat\n")

    for table in (tmp_path / "towns.csv", pd.DataFrame({"town": ["A"]})):
        with pytest.raises(SiteError, match="without geometries") as caught:
            travel_tables(friction, table)
        assert "lon and lat" in caught.value.hint
    with pytest.raises(SiteError, match="no points"):
        travel_tables(friction, tmp_path / "none.csv")


class TestTheVerb:
    def run(self, *arguments):
        return CliRunner().invoke(verbs, ["sites", "routes", *map(str, arguments)])

    def test_writes_routes_and_matrix_of_any_points(self, tmp_path, friction, points):
        out = tmp_path / "routes.gpkg", tmp_path / "matrix.csv"
        result = self.run(
            points, "--friction", friction, "--id", "town", "--snap", 2, "-o", out[0],
            "--matrix", out[1],
        )  # fmt: skip
        assert result.exit_code == 0, result.output
        assert len(gpd.read_file(out[0])) >= 3
        assert len(pd.read_csv(out[1])) == 25

    def test_shows_names(self, friction, points):
        result = self.run(points, "--friction", friction, "--id", "town", "--snap", 0, "--json")
        assert result.exit_code == 0, result.output
        rows = json.loads(result.stdout)["rows"]
        assert [row["destination_name"] for row in rows if row["origin"] == "A"]
        assert "on a barrier" in result.stderr

    def test_a_point_without_a_name_is_called_by_its_id(self, tmp_path, friction, points):
        table = gpd.read_file(points)
        table.loc[table["town"] == "B", "name"] = None
        table.to_file(tmp_path / "some.gpkg")

        result = self.run(tmp_path / "some.gpkg", "--friction", friction, "--id", "town", "--json")

        rows = json.loads(result.stdout)["rows"]
        names = {row["destination"]: row["destination_name"] for row in rows}
        assert (names["B"], names["C"]) == ("B", "Cc")

    def test_no_routes_are_told_as_such(self, tmp_path, friction, points):
        result = self.run(points, "--friction", friction, "--limit", 0.001)

        assert result.exit_code == 0
        assert result.stdout == "[0 routes]\n"

    def test_points_hold_no_routes(self, points):
        result = self.run(points)
        assert result.exit_code == 2
        assert "--friction FILE" in result.stderr

    def test_points_have_no_level(self, points, friction):
        result = self.run(points, "--friction", friction, "--level", "urban_centre")
        assert result.exit_code == 2
        assert "points have no level" in result.stderr

    def test_needs_friction(self, points, tmp_path):
        assert self.run(points, "--matrix", tmp_path / "matrix.csv").exit_code == 2
