"""``shoeroot export`` and ``upload`` on the command line."""

import json

import pytest
from click.testing import CliRunner

from shoeroot.cli.main import verbs


def run(*arguments, code=0):
    result = CliRunner().invoke(verbs, [str(one) for one in arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.mark.parametrize(
    ("form", "out", "options"),
    [
        ("netcdf", "netcdf", ["--field", "heating", "--block", "3"]),
        ("zarr", "events.zarr", ["--field", "heating"]),
        ("parquet", "results.parquet", []),
        ("hdf5", "results.hdf5", []),
        ("parquet", "events.parquet", ["--layout", "events"]),
        ("tensors", "tensors.h5", ["--split", "train=0.5,test=0.5", "--no-schedules"]),
    ],
)
def test_each_form_is_written_and_replaced(campaign, tmp_path, form, out, options):
    target = tmp_path / out

    told = json.loads(run("export", form, campaign.folder, target, *options, "--json").stdout)
    again = run("export", form, campaign.folder, target, *options, "--overwrite").stdout

    assert told["path"] == str(target)
    assert told["size"] > 1000
    assert told["files"] == (3 if form == "netcdf" else told["files"])
    if form == "tensors":
        assert sum(told["parts"].values()) == campaign.statuses["ok"]
        assert sum(told["left_out"].values()) == 2
        assert "left out: fatal 1, invalid 1" in again
    else:
        assert told["simulations"] == 8
    assert again.startswith(f"{target}: ")


def test_what_cannot_be_done_is_one_error(campaign, tmp_path):
    csv = run("export", "parquet", campaign.folder, tmp_path / "results.csv", code=2)
    shares = run("export", "tensors", campaign.folder, "t.h5", "--split", "train", code=2)
    run("export", "hdf5", campaign.folder, tmp_path / "results.hdf5")
    twice = run("export", "hdf5", campaign.folder, tmp_path / "results.hdf5", code=2)

    assert "does not end in .parquet" in csv.stderr
    assert "are no shares" in shares.stderr
    assert "exists already" in twice.stderr


def test_a_folder_is_uploaded(campaign, tmp_path):
    pytest.importorskip("fsspec", reason="needs the extra upload")
    url = f"file://{tmp_path}/archive"

    first = json.loads(run("upload", campaign.folder, url, "--json").stdout)
    second = run("upload", campaign.folder, url).stdout

    assert first["sent"] == first["files"] > 2
    assert f"0 copied, {first['files']} there already" in second
    assert "NAME=VALUE" in run("upload", campaign.folder, url, "--option", "x", code=2).stderr


@pytest.mark.parametrize("form", ["netcdf", "zarr", "parquet", "hdf5", "tensors"])
def test_help_has_an_example(form):
    assert f"Example: shoeroot export {form}" in run("export", form, "--help").stdout
