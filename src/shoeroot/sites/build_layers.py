"""The layers of an analysis: one raster after the other, each a step that is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoeroot.errors import ConfigError
from shoeroot.progress import progress
from shoeroot.records import BuiltUp, Flood, NightLight, ParticulateMatter
from shoeroot.sites.dated_files import DatedFile, dated_files
from shoeroot.sites.sources import RasterBand
from shoeroot.sites.steps import Inputs, Steps, from_plain, plain_of

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from shoeroot.sites.config import SitesConfig
    from shoeroot.sites.grid import Grid

__all__ = ["Places", "Wanted", "build_layers", "wanted_layers"]

#: What the name of a file must tell, by kind of layer.
NEEDED = {
    "night_lights": ("year", "month"),
    "built_up": ("epoch",),
    "flood": ("type", "return_period", "year"),
    "climate": ("month",),
    "particulate_matter": ("year",),
    "koppen": (),
}
#: Kinds of layers: the field of a site, the record in it, and what records are sorted by.
RECORDS = {
    "night_lights": ("ntl", NightLight, ("month",)),
    "built_up": ("built", BuiltUp, ("epoch",)),
    "flood": ("flood", Flood, ("type", "return_period", "year", "threshold")),
    "particulate_matter": ("pm25", ParticulateMatter, ("year",)),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A raster of a layer: which kind, the settings of its table, and what it stands for."""

    kind: str
    layer: Any
    file: DatedFile
    mark: tuple[Any, ...]

    @property
    def raster(self) -> RasterBand:
        """What is read."""
        return RasterBand(self.file.path, self.layer.band, self.layer.scale, self.layer.offset)

    @property
    def label(self) -> str:
        """Kind and date, for people."""
        return " ".join([self.kind.replace("_", " "), *map(str, self.mark)])


@dataclass(frozen=True, slots=True)
class Places:
    """What layers are computed for.

    Attributes
    ----------
    table : GeoDataFrame
        Polygons.
    key : str
        Hash of ids and polygons.
    population : Grid
        People a cell.
    population_key : str
        Hash of where they come from.
    """

    table: GeoDataFrame
    key: str
    population: Grid
    population_key: str


def wanted_layers(config: SitesConfig, where: str) -> list[Wanted]:
    """Find the rasters of all layers, before anything is computed.

    Raises
    ------
    ConfigError
        As `dated_files`; or two tables of a layer have the same date.
    """
    found: dict[tuple[Any, ...], Wanted] = {}
    for kind in NEEDED:
        for number, layer in enumerate(getattr(config.layers, kind)):
            key = f"layers.{kind}[{number}]"
            # A normal has no year; of years, there is a file each.
            also = ("year",) if kind == "climate" else ()
            months = getattr(layer, "bands", "one") == "month"
            needed = () if months else NEEDED[kind]
            for file in dated_files(layer, config.folder, needed, also=also, key=key, where=where):
                one = Wanted(kind, layer, file, _mark(kind, layer, file))
                other = found.setdefault((kind, *one.mark), one)
                if other is not one:
                    raise ConfigError(
                        f"two rasters are of {one.label}: {other.file.path} and {file.path}",
                        where=where,
                        hint=f"take one of them out of layers.{kind}",
                    )
    return list(found.values())


def _mark(kind: str, layer: Any, file: DatedFile) -> tuple[Any, ...]:
    values = file.values
    if kind == "night_lights":
        return (f"{values['year']}-{values['month']}",)
    if kind == "flood":
        return values["type"], int(values["return_period"]), int(values["year"])
    if kind == "climate":
        return layer.variable, int(values.get("month", 0)), int(values.get("year", 0))
    return tuple(int(values[name]) for name in NEEDED[kind])


