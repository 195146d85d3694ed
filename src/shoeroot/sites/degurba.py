"""The Degree of Urbanisation: urban centres and urban clusters of a grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from shoeroot.sites.labelling import (
    BLOCK_CELLS,
    keep_labels,
    label_cells,
    rounded,
    rounded_areas,
    sums_of_labels,
)
from shoeroot.sites.smoothing import join_majority_labels

__all__ = ["DEGURBA", "DegurbaThresholds", "Surface", "degurba_labels", "large_clusters"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class DegurbaThresholds:
    """Thresholds of the rule "degurba".

    Parameters
    ----------
    density : float
        People per km2 of permanent land that a cell has at least.
    population : float
        People that a cluster has at least.
    built_share : float
        Built-up share of permanent land with which a cell belongs as well, where built-up surface
        is given; above 1 it never does.
    hole_km2 : float
        Holes of less than this area are filled [km2]; 0 fills none.
    smooth : bool
        Whether cells join that have a majority of their neighbours in a centre.
    queen : bool
        Whether cells that touch at a corner belong together.
    """

    density: float
    population: float
    built_share: float = np.inf
    hole_km2: float = 0.0
    smooth: bool = False
    queen: bool = True


DEGURBA = {
    "urban_centre": DegurbaThresholds(
        1500, 50_000, built_share=0.5, hole_km2=15, smooth=True, queen=False
    ),
    "urban_cluster": DegurbaThresholds(300, 5_000),
}


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """What the rule looks at, each an array that broadcasts to (rows, columns).

    Parameters
    ----------
    population : array, shape (rows, columns)
        People; none where nothing is known.
    known : bool array
        Cells of which anything is known; the others are no land.
    area_km2 : array
        Area of the cells.
    land_km2 : array
        Permanent land of known cells.
    built_km2 : array, optional
        Built-up surface.
    wraps : bool
        Whether the last column lies beside the first.
    """

    population: Array
    known: Array
    area_km2: Array
    land_km2: Array
    built_km2: Array | None
    wraps: bool

    def dense(self, density: float, built_share: float = np.inf) -> Array:
        """Cells with enough people per km2 of land, or built-up enough; none without land."""
        land = self.known & (self.land_km2 > 0)
        # Products and not quotients: a threshold that is met exactly stays met.
        dense = self.population >= density * self.land_km2
        if self.built_km2 is not None and np.isfinite(built_share):
            dense |= self.built_km2 >= built_share * self.land_km2
        return np.asarray(dense & land)

    @property
    def mostly_land(self) -> Array:
        """Cells of which more than half is permanent land."""
        return np.asarray(self.known & (self.land_km2 > 0.5 * self.area_km2))

    @property
    def water(self) -> Array:
        """Cells with less than half permanent land, without people and buildings."""
        water = ~self.known | (self.land_km2 < 0.5 * self.area_km2)
        water = water & ~(self.population > 0)
        if self.built_km2 is not None:
            water &= ~(self.built_km2 > 0)
        return np.asarray(water)


def degurba_labels(surface: Surface, thresholds: DegurbaThresholds) -> tuple[Array, int]:
    """Find urban centres or urban clusters by the Degree of Urbanisation.

    Clusters of dense cells that are large enough stay; their holes are filled, whatever lies in
    them; then cells join them, step by step until none does. Population is not asked again.

    European Commission and others, Applying the Degree of Urbanisation: a methodological manual,
    2021, doi:10.2785/706535; details of smoothing as in the GHSL Data Package 2023,
    doi:10.2760/098587: a cell that is not water joins a centre to which more than half of its
    neighbours that are populated or mostly land belong.

    Returns
    -------
    labels : int32 array, shape (rows, columns)
        0 outside.
    count : int
        Number of extents.
    """
    dense = surface.dense(thresholds.density, thresholds.built_share)
    labels, count = large_clusters(dense, surface, thresholds.population, diagonal=thresholds.queen)
    if thresholds.hole_km2 > 0 and count:
        labels = fill_holes(labels, surface, thresholds.hole_km2)
    if thresholds.smooth and count:
        labels = join_majority_labels(
            labels,
            (surface.population > 0) | surface.mostly_land,
            ~surface.water,
            wraps=surface.wraps,
        )
    return labels, count


def large_clusters(
    cells: Array, surface: Surface, population: float, *, diagonal: bool
) -> tuple[Array, int]:
    """Give each cluster of cells that has enough people a number."""
    labels, count = label_cells(cells, diagonal=diagonal, wraps=surface.wraps)
    people = sums_of_labels(labels, surface.population, count, rounded)
    return keep_labels(labels, people >= population)


def fill_holes(labels: Array, surface: Surface, limit_km2: float) -> Array:
    """Give holes of less than an area to the extent around them.

    A hole is a cluster of cells (by their sides) outside, all of whose neighbours by sides belong
    to one extent; a cluster at the edge of the grid is none.
    """
    outside, count = label_cells(labels == 0, wraps=surface.wraps)
    holes = Holes.of(count, edges_of(outside, wraps=surface.wraps))
    areas = np.broadcast_to(rounded_areas(surface.area_km2), labels.shape)
    step = max(BLOCK_CELLS // labels.shape[1], 1)
    cells = []
    for top in range(0, len(labels), step):
        rows, columns = np.nonzero(holes.inside[outside[top : top + step]])
        rows += top
        cells.append((rows, columns))
        holes.add(outside[rows, columns], labels, rows, columns, areas[rows, columns])
    fills = holes.fills(limit_km2)
    filled = labels.copy()
    for rows, columns in cells:
        filled[rows, columns] = fills[outside[rows, columns]]
    return filled


def edges_of(outside: Array, *, wraps: bool) -> Array:
    """Labels at the edges of a grid, one that goes round the Earth has two."""
    edges = [outside[0], outside[-1]]
    if not wraps:
        edges += [outside[:, 0], outside[:, -1]]
    return np.unique(np.concatenate(edges))


@dataclass(frozen=True, slots=True, eq=False)
class Holes:
    """Clusters of outside cells away from the edges: areas, and the extents around them."""

    inside: Array
    area: Array
    lowest: Array
    highest: Array

    @classmethod
    def of(cls, count: int, at_edge: Array) -> Holes:
        """Begin with so many clusters, of which some lie at the edge."""
        inside = np.ones(count + 1, dtype=bool)
        inside[0] = False
        inside[at_edge] = False
        lowest = np.full(count + 1, np.iinfo(np.int32).max, dtype=np.int32)
        return cls(inside, np.zeros(count + 1), lowest, np.zeros(count + 1, dtype=np.int32))

    def add(self, hole: Array, labels: Array, rows: Array, columns: Array, area: Array) -> None:
        """Add cells of clusters: their numbers, where they are in `labels`, and areas [km2]."""
        np.add.at(self.area, hole, area)
        for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            # Cells away from the edges have four neighbours.
            extent = labels[rows + down, (columns + right) % labels.shape[1]]
            meet = extent > 0
            np.minimum.at(self.lowest, hole[meet], extent[meet])
            np.maximum.at(self.highest, hole[meet], extent[meet])

    def fills(self, limit_km2: float) -> Array:
        """Extent that takes each cluster, or 0 where it is too large or lies between extents."""
        taken = self.inside & (self.area < limit_km2) & (self.lowest == self.highest)
        return np.where(taken, self.highest, 0).astype(np.int32)
