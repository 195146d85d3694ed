"""Save a dataset as one Zarr store with shards, as a sibling of the netCDF files."""

from __future__ import annotations

import json
import math
import shutil
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import ExportError
from shoeroot.exports.checking import check_dataset
from shoeroot.exports.encoding import CHUNK_SIZES, time_encoding
from shoeroot.exports.leftovers import remove_abandoned
from shoeroot.exports.reading import decoding, reading_of
from shoeroot.exports.tasks import has_client
from shoeroot.optional import import_optional

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["STORE", "load_zarr", "save_zarr"]

#: The file by which a folder is known as a Zarr store of version 3.
STORE = "zarr.json"
_HINT = "pip install 'shoeroot[netcdf]'"
#: The attribute of a store that says how its variables are decoded.
_READING = "shoeroot_reading"
#: How Dask is told to compute in threads, which it does by itself.
_IN_THREADS = (None, "threads", "threading")
_TRIES, _PAUSE = 20, 0.1


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
    check_dataset(dataset, "Zarr")
    remove_abandoned(target.absolute().parent, f".{target.name}-*.part")
    times = time_encoding(dataset)
    placed, grid = _aligned(_plain(dataset))
    if reading := reading_of(dataset):
        placed = placed.assign_attrs({_READING: json.dumps(reading)})
    encoding = {
        str(name): {**grid.get(str(name), {}), **times.get(str(name), {})}
        for name in placed.variables
    }
    with _appearing(target, overwrite=overwrite) as unfinished, _threads_that_end():
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
            hint="give another name, or overwrite=True (--overwrite) to replace it",
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
        # A single number has nothing to be cut along.
        if variable.chunks is not None and variable.ndim
    }
    placed = {
        name: dataset[name].chunk({key: shards[str(key)] for key in dataset[name].dims})
        for name in grid
    }
    return dataset.assign(placed), grid


def _plain(dataset: xr.Dataset) -> xr.Dataset:
    """Give all texts the one type of text that the specification of format 3 has."""
    texts = [key for key, one in dataset.variables.items() if one.dtype.kind == "U"]
    # An index would give a text its former type again.
    indexes = [key for key in texts if key in dataset.xindexes]
    dataset = dataset.drop_indexes(indexes)
    for key in texts:
        array = dataset[key].variable.astype(np.dtypes.StringDType())
        dataset = (
            dataset.assign_coords({key: array}) if key in indexes else dataset.assign({key: array})
        )
    return dataset


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
        _remove(unfinished)
        shutil.rmtree(former, ignore_errors=True)


def _remove(folder: Path) -> None:
    # Workers of a client may be at a last chunk still.
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(_PAUSE)


@contextmanager
def _threads_that_end() -> Iterator[None]:
    """Let Dask compute in threads that are waited for, also when one of them has failed."""
    dask = import_optional("dask", "writes Zarr stores", _HINT)
    if has_client() or dask.config.get("scheduler", None) not in _IN_THREADS:
        yield
        return
    with ThreadPoolExecutor(dask.system.CPU_COUNT) as pool, dask.config.set(pool=pool):
        yield


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
        loaded: xr.Dataset = xarray.open_zarr(
            Path(path), zarr_format=3, consolidated=False, **decoding(_reading_at(Path(path)))
        )
        loaded.attrs.pop(_READING, None)
        # An index of texts would keep the type that it has in the store.
        texts = [name for name in loaded.xindexes if loaded[name].dtype.kind == "T"]
        loaded = loaded.drop_indexes(texts)
        return loaded.assign({name: _as_saved(loaded[name]) for name in loaded.variables})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ExportError(
            f"the Zarr store cannot be read: {problem}",
            where=str(path),
            hint="was it made by shoeroot.exports.save_zarr, and is it whole?",
        ) from problem


def _reading_at(path: Path) -> dict[str, list[str]]:
    described = json.loads((path / STORE).read_text(encoding="utf-8"))
    found: dict[str, list[str]] = json.loads(described["attributes"].get(_READING, "{}"))
    return found


def _as_saved(array: xr.DataArray) -> xr.DataArray | xr.Variable:
    import xarray as xr

    shards = array.encoding.get("shards")
    if shards:
        # xarray opens by inner chunks; a shard is what was a chunk.
        return array.chunk(dict(zip(array.dims, shards, strict=True)))
    # What was in memory is small, and comes back into memory.
    array = array.compute()
    if array.dtype.kind == "T":
        return xr.Variable(array.dims, np.array(array.values.tolist(), dtype=str), array.attrs)
    return array
