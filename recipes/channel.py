"""A conda channel for tests: the running interpreter and its installed distributions as packages.

It lets recipes be built, solved and installed where no conda channel can be reached. It is made on
the spot and never published: its `python` needs the interpreter that it was made from.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rattler.index import index_fs
from rattler_build import ArchiveType, FileEntry, assemble_package

__all__ = ["conda_name", "make_channel"]

#: What is called otherwise among conda packages.
_CONDA_NAMES = {"matplotlib": "matplotlib-base", "xxhash": "python-xxhash"}
_FASTEST = 1


def conda_name(name: str) -> str:
    """Return the conda package of a Python distribution."""
    name = canonicalize_name(name)
    return _CONDA_NAMES.get(name, name)


def make_channel(folder: Path, roots: Sequence[str]) -> Path:
    """Wrap the interpreter, and distributions with all that they need.

    Parameters
    ----------
    folder : Path
        The channel; packages are put into its `linux-64`.
    roots : sequence of str
        Requirements such as ``"shoeroot"``; of these only what they need is wrapped, if the name
        has a leading ``-``.

    Returns
    -------
    Path
        `folder`.
    """
    found: dict[str, Distribution] = {}
    for root in roots:
        _collect(root.removeprefix("-"), found)
    for root in roots:
        found.pop(canonicalize_name(root[1:]) if root.startswith("-") else "", None)
    with tempfile.TemporaryDirectory() as staging:
        _wrap_interpreter(folder, Path(staging))
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        list(pool.map(lambda installed: _wrap(folder, installed), found.values()))
    (folder / "noarch").mkdir(exist_ok=True)
    asyncio.run(index_fs(folder))
    return folder


def _collect(name: str, found: dict[str, Distribution], extras: Iterable[str] = ()) -> None:
    """Add a distribution and, once each, all that it needs."""
    key = canonicalize_name(name)
    installed = found.get(key)
    if installed is None:
        try:
            installed = found[key] = distribution(name)
        except PackageNotFoundError:
            raise LookupError(f"{name} is not installed beside {sys.executable}") from None
    elif not extras:
        return
    for needed in _needs(installed, extras):
        _collect(needed.name, found, needed.extras)


def _needs(installed: Distribution, extras: Iterable[str] = ()) -> Iterator[Requirement]:
    for line in installed.requires or ():
        needed = Requirement(line)
        wanted = [{"extra": extra} for extra in ("", *extras)]
        if needed.marker is None or any(map(needed.marker.evaluate, wanted)):
            yield needed


def _wrap_interpreter(folder: Path, staging: Path) -> None:
    """Package the interpreter as virtual environments do: a program that knows its home."""
    program = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    short = f"{sys.version_info.major}.{sys.version_info.minor}"
    (staging / "bin").mkdir(parents=True)
    shutil.copy(program, staging / "bin" / f"python{short}")
    for link in ("python3", "python"):
        (staging / "bin" / link).symlink_to(f"python{short}")
    (staging / "pyvenv.cfg").write_text(
        f"home = {program.parent}\ninclude-system-site-packages = false\nversion = {short}\n"
    )
    (staging / "lib" / f"python{short}" / "site-packages").mkdir(parents=True)
    (staging / "lib" / f"python{short}" / "site-packages" / "README.txt").write_text(
        "Packages of Python are put here.\n"
    )
    _assemble(folder, "python", ".".join(map(str, sys.version_info[:3])), [], files_dir=staging)


def _wrap(folder: Path, installed: Distribution) -> None:
    """Package what a wheel had put into the environment."""
    prefix = Path(sys.prefix).resolve()
    files = []
    for file in installed.files or ():
        source = Path(str(installed.locate_file(file)))
        if source.suffix != ".pyc" and source.is_file():
            target = source.resolve().parent.relative_to(prefix) / source.name
            files.append(FileEntry.from_paths(source, target))
    depends = ["python", *sorted({conda_name(need.name) for need in _needs(installed)})]
    version = re.sub(r"[^0-9A-Za-z.]", "_", installed.version)
    _assemble(folder, conda_name(installed.name), version, depends, files=files)


def _assemble(folder: Path, name: str, version: str, depends: list[str], **content: Any) -> None:
    assemble_package(
        name=name,
        version=version,
        target_platform="linux-64",
        build_string="wrapped_0",
        output_dir=folder / "linux-64",
        depends=depends,
        archive_type=ArchiveType.Conda,
        compression_level=_FASTEST,
        compression_threads=1,
        detect_prefix=False,
        **content,
    )
