"""What becomes of each surface of a model: a wall, an opening in one, or mass; named and paired."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from shoeroot.errors import MetaError
from shoeroot.meta.constructions import ConstructionSet
from shoeroot.meta.expand import Manner, ZoneFaces, faces_of
from shoeroot.meta.geometry import Points, Ring, area_vector, azimuth_and_elevation, volume_of
from shoeroot.meta.model import MetaModel, MetaSurface, MetaZone
from shoeroot.meta.outlines import outline_with, triangles_of
from shoeroot.meta.statistics import children_of, is_transparent, location_of

__all__ = ["EXTERIOR", "OTHER_ZONE", "Part", "PlannedSurface", "ZonePlan", "plan_zones"]

EXTERIOR, OTHER_ZONE = 0, 3
_UNKNOWN = -1
_CORNERS = 4

Part = Literal["wall", "opening", "mass"]


@dataclass(frozen=True, slots=True, eq=False)
class PlannedSurface:
    """A surface of a model and what it is to the engine.

    Attributes
    ----------
    name : str
        Unique in the model, whatever the case of its letters.
    zone, number : int
        Places in the model, from 1.
    row : MetaSurface
    part : str
        ``"wall"``, a surface of its own; ``"opening"``, a window or door in one; ``"mass"``.
    glazed : bool
    pieces : tuple of (n, 3) float64
        Its corners anticlockwise from outside [m]; an opening of more than four corners has
        several triangles.
    area : float
        Without what is in it [m2].
    gross_area : float
        With what is in it [m2].
    azimuth, elevation : float
        [deg].
    parent : int
        Number of the wall that an opening is in, from 1; 0 for none.
    simple : bool
        Whether a wall's corners are an outline, without a walk to a hole.
    """

    name: str
    zone: int
    number: int
    row: MetaSurface
    part: Part
    glazed: bool
    pieces: tuple[Points, ...]
    area: float
    gross_area: float
    azimuth: float
    elevation: float
    parent: int = 0
    simple: bool = True

    @property
    def location(self) -> str:
        """VERT, CEIL, FLOR or SLOP."""
        return location_of(self.elevation)


@dataclass(frozen=True, slots=True, eq=False)
class ZonePlan:
    """A zone, its polygons, and what becomes of them."""

    name: str
    zone: MetaZone
    faces: ZoneFaces
    surfaces: tuple[PlannedSurface, ...]

    @property
    def volume(self) -> float:
        """What its faces enclose, masses left out [m3]."""
        rings = [
            ring
            for ring, one in zip(self.faces.rings, self.surfaces, strict=True)
            if one.part != "mass"
        ]
        return volume_of(self.faces.vertices, rings)


def plan_zones(model: MetaModel, known: ConstructionSet, rotation: Manner) -> list[ZonePlan]:
    """Decide on every surface of a model.

    Raises
    ------
    MetaError
        A zone does not fit together, what is behind a surface is unknown, or the surface that it
        names does not point back: names the line.
    """
    where = "" if model.source is None else model.source.name
    names = _Names()
    faces = [
        faces_of(zone, number, where, rotation) for number, zone in enumerate(model.zones, start=1)
    ]
    for number, each in enumerate(faces, start=1):
        for place, surface in enumerate(each.surfaces, start=1):
            _check_boundary(model, faces, number, place, surface, where)
    plans = []
    for number, (zone, each) in enumerate(zip(model.zones, faces, strict=True), start=1):
        name = names.unused(zone.name)
        plans.append(ZonePlan(name, zone, each, _planned(name, number, each, known, names)))
    return _agreed(plans)


class _Names:
    def __init__(self) -> None:
        self._taken: set[str] = set()

    def unused(self, wanted: str) -> str:
        name, number = wanted, 1
        while name.lower() in self._taken:
            number += 1
            name = f"{wanted} {number}"
        self._taken.add(name.lower())
        return name


def _check_boundary(
    model: MetaModel,
    faces: list[ZoneFaces],
    zone: int,
    number: int,
    surface: MetaSurface,
    where: str,
) -> None:
    kind, i, j = surface.boundary.kind, surface.boundary.i, surface.boundary.j
    at = f"{where}, line {surface.line}: {model.zones[zone - 1].name}, {surface.name}"
    if kind == _UNKNOWN:
        raise MetaError(
            "what is behind the surface is unknown",
            where=at,
            hint="name it: 0,0,0 is outside, 1,0,0 a room like this one",
        )
    if kind != OTHER_ZONE:
        return
    there = faces[int(i) - 1].surfaces if 1 <= i <= len(faces) and i == int(i) else ()
    if not (1 <= j <= len(there) and j == int(j)):
        raise MetaError(f"surface {j} of zone {i} is not there", where=at)
    back = there[int(j) - 1].boundary
    if (back.kind, back.i, back.j) != (OTHER_ZONE, zone, number):
        raise MetaError(
            f"surface {there[int(j) - 1].name!r} of zone {model.zones[int(i) - 1].name!r} "
            "does not point back",
            where=at,
            hint=f"its own boundary should be 3,{zone},{number}",
        )


def _planned(
    zone_name: str, zone: int, faces: ZoneFaces, known: ConstructionSet, names: _Names
) -> tuple[PlannedSurface, ...]:
    parents = children_of(faces)
    walls = [_wall_of(place, parents) for place in range(len(parents))]
    parts = [_part(zone, place, walls[place], faces) for place in range(len(parents))]
    planned = []
    for place, (surface, ring) in enumerate(zip(faces.surfaces, faces.rings, strict=True)):
        corners = faces.vertices[list(ring)]
        within = [
            faces.rings[other]
            for other in range(len(parents))
            if other != place and walls[other] == place and parts[other] == "opening"
        ]
        azimuth, elevation = azimuth_and_elevation(corners)
        pieces, simple = _pieces(parts[place], ring, within, faces.vertices)
        area = float(np.linalg.norm(area_vector(corners)))
        held = sum(float(np.linalg.norm(area_vector(faces.vertices[list(one)]))) for one in within)
        planned.append(
            PlannedSurface(
                name=names.unused(f"{zone_name} {surface.name}"),
                zone=zone,
                number=place + 1,
                row=surface,
                part=parts[place],
                glazed=is_transparent(surface, known),
                pieces=pieces,
                area=area,
                gross_area=area + held,
                azimuth=azimuth,
                elevation=elevation,
                parent=walls[place] + 1 if parts[place] == "opening" else 0,
                simple=simple,
            )
        )
    return tuple(planned)


def _wall_of(place: int, parents: list[int]) -> int:
    """Give the outermost surface around one, from 0; itself where there is none."""
    seen = {place}
    while parents[place] not in (-1, *seen):
        place = parents[place]
        seen.add(place)
    return place


def _part(zone: int, place: int, wall: int, faces: ZoneFaces) -> Part:
    behind = faces.surfaces[place].boundary
    if behind.kind == OTHER_ZONE and behind.i == zone:
        return "mass"
    if wall == place or behind.kind not in (EXTERIOR, OTHER_ZONE):
        return "wall"
    # The engine takes openings where both they and their wall are outside, or between zones.
    same = faces.surfaces[wall].boundary.kind == behind.kind
    small = len(faces.rings[place]) <= _CORNERS or behind.kind == EXTERIOR
    return "opening" if same and small else "wall"


def _pieces(
    part: Part, ring: Ring, within: list[Ring], vertices: Points
) -> tuple[tuple[Points, ...], bool]:
    if part == "wall":
        outline = outline_with(ring, within, vertices)
        return (vertices[list(outline)],), len(set(outline)) == len(outline)
    if part == "mass" or len(ring) <= _CORNERS:
        return (vertices[list(ring)],), True
    return tuple(vertices[list(one)] for one in triangles_of(ring, vertices)), True


def _agreed(plans: list[ZonePlan]) -> list[ZonePlan]:
    """Make an opening between zones a wall where its other side is none: both sides or neither."""
    parts = {(one.zone, one.number): one.part for plan in plans for one in plan.surfaces}
    alone = {
        (one.zone, one.number)
        for plan in plans
        for one in plan.surfaces
        if one.part == "opening"
        and one.row.boundary.kind == OTHER_ZONE
        and parts[int(one.row.boundary.i), int(one.row.boundary.j)] != "opening"
    }
    if not alone:
        return plans
    return [replace(plan, surfaces=tuple(_without(plan, alone))) for plan in plans]


def _without(plan: ZonePlan, alone: set[tuple[int, int]]) -> list[PlannedSurface]:
    kept = []
    for one in plan.surfaces:
        if (one.zone, one.number) in alone:
            one = replace(one, part="wall", parent=0)
        elif one.part == "wall":
            within = [
                plan.faces.rings[other.number - 1]
                for other in plan.surfaces
                if other.parent == one.number and (other.zone, other.number) not in alone
            ]
            ring = plan.faces.rings[one.number - 1]
            pieces, simple = _pieces("wall", ring, within, plan.faces.vertices)
            held = sum(
                float(np.linalg.norm(area_vector(plan.faces.vertices[list(inner)])))
                for inner in within
            )
            one = replace(one, pieces=pieces, simple=simple, gross_area=one.area + held)
        kept.append(one)
    return kept
