"""Geometries as lists of bytes, as records hold them, and back."""

from __future__ import annotations

import itertools
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import SiteError
from shoeroot.sites.packages import require

__all__ = ["bytes_of", "geometries_of"]


def bytes_of(geometry: Any) -> list[int]:
    """Give the WKB of a geometry in longitude and latitude; none, or an empty one, has no bytes."""
    if geometry is None or geometry.is_empty:
        return []
    return list(require("shapely").to_wkb(geometry, output_dimension=2, byte_order=1))


def geometries_of(values: Any) -> NDArray[np.object_]:
    """Give the geometries of a column such as ``events.geometry``.

    Parameters
    ----------
    values : awkward array
        (n, variable), a byte of WKB each.

    Returns
    -------
    (n,) array of object
        Shapely geometries; None where there are no bytes.

    Raises
    ------
    SiteError
        The bytes are no geometry.
    """
    shapely = require("shapely")
    counts = np.asarray(ak.num(values, axis=1), dtype=np.int64)
    content = np.asarray(ak.flatten(values)).astype(np.uint8).tobytes()
    edges = np.concatenate([[0], np.cumsum(counts)]).tolist()
    pieces = np.empty(len(counts), dtype=object)
    for place, (start, stop) in enumerate(itertools.pairwise(edges)):
        pieces[place] = content[start:stop] if stop > start else None
    try:
        found: NDArray[np.object_] = shapely.from_wkb(pieces)
    except shapely.errors.GEOSException as problem:
        raise SiteError(
            f"the bytes of a site are no geometry: {problem}", hint="build the sites again"
        ) from problem
    return found
