"""`build_sites`: every step once, what is finished is kept, nothing good is ever lost."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys

import geopandas
import numpy as np
import pandas as pd
import pytest
import rasterio

import shoeroot.sites.build_extents
from shoeroot.errors import ConfigError, SiteError, SiteWarning
from shoeroot.minitrees import load
from shoeroot.sites import build_sites, open_sites, read_report, routes_frame, sites_frame

from .small_country import SETTINGS, draw, make_country, people


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    settings = make_country(tmp_path_factory.mktemp("country"))
    return build_sites(settings, progress=False)


@pytest.fixture
def country(tmp_path):
    return make_country(tmp_path)


def outcomes(folder):
    return {step.name: step.outcome for step in read_report(folder).steps}


def test_centres_and_clusters_stand_in_one_tree(built):
    table = sites_frame(built).sort_values(["level", "population"]).reset_index(drop=True)

    assert table["level"].tolist() == ["urban_centre", "urban_cluster", "urban_cluster"]
    assert table["population"].tolist() == [108000, 6300, 108400]
    # The projection keeps areas; polygons follow the cells.
    assert table["area_km2"].tolist() == pytest.approx([36, 9, 37], rel=1e-6)
    assert table.to_crs(3035).area.to_numpy() / 1e6 == pytest.approx([36, 9, 37], rel=1e-4)
    assert table["id"].is_unique
    centre = table["id"][0]
    assert table["hd_id"].tolist() == [centre, 0, centre]
    assert set(table["country"]) == {"BE"}
    assert (table["name"] != "").all()


def test_what_surrounds_a_site_is_in_its_event(built):
    with open_sites(built) as sites:
        town = next(site for site in sites if site.population == 6300)

    assert [unit.code for unit in town.admin] == ["E"]
    assert town.admin[0].population == pytest.approx(6300)
    assert [light.month for light in town.ntl] == ["2019-07", "2020-01"]
    assert [light.sum for light in town.ntl] == pytest.approx([54, 45])
    assert [light.lit_km2 for light in town.ntl] == pytest.approx([9, 9], rel=1e-4)
    assert [(one.epoch, round(one.m2)) for one in town.built] == [(2020, 2250000)]
    assert town.built[0].share == pytest.approx(0.25, rel=1e-4)
    assert town.flood == town.climate == town.pm25 == []


def test_routes_join_sites_of_a_level(built):
    routes = routes_frame(built)
    table = sites_frame(built).set_index("id")

    assert set(table["level"][routes["origin"]]) == {"urban_cluster"}
    assert len(routes) == 2
    assert routes["minutes"].to_numpy() == pytest.approx(routes["km"].to_numpy(), rel=0.01)
    assert routes.geometry.notna().sum() == 1


def test_treemakers_of_sites_make_pivots(built):
    lights = load(built, "NightLights")
    matrix = load(built, "ODMatrix").pivot_table("minutes", "event_id", "to")

    assert lights.groupby("event_id")["month"].apply(list).tolist() == 3 * [["2019-07", "2020-01"]]
    assert matrix.to_numpy()[0, 1] == matrix.to_numpy()[1, 0]
    assert sorted(load(built)["density"].round()) == [700, 2930, 3000]


def test_units_have_their_people_and_class(built):
    units = pd.read_csv(built / "units.csv").set_index("code")

    assert units["class"].to_dict() == {"W": "city", "E": "town"}
    assert units["total"].tolist() == pytest.approx([108400, 6300])
    assert units["urban_high_density"].tolist() == pytest.approx([108000, 0])
    assert geopandas.read_file(built / "units.gpkg")["class"].tolist() == ["city", "town"]


def test_the_files_say_what_they_were_made_from(built):
    with open_sites(built) as sites:
        metadata = sites.metadata
    report = read_report(built)

    assert '"rule": "degurba"' in metadata["sites_config"]
    assert len(report.inputs[report.population]) == 64
    assert report.inputs[report.population] in metadata["sites_inputs"]
    assert "exactextract" in metadata["sites_versions"]
    assert report.levels["urban_cluster"]["sites"] == 2


def test_finished_steps_are_kept_and_the_sites_stay_the_same(country):
    folder = build_sites(country, progress=False)
    before = sites_frame(folder)

    build_sites(country, progress=False)

    assert set(outcomes(folder).values()) == {"kept"}
    pd.testing.assert_frame_equal(pd.DataFrame(before), pd.DataFrame(sites_frame(folder)))


def test_sites_are_opened_by_their_settings(country):
    build_sites(country, progress=False)

    with open_sites(country) as sites:
        assert len(sites) == 3
    assert len(sites_frame(country)) == 3


def test_nodata_that_a_file_does_not_name_is_left_out_by_valid(country):
    draw(country.parent / "built.tif", np.where(people() == 700, 2e4, 65535.0))
    found = {}
    for valid in ("[0, 1e6]", "[0, 65534]"):
        text = SETTINGS.replace("epoch = 2020", f"epoch = 2020\nvalid = {valid}")
        country.write_text(text)
        built = load(build_sites(country, progress=False), ["SiteBasics", "BuiltUp"])
        found[valid] = built.set_index("population")["built_m2"].round().to_dict()

    assert found["[0, 1e6]"][108000] == 36 * 65535
    assert found["[0, 65534]"] == {6300: 180000, 108000: 0, 108400: 0}


def test_a_change_makes_anew_what_depends_on_it(country):
    folder = build_sites(country, progress=False)
    draw(country.parent / "lights" / "lights_202001.tif", np.full((40, 60), 9.0))
    draw(country.parent / "lights" / "lights_202002.tif", np.full((40, 60), 9.0))

    build_sites(country, progress=False)

    made = {name for name, outcome in outcomes(folder).items() if outcome == "made"}
    assert made == {"night lights 2020-01", "night lights 2020-02"}
    assert set(load(folder, "NightLights")["month"]) == {"2019-07", "2020-01", "2020-02"}
    # What nobody asks for any more is gone.
    assert len(list((folder / "steps").glob("night_lights-*.json"))) == 3


def test_a_damaged_step_is_made_again(country):
    folder = build_sites(country, progress=False)
    (step,) = (folder / "steps").glob("names-*.json")
    step.write_text(step.read_text()[:40])
    (labels,) = (folder / "steps").glob("extents-urban_centre-*.tif")
    labels.write_bytes(b"damaged")

    build_sites(country, progress=False)

    made = {name for name, outcome in outcomes(folder).items() if outcome == "made"}
    assert made == {"names", "urban centres"}
    assert len(sites_frame(folder)) == 3


def test_warnings_of_a_kept_step_are_told_again(country):
    draw(country.parent / "lights" / "lights_202003.tif", np.full((15, 60), 5.0))

    for outcome in ("made", "kept"):
        with pytest.warns(SiteWarning, match="outside of .*202003") as told:
            folder = build_sites(country, progress=False)
        assert outcomes(folder)["night lights 2020-03"] == outcome
        assert len(told) == 1
    with open_sites(folder) as sites:
        town = next(site for site in sites if site.population == 6300)
    assert np.isnan(town.ntl[-1].sum)


def test_a_killed_build_goes_on_where_it_was(country):
    code = """
