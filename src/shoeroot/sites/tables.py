"""Tables as files: CSV, and GeoPackages and other files with geometries; whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoeroot.errors import SiteError, nearest
from shoeroot.optional import import_optional

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["KINDS", "writable", "write_table"]

#: Endings of files, and what GDAL calls them; "" and Parquet are not GDAL's.
KINDS = {
    ".gpkg": "GPKG",
    ".geojson": "GeoJSON",
    ".shp": "ESRI Shapefile",
    ".csv": "",
    ".parquet": "Parquet",
}


def write_table(table: pd.DataFrame, path: str | os.PathLike[str], layer: str = "") -> Path:
    r"""Write a table in the place of a file of that name.

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
        Where it has geometries, a CSV file leaves them out. GeoJSON is in longitude and latitude.
    path : path
        \*.gpkg, \*.geojson, \*.shp, \*.csv or \*.parquet.
    layer : str
        Of a GeoPackage.

    Raises
    ------
    SiteError
        The ending is unknown, or the file cannot be written.
    """
    target, kind = writable(path, geometries="geometry" in table.columns)
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


def writable(path: str | os.PathLike[str], *, geometries: bool) -> tuple[Path, str]:
    """See that a table, with geometries or without, can be written into a file of that name.

    Returns
    -------
    path, kind
        Its kind is one of `KINDS`.

    Raises
    ------
    SiteError
        The ending is unknown, or such files hold geometries only.
    """
    target = Path(path)
    kind = KINDS.get(target.suffix.lower())
    plain = [ending for ending, made in KINDS.items() if made in ("", "Parquet")]
    known = list(KINDS) if geometries else plain
    if kind is None or target.suffix.lower() not in known:
        raise SiteError(
            f"a table cannot be written as {target.suffix or target.name!r}",
            where=str(target),
            hint=nearest(target.suffix, known),
        )
    if kind == "Parquet":
        import_optional("pyarrow", "writes Parquet files", "pip install 'shoeroot[parquet]'")
    return target, kind


def _write(table: Any, path: Path, kind: str, layer: str) -> None:
    if not kind:
        plain = table.drop(columns="geometry") if "geometry" in table.columns else table
        plain.to_csv(path, index=False)
        return
    if kind == "Parquet":
        table.to_parquet(path, index=False)
        return
    if kind == "GeoJSON":
        table = table.to_crs(4326)
    options = {"layer": layer} if kind == "GPKG" else {}
    with warnings.catch_warnings():
        # Names of columns in shapefiles are cut to ten letters, as they always were.
        warnings.filterwarnings("ignore", message=".*(ormalized|truncated).*")
        table.to_file(path, driver=kind, **options)
