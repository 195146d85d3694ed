"""A raster in memory: its cells, where they lie, and how large each of them truly is.

Rows run from north to south and columns from west to east, however the file stores them, so that
nothing computed from a grid depends on that.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.optional import import_optional
from shoeroot.sites.cell_areas import CellAreas
from shoeroot.sites.grid_writing import GridWriter
from shoeroot.sites.transforms import (
    CLOSE,
    HINT,
    as_crs,
    check_transform,
    differences,
    goes_round,
    no_crs,
    shifted,
)

if TYPE_CHECKING:
    from affine import Affine
    from pyproj import CRS

__all__ = ["Grid", "RasterFile", "Window", "open_raster", "read_grid", "write_grid"]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A raster in memory, rows from north to south.

    Parameters
    ----------
    values : array, shape (rows, columns)
        Values of the cells; without a value is NaN, which whole numbers do not have.
    transform : affine.Affine
        From (column, row) to coordinates; column 0, row 0 is the north-western corner.
    crs : pyproj.CRS
        Coordinate reference system.
    name : str
        What errors call it: a path, or what it is.

    Raises
    ------
    SiteError
        It has no CRS, is turned, is mirrored, or is not an array of two dimensions.
    """

    values: np.ndarray[Any, Any]
    transform: Affine
    crs: CRS
    name: str = "grid"

    def __post_init__(self) -> None:
        if self.values.ndim != 2:
            raise SiteError(
                f"A grid has rows and columns, not {self.values.ndim} dimensions", where=self.name
            )
        check_transform(self.transform, self.name)
        if self.transform.a < 0 or self.transform.e > 0:
            raise SiteError(
                "Rows of a grid run from north to south, and columns from west to east",
                where=self.name,
                hint="turn the array and its transform; read_grid does so",
            )
        if self.crs is None:
            raise no_crs(self.name)
        object.__setattr__(self, "crs", as_crs(self.crs))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.values.shape[0], self.values.shape[1]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, bottom, right and top, in units of the CRS."""
        rows, columns = self.shape
        left, top = self.transform.c, self.transform.f
        return (
            left,
            top + rows * self.transform.e,
            left + columns * self.transform.a,
            top,
        )

    @property
    def valid(self) -> np.ndarray[Any, Any]:
        """Which cells have a value, shape (rows, columns)."""
        if self.values.dtype.kind != "f":
            return np.ones(self.shape, dtype=bool)
        return np.asarray(np.isfinite(self.values))

    @property
    def wraps(self) -> bool:
        """Whether it goes round the Earth: the last column lies beside the first."""
        return goes_round(self.transform, self.crs, self.shape)

    def cell_areas_km2(self) -> np.ndarray[Any, Any]:
        """Areas of the cells [km2]; broadcasts to `shape`: (rows, 1), (1, 1) or (rows, columns)."""
        return CellAreas.of(self.transform, self.crs, self.shape, self.name).km2()

    def with_values(self, values: np.ndarray[Any, Any], name: str = "") -> Grid:
        """Give a grid of the same cells with other values, shape (rows, columns)."""
        if values.shape != self.shape:
            raise SiteError(
                f"Values of shape {values.shape} do not fit cells of shape {self.shape}",
                where=self.name,
            )
        return replace(self, values=values, name=name or self.name)

    def part(self, rows: slice, columns: slice = slice(None)) -> Grid:
        """Give some neighbouring rows and columns as a grid, a view of the same values."""
        top, _, _ = rows.indices(self.shape[0])
        left, _, _ = columns.indices(self.shape[1])
        return replace(
            self,
            values=self.values[rows, columns],
            transform=shifted(self.transform, left, top),
        )

    def same_as(self, other: Grid, what: str = "use them together") -> None:
        """See that another grid has the same cells.

        Parameters
        ----------
        other : Grid
            The other grid.
        what : str
            Ends the sentence "cannot ..." of the error.

        Raises
        ------
        SiteError
            CRS, shape or transform differ; it names both grids and says what differs.
        """
        _check_same(self, other, what)


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
    """A band of a file, read by windows of rows; like a `Grid` without values."""

    path: str
    band: int
    shape: tuple[int, int]
    transform: Affine
    crs: CRS
    name: str
    stored: Affine
    valid_minimum: float | None = None
    valid_maximum: float | None = None

    @property
    def wraps(self) -> bool:
        """Whether it goes round the Earth: the last column lies beside the first."""
        return goes_round(self.transform, self.crs, self.shape)

    def read(self, top: int = 0, bottom: int | None = None) -> Grid:
        """Read rows from `top` to `bottom`, the last excluded, counted from the north."""
        bottom = self.shape[0] if bottom is None else bottom
        return self._read(top, bottom, 0, self.shape[1])

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
        _check_same(self, other, what)

    def within(self, bounds: Sequence[float]) -> Grid:
        """Read the cells that `bounds` (left, bottom, right, top, in the CRS) touch."""
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
        return self._read(*sides[0], *sides[1])

    def _read(self, top: int, bottom: int, left: int, right: int) -> Grid:
        rasterio = import_optional("rasterio", "reads rasters", HINT)
        rows, columns = self.shape
        flip_rows, flip_columns = self.stored.e > 0, self.stored.a < 0
        first = rows - bottom if flip_rows else top
        begin = columns - right if flip_columns else left
        window = rasterio.windows.Window(begin, first, right - left, bottom - top)
        try:
            with rasterio.open(self.path) as file:
                values = _values(file, self.band, window)
        except rasterio.errors.RasterioError as problem:
            raise SiteError(f"The raster cannot be read: {problem}", where=self.name) from problem
        values = values[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]
        grid = Grid(
            np.ascontiguousarray(values),
            shifted(self.transform, left, top),
            self.crs,
            self.name,
        )
        return _keep_valid(grid, self.valid_minimum, self.valid_maximum)


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
    return RasterFile(name, band, shape, turned, crs, name, stored, valid_minimum, valid_maximum)


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
    return file.read() if bounds is None else file.within(bounds)


def write_grid(path: str | os.PathLike[str], grid: Grid) -> Path:
    """Write a grid as a compressed GeoTIFF; a file of that name stays until the new one is whole.

    Floats have NaN as nodata; whole numbers have none.

    Raises
    ------
    SiteError
        It cannot be written.
    """
    with GridWriter(path, grid.shape, grid.values.dtype, grid.transform, grid.crs) as writer:
        writer.write(0, grid.values)
    return writer.target


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


def _check_same(one: Grid | RasterFile, other: Grid | RasterFile, what: str) -> None:
    differ = differences(one, other)
    if differ:
        raise SiteError(
            f"Cannot {what}: the grids differ in {differ}",
            where=f"{one.name} and {other.name}",
            hint="bring one to the cells of the other, for instance with gdalwarp",
        )
