"""One netCDF file: what shoeroot compresses is, to any reader, as HDF5 would have done it."""

import numpy as np
import pytest

xr = pytest.importorskip("xarray", reason="needs the extra netcdf")
h5py = pytest.importorskip("h5py", reason="needs the extra netcdf")
netcdf_library = pytest.importorskip("netCDF4", reason="needs the extra netcdf")

from shoeroot.exports import load, save  # noqa: E402
from shoeroot.exports.encoding import time_encoding, variable_encoding  # noqa: E402
from shoeroot.exports.netcdf_file import write_netcdf  # noqa: E402

# Neither a multiple of the chunks' 100 simulations nor of their 744 hours.
SIMULATIONS, HOURS = 130, 1500


def results():
    rng = np.random.default_rng(0)
    shape = (SIMULATIONS, 2, HOURS)
    heating = rng.gamma(0.3, 2, shape).astype("f4")
    heating[5] = np.nan
    dataset = xr.Dataset(
        {
            "heating": (("simulation", "zone", "time"), heating, {"units": "kW h"}),
            "cooling": (("simulation", "zone", "time"), rng.random(shape).astype(">f8")),
            "steps": (("simulation", "time"), rng.integers(-9, 9, shape[::2], dtype="i2")),
            "on": (("simulation", "time"), rng.random(shape[::2]) > 0.5),
            "packed": (("simulation", "time"), np.round(rng.random(shape[::2]) * 100)),
            "total": ("simulation", rng.random(SIMULATIONS)),
            "scalar": ((), 3.5),
            "nothing": (("simulation", "none"), np.zeros((SIMULATIONS, 0))),
        },
        {
            "time": np.datetime64("2001-01-01T00:30", "ns")
            + np.arange(HOURS) * np.timedelta64(1, "h"),
            "status": ("simulation", ["ok"] * (SIMULATIONS - 1) + ["timeout"]),
            "area": (("simulation", "zone"), rng.random((SIMULATIONS, 2)), {"units": "m2"}),
        },
        {"title": "results"},
    )
    dataset.packed.encoding = {"dtype": "i2", "scale_factor": 0.5, "_FillValue": -1}
    return dataset


def encoded(dataset, compression):
    return variable_encoding(dataset, compression, time_encoding(dataset))


def described(path):
    """All that an HDF5 file says of its datasets, values and offsets aside."""
    found = {}
    with h5py.File(path, "r") as file:
        for name, one in file.items():
            settings = one.id.get_create_plist()
            filters = [settings.get_filter(n) for n in range(settings.get_nfilters())]
            attributes = {
                key: value.tolist() if isinstance(value, np.ndarray | np.generic) else value
                for key, value in one.attrs.items()
                if key not in {"DIMENSION_LIST", "REFERENCE_LIST"}  # are addresses
            }
            found[name] = (one.dtype, one.shape, one.chunks, filters, attributes)
        return found, dict(file.attrs)


@pytest.mark.parametrize("compression", ["zlib", "zstd", "none"])
@pytest.mark.parametrize("threads", [1, 3])
def test_a_file_says_and_holds_what_xarrays_own_does(tmp_path, compression, threads):
    if compression == "zstd":
        pytest.importorskip("hdf5plugin", reason="needs the extra hdf5")
    dataset = results()
    encoding = encoded(dataset, compression)
    dataset.drop_encoding().to_netcdf(tmp_path / "theirs.nc", engine="h5netcdf", encoding=encoding)

    write_netcdf(dataset.drop_encoding(), tmp_path / "ours.nc", encoding, threads)

    ours, theirs = (described(tmp_path / name) for name in ("ours.nc", "theirs.nc"))
    assert str(ours) == str(theirs)
    with xr.open_dataset(tmp_path / "ours.nc", engine="h5netcdf") as written:
        xr.testing.assert_identical(written.load(), dataset)


def test_the_netcdf_library_reads_it(tmp_path):
    dataset = results()

    write_netcdf(dataset.drop_encoding(), tmp_path / "ours.nc", encoded(dataset, "zlib"))

    with netcdf_library.Dataset(tmp_path / "ours.nc") as file:
        heating = file["heating"]
        assert heating.chunking() == [100, 2, 744]
        filters = heating.filters()
        assert (filters["zlib"], filters["complevel"], filters["shuffle"]) == (True, 1, True)
        np.testing.assert_array_equal(np.ma.filled(heating[:], np.nan), dataset.heating)
    assert (tmp_path / "ours.nc").stat().st_size < dataset.nbytes


def test_blocks_that_are_read_from_hdf5_files_are_written_at_the_same_time(tmp_path):
    """Reading and writing take the same lock, from several threads; the longest text is last."""
    first = results().drop_vars("nothing").chunk(simulation=20, zone=2, time=HOURS)
    save(first, tmp_path / "first", show_progress=False)

    again = load(tmp_path / "first")
    save(again, tmp_path / "second", show_progress=False)

    xr.testing.assert_identical(load(tmp_path / "second"), again)
    xr.testing.assert_identical(load(tmp_path / "second"), first)
    assert len(list((tmp_path / "second").glob("block_simulation*.nc"))) == 7


def test_data_that_were_never_read_are_saved(tmp_path):
    results().drop_encoding().to_netcdf(tmp_path / "lazy.nc", engine="h5netcdf")

    with xr.open_dataset(tmp_path / "lazy.nc", engine="h5netcdf") as lazy:
        save(lazy, tmp_path / "export", show_progress=False)

    xr.testing.assert_identical(load(tmp_path / "export").compute(), results())
