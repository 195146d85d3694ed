"""Search for the fastest ways over the graph of eight neighbours: Dijkstra, by scipy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from shoeroot.sites.travel.graph import Cells
from shoeroot.sites.travel.lengths import Array

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["GraphSearch", "Lines", "Search", "Ways"]

# A limit that was computed as a sum of times is not to cut off the last place by rounding.
SLACK = 1 + 1e-9


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines one after the other.

    Parameters
    ----------
    lon, lat : array
        Places of all lines [deg].
    ends : array of int64, shape (lines,)
        Where each line ends in them; one without places is empty.
    """

    lon: Array
    lat: Array
    ends: Array


@dataclass(frozen=True, slots=True)
class Ways:
    """Fastest ways from one place to others.

    Parameters
    ----------
    minutes, km : array, shape (targets,)
        NaN: it cannot be reached, or not within the limit.
    lines : Lines or None
        The ways, when they were asked for.
    """

    minutes: Array
    km: Array
    lines: Lines | None = None


class Search(Protocol):
    """A way to find travel times over passable cells.

    Attributes
    ----------
    cells : Cells
        The passable cells.
    exact_bounds : bool
        Whether times obey the triangle inequality to the last digits, so that they can bound
        a search.
    seconds_a_cell : float
        How long a search takes, roughly.
    """

    @property
    def cells(self) -> Cells: ...  # noqa: D102

    @property
    def exact_bounds(self) -> bool: ...  # noqa: D102

    @property
    def seconds_a_cell(self) -> float: ...  # noqa: D102

    def parts(self) -> Array:
        """Give each node the number of its part, shape (nodes,): no way leads to another."""

    def times(self, sources: Array, limit: float = np.inf) -> tuple[Array, Array]:
        """Give the minutes of all nodes from the nearest source, and which source that is.

        Beyond the limit or out of reach minutes are infinite and the source is -1.
        """

    def ways(self, source: int, targets: Array, limit: float, lines: bool) -> Ways:
        """Find the fastest ways from a node to others, with lines when they are wanted."""


@dataclass(frozen=True, slots=True)
class GraphSearch:
    """Dijkstra's search over the edges between neighbours.

    Parameters
    ----------
    cells : Cells
        The passable cells.
    edges : csr_array, shape (nodes, nodes)
        Minutes between neighbours.
    """

    cells: Cells
    edges: csr_array
    exact_bounds: bool = True
    seconds_a_cell: float = 1.7e-7

    def parts(self) -> Array:
        """See `Search.parts`."""
        from scipy.sparse.csgraph import connected_components

        return np.asarray(connected_components(self.edges, directed=True, connection="weak")[1])

    def times(self, sources: Array, limit: float = np.inf) -> tuple[Array, Array]:
        """See `Search.times`."""
        from scipy.sparse.csgraph import dijkstra

        minutes, _, nearest = dijkstra(
            self.edges, indices=sources, limit=limit, min_only=True, return_predecessors=True
        )
        number = np.full(self.cells.count, -1, dtype=np.int64)
        number[sources] = np.arange(len(sources))
        return minutes, np.where(nearest >= 0, number[np.maximum(nearest, 0)], -1)

    def ways(self, source: int, targets: Array, limit: float, lines: bool) -> Ways:
        """See `Search.ways`."""
        from scipy.sparse.csgraph import dijkstra

        minutes, before = dijkstra(
            self.edges, indices=source, limit=limit * SLACK, return_predecessors=True
        )
        metres, path = self._walk(minutes, before, targets, keep=lines)
        found = minutes[targets]
        reached = np.isfinite(found) & (found <= limit * SLACK)
        return Ways(
            np.where(reached, found, np.nan),
            np.where(reached, metres / 1000, np.nan),
            self._lines(path, reached) if lines else None,
        )

    def _walk(
        self, minutes: Array, before: Array, targets: Array, *, keep: bool
    ) -> tuple[Array, list[tuple[Array, Array]]]:
        """Walk back from all targets at once; lengths [m], and which line is at which node.

        The length of a step is its time over the mean friction of its cells.
        """
        friction = self.cells.friction
        metres = np.zeros(len(targets))
        line = np.arange(len(targets))
        here = np.asarray(targets, dtype=np.int64)
        visited = []
        while len(line):
            if keep:
                visited.append((line, here))
            there = before[here].astype(np.int64)
            walking = there >= 0
            line, here, there = line[walking], here[walking], there[walking]
            slowness = 0.5 * (friction[here] + friction[there])
            metres[line] += (minutes[here] - minutes[there]) / slowness
            here = there
        return metres, visited

    def _lines(self, visited: list[tuple[Array, Array]], reached: Array) -> Lines:
        """Sort what was visited by line, from the source on."""
        line = np.concatenate([entry[0] for entry in visited] or [np.empty(0, dtype=np.int64)])
        node = np.concatenate([entry[1] for entry in visited] or [np.empty(0, dtype=np.int64)])
        # The walk began at the targets: turned round, and sorted without changing that order.
        line, node = line[::-1], node[::-1]
        kept = reached[line]
        line, node = line[kept], node[kept]
        order = np.argsort(line, kind="stable")
        ends = np.cumsum(np.bincount(line, minlength=len(reached)))
        lon, lat = self.cells.lonlat(node[order])
        return Lines(lon, lat, ends)
