"""What an event file says about itself: the folder ``meta/`` and the tree ``provenance``."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import awkward as ak
import numpy as np

from shoeroot.errors import ConfigError
from shoeroot.events.layout import text_type
from shoeroot.records import RecordType

__all__ = ["FORMAT", "describe_file", "provenance_row", "provenance_types", "software_versions"]

FORMAT = "shoeroot events 1"
RESERVED = ("format", "schema", "schema_id", "software")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@cache
def software_versions() -> str:
    """Give the versions of what writes, as JSON."""
    versions = {"python": platform.python_version()}
    for package in ("shoeroot", "uproot", "awkward", "numpy"):
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "unknown"
    return json.dumps(versions, sort_keys=True)


def describe_file(record_type: RecordType, extra: Mapping[str, str]) -> dict[str, str]:
    """Give the texts of ``meta/``: format, schema, its id, software, and the user's own.

    Raises
    ------
    ConfigError
        If a key of `extra` cannot name an object in a file, or is taken.
    """
    for key, text in extra.items():
        if not isinstance(key, str) or not _KEY.match(key) or key in RESERVED:
            raise ConfigError(
                f"{key!r} cannot be a metadata key",
                hint=f"letters, digits and underscores, and none of {', '.join(RESERVED)}",
            )
        if not isinstance(text, str):
            raise ConfigError(f"metadata {key!r} is a {type(text).__name__}, not a text")
    return {
        "format": FORMAT,
        "schema": record_type.to_json(),
        "schema_id": record_type.content_id,
        "software": software_versions(),
        **extra,
    }


def provenance_types() -> dict[str, Any]:
    """Give the branches of the tree ``provenance``, as `mktree` takes them."""
    names = ("software", "version", "record_type", "schema_id", "time")
    return {**dict.fromkeys(names, text_type()), "count": np.dtype("i8")}


def provenance_row(record_type: RecordType, count: int) -> dict[str, Any]:
    """Give the one row that a writer leaves in each part: who, when (UTC), how many events."""
    texts = {
        "software": "shoeroot",
        "version": json.loads(software_versions())["shoeroot"],
        "record_type": record_type.name,
        "schema_id": record_type.content_id,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    row: dict[str, Any] = {name: ak.Array([text]) for name, text in texts.items()}
    row["count"] = np.array([count], dtype=np.int64)
    return row
