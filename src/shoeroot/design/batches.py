"""Batches of designs on disk: ``designs.root`` or HDF5, one row a design, with names and units."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from shoeroot.design.hdf5 import read_hdf5, write_hdf5
from shoeroot.design.parameters import FloatArray
from shoeroot.design.schema import Schema
from shoeroot.errors import DesignError, MissingExtraError

__all__ = [
    "BLOCK",
    "HDF5_SUFFIXES",
    "TREE",
    "read_designs",
    "read_sampling",
    "schema_of",
    "write_designs",
]

TREE = "designs"
#: Designs that are written and can be read together.
BLOCK = 4096
HDF5_SUFFIXES = (".hdf5", ".h5")


def write_designs(
    path: str | Path,
    schema: Schema,
    storage_batch: FloatArray,
    *,
    sampling: Mapping[str, Any] | None = None,
) -> None:
    """Write a batch: as HDF5 if the name ends in .hdf5 or .h5, else as ROOT.

    ROOT gets a TTree with one branch a parameter; HDF5 one dataset
    ``storage_vectors``, (n_designs, 90) float64.

    Parameters
    ----------
    path : Path
        Written under a temporary name and renamed when complete.
    schema : Schema
    storage_batch : (n_designs, 90) float64
    sampling : mapping, optional
        How the designs were drawn, in plain figures and texts; `read_sampling` reads it.

    Raises
    ------
    DesignError
        The batch is no batch of designs, or the file cannot be written.
    MissingExtraError
        HDF5 is asked for, and h5py is not installed.
    """
    path = Path(path)
    schema.check_batch(storage_batch)
    write = write_hdf5 if path.suffix in HDF5_SUFFIXES else _writer_of_root(schema)
    described: dict[str, Any] = {
        "program_types": schema.program_types,
        "climate_zones": schema.climate_zones,
        "parameters": {
            parameter.name: {"unit": parameter.unit, "description": parameter.info}
            for parameter in schema
        },
    }
    if sampling is not None:
        described["sampling"] = dict(sampling)
    temporary = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(temporary, storage_batch, described)
        temporary.replace(path)
    except OSError as error:
        raise DesignError(
            f"the batch of designs cannot be written: {error.strerror or error}", where=str(path)
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def read_designs(path: str | Path, schema: Schema | None = None) -> tuple[Schema, FloatArray]:
    """Read a batch that `write_designs` wrote, or the authors' notebook.

    Parameters
    ----------
    path : Path
        HDF5 if its name ends in .hdf5 or .h5, else ROOT.
    schema : Schema, optional
        For HDF5 files that do not say their own; by default ``Schema()``.

    Returns
    -------
    Schema, (n_designs, 90) float64

    Raises
    ------
    DesignError
        The file is missing, damaged, or not a batch of designs.
    MissingExtraError
        The file is HDF5, and h5py is not installed.
    """
    path = Path(path)
    with _errors_of(path):
        if path.suffix in HDF5_SUFFIXES:
            batch, described = read_hdf5(path)
            schema = _schema_of(described) if described else schema or Schema()
        else:
            schema, batch = _read_root(path)
        schema.check_batch(batch)
    return schema, batch


def read_sampling(path: str | Path) -> dict[str, Any]:
    """Read how the designs of a file were drawn: what `write_designs` was told.

    Returns
    -------
    dict
        Empty where nothing was said.

    Raises
    ------
    DesignError
        The file is missing, damaged, or not a batch of designs.
    MissingExtraError
        The file is HDF5, and h5py is not installed.
    """
    import uproot

    path = Path(path)
    with _errors_of(path):
        if path.suffix in HDF5_SUFFIXES:
            described = read_hdf5(path)[1]
        else:
            with uproot.open(path) as file:
                described = json.loads(str(file["schema"]))
        return dict(described.get("sampling", {}))


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    """Turn all that can go wrong with a file into errors that name it."""
    if not path.exists():
        raise DesignError("there is no batch of designs", where=str(path))
    try:
        yield
    except MissingExtraError:
        raise
    except DesignError as error:
        raise DesignError(
            f"not a batch of designs: {error.problem}",
            where=f"{path}, {error.where}" if error.where else str(path),
            hint=error.hint,
        ) from error
    except Exception as error:  # a damaged file raises whatever its bytes lead to
        raise DesignError(
            f"not a readable batch of designs: {type(error).__name__}: {error}".partition("\n")[0],
            where=str(path),
            hint="it is damaged, or was not written by `shoeroot sample` or "
            "shoeroot.design.write_designs",
        ) from error


def schema_of(file: Any) -> Schema:
    """Return the schema that an open ROOT file of designs says."""
    return _schema_of(json.loads(str(file["schema"])))


def _schema_of(described: dict[str, Any]) -> Schema:
    return Schema(
        program_types=int(described["program_types"]),
        climate_zones=int(described["climate_zones"]),
    )


def _writer_of_root(schema: Schema) -> Callable[[Path, FloatArray, dict[str, Any]], None]:
    def write(path: Path, storage_batch: FloatArray, described: dict[str, Any]) -> None:
        import uproot

        columns = {
            parameter.name: storage_batch[:, parameter.slice_storage]
            if parameter.length_storage > 1
            else storage_batch[:, parameter.start_storage]
            for parameter in schema
        }
        types = {name: (values.dtype, values.shape[1:]) for name, values in columns.items()}
        with uproot.recreate(path, compression=uproot.ZSTD(1)) as file:
            tree = file.mktree(TREE, {name: np.dtype(kind) for name, kind in types.items()})
            for start in range(0, len(storage_batch), BLOCK):
                part = slice(start, start + BLOCK)
                tree.extend({name: values[part] for name, values in columns.items()})
            file["schema"] = json.dumps(described)

    return write


def _read_root(path: Path) -> tuple[Schema, FloatArray]:
    import uproot

    with uproot.open(path) as file:
        if file.file.fEND > path.stat().st_size:
            raise EOFError("the file is cut short")
        schema = schema_of(file)
        tree = file[TREE]
        pieces = [
            tree[parameter.name]
            .array(library="np")
            .reshape(tree.num_entries, parameter.length_storage)
            for parameter in schema
        ]
    return schema, np.hstack(pieces).astype(np.float64)
