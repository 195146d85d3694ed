"""Ask a program or a library whether it is an engine, and of what version."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shoeroot.engine import library
from shoeroot.engine.process import run_process

__all__ = ["SUPPORTED_VERSION", "Probe", "library_command", "loader_refusal", "probe"]

SUPPORTED_VERSION = "25.2"
"""Major and minor version of the engine that models are written for."""

_VERSION = re.compile(r"EnergyPlus, Version (\d+\.\d+\.\d+)-([0-9A-Za-z]+)")
_LOADER_ERROR = re.compile(r"error while loading shared libraries: ([^:\s]+)")
_TIMEOUT_SECONDS = 20.0
_PACKAGES = {
    "libX11.so.6": "on Debian and Ubuntu libx11-6, on Fedora libX11, with conda xorg-libx11",
}


@dataclass(frozen=True, slots=True)
class Probe:
    """What a program or a library says of itself, and why it will not do (else empty)."""

    version: str = ""
    build: str = ""
    refusal: str = ""


def probe(path: Path, environ: Mapping[str, str] = os.environ) -> Probe:
    """Ask a program or a shared library, by its name, for its version."""
    if not path.is_file():
        return Probe(refusal="there is no such file")
    if ".so" in path.suffixes:
        return _ask(library_command("version", path), environ)
    if not os.access(path, os.X_OK):
        return Probe(refusal=f"it is not executable; try: chmod +x {path}")
    return _ask([str(path.resolve()), "--version"], environ)


def library_command(verb: str, path: Path) -> list[str]:
    """Return the command with which a bare Python stands in for a program of the engine."""
    return [sys.executable, "-I", "-S", str(library.__file__), verb, str(path.resolve())]


def loader_refusal(output: str) -> str:
    """Say which system library a program lacks, from what it printed; empty if none."""
    match = _LOADER_ERROR.search(output)
    if not match:
        return ""
    # A library that is there but unreadable is named with its path.
    name = Path(match[1]).name
    packages = _PACKAGES.get(name, "with the package manager of your system")
    return f"it needs the system library {name}; install it ({packages})"


def _ask(command: Sequence[str], environ: Mapping[str, str]) -> Probe:
    with tempfile.TemporaryFile() as output:
        try:
            finished = run_process(
                command,
                folder=Path(tempfile.gettempdir()),
                environ=environ,
                timeout=_TIMEOUT_SECONDS,
                output=output,
            )
        except OSError as error:
            return Probe(refusal=f"it cannot be started: {error.strerror}")
        output.seek(0)
        said = output.read(100_000).decode("utf-8", errors="replace")
    if finished.timed_out:
        return Probe(refusal=f"it did not say its version within {_TIMEOUT_SECONDS:g} s")
    match = _VERSION.search(said)
    if match and finished.return_code == 0:
        wrong = f"it is version {match[1]}; shoeroot needs {SUPPORTED_VERSION}"
        right = match[1].startswith(SUPPORTED_VERSION + ".")
        return Probe(match[1], match[2], "" if right else wrong)
    lines = said.split("\n") if said.strip() else ["nothing"]
    last = next(line for line in reversed(lines) if line.strip())[:200]
    silent = f"it says no version (return code {finished.return_code}); it says: {last}"
    return Probe(refusal=loader_refusal(said) or silent)
