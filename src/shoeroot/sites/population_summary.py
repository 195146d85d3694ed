"""People of administrative units: all, urban, in high density; cities, towns and rural units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shoeroot.sites.coverage import covered_sums, people_at, polygons_on
from shoeroot.sites.zones import names_of, overlaps, warn_missing

if TYPE_CHECKING:
    from shoeroot.sites.extents import Extents
    from shoeroot.sites.grid import Grid

__all__ = ["class_of_shares", "population_summary", "unit_classes"]


def population_summary(
    units: Any, population: Grid, urban: Extents, high_density: Extents
) -> pd.DataFrame:
    """Count the people of units: all, in urban extents, in extents of high density.

    Parameters
    ----------
    units : geopandas.GeoDataFrame
        Polygons in any CRS.
    population : Grid
        People per cell; a cell counts with the share of it that the unit covers.
    urban : Extents
        On the same grid: urban clusters.
    high_density : Extents
        On the same grid: urban centres. Their cells are urban as well.

    Returns
    -------
    pandas.DataFrame
        With the index of the units: `total`, `urban`, `urban_high_density` [people],
        `share_urban`, `share_urban_high_density` of the total (NaN where nobody lives). All are
        NaN for a unit without geometry or wholly outside of the grid.

    Raises
    ------
    SiteError
        The extents were found on another grid.

    Warns
    -----
    SiteWarning
        Units have no geometry or lie outside.
    """
    urban.grid.same_as(population, "urban extents and population")
    high_density.grid.same_as(population, "high-density extents and population")
    labels = [one.labels.reshape(-1) for one in (urban, high_density)]

    def of_cells(cells: NDArray[Any]) -> NDArray[np.float64]:
        counts = people_at(population, cells)
        in_urban, dense = (one[cells] > 0 for one in labels)
        return np.stack([counts, counts * (dense | in_urban), counts * dense])

    polygons = polygons_on(units, population, "units")
    sums = covered_sums(population, polygons, of_cells)
    names = ("total", "urban", "urban_high_density")
    table = pd.DataFrame(dict(zip(names, sums, strict=True)), index=units.index)
    shown = overlaps(polygons, population)
    table[~shown] = np.nan
    warn_missing(f"lie outside of {population.name}", names_of(units), np.flatnonzero(~shown))
    total = table["total"].where(table["total"] > 0)
    table["share_urban"] = table["urban"] / total
    table["share_urban_high_density"] = table["urban_high_density"] / total
    return table


def unit_classes(summary: pd.DataFrame) -> pd.Series[Any]:
    """Class units by where their people live, as the degree of urbanisation does.

    At least half in urban centres is a "city"; otherwise, at least half in urban centres and
    clusters together a "town"; otherwise "rural". A unit in which nobody lives is rural; one whose
    people are not known has no class.

    Parameters
    ----------
    summary : pandas.DataFrame
        From `population_summary`.

    Returns
    -------
    pandas.Series
        "city", "town", "rural" or an empty text, with the index of the summary.

    References
    ----------
    European Commission, *Applying the degree of urbanisation: a methodological manual*, 2021,
    chapter 7.
    """
    found = class_of_shares(summary["share_urban_high_density"], summary["share_urban"])
    return found.where(summary["total"].notna(), "")


def class_of_shares(centre: pd.Series[float], urban: pd.Series[float]) -> pd.Series[Any]:
    """Class units by the shares of people in urban centres, and in centres and clusters."""
    # Sums of shares of cells are rounded: a half that misses by rounding is a half.
    half = 0.5 - 1e-9
    classes = np.select([centre >= half, urban >= half], ["city", "town"], "rural")
    return pd.Series(classes, index=centre.index, name="class", dtype=object)
