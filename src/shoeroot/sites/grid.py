"""A raster in memory: its cells, where they lie, and how large each of them truly is.

Rows run from north to south and columns from west to east, however the file stores them, so that
nothing computed from a grid depends on that.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.sites.cell_areas import CellAreas
from shoeroot.sites.grid_writing import GridWriter
from shoeroot.sites.transforms import (
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

    from shoeroot.sites.raster_files import RasterFile

__all__ = ["Grid", "check_same", "write_grid"]


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

    def __repr__(self) -> str:
        rows, columns = self.shape
        return f"<{self.name}: {rows} x {columns} cells, {self.values.dtype}, {self.crs.name}>"

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
        check_same(self, other, what)


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


def check_same(one: Grid | RasterFile, other: Grid | RasterFile, what: str) -> None:
    """See that two rasters have the same cells, as `Grid.same_as` does."""
    differ = differences(one, other)
    if differ:
        raise SiteError(
            f"Cannot {what}: the grids differ in {differ}",
            where=f"{one.name} and {other.name}",
            hint="bring one to the cells of the other, for instance with gdalwarp",
        )
