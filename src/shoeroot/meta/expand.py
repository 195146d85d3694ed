"""Compact zones made explicit: shapes, windows, doors and masses become polygons."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from shoeroot.errors import MetaError
from shoeroot.meta.geometry import Frame, Points, Ring, first_faces, frame_of_ring, rotated
from shoeroot.meta.model import (
    Boundary,
    Door,
    Glazing,
    Mass,
    MetaModel,
    MetaSurface,
    MetaZone,
    Rotation,
)

__all__ = [
    "Manner",
    "ZoneFaces",
    "door_corners",
    "expand",
    "expand_zone",
    "faces_of",
    "glazing_corners",
]

Manner = Literal["document", "esp-r"]

#: From the right end of its wall to a door, and how high doors are in walls of which height [m].
_DOOR_GAP = 0.3
_DOOR_HEIGHT = 2.1
_HIGH_WALL = 2.3
#: Points that near an edge lie on it [m].
_ON_EDGE = 1e-6
_LONGEST_NAME = 12
_ANOTHER_ZONE = 3


@dataclass(frozen=True, slots=True, eq=False)
class ZoneFaces:
    """The polygons of a zone.

    Attributes
    ----------
    vertices : (n, 3) float64
        [m].
    rings : list of tuple of int
        Corners of each surface, anticlockwise from outside, from 0, in the order of the
        surfaces; a wall with a window goes round the hole, too.
    parents : list of int
        The surface in which each one was inserted, from 0; -1 for none.
    surfaces : tuple of MetaSurface
        Their rows; those of masses are made.
    """

    vertices: Points
    rings: list[Ring]
    parents: list[int]
    surfaces: tuple[MetaSurface, ...]


def expand(model: MetaModel, *, rotation: Manner = "document") -> MetaModel:
    """Make all zones of a model explicit.

    Parameters
    ----------
    model : MetaModel
    rotation : str
        ``"document"``: about the point that ``*rotate`` names; ``"esp-r"``: as ESP-r does it,
        about the origin of a box and the first vertex of other shapes.

    Returns
    -------
    MetaModel
        All shapes ``poly``, without doors, glazings, masses and rotations.

    Raises
    ------
    MetaError
        A zone does not fit together: names its line.
    """
    where = "" if model.source is None else model.source.name
    zones = tuple(
        expand_zone(zone, number, where, rotation)
        for number, zone in enumerate(model.zones, start=1)
    )
    return replace(model, zones=zones)


def expand_zone(zone: MetaZone, number: int, where: str, rotation: Manner) -> MetaZone:
    """Make one zone explicit; `number` is its place in the model, from 1."""
    faces = faces_of(zone, number, where, rotation)
    surfaces = tuple(
        replace(surface, vertices=tuple(vertex + 1 for vertex in ring))
        for surface, ring in zip(faces.surfaces, faces.rings, strict=True)
    )
    return replace(
        zone,
        shape="poly",
        origin=None,
        size=None,
        cords=tuple(map(tuple, faces.vertices.tolist())),
        rotate=None if zone.rotate is None else Rotation(0.0),
        wall_count=len(surfaces),
        doors=(),
        glazings=(),
        masses=(),
        surfaces=surfaces,
    )


def faces_of(
    zone: MetaZone, number: int = 1, where: str = "", rotation: Manner = "document"
) -> ZoneFaces:
    """Work out the polygons of a zone.

    Raises
    ------
    MetaError
        Something is missing or does not fit: names line and surface.
    """
    vertices, rings = first_faces(zone, where)
    expected = len(rings) + len(zone.doors) + len(zone.glazings)
    if len(zone.surfaces) != expected:
        raise MetaError(
            f"the zone has {len(zone.surfaces)} *surface rows instead of {expected}",
            where=f"{where}, line {zone.line}: {zone.name}",
            hint="one for each parent, then one for each door, then one for each glazing",
        )
    growing = _Growing(
        rotated(vertices, zone, zone.rotate, rotation), rings, f"{where}: {zone.name}"
    )
    for door in sorted(zone.doors, key=lambda child: child.parent):
        growing.put_door(door)
    for glazing in sorted(zone.glazings, key=lambda child: child.parent):
        growing.put_glazing(glazing)
    surfaces = list(zone.surfaces)
    for mass in zone.masses:
        growing.put_mass(mass)
        surfaces += _mass_rows(mass, number, len(surfaces) + 1)
    return ZoneFaces(growing.vertices, growing.rings, growing.parents, tuple(surfaces))


def glazing_corners(frame: Frame, glazing: Glazing) -> Points:
    """Give a window in the middle of a face's bounding rectangle; (4, 2), in its frame [m]."""
    size = np.array([frame.width, frame.height])
    gap = size * (1 - np.sqrt(glazing.percent) / 10) / 2
    low = np.array([frame.left, frame.bottom])
    return _rectangle(low + gap, low + size - gap)


def door_corners(frame: Frame, door: Door) -> Points:
    """Give a door at the lower right of a face's bounding rectangle; (4, 2), in its frame [m]."""
    right = frame.left + frame.width - _DOOR_GAP
    height = _DOOR_HEIGHT if frame.height > _HIGH_WALL else frame.height - _DOOR_GAP
    low = np.array([right - door.width, frame.bottom])
    return _rectangle(low, np.array([right, frame.bottom + height]))


def _rectangle(low: Points, high: Points) -> Points:
    return np.array([low, (high[0], low[1]), high, (low[0], high[1])])


