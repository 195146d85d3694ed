"""Site records of a table of places and what was found out about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from shoeroot.records import Site
from shoeroot.sites.reprojection import reproject_polygons
from shoeroot.sites.transforms import as_crs
from shoeroot.sites.wkb import bytes_of

__all__ = ["site_records"]

#: What a site has where nothing was found out; lists are made anew for each.
DEFAULTS: dict[str, Any] = {"name": "", "country": "", "hd_id": 0, "eca_id": "", "koppen": ""}
LISTS = ("admin", "ntl", "built", "flood", "climate", "pm25", "routes")
#: How far an edge may lie from the true one [deg]: about ten metres.
TOLERANCE = 1e-4
#: Columns of the places themselves.
OWN = ("level", "lon", "lat", "area_km2", "population")


def site_records(places: Any, columns: Mapping[str, Sequence[Any]]) -> list[Site]:
    """Make a record of each place.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Columns ``id``, ``level``, ``population``, ``area_km2``, ``lon``, ``lat``, and polygons in
        any CRS.
    columns : mapping of str to sequence
        Other fields of `Site`, a value a place. Those that are left out are empty.
    """
    given = np.asarray(places.geometry.array, dtype=object)
    polygons = reproject_polygons(given, places.crs, as_crs(4326), TOLERANCE)
    sites = []
    own = zip(places["id"].tolist(), *(places[name].tolist() for name in OWN), strict=True)
    for place, (number, *values) in enumerate(own):
        known: dict[str, Any] = {
            **DEFAULTS,
            **{name: [] for name in LISTS},
            **dict(zip(OWN, values, strict=True)),
            **{name: found[place] for name, found in columns.items()},
        }
        sites.append(Site(event_id=number, geometry=bytes_of(polygons[place]), **known))
    return sites
