"""Designs of archetypes: balanced over vintages, complete, reproducible."""

from __future__ import annotations

import numpy as np
import pytest

from shoeroot import Schema
from shoeroot.building import apply_design, read_weather
from shoeroot.campaign import sample_designs
from shoeroot.design import CLIMATE_ZONES

SCHEMA = Schema()


@pytest.fixture(scope="module")
def weather(engine):
    return [read_weather(path) for path in sorted(engine.weather_folder.glob("*.epw"))]


@pytest.fixture(scope="module")
def designs(library, weather):
    return sample_designs(80, library=library, weather=weather, seed=5)


def column(designs, name):
    return SCHEMA[name].extract_storage_values_batch(designs)[:, 0]


def test_vintages_share_box_program_and_climate(designs):
    names = ["width", "wwr", "orientation", "program_type", "climate_zone", "base_epw"]
    for name in names:
        by_vintage = column(designs, name).reshape(-1, 4)
        assert (by_vintage == by_vintage[:, :1]).all(), name
    bins = np.digitize(column(designs, "vintage"), [1940, 1980, 2004]).reshape(-1, 4)
    assert (bins == [0, 1, 2, 3]).all()


def test_every_program_meets_every_climate(designs):
    pairs = set(zip(column(designs, "program_type"), column(designs, "base_epw"), strict=True))

    assert len(pairs) == 4 * 5


def test_the_climate_zone_is_that_of_the_weather_file(designs, weather):
    for zone, epw in zip(column(designs, "climate_zone"), column(designs, "base_epw"), strict=True):
        assert CLIMATE_ZONES[int(zone)] == weather[int(epw)].climate_zone


def test_every_value_is_within_its_range_and_every_model_can_be_built(designs, library):
    SCHEMA.check_batch(designs)
    for parameter in SCHEMA:
        values = parameter.extract_storage_values_batch(designs)
        np.testing.assert_array_equal(values, parameter.clip(values), parameter.name)
    for vector in designs:
        numbers = (int(vector[2]), vector[3], CLIMATE_ZONES[int(vector[4])])
        shoebox = apply_design(SCHEMA, vector, library.select(*numbers))
        assert shoebox.box.depth > 0


def test_the_same_seed_samples_the_same_designs(designs, library, weather):
    again = sample_designs(80, library=library, weather=weather, seed=5)
    other = sample_designs(80, library=library, weather=weather, seed=6)

    np.testing.assert_array_equal(again, designs)
    assert (column(other, "width") != column(designs, "width")).any()


def test_programs_without_an_older_class_get_other_vintages(weather):
    from shoeroot.campaign.shipped import shipped_library

    library = shipped_library()
    designs = sample_designs(80, library=library, weather=weather[:1], seed=5)

    places = [column(designs, name) for name in ("program_type", "vintage", "climate_zone")]
    found = [
        library.select(int(program), vintage, int(zone)).name
        for program, vintage, zone in zip(*places, strict=True)
    ]
    assert column(designs, "program_type").max() == 18
    for first in range(0, len(found), 4):
        assert len(set(found[first : first + 4])) == 4
