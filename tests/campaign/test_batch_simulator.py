"""A batch in an HDF5 file, one design of which cannot be simulated."""

from __future__ import annotations

import errno

import h5py
import numpy as np
import pytest

from shoeroot import Schema
from shoeroot.campaign import BatchSimulator
from shoeroot.design import write_designs
from shoeroot.errors import CampaignError, DesignError
from shoeroot.hdf5_file import KeptFile


@pytest.fixture
def folder(tmp_path, campaign):
    """Two designs in the notebook's layout; the second heats to more than it cools to."""
    write_designs(tmp_path / "batch_00007.hdf5", Schema(), campaign.designs[[0, 2]])
    return tmp_path


def test_a_design_that_failed_has_no_numbers_and_a_status(folder, engine, library, monkeypatch):
    simulator = BatchSimulator(Schema(), 7, 2, folder=folder)

    ended = simulator.run(engine=engine, library=library, show_progress=False)

    assert ended.statuses == {"ok": 1, "invalid": 1}
    with h5py.File(simulator.results_batch_filepath) as file:
        hourly, areas = file["hourly"][...], file["areas"][...]
        assert list(file["status"].asstr()) == ["ok", "invalid"]
    assert np.isfinite(hourly[0]).all()
    assert hourly[0].sum() > 0
    assert np.isnan(hourly[1]).all()
    assert np.isfinite(areas[0]).all()
    assert np.isnan(areas[1]).all()

    # What has been simulated is not simulated again.
    events = sorted(simulator.campaign_folder.glob("events/*.root"))
    before = [path.stat().st_mtime_ns for path in events]
    again = simulator.run(engine=engine, library=library, show_progress=False)
    assert again.statuses == ended.statuses
    assert [path.stat().st_mtime_ns for path in events] == before

    # A full disk loses neither them nor the results of before.
    def full(_file):
        raise OSError(errno.ENOSPC, "No space left on device")

    good = simulator.results_batch_filepath.read_bytes()
    monkeypatch.setattr(KeptFile, "check", full)
    with pytest.raises(CampaignError, match="No space left on device"):
        simulator.run(engine=engine, library=library, show_progress=False)
    assert simulator.results_batch_filepath.read_bytes() == good
    assert not list(folder.glob("*.part"))


def test_results_are_uploaded(folder, monkeypatch):
    fsspec = pytest.importorskip("fsspec", reason="needs the extra upload")
    monkeypatch.delenv("SHOEROOT_UPLOAD_URL", raising=False)
    simulator = BatchSimulator(Schema(), 7, folder=folder, upload_url="memory://demo-batch-data")
    with pytest.raises(CampaignError, match=r"no results yet(.|\n)*run\(\) first"):
        simulator.upload()
    # Any bytes: what is in the file does not matter to its copy.
    simulator.results_batch_filepath.write_bytes(b"results")

    done = simulator.upload(show_progress=False)
    again = simulator.upload("memory://demo-batch-data/", show_progress=False)

    assert (done.files, done.sent, again.sent) == (1, 1, 0)
    copied = fsspec.filesystem("memory").cat("/demo-batch-data/batch_00007_results.hdf5")
    assert copied == b"results"


def test_a_place_to_upload_to_may_be_named_by_the_environment(folder, tmp_path, monkeypatch):
    pytest.importorskip("fsspec", reason="needs the extra upload")
    simulator = BatchSimulator(Schema(), 7, folder=folder)
    simulator.results_batch_filepath.write_bytes(b"results")
    monkeypatch.delenv("SHOEROOT_UPLOAD_URL", raising=False)
    with pytest.raises(CampaignError, match="SHOEROOT_UPLOAD_URL"):
        simulator.upload()

    monkeypatch.setenv("SHOEROOT_UPLOAD_URL", f"file://{tmp_path}/archive")
    simulator.upload(show_progress=False)

    assert (tmp_path / "archive" / "batch_00007_results.hdf5").read_bytes() == b"results"


def test_a_batch_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(DesignError, match="no batch of designs"):
        BatchSimulator(Schema(), 23, processes=5, folder=tmp_path)
