"""What a META file says of one zone: its shape, surfaces, masses, obstructions and controls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "Boundary",
    "Door",
    "Glazing",
    "Mass",
    "MetaSurface",
    "MetaZone",
    "Obstruction",
    "Rotation",
    "Shape",
    "SurfaceChoice",
    "Usage",
]

Shape = Literal["box", "extrude", "poly"]
Number = int | float


@dataclass(frozen=True, slots=True)
class Boundary:
    """What is behind a surface.

    Attributes
    ----------
    kind : int
        -1 unknown, 0 exterior, 1 similar, 2 constant, 3 another zone, 4 ground, 5 adiabatic,
        6 BASESIMP, 7 CEN 13791.
    i, j : int or float
        For 1: difference [K] and radiation [W/m2]; 2: temperature [degC] and radiation [W/m2];
        3: zone and surface, from 1; 4: built-in profile, or 0 and the file's own profile;
        6: configuration and percentage.
    """

    kind: int
    i: Number = 0
    j: Number = 0


@dataclass(frozen=True, slots=True)
class MetaSurface:
    """A ``*surface`` row and the ``*list`` that belongs to it.

    Attributes
    ----------
    name, construction : str
    boundary : Boundary
    vertices : tuple of int
        Corners of the polygon by their place among the zone's ``*cord`` rows, from 1; empty
        where the shape gives them.
    optic : str
        Optical property set; dialects 1.2 and 1.3.
    location, parent, uses : str, str, (str, str)
        ``VERT``, ``CEIL``, ...; the parent surface; what it is used as. Dialect 1.3.
    line : int
        Of the row; 0 for one that was made, not read.
    """

    name: str
    construction: str
    boundary: Boundary
    vertices: tuple[int, ...] = ()
    optic: str = ""
    location: str = ""
    parent: str = ""
    uses: tuple[str, str] = ("", "")
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Door:
    """A door to be put into a wall: parent surface, from 1, and width [m]."""

    parent: int
    width: float


@dataclass(frozen=True, slots=True)
class Glazing:
    """A window to be put into a surface: parent surface, from 1, and percentage of its area."""

    parent: int
    percent: float


@dataclass(frozen=True, slots=True)
class Mass:
    """A pair of back-to-back surfaces in a zone.

    Attributes
    ----------
    vertical : bool
    origin : (float, float, float)
        First corner [m].
    length : float
        [m].
    extent : float
        Height of a vertical one, width of a horizontal one [m].
    azimuth : float
        Of its normal, 0 north, 90 east [deg].
    name, construction : str
    """

    vertical: bool
    origin: tuple[float, float, float]
    length: float
    extent: float
    azimuth: float
    name: str
    construction: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Obstruction:
    """A block that shades: ``*obs``, ``*obs3`` or ``*obsp``.

    Attributes
    ----------
    kind : str
        The tag without its star.
    name, construction : str
    origin, size : (float, float, float)
        [m]; zeros for ``obsp``.
    angles : tuple of float
        About z, then (``obs3``) elevation of the length and tilt of the width [deg].
    points : tuple of (float, float, float)
        The eight corners of an ``obsp`` [m].
    """

    kind: Literal["obs", "obs3", "obsp"]
    name: str
    construction: str
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0)
    size: tuple[float, float, float] = (0.0, 0.0, 0.0)
    angles: tuple[float, ...] = ()
    points: tuple[tuple[float, float, float], ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Rotation:
    """Anticlockwise angle [deg] and the point to turn about [m], where the file names one."""

    angle: float
    point: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class SurfaceChoice:
    """Surfaces for which shading or insolation is computed.

    Attributes
    ----------
    how : str
        ``"none"``, ``"all_applicable"`` or ``"list"``.
    surfaces : tuple of int
        From 1.
    """

    how: str
    surfaces: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """``*usage``: where casual gains and infiltration come from."""

    source: str
    imported: str
    casual: str
    file: str


@dataclass(frozen=True, slots=True)
class MetaZone:
    """One zone, as the file has it: shapes are not worked out, nothing is expanded.

    Attributes
    ----------
    name : str
    shape : str
        ``"box"``, ``"extrude"`` or ``"poly"``.
    origin, size : (float, float, float), optional
        Of a box [m]; an extruded shape has base and top in its origin. Others are ignored.
    wall_count : int, optional
        ``*nbwalls`` or ``*nbsurfs``.
    cords : tuple of tuple of float
        Corners [m]: (x, y) of an extruded shape, (x, y, z) of polygons.
    surfaces : tuple of MetaSurface
        Parents, then doors, then glazings; masses have no rows.
    heating, cooling : tuple of float, optional
        Setpoints occupied and, where given, unoccupied [degC].
    ideal_control : bool, optional
        None where the tag is absent.
    line : int
        Of ``*start_zone``; 0 for a zone that was made, not read.
    """

    name: str
    shape: Shape
    origin: tuple[float, float, float] | None = None
    size: tuple[float, float, float] | None = None
    wall_count: int | None = None
    cords: tuple[tuple[float, ...], ...] = ()
    rotate: Rotation | None = None
    previous_rotate: Rotation | None = None
    doors: tuple[Door, ...] = ()
    glazings: tuple[Glazing, ...] = ()
    surfaces: tuple[MetaSurface, ...] = ()
    masses: tuple[Mass, ...] = ()
    obstructions: tuple[Obstruction, ...] = ()
    solar_grid: tuple[int, int] | None = None
    shading: SurfaceChoice | None = None
    insolation: SurfaceChoice | None = None
    usage: Usage | None = None
    environment: str = ""
    heating: tuple[float, ...] | None = None
    cooling: tuple[float, ...] | None = None
    ideal_control: bool | None = None
    line: int = field(default=0, compare=False)
