"""Hand blocks of rasters and polygons to exactextract, and take its figures as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from shoeroot.sites.cell_areas import CellAreas
from shoeroot.sites.packages import require
from shoeroot.sites.sources import Block, Source
from shoeroot.sites.zones import Zones

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Request", "extract", "extract_classes"]

#: Cells of a raster in memory at once; each takes some 25 bytes with its coverage and weight.
CELLS_IN_MEMORY = 8_000_000

Array = np.ndarray[Any, Any]
Read = Callable[[Block], Array]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: statistics of a raster, of its cells' areas, and with weights."""

    source: Source
    weights: Source | None
    statistics: tuple[str, ...]


def extract(request: Request, zones: Zones) -> DataFrame:
    """Compute the statistics that are asked for over zones.

    Returns
    -------
    pandas.DataFrame
        Index of the places, a column a statistic, float64, NaN for places that are not shown.
    """
    names = list(request.statistics)
    table = np.full((len(zones.index), len(names)), np.nan)
    found = [[row[name] for name in names] for row in _figures(request, zones)]
    if found:
        table[zones.positions] = np.array(found, np.float64)
    frame: DataFrame = require("pandas").DataFrame(table, index=zones.index, columns=names)
    return frame


def extract_classes(source: Source, weights: Source | None, zones: Zones) -> list[dict[int, float]]:
    """Compute which share of zones each class of a raster has, by area of cells or by weight.

    Returns
    -------
    list of dict of int to float
        Shares by class, a dict a place; an empty one where no cell has a class or a weight.
    """
    share = "frac" if weights is None else "weighted_frac"
    shares: list[dict[int, float]] = [{} for _ in zones.index]
    rows = _figures(Request(source, weights, ("unique", share)), zones)
    for position, row in zip(zones.positions, rows, strict=True):
        known = np.nan_to_num(row[share])
        shares[position] = {
            int(number): float(part)
            for number, part in zip(row["unique"], known, strict=True)
            if part > 0
        }
    return shares


def _figures(request: Request, zones: Zones) -> list[dict[str, Any]]:
    if not len(zones.polygons):
        return []
    polygons = _features()(require("shapely").to_wkb(zones.polygons))
    operations, kept = _operations(request)
    rows = require("exactextract").exact_extract(
        None, polygons, operations, max_cells_in_memory=CELLS_IN_MEMORY
    )
    del kept
    return [row["properties"] for row in rows]


def _operations(request: Request) -> tuple[list[Any], list[Any]]:
    """Give what exactextract is to compute, and the rasters, which it does not keep alive."""
    operation, kept = require("exactextract").Operation, list[Any]()

    def raster(source: Source, read: Read) -> Any:
        made = _raster()(source, read)
        made.set_name(f"raster {len(kept)}")  # figures of rasters of one name are taken as one
        kept.append(made)
        return made

    source, last = request.source, _LastBlock(request.source)
    areas = _area_reader(source)
    values = raster(source, last.read)
    weights = request.weights and raster(request.weights, _positive(request.weights))
    without = {"default_weight": 0}

    def make(name: str) -> Any:
        match name:
            case "area_km2":
                return operation("sum", name, raster(source, _where_known(last.read, areas)))
            case "area_mean":
                return operation("weighted_mean", name, values, raster(source, areas))
            case "total_km2":
                return operation("sum", name, raster(source, areas))
            case "weight":
                known = raster(source, _where_known(last.read, _ones))
                return operation("weighted_sum", name, known, weights, without)
            case "weighted_sum" | "weighted_mean" | "weighted_frac":
                return operation(name, name, values, weights, without)
            case _:
                return operation(name, name, values)

    return [make(name) for name in request.statistics], kept


class _LastBlock:
    """Reads blocks of a source, and keeps the last: several statistics ask for the same."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._last: tuple[Block, Array] | None = None

    def read(self, block: Block) -> Array:
        if self._last is None or self._last[0] != block:
            self._last = None  # not two blocks at once
            self._last = block, self._source.read(block)
        return self._last[1]


def _positive(weights: Source) -> Read:
    return lambda block: np.fmax(weights.read(block), 0)  # fmax: NaN gives 0


def _ones(block: Block) -> Array:
    return np.ones((block.rows, block.columns))


def _where_known(values: Read, others: Read) -> Read:
    return lambda block: np.where(np.isnan(values(block)), np.nan, others(block))


def _area_reader(source: Source) -> Read:
    """Make what reads the true areas of the cells of blocks [km2]."""
    areas = CellAreas.of(source.transform, source.crs, source.shape, source.name)

    def read(block: Block) -> Array:
        of_rows = areas.km2(block.row, block.row + block.rows)
        if of_rows.shape[1] > 1:
            of_rows = of_rows[:, block.slices[1]]
        return np.broadcast_to(of_rows, (block.rows, block.columns))

    return read


@cache
def _raster() -> Any:
    """Give the class of our rasters, which is made when exactextract is there."""
    base: Any = require("exactextract.raster").RasterSource

    class Raster(base):  # type: ignore[misc]
        """What exactextract asks of a raster."""

        def __init__(self, source: Source, read: Read) -> None:
            super().__init__()
            self._read = read
            self._transform, self._shape = source.transform, source.shape

        def res(self) -> tuple[float, float]:
            return self._transform.a, -self._transform.e

        def extent(self) -> tuple[float, float, float, float]:
            affine, (rows, columns) = self._transform, self._shape
            return affine.c, affine.f + rows * affine.e, affine.c + columns * affine.a, affine.f

        def srs_wkt(self) -> None:
            """Say nothing: polygons and weights are in this CRS already."""

        def nodata_value(self) -> None:
            """Say nothing: what is unknown is NaN."""

        def read_window(self, x0: int, y0: int, nx: int, ny: int) -> Array:
            if not nx or not ny:
                return np.zeros((ny, nx))
            # One type for all: exactextract takes the type of the first block for the others'.
            return np.ascontiguousarray(self._read(Block(y0, x0, ny, nx)), np.float64)

    return Raster


@cache
def _features() -> Any:
    """Give the class of our polygons, which is made when exactextract is there."""
    feature = require("exactextract.feature")
    one: Any = feature.Feature
    many: Any = feature.FeatureSource

    class Polygon(one):  # type: ignore[misc]
        """What exactextract asks of a polygon."""

        def __init__(self, wkb: bytes) -> None:
            super().__init__()
            self._wkb = wkb

        def geometry(self) -> bytes:
            return self._wkb

        def fields(self) -> list[str]:
            return []

    class Polygons(many):  # type: ignore[misc]
        """What exactextract asks of many polygons; they are not turned into text."""

        def __init__(self, wkbs: Array) -> None:
            super().__init__()
            self._wkbs = wkbs

        def count(self) -> int:
            return len(self._wkbs)

        def __iter__(self) -> Iterator[Any]:
            return map(Polygon, self._wkbs)

        def srs_wkt(self) -> None:
            """Say nothing: the polygons are in the CRS of the raster already."""

    return Polygons
