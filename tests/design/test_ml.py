"""What a surrogate model sees of designs: one-hots, numbers in 0..1, hourly schedules."""

from __future__ import annotations

import sys
import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest

from shoeroot.design import HOURS, Schema, apply_operations, sample_normal
from shoeroot.errors import DesignError, MissingExtraError

SCHEMA = Schema()
SCHEDULES = np.random.default_rng(1).random((3, HOURS))


@pytest.fixture
def batch():
    """Six designs, in climate zone 5A, that look in all directions; the second has noise."""
    batch = SCHEMA.generate_empty_storage_batch(6)
    values = {"program_type": 3, "vintage": 1970, "climate_zone": 12, "schedules_seed": range(6)}
    values |= {"orientation": [0, 1, 2, 3, 0, 1]}
    values |= sample_normal(SCHEMA, 6, ["width", "wwr", "WindowSettings"], seed=1)
    for name, value in values.items():
        SCHEMA.update_storage_batch(batch, parameter=name, value=np.array(value))
    batch[1, SCHEMA["schedules"].slice_storage][5] = 0.2
    return batch


# The tabular part


def test_tabular_part_has_62_numbers(batch):
    ml = SCHEMA.to_ml(batch)

    assert ml.tabular.shape == (6, 62)
    assert ml.schedules is None
    assert len(ml) == 6


def test_numbers_are_normalized_as_normalize_does(batch):
    width = SCHEMA["width"]

    seen = width.extract_ml_values_batch(SCHEMA.to_ml(batch).tabular)

    expected = width.normalize(width.extract_storage_values_batch(batch))
    np.testing.assert_array_equal(seen, expected)


def test_window_is_three_numbers(batch):
    window = SCHEMA["WindowSettings"]

    seen = window.extract_ml_values_batch(SCHEMA.to_ml(batch).tabular)

    np.testing.assert_array_equal(seen, window.normalize(batch[:, window.slice_storage]))


def test_categories_are_one_hots(batch):
    tabular = SCHEMA.to_ml(batch).tabular

    np.testing.assert_array_equal(
        SCHEMA["orientation"].extract_ml_values_batch(tabular), np.eye(4)[[0, 1, 2, 3, 0, 1]]
    )
    np.testing.assert_array_equal(
        SCHEMA["climate_zone"].extract_ml_values_batch(tabular), np.tile(np.eye(15)[12], (6, 1))
    )


@pytest.mark.parametrize("name", ["batch_id", "base_epw", "HeatingSetpoint", "CoolingSetpoint"])
def test_what_a_surrogate_model_does_not_see_has_no_numbers(batch, name):
    assert SCHEMA[name].extract_ml_values_batch(SCHEMA.to_ml(batch).tabular).shape == (6, 0)


def test_single_value_comes_back_as_a_number(batch):
    vector = SCHEMA.to_ml(batch).tabular[0]

    assert SCHEMA["vintage"].extract_ml_values(vector) == 0.5


def test_values_outside_their_range_are_not_clipped():
    batch = SCHEMA.generate_empty_storage_batch(1)

    width = SCHEMA["width"].extract_ml_values_batch(SCHEMA.to_ml(batch).tabular)

    assert width[0, 0] == pytest.approx(-3 / 9)


def test_schema_with_more_categories_has_more_numbers():
    schema = Schema(climate_zones=19)
    batch = schema.generate_empty_storage_batch(2)
    schema.update_storage_batch(batch, parameter="climate_zone", value=18)

    ml = schema.to_ml(batch)

    assert ml.tabular.shape == (2, 66)
    assert schema["climate_zone"].extract_ml_values(ml.tabular[0])[18] == 1


# Schedules


def test_schedules_are_those_after_the_operations(batch):
    ml = SCHEMA.to_ml(batch, SCHEDULES)

    operations = SCHEMA["schedules"].extract_storage_values_batch(batch)
    assert ml.schedules.shape == (6, 3, HOURS)
    np.testing.assert_array_equal(ml.schedules[1], apply_operations(SCHEDULES, operations[1], 1))
    np.testing.assert_array_equal(ml.schedules[0], SCHEDULES)


