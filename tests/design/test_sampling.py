"""Drawing designs: a Latin hypercube of normal distributions, clipped to the ranges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from shoeroot.design import Schema, sample_normal
from shoeroot.errors import DesignError

SCHEMA = Schema()


def test_each_stratum_holds_one_design():
    width = sample_normal(SCHEMA, 100, ["width"], seed=1)["width"][:, 0]

    # Two standard deviations below its mean the width is clipped: 2.3 of 100 designs.
    strata = np.sort(np.floor(100 * norm.cdf(width[width > 3] - 5)).astype(int))

    np.testing.assert_array_equal(strata, np.arange(strata[0], 100))
    assert strata[0] in (2, 3)


def test_each_element_of_a_window_is_spread():
    windows = sample_normal(SCHEMA, 50, ["WindowSettings"], seed=1)["WindowSettings"]
    shgc = (windows[:, 1] - 0.5) / 0.1

    bins = np.sort(np.floor(norm.cdf(shgc) * 50).astype(int))

    assert windows.shape == (50, 3)
    np.testing.assert_array_equal(bins, np.arange(50))


def test_moments_are_those_of_the_schema():
    mass = sample_normal(SCHEMA, 2000, ["FacadeMass"], seed=1)["FacadeMass"]

    assert mass.mean() == pytest.approx(50_000, rel=0.005)
    assert mass.std() == pytest.approx(20_000, rel=0.02)


def test_parameters_are_drawn_independently():
    drawn = sample_normal(SCHEMA, 2000, ["width", "FacadeMass"], seed=1)

    correlation = np.corrcoef(drawn["width"][:, 0], drawn["FacadeMass"][:, 0])[0, 1]

    assert abs(correlation) < 4 / np.sqrt(2000)


@pytest.mark.parametrize("name", ["shading_fact", "wwr", "CoolingSetpoint", "WindowSettings"])
def test_values_stay_within_the_range(name):
    values = sample_normal(SCHEMA, 500, [name], seed=1)[name]

    assert (values >= SCHEMA[name].min).all()
    assert (values <= SCHEMA[name].max).all()


def test_values_beyond_the_range_stand_at_its_ends():
    shading = sample_normal(SCHEMA, 1000, ["shading_fact"], seed=1)["shading_fact"]

    at_the_end = np.count_nonzero(shading == 0) / 1000

    assert at_the_end == pytest.approx(norm.cdf(-0.1 / 0.33), abs=0.002)


def test_values_fit_an_update_of_the_batch():
    batch = SCHEMA.generate_empty_storage_batch(7)

    for name, values in sample_normal(SCHEMA, 7, ["width", "WindowSettings"], seed=1).items():
        SCHEMA.update_storage_batch(batch, parameter=name, value=values)

    assert (batch[:, SCHEMA["width"].start_storage] >= 3).all()
    assert (batch[:, SCHEMA["WindowSettings"].slice_storage] > 0).all()


def test_same_seed_draws_the_same():
    first = sample_normal(SCHEMA, 20, ["width", "wwr"], seed=5)
    again = sample_normal(SCHEMA, 20, ["width", "wwr"], seed=5)

    np.testing.assert_array_equal(first["width"], again["width"])
    np.testing.assert_array_equal(first["wwr"], again["wwr"])


def test_another_seed_draws_others():
    first = sample_normal(SCHEMA, 20, ["width"], seed=5)
    other = sample_normal(SCHEMA, 20, ["width"], seed=6)

    assert (first["width"] != other["width"]).any()


def test_no_names_draw_nothing():
    assert sample_normal(SCHEMA, 20, [], seed=5) == {}


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(DesignError, match="did you mean 'width'"):
        sample_normal(SCHEMA, 20, ["widht"], seed=5)


@pytest.mark.parametrize("name", ["orientation", "batch_id", "schedules"])
def test_parameter_without_a_distribution_is_refused(name):
    with pytest.raises(DesignError, match=f"{name} has no mean and standard deviation"):
        sample_normal(SCHEMA, 20, [name], seed=5)


@pytest.mark.parametrize("count", [0, -3])
def test_count_below_one_is_refused(count):
    with pytest.raises(DesignError, match=f"{count} designs"):
        sample_normal(SCHEMA, count, ["width"], seed=5)
