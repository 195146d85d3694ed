"""Batches of designs on disk: ``designs.root``, one row a design, with names and units."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import numpy as np

from shoeroot.design.parameters import FloatArray
from shoeroot.design.schema import Schema
from shoeroot.errors import DesignError

__all__ = ["read_designs", "write_designs"]

TREE = "designs"


def write_designs(path: str | Path, schema: Schema, storage_batch: FloatArray) -> None:
    """Write a batch as a TTree with one branch a parameter.

    Parameters
    ----------
    path : Path
        Written under a temporary name and renamed when complete.
    schema : Schema
    storage_batch : (n_designs, 90) float64

    Raises
    ------
    DesignError
        The batch is no batch of designs, or the file cannot be written.
    """
    import uproot

    path = Path(path)
    schema.check_batch(storage_batch)
    columns = {
        parameter.name: storage_batch[:, parameter.slice_storage]
        if parameter.length_storage > 1
        else storage_batch[:, parameter.start_storage]
        for parameter in schema
    }
    types = {name: (values.dtype, values.shape[1:]) for name, values in columns.items()}
    described = {
        "program_types": schema.program_types,
        "climate_zones": schema.climate_zones,
        "parameters": {
            parameter.name: {"unit": parameter.unit, "description": parameter.info}
            for parameter in schema
        },
    }
    temporary = path.with_name(path.name + ".part")
    try:
        with uproot.recreate(temporary, compression=uproot.ZSTD(1)) as file:
            tree = file.mktree(TREE, {name: np.dtype(kind) for name, kind in types.items()})
            tree.extend(columns)
            file["schema"] = json.dumps(described)
        temporary.replace(path)
    except OSError as error:
        raise DesignError(
            f"the batch of designs cannot be written: {error.strerror or error}", where=str(path)
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def read_designs(path: str | Path) -> tuple[Schema, FloatArray]:
    """Read a batch that `write_designs` wrote.

    Returns
    -------
    Schema, (n_designs, 90) float64

    Raises
    ------
    DesignError
        The file is missing, damaged, or not a batch of designs.
    """
    import uproot

    path = Path(path)
    try:
        with uproot.open(path) as file:
            if file.file.fEND > path.stat().st_size:
                raise EOFError("the file is cut short")
            described = json.loads(str(file["schema"]))
            schema = Schema(
                program_types=int(described["program_types"]),
                climate_zones=int(described["climate_zones"]),
            )
            tree = file[TREE]
            pieces = [
                tree[parameter.name]
                .array(library="np")
                .reshape(tree.num_entries, parameter.length_storage)
                for parameter in schema
            ]
    except FileNotFoundError as error:
        raise DesignError("there is no batch of designs", where=str(path)) from error
    except Exception as error:  # a damaged file raises whatever its bytes lead to
        raise DesignError(
            f"not a readable batch of designs: {error}",
            where=str(path),
            hint="write it with shoeroot.design.write_designs",
        ) from error
    return schema, np.hstack(pieces).astype(np.float64)
