"""Where the cells of a grid lie: transforms and coordinate reference systems, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.optional import import_optional

if TYPE_CHECKING:
    from affine import Affine
    from pyproj import CRS

__all__ = [
    "CLOSE",
    "HINT",
    "as_crs",
    "check_transform",
    "differences",
    "goes_round",
    "no_crs",
    "shifted",
]

HINT = "pip install 'shoeroot[sites]'"

# Corners of two grids may differ by this share of a cell: coordinates in files are rounded.
CLOSE = 1e-3


def as_crs(crs: Any) -> CRS:
    """Give what pyproj, rasterio or a user calls a CRS as pyproj's."""
    pyproj = import_optional("pyproj", "knows coordinate reference systems", HINT)
    if not isinstance(crs, pyproj.CRS):
        # rasterio's own object knows only its WKT; names and numbers are understood as well.
        crs = pyproj.CRS.from_user_input(crs.to_wkt() if hasattr(crs, "to_wkt") else crs)
    known: CRS = crs
    return known


def no_crs(name: str) -> SiteError:
    """Error of a raster without a CRS."""
    return SiteError(
        "It has no coordinate reference system",
        where=name,
        hint="write it into the file: gdal_edit.py -a_srs EPSG:... FILE",
    )


def check_transform(transform: Affine, name: str) -> None:
    """See that cells have a size and that their rows run from west to east or back."""
    if transform.b or transform.d:
        raise SiteError(
            "Its rows do not run from west to east: the grid is turned",
            where=name,
            hint="gdalwarp FILE STRAIGHT.tif makes a grid that is not",
        )
    if not (transform.a and transform.e and np.isfinite([*transform[:6]]).all()):
        raise SiteError(f"Its cells have no size: {tuple(transform[:6])}", where=name)


def differences(one: Any, other: Any) -> str:
    """Say in what two grids (or raster files) differ; nothing when they have the same cells."""
    found = []
    if not (one.crs == other.crs or one.crs.equals(other.crs, ignore_axis_order=True)):
        found.append(f"CRS {one.crs.name} and {other.crs.name}")
    if one.shape != other.shape:
        found.append(f"shapes {one.shape} and {other.shape}")
    corners = np.array([[*each.transform[:6]] for each in (one, other)])
    far = np.abs(corners[0] - corners[1])
    # A difference of the cells' size grows with their number.
    far[[0, 4]] *= one.shape[1], one.shape[0]
    if (far > CLOSE * min(abs(one.transform.a), abs(one.transform.e))).any():
        found.append(f"transforms {tuple(one.transform[:6])} and {tuple(other.transform[:6])}")
    return "; ".join(found)


def shifted(transform: Affine, columns: int, rows: int) -> Affine:
    """Give the transform of a grid that begins some columns and rows later."""
    return type(transform)(
        transform.a,
        0.0,
        transform.c + columns * transform.a,
        0.0,
        transform.e,
        transform.f + rows * transform.e,
    )


def goes_round(transform: Affine, crs: CRS, shape: tuple[int, int]) -> bool:
    """Say whether geographic cells go round the Earth: the last column lies beside the first."""
    if not crs.is_geographic:
        return False
    turn = 2 * np.pi / crs.axis_info[0].unit_conversion_factor
    return bool(abs(shape[1] * transform.a - turn) < CLOSE * transform.a)
