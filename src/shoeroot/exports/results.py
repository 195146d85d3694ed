"""Results in the layout of the authors' notebook, as HDF5 or Parquet: four series a simulation."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.design import FloatArray, Schema
from shoeroot.errors import ExportError, nearest
from shoeroot.events import Events, open_events
from shoeroot.exports.campaign_tensors import schema_of
from shoeroot.exports.targets import ZONE_NAMES, zone_values
from shoeroot.exports.tensor_sources import storage_vectors
from shoeroot.hdf5_file import new_hdf5
from shoeroot.optional import import_optional
from shoeroot.progress import Advance, progress

__all__ = ["RESULT_SERIES", "write_results"]

#: The second dimension of `hourly` and `monthly`.
RESULT_SERIES = ("perimeter heating", "perimeter cooling", "core heating", "core cooling")
#: Joules in a kilowatt-hour, by definition.
JOULES = 3.6e6
HOURS, MONTHS = 8760, 12
#: Simulations in memory at a time: 40 MB.
BATCH = 100
_MONTH_STARTS = np.cumsum([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30]) * 24
_TEXTS = ("status", "weather", "template")


@dataclass(frozen=True, slots=True, eq=False)
class _Some:
    """Some simulations in the layout of the notebook."""

    event_id: NDArray[np.int64]
    hourly: NDArray[np.float32]
    monthly: NDArray[np.float32]
    areas: FloatArray
    storage_vectors: FloatArray
    texts: dict[str, list[str]]


def write_results(
    campaign: Events | str | Path,
    path: str | Path,
    *,
    schema: Schema | None = None,
    overwrite: bool = False,
    show_progress: bool = True,
) -> Path:
    """Write the results of a campaign in the layout of the authors' notebook.

    ``hourly`` (n, 4, 8760) float32
        Heat delivered and removed in each hour [J]: perimeter heating, perimeter cooling, core
        heating, core cooling. Zeros where there is no core; NaN where the simulation failed.
    ``monthly`` (n, 4, 12) float32
        The same by month [J].
    ``areas`` (n, 2) float64
        Floor area of perimeter and core [m2].
    ``storage_vectors`` (n, 90) float64
        The designs.
    ``event_id``, ``status``, ``weather``, ``template`` (n,)

    An HDF5 file has them as datasets. A Parquet file has one row a simulation, with one column
    of lists a series (``hourly_perimeter_heating``, ...), and the areas as two columns. Rows are
    in the order of the events, which are read some at a time.

    Parameters
    ----------
    campaign : path or Events
    path : path
        The new file: ``*.hdf5``, ``*.h5`` or ``*.parquet``.
    schema : Schema, optional
        By default that of the campaign's designs.
    overwrite : bool
        Replace a file that is there.
    show_progress : bool

    Raises
    ------
    ExportError
        The ending is unknown, the file exists or cannot be written, or there are no events.
        Nothing is left behind.
    MissingExtraError
        h5py or pyarrow is not installed.
    """
    target = Path(path)
    writers = {".hdf5": _write_hdf5, ".h5": _write_hdf5, ".parquet": _write_parquet}
    if target.suffix not in writers:
        raise ExportError(
            f"results cannot become a {target.suffix or 'nameless'} file",
            where=str(target),
            hint=nearest(target.suffix, writers),
        )
    if not target.absolute().parent.is_dir():
        raise ExportError("there is no such folder", where=str(target.absolute().parent))
    if target.exists() and not overwrite:
        raise ExportError(
            "the file exists already",
            where=str(target),
            hint="give another name, or overwrite=True (--overwrite) to replace it",
        )
    if not isinstance(campaign, Events):
        schema = schema or schema_of(campaign)
        with open_events(campaign) as events:
            return _write(events, target, schema, writers[target.suffix], show_progress)
    return _write(
        campaign, target, schema or schema_of(campaign), writers[target.suffix], show_progress
    )


def _write(events: Events, target: Path, schema: Schema, writer: Any, show: bool) -> Path:
    if len(events) == 0:
        raise ExportError("there are no events to export", where=str(events.paths[:1]))
    temporary = target.with_name(f".{target.name}-{uuid.uuid4().hex}.part")
    try:
        with progress("Writing results", len(events), show=show) as advance:
            writer(temporary, len(events), schema, _batches(events, schema, advance))
        temporary.replace(target)
    except OSError as problem:
        raise ExportError(
            f"the results cannot be written: {problem.strerror or problem}", where=str(target)
        ) from problem
    finally:
        temporary.unlink(missing_ok=True)
    return target


def _batches(events: Events, schema: Schema, advance: Advance) -> Iterator[_Some]:
    for some in events.chunks(BATCH):
        each = [
            zone_values(some, f"zones_hourly_{name}", (HOURS,)) for name in ("heating", "cooling")
        ]
        hourly = np.stack(each, axis=2).reshape(len(some), len(RESULT_SERIES), HOURS) * JOULES
        areas = zone_values(some, "zones_floor_area")
        failed = np.asarray(some.counts("zones")) == 0
        hourly[failed], areas[failed] = np.nan, np.nan
        yield _Some(
            np.asarray(some.event_id, dtype=np.int64),
            hourly.astype(np.float32),
            np.add.reduceat(hourly, _MONTH_STARTS, axis=2).astype(np.float32),
            areas,
            storage_vectors(schema, some),
            {name: some.column(name).tolist() for name in _TEXTS},
        )
        advance(len(some))


def _parameters(schema: Schema) -> str:
    return json.dumps(
        {
            "program_types": schema.program_types,
            "climate_zones": schema.climate_zones,
            "parameters": {one.name: {"unit": one.unit, "description": one.info} for one in schema},
        }
    )


def _write_hdf5(path: Path, count: int, schema: Schema, batches: Iterator[_Some]) -> None:
    h5py = import_optional("h5py", "writes HDF5", "pip install 'shoeroot[hdf5]'")
    text = h5py.string_dtype()
    with new_hdf5(path, "writes HDF5") as (file, check):
        for name, length in (("hourly", HOURS), ("monthly", MONTHS)):
            shape = (len(RESULT_SERIES), length)
            dataset = file.create_dataset(
                name,
                shape=(count, *shape),
                dtype=np.float32,
                chunks=(1, *shape),
                compression="gzip",
                compression_opts=1,
                shuffle=True,
            )
            dataset.attrs["series"], dataset.attrs["unit"] = RESULT_SERIES, "J"
        areas = file.create_dataset("areas", shape=(count, len(ZONE_NAMES)), dtype=np.float64)
        areas.attrs["zones"], areas.attrs["unit"] = ZONE_NAMES, "m2"
        vectors = file.create_dataset(
            "storage_vectors", shape=(count, schema.storage_length), dtype=np.float64
        )
        vectors.attrs["schema"] = _parameters(schema)
        file.create_dataset("event_id", shape=(count,), dtype=np.int64)
        for name in _TEXTS:
            file.create_dataset(name, shape=(count,), dtype=text)
        done = 0
        for some in batches:
            rows = slice(done, done + len(some.event_id))
            for name in ("event_id", "hourly", "monthly", "areas", "storage_vectors"):
                file[name][rows] = getattr(some, name)
            for name in _TEXTS:
                file[name][rows] = some.texts[name]
            done = rows.stop
            check()


def _write_parquet(path: Path, count: int, schema: Schema, batches: Iterator[_Some]) -> None:
    hint = "pip install 'shoeroot[parquet]'"
    pyarrow = import_optional("pyarrow", "writes Parquet", hint)
    parquet = import_optional("pyarrow.parquet", "writes Parquet", hint)

    def lists(values: NDArray[Any]) -> Any:
        flat = pyarrow.array(np.ascontiguousarray(values).reshape(-1))
        return pyarrow.FixedSizeListArray.from_arrays(flat, values.shape[1])

    about = {"rows": count, "unit": "J", "storage_vector": json.loads(_parameters(schema))}
    writer: Any = None
    try:
        for some in batches:
            columns = {"event_id": pyarrow.array(some.event_id), **some.texts}
            for place, name in enumerate(ZONE_NAMES):
                columns[f"{name}_area"] = pyarrow.array(some.areas[:, place])
            for kind in ("monthly", "hourly"):
                for place, name in enumerate(RESULT_SERIES):
                    column = f"{kind}_{name.replace(' ', '_')}"
                    columns[column] = lists(getattr(some, kind)[:, place])
            columns["storage_vector"] = lists(some.storage_vectors)
            table = pyarrow.table(columns)
            table = table.replace_schema_metadata({"shoeroot results": json.dumps(about)})
            writer = writer or parquet.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()
