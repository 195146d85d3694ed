"""Results of a campaign brought back to sites: means, sums and standard errors of a stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.campaign.config import CampaignConfig
from shoeroot.campaign.run import Campaign
from shoeroot.campaign.site_drawn import Drawn, read_drawn
from shoeroot.campaign.site_settings import SiteWeight
from shoeroot.campaign.site_stock import Stock, by_id, stock_of
from shoeroot.campaign.site_table import Sites, counted
from shoeroot.campaign.site_weather import match_notes
from shoeroot.campaign.stock_estimate import (
    GroupEstimate,
    Sample,
    StratumEstimate,
    bootstrap_errors,
    half_widths,
)
from shoeroot.errors import ConfigError, SiteError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["aggregate_to_sites"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

SHOWN = 5


def aggregate_to_sites(
    campaign: str | Path | Campaign,
    sites: Sites | None = None,
    *,
    level: str = "",
    values: str | Sequence[str] | pd.Series | pd.DataFrame = "eui",
    treemakers: Any = "Basics",
    weights: SiteWeight | None = None,
    floor_area: float | Mapping[int, float] | pd.Series | None = None,
    design_weights: Mapping[int, float] | pd.Series | None = None,
    design_sites: Mapping[int, int] | pd.Series | None = None,
    buildings: float | Mapping[int, float] | None = None,
    bootstrap: int = 0,
    seed: int = 0,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate what the stock of each site, country, and all sites uses, with error bars.

    The designs of one climate (weather file) are a random sample of the stock of all sites that
    have it: a site's mean is that of its climate, and the sites of one climate have the same
    error, which does not average out between them. With `design_sites` each site has a
    sample of its own. Formulas and sources are in `shoeroot.campaign.stock_estimate`.
    Simulations that failed are left out, as if it had hit them by chance, and counted.

    Parameters
    ----------
    campaign : path or Campaign
    sites : path, Events or SiteTable, optional
        By default those that ``campaign.toml`` names.
    level : str
        Only sites of this level; by default as the settings say.
    values : str, sequence of str, Series or DataFrame
        Columns of mini-trees, or figures by `event_id`. Energies in kWh are divided by the
        floor area of their design.
    treemakers : name, class or TreeMaker, or several of them
        Whose columns those are.
    weights : str, optional
        ``"population"`` or ``"built"``; by default as the settings say.
    floor_area : float, mapping or Series, optional
        Floor area a unit of weight (a person, or a m2 of built-up surface) [m2], or that of
        each site by its id [m2]; by default as the settings say, for the weights that they say.
        Without, there are no sums, and weights stand for floor areas.
    design_weights : mapping or Series, optional
        Floor area that each design stands for by its `event_id`, in any unit; by default
        the same for all designs of a climate.
    design_sites : mapping or Series, optional
        The site that each design stands for by its `event_id`; designs that are not there, or
        whose site is not, are left out.
    buildings : float or mapping, optional
        How many buildings the designs of each climate (by its index in the weather
        catalogue), or each site (by its id, with `design_sites`), were drawn from without
        replacement; by default without limit.
    bootstrap : int
        How many times to draw again for `bootstrap_error`, such as 1000; 0 for none.
    seed : int
        Of those draws.
    confidence : float
        Of the interval from `low` to `high`.

    Returns
    -------
    pandas.DataFrame
        Rows for each value: every site, every country where there are several, and all; see
        `kind`. Columns: `value`, `unit`, `kind` ("site", "country", "all"), `site` (id; 0 of
        groups), `name`, `country`, `weather` (file), `distance_km`, `agrees`, `weight`,
        `floor_area` [m2], `designs`, `n` (of them with a result), `failed` (left out: the
        simulation failed, or has no such value), `waiting` (left out: not simulated yet),
        `covered` (share of the group whose climates have results: sums are of that share),
        `mean`, `standard_error`, `low`, `high`, `total` and `total_error` (mean times floor
        area), `total_unit`, and `bootstrap_error` (of the mean). ``attrs["notes"]`` says in
        words what was left out.

    Raises
    ------
    SiteError, ConfigError, WeatherError, CampaignError, EventFileError, TreeMakerError
        Sites, weights or values are missing or wrong.
    """
    import pandas as pd

    if bootstrap < 0 or bootstrap == 1:
        raise ConfigError(f"bootstrap is {bootstrap}", hint="0 for none, or 2 and more")
    if not 0 < confidence < 1:
        raise ConfigError(f"confidence is {confidence:g}", hint="between 0 and 1, such as 0.95")
    folder = campaign.folder if isinstance(campaign, Campaign) else Path(campaign)
    config = CampaignConfig.read(folder)
    stock = stock_of(
        folder,
        config,
        sites,
        level=level,
        weights=weights,
        floor_area=floor_area,
        by_site=design_sites is not None,
    )
    drawn = read_drawn(folder, values, treemakers)
    heavy = by_id(drawn.ids, design_weights, "design_weights", 1.0)
    stratum = _strata(stock, drawn.ids, drawn.weather, design_sites)
    stratum[heavy == 0] = -1
    waiting = _strata(stock, drawn.waiting, drawn.waiting_weather, design_sites)
    if not (stratum >= 0).any():
        raise SiteError(
            "no design of the campaign stands for a site",
            where=str(folder),
            hint="draw designs for these sites: `shoeroot sample --sites`",
        )
    population = _buildings(stock, buildings, by_site=design_sites is not None)
    size = len(stock.strata)
    not_run = np.bincount(waiting[waiting >= 0], minlength=size)
    groups = _groups(stock)
    frames = []
    for name, column in drawn.figures.items():
        used = drawn.ok & np.isfinite(column) & (stratum >= 0)
        sample = Sample(
            column[used], heavy[used], stratum[used], drawn.clusters[used], size, population
        )
        failed = np.bincount(stratum[~used & (stratum >= 0)], minlength=size)
        frame = _frame(stock, groups, sample.estimate(), {"failed": failed, "waiting": not_run})
        if bootstrap:
            frame["bootstrap_error"] = _drawn_again(stock, groups, sample, bootstrap, seed)
        frames.append(_finished(frame, name, drawn.units.get(name, ""), confidence))
    table = pd.concat(frames, ignore_index=True)
    table.attrs["notes"] = _notes(stock, drawn, stratum, frames[0])
    return table


