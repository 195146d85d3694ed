"""Write a GeoTIFF some rows at a time; a file of that name stays until the new one is whole."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.optional import import_optional
from shoeroot.sites.transforms import HINT

if TYPE_CHECKING:
    from affine import Affine
    from pyproj import CRS

__all__ = ["GridWriter"]


class GridWriter:
    """A compressed GeoTIFF that is being written, from the north; use it in a `with`.

    Floats have NaN as nodata; whole numbers have none.

    Parameters
    ----------
    path : path
        File.
    shape : rows, columns
    kind : numpy type
        Of the cells; truth values are written as bytes.
    transform, crs
        Where the cells lie.

    Raises
    ------
    SiteError
        It cannot be written.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        shape: tuple[int, int],
        kind: Any,
        transform: Affine,
        crs: CRS,
    ) -> None:
        self._rasterio = import_optional("rasterio", "writes rasters", HINT)
        self.target = Path(path)
        if not self.target.parent.is_dir():
            raise SiteError("The folder does not exist", where=str(self.target.parent))
        dtype = np.dtype(kind)
        self._dtype = np.dtype(np.uint8) if dtype.kind == "b" else dtype
        handle, temporary = tempfile.mkstemp(
            suffix=".tif", prefix=f".{self.target.stem}-", dir=self.target.parent
        )
        os.close(handle)
        self._temporary = Path(temporary)
        try:
            self._file = self._rasterio.open(
                temporary,
                "w",
                driver="GTiff",
                height=shape[0],
                width=shape[1],
                count=1,
                dtype=self._dtype,
                crs=self._rasterio.crs.CRS.from_wkt(crs.to_wkt()),
                transform=transform,
                nodata=np.nan if self._dtype.kind == "f" else None,
                compress="deflate",
                tiled=True,
                blockxsize=256,
                blockysize=256,
                bigtiff="IF_SAFER",
            )
        except (self._rasterio.errors.RasterioError, OSError, TypeError) as problem:
            self._temporary.unlink(missing_ok=True)
            raise self._failure(problem) from problem

    def write(self, first: int, values: np.ndarray[Any, Any]) -> None:
        """Write rows from `first`."""
        rows, columns = values.shape
        window = self._rasterio.windows.Window(0, first, columns, rows)
        try:
            self._file.write(values.astype(self._dtype, copy=False), 1, window=window)
        except (self._rasterio.errors.RasterioError, OSError) as problem:
            raise self._failure(problem) from problem

    def __enter__(self) -> GridWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._file.close()
            if kind is None:
                self._temporary.chmod(0o644)
                self._temporary.replace(self.target)
        except (self._rasterio.errors.RasterioError, OSError) as failure:
            raise self._failure(failure) from failure
        finally:
            self._temporary.unlink(missing_ok=True)

    def _failure(self, problem: Exception) -> SiteError:
        return SiteError(f"The raster cannot be written: {problem}", where=str(self.target))
