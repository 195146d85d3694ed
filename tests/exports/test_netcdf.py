"""Chunked datasets as many netCDF files: written in parallel, resumed, opened as one."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

xr = pytest.importorskip("xarray", reason="needs the extra netcdf")
pytest.importorskip("h5netcdf", reason="needs the extra netcdf")

from shoeroot.errors import ExportError  # noqa: E402
from shoeroot.exports import create_filepath, load, save, split_by_chunks  # noqa: E402


def months(calendar="noleap", cftime=True):
    times = xr.date_range(
        "1980-09-16 12:00", periods=36, freq="MS", calendar=calendar, use_cftime=cftime
    )
    rng = np.random.default_rng(0)
    return xr.Dataset(
        {
            "Tair": (("time", "y", "x"), rng.normal(size=(36, 20, 30)), {"units": "C"}),
            "rain": (("time",), np.arange(36, dtype="i4")),
        },
        {
            "time": times,
            "xc": (("y", "x"), rng.normal(size=(20, 30)), {"units": "degrees_east"}),
            "station": ("x", [f"station {number}" for number in range(30)]),
        },
        {"title": "months"},
    )


@pytest.mark.parametrize("cftime", [True, False], ids=["cftime", "datetime64"])
def test_files_are_named_by_time_where_time_is_split(tmp_path, cftime):
    calendar = "noleap" if cftime else "standard"
    dataset = months(calendar, cftime).chunk({"time": 12})

    paths = save(dataset, tmp_path, prefix="rasm")

    assert [path.name for path in paths] == [
        "rasm_1980-10-01_1981-09-01.nc",
        "rasm_1981-10-01_1982-09-01.nc",
        "rasm_1982-10-01_1983-09-01.nc",
    ]
    xr.testing.assert_identical(load(tmp_path), dataset)


@pytest.mark.parametrize(
    ("chunks", "count", "last"),
    [
        ({"time": 12, "x": 10}, 9, "block_time2_x2.nc"),
        ({"time": 10, "y": 7, "x": 30}, 12, "block_time3_y2.nc"),
        ({"x": 2}, 15, "block_x14.nc"),
        ({"time": 36}, 1, "block.nc"),
    ],
)
def test_chunks_along_any_dimensions_come_back_identical(tmp_path, chunks, count, last):
    dataset = months().chunk(chunks)

    paths = save(dataset, tmp_path)

    assert len(paths) == count
    assert paths[-1].name == last
    again = load(tmp_path)
    xr.testing.assert_identical(again, dataset)
    assert again.Tair.chunks == dataset.Tair.chunks


def test_hours_of_one_day_get_longer_names(tmp_path):
    times = np.datetime64("2001-01-01") + np.arange(24) * np.timedelta64(1, "h")
    dataset = xr.Dataset({"load": ("time", np.arange(24.0))}, {"time": times}).chunk(time=12)

    paths = save(dataset, tmp_path)

    assert paths[1].name == "block_2001-01-01T1200_2001-01-01T2300.nc"


def test_the_notebooks_helpers():
    datasets = list(split_by_chunks(months().chunk(time=12)))

    assert len(datasets) == 3
    assert create_filepath(datasets[1]) == "./filename_1981-10-01_1982-09-01.nc"
    with pytest.raises(ExportError, match="no times"):
        create_filepath(datasets[0].drop_vars("time"))
    with pytest.raises(ExportError, match="prefix"):
        create_filepath(datasets[0], prefix="../elsewhere")


def test_values_that_netcdf_cannot_hold_as_they_are(tmp_path):
    dataset = xr.Dataset(
        {"flag": ("x", np.array([True, False, True])), "text": ("x", ["a", "", "äö"])},
        {"when": np.datetime64("2001-01-01", "ns")},
        {"note": "none of them is a number"},
    ).chunk(x=2)

    save(dataset, tmp_path)

    xr.testing.assert_identical(load(tmp_path), dataset)


@pytest.mark.parametrize("compression", ["zlib", "zstd", "none"])
def test_compressions(tmp_path, compression):
    if compression == "zstd":
        pytest.importorskip("hdf5plugin", reason="needs the extra hdf5")
    dataset = months().chunk(time=12)

    paths = save(dataset, tmp_path, compression=compression)

    xr.testing.assert_identical(
        xr.open_dataset(paths[0], engine="h5netcdf").compute(),
        dataset.isel(time=slice(0, 12)).compute(),
    )


def test_a_repeated_call_writes_only_what_is_missing_or_damaged(tmp_path):
    dataset = months().chunk(time=6)
    paths = save(dataset, tmp_path)
    written = {path: path.stat().st_mtime_ns for path in paths}
    paths[1].unlink()
    paths[3].write_bytes(paths[3].read_bytes()[:-100])

    save(dataset, tmp_path)

    anew = [number for number, path in enumerate(paths) if path.stat().st_mtime_ns != written[path]]
    assert anew == [1, 3]
    xr.testing.assert_identical(load(tmp_path), dataset)


def test_an_export_that_was_killed_is_completed(tmp_path):
    script = tmp_path / "slow.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import time, numpy as np, xarray as xr, dask.array as da\n"
        "from shoeroot.exports import save\n"
        "def slow(block):\n"
        "    time.sleep(0.2); return block\n"
        "values = da.arange(40, chunks=2).map_blocks(slow)\n"
        "save(xr.Dataset({'v': ('x', values)}), sys.argv[1], show_progress=False)\n"
    )
    folder = tmp_path / "export"
    process = subprocess.Popen([sys.executable, str(script), str(folder)])
    try:
        deadline = time.monotonic() + 60
        while len(list(folder.glob("block*.nc"))) < 3:
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    assert 3 <= len(list(folder.glob("block*.nc"))) < 20
    with pytest.raises(ExportError, match=r"of 20 files are missing.*\n.*\n.*save again"):
        load(folder)

    subprocess.run([sys.executable, str(script), str(folder)], check=True)

    assert load(folder).v.values.tolist() == list(range(40))


def test_a_block_that_fails_leaves_no_file_and_the_others_stay(tmp_path):
    import dask.array as da

    def fail(block, block_info=None):
        if block_info[0]["chunk-location"] == (1,):
            raise ZeroDivisionError("a bad number")
        return block

    values = da.arange(8.0, chunks=2).map_blocks(fail, dtype=float, meta=np.zeros(0))
    dataset = xr.Dataset({"v": ("x", values)})

    with pytest.raises(
        ExportError, match=r"1 of 4 files could not be made.*a bad number"
    ) as caught:
        save(dataset, tmp_path)

    assert caught.value.where == "block_x1.nc"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("block_x0.nc", "block_x2.nc", "block_x3.nc", "export.json"),
    ]


def test_a_folder_of_another_export_is_kept(tmp_path):
    save(months().chunk(time=12), tmp_path)

    with pytest.raises(ExportError, match="another dataset"):
        save(months().chunk(time=18), tmp_path)
    with pytest.raises(ExportError, match="another dataset"):
        save(months().assign_attrs(title="others").chunk(time=12), tmp_path)

    replaced = months().chunk(time=18)
    save(replaced, tmp_path, overwrite=True)
    xr.testing.assert_identical(load(tmp_path), replaced)
    assert len(list(tmp_path.glob("*.nc"))) == 2


def test_folders_that_are_no_export(tmp_path):
    with pytest.raises(ExportError, match="no folder that shoeroot exported to"):
        load(tmp_path)
    (tmp_path / "export.json").write_text("{")
    with pytest.raises(ExportError, match="cannot be read"):
        load(tmp_path)
    (tmp_path / "export.json").write_text(
        '{"format": 1, "fingerprint": "x", "dimensions": [], "files": {"../a.nc": []}}'
    )
    with pytest.raises(ExportError, match="leaves the folder"):
        load(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="cannot be made"):
        save(months(), tmp_path / "file")


def test_variables_that_are_not_chunked_alike(tmp_path):
    dataset = months().chunk(time=12)
    dataset["rain"] = dataset.rain.chunk(time=5)

    with pytest.raises(ExportError, match="unify_chunks"):
        save(dataset, tmp_path)
