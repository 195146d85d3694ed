"""Datasets of any kind: they come back identical, or are refused before anything is written."""

import os

import numpy as np
import pytest

xr = pytest.importorskip("xarray", reason="needs the extra netcdf")
pytest.importorskip("h5netcdf", reason="needs the extra netcdf")
da = pytest.importorskip("dask.array", reason="needs the extra dask")

from shoeroot.errors import ExportError  # noqa: E402
from shoeroot.exports import create_filepath, load, save, save_zarr  # noqa: E402

FORMS = {"netcdf": save, "zarr": save_zarr}


def months(calendar, year=1980):
    return xr.date_range(
        f"{year:04d}-01-01", periods=4, freq="MS", calendar=calendar, use_cftime=True
    )


def split(coordinates=None, **variables):
    values = {"v": ("time", da.arange(4.0, chunks=2)), **variables}
    return xr.Dataset(values, {"time": coordinates} if coordinates is not None else None)


DATES = np.array(["2000-01-01", "2000-02-01", "2000-03-01", "2000-04-01"], "M8[ns]")
DATASETS = {
    "dates of cftime in the usual calendar": split(months("standard")),
    "dates of cftime a thousand years ago": split(months("proleptic_gregorian", 850)),
    "datetime64 of seconds": split(DATES.astype("M8[s]")),
    "datetime64 of seconds a thousand years ago": split(DATES.astype("M8[s]") - 36_000_000_000),
    "datetime64 of nanoseconds through four centuries": split(
        np.array(["1700-01-01T00:00:00.000000001", "1800", "1900", "2100"], "M8[ns]")
    ),
    "times that are numbers": split([3.5, 2, 1, 0]),
    "times that are texts": split(["a", "bb", "ccc", "ä"]),
    "times with a gap": split(np.array(["2000", "NaT", "2001", "2002"], "M8[ns]")),
    "times that nobody decoded": split(
        ("time", [0, 31, 60, 91], {"units": "days since 2000-01-01", "calendar": "standard"})
    ),
    "fill values that nobody applied": split(
        n=("time", [1, -9, 3, 4], {"_FillValue": -9}),
        m=("time", [1, 2, 3, -9], {"missing_value": -9, "scale_factor": 0.5}),
    ),
    "lazy bounds of times": split(
        ("time", DATES, {"bounds": "edges"}),
        edges=(("time", "n"), da.from_array(np.stack([DATES, DATES], 1), chunks=(2, 2))),
    ),
    "a lazy number": split(number=((), da.from_array(np.array(3.5)))),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", DATASETS)
def test_datasets_come_back_identical(tmp_path, name, form):
    dataset = DATASETS[name]

    FORMS[form](dataset, tmp_path / "out")

    again = load(tmp_path / "out")
    xr.testing.assert_identical(again, dataset)
    for key in dataset.variables:
        assert again[key].dtype.kind == dataset[key].dtype.kind


BAD = {
    "half precision": (split(h=("time", np.zeros(4, "f2"))), "float16(.|\n)*float32"),
    "complex numbers": (split(h=("time", np.zeros(4, "c8"))), "complex64(.|\n)*real"),
    "true and false": (split().assign_attrs(good=True), "'good'(.|\n)*1 and 0"),
    "attributes of attributes": (split().assign_attrs(of={"a": 1}), "'of' cannot be stored"),
    "slashes": (split().rename(time="a/b"), "'a/b'(.|\n)*rename"),
    "numbers as names": (split().rename(v=1), "1 is no name(.|\n)*rename"),
    "several levels": (split([1, 2, 3, 4]).stack(z=["time"]), "MultiIndex(.|\n)*reset_index"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_netcdf_cannot_hold_is_refused_at_once(tmp_path, name):
    dataset, message = BAD[name]

    with pytest.raises(ExportError, match=message):
        save(dataset, tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_zarr_refuses_names_that_would_be_folders(tmp_path):
    with pytest.raises(ExportError, match="'a/b'"):
        save_zarr(split().rename(v="a/b"), tmp_path / "out")


def test_numbers_name_no_file_by_time():
    with pytest.raises(ExportError, match="no times"):
        create_filepath(split([1.0, 2, 3, 4]))


def packed(tmp_path):
    values = np.round(np.random.default_rng(0).normal(280, 10, (8, 50)), 2)
    xr.Dataset({"air": (("time", "x"), values)}).to_netcdf(
        tmp_path / "packed.nc",
        encoding={"air": {"dtype": "i2", "scale_factor": 0.01, "_FillValue": -32768}},
    )
    return xr.open_dataset(tmp_path / "packed.nc", chunks={"time": 8})


def test_results_are_not_packed_as_what_they_were_made_of(tmp_path):
    with packed(tmp_path) as opened:
        # xarray keeps the encoding, whose hundredths do not hold these means.
        means = opened.coarsen(time=2).mean()
        assert means.air.encoding["dtype"] == np.dtype("i2")

        save(means, tmp_path / "means")

        xr.testing.assert_identical(load(tmp_path / "means"), means)


def test_packing_that_fits_is_kept(tmp_path):
    with packed(tmp_path) as opened:
        [path] = save(opened, tmp_path / "same")

        xr.testing.assert_identical(load(tmp_path / "same"), opened)
    assert xr.open_dataset(path, mask_and_scale=False).air.dtype == np.dtype("i2")


def test_other_data_of_the_same_form_is_noticed(tmp_path):
    dataset = split(kept=("time", np.arange(4)))
    save(dataset, tmp_path)

    with pytest.raises(ExportError, match=r"block_time0\.nc has other values(.|\n)*overwrite"):
        save(dataset.assign(v=dataset.v * 2), tmp_path)
    with pytest.raises(ExportError, match="another dataset"):
        save(dataset.assign(kept=("time", np.arange(1, 5))), tmp_path)
    xr.testing.assert_identical(load(tmp_path), dataset)

    save(dataset.assign(v=dataset.v * 2), tmp_path, overwrite=True)
    assert load(tmp_path).v.values.tolist() == [0, 2, 4, 6]


def test_the_same_data_made_otherwise_is_resumed(tmp_path):
    dataset = split()
    paths = save(dataset, tmp_path)
    before = [path.stat().st_mtime_ns for path in paths]

    save(dataset.assign(v=dataset.v * 1), tmp_path)

    assert [path.stat().st_mtime_ns for path in paths] == before


@pytest.mark.parametrize("form", FORMS)
def test_what_killed_writers_left_is_removed_when_it_is_old(tmp_path, form):
    folder = tmp_path / "out"
    beside = folder if form == "netcdf" else tmp_path
    beside.mkdir(exist_ok=True)
    old, new = (beside / f".{'block' if form == 'netcdf' else 'out'}-{n}.part" for n in "01")
    for path in (old, new):
        path.write_text("a part of a file")
    os.utime(old, (0, 0))

    FORMS[form](split(), folder)

    assert (old.exists(), new.exists()) == (False, True)


def test_nothing_of_a_zarr_store_that_failed_is_left(tmp_path):
    import time

    def fail(block, block_info=None):
        if block_info[0]["chunk-location"] == (0,):
            raise ZeroDivisionError("a bad number")
        # Threads that still write when the error is known.
        time.sleep(0.3)
        return block

    values = da.arange(40.0, chunks=2).map_blocks(fail, dtype=float, meta=np.zeros(0))

    with pytest.raises(ExportError, match="a bad number"):
        save_zarr(xr.Dataset({"v": ("x", values)}), tmp_path / "out.zarr")

    time.sleep(0.5)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("dataset", "options", "message"),
    [
        (split().v, {}, r"DataArray(.|\n)*to_dataset"),
        (split(), {"compression": "gzip"}, "no compression 'gzip'"),
        (split(), {"prefix": "a/b"}, "cannot begin the name"),
    ],
)
def test_arguments_that_are_wrong_leave_no_folder(tmp_path, dataset, options, message):
    with pytest.raises(ExportError, match=message):
        save(dataset, tmp_path / "out", **options)

    assert not (tmp_path / "out").exists()


def test_what_is_opened_without_dask_is_resumed(tmp_path):
    with packed(tmp_path), xr.open_dataset(tmp_path / "packed.nc") as opened:
        [path] = save(opened, tmp_path / "out")
        before = path.stat().st_mtime_ns

        # The first call has read it into memory.
        save(opened, tmp_path / "out")

        assert path.stat().st_mtime_ns == before
        xr.testing.assert_identical(load(tmp_path / "out"), opened)
