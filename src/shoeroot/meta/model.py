"""The typed model of a META file: what each tag says, and on which line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from shoeroot.meta.source import SourceText
from shoeroot.meta.zone_model import (
    Boundary,
    Door,
    Glazing,
    Mass,
    MetaSurface,
    MetaZone,
    Obstruction,
    Rotation,
    Shape,
    SurfaceChoice,
    Usage,
)

if TYPE_CHECKING:
    from shoeroot.building import Model

__all__ = [
    "Action",
    "Assessment",
    "Boundary",
    "Dialect",
    "Door",
    "Glazing",
    "Literally",
    "Mass",
    "MetaModel",
    "MetaSurface",
    "MetaZone",
    "MonthlyGround",
    "Obstruction",
    "Repair",
    "Rotation",
    "Shape",
    "SimulationParameters",
    "SiteExposure",
    "SiteLocation",
    "SurfaceChoice",
    "UnknownTag",
    "Usage",
]

Dialect = Literal["1.1", "1.2", "1.3"]


@dataclass(frozen=True, slots=True)
class Action:
    """``*action``: ``new`` or ``within``, root name, ``distributed`` or ``single``, path."""

    how: str
    root: str
    layout: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class SiteLocation:
    """Latitude [deg], difference from the time zone's meridian [deg], hours from GMT."""

    latitude: float
    longitude_difference: float
    time_zone: float

    @property
    def longitude(self) -> float:
        """East of Greenwich [deg]."""
        return 15.0 * self.time_zone + self.longitude_difference


@dataclass(frozen=True, slots=True)
class SiteExposure:
    """Index of the exposure, 1 to 8, and the views to sky, ground and buildings where given."""

    index: int
    views: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class MonthlyGround:
    """Ground reflectance: its model, one value a month, and that of snow where given."""

    model: int
    values: tuple[float, ...]
    snow: float | None = None


@dataclass(frozen=True, slots=True)
class SimulationParameters:
    """Days of start-up, zone steps an hour, plant steps a zone step, and the save level."""

    startup_days: int
    zone_steps: int
    plant_steps: int
    save_level: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """``*assessments``: which parts of the year, and how long each.

    Attributes
    ----------
    season : str
        ``annual``, ``default``, ``single``, a season, ``three_season`` or ``five_season``.
    period : str
        ``typical_week``, ``fortnight``, ``season``, or ``user`` with days.
    days : tuple of int
        First and last day of the year of each period, from 1, where the user gives them.
    """

    season: str
    period: str = ""
    days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Literally:
    """A file embedded between ``*start_literal`` and ``*end_literal``; dialect 1.3."""

    heading: str
    lines: tuple[str, ...]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class UnknownTag:
    """A tag that is not known: kept as it is, and reported."""

    tag: str
    text: str
    zone: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Repair:
    """A fault of a scanned text that was mended on the way in.

    Attributes
    ----------
    line : int
    what : str
        One sentence.
    before, after : str
        The text as it was and as it was read.
    """

    line: int
    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}: {self.before!r} read as {self.after!r}"


@dataclass(frozen=True, slots=True)
class MetaModel:
    """A META file.

    Attributes
    ----------
    dialect : str
        ``"1.1"`` (``*silent_input``), ``"1.2"`` (``*meta_file``) or ``"1.3"`` (``*meta_file_v3``).
    paths, databases : tuple of (str, str)
        Tag without its star, and path as the file has it.
    monthly_profiles : tuple of 12 float
        Ground temperatures of the file's own profiles [degC].
    outputs : tuple of str
        Rows between ``*start_xml`` and ``*end_xml``.
    unknown : tuple of UnknownTag
    repairs : tuple of Repair
        Only where it was read with ``tolerant=True``.
    source : SourceText, optional
        What it was read from; None for a model that was made.
    """

    dialect: Dialect = "1.1"
    date: str = ""
    title: str = ""
    doc: str = ""
    action: Action | None = None
    paths: tuple[tuple[str, str], ...] = ()
    databases: tuple[tuple[str, str], ...] = ()
    weather_station: str = ""
    location: SiteLocation | None = None
    exposure: SiteExposure | None = None
    ground_reflectance: float | None = None
    monthly_ground: MonthlyGround | None = None
    snow_days: tuple[float, ...] = ()
    snow_depth_file: str = ""
    monthly_profiles: tuple[tuple[float, ...], ...] = ()
    parameters: SimulationParameters | None = None
    assessments: tuple[Assessment, ...] = ()
    outputs: tuple[str, ...] = ()
    literals: tuple[Literally, ...] = ()
    zones: tuple[MetaZone, ...] = ()
    unknown: tuple[UnknownTag, ...] = ()
    has_end: bool = True
    repairs: tuple[Repair, ...] = field(default=(), compare=False)
    source: SourceText | None = field(default=None, compare=False, repr=False)

    def zone(self, name: str) -> MetaZone:
        """Return the zone of a name.

        Raises
        ------
        MetaError
            There is none; with the nearest names.
        """
        from shoeroot.errors import MetaError, nearest

        for zone in self.zones:
            if zone.name == name:
                return zone
        raise MetaError(
            f"there is no zone {name!r}", hint=nearest(name, [zone.name for zone in self.zones])
        )

    @classmethod
    def from_shoebox(cls, model: Model) -> MetaModel:
        """Turn a shoebox into a META model; `shoeroot.meta.from_shoebox` tells more."""
        from shoeroot.meta.from_epjson import from_shoebox

        return from_shoebox(model).model

    @classmethod
    def from_epjson(cls, epjson: Mapping[str, Any]) -> MetaModel:
        """Turn an engine's input into a META model; `shoeroot.meta.from_epjson` tells more."""
        from shoeroot.meta.from_epjson import from_epjson

        return from_epjson(epjson).model
