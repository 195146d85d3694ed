"""Files of a layer: patterns, templates, and what their names say."""

from functools import partial

import pytest

from shoeroot.errors import ConfigError
from shoeroot.sites.dated_files import dated_files
from shoeroot.sites.layer_settings import ClimateLayer, FloodLayer, Layer, NightLightsLayer

MONTH = ("year", "month")


def find(folder, needed=MONTH, kind=Layer, **settings):
    return dated_files(kind(**settings), folder, needed, key="layers.x", where="sites.toml")


@pytest.fixture
def lights(tmp_path):
    (tmp_path / "lights").mkdir()
    for month in ("202001", "201912", "201907"):
        (tmp_path / "lights" / f"SVDNB_{month}01.tif").touch()
    return tmp_path


def test_months_come_in_their_order_whatever_the_directory_says(lights):
    found = find(lights, files="lights/*.tif", date="_%Y%m")

    assert [(one.values["year"], one.values["month"]) for one in found] == [
        ("2019", "07"),
        ("2019", "12"),
        ("2020", "01"),
    ]
    assert found[0].path == str(lights / "lights" / "SVDNB_20190701.tif")


def test_a_regular_expression_names_groups(tmp_path):
    for name in ("fluvial_1in100.tif", "coastal_1in20.tif"):
        (tmp_path / name).touch()

    found = find(
        tmp_path,
        ("type", "return_period"),
        files="*.tif",
        date=r"(?P<type>[a-z]+)_1in(?P<return_period>\d+)",
    )

    assert [dict(one.values) for one in found] == [
        {"type": "coastal", "return_period": "20"},
        {"type": "fluvial", "return_period": "100"},
    ]


def test_the_folder_may_say_the_date(tmp_path):
    (tmp_path / "2019" / "07").mkdir(parents=True)
    (tmp_path / "2019" / "07" / "lights.tif").touch()

    (found,) = find(tmp_path, files="*/*/lights.tif", date="%Y/%m/")

    assert dict(found.values) == {"year": "2019", "month": "07"}


def test_a_template_of_addresses_is_filled(tmp_path):
    found = find(
        tmp_path,
        files="/vsis3/bucket/lights_{year}{month}.tif",
        expand={"year": [2019, 2020], "month": [1, 12]},
    )

    assert [one.path for one in found] == [
        "/vsis3/bucket/lights_201901.tif",
        "/vsis3/bucket/lights_201912.tif",
        "/vsis3/bucket/lights_202001.tif",
        "/vsis3/bucket/lights_202012.tif",
    ]
    assert dict(found[1].values) == {"year": "2019", "month": "12"}


def test_a_single_file_needs_no_date_where_the_table_says_it(lights):
    (found,) = find(
        lights, kind=NightLightsLayer, files="lights/SVDNB_20190701.tif", month="2019-07"
    )

    assert dict(found.values) == {"year": "2019", "month": "07"}


def test_the_month_of_a_single_raster_of_the_climate(tmp_path):
    (tmp_path / "january.tif").touch()

    (found,) = find(
        tmp_path, ["month"], kind=ClimateLayer, files="january.tif", variable="t_mean", month=1
    )

    assert dict(found.values) == {"month": "01"}


def test_months_as_bands_leave_no_month_to_be_told():
    with pytest.raises(ValueError, match="a file has all months"):
        ClimateLayer(files="t.tif", variable="t_mean", bands="month", month=1)


@pytest.mark.parametrize(
    ("kind", "needed", "hint"),
    [
        (NightLightsLayer, "month", 'month = "2019-07"'),
        (FloodLayer, "return_period", "or `return_period` itself"),
        (partial(ClimateLayer, variable="t_max"), "month", "or `month` itself"),
    ],
)
def test_a_table_is_asked_only_for_what_it_may_say(kind, needed, hint, lights):
    with pytest.raises(ConfigError, match=f"nothing says the {needed}") as caught:
        find(lights, [needed], kind=kind, files="lights/*.tif")

    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("settings", "problem", "hint"),
    [
        (dict(files="lights/*.tif", date="_E%Y%m"), "matches nothing in", "correct the pattern"),
        (dict(files="lights/*.tif"), "nothing says the year", "date"),
        (dict(files="lights/*.tif", date="_%Y"), "nothing says the month", "month"),
        (dict(files="light/*.tif", date="%Y%m"), "matches no file", "relative"),
        (dict(files="lights/SVDNB_20190702.tif", date="%Y%m"), "no such file", "SVDNB_20190701"),
        (dict(files="lights/*.tif", date="%Y%q"), "%q is not known", "%Y"),
        (dict(files="lights/*.tif", date="YYYYMM"), "says nothing", "%Y%m"),
        (dict(files="lights/*.tif", date=r"(?P<yaer>\d+)"), "unknown group 'yaer'", "year"),
        (dict(files="lights/*.tif", date=r"(?P<year>\d+"), "no regular expression", "correct"),
        (dict(files="l_{year}.tif"), "asks for 'year'", "expand"),
    ],
)
def test_what_cannot_be_found_or_read(settings, problem, hint, lights):
    with pytest.raises(ConfigError, match=problem) as caught:
        find(lights, **settings)

    assert hint in caught.value.hint
    assert "layers.x" in caught.value.problem


def test_two_files_of_one_month(lights):
    (lights / "lights" / "again_201907.tif").touch()

    with pytest.raises(ConfigError, match="two files are of year 2019, month 07"):
        find(lights, files="lights/*.tif", date="_%Y%m")