import os, signal, sys
import shoeroot.sites.layers as layers
done = layers.night_lights
def die(places, files, **options):
    if "2020-01" in files:
        os.kill(os.getpid(), signal.SIGKILL)
    return done(places, files, **options)
layers.night_lights = die
from shoeroot.sites import build_sites
build_sites(sys.argv[1], progress=False)
"""
    killed = subprocess.run([sys.executable, "-c", code, str(country)], check=False, timeout=120)

    folder = country.parent / "out"
    assert killed.returncode == -signal.SIGKILL
    assert not (folder / "events").exists()
    # Where a writer was killed in the middle of a table.
    (folder / "steps" / ".extents-left").mkdir()
    build_sites(country, progress=False)
    kept = {name for name, outcome in outcomes(folder).items() if outcome == "kept"}
    assert {"urban centres", "urban clusters", "names", "night lights 2019-07"} <= kept
    assert not (folder / "steps" / ".extents-left").exists()
    assert len(sites_frame(folder)) == 3


def test_sites_of_one_population_do_not_replace_those_of_another(country):
    folder = build_sites(country, progress=False)
    before = sites_frame(folder)
    draw(country.parent / "other.tif", people(town=900))
    country.write_text(SETTINGS.replace("people.tif", "other.tif"))

    with pytest.raises(SiteError, match="another population raster") as caught:
        build_sites(country, progress=False)

    assert "output" in caught.value.hint
    assert sites_frame(folder)["id"].tolist() == before["id"].tolist()


def test_two_populations_have_an_output_each(country):
    draw(country.parent / "other.tif", people(town=900))
    both = 'population = {one = "people.tif", other = "other.tif"}'
    country.write_text(SETTINGS.replace('population = "people.tif"', both))

    folder = build_sites(country, progress=False)

    assert load(folder / "one")["population"].sum() == 108000 + 108400 + 6300
    assert load(folder / "other")["population"].sum() == 108000 + 108400 + 8100
    assert len(load([folder / "one", folder / "other"])) == 6


def test_the_gost_rule_and_one_level(country):
    country.write_text('rule = "gost"\nlevel = "urban_cluster"\n' + SETTINGS)

    table = sites_frame(build_sites(country, progress=False))

    assert sorted(table["population"]) == [6300, 108400]
    # Joined to a centre that is no site itself.
    assert (table.set_index("population")["hd_id"] > 0).to_dict() == {6300: False, 108400: True}


def test_thresholds_of_a_level_decide_what_is_urban(country):
    country.write_text(SETTINGS + "[extents.urban_cluster]\npopulation = 7000\n")

    table = sites_frame(build_sites(country, progress=False))

    assert sorted(table["population"]) == [108000, 108400]


def test_only_an_area_is_read(country, built):
    whole = sites_frame(built).set_index("population")
    west, south, east, north = whole.loc[6300].geometry.buffer(0.05).bounds
    country.write_text(f"area = [{west}, {south}, {east}, {north}]\nmargin_km = 0\n" + SETTINGS)

    with pytest.warns(SiteWarning, match="1 of 2 places lie outside of .*: W"):
        folder = build_sites(country, progress=False)

    table = sites_frame(folder).set_index("population")
    units = pd.read_csv(folder / "units.csv").set_index("code")
    assert list(table.index) == [6300]
    assert table["id"][6300] == whole["id"][6300]
    assert units["total"].to_dict() == pytest.approx({"W": np.nan, "E": 6300}, nan_ok=True)
    assert pd.isna(units["class"]["W"])


def test_what_the_units_span_is_read_with_a_margin(country):
    east = geopandas.read_file(country.parent / "units.gpkg").iloc[[1]]
    east.to_file(country.parent / "units.gpkg")
    found = {}
    for margin in (0, 50):
        folder = f"margin{margin}"
        text = SETTINGS.replace('"out"', f'"{folder}"')
        country.write_text(f'area = "units"\nmargin_km = {margin}\n' + text)
        found[margin] = len(sites_frame(build_sites(country, progress=False)))

    assert found == {0: 1, 50: 3}


def test_sites_abroad_are_left_out(country):
    country.write_text('country = "FR"\n' + SETTINGS)

    with pytest.raises(SiteError, match="none of the 3 sites lies in FR"):
        build_sites(country, progress=False)


def test_sites_outside_the_units_are_left_out(country):
    units = geopandas.read_file(country.parent / "units.gpkg")
    units.iloc[[1]].to_file(country.parent / "units.gpkg")
    country.write_text(SETTINGS.replace('name = "name"\n', 'name = "name"\nonly = true\n'))

    table = sites_frame(build_sites(country, progress=False))

    assert table["population"].tolist() == [6300]


def test_high_density_and_external_extents_of_other_sources(country):
    boxes = geopandas.read_file(country.parent / "units.gpkg")
    boxes.assign(number=[7, 8], label=["ECA-1", "ECA-2"]).to_file(country.parent / "others.gpkg")
    country.write_text(
        SETTINGS
        + '[high_density]\npath = "others.gpkg"\nid = "number"\n'
        + '[external]\npath = "others.gpkg"\nid = "label"\n'
    )

    table = sites_frame(build_sites(country, progress=False)).set_index("population")

    assert table["hd_id"].to_dict() == {108000: 7, 108400: 7, 6300: 8}
    assert table["eca_id"].to_dict() == {108000: "ECA-1", 108400: "ECA-1", 6300: "ECA-2"}


def test_units_and_extents_of_elsewhere_are_told(country):
    boxes = geopandas.read_file(country.parent / "units.gpkg")
    boxes.translate(1e6).to_frame("geometry").assign(code=["W", "E"]).to_file(
        country.parent / "elsewhere.gpkg"
    )
    text = SETTINGS.replace("units.gpkg", "elsewhere.gpkg").replace('name = "name"\n', "")
    country.write_text(text + '[external]\npath = "elsewhere.gpkg"\nid = "code"\n')

    with (
        pytest.warns(SiteWarning, match="2 of 2 places lie outside of .*people.tif"),
        pytest.warns(SiteWarning, match="no site lies in any administrative unit"),
        pytest.warns(SiteWarning, match="no site lies in any external extent"),
    ):
        folder = build_sites(country, progress=False)

    assert set(sites_frame(folder)["eca_id"]) == {""}


def test_layers_and_times_of_units(country):
    text = SETTINGS.replace('name = "name"\n', 'name = "name"\nlayers = true\n')
    country.write_text(text + "units = true\n")

    folder = build_sites(country, progress=False)

    lights = pd.read_csv(folder / "units-ntl.csv")
    assert lights["code"].tolist() == ["W", "W", "E", "E"]
    assert lights["month"].tolist() == 2 * ["2019-07", "2020-01"]
    times = pd.read_csv(folder / "units-times.csv")
    assert len(times) == 6
    # The town is where the people of its unit are.
    town = times[(times["unit"] == "E")]["minutes"]
    assert town.min() == 0


def draw_bands(path, values):
    """Write a raster of twelve bands, each of one value."""
    draw(path, np.zeros((40, 60)))
    with rasterio.open(path) as one:
        profile = {**one.profile, "count": len(values)}
    with rasterio.open(path, "w", **profile) as several:
        for band, value in enumerate(values, start=1):
            several.write(np.full((40, 60), value, "f4"), band)


def test_floods_climate_particles_and_classes(country):
    folder = country.parent
    depth = np.where(people() == 700, 1.0, 0.0)
    depth[20] = 0.1
    draw(folder / "flood" / "fluvial_1in100.tif", depth)
    draw_bands(folder / "kelvin.tif", [273.15 + month for month in range(1, 13)])
    for year, millimetres in ((2019, 40.0), (2020, 60.0)):
        draw(folder / "rain" / f"rain_{year}07.tif", np.full((40, 60), millimetres))
        draw(folder / "pm" / f"pm_{year}.tif", np.full((40, 60), year - 2010.0))
    draw(folder / "koppen.tif", np.full((40, 60), 15))
    country.write_text(
        SETTINGS
        + """
