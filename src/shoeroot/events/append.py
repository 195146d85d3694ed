"""Adding events to a file that is complete, without ever having it half-written.

The new events go to a file of their own beside it, batch by batch as any part does. When all are
there both are merged into a new file, which takes the place of the old one in one step. A killed
append leaves the old file as it was, and its own ``*.appended.root.part`` to be salvaged.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from shoeroot.errors import EventFileError
from shoeroot.events.backends import file_facts
from shoeroot.events.event_ids import has_event_ids
from shoeroot.events.merge import first_difference_of_types, merge
from shoeroot.events.metadata import RESERVED
from shoeroot.events.reader import open_events
from shoeroot.events.writer import EventWriter
from shoeroot.records import RecordType, Stripes, class_from_type

__all__ = ["Appender"]

LARGEST_FILE = 1.5e9


class Appender(EventWriter):
    """Write events after those of a complete file; use it in a ``with`` block.

    Parameters
    ----------
    path : path
        The file.
    record_type : RecordType or type, optional
        What is written; by default what the file holds.
    metadata : mapping of str to str, optional
        By default that of the file. Where it differs, `merge` says how both are kept.
    batch, expected_events : int
        As for `EventWriter`.

    Raises
    ------
    EventFileError
        If the file cannot be read, or holds another record type: the first difference is named.

    Notes
    -----
    The file is read and written once in full when the writer is closed. For many events begin a
    new part instead: `EventWriter` with the folder.
    """

    def __init__(
        self,
        path: str | Path,
        record_type: RecordType | type | None = None,
        *,
        metadata: Mapping[str, str] | None = None,
        batch: int = 100,
        expected_events: int = 1000,
    ) -> None:
        self._target = Path(path)
        facts = file_facts(self._target)
        _check_type(self._target, facts.record_type, record_type)
        with open_events([self._target], record_class=class_from_type(facts.record_type)) as events:
            texts = events.metadata
            ids = has_event_ids(facts.record_type)
            self._known_ids = np.unique(events["event_id"]) if ids else None
        kept = {key: text for key, text in texts.items() if key not in RESERVED}
        bits = texts.get("mantissa_bits", "")
        super().__init__(
            self._target.with_name(f"{self._target.stem}.appended.root"),
            facts.record_type,
            metadata=kept if metadata is None else metadata,
            batch=batch,
            max_part_bytes=LARGEST_FILE - self._target.stat().st_size,
            expected_events=expected_events,
            backend=facts.backend,
            mantissa_bits=int(bits) if bits in ("12", "16") else None,
        )

    def close(self) -> None:
        """Commit what is pending and put the events into the file."""
        super().close()
        for added in tuple(self._finished):
            with tempfile.TemporaryDirectory(
                prefix=f".{self._target.name}.", dir=self._target.parent
            ) as folder:
                merged = merge([self._target, added], Path(folder) / self._target.name)
                _sync(merged.path)
                os.replace(merged.path, self._target)  # noqa: PTH105 (what matters is in the name)
            _sync(self._target.parent)
            added.unlink()
            self._finished = []

    def _extend(self, stripes: Stripes, count: int) -> None:
        if self._known_ids is not None:
            twice = np.intersect1d(self._known_ids, stripes["event_id"])
            if len(twice):
                self._abandon()
                raise EventFileError(
                    f"event_id {twice[0]} is in the file already",
                    where=str(self._target),
                    hint="an id names one event of a file",
                )
        super()._extend(stripes, count)


def _check_type(path: Path, present: RecordType, given: Any) -> None:
    if given is None:
        return
    wanted = given if isinstance(given, RecordType) else RecordType.of(given)
    if wanted.content_id != present.content_id:
        raise EventFileError(
            f"the file holds another record type than {wanted.name}: "
            f"{first_difference_of_types(present, wanted) or 'its descriptions differ'}",
            where=str(path),
            hint="write to the folder, where a new part is begun",
        )


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
