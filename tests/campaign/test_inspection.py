"""Designs looked at before they are simulated: duplicates, inert parameters, what cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from shoeroot import Schema
from shoeroot.campaign import inspect_designs, read_catalogue, sample_designs
from shoeroot.campaign.inspection import match_designs
from shoeroot.design import product
from shoeroot.errors import DesignError

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
def inspect(library, catalogue):
    def inspected(batch, **settings):
        matched = match_designs(SCHEMA, batch, library, catalogue)
        return inspect_designs(SCHEMA, batch, *matched, **settings)

    return inspected


def test_designs_with_the_same_model_are_found_and_their_inert_numbers_named(base, inspect):
    batch = product(SCHEMA, base, {"wwr": [0.2, 0.4]}, {"vintage": [1950, 1960]})

    found = inspect(batch)

    assert [one.rows for one in found.duplicates] == [(0, 1), (2, 3)]
    assert found.duplicates[0].columns == ("vintage",)
    assert found.duplicates[0].values == ((1950.0, 1960.0),)
    assert (len(found), found.different) == (4, 2)
    assert "designs 0, 1 lead to the same model: vintage = 1950, 1960 did nothing" in str(found)


def test_a_number_that_does_nothing_is_found_though_no_two_models_are_the_same(base, inspect):
    batch = np.repeat(base, 6, axis=0)
    SCHEMA.update_storage_batch(batch, parameter="wwr", value=np.linspace(0.1, 0.6, 6))
    SCHEMA.update_storage_batch(batch, parameter="schedules_seed", value=np.arange(6))

    found = inspect(batch)

    assert not found.duplicates
    assert [one.column for one in found.inert] == ["schedules_seed"]
    assert "schedules_seed (from 0 to 5; tried in 3 designs)" in str(found)


def test_a_seed_of_noise_is_not_inert(base, inspect):
    batch = np.repeat(base, 3, axis=0)
    noise = list(SCHEMA["schedules"].columns).index("schedules.OccupancySchedule.noise")
    batch[:, SCHEMA["schedules"].start_storage + noise] = 0.1
    SCHEMA.update_storage_batch(batch, parameter="schedules_seed", value=np.arange(3))

    found = inspect(batch)

    assert (found.inert, found.duplicates) == ((), ())


@pytest.mark.parametrize(
    "name", ["HeatingCoeffOfPerf", "CoolingCoeffOfPerf", "FlowRatePerFloorArea"]
)
def test_what_turns_heat_into_energy_is_not_inert(base, inspect, name):
    parameter = SCHEMA[name]
    batch = product(SCHEMA, base, {name: [parameter.min, parameter.max]})

    found = inspect(batch)

    assert (found.inert, found.duplicates) == ((), ())


def test_vintages_of_several_templates_are_not_inert(base, inspect):
    batch = product(SCHEMA, base, {"vintage": [1930, 1932, 1950, 1990]})

    found = inspect(batch)

    assert found.inert == ()
    assert [one.rows for one in found.duplicates] == [(0, 1)]


def test_designs_that_cannot_be_simulated_say_why(base, inspect):
    batch = product(SCHEMA, base, {"HeatingSetpoint": [18, 25]}, {"FacadeRValue": [2.0, 0.11]})
    SCHEMA.update_storage_batch(batch, parameter="CoolingSetpoint", value=22)

    found = inspect(batch)

    assert [one.row for one in found.invalid] == [1, 2, 3]
    low, warm = found.invalid[0], found.invalid[1]
    assert low.parameters == ("FacadeRValue",)
    assert set(warm.parameters) == {"HeatingSetpoint", "CoolingSetpoint"}
    assert "FacadeRValue = 0.11" in str(low)
    assert "25" in str(warm)
    assert "3 cannot be simulated" in str(found)
    assert found.as_dict()["invalid"][1]["row"] == 2


def test_long_reports_are_cut(base, inspect):
    batch = product(SCHEMA, base, {"wwr": np.linspace(0.1, 0.6, 12)}, {"schedules_seed": [1, 2]})

    found = inspect(batch, probes=0)

    assert len(found.duplicates) == 12
    assert "and 2 more" in str(found)
    assert found.inert == ()


def test_each_design_needs_its_template(base):
    with pytest.raises(DesignError, match="0 templates and 0 weathers do not fit 1 designs"):
        inspect_designs(SCHEMA, base, [], [])


def test_weather_beyond_the_catalogue_names_the_design(base, library, catalogue):
    SCHEMA.update_storage_batch(base, parameter="base_epw", value=9)

    with pytest.raises(DesignError, match="base_epw = 9 is not in the weather catalogue"):
        match_designs(SCHEMA, base, library, catalogue)