def test_designs_may_have_schedules_of_their_own(batch):
    own = np.random.default_rng(2).random((6, 3, HOURS))

    np.testing.assert_array_equal(SCHEMA.to_ml(batch, own).schedules[2], own[2])


def test_schedules_may_come_from_a_function_of_the_designs(batch):
    orientation = SCHEMA["orientation"].start_storage

    ml = SCHEMA.to_ml(batch, lambda some: SCHEDULES * (some[:, orientation, None, None] == 2))

    np.testing.assert_array_equal(ml.schedules[2], SCHEDULES)
    assert not ml.schedules[0].any()


def test_vectors_hold_both_parts(batch):
    ml = SCHEMA.to_ml(batch, SCHEDULES)

    vectors = ml.vectors()

    assert vectors.shape == (6, 26342)
    np.testing.assert_array_equal(vectors[:, :62], ml.tabular)
    np.testing.assert_array_equal(
        SCHEMA["schedules"].extract_ml_values_batch(vectors), ml.schedules
    )


def test_dtype_is_as_asked_for(batch):
    ml = SCHEMA.to_ml(batch, SCHEDULES, dtype=np.float32)

    assert ml.tabular.dtype == ml.schedules.dtype == ml.vectors().dtype == np.float32


def test_pieces_are_the_whole(batch):
    own = np.random.default_rng(2).random((6, 3, HOURS))

    pieces = list(SCHEMA.iter_ml(batch, 4, own))

    assert [len(piece) for piece in pieces] == [4, 2]
    np.testing.assert_array_equal(
        np.vstack([piece.vectors() for piece in pieces]), SCHEMA.to_ml(batch, own).vectors()
    )


def test_schedules_on_disk_are_read_piece_by_piece(batch, tmp_path):
    own = np.random.default_rng(2).random((6, 3, HOURS)).astype(np.float32)
    np.save(tmp_path / "schedules.npy", own)
    on_disk = np.load(tmp_path / "schedules.npy", mmap_mode="r")

    pieces = list(SCHEMA.iter_ml(batch, 4, on_disk))

    np.testing.assert_array_equal(pieces[1].schedules[0], own[4])


def test_pieces_need_memory_for_one_of_them():
    batch = SCHEMA.generate_empty_storage_batch(400)

    tracemalloc.start()
    for _ in SCHEMA.iter_ml(batch, 20, SCHEDULES):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 4 * 20 * 3 * HOURS * 8


# Errors


def test_vectors_without_schedules_are_refused(batch):
    with pytest.raises(DesignError, match="there are none"):
        SCHEMA.to_ml(batch).vectors()


def test_schedules_are_not_in_the_tabular_part(batch):
    with pytest.raises(DesignError, match="62 values ends before schedules"):
        SCHEMA["schedules"].extract_ml_values_batch(SCHEMA.to_ml(batch).tabular)


@pytest.mark.parametrize("shape", [(3, 8784), (5, 3, HOURS), (HOURS,)])
def test_schedules_that_do_not_fit_are_refused_at_once(batch, shape):
    with pytest.raises(DesignError, match="do not fit 6 designs"):
        SCHEMA.iter_ml(batch, 2, np.zeros(shape))


def test_batch_with_a_wrong_category_is_refused(batch):
    batch[3, SCHEMA["orientation"].start_storage] = 7

    with pytest.raises(DesignError, match=r"orientation = 7 is not a category"):
        SCHEMA.to_ml(batch)


def test_pieces_need_designs(batch):
    with pytest.raises(DesignError, match="pieces of 0 designs"):
        SCHEMA.iter_ml(batch, 0)


# Tensors


