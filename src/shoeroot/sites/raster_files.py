"""Raster files: looked at without reading them, and read whole, in parts or by windows of rows."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.optional import import_optional
from shoeroot.sites.grid import Grid, check_same
from shoeroot.sites.transforms import (
    CLOSE,
    HINT,
    as_crs,
    check_transform,
    goes_round,
    no_crs,
    shifted,
)

if TYPE_CHECKING:
    from affine import Affine
    from pyproj import CRS

__all__ = ["RasterFile", "Window", "map_cells", "open_raster", "read_grid"]


@dataclass(frozen=True, slots=True)
class Window:
    """Some whole rows of a raster, counted from its north.

    Parameters
    ----------
    first, last : int
        Rows that it stands for, the last excluded.
    top, bottom : int
        Rows that were read: more on both sides when a margin was asked for.
    grid : Grid
        What was read.
    """

    first: int
    last: int
    top: int
    bottom: int
    grid: Grid


@dataclass(frozen=True, slots=True, eq=False)
class RasterFile:
    """A band of a file, or a part of it, read by windows of rows; like a `Grid` without values.

    `stored` and `stored_shape` are those of the whole file, in which the part begins at the row
    and column `corner`, counted from the north-west.
    """

    path: str
    band: int
    shape: tuple[int, int]
    transform: Affine
    crs: CRS
    name: str
    stored: Affine
    stored_shape: tuple[int, int]
    corner: tuple[int, int] = (0, 0)
    valid_minimum: float | None = None
    valid_maximum: float | None = None

    @property
    def wraps(self) -> bool:
        """Whether it goes round the Earth: the last column lies beside the first."""
        return goes_round(self.transform, self.crs, self.shape)

    def read(self, top: int = 0, bottom: int | None = None) -> Grid:
        """Read rows from `top` to `bottom`, the last excluded, counted from the north."""
        rasterio = import_optional("rasterio", "reads rasters", HINT)
        rows, columns = self.shape[0] if bottom is None else bottom, self.shape[1]
        rows -= top
        first, begin = self.corner[0] + top, self.corner[1]
        flip_rows, flip_columns = self.stored.e > 0, self.stored.a < 0
        if flip_rows:
            first = self.stored_shape[0] - first - rows
        if flip_columns:
            begin = self.stored_shape[1] - begin - columns
        window = rasterio.windows.Window(begin, first, columns, rows)
        try:
            with rasterio.open(self.path) as file:
                values = _values(file, self.band, window)
        except rasterio.errors.RasterioError as problem:
            # rasterio says to look at the cause, which is what GDAL said.
            raise SiteError(
                f"The raster cannot be read: {problem.__cause__ or problem}",
                where=self.name,
                hint="is the file whole? fetch it again",
            ) from problem
        values = values[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]
        grid = Grid(
            np.ascontiguousarray(values), shifted(self.transform, 0, top), self.crs, self.name
        )
        return _keep_valid(grid, self.valid_minimum, self.valid_maximum)

    def windows(self, rows: int, margin: int = 0) -> Iterator[Window]:
        """Read all rows, some at a time, with a margin of some rows more on both sides."""
        if rows < 1:
            raise SiteError(f"A window has at least one row, not {rows}", where=self.name)
        for first in range(0, self.shape[0], rows):
            last = min(first + rows, self.shape[0])
            top, bottom = max(first - margin, 0), min(last + margin, self.shape[0])
            yield Window(first, last, top, bottom, self.read(top, bottom))

    def same_as(self, other: Grid | RasterFile, what: str = "use them together") -> None:
        """See that another raster has the same cells, as `Grid.same_as` does."""
        check_same(self, other, what)

    def within(self, bounds: Sequence[float]) -> RasterFile:
        """Give the part whose cells `bounds` (left, bottom, right, top, in the CRS) touch.

        Raises
        ------
        SiteError
            There are no such cells.
        """
        left, bottom, right, top = bounds
        if not (left < right and bottom < top):
            raise SiteError(
                f"Bounds are left, bottom, right and top, not {tuple(bounds)}", where=self.name
            )
        across = [(x - self.transform.c) / self.transform.a for x in (left, right)]
        down = [(y - self.transform.f) / self.transform.e for y in (top, bottom)]
        sides = []
        for (low, high), count in zip((down, across), self.shape, strict=True):
            begin = min(max(int(np.floor(low + CLOSE)), 0), count)
            end = max(min(int(np.ceil(high - CLOSE)), count), begin)
            sides.append((begin, end))
        if any(begin == end for begin, end in sides):
            raise SiteError(
                f"No cell lies within {tuple(bounds)}",
                where=self.name,
                hint=f"bounds are in {self.crs.name}",
            )
        (top, bottom), (west, east) = sides
        return replace(
            self,
            shape=(bottom - top, east - west),
            transform=shifted(self.transform, west, top),
            corner=(self.corner[0] + top, self.corner[1] + west),
        )


def open_raster(
    path: str | os.PathLike[str],
    band: int = 1,
    *,
    valid_minimum: float | None = None,
    valid_maximum: float | None = None,
) -> RasterFile:
    """Look at a raster file without reading its cells: for rasters larger than memory.

    Parameters are those of `read_grid`, and so are the errors.
    """
    rasterio = import_optional("rasterio", "reads rasters", HINT)
    name = os.fspath(path)
    try:
        with rasterio.open(name) as file:
            if not 1 <= band <= file.count:
                raise SiteError(f"It has {file.count} bands, and not band {band}", where=name)
            if file.crs is None:
                raise no_crs(name)
            crs = as_crs(file.crs)
            shape, stored = file.shape, file.transform
    except rasterio.errors.RasterioError as problem:
        raise SiteError(
            f"The raster cannot be opened: {problem}",
            where=name,
            hint="a path, or what GDAL can open, such as /vsis3/bucket/file.tif or https://...",
        ) from problem
    if stored.is_identity:
        raise SiteError(
            "It does not say where its cells lie",
            where=name,
            hint="write it into the file: gdal_edit.py -a_ullr WEST NORTH EAST SOUTH FILE",
        )
    check_transform(stored, name)
    # affine 3 warns at its `*`, and 2 does not know its `@`: the sums are written out.
    corner = shifted(stored, shape[1] if stored.a < 0 else 0, shape[0] if stored.e > 0 else 0)
    turned = type(stored)(abs(stored.a), 0.0, corner.c, 0.0, -abs(stored.e), corner.f)
    return RasterFile(
        name,
        band,
        shape,
        turned,
        crs,
        name,
        stored,
        shape,
        valid_minimum=valid_minimum,
        valid_maximum=valid_maximum,
    )


def read_grid(
    path: str | os.PathLike[str],
    band: int = 1,
    bounds: Sequence[float] | None = None,
    valid_minimum: float | None = None,
    valid_maximum: float | None = None,
) -> Grid:
    """Read a band of a raster file, turned so that north is up.

    The nodata value and the mask of the file give NaN; whole numbers become floats when the file
    has either (float64 for more than 16 bits), and stay whole numbers otherwise. The scale and
    offset of the band are applied.

    Parameters
    ----------
    path : path
        File, or what GDAL opens: ``/vsis3/...``, ``https://...``.
    band : int
        Band, from 1.
    bounds : left, bottom, right, top, optional
        In units of the file's CRS: only cells that touch them are read.
    valid_minimum, valid_maximum : float, optional
        Values outside are NaN.

    Raises
    ------
    SiteError
        It cannot be read, has no CRS, is turned, has no such band, or nothing lies within the
        bounds.
    """
    file = open_raster(path, band, valid_minimum=valid_minimum, valid_maximum=valid_maximum)
    return (file if bounds is None else file.within(bounds)).read()


def map_cells(raster: RasterFile, path: Path, rows: int) -> Grid:
    """Copy the cells of a raster into a file that stands in for memory.

    Parameters
    ----------
    raster : RasterFile
    path : Path
        The file, which must stay as long as the grid is used: 1 to 8 bytes a cell.
    rows : int
        As many are read at a time.

    Raises
    ------
    SiteError
        The raster cannot be read, or the file not written.
    """
    cells: Any = None
    try:
        for window in raster.windows(rows):
            values = window.grid.values
            if cells is None:
                cells = np.memmap(path, dtype=values.dtype, mode="w+", shape=raster.shape)
            cells[window.first : window.last] = values
        cells.flush()
    except OSError as problem:
        raise SiteError(
            f"The cells cannot be kept: {problem.strerror or problem}",
            where=str(path),
            hint="make room on the disk, or give an output on another one",
        ) from problem
    cells = np.memmap(path, dtype=cells.dtype, mode="r", shape=raster.shape)
    return Grid(cells, raster.transform, raster.crs, raster.name)


def _values(file: Any, band: int, window: Any) -> np.ndarray[Any, Any]:
    """Read a window; NaN where the file says that there is no value."""
    values: np.ndarray[Any, Any] = file.read(band, window=window)
    scale, offset = file.scales[band - 1], file.offsets[band - 1]
    flags = {flag.name for flag in file.mask_flag_enums[band - 1]}
    if "all_valid" not in flags:
        mask = file.read_masks(band, window=window) == 0
        values = _as_float(values)
        values[mask] = np.nan
    if (scale, offset) != (1.0, 0.0):
        values = _as_float(values) * values.dtype.type(scale) + values.dtype.type(offset)
    return values


def _as_float(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if values.dtype.kind == "f":
        return values
    return values.astype(np.float32 if values.dtype.itemsize <= 2 else np.float64)


def _keep_valid(grid: Grid, minimum: float | None, maximum: float | None) -> Grid:
    if minimum is None and maximum is None:
        return grid
    values = _as_float(grid.values)
    low = -np.inf if minimum is None else minimum
    high = np.inf if maximum is None else maximum
    return grid.with_values(np.where((values >= low) & (values <= high), values, np.nan))
