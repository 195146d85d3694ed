"""`SiteTable`: what campaigns need to know of sites, read from their events as plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from shoeroot.campaign.site_settings import SiteSettings
from shoeroot.errors import EventFileError, SiteError, nearest
from shoeroot.events import WHAT_TO_GIVE, Events, open_events
from shoeroot.records import Site

__all__ = ["SiteTable", "Sites", "as_site_table", "counted", "read_sites"]

Floats = NDArray[np.float64]

SHOWN = 5


@dataclass(frozen=True, slots=True, eq=False)
class SiteTable:
    """Sites, one row each.

    Attributes
    ----------
    ids : (n_sites,) int64
        Their `event_id`.
    names, levels, countries, koppen : (n_sites,) object
        Texts; empty where not known.
    lon, lat : (n_sites,) float64
        Population-weighted centroid [deg].
    population : (n_sites,) float64
        People.
    built : dict of int to (n_sites,) float64
        Built-up surface by epoch [m2]; NaN where a site has none of that epoch.
    normals : (n_sites, 12, 2) float64
        Mean air temperature [degC] and precipitation [mm] by month; NaN where not known.
    where : str
        Where they come from, for errors.
    """

    ids: NDArray[np.int64]
    names: NDArray[np.object_]
    levels: NDArray[np.object_]
    countries: NDArray[np.object_]
    koppen: NDArray[np.object_]
    lon: Floats
    lat: Floats
    population: Floats
    built: dict[int, Floats]
    normals: Floats
    where: str

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: NDArray[Any]) -> Self:
        """Return some of the sites, by row numbers or by one bool a site."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        kept = {
            name: value[rows] for name, value in values.items() if isinstance(value, np.ndarray)
        }
        built = {epoch: area[rows] for epoch, area in self.built.items()}
        return type(self)(**{**values, **kept, "built": built})

    def told(self, rows: NDArray[Any]) -> str:
        """Name some sites in a sentence: the first few, and how many more."""
        numbers = np.arange(len(self))[rows]
        names = [self.names[row] or f"site {self.ids[row]}" for row in numbers[:SHOWN]]
        more = len(numbers) - SHOWN
        return ", ".join(map(str, names)) + (f" and {more} more" if more > 0 else "")


def counted(count: int, what: str) -> str:
    """Say how many there are: "1 site", "2 sites"."""
    return f"{count} {what}{'' if count == 1 else 's'}"


#: What campaigns take for sites.
Sites = str | Path | Events | SiteTable


def read_sites(
    path: str | Path | Events, *, level: str = "", places: Sequence[str | int] = ()
) -> SiteTable:
    """Read sites from their events; geopandas is not needed.

    Parameters
    ----------
    path : path or Events
        A folder that ``shoeroot sites build`` made, the ``sites.toml`` that it was made by, one
        file, or events that are open.
    level : str
        Only sites of this level, such as ``"urban_centre"``.
    places : sequence of str or int
        Only sites of these names or ids.

    Raises
    ------
    SiteError
        There are no sites, they are not sites, a name is unknown, or sites of several levels,
        of which one may lie in another, are not told apart.
    """
    where = str(path) if isinstance(path, str | Path) else "sites"
    table = _table(path, where) if isinstance(path, Events) else _read(Path(path), where)
    return _chosen(table, level, places)


def as_site_table(sites: Sites, settings: SiteSettings | None = None) -> SiteTable:
    """Return sites as a table, with the sites that settings choose."""
    if isinstance(sites, SiteTable):
        return sites
    if settings is None:
        return read_sites(sites)
    return read_sites(sites, level=settings.level, places=settings.places)


def _read(path: Path, where: str) -> SiteTable:
    if path.suffix == ".toml":
        from shoeroot.sites import open_sites

        with open_sites(path) as events:
            return _table(events, where)
    try:
        with open_events(path, record_class=Site) as events:
            return _table(events, where)
    except EventFileError as error:
        raise SiteError(
            f"the sites cannot be read: {error.problem}",
            where=error.where or where,
            hint="give a folder that `shoeroot sites build` made"
            if error.hint in ("", WHAT_TO_GIVE)
            else error.hint,
        ) from error


