"""Do the same with each of many rasters, in threads if asked, and make records of the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import TYPE_CHECKING, Any

from shoeroot.errors import SiteError
from shoeroot.progress import progress
from shoeroot.sites.sources import Raster

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import DataFrame

__all__ = ["records", "tables_of"]

#: Makes a table of places from a raster.
Work = Callable[[Raster, "GeoDataFrame"], "DataFrame"]


def tables_of(
    work: Work,
    places: GeoDataFrame,
    files: Mapping[Any, Raster],
    *,
    label: str,
    threads: int = 1,
    show: bool = False,
) -> dict[Any, DataFrame]:
    """Make a table of places from each raster of a layer.

    Parameters
    ----------
    work : callable
        Makes the table of a raster.
    files : mapping
        Rasters by what they stand for.
    label : str
        Of the progress, which is shown on standard error where `show` says so.
    threads : int
        As many rasters at a time: reading waits for disks and networks.

    Returns
    -------
    dict
        Tables in order of the keys.
    """
    if threads < 1:
        raise SiteError(f"At least one thread works, not {threads}", where="threads")
    keys = sorted(files)
    made = {}
    with progress(label, len(keys), show=show) as advance:
        tables = _each(work, places, [files[key] for key in keys], threads)
        for key, table in zip(keys, tables, strict=True):
            made[key] = table
            advance(1)
    return made


def records(
    places: GeoDataFrame, tables: Mapping[Any, DataFrame], record: Callable[..., Any]
) -> list[list[Any]]:
    """Make a record of each row of each table, from the table's key and the columns in order.

    Returns
    -------
    list of list
        A list a place.
    """
    made: list[list[Any]] = [[] for _ in range(len(places))]
    for key, table in tables.items():
        for of_place, row in zip(made, table.to_numpy(float).tolist(), strict=True):
            of_place.append(record(key, *row))
    return made


def _each(
    work: Work, places: GeoDataFrame, rasters: Sequence[Raster], threads: int
) -> Iterator[DataFrame]:
    if min(threads, len(rasters)) <= 1:
        yield from map(work, rasters, repeat(places))
        return
    with ThreadPoolExecutor(min(threads, len(rasters))) as pool:
        yield from pool.map(work, rasters, repeat(places))
