"""`friction_graph`: what it takes to cross each cell becomes times, distances and routes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.sites.travel.catchments import Nearest, area_table, nearest_facility, read_limits
from shoeroot.sites.travel.graph import Cells, Metric, cells_of, check_metric, edges_of
from shoeroot.sites.travel.gravity import Kernel, gravity_values
from shoeroot.sites.travel.matrix import matrix_table
from shoeroot.sites.travel.pairs import Effort
from shoeroot.sites.travel.points import Locator
from shoeroot.sites.travel.routes import route_table
from shoeroot.sites.travel.search import GraphSearch, Search

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame

    from shoeroot.sites.grid import Grid

__all__ = ["FrictionGraph", "check_limit", "friction_graph"]


@dataclass(frozen=True, slots=True, eq=False)
class FrictionGraph:
    """Travel over a friction raster; `friction_graph` makes one.

    Points are a GeoDataFrame of points with ids in the column ``id`` or ``code``, otherwise in the
    index; a table of polygons needs columns ``lon`` and ``lat``. A point stands for the cell
    that holds it: ways begin and end in centres of cells, and two points in one cell are 0
    minutes apart. A point off the raster or on a barrier has no cell, unless `snap` [km] allows
    to take the nearest passable one within that distance (the way there is not counted); its
    figures are NaN, and a warning (SiteWarning) names it. Figures are NaN, too, where there is
    no way, or none within `limit` [min].

    Parameters
    ----------
    cells : Cells
        The passable cells.
    search : Search
        Finds the ways.
    effort : Effort
        Workers and progress.
    """

    cells: Cells
    search: Search
    effort: Effort

    def __repr__(self) -> str:
        grid = self.cells.grid
        count = f"{self.cells.count:,} of {self.cells.node_of.size:,} cells are passable"
        return f"<FrictionGraph of {grid.name}: {count}>"

    def nearest(
        self, facilities: GeoDataFrame, *, limit: float = np.inf, snap: float = 0.0
    ) -> Nearest:
        """Find how long it takes from every cell to the nearest facility, and which it is.

        Parameters
        ----------
        facilities : GeoDataFrame
            Points.
        limit : float
            Minutes beyond which nothing is searched.
        snap : float
            See the class [km].

        Returns
        -------
        Nearest
            Rasters of the minutes and of the facilities; ``at(points)`` reads them for points.
        """
        check_limit(limit)
        return nearest_facility(self.search, self._locate(facilities, "facilities", snap), limit)

    def matrix(
        self,
        origins: GeoDataFrame,
        destinations: GeoDataFrame | None = None,
        *,
        limit: float = np.inf,
        snap: float = 0.0,
    ) -> pd.DataFrame:
        """Find times and distances between all pairs of points.

        Parameters
        ----------
        origins, destinations : GeoDataFrame
            Points; without destinations the origins are the destinations as well.
        limit : float
            Minutes beyond which pairs are NaN.
        snap : float
            See the class [km].

        Returns
        -------
        DataFrame
            A row for every origin and every destination, in their order: origin, destination,
            minutes [min], km [km] along the fastest way.
        """
        check_limit(limit)
        return matrix_table(
            self.search, *self._ends(origins, destinations, snap), limit, self.effort
        )

    def routes(
        self,
        origins: GeoDataFrame,
        destinations: GeoDataFrame | None = None,
        *,
        limit: float = np.inf,
        snap: float = 0.0,
    ) -> GeoDataFrame:
        """Find the fastest ways as lines.

        Parameters
        ----------
        origins, destinations : GeoDataFrame
            Points. Without destinations each pair of origins is there once, from the one that
            comes first: the way back is the same.
        limit : float
            Minutes beyond which there are no routes.
        snap : float
            See the class [km].

        Returns
        -------
        GeoDataFrame
            A row a pair that has a way: origin, destination, minutes [min], km [km], geometry:
            a line through centres of cells in EPSG:4326, cut in two where it crosses the
            antimeridian. `km` is the line's length on the ellipsoid.
        """
        check_limit(limit)
        return route_table(
            self.search, *self._ends(origins, destinations, snap), limit, self.effort
        )

    def catchments(
        self, facilities: GeoDataFrame, *, limit: float | Sequence[float], snap: float = 0.0
    ) -> GeoDataFrame:
        """Find the area that each facility serves: it is the nearest one, within a time.

        Parameters
        ----------
        facilities : GeoDataFrame
            Points.
        limit : float or sequence of float
            Minutes; several give a row each, the larger areas with the smaller ones in them.
        snap : float
            See the class [km].

        Returns
        -------
        GeoDataFrame
            A row a limit and facility that serves a cell: id, limit [min], area_km2 [km2],
            geometry along edges of cells in the raster's CRS. ``nearest(...).facility`` has
            the same areas as labels.
        """
        limits = read_limits(limit)
        nearest = self.nearest(facilities, limit=limits[-1], snap=snap)
        return area_table(nearest, limits)

    def gravity(
        self,
        places: GeoDataFrame,
        weights: Sequence[float] | pd.Series[Any],
        *,
        kernel: Kernel = "power",
        decay: float = 1.0,
        least: float = 1.0,
        limit: float = np.inf,
        snap: float = 0.0,
    ) -> Grid:
        """Compute how accessible weighted places are from each cell: ``sum_j W_j f(t_j)``.

        Parameters
        ----------
        places : GeoDataFrame
            Points.
        weights : sequence of float
            What is at each of them, in their order: people, jobs or the like.
        kernel, decay, least
            See `shoeroot.sites.gravity`, which does the same with a matrix.
        limit : float
            Minutes beyond which places count nothing.
        snap : float
            See the class [km].

        Returns
        -------
        Grid
            0 where no place is reached, NaN in barriers.
        """
        check_limit(limit)
        amounts = np.asarray(weights, dtype=float)
        if amounts.shape != (len(places),):
            raise SiteError(f"{len(places)} places have {amounts.size} weights", where="gravity")
        values = gravity_values(
            self.search,
            self._locate(places, "places", snap),
            amounts,
            kernel=kernel,
            decay=decay,
            least=least,
            limit=limit,
            show=self.effort.show,
        )
        return self.cells.grid.with_values(self.cells.spread(values, np.nan), "gravity")

    def _locate(self, points: GeoDataFrame, what: str, snap: float) -> Any:
        return Locator(self.cells).locate(points, what, snap)

    def _ends(
        self, origins: GeoDataFrame, destinations: GeoDataFrame | None, snap: float
    ) -> tuple[Any, Any]:
        locator = Locator(self.cells)
        first = locator.locate(origins, "origins", snap)
        if destinations is None:
            return first, None
        return first, locator.locate(destinations, "destinations", snap)


def friction_graph(
    friction: Grid | str | os.PathLike[str],
    *,
    metric: Metric = "graph",
    workers: int | None = None,
    progress: bool = False,
) -> FrictionGraph:
    """Make the graph of a friction raster.

    Cells are connected with their eight neighbours. A step takes the mean friction of its two
    cells times its length on the ground: geodesics on WGS84, whatever the projection. Cells
    without a value, and with a friction that is infinite, zero or negative, are barriers; a
    diagonal step does not slip between two barriers. A raster that goes round the Earth is
    connected across its edge.

    Parameters
    ----------
    friction : Grid or path
        Minutes a metre, as the friction surfaces of the Malaria Atlas Project have.
    metric : {"graph", "continuous"}
        "graph" allows eight directions. Where friction is uniform and cells are square on the
        ground ways are 5.5 % too long on average over all directions, and 8.2 % at most; cells
        in longitude and latitude are not square, which makes it 6.8 % (14 %) at 50 degrees.
        "continuous" solves the eikonal equation with scikit-fmm (extra `continuous`), which
        knows no directions: less than 0.1 % on average, 0.4 % at most beyond 20 cells, on four
        pixels a cell.
    workers : int, optional
        Processes that search from several points at once; 1: none but this one. By default as
        many as there are processors, where that is worth the second they need to start.
    progress : bool
        Show progress on standard error.

    Raises
    ------
    SiteError
        No cell is passable, or the raster cannot be used.
    MissingExtraError
        A package is not installed.
    """
    from shoeroot.sites.grid import Grid
    from shoeroot.sites.raster_files import read_grid

    check_metric(metric)
    grid = friction if isinstance(friction, Grid) else read_grid(friction)
    cells = cells_of(grid)
    effort = Effort(workers, progress)
    if metric == "continuous":
        from shoeroot.sites.travel.continuous import ContinuousSearch

        return FrictionGraph(cells, ContinuousSearch(cells), effort)
    return FrictionGraph(cells, GraphSearch(cells, edges_of(cells)), effort)


def check_limit(limit: float) -> None:
    """Refuse a limit [min] that is not above 0."""
    if not limit > 0:
        raise SiteError(f"limit is a time above 0 minutes, not {limit}")
