"""``sites.toml``: what an analysis of sites is made of, validated before anything is read."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from shoeroot.errors import ConfigError, nearest
from shoeroot.sites.layer_settings import LayersSettings, Settings
from shoeroot.sites.sources import is_remote

__all__ = [
    "Friction",
    "HighDensity",
    "Joined",
    "Names",
    "SitesConfig",
    "Units",
    "read_sites_config",
]

Level = Literal["urban_centre", "urban_cluster"]
_SIMPLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\Z")


class Units(Settings):
    """Administrative units.

    Attributes
    ----------
    path : str
        A file of polygons that GDAL reads, such as a GeoPackage.
    code, name : str
        Its columns.
    layer : str
        Of the file; empty for the first.
    crs : str
        Such as "EPSG:4326", where the file says none.
    overlap : float
        Share of the smaller unit that two may have in common: more is an error, as people would
        count twice.
    only : bool
        Whether sites that have no people in any unit are left out: they lie abroad.
    layers : bool
        Whether the layers are computed for the units as well, as tables.
    """

    path: str = Field(min_length=1)
    code: str = Field(min_length=1)
    name: str = ""
    layer: str = ""
    crs: str = ""
    overlap: float = Field(default=0.01, ge=0, le=1)
    only: bool = False
    layers: bool = False


class HighDensity(Settings):
    """Urban centres of another source, for `hd_id`: polygons with whole numbers as ids."""

    path: str = Field(min_length=1)
    id: str = Field(min_length=1)


class Joined(Settings):
    """An external set of extents, joined by the centroid of a site: `eca_id`."""

    path: str = Field(min_length=1)
    id: str = Field(min_length=1)


class Names(Settings):
    """Where names come from: "geonames" (offline), "online" (a geocoder) or "none"."""

    source: Literal["geonames", "online", "none"] = "geonames"


class Friction(Settings):
    """Travel between sites.

    Attributes
    ----------
    path : str
        A raster of minutes per metre; nodata are barriers.
    metric : str
        "graph" for ways along 8 neighbours, which are up to 8 % too long, 5 % on average;
        "continuous" for ways in any direction (extra `continuous`).
    limit : float
        Longest route [min].
    snap_km : float
        A site whose centroid lies on a barrier, such as a river, starts from the nearest cell
        within this distance [km]; 0: it has no routes.
    lines : bool
        Whether the ways are kept as lines, beside their minutes and kilometres.
    units : bool
        Whether times from the sites to the units' centroids are written as well, as a table.
    """

    path: str = Field(min_length=1)
    metric: Literal["graph", "continuous"] = "graph"
    limit: float = Field(default=float("inf"), gt=0)
    snap_km: float = Field(default=5.0, ge=0)
    lines: bool = True
    units: bool = False


class SitesConfig(Settings):
    """The settings of an analysis of sites.

    Attributes
    ----------
    country : str
        ISO 3166-1 alpha-2, such as "BE": sites named after a place of another country are left
        out. Empty for all.
    level : str
        "urban_centre", "urban_cluster", or "both" in one tree of events.
    rule : str
        "degurba" or "gost", see `urban_extents`.
    population : str or dict of str to str
        A raster of people a cell; several sources by name give a folder of that name each.
    built, land : str
        Rasters of built-up surface and of permanent land [m2 a cell] on the same grid.
    area : tuple of float or str
        What is read of the rasters: west, south, east, north [deg], "units" for what the units
        span, or empty for all.
    margin_km : float
        What is read around that area, so that no site is cut at its edge [km].
    cells_in_memory : int
        Rasters of people with more cells are worked through by windows of rows, and files in the
        output's ``steps`` stand in for memory, of 30 bytes a cell at most.
    output : str
        The folder to make; from the folder of the file.
    extents : dict
        Thresholds by level that differ from the rule's.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    _folder: Path = PrivateAttr(default_factory=Path)
    _where: str = PrivateAttr(default="settings")

    schema_version: Literal[1] = 1
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    level: Literal["urban_centre", "urban_cluster", "both"] = "both"
    rule: Literal["degurba", "gost"] = "degurba"
    population: str | dict[str, str]
    built: str = ""
    land: str = ""
    area: str | tuple[float, ...] = ""
    margin_km: float = Field(default=50.0, ge=0)
    cells_in_memory: int = Field(default=100_000_000, ge=0)
    output: str = Field(default="sites", min_length=1)
    extents: dict[Level, dict[str, bool | float]] = Field(default_factory=dict)
    units: Units | None = None
    high_density: HighDensity | None = None
    external: Joined | None = None
    names: Names = Names()
    layers: LayersSettings = LayersSettings()
    friction: Friction | None = None

    @field_validator("population")
    @classmethod
    def _sources(cls, given: str | dict[str, str]) -> str | dict[str, str]:
        if not given or (isinstance(given, dict) and not all(given.values())):
            raise ValueError("name a raster of people per cell")
        for name in given if isinstance(given, dict) else ():
            if not _SIMPLE.match(name):
                raise ValueError(f"{name!r} cannot be a folder: letters, digits, - and _")
        return given

    @field_validator("area", mode="before")
    @classmethod
    def _area(cls, given: Any) -> Any:
        if isinstance(given, list | tuple):
            numbers = all(isinstance(one, int | float) for one in given)
            whole = len(given) == 4 and numbers and given[0] < given[2]
            if whole and -90 <= given[1] < given[3] <= 90:
                return tuple(given)
        elif given in ("", "units"):
            return given
        raise ValueError('it is [west, south, east, north] in degrees, or "units"')

    @model_validator(mode="after")
    def _fits(self) -> SitesConfig:
        if self.rule == "gost" and (self.built or self.land):
            raise ValueError("rule 'gost' looks at people alone: leave out built and land")
        if self.area == "units" and self.units is None:
            raise ValueError("area = 'units' needs a table [units]")
        if self.country and self.names.source == "none":
            raise ValueError("country is told by names: names.source cannot be 'none'")
        if self.friction is not None and self.friction.units and self.units is None:
            raise ValueError("friction.units needs a table [units]")
        return self

    @property
    def levels(self) -> tuple[Level, ...]:
        """Urban centres first: others are joined to them."""
        return get_args(Level) if self.level == "both" else (self.level,)

    @property
    def folder(self) -> Path:
        """What paths are relative to."""
        return self._folder

    @property
    def where(self) -> str:
        """What errors call the settings: their file."""
        return self._where

    def source(self, path: str) -> str:
        """Give a raster or a file as it is opened: addresses as they are, others as full paths."""
        return path if is_remote(path) else str(self._folder / path)

    @property
    def population_path(self) -> str:
        """The raster of people a cell, where there is one source."""
        return self.population if isinstance(self.population, str) else ""

    @property
    def output_folder(self) -> Path:
        """The folder that is made."""
        return self._folder / self.output

    def one_output(self) -> Path:
        """Give the folder of the sites.

        Raises
        ------
        ConfigError
            There are several sources of population, and a folder for each.
        """
        if isinstance(self.population, dict):
            raise ConfigError(
                f"there are sites of {len(self.population)} sources of population",
                where=str(self.output_folder),
                hint="give the folder of one: "
                + ", ".join(str(self.output_folder / name) for name in self.population),
            )
        return self.output_folder

    def each_source(self) -> Iterator[tuple[str, SitesConfig]]:
        """Give the settings for each source of population, with an output of its own."""
        if isinstance(self.population, str):
            yield "", self
            return
        for name, path in self.population.items():
            changes = {"population": path, "output": str(Path(self.output) / name)}
            yield name, self.in_folder(self._folder, **changes)

    def in_folder(self, folder: Path, **changes: Any) -> SitesConfig:
        """Give these settings with other values for some, and paths relative to a folder."""
        made = self.model_copy(update=changes)
        made._folder = folder
        return made

    @classmethod
    def from_values(cls, values: dict[str, Any], *, where: str, folder: Path) -> SitesConfig:
        """Check settings.

        Parameters
        ----------
        values : dict
            As in ``sites.toml``.
        where : str
            Named in errors.
        folder : Path
            What paths are relative to.

        Raises
        ------
        ConfigError
            A setting is unknown (names the nearest) or its value is wrong.
        """
        try:
            made = cls.model_validate(values)
        except ValidationError as error:
            raise _explained(error, cls, where) from error
        _check_thresholds(made, where)
        made._where = where
        return made.in_folder(folder)


