"""What netCDF and Zarr cannot hold is refused by name, before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from shoeroot.errors import ExportError

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["check_dataset"]

Form = Literal["netCDF", "Zarr"]
_KINDS = "biufmMSUOT"
_KINDS_OF_ATTRIBUTES = "iufSU"
#: Half precision; the netCDF library crashes where it meets such numbers.
_SHORTEST_FLOAT = 4


def check_dataset(dataset: xr.Dataset, form: Form) -> None:
    """Refuse names, types and attributes that would be lost, or would not be read back.

    Raises
    ------
    ExportError
    """
    import xarray as xr

    if not isinstance(dataset, xr.Dataset):
        raise ExportError(
            f"this is a {type(dataset).__name__}, not an xarray.Dataset",
            hint='an array becomes one by array.to_dataset(name="...")',
        )
    for name in (*dataset.dims, *dataset.variables):
        _check_name(name)
    _check_indexes(dataset)
    if form == "netCDF":
        for key, variable in dataset.variables.items():
            _check_type(str(key), variable.dtype)
            _check_attributes(f"attribute of {key}", variable.attrs)
        _check_attributes("attribute of the dataset", dataset.attrs)


def _check_name(name: Any) -> None:
    if not isinstance(name, str):
        raise ExportError(
            f"{name!r} is no name for a variable or dimension: files know texts only",
            where=repr(name),
            hint=f"rename it: dataset.rename({{{name!r}: {str(name)!r}}})",
        )
    if not name or "/" in name or "\0" in name or name in {".", ".."}:
        raise ExportError(
            f"a variable or dimension cannot be called {name!r} in a file",
            where=repr(name),
            hint="rename it, without slashes: dataset.rename({'old': 'new'})",
        )


def _check_indexes(dataset: xr.Dataset) -> None:
    import xarray as xr

    for name, index in dataset.xindexes.items():
        if isinstance(index, xr.indexes.PandasMultiIndex):
            raise ExportError(
                "a MultiIndex cannot be stored in a file",
                where=repr(name),
                hint=f"call dataset.reset_index({index.dim!r}) first",
            )


def _check_type(name: str, dtype: Any) -> None:
    if not isinstance(dtype, np.dtype):
        raise ExportError(
            f"netCDF has no numbers of the type {dtype}",
            where=name,
            hint="give plain arrays of numpy, or of Dask",
        )
    if dtype.kind == "f" and not _SHORTEST_FLOAT <= dtype.itemsize <= np.dtype("f8").itemsize:
        raise ExportError(
            f"netCDF has no numbers of the type {dtype}",
            where=name,
            hint=f'dataset[{name!r}].astype("float32"), or save_zarr',
        )
    if dtype.kind not in _KINDS:
        parts = "save .real and .imag as two variables, or call save_zarr"
        raise ExportError(
            f"netCDF has no numbers of the type {dtype}",
            where=name,
            hint=parts if dtype.kind == "c" else "give plain numbers or texts",
        )


def _check_attributes(where: str, attributes: Mapping[Any, Any]) -> None:
    for key, value in attributes.items():
        if not isinstance(key, str) or not key or not _is_storable(value):
            raise ExportError(
                f"the attribute {key!r} cannot be stored in netCDF: {value!r:.80}",
                where=where,
                hint="attributes are texts, numbers, or lists of one kind of them; "
                "write true and false as 1 and 0",
            )


def _is_storable(value: Any) -> bool:
    if isinstance(value, str | bytes):
        return True
    if isinstance(value, bool | Mapping) or value is None:
        return False
    try:
        array = np.asarray(value)
    except ValueError:  # lists in lists of several lengths
        return False
    if array.dtype.kind == "f" and array.dtype.itemsize < _SHORTEST_FLOAT:
        return False
    return array.ndim <= 1 and array.dtype.kind in _KINDS_OF_ATTRIBUTES
