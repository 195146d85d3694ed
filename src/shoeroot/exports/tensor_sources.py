"""Where tensors come from: the events of a campaign, or a file of tensors; some rows at a time."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from shoeroot.design import FloatArray, Schema
from shoeroot.errors import ExportError
from shoeroot.events import Events, open_events
from shoeroot.exports.targets import TargetPlan
from shoeroot.optional import import_optional

__all__ = [
    "EventSource",
    "FileSource",
    "Source",
    "TensorBatch",
    "feature_columns",
    "storage_vectors",
    "tabular_names",
]

#: Where the values of the window parameter stand in an event's design.
_WINDOW = ("design_window_u_value", "design_window_shgc", "design_window_vlt")
_OWN = ("batch_id", "variation_id")


@dataclass(frozen=True, slots=True, eq=False)
class TensorBatch:
    """Some simulations as a surrogate model sees them: arrays of numpy, or tensors.

    Attributes
    ----------
    event_id : (n,) int64
    tabular : (n, n_columns) float32
        Numbers of the designs in 0..1 and one-hots, then features of the weather.
    schedules : (n, 3, 8760) float32 or None
        Equipment, lighting and occupancy in 0..1, after the designs' operations.
    targets : (n, n_targets) or (n, n_targets, 12 or 8760) float32
    """

    event_id: Any
    tabular: Any
    schedules: Any
    targets: Any

    def __len__(self) -> int:
        return len(self.event_id)


class Source(Protocol):
    """Reads rows, in any order; may be sent to other processes."""

    def close(self) -> None:
        """Close what is open; it is opened again when rows are read."""

    def read(self, rows: NDArray[np.int64], *, schedules: bool, targets: bool) -> TensorBatch:
        """Read some rows; what is not asked for is None."""


def storage_vectors(schema: Schema, events: Events) -> FloatArray:
    """Give the designs of events: (n_events, 90) float64, every number as it was."""
    vectors = np.zeros((len(events), schema.storage_length))
    for parameter in schema:
        if parameter.name == "WindowSettings":
            value: Any = np.stack([events.column(name) for name in _WINDOW], axis=1)
        else:
            prefix = "" if parameter.name in _OWN else "design_"
            value = np.asarray(events.column(f"{prefix}{parameter.name}"), dtype=np.float64)
        vectors[:, parameter.slice_storage] = value.reshape(len(events), parameter.length_storage)
    return vectors


def tabular_names(schema: Schema) -> tuple[str, ...]:
    """Name the columns of the tabular part of ML vectors."""
    names: list[str] = []
    for parameter in schema:
        if parameter.name == "schedules":
            continue
        if parameter.length_ml == 1:
            names.append(parameter.name)
        else:
            names += [f"{parameter.name}[{place}]" for place in range(parameter.length_ml)]
    return tuple(names)


class EventSource:
    """Makes tensors of events when they are asked for.

    Parameters
    ----------
    paths : tuple of Path
        The event files, which each process opens for itself.
    entries : (n_rows,) int64
        Places of the rows' events in them.
    schema : Schema
    plan : TargetPlan
    base : (n_templates, 3, 8760) float64, array, callable or None
        Schedules before the designs' operations; with `template_of`, by template.
    template_of : (n_rows,) int64 or None
    features : (n_rows, n_features) float32
        More columns of the tabular part.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        entries: NDArray[np.int64],
        schema: Schema,
        plan: TargetPlan,
        base: Any,
        template_of: NDArray[np.int64] | None,
        features: NDArray[np.float32],
    ) -> None:
        self.paths = tuple(path.absolute() for path in paths)
        self.entries = entries
        self.schema = schema
        self.plan = plan
        self.base = base
        self.template_of = template_of
        self.features = features
        self._opened: tuple[int, Events] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_opened": None}

    @property
    def events(self) -> Events:
        """All events of the files, opened in this process."""
        # Files that were opened before a fork share their place with the parent.
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = (os.getpid(), open_events(self.paths))
        return self._opened[1]

    def close(self) -> None:
        """Close the files; they are opened again when rows are read."""
        if self._opened is not None and self._opened[0] == os.getpid():
            self._opened[1].close()
        self._opened = None

    def read(self, rows: NDArray[np.int64], *, schedules: bool, targets: bool) -> TensorBatch:
        """Read some rows."""
        order, back = np.unique(rows, return_inverse=True)
        ordered = self._read(order, schedules=schedules, targets=targets)
        if len(order) == len(rows) and np.array_equal(order, rows):
            return ordered
        return TensorBatch(
            *(
                None if array is None else array[back]
                for array in (
                    ordered.event_id,
                    ordered.tabular,
                    ordered.schedules,
                    ordered.targets,
                )
            )
        )

    def _read(self, rows: NDArray[np.int64], *, schedules: bool, targets: bool) -> TensorBatch:
        wanted = np.zeros(len(self.events), dtype=bool)
        wanted[self.entries[rows]] = True
        # The entries of the rows ascend as the rows do.
        some = self.events.select(wanted)
        vectors = storage_vectors(self.schema, some)
        base = self.base if schedules else None
        if base is not None and self.template_of is not None:
            base = base[self.template_of[rows]]
        seen = self.schema.to_ml(vectors, base, dtype=np.float32)
        return TensorBatch(
            np.asarray(some.event_id, dtype=np.int64),
            np.hstack([seen.tabular, self.features[rows]]),
            seen.schedules,
            self.plan.read(some) if targets else None,
        )


