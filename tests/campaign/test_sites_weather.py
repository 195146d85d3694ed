"""The weather of a site: the nearest station by the geodesic, and whether the climate suits."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from shoeroot.building import read_weather
from shoeroot.campaign import (
    match_weather,
    nearest_files,
    read_catalogue,
    read_sites,
    site_weights,
    weather_shares,
)
from shoeroot.campaign.site_climate import ashrae_zones, degree_days, zones_of_koppen
from shoeroot.campaign.site_weather import distances_km
from shoeroot.design import CLIMATE_ZONES
from shoeroot.errors import ConfigError, SiteError, WeatherError

DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def test_distances_are_those_of_the_geodesic():
    pyproj = pytest.importorskip("pyproj")
    generator = np.random.default_rng(7)
    lon, to_lon = generator.uniform(-180, 180, (2, 2000))
    lat, to_lat = np.degrees(np.arcsin(generator.uniform(-1, 1, (2, 2000))))
    # Neighbours, points on the other side of the antimeridian, poles, and the same point.
    lon[:500], to_lon[:500], to_lat[:500] = 179.9, -179.9, lat[:500] + 0.1
    lat[500:600], to_lat[600:700] = 90.0, -90.0
    to_lon[700:800], to_lat[700:800] = lon[700:800], lat[700:800]
    to_lat = np.clip(to_lat, -90, 90)

    found = distances_km(lon, lat, to_lon, to_lat)

    geodesic = pyproj.Geod(ellps="WGS84").inv(lon, lat, to_lon, to_lat)[2] / 1000
    usual = geodesic < 19_500
    np.testing.assert_allclose(found[usual], geodesic[usual], rtol=6e-5, atol=1e-6)
    np.testing.assert_allclose(found, geodesic, rtol=2e-3, atol=1e-6)


def test_each_site_has_the_nearest_station(california_and_colorado, engine):
    catalogue = read_catalogue(None, engine)

    match = match_weather(california_and_colorado, catalogue)

    assert match["site"].tolist() == [11, 12, 13]
    cities = [catalogue[place].city for place in match["weather"]]
    assert ["Francisco" in cities[0], "Francisco" in cities[1], "Golden" in cities[2]] == [True] * 3
    np.testing.assert_allclose(match["distance_km"], [23.1, 56, 32], atol=1)
    assert match["weather_zone"].tolist() == ["3C", "3C", "5B"]
    assert match["agrees"].tolist() == [True, True, True]


def test_a_climate_that_does_not_suit_or_is_not_known_is_told(site, write_sites, engine):
    folder = write_sites(
        site("Oakland", koppen="Dfb"), site("San Jose", koppen=""), site("Boulder", koppen="Xyz")
    )

    match = match_weather(folder, read_catalogue(None, engine))

    assert match["agrees"].tolist()[0] is False
    assert match["agrees"].isna().tolist() == [False, True, True]


def test_normals_of_a_site_count_more_than_its_class(site, write_sites, engine):
    # Monthly means of the weather file of San Francisco's airport, and its dry summers.
    mean = (10.1, 11.3, 12.3, 13.4, 14.6, 16.0, 16.8, 17.1, 17.6, 16.0, 12.9, 10.2)
    rain = (110, 100, 80, 30, 10, 3, 0, 1, 5, 25, 60, 100)
    normals = list(zip(mean, rain, strict=True))
    folder = write_sites(site("Oakland", koppen="Dfb", normals=normals))

    match = match_weather(folder, read_catalogue(None, engine))

    assert match["site_zone"].tolist() == ["3C"]
    assert match["agrees"].tolist() == [True]


def test_degree_days_are_those_of_the_weather_files(engine):
    for path in engine.weather_folder.glob("*.epw"):
        month, hourly = np.loadtxt(
            path, delimiter=",", skiprows=8, usecols=(1, 6), encoding="latin-1", unpack=True
        )
        daily = hourly.reshape(-1, 24).mean(axis=1)
        of_month = month[::24].astype(int)
        monthly = np.array([daily[of_month == one].mean() for one in range(1, 13)])

        cooling, heating = degree_days(monthly)

        assert cooling == pytest.approx(np.maximum(daily - 10, 0).sum(), abs=110)
        assert heating == pytest.approx(np.maximum(18 - daily, 0).sum(), abs=110)


@pytest.mark.parametrize(
    ("mean", "swing", "rain", "zone"),
    [
        # Rounded normals: mean of the year, half of the difference of the extreme months.
        (28.0, 2.0, 120, "0A"),  # Singapore
        (24.0, 9.0, 15, "1B"),
        (20.5, 8.5, 110, "2A"),  # Houston
        (17.0, 11.0, 110, "3A"),
        (10.5, 7.5, 70, "4A"),  # Brussels
        (9.5, 13.0, 80, "5A"),  # Chicago
        (10.0, 12.0, 25, "5B"),
        (3.0, 15.0, 60, "7"),
        (-3.0, 20.0, 25, "8"),
    ],
)
def test_zones_of_normals(mean, swing, rain, zone):
    months = np.arange(12)
    temperature = mean - swing * np.cos(2 * np.pi * months / 12)
    normals = np.stack([temperature, np.full(12, rain)], axis=1)

    assert ashrae_zones(normals[None], np.array([45.0])) == [zone]


def test_seasons_turn_around_in_the_south():
    months = np.arange(12)
    temperature = 14 - 4 * np.cos(2 * np.pi * months / 12)
    rain = np.where((months < 3) | (months > 8), 100.0, 10.0)
    north = np.stack([temperature, rain], axis=1)
    south = np.roll(north, 6, axis=0)

    assert ashrae_zones(np.stack([north, south]), np.array([40.0, -40.0])) == ["3C", "3C"]
    assert ashrae_zones(south[None], np.array([40.0])) != ["3C"]


def test_normals_that_lack_a_month_give_no_zone():
    normals = np.full((1, 12, 2), 10.0)
    normals[0, 3, 0] = np.nan

    assert ashrae_zones(normals, np.array([50.0])) == [""]


def test_without_precipitation_a_zone_is_a_number(site, write_sites, engine):
    mean = (10.1, 11.3, 12.3, 13.4, 14.6, 16.0, 16.8, 17.1, 17.6, 16.0, 12.9, 10.2)
    folder = write_sites(
        site("Oakland", normals=[(one, float("nan")) for one in mean]),
        site("Boulder", normals=[(one, float("nan")) for one in mean]),
    )

    match = match_weather(folder, read_catalogue(None, engine))

    assert match["site_zone"].tolist() == ["3", "3"]
    assert match["agrees"].tolist() == [True, False]


def test_every_class_that_sites_may_have_is_known():
    from shoeroot.sites import KOPPEN_CLASSES

    assert all(zones_of_koppen(name) for name in KOPPEN_CLASSES.values())


def test_every_zone_is_typical_of_some_class():
    classes = [f"{one}" for one in ("Af", "Aw", "BWh", "BSk", "Cfa", "Csa", "Csb", "Cfb", "Cfc")]
    classes += ["Dfa", "Dfb", "Dfc", "Dsa", "ET"]

    typical = {zone for one in classes for zone in zones_of_koppen(one)}

    assert typical == set(CLIMATE_ZONES)
    assert zones_of_koppen("Cfb ") == zones_of_koppen("Cfb")


def test_a_limit_refuses_far_sites_by_name(california_and_colorado, site, write_sites, engine):
    catalogue = read_catalogue(None, engine)

    with pytest.raises(SiteError, match=r"2 of 3 sites .* 30 km .*: San Jose, Boulder"):
        match_weather(california_and_colorado, catalogue, max_distance=30)

    far = write_sites(site("Brussels", lon=4.35, lat=50.85), name="far")
    assert match_weather(far, catalogue)["distance_km"][0] > 5000


def test_no_weather_at_all_is_refused(california_and_colorado):
    with pytest.raises(WeatherError, match="no weather file"):
        match_weather(california_and_colorado, [])
    with pytest.raises(WeatherError, match="no weather file"):
        nearest_files(california_and_colorado, [])


def test_of_many_files_the_nearest_are_found_by_their_first_line(
    california_and_colorado, engine, tmp_path
):
    files = sorted(engine.weather_folder.glob("*.epw"))
    folder = tmp_path / "weather"
    folder.mkdir()
    for path in files:
        with path.open(encoding="latin-1") as source:
            (folder / path.name).write_text(source.readline())

    found = nearest_files(california_and_colorado, folder.glob("*.epw"))

    assert [path.name.split("_")[2].split(".")[0] for path in found] == ["San", "Golden-NREL"]
    shutil.copy(__file__, folder / "wrong.epw")
    with pytest.raises(WeatherError, match="not an EPW file"):
        nearest_files(california_and_colorado, folder.glob("*.epw"))


def test_weights_are_people_or_the_newest_built_up_surface(site, write_sites):
    folder = write_sites(
        site("Oakland", built={2000: 1e7, 2020: 2e7}), site("Boulder", built={2000: 1e6, 2020: 4e6})
    )

    assert site_weights(folder).tolist() == [400_000, 100_000]
    assert site_weights(folder, "built").tolist() == [2e7, 4e6]
    assert site_weights(folder, "built", epoch=2000).tolist() == [1e7, 1e6]


def test_weights_that_are_not_there_are_refused(site, write_sites, california_and_colorado):
    some = write_sites(site("Oakland", built={2020: 1e7}), site("Boulder"), name="some")
    nobody = write_sites(site("Oakland", population=0.0), name="nobody")

    with pytest.raises(SiteError, match="no built-up surface"):
        site_weights(california_and_colorado, "built")
    with pytest.raises(SiteError, match="not all sites have a built-up surface: Boulder"):
        site_weights(some, "built")
    with pytest.raises(SiteError, match="no built-up surface of 1990") as raised:
        site_weights(some, "built", epoch=1990)
    assert "2020" in raised.value.hint
    with pytest.raises(SiteError, match="population of 0"):
        site_weights(nobody)
    with pytest.raises(ConfigError, match="no weights 'people'"):
        site_weights(california_and_colorado, "people")


def test_shares_follow_weights_to_a_power():
    weather, weights = [0, 0, 2], [3.0, 6.0, 1.0]

    np.testing.assert_allclose(weather_shares(weather, weights, 4), [0.9, 0, 0.1, 0])
    np.testing.assert_allclose(weather_shares(weather, weights, 4, power=0.5), [0.75, 0, 0.25, 0])
    np.testing.assert_allclose(weather_shares(weather, weights, 4, power=0), [0.5, 0, 0.5, 0])


def test_a_table_of_sites_is_taken_as_it_is(california_and_colorado, engine):
    catalogue = [read_weather(path) for path in sorted(engine.weather_folder.glob("*.epw"))]
    sites = read_sites(california_and_colorado, places=["Boulder"])

    match = match_weather(sites, catalogue)

    assert match["name"].tolist() == ["Boulder"]
