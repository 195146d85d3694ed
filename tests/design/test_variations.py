"""Designs from others: grids, products of variations, perturbations, and designs without effect."""

from __future__ import annotations

import numpy as np
import pytest

from shoeroot.design import (
    Schema,
    find_duplicates,
    perturb,
    product,
    sample_grid,
    sample_normal,
)
from shoeroot.errors import DesignError

SCHEMA = Schema()


@pytest.fixture
def base():
    """Two designs of 5 m and 6 m width."""
    batch = SCHEMA.generate_empty_storage_batch(2)
    SCHEMA.update_storage_batch(batch, parameter="width", value=[5.0, 6.0])
    return batch


def column(batch, name) -> list:
    return batch[:, SCHEMA[name].start_storage].tolist()


# Grids


def test_grid_combines_all_values_with_each_other():
    grid = sample_grid(SCHEMA, {"orientation": [0, 2], "width": [4, 5, 6]})

    assert grid["orientation"].ravel().tolist() == [0, 0, 0, 2, 2, 2]
    assert grid["width"].ravel().tolist() == [4, 5, 6, 4, 5, 6]


def test_number_of_values_is_spread_over_the_range():
    grid = sample_grid(SCHEMA, {"wwr": 3, "width": 1, "orientation": 4})

    assert np.unique(grid["wwr"]).tolist() == pytest.approx([0.05, 0.475, 0.9])
    assert np.unique(grid["width"]).tolist() == [7.5]
    assert np.unique(grid["orientation"]).tolist() == [0, 1, 2, 3]


def test_windows_stand_on_a_grid_as_a_whole():
    grid = sample_grid(SCHEMA, {"WindowSettings": [[1.2, 0.4, 0.6], [2.8, 0.7, 0.8]], "wwr": 2})

    assert grid["WindowSettings"].shape == (4, 3)
    assert grid["WindowSettings"][:, 0].tolist() == [1.2, 1.2, 2.8, 2.8]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"width": [4, 13]}, "width = 13 is outside its range"),
        ({"orientation": [0, 4]}, "orientation = 4 is outside"),
        ({"orientation": 5}, "orientation = 4 is outside"),
        ({"wwr": [np.nan]}, "wwr = nan is outside"),
        ({"width": 0}, "0 values of width"),
        ({"batch_id": 3}, "3 values of batch_id"),
        ({"width": []}, "are no values of width"),
        ({"width": ["wide"]}, "are no values of width"),
        ({"WindowSettings": [1.2, 0.4, 0.6]}, "are no values of WindowSettings"),
        ({"widht": 3}, "no parameter 'widht'"),
        ({"width": 10**5, "height": 10**5}, "a grid of 10000000000 designs"),
    ],
)
def test_grid_that_cannot_be_is_refused(values, problem):
    with pytest.raises(DesignError, match=problem):
        sample_grid(SCHEMA, values)


def test_value_outside_its_range_is_named():
    with pytest.raises(DesignError) as caught:
        sample_grid(SCHEMA, {"width": [4, 5, 13]})

    assert caught.value.where == "value 2 of width"
    assert "between 3 and 12" in caught.value.hint


# Products


def test_each_design_gets_all_variations(base):
    batch = product(SCHEMA, base, {"orientation": range(4)}, {"wwr": [0.2, 0.3], "height": [3, 4]})

    assert batch.shape == (2 * 4 * 2, 90)
    assert column(batch, "width") == [5.0] * 8 + [6.0] * 8
    assert column(batch, "orientation") == [0, 0, 1, 1, 2, 2, 3, 3] * 2
    assert column(batch, "wwr") == [0.2, 0.3] * 8
    assert column(batch, "height") == [3, 4] * 8


def test_product_is_what_the_notebook_builds_by_hand():
    geometry = sample_normal(SCHEMA, 5, ["width", "wwr"], seed=1)
    by_hand = SCHEMA.generate_empty_storage_batch(1)
    by_hand = np.concatenate([by_hand for _ in range(4)], axis=0)
    SCHEMA.update_storage_batch(by_hand, parameter="orientation", value=np.arange(4).reshape(4, 1))
    by_hand = np.repeat(by_hand, 5, axis=0)
    for start in range(0, 20, 5):
        for name, values in geometry.items():
            SCHEMA.update_storage_batch(
                by_hand, index=(start, start + 5), parameter=name, value=values
            )

    one = SCHEMA.generate_empty_storage_batch(1)
    batch = product(SCHEMA, one, {"orientation": range(4)}, geometry)

    np.testing.assert_array_equal(batch, by_hand)


def test_product_reports_what_was_clipped(base):
    batch, clipped = product(SCHEMA, base, {"wwr": [0.2, 2.0]}, report=True)

    assert column(batch, "wwr") == [0.2, 0.9, 0.2, 0.9]
    assert clipped == {"wwr": 2}


