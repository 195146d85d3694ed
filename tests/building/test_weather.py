"""Weather files: the real ones are understood, damaged ones refused with file and line."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from shoeroot.building import find_weather, read_weather, weather_catalogue, weather_folders
from shoeroot.errors import WeatherError

#: The climate zone that each station's .stat file tells.
ZONES = {
    "San.Francisco": "3C",
    "Golden": "5B",
    "Tampa": "2A",
    "Chicago": "5A",
    "Sterling": "4A",
}


@pytest.fixture(scope="module")
def folder(engine) -> Path:
    return engine.weather_folder


@pytest.fixture(scope="module")
def chicago(folder) -> Path:
    return next(folder.glob("*Chicago*.epw"))


@pytest.fixture(scope="module")
def lines(chicago) -> list[str]:
    return chicago.read_text(encoding="latin-1").splitlines()


@pytest.fixture
def write(tmp_path):
    """Writes lines as a weather file."""

    def write(lines: list[str], encoding: str = "latin-1") -> Path:
        path = tmp_path / "Spoilt.epw"
        path.write_bytes("\r\n".join(lines).encode(encoding))
        return path

    return write


def with_value(lines: list[str], line: int, column: int, value: str) -> list[str]:
    """The lines with a word of one line (counted from 1) replaced."""
    words = lines[line - 1].split(",")
    words[column] = value
    return [*lines[: line - 1], ",".join(words), *lines[line:]]


# Real files


@pytest.mark.parametrize("city", ZONES)
def test_climate_zone_is_that_of_the_stat_file(folder, city):
    (path,) = folder.glob(f"*{city}*.epw")

    assert read_weather(path).climate_zone == ZONES[city]


def test_place_is_that_of_the_header(chicago):
    weather = read_weather(chicago)

    assert (weather.city, weather.station) == ("Chicago Ohare Intl Ap", "725300")
    assert (weather.latitude, weather.longitude) == (41.98, -87.92)
    assert (weather.time_zone, weather.elevation) == (-6.0, 201.0)
    assert weather.name == chicago.name


def test_ground_temperatures_are_those_of_the_greatest_depth(chicago):
    assert read_weather(chicago).ground_temperatures == (
        *(5.93, 3.80, 3.34, 3.98, 7.18, 10.62),
        *(13.78, 15.98, 16.49, 15.25, 12.51, 9.17),
    )


def test_ground_temperatures_may_be_missing(lines, write):
    path = write(["GROUND TEMPERATURES,0" if "GROUND" in line else line for line in lines])

    assert read_weather(path).ground_temperatures is None


def test_digest_is_that_of_the_bytes(chicago):
    assert read_weather(chicago).sha256 == hashlib.sha256(chicago.read_bytes()).hexdigest()


def test_station_in_the_table_needs_no_stat_file(lines, write):
    assert read_weather(write(with_value(lines, 1, 5, "722780"))).climate_zone == "2B"


def test_station_without_stat_file_and_table_has_no_zone(lines, write):
    assert read_weather(write(with_value(lines, 1, 5, "999999"))).climate_zone is None


def test_leap_year_is_a_year(lines, write):
    leap_day = [line.replace(",2,28,", ",2,29,", 1) for line in lines[8 + 58 * 24 : 8 + 59 * 24]]

    path = write([*lines[: 8 + 59 * 24], *leap_day, *lines[8 + 59 * 24 :]])

    assert read_weather(path).city == "Chicago Ohare Intl Ap"


def test_values_that_mean_missing_are_taken(lines, write):
    changed = with_value(with_value(lines, 20, 6, "99.9"), 30, 21, "999")

    assert read_weather(write(changed)).station == "725300"


def test_letters_beyond_ascii_do_not_break_lines(lines, write):
    # In UTF-8 the second byte of this letter means "next line" to Latin-1.
    path = write(with_value(lines, 1, 1, "Ålesund"), encoding="utf-8")

    assert read_weather(path).city == "Ålesund"


def test_file_that_was_changed_is_read_anew(lines, write):
    before = read_weather(write(lines))

    after = read_weather(write(with_value(lines, 1, 1, "Elsewhere on the lake")))

    assert before.city == "Chicago Ohare Intl Ap"
    assert after.city == "Elsewhere on the lake"


# Refusals


def refused(path: Path) -> WeatherError:
    with pytest.raises(WeatherError) as caught:
        read_weather(path)
    return caught.value


def test_missing_file_is_refused(tmp_path):
    error = refused(tmp_path / "nowhere.epw")

    assert error.where == str(tmp_path / "nowhere.epw")
    assert "cannot be read" in error.problem


@pytest.mark.parametrize("text", ["", "time,temperature\n0,5\n", "LOCATION,Chicago\n"])
def test_file_that_is_no_epw_is_refused(tmp_path, text):
    path = tmp_path / "Spoilt.epw"
    path.write_text(text)

    error = refused(path)

    assert "not an EPW file" in error.problem
    assert error.where == f"{path}, line 1"


def test_location_without_numbers_is_refused(lines, write):
    path = write(["LOCATION,Chicago,IL,USA", *lines[1:]])

    assert refused(path).where == f"{path}, line 1"


def test_file_cut_short_is_refused(lines, write):
    path = write(lines[:5000])

    error = refused(path)

    assert "4992 hours" in error.problem
    assert error.where == str(path)


def test_row_cut_short_is_refused(lines, write):
    path = write([*lines[:-1], lines[-1][:30]])

    assert refused(path).where == f"{path}, line 8768"


def test_garbage_is_refused_with_its_line(lines, write):
    path = write([*lines[:999], "garbage", *lines[1000:]])

    assert refused(path).where == f"{path}, line 1000"


@pytest.mark.parametrize("value", ["250", "-100", "nan"])
def test_dry_bulb_of_no_place_on_earth_is_refused_with_its_line(lines, write, value):
    path = write(with_value(lines, 1234, 6, value))

    error = refused(path)

    assert error.problem == f"dry bulb [degC] of {value} is implausible"
    assert error.where == f"{path}, line 1234"
    assert "-90 and 65" in error.hint


@pytest.mark.parametrize(
    ("column", "value", "name"),
    [
        (7, "80", "dew point"),
        (12, "-5", "infrared"),
        (12, "2000", "infrared"),
        (8, "180", "relative humidity"),
        (9, "1013", "pressure"),
        (14, "5000", "direct normal"),
        (15, "-3", "diffuse horizontal"),
        (21, "200", "wind speed"),
    ],
)
def test_other_implausible_values_are_refused(lines, write, column, value, name):
    error = refused(write(with_value(lines, 4000, column, value)))

    assert name in error.problem
    assert error.where.endswith("line 4000")


def test_hour_that_comes_twice_is_refused_with_its_line(lines, write):
    error = refused(write([*lines[:2000], lines[1999], *lines[2001:]]))

    assert error.problem == "month 3, day 24, hour 24 comes twice in the weather file"
    assert error.where.endswith("line 2001")
    assert "month 3, day 25, hour 1 should stand there" in error.hint


def test_hours_out_of_order_are_refused_with_their_line(lines, write):
    error = refused(write([*lines[:2000], lines[2001], lines[2000], *lines[2002:]]))

    assert "out of order" in error.problem
    assert error.where.endswith("line 2001")


def test_year_that_starts_in_july_is_refused(lines, write):
    error = refused(write([*lines[:8], *lines[4352:], *lines[8:4352]]))

    assert "out of order" in error.problem
    assert error.where.endswith("line 9")


@pytest.mark.parametrize("value", ["250", "garbage"])
def test_blank_lines_count_where_a_line_is_named(lines, write, value):
    path = write(with_value([*lines[:100], "", "  ", *lines[100:]], 1234, 6, value))

    assert refused(path).where == f"{path}, line 1234"


def test_every_file_that_comes_with_an_engine_is_taken():
    for path in weather_catalogue(weather_folders()).values():
        assert read_weather(path).sha256


# By name


def test_folders_start_with_the_engines(engine):
    folders = weather_folders(engine.weather_folder)

    assert folders[0] == engine.weather_folder
    assert len(folders) == len(set(folders))


def test_folder_that_does_not_exist_is_left_out(tmp_path):
    assert tmp_path / "nowhere" not in weather_folders(tmp_path / "nowhere")


def test_catalogue_has_the_files_by_name(folder, chicago):
    catalogue = weather_catalogue([folder])

    assert len(catalogue) >= 5
    assert catalogue[chicago.name] == chicago


def test_first_folder_wins(folder, chicago, tmp_path):
    (tmp_path / chicago.name).touch()

    assert weather_catalogue([tmp_path, folder])[chicago.name] == tmp_path / chicago.name


def test_file_is_found_by_its_path(chicago):
    assert find_weather(chicago, []) == chicago.resolve()


def test_path_is_taken_from_the_base(chicago):
    assert find_weather(chicago.name, [], base=chicago.parent) == chicago.resolve()


@pytest.mark.parametrize("shown", ["name", "stem"])
def test_file_is_found_by_its_name_with_and_without_suffix(folder, chicago, shown):
    assert find_weather(getattr(chicago, shown), [folder]) == chicago


def test_unknown_name_suggests_the_nearest(folder, chicago):
    with pytest.raises(WeatherError) as caught:
        find_weather(chicago.stem.replace("OHare", "O'Hare"), [folder])

    assert f"did you mean '{chicago.name}'" in caught.value.hint


def test_nothing_known_says_how_to_get_weather():
    with pytest.raises(WeatherError) as caught:
        find_weather("Chicago", [])

    assert 'pip install "shoeroot[engine]"' in caught.value.hint
