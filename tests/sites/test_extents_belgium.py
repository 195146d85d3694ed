"""Belgium in 2020 by the rasters of the Global Human Settlement Layer, beside published figures."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from scipy import ndimage

from shoeroot.sites import (
    classify_units,
    read_grid,
    settlement_classes,
    urban_extents,
    urban_extents_by_window,
)

# Longitude and latitude of town halls.
CITIES = {
    "Brussels": (4.352, 50.847),
    "Antwerp": (4.400, 51.221),
    "Ghent": (3.725, 51.054),
    "Charleroi": (4.444, 50.412),
    "Liege": (5.574, 50.645),
    "Lille": (3.070, 50.631),
    "Luxembourg": (6.130, 49.612),
}


@pytest.fixture(scope="module")
def surfaces(belgium):
    return {"built": read_grid(belgium / "BUILT_S.tif"), "land": read_grid(belgium / "LAND.tif")}


@pytest.fixture(scope="module")
def as_published(belgian_people, surfaces):
    """Urban centres as in the GHSL Data Package 2023: cells built-up by 20 % belong."""
    return urban_extents(belgian_people, **surfaces, built_share=0.2)


def population_of(extents, city):
    table = extents.table.to_crs("EPSG:4326")
    (found,) = np.flatnonzero(shapely.contains_xy(table.geometry.to_numpy(), *CITIES[city]))
    return table["population"].iloc[found]


def test_there_are_as_many_centres_as_in_the_published_map(as_published):
    # The article on data releases in the documentation of flexurba 0.2.3 counts 31 distinct ones
    # in this window without its margin of 5 km: patches of the map, whose cells touch at corners.
    inside = as_published.labels[5:-5, 5:-5] > 0

    assert ndimage.label(inside, structure=np.ones((3, 3)))[1] == 31


def test_a_lower_built_up_share_brings_towns_of_factories(belgian_people, surfaces, as_published):
    # The same article: with 20 % and not 50 % Roeselare is an urban centre, and Antwerp has its
    # port.
    half = urban_extents(belgian_people, **surfaces, built_share=0.5)
    roeselare = (3.125, 50.944)

    def has_roeselare(extents):
        table = extents.table.to_crs("EPSG:4326")
        return bool(shapely.contains_xy(table.geometry.to_numpy(), *roeselare).any())

    assert not has_roeselare(half)
    assert has_roeselare(as_published)
    assert population_of(as_published, "Antwerp") > 1.1 * population_of(half, "Antwerp")


def test_large_cities_are_of_their_size(as_published):
    # People of the communes in 2019 (of Brussels, those of its region), and of the metropolitan
    # areas, rounded, from Wikipedia's "Metropolitan areas in Belgium": a centre lies between.
    known = {
        "Brussels": (1.2e6, 1.8e6),
        "Antwerp": (526_000, 1.2e6),
        "Liege": (197_000, 634_000),
        "Ghent": (262_000, 416_000),
        "Charleroi": (202_000, 404_000),
    }
    for city, (commune, area) in known.items():
        # Some people of a commune live outside its urban centre: a tenth of those of Ghent.
        assert 0.9 * commune < population_of(as_published, city) < area, city


def test_both_rules_find_the_large_cities(belgian_people, surfaces):
    degurba = urban_extents(belgian_people, land=surfaces["land"])
    gost = urban_extents(belgian_people, rule="gost")

    for city in CITIES:
        assert population_of(gost, city) == pytest.approx(population_of(degurba, city), rel=0.3)


def test_cells_of_the_country_have_all_classes(belgian_people, surfaces):
    classes = settlement_classes(belgian_people, **surfaces, built_share=0.2)

    found, cells = np.unique(classes.values, return_counts=True)
    assert found.tolist() == [10, 11, 12, 13, 21, 22, 23, 30]
    assert cells.sum() == classes.values.size
    people = np.where(belgian_people.valid, belgian_people.values, 0)
    assert people[classes.values == 10].sum() == 0
    urban = people[classes.values >= 21].sum() / people.sum()
    assert 0.7 < urban < 0.85


def test_communes_are_cities_towns_and_rural(belgian_people, surfaces, communes):
    classes = settlement_classes(belgian_people, **surfaces, built_share=0.2)

    table = classify_units(communes, classes, belgian_people).set_index(communes["name"])

    assert len(table) == 581
    for city in ("Brussel", "Antwerpen", "Gent", "Charleroi", "Luik"):
        assert table.loc[city, "class"] == "city", city
    assert set(table["class"]) == {"city", "town", "rural"}
    assert table["population"].sum() == pytest.approx(11.5e6, rel=0.03)


def test_windows_find_the_same(belgium, belgian_people, surfaces, as_published):
    files = {"built": belgium / "BUILT_S.tif", "land": belgium / "LAND.tif"}

    table = urban_extents_by_window(belgium / "POP.tif", **files, built_share=0.2, window_rows=50)

    assert table.drop(columns="geometry").equals(as_published.table.drop(columns="geometry"))
    assert table.geometry.tolist() == as_published.table.geometry.tolist()