def test_tensors_without_torch_say_what_to_install(batch, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'shoeroot\[ml\]'"):
        SCHEMA.to_ml(batch, as_torch=True)


def test_tensors_are_made_of_both_parts(batch, monkeypatch):
    made = SimpleNamespace(from_numpy=lambda array: ("tensor", array.shape))
    monkeypatch.setitem(sys.modules, "torch", made)

    ml = SCHEMA.to_ml(batch, SCHEDULES, as_torch=True)

    assert ml.tabular == ("tensor", (6, 62))
    assert ml.schedules == ("tensor", (6, 3, HOURS))


def test_tensors_hold_the_same_numbers(batch):
    torch = pytest.importorskip("torch")

    ml = SCHEMA.to_ml(batch, SCHEDULES, as_torch=True)

    assert isinstance(ml.vectors(), torch.Tensor)
    np.testing.assert_array_equal(ml.vectors().numpy(), SCHEMA.to_ml(batch, SCHEDULES).vectors())
    assert SCHEMA["width"].extract_ml_values_batch(ml.vectors()).shape == (6, 1)


@pytest.mark.parametrize("name", ["float16", "float32", "float64"])
def test_tensors_are_of_the_type_asked_for_in_torchs_words_or_numpys(batch, name):
    torch = pytest.importorskip("torch")

    of_torch = SCHEMA.to_ml(batch, SCHEDULES, dtype=getattr(torch, name), as_torch=True)
    of_numpy = SCHEMA.to_ml(batch, SCHEDULES, dtype=name, as_torch=True)

    assert of_torch.tabular.dtype == of_torch.schedules.dtype == getattr(torch, name)
    assert of_torch.vectors().dtype == getattr(torch, name)
    assert torch.equal(of_torch.vectors(), of_numpy.vectors())


def test_a_type_that_numpy_lacks_is_refused(batch):
    torch = pytest.importorskip("torch")

    with pytest.raises(DesignError, match="cannot be made as bfloat16"):
        SCHEMA.to_ml(batch, dtype=torch.bfloat16, as_torch=True)


def test_tensors_learn_and_come_in_pieces(batch):
    torch = pytest.importorskip("torch")
    layer = torch.nn.Linear(62, 1)

    pieces = SCHEMA.iter_ml(batch, 4, SCHEDULES, dtype=torch.float32, as_torch=True)
    for piece in pieces:
        (layer(piece.tabular).sum() * piece.schedules.mean()).backward()

    assert layer.weight.grad.abs().sum() > 0


def test_a_batch_may_be_a_tensor(batch):
    torch = pytest.importorskip("torch")
    tensor = torch.from_numpy(batch.copy())

    clipped = SCHEMA.update_storage_batch(
        tensor, parameter="wwr", value=torch.tensor([0.2, 0.3, 9.0, 0.4, 0.5, 0.6]), report=True
    )

    assert clipped == 1
    assert SCHEMA["wwr"].extract_storage_values_batch(tensor)[2, 0] == 0.9
    assert SCHEMA["wwr"].extract_storage_values(tensor[2]) == 0.9
    assert torch.equal(
        SCHEMA.to_ml(tensor, as_torch=True).tabular,
        torch.from_numpy(SCHEMA.to_ml(tensor.numpy()).tabular),
    )


def test_normalised_tensors_stay_tensors_and_keep_their_gradients():
    torch = pytest.importorskip("torch")
    shares = torch.tensor([[0.0, 0.5, 1.0]], requires_grad=True)

    values = SCHEMA["WindowSettings"].unnormalize(shares)
    values.sum().backward()

    np.testing.assert_allclose(values.detach(), [[0.3, 0.52, 0.99]], rtol=1e-6)
    np.testing.assert_allclose(shares.grad, [[6.7, 0.94, 0.94]], rtol=1e-6)
    back = SCHEMA["WindowSettings"].normalize(values)
    np.testing.assert_allclose(back.detach(), shares.detach(), rtol=1e-6)
