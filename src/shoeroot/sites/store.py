"""Sites on disk: events like any others, written at once or not at all, and read as a table."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import EventFileError, SiteError
from shoeroot.events import WHAT_TO_GIVE, Events, EventWriter, open_events
from shoeroot.records import Site
from shoeroot.sites.packages import require
from shoeroot.sites.wkb import geometries_of

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["open_sites", "output_of", "routes_frame", "sites_frame", "write_sites"]

#: Columns of `sites_frame`, in its order; texts are read as such.
TEXTS = ("level", "name", "country", "eca_id", "koppen")
COLUMNS = (
    *("level", "name", "country", "lon", "lat", "area_km2", "population"),
    *("hd_id", "eca_id", "koppen"),
)
GEOGRAPHIC = "EPSG:4326"
#: Where the old events wait while several parts change places.
BEFORE = ".events-before"


def write_sites(
    folder: str | Path, sites: Sequence[Site], metadata: Mapping[str, str] | None = None
) -> Path:
    """Write sites as the events of a folder, in place of those that are there.

    They are written beside the old ones, which are replaced when all is on disk: whoever reads
    meanwhile, and whatever stops the writer, finds the one or the other. There is one writer at
    a time.

    Parameters
    ----------
    folder : path
        Made where it is not there; its ``events`` hold the sites.
    sites : sequence of Site
        At least one; their ids differ.
    metadata : mapping of str to str, optional
        Texts kept in the files, as `shoeroot.events.EventWriter` takes them.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    SiteError
        There are no sites, or two with the same id.
    EventFileError
        They cannot be written.
    """
    target = Path(folder)
    _check(sites, target)
    try:
        target.mkdir(parents=True, exist_ok=True)
        _clean(target)
        waiting = Path(tempfile.mkdtemp(prefix=".events-", dir=target))
    except OSError as problem:
        raise EventFileError(
            f"the sites cannot be written: {problem.strerror or problem}",
            where=str(target),
            hint="give a folder on a disk with room that you may write to",
        ) from problem
    try:
        with EventWriter(waiting, Site, metadata=metadata, expected_events=len(sites)) as writer:
            writer.write(sites)
        _replace(waiting, target / "events")
    finally:
        shutil.rmtree(waiting, ignore_errors=True)
    return target


def open_sites(sites: str | Path | Events) -> Events:
    """Open the sites of a folder, of the ``sites.toml`` that made it, or a file of them.

    Raises
    ------
    SiteError
        There are none, or the events are no sites.
    """
    if isinstance(sites, Events):
        return _checked(sites, "sites")
    path = output_of(sites)
    try:
        opened = open_events(path)
    except EventFileError as problem:
        raise SiteError(
            f"the sites cannot be read: {problem.problem}",
            where=problem.where or str(path),
            hint="give a folder that `shoeroot sites build` made"
            if problem.hint in ("", WHAT_TO_GIVE)
            else problem.hint,
        ) from problem
    try:
        return _checked(opened, str(path))
    except SiteError:
        opened.close()
        raise


def output_of(sites: str | Path) -> Path:
    """Give the folder of sites that a ``sites.toml`` made, or the path itself."""
    path = Path(sites)
    if path.suffix == ".toml" and path.is_file():
        from shoeroot.sites.config import read_sites_config

        return read_sites_config(path).one_output()
    return path


def sites_frame(sites: str | Path | Events) -> gpd.GeoDataFrame:
    """Give sites as a table with geometries.

    Parameters
    ----------
    sites : path or Events
        As `open_sites` takes them.

    Returns
    -------
    geopandas.GeoDataFrame
        A row a site: ``id``, ``level``, ``name``, ``country``, ``lon`` and ``lat`` [deg] of the
        population-weighted centroid, ``area_km2``, ``population`` [people], ``hd_id``, ``eca_id``,
        ``koppen``, and ``geometry`` in longitude and latitude (EPSG:4326).
    """
    if not isinstance(sites, Events):
        with open_sites(sites) as opened:
            return sites_frame(opened)
    events = open_sites(sites)
    columns: dict[str, Any] = {"id": np.asarray(events.event_id, dtype=np.int64)}
    for name in COLUMNS:
        values = events[name]
        columns[name] = values.to_list() if name in TEXTS else np.asarray(values)
    columns["geometry"] = geometries_of(events.geometry)
    frame: gpd.GeoDataFrame = require("geopandas").GeoDataFrame(columns, crs=GEOGRAPHIC)
    return frame


def routes_frame(sites: str | Path | Events) -> gpd.GeoDataFrame:
    """Give the routes between sites as a table with lines.

    Returns
    -------
    geopandas.GeoDataFrame
        A row a route: ``origin`` and ``destination`` (ids), ``minutes``, ``km``, and
        ``geometry``, a line in longitude and latitude (EPSG:4326).
    """
    if not isinstance(sites, Events):
        with open_sites(sites) as opened:
            return routes_frame(opened)
    import awkward as ak

    events = open_sites(sites)
    routes = events.routes
    counts = np.asarray(events.counts("routes"))
    columns = {
        "origin": np.repeat(np.asarray(events.event_id, dtype=np.int64), counts),
        "destination": np.asarray(ak.flatten(routes.to), dtype=np.int64),
        "minutes": np.asarray(ak.flatten(routes.minutes)),
        "km": np.asarray(ak.flatten(routes.km)),
        "geometry": geometries_of(ak.flatten(routes.wkb, axis=1)),
    }
    frame: gpd.GeoDataFrame = require("geopandas").GeoDataFrame(columns, crs=GEOGRAPHIC)
    return frame


def _check(sites: Sequence[Site], target: Path) -> None:
    if not sites:
        raise SiteError(
            "there are no sites to write",
            where=str(target),
            hint="lower the thresholds, or look whether the raster holds people per cell",
        )
    ids = np.array([site.event_id for site in sites], dtype=np.int64)
    found, counts = np.unique(ids, return_counts=True)
    if len(found) < len(ids):
        raise SiteError(
            f"{counts.max()} sites have the id {found[counts.argmax()]}",
            where=str(target),
            hint="each site needs an id of its own",
        )


def _clean(target: Path) -> None:
    """Put right what a killed writer left."""
    before, events = target / BEFORE, target / "events"
    if before.is_dir() and not events.exists():
        before.rename(events)
    for left in target.glob(".events-*"):
        shutil.rmtree(left, ignore_errors=True)


def _checked(events: Events, where: str) -> Events:
    if events.record_type.name != Site.__name__:
        raise SiteError(
            f"these events are no sites but {events.record_type.name}",
            where=where,
            hint="give a folder that `shoeroot sites build` made",
        )
    return events


def _replace(waiting: Path, events: Path) -> None:
    """Put new parts in the place of old ones; a single part, the usual, at one stroke."""
    new = sorted(waiting.glob("part-*.root"))
    old = sorted(events.glob("part-*.root")) if events.is_dir() else []
    if len(new) == 1 and len(old) <= 1:
        events.mkdir(exist_ok=True)
        new[0].replace(events / new[0].name)
        return
    # Several: the folders change places, so that no mixture of old and new is ever read.
    before = events.with_name(BEFORE)
    shutil.rmtree(before, ignore_errors=True)
    with suppress(FileNotFoundError):
        events.rename(before)
    waiting.rename(events)
    shutil.rmtree(before, ignore_errors=True)
