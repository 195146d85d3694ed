"""Explicit zones made compact again where that says the same: found by trying, proved by expanding.

A zone is guessed to be a box or an extruded shape with doors, windows and masses; the guess is
expanded, and taken only if every vertex and every list comes out as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from shoeroot.errors import MetaError
from shoeroot.meta.expand import faces_of
from shoeroot.meta.geometry import Points, frame_of_ring
from shoeroot.meta.model import (
    Door,
    Glazing,
    Mass,
    MetaModel,
    MetaSurface,
    MetaZone,
)

__all__ = ["compact", "compact_zone"]

#: What the decimals of a file leave open [m].
_TOLERANCE = 1.01e-4
_ANOTHER_ZONE = 3


def compact(model: MetaModel) -> MetaModel:
    """Make zones compact where box, extrude, door, glaze and mass say the same.

    Zones that they cannot say stay explicit. `expand` gives back what was there.

    Parameters
    ----------
    model : MetaModel
    """
    zones = tuple(compact_zone(zone, number) for number, zone in enumerate(model.zones, start=1))
    return replace(model, zones=zones)


def compact_zone(zone: MetaZone, number: int = 1) -> MetaZone:
    """Make one zone compact if possible; `number` is its place in the model, from 1."""
    turned = zone.rotate is not None and zone.rotate.angle != 0
    if zone.shape != "poly" or zone.doors or zone.glazings or zone.masses or turned:
        return zone
    if any(vertex > len(zone.cords) for row in zone.surfaces for vertex in row.vertices):
        return zone
    for guess in _guesses(zone, number):
        if _says_the_same(guess, zone, number):
            return guess
    return zone


def _says_the_same(guess: MetaZone, zone: MetaZone, number: int) -> bool:
    try:
        faces = faces_of(guess, number)
    except MetaError:
        return False
    vertices = np.array(zone.cords, dtype=np.float64)
    return (
        faces.vertices.shape == vertices.shape
        and bool(np.abs(faces.vertices - vertices).max() <= _TOLERANCE)
        and [tuple(vertex + 1 for vertex in ring) for ring in faces.rings]
        == [surface.vertices for surface in zone.surfaces]
        and tuple(map(_without_list, faces.surfaces)) == tuple(map(_without_list, zone.surfaces))
    )


def _without_list(surface: MetaSurface) -> MetaSurface:
    return replace(surface, vertices=())


def _guesses(zone: MetaZone, number: int) -> Iterator[MetaZone]:
    """Give compact zones that may say what an explicit one says, the shortest first."""
    vertices = np.array(zone.cords, dtype=np.float64).reshape(-1, 3)
    masses = _masses(zone, vertices, number)
    kept = zone.surfaces[: len(zone.surfaces) - 2 * len(masses)]
    for shape in (*_boxes(zone, vertices), *_extrusions(zone, vertices)):
        walls = 6 if shape.shape == "box" else len(shape.cords) + 2
        children = kept[walls:]
        doors, glazings = _children(kept[:walls], children, vertices)
        if len(doors) + len(glazings) != len(children):
            continue
        yield replace(
            shape,
            doors=doors,
            glazings=glazings,
            masses=masses,
            surfaces=tuple(map(_without_list, kept)),
        )


def _boxes(zone: MetaZone, vertices: Points) -> Iterator[MetaZone]:
    if len(vertices) < 8 or len(zone.surfaces) < 6:
        return
    low, high = vertices[0], vertices[6]
    size = high - low
    if (size > 0).all():
        yield replace(
            zone,
            shape="box",
            origin=_triple(low),
            size=_triple(size),
            cords=(),
            wall_count=None,
            rotate=None,
        )


def _extrusions(zone: MetaZone, vertices: Points) -> Iterator[MetaZone]:
    base = vertices[:1, 2]
    # The floor's corners come first, all on one level, then the ceiling's.
    count = int(np.argmax(np.abs(vertices[:, 2] - base) > _TOLERANCE)) if len(vertices) else 0
    if count < 3 or len(vertices) < 2 * count or len(zone.surfaces) < count + 2:
        return
    yield replace(
        zone,
        shape="extrude",
        origin=(float(base[0]), float(vertices[count, 2]), 0.0),
        size=None,
        cords=tuple((float(x), float(y)) for x, y in vertices[:count, :2]),
        wall_count=count,
        rotate=None,
    )


def _triple(values: Points) -> tuple[float, float, float]:
    # Differences of numbers with few decimals have few decimals.
    x, y, z = np.round(values, 6).tolist()
    return x, y, z


def _children(
    parents: tuple[MetaSurface, ...], children: tuple[MetaSurface, ...], vertices: Points
) -> tuple[tuple[Door, ...], tuple[Glazing, ...]]:
    """Tell doors from windows by the lists of their parents, as far as they follow the rules."""
    doors, glazings = [], []
    for child in children:
        for place, parent in enumerate(parents, start=1):
            if not child.vertices or not set(child.vertices) < set(parent.vertices):
                continue
            ring = parent.vertices
            first = child.vertices[0]
            if ring.count(first) == 2:
                glazings.append(Glazing(place, _percent(parent, child, vertices)))
            else:
                start, end = (vertices[vertex - 1] for vertex in child.vertices[:2])
                doors.append(Door(place, _simple(float(np.linalg.norm(end - start)), 4)))
            break
    return tuple(doors), tuple(glazings)


def _percent(parent: MetaSurface, child: MetaSurface, vertices: Points) -> float:
    frames = [
        frame_of_ring(vertices, tuple(vertex - 1 for vertex in surface.vertices))
        for surface in (parent, child)
    ]
    whole, part = (frame.width * frame.height for frame in frames)
    return _simple(100.0 * part / whole, 2)


def _simple(value: float, digits: int) -> float:
    """Give the roundest number that the decimals of the file allow for."""
    for places in range(digits):
        rounded = round(value, places)
        if abs(rounded - value) <= 5e-4 * max(abs(value), 1.0):
            return rounded
    return value


def _masses(zone: MetaZone, vertices: Points, number: int) -> tuple[Mass, ...]:
    """Find pairs of faces back to back at the end of the surfaces."""
    masses: list[Mass] = []
    place = len(zone.surfaces)
    while place >= 2:
        front, back = zone.surfaces[place - 2 : place]
        if not _is_pair(front, back, number, place):
            break
        masses.insert(0, _mass(front, vertices))
        place -= 2
    return tuple(masses)


def _is_pair(front: MetaSurface, back: MetaSurface, number: int, place: int) -> bool:
    if len(front.vertices) != 4:
        return False
    one, two, three, four = front.vertices
    behind = [(s.boundary.kind, s.boundary.i, s.boundary.j) for s in (front, back)]
    return back.vertices == (two, one, four, three) and behind == [
        (_ANOTHER_ZONE, number, place),
        (_ANOTHER_ZONE, number, place - 1),
    ]


def _mass(front: MetaSurface, vertices: Points) -> Mass:
    one, two, three, _ = (vertices[vertex - 1] for vertex in front.vertices)
    along, across = two - one, three - two
    vertical = bool(abs(across[2]) > _TOLERANCE)
    angle = np.arctan2(along[1], -along[0]) if vertical else np.arctan2(along[1], along[0])
    return Mass(
        vertical,
        _triple(one),
        _simple(float(np.linalg.norm(along)), 4),
        _simple(float(np.linalg.norm(across)), 4),
        _simple(float(np.degrees(angle)) % 360.0, 3),
        front.name,
        front.construction,
    )
