"""Catalogues of datasets: tables in TOML or CSV with a path, tags and anything else for each.

``datasets.toml``, one table a dataset::

    [batch_00023]
    path = "campaigns/batch_00023"
    tags = ["baseline", "cold"]
    city = "Duluth"

or ``datasets.csv`` with the columns dataset, path, tags (separated by ``;``) and others.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoeroot.errors import ConfigError, nearest
from shoeroot.minitrees.expressions import Expression
from shoeroot.minitrees.places import DATA_PATH, search_paths

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["datasets", "known_paths", "read_catalogue"]

#: What a catalogue is called in a folder that is searched.
NAMES = ("datasets.toml", "datasets.csv")

Patterns = str | Sequence[str]


def datasets(
    tags: Patterns = (),
    where: str = "",
    *,
    exclude: Patterns = (),
    catalogue: str | Path | None = None,
) -> pd.DataFrame:
    """Select datasets of the catalogues; `load` takes what this gives.

    Parameters
    ----------
    tags : str or sequence of str
        Tags that a dataset needs, all of them; patterns such as ``"zone_*"``, in any case.
    where : str
        A condition on the columns of the catalogue, such as ``"city == 'Duluth'"``.
    exclude : str or sequence of str
        Tags of which it may have none.
    catalogue : path, optional
        A catalogue; by default ``datasets.toml`` and ``datasets.csv`` in the working folder and
        in the folders of the environment variable SHOEROOT_DATA_PATH.

    Returns
    -------
    pandas.DataFrame
        ``dataset``, ``path``, ``tags`` (tuples), and whatever else the catalogues have.

    Raises
    ------
    ConfigError
        There is no catalogue, it cannot be read, or no dataset has the tag (the nearest are told).
    """
    import pandas as pd

    entries = _all_entries(catalogue)
    needed, refused = _patterns(tags), _patterns(exclude)
    _check_tags([*needed, *refused], entries)
    chosen = [
        {"dataset": name, **entry}
        for name, entry in entries.items()
        if all(_has(entry["tags"], one) for one in needed)
        and not any(_has(entry["tags"], one) for one in refused)
    ]
    known = dict.fromkeys(key for entry in entries.values() for key in entry)
    table = pd.DataFrame(chosen, columns=["dataset", *known])
    if where:
        table = table[
            Expression(where).mask({str(name): values for name, values in table.items()})
        ].reset_index(drop=True)
    return table


def read_catalogue(path: str | Path) -> dict[str, dict[str, Any]]:
    """Read a catalogue: for each dataset its path, its tags, and whatever else it has.

    Raises
    ------
    ConfigError
        It cannot be read, an entry has no path, or a relative path leaves the catalogue's folder.
    """
    path = Path(path)
    reader = {".toml": _from_toml, ".csv": _from_csv}.get(path.suffix.lower())
    if reader is None:
        raise ConfigError(
            f"a catalogue is a .toml or .csv file, not {path.suffix!r}", where=str(path)
        )
    try:
        found = reader(path)
    except (OSError, ValueError, csv.Error) as problem:
        raise ConfigError(f"the catalogue cannot be read: {problem}", where=str(path)) from problem
    return {name: _entry(name, stored, path) for name, stored in found.items()}


def known_paths() -> dict[str, Path]:
    """Give the paths of all datasets of the catalogues that are found; {} without catalogues."""
    known: dict[str, Path] = {}
    for one in _catalogues_found():
        # Some other table may be called like a catalogue.
        with suppress(ConfigError):
            known |= {name: entry["path"] for name, entry in read_catalogue(one).items()}
    return known


def _catalogues_found() -> list[Path]:
    folders = [Path(), *search_paths(DATA_PATH)]
    return [folder / name for folder in folders for name in NAMES if (folder / name).is_file()]


def _all_entries(catalogue: str | Path | None) -> dict[str, dict[str, Any]]:
    files = _catalogues_found() if catalogue is None else [Path(catalogue)]
    if not files:
        raise ConfigError(
            "there is no catalogue of datasets",
            where=str(Path().resolve()),
            hint=f"write {NAMES[0]} or {NAMES[1]} here or in a folder of {DATA_PATH}",
        )
    entries: dict[str, dict[str, Any]] = {}
    for file in files:
        for name, entry in read_catalogue(file).items():
            if name in entries and entries[name]["path"] != entry["path"]:
                raise ConfigError(
                    f"two catalogues have a dataset {name!r}",
                    where=f"{entries[name]['path']} and {entry['path']}",
                    hint="rename it in one of them",
                )
            entries[name] = entry
    return entries


def _from_toml(path: Path) -> dict[str, Mapping[str, Any]]:
    with path.open("rb") as file:
        return tomllib.load(file)


def _from_csv(path: Path) -> dict[str, Mapping[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    if "dataset" not in (reader.fieldnames or ()):
        raise ValueError("it has no column 'dataset'")
    found: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        if None in row or None in row.values():
            raise ValueError(f"the row of {row['dataset']!r} has not as many values as the header")
        name = row.pop("dataset")
        if name in found:
            raise ValueError(f"{name!r} is there twice")
        tags = [tag.strip() for tag in row.pop("tags", "").split(";") if tag.strip()]
        found[name] = {**{key: _number_or_text(text) for key, text in row.items()}, "tags": tags}
    return found


def _number_or_text(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _entry(name: str, stored: Any, catalogue: Path) -> dict[str, Any]:
    where = f"{catalogue}: {name}"
    if not isinstance(stored, Mapping):
        raise ConfigError(f"{name!r} is no table", where=where, hint=f"write [{name}]")
    path, tags = stored.get("path", name), stored.get("tags", [])
    if not isinstance(path, str) or not path:
        raise ConfigError("the path is no text", where=where, hint='path = "batch_00023"')
    if isinstance(tags, str) or not all(isinstance(tag, str) for tag in tags):
        raise ConfigError("tags are a list of texts", where=where, hint='tags = ["baseline"]')
    others = {key: value for key, value in stored.items() if key not in ("path", "tags")}
    for key, value in others.items():
        if not isinstance(value, str | int | float | bool):
            raise ConfigError(
                f"{key!r} is neither a text nor a number",
                where=where,
                hint="a catalogue is a table: one value a column",
            )
    return {"path": _inside(path, catalogue, where), "tags": tuple(tags), **others}


def _inside(path: str, catalogue: Path, where: str) -> Path:
    if Path(path).is_absolute():
        return Path(path)
    folder = catalogue.parent.resolve()
    if not (folder / path).resolve().is_relative_to(folder):
        raise ConfigError(
            f"the path {path!r} leaves the folder of the catalogue",
            where=where,
            hint="give an absolute path, or put the catalogue above its datasets",
        )
    return catalogue.parent / path


def _patterns(tags: Patterns) -> list[str]:
    listed = [tags] if isinstance(tags, str) else tags
    if not isinstance(listed, Iterable) or not all(isinstance(one, str) for one in listed):
        raise ConfigError(f"{tags!r} is no tag", hint='tags are texts, such as "baseline"')
    return [one.lower() for one in listed if one]


def _has(tags: Sequence[str], pattern: str) -> bool:
    return any(fnmatchcase(tag.lower(), pattern) for tag in tags)


def _check_tags(patterns: Sequence[str], entries: Mapping[str, Mapping[str, Any]]) -> None:
    known = dict.fromkeys(tag for entry in entries.values() for tag in entry["tags"])
    for pattern in patterns:
        if not _has(tuple(known), pattern):
            raise ConfigError(f"no dataset has the tag {pattern!r}", hint=nearest(pattern, known))
