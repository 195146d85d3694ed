"""What is behind a surface, as the engine's input has it."""

from __future__ import annotations

from typing import Any

from shoeroot.building import Weather
from shoeroot.errors import MetaError
from shoeroot.meta.assemblies import Objects
from shoeroot.meta.losses import Loss
from shoeroot.meta.model import MetaModel
from shoeroot.meta.planning import EXTERIOR, OTHER_ZONE, PlannedSurface, ZonePlan
from shoeroot.meta.schedules import monthly_schedule
from shoeroot.meta.site_objects import GROUND_PROFILES

__all__ = ["BoundaryWriter", "boundary_word"]

_SIMILAR, _CONSTANT, _GROUND, _ADIABATIC, _BASESIMP, _CEN = 1, 2, 4, 5, 6, 7
#: Inside surface resistance of ISO 6946 for horizontal heat flow as a coefficient [W/(m2 K)].
_INSIDE_FILM = 1 / 0.13
#: Temperature of the ground where nothing tells it [degC]: the engine's own default.
_USUAL_GROUND = 18.0
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NOWHERE = {"sun_exposure": "NoSun", "wind_exposure": "NoWind"}
#: Heat loss of an uninsulated slab over its exposed perimeter and the difference [W/(m K)]:
#: ASHRAE 90.1-2016, table A6.3.1-1, unheated, uninsulated: 0.73 Btu/(h ft F).
_PERIMETER_LOSS = 1.264


def boundary_word(surface: PlannedSurface) -> str:
    """Say what is behind a surface in the words of an event."""
    behind = surface.row.boundary
    return {EXTERIOR: "outdoors", OTHER_ZONE: "zone", _CONSTANT: "zone"}.get(
        behind.kind, "ground" if behind.kind in (_GROUND, _BASESIMP) else "adiabatic"
    )


