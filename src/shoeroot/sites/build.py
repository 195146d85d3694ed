"""`build_sites`: what ``sites.toml`` says, step by step, into sites on disk."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from shoeroot.errors import ConfigError, SiteError
from shoeroot.sites.build_extents import find_extents, read_surfaces
from shoeroot.sites.build_layers import Places, Wanted, build_layers, wanted_layers
from shoeroot.sites.build_places import (
    Country,
    admin_units,
    check_files,
    describe_units,
    external_ids,
    high_density_ids,
    named_places,
    read_polygons,
)
from shoeroot.sites.build_report import REPORT, UNITS, BuildReport, texts_of, write_report
from shoeroot.sites.build_routes import site_routes, unit_times
from shoeroot.sites.config import SitesConfig, read_sites_config
from shoeroot.sites.site_records import site_records
from shoeroot.sites.steps import Inputs, Step, Steps, hash_of
from shoeroot.sites.store import sites_frame, write_sites
from shoeroot.sites.tables import write_table

__all__ = ["build_sites"]

LEVELS = ("urban_centre", "urban_cluster")
#: What tables of units are called after.
OF_UNITS = ("times", "ntl", "built", "flood", "climate", "pm25", "koppen")


def build_sites(config: SitesConfig | str | Path, *, progress: bool = True) -> Path:
    """Find the urban extents of an area and what surrounds them, and keep them as events.

    Steps that are finished are kept in the output's folder ``steps`` under a hash of all that
    they were made from: called again, after a change of the settings or of a file, or after the
    process was killed, it does what is missing. The sites themselves are replaced at the end,
    when all is known.

    Parameters
    ----------
    config : SitesConfig or path
        The settings, or the file ``sites.toml`` with them.
    progress : bool
        Tell on standard error how far it is.

    Returns
    -------
    Path
        The output folder: ``events``, ``sites.gpkg``, ``sites.json`` (what was done, from what),
        and, with units, ``units.csv``. Where there are several sources of population, it has a
        folder with these for each.

    Raises
    ------
    ConfigError
        A setting is wrong, a file of it is missing, or a date does not match a file's name.
    SiteError
        A file cannot be used, nothing is urban, or the folder holds something else.
    """
    settings = config if isinstance(config, SitesConfig) else read_sites_config(config)
    sources = list(settings.each_source())
    # What can be seen to be wrong is told before anything is computed.
    plans = [(one, _plan(one)) for _, one in sources]
    for one, wanted in plans:
        with _locked(one.output_folder), _room(one.output_folder) as room:
            _build(one, wanted, room, show=progress)
    return settings.output_folder


def _plan(config: SitesConfig) -> list[Wanted]:
    check_files(config, config.where)
    _check_output(config.output_folder)
    return wanted_layers(config, config.where)


def _build(config: SitesConfig, wanted: list[Wanted], room: Path, *, show: bool) -> None:
    folder = config.output_folder
    inputs = Inputs(folder / "steps")
    steps = Steps(folder / "steps", _told if show else _silent)
    people_key = inputs.hash(config.source(config.population_path))
    _check_source(folder, config, people_key)
    country = Country.read(config, inputs)
    surfaces = read_surfaces(config, country.bounds, room)
    made_from = {
        "rasters": [
            path and inputs.hash(config.source(path))
            for path in (config.population_path, config.built, config.land)
        ],
        "bounds": country.bounds,
        "margin_km": config.margin_km,
    }
    extents = {level: find_extents(config, level, surfaces, made_from, steps) for level in LEVELS}
    population = surfaces.population
    table, names = named_places(config, extents, country, population, steps)
    key = _key_of(table)
    places = Places(table, key, population, hash_of(made_from))
    columns: dict[str, list[Any]] = {**names}
    columns["hd_id"], candidates = high_density_ids(
        config, places, extents, read_polygons(config.high_density, config, inputs), steps
    )
    columns["eca_id"] = external_ids(config, table, read_polygons(config.external, config, inputs))
    if country.units is not None:
        columns["admin"] = admin_units(places, country, steps)
    columns |= build_layers(wanted, places, steps, inputs, show=show)
    if config.friction is not None:
        columns["routes"] = site_routes(config, places, steps, inputs, show=show)
    tables = {"high_density.csv": candidates}
    if country.units is not None:
        units, tables["units.csv"] = describe_units(places, country, extents, steps)
        tables[UNITS] = units
        unit_places = Places(units, country.key, population, places.population_key)
        tables |= _unit_tables(config, wanted, unit_places, places, steps, inputs, show=show)
    sites = site_records(table, columns)
    report = BuildReport.of(config, sites, steps, inputs)
    for name, one in tables.items():
        write_table(one, folder / name)
    for name in (UNITS, "units.csv", *(f"units-{one}.csv" for one in OF_UNITS)):
        if name not in tables:  # the settings were others
            (folder / name).unlink(missing_ok=True)
    write_sites(folder, sites, texts_of(report))
    write_table(sites_frame(folder), folder / "sites.gpkg")
    write_report(folder, report)
    steps.forget_others()


def _unit_tables(
    config: SitesConfig,
    wanted: list[Wanted],
    units: Places,
    places: Places,
    steps: Steps,
    inputs: Inputs,
    *,
    show: bool,
) -> dict[str, Any]:
    """Make what is wanted of units: a table a layer, and times from the sites."""
    import pandas as pd

    tables: dict[str, Any] = {}
    assert config.units is not None  # noqa: S101  there are units
    if config.units.layers:
        for name, lists in build_layers(
            wanted, units, steps, inputs, label="layers of units", show=show
        ).items():
            codes = units.table["code"].tolist()
            if name == "koppen":
                rows = [
                    {"code": code, "koppen": one} for code, one in zip(codes, lists, strict=True)
                ]
            else:
                rows = [
                    {"code": code, **dataclasses.asdict(record)}
                    for code, records in zip(codes, lists, strict=True)
                    for record in records
                ]
            tables[f"units-{name}.csv"] = pd.DataFrame(rows)
    if config.friction is not None and config.friction.units:
        tables["units-times.csv"] = unit_times(config, places, units, steps, inputs, show=show)
    return tables


def _key_of(table: Any) -> str:
    geometries = [one.hex() for one in table.geometry.to_wkb()]
    return hash_of([table["id"].tolist(), table.crs.to_wkt(), geometries])


def _check_output(folder: Path) -> None:
    """Refuse a folder that is something else than the output of an analysis."""
    if folder.exists() and not folder.is_dir():
        raise SiteError("the output is a file", where=str(folder), hint="give a folder")
    if not folder.is_dir() or (folder / "steps").is_dir() or (folder / REPORT).is_file():
        return
    if any(folder.iterdir()):
        raise SiteError(
            "the output folder exists and holds something else than sites",
            where=str(folder),
            hint="give another `output`",
        )


def _check_source(folder: Path, config: SitesConfig, people_key: str) -> None:
    """Refuse to put the sites of one source of population in the place of another's."""
    try:
        before = json.loads((folder / REPORT).read_text(encoding="utf-8"))
        path, digest = before["population"], before["inputs"][before["population"]]
    except (OSError, ValueError, KeyError):
        return
    if people_key != digest and config.source(config.population_path) != path:
        raise SiteError(
            f"the output has the sites of another population raster, {path}",
            where=str(folder),
            hint="give another `output`, or name both: population = {one = ..., other = ...}",
        )


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    try:
        (folder / "steps").mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        with lock.acquire(timeout=0):
            yield
    except Timeout:
        raise SiteError(
            "another process builds these sites now", where=str(folder), hint="wait for it"
        ) from None
    except OSError as problem:
        raise ConfigError(
            f"the output cannot be written: {problem.strerror or problem}",
            where=str(folder),
            hint="give a folder on a disk with room that you may write to",
        ) from problem


@contextlib.contextmanager
def _room(folder: Path) -> Iterator[Path]:
    """Give the place of a folder for large temporary files; a killed build's are removed."""
    room = folder / "steps" / "cells"
    shutil.rmtree(room, ignore_errors=True)
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _told(step: Step) -> None:
    # Kept layers are told by their bar.
    print(f"{step.name}: {step.outcome} ({step.seconds:.1f} s)", file=sys.stderr)


def _silent(step: Step) -> None:
    del step
