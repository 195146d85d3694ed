"""Events as HDF5 files and back: one dataset a stripe (a flat array, or the counts that cut it).

A list of records ``zones`` with ``area`` in it is the datasets ``zones_n``, the number of zones
of each event, and ``zones_area``, one value a zone of all events. Texts are their lengths in
bytes and their UTF-8 letters. Each dataset has its unit and description as attributes, and
``cut_by`` names the counts that cut it, outermost first. The record type as JSON, its content
id and the metadata of the events are attributes of the file.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import EventFileError, RecordError
from shoeroot.events.reader import Events
from shoeroot.events.replace import replaced
from shoeroot.events.self_described import (
    Progress,
    chunks_told,
    not_ours,
    own_texts,
    read_description,
    unreadable,
)
from shoeroot.hdf5_file import new_hdf5
from shoeroot.optional import import_optional
from shoeroot.records import RecordType, Stripe, Stripes

__all__ = ["read_hdf5", "read_hdf5_metadata", "write_hdf5"]

FORMAT = "shoeroot events in HDF5 1"
CHUNK = 100
CHUNK_BYTES = 256 * 1024
UNREADABLE = "is it whole, did shoeroot write it, and is hdf5plugin there if it has Blosc?"


_PURPOSE = "reads and writes HDF5"


def _h5py() -> Any:
    return import_optional("h5py", _PURPOSE, "pip install 'shoeroot[hdf5]'")


def _filters(compression: str) -> dict[str, Any]:
    if compression == "gzip":
        return {"compression": "gzip", "compression_opts": 4, "shuffle": True}
    if compression != "blosc":
        raise EventFileError(f"there is no compression {compression!r}", hint="'gzip' or 'blosc'")
    return dict(_hdf5plugin().Blosc(cname="zstd", clevel=1, shuffle=1))


def _hdf5plugin() -> Any:
    plugin = import_optional(
        "hdf5plugin", "has the codec Blosc", "pip install hdf5plugin, or compression='gzip'"
    )
    # netCDF4 names a folder of codecs that are made for its own HDF5 library alone; without
    # force, hdf5plugin leaves Blosc to them.
    plugin.register("blosc", force=True)
    return plugin


def write_hdf5(
    events: Events,
    path: str | Path,
    *,
    compression: str = "gzip",
    chunk: int = CHUNK,
    progress: Progress = None,
) -> Path:
    """Write events as an HDF5 file.

    Parameters
    ----------
    events : Events
        What to write.
    path : path
        The new file.
    compression : str
        "gzip", level 4 with shuffle, which every HDF5 reads; or "blosc", which is many times
        faster and needs the package hdf5plugin here and wherever the file is read.
    chunk : int
        Events in memory at a time.
    progress : callable, optional
        Called with the number of events done and of all.

    Raises
    ------
    EventFileError
        If the file exists or there are no events. Nothing is left behind.
    MissingExtraError
        If h5py (or hdf5plugin) is not installed.
    """
    filters, target = _filters(compression), Path(path)
    record_type = events.record_type
    if len(events) == 0:
        raise EventFileError("there are no events to write", where=str(target))
    with replaced(target) as unfinished, new_hdf5(unfinished, _PURPOSE) as (file, check):
        _describe(file, events)
        datasets = {
            name: _dataset(file, stripe, record_type, filters)
            for name, stripe in record_type.stripes.items()
        }
        for part in chunks_told(events, chunk, progress):
            for name, array in part.stripes().items():
                dataset = datasets[name]
                end = len(dataset)
                dataset.resize(end + len(array), axis=0)
                dataset[end:] = array
            check()
    return target


def _describe(file: Any, events: Events) -> None:
    record_type = events.record_type
    file.attrs["format"] = FORMAT
    file.attrs["schema_id"] = record_type.content_id
    file.attrs["metadata"] = json.dumps(own_texts(events))
    file.attrs["events"] = len(events)
    # An attribute has 64 KB at most; a schema may have more.
    letters = np.frombuffer(record_type.to_json().encode(), dtype=np.uint8)
    file.create_dataset("schema", data=letters, compression="gzip")


def _dataset(file: Any, stripe: Stripe, record_type: RecordType, filters: dict[str, Any]) -> Any:
    dtype = np.dtype(stripe.dtype)
    width = max(stripe.length, 1)
    rows = max(1, min(CHUNK_BYTES // (dtype.itemsize * width), 65536))
    beyond = (stripe.length,) if stripe.length else ()
    dataset = file.create_dataset(
        f"events/{stripe.name}",
        shape=(0, *beyond),
        maxshape=(None, *beyond),
        chunks=(rows, *beyond),
        dtype=dtype,
        **filters,
    )
    value = record_type.columns[stripe.column].value
    dataset.attrs["unit"] = value.unit if stripe.role == "value" else ""
    dataset.attrs["description"] = value.description
    dataset.attrs["role"] = stripe.role
    dataset.attrs["cut_by"] = json.dumps(stripe.frame)
    return dataset


def read_hdf5_metadata(path: str | Path) -> tuple[RecordType, dict[str, str], int]:
    """Give the record type, the metadata and the number of events of an HDF5 file.

    Raises
    ------
    EventFileError
        If it is not an HDF5 file that `write_hdf5` made.
    """
    h5py = _h5py()
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != FORMAT:
                raise not_ours("HDF5", path)
            record_type, texts = read_description(
                file["schema"][:].tobytes().decode(),
                file.attrs["schema_id"],
                json.loads(file.attrs["metadata"]),
                path,
            )
            return record_type, texts, int(file.attrs["events"])
    except EventFileError:
        raise
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecordError) as problem:
        raise unreadable("HDF5", path, problem, UNREADABLE) from problem


def read_hdf5(path: str | Path, *, chunk: int = CHUNK) -> Iterator[Stripes]:
    """Go through the events of an HDF5 file, `chunk` events at a time.

    Raises
    ------
    EventFileError
        If the file is damaged or its datasets do not fit each other.
    """
    h5py = _h5py()
    if importlib.util.find_spec("hdf5plugin"):
        _hdf5plugin()
    record_type, _, count = read_hdf5_metadata(path)
    try:
        with h5py.File(path, "r") as file:
            group = file["events"]
            starts = dict.fromkeys(record_type.stripes, 0)
            for first in range(0, count, chunk):
                yield _read(group, record_type, min(chunk, count - first), starts)
            for name, read in starts.items():
                if read != len(group[name]):
                    raise ValueError(f"{name!r} has {len(group[name])} values, of which {read} fit")
    except EventFileError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        # Blosc's filter comes with a package; HDF5 says only that a filter is not there.
        raise unreadable("HDF5", path, problem, UNREADABLE) from problem


def _read(group: Any, record_type: RecordType, count: int, starts: dict[str, int]) -> Stripes:
    stripes: Stripes = {}
    lengths: dict[tuple[str, ...], int] = {(): count}
    for name, stripe in record_type.stripes.items():
        if stripe.frame not in lengths:
            counts = stripes[stripe.frame[-1]]
            if np.any(counts.astype(np.int64) < 0):
                raise ValueError(f"{stripe.frame[-1]!r} has a negative count")
            lengths[stripe.frame] = int(counts.sum(dtype=np.int64))
        start, length = starts[name], lengths[stripe.frame]
        stripes[name] = _values(group[name], stripe, start, length)
        starts[name] = start + length
    return stripes


def _values(dataset: Any, stripe: Stripe, start: int, length: int) -> NDArray[Any]:
    shape = (stripe.length,) if stripe.length else ()
    if dataset.dtype != np.dtype(stripe.dtype) or dataset.shape[1:] != shape:
        raise ValueError(f"{stripe.name!r} is {dataset.dtype}{dataset.shape[1:]}")
    if start + length > len(dataset):
        raise ValueError(f"{stripe.name!r} ends before its lists do")
    values: NDArray[Any] = dataset[start : start + length]
    return values