def _strata(stock: Stock, ids: Numbers, weather: Numbers, design_sites: Any) -> Numbers:
    """Return the stratum of each design; -1 where it stands for no site."""
    import pandas as pd

    if design_sites is None:
        has_site = np.isin(weather, stock.stratum)
        return np.where(has_site, weather, -1)
    told = pd.Series(design_sites) if isinstance(design_sites, Mapping) else design_sites
    if told.index.has_duplicates:
        raise ConfigError("design_sites has a design twice", hint="give one site an event_id")
    rows = pd.Series(np.arange(len(stock.table)), index=stock.table.ids)
    site = told.reindex(ids).to_numpy(dtype=object)
    found: Numbers = rows.reindex(site).fillna(-1).to_numpy().astype(np.int64)
    return found


def _buildings(stock: Stock, given: Any, *, by_site: bool) -> Floats:
    """Return how many buildings each stratum was drawn from."""
    size = len(stock.strata)
    if given is None:
        return np.full(size, np.inf)
    if isinstance(given, int | float):
        found = np.full(size, float(given))
    else:
        keys = stock.table.ids.tolist() if by_site else range(size)
        found = np.array([float(given.get(key, np.inf)) for key in keys])
    if not (found >= 1).all():
        raise ConfigError("buildings are fewer than 1", hint="give how many there are, or none")
    return found


def _drawn_again(
    stock: Stock, groups: Sequence[Group], sample: Sample, count: int, seed: int
) -> Floats:
    """Return the errors of sites, then of groups, by the bootstrap."""
    shares = np.stack([one for _, _, one in groups])
    generator = np.random.default_rng(seed)
    of_strata, of_groups = bootstrap_errors(sample, shares, count, generator)
    return np.concatenate([of_strata[stock.stratum], of_groups])


#: Kind, name, and what each stratum has of it.
Group = tuple[str, str, Floats]


def _groups(stock: Stock) -> list[Group]:
    countries = stock.table.countries
    groups: list[Group] = []
    names = sorted({str(one) for one in countries})
    if len(names) > 1:
        groups = [("country", name, _share(stock, countries == name)) for name in names]
    return [*groups, ("all", "all sites", _share(stock, np.full(len(countries), True)))]


def _share(stock: Stock, inside: NDArray[np.bool_]) -> Floats:
    shares = np.bincount(
        stock.stratum[inside], weights=stock.shares[inside], minlength=len(stock.strata)
    )
    return np.asarray(shares, dtype=np.float64)


