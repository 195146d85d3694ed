"""`Stock`: sites with their weights and floor areas, and the stratum that each belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.building import Weather
from shoeroot.campaign.config import CampaignConfig
from shoeroot.campaign.prepare import read_catalogue
from shoeroot.campaign.site_settings import SiteSettings, SiteWeight
from shoeroot.campaign.site_table import Sites, SiteTable, as_site_table
from shoeroot.campaign.site_weather import match_weather
from shoeroot.campaign.site_weights import site_weights
from shoeroot.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Stock", "by_id", "sites_of", "stock_of"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """Sites and what they are to a campaign.

    Attributes
    ----------
    table : SiteTable
    match : pandas.DataFrame
        Of `match_weather`.
    weights : (n_sites,) float64
    floor_area : (n_sites,) float64
        [m2]; NaN where it is not known.
    stratum : (n_sites,) int64
        Whose designs stand for the site: the number of its weather file or, where designs are
        told to sites, of the site.
    strata : tuple of str
        What each of them is called.
    """

    table: SiteTable
    match: pd.DataFrame
    weights: Floats
    floor_area: Floats
    stratum: Numbers
    strata: tuple[str, ...]

    @property
    def shares(self) -> Floats:
        """Return what a site counts in a group: its floor area or, where not known, its weight."""
        return self.floor_area if np.isfinite(self.floor_area).all() else self.weights


def sites_of(folder: Path, config: CampaignConfig, sites: Sites | None) -> tuple[Sites, Any]:
    """Return the sites that were given, or those of a campaign's settings, and these.

    Raises
    ------
    ConfigError
        There are none.
    """
    settings = config.sites
    if sites is not None:
        return sites, settings
    if settings is None:
        raise ConfigError(
            "the campaign has no sites",
            where=str(folder),
            hint='name them: sites = "FOLDER" in campaign.toml, or give them here',
        )
    beside = folder / settings.path
    return (beside if beside.exists() else Path(settings.path)), settings


def stock_of(
    folder: Path,
    config: CampaignConfig,
    sites: Sites | None,
    *,
    level: str,
    weights: SiteWeight | None,
    floor_area: float | Mapping[int, float] | pd.Series | None,
    by_site: bool,
) -> Stock:
    """Read the sites of a campaign and match them with its weather.

    Parameters
    ----------
    folder, config
        The campaign.
    sites, level, weights, floor_area
        As `shoeroot.campaign.aggregate_to_sites` takes them.
    by_site : bool
        Whether designs are told to sites; by default their weather says whom they stand for.
    """
    given, settings = sites_of(folder, config, sites)
    settings = settings or SiteSettings(path="given")
    if level:
        settings = settings.model_copy(update={"level": level})
    table = as_site_table(given, settings)
    catalogue = read_catalogue(config.weather, base=folder)
    match = match_weather(table, catalogue, max_distance=settings.max_distance)
    chosen = weights or settings.weights
    heavy = site_weights(table, chosen, epoch=settings.epoch)
    area = floor_area
    if floor_area is None:
        # That of the settings is a person's, or of a m2: of the weights that they name.
        area = settings.floor_area if chosen == settings.weights else 0.0
    own = np.arange(len(table))
    return Stock(
        table=table,
        match=match,
        weights=heavy,
        floor_area=_floor_areas(table, heavy, area),
        stratum=own if by_site else match["weather"].to_numpy(),
        strata=_names(table) if by_site else _files(catalogue),
    )


def by_id(ids: Numbers, given: Any, what: str, default: float) -> Floats:
    """Return figures that were given by id in the order of `ids`; `default` where none was given.

    Raises
    ------
    ConfigError
        An id has no figure, or one that is negative or no number.
    """
    import pandas as pd

    if given is None:
        return np.full(len(ids), default)
    series = given if isinstance(given, pd.Series) else pd.Series(dict(given), dtype=float)
    if series.index.has_duplicates:
        raise ConfigError(f"{what} has an id twice", hint="give one figure an id")
    found: Floats = np.asarray(series.reindex(ids), dtype=np.float64)
    wrong = ~(np.isfinite(found) & (found >= 0))
    if wrong.any():
        raise ConfigError(
            f"{what} has no figure of 0 or more for {int(wrong.sum())} of {len(ids)} ids, such as "
            f"{ids[wrong][0]}",
            where=what,
            hint="give one for each id",
        )
    return found


def _floor_areas(table: SiteTable, weights: Floats, given: Any) -> Floats:
    if not isinstance(given, int | float):
        return by_id(table.ids, given, "floor_area", np.nan)
    if not (np.isfinite(given) and given >= 0):
        raise ConfigError(f"floor_area is {given}", hint="give m2 a unit of weight, or by site")
    return weights * float(given) if given else np.full(len(table), np.nan)


def _names(table: SiteTable) -> tuple[str, ...]:
    pairs = zip(table.names, table.ids, strict=True)
    return tuple(str(name) or f"site {number}" for name, number in pairs)


def _files(catalogue: tuple[Weather, ...]) -> tuple[str, ...]:
    return tuple(one.name for one in catalogue)
