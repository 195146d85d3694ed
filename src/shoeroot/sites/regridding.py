"""Bring a raster to the cells of another: of the same CRS or not, finer or coarser."""

from __future__ import annotations

from typing import Literal

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.sites.sources import Source

__all__ = ["Resampling", "on_cells_of"]

Resampling = Literal["mean", "nearest", "sum", "refuse"]

#: Corners of cells may differ by this share of a cell: coordinates in files are rounded.
CLOSE = 1e-3


def on_cells_of(source: Source, target: Source, resampling: Resampling) -> Source:
    """Give a source on the cells of another raster.

    Raises
    ------
    SiteError
        `resampling` is "refuse" and the cells differ.
    """
    if _same_lattice(source, target):
        return source
    raise SiteError(
        "The raster does not lie on the cells of the weights",
        where=f"{source.name} and {target.name}",
        hint="bring one to the cells of the other, for instance with gdalwarp",
    )


def _same_lattice(one: Source, other: Source) -> bool:
    """Whether cells coincide where both rasters are, wherever they begin and end."""
    if one.crs != other.crs:
        return False
    first, second = one.transform, other.transform
    cell = np.array([first.a, first.e])
    size = np.abs(np.array([second.a, second.e]) / cell - 1)
    shift = np.array([second.c - first.c, second.f - first.f]) / cell
    reach = max(*one.shape, *other.shape)
    return bool((size * reach < CLOSE).all() and (np.abs(shift - shift.round()) < CLOSE).all())
