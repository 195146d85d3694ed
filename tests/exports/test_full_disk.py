"""Disks that are full: exports say so, leave nothing, and the process goes on."""

import subprocess
import sys

import pytest

pytest.importorskip("h5py", reason="needs the extra hdf5")
pytest.importorskip("xarray", reason="needs the extra netcdf")

# HDF5 by itself ends the process when it closes what it could not write.
SCRIPT = """
import resource, sys
from shoeroot.errors import ShoerootError
from shoeroot.events import export_events
from shoeroot.exports import save, save_tensors, to_ml, to_xarray, write_results

campaign, folder, form = sys.argv[1:]
ways = {
    "netcdf": lambda: save(to_xarray(campaign, size=4), f"{folder}/out"),
    "hdf5": lambda: write_results(campaign, f"{folder}/out.h5"),
    "events": lambda: export_events(campaign, f"{folder}/out.h5"),
    "tensors": lambda: save_tensors(to_ml(campaign, "hourly", {"all": 1.0}), f"{folder}/out.h5"),
}
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
for attempt in range(2):
    try:
        ways[form]()
    except ShoerootError as problem:
        print(problem.problem)
"""


@pytest.mark.parametrize("form", ["netcdf", "hdf5", "events", "tensors"])
def test_a_full_disk_is_an_error_and_no_crash(campaign, tmp_path, form):
    command = [sys.executable, "-c", SCRIPT, str(campaign.folder), str(tmp_path), form]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 0, done.stderr
    assert "Exception ignored" not in done.stderr
    assert done.stdout.count("File too large") == 2
    left = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert left == (["export.json"] if form == "netcdf" else [])
