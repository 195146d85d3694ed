"""Urban extents of a population grid: which cells are urban, and a table of the extents."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xxhash

from shoeroot.errors import SiteError, nearest
from shoeroot.optional import import_optional
from shoeroot.sites.degurba import DEGURBA, Surface, degurba_labels
from shoeroot.sites.gost import GOST, gost_labels
from shoeroot.sites.grid import Grid
from shoeroot.sites.labelling import rounded, sums_of_labels
from shoeroot.sites.polygons import label_polygons
from shoeroot.sites.transforms import HINT

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


def urban_extents(
    population: Grid,
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
        People a cell; negative numbers are nodata and nobody.
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
        Other thresholds than the rule's: fields of `GostThresholds` (density, population, smooth,
        queen) or `DegurbaThresholds` (density, population, built_share, hole_km2, smooth, queen).

    Returns
    -------
    Extents
        An empty table where nothing is urban.

    Raises
    ------
    SiteError
        Unknown rule, level or threshold, or grids that do not have the same cells.
    """
    _known(rule, RULES, "rule")
    _known(level, LEVELS, "level")
    if rule == "gost":
        for name, grid in (("built", built), ("land", land)):
            if grid is not None:
                raise SiteError(f'The rule "gost" does not look at `{name}`', hint="leave it out")
        labels, count = gost_labels(
            population.values, _changed(GOST[level], thresholds), wraps=population.wraps
        )
    else:
        labels, count = degurba_labels(
            surface_of(population, built, land), _changed(DEGURBA[level], thresholds)
        )
    return tabulate(labels, count, population, level)


def surface_of(population: Grid, built: Grid | None, land: Grid | None) -> Surface:
    """Bring what the Degree of Urbanisation looks at to km2, and see that it fits together."""
    area = population.cell_areas_km2()
    people = np.where(population.values > 0, population.values, 0)
    known, land_km2 = population.valid, area
    if land is not None:
        known = known | land.valid
        land_km2 = _surface_km2(population, land, "permanent land")
    built_km2 = None if built is None else _surface_km2(population, built, "built-up surface")
    return Surface(people, known, area, land_km2, built_km2, population.wraps)


def _surface_km2(population: Grid, grid: Grid, what: str) -> Array:
    population.same_as(grid, f"use the {what} with the population")
    surface = np.where(grid.values > 0, grid.values, 0) / 1e6
    most = surface.max(initial=0.0)
    area = population.cell_areas_km2()
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
    geopandas = import_optional("geopandas", "keeps tables of extents", HINT)
    people = sums_of_labels(labels, population.values, count, rounded)[1:]
    area = sums_of_labels(labels, population.cell_areas_km2(), count)[1:]
    longitude, latitude = _centroids(labels, count, population)
    order = np.lexsort((longitude, latitude, -people))
    renumbered = np.zeros(count + 1, dtype=np.int32)
    renumbered[order + 1] = np.arange(1, count + 1)
    labels = renumbered[labels]
    table = geopandas.GeoDataFrame(
        {
            "id": _ids(longitude[order], latitude[order], level),
            "level": np.full(count, level, dtype=object),
            "population": people[order],
            "area_km2": area[order],
            "lon": longitude[order],
            "lat": latitude[order],
        },
        geometry=label_polygons(labels, population.transform, count),
        crs=population.crs,
    )
    return Extents(labels, population, table)


def _centroids(labels: Array, count: int, population: Grid) -> tuple[Array, Array]:
    """Population-weighted centroids [degrees]; of all cells alike where nobody lives."""
    pyproj = import_optional("pyproj", "knows projections", HINT)
    rows, columns = np.nonzero(labels)
    owner = labels[rows, columns]
    weights = rounded(population.values[rows, columns])
    empty = np.bincount(owner, weights=weights, minlength=count + 1) == 0
    weights[empty[owner]] = 1.0

    def mean(values: Array) -> Array:
        total = np.bincount(owner, weights=weights, minlength=count + 1)[1:]
        summed = np.bincount(owner, weights=weights * values, minlength=count + 1)[1:]
        return np.asarray(summed / total)

    transform = population.transform
    x = transform.c + transform.a * (np.arange(population.shape[1]) + 0.5)
    y = transform.f + transform.e * (np.arange(population.shape[0]) + 0.5)
    if not population.crs.is_geographic:
        to_degrees = pyproj.Transformer.from_crs(population.crs, 4326, always_xy=True)
        longitude, latitude = to_degrees.transform(mean(x[columns]), mean(y[rows]))
        return np.asarray(longitude), np.asarray(latitude)
    # Means of directions: right across the antimeridian and near the poles as well.
    unit = population.crs.axis_info[0].unit_conversion_factor
    x, y = x * unit, y * unit
    east = mean(np.cos(x)[columns] * np.cos(y)[rows])
    north = mean(np.sin(x)[columns] * np.cos(y)[rows])
    up = mean(np.sin(y)[rows])
    longitude, latitude = np.arctan2(north, east), np.arctan2(up, np.hypot(east, north))
    to_degrees = pyproj.Transformer.from_crs(population.crs, 4326, always_xy=True)
    longitude, latitude = to_degrees.transform(longitude / unit, latitude / unit)
    return np.asarray(longitude), np.asarray(latitude)


def _ids(longitude: Array, latitude: Array, level: str) -> Array:
    """Hash centroids to positive numbers below 2**53; of two that are the same, the next one."""
    # A dict, as it keeps the order and finds a number at once.
    taken: dict[int, None] = {}
    for east, north in zip(longitude, latitude, strict=True):
        # 0.0 is added as -0.0 would be another text.
        text = f"{np.rint(east * 1e5) + 0.0:.0f},{np.rint(north * 1e5) + 0.0:.0f},{level}"
        number = xxhash.xxh3_64_intdigest(text.encode()) % (2**53 - 1) + 1
        while number in taken:
            number = number % (2**53 - 1) + 1
        taken[number] = None
    return np.fromiter(taken, dtype=np.int64, count=len(taken))


def _changed(rule: Any, changes: dict[str, Any]) -> Any:
    names = [field.name for field in dataclasses.fields(rule)]
    for name, value in changes.items():
        _known(name, names, "threshold")
        kind = bool if isinstance(getattr(rule, name), bool) else (int, float)
        if not isinstance(value, kind) or (kind is not bool and not value >= 0):
            raise SiteError(f"The threshold `{name}` cannot be {value!r}")
    return dataclasses.replace(rule, **changes)


def _known(name: str, names: Any, what: str) -> None:
    if name not in names:
        raise SiteError(f"There is no {what} {name!r}", hint=nearest(str(name), names))
