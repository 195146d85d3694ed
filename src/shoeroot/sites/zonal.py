"""Statistics of a raster over polygons, in which a cell counts by the share that is covered.

The shares are exact (exactextract); this module sees that the raster, the weights and the polygons
mean the same ground, and that what is unknown is never counted.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from shoeroot.errors import SiteError, nearest
from shoeroot.sites.extraction import Request, extract
from shoeroot.sites.regridding import Resampling, on_cells_of
from shoeroot.sites.sources import Raster, open_source, within
from shoeroot.sites.zones import prepare_zones

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import DataFrame

__all__ = ["STATISTICS", "WEIGHTED_STATISTICS", "zonal_statistics"]

#: Statistics of a raster alone.
STATISTICS = ("sum", "min", "max", "mean", "area_mean", "count", "area_km2", "total_km2")
#: Statistics that need weights.
WEIGHTED_STATISTICS = ("weighted_sum", "weighted_mean", "weight")


def zonal_statistics(
    raster: Raster,
    places: GeoDataFrame,
    statistics: Sequence[str] = ("sum", "min", "max", "mean"),
    *,
    weights: Raster | None = None,
    valid: tuple[float, float] = (-np.inf, np.inf),
    band: int = 1,
    resampling: Resampling = "mean",
) -> DataFrame:
    """Compute statistics of a raster over polygons.

    Parameters
    ----------
    raster : path, str, Grid or RasterBand
        A file of any size, a remote name that GDAL knows, or a grid.
    places : GeoDataFrame
        Polygons in any CRS. They are brought to that of the raster with their edges kept true.
        Those that are not valid are repaired, with a warning.
    statistics : sequence of str
        Over the cells that have a valid value, each by the share of it that is covered:

        - ``sum``, ``min``, ``max``, ``mean``: of the values (cells of which only a part is
          covered count fully in ``min`` and ``max``);
        - ``area_mean``: of the values, by true area (in degrees, cells near a pole are smaller);
        - ``count``: of cells, with fractions;
        - ``area_km2``: their true area [km2]; ``total_km2``: that of all cells, valid or not;
        - ``weighted_sum``, ``weighted_mean``: with the weight of the cell;
        - ``weight``: the sum of the weights.
    weights : path, str, Grid or RasterBand, optional
        Weights, such as people; negative or unknown weights are 0.
    valid : tuple of float
        Values outside of this range, bounds included, are not counted.
    band : int
        Band of the raster, from 1.
    resampling : {"mean", "nearest", "sum", "refuse"}
        How a raster that does not lie on the cells of the weights is brought to them: the mean
        over the cell (intensities such as a concentration), the value at its centre (classes),
        or shares of the cells' counts, of which none is lost (counts such as people). "refuse"
        makes it an error.

    Returns
    -------
    pandas.DataFrame
        Index of `places`, a column a statistic, float64. A place without a geometry or wholly
        outside of the raster has NaN everywhere, with a warning. A place inside of which no cell
        is valid has sum, count and areas of 0, and NaN otherwise.

    Raises
    ------
    SiteError
        A raster cannot be read or says no CRS; the places say none, or are no polygons; a
        statistic is unknown, or there are no weights for it.

    Warns
    -----
    SiteWarning
        Places have no geometry, lie outside, or had to be repaired.

    Examples
    --------
    >>> zonal_statistics("population.tif", communes, ["sum"])["sum"]  # doctest: +SKIP
    """
    _check_statistics(statistics, weighted=weights is not None)
    with contextlib.ExitStack() as stack:
        source = within(stack.enter_context(open_source(raster, band)), valid)
        weight_source = None
        if weights is not None:
            weight_source = stack.enter_context(open_source(weights))
            source = on_cells_of(source, weight_source, resampling)
        zones = prepare_zones(places, source)
        return extract(Request(source, weight_source, tuple(statistics)), zones)


def _check_statistics(statistics: Sequence[str], *, weighted: bool) -> None:
    known = (*STATISTICS, *WEIGHTED_STATISTICS)
    if isinstance(statistics, str) or not statistics:
        raise SiteError("Statistics are a list of names", where=f"statistics={statistics!r}")
    for name in statistics:
        if name not in known:
            raise SiteError(f"There is no statistic {name!r}", hint=nearest(name, known))
    asked = [name for name in statistics if name in WEIGHTED_STATISTICS]
    if asked and not weighted:
        raise SiteError(f"{asked[0]!r} needs weights", where="weights")
    if weighted and not asked:
        raise SiteError(
            "There are weights, but no statistic uses them",
            where=f"statistics={tuple(statistics)}",
            hint="ask for weighted_mean, weighted_sum or weight",
        )