class _Growing:
    """The polygons of a zone while children are put into them."""

    def __init__(self, vertices: Points, rings: list[Ring], where: str) -> None:
        self._vertices = vertices
        #: All vertices: few numbers at a time are faster without arrays.
        self._points: list[list[float]] = vertices.tolist()
        self.rings = list(rings)
        self.parents = [-1] * len(rings)
        self._first = list(rings)
        self._where = where

    @property
    def vertices(self) -> Points:
        """(n, 3) [m]."""
        return np.array(self._points, dtype=np.float64).reshape(-1, 3)

    def _frame(self, child: Door | Glazing) -> tuple[int, Frame]:
        """Give a child's parent, from 0, and its frame before anything was put into it."""
        if child.parent > len(self._first):
            raise MetaError(
                f"parent {child.parent} is not there: the shape has {len(self._first)} surfaces",
                where=self._where,
                hint="a parent is a surface of the shape itself, from 1",
            )
        parent = child.parent - 1
        try:
            return parent, frame_of_ring(self._vertices, self._first[parent])
        except MetaError as problem:
            raise MetaError(
                problem.problem, where=f"{self._where}, surface {child.parent}"
            ) from problem

    def _add(self, corners: Points, parent: int) -> Ring:
        one = len(self._points)
        self._points += corners.tolist()
        ring = (one, one + 1, one + 2, one + 3)
        self.rings.append(ring)
        self.parents.append(parent)
        return ring

    def put_glazing(self, glazing: Glazing) -> None:
        """Put a rectangle of the face's proportions into its middle."""
        parent, frame = self._frame(glazing)
        corners = frame.points(glazing_corners(frame, glazing))
        one, two, three, four = self._add(corners, parent)
        ring = self.rings[parent]
        self.rings[parent] = (*ring, ring[0], one, four, three, two, one)

    def put_door(self, door: Door) -> None:
        """Put a rectangle on the lower edge of a face, near its right end."""
        parent, frame = self._frame(door)
        flat = door_corners(frame, door)
        if flat[0, 0] < frame.left - _ON_EDGE or flat[2, 1] <= frame.bottom:
            raise MetaError(
                f"a door of {door.width:g} m does not fit into a wall of "
                f"{frame.width:g} m by {frame.height:g} m",
                where=f"{self._where}, surface {door.parent}",
                hint=f"{_DOOR_GAP} m are kept free on its right",
            )
        one, two, three, four = self._add(frame.points(flat), parent)
        if not self._insert(parent, (one, two), (one, four, three, two)):
            raise MetaError(
                "the lower edge of the wall does not reach to the door",
                where=f"{self._where}, surface {door.parent}",
                hint="make the door explicit: a *surface with its own *list",
            )
        for other in range(len(self.rings) - 1):
            if other != parent:
                self._insert(other, (one, two), (one, two))

    def _insert(self, face: int, sill: tuple[int, int], walk: tuple[int, ...]) -> bool:
        """Put vertices into the edge of a face on which the sill lies."""
        ring = self.rings[face]
        for place, start in enumerate(ring):
            end = ring[(place + 1) % len(ring)]
            left = self._along(start, end, sill[0])
            right = None if left is None else self._along(start, end, sill[1])
            if left is None or right is None:
                continue
            inserted = walk if left < right else walk[::-1]
            self.rings[face] = (*ring[: place + 1], *inserted, *ring[place + 1 :])
            return True
        return False

    def _along(self, start: int, end: int, vertex: int) -> float | None:
        """Say how far along an edge a vertex lies [m]; None where it does not."""
        x, y, z = self._points[start]
        to_x, to_y, to_z = self._points[end]
        at_x, at_y, at_z = self._points[vertex]
        to_x, to_y, to_z = to_x - x, to_y - y, to_z - z
        at_x, at_y, at_z = at_x - x, at_y - y, at_z - z
        length = math.hypot(to_x, to_y, to_z)
        if length < _ON_EDGE:
            return None
        to_x, to_y, to_z = to_x / length, to_y / length, to_z / length
        along = to_x * at_x + to_y * at_y + to_z * at_z
        if not -_ON_EDGE < along < length + _ON_EDGE:
            return None
        beside = math.hypot(at_x - along * to_x, at_y - along * to_y, at_z - along * to_z)
        return along if beside < _ON_EDGE else None

    def put_mass(self, mass: Mass) -> None:
        """Put two faces back to back into the zone."""
        angle = math.radians(mass.azimuth)
        sine, cosine = math.sin(angle), math.cos(angle)
        start = np.array(mass.origin)
        if mass.vertical:
            # Along the wall to the right of one who looks at its first face.
            along = mass.length * np.array([-cosine, sine, 0.0])
            across = np.array([0.0, 0.0, mass.extent])
        else:
            # ESP-r turns it anticlockwise, unlike what an azimuth says of a wall.
            along = mass.length * np.array([cosine, sine, 0.0])
            across = mass.extent * np.array([-sine, cosine, 0.0])
        corners = np.array([start, start + along, start + along + across, start + across])
        one, two, three, four = self._add(corners, -1)
        self.rings.append((two, one, four, three))
        self.parents.append(-1)


def _mass_rows(mass: Mass, zone: int, place: int) -> list[MetaSurface]:
    back = f"{mass.name[: _LONGEST_NAME - 1]}_"
    return [
        MetaSurface(name, mass.construction, Boundary(_ANOTHER_ZONE, zone, other), line=mass.line)
        for name, other in ((mass.name, place + 1), (back, place))
    ]
