"""Rasters read block by block, on disk or in memory, as floats with NaN where nothing is known.

A file stays open between two blocks, which `RasterFile` does not: polygons ask for hundreds.
Nothing larger than a block is in memory.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from shoeroot.errors import SiteError, nearest
from shoeroot.sites.grid import Grid
from shoeroot.sites.packages import require
from shoeroot.sites.raster_files import RasterFile, open_raster

if TYPE_CHECKING:
    from affine import Affine
    from pyproj import CRS

__all__ = [
    "Block",
    "Raster",
    "RasterBand",
    "Source",
    "computed",
    "is_remote",
    "open_source",
    "within",
]

Array = np.ndarray[Any, Any]

#: Blocks that GDAL keeps [bytes] where the environment and `rasterio.Env` do not say otherwise:
#: else it is 5 % of the machine, however large that is.
CACHE: dict[str, Any] = {"GDAL_CACHEMAX": 400_000_000}

#: How GDAL asks for remote rasters where these do not say otherwise: it gives up on hosts that do
#: not answer, tries again on busy ones, and does not look for files beside.
REMOTE = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_CONNECTTIMEOUT": "30",
    "GDAL_HTTP_LOW_SPEED_LIMIT": "1",
    "GDAL_HTTP_LOW_SPEED_TIME": "60",
    "GDAL_HTTP_MAX_RETRY": "3",
    "GDAL_HTTP_RETRY_DELAY": "1",
}


@dataclass(frozen=True, slots=True)
class RasterBand:
    """A band of a raster, and how its numbers become physical values: ``value * scale + offset``.

    Parameters
    ----------
    raster : path, str or Grid
        A file, a remote name that GDAL knows (``/vsis3/...``, ``https://...``), or a grid.
    band : int
        From 1.
    scale, offset : float
        After the scale and offset that the file itself says, which are applied anyway.
    """

    raster: Path | str | Grid
    band: int = 1
    scale: float = 1.0
    offset: float = 0.0


#: What can be read block by block.
Raster = Path | str | Grid | RasterBand


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows and columns of a raster."""

    row: int
    column: int
    rows: int
    columns: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """What the block selects from an array of the whole raster."""
        return (
            slice(self.row, self.row + self.rows),
            slice(self.column, self.column + self.columns),
        )


class Source(Protocol):
    """A raster that is read by blocks; rows run from north to south."""

    @property
    def name(self) -> str:
        """What errors call it."""
        ...

    @property
    def crs(self) -> CRS:
        """Coordinate reference system."""
        ...

    @property
    def transform(self) -> Affine:
        """From (column, row) to coordinates."""
        ...

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        ...

    def read(self, block: Block) -> Array:
        """Read a block inside the raster: floats that are not to be changed, NaN for no value."""
        ...


@dataclass(frozen=True, slots=True)
class _Derived:
    """A source that lies on the cells of another raster."""

    cells: Grid | RasterFile | Source

    @property
    def name(self) -> str:
        return self.cells.name

    @property
    def crs(self) -> CRS:
        return self.cells.crs

    @property
    def transform(self) -> Affine:
        return self.cells.transform

    @property
    def shape(self) -> tuple[int, int]:
        return self.cells.shape


@dataclass(frozen=True, slots=True)
class _InMemory(_Derived):
    """A grid as a source."""

    values: Array

    def read(self, block: Block) -> Array:
        values = self.values[block.slices]
        return values if values.dtype.kind == "f" else _as_floats(values)


@dataclass(frozen=True, slots=True)
class _Open(_Derived):
    """A band of a file that is open."""

    dataset: Any
    band: int
    stored: Affine

    def read(self, block: Block) -> Array:
        rows, columns = self.shape
        rows_turned, columns_turned = self.stored.e > 0, self.stored.a < 0
        window = require("rasterio.windows").Window(
            columns - block.column - block.columns if columns_turned else block.column,
            rows - block.row - block.rows if rows_turned else block.row,
            block.columns,
            block.rows,
        )
        try:
            values = self._floats(window)
        except require("rasterio.errors").RasterioError as problem:
            # rasterio says to look at the cause, which is what GDAL said.
            raise SiteError(
                f"The raster cannot be read: {problem.__cause__ or problem}",
                where=self.name,
                hint="is the file whole? fetch it again",
            ) from problem
        return values[:: -1 if rows_turned else 1, :: -1 if columns_turned else 1]

    def _floats(self, window: Any) -> Array:
        position = self.band - 1
        stored = self.dataset.read(self.band, window=window)
        values = _as_floats(stored)
        flags = {flag.name for flag in self.dataset.mask_flag_enums[position]}
        if flags == {"nodata"}:  # ten times faster than asking GDAL for a mask
            nodata = _as_stored(self.dataset.nodatavals[position], stored.dtype)
            values[stored == nodata] = np.nan
        elif "all_valid" not in flags:
            values[self.dataset.read_masks(self.band, window=window) == 0] = np.nan
        scale, offset = self.dataset.scales[position], self.dataset.offsets[position]
        return values if (scale, offset) == (1, 0) else values * scale + offset


@dataclass(frozen=True, slots=True)
class _Scaled(_Derived):
    """A source whose numbers are scaled."""

    source: Source
    scale: float
    offset: float

    def read(self, block: Block) -> Array:
        return self.source.read(block).astype(np.float64) * self.scale + self.offset


@dataclass(frozen=True, slots=True)
class _Within(_Derived):
    """A source whose values outside of a range, bounds included in it, are unknown."""

    source: Source
    minimum: float
    maximum: float

    def read(self, block: Block) -> Array:
        values = self.source.read(block)
        inside = np.isfinite(values)  # infinity is no amount, even where there is no upper bound
        if np.isfinite(self.minimum):
            inside &= values >= self.minimum
        if np.isfinite(self.maximum):
            inside &= values <= self.maximum
        return np.where(inside, values, values.dtype.type(np.nan))


@dataclass(frozen=True, slots=True)
class _Computed(_Derived):
    """A source whose values are computed from those of another."""

    source: Source
    function: Callable[[Array], Array]

    def read(self, block: Block) -> Array:
        return self.function(self.source.read(block))


def within(source: Source, valid: tuple[float, float]) -> Source:
    """Give a source whose values outside of a range, bounds included in it, are unknown.

    Raises
    ------
    SiteError
        The range is empty.
    """
    if not valid[0] <= valid[1]:
        raise SiteError(f"The valid range {valid} is empty", where="valid")
    return source if valid == (-np.inf, np.inf) else _Within(source, source, *valid)


def computed(source: Source, function: Callable[[Array], Array]) -> Source:
    """Give a source whose values are computed, cell by cell, from those of another."""
    return _Computed(source, source, function)


@contextlib.contextmanager
def open_source(raster: Raster, band: int = 1) -> Iterator[Source]:
    """Open a file, a remote name (``/vsis3/...``, ``https://...``) or a grid to be read by blocks.

    A `RasterBand` says its band itself.

    Raises
    ------
    SiteError
        There is no such file, it is no raster, has no such band or no CRS, or is turned.
    """
    if isinstance(raster, RasterBand):
        with open_source(raster.raster, raster.band) as source:
            same = (raster.scale, raster.offset) == (1, 0)
            yield source if same else _Scaled(source, source, raster.scale, raster.offset)
        return
    if isinstance(raster, Grid):
        if band != 1:
            raise SiteError(f"A grid has one band, and not band {band}", where=raster.name)
        yield _InMemory(raster, raster.values)
        return
    if not is_remote(raster):
        _check_existing(Path(raster))
    settings = CACHE | (REMOTE if is_remote(raster) else {})
    rasterio = require("rasterio")
    told = rasterio.env.getenv() if rasterio.env.hasenv() else {}
    own = {name: settings[name] for name in settings.keys() - os.environ.keys() - told.keys()}
    with rasterio.Env(**own):
        file = open_raster(raster, band)
        with rasterio.open(file.path) as dataset:
            yield _Open(file, dataset, band, file.stored)


def is_remote(raster: Path | str) -> bool:
    """Whether a name is for GDAL to resolve (``/vsis3/``, ``https://``), not a path on disk."""
    name = str(raster)
    return name.startswith("/vsi") or "://" in name


def _check_existing(path: Path) -> None:
    if not path.exists():
        beside = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
        raise SiteError("There is no such raster", where=str(path), hint=nearest(path.name, beside))


def _as_floats(values: Array) -> Array:
    """Copy to floats that hold every value exactly (whole numbers up to 2**53)."""
    if values.dtype.kind == "f":
        return values.astype(values.dtype if values.dtype.itemsize >= 4 else np.float32)
    return values.astype(np.float32 if values.dtype.itemsize <= 2 else np.float64)


def _as_stored(nodata: float, dtype: np.dtype[Any]) -> Any:
    """Give nodata as the file stores it: -3.4e38 as a float is not -3.4e38 as a double."""
    if dtype.kind == "f" or np.isnan(nodata):
        return dtype.type(nodata) if dtype.kind == "f" else np.nan
    limits = np.iinfo(dtype)
    # What the type cannot hold matches nothing.
    return dtype.type(nodata) if limits.min <= nodata <= limits.max else np.nan