def _table(events: Events, where: str) -> SiteTable:
    if "koppen" not in events.record_type.columns:
        raise SiteError(
            f"these events are no sites but {events.record_type.name}",
            where=where,
            hint="give a folder that `shoeroot sites build` made",
        )
    if not len(events):
        raise SiteError(
            "there are no sites", where=where, hint="build some: `shoeroot sites build`"
        )
    table = SiteTable(
        ids=np.asarray(events.event_id, dtype=np.int64),
        names=_texts(events.name),
        levels=_texts(events.level),
        countries=_texts(events.country),
        koppen=_texts(events.koppen),
        lon=np.asarray(events.lon, dtype=np.float64),
        lat=np.asarray(events.lat, dtype=np.float64),
        population=np.asarray(events.population, dtype=np.float64),
        built=_built(events),
        normals=_normals(events),
        where=where,
    )
    return _checked(table)


def _texts(texts: Any) -> NDArray[np.object_]:
    return np.array(ak.to_list(texts), dtype=object)


def _built(events: Events) -> dict[int, Floats]:
    """Return the built-up surface of each epoch that any site has."""
    site = np.repeat(np.arange(len(events)), np.asarray(events.counts("built")))
    epochs = np.asarray(ak.flatten(events.built.epoch), dtype=np.int64)
    surface = np.asarray(ak.flatten(events.built.m2), dtype=np.float64)
    areas = {int(one): np.full(len(events), np.nan) for one in np.unique(epochs)}
    for epoch, area in areas.items():
        of_epoch = epochs == epoch
        area[site[of_epoch]] = surface[of_epoch]
    return areas


def _normals(events: Events) -> Floats:
    site = np.repeat(np.arange(len(events)), np.asarray(events.counts("climate")))
    month = np.asarray(ak.flatten(events.climate.month), dtype=np.int64)
    normals = np.full((len(events), 12, 2), np.nan)
    known = (month >= 1) & (month <= 12)
    for place, name in enumerate(("t_mean", "precipitation")):
        values = np.asarray(ak.flatten(events.climate[name]), dtype=np.float64)
        normals[site[known], month[known] - 1, place] = values[known]
    return normals


def _checked(table: SiteTable) -> SiteTable:
    outside = ~((np.abs(table.lat) <= 90) & (np.abs(table.lon) <= 360))
    if outside.any():
        raise SiteError(
            f"sites lie nowhere on Earth: {table.told(outside)}",
            where=table.where,
            hint="lon and lat are degrees: build the sites again",
        )
    values, counts = np.unique(table.ids, return_counts=True)
    if (counts > 1).any():
        raise SiteError(
            f"{counts.max()} sites have the id {values[counts.argmax()]}",
            where=table.where,
            hint="give each site once",
        )
    return table


def _chosen(table: SiteTable, level: str, places: Sequence[str | int]) -> SiteTable:
    if level:
        table = table.take(_of_level(table, level))
    if places:
        table = table.take(_of_places(table, [str(one) for one in places]))
    levels = sorted({_plain(one) for one in table.levels})
    if len(levels) > 1:
        raise SiteError(
            f"the sites are of {len(levels)} levels, {' and '.join(levels)}, one in the other: "
            "their people would be counted twice",
            where=table.where,
            hint=f'choose one: level = "{levels[0]}", or --site-level {levels[0]}',
        )
    return table


def _of_level(table: SiteTable, level: str) -> NDArray[np.bool_]:
    found = np.array([_plain(one) == _plain(level) for one in table.levels])
    if not found.any():
        raise SiteError(
            f"no site is of the level {level!r}",
            where=table.where,
            hint=nearest(_plain(level), {_plain(one) for one in table.levels}),
        )
    return found


def _of_places(table: SiteTable, places: Sequence[str]) -> NDArray[np.bool_]:
    known = {str(one) for one in (*table.names, *table.ids.tolist())}
    for one in places:
        if one not in known:
            raise SiteError(
                f"there is no site {one!r}",
                where=table.where,
                hint=nearest(one, {str(name) for name in table.names if name}),
            )
    wanted = set(places)
    pairs = zip(table.names, table.ids.tolist(), strict=True)
    return np.array([str(name) in wanted or str(number) in wanted for name, number in pairs])


def _plain(level: str) -> str:
    return str(level).strip().lower().replace(" ", "_")
