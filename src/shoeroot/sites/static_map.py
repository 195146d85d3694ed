"""A map of sites as a picture: extents, units, routes, names and a scale."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError, nearest
from shoeroot.sites.directions import degrees, unit_vectors
from shoeroot.sites.map_layers import (
    LEVEL_COLOURS,
    LEVEL_NAMES,
    UNIT_COLOURS,
    MapLayers,
    map_layers,
    write_map,
)
from shoeroot.sites.packages import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_layers", "static_map"]

#: Long side of the picture [inch].
LONG_SIDE = 9.0


def static_map(
    places: Any,
    units: Any = None,
    routes: Any = None,
    path: str | Path | None = None,
    *,
    colour_by: str = "level",
    names: int = 20,
    title: str = "",
) -> Figure:
    """Draw extents, units and routes around their middle, in an equal-area projection.

    Parameters
    ----------
    places : geopandas.GeoDataFrame or Extents
        Extents with `level`, and `name` and `population` for names on the map.
    units : geopandas.GeoDataFrame, optional
        Units; with a column `class` (city, town, rural) they are coloured by it. The map shows
        their area.
    routes : geopandas.GeoDataFrame, optional
        Lines, coloured by `minutes` where they have it.
    path : path, optional
        Picture to write: .png, .pdf or .svg.
    colour_by : str
        Column of the places: "level", or one of numbers, such as `population`.
    names : int
        So many of the largest places are named, where there is room.
    title : str
        Above the map.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot: save it, or show it in a notebook.

    Raises
    ------
    SiteError
        Nothing to draw, a table without a CRS, no such column, or a picture that cannot be
        written.
    """
    layers = map_layers(places, units, routes)
    figure = draw_layers(layers, colour_by=colour_by, names=names, title=title)
    if path is not None:
        _save(figure, Path(path))
    return figure


def _save(figure: Figure, path: Path) -> None:
    known = sorted(figure.canvas.get_supported_filetypes())
    kind = path.suffix.lower().removeprefix(".")
    if kind not in known:
        raise SiteError(
            f"A map cannot be drawn as {path.suffix or path.name!r}",
            where=str(path),
            hint="*.png, *.pdf, *.svg, or *.html for a browser",
        )
    picture = io.BytesIO()
    figure.savefig(picture, format=kind, dpi=160, bbox_inches="tight")
    write_map(path, picture.getvalue())


def draw_layers(
    layers: MapLayers, *, colour_by: str = "level", names: int = 20, title: str = ""
) -> Figure:
    """Draw layers as `static_map` does."""
    from matplotlib.figure import Figure

    crs = _projection(layers)
    shown = next(one for one in (layers.units, layers.places, layers.routes) if one is not None)
    left, bottom, right, top = shown.to_crs(crs).total_bounds
    margin = 0.03 * max(right - left, top - bottom, 1000.0)
    left, right, bottom, top = left - margin, right + margin, bottom - margin, top + margin
    shape = np.array([right - left, top - bottom])
    width, height = np.maximum(shape / shape.max() * LONG_SIDE, 0.4 * LONG_SIDE)
    figure = Figure(figsize=(width + 0.4, height + 0.5), layout="compressed")
    axes = figure.subplots()
    axes.set_facecolor("#fbfbf9")
    handles = _draw_units(axes, layers.units, crs)
    handles += _draw_places(figure, axes, layers.places, crs, colour_by)
    _draw_routes(figure, axes, layers.routes, crs)
    axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    # GeoPandas labels the axes with metres of a projection that says nothing to a reader.
    axes.set(xticks=[], yticks=[], xlabel="", ylabel="")
    for side in axes.spines.values():
        side.set_color("#999999")
    if title:
        axes.set_title(title, loc="left", fontsize=13, fontweight="bold")
    if handles:
        figure.legend(
            handles=handles, loc="outside lower center", ncols=len(handles), frameon=False
        )
    _draw_scale(axes)
    if names and layers.places is not None:
        _write_names(figure, axes, layers.places, crs, names)
    return figure


def _projection(layers: MapLayers) -> Any:
    """Take Lambert's azimuthal equal-area projection around the middle of what is shown."""
    pyproj, shapely = require("pyproj"), require("shapely")
    shown = next(one for one in (layers.units, layers.places, layers.routes) if one is not None)
    # Directions have a middle at the antimeridian as well.
    points = shapely.get_coordinates(np.asarray(shown.geometry.envelope.array, dtype=object))
    longitude, latitude = degrees(unit_vectors(points[:, 0], points[:, 1]).mean(axis=0)[None])
    return pyproj.CRS.from_dict(
        {
            "proj": "laea",
            "lon_0": round(float(longitude[0]), 4),
            "lat_0": round(float(latitude[0]), 4),
            "datum": "WGS84",
            "units": "m",
        }
    )


def _draw_units(axes: Axes, units: Any, crs: Any) -> list[Any]:
    from matplotlib.patches import Patch

    if units is None:
        return []
    edge = {"edgecolor": "#b0b0b0", "linewidth": 0.4}
    turned = units.to_crs(crs)
    turned.dissolve().boundary.plot(ax=axes, color="#666666", linewidth=1.2, zorder=2)
    if "class" not in units.columns:
        turned.plot(ax=axes, color="#f1f3f5", **edge)
        return []
    turned.plot(ax=axes, color=[UNIT_COLOURS.get(one, "#ffffff") for one in units["class"]], **edge)
    return [
        Patch(facecolor=UNIT_COLOURS[kind], edgecolor="#b0b0b0", label=f"Unit: {kind}")
        for kind in UNIT_COLOURS
        if (units["class"] == kind).any()
    ]