class BoundaryWriter:
    """Writes boundaries, and the objects that they need."""

    def __init__(self, model: MetaModel, weather: Weather | None, plans: list[ZonePlan]) -> None:
        self.objects: Objects = {}
        self.losses: list[Loss] = []
        self._model = model
        self._weather = weather
        self._names = {(one.zone, one.number): one.name for plan in plans for one in plan.surfaces}
        self._ground: tuple[float, ...] | None = None

    def fields(self, surface: PlannedSurface) -> dict[str, Any]:
        """Give the fields of a wall that say what is behind it.

        Raises
        ------
        MetaError
            It names a ground profile that is not there.
        """
        behind = surface.row.boundary
        if behind.kind == EXTERIOR:
            return {
                "outside_boundary_condition": "Outdoors",
                "sun_exposure": "SunExposed",
                "wind_exposure": "WindExposed",
            }
        if behind.kind == OTHER_ZONE:
            return {
                "outside_boundary_condition": "Surface",
                "outside_boundary_condition_object": self._names[int(behind.i), int(behind.j)],
                **_NOWHERE,
            }
        if behind.kind == _SIMILAR and (behind.i or behind.j):
            return self._coefficients(surface, zone_air=1.0, offset=float(behind.i))
        if behind.kind == _CONSTANT:
            return self._coefficients(surface, zone_air=0.0, offset=float(behind.i))
        if behind.kind == _GROUND:
            return self._on_ground(surface)
        if behind.kind == _BASESIMP:
            return self._basement(surface)
        if behind.kind == _CEN:
            self._lose(surface, "the boundary of CEN 13791 is adiabatic here")
        return {"outside_boundary_condition": "Adiabatic", **_NOWHERE}

    def partner(self, surface: PlannedSurface) -> str:
        """Name the other side of a surface between zones."""
        return self._names[int(surface.row.boundary.i), int(surface.row.boundary.j)]

    def _lose(self, surface: PlannedSurface, problem: str) -> None:
        self.losses.append(Loss(surface.name, problem, surface.row.line))

    def _coefficients(
        self, surface: PlannedSurface, *, zone_air: float, offset: float
    ) -> dict[str, Any]:
        """Write a room behind the surface: its air temperature, and what shines on the surface."""
        radiation = float(surface.row.boundary.j)
        temperature = offset + radiation / _INSIDE_FILM
        if radiation:
            self._lose(
                surface,
                f"radiation of {radiation:g} W/m2 on its other side warms the air there "
                f"by {radiation / _INSIDE_FILM:.2f} K instead",
            )
        kind = "like the zone" if zone_air else "constant"
        name = f"{kind} {temperature:+.6g} degC"
        self._add(
            name,
            {
                "combined_convective_radiative_film_coefficient": _INSIDE_FILM,
                "constant_temperature": temperature,
                "constant_temperature_coefficient": 1.0,
                "external_dry_bulb_temperature_coefficient": 0.0,
                "ground_temperature_coefficient": 0.0,
                "wind_speed_coefficient": 0.0,
                "zone_air_temperature_coefficient": zone_air,
            },
        )
        return _other_side(name)

    def _add(self, name: str, fields: dict[str, Any]) -> None:
        self.objects.setdefault("SurfaceProperty:OtherSideCoefficients", {})[name] = fields

    def _on_ground(self, surface: PlannedSurface) -> dict[str, Any]:
        months = self._profile(surface)
        if self._ground in (None, months):
            self._ground = months
            self.objects["Site:GroundTemperature:BuildingSurface"] = {
                "Ground": {
                    f"{month}_ground_temperature": value
                    for month, value in zip(_MONTHS, months, strict=True)
                }
            }
            return {"outside_boundary_condition": "Ground", **_NOWHERE}
        # The engine has one ground; a second one is the temperature of the outer face by month.
        behind = surface.row.boundary
        name = f"ground profile {behind.i} {behind.j}"
        schedule = f"{name} temperature"
        self.objects.setdefault("Schedule:Compact", {})[schedule] = monthly_schedule(months)
        self._add(
            name,
            {
                "combined_convective_radiative_film_coefficient": 0.0,
                "constant_temperature_coefficient": 1.0,
                "constant_temperature_schedule_name": schedule,
                "external_dry_bulb_temperature_coefficient": 0.0,
                "ground_temperature_coefficient": 0.0,
                "wind_speed_coefficient": 0.0,
                "zone_air_temperature_coefficient": 0.0,
            },
        )
        return _other_side(name)

    def _profile(self, surface: PlannedSurface) -> tuple[float, ...]:
        behind = surface.row.boundary
        own = self._model.monthly_profiles
        if behind.i == 0:
            if not (1 <= behind.j <= len(own) and behind.j == int(behind.j)):
                raise MetaError(
                    f"the file has no ground profile {behind.j}",
                    where=f"line {surface.row.line}: {surface.name}",
                    hint=f"it has {len(own)}: add one to *monthly_profile",
                )
            return own[int(behind.j) - 1]
        if behind.i in GROUND_PROFILES:
            return GROUND_PROFILES[int(behind.i)]
        known = None if self._weather is None else self._weather.ground_temperatures
        instead = "the weather file's ground" if known else f"{_USUAL_GROUND:g} degC"
        self._lose(
            surface, f"ESP-r's ground profile {behind.i} is not known: {instead} stands instead"
        )
        return known or (_USUAL_GROUND,) * 12

    def _basement(self, surface: PlannedSurface) -> dict[str, Any]:
        behind = surface.row.boundary
        method = "C" if surface.location == "VERT" else "F"
        self._lose(
            surface,
            f"BASESIMP configuration {behind.i} at {behind.j} % is computed by the {method}-factor "
            "method: what is in the ground is not told",
        )
        return {"outside_boundary_condition": "GroundFCfactorMethod", **_NOWHERE}

    def basement_construction(
        self, surface: PlannedSurface, resistance: float
    ) -> tuple[str, dict[str, Any]]:
        """Give kind and fields of the construction of a surface that BASESIMP computes."""
        corners = surface.pieces[0]
        if surface.location == "VERT":
            height = float(corners[:, 2].max() - corners[:, 2].min())
            fields = {"c_factor": 1.0 / resistance, "height": height}
            return "Construction:CfactorUndergroundWall", fields
        around = float(sum(((corners - _next(corners)) ** 2).sum(axis=1) ** 0.5))
        share = min(max(float(surface.row.boundary.j), 0.0), 100.0) / 100.0
        return "Construction:FfactorGroundFloor", {
            "f_factor": _PERIMETER_LOSS,
            "area": surface.gross_area,
            "perimeterexposed": around * share,
        }


def _next(corners: Any) -> Any:
    import numpy as np

    return np.roll(corners, -1, axis=0)


def _other_side(name: str) -> dict[str, Any]:
    return {
        "outside_boundary_condition": "OtherSideCoefficients",
        "outside_boundary_condition_object": name,
        **_NOWHERE,
    }