[[layers.flood]]
files = "flood/*.tif"
date = '(?P<type>[a-z]+)_1in(?P<return_period>[0-9]+)'
year = 2020
thresholds = [0.0, 0.5]
[[layers.climate]]
variable = "t_mean"
files = "kelvin.tif"
bands = "month"
offset = -273.15
[[layers.climate]]
variable = "precipitation"
files = "rain/*.tif"
date = "%Y%m"
[[layers.particulate_matter]]
files = "pm/*.tif"
date = "%Y"
[layers.koppen]
files = "koppen.tif"
"""
    )

    with open_sites(build_sites(country, progress=False)) as sites:
        town = next(site for site in sites if site.population == 6300)

    assert town.koppen == "Cfb"
    assert [(one.type, one.return_period, one.year, one.threshold) for one in town.flood] == [
        ("fluvial", 100, 2020, 0.0),
        ("fluvial", 100, 2020, 0.5),
    ]
    assert [one.share for one in town.flood] == pytest.approx([1, 2 / 3], rel=1e-3)
    assert [one.population for one in town.flood] == pytest.approx([6300, 4200], rel=1e-3)
    assert [one.month for one in town.climate] == list(range(1, 13))
    assert [one.t_mean for one in town.climate] == pytest.approx(list(range(1, 13)), abs=1e-4)
    assert town.climate[6].precipitation == pytest.approx(50)
    assert town.climate[6].precipitation_deviation == pytest.approx(np.sqrt(200))
    assert np.isnan(town.climate[0].precipitation)
    assert [(one.year, one.population_mean) for one in town.pm25] == [(2019, 9), (2020, 10)]


def test_two_tables_of_one_month(country):
    again = '[[layers.night_lights]]\nfiles = "lights/lights_201907.tif"\nmonth = "2019-07"\n'
    country.write_text(SETTINGS + again)

    with pytest.raises(ConfigError, match="two rasters are of night lights 2019-07"):
        build_sites(country, progress=False)


@pytest.mark.parametrize(
    ("old", "new", "kind", "problem"),
    [
        ('"people.tif"', '"peple.tif"', ConfigError, "population: there is no such file"),
        ('"units.gpkg"', '"unit.gpkg"', ConfigError, "units.path: there is no such file"),
        ('"friction.tif"', '"fric.tif"', ConfigError, "friction.path: there is no such file"),
        ('"built.tif"', '"buit.tif"', ConfigError, "no such file"),
        ('"lights/*.tif"', '"light/*.tif"', ConfigError, "matches no file"),
        ('"_%Y%m"', '"_E%Y%m"', ConfigError, "matches nothing"),
        ('code = "code"', 'code = "cod"', SiteError, "no column 'cod'"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_written(old, new, kind, problem, country):
    assert old in SETTINGS
    country.write_text(SETTINGS.replace(old, new))

    with pytest.raises(kind, match=problem):
        build_sites(country, progress=False)

    assert not (country.parent / "out" / "events").exists()


def test_a_folder_with_something_else_is_left_alone(country):
    folder = country.parent / "out"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")

    with pytest.raises(SiteError, match="something else"):
        build_sites(country, progress=False)

    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


def test_nothing_urban_is_an_error_that_says_what_to_do(country):
    draw(country.parent / "people.tif", np.ones((40, 60)))

    with pytest.raises(SiteError, match="nothing is urban") as caught:
        build_sites(country, progress=False)

    assert "people per cell" in caught.value.hint


def test_two_at_once_are_refused(country):
    from filelock import FileLock

    folder = country.parent / "out"
    (folder / "steps").mkdir(parents=True)

    with FileLock(folder / ".lock"), pytest.raises(SiteError, match="another process"):
        build_sites(country, progress=False)


def test_belgium_by_both_rules(belgium, tmp_path):
    settings = f"""
