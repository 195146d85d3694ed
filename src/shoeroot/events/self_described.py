"""What files of other formats say of the events in them, and how those are written and refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from shoeroot.errors import EventFileError
from shoeroot.events.metadata import RESERVED
from shoeroot.events.reader import Events
from shoeroot.records import RecordType

__all__ = ["Progress", "chunks_told", "not_ours", "own_texts", "read_description", "unreadable"]

Progress = Callable[[int, int], None] | None
"""Called with the number of events done and of all."""


def own_texts(events: Events) -> dict[str, str]:
    """Give the metadata of events that a new file takes along."""
    return {key: text for key, text in events.metadata.items() if key not in RESERVED}


def chunks_told(events: Events, size: int, progress: Progress) -> Iterator[Events]:
    """Go through events some at a time, and tell how many the caller is done with."""
    done = 0
    for part in events.chunks(size):
        yield part
        done += len(part)
        if progress is not None:
            progress(done, len(events))


def read_description(
    schema: str, schema_id: Any, texts: Mapping[Any, Any], path: str | Path
) -> tuple[RecordType, dict[str, str]]:
    """Give the record type and the metadata of the events that a file says it has.

    Raises
    ------
    EventFileError
        The record type has not the id that it claims.
    ValueError, KeyError, TypeError, AttributeError, RecordError
        It is no record type.
    """
    record_type = RecordType.from_json(schema)
    metadata = {str(key): str(text) for key, text in texts.items()}
    if record_type.content_id != schema_id:
        raise EventFileError(
            "the schema in the file does not have the id it claims", where=str(path)
        )
    return record_type, metadata


def not_ours(kind: str, path: str | Path) -> EventFileError:
    """Make the error for a file that is whole, but of somebody else."""
    return EventFileError(
        "the file does not say what its events are",
        where=str(path),
        hint=f"only {kind} files that shoeroot wrote can become events",
    )


def unreadable(kind: str, path: str | Path, problem: Exception, hint: str) -> EventFileError:
    """Make the error for a file that cannot be read."""
    return EventFileError(
        f"the {kind} file cannot be read: {type(problem).__name__}: {problem}",
        where=str(path),
        hint=hint,
    )
