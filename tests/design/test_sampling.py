"""Drawing designs: normal, uniform, Latin hypercubes, Sobol sequences; all from one seed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from shoeroot.design import (
    Schema,
    sample_latin_hypercube,
    sample_normal,
    sample_sobol,
    sample_uniform,
)
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


def test_report_tells_how_many_values_were_clipped():
    drawn, clipped = sample_normal(SCHEMA, 1000, ["shading_fact", "vintage"], seed=1, report=True)

    at_the_ends = np.isin(drawn["shading_fact"], [0, 1])
    assert clipped["shading_fact"] == np.count_nonzero(at_the_ends) > 300
    assert list(clipped) == list(drawn) == ["shading_fact", "vintage"]


def test_report_leaves_the_values_as_they_are():
    drawn, _ = sample_normal(SCHEMA, 20, ["width"], seed=1, report=True)

    np.testing.assert_array_equal(
        drawn["width"], sample_normal(SCHEMA, 20, ["width"], seed=1)["width"]
    )


# All ways to draw

WAYS = [sample_uniform, sample_latin_hypercube, sample_sobol]
NAMES = ["width", "orientation", "WindowSettings"]


@pytest.mark.parametrize("sample", WAYS)
def test_values_fill_their_range(sample):
    drawn = sample(SCHEMA, 512, NAMES, seed=1)

    window = SCHEMA["WindowSettings"]
    assert {name: values.shape for name, values in drawn.items()} == {
        "width": (512, 1),
        "orientation": (512, 1),
        "WindowSettings": (512, 3),
    }
    np.testing.assert_allclose(
        window.normalize(drawn["WindowSettings"]).mean(axis=0), 0.5, atol=0.05
    )
    assert 3 <= drawn["width"].min() < 3.2
    assert 11.8 < drawn["width"].max() <= 12
    _, counts = np.unique(drawn["orientation"], return_counts=True)
    np.testing.assert_allclose(counts, [128] * 4, atol=40)


@pytest.mark.parametrize("sample", WAYS)
def test_parameters_do_not_follow_each_other(sample):
    drawn = sample(SCHEMA, 512, ["width", "height"], seed=1)

    correlation = np.corrcoef(drawn["width"][:, 0], drawn["height"][:, 0])[0, 1]

    assert abs(correlation) < 4 / np.sqrt(512)


@pytest.mark.parametrize("sample", [sample_uniform, sample_latin_hypercube])
def test_calls_with_one_seed_are_independent_of_each_other(sample):
    width = sample(SCHEMA, 512, ["width"], seed=1)["width"][:, 0]
    height = sample(SCHEMA, 512, ["height"], seed=1)["height"][:, 0]

    assert abs(np.corrcoef(width, height)[0, 1]) < 4 / np.sqrt(512)


@pytest.mark.parametrize("sample", WAYS)
def test_seed_decides(sample):
    first, again, other = (sample(SCHEMA, 9, NAMES, seed=seed) for seed in (5, 5, 6))

    np.testing.assert_array_equal(first["WindowSettings"], again["WindowSettings"])
    assert (first["WindowSettings"] != other["WindowSettings"]).any()


@pytest.mark.parametrize("sample", WAYS)
def test_sampled_designs_pass_the_checks(sample):
    batch = SCHEMA.generate_empty_storage_batch(9)

    clipped = SCHEMA.fill_storage_batch(batch, sample(SCHEMA, 9, NAMES, seed=5))

    SCHEMA.check_batch(batch)
    assert clipped == {"width": 0, "orientation": 0, "WindowSettings": 0}


@pytest.mark.parametrize("sample", WAYS)
def test_bad_requests_are_refused(sample):
    with pytest.raises(DesignError, match="did you mean 'width'"):
        sample(SCHEMA, 9, ["widht"], seed=5)
    with pytest.raises(DesignError, match="base_epw has neither a range nor categories"):
        sample(SCHEMA, 9, ["base_epw"], seed=5)
    with pytest.raises(DesignError, match="0 designs"):
        sample(SCHEMA, 0, ["width"], seed=5)
    with pytest.raises(DesignError, match="-1 cannot seed"):
        sample(SCHEMA, 9, ["width"], seed=-1)
    assert sample(SCHEMA, 9, [], seed=5) == {}


# Uniform


def test_more_uniform_designs_begin_with_those_of_fewer():
    few = sample_uniform(SCHEMA, 10, ["width"], seed=1)["width"]
    many = sample_uniform(SCHEMA, 25, ["width"], seed=1)["width"]

    np.testing.assert_array_equal(many[:10], few)


def test_further_uniform_parameters_change_nothing_in_the_others():
    alone = sample_uniform(SCHEMA, 10, ["width"], seed=1)["width"]
    together = sample_uniform(SCHEMA, 10, ["height", "width"], seed=1)["width"]

    np.testing.assert_array_equal(alone, together)


# Latin hypercube


def test_each_part_of_the_range_holds_one_design():
    drawn = sample_latin_hypercube(SCHEMA, 40, ["width", "wwr"], seed=1)

    for name, values in drawn.items():
        strata = np.sort(np.floor(SCHEMA[name].normalize(values[:, 0]) * 40).astype(int))
        np.testing.assert_array_equal(strata, np.arange(40))


def test_latin_hypercube_may_be_normal():
    drawn, clipped = sample_latin_hypercube(
        SCHEMA, 1000, ["FacadeMass", "shading_fact"], seed=1, distribution="normal", report=True
    )

    assert drawn["FacadeMass"].mean() == pytest.approx(50_000, rel=0.01)
    assert clipped["shading_fact"] > 300


# Sobol


@pytest.mark.parametrize("ends", [(1, 16), (7, 8, 16), (8, 16), (3, 16)])
def test_sobol_sequence_is_extended_without_redoing_earlier_designs(ends):
    whole = sample_sobol(SCHEMA, 16, NAMES, seed=1)

    starts = (0, *ends[:-1])
    pieces = [
        sample_sobol(SCHEMA, end - start, NAMES, seed=1, start=start)
        for start, end in zip(starts, ends, strict=True)
    ]

    for name in NAMES:
        joined = np.concatenate([piece[name] for piece in pieces])
        np.testing.assert_array_equal(joined, whole[name])


def test_sobol_designs_are_spread_evenly():
    """Each of 16 x 16 fields of two parameters holds one of 256 designs."""
    drawn = sample_sobol(SCHEMA, 256, ["width", "wwr"], seed=1)

    x, y = (np.floor(SCHEMA[name].normalize(values[:, 0]) * 16) for name, values in drawn.items())
    assert len(np.unique(16 * x + y)) == 256


def test_sobol_may_be_normal():
    mass = sample_sobol(SCHEMA, 256, ["FacadeMass"], seed=1, distribution="normal")["FacadeMass"]

    assert mass.mean() == pytest.approx(50_000, rel=0.01)


def test_sobol_sequence_ends():
    with pytest.raises(DesignError, match="designs 1073741820 to 1073741830"):
        sample_sobol(SCHEMA, 10, ["width"], seed=1, start=2**30 - 4)


def test_sobol_sequence_starts_at_its_start():
    with pytest.raises(DesignError, match="designs -1 to 9"):
        sample_sobol(SCHEMA, 10, ["width"], seed=1, start=-1)


def test_unknown_distribution_is_refused():
    with pytest.raises(DesignError, match="no distribution 'gauss'"):
        sample_sobol(SCHEMA, 10, ["width"], seed=1, distribution="gauss")


def test_categories_have_no_normal_distribution():
    with pytest.raises(DesignError, match="orientation has no mean"):
        sample_sobol(SCHEMA, 10, ["orientation"], seed=1, distribution="normal")
