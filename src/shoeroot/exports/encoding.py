"""How the variables of a netCDF file are stored: compression, HDF5 chunks, times."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from shoeroot.errors import ExportError
from shoeroot.optional import import_optional

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "CHUNK_SIZES",
    "Compression",
    "check_compression",
    "exact_encoding",
    "time_encoding",
    "variable_encoding",
]

Compression = Literal["zlib", "zstd", "none"]

#: Values along a dimension that are compressed together; a whole other dimension by default.
CHUNK_SIZES = {"simulation": 100, "time": 744}
#: What of a variable's own encoding is a matter of values, not of how one file was stored.
_KEPT = ("units", "calendar", "dtype", "scale_factor", "add_offset", "_FillValue")
_KINDS_COMPRESSED = "biuf"
#: Smaller variables, such as a label of each simulation, cost more in chunks than they save.
_SMALL_BYTES = 2**14


def check_compression(compression: str) -> None:
    """Refuse a compression that there is not, or whose package is not installed.

    Raises
    ------
    ExportError
    MissingExtraError
    """
    _filters(compression)


def variable_encoding(
    dataset: xr.Dataset, compression: Compression, times: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Say how each variable of one block is stored by h5netcdf.

    Parameters
    ----------
    dataset : xarray.Dataset
        One block.
    compression : str
        ``"zlib"`` (level 1), ``"zstd"`` (needs hdf5plugin, also where it is read) or ``"none"``.
    times : dict
        From `time_encoding` of the whole dataset.
    """
    filters = _filters(compression)
    encoding = {}
    for key, variable in dataset.variables.items():
        name = str(key)
        chosen = {**_kept(variable), **times.get(name, {})}
        if name in dataset.coords and variable.dtype.kind in "fM":
            chosen.setdefault("_FillValue", None)
        if variable.nbytes >= _SMALL_BYTES and variable.dtype.kind in _KINDS_COMPRESSED:
            chosen["chunksizes"] = tuple(
                min(size, CHUNK_SIZES.get(str(dimension), size))
                for dimension, size in variable.sizes.items()
            )
            chosen |= filters
        encoding[name] = chosen
    return encoding


#: What may change values.
_PACKING = ("dtype", "scale_factor", "add_offset", "_FillValue")


def exact_encoding(
    dataset: xr.Dataset, encoding: dict[str, dict[str, Any]], carried: set[str]
) -> dict[str, dict[str, Any]]:
    """Leave out the packing of former files where values would not come back as they are.

    Parameters
    ----------
    dataset : xarray.Dataset
        A block, in memory.
    encoding : dict
        From `variable_encoding`.
    carried : set of str
        Variables whose encoding comes from a file: nobody has asked for it.
    """
    exact = dict(encoding)
    for name in carried:
        variable, chosen = dataset.variables[name], encoding[name]
        packing = {word: chosen[word] for word in _PACKING if chosen.get(word) is not None}
        if variable.dtype.kind not in "biuf" or not packing:
            continue
        if not _comes_back(variable, packing):
            exact[name] = {word: one for word, one in chosen.items() if word not in packing}
    return exact


def _comes_back(variable: xr.Variable, packing: dict[str, Any]) -> bool:
    import xarray as xr

    packed = variable.copy(deep=False)
    packed.encoding = packing
    try:
        # A cast that goes wrong shows in what comes back.
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            encoded = xr.conventions.encode_cf_variable(packed)
            decoded = xr.conventions.decode_cf_variable("", encoded, decode_times=False)
    except (ValueError, TypeError, OverflowError):
        return False
    return np.array_equal(decoded.values, variable.values, equal_nan=True)


def _kept(variable: xr.Variable) -> dict[str, Any]:
    kept = {word: variable.encoding[word] for word in _KEPT if word in variable.encoding}
    if np.dtype(kept.get("dtype", float)).kind in "USO":
        # Of texts from several files it is the type of the first, which may be too short.
        del kept["dtype"]
    return kept


def _filters(compression: str) -> dict[str, Any]:
    if compression == "none":
        return {}
    if compression == "zlib":
        return {"zlib": True, "complevel": 1, "shuffle": True}
    if compression == "zstd":
        plugin = import_optional(
            "hdf5plugin", "compresses with zstd", "pip install 'shoeroot[hdf5]'"
        )
        return {**plugin.Zstd(clevel=1), "shuffle": True}
    raise ExportError(f"there is no compression {compression!r}", hint="zlib, zstd or none")


def time_encoding(dataset: xr.Dataset) -> dict[str, dict[str, Any]]:
    """Choose units and calendar of times once, so that all files of an export agree."""
    chosen: dict[str, dict[str, Any]] = {}
    bounds = {variable.attrs.get("bounds") for variable in dataset.variables.values()}
    for key, variable in dataset.variables.items():
        if key in bounds or not _is_time(variable):
            continue
        name, bounding = str(key), str(variable.attrs.get("bounds"))
        if bounding in dataset.variables:
            # Both in the units of the bounds, which xarray writes once, with the variable.
            chosen[name] = {**_time_units(dataset.variables[bounding]), "dtype": "float64"}
            chosen[bounding] = {"dtype": "float64", "_FillValue": None}
            if dataset.variables[bounding].chunks is not None:
                # Lazy times are encoded by units that are told.
                words = ("units", "calendar")
                chosen[bounding] |= {word: chosen[name][word] for word in words}
        else:
            chosen[name] = _time_units(variable)
    return chosen


def _is_time(variable: xr.Variable) -> bool:
    if variable.chunks is not None or not variable.size:
        return False
    # A cftime object knows its calendar; other objects, such as texts, have none.
    return variable.dtype.kind == "M" or hasattr(variable.values.flat[0], "calendar")


def _time_units(variable: xr.Variable) -> dict[str, Any]:
    import xarray as xr

    try:
        encoded = xr.conventions.encode_cf_variable(variable.copy(deep=False))
    except (KeyError, OverflowError):
        # Nanoseconds of centuries do not fit from the first of them on.
        return {
            "units": "nanoseconds since 1970-01-01",
            "calendar": "proleptic_gregorian",
            "dtype": np.dtype("int64"),
        }
    return {
        "units": encoded.attrs["units"],
        "calendar": encoded.attrs["calendar"],
        "dtype": encoded.dtype,
    }
