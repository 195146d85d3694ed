"""What each site weighs in a stock, and how designs are shared out to climates by that."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shoeroot.campaign.site_settings import SiteWeight
from shoeroot.campaign.site_table import Sites, SiteTable, as_site_table
from shoeroot.errors import ConfigError, SiteError, nearest

__all__ = ["site_weights", "weather_shares"]

Floats = NDArray[np.float64]


def site_weights(sites: Sites, weights: SiteWeight = "population", *, epoch: int = 0) -> Floats:
    """Return the weight of each site: its people, or its built-up surface.

    Parameters
    ----------
    sites : path, Events or SiteTable
    weights : str
        ``"population"`` [people] or ``"built"`` [m2].
    epoch : int
        Year of the built-up surface; 0 for the newest.

    Returns
    -------
    (n_sites,) float64
        In the order of the sites.

    Raises
    ------
    SiteError
        A site has no such figure, or a negative one; or all are 0.
    ConfigError
        There are no weights of that name.
    """
    table = as_site_table(sites)
    if weights == "population":
        found = table.population
    elif weights == "built":
        found = _built(table, epoch)
    else:
        raise ConfigError(
            f"sites have no weights {weights!r}", hint=nearest(weights, ("population", "built"))
        )
    wrong = ~(np.isfinite(found) & (found >= 0))
    if wrong.any():
        raise SiteError(
            f"not all sites have a {_NAMES[weights]}: {table.told(wrong)}",
            where=table.where,
            hint=_HINTS[weights],
        )
    if not found.sum() > 0:
        raise SiteError(
            f"all sites have a {_NAMES[weights]} of 0", where=table.where, hint=_HINTS[weights]
        )
    return found


_NAMES = {"population": "population", "built": "built-up surface"}
_HINTS = {
    "population": "build the sites with a population raster, or leave these out: `places`",
    "built": "build the sites with built-up layers, leave these out with `places`, "
    'or take weights = "population"',
}


def _built(table: SiteTable, epoch: int) -> Floats:
    if not table.built:
        raise SiteError(
            "the sites have no built-up surface", where=table.where, hint=_HINTS["built"]
        )
    if epoch and epoch not in table.built:
        raise SiteError(
            f"the sites have no built-up surface of {epoch}",
            where=table.where,
            hint="choose one of " + ", ".join(map(str, sorted(table.built))),
        )
    return table.built[epoch or max(table.built)]


def weather_shares(
    weather: ArrayLike, weights: ArrayLike, catalogue: int, *, power: float = 1.0
) -> Floats:
    """Return the share of the designs that each weather file of a catalogue gets.

    Parameters
    ----------
    weather : (n_sites,) int
        The weather file of each site.
    weights : (n_sites,) float
    catalogue : int
        How many weather files there are.
    power : float
        A climate's share is proportional to its sites' weight to this power: 1 gives the
        smallest error of the sum of all sites, 0 each climate the same error.

    Returns
    -------
    (catalogue,) float64
        They sum to 1; 0 for weather files of no site.
    """
    numbers = np.asarray(weather, dtype=np.int64)
    sums = np.bincount(numbers, weights=np.asarray(weights, dtype=float), minlength=catalogue)
    raised: Floats = np.zeros(catalogue)
    raised[sums > 0] = sums[sums > 0] ** power
    shares: Floats = raised / raised.sum()
    return shares