def read_sites_config(path: str | Path) -> SitesConfig:
    """Read ``sites.toml``.

    Raises
    ------
    ConfigError
        The file is missing, no TOML, or a setting is unknown or wrong.
    """
    file = Path(path)
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"the settings of the sites cannot be read: {error.strerror}",
            where=str(file),
            hint="`shoeroot sites init` writes a file of them",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"not TOML: {error}", where=str(file), hint="correct it") from error
    return SitesConfig.from_values(values, where=str(file), folder=file.parent.absolute())


def _check_thresholds(config: SitesConfig, where: str) -> None:
    from shoeroot.sites.degurba import DegurbaThresholds
    from shoeroot.sites.gost import GostThresholds

    rule: Any = DegurbaThresholds if config.rule == "degurba" else GostThresholds
    known = [field.name for field in dataclasses.fields(rule)]
    for level, thresholds in config.extents.items():
        for name in thresholds:
            if name not in known:
                raise ConfigError(
                    f"unknown setting 'extents.{level}.{name}' for rule {config.rule!r}",
                    where=where,
                    hint=nearest(name, known),
                )


def _explained(error: ValidationError, model: type[BaseModel], where: str) -> ConfigError:
    """Say what is wrong with which key; of an unknown one, name the nearest beside it."""
    first = _most_telling(error)
    place = [str(part) for part in first["loc"] if part not in _KINDS]
    name = ".".join(place)
    if first["type"] == "extra_forbidden":
        known = _keys_beside(model, first["loc"])
        return ConfigError(f"unknown setting {name!r}", where=where, hint=nearest(place[-1], known))
    if first["type"] == "missing":
        return ConfigError(f"the setting {name!r} is missing", where=where, hint="add it")
    told = str(first["msg"]).removeprefix("Value error, ")
    return ConfigError(f"{name}: {told}" if name else told, where=where, hint="correct the value")


#: What pydantic puts into the place of an error to tell alternatives apart.
_KINDS = ("str", "bool", "float", "dict[str,str]", "[key]")


def _most_telling(error: ValidationError) -> Any:
    # The alternatives of a value are all told; that which went deepest is what was meant.
    found = error.errors()
    unknown = [one for one in found if one["type"] == "extra_forbidden"]
    return unknown[0] if unknown else max(found, key=lambda one: len(one["loc"]))


def _keys_beside(model: type[BaseModel], place: tuple[Any, ...]) -> list[str]:
    inner: Any = model
    for part in place[:-1]:
        field = inner.model_fields.get(part) if isinstance(part, str) else None
        if field is not None:
            inner = _model_in(field.annotation) or inner
    return list(inner.model_fields)


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one))), None)
