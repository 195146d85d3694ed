"""Parameters without effect, found by the hashes of real models before any is simulated."""

from __future__ import annotations

import numpy as np
import pytest

from shoeroot.building import build_model
from shoeroot.campaign import sample_designs
from shoeroot.campaign.prepare import read_catalogue
from shoeroot.design import CLIMATE_ZONES, Schema, find_duplicates, product
from shoeroot.design.vocabulary import SCHEDULE_OPERATIONS

SCHEMA = Schema()


@pytest.fixture(scope="module")
def catalogue(engine):
    return read_catalogue(None, engine)


@pytest.fixture
def base(library, catalogue):
    """One house of the 1950s."""
    design = sample_designs(1, library=library, weather=catalogue, seed=1)
    SCHEMA.update_storage_batch(design, parameter="vintage", value=1955)
    return design


@pytest.fixture
def hashes_of(library, catalogue):
    """What to call for the hashes of designs' models and weather."""

    def hash_of(design) -> tuple[str, str]:
        numbers = ("program_type", "vintage", "climate_zone", "base_epw")
        program, vintage, zone, epw = (
            SCHEMA[name].extract_storage_values(design) for name in numbers
        )
        template = library.select(int(program), vintage, CLIMATE_ZONES[int(zone)])
        weather = catalogue[int(epw)]
        return build_model(SCHEMA, design, template, weather).hash, weather.sha256

    return lambda batch: [hash_of(design) for design in batch]


def test_years_within_one_vintage_of_the_templates_are_the_same_house(base, hashes_of):
    batch = product(SCHEMA, base, {"vintage": [1950, 1960, 1990]})

    (found,) = find_duplicates(SCHEMA, batch, hashes_of(batch))

    assert found.rows == (0, 1)
    assert found.inert == ("vintage",)


def test_seed_without_random_numbers_and_width_without_pulses_do_nothing(base, hashes_of):
    batch = np.repeat(base, 2, axis=0)
    SCHEMA.update_storage_batch(batch, parameter="schedules_seed", value=[1, 2])
    width = SCHEMA["schedules"].start_storage + SCHEDULE_OPERATIONS.index("pulse_width")
    batch[1, width] = 8

    (found,) = find_duplicates(SCHEMA, batch, hashes_of(batch))

    assert found.columns == (
        "schedules_seed",
        "schedules.EquipmentAvailabilitySchedule.pulse_width",
    )


def test_what_changes_the_model_is_not_inert(base, hashes_of):
    batch = product(SCHEMA, base, {"wwr": [0.2, 0.3]}, {"FacadeRValue": [2.0, 3.0]})

    assert find_duplicates(SCHEMA, batch, hashes_of(batch)) == ()
