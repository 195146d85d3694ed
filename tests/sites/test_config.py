"""`sites.toml`: what it says, and errors that name the key and the nearest one."""

import tomllib

import pytest

from shoeroot.errors import ConfigError
from shoeroot.sites import SitesConfig, read_sites_config, write_example_settings
from shoeroot.sites.example_settings import EXAMPLE

GOOD = {
    "population": "POP.tif",
    "units": {"path": "units.gpkg", "code": "UID"},
    "extents": {"urban_centre": {"density": 1000, "smooth": False}},
    "layers": {"night_lights": {"files": "lights/*.tif", "date": "%Y%m"}},
}


def read(tmp_path, **changes):
    return SitesConfig.from_values(GOOD | changes, where="sites.toml", folder=tmp_path)


def test_paths_are_relative_to_the_file_and_addresses_stay(tmp_path):
    config = read(tmp_path)

    assert config.source("POP.tif") == str(tmp_path / "POP.tif")
    assert config.source("/vsis3/bucket/POP.tif") == "/vsis3/bucket/POP.tif"
    assert config.output_folder == tmp_path / "sites"
    assert config.levels == ("urban_centre", "urban_cluster")


def test_a_layer_may_be_a_table_or_several(tmp_path):
    one = read(tmp_path).layers.night_lights
    two = read(tmp_path, layers={"night_lights": [{"files": "a.tif"}, {"files": ["b.tif"]}]})

    assert [layer.files for layer in one] == [("lights/*.tif",)]
    assert [layer.files for layer in two.layers.night_lights] == [("a.tif",), ("b.tif",)]


def test_two_sources_of_population_have_two_outputs(tmp_path):
    config = read(tmp_path, population={"ghs": "ghs.tif", "worldpop": "wp.tif"})

    folders = {name: one.output_folder for name, one in config.each_source()}
    rasters = {name: one.population_path for name, one in config.each_source()}

    assert folders == {"ghs": tmp_path / "sites/ghs", "worldpop": tmp_path / "sites/worldpop"}
    assert rasters == {"ghs": "ghs.tif", "worldpop": "wp.tif"}
    with pytest.raises(ConfigError, match="2 sources") as caught:
        config.one_output()
    assert "worldpop" in caught.value.hint


@pytest.mark.parametrize(
    ("changes", "problem", "hint"),
    [
        ({"popluation": "x"}, "unknown setting 'popluation'", "population"),
        ({"units": {"path": "a", "cod": "b"}}, "units.cod", "code"),
        ({"layers": {"nightlights": {"files": "x"}}}, "layers.nightlights", "night_lights"),
        ({"layers": {"flood": [{"files": "x", "treshold": 1}]}}, "treshold", "thresholds"),
        ({"extents": {"urban_centre": {"dens": 1}}}, "extents.urban_centre.dens", "density"),
        ({"friction": {"path": "f.tif", "limt": 3}}, "friction.limt", "limit"),
    ],
)
def test_an_unknown_key_names_the_nearest(changes, problem, hint, tmp_path):
    with pytest.raises(ConfigError, match=problem) as caught:
        read(tmp_path, **changes)

    assert f"did you mean {hint!r}" in caught.value.hint
    assert caught.value.where == "sites.toml"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"population": ""}, "people per cell"),
        ({"population": {"../up": "x.tif"}}, "cannot be a folder"),
        ({"rule": "gots"}, "'degurba' or 'gost'"),
        ({"rule": "gost", "built": "b.tif"}, "leave out built"),
        ({"country": "Belgium"}, "country"),
        ({"country": "BE", "names": {"source": "none"}}, "told by names"),
        ({"area": [1, 2, 3]}, "west, south, east, north"),
        ({"area": [5, 50, 4, 51]}, "west, south, east, north"),
        ({"area": "units", "units": None}, r"\[units\]"),
        ({"extents": {"urban_center": {}}}, "urban_centre"),
        ({"layers": {"climate": {"files": "x"}}}, "variable"),
        ({"layers": {"flood": {"files": "x", "valid": [3, 1]}}}, "least valid"),
        ({"layers": {"flood": {"files": "x", "thresholds": [-1]}}}, "thresholds"),
        ({"layers": {"night_lights": {"files": []}}}, "files"),
        ({"layers": {"night_lights": {"files": "x", "month": "2020-13"}}}, "month"),
        ({"friction": {"path": "f", "limit": 0}}, "friction.limit"),
        ({"schema_version": 2}, "schema_version"),
    ],
)
def test_a_wrong_value_names_its_key(changes, problem, tmp_path):
    with pytest.raises(ConfigError, match=problem):
        read(tmp_path, **changes)


def test_a_missing_setting_is_named(tmp_path):
    with pytest.raises(ConfigError, match="'population' is missing"):
        SitesConfig.from_values({}, where="sites.toml", folder=tmp_path)


def test_files_that_are_missing_or_no_toml(tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_text("population = ")

    for path, problem in ((tmp_path / "none.toml", "cannot be read"), (broken, "not TOML")):
        with pytest.raises(ConfigError, match=problem) as caught:
            read_sites_config(path)
        assert caught.value.where == str(path)


def test_the_example_is_read_with_and_without_what_is_commented_out(tmp_path):
    path = write_example_settings(tmp_path / "sites.toml")
    whole = EXAMPLE.replace("#: ", "")

    assert read_sites_config(path).population == "POP.tif"
    everything = SitesConfig.from_values(tomllib.loads(whole), where="", folder=tmp_path)
    assert set(everything.model_fields_set) == set(SitesConfig.model_fields) - {"schema_version"}
    assert set(everything.layers.model_fields_set) == set(type(everything.layers).model_fields)
    assert set(everything.friction.model_fields_set) == set(type(everything.friction).model_fields)


def test_the_example_is_not_written_over_a_file(tmp_path):
    path = tmp_path / "sites.toml"
    path.write_text("mine")

    with pytest.raises(ConfigError, match="exists"):
        write_example_settings(path)

    assert path.read_text() == "mine"
