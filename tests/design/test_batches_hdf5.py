"""Batches of designs in HDF5, in the notebook's layout: exact, checked, and to ROOT and back."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from shoeroot.design import Schema, read_designs, sample_normal, write_designs
from shoeroot.errors import DesignError, MissingExtraError

h5py = pytest.importorskip("h5py")


@pytest.fixture
def schema() -> Schema:
    return Schema()


@pytest.fixture
def batch(schema):
    """Thirty designs that pass as such."""
    batch = schema.generate_empty_storage_batch(30)
    for name, values in sample_normal(schema, 30, ["width", "WindowSettings"], seed=1).items():
        schema.update_storage_batch(batch, parameter=name, value=values)
    return batch


@pytest.fixture(params=["designs.hdf5", "designs.h5"])
def hdf5(request, schema, batch, tmp_path):
    """Thirty designs and their file."""
    path = tmp_path / request.param
    write_designs(path, schema, batch)
    return path, batch


def test_designs_come_back_from_hdf5_bit_for_bit(hdf5):
    path, batch = hdf5

    assert read_designs(path)[1].tobytes() == batch.tobytes()


def test_hdf5_has_the_dataset_of_the_notebook(hdf5):
    path, batch = hdf5

    with h5py.File(path) as file:
        dataset = file["storage_vectors"]
        assert list(file) == ["storage_vectors"]
        assert dataset.dtype == np.float64
        np.testing.assert_array_equal(dataset[0], batch[0])
        described = json.loads(dataset.attrs["schema"])
    assert described["parameters"]["width"] == {"unit": "m", "description": "Width [m]"}


def test_schema_comes_back_from_hdf5(tmp_path):
    schema, path = Schema(program_types=5, climate_zones=19), tmp_path / "designs.hdf5"
    write_designs(path, schema, schema.generate_empty_storage_batch(2))

    assert str(read_designs(path)[0]) == str(schema)


@pytest.mark.parametrize("count", [0, 1])
def test_few_designs_come_back_from_hdf5(schema, tmp_path, count):
    path = tmp_path / "designs.hdf5"
    write_designs(path, schema, schema.generate_empty_storage_batch(count))

    assert read_designs(path)[1].shape == (count, 90)


def of_the_notebook(path, batch) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("storage_vectors", data=batch)


def test_file_of_the_notebook_is_read(schema, tmp_path):
    batch = schema.generate_empty_storage_batch(3)
    of_the_notebook(tmp_path / "batch_00023.hdf5", batch)

    again, designs = read_designs(tmp_path / "batch_00023.hdf5")

    assert repr(again) == repr(Schema())
    np.testing.assert_array_equal(designs, batch)


def test_file_of_the_notebook_goes_to_root_and_back(schema, tmp_path):
    batch = schema.generate_empty_storage_batch(3)
    of_the_notebook(tmp_path / "batch.hdf5", batch)

    write_designs(tmp_path / "batch.root", *read_designs(tmp_path / "batch.hdf5"))
    write_designs(tmp_path / "again.hdf5", *read_designs(tmp_path / "batch.root"))

    np.testing.assert_array_equal(read_designs(tmp_path / "again.hdf5")[1], batch)


def test_file_of_the_notebook_may_need_another_schema(schema, tmp_path):
    batch = schema.generate_empty_storage_batch(3)
    batch[1, schema["climate_zone"].start_storage] = 17
    path = tmp_path / "batch.hdf5"
    of_the_notebook(path, batch)

    with pytest.raises(DesignError, match=r"Schema\(climate_zones=19\)") as caught:
        read_designs(path)
    assert caught.value.where == f"{path}, design 1"

    assert len(read_designs(path, Schema(climate_zones=19))[1]) == 3


def test_hdf5_of_another_shape_is_refused(tmp_path):
    of_the_notebook(tmp_path / "batch.hdf5", np.zeros((3, 89)))

    with pytest.raises(DesignError, match=r"shape \(3, 89\)"):
        read_designs(tmp_path / "batch.hdf5")


def test_hdf5_of_something_else_is_refused(tmp_path):
    with h5py.File(tmp_path / "batch.hdf5", "w") as file:
        file["hourly"] = np.arange(3.0)

    with pytest.raises(DesignError, match="no dataset 'storage_vectors' among \\['hourly'\\]"):
        read_designs(tmp_path / "batch.hdf5")


def test_hdf5_that_is_missing_is_said(tmp_path):
    with pytest.raises(DesignError, match="there is no batch of designs"):
        read_designs(tmp_path / "batch.hdf5")


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.6, 0.99])
def test_truncated_hdf5_is_refused(hdf5, share):
    path, _ = hdf5
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])

    with pytest.raises(DesignError, match="not a readable batch"):
        read_designs(path)


def test_hdf5_with_a_changed_number_is_refused(hdf5):
    path, batch = hdf5
    data = path.read_bytes()
    position = data.index(batch[7].tobytes())
    path.write_bytes(data[:position] + b"\x01" + data[position + 1 :])

    with pytest.raises(DesignError, match="not a readable batch"):
        read_designs(path)


def test_hdf5_that_is_refused_leaves_no_file(schema, tmp_path):
    batch = schema.generate_empty_storage_batch(3)
    batch[1, 6] = np.nan

    with pytest.raises(DesignError, match="width = nan is not finite"):
        write_designs(tmp_path / "batch.hdf5", schema, batch)

    assert list(tmp_path.iterdir()) == []


def test_without_h5py_it_says_what_to_install(schema, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'shoeroot\[hdf5\]'"):
        write_designs(tmp_path / "batch.hdf5", schema, schema.generate_empty_storage_batch(1))
