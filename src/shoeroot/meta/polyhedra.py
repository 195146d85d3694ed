"""Polygons that must fit together: closed shells, flat faces, children within their parents."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from shoeroot.meta.geometry import Points, Ring, area_vector

__all__ = ["Edge", "loose_edges", "merged", "out_of_plane", "overlap", "within"]

#: A directed edge by its two vertices, from 0.
Edge = tuple[int, int]

#: Points nearer than this are the same [m].
_SAME = 1e-6


def merged(vertices: Points) -> list[int]:
    """Give for each vertex the first one at the same place, from 0."""
    first: dict[tuple[float, ...], int] = {}
    keys = (np.round(vertices / _SAME) + 0.0).tolist()
    return [first.setdefault(tuple(key), place) for place, key in enumerate(keys)]


def edges_of(ring: Ring, same: list[int]) -> list[Edge]:
    """Give the edges of a face in its direction, without those of no length."""
    corners = [same[vertex] for vertex in ring]
    pairs = zip(corners, [*corners[1:], corners[0]], strict=True)
    return [edge for edge in pairs if edge[0] != edge[1]]


def loose_edges(rings: list[Ring], same: list[int]) -> list[tuple[list[Edge], bool]]:
    """Find for each face the edges that no other face passes in the opposite direction.

    The walk to a hole and back is passed both ways by one face, and closes itself.

    Returns
    -------
    list of (list of Edge, bool)
        The loose edges, and whether other faces pass all edges of the face in its own direction:
        then it looks inwards, or they do.
    """
    edges = [edges_of(ring, same) for ring in rings]
    passed = Counter(edge for own in edges for edge in own)
    found = []
    for own in edges:
        loose = [edge for edge in own if passed[edge] != passed[edge[::-1]]]
        turned = bool(own) and all(passed[edge] > 1 for edge in own)
        found.append((loose, turned))
    return found


def out_of_plane(corners: Points) -> float:
    """Give the largest distance of a corner from the face's plane through its middle [m]."""
    normal = area_vector(corners)
    length = math.hypot(*normal.tolist())
    if not 0 < length < math.inf:
        return 0.0
    above = corners @ (normal / length)
    return float(np.abs(above - above.sum() / len(above)).max())


def _next(count: int) -> list[int]:
    return [*range(1, count), 0]


def _distances(points: Points, polygon: Points) -> Points:
    """Give how far each point is from the nearest edge of a polygon; (n,) [m]."""
    start = polygon
    edge = polygon[_next(len(polygon))] - start
    length = np.maximum((edge**2).sum(axis=1), 1e-300)
    to = points[:, None, :] - start
    along = np.clip((to * edge).sum(axis=2) / length, 0, 1)
    gap = to - along[..., None] * edge
    nearest: Points = np.sqrt((gap**2).sum(axis=2)).min(axis=1)
    return nearest


def _wound(points: Points, polygon: Points) -> NDArray[np.bool_]:
    """Tell round which points a polygon goes; (n,)."""
    start, end = polygon, polygon[_next(len(polygon))]
    edge, to = end - start, points[:, None, :] - start
    side = edge[:, 0] * to[..., 1] - edge[:, 1] * to[..., 0]
    below, above = start[:, 1] <= points[:, None, 1], end[:, 1] > points[:, None, 1]
    turns = (below & above & (side > 0)).sum(axis=1) - (~below & ~above & (side < 0)).sum(axis=1)
    told: NDArray[np.bool_] = turns != 0
    return told


def within(child: Points, parent: Points) -> bool:
    """Tell whether a plane polygon lies in another one, or on its edge; both (n, 2) [m]."""
    # Middles of edges as well: a notch of the parent may reach in between two corners.
    points = np.concatenate([child, (child + child[_next(len(child))]) / 2])
    if not (_wound(points, parent) | (_distances(points, parent) <= _SAME)).all():
        return False
    cutting = _wound(parent, child) & (_distances(parent, child) > _SAME)
    return not cutting.any()


def overlap(one: Points, other: Points) -> bool:
    """Tell whether the bounding rectangles of two plane polygons have an area in common."""
    low = np.maximum(one.min(axis=0), other.min(axis=0))
    high = np.minimum(one.max(axis=0), other.max(axis=0))
    return bool((high - low > _SAME).all())