class FileSource:
    """Reads one part of a file of tensors."""

    def __init__(self, path: Path, part: str) -> None:
        self.path = path.absolute()
        self.part = part
        self._opened: tuple[int, Any] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_opened": None}

    def close(self) -> None:
        """Close the file; it is opened again when rows are read."""
        if self._opened is not None and self._opened[0] == os.getpid():
            self._opened[1].close()
        self._opened = None

    @property
    def _group(self) -> Any:
        h5py = import_optional("h5py", "reads tensors", "pip install 'shoeroot[hdf5]'")
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = (os.getpid(), h5py.File(self.path, "r"))
        return self._opened[1][f"parts/{self.part}"]

    def read(self, rows: NDArray[np.int64], *, schedules: bool, targets: bool) -> TensorBatch:
        """Read some rows."""
        order, back = np.unique(rows, return_inverse=True)
        straight = np.array_equal(order, rows)
        try:
            group = self._group
            arrays = {
                name: _rows_of(group[name], order)
                for name, asked in (
                    ("event_id", True),
                    ("tabular", True),
                    ("schedules", schedules and "schedules" in group),
                    ("targets", targets),
                )
                if asked
            }
        except (OSError, KeyError, ValueError) as problem:
            raise ExportError(
                f"the tensors cannot be read: {problem}",
                where=f"{self.path}, part {self.part!r}",
                hint="the file is damaged: make it again",
            ) from problem
        if not straight:
            arrays = {name: array[back] for name, array in arrays.items()}
        return TensorBatch(
            *(arrays.get(name) for name in ("event_id", "tabular", "schedules", "targets"))
        )


def _rows_of(dataset: Any, rows: NDArray[np.int64]) -> NDArray[Any]:
    """Read ascending rows of an HDF5 dataset: at once where they follow each other."""
    if not len(rows):
        return np.asarray(dataset[0:0])
    if rows[-1] - rows[0] == len(rows) - 1:
        return np.asarray(dataset[int(rows[0]) : int(rows[-1]) + 1])
    return np.asarray(dataset[rows])


def feature_columns(
    weather: NDArray[Any], features: Mapping[str, Mapping[str, float]] | None
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Look up figures of each row's weather: names, and (n_rows, n_features) float32.

    Raises
    ------
    ExportError
        A weather has no figure.
    """
    if not features:
        return (), np.zeros((len(weather), 0), dtype=np.float32)
    names, which = np.unique(weather, return_inverse=True)
    columns = []
    for feature, figures in features.items():
        for name in names.tolist():
            if name not in figures:
                raise ExportError(
                    f"there is no {feature!r} of the weather {name!r}",
                    where="weather_features",
                    hint=f"give it: {{{feature!r}: {{{name!r}: ...}}}}",
                )
        columns.append(np.array([figures[name] for name in names.tolist()])[which.reshape(-1)])
    return tuple(features), np.stack(columns, axis=1).astype(np.float32)