def build_layers(
    wanted: list[Wanted],
    places: Places,
    steps: Steps,
    inputs: Inputs,
    *,
    label: str = "layers",
    show: bool = False,
) -> dict[str, list[Any]]:
    """Compute the layers of places.

    Parameters
    ----------
    wanted : list of Wanted
        From `wanted_layers`.
    places : Places
    steps : Steps
        Keeps what each raster gave.
    inputs : Inputs
        Hashes the rasters.
    label : str
        Of the progress.
    show : bool
        Whether it is shown on standard error.

    Returns
    -------
    dict of str to list
        By field of a `Site`, a value a place: sorted lists of records, and texts for `koppen`.
    """
    lists: dict[str, list[Any]] = {}
    figures: list[Any] = []
    # The bar tells how far it is.
    quiet = steps.silent()
    with progress(label, len(wanted), show=show and bool(wanted)) as advance:
        for one in wanted:
            made = _one(one, places, quiet, inputs)
            if one.kind == "climate":
                figures.append(made)
            elif one.kind == "koppen":
                lists["koppen"] = made
            else:
                name, record, _ = RECORDS[one.kind]
                _extend(lists.setdefault(name, [[] for _ in made]), from_plain(record, made))
            advance(1)
    for name, _, keys in RECORDS.values():
        for records in lists.get(name, ()):
            records.sort(key=lambda record, keys=keys: [getattr(record, key) for key in keys])
    if figures:
        lists["climate"] = _climate(figures, len(places.table))
    return lists


def _extend(lists: list[list[Any]], more: list[list[Any]]) -> None:
    for records, others in zip(lists, more, strict=True):
        records += others


def _one(one: Wanted, places: Places, steps: Steps, inputs: Inputs) -> Any:
    settings = one.layer.model_dump(mode="json", exclude={"files", "date", "expand"})
    made_from = {
        "raster": inputs.hash(one.file.path),
        "stands_for": list(one.mark),
        # JSON knows no infinity.
        "settings": {name: str(value) for name, value in settings.items()},
        "places": places.key,
        "population": places.population_key,
    }
    return steps.value(one.kind, made_from, lambda: _MAKERS[one.kind](one, places), one.label)


def _valid(one: Wanted, least: float = float("-inf")) -> tuple[float, float]:
    return one.layer.valid or (least, float("inf"))


def _night_lights(one: Wanted, places: Places) -> Any:
    from shoeroot.sites.layers import night_lights

    return plain_of(night_lights(places.table, {one.mark[0]: one.raster}, valid=_valid(one, 0.1)))


def _built_up(one: Wanted, places: Places) -> Any:
    from shoeroot.sites.layers import built_up

    return plain_of(built_up(places.table, {one.mark[0]: one.raster}, valid=_valid(one, 0.0)))


def _flood(one: Wanted, places: Places) -> Any:
    from shoeroot.sites.floods import FloodScenario, floods

    made = floods(
        places.table,
        {FloodScenario(*one.mark): one.raster},
        population=places.population,
        thresholds=one.layer.thresholds,
        valid=_valid(one, 0.0),
    )
    return plain_of(made)


def _particulate_matter(one: Wanted, places: Places) -> Any:
    from shoeroot.sites.layers import particulate_matter

    made = particulate_matter(
        places.table,
        {one.mark[0]: one.raster},
        population=places.population,
        valid=_valid(one, 0.0),
    )
    return plain_of(made)


def _climate_figures(one: Wanted, places: Places) -> Any:
    from shoeroot.sites.climate import ClimateFile, climate_figures, months_of

    if one.layer.bands == "month":
        variable, _, year = one.mark
        files: Any = months_of(
            one.file.path, variable, year, scale=one.layer.scale, offset=one.layer.offset
        )
    else:
        files = {ClimateFile(*one.mark): one.raster}
    table = climate_figures(places.table, files, population=places.population)
    columns = [list(column) for column in table.columns.to_frame(index=False).to_numpy().tolist()]
    return {"columns": columns, "values": table.to_numpy(float).tolist()}


def _climate(figures: list[Any], count: int) -> list[Any]:
    import pandas as pd

    from shoeroot.sites.climate import climate_records

    tables = []
    for one in figures:
        columns: Any = pd.MultiIndex.from_tuples(
            [tuple(column) for column in one["columns"]],
            names=["variable", "month", "year"],
        )
        tables.append(pd.DataFrame(one["values"], index=range(count), columns=columns))
    return climate_records(pd.concat(tables, axis=1))


def _koppen(one: Wanted, places: Places) -> Any:
    from shoeroot.sites.koppen import koppen

    return koppen(places.table, one.raster)


_MAKERS: dict[str, Callable[[Wanted, Places], Any]] = {
    "night_lights": _night_lights,
    "built_up": _built_up,
    "flood": _flood,
    "climate": _climate_figures,
    "particulate_matter": _particulate_matter,
    "koppen": _koppen,
}