population = "{belgium}/POP.tif"
rule = "RULE"
country = "BE"
output = "out-RULE"
[units]
path = "{belgium}/units_belgium_moll.gpkg"
code = "UID"
name = "NAME_4"
[layers.night_lights]
files = "{belgium}/processed-viirs-light-belgium.tif"
month = "2020-01"
"""
    found = {}
    for rule in ("degurba", "gost"):
        path = tmp_path / f"{rule}.toml"
        path.write_text(settings.replace("RULE", rule))
        found[rule] = sites_frame(build_sites(path, progress=False))

    for rule, table in found.items():
        centres = table[table["level"] == "urban_centre"]
        assert {"Brussels", "Antwerp", "Gent", "Liège"} <= set(centres["name"]), rule
        brussels = centres.set_index("name").loc["Brussels"]
        assert 1.2e6 < brussels["population"] < 1.6e6
        assert brussels["hd_id"] == brussels["id"]
    assert len(found["degurba"]) != len(found["gost"])


@pytest.mark.parametrize("rule", ["degurba", "gost"])
def test_rasters_larger_than_memory_give_the_same_sites(country, monkeypatch, rule):
    draw(country.parent / "land.tif", np.full((40, 60), 1e6))
    land = 'land = "land.tif"' if rule == "degurba" else ""
    head = f'rule = "{rule}"\narea = [4.05, 50.9, 4.75, 51.2]\nmargin_km = 2\n{land}\n'
    country.write_text(head + SETTINGS)
    folder = build_sites(country, progress=False)
    whole, units = sites_frame(folder), pd.read_csv(folder / "units.csv")
    opened = []
    by_window = shoeroot.sites.build_extents.urban_extents_by_window

    def windows(population, **options):
        opened.append(population.shape)
        return by_window(population, window_rows=7, **options)

    monkeypatch.setattr(shoeroot.sites.build_extents, "urban_extents_by_window", windows)
    country.write_text(f"cells_in_memory = 1000\n{head}" + SETTINGS.replace('"out"', '"other"'))

    other = build_sites(country, progress=False)

    ((rows, columns), _) = opened
    assert 20 < rows < 40
    assert 30 < columns < 60
    assert len(whole) == 3
    assert sites_frame(other).equals(whole)
    assert pd.read_csv(other / "units.csv").equals(units)
    assert not (other / "steps" / "cells").exists()


def test_a_disk_without_room_is_told_and_nothing_is_left(country, monkeypatch):
    def full(*_given, **_options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "memmap", full)
    country.write_text("cells_in_memory = 1000\n" + SETTINGS)

    with pytest.raises(SiteError, match="No space left on device") as caught:
        build_sites(country, progress=False)

    assert "make room on the disk" in str(caught.value)
    assert not (country.parent / "out" / "steps" / "cells").exists()


def test_tables_of_units_that_are_wanted_no_more_are_removed(country):
    folder = build_sites(country, progress=False)
    assert (folder / "units.csv").is_file()
    before, rest = SETTINGS.split("[units]")
    country.write_text(before + rest[rest.index("[[layers") :])

    build_sites(country, progress=False)

    assert not list(folder.glob("units*"))


def test_an_area_elsewhere_is_told_in_degrees(country):
    country.write_text("area = [20, 10, 21, 11]\n" + SETTINGS)

    with pytest.raises(SiteError, match="nothing of 50 km around 20 to 21 degrees east"):
        build_sites(country, progress=False)