def _frame(
    stock: Stock,
    groups: Sequence[Group],
    estimated: StratumEstimate,
    counts: Mapping[str, Numbers],
) -> pd.DataFrame:
    """Return rows of sites, then of groups."""
    import pandas as pd

    counts = {"n": estimated.n, **counts}
    table, at = stock.table, stock.stratum
    with np.errstate(invalid="ignore"):
        error = np.sqrt(estimated.variance)
    sites = pd.DataFrame(
        {
            "kind": "site",
            "site": table.ids,
            "name": table.names,
            "country": table.countries,
            "weather": stock.match["file"],
            "distance_km": stock.match["distance_km"],
            "agrees": stock.match["agrees"],
            "weight": stock.weights,
            "floor_area": stock.floor_area,
            **{name: count[at] for name, count in counts.items()},
            "covered": (estimated.n[at] > 0).astype(float),
            "mean": estimated.mean[at],
            "standard_error": error[at],
            "degrees": np.maximum(estimated.clusters[at] - 1, 0).astype(float),
        }
    )
    of_groups = _group_frame(stock, groups, estimated, counts)
    return pd.concat([sites, of_groups.astype({"agrees": "boolean"})], ignore_index=True)


def _group_frame(
    stock: Stock,
    groups: Sequence[Group],
    estimated: StratumEstimate,
    counts: Mapping[str, Numbers],
) -> pd.DataFrame:
    import pandas as pd

    found: GroupEstimate = estimated.of_groups(np.stack([share for _, _, share in groups]))
    countries = stock.table.countries
    inside = [
        countries == name if kind == "country" else np.full(len(countries), True)
        for kind, name, _ in groups
    ]
    strata = [np.unique(stock.stratum[one]) for one in inside]
    everywhere = sorted({str(one) for one in countries})
    rows: dict[str, Any] = {
        "kind": [kind for kind, _, _ in groups],
        "site": 0,
        "name": [name for _, name, _ in groups],
        "country": [
            name if kind == "country" else (everywhere[0] if len(everywhere) == 1 else "")
            for kind, name, _ in groups
        ],
        "weather": "",
        "distance_km": np.nan,
        "agrees": None,
        "weight": [stock.weights[one].sum() for one in inside],
        "floor_area": [stock.floor_area[one].sum() for one in inside],
        **{name: [int(count[one].sum()) for one in strata] for name, count in counts.items()},
        "covered": found.covered,
        "mean": found.mean,
        "standard_error": found.error,
        "degrees": found.degrees,
    }
    return pd.DataFrame(rows)


def _finished(frame: pd.DataFrame, value: str, unit: str, confidence: float) -> pd.DataFrame:
    """Add intervals and sums, and put the columns in order."""
    half = half_widths(
        frame["standard_error"].to_numpy(), frame.pop("degrees").to_numpy(), confidence
    )
    frame.insert(0, "value", value)
    frame.insert(1, "unit", unit)
    place = list(frame.columns).index("n")
    frame.insert(place, "designs", frame["n"] + frame["failed"] + frame["waiting"])
    frame["low"], frame["high"] = frame["mean"] - half, frame["mean"] + half
    summed = unit.endswith("/m2") or not unit
    area = frame["floor_area"] * frame["covered"] if summed else np.nan
    frame["total"] = frame["mean"] * area
    frame["total_error"] = frame["standard_error"] * area
    frame["total_unit"] = unit.removesuffix("/m2") if unit.endswith("/m2") else ""
    return frame


def _notes(stock: Stock, drawn: Drawn, stratum: Numbers, frame: pd.DataFrame) -> list[str]:
    """Say in words what was left out, and what is not as it should be."""
    notes = []
    last = frame.iloc[-1]
    failed, waiting = int(last["failed"]), int(last["waiting"])
    if failed:
        notes.append(
            f"{failed} of {int(last['designs'])} designs failed; they are left out, as if it had "
            "hit them by chance"
        )
    if waiting:
        notes.append(
            f"{waiting} of {int(last['designs'])} designs are not simulated yet; those that are "
            "may be the quicker or the slower ones, and so not by chance"
        )
    outside = int((stratum < 0).sum())
    if outside:
        notes.append(f"{counted(outside, 'design')} left out that stand for no site")
    sites = frame[frame["kind"] == "site"]
    no_result = sites["mean"].isna()
    no_error = sites["standard_error"].isna() & ~no_result
    for problem, lacking in (
        ("no result", no_result),
        ("no error bar, for want of a second design", no_error),
    ):
        if lacking.any():
            named = stock.table.told(lacking.to_numpy())
            files = sorted(set(sites.loc[lacking, "weather"]))
            shown = ", ".join(files[:SHOWN]) + (" and more" if len(files) > SHOWN else "")
            notes.append(f"{problem}: {named} (weather: {shown})")
    notes += match_notes(stock.match)
    if not np.isfinite(stock.floor_area).all():
        notes.append("floor areas are not known, so there are no sums: give floor_area")
    return [*notes, *drawn.notes]
