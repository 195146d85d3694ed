"""Save a dataset as one Zarr store with shards, as a sibling of the netCDF files."""

from __future__ import annotations

import math
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import ExportError
from shoeroot.exports.encoding import CHUNK_SIZES, time_encoding
from shoeroot.optional import import_optional

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["STORE", "load_zarr", "save_zarr"]

#: The file by which a folder is known as a Zarr store of version 3.
STORE = "zarr.json"
_HINT = "pip install 'shoeroot[netcdf]'"


def save_zarr(dataset: xr.Dataset, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a dataset as a Zarr store (format 3): one shard a Dask chunk.

    A shard is one file, in which chunks of 100 simulations by 744 hours can be read on their
    own. The store is written under a temporary name and renamed when it is complete, by the
    workers of a `distributed.Client` where there is one.

    Parameters
    ----------
    dataset : xarray.Dataset
    path : path
        The folder to make, such as ``"campaign.zarr"``.
    overwrite : bool
        Replace a Zarr store that is there. Anything else is never replaced.

    Returns
    -------
    Path

    Raises
    ------
    ExportError
        The folder exists, or the store cannot be computed or written; nothing is left of it.
    MissingExtraError
        zarr or xarray is not installed.
    """
    import_optional("zarr", "writes Zarr stores", _HINT)
    target = Path(path)
    _refuse(target, overwrite=overwrite)
    times = time_encoding(dataset)
    placed, grid = _aligned(dataset)
    encoding = {
        str(name): {**grid.get(str(name), {}), **times.get(str(name), {})}
        for name in placed.variables
    }
    with _appearing(target, overwrite=overwrite) as unfinished:
        placed.drop_encoding().to_zarr(
            unfinished,
            mode="w-",
            zarr_format=3,
            # Other readers of format 3 know no consolidated metadata.
            consolidated=False,
            encoding={name: chosen for name, chosen in encoding.items() if chosen},
        )
    return target


def _refuse(target: Path, *, overwrite: bool) -> None:
    if not target.exists():
        if not target.absolute().parent.is_dir():
            raise ExportError("there is no such folder", where=str(target.absolute().parent))
        return
    if not (target / STORE).is_file():
        raise ExportError(
            "there is something else than a Zarr store", where=str(target), hint="give another name"
        )
    if not overwrite:
        raise ExportError(
            "the Zarr store exists already",
            where=str(target),
            hint="give another name, or overwrite=True to replace it",
        )


def _aligned(dataset: xr.Dataset) -> tuple[xr.Dataset, dict[str, dict[str, Any]]]:
    """Chunk a dataset by whole shards; say chunks and shards of each variable."""
    try:
        blocks = {str(name): sizes[0] for name, sizes in dataset.chunksizes.items()}
    except ValueError as problem:
        raise ExportError(
            "the variables of the dataset are not chunked alike",
            where=", ".join(map(str, dataset.dims)),
            hint="call dataset.unify_chunks() first",
        ) from problem
    inner, shards = {}, {}
    for dimension, size in dataset.sizes.items():
        name, block = str(dimension), blocks.get(str(dimension), size)
        inner[name] = max(min(block, CHUNK_SIZES.get(name, block)), 1)
        shards[name] = math.ceil(max(block, 1) / inner[name]) * inner[name]
    grid = {
        str(name): {
            "chunks": tuple(inner[str(key)] for key in variable.dims),
            "shards": tuple(shards[str(key)] for key in variable.dims),
        }
        for name, variable in dataset.variables.items()
        if variable.chunks is not None
    }
    placed = {}
    for key, variable in dataset.variables.items():
        name, array = str(key), dataset[key]
        if variable.dtype.kind == "U":
            # Texts of fixed length are not in the specification of format 3.
            array = array.astype(np.dtypes.StringDType())
        if name in grid:
            array = array.chunk({length: shards[str(length)] for length in array.dims})
        placed[name] = array
    return dataset.assign(placed), grid


@contextmanager
def _appearing(target: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a temporary folder that gets the name of `target` when the block ends well."""
    target = target.absolute()
    mark = uuid.uuid4().hex
    unfinished = target.with_name(f".{target.name}-{mark}.part")
    former = target.with_name(f".{target.name}-{mark}.former.part")
    try:
        yield unfinished
        if overwrite and target.exists():
            target.rename(former)
        unfinished.rename(target)
    except ExportError:
        raise
    except Exception as problem:  # whatever a block's computation raises
        if former.exists() and not target.exists():
            former.rename(target)
        raise ExportError(
            f"the Zarr store cannot be made: {type(problem).__name__}: {problem}",
            where=str(target),
            hint="mend the cause and save again; nothing was left behind",
        ) from problem
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)


def load_zarr(path: str | Path) -> xr.Dataset:
    """Open a Zarr store, chunked as it was saved; values are read when they are computed.

    Raises
    ------
    ExportError
        It is no Zarr store, or is damaged.
    MissingExtraError
        zarr, xarray or Dask is not installed.
    """
    xarray = import_optional("xarray", "reads Zarr stores", _HINT)
    import_optional("zarr", "reads Zarr stores", _HINT)
    try:
        loaded: xr.Dataset = xarray.open_zarr(Path(path), zarr_format=3, consolidated=False)
        return loaded.assign({name: _as_saved(loaded[name]) for name in loaded.variables})
    except (OSError, ValueError, KeyError) as problem:
        raise ExportError(
            f"the Zarr store cannot be read: {problem}",
            where=str(path),
            hint="was it made by shoeroot.exports.save_zarr, and is it whole?",
        ) from problem


def _as_saved(array: xr.DataArray) -> xr.DataArray:
    shards = array.encoding.get("shards")
    if shards:
        # xarray opens by inner chunks; a shard is what was a chunk.
        return array.chunk(dict(zip(array.dims, shards, strict=True)))
    # What was in memory is small, and comes back into memory.
    array = array.compute()
    if array.dtype.kind == "T":
        return array.copy(data=np.array(array.values.tolist(), dtype=str))
    return array
