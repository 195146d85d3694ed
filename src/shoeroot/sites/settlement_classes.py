"""Classes of the Degree of Urbanisation: of cells (level 2), and of administrative units."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from shoeroot.sites.cell_areas import ellipsoid
from shoeroot.sites.coverage import covered_sums, people_at, polygons_on
from shoeroot.sites.degurba import DEGURBA, degurba_labels, large_clusters
from shoeroot.sites.extents import surface_of
from shoeroot.sites.grid import Grid
from shoeroot.sites.population_summary import class_of_shares

__all__ = ["SETTLEMENT_CLASSES", "classify_units", "settlement_classes"]

Array = np.ndarray[Any, Any]

#: Classes of cells, level 2; the first digit is the class of level 1.
SETTLEMENT_CLASSES = {
    30: "urban centre",
    23: "dense urban cluster",
    22: "semi-dense urban cluster",
    21: "suburban or peri-urban",
    13: "rural cluster",
    12: "low density rural",
    11: "very low density rural",
    10: "water",
}

DENSE_POPULATION = 5_000
RURAL_POPULATION = 500
LOW_DENSITY = 50
SUBURBAN_KM = 3.0


def settlement_classes(
    population: Grid,
    *,
    built: Grid | None = None,
    land: Grid | None = None,
    built_share: float = 0.5,
) -> Grid:
    """Class the cells of a population grid by level 2 of the Degree of Urbanisation.

    - 30 urban centre: as `urban_extents` finds them.
    - 23 dense urban cluster: other cells of at least 1500 people per km2 of permanent land (or
      built-up enough), that touch at a side and have at least 5000 people together.
    - 22 semi-dense urban cluster: other cells of urban clusters that touch at a side or corner,
      have at least 5000 people together, and of which none lies within 3 km of a cell of an
      urban centre or a dense urban cluster: the free cells between them, along rows and columns,
      are at least 3 km.
    - 21 suburban or peri-urban: other cells of urban clusters.
    - 13 rural cluster: other cells of at least 300 people per km2 that touch at a side or corner
      and have at least 500 people together.
    - 12 low density rural: other cells of at least 50 people per km2.
    - 10 water: other cells with less than half permanent land, without people and buildings.
    - 11 very low density rural: all other cells.

    0 is where neither the population nor the land has a value. Level 1 is the first digit.

    Parameters
    ----------
    population : Grid
        People a cell; negative numbers are nodata.
    built, land : Grid, optional
        Built-up surface and permanent land [m2 a cell], on the same cells.
    built_share : float
        Built-up share of permanent land with which a cell belongs to a dense cluster, where
        `built` is given: 0.5 in the GHSL Data Package 2022; 0.2 reproduces that of 2023 for 2020.

    Returns
    -------
    Grid
        uint8, on the same cells.

    Raises
    ------
    SiteError
        The grids do not have the same cells.

    References
    ----------
    European Commission and others, *Applying the degree of urbanisation: a methodological
    manual*, 2021, doi:10.2785/706535. *GHSL Data Package 2023*, doi:10.2760/098587.
    """
    surface = surface_of(population, built, land)
    centre = replace(DEGURBA["urban_centre"], built_share=built_share)
    cluster = DEGURBA["urban_cluster"]
    classes = np.where(surface.known, 11, 0).astype(np.uint8)
    classes[surface.dense(LOW_DENSITY)] = 12
    classes[surface.water & surface.known] = 10

    moderate = surface.dense(cluster.density)
    groups, _ = large_clusters(moderate, surface, RURAL_POPULATION, diagonal=True)
    classes[groups > 0] = 13
    groups, _ = large_clusters(moderate, surface, cluster.population, diagonal=True)
    urban = groups > 0
    classes[urban] = 21

    centres = degurba_labels(surface, centre)[0] > 0
    dense = surface.dense(centre.density, built_share) & ~centres
    dense = large_clusters(dense, surface, DENSE_POPULATION, diagonal=False)[0] > 0
    towns, count = large_clusters(
        urban & ~centres & ~dense, surface, DENSE_POPULATION, diagonal=True
    )
    near = np.zeros(count + 1, dtype=bool)
    near[towns[_within(centres | dense, population, SUBURBAN_KM)]] = True
    classes[(towns > 0) & ~near[towns]] = 22
    classes[dense] = 23
    classes[centres] = 30
    return population.with_values(classes, f"settlement classes of {population.name}")


def _within(cells: Array, grid: Grid, distance_km: float) -> Array:
    """Cells with less than a distance of free cells between them and some cells."""
    from scipy import ndimage

    height, width = _cell_sizes_km(grid)
    down = int(np.ceil(distance_km / height - 1e-6))
    near = ndimage.maximum_filter1d(
        cells.view(np.uint8), 2 * down + 1, axis=0, mode="constant"
    ).astype(bool)
    right = np.ceil(distance_km / width - 1e-6)[:, None]
    columns = near.shape[1]
    if grid.wraps:
        near = np.concatenate([near, near, near], axis=1)
    place = np.arange(near.shape[1])
    last = np.maximum.accumulate(np.where(near, place, -np.inf), axis=1)
    following = np.minimum.accumulate(np.where(near, place, np.inf)[:, ::-1], axis=1)[:, ::-1]
    found = (place - last <= right) | (following - place <= right)
    return found[:, columns : 2 * columns] if grid.wraps else found


def _cell_sizes_km(grid: Grid) -> tuple[float, Array]:
    """Height of cells [km], of the lowest row, and width in each row, shape (rows,)."""
    rows = grid.shape[0]
    unit = grid.crs.axis_info[0].unit_conversion_factor
    if not grid.crs.is_geographic:
        sizes = grid.transform.a * unit / 1e3, -grid.transform.e * unit / 1e3
        return sizes[1], np.full(rows, sizes[0])
    edges = np.degrees((grid.transform.f + grid.transform.e * np.arange(rows + 1)) * unit)
    edges = np.clip(edges, -90, 90)
    zero = np.zeros(rows)
    heights = np.asarray(ellipsoid(grid.crs).inv(zero, edges[:-1], zero, edges[1:])[2]) / 1e3
    heights = np.maximum(heights, 1e-9)
    return float(heights.min()), grid.cell_areas_km2()[:, 0] / heights


def classify_units(units: Any, classes: Grid, population: Grid) -> pd.DataFrame:
    """Class administrative units by where their people live: level 1 of the Degree of Urbanisation.

    A "city" has at least half of its people in urban centres; another unit is a "town" (a town
    or semi-dense area) when at least half of its people live in urban centres and clusters;
    otherwise it is "rural", as is a unit in which nobody lives.

    Parameters
    ----------
    units : geopandas.GeoDataFrame
        Polygons in any CRS.
    classes : Grid
        From `settlement_classes`.
    population : Grid
        People a cell, on the same cells; a cell counts with the share that the unit covers.

    Returns
    -------
    pandas.DataFrame
        With the index of the units: `class`, `population` [people], and the shares of it that
        live in urban centres, urban clusters and rural cells: `share_centre`, `share_cluster`,
        `share_rural` (NaN where nobody lives).

    Raises
    ------
    SiteError
        The grids do not have the same cells.
    """
    classes.same_as(population, "class units by settlement classes and population")
    classed = classes.values.reshape(-1)  # noqa: PD011 - a grid
    levels = np.array([[3], [2], [1]])

    def of_cells(cells: Array) -> Array:
        counts = people_at(population, cells)
        return np.concatenate([counts[None], counts * (classed[cells] // 10 == levels)])

    polygons = polygons_on(units, population, "units")
    total, *parts = covered_sums(population, polygons, of_cells)
    table = pd.DataFrame({"population": total}, index=units.index)
    inhabited = np.where(total > 0, total, np.nan)
    for name, people in zip(("centre", "cluster", "rural"), parts, strict=True):
        table[f"share_{name}"] = people / inhabited
    found = class_of_shares(table["share_centre"], table["share_centre"] + table["share_cluster"])
    table.insert(0, "class", found)
    return table
