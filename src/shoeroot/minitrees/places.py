"""Where datasets and their mini-trees lie: paths, patterns, search paths and names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shoeroot.errors import ConfigError, EventFileError, TreeMakerError, nearest
from shoeroot.minitrees.finding import own_folder

__all__ = [
    "DATA_PATH",
    "MINITREE_PATH",
    "Place",
    "find_place",
    "find_places",
    "minitree_folders",
    "search_paths",
]

#: Environment variable: folders in which datasets and catalogues are looked for.
DATA_PATH = "SHOEROOT_DATA_PATH"
#: Environment variable: folders of mini-trees; new ones are made in the first.
MINITREE_PATH = "SHOEROOT_MINITREE_PATH"

Folders = str | Path | Sequence[str | Path] | None


@dataclass(frozen=True, slots=True)
class Place:
    """A dataset: what the column ``dataset`` calls it, and where it and its mini-trees are."""

    name: str
    path: Path
    folders: tuple[Path, ...]

    def absolute(self) -> Place:
        """Give the same place for any working folder."""
        return Place(self.name, self.path.absolute(), tuple(one.absolute() for one in self.folders))


def find_places(
    datasets: Any, minitree_folder: Folders = None, *, gone: bool = False
) -> list[Place]:
    """Find datasets.

    Parameters
    ----------
    datasets : path, pattern, name, or iterable of them, or DataFrame
        Campaign folders, event files, patterns such as ``"batch_*"``, names of a catalogue, or
        what `shoeroot.minitrees.datasets` gave. What is not there is looked for in the folders
        of the environment variable SHOEROOT_DATA_PATH, then among the names of catalogues.
    minitree_folder : path or sequence of paths, optional
        See `minitree_folders`.
    gone : bool
        Whether datasets may be missing, of which mini-trees may be left.

    Raises
    ------
    EventFileError
        One of them is missing; found before anything is made.
    TreeMakerError
        None is given, or one is given twice.
    """
    paths = [path for one in _listed(datasets) for path in _found(one, gone)]
    if not paths:
        raise TreeMakerError("there is no dataset to load", hint="name at least one")
    resolved = [path.resolve() for path in paths]
    for path in resolved:
        if resolved.count(path) > 1:
            raise TreeMakerError(
                "a dataset is given twice", where=str(path), hint="its rows would be doubled"
            )
    return [
        Place(name, path, minitree_folders(path, minitree_folder))
        for name, path in zip(_names(resolved), paths, strict=True)
    ]


def find_place(dataset: Any, minitree_folder: Folders = None, *, gone: bool = False) -> Place:
    """Find one dataset, as `find_places` does.

    Raises
    ------
    ConfigError
        They are several.
    """
    places = find_places(dataset, minitree_folder, gone=gone)
    if len(places) > 1:
        raise ConfigError(
            f"{dataset!r} stands for {len(places)} datasets where one is needed",
            hint=f"give one, such as {str(places[0].path)!r}",
        )
    return places[0]


def minitree_folders(dataset: Path, minitree_folder: Folders = None) -> tuple[Path, ...]:
    """Say where mini-trees of a dataset are looked for; new ones are made in the first.

    A given folder has a folder for each dataset. Without one it is ``minitrees`` in the campaign
    folder, and ``minitrees/<file>`` next to an event file.
    """
    home = dataset.resolve()
    given = minitree_folder
    if given is None:
        given = search_paths(MINITREE_PATH)
    elif isinstance(given, str | Path):
        given = (given,)
    name = home.stem if home.is_file() else home.name
    return (*(Path(folder) / name for folder in given), own_folder(home))


def search_paths(variable: str) -> list[Path]:
    """Give the folders of an environment variable, which are separated as in PATH."""
    return [Path(one) for one in os.environ.get(variable, "").split(os.pathsep) if one]


def _listed(datasets: Any) -> list[str | Path]:
    if isinstance(datasets, str | Path):
        return [datasets]
    if hasattr(datasets, "columns"):
        if "path" not in datasets:
            raise ConfigError(
                "the table of datasets has no column 'path'",
                hint="give what shoeroot.minitrees.datasets(...) gave",
            )
        return list(datasets["path"])
    if not isinstance(datasets, Iterable):
        raise ConfigError(f"{datasets!r} is no dataset", hint="give a path, or several")
    return list(datasets)


def _found(dataset: str | Path, gone: bool) -> list[Path]:
    if not isinstance(dataset, str | Path) or not str(dataset):
        raise ConfigError(f"{dataset!r} is no dataset", hint="give a path, or several")
    folders = [Path(), *search_paths(DATA_PATH)]
    for folder in folders:
        if (folder / dataset).exists():
            return [folder / dataset]
    if any(letter in str(dataset) for letter in "*?["):
        matching = [path for folder in folders for path in _matching(folder, Path(dataset))]
        if matching:
            # Search paths may overlap.
            return list({path.resolve(): path for path in reversed(matching)}.values())[::-1]
    try:
        return [_from_catalogues(str(dataset), folders)]
    except EventFileError:
        if gone:
            return [Path(dataset)]
        raise


def _matching(folder: Path, pattern: Path) -> list[Path]:
    """Give folders and ROOT files of a pattern, sorted."""
    if pattern.is_absolute():
        folder, pattern = Path(pattern.anchor), pattern.relative_to(pattern.anchor)
    found = sorted(folder.glob(str(pattern)))
    return [path for path in found if path.is_dir() or path.suffix == ".root"]


def _from_catalogues(dataset: str, folders: list[Path]) -> Path:
    from shoeroot.minitrees.catalogue import known_paths

    known = known_paths()
    if dataset in known and known[dataset].exists():
        return known[dataset]
    if dataset in known:
        raise EventFileError(
            f"the dataset {dataset!r} of the catalogue is not there any more",
            where=str(known[dataset]),
            hint="bring it back, or correct the catalogue",
        )
    wanted = Path(dataset)
    parents = [wanted.parent] if wanted.is_absolute() else [one / wanted.parent for one in folders]
    names = [one.name for parent in parents if parent.is_dir() for one in parent.iterdir()]
    close = nearest(wanted.name, [*names, *known])
    raise EventFileError(
        "there is no such dataset",
        where=dataset,
        hint=close if close.startswith("did") else "give a campaign folder or an event file",
    )


def _names(paths: list[Path]) -> list[str]:
    """Give each its last part as a name, or as many as are needed to tell them apart."""
    names = [path.name for path in paths]
    for length in range(2, max(len(path.parts) for path in paths) + 1):
        doubled = {name for name in names if names.count(name) > 1}
        if not doubled:
            break
        names = [
            "/".join(path.parts[-length:]) if name in doubled else name
            for name, path in zip(names, paths, strict=True)
        ]
    return names
