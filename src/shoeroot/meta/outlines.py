"""Outlines of walls without the walks round their doors and windows, and triangles of polygons."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from shoeroot.meta.geometry import Points, Ring, area_vector, frame_of

__all__ = ["outline_with", "simple_outline", "triangles_of", "wall_around"]

#: Corners that far from the line of their neighbours lie on it [m].
_STRAIGHT = 1e-6
_FLAT = 1e-12


def outline_with(ring: Ring, children: Iterable[Ring], vertices: Points) -> Ring:
    """Give the outer ring of a wall and all that was put into it.

    An edge that is walked in both directions is no edge of the whole: so the walk to a hole and
    back goes, the walk round a window meets the window's own edges, and a door fills its detour.

    Parameters
    ----------
    ring : tuple of int
        Of the wall, from 0.
    children : iterable of tuple of int
        Rings of what lies in it.
    vertices : (n, 3) float64
        [m].

    Returns
    -------
    tuple of int
        Anticlockwise from outside, without corners in straight lines.
    """
    loops = _loops(_edges_of(ring, *children))
    if not loops:
        return ring
    normal = area_vector(vertices[list(ring)])
    largest = max(loops, key=lambda loop: float(area_vector(vertices[list(loop)]) @ normal))
    return simple_outline(largest, vertices)


def wall_around(ring: Ring, children: Iterable[Ring], vertices: Points) -> Ring:
    """Give the list of a wall that goes round what is in it: the opposite of `outline_with`.

    An opening on the wall's edge becomes a detour, one inside a walk there, round it and back.
    """
    loops = _loops(_edges_of(ring, *(child[::-1] for child in children)))
    if not loops:
        return ring
    normal = area_vector(vertices[list(ring)])
    areas = [float(area_vector(vertices[list(loop)]) @ normal) for loop in loops]
    outer = loops[int(np.argmax(areas))]
    walk = list(outer)
    for loop, area in zip(loops, areas, strict=True):
        if area < 0:
            walk += [outer[0], *loop, loop[0]]
    return tuple(walk)


def _edges_of(*rings: Ring) -> list[tuple[int, int]]:
    """Give all edges that are walked in one direction only."""
    edges: list[tuple[int, int]] = []
    for ring in rings:
        for start, end in zip(ring, (*ring[1:], ring[0]), strict=True):
            if (end, start) in edges:
                edges.remove((end, start))
            elif start != end:
                edges.append((start, end))
    return edges


def simple_outline(ring: Ring, vertices: Points) -> Ring:
    """Leave out corners that lie in the line of their neighbours, if three are left."""
    kept = list(ring)
    place = 0
    while place < len(kept) and len(kept) > 3:
        before, here, after = (vertices[kept[(place + step) % len(kept)]] for step in (-1, 0, 1))
        if _is_between(before, here, after):
            del kept[place]
            place = max(place - 1, 0)
        else:
            place += 1
    return tuple(kept)


def _is_between(before: Points, here: Points, after: Points) -> bool:
    whole = after - before
    length = float(np.linalg.norm(whole))
    if length < _STRAIGHT:
        return False
    along = float((here - before) @ whole) / length
    beside = float(np.linalg.norm(here - before - whole * (along / length)))
    return beside < _STRAIGHT and 0 <= along <= length


def _loops(edges: list[tuple[int, int]]) -> list[Ring]:
    """Put directed edges together to closed walks."""
    onward: dict[int, list[int]] = {}
    for start, end in edges:
        onward.setdefault(start, []).append(end)
    loops = []
    while onward:
        first = next(iter(onward))
        loop, here = [first], first
        while True:
            ways = onward.get(here)
            if not ways:
                break
            here = ways.pop(0)
            if not ways:
                onward.pop(loop[-1])
            if here == first:
                loops.append(tuple(loop))
                break
            loop.append(here)
    return loops


def triangles_of(ring: Ring, vertices: Points) -> list[Ring]:
    """Cut a flat polygon, also one with a walk to a hole in it, into triangles.

    Parameters
    ----------
    ring : tuple of int
        Anticlockwise from outside, from 0.
    vertices : (n, 3) float64
        [m].
    """
    corners = vertices[list(ring)]
    frame = frame_of(corners)
    flat = np.column_stack([corners @ frame.right, corners @ frame.up])
    left = list(range(len(ring)))
    found: list[Ring] = []
    while len(left) > 3:
        ear = _ear(left, flat)
        before, here, after = (left[(ear + step) % len(left)] for step in (-1, 0, 1))
        if abs(_turn(flat[before], flat[here], flat[after])) > _FLAT:
            found.append((ring[before], ring[here], ring[after]))
        del left[ear]
    found.append((ring[left[0]], ring[left[1]], ring[left[2]]))
    return found


def _turn(one: NDArray[np.float64], two: NDArray[np.float64], three: NDArray[np.float64]) -> float:
    """Twice the area of a triangle; positive anticlockwise."""
    return float((two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0]))


def _ear(left: list[int], flat: NDArray[np.float64]) -> int:
    """Find a corner whose triangle holds no other corner; the least bad one if there is none."""
    count = len(left)
    best, largest = 0, -np.inf
    for place in range(count):
        before, here, after = (left[(place + step) % count] for step in (-1, 0, 1))
        corners = flat[before], flat[here], flat[after]
        turn = _turn(*corners)
        if turn <= 0:
            continue
        others = [flat[one] for one in left if one not in (before, here, after)]
        if not any(_within(point, *corners) for point in others):
            return place
        if turn > largest:
            best, largest = place, turn
    return best


def _within(
    point: NDArray[np.float64],
    one: NDArray[np.float64],
    two: NDArray[np.float64],
    three: NDArray[np.float64],
) -> bool:
    """Tell whether a point lies in a triangle; one of its own corners does not."""
    if any(bool(np.abs(point - corner).max() < _STRAIGHT) for corner in (one, two, three)):
        return False
    return all(
        _turn(start, end, point) >= 0 for start, end in ((one, two), (two, three), (three, one))
    )
