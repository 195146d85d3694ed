"""Origin-destination matrices: minutes and kilometres between all pairs of points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shoeroot.sites.packages import require
from shoeroot.sites.travel.lengths import Array
from shoeroot.sites.travel.pairs import Effort, search_pairs
from shoeroot.sites.travel.points import Located
from shoeroot.sites.travel.search import Search

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["long_table", "matrix_table"]


def matrix_table(
    search: Search,
    origins: Located,
    destinations: Located | None,
    limit: float,
    effort: Effort,
) -> pd.DataFrame:
    """Make the long table of all pairs; see `FrictionGraph.matrix`."""
    ends = origins if destinations is None else destinations
    starts, at = np.unique(origins.nodes, return_inverse=True)
    stops, to = np.unique(ends.nodes, return_inverse=True)
    known, wanted = starts >= 0, stops >= 0
    minutes = np.full((len(starts), len(stops)), np.nan)
    km = minutes.copy()
    # Times are the same in both directions: searches begin on the side with fewer places.
    turned = known.sum() > wanted.sum()
    by_source = (minutes.T, km.T) if turned else (minutes, km)
    first, second = (wanted, known) if turned else (known, wanted)
    sources, targets = (stops, starts) if turned else (starts, stops)
    rows, columns = np.flatnonzero(first), np.flatnonzero(second)
    for found in search_pairs(
        search,
        sources[first],
        None if destinations is None else targets[second],
        limit=limit,
        lines=False,
        effort=effort,
    ):
        cells = rows[found.source], columns[found.targets]
        for whole, values in zip(by_source, (found.ways.minutes, found.ways.km), strict=True):
            whole[cells] = values
            if destinations is None:
                whole[cells[1], cells[0]] = values
    if destinations is None:
        inside = np.flatnonzero(known)
        minutes[inside, inside] = km[inside, inside] = 0.0
    return long_table(origins, ends, minutes[np.ix_(at, to)], km[np.ix_(at, to)])


def long_table(origins: Located, ends: Located, minutes: Array, km: Array) -> pd.DataFrame:
    """Put minutes and km, shape (origins, destinations), into a table with a row a pair."""
    table: pd.DataFrame = require("pandas").DataFrame(
        {
            "origin": origins.ids.repeat(len(ends)),
            "destination": np.tile(ends.ids.to_numpy(), len(origins)),
            "minutes": minutes.reshape(-1),
            "km": km.reshape(-1),
        }
    )
    return table
