"""Maps of sites to look at in a browser: extents, units and routes as layers with tooltips."""

from __future__ import annotations

import base64
import html
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from shoeroot.errors import SiteError
from shoeroot.sites.map_layers import (
    LEVEL_COLOURS,
    LEVEL_NAMES,
    UNIT_COLOURS,
    map_layers,
    write_map,
)
from shoeroot.sites.packages import require
from shoeroot.sites.static_map import draw_layers

__all__ = ["interactive_map"]

#: Columns that tooltips show where a table has them, and what they call them.
PLACE_COLUMNS = {
    "name": "Name",
    "country": "Country",
    "level": "Level",
    "population": "People",
    "area_km2": "Area [km2]",
    "id": "Id",
}
UNIT_COLUMNS = {
    "name": "Unit",
    "code": "Code",
    "class": "Class",
    "total": "People",
    "urban": "Urban people",
    "urban_high_density": "People in high density",
}
ROUTE_COLUMNS = {
    "origin": "From",
    "destination": "To",
    "minutes": "Minutes",
    "km": "km",
}

#: Shown where the page cannot load what draws the map.
NO_NETWORK = """
<div id="without-network" style="display:none;font-family:sans-serif;padding:1em">
<p>The map cannot move: Leaflet and the background come from the network, which cannot be reached.
This is a picture of it.</p>
<img alt="map" style="max-width:100%" src="data:image/png;base64,{picture}"></div>
<script>
if (typeof L === "undefined") {{
  document.getElementById("without-network").style.display = "block";
}}
</script>
"""


def interactive_map(
    places: Any,
    units: Any = None,
    routes: Any = None,
    path: str | os.PathLike[str] | None = None,
    *,
    tiles: str | None = "OpenStreetMap",
) -> Any:
    """Draw a map that moves: extents by level, units and routes are layers with tooltips.

    The page holds the geometry; Leaflet, which draws it, and the tiles of the background are
    loaded from the network when it is opened. Without one the page shows a picture of the map
    that is kept inside.

    Parameters
    ----------
    places : geopandas.GeoDataFrame or Extents
        Extents with `level`, `name`, `population`, `area_km2` where they have them; the frame of
        `sites_frame` as well.
    units : geopandas.GeoDataFrame, optional
        Units; with a column `class` (city, town, rural) they are coloured by it.
    routes : geopandas.GeoDataFrame, optional
        Lines with `origin`, `destination`, `minutes`, `km`.
    path : path, optional
        Page to write (.html); a file of that name is replaced when the new one is whole.
    tiles : str, optional
        Background, a name that folium knows; None: no background.

    Returns
    -------
    folium.Map
        A notebook shows it.

    Raises
    ------
    SiteError
        Nothing to draw, a table without a CRS, an unknown background, or a page that cannot be
        written.
    """
    folium = require("folium")
    layers = map_layers(places, units, routes)
    west, south, east, north = layers.bounds
    try:
        page = folium.Map(tiles=tiles, control_scale=True, prefer_canvas=True)
    except ValueError as problem:
        raise SiteError(
            f"The background {tiles!r} is not known: {problem}",
            hint='such as "OpenStreetMap", "OpenTopoMap", or None',
        ) from problem
    if layers.units is not None:
        _add_units(page, layers.units)
    if layers.places is not None:
        _add_places(page, layers.places)
    if layers.routes is not None:
        _add_routes(page, layers.routes)
    folium.LayerControl(collapsed=False).add_to(page)
    page.fit_bounds([[south, west], [north, east]])
    picture = io.BytesIO()
    draw_layers(layers).savefig(picture, format="png", dpi=110, bbox_inches="tight")
    text = NO_NETWORK.format(picture=base64.b64encode(picture.getvalue()).decode())
    page.get_root().html.add_child(folium.Element(text))
    if path is not None:
        write_map(Path(path), page.get_root().render().encode())
    return page


def _add_places(page: Any, places: Any) -> None:
    folium = require("folium")
    for level, table in places.groupby("level", sort=False):
        colour = LEVEL_COLOURS.get(level, "#f4b183")
        style = {"color": colour, "weight": 1, "fillColor": colour, "fillOpacity": 0.6}
        group = folium.FeatureGroup(name=f"{LEVEL_NAMES.get(level, level)} ({len(table)})")
        _features(table, PLACE_COLUMNS, lambda feature, style=style: style).add_to(group)
        group.add_to(page)


def _add_units(page: Any, units: Any) -> None:
    folium = require("folium")
    classed = "class" in units.columns

    def style(feature: dict[str, Any]) -> dict[str, Any]:
        kind = feature["properties"].get("class", "")
        return {
            "color": "#7f7f7f",
            "weight": 0.7,
            "fillColor": UNIT_COLOURS.get(kind, "#ffffff"),
            "fillOpacity": 0.5 if classed else 0.05,
        }

    group = folium.FeatureGroup(name=f"Units ({len(units)})")
    _features(units, UNIT_COLUMNS, style).add_to(group)
    group.add_to(page)


def _add_routes(page: Any, routes: Any) -> None:
    folium = require("folium")
    group = folium.FeatureGroup(name=f"Routes ({len(routes)})")
    style = {"color": "#2166ac", "weight": 2, "opacity": 0.7}
    _features(routes, ROUTE_COLUMNS, lambda feature: style).add_to(group)
    group.add_to(page)


def _features(table: Any, columns: dict[str, str], style: Any) -> Any:
    """Make a layer of the geometries of a table with some of its columns as tooltips."""
    folium, geopandas, shapely = require("folium"), require("geopandas"), require("shapely")
    shown = {column: title for column, title in columns.items() if column in table.columns}
    geometry = shapely.transform(np.asarray(table.geometry.array, dtype=object), _rounded)
    told = {column: [_told(value) for value in table[column]] for column in shown}
    frame = geopandas.GeoDataFrame(told, geometry=geometry, crs=table.crs)
    tooltip = (
        folium.GeoJsonTooltip(fields=list(shown), aliases=list(shown.values())) if shown else None
    )
    return folium.GeoJson(frame.to_json(), style_function=style, tooltip=tooltip)


def _rounded(coordinates: Any) -> Any:
    # A metre: the page is half as large as with all digits.
    return np.round(coordinates, 5)


def _told(value: Any) -> str:
    """Write a value for a tooltip; texts come from files of others, and are no HTML."""
    if value is None or value is pd.NA or value != value:
        return ""
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
    text = str(value)
    return html.escape(LEVEL_NAMES.get(text, text))
