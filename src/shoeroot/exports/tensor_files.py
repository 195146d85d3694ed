"""Tensors in an HDF5 file, where training reads them in any order; with scalers and lineage."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from shoeroot.errors import ExportError
from shoeroot.exports.tensor_sources import FileSource, TensorBatch
from shoeroot.exports.tensors import TensorPart, Tensors, described_by
from shoeroot.hdf5_file import new_hdf5
from shoeroot.optional import import_optional
from shoeroot.progress import progress

__all__ = ["load_tensors", "save_tensors"]

FORMAT = "shoeroot tensors 1"
_HINT = "pip install 'shoeroot[hdf5]'"


def save_tensors(
    tensors: Tensors,
    path: str | Path,
    *,
    schedules: bool = True,
    overwrite: bool = False,
    show_progress: bool = True,
) -> Path:
    """Write tensors to an HDF5 file: ``parts/train/tabular``, ``.../schedules``, ``.../targets``.

    Values are not scaled; the scalers, fitted on the training part, and the lineage are JSON in
    the attribute ``description``. A simulation at a time can be read, in any order.

    Parameters
    ----------
    tensors : Tensors
    path : path
        The new file, ``*.h5`` or ``*.hdf5``.
    schedules : bool
        Whether to write the schedules.
    overwrite : bool
        Replace a file of tensors that is there.
    show_progress : bool

    Raises
    ------
    ExportError
        The file exists or cannot be written; nothing is left behind.
    MissingExtraError
        h5py is not installed.
    """
    target = Path(path)
    if not target.absolute().parent.is_dir():
        raise ExportError("there is no such folder", where=str(target.absolute().parent))
    if target.exists() and not overwrite:
        raise ExportError(
            "the file exists already",
            where=str(target),
            hint="give another name, or overwrite=True (--overwrite) to replace it",
        )
    total = sum(map(len, tensors.parts.values()))
    temporary = target.with_name(f".{target.name}-{uuid.uuid4().hex}.part")
    try:
        with (
            progress("Writing tensors", total, show=show_progress) as advance,
            new_hdf5(temporary, "writes tensors") as (file, check),
        ):
            file.attrs["format"] = FORMAT
            # Attributes hold 64 kB at most; a description may be longer.
            letters = np.frombuffer(json.dumps(tensors.description()).encode(), dtype=np.uint8)
            file["description"] = letters
            for part in tensors.parts.values():
                group = file.create_group(f"parts/{part.name}")
                for count in _written(group, part, schedules):
                    check()
                    advance(count)
        temporary.replace(target)
    except OSError as problem:
        raise ExportError(
            f"the tensors cannot be written: {problem.strerror or problem}", where=str(target)
        ) from problem
    finally:
        temporary.unlink(missing_ok=True)
    return target


def _written(group: Any, part: TensorPart, schedules: bool) -> Iterator[int]:
    """Write a part, and give the simulations of each batch when it is written."""
    done = 0
    for batch in part.batches(schedules=schedules):
        for name, array in _arrays(batch):
            if name not in group:
                _create(group, name, len(part), array)
            group[name][done : done + len(array)] = array
        done += len(batch)
        yield len(batch)


def _arrays(batch: TensorBatch) -> list[tuple[str, Any]]:
    named = (
        ("event_id", batch.event_id),
        ("tabular", batch.tabular),
        ("schedules", batch.schedules),
        ("targets", batch.targets),
    )
    return [(name, array) for name, array in named if array is not None]


def _create(group: Any, name: str, count: int, array: Any) -> None:
    series = array.ndim == 3
    group.create_dataset(
        name,
        shape=(count, *array.shape[1:]),
        dtype=array.dtype,
        # A simulation a chunk, so that any order is as fast.
        chunks=(1, *array.shape[1:]) if series else None,
        **({"compression": "gzip", "compression_opts": 1, "shuffle": True} if series else {}),
    )


def load_tensors(path: str | Path) -> Tensors:
    """Open a file that `save_tensors` wrote; parts are read when they are asked for.

    Raises
    ------
    ExportError
        It is no such file, or is damaged.
    MissingExtraError
        h5py is not installed.
    """
    h5py = import_optional("h5py", "reads tensors", _HINT)
    path = Path(path)
    if not path.is_file():
        raise ExportError("there is no such file", where=str(path))
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != FORMAT:
                raise ValueError("it says no format, or another one")
            described = json.loads(file["description"][:].tobytes().decode())
            sizes = {name: len(group["event_id"]) for name, group in file["parts"].items()}
        parts = {
            name: (FileSource(path, name), np.arange(sizes[name]))
            for name in described["lineage"]["simulations"]
        }
        return Tensors(
            parts,
            tuple(described["columns"]),
            described["lineage"],
            described_by(described["scalers"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ExportError(
            f"the file of tensors cannot be read: {problem}",
            where=str(path),
            hint="was it written by shoeroot.exports.save_tensors, and is it whole?",
        ) from problem