def test_product_leaves_its_base_alone(base):
    before = base.copy()

    product(SCHEMA, base, {"width": [4.0]})

    np.testing.assert_array_equal(base, before)


def test_product_of_no_designs_is_empty():
    none = SCHEMA.generate_empty_storage_batch(0)
    variation = {"wwr": [0.1, 0.2], "WindowSettings": np.full((2, 3), 0.5)}

    assert product(SCHEMA, none, variation).shape == (0, 90)


@pytest.mark.parametrize("variation", [{"wwr": [0.2, 0.3], "height": [3]}, {}])
def test_variations_of_unequal_length_are_refused(base, variation):
    with pytest.raises(DesignError, match="as many values of each parameter"):
        product(SCHEMA, base, variation)


# Perturbations


def test_perturbed_designs_stay_close():
    batch = SCHEMA.generate_empty_storage_batch(500)
    SCHEMA.update_storage_batch(batch, parameter="width", value=5)

    shifted = perturb(SCHEMA, batch, {"width": 0.1}, seed=1)

    change = shifted[:, 6] - 5
    assert np.abs(change).max() <= 0.1
    assert np.abs(change).max() > 0.098
    assert abs(change.mean()) < 5 * 0.1 / np.sqrt(3 * 500)
    np.testing.assert_array_equal(np.delete(shifted, 6, axis=1), np.delete(batch, 6, axis=1))
    assert (batch[:, 6] == 5).all()


def test_window_is_perturbed_element_by_element(base):
    SCHEMA.update_storage_batch(base, parameter="WindowSettings", value=[2.0, 0.5, 0.6])

    shifted = perturb(SCHEMA, base, {"WindowSettings": [0.5, 0.0, 0.1]}, seed=1)

    windows = SCHEMA["WindowSettings"].extract_storage_values_batch(shifted)
    assert (windows[:, 1] == 0.5).all()
    assert (windows[:, [0, 2]] != [2.0, 0.6]).all()


def test_perturbation_reports_what_was_clipped(base):
    SCHEMA.update_storage_batch(base, parameter="width", value=3)
    many = np.repeat(base, 100, axis=0)

    shifted, clipped = perturb(SCHEMA, many, {"width": 0.1}, seed=1, report=True)

    assert clipped["width"] == np.count_nonzero(shifted[:, 6] == 3)
    assert 60 < clipped["width"] < 140


def test_same_seed_perturbs_the_same(base):
    first, again, other = (perturb(SCHEMA, base, {"width": 0.1}, seed=s) for s in (1, 1, 2))

    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize(
    ("amounts", "problem"),
    [
        ({"orientation": 1}, "orientation is not numeric"),
        ({"width": -0.1}, "cannot be shifted by up to -0.1"),
        ({"width": np.nan}, "cannot be shifted by up to nan"),
        ({"WindowSettings": [0.1, 0.2]}, r"shape \(2,\) does not fit WindowSettings"),
        ({"widht": 0.1}, "no parameter 'widht'"),
    ],
)
def test_perturbation_that_cannot_be_is_refused(base, amounts, problem):
    with pytest.raises(DesignError, match=problem):
        perturb(SCHEMA, base, amounts, seed=1)


# Designs without effect


def test_parameter_without_effect_is_named(base):
    batch = product(SCHEMA, base, {"FlowRatePerFloorArea": [0.0, 0.001]})

    found = find_duplicates(SCHEMA, batch, ["a", "a", "b", "c"])

    assert len(found) == 1
    assert found[0].rows == (0, 1)
    assert found[0].inert == ("FlowRatePerFloorArea",)
    assert found[0].values == ((0.0, 0.001),)
    assert str(found[0]) == (
        "designs 0, 1 lead to the same model: FlowRatePerFloorArea = 0, 0.001 did nothing"
    )


def test_number_without_effect_is_named():
    batch = SCHEMA.generate_empty_storage_batch(3)
    batch[1, SCHEMA["WindowSettings"].slice_storage] = [0, 0, 0.5]
    batch[2, SCHEMA["schedules"].start_storage + 18] = 8

    (found,) = find_duplicates(SCHEMA, batch, [7, 7, 7])

    assert found.inert == ("WindowSettings", "schedules")
    assert found.columns == (
        "WindowSettings.vlt",
        "schedules.EquipmentAvailabilitySchedule.pulse_width",
    )


def test_designs_that_differ_in_their_ids_alone_are_the_same(base):
    base[1] = base[0]
    SCHEMA.update_storage_batch(base, parameter="variation_id", value=[0, 1])

    (found,) = find_duplicates(SCHEMA, base, ["a", "a"])

    assert found.inert == ()
    assert str(found) == "designs 0, 1 are the same"


def test_models_that_differ_are_no_duplicates(base):
    assert find_duplicates(SCHEMA, base, ["a", "b"]) == ()


def test_each_design_needs_a_hash(base):
    with pytest.raises(DesignError, match="1 hashes do not fit 2 designs"):
        find_duplicates(SCHEMA, base, ["a"])
