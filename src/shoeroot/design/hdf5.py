"""Batches of designs in HDF5, in the notebook's layout: one dataset ``storage_vectors``.

What we write says schema, names and units in attributes, which other readers may ignore;
files without them, as the notebook writes them, are read as well.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from shoeroot.design.parameters import FloatArray
from shoeroot.hdf5_file import new_hdf5
from shoeroot.optional import import_optional

__all__ = ["read_hdf5", "write_hdf5"]

DATASET = "storage_vectors"
SCHEMA = "schema"
PURPOSE = "reads and writes HDF5"


def write_hdf5(path: Path, storage_batch: FloatArray, described: dict[str, Any]) -> None:
    """Write a checked batch; `described` is stored as an attribute."""
    with new_hdf5(path, PURPOSE) as (file, _):
        dataset = file.create_dataset(
            DATASET,
            data=np.asarray(storage_batch, dtype=np.float64),
            fletcher32=len(storage_batch) > 0,  # a checksum: damage is an error when it is read
        )
        dataset.attrs[SCHEMA] = json.dumps(described)


def read_hdf5(path: Path) -> tuple[FloatArray, dict[str, Any]]:
    """Read a batch and what is said about it; an empty dict if nothing is said."""
    with _h5py().File(path, "r") as file:
        if DATASET not in file:
            raise ValueError(f"no dataset {DATASET!r} among {sorted(file)[:10]}")
        dataset = file[DATASET]
        described = json.loads(dataset.attrs.get(SCHEMA, "{}"))
        return np.asarray(dataset[...], dtype=np.float64), dict(described)


def _h5py() -> Any:
    return import_optional("h5py", PURPOSE, "pip install 'shoeroot[hdf5]'")
