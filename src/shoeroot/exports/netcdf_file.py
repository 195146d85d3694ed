"""Write one netCDF file, with its large variables compressed outside of the HDF5 library.

HDF5 compresses under one lock, so that threads wait for each other. Chunks that come compressed
need the lock for their copy only, and may be deflated by a faster library; what is in the file is
the same (`H5Dwrite_chunk` in the reference manual of HDF5).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cramjam
import numpy as np
import zstandard
from numpy.typing import NDArray

from shoeroot.errors import ExportError
from shoeroot.hdf5_file import KeptFile
from shoeroot.optional import import_optional

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["write_netcdf"]

_HINT = "pip install 'shoeroot[netcdf]'"
_LEVEL = 1
#: Chunks that wait for the disk, for each thread that compresses.
_WAITING = 4


def write_netcdf(
    dataset: xr.Dataset, path: Path, encoding: Mapping[str, Mapping[str, Any]], threads: int = 1
) -> None:
    """Write a netCDF-4 file.

    Parameters
    ----------
    dataset : xarray.Dataset
        Read or computed here, where it is not in memory yet.
    path : path
        The file to make.
    encoding : mapping
        Of `variable_encoding`, for each variable.
    threads : int
        How many chunks are compressed at once.

    Raises
    ------
    OSError
        The file cannot be written; whoever calls removes it.
    """
    import xarray as xr

    # Before the lock is taken: it may have to be read from another HDF5 file.
    dataset = dataset.compute()
    late = _LateWriter({name for name, one in encoding.items() if "chunksizes" in one})
    # h5py's own lock is not enough where it shares the HDF5 library with netCDF4.
    lock: Any = xr.backends.locks.HDF5_LOCK
    kept = KeptFile(path)
    try:
        with lock:
            store = xr.backends.H5NetCDFStore.open(kept, mode="w", lock=False)
            try:
                dataset.dump_to_store(store, writer=late, encoding=encoding)
            finally:
                store.close()
        kept.check()
        if late.waiting:
            _write_late(kept, late.waiting, threads, lock)
    finally:
        kept.close()
    kept.check()


def _write_late(
    kept: KeptFile, waiting: Mapping[str, NDArray[Any]], threads: int, lock: Any
) -> None:
    h5py = import_optional("h5py", "writes netCDF files", _HINT)
    with lock:
        file = h5py.File(kept, "r+")
    try:
        with ThreadPoolExecutor(threads) as pool:
            for name, values in waiting.items():
                _write_chunks(file[name], values, pool, threads, lock)
                kept.check()
    finally:
        with lock:
            file.close()


class _LateWriter:
    """Takes variables from xarray: writes the small ones, and keeps those that have chunks."""

    def __init__(self, chunked: set[str]) -> None:
        self.chunked = chunked
        self.waiting: dict[str, NDArray[Any]] = {}

    def add(self, source: Any, target: Any, region: Any = None) -> None:
        """Write a variable, or keep it; xarray calls this for each."""
        values, name = np.asarray(source), str(target.variable_name)
        if name in self.chunked and values.size:
            self.waiting[name] = values
            # Writing nothing makes h5netcdf complete the variable's description.
            target[:0] = values[:0]
        else:
            target[...] = values


def _write_chunks(
    stored: Any, values: NDArray[Any], pool: ThreadPoolExecutor, threads: int, lock: Any
) -> None:
    """Write all chunks of an h5py dataset, at most some of them in memory."""
    with lock:
        dtype, sizes, filled = stored.dtype, stored.chunks, stored.fillvalue
        compress = _pipeline(stored)

    def prepared(start: tuple[int, ...]) -> Any:
        part = values[tuple(slice(at, at + size) for at, size in zip(start, sizes, strict=True))]
        if part.shape != sizes:
            # HDF5 stores whole chunks, those at the edges, too.
            whole = np.full(sizes, filled, dtype=dtype)
            whole[tuple(slice(length) for length in part.shape)] = part
            part = whole
        return compress(np.ascontiguousarray(part, dtype=dtype))

    for starts in _groups(values.shape, sizes, _WAITING * threads):
        chunks = list(pool.map(prepared, starts))
        with lock:
            for start, chunk in zip(starts, chunks, strict=True):
                stored.id.write_direct_chunk(start, chunk)


def _groups(
    shape: tuple[int, ...], sizes: tuple[int, ...], count: int
) -> Iterator[list[tuple[int, ...]]]:
    """Give the first elements of all chunks, some chunks at a time."""
    starts = itertools.product(
        *(range(0, length, size) for length, size in zip(shape, sizes, strict=True))
    )
    while group := list(itertools.islice(starts, count)):
        yield group


def _pipeline(stored: Any) -> Callable[[NDArray[Any]], Any]:
    """Do what the filters of an h5py dataset would do to a chunk."""
    settings = stored.id.get_create_plist()
    numbers = [settings.get_filter(place)[0] for place in range(settings.get_nfilters())]
    try:
        filters = [_FILTERS[number] for number in numbers]
    except KeyError as problem:
        raise ExportError(f"HDF5 filter {problem} is not known", where=str(stored.name)) from None

    def apply(chunk: NDArray[Any]) -> Any:
        content: Any = chunk
        for one in filters:
            content = one(content)
        return content

    return apply


def _shuffled(chunk: NDArray[Any]) -> NDArray[np.uint8]:
    """Put the first bytes of all numbers first, then the second ones, ..."""
    return np.ascontiguousarray(chunk.reshape(-1, 1).view(np.uint8).T)


def _deflated(content: NDArray[Any]) -> Any:
    return cramjam.zlib.compress(_bytes(content), _LEVEL)


def _zstd(content: NDArray[Any]) -> bytes:
    return zstandard.ZstdCompressor(_LEVEL).compress(_bytes(content))


def _bytes(content: NDArray[Any]) -> memoryview:
    return content.reshape(-1).view(np.uint8).data


#: By the numbers under which HDF5 knows them.
_FILTERS: dict[int, Callable[[NDArray[Any]], Any]] = {1: _deflated, 2: _shuffled, 32015: _zstd}
