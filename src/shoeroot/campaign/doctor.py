"""Examine an installation: what is there, what is missing, and what to type."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from shoeroot.building import shipped_library_paths, weather_catalogue, weather_folders
from shoeroot.engine import Candidate, Engine, candidates, library_refusal

__all__ = ["Check", "examine"]

State = Literal["ok", "missing", "optional", "passed over"]

#: Optional parts: extra, the modules that it brings, what for.
_EXTRAS = (
    ("dask", ("dask", "distributed"), "campaigns and mini-trees on a cluster"),
    ("hdf5", ("h5py", "hdf5plugin"), "events and designs in HDF5"),
    ("parquet", ("pyarrow",), "events in Parquet"),
    ("netcdf", ("xarray", "h5netcdf", "netCDF4"), "netCDF exports"),
    ("sites", ("geopandas", "rasterio", "exactextract"), "urban extents"),
    ("ml", ("sklearn", "torch"), "surrogate models"),
    ("root", ("ROOT",), "cross-checks with the ROOT framework"),
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    `state` is ok, missing (something that shoeroot needs), optional (missing,
    but only needed for a part), or passed over (a candidate that another one
    made unnecessary). `remedy` says what to type, where something is missing.
    """

    name: str
    state: State
    found: str
    remedy: str = ""


def examine(environ: Mapping[str, str] = os.environ) -> list[Check]:
    """Look at everything that a campaign needs; never raises for what is missing."""
    looked_at = candidates(environ=environ)
    return [
        Check("python", "ok", f"{platform.python_version()}, {os.cpu_count()} processors"),
        *_engine(looked_at),
        *_weather(looked_at),
        *_templates(),
        *(_extra(*extra) for extra in _EXTRAS),
    ]


def _engine(looked_at: list[Candidate]) -> list[Check]:
    """Report the engine that would be used, and why the places before and after it are not."""
    used = _used(looked_at)
    checks = []
    for candidate in looked_at:
        where = f"{candidate.way}: {candidate.path or 'nothing there'}"
        if candidate is used and candidate.engine:
            found = f"EnergyPlus {candidate.engine.label}, {where}"
            found += _conda_package(candidate.engine)
            checks.append(Check("engine", "ok", f"{found}\n{_way_to_run(candidate.engine)}"))
        else:
            reason = candidate.refusal or "another one comes first"
            checks.append(Check("  passed over", "passed over", f"{where}: {reason}"))
    if used is None:
        lacking = next((one.refusal for one in looked_at if "system library" in one.refusal), "")
        checks.insert(
            0,
            Check(
                "engine",
                "missing",
                lacking or "no usable EnergyPlus 25.2 was found",
                _library_remedy(lacking) if lacking else _engine_remedy(),
            ),
        )
    return checks


def _way_to_run(engine: Engine) -> str:
    refusal = library_refusal(engine)
    if not refusal:
        return f"runs in worker processes that keep {engine.library} loaded"
    return f"runs as a new process each time, at half as much again: {refusal}"


def _used(looked_at: list[Candidate]) -> Candidate | None:
    """Return the candidate that a campaign would use; a named one is never passed over."""
    for candidate in looked_at:
        if candidate.engine:
            return candidate
        if candidate.way == "ENERGYPLUS_DIR":
            return None
    return None


def _conda_package(engine: Engine) -> str:
    """Name the conda package that an engine in `lib/energyplus` was installed from."""
    for record in (engine.folder.parent.parent / "conda-meta").glob("energyplus-[0-9]*.json"):
        return f"\nfrom the conda package {record.stem}"
    return ""


def _in_conda() -> bool:
    return (Path(sys.prefix) / "conda-meta").is_dir()


def _engine_remedy() -> str:
    return (
        "conda install energyplus=25.2 energyplus-weather"
        if _in_conda()
        else 'pip install "shoeroot[engine]"'
    )


def _library_remedy(refusal: str) -> str:
    if "libx11-6" not in refusal:
        return "install that library"
    if _in_conda():
        return "conda install xorg-libx11"
    return "apt-get install libx11-6 (Debian, Ubuntu), or dnf install libX11 (Fedora)"


def _weather(looked_at: list[Candidate]) -> list[Check]:
    used = _used(looked_at)
    own = used.engine.weather_folder if used and used.engine else None
    checks = []
    for folder in weather_folders(own):
        names = sorted(weather_catalogue([folder]))
        if names:
            found = "\n".join([f"{len(names)} files in {folder}", *names])
            checks.append(Check("weather", "ok", found))
    if not checks:
        remedy = f"{_engine_remedy()}, or name your own EPW files"
        checks.append(Check("weather", "missing", "no weather file was found", remedy))
    return checks


def _templates() -> list[Check]:
    """Report the template libraries that come with shoeroot, and what reads them."""
    try:
        reader = f"archetypal {version('archetypal')}"
    except PackageNotFoundError:
        remedy = 'pip install "archetypal>=2.18.10,<2.19" "eppy==0.5.63"'
        return [Check("templates", "missing", "archetypal is not installed", remedy)]
    return [_library(path, reader) for path in shipped_library_paths()]


def _library(path: Path, reader: str) -> Check:
    remedy = "pip install --force-reinstall shoeroot"
    try:
        templates = json.loads(path.read_bytes())["BuildingTemplates"]
        programs = {template["Category"] for template in templates}
    except OSError:
        return Check("templates", "missing", f"{path} is not there", remedy)
    except (ValueError, KeyError, TypeError):
        return Check("templates", "missing", f"{path} is not what was installed", remedy)
    found = f"{len(templates)} templates of {len(programs)} programs in {path} ({reader})"
    return Check("templates", "ok", found)


def _extra(extra: str, modules: tuple[str, ...], purpose: str) -> Check:
    absent = [module for module in modules if importlib.util.find_spec(module) is None]
    name = f"[{extra}]"
    if absent:
        found = f"{', '.join(absent)} not installed: {purpose}"
        return Check(name, "optional", found, f'pip install "shoeroot[{extra}]"')
    return Check(name, "ok", purpose)