def _draw_places(figure: Figure, axes: Axes, places: Any, crs: Any, colour_by: str) -> list[Any]:
    from matplotlib.patches import Patch

    if places is None:
        return []
    if colour_by not in places.columns:
        raise SiteError(
            f"The places have no column {colour_by!r} to be coloured by",
            hint=nearest(colour_by, map(str, places.columns)),
        )
    turned = places.to_crs(crs)
    if colour_by == "level":
        colours = [LEVEL_COLOURS.get(level, "#f4b183") for level in places["level"]]
        turned.plot(ax=axes, color=colours, edgecolor="#7a1a1a", linewidth=0.25, alpha=0.85)
        return [
            Patch(
                facecolor=LEVEL_COLOURS.get(level, "#f4b183"),
                edgecolor="#7a1a1a",
                label=LEVEL_NAMES.get(level, level),
            )
            for level in places["level"].unique()[::-1]
        ]
    values = np.asarray(places[colour_by])
    if values.dtype.kind not in "iuf":
        raise SiteError(f"The column {colour_by!r} holds no numbers to be coloured by")
    colours = _shades(figure, axes, values, colour_by)
    turned.plot(ax=axes, color=colours, edgecolor="#7a1a1a", linewidth=0.25)
    return []


def _shades(figure: Figure, axes: Axes, values: Any, label: str) -> Any:
    """Give a colour to each number, by logarithm where they span more than a factor of 10."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LogNorm, Normalize

    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    high = high if high > low else low + 1.0
    norm = LogNorm(low, high) if 0 < low < high / 10 else Normalize(low, high)
    scale = ScalarMappable(norm, colormaps["YlOrRd"].with_extremes(bad="#dddddd"))
    figure.colorbar(scale, ax=axes, shrink=0.6, label=label, pad=0.01)
    return scale.to_rgba(np.ma.masked_invalid(values))


def _draw_routes(figure: Figure, axes: Axes, routes: Any, crs: Any) -> None:
    from matplotlib.collections import LineCollection

    shapely = require("shapely")
    if routes is None:
        return
    if "minutes" in routes.columns:  # short ways lie over the long ones that share their cells
        routes = routes.sort_values("minutes", ascending=False)
    parts, owners = shapely.get_parts(
        np.asarray(routes.to_crs(crs).geometry.array, dtype=object), return_index=True
    )
    lines = [shapely.get_coordinates(part) for part in parts]
    if "minutes" in routes.columns:
        minutes = np.asarray(routes["minutes"], float)[owners]
        collection = LineCollection(lines, array=minutes, cmap="viridis_r", linewidths=1.1)
        figure.colorbar(collection, ax=axes, shrink=0.6, label="minutes", pad=0.01)
    else:
        collection = LineCollection(lines, colors="#2166ac", linewidths=1.1)
    collection.set_zorder(3)
    axes.add_collection(collection)


def _draw_scale(axes: Axes) -> None:
    """Draw a bar of a round length; the projection has true lengths near its middle."""
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    wanted = (right - left) / 5
    power = 10.0 ** np.floor(np.log10(wanted))
    length = power * max(step for step in (1, 2, 5) if step * power <= wanted)
    x, y = left + 0.03 * (right - left), bottom + 0.035 * (top - bottom)
    axes.plot([x, x + length], [y, y], color="#333333", linewidth=2.5, solid_capstyle="butt")
    label = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    axes.annotate(
        label, (x + length / 2, y), (0, 4), textcoords="offset points", ha="center", fontsize=9
    )


def _write_names(figure: Figure, axes: Axes, places: Any, crs: Any, count: int) -> None:
    """Write the names of the largest places, but none over another."""
    from matplotlib.patheffects import withStroke

    if "name" not in places.columns:
        return
    figure.draw_without_rendering()
    frame = axes.get_window_extent()
    taken: list[Any] = []
    for name, x, y in _named_points(places, crs):
        if len(taken) == count:
            return
        text = axes.text(
            x,
            y,
            name.replace("$", r"\$"),
            fontsize=9,
            ha="center",
            va="center",
            zorder=5,
            path_effects=[withStroke(linewidth=2.5, foreground="white")],
        )
        box = text.get_window_extent()
        inside = frame.contains(box.x0, box.y0) and frame.contains(box.x1, box.y1)
        if not inside or any(box.overlaps(other) for other in taken):
            text.remove()
        else:
            taken.append(box.expanded(1.1, 1.2))


def _named_points(places: Any, crs: Any) -> list[tuple[str, float, float]]:
    """List names and where to write them: urban centres first, then by population."""
    geopandas = require("geopandas")
    named = places[places["name"].fillna("").astype(str) != ""]
    if {"lon", "lat"} <= set(named.columns):
        points = geopandas.points_from_xy(named["lon"], named["lat"], crs="EPSG:4326")
    else:
        points = named.geometry.representative_point().array
    points = points.to_crs(crs)
    people = named["population"] if "population" in named.columns else [0.0] * len(named)
    order = np.lexsort((-np.asarray(people, float), named["level"] != "urban_centre"))
    names, x, y = np.asarray(named["name"].astype(str)), points.x, points.y
    # A cluster bears the name of the centre in it.
    first = {names[row]: row for row in order[::-1]}
    return [(names[row], x[row], y[row]) for row in order if first[names[row]] == row]
