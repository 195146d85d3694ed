"""The shoebox: a perimeter zone behind one facade and a core zone behind it.

Coordinates in m: x along the facade, y into the building, z up, seen from
outside in front of the facade; turned about the z axis to the design's orientation.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["CORE", "PERIMETER", "Box", "Polygon", "ZoneBox", "shading_blocks", "surfaces_of"]

PERIMETER = "Block Perim Storey 0"
CORE = "Block Core Storey 0"

#: Margin between window and wall edges at either side [m].
WINDOW_MARGIN = 0.01
#: A core zone thinner than this [m] is not built.
THINNEST_ZONE = 0.01
#: A strip of roof, ceiling, ground or floor narrower than this [m] joins its neighbour:
#: the engine merges corners that are less than 1 cm apart, and then refuses the surface.
NARROWEST_STRIP = 0.015

SHADING_SECTORS = 12
#: Above this elevation [rad] blocks would grow without bounds; a lid hides the rest.
HIGHEST_BLOCK = math.radians(75)

#: Cosine and sine of the turn about z that brings a south facade to each
#: orientation: south, east, north, west. Whole numbers keep right angles exact.
_QUARTER_TURNS = ((1, 0), (0, 1), (-1, 0), (0, -1))

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Box:
    """The figures of a shoebox: lengths in m, shares in 0..1, orientation 0..3 (S, E, N, W)."""

    width: float
    height: float
    facade_2_footprint: float
    perim_2_footprint: float
    roof_2_footprint: float
    footprint_2_ground: float
    shading_fact: float
    wwr: float
    orientation: int

    @property
    def depth(self) -> float:
        """From facade to back wall [m]."""
        return self.height / self.facade_2_footprint

    def zones(self) -> list[ZoneBox]:
        """Return the perimeter zone and, unless the perimeter fills the box, the core zone."""
        limit = self.depth * self.perim_2_footprint
        if self.depth - limit < THINNEST_ZONE:
            return [ZoneBox(PERIMETER, 0.0, self.depth)]
        return [ZoneBox(PERIMETER, 0.0, limit), ZoneBox(CORE, limit, self.depth)]


@dataclass(frozen=True, slots=True)
class ZoneBox:
    """A zone that reaches from `front` to `back` [m behind the facade]."""

    name: str
    front: float
    back: float

    @property
    def depth(self) -> float:
        """From front to back [m]."""
        return self.back - self.front


@dataclass(frozen=True, slots=True, eq=False)
class Polygon:
    """A surface: its part, what lies behind it, and its corners (n, 3) [m].

    `part` is facade, wall, partition, roof, ceiling, ground or floor; `boundary`
    is outdoors, ground, adiabatic or zone; `twin` names the surface of the other
    zone; `window` are the corners of the window in it, if any. Corners run
    counterclockwise seen from outside, starting at the upper left.
    """

    name: str
    zone: str
    part: str
    boundary: str
    corners: FloatArray
    twin: str = ""
    window: FloatArray | None = None

    @property
    def normal(self) -> FloatArray:
        """Area vector that points outside (3,) [m2]."""
        following = np.roll(self.corners, -1, axis=0)
        vector: FloatArray = 0.5 * np.cross(self.corners, following).sum(axis=0)
        return vector

    @property
    def area(self) -> float:
        """Area with the window [m2]."""
        return float(np.linalg.norm(self.normal))

    @property
    def window_area(self) -> float:
        """Area of the window [m2]."""
        if self.window is None:
            return 0.0
        following = np.roll(self.window, -1, axis=0)
        return float(np.linalg.norm(0.5 * np.cross(self.window, following).sum(axis=0)))

    @property
    def azimuth(self) -> float:
        """Where it looks, clockwise from north [deg]; 0 for a horizontal surface."""
        east, north, _ = self.normal
        if math.hypot(east, north) < 1e-9 * self.area:
            return 0.0
        return math.degrees(math.atan2(east, north)) % 360.0

    @property
    def tilt(self) -> float:
        """Angle between its normal and the zenith [deg]: roof 0, wall 90, floor 180."""
        return math.degrees(math.acos(max(-1.0, min(1.0, self.normal[2] / self.area))))


def surfaces_of(box: Box) -> list[Polygon]:
    """Return all surfaces of the box's zones, turned to its orientation."""
    zones = box.zones()
    polygons: list[Polygon] = []
    for zone in zones:
        polygons += _walls(box, zone, zones)
        polygons += _horizontals(box, zone, upper=True)
        polygons += _horizontals(box, zone, upper=False)
    turn = _rotation(box.orientation)
    return [_turned(polygon, turn) for polygon in polygons]


