"""Tables written to files for other programs: CSV, Parquet, ROOT."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from shoeroot.errors import ConfigError, nearest
from shoeroot.minitrees.backends import converted
from shoeroot.minitrees.cache_file import write_table
from shoeroot.minitrees.tables import table_of
from shoeroot.optional import import_optional

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["KINDS", "write_data"]

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
