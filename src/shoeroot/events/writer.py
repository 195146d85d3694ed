"""`EventWriter`: records or columns in, ROOT files out, in batches and parts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ConfigError, EventFileError
from shoeroot.events.backends import Part, check_backend, make_part
from shoeroot.events.background import Background
from shoeroot.events.batches import count_events, join, slice_events
from shoeroot.events.layout import Layout
from shoeroot.events.metadata import describe_file
from shoeroot.events.truncate import check_bits, round_series
from shoeroot.records import (
    RecordType,
    Stripes,
    stripes_from_columns,
    stripes_from_records,
)

__all__ = ["EventWriter"]

LARGEST_BATCH = 1000
#: Events of a part in a folder: what is known of each batch is in memory until a part is complete.
LARGEST_PART = 10_000
_PART = re.compile(r"part-(\d+)\.root(\.part)?\Z")


class EventWriter:
    """Write events of one record type; use it in a ``with`` block.

    Parameters
    ----------
    destination : path
        A folder, in which ``part-0000.root`` and so on are written after those that are there,
        or one file whose name ends in ``.root``.
    record_type : RecordType or type
        What is written: a record type or the dataclass that declares it.
    metadata : mapping of str to str
        Stored in each file under ``meta/``.
    batch : int
        Events a commit (50 to 200 are best): a killed writer loses less than this.
    max_part_bytes : float
        A part that would grow past this, or has 10,000 events, is completed and the next is
        begun. A single file that would grow past this is an error.
    expected_events : int
        About how many events a part will get; more is no harm, only a little slower.
    backend : str
        "ttree", or "rntuple", which nests natively and needs ROOT 6.34 or later.
    mantissa_bits : int, optional
        12 or 16: round the float32 arrays of own trees, the hourly series, to so many bits of
        mantissa (`events.truncate`), which the metadata then say; by default they are exact.

    Notes
    -----
    Batches are compressed and written in the background while the caller makes the next events;
    `committed`, `paths` and `close` wait for that. An error of the background is raised by the
    next call, and closes the writer. A caller may use the arrays that it gave as columns again
    when `write` returns.

    A part is named ``*.root.part`` until it is complete. When the ``with`` block is left by an
    exception, the part with all committed batches stays under that name and events that were
    not committed are dropped. A writer that got no events at all leaves no file: a tree without
    entries helps nobody, and a folder without parts says plainly that nothing was written.
    """

    def __init__(
        self,
        destination: str | Path,
        record_type: RecordType | type,
        *,
        metadata: Mapping[str, str] | None = None,
        batch: int = 100,
        max_part_bytes: float = 1.5e9,
        expected_events: int = 1000,
        backend: str = "ttree",
        mantissa_bits: int | None = None,
    ) -> None:
        if not 1 <= batch <= LARGEST_BATCH:
            raise ConfigError(f"batch is {batch}", hint=f"1 to {LARGEST_BATCH}, best 50 to 200")
        self._destination = Path(destination)
        self._single = self._destination.suffix == ".root"
        self._type = (
            record_type if isinstance(record_type, RecordType) else RecordType.of(record_type)
        )
        self._layout = Layout.of(self._type)
        self._bits = check_bits(mantissa_bits)
        said = {} if mantissa_bits is None else {"mantissa_bits": str(mantissa_bits)}
        self._texts = describe_file(self._type, {**(metadata or {}), **said})
        self._batch = batch
        self._limit = max_part_bytes
        self._baskets = max(4, expected_events // batch + 2)
        self._pending: list[Stripes] = []
        self._pending_count = 0
        self._part: Part | None = None
        self._backend = check_backend(backend)
        self._background = Background("shoeroot-commit")
        self._given = 0
        self._committed = 0
        self._finished: list[Path] = []
        self._closed = False
        if self._single and self._destination.exists():
            raise EventFileError(
                "the file exists already",
                where=str(self._destination),
                hint="give another name, or a folder, where a new part is begun",
            )

    @staticmethod
    def append_to(
        path: str | Path, record_type: RecordType | type | None = None, **options: Any
    ) -> EventWriter:
        """Give a writer that adds events to a complete file.

        Parameters
        ----------
        path : path
            The file, which stays as it is until the writer is closed.
        record_type : RecordType or type, optional
            What is written; by default what the file holds.
        **options
            ``metadata``, ``batch`` and ``expected_events``.
        """
        from shoeroot.events.append import Appender

        return Appender(path, record_type, **options)

    @property
    def record_type(self) -> RecordType:
        """What is written."""
        return self._type

    @property
    def committed(self) -> int:
        """Number of events that are on disk, in all parts of this writer."""
        self._wait()
        return self._committed

    @property
    def paths(self) -> tuple[Path, ...]:
        """The completed parts."""
        self._wait()
        return tuple(self._finished)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._abandon()

    def write(self, events: Sequence[Any] | Mapping[str, Any]) -> None:
        """Take events, and commit whole batches of them.

        Parameters
        ----------
        events : sequence of records, or mapping
            Dataclass instances, or columns by flattened name (`RecordType.columns`).

        Raises
        ------
        RecordError
            If they do not fit the record type; none of them is taken then.
        EventFileError
            If they cannot be written.
        """
        if self._closed:
            raise EventFileError("the writer is closed", where=str(self._destination))
        if isinstance(events, Mapping):
            stripes = stripes_from_columns(self._type, events)
        else:
            stripes = stripes_from_records(self._type, events)
        count = count_events(self._type, stripes)
        if count == 0:
            return
        self._pending.append(stripes)
        self._pending_count += count
        if self._pending_count >= self._batch:
            self._commit(whole_batches=True)
        if isinstance(events, Mapping):
            # The stripes may be the caller's own arrays, who will change them.
            self._wait()
            if self._pending:
                last = self._pending[-1]
                self._pending[-1] = {name: array.copy() for name, array in last.items()}

    def flush(self) -> None:
        """Commit what is pending, as a batch that may be small; it is on disk when this returns.

        Raises
        ------
        EventFileError
            If the events cannot be written.
        """
        if self._closed:
            raise EventFileError("the writer is closed", where=str(self._destination))
        self._commit(whole_batches=False)
        self._wait()

    def close(self) -> None:
        """Commit what is pending and complete the last part."""
        if self._closed:
            return
        try:
            self._commit(whole_batches=False)
            self._background.wait()
            self._finish_part()
        finally:
            self._abandon()

    def _wait(self) -> None:
        try:
            self._background.wait()
        except BaseException:
            # What came after a batch that is not there must not be written.
            self._abandon()
            raise

    def _abandon(self) -> None:
        self._closed = True
        self._background.close()
        self._pending, self._pending_count = [], 0
        if self._part is not None:
            part, self._part = self._part, None
            part.abandon()

    def _commit(self, *, whole_batches: bool) -> None:
        if self._pending_count == 0:
            return
        stripes, count = join(self._type, self._pending), self._pending_count
        start = 0
        while count - start >= (self._batch if whole_batches else 1):
            stop = min(start + self._batch, count)
            self._extend(slice_events(self._type, stripes, start, stop, count), stop - start)
            start = stop
        rest = slice_events(self._type, stripes, start, count, count)
        self._pending_count = count - start
        self._pending = [rest] if self._pending_count else []

    def _extend(self, stripes: Stripes, count: int) -> None:
        self._wait()
        if self._part is None:
            self._part = make_part(
                self._backend,
                self._next_path(),
                self._layout,
                self._texts,
                self._batch,
                self._baskets,
            )
        part, ids = self._part, self._event_ids(stripes, count)
        self._given += count
        self._background.start(lambda: self._write_batch(part, stripes, ids))

    def _write_batch(self, part: Part, stripes: Stripes, ids: NDArray[Any]) -> None:
        before = part.size()
        part.extend(round_series(self._type, stripes, self._bits), ids)
        self._committed += len(ids)
        size = part.size()
        is_full = size + (size - before) > self._limit or part.count >= LARGEST_PART
        if is_full and not self._single:
            self._finish_part()
        elif size > self._limit:
            raise EventFileError(
                f"the file would grow past {self._limit:.3g} bytes",
                where=str(part.unfinished),
                hint="write to a folder, where a next part is begun",
            )

    def _event_ids(self, stripes: Stripes, count: int) -> Any:
        stripe = self._type.stripes.get("event_id")
        if stripe is not None and stripe.role == "value" and not stripe.frame:
            ids = stripes["event_id"]
            if ids.ndim == 1 and ids.dtype.kind in "iu":
                return ids
        return np.arange(self._given, self._given + count, dtype=np.int64)

    def _finish_part(self) -> None:
        if self._part is not None:
            part, self._part = self._part, None
            part.finish()
            self._finished.append(part.path)

    def _next_path(self) -> Path:
        folder = self._destination.parent if self._single else self._destination
        folder.mkdir(parents=True, exist_ok=True)
        if self._single:
            return self._destination
        # Parts that killed writers left (*.part) keep their number, to be salvaged.
        taken = [
            int(match.group(1))
            for entry in folder.iterdir()
            if (match := _PART.match(entry.name)) is not None
        ]
        return folder / f"part-{max(taken, default=-1) + 1:04d}.root"
