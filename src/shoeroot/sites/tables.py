"""Tables as files: CSV, and GeoPackages and other files with geometries; whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoeroot.errors import SiteError, nearest

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["KINDS", "write_table"]

#: Endings of files, and what GDAL calls them; "" is written by pandas.
KINDS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".shp": "ESRI Shapefile", ".csv": ""}


def write_table(table: pd.DataFrame, path: str | Path, layer: str = "") -> Path:
    r"""Write a table in the place of a file of that name.

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
        Where it has geometries, a CSV file leaves them out. GeoJSON is in longitude and latitude.
    path : path
        \*.gpkg, \*.geojson, \*.shp or \*.csv.
    layer : str
        Of a GeoPackage.

    Raises
    ------
    SiteError
        The ending is unknown, or the file cannot be written.
    """
    target = Path(path)
    kind = KINDS.get(target.suffix.lower())
    if kind is None:
        raise SiteError(
            f"a table cannot be written as {target.suffix or target.name!r}",
            where=str(target),
            hint=nearest(target.suffix, KINDS),
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        room = Path(tempfile.mkdtemp(prefix=f".{target.stem}-", dir=target.parent))
        try:
            _write(table, room / target.name, kind, layer or target.stem)
            # A shapefile is several files; the one that is opened comes last.
            for part in sorted(room.iterdir(), key=lambda one: one.suffix == target.suffix):
                part.replace(target.with_name(part.name))
        finally:
            shutil.rmtree(room, ignore_errors=True)
    except (OSError, RuntimeError, ValueError) as problem:
        raise SiteError(
            f"the table cannot be written: {problem}",
            where=str(target),
            hint="give a name in a folder with room that you may write to",
        ) from problem
    return target


def _write(table: Any, path: Path, kind: str, layer: str) -> None:
    if not kind:
        plain = table.drop(columns="geometry") if "geometry" in table.columns else table
        plain.to_csv(path, index=False)
        return
    if kind == "GeoJSON":
        table = table.to_crs(4326)
    options = {"layer": layer} if kind == "GPKG" else {}
    with warnings.catch_warnings():
        # Names of columns in shapefiles are cut to ten letters, as they always were.
        warnings.filterwarnings("ignore", message=".*(ormalized|truncated).*")
        table.to_file(path, driver=kind, **options)
