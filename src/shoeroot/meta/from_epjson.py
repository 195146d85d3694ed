"""A model of the engine as a META model, so that a shoebox can go to ESP-r."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from shoeroot.building import Model, Weather
from shoeroot.errors import MetaError
from shoeroot.meta.constructions import Construction, ConstructionSet, Optics
from shoeroot.meta.database_writing import DATABASE_FILES, write_databases
from shoeroot.meta.epjson_constructions import construction_from_epjson
from shoeroot.meta.epjson_walls import Vertices, corners_of_opening, corners_of_wall, lists_of
from shoeroot.meta.geometry import Points, Ring, area_vector
from shoeroot.meta.losses import Loss, LossReport
from shoeroot.meta.model import (
    Action,
    Boundary,
    Mass,
    MetaModel,
    MetaSurface,
    MetaZone,
    Obstruction,
    SimulationParameters,
    SiteLocation,
)
from shoeroot.meta.write import write

__all__ = ["Exported", "from_epjson", "from_shoebox"]

_LONGEST_NAME = 12
_OUTSIDE, _CONSTANT, _OTHER, _GROUND, _ADIABATIC = 0, 2, 3, 4, 5
_STARTUP_DAYS, _PLANT_STEPS, _SAVE_LEVEL = 3, 1, 4
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
#: Of a block that stands for a shading surface [m].
_THIN = 0.02
#: Share of a zone's extent that masses take.
_MASS_EXTENT = 0.8
#: Kinds of objects that are read, or have no meaning elsewhere.
_READ = re.compile(
    r"Version|SimulationControl|Building|Timestep|HeatBalanceAlgorithm|RunPeriod|Output.*|"
    r"GlobalGeometryRules|Zone|BuildingSurface:Detailed|FenestrationSurface:Detailed|Construction|"
    r"Material.*|WindowMaterial:.*|SurfaceProperty:OtherSideCoefficients|InternalMass|Schedule.*|"
    r"Shading:Building:Detailed|ShadingProperty:Reflectance|Site:.*|ZoneControl:Thermostat|"
    r"ThermostatSetpoint:.*|ZoneHVAC:(IdealLoads|Equipment).*|DesignSpecification:.*"
)

Epjson = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True, eq=False)
class Exported:
    """A META model, what its surfaces are made of, and what was lost."""

    model: MetaModel
    constructions: ConstructionSet
    losses: LossReport

    def write(self, folder: str | Path, name: str = "model") -> Path:
        """Write ``NAME.meta`` into a folder, and the databases that it names into ``dbs`` there."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        write_databases(self.constructions, target / "dbs")
        path = target / f"{name}.meta"
        write(self.model, path)
        return path


def from_shoebox(model: Model, *, title: str = "A shoebox") -> Exported:
    """Turn a shoebox model into a META model.

    Geometry, constructions, glazing, ground, shading and set-points are carried over; uses,
    which ESP-r keeps in files of its own, are listed among the losses.
    """
    return from_epjson(model.epjson, title=title, weather=model.weather)


def from_epjson(epjson: Epjson, *, title: str = "", weather: Weather | None = None) -> Exported:
    """Turn an engine's input into a META model of explicit polygons.

    Parameters
    ----------
    epjson : dict
        With ``BuildingSurface:Detailed`` and ``FenestrationSurface:Detailed``.
    title : str
    weather : Weather, optional
        Tells the site where the input does not.

    Raises
    ------
    MetaError
        It has no zones, or a part that a META model cannot have.
    """
    if not epjson.get("Zone") or not epjson.get("BuildingSurface:Detailed"):
        raise MetaError("the input has no zones with detailed surfaces")
    return _Reader(epjson, weather).exported(title)


class _ShortNames:
    """Names as ESP-r takes them: at most twelve letters, digits and underscores, each once."""

    def __init__(self) -> None:
        self._made: dict[str, str] = {}

    def of(self, name: str, drop: str = "") -> str:
        if name in self._made:
            return self._made[name]
        rest = name.removeprefix(drop).strip() or name
        plain = re.sub(r"\W+", "_", rest, flags=re.ASCII).strip("_") or "x"
        short, number = plain[:_LONGEST_NAME].strip("_"), 1
        taken = {one.lower() for one in self._made.values()}
        while short.lower() in taken:
            number += 1
            short = f"{plain[: _LONGEST_NAME - len(str(number))]}{number}"
        self._made[name] = short
        return short


