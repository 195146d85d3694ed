"""Working folders of runs: in memory where there is room, removed whatever happens.

All folders of a process lie in one folder that holds a locked file. The lock vanishes with
the process, however it ends, so that the next one can tell what was left behind from what is
in use, also by processes whose numbers it cannot see.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from shoeroot.errors import EngineError

__all__ = ["INPUT", "PRINTED", "sweep_folders", "working_folder"]

INPUT = "in.epJSON"
PRINTED = "printed.txt"

_MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108
# A run needs a few MB; leave room for many at once and for everybody else.
_ROOM_BYTES = 512 * 2**20
_PREFIX = "shoeroot-runs-"
_LOCK = "lock"

_guard = threading.Lock()
_homes: dict[tuple[int, Path], Path] = {}  # by process and by the folder they lie in
_locks: list[int] = []  # file descriptors, open for as long as the process lives


@contextmanager
def working_folder(
    epjson: bytes, files: Mapping[str, bytes], wanted: Path | None, *, keep: bool
) -> Iterator[Path]:
    """Make a working folder and fill it; remove it whatever happens, unless it is kept.

    Parameters
    ----------
    epjson : bytes
        The model.
    files : mapping of str to bytes
        Further files by name relative to the folder; the names have been checked.
    wanted : Path or None
        The folder to make, which must be new or empty, or None for one of our own.
    keep : bool

    Raises
    ------
    EngineError
        It cannot be written or is not empty.
    """
    folder = _make_folder(wanted, keep=keep)
    try:
        try:
            (folder / INPUT).write_bytes(epjson)
            for name, content in files.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        except OSError as error:
            raise _folder_error(folder, error) from error
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def sweep_folders(parent: Path) -> int:
    """Remove what processes that have ended left in a folder; return how many they were."""
    return sum(_sweep(home) for home in parent.glob(f"{_PREFIX}*"))


def _make_folder(wanted: Path | None, *, keep: bool) -> Path:
    try:
        if wanted is None:
            parent = _roomy_folder()
            # What is kept must not be swept.
            prefix, parent = ("shoeroot-run-", parent) if keep else ("run-", _home(parent))
            return Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        wanted.mkdir(parents=True, exist_ok=True)
        occupied = any(wanted.iterdir())
    except OSError as error:
        raise _folder_error(wanted or Path(tempfile.gettempdir()), error) from error
    if occupied:
        raise EngineError(
            "the working folder is not empty", where=str(wanted), hint="each run needs a fresh one"
        )
    return wanted.absolute()


def _folder_error(folder: Path, error: OSError) -> EngineError:
    return EngineError(
        f"the working folder cannot be written: {error.strerror or error}", where=str(folder)
    )


def _roomy_folder() -> Path:
    """Return the folder in memory if it has room, else that of temporary files."""
    usual = Path(tempfile.gettempdir())
    try:
        room = shutil.disk_usage(_MEMORY_FOLDER).free
    except OSError:
        return usual
    usable = room >= _ROOM_BYTES and os.access(_MEMORY_FOLDER, os.W_OK | os.X_OK)
    return _MEMORY_FOLDER if usable else usual


def _home(parent: Path) -> Path:
    """Return this process's folder in `parent`; make it, and sweep, when it is new."""
    with _guard:
        key = (os.getpid(), parent)
        home = _homes.get(key)
        if home is None or not home.is_dir():
            with suppress(OSError):
                sweep_folders(parent)
            home = _homes[key] = _make_home(parent)
            atexit.register(_remove_home, os.getpid(), home)
    return home


def _make_home(parent: Path) -> Path:
    while True:
        home = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        lock = os.open(home / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError:
            # No locks on this file system: without the file nobody sweeps the folder.
            (home / _LOCK).unlink()
            os.close(lock)
            return home
        if (home / _LOCK).exists():
            _locks.append(lock)
            return home
        os.close(lock)  # somebody swept it before it was locked


def _remove_home(owner: int, home: Path) -> None:
    if os.getpid() == owner:  # and not a fork of it
        shutil.rmtree(home, ignore_errors=True)


def _sweep(home: Path) -> bool:
    """Remove a folder whose owner is gone; say whether it was removed."""
    try:
        if home.is_symlink() or home.stat().st_uid != os.getuid():
            return False
        lock = os.open(home / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False  # its owner lives
    else:
        shutil.rmtree(home, ignore_errors=True)
        return True
    finally:
        os.close(lock)
