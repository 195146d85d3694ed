"""Sites as campaigns read them: from events, without geopandas, refused where they are unclear."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from shoeroot.campaign import read_sites
from shoeroot.errors import SiteError


def test_sites_are_read_with_their_epochs_and_normals(site, write_sites):
    normals = [(10.0 + month, 50.0) for month in range(12)]
    folder = write_sites(
        site("Oakland", built={2000: 1e7, 2020: 2e7}, normals=normals),
        site("Boulder", built={2020: 4e6}),
    )

    sites = read_sites(folder)

    assert sites.ids.tolist() == [11, 13]
    assert sites.names.tolist() == ["Oakland", "Boulder"]
    assert sites.population.tolist() == [400_000, 100_000]
    np.testing.assert_array_equal(sites.built[2000], [1e7, np.nan])
    np.testing.assert_array_equal(sites.built[2020], [2e7, 4e6])
    assert sites.normals[0, :, 0].tolist() == [mean for mean, _ in normals]
    assert np.isnan(sites.normals[1]).all()


def test_the_settings_that_sites_were_built_by_lead_to_them(california_and_colorado, tmp_path):
    (tmp_path / "sites.toml").write_text('population = "POP.tif"\noutput = "sites"\n')

    assert len(read_sites(tmp_path / "sites.toml")) == 3


def test_places_are_chosen_by_name_or_id(california_and_colorado):
    sites = read_sites(california_and_colorado, places=["Boulder", 11])

    assert sites.names.tolist() == ["Oakland", "Boulder"]


def test_a_level_is_written_with_a_space_or_an_underscore(site, write_sites):
    folder = write_sites(
        site("Oakland", level="urban centre"), site("Boulder", level="urban_cluster")
    )

    assert read_sites(folder, level="urban_centre").names.tolist() == ["Oakland"]
    assert read_sites(folder, level="urban cluster").names.tolist() == ["Boulder"]


def test_levels_are_not_mixed_since_one_lies_in_the_other(site, write_sites):
    folder = write_sites(site("Oakland"), site("Boulder", level="urban_cluster"))

    with pytest.raises(SiteError, match="counted twice") as raised:
        read_sites(folder)

    assert 'level = "urban_centre"' in raised.value.hint


@pytest.mark.parametrize(
    ("chosen", "message", "hint"),
    [
        ({"level": "urban_center"}, "no site is of the level", "urban_centre"),
        ({"places": ["Okland"]}, "no site 'Okland'", "'Oakland'"),
    ],
)
def test_what_is_not_there_is_told_with_the_nearest(california_and_colorado, chosen, message, hint):
    with pytest.raises(SiteError, match=message) as raised:
        read_sites(california_and_colorado, **chosen)

    assert hint in raised.value.hint


def test_a_missing_an_empty_and_a_wrong_folder_are_refused(tmp_path, campaign):
    (tmp_path / "empty").mkdir()

    with pytest.raises(SiteError, match="no such file or folder") as raised:
        read_sites(tmp_path / "sites")
    assert "`shoeroot sites build`" in raised.value.hint
    with pytest.raises(SiteError, match="cannot be read"):
        read_sites(tmp_path / "empty")
    with pytest.raises(SiteError, match="cannot be read"):
        read_sites(campaign.folder)


def test_sites_nowhere_on_earth_or_twice_are_refused(site, write_sites):
    with pytest.raises(SiteError, match="nowhere on Earth: Oakland"):
        read_sites(write_sites(site("Oakland", lat=float("nan"))))
    with pytest.raises(SiteError, match="2 sites have the id 11"):
        read_sites(write_sites(site("Oakland"), site("Boulder", event_id=11), name="twice"))


def test_geopandas_is_not_needed(california_and_colorado):
    program = (
        "import sys\n"
        "for name in ('geopandas', 'rasterio', 'shapely', 'pyproj', 'exactextract'):\n"
        "    sys.modules[name] = None\n"
        "from shoeroot.campaign import read_catalogue, read_sites, match_weather\n"
        f"sites = read_sites({str(california_and_colorado)!r})\n"
        "print(len(match_weather(sites, read_catalogue(None))))\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stdout.strip() == "3", done.stderr
