"""Walls and openings of an engine's input as polygons over the vertices of a zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from shoeroot.meta.geometry import Points, Ring
from shoeroot.meta.outlines import wall_around

__all__ = ["Vertices", "corners_of_opening", "corners_of_wall", "lists_of"]

#: Corners nearer to each other are one, as in a file of four decimals [m].
_SAME = 1e-4


class Vertices:
    """The vertices of a zone, each once."""

    def __init__(self) -> None:
        self.points: list[tuple[float, float, float]] = []

    def add(self, corners: Points) -> Ring:
        """Take corners; give their places, from 0."""
        ring: list[int] = []
        for corner in corners.tolist():
            place = self._find(corner)
            if not ring or ring[-1] != place:
                ring.append(place)
        return tuple(ring[:-1] if len(ring) > 1 and ring[0] == ring[-1] else ring)

    def _find(self, corner: Sequence[float]) -> int:
        for place, known in enumerate(self.points):
            if max(abs(a - b) for a, b in zip(corner, known, strict=True)) < _SAME:
                return place
        self.points.append((corner[0], corner[1], corner[2]))
        return len(self.points) - 1

    @property
    def array(self) -> Points:
        """(n, 3) float64 [m]."""
        return np.array(self.points, dtype=np.float64).reshape(-1, 3)


def corners_of_wall(fields: Mapping[str, Any], origin: Points, *, clockwise: bool) -> Points:
    """Give the corners of a ``BuildingSurface:Detailed``, anticlockwise; (n, 3) [m]."""
    corners = np.array(
        [[row[f"vertex_{axis}_coordinate"] for axis in "xyz"] for row in fields["vertices"]],
        dtype=np.float64,
    )
    return (corners[::-1] if clockwise else corners) + origin


def corners_of_opening(fields: Mapping[str, Any], origin: Points, *, clockwise: bool) -> Points:
    """Give the corners of a ``FenestrationSurface:Detailed``, anticlockwise; (n, 3) [m]."""
    count = 4 if fields.get("vertex_4_x_coordinate") is not None else 3
    corners = np.array(
        [
            [fields[f"vertex_{number}_{axis}_coordinate"] for axis in "xyz"]
            for number in range(1, count + 1)
        ],
        dtype=np.float64,
    )
    return (corners[::-1] if clockwise else corners) + origin


def lists_of(walls: list[Ring], openings: list[tuple[int, Ring]], points: Points) -> list[Ring]:
    """Give the lists of walls, which go round their openings, and of the openings.

    Parameters
    ----------
    walls : list of tuple of int
        Corners, from 0.
    openings : list of (int, tuple of int)
        The place of the wall that each is in, and its corners.
    points : (n, 3) float64
        [m].
    """
    whole = [_with_points_between(ring, points) for ring in walls]
    lists = []
    for place, ring in enumerate(whole):
        within = [_with_points_between(inner, points) for wall, inner in openings if wall == place]
        lists.append(wall_around(ring, within, points) if within else ring)
    return [*lists, *(_with_points_between(inner, points) for _, inner in openings)]


def _with_points_between(ring: Ring, points: Points) -> Ring:
    """Put into each edge the vertices of the zone that lie on it: faces meet at vertices."""
    found: list[int] = []
    for start, end in zip(ring, (*ring[1:], ring[0]), strict=True):
        edge = points[end] - points[start]
        length = float(np.linalg.norm(edge))
        along = (points - points[start]) @ edge / length
        beside = np.linalg.norm(points - points[start] - np.outer(along / length, edge), axis=1)
        on_edge = (beside < _SAME) & (along > _SAME) & (along < length - _SAME)
        between = np.flatnonzero(on_edge)
        found += [start, *between[np.argsort(along[between])].tolist()]
    return tuple(found)
