"""Find TreeMakers by name: those of shoeroot, of installed plugins, and of folders."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import warnings
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from shoeroot.errors import TreeMakerError, nearest
from shoeroot.minitrees.treemaker import TreeMaker

__all__ = [
    "TreeMakerWarning",
    "add_treemaker_folder",
    "as_treemaker",
    "find_treemaker",
    "treemaker_names",
]

GROUP = "shoeroot.treemakers"
#: Folders with TreeMakers, separated as in PATH.
VARIABLE = "SHOEROOT_TREEMAKERS"
#: Beginnings of files that have none: private modules, tests.
NO_TREEMAKERS = ("_", "test_", "conftest.")

_folders: list[Path] = []
_files: dict[Path, _File] = {}


class TreeMakerWarning(UserWarning):
    """Something about TreeMakers or mini-trees that is not as it should be, but was dealt with."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file of TreeMakers as it was when it was read."""

    modified: int
    size: int
    found: dict[str, type[TreeMaker]]
    problem: str = ""


@cache
def _registered() -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=GROUP):
        other = found.get(entry.name)
        if other is not None and other.value != entry.value:
            raise _clash(entry.name, other.value, entry.value)
        found[entry.name] = entry
    return found


def _clash(name: str, one: object, other: object) -> TreeMakerError:
    return TreeMakerError(
        f"two TreeMakers are called {name!r}",
        where=f"{one} and {other}",
        hint="rename one of them, or take one away; where one is an older copy of the other, "
        "install it again",
    )


def add_treemaker_folder(folder: str | Path) -> list[str]:
    """Let the TreeMakers in the ``*.py`` files of a folder be asked for by name.

    A file is read again when it has changed. Folders in the environment variable
    ``SHOEROOT_TREEMAKERS`` (separated as in ``PATH``) are there from the beginning.

    Parameters
    ----------
    folder : path
        Files that begin with an underscore, and tests, are left out.

    Returns
    -------
    list of str
        The names of the TreeMakers in it.

    Raises
    ------
    TreeMakerError
        There is no such folder, or a name is taken.
    """
    path = Path(folder).absolute()
    if not path.is_dir():
        raise TreeMakerError(
            "there is no such folder of TreeMakers", where=str(path), hint="give a folder of *.py"
        )
    names = sorted(name for file in _files_of(path) for name in _read(file).found)
    if path not in _folders:
        _folders.append(path)
        try:
            _known()
        except TreeMakerError:
            _folders.remove(path)
            raise
    return names


def _all_folders() -> list[Path]:
    given = [Path(one).absolute() for one in os.environ.get(VARIABLE, "").split(os.pathsep) if one]
    return list(dict.fromkeys([*_folders, *given]))


def _files_of(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.glob("*.py")
        if path.is_file() and not path.name.startswith(NO_TREEMAKERS)
    )


def _read(path: Path) -> _File:
    state = path.stat()
    known = _files.get(path)
    if known is not None and (known.modified, known.size) == (state.st_mtime_ns, state.st_size):
        return known
    try:
        found, problem = _classes(path), ""
    except Exception as error:
        found, problem = {}, f"{type(error).__name__}: {error}"
        warnings.warn(
            f"{path} cannot be read, its TreeMakers are left out: {problem}",
            TreeMakerWarning,
            stacklevel=4,
        )
    _files[path] = _File(state.st_mtime_ns, state.st_size, found, problem)
    return _files[path]


def _classes(path: Path) -> dict[str, type[TreeMaker]]:
    # A name of its own: two folders may have files of the same name.
    place = hashlib.sha256(str(path.parent).encode()).hexdigest()[:8]
    name = f"shoeroot_treemakers_{place}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError("it is not a Python file")
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        if before is not None:
            sys.modules[name] = before
        raise
    return {
        key: value
        for key, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, TreeMaker)
        and value.__module__ == name
        and not key.startswith("_")
    }


def _known() -> dict[str, EntryPoint | type[TreeMaker]]:
    """Give all names; a file that is read again replaces what it had."""
    known: dict[str, EntryPoint | type[TreeMaker]] = dict(_registered())
    places: dict[str, object] = {name: entry.value for name, entry in _registered().items()}
    for folder in _all_folders():
        for path in _files_of(folder):
            for name, found in _read(path).found.items():
                if name in places:
                    if _is_from(known[name], path):
                        continue  # its distribution is installed, too
                    raise _clash(name, places[name], path)
                places[name] = path
                known[name] = found
    return known


def _is_from(entry: EntryPoint | type[TreeMaker], path: Path) -> bool:
    """Say whether an installed TreeMaker comes from a file, or from a copy that is the same."""
    if isinstance(entry, type):
        return False
    with suppress(TreeMakerError, OSError):
        file = getattr(sys.modules.get(_loaded(entry).__module__), "__file__", None)
        return file is not None and Path(file).read_bytes() == path.read_bytes()
    return False


def treemaker_names() -> list[str]:
    """Return the names of all TreeMakers that can be asked for by name."""
    return sorted(_known())


def find_treemaker(wanted: str | type[TreeMaker]) -> type[TreeMaker]:
    """Return the TreeMaker class of a name; a class is returned as it is.

    Raises
    ------
    TreeMakerError
        The name is unknown or taken twice, or what it stands for is no TreeMaker.
    """
    found: Any = wanted
    if isinstance(wanted, str):
        known = _known()
        if wanted not in known:
            raise _unknown(wanted, known)
        entry = known[wanted]
        found = entry if isinstance(entry, type) else _loaded(entry)
    if not (isinstance(found, type) and issubclass(found, TreeMaker)):
        raise TreeMakerError(
            f"{wanted!r} is no TreeMaker",
            hint="give the name of one or a subclass of shoeroot.minitrees.TreeMaker",
        )
    return found


def _loaded(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except Exception as error:
        raise TreeMakerError(
            f"the TreeMaker {entry.name!r} cannot be imported: {type(error).__name__}: {error}",
            where=entry.value,
            hint="its distribution is damaged or lacks a package",
        ) from error


def _unknown(wanted: str, known: dict[str, Any]) -> TreeMakerError:
    broken = [
        f"{path.name} cannot be read ({_read(path).problem})"
        for folder in _all_folders()
        for path in _files_of(folder)
        if _read(path).problem
    ]
    lost = [f"{VARIABLE}: no folder {one}" for one in _all_folders() if not one.is_dir()]
    hints = [nearest(wanted, known), *broken, *lost]
    return TreeMakerError(f"there is no TreeMaker {wanted!r}", hint="; ".join(hints))


def as_treemaker(wanted: str | type[TreeMaker] | TreeMaker) -> TreeMaker:
    """Give a TreeMaker for its name, its class, or itself with its options.

    Raises
    ------
    TreeMakerError
        As `find_treemaker`.
    """
    return wanted if isinstance(wanted, TreeMaker) else find_treemaker(wanted)()
