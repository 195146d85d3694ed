"""Zarr stores: a shard a chunk, opened as they were saved, whole or not there at all."""

import numpy as np
import pytest

xr = pytest.importorskip("xarray", reason="needs the extra netcdf")
zarr = pytest.importorskip("zarr", reason="needs the extra netcdf")

from shoeroot.errors import ExportError  # noqa: E402
from shoeroot.exports import load, save_zarr, to_xarray  # noqa: E402


def stations():
    times = xr.date_range(
        "1980-09-16 12:00", periods=36, freq="MS", calendar="noleap", use_cftime=True
    )
    rng = np.random.default_rng(0)
    return xr.Dataset(
        {"Tair": (("time", "x"), rng.normal(size=(36, 20)), {"units": "C"})},
        {"time": times, "station": ("x", [f"station {number}" for number in range(20)])},
        {"title": "stations"},
    )


def test_events_come_back_identical(campaign, tmp_path):
    dataset = to_xarray(campaign.folder, size=3)

    path = save_zarr(dataset, tmp_path / "events.zarr")

    again = load(path)
    xr.testing.assert_identical(again, dataset)
    assert again.heating.chunks == dataset.heating.chunks


def test_a_shard_is_a_file_with_chunks_in_it(tmp_path):
    values = np.random.default_rng(0).normal(size=(8, 2, 8760)).astype("f4")
    dataset = xr.Dataset({"load": (("simulation", "zone", "time"), values)}).chunk(simulation=4)

    save_zarr(dataset, tmp_path / "loads.zarr")

    array = zarr.open_array(tmp_path / "loads.zarr" / "load")
    assert (array.shards, array.chunks) == ((4, 2, 8928), (4, 2, 744))
    assert len(list((tmp_path / "loads.zarr" / "load" / "c").rglob("0"))) > 0
    assert sum(path.is_file() for path in (tmp_path / "loads.zarr/load/c").rglob("*")) == 2


def test_times_of_other_calendars_and_texts(tmp_path):
    dataset = stations().chunk(time=12)
    dataset["station"] = dataset.station.compute()

    save_zarr(dataset, tmp_path / "stations.zarr")

    xr.testing.assert_identical(load(tmp_path / "stations.zarr"), dataset)


def test_a_block_that_fails_leaves_nothing(tmp_path):
    import dask.array as da

    def fail(block):
        raise ZeroDivisionError("a bad number")

    dataset = xr.Dataset({"v": ("x", da.zeros(4, chunks=2).map_blocks(fail, meta=np.zeros(0)))})

    with pytest.raises(ExportError, match="ZeroDivisionError: a bad number"):
        save_zarr(dataset, tmp_path / "v.zarr")

    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_kept(tmp_path):
    path = tmp_path / "stations.zarr"
    save_zarr(stations().chunk(time=12), path)

    with pytest.raises(ExportError, match="exists already"):
        save_zarr(stations().chunk(time=12), path)
    broken = stations().chunk(time=12)
    broken["Tair"] = broken.Tair.copy(data=broken.Tair.data.map_blocks(_fail, dtype=float))
    with pytest.raises(ExportError, match="nothing was left behind"):
        save_zarr(broken, path, overwrite=True)
    np.testing.assert_array_equal(load(path).Tair, stations().Tair)

    save_zarr(stations().isel(x=slice(5)).chunk(time=12), path, overwrite=True)

    assert load(path).sizes["x"] == 5
    assert [found.name for found in tmp_path.iterdir()] == ["stations.zarr"]
    (tmp_path / "notes").mkdir()
    with pytest.raises(ExportError, match="something else"):
        save_zarr(stations(), tmp_path / "notes", overwrite=True)
    with pytest.raises(ExportError, match="no such folder"):
        save_zarr(stations(), tmp_path / "nowhere" / "a.zarr")


def _fail(block):
    if block.size:
        raise ValueError("no")
    return block
