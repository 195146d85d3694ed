"""Do the same with each of many rasters, in processes if asked, and make records of the tables."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from shoeroot.errors import SiteError
from shoeroot.progress import progress
from shoeroot.sites.sources import Raster

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import DataFrame

__all__ = ["records", "tables_of"]

#: Makes a table of places from a raster; a function of a module, for it goes to processes.
Work = Callable[[Raster, "GeoDataFrame"], "DataFrame"]


def tables_of(
    work: Work,
    places: GeoDataFrame,
    files: Mapping[Any, Raster],
    *,
    label: str,
    processes: int = 1,
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
    processes : int
        As many rasters at a time, each in a process of its own.

    Returns
    -------
    dict
        Tables in order of the keys.
    """
    if processes < 1:
        raise SiteError(f"At least one process works, not {processes}", where="processes")
    keys = sorted(files)
    made = {}
    with progress(label, len(keys), show=show) as advance:
        tables = _each(work, places, [files[key] for key in keys], processes)
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
    work: Work, places: GeoDataFrame, rasters: Sequence[Raster], processes: int
) -> Iterator[DataFrame]:
    workers = min(processes, len(rasters))
    if workers <= 1:
        yield from map(work, rasters, repeat(places))
        return
    # Forked, threads and locks of GDAL would be copied in whatever state they are.
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for table, told in pool.map(_told, repeat(work), rasters, repeat(places)):
            for message, category in told:
                warnings.warn(message, category, stacklevel=4)
            yield table


def _told(
    work: Work, raster: Raster, places: GeoDataFrame
) -> tuple[DataFrame, list[tuple[str, type[Warning]]]]:
    """Work in a process of its own, whose warnings nobody would see there."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        table = work(raster, places)
    return table, [(str(each.message), each.category) for each in caught]
