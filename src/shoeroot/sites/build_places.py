"""The places of an analysis: extents that are kept, their names, and what they are joined to."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from shoeroot.errors import ConfigError, SiteError, SiteWarning, nearest
from shoeroot.records import AdminUnit
from shoeroot.sites.build_layers import Places
from shoeroot.sites.packages import require
from shoeroot.sites.sources import is_remote
from shoeroot.sites.steps import Inputs, Steps, from_plain, hash_of, plain_of

if TYPE_CHECKING:
    from shoeroot.sites.config import HighDensity, Joined, SitesConfig
    from shoeroot.sites.extents import Extents
    from shoeroot.sites.grid import Grid

__all__ = [
    "Country",
    "Polygons",
    "admin_units",
    "check_files",
    "describe_units",
    "external_ids",
    "high_density_ids",
    "named_places",
    "read_polygons",
]

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Country:
    """What is analysed: the units, where there are any, and what is read of the rasters."""

    units: Any
    key: str
    bounds: Bounds | None

    @classmethod
    def read(cls, config: SitesConfig, inputs: Inputs) -> Country:
        """Read the units, and say which part of the rasters is wanted [deg]."""
        from shoeroot.sites.units import read_units

        units, key = None, ""
        if config.units is not None:
            source = config.source(config.units.path)
            settings = config.units
            units = read_units(
                source,
                code=settings.code,
                name=settings.name or None,
                layer=settings.layer or None,
                crs=settings.crs or None,
                overlap=settings.overlap,
            )
            columns = [settings.code, settings.name, settings.layer, settings.crs]
            key = hash_of([inputs.hash(source), *columns])
        if config.area == "units" and units is not None:
            west, south, east, north = units.to_crs(4326).total_bounds.tolist()
            return cls(units, key, (west, south, east, north))
        area = config.area
        return cls(units, key, area if isinstance(area, tuple) else None)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Polygons:
    """Extents of another source, the column that identifies them, and their hash."""

    table: Any
    id: str
    key: str


def check_files(config: SitesConfig, where: str) -> None:
    """See that all single files of the settings are there.

    Raises
    ------
    ConfigError
        Naming the setting, the path, and names that are like it.
    """
    named = {"population": config.population_path, "built": config.built, "land": config.land}
    for table in ("units", "high_density", "external", "friction"):
        settings = getattr(config, table)
        if settings is not None:
            named[f"{table}.path"] = settings.path
    for setting, path in named.items():
        if not path or is_remote(path):
            continue
        file = Path(config.source(path))
        if not file.exists():
            beside = [one.name for one in file.parent.iterdir()] if file.parent.is_dir() else []
            raise ConfigError(
                f"{setting}: there is no such file: {file}",
                where=where,
                hint=nearest(file.name, beside) or "correct the path",
            )


def read_polygons(
    settings: HighDensity | Joined | None, config: SitesConfig, inputs: Inputs
) -> Polygons | None:
    """Read extents of another source.

    Raises
    ------
    SiteError
        The file cannot be read, has no CRS or no such column.
    """
    if settings is None:
        return None
    source = config.source(settings.path)
    key = hash_of([inputs.hash(source), settings.id])
    try:
        table = require("geopandas").read_file(source)
    except Exception as problem:  # GDAL's drivers raise what they like
        raise SiteError(f"the extents cannot be read: {problem}", where=source) from problem
    if not hasattr(table, "geometry"):
        raise SiteError("the extents have no geometries", where=source, hint="give polygons")
    if table.crs is None:
        raise SiteError(
            "the extents have no coordinate reference system",
            where=source,
            hint="write them with one: .set_crs('EPSG:4326')",
        )
    if settings.id not in table.columns:
        known = [str(name) for name in table.columns if name != "geometry"]
        raise SiteError(
            f"the extents have no column {settings.id!r}",
            where=source,
            hint=nearest(settings.id, known),
        )
    return Polygons(table, settings.id, key)


def named_places(
    config: SitesConfig,
    extents: Mapping[str, Extents],
    country: Country,
    population: Grid,
    steps: Steps,
) -> tuple[Any, dict[str, list[str]]]:
    """Put the extents of all wanted levels together, name them, and leave out those abroad.

    Returns
    -------
    geopandas.GeoDataFrame, dict of str to list
        The places with a column ``id``, and the columns name and country.

    Raises
    ------
    SiteError
        Nothing is urban, or all of it lies abroad.
    """
    tables = [extents[level].table for level in config.levels if len(extents[level].table)]
    if not tables:
        raise SiteError(
            f"nothing is urban by rule {config.rule!r}: there are no sites",
            where=population.name,
            hint="does the raster hold people per cell? [extents.*] lowers the thresholds",
        )
    places = pd.concat(tables, ignore_index=True)
    names = _names(config, places, steps)
    kept = np.ones(len(places), dtype=bool)
    if config.country:
        kept &= np.asarray(names["country"]) == config.country
    if config.units is not None and config.units.only:
        kept &= _has_people_in(places, country.units, population)
    if not kept.any():
        raise SiteError(
            f"none of the {len(places)} sites lies in {config.country or 'the units'}",
            where=population.name,
            hint="is it the raster of that country?",
        )
    chosen = {
        name: [value for value, keep in zip(values, kept, strict=True) if keep]
        for name, values in names.items()
    }
    return places[kept].reset_index(drop=True), chosen


def _names(config: SitesConfig, places: Any, steps: Steps) -> dict[str, list[str]]:
    from shoeroot.sites.names import place_names

    if config.names.source == "none":
        return {}
    geometries = [one.hex() for one in places.geometry.to_wkb()]
    made_from = {
        "source": config.names.source,
        "places": hash_of([places.crs.to_wkt(), geometries]),
    }

    def make() -> dict[str, list[str]]:
        table = place_names(places, source=config.names.source)
        return {name: table[name].tolist() for name in ("name", "country")}

    found: dict[str, list[str]] = steps.value("names", made_from, make)
    return found


def _has_people_in(places: Any, units: Any, population: Grid) -> Any:
    from shoeroot.sites.joins import join_admin

    listed = join_admin(places, units, population)
    return np.array([any(one.population > 0 for one in each) for each in listed])


def admin_units(places: Places, country: Country, steps: Steps) -> list[list[AdminUnit]]:
    """List the units that each place lies in, most people first."""
    from shoeroot.sites.joins import join_admin

    made_from = {"places": places.key, "units": country.key, "population": places.population_key}

    def make() -> Any:
        listed = join_admin(places.table, country.units, places.population)
        if not any(listed):
            _warn_apart("administrative unit")
        return plain_of(listed)

    return from_plain(AdminUnit, steps.value("admin", made_from, make, "administrative units"))


def high_density_ids(
    config: SitesConfig,
    places: Places,
    extents: Mapping[str, Extents],
    other: Polygons | None,
    steps: Steps,
) -> tuple[list[int], pd.DataFrame]:
    """Join places to urban centres by people, then area.

    Returns
    -------
    list of int, DataFrame
        The best of each place, 0 for none; and all that intersect.
    """
    from shoeroot.sites.joins import join_majority

    centres = extents["urban_centre"].table if other is None else _whole_ids(other)
    key = hash_of(centres["id"].tolist()) if other is None else other.key
    made_from = {"places": places.key, "others": key, "population": places.population_key}

    def make() -> Any:
        joined = join_majority(places.table, centres, places.population)
        return {
            "best": [int(one) for one in joined.best],
            "candidates": {name: joined.candidates[name].tolist() for name in joined.candidates},
        }

    found = steps.value("high_density", made_from, make, "join to urban centres")
    return found["best"], pd.DataFrame(found["candidates"])


def _whole_ids(other: Polygons) -> Any:
    ids = pd.to_numeric(other.table[other.id], errors="coerce")
    if ids.isna().any() or (ids % 1 != 0).any() or (ids <= 0).any():
        raise SiteError(
            f"the column {other.id!r} of the high-density extents has values that are no ids",
            hint="hd_id holds whole numbers above 0; [external] joins texts",
        )
    table = other.table[["geometry"]].copy()
    table["id"] = ids.astype(np.int64)
    return table


def external_ids(config: SitesConfig, places: Any, other: Polygons | None) -> list[str]:
    """Give the external extent that the centroid of each place lies in; empty for none."""
    from shoeroot.sites.joins import join_by_centroid

    if other is None:
        return [""] * len(places)
    found = [str(one) for one in join_by_centroid(places, other.table, other.id)]
    if not any(found):
        _warn_apart("external extent")
    return found


def _warn_apart(what: str) -> None:
    warnings.warn(
        f"no site lies in any {what}: are they of the same country, and is their CRS right?",
        SiteWarning,
        stacklevel=3,
    )


def describe_units(
    places: Places, country: Country, extents: Mapping[str, Extents], steps: Steps
) -> tuple[Any, pd.DataFrame]:
    """Say of each unit who lives there, how urban it is, and where its centroid lies.

    Returns
    -------
    geopandas.GeoDataFrame, DataFrame
        The units with the columns of the table beside their polygons; and the table.
    """
    from shoeroot.sites.centroids import weighted_centroids
    from shoeroot.sites.population_summary import population_summary, unit_classes

    made_from = {
        "units": country.key,
        "population": places.population_key,
        "extents": {level: found.table["id"].tolist() for level, found in extents.items()},
        "areas": {level: found.table["area_km2"].tolist() for level, found in extents.items()},
    }

    def make() -> Any:
        summary = population_summary(
            country.units, places.population, extents["urban_cluster"], extents["urban_centre"]
        )
        summary["class"] = unit_classes(summary)
        centroids = weighted_centroids(country.units, places.population)
        table = pd.concat([summary, centroids[["lon", "lat"]]], axis=1)
        return {name: table[name].tolist() for name in table}

    columns = steps.value("units", made_from, make, "people of units")
    table = pd.DataFrame(
        {"code": country.units["code"].tolist(), "name": country.units["name"].tolist(), **columns}
    )
    units = country.units.reset_index(drop=True).assign(**{name: table[name] for name in columns})
    return units, table