class _Reader:
    """Reads one input."""

    def __init__(self, epjson: Epjson, weather: Weather | None) -> None:
        self._epjson = epjson
        self._weather = weather
        self._losses: list[Loss] = []
        rules: Mapping[str, Any] = next(iter(epjson.get("GlobalGeometryRules", {}).values()), {})
        self._clockwise = str(rules.get("vertex_entry_direction", "")).lower() == "clockwise"
        self._relative = str(rules.get("coordinate_system", "")).lower() == "relative"
        self._constructions: dict[str, Construction] = {}
        self._optics: dict[str, Optics] = {}
        self._construction_names = _ShortNames()
        self._profiles: list[tuple[float, ...]] = []
        self._zones = list(epjson["Zone"])
        self._numbers = self._numbered()

    def _numbered(self) -> dict[str, tuple[int, int]]:
        """Give zone and number of each surface, from 1: walls first, then openings."""
        count = dict.fromkeys(self._zones, 0)
        numbers: dict[str, tuple[int, int]] = {}
        walls = self._epjson["BuildingSurface:Detailed"]
        zone_of = {name: fields["zone_name"] for name, fields in walls.items()}
        openings = self._epjson.get("FenestrationSurface:Detailed", {})
        zone_of |= {
            name: zone_of.get(fields["building_surface_name"], "")
            for name, fields in openings.items()
        }
        for name, zone in zone_of.items():
            if zone not in count:
                raise MetaError(f"surface {name!r} is in no zone of the input")
            count[zone] += 1
            numbers[name] = (self._zones.index(zone) + 1, count[zone])
        return numbers

    def exported(self, title: str) -> Exported:
        names = _ShortNames()
        zones = [self._zone(zone, names.of(zone)) for zone in self._zones]
        zones[0] = replace(zones[0], obstructions=self._obstructions())
        losses = [*self._losses, *self._not_read()]
        folder = "../dbs"
        model = MetaModel(
            dialect="1.1",
            title=title or "A model from EnergyPlus",
            action=Action("new", "model", "distributed", "model"),
            databases=tuple((tag, f"{folder}/{file}") for tag, file in DATABASE_FILES.items()),
            location=self._location(),
            monthly_profiles=tuple(self._profiles),
            parameters=self._parameters(),
            zones=tuple(zones),
        )
        known = ConstructionSet(self._constructions, self._optics)
        return Exported(model, known, LossReport.of(losses))

    def _not_read(self) -> list[Loss]:
        return [
            Loss(kind, f"{len(objects)} objects are not carried over")
            for kind, objects in self._epjson.items()
            if not _READ.fullmatch(kind) and objects
        ]

    def _origin(self, zone: str) -> Points:
        fields = self._epjson["Zone"][zone]
        if fields.get("direction_of_relative_north"):
            raise MetaError("a zone that is turned has no equal", where=f"zone {zone!r}")
        moved = [float(fields.get(f"{axis}_origin") or 0.0) for axis in "xyz"]
        return np.array(moved if self._relative else [0.0, 0.0, 0.0])

    def _zone(self, zone: str, name: str) -> MetaZone:
        origin = self._origin(zone)
        walls = {
            own: fields
            for own, fields in self._epjson["BuildingSurface:Detailed"].items()
            if fields["zone_name"] == zone
        }
        openings = {
            own: fields
            for own, fields in self._epjson.get("FenestrationSurface:Detailed", {}).items()
            if fields["building_surface_name"] in walls
        }
        vertices = Vertices()
        rings = [
            vertices.add(corners_of_wall(fields, origin, clockwise=self._clockwise))
            for fields in walls.values()
        ]
        places = {own: place for place, own in enumerate(walls)}
        inner = [
            (
                places[fields["building_surface_name"]],
                vertices.add(corners_of_opening(fields, origin, clockwise=self._clockwise)),
            )
            for fields in openings.values()
        ]
        lists = lists_of(rings, inner, vertices.array)
        names = _ShortNames()
        surfaces = []
        for (own, fields), ring in zip([*walls.items(), *openings.items()], lists, strict=True):
            wall = walls[fields["building_surface_name"]] if own in openings else fields
            surfaces.append(self._surface(names.of(own, zone), own, fields, wall, ring))
        heating, cooling = self._setpoints(zone)
        controlled = heating is not None or cooling is not None
        return MetaZone(
            name=name,
            shape="poly",
            cords=tuple(vertices.points),
            wall_count=len(surfaces),
            surfaces=tuple(surfaces),
            masses=self._masses(zone, vertices.array, names),
            heating=None if heating is None else (heating,),
            cooling=None if cooling is None else (cooling,),
            ideal_control=True if controlled else None,
        )

    def _surface(
        self,
        name: str,
        own: str,
        fields: Mapping[str, Any],
        wall: Mapping[str, Any],
        ring: Ring,
    ) -> MetaSurface:
        construction = self._construction(fields["construction_name"])
        vertices = tuple(vertex + 1 for vertex in ring)
        optic = self._constructions[construction].optics
        behind = self._boundary(own, fields, wall)
        return MetaSurface(name, construction, behind, vertices, optic=optic or "OPAQUE")

    def _construction(self, name: str) -> str:
        short = self._construction_names.of(name)
        if short not in self._constructions:
            made, optics = construction_from_epjson(name, short, self._epjson, self._losses)
            self._constructions[short] = made
            if optics is not None:
                self._optics[optics.name] = optics
        return short

    def _boundary(self, own: str, fields: Mapping[str, Any], wall: Mapping[str, Any]) -> Boundary:
        kind = str(wall["outside_boundary_condition"]).lower()
        there = fields.get("outside_boundary_condition_object", "")
        if kind == "outdoors":
            return Boundary(_OUTSIDE)
        if kind == "surface" and there == own:
            return Boundary(_ADIABATIC)
        if kind == "surface" and there in self._numbers:
            return Boundary(_OTHER, *self._numbers[there])
        if kind == "ground":
            return Boundary(_GROUND, 0, self._profile(self._ground_months()))
        if kind == "othersidecoefficients":
            return self._coefficients(own, wall["outside_boundary_condition_object"])
        if kind != "adiabatic":
            self._losses.append(Loss(own, f"what is behind it, {kind}, is adiabatic here"))
        return Boundary(_ADIABATIC)

    def _coefficients(self, own: str, name: str) -> Boundary:
        fields = self._epjson["SurfaceProperty:OtherSideCoefficients"][name]
        schedule = fields.get("constant_temperature_schedule_name")
        months = self._months(schedule) if schedule else None
        if months is not None and fields.get("constant_temperature_coefficient") == 1:
            return Boundary(_GROUND, 0, self._profile(months))
        self._losses.append(Loss(own, f"of {name} only the constant temperature is carried over"))
        return Boundary(_CONSTANT, float(fields.get("constant_temperature") or 0.0))

    def _profile(self, months: tuple[float, ...]) -> int:
        if months not in self._profiles:
            self._profiles.append(months)
        return self._profiles.index(months) + 1

    def _ground_months(self) -> tuple[float, ...]:
        objects = self._epjson.get("Site:GroundTemperature:BuildingSurface", {})
        fields: Mapping[str, Any] = next(iter(objects.values()), {})
        # The engine's own default.
        return tuple(float(fields.get(f"{month}_ground_temperature", 18.0)) for month in _MONTHS)

    def _months(self, schedule: str) -> tuple[float, ...] | None:
        """Read a compact schedule of twelve constant months."""
        data = self._epjson.get("Schedule:Compact", {}).get(schedule, {}).get("data", ())
        numbers = [one["field"] for one in data if isinstance(one["field"], int | float)]
        return tuple(map(float, numbers)) if len(numbers) == 12 else None

    def _setpoints(self, zone: str) -> tuple[float | None, float | None]:
        for fields in self._epjson.get("ZoneControl:Thermostat", {}).values():
            if fields["zone_or_zonelist_name"] != zone:
                continue
            points = self._epjson.get(fields["control_1_object_type"], {})
            control = points.get(fields["control_1_name"], {})
            heating = control.get("heating_setpoint_temperature_schedule_name")
            cooling = control.get("cooling_setpoint_temperature_schedule_name")
            if heating is None and cooling is None:
                single = control.get("setpoint_temperature_schedule_name")
                is_heating = fields["control_1_object_type"].endswith("SingleHeating")
                heating, cooling = (single, None) if is_heating else (None, single)
            return self._constant(zone, heating), self._constant(zone, cooling)
        return None, None

    def _constant(self, zone: str, schedule: str | None) -> float | None:
        if schedule is None:
            return None
        fields = self._epjson.get("Schedule:Constant", {}).get(schedule)
        if fields is None:
            self._losses.append(Loss(zone, f"the set-points of schedule {schedule!r} change"))
            return None
        return float(fields["hourly_value"])

    def _masses(self, zone: str, points: Points, names: _ShortNames) -> tuple[Mass, ...]:
        """Turn areas of mass into partitions that fit into the zone."""
        low, high = points.min(axis=0), points.max(axis=0)
        size = (high - low) * _MASS_EXTENT
        made: list[Mass] = []
        for fields in self._epjson.get("InternalMass", {}).values():
            if fields.get("zone_or_zonelist_name") != zone:
                continue
            along_x = size[0] >= size[1]
            longest, height = float(max(size[0], size[1])), float(size[2])
            half = float(fields["surface_area"]) / 2
            count = max(math.ceil(half / (longest * height)), 1)
            length = half / (count * height)
            construction = self._construction(fields["construction_name"])
            for number in range(1, count + 1):
                across = low + (high - low) * number / (count + 1)
                start = low + (high - low) * (1 - _MASS_EXTENT) / 2
                start[1 if along_x else 0] = across[1 if along_x else 0]
                # The wall runs to the right of one who looks at it: east from azimuth 180.
                azimuth = 180.0 if along_x else 90.0
                origin = (float(start[0]), float(start[1]), float(start[2]))
                name = names.of(f"mass {len(made) + 1}")
                made.append(Mass(True, origin, length, height, azimuth, name, construction))
        return tuple(made)

    def _obstructions(self) -> tuple[Obstruction, ...]:
        names = _ShortNames()
        made = []
        construction = next(iter(self._constructions), "")
        for own, fields in self._epjson.get("Shading:Building:Detailed", {}).items():
            corners = corners_of_wall(fields, np.zeros(3), clockwise=self._clockwise)
            if len(corners) == 3:
                corners = np.concatenate([corners, corners[2:]])
            if len(corners) != 4:
                self._losses.append(Loss(own, f"a shading surface of {len(corners)} corners"))
                continue
            normal = area_vector(corners)
            behind = corners - _THIN * normal / max(float(np.linalg.norm(normal)), 1e-12)
            points = tuple(map(tuple, np.concatenate([behind, corners]).tolist()))
            made.append(Obstruction("obsp", names.of(own), construction, points=points))
        return tuple(made)

    def _location(self) -> SiteLocation | None:
        objects = self._epjson.get("Site:Location", {})
        fields: Mapping[str, Any] = next(iter(objects.values()), {})
        if "latitude" in fields:
            place = [float(fields.get(one, 0.0)) for one in ("latitude", "longitude", "time_zone")]
        elif self._weather is not None:
            place = [self._weather.latitude, self._weather.longitude, self._weather.time_zone]
        else:
            return None
        return SiteLocation(place[0], place[1] - 15.0 * place[2], place[2])

    def _parameters(self) -> SimulationParameters | None:
        fields: Mapping[str, Any] = next(iter(self._epjson.get("Timestep", {}).values()), {})
        steps = fields.get("number_of_timesteps_per_hour")
        if steps is None:
            return None
        return SimulationParameters(_STARTUP_DAYS, int(steps), _PLANT_STEPS, _SAVE_LEVEL)
