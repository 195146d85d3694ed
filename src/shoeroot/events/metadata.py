"""What an event file says about itself: the folder ``meta/`` and the tree ``provenance``."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import awkward as ak
import numpy as np

from shoeroot.errors import ConfigError
from shoeroot.events.layout import text_type
from shoeroot.records import RecordType

__all__ = [
    "FORMAT",
    "describe_file",
    "provenance_row",
    "provenance_types",
    "software_versions",
    "united_texts",
]

FORMAT = "shoeroot events 1"
#: Metadata that are a JSON object keyed by the hash of each value: several are one of all keys.
UNITED = ("templates",)
RESERVED = ("format", "schema", "schema_id", "software")
_HASH = re.compile(r"[0-9a-f]{64}\Z")
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


def united_texts(several: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Give the metadata of several files that can be put together key by key.

    A text that is no JSON object keyed by hashes is left out: it stays a text of its own file.
    """
    united: dict[str, dict[str, Any]] = {}
    for texts in several:
        for name in UNITED:
            if parts := _by_hash(texts.get(name, "")):
                united.setdefault(name, {}).update(parts)
    return {
        name: json.dumps(parts, sort_keys=True, separators=(",", ":"))
        for name, parts in united.items()
    }


def _by_hash(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) and all(map(_HASH.match, found)) else {}


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
