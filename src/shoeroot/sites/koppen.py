"""Koppen-Geiger climate classes of places, from a raster in which classes are numbered."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.sites.extraction import extract_classes
from shoeroot.sites.packages import require
from shoeroot.sites.regridding import on_cells_of
from shoeroot.sites.sources import Block, Raster, Source, open_source
from shoeroot.sites.zones import Zones, prepare_zones

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["KOPPEN_CLASSES", "koppen"]

#: Classes by their number in the rasters of Beck et al., "Present and future Koppen-Geiger climate
#: classification maps at 1-km resolution", Scientific Data 5:180214 (2018), and of their update,
#: Scientific Data 10:724 (2023). 0 is the sea.
KOPPEN_CLASSES: Mapping[int, str] = {
    1: "Af", 2: "Am", 3: "Aw",
    4: "BWh", 5: "BWk", 6: "BSh", 7: "BSk",
    8: "Csa", 9: "Csb", 10: "Csc", 11: "Cwa", 12: "Cwb", 13: "Cwc",
    14: "Cfa", 15: "Cfb", 16: "Cfc",
    17: "Dsa", 18: "Dsb", 19: "Dsc", 20: "Dsd", 21: "Dwa", 22: "Dwb", 23: "Dwc", 24: "Dwd",
    25: "Dfa", 26: "Dfb", 27: "Dfc", 28: "Dfd",
    29: "ET", 30: "EF",
}  # fmt: skip


def koppen(
    places: GeoDataFrame,
    raster: Raster,
    *,
    population: Raster | None = None,
    classes: Mapping[int, str] = KOPPEN_CLASSES,
) -> list[str]:
    """Say the climate class of each place.

    Parameters
    ----------
    places : GeoDataFrame
        Polygons in any CRS.
    raster : raster
        Numbers of classes.
    population : raster, optional
        People of each cell. With it, the class is the one that most people live in. Without, it
        is that of the centroid, and where that has none (at a coast), that of most cells.
    classes : mapping of int to str
        Names of the numbers; what is not in it, such as 0 for the sea, is no class.

    Returns
    -------
    list of str
        Empty where no class is known. Of classes with equal shares the lower number counts.

    Raises
    ------
    SiteError
        No cell that places cover is in the table of classes, or the raster cannot be used.
    """
    with contextlib.ExitStack() as stack:
        source = stack.enter_context(open_source(raster))
        zones = prepare_zones(places, source)
        chosen = [_largest(shares, classes) for shares in _shares(source, zones, classes)]
        if population is not None:
            people = stack.enter_context(open_source(population))
            on_homes = on_cells_of(source, people, "nearest")
            shares = extract_classes(on_homes, people, prepare_zones(places, on_homes))
            preferred = [_largest(each, classes) for each in shares]
        else:
            preferred = _at_centroids(source, zones)
    return [
        classes.get(first, "") or classes.get(other, "")
        for first, other in zip(preferred, chosen, strict=True)
    ]


def _shares(source: Source, zones: Zones, classes: Mapping[int, str]) -> list[dict[int, float]]:
    shares = extract_classes(source, None, zones)
    met = {number for each in shares for number in each}
    if met and not met & set(classes):
        raise SiteError(
            f"No number of the raster is a climate class: {sorted(met)[:10]}",
            where=source.name,
            hint=f"classes are numbered {min(classes)} to {max(classes)}; is it the right raster?",
        )
    return shares


def _largest(shares: Mapping[int, float], classes: Mapping[int, str]) -> int:
    known = {number: share for number, share in shares.items() if number in classes}
    return min(known, key=lambda number: (-known[number], number), default=0)


def _at_centroids(source: Source, zones: Zones) -> list[int]:
    """Read the class of the cell that the centroid of each zone lies in; 0 where there is none."""
    found = [0] * len(zones.index)
    rows, columns = source.shape
    points = require("shapely").get_coordinates(require("shapely").centroid(zones.polygons))
    across = np.floor((points[:, 0] - source.transform.c) / source.transform.a).astype(int)
    down = np.floor((points[:, 1] - source.transform.f) / source.transform.e).astype(int)
    for position, row, column in zip(zones.positions, down, across, strict=True):
        if 0 <= row < rows and 0 <= column < columns:
            value = source.read(Block(int(row), int(column), 1, 1))[0, 0]
            found[position] = 0 if np.isnan(value) else int(value)
    return found
