"""Events as Parquet files and back: nested columns that pandas, polars, DuckDB and Spark read.

Names and nesting are those of the record type; texts, options, lists and records become
Arrow's. Under the schema's metadata key ``shoeroot`` lies JSON with the record type, its content
id and the metadata of the events, so that what is read back is what was written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import awkward as ak

from shoeroot.errors import EventFileError, RecordError
from shoeroot.events.nested import nested_from_stripes, stripes_from_nested
from shoeroot.events.reader import Events
from shoeroot.events.replace import replaced
from shoeroot.events.self_described import (
    Progress,
    chunks_told,
    not_ours,
    own_texts,
    read_description,
    unreadable,
)
from shoeroot.optional import import_optional
from shoeroot.records import RecordType, Stripes

__all__ = ["read_parquet", "read_parquet_metadata", "write_parquet"]

KEY = b"shoeroot"
CHUNK = 100
UNREADABLE = "is it whole, and did shoeroot write it?"


def _pyarrow(part: str = "") -> Any:
    return import_optional(
        f"pyarrow{part}", "reads and writes Parquet", "pip install 'shoeroot[parquet]'"
    )


def write_parquet(
    events: Events,
    path: str | Path,
    *,
    compression: str = "zstd",
    chunk: int = CHUNK,
    progress: Progress = None,
) -> Path:
    """Write events as a Parquet file.

    Parameters
    ----------
    events : Events
        What to write.
    path : path
        The new file.
    compression : str
        A codec of Parquet: "zstd", "snappy", "gzip", "lz4", "none".
    chunk : int
        Events a row group, which is what is in memory at a time.
    progress : callable, optional
        Called with the number of events done and of all.

    Raises
    ------
    EventFileError
        If the file exists or there are no events. Nothing is left behind.
    MissingExtraError
        If pyarrow is not installed.
    """
    parquet = _pyarrow(".parquet")
    record_type, target = events.record_type, Path(path)
    about = {
        "schema": record_type.to_json(),
        "schema_id": record_type.content_id,
        "metadata": own_texts(events),
    }
    with replaced(target) as unfinished:
        writer: Any = None
        try:
            for part in chunks_told(events, chunk, progress):
                table = _table(record_type, part.stripes())
                if writer is None:
                    schema = table.schema.with_metadata({KEY: json.dumps(about).encode()})
                    writer = parquet.ParquetWriter(unfinished, schema, compression=compression)
                writer.write_table(table.replace_schema_metadata(schema.metadata))
        finally:
            if writer is not None:
                writer.close()
        if writer is None:
            raise EventFileError("there are no events to write", where=str(target))
    return target


def _table(record_type: RecordType, stripes: Stripes) -> Any:
    pyarrow = _pyarrow()
    array = nested_from_stripes(record_type, stripes)
    columns = {
        name: ak.to_arrow(array[name], extensionarray=False, list_to32=False)
        for name in array.fields
    }
    fields = [
        pyarrow.field(child.name, columns[child.name].type, metadata=_described(child))
        for child in record_type.fields
    ]
    return pyarrow.table(list(columns.values()), schema=pyarrow.schema(fields))


def _described(field: Any) -> dict[bytes, bytes]:
    return {b"unit": field.unit.encode(), b"description": field.description.encode()}


def read_parquet_metadata(path: str | Path) -> tuple[RecordType, dict[str, str], int]:
    """Give the record type, the metadata and the number of events of a Parquet file.

    Raises
    ------
    EventFileError
        If it is not a Parquet file that `write_parquet` made.
    """
    parquet = _pyarrow(".parquet")
    try:
        with parquet.ParquetFile(path) as file:
            stored = (file.schema_arrow.metadata or {}).get(KEY)
            count = int(file.metadata.num_rows)
    except Exception as problem:
        raise unreadable("Parquet", path, problem, UNREADABLE) from problem
    if stored is None:
        raise not_ours("Parquet", path)
    try:
        about = json.loads(stored)
        record_type, texts = read_description(
            about["schema"], about["schema_id"], about["metadata"], path
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecordError) as problem:
        raise unreadable("Parquet", path, problem, UNREADABLE) from problem
    return record_type, texts, count


def read_parquet(path: str | Path) -> Iterator[Stripes]:
    """Go through the events of a Parquet file, a row group at a time.

    Raises
    ------
    EventFileError
        If the file is damaged or its columns are not what it says.
    """
    parquet = _pyarrow(".parquet")
    record_type, _, _ = read_parquet_metadata(path)
    try:
        with parquet.ParquetFile(path) as file:
            for group in range(file.metadata.num_row_groups):
                array = _array(file.read_row_group(group))
                yield stripes_from_nested(record_type, array, str(path))
    except EventFileError:
        raise
    except Exception as problem:
        raise unreadable("Parquet", path, problem, UNREADABLE) from problem


def _array(table: Any) -> ak.Array:
    columns = {
        name: ak.from_arrow(column.combine_chunks())
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return ak.zip(columns, depth_limit=1)
