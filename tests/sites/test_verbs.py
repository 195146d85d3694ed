"""``shoeroot sites``: each verb on a country drawn by hand, and the codes they end with."""

from __future__ import annotations

import json
import re

import geopandas
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from shoeroot.cli.main import verbs
from shoeroot.sites import sites_frame

from .small_country import SETTINGS, make_country


def run(*arguments):
    return CliRunner().invoke(verbs, [*map(str, arguments)])


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return make_country(tmp_path_factory.mktemp("country"))


@pytest.fixture(scope="module")
def folder(settings):
    done = run("sites", "build", settings)
    assert done.exit_code == 0, done.output
    return settings.parent / "out"


@pytest.mark.parametrize("verb", ["init", "build", "map", "routes", "aggregate"])
def test_help_has_an_example(verb):
    assert f"Example: shoeroot sites {verb}" in run("sites", verb, "--help").stdout


def test_build_prints_what_it_made_and_how_far_it_is(settings, folder):
    done = run("sites", "build", settings)

    assert done.exit_code == 0
    assert f"sites      {folder}" in done.stdout
    assert "urban cluster       2       114,700         46" in done.stdout
    assert "6 months of night lights" in done.stdout
    assert "0 made" in done.stdout
    assert "names: kept" in done.stderr


def test_build_as_json_and_quiet(settings, folder):
    done = run("sites", "build", settings, "--json", "--quiet")

    (report,) = json.loads(done.stdout)
    assert report["folder"] == str(folder)
    assert report["levels"]["urban_centre"]["people"] == 108000
    assert done.stderr == ""


def test_build_into_another_folder(settings, tmp_path):
    done = run("sites", "build", settings, "-o", tmp_path / "elsewhere", "--quiet")

    assert done.exit_code == 0
    assert (tmp_path / "elsewhere" / "events" / "part-0000.root").is_file()


def test_wrong_settings_end_with_2_and_one_error(settings, tmp_path):
    path = settings.with_name("wrong.toml")
    path.write_text(SETTINGS.replace("output", "outptu"))

    done = run("sites", "build", path)

    assert done.exit_code == 2
    assert done.stderr.startswith("error: unknown setting 'outptu'")
    assert "did you mean 'output'?" in done.stderr
    assert run("sites", "build", tmp_path / "none.toml").exit_code == 2


def test_init_writes_settings_to_begin_with(tmp_path):
    path = tmp_path / "sites.toml"

    assert run("sites", "init", path).exit_code == 0
    assert "population =" in path.read_text()
    again = run("sites", "init", path)
    assert again.exit_code == 2
    assert "exists" in again.stderr
    assert json.loads(run("sites", "init", tmp_path / "b.toml", "--json").stdout)


def test_map_writes_a_page_or_a_picture(folder, tmp_path):
    page, picture = tmp_path / "map.html", tmp_path / "map.png"

    assert run("sites", "map", folder, "-o", page).exit_code == 0
    done = run("sites", "map", folder, "-o", picture, "--level", "urban_cluster", "--json")

    assert "Urban centre" in page.read_text(encoding="utf-8")
    assert json.loads(done.stdout) == {"map": str(picture)}
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_map_of_what_settings_made_tells_names_of_routes(settings, folder):
    done = run("sites", "map", settings, "--json")

    page = folder / "map.html"
    assert json.loads(done.stdout) == {"map": str(page)}
    names = set(sites_frame(folder)["name"])
    ends = re.findall(r'"(?:origin|destination)": "([^"]+)"', page.read_text(encoding="utf-8"))
    assert ends
    assert set(ends) <= names


def test_routes_that_are_stored(folder, tmp_path):
    done = run("sites", "routes", folder)
    as_json = json.loads(run("sites", "routes", folder, "--json").stdout)
    written = run("sites", "routes", folder, "-o", tmp_path / "routes.csv")

    assert "[2 routes]" in done.stdout
    assert as_json["rows"][0]["minutes"] == as_json["rows"][1]["minutes"]
    assert "2 routes" in written.stdout
    assert list(pd.read_csv(tmp_path / "routes.csv"))[:4] == [
        "origin",
        "origin_name",
        "destination",
        "destination_name",
    ]


def test_routes_to_other_points(settings, folder, tmp_path):
    ports = geopandas.GeoDataFrame(
        {"code": ["P"], "name": ["Port"]},
        geometry=[shapely.Point(3_955_500, 3_100_500)],
        crs=3035,
    )
    ports.to_file(tmp_path / "ports.gpkg")
    options = ["--friction", settings.parent / "friction.tif", "--to", tmp_path / "ports.gpkg"]

    done = run(
        "sites", "routes", folder, *options, "--id", "code", "-o", tmp_path / "ways.gpkg", "--json"
    )

    assert json.loads(done.stdout)["routes"] == 3
    ways = geopandas.read_file(tmp_path / "ways.gpkg")
    assert set(ways["destination_name"]) == {"Port"}
    assert (ways.geometry.geom_type == "LineString").all()
    wrong = run("sites", "routes", folder, *options, "--id", "cod")
    assert wrong.exit_code == 2
    assert "did you mean 'code'" in wrong.stderr
    assert run("sites", "routes", folder, "--to", "ports.gpkg").exit_code == 2


def test_verbs_of_events_and_minitrees_work_on_sites(folder, tmp_path):
    for arguments in (
        ("ls", folder),
        ("show", folder, 0),
        ("verify", folder),
        ("merge", folder, "-o", tmp_path / "all.root"),
        ("minitree", folder),
        ("load", folder, "--make", "SiteBasics,AdminJoin"),
        ("cut", folder, "--cut", "population > 7000"),
        ("why", "SiteBasics", folder),
    ):
        done = run(*arguments)
        assert done.exit_code == 0, (arguments, done.output)
        as_json = run(*arguments, "--json") if arguments[0] != "merge" else None
        assert as_json is None or json.loads(as_json.stdout)


def test_a_treemaker_of_simulations_ends_with_2_on_sites(folder):
    done = run("load", folder, "--make", "Basics")

    assert done.exit_code == 2
    assert "Basics is for events of Simulation" in done.stderr
