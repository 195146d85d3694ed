"""Site, ground and time steps of a META model as objects of the engine's input."""

from __future__ import annotations

from typing import Any, Final

from shoeroot.building import Weather
from shoeroot.meta.assemblies import Objects
from shoeroot.meta.losses import Loss
from shoeroot.meta.model import MetaModel

__all__ = ["GROUND_PROFILES", "ground_view_of", "ground_view_text", "site_objects"]

_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
#: Monthly temperatures of ESP-r's built-in ground profiles that are known [degC].
GROUND_PROFILES: Final[dict[int, tuple[float, ...]]] = {
    1: (7.28, 6.50, 6.56, 7.33, 9.06, 11.39, 13.50, 14.33, 14.11, 11.72, 10.72, 8.67)
}
#: Views of a wall to sky, ground and buildings by ESP-r's index of exposure: city centre, urban,
#: rural, city centre with equal views, below the buildings around, isolated, enclosed. The
#: document's own example gives those of 1; 8 is the user's.
_VIEWS: Final[dict[int, tuple[float, float, float]]] = {
    1: (0.36, 0.36, 0.28),
    2: (0.41, 0.41, 0.18),
    3: (0.45, 0.45, 0.10),
    4: (0.33, 0.33, 0.33),
    5: (0.15, 0.33, 0.52),
    6: (0.50, 0.50, 0.00),
    7: (0.00, 0.00, 1.00),
}
_TERRAIN: Final = {1: "City", 2: "Suburbs", 3: "Country", 4: "City", 5: "City", 6: "Country"}
_USER_EXPOSURE = 8
#: Share of buildings in the view from which a site of the user's own is a city, or a suburb.
_CITY_VIEW, _SUBURB_VIEW = 0.25, 0.14
#: Reflectance of snow where a file has none.
_SNOW = 0.7
_STEPS: Final = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)
_USUAL_STEPS = 4
_MOST_WARMUP_DAYS = 25
_NEAR_DEGREES = 1.0
_SNOW_DAYS, _SNOW_DEPTH = 2, 3


def site_objects(
    model: MetaModel, weather: Weather | None, solar: str, losses: list[Loss]
) -> Objects:
    """Give building, site, ground reflectance and time step; adds to `losses`."""
    objects: Objects = {
        "Building": {"Building": {"terrain": _terrain(model), "solar_distribution": solar}},
        "Timestep": {"Timestep": {"number_of_timesteps_per_hour": _steps(model, losses)}},
        "Site:GroundReflectance": {"Reflectance": _reflectance(model, losses)},
    }
    objects["Building"]["Building"] |= _warmup(model)
    if model.location is not None:
        objects["Site:Location"] = {"Site": _location(model, weather, losses)}
    return objects


def _location(model: MetaModel, weather: Weather | None, losses: list[Loss]) -> dict[str, Any]:
    place = model.location
    assert place is not None  # noqa: S101 - the caller has looked
    longitude = (place.longitude + 180.0) % 360.0 - 180.0
    if weather is not None:
        apart = max(abs(place.latitude - weather.latitude), abs(longitude - weather.longitude))
        if apart > _NEAR_DEGREES:
            losses.append(
                Loss(
                    "*site_loc",
                    f"the sun goes as at {place.latitude:g}, {longitude:g}; the weather is that "
                    f"of {weather.city}, {weather.latitude:g}, {weather.longitude:g}",
                )
            )
    return {
        "latitude": place.latitude,
        "longitude": longitude,
        "time_zone": place.time_zone,
        "elevation": 0.0 if weather is None else weather.elevation,
        # Otherwise the engine takes the weather file's.
        "keep_site_location_information": "Yes",
    }


def _views(model: MetaModel) -> tuple[float, ...] | None:
    """Shares of sky, ground and buildings that a wall sees; their sum is 1."""
    exposure = model.exposure
    if exposure is None:
        return None
    own = exposure.index == _USER_EXPOSURE
    views = exposure.views if own else _VIEWS[exposure.index]
    total = sum(views)
    return tuple(view / total for view in views) if total > 0 else None


def ground_view_of(model: MetaModel) -> float | None:
    """Share that walls see of what is not sky: the ground and the buildings around."""
    views = _views(model)
    return None if views is None else 1.0 - views[0]


def ground_view_text(model: MetaModel) -> str:
    """Say what became of the view to other buildings."""
    views = _views(model)
    if views is None or views[2] == 0:
        return ""
    return (
        f"walls see {views[2]:.0%} of other buildings: the engine knows sky and ground, and "
        "counts them to the ground"
    )


def _terrain(model: MetaModel) -> str:
    if model.exposure is None:
        return "Suburbs"
    if model.exposure.index != _USER_EXPOSURE:
        return _TERRAIN.get(model.exposure.index, "City")
    views = _views(model)
    buildings = 0.0 if views is None else views[2]
    if buildings >= _CITY_VIEW:
        return "City"
    return "Suburbs" if buildings >= _SUBURB_VIEW else "Country"


def _reflectance(model: MetaModel, losses: list[Loss]) -> dict[str, float]:
    """Give the ground's reflectance by month; days with snow count with that of snow."""
    annual = 0.2 if model.ground_reflectance is None else model.ground_reflectance
    months: tuple[float, ...] = (annual,) * 12
    ground = model.monthly_ground
    if ground is not None:
        months = ground.values
        if ground.model == _SNOW_DAYS and model.snow_days:
            snow = _SNOW if ground.snow is None else ground.snow
            shares = [
                min(days / last, 1.0) for days, last in zip(model.snow_days, _DAYS, strict=True)
            ]
            months = tuple(
                share * snow + (1 - share) * bare
                for share, bare in zip(shares, months, strict=True)
            )
            losses.append(
                Loss("*monthly_snow_days", "each month has one reflectance, the mean of its days")
            )
        if ground.model == _SNOW_DEPTH:
            losses.append(
                Loss("*hourly_snow_depth", "the ground has no snow but that of the monthly values")
            )
    return {
        f"{month}_ground_reflectance": min(max(value, 0.0), 1.0)
        for month, value in zip(_MONTHS, months, strict=True)
    }


def _steps(model: MetaModel, losses: list[Loss]) -> int:
    if model.parameters is None:
        return _USUAL_STEPS
    asked = model.parameters.zone_steps
    nearest = min(_STEPS, key=lambda steps: (abs(steps - asked), -steps))
    if nearest != asked:
        losses.append(
            Loss("*sim_parameters", f"{asked} steps an hour are not possible: {nearest} are taken")
        )
    if model.parameters.plant_steps > 1:
        losses.append(
            Loss("*sim_parameters", f"{model.parameters.plant_steps} plant steps have no meaning")
        )
    return nearest


def _warmup(model: MetaModel) -> dict[str, int]:
    if model.parameters is None or model.parameters.startup_days < 1:
        return {}
    days = model.parameters.startup_days
    return {
        "minimum_number_of_warmup_days": days,
        "maximum_number_of_warmup_days": max(days, _MOST_WARMUP_DAYS),
    }
