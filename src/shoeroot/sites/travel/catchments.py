"""The nearest facility of every cell, and the areas that facilities serve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.sites.packages import require
from shoeroot.sites.travel.lengths import Array
from shoeroot.sites.travel.points import Located, Locator
from shoeroot.sites.travel.search import SLACK, Search

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame

    from shoeroot.sites.grid import Grid

__all__ = ["Nearest", "area_table", "nearest_facility", "read_limits"]


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """How long it takes from each cell to the nearest facility, and which one that is.

    Parameters
    ----------
    minutes : Grid
        Minutes; NaN in barriers, out of reach and beyond the limit.
    facility : Grid
        Number of the row of the facility, int32; -1 where minutes are NaN.
    ids : pandas.Index
        Ids of the facilities.
    """

    minutes: Grid
    facility: Grid
    ids: pd.Index[Any]
    _locator: Locator

    def __repr__(self) -> str:
        reached = np.count_nonzero(self.facility.values >= 0)  # noqa: PD011  # a Grid
        return f"<nearest of {len(self.ids)} facilities: {reached:,} cells are reached>"

    def at(self, points: GeoDataFrame, *, snap: float = 0.0) -> pd.DataFrame:
        """Give the nearest facility of some points.

        Parameters
        ----------
        points : GeoDataFrame
            See `FrictionGraph`.
        snap : float
            See `FrictionGraph`.

        Returns
        -------
        DataFrame
            Columns id, facility (its id; missing: none is reached) and minutes [min].
        """
        pandas = require("pandas")
        located = self._locator.locate(points, "points", snap)
        place = self._locator.cells.cell_of[np.maximum(located.nodes, 0)]
        stands = located.nodes >= 0
        facility = self.facility.values.reshape(-1)  # noqa: PD011  # a Grid
        times = self.minutes.values.reshape(-1)  # noqa: PD011
        number = np.where(stands, facility[place], -1)
        minutes = np.where(stands, times[place], np.nan)
        whole = pandas.api.types.is_integer_dtype(self.ids.dtype)
        ids = pandas.array(self.ids, dtype="Int64" if whole else "object")
        table: pd.DataFrame = pandas.DataFrame(
            {
                "id": located.ids,
                "facility": ids.take(number, allow_fill=True),
                "minutes": minutes,
            }
        )
        return table


def nearest_facility(search: Search, facilities: Located, limit: float) -> Nearest:
    """Find the nearest facility of every cell; see `FrictionGraph.nearest`."""
    cells = search.cells
    standing = np.flatnonzero(facilities.nodes >= 0)
    # Of facilities in one cell the first one serves it.
    nodes, first = np.unique(facilities.nodes[standing], return_index=True)
    minutes = np.full(cells.count, np.nan)
    facility = np.full(cells.count, -1, dtype=np.int32)
    if len(nodes):
        found, number = search.times(nodes, limit * SLACK)
        reached = number >= 0
        minutes[reached] = found[reached]
        facility[reached] = standing[first][number[reached]]
    return Nearest(
        cells.grid.with_values(cells.spread(minutes, np.nan), "minutes to the nearest facility"),
        cells.grid.with_values(cells.spread(facility, -1), "nearest facility"),
        facilities.ids,
        Locator(cells),
    )


def read_limits(limit: float | Sequence[float]) -> list[float]:
    """Give limits [min] from the smallest to the largest."""
    limits = [float(one) for one in np.atleast_1d(np.asarray(limit, dtype=float))]
    if not limits or not all(one > 0 for one in limits):
        raise SiteError(f"Limits of catchments are minutes above 0, not {limits}")
    return sorted(limits)


def area_table(nearest: Nearest, limits: Sequence[float]) -> GeoDataFrame:
    """Make polygons of the cells that each facility serves; see `FrictionGraph.catchments`."""
    geopandas = require("geopandas")
    times, facilities = nearest.minutes, nearest.facility
    areas = np.broadcast_to(times.cell_areas_km2(), times.shape)
    rows = []
    for one in limits:
        with np.errstate(invalid="ignore"):
            inside = times.values <= one * SLACK  # noqa: PD011
        labels = np.where(inside, facilities.values, -1)
        sums = np.bincount(labels[inside], weights=areas[inside], minlength=len(nearest.ids))
        shapes = _polygons(times, labels)
        rows += [(number, one, sums[number], shape) for number, shape in sorted(shapes.items())]
    return geopandas.GeoDataFrame(
        {
            "id": nearest.ids[[row[0] for row in rows]],
            "limit": [row[1] for row in rows],
            "area_km2": [float(row[2]) for row in rows],
        },
        geometry=geopandas.GeoSeries([row[3] for row in rows], crs=nearest.minutes.crs),
        crs=nearest.minutes.crs,
    )


def _polygons(grid: Grid, labels: Array) -> dict[int, Any]:
    """Make a polygon, or several, along the edges of the cells of each label."""
    features = require("rasterio.features")
    shapely = require("shapely")
    pieces: dict[int, list[Any]] = {}
    found = features.shapes(
        labels.astype(np.int32), mask=labels >= 0, connectivity=4, transform=grid.transform
    )
    for shape, label in found:
        pieces.setdefault(int(label), []).append(shapely.geometry.shape(shape))
    # Pieces of one label touch in corners at most.
    return {
        label: parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
        for label, parts in pieces.items()
    }
