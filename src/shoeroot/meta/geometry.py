"""Polygons in space: normals, areas, the frame of a face, and the first faces of each shape."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import MetaError
from shoeroot.meta.model import MetaZone, Rotation

__all__ = [
    "Frame",
    "Ring",
    "area_of",
    "area_vector",
    "azimuth_and_elevation",
    "first_faces",
    "frame_of",
    "frame_of_ring",
    "rotated",
    "volume_of",
]

Points = NDArray[np.float64]
#: Places of vertices among those of a zone, from 0.
Ring = tuple[int, ...]

#: Faces of a box in the format's order: front, right, back, left, top, base.
_BOX_FACES: tuple[Ring, ...] = (
    *((0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)),
    *((4, 5, 6, 7), (0, 3, 2, 1)),
)
_HORIZONTAL = 1e-9


@dataclass(frozen=True, slots=True)
class Frame:
    """A face seen from outside.

    Attributes
    ----------
    right, up : (3,) float64
        Unit vectors in its plane.
    left, bottom, width, height : float
        Its bounding rectangle, in coordinates along `right` and `up` [m].
    depth : (3,) float64
        What is left of a point of the face when `right` and `up` are taken away [m].
    """

    right: Points
    up: Points
    left: float
    bottom: float
    width: float
    height: float
    depth: Points

    def points(self, flat: Points) -> Points:
        """Give the points in space of coordinates along `right` and `up`; (n, 2) to (n, 3) [m]."""
        made: Points = self.depth + flat[:, :1] * self.right + flat[:, 1:] * self.up
        return made

    def flat(self, points: Points) -> Points:
        """Give the coordinates along `right` and `up`; (n, 3) to (n, 2) [m]."""
        return np.column_stack([points @ self.right, points @ self.up])


def first_faces(zone: MetaZone, where: str) -> tuple[Points, list[Ring]]:
    """Give the vertices and the parent faces of a zone, before anything is put into them.

    Returns
    -------
    (n, 3) float64
        Vertices [m].
    list of tuple of int
        Corners of each face, anticlockwise seen from outside, from 0.

    Raises
    ------
    MetaError
        What the shape needs is missing, or does not fit together.
    """
    if zone.shape == "box":
        return _box(zone, where), list(_BOX_FACES)
    if zone.shape == "extrude":
        return _extruded(zone, where)
    vertices = np.array(zone.cords, dtype=np.float64).reshape(-1, 3)
    count = len(zone.surfaces) - len(zone.doors) - len(zone.glazings)
    rings = []
    for surface in zone.surfaces[: max(count, 0)]:
        ring = tuple(vertex - 1 for vertex in surface.vertices)
        at = f"{where}, line {surface.line}: {surface.name}" if surface.line else surface.name
        if len(ring) < 3:
            raise MetaError("the surface has no *list", where=at, hint="name its vertices")
        if max(ring) >= len(vertices):
            raise MetaError(
                f"vertex {max(ring) + 1} is not there: the zone has {len(vertices)}",
                where=at,
                hint="correct the *list, or add the *cord that is missing",
            )
        rings.append(ring)
    return vertices, rings


def _box(zone: MetaZone, where: str) -> Points:
    if zone.origin is None or zone.size is None:
        raise MetaError(
            "a box needs *origin and *size", where=f"{where}, line {zone.line}: {zone.name}"
        )
    if min(zone.size) <= 0:
        raise MetaError(
            "the sizes of a box are above 0", where=f"{where}, line {zone.line}: {zone.name}"
        )
    corners = np.array([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], dtype=np.float64)
    base = np.array(zone.origin) + corners * np.array(zone.size)
    return np.concatenate([base, base + np.array([0.0, 0.0, zone.size[2]])])


def _extruded(zone: MetaZone, where: str) -> tuple[Points, list[Ring]]:
    at = f"{where}, line {zone.line}: {zone.name}"
    count = len(zone.cords)
    if zone.origin is None or count < 3:
        raise MetaError("an extruded shape needs *origin and three *cord or more", where=at)
    if zone.wall_count is not None and zone.wall_count != count:
        raise MetaError(
            f"*nbwalls says {zone.wall_count} walls, and there are {count} *cord", where=at
        )
    base, top = zone.origin[:2]
    if top <= base:
        raise MetaError(
            f"the top, {top:g} m, is not above the base, {base:g} m",
            where=at,
            hint="*origin of an extruded shape is base, top, and a number that is ignored",
        )
    plan = np.array(zone.cords, dtype=np.float64)
    vertices = np.concatenate(
        [np.column_stack([plan, np.full(count, level)]) for level in (base, top)]
    )
    walls = [
        (place, (place + 1) % count, (place + 1) % count + count, place + count)
        for place in range(count)
    ]
    floor = (0, *range(count - 1, 0, -1))
    return vertices, [*walls, tuple(range(count, 2 * count)), floor]


def rotated(points: Points, zone: MetaZone, rotation: Rotation | None, manner: str) -> Points:
    """Turn the vertices of a zone anticlockwise.

    Parameters
    ----------
    points : (n, 3) float64
    zone : MetaZone
    rotation : Rotation, optional
    manner : str
        ``"document"``: about the point that the tag names, where it names one. ``"esp-r"``:
        as the program does it, a box about its origin and others about their first vertex.
    """
    if rotation is None or rotation.angle == 0 or not len(points):
        return points
    own = zone.origin[:2] if zone.shape == "box" and zone.origin else points[0, :2]
    named = rotation.point if manner == "document" else None
    centre = np.array(own if named is None else named, dtype=np.float64)
    angle = np.radians(rotation.angle)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned = points.copy()
    turned[:, :2] = centre + (points[:, :2] - centre) @ turn
    return turned


def area_vector(corners: Points) -> Points:
    """Give the outward normal of a polygon, as long as its area (Newell's sum); (3,) [m2]."""
    # About its first corner: far from the origin the products would lose digits.
    near = corners - corners[0]
    # Sums of products of one coordinate of a corner with another of the next.
    sums = near[:-1].T @ near[1:]
    made: Points = 0.5 * np.array(
        [
            sums[1, 2] - sums[2, 1],
            sums[2, 0] - sums[0, 2],
            sums[0, 1] - sums[1, 0],
        ]
    )
    return made


def area_of(corners: Points) -> float:
    """Give the area of a polygon; a hole to which it walks is not part of it [m2]."""
    return math.hypot(*area_vector(corners).tolist())


def azimuth_and_elevation(corners: Points) -> tuple[float, float]:
    """Say where a face looks: clockwise from north, and above the horizon [deg].

    A face that looks up or down has azimuth 0.
    """
    x, y, z = area_vector(corners).tolist()
    flat = math.hypot(x, y)
    elevation = math.degrees(math.atan2(z, flat))
    if flat <= _HORIZONTAL * max(abs(z), 1e-300):
        return 0.0, elevation
    return math.degrees(math.atan2(x, y)) % 360.0, elevation


def frame_of(corners: Points) -> Frame:
    """Give the frame of a face and its bounding rectangle.

    Raises
    ------
    MetaError
        The face has no area.
    """
    normal = area_vector(corners)
    length = math.hypot(*normal.tolist())
    if not 1e-12 <= length < math.inf:
        raise MetaError("a face without area has no inside to put anything into")
    x, y, z = (normal / length).tolist()
    flat = math.hypot(x, y)
    if flat <= _HORIZONTAL:
        right, up = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0 if z > 0 else -1.0, 0.0])
    else:
        sine, cosine = x / flat, y / flat
        right = np.array([-cosine, sine, 0.0])
        up = np.array([-sine * z, -cosine * z, flat])
    along, above = corners @ right, corners @ up
    depth = corners[0] - along[0] * right - above[0] * up
    left, bottom = float(along.min()), float(above.min())
    return Frame(
        right, up, left, bottom, float(along.max()) - left, float(above.max()) - bottom, depth
    )


def frame_of_ring(vertices: Points, ring: Ring) -> Frame:
    """Give the frame of a face of a zone."""
    return frame_of(vertices[list(ring)])


def volume_of(vertices: Points, rings: list[Ring]) -> float:
    """Give the volume that faces enclose [m3]; negative where they look inwards."""
    if not len(vertices) or not rings:
        return 0.0
    centre = vertices.mean(axis=0)
    total = 0.0
    for ring in rings:
        corners = vertices[list(ring)] - centre
        total += float(corners[0] @ area_vector(corners)) / 3
    return total
