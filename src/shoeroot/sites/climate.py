"""Climate of places month by month: means over their people, and how years differ."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from shoeroot.errors import SiteError, nearest
from shoeroot.records.site import ClimateMonth
from shoeroot.sites.many_rasters import tables_of
from shoeroot.sites.packages import require
from shoeroot.sites.sources import Raster, RasterBand
from shoeroot.sites.zonal import zonal_statistics

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from shoeroot.sites.grid import Grid

__all__ = [
    "CLIMATE_VARIABLES",
    "NORMAL",
    "ClimateFile",
    "climate",
    "climate_figures",
    "climate_records",
    "months_of",
]

CLIMATE_VARIABLES = ("t_mean", "t_min", "t_max", "precipitation")

#: The year of rasters that are means over many.
NORMAL = 0


class ClimateFile(NamedTuple):
    """What a raster of the climate stands for.

    Parameters
    ----------
    variable : {"t_mean", "t_min", "t_max", "precipitation"}
        Temperatures in degC, precipitation in mm in the month; `RasterBand` scales others.
    month : int
        1 to 12.
    year : int
        The year, or `NORMAL` (0) for a mean over many years.
    """

    variable: str
    month: int
    year: int = NORMAL


def months_of(
    raster: Path | str | Grid,
    variable: str,
    year: int = NORMAL,
    *,
    scale: float = 1.0,
    offset: float = 0.0,
) -> dict[ClimateFile, RasterBand]:
    """Take the first twelve bands of a raster for the months of a variable.

    Parameters
    ----------
    raster : path, str or Grid
        Band 1 is January.
    variable, year
        As in `ClimateFile`.
    scale, offset : float
        As in `RasterBand`: ``offset=-273.15`` for temperatures in kelvin.
    """
    return {
        ClimateFile(variable, month, year): RasterBand(raster, month, scale, offset)
        for month in range(1, 13)
    }


def climate(
    places: GeoDataFrame,
    files: Mapping[ClimateFile, Raster],
    *,
    population: Raster,
    threads: int = 1,
    show_progress: bool = False,
) -> list[list[ClimateMonth]]:
    """Compute the climate of places month by month, weighted by population.

    Parameters
    ----------
    places : GeoDataFrame
        Polygons in any CRS.
    files : mapping of ClimateFile to raster
        Normals, monthly means of several years, or both: then normals give the means, and years
        the deviations.
    population : raster
        People of each cell; the climate is brought to its cells.
    threads, show_progress
        As for `night_lights`.

    Returns
    -------
    list of list of ClimateMonth
        A list a place, months in order; only months of which something is given. What is not
        given, and the deviations where there are fewer than two years, are NaN.

    Raises
    ------
    SiteError
        A variable or a month is unknown, or a raster cannot be used.
    """
    return climate_records(
        climate_figures(
            places, files, population=population, threads=threads, show_progress=show_progress
        )
    )


def climate_figures(
    places: GeoDataFrame,
    files: Mapping[ClimateFile, Raster],
    *,
    population: Raster,
    threads: int = 1,
    show_progress: bool = False,
) -> DataFrame:
    """Compute what `climate` makes records of: means over the people of each place.

    Tables of several calls for the same places are put together with
    ``pandas.concat(tables, axis=1)``.

    Returns
    -------
    pandas.DataFrame
        Index of the places, columns (variable, month, year).
    """
    checked = {_checked(ClimateFile(*file)): raster for file, raster in files.items()}
    work = partial(zonal_statistics, statistics=("weighted_mean",), weights=population)
    tables = tables_of(work, places, checked, label="climate", threads=threads, show=show_progress)
    pandas = require("pandas")
    columns = pandas.MultiIndex.from_tuples(list(tables), names=ClimateFile._fields)
    figures = [table.weighted_mean.to_numpy() for table in tables.values()]
    values = np.stack(figures, axis=1) if figures else np.empty((len(places), 0))
    frame: DataFrame = pandas.DataFrame(values, index=places.index, columns=columns)
    return frame


def climate_records(figures: DataFrame) -> list[list[ClimateMonth]]:
    """Make records of the figures of `climate_figures`, a list a place, months in order."""
    months = sorted(set(figures.columns.get_level_values("month")))
    made: list[list[ClimateMonth]] = [[] for _ in range(len(figures))]
    for month in months:
        means = [_mean(figures, variable, month) for variable in CLIMATE_VARIABLES]
        deviations = [_deviation(figures, name, month) for name in ("t_mean", "precipitation")]
        rows = np.stack([*means, *deviations], axis=1).tolist()
        for of_place, row in zip(made, rows, strict=True):
            of_place.append(ClimateMonth(int(month), *row))
    return made


def _checked(file: ClimateFile) -> ClimateFile:
    if file.variable not in CLIMATE_VARIABLES:
        raise SiteError(
            f"There is no climate variable {file.variable!r}",
            where="files",
            hint=nearest(str(file.variable), CLIMATE_VARIABLES),
        )
    if file.month not in range(1, 13):
        raise SiteError(f"{file.month!r} is no month, which are 1 to 12", where=str(tuple(file)))
    return file


def _years(figures: DataFrame, variable: str, month: int) -> DataFrame:
    """Give the years of a variable in a month, columns years."""
    columns = figures.columns
    wanted = (columns.get_level_values("variable") == variable) & (
        columns.get_level_values("month") == month
    )
    chosen = figures.loc[:, wanted]
    return chosen.set_axis(chosen.columns.get_level_values("year"), axis=1)


def _mean(figures: DataFrame, variable: str, month: int) -> np.ndarray[Any, Any]:
    years = _years(figures, variable, month)
    if NORMAL in years:
        years = years[[NORMAL]]
    return years.mean(axis=1).to_numpy(float)


def _deviation(figures: DataFrame, variable: str, month: int) -> np.ndarray[Any, Any]:
    years = _years(figures, variable, month)
    return years.drop(columns=NORMAL, errors="ignore").std(axis=1, ddof=1).to_numpy(float)
