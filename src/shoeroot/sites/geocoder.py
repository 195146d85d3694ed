"""Ask an online geocoder for the names of places, politely; nothing here runs unless asked for."""

from __future__ import annotations

import json
import math
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import numpy as np
import pandas as pd

import shoeroot
from shoeroot.errors import SiteError
from shoeroot.sites.centroids import geometric_centroids
from shoeroot.sites.coverage import polygons_in

__all__ = ["NOMINATIM", "ask_geocoder"]

#: The geocoder of OpenStreetMap, whose terms of use allow one request a second.
NOMINATIM = "https://nominatim.openstreetmap.org/reverse"

#: Seconds from one request to the next, and until one is given up.
PAUSE, PATIENCE = 1.0, 20.0

#: What an address of Nominatim may call a settlement, the most fitting first.
SETTLEMENTS = ("city", "town", "municipality", "village", "hamlet", "county", "state")


def ask_geocoder(places: Any, address: str = NOMINATIM) -> pd.DataFrame:
    """Name places by what a geocoder says lies at their centroids, one request a second.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Polygons in any CRS.
    address : str
        Of the geocoder, which answers as Nominatim does.

    Returns
    -------
    pandas.DataFrame
        As `place_names` gives it; `distance_km` is NaN. Empty texts where the geocoder knows no
        settlement, or there is no geometry.

    Raises
    ------
    SiteError
        The geocoder cannot be reached or its answer cannot be read.
    """
    if urllib.parse.urlsplit(address).scheme not in ("http", "https"):
        raise SiteError("The address of a geocoder starts with https://", where=address)
    polygons = polygons_in(places, places.crs, "places")
    longitudes, latitudes = geometric_centroids(polygons, places.crs)
    found: list[tuple[str, str]] = []
    next_request = 0.0
    for longitude, latitude in zip(longitudes.tolist(), latitudes.tolist(), strict=True):
        if not math.isfinite(longitude + latitude):
            found.append(("", ""))
            continue
        time.sleep(max(next_request - time.monotonic(), 0.0))
        next_request = time.monotonic() + PAUSE
        found.append(_settlement(_ask(address, longitude, latitude)))
    table = pd.DataFrame(found, columns=["name", "country"], index=places.index, dtype=object)
    table["distance_km"] = np.nan
    return table


def _ask(address: str, longitude: float, latitude: float) -> dict[str, Any]:
    query = {
        "lon": f"{longitude:.6f}",
        "lat": f"{latitude:.6f}",
        "format": "jsonv2",
        "zoom": "10",
        "accept-language": "en",
    }
    request = urllib.request.Request(  # noqa: S310 - the scheme was looked at
        f"{address}?{urllib.parse.urlencode(query)}",
        headers={"User-Agent": f"shoeroot/{shoeroot.__version__}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            told = json.load(answer)
    except (urllib.error.URLError, OSError) as problem:
        raise SiteError(
            f"The geocoder cannot be asked: {problem}",
            where=address,
            hint='a network is needed; source="geonames" names places without one',
        ) from problem
    except ValueError as problem:
        raise SiteError(f"The geocoder's answer is no JSON: {problem}", where=address) from problem
    return told if isinstance(told, dict) else {}


def _settlement(told: dict[str, Any]) -> tuple[str, str]:
    parts = told.get("address")
    if not isinstance(parts, dict):
        return "", ""
    name = next((str(parts[kind]) for kind in SETTLEMENTS if kind in parts), "")
    return name, str(parts.get("country_code", "")).upper()
