"""The result of `load` in one flat ROOT file, for the next time the same is asked for."""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from shoeroot.errors import ConfigError, EventFileError, ShoerootError
from shoeroot.events import FlatFile, write_flat
from shoeroot.minitrees.array_columns import holds_arrays
from shoeroot.minitrees.cutflow import CutFlow
from shoeroot.minitrees.registry import TreeMakerWarning
from shoeroot.minitrees.tables import Table

__all__ = ["cached", "read_table", "write_table"]

TREE = "data"
METADATA = "meta"
#: Raise it when the layout of the file changes.
FORMAT = 1


def cached(path: Path, asked: Mapping[str, Any], remake: bool, work: Callable[[], Table]) -> Table:
    """Read a table from its file, or make it and write the file.

    Parameters
    ----------
    path : Path
    asked : dict
        What the table answers; a file that answers something else is not overwritten.
    remake : bool
        Make it anyway.
    work : callable
        Makes the table.

    Raises
    ------
    ConfigError
        The file holds the answer to something else, or is no such file.
    """
    if path.exists() and not remake:
        stored = _answer(path)
        if stored is not None:
            table, of = stored
            _compare(path, of, asked)
            if of.get("made_by") == asked.get("made_by"):
                return table
    table = work()
    write_table(path, table, asked)
    return table


def _answer(path: Path) -> tuple[Table, dict[str, Any]] | None:
    """Read the file; None where it is ours but damaged, so that it is made again."""
    is_root = False
    if path.is_file():
        with path.open("rb") as file:
            is_root = file.read(4) == b"root"
    if not is_root:
        raise ConfigError(
            "the cache file is no ROOT file, it is left as it is",
            where=str(path),
            hint="give another name",
        )
    try:
        return read_table(path)
    except ShoerootError as problem:
        warnings.warn(
            f"{path} is damaged and made again: {problem.problem}", TreeMakerWarning, stacklevel=4
        )
        return None


def _compare(path: Path, found: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    for key, value in asked.items():
        if key != "made_by" and found.get(key) != value:
            raise ConfigError(
                f"the cache file was made for other {key.replace('_', ' ')}",
                where=str(path),
                hint="give another file, or remake_cache=True",
            )


def write_table(path: Path, table: Table, asked: Mapping[str, Any]) -> None:
    """Write a table under a temporary name and rename it when complete.

    Raises
    ------
    ConfigError
        It cannot be written, or a column holds what ROOT cannot.
    """
    described = {
        "format": FORMAT,
        "asked": dict(asked),
        "columns": {name: dict(about) for name, about in table.info.items()},
        "datasets": dict(table.datasets),
        "cut_flow": None if table.flow is None else table.flow.to_dict(),
        "types": {name: str(values.dtype) for name, values in table.columns.items()},
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=".part", prefix=path.stem, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            write_flat(
                temporary, TREE, _storable(table, path), texts={METADATA: json.dumps(described)}
            )
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as problem:
        raise ConfigError(
            f"the cache file cannot be written: {problem.strerror or problem}", where=str(path)
        ) from problem


def _storable(table: Table, path: Path) -> dict[str, Any]:
    for name, values in table.columns.items():
        if not isinstance(values, np.ndarray) or (
            values.dtype == object
            and not holds_arrays(values)
            and not all(isinstance(one, str) for one in values)
        ):
            raise ConfigError(
                f"the column {name!r} has values of several types, which ROOT cannot hold",
                where=str(path),
                hint="load without cache_file and write it by data.to_parquet",
            )
    return dict(table.columns)


def read_table(path: Path) -> tuple[Table, dict[str, Any]]:
    """Read what `write_table` wrote: the table, and what it answers.

    Raises
    ------
    EventFileError
        It is damaged or something else.
    """
    with FlatFile(path) as file:
        try:
            described = json.loads(file.text(METADATA))
            if described["format"] != FORMAT:
                raise KeyError("format")
            flow = described["cut_flow"]
            return (
                Table(
                    file.read(TREE),
                    described["columns"],
                    None if flow is None else CutFlow.from_dict(flow),
                    described["datasets"],
                ),
                described["asked"],
            )
        except (KeyError, TypeError, ValueError, ConfigError) as problem:
            raise EventFileError(
                f"it does not describe its columns: {problem}",
                where=str(path),
                hint="remake_cache=True",
            ) from problem
