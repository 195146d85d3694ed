"""Which weather file each site gets: the nearest station, how far it is, and whether it suits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shoeroot.building import Weather
from shoeroot.campaign.site_climate import ashrae_zones, zones_of_koppen
from shoeroot.campaign.site_table import SHOWN, Sites, SiteTable, as_site_table, counted
from shoeroot.errors import SiteError, WeatherError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["distances_km", "match_notes", "match_weather", "nearest_files", "refuse_far"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

#: WGS84.
_EQUATOR_KM = 6378.137
_FLATTENING = 1 / 298.257223563
#: Above it, a weather file is hardly that of a site [km].
FAR = 100.0
#: Pairs of a site and a station looked at together, so that memory stays small.
_PAIRS = 2_000_000


def match_weather(
    sites: Sites, catalogue: Sequence[Weather], *, max_distance: float = 0.0
) -> pd.DataFrame:
    """Give each site the weather file of the nearest station.

    Parameters
    ----------
    sites : path, Events or SiteTable
    catalogue : sequence of Weather
        Stations lie where the LOCATION line of their file says.
    max_distance : float
        Refuse sites whose nearest station is farther [km]; 0 for no limit.

    Returns
    -------
    pandas.DataFrame
        One row a site, in their order: `site` (its id), `name`, `weather` (index into the
        catalogue), `file`, `distance_km` (geodesic, see `distances_km`), `weather_zone` (ASHRAE
        zone of the weather file), `site_zone` (of the site, from its climate normals), `koppen`,
        and `agrees`: whether the zones are the same or, where the site has no normals, whether
        the zone of the weather is typical of its Koppen class; missing where nothing is known.

    Raises
    ------
    SiteError
        There are no sites, or a site is too far from all stations.
    WeatherError
        The catalogue is empty.
    """
    import pandas as pd

    table = as_site_table(sites)
    if not catalogue:
        raise WeatherError("there is no weather file to choose from", hint="name some: weather")
    lon = np.array([one.longitude for one in catalogue])
    lat = np.array([one.latitude for one in catalogue])
    weather, distance = _nearest(table, lon, lat)
    refuse_far(table, distance, max_distance)
    zones = np.array([one.climate_zone or "" for one in catalogue], dtype=object)[weather]
    own = ashrae_zones(table.normals, table.lat)
    agrees = [_agrees(*told) for told in zip(zones, own, table.koppen, strict=True)]
    return pd.DataFrame(
        {
            "site": table.ids,
            "name": table.names,
            "weather": weather,
            "file": np.array([one.name for one in catalogue], dtype=object)[weather],
            "distance_km": distance,
            "weather_zone": zones,
            "site_zone": np.array(own, dtype=object),
            "koppen": table.koppen,
            "agrees": pd.array(agrees, dtype="boolean"),
        }
    )


def match_notes(match: pd.DataFrame) -> list[str]:
    """Say in words which sites of `match_weather` have weather that hardly is theirs."""
    sites = counted(len(match), "site")
    far = int((match["distance_km"] > FAR).sum())
    notes = []
    if far:
        worst = match.iloc[int(match["distance_km"].to_numpy().argmax())]
        notes.append(
            f"{far} of {sites} more than {FAR:g} km from the nearest weather station, "
            f"{worst['name'] or worst['site']} {worst['distance_km']:.0f} km: add nearer weather "
            "files"
        )
    other = (~match["agrees"].fillna(True)).to_numpy(dtype=bool)
    if other.any():
        names = ", ".join(str(one) for one in match["name"][other][:SHOWN])
        more = int(other.sum()) - SHOWN
        notes.append(
            f"the climate zone of {int(other.sum())} of {sites} is not that of the weather: "
            f"{names}" + (f" and {more} more" if more > 0 else "")
        )
    unknown = int(match["agrees"].isna().sum())
    if unknown:
        notes.append(
            f"whether the weather suits {counted(unknown, 'site')} is not known: "
            "no normals, Koppen class, or zone of the weather file"
        )
    return notes


def nearest_files(sites: Sites, files: Iterable[Path]) -> list[Path]:
    """Return those of many weather files that are the nearest to a site, in their order.

    Only the first line of each is read.

    Raises
    ------
    WeatherError
        A file is no EPW file, or there is none.
    """
    table = as_site_table(sites)
    paths = sorted(files)
    if not paths:
        raise WeatherError("there is no weather file to choose from", hint="give .epw files")
    lon, lat = np.array([_station(path) for path in paths]).T
    chosen, _ = _nearest(table, lon, lat)
    return [paths[place] for place in np.unique(chosen).tolist()]


def distances_km(lon: ArrayLike, lat: ArrayLike, to_lon: ArrayLike, to_lat: ArrayLike) -> Floats:
    """Return geodesic distances on the ellipsoid WGS84 [km], arrays broadcast; degrees.

    Lambert's formula for long lines: within 0.005 % of the geodesic up to 19,500 km, and within
    0.2 % near the other end of the Earth.
    """
    first, second = (np.radians(np.asarray(one, dtype=float)) for one in (lat, to_lat))
    turn = np.radians(np.asarray(to_lon, dtype=float) - np.asarray(lon, dtype=float))
    # Reduced latitudes: those of the sphere that the ellipsoid was stretched from.
    first, second = (np.arctan((1 - _FLATTENING) * np.tan(one)) for one in (first, second))
    half = np.sin((second - first) / 2) ** 2
    half = half + np.cos(first) * np.cos(second) * np.sin(turn / 2) ** 2
    half = np.clip(half, 0.0, 1.0)
    angle = 2 * np.arcsin(np.sqrt(half))
    mean, difference = (first + second) / 2, (second - first) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        one = (angle - np.sin(angle)) * (np.sin(mean) * np.cos(difference)) ** 2 / (1 - half)
        two = (angle + np.sin(angle)) * (np.cos(mean) * np.sin(difference)) ** 2 / half
    # At no distance, and at the other end of the Earth, the corrections are of no use.
    correction = np.where(half > 0, two, 0.0) + np.where(half < 0.9999, one, 0.0)
    correction = np.where(half < 0.9999, correction, 0.0)
    distance: Floats = _EQUATOR_KM * (angle - _FLATTENING / 2 * correction)
    return distance


def refuse_far(table: SiteTable, distance: Floats, limit: float) -> None:
    """Refuse sites whose nearest station is farther than a limit [km], if there is one."""
    far = distance > limit
    if limit > 0 and far.any():
        raise SiteError(
            f"{int(far.sum())} of {len(table)} sites are farther than {limit:g} km from any "
            f"weather station: {table.told(far)} (up to {distance.max():.0f} km)",
            where=table.where,
            hint="add nearer weather files, raise max_distance, or choose places",
        )


def _nearest(table: SiteTable, lon: Floats, lat: Floats) -> tuple[Numbers, Floats]:
    """Return the nearest station of each site, the first of equals, and how far it is [km]."""
    chosen = np.empty(len(table), dtype=np.int64)
    found = np.empty(len(table))
    step = max(1, _PAIRS // len(lon))
    for start in range(0, len(table), step):
        some = slice(start, start + step)
        distance = distances_km(table.lon[some, None], table.lat[some, None], lon, lat)
        chosen[some] = distance.argmin(axis=1)
        found[some] = distance.min(axis=1)
    return chosen, found


def _agrees(weather_zone: str, site_zone: str, koppen: str) -> bool | None:
    if not weather_zone:
        return None
    if site_zone:
        # Without precipitation a zone is a number alone.
        return weather_zone.startswith(site_zone)
    typical = zones_of_koppen(koppen)
    return weather_zone in typical if typical else None


def _station(path: Path) -> tuple[float, float]:
    """Return longitude and latitude of a weather file [deg]."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            words = file.readline().split(",")
        if words[0].lstrip("\ufeff").upper() != "LOCATION":
            raise ValueError
        lon, lat = float(words[7]), float(words[6])
    except (OSError, IndexError, ValueError) as error:
        raise WeatherError(
            "not an EPW file: its first line says no place",
            where=f"{path}, line 1",
            hint="it is LOCATION, city, state, country, source, station, latitude, longitude, ...",
        ) from error
    return lon, lat
