"""Tables as pandas or polars DataFrames, or Arrow tables; units and cut flow come along."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np

from shoeroot.errors import ConfigError, nearest
from shoeroot.minitrees.cutflow import CutFlow
from shoeroot.minitrees.tables import Table, frame_of
from shoeroot.optional import import_optional

__all__ = ["Backend", "check_backend", "converted", "flow_of_foreign", "table_of_arrow"]

Backend = Literal["pandas", "polars", "arrow"]

#: Key of the metadata of an Arrow schema: JSON with columns, datasets and cut_flow.
METADATA = b"shoeroot"


def check_backend(backend: str) -> None:
    """Refuse a backend that there is not.

    Raises
    ------
    ConfigError
        With the nearest names.
    MissingExtraError
        Its package is not installed; told before anything is loaded.
    """
    known = get_args(Backend)
    if backend not in known:
        raise ConfigError(f"there is no backend {backend!r}", hint=nearest(str(backend), known))
    if backend == "arrow":
        _pyarrow()
    if backend == "polars":
        _polars()


def converted(table: Table, backend: Backend) -> Any:
    """Give a table as what the user wants."""
    if backend == "arrow":
        return _arrow(table)
    if backend == "polars":
        return _polars_frame(table)
    return frame_of(table)


def flow_of_foreign(data: Any) -> CutFlow:
    """Give the cut flow of an Arrow table.

    Raises
    ------
    ConfigError
        It is something that cannot carry one.
    """
    stored = getattr(getattr(data, "schema", None), "metadata", None) or {}
    if METADATA not in stored:
        raise ConfigError(
            f"this {type(data).__name__} carries no cut flow",
            hint="give what shoeroot.minitrees.load gave; polars forgets it when it makes another "
            "table, so ask the one that load gave",
        )
    flow = json.loads(stored[METADATA]).get("cut_flow")
    return CutFlow((data.num_rows,)) if flow is None else CutFlow.from_dict(flow)


def _arrow(table: Table) -> Any:
    pyarrow = _pyarrow()
    arrays, fields = [], []
    for name, values in table.columns.items():
        array = pyarrow.array(values, from_pandas=False)
        about = table.info.get(name, {})
        fields.append(pyarrow.field(name, array.type, metadata=dict(about)))
        arrays.append(array)
    carried: dict[str, Any] = {
        "columns": {name: dict(about) for name, about in table.info.items()},
        "datasets": dict(table.datasets),
        "cut_flow": None if table.flow is None else table.flow.to_dict(),
    }
    schema = pyarrow.schema(fields, metadata={METADATA: json.dumps(carried).encode()})
    return pyarrow.Table.from_arrays(arrays, schema=schema)


def table_of_arrow(data: Any) -> Table:
    """Take an Arrow table apart that `converted` made; another one has no units and cut flow."""
    carried = json.loads((data.schema.metadata or {}).get(METADATA, b"{}"))
    flow = carried.get("cut_flow")
    frame = data.to_pandas()
    columns = {str(name): frame[name].to_numpy() for name in frame.columns}
    return Table(
        columns,
        carried.get("columns", {}),
        None if flow is None else CutFlow.from_dict(flow),
        carried.get("datasets", {}),
    )


def _polars_frame(table: Table) -> Any:
    polars = _polars()
    frame = polars.DataFrame(
        {name: _plain(values, polars) for name, values in table.columns.items()}
    )
    # polars has no metadata of its own: what is made from this frame is without.
    frame.attrs = frame_of(replace(table, columns={})).attrs
    return frame


def _plain(values: Any, polars: Any) -> Any:
    if not isinstance(values, np.ndarray):
        return polars.from_pandas(values.to_numpy(dtype=object, na_value=None))
    return polars.Series(values.tolist()) if values.dtype == object else values


def _pyarrow() -> Any:
    return import_optional("pyarrow", "makes Arrow tables", "pip install 'shoeroot[parquet]'")


def _polars() -> Any:
    return import_optional("polars", "makes polars DataFrames", "pip install 'shoeroot[polars]'")
