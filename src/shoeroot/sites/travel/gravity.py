"""Gravity: how much can be reached, and how easily.

``A_i = sum_j W_j f(t_ij)``: people, jobs or the like at j count the less the longer it takes to
get there. ``f`` is a power, ``t ** -decay`` (W. G. Hansen, How accessibility shapes land use,
Journal of the American Institute of Planners 25(2), 1959, pages 73 to 76), or exponential,
``exp(-decay * t)`` (A. G. Wilson, A family of spatial interaction models, Environment and
Planning 3(1), 1971, pages 1 to 32).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from shoeroot.errors import SiteError, nearest
from shoeroot.progress import progress
from shoeroot.sites.packages import require
from shoeroot.sites.travel.lengths import Array
from shoeroot.sites.travel.points import Located
from shoeroot.sites.travel.search import SLACK, Search

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Kernel", "decayed", "gravity", "gravity_values"]

Kernel = Literal["power", "exponential"]
KERNELS: tuple[Kernel, ...] = ("power", "exponential")


def gravity(
    table: pd.DataFrame,
    weights: pd.Series[Any],
    *,
    kernel: Kernel = "power",
    decay: float = 1.0,
    least: float = 1.0,
) -> pd.Series[Any]:
    """Compute the accessibility of origins from a table of travel times.

    Parameters
    ----------
    table : DataFrame
        Columns origin, destination and minutes, as `FrictionGraph.matrix` gives. Pairs without
        a time count nothing. A place counts itself if the table has that row, at `least`
        minutes: drop these rows to count others only.
    weights : Series
        What is at each destination, such as people, by its id.
    kernel : {"power", "exponential"}
        How much farther places count less: ``minutes ** -decay`` or ``exp(-decay * minutes)``.
    decay : float
        The exponent, or the rate [1/min].
    least : float
        Shorter times count as so many minutes.

    Returns
    -------
    Series
        By origin, in units of the weights times minutes to the power -`decay` for "power", in
        units of the weights for "exponential".

    Raises
    ------
    SiteError
        A destination has no weight, or a parameter is out of range.
    """
    destinations = table["destination"].unique()
    without = [one for one in destinations if one not in weights.index]
    if without:
        raise SiteError(
            f"{len(without)} destinations have no weight, such as {without[0]}",
            hint="weights are a Series whose index holds the ids of the destinations",
        )
    counted = weights.reindex(table["destination"]).to_numpy(dtype=float)
    minutes = table["minutes"].to_numpy(dtype=float)
    values = counted * decayed(minutes, kernel, decay, least)
    sums = require("pandas").Series(values).groupby(table["origin"].to_numpy(), sort=False).sum()
    sums.index.name, sums.name = "origin", "gravity"
    return sums  # type: ignore[no-any-return]


def gravity_values(
    search: Search,
    places: Located,
    weights: Array,
    *,
    kernel: Kernel,
    decay: float,
    least: float,
    limit: float,
    show: bool,
) -> Array:
    """Compute the accessibility of all nodes, shape (nodes,); see `FrictionGraph.gravity`."""
    decayed(np.empty(0), kernel, decay, least)
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise SiteError("Weights are finite and not negative", where="gravity")
    standing = places.nodes >= 0
    nodes, at = np.unique(places.nodes[standing], return_inverse=True)
    sums = np.bincount(at, weights=weights[standing], minlength=len(nodes))
    values = np.zeros(search.cells.count)
    with progress("gravity", len(nodes), show=show) as advance:
        for node, weight in zip(nodes, sums, strict=True):
            minutes, _ = search.times(np.array([node]), limit * SLACK)
            values += weight * decayed(minutes, kernel, decay, least)
            advance(1)
    return values


def decayed(minutes: Array, kernel: str, decay: float, least: float) -> Array:
    """Compute how much a place counts that is some minutes away; 0 where it is not reached."""
    if kernel not in KERNELS:
        raise SiteError(f"There is no kernel {kernel!r}", hint=nearest(kernel, KERNELS))
    if not (decay > 0 and least >= 0) or (kernel == "power" and least == 0):
        raise SiteError(
            f"decay is above 0, and least as well for powers; not {decay:g} and {least:g}",
            where="gravity",
        )
    reached = np.isfinite(minutes)
    time = np.maximum(np.where(reached, minutes, least), least)
    share = time**-decay if kernel == "power" else np.exp(-decay * time)
    return np.where(reached, share, 0.0)