def shading_blocks(box: Box) -> list[FloatArray]:
    """Return blocks that hide the share `shading_fact` of the sky before the facade.

    Twelve sectors of 15 degrees stand around the middle of the facade at twice
    its width. Below an elevation e lies the share sin(e) of a sky's solid
    angle, so each block reaches e = arcsin(shading_fact) as seen from the
    middle of the facade; what would lie above 75 degrees is a horizontal lid.
    Corners in m, (4, 3) each; none where shading_fact is 0.
    """
    if box.shading_fact <= 0.0:
        return []
    radius = 2.0 * box.width
    middle = np.array([box.width / 2.0, 0.0, box.height / 2.0])
    elevation = math.asin(min(box.shading_fact, 1.0))
    top = middle[2] + radius * math.tan(min(elevation, HIGHEST_BLOCK))
    edges = np.linspace(math.pi, 2.0 * math.pi, SHADING_SECTORS + 1)
    around = np.stack([np.cos(edges), np.sin(edges), np.zeros_like(edges)], axis=1)
    outer = middle + radius * around
    turn = _rotation(box.orientation)
    blocks = []
    for left, right in itertools.pairwise(outer):
        blocks.append(_at_heights([left, left, right, right], [top, 0.0, 0.0, top]))
    if elevation > HIGHEST_BLOCK:
        reach = (top - middle[2]) / math.tan(elevation) if elevation < math.pi / 2 else 0.0
        inner = middle + reach * around
        for sector in range(SHADING_SECTORS):
            corners = [inner[sector], outer[sector], outer[sector + 1], inner[sector + 1]]
            if reach < 1e-6:
                corners = corners[:3]
            blocks.append(_at_heights(corners, [top] * len(corners)))
    return [block @ turn.T for block in blocks]


def _at_heights(points: list[FloatArray], heights: list[float]) -> FloatArray:
    corners = np.array(points)
    corners[:, 2] = heights
    return corners


def _rotation(orientation: int) -> FloatArray:
    """Return the rotation matrix (3, 3) of an orientation."""
    cosine, sine = _QUARTER_TURNS[orientation]
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]], dtype=np.float64)


def _turned(polygon: Polygon, turn: FloatArray) -> Polygon:
    window = None if polygon.window is None else polygon.window @ turn.T
    return Polygon(
        polygon.name,
        polygon.zone,
        polygon.part,
        polygon.boundary,
        polygon.corners @ turn.T,
        polygon.twin,
        window,
    )


def _walls(box: Box, zone: ZoneBox, zones: list[ZoneBox]) -> list[Polygon]:
    width, height, front, back = box.width, box.height, zone.front, zone.back

    def wall(
        side: str, part: str, boundary: str, ends: list[tuple[float, float]], twin: str = ""
    ) -> Polygon:
        (x0, y0), (x1, y1) = ends
        corners = np.array([[x0, y0, height], [x0, y0, 0], [x1, y1, 0], [x1, y1, height]])
        return Polygon(f"{zone.name} {side}", zone.name, part, boundary, corners, twin)

    outside_front = [(0.0, front), (width, front)]
    outside_back = [(width, back), (0.0, back)]
    walls = [
        wall("Wall Right", "wall", "adiabatic", [(width, front), (width, back)]),
        wall("Wall Left", "wall", "adiabatic", [(0.0, back), (0.0, front)]),
    ]
    if zone is zones[0]:
        facade = wall("Facade", "facade", "outdoors", outside_front)
        walls.append(replace(facade, window=_ribbon_window(box)))
    else:
        twin = f"{zones[0].name} Partition"
        walls.append(wall("Partition", "partition", "zone", outside_front, twin))
    if zone is zones[-1]:
        walls.append(wall("Wall Back", "wall", "adiabatic", outside_back))
    else:
        twin = f"{zones[-1].name} Partition"
        walls.append(wall("Partition", "partition", "zone", outside_back, twin))
    return walls


def _ribbon_window(box: Box) -> FloatArray:
    """Return a window over nearly the whole width whose area is the wwr's share of the facade."""
    left, right = WINDOW_MARGIN, box.width - WINDOW_MARGIN
    height = box.wwr * box.width * box.height / (right - left)
    low = (box.height - height) / 2.0
    high = low + height
    return np.array([[left, 0, high], [left, 0, low], [right, 0, low], [right, 0, high]])


def _horizontals(box: Box, zone: ZoneBox, *, upper: bool) -> list[Polygon]:
    """Return a zone's top (or bottom), split over its width into exposed and adiabatic parts."""
    share = box.roof_2_footprint if upper else box.footprint_2_ground
    z = box.height if upper else 0.0
    exposed = ("Roof", "roof", "outdoors") if upper else ("Ground", "ground", "ground")
    rest = ("Ceiling", "ceiling", "adiabatic") if upper else ("Floor", "floor", "adiabatic")
    cut = box.width * share
    if cut < NARROWEST_STRIP:
        cut = 0.0
    elif box.width - cut < NARROWEST_STRIP:
        cut = box.width
    polygons = []
    for (label, part, boundary), left, right in ((exposed, 0.0, cut), (rest, cut, box.width)):
        if left == right:
            continue
        corners = np.array(
            [[left, zone.back, z], [left, zone.front, z], [right, zone.front, z],
             [right, zone.back, z]]
        )  # fmt: skip
        if not upper:
            corners = corners[::-1]
        polygons.append(Polygon(f"{zone.name} {label}", zone.name, part, boundary, corners))
    return polygons
