"""Tables in files for other programs: CSV, Parquet, ROOT."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from shoeroot.errors import ConfigError, EventFileError, nearest
from shoeroot.minitrees.backends import converted, table_of_arrow
from shoeroot.minitrees.cache_file import read_table, write_table
from shoeroot.minitrees.tables import frame_of, table_of
from shoeroot.optional import import_optional

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["KINDS", "check_kind", "read_data", "write_data"]

KINDS = (".csv", ".parquet", ".root")


def write_data(data: pd.DataFrame, path: str | Path) -> None:
    """Write a table; the suffix says how. Parquet and ROOT carry units and the cut flow.

    Parameters
    ----------
    data : pandas.DataFrame
        What `load` gave.
    path : path
        ``*.csv``, ``*.parquet`` or ``*.root``; a file of that name is replaced when the new one
        is complete.

    Raises
    ------
    ConfigError
        The suffix is another, or the file cannot be written.
    """
    target = Path(path)
    check_kind(target)
    if target.suffix == ".root":
        write_table(target, table_of(data), {})
        return
    try:
        handle, name = tempfile.mkstemp(suffix=".part", prefix=target.stem, dir=target.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            if target.suffix == ".csv":
                data.to_csv(temporary, index=False)
            else:
                parquet = import_optional(
                    "pyarrow.parquet", "writes Parquet", "pip install 'shoeroot[parquet]'"
                )
                parquet.write_table(converted(table_of(data), "arrow"), temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as problem:
        raise ConfigError(
            f"the file cannot be written: {problem.strerror or problem}", where=str(target)
        ) from problem


def read_data(path: str | Path) -> pd.DataFrame:
    """Read a table that `write_data` or ``load(..., cache_file=...)`` wrote.

    Units and the cut flow are in its attrs again, except from CSV, which has none.

    Raises
    ------
    ConfigError
        The suffix is another, or the file cannot be read.
    """
    import pandas as pd

    source = Path(path)
    check_kind(source)
    try:
        if source.suffix == ".root":
            return frame_of(read_table(source)[0])
        if source.suffix == ".csv":
            return pd.read_csv(source)
        parquet = import_optional(
            "pyarrow.parquet", "reads Parquet", "pip install 'shoeroot[parquet]'"
        )
        return frame_of(table_of_arrow(parquet.read_table(source)))
    except (OSError, ValueError, EventFileError) as problem:
        raise ConfigError(f"the table cannot be read: {problem}", where=str(source)) from problem


def check_kind(path: Path) -> None:
    """Refuse a suffix that is not written.

    Raises
    ------
    ConfigError
        With those that are.
    """
    if path.suffix not in KINDS:
        raise ConfigError(
            f"a table cannot be written as {path.suffix or 'a file without suffix'!r}",
            where=str(path),
            hint=nearest(path.suffix, KINDS),
        )
