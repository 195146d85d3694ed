"""Batches of designs on disk: exact, readable by others, whole or not there."""

from __future__ import annotations

import json

import numpy as np
import pytest
import uproot

from shoeroot.design import Schema, read_designs, read_sampling, sample_normal, write_designs
from shoeroot.errors import DesignError


@pytest.fixture
def schema() -> Schema:
    return Schema()


@pytest.fixture
def designs(schema):
    """Thirty designs with numbers in every column."""
    return np.random.default_rng(1).random((30, 90)) * 3 - 1


@pytest.fixture
def path(tmp_path):
    return tmp_path / "designs.root"


@pytest.fixture
def written(schema, designs, path):
    """The file of a batch that passes as designs."""
    batch = schema.generate_empty_storage_batch(30)
    for name, values in sample_normal(schema, 30, ["width", "WindowSettings"], seed=1).items():
        schema.update_storage_batch(batch, parameter=name, value=values)
    batch[:, schema["schedules"].slice_storage] = designs[:, schema["schedules"].slice_storage]
    write_designs(path, schema, batch)
    return path, batch


def test_designs_come_back_bit_for_bit(written):
    path, batch = written

    _, again = read_designs(path)

    assert again.dtype == np.float64
    assert again.tobytes() == batch.tobytes()


def test_schema_comes_back_with_its_categories(path):
    schema = Schema(program_types=5, climate_zones=19)
    write_designs(path, schema, schema.generate_empty_storage_batch(2))

    again, _ = read_designs(path)

    assert (again.program_types, again.climate_zones) == (5, 19)
    assert str(again) == str(schema)


def test_one_design_comes_back(schema, path):
    write_designs(path, schema, schema.generate_empty_storage_batch(1))

    assert read_designs(path)[1].shape == (1, 90)


def test_batch_without_designs_comes_back(schema, path):
    write_designs(path, schema, schema.generate_empty_storage_batch(0))

    assert read_designs(path)[1].shape == (0, 90)


def test_batch_that_is_not_contiguous_comes_back(schema, path):
    batch = np.asfortranarray(schema.generate_empty_storage_batch(6))[::2]
    write_designs(path, schema, batch)

    np.testing.assert_array_equal(read_designs(path)[1], batch)


def test_plain_uproot_reads_a_branch_for_each_parameter(schema, written):
    path, batch = written

    with uproot.open(path) as file:
        tree = file["designs"]
        width = tree["width"].array(library="np")
        window = tree["WindowSettings"].array(library="np")
        names = tree.keys()

    assert names == schema.parameter_names
    np.testing.assert_array_equal(width, batch[:, schema["width"].start_storage])
    np.testing.assert_array_equal(window, batch[:, schema["WindowSettings"].slice_storage])


def test_file_says_units_and_meanings(written):
    with uproot.open(written[0]) as file:
        described = json.loads(str(file["schema"]))["parameters"]

    assert described["width"] == {"unit": "m", "description": "Width [m]"}
    assert described["FacadeMass"]["unit"] == "J/(m2 K)"
    assert described["Infiltration"]["unit"] == "1/h"


def test_later_batch_replaces_the_file(schema, written):
    path, _ = written

    write_designs(path, schema, schema.generate_empty_storage_batch(2))

    assert len(read_designs(path)[1]) == 2


def test_nothing_but_the_file_is_left(written):
    path, _ = written

    assert [entry.name for entry in path.parent.iterdir()] == ["designs.root"]


def test_batch_that_is_refused_leaves_no_file(schema, path):
    batch = schema.generate_empty_storage_batch(3)
    batch[1, 6] = np.nan

    with pytest.raises(DesignError, match="width = nan is not finite"):
        write_designs(path, schema, batch)

    assert list(path.parent.iterdir()) == []


def test_writing_that_fails_leaves_the_earlier_batch(schema, written, monkeypatch):
    path, batch = written

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uproot.writing.WritableTree, "extend", full_disk)
    with pytest.raises(DesignError, match="No space left on device"):
        write_designs(path, schema, schema.generate_empty_storage_batch(2))
    monkeypatch.undo()

    np.testing.assert_array_equal(read_designs(path)[1], batch)
    assert [entry.name for entry in path.parent.iterdir()] == ["designs.root"]


def test_folder_that_does_not_exist_is_made(schema, tmp_path):
    path = tmp_path / "new" / "designs.root"

    write_designs(path, schema, schema.generate_empty_storage_batch(2))

    assert read_designs(path)[1].shape == (2, 90)


def test_folder_that_is_a_file_is_said(schema, tmp_path):
    (tmp_path / "taken").touch()
    path = tmp_path / "taken" / "designs.root"

    with pytest.raises(DesignError, match="cannot be written") as caught:
        write_designs(path, schema, schema.generate_empty_storage_batch(2))

    assert caught.value.where == str(path)


def test_missing_file_is_said(path):
    with pytest.raises(DesignError, match="there is no batch of designs") as caught:
        read_designs(path)

    assert caught.value.where == str(path)


def test_file_that_is_no_root_file_is_refused(path):
    path.write_text("width,height\n5,3\n")

    with pytest.raises(DesignError, match="not a readable batch"):
        read_designs(path)


def test_empty_file_is_refused(path):
    path.touch()

    with pytest.raises(DesignError, match="not a readable batch"):
        read_designs(path)


def test_root_file_of_something_else_is_refused(path):
    with uproot.recreate(path) as file:
        file["events"] = {"energy": np.arange(3.0)}

    with pytest.raises(DesignError, match="not a readable batch"):
        read_designs(path)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_truncated_file_is_refused(written, share):
    path, _ = written
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])

    with pytest.raises(DesignError, match="not a readable batch") as caught:
        read_designs(path)

    assert caught.value.where == str(path)


@pytest.mark.parametrize("name", ["designs.root", "designs.hdf5"])
def test_how_designs_were_drawn_lies_in_their_file(tmp_path, name):
    if name.endswith(".hdf5"):
        pytest.importorskip("h5py", reason="needs the extra hdf5")
    batch = Schema().generate_empty_storage_batch(2)

    write_designs(tmp_path / name, Schema(), batch, sampling={"method": "sobol", "seed": 7})
    write_designs(tmp_path / f"plain-{name}", Schema(), batch)

    assert read_sampling(tmp_path / name) == {"method": "sobol", "seed": 7}
    assert read_sampling(tmp_path / f"plain-{name}") == {}
    np.testing.assert_array_equal(read_designs(tmp_path / name)[1], batch)
