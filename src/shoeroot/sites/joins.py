"""Which extents and units lie in each other: by people, then by area, or by centroid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shoeroot.errors import SiteError, nearest
from shoeroot.records.site import AdminUnit
from shoeroot.sites.cell_areas import CellAreas
from shoeroot.sites.centroids import geometric_centroids
from shoeroot.sites.coverage import (
    areas_at,
    areas_beyond,
    covered_sums,
    people_at,
    place_ids,
    polygonal,
    polygons_in,
    polygons_on,
)
from shoeroot.sites.packages import require
from shoeroot.sites.reprojection import transformer

if TYPE_CHECKING:
    from shoeroot.sites.grid import Grid

__all__ = ["MajorityJoin", "join_admin", "join_by_centroid", "join_majority", "overlay"]

#: Parts below a square metre are what rounding leaves of borders that touch.
SMALLEST_KM2 = 1e-6


class MajorityJoin(NamedTuple):
    """What `join_majority` finds.

    Attributes
    ----------
    best : pandas.Series
        Of each place, in the order and with the index of the places, the other one that most of
        its people live in; 0, or an empty text where ids are texts, where there is none.
    candidates : pandas.DataFrame
        All others that a place intersects, most people first: `place` and `other` (their ids),
        `population` [people] and `area_km2` of the part they share, `share` of the place's people
        (NaN where nobody lives in it).
    """

    best: pd.Series[Any]
    candidates: pd.DataFrame


def overlay(places: Any, others: Any, population: Grid) -> pd.DataFrame:
    """Cut places with others, and count people and area of each part.

    Population is that of the cells times the share of them that the part covers, exactly.

    Parameters
    ----------
    places, others : geopandas.GeoDataFrame
        Polygons in any CRS.
    population : Grid
        People per cell; no number and negative ones are nobody.

    Returns
    -------
    pandas.DataFrame
        A row for each pair that shares an area: `place` and `other` (their rows, from 0),
        `population` [people], `area_km2`; by place, then most people, then largest area first.
    """
    shapely = require("shapely")
    ours = polygons_on(places, population, "places")
    theirs = polygons_on(others, population, "the others")
    place, other = shapely.STRtree(theirs).query(ours, predicate="intersects")
    parts = polygonal(shapely.intersection(ours[place], theirs[other]))
    areas = CellAreas.of(population.transform, population.crs, population.shape, population.name)
    counts, inside = covered_sums(
        population,
        parts,
        lambda cells: np.stack([people_at(population, cells), areas_at(areas, cells)]),
    )
    table = pd.DataFrame(
        {
            "place": place,
            "other": other,
            "population": counts,
            "area_km2": inside + areas_beyond(population, parts),
        }
    )
    table = table[table["area_km2"] > SMALLEST_KM2]
    return table.sort_values(
        ["place", "population", "area_km2", "other"],
        ascending=[True, False, False, True],
        ignore_index=True,
    )


def join_admin(places: Any, units: Any, population: Grid) -> list[list[AdminUnit]]:
    """List the administrative units that each place lies in, most people first.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Polygons in any CRS.
    units : geopandas.GeoDataFrame
        Units from `read_units`: `code`, `name`, polygons.
    population : Grid
        People per cell.

    Returns
    -------
    list of list of AdminUnit
        In the order of the places; empty for a place in no unit.
    """
    _require_columns(units, ("code", "name"), "units")
    parts = overlay(places, units, population)
    codes = units["code"].astype(str).to_numpy()[parts["other"]]
    names = units["name"].astype(str).to_numpy()[parts["other"]]
    records: list[list[AdminUnit]] = [[] for _ in range(len(places))]
    for place, code, name, count, area in zip(
        parts["place"].tolist(),
        codes.tolist(),
        names.tolist(),
        parts["population"].tolist(),
        parts["area_km2"].tolist(),
        strict=True,
    ):
        records[place].append(AdminUnit(code=code, name=name, population=count, area_km2=area))
    return records


def join_majority(places: Any, others: Any, population: Grid) -> MajorityJoin:
    """Find of each place the other one that most of its people live in, else most of its area.

    Parameters
    ----------
    places, others : geopandas.GeoDataFrame
        Polygons in any CRS with a column `id`, or `code`.
    population : Grid
        People per cell.

    Returns
    -------
    MajorityJoin
        `best`, a Series of ids of the others, and `candidates`, all that intersect.
    """
    ours, theirs = place_ids(places, "places"), place_ids(others, "the others")
    parts = overlay(places, others, population)
    first = ~parts["place"].duplicated()
    rows = parts["place"].to_numpy()
    best = _none_of(theirs, len(places))
    best[rows[first]] = theirs[parts["other"][first]]
    polygons = polygons_on(places, population, "places")
    (everybody,) = covered_sums(
        population, polygons, lambda cells: people_at(population, cells)[None]
    )
    everybody = everybody[rows]
    share = np.full(len(parts), np.nan)
    np.divide(parts["population"], everybody, out=share, where=everybody > 0)
    candidates = pd.DataFrame(
        {
            "place": ours[rows],
            "other": theirs[parts["other"]],
            "population": parts["population"],
            "area_km2": parts["area_km2"],
            "share": share,
        }
    )
    return MajorityJoin(pd.Series(best, index=places.index, name="other"), candidates)


def join_by_centroid(places: Any, external: Any, id: str) -> pd.Series[Any]:  # noqa: A002
    """Find the external extent that the centroid of each place lies in.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Polygons, whose geometric centroids in their CRS count, or points such as those of weighted
        centroids.
    external : geopandas.GeoDataFrame
        Polygons in any CRS. Where they overlap, the first one in their order is taken.
    id : str
        The column of `external` that identifies them.

    Returns
    -------
    pandas.Series
        Texts with the index of the places; empty where the centroid lies in none of them.
    """
    shapely = require("shapely")
    _require_columns(external, (id,), "the external extents")
    if places.crs is None:
        raise SiteError("places have no coordinate reference system", hint="places.set_crs(...)")
    polygons = polygons_in(external, external.crs, "the external extents")
    shapes = np.array(places.geometry.array, dtype=object)
    turn = transformer("EPSG:4326", external.crs)
    x, y = (np.asarray(one) for one in turn.transform(*geometric_centroids(shapes, places.crs)))
    known = np.isfinite(x) & np.isfinite(y)
    centroids = np.full(len(places), None, dtype=object)
    centroids[known] = shapely.points(x[known], y[known])
    place, other = shapely.STRtree(polygons).query(centroids, predicate="intersects")
    order = np.lexsort((other, place))
    place, other = place[order], other[order]
    first = np.flatnonzero(np.diff(place, prepend=-1) != 0)
    found = np.full(len(places), "", dtype=object)
    found[place[first]] = as_texts(external[id])[other[first]]
    return pd.Series(found, index=places.index, name=id)


def as_texts(values: Any) -> NDArray[Any]:
    """Write codes as texts; a whole number that was read as a float is written as one."""
    series = pd.Series(np.asarray(values))
    if pd.api.types.is_float_dtype(series) and (series.dropna() % 1 == 0).all():
        series = series.astype("Int64")
    return np.asarray(series.astype("string").fillna("").astype(object))


def _none_of(ids: NDArray[Any], count: int) -> NDArray[Any]:
    if np.issubdtype(ids.dtype, np.integer):
        return np.zeros(count, dtype=ids.dtype)
    return np.full(count, "", dtype=object)


def _require_columns(table: Any, names: tuple[str, ...], what: str) -> None:
    for name in names:
        if name not in table.columns:
            raise SiteError(
                f"{what} have no column {name!r}",
                where=f"columns: {', '.join(map(str, table.columns))}",
                hint=nearest(name, map(str, table.columns)),
            )
