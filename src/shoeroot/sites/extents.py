"""Urban extents of a population grid: which cells are urban, and a table of the extents."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError, nearest
from shoeroot.sites.degurba import DEGURBA, DegurbaThresholds, Surface, degurba_labels
from shoeroot.sites.extent_sums import ExtentSums
from shoeroot.sites.gost import GOST, GostThresholds, gost_labels
from shoeroot.sites.grid import Grid
from shoeroot.sites.labelling import BLOCK_CELLS
from shoeroot.sites.polygons import label_polygons

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["LEVELS", "RULES", "Extents", "urban_extents"]

Array = np.ndarray[Any, Any]

RULES = ("degurba", "gost")
LEVELS = ("urban_centre", "urban_cluster")


@dataclass(frozen=True, slots=True, eq=False)
class Extents:
    """Urban extents of a grid.

    Parameters
    ----------
    labels : int32 array, shape (rows, columns)
        0 outside; k in the cells of the extent in row k - 1 of the table.
    grid : Grid
        The population grid that they were found in.
    table : geopandas.GeoDataFrame
        A row an extent, most people first. Columns: ``id`` (hash of the level and the
        population-weighted centroid, rounded to about a metre; positive, below 2**53),
        ``level``, ``population`` [people], ``area_km2`` [km2], ``lon`` and ``lat``
        (population-weighted centroid [degrees], EPSG:4326) and ``geometry`` (along the edges of
        cells, in the grid's CRS; a polygon or, for parts that touch at a corner or lie on both
        sides of the antimeridian, a multipolygon).
    """

    labels: Array
    grid: Grid
    table: GeoDataFrame

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        people, area = self.table["population"].sum(), self.table["area_km2"].sum()
        return f"<{len(self)} extents of {self.grid.name}: {people:,.0f} people, {area:,.0f} km2>"


def urban_extents(
    population: Grid,
    /,
    *,
    rule: str = "degurba",
    level: str = "urban_centre",
    built: Grid | None = None,
    land: Grid | None = None,
    **thresholds: Any,
) -> Extents:
    """Find the urban extents of a population grid.

    Rule "degurba", the default: cells of at least 1500 people (urban clusters: 300) per km2 of
    permanent land, or built-up by half where `built` is given (urban centres only), that touch at
    a side (clusters: or at a corner) and have at least 50000 (5000) people together. Urban
    centres are smoothed and their holes of less than 15 km2 filled. Areas are true areas.

    Rule "gost": cells with more than 1500 (300) people, counts whatever the area of a cell, that
    touch at a side and have more than 50000 (5000) people together; smoothed for urban centres.

    Extents on a geographic grid that goes round the Earth continue across the antimeridian.

    Parameters
    ----------
    population : Grid
        People a cell; negative numbers are nodata and nobody, as are NaN and infinity.
    rule : {"degurba", "gost"}
        The rule.
    level : {"urban_centre", "urban_cluster"}
        Dense extents (high density), or all urban ones.
    built : Grid, optional
        Built-up surface [m2 a cell], on the same cells; only for "degurba".
    land : Grid, optional
        Permanent land [m2 a cell], on the same cells; only for "degurba". Without it all cells
        with a population value, 0 included, are land.
    **thresholds
        Other thresholds than the rule's, such as ``population=20_000``: fields of
        `GostThresholds` (density, population, smooth, queen) or `DegurbaThresholds` (density,
        population, built_share, hole_km2, smooth, queen).

    Returns
    -------
    Extents
        An empty table where nothing is urban.

    Raises
    ------
    SiteError
        Unknown rule, level or threshold, or grids that do not have the same cells.
    """
    chosen = thresholds_of(rule, level, thresholds)
    if isinstance(chosen, GostThresholds):
        refuse_surfaces(built, land)
        labels, count = gost_labels(population.values, chosen, wraps=population.wraps)
    else:
        labels, count = degurba_labels(surface_of(population, built, land), chosen)
    return tabulate(labels, count, population, level)


def surface_of(
    population: Grid, built: Grid | None, land: Grid | None, area: Array | None = None
) -> Surface:
    """Bring what the Degree of Urbanisation looks at to km2, and see that it fits together.

    Parameters are those of `urban_extents`; `area` are the areas of cells, where they are known.
    """
    area = population.cell_areas_km2() if area is None else area
    there = (population.values > 0) & population.valid
    people = np.where(there, population.values, 0)
    known, land_km2 = population.valid, area
    if land is not None:
        land_km2 = _surface_km2(population, area, land, "permanent land")
        known = known | land.valid
    built_km2 = None if built is None else _surface_km2(population, area, built, "built-up surface")
    return Surface(people, known, area, land_km2, built_km2, population.wraps)


def _surface_km2(population: Grid, area: Array, grid: Grid, what: str) -> Array:
    population.same_as(grid, f"use the {what} with the population")
    surface = np.where(grid.values > 0, grid.values, 0) / 1e6
    most = surface.max(initial=0.0)
    if (surface > 1.1 * area).any() or 0 < most <= 1e-6:
        raise SiteError(
            f"The {what} is not in m2 a cell: cells of about {np.nanmean(area):.3g} km2 have up to "
            f"{most * 1e6:.4g}",
            where=grid.name,
            hint="multiply shares by the area of a cell [m2]",
        )
    return np.asarray(np.minimum(surface, area))


def tabulate(labels: Array, count: int, population: Grid, level: str) -> Extents:
    """Make the table of labelled cells, and put the labels into its order."""
    sums = ExtentSums(count, population.transform, population.crs, population.shape)
    areas = np.broadcast_to(population.cell_areas_km2(), population.shape)
    step = max(BLOCK_CELLS // max(population.shape[1], 1), 1)
    for top in range(0, population.shape[0], step):
        block = slice(top, top + step)
        sums.add(top, labels[block], population.values[block], areas[block])
    table, order = sums.table(level)
    renumbered = np.zeros(count + 1, dtype=np.int32)
    renumbered[order] = np.arange(1, count + 1)
    labels = renumbered[labels]
    table = table.set_geometry(
        label_polygons(labels, population.transform, count), crs=population.crs
    )
    return Extents(labels, population, table)


def refuse_surfaces(built: object, land: object) -> None:
    """Say that the rule "gost" has no use for them."""
    for name, given in (("built", built), ("land", land)):
        if given is not None:
            raise SiteError(f'The rule "gost" does not look at `{name}`', hint="leave it out")


def thresholds_of(
    rule: str, level: str, changes: dict[str, Any]
) -> GostThresholds | DegurbaThresholds:
    """Give the thresholds of a rule and level, with some of them changed.

    Raises
    ------
    SiteError
        Unknown rule, level or threshold, or a threshold that is no number.
    """
    _check_known(rule, RULES, "rule")
    _check_known(level, LEVELS, "level")
    usual = GOST[level] if rule == "gost" else DEGURBA[level]
    names = [field.name for field in dataclasses.fields(usual)]
    for name, value in changes.items():
        _check_known(name, names, "threshold")
        kind = bool if isinstance(getattr(usual, name), bool) else (int, float)
        if not isinstance(value, kind) or (kind is not bool and not value >= 0):
            raise SiteError(f"The threshold `{name}` cannot be {value!r}")
    return dataclasses.replace(usual, **changes)


def _check_known(name: str, names: Any, what: str) -> None:
    if name not in names:
        raise SiteError(f"There is no {what} {name!r}", hint=nearest(str(name), names))
