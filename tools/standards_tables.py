"""Rows of the tables of building-energy-standards-data, found by key and named for the record."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import metadata, resources
from typing import Any

PACKAGE = "building_energy_standards_data"
VERSION = "0.3.3"

Row = dict[str, Any]


def installed_version() -> str | None:
    """Return the version of the package, None where it is not installed."""
    try:
        return metadata.version(PACKAGE.replace("_", "-"))
    except metadata.PackageNotFoundError:
        return None


@cache
def table(name: str) -> tuple[Row, ...]:
    """Return all rows of a table."""
    path = resources.files(PACKAGE) / "database_files" / f"{name}.json"
    return tuple(json.loads(path.read_text(encoding="utf-8")))


@cache
def plain(value: Any) -> Any:
    """Return text without case, spaces and signs: editions differ in those only."""
    return re.sub(r"[^a-z0-9]", "", value.lower()) if isinstance(value, str) else value


def rows(name: str, /, **key: Any) -> list[Row]:
    """Return the rows of a table that have these values."""
    return list(_rows(name, tuple(key.items())))


@cache
def _rows(name: str, key: tuple[tuple[str, Any], ...]) -> tuple[Row, ...]:
    return tuple(
        row for row in table(name) if all(plain(row[field]) == plain(value) for field, value in key)
    )


def row(name: str, /, **key: Any) -> Row:
    """Return the only row of a table that has these values.

    Raises
    ------
    LookupError
        There is none, or more than one.
    """
    found = rows(name, **key)
    if len(found) != 1:
        raise LookupError(f"{name} has {len(found)} rows with {key}")
    return found[0]


def reference(name: str, *key: Any) -> str:
    """Say where a figure is from: the table and the values that tell the row."""
    return f"{name}[{', '.join(str(value) for value in key)}]"
