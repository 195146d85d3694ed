"""The routes of an analysis: between sites of a level, and from sites to units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from shoeroot.records import Route
from shoeroot.sites.build_layers import Places
from shoeroot.sites.packages import require
from shoeroot.sites.raster_files import open_raster, read_grid
from shoeroot.sites.steps import Inputs, Steps, from_plain, plain_of

if TYPE_CHECKING:
    from shoeroot.sites.config import Friction, SitesConfig

__all__ = ["site_routes", "unit_times"]


#: Ways may leave the area of the sites by this at least, however small the margin is [km].
LEAST_MARGIN = 10.0


class _Graph:
    """The graph of the friction raster, made when a step first asks for it."""

    def __init__(self, config: SitesConfig, places: Places, *, show: bool) -> None:
        self._config = config
        self._places = places
        self._show = show
        self._made: Any = None

    def __call__(self) -> Any:
        from shoeroot.sites.travel import friction_graph

        if self._made is None:
            settings = _settings(self._config)
            source = self._config.source(settings.path)
            grid = read_grid(source, bounds=self._bounds(source))
            self._made = friction_graph(grid, metric=settings.metric, progress=self._show)
        return self._made

    def _bounds(self, source: str) -> tuple[float, float, float, float] | None:
        """Say what is read: what the sites span, and the margin around."""
        from shoeroot.sites.build_extents import widened

        table = self._places.table
        west, east = float(table["lon"].min()), float(table["lon"].max())
        if east - west > 180:
            return None  # across the antimeridian
        span = (west, float(table["lat"].min()), east, float(table["lat"].max()))
        raster = open_raster(source)
        transformer = require("pyproj").Transformer.from_crs(4326, raster.crs, always_xy=True)
        found = transformer.transform_bounds(
            *widened(span, max(self._config.margin_km, LEAST_MARGIN)), densify_pts=101
        )
        return found if np.isfinite(found).all() else None


def site_routes(
    config: SitesConfig, places: Places, steps: Steps, inputs: Inputs, *, show: bool
) -> list[list[Route]]:
    """Find the ways between the sites of each level."""
    from shoeroot.sites.travel import as_routes

    settings = _settings(config)
    graph = _Graph(config, places, show=show)
    routes: list[list[Route]] = [[] for _ in range(len(places.table))]
    for level in config.levels:
        rows = np.flatnonzero(places.table["level"] == level)
        table = places.table.iloc[rows]

        def make(table: Any = table) -> Any:
            options = {"limit": settings.limit, "snap": settings.snap_km}
            made = (
                graph().routes(table, **options)
                if settings.lines
                else graph().matrix(table, **options)
            )
            return plain_of(as_routes(made, table["id"].tolist()))

        made_from = {**_made_from(config, places, inputs), "places": _points(table)}
        found = from_plain(
            Route, steps.value("routes", made_from, make, f"routes, {level.replace('_', ' ')}s")
        )
        for row, ways in zip(rows, found, strict=True):
            routes[row] = ways
    return routes


def unit_times(
    config: SitesConfig, places: Places, units: Places, steps: Steps, inputs: Inputs, *, show: bool
) -> pd.DataFrame:
    """Find the times from each site to the population-weighted centroid of each unit.

    Returns
    -------
    DataFrame
        ``site``, ``unit`` (code), ``minutes``, ``km``; pairs without a way are left out.
    """
    settings = _settings(config)
    graph = _Graph(config, places, show=show)
    # Nobody's centroid is nowhere.
    ends = units.table[units.table["lon"].notna()]

    def make() -> Any:
        table = (
            graph()
            .matrix(places.table, ends, limit=settings.limit, snap=settings.snap_km)
            .dropna(subset="minutes")
        )
        return {name: table[name].tolist() for name in table}

    made_from = {
        **_made_from(config, places, inputs),
        "places": _points(places.table),
        "units": [ends["code"].tolist(), ends["lon"].tolist(), ends["lat"].tolist()],
    }
    columns = steps.value("unit_times", made_from, make, "times to units")
    return pd.DataFrame(columns).rename(columns={"origin": "site", "destination": "unit"})


def _settings(config: SitesConfig) -> Friction:
    assert config.friction is not None  # noqa: S101  asked for where there is one
    return config.friction


def _points(table: Any) -> list[Any]:
    return [table["id"].tolist(), table["lon"].tolist(), table["lat"].tolist()]


def _made_from(config: SitesConfig, places: Places, inputs: Inputs) -> dict[str, Any]:
    settings = _settings(config)
    table = places.table
    return {
        "friction": inputs.hash(config.source(settings.path)),
        "settings": [settings.metric, str(settings.limit), settings.snap_km, settings.lines],
        # They decide which part of the raster is read.
        "margin_km": config.margin_km,
        "span": [float(table[name].agg(how)) for name in ("lon", "lat") for how in ("min", "max")],
    }
