"""`Dataset`: the event files of a dataset, as far as lineages need to know them."""

from __future__ import annotations

import time
from functools import cached_property
from pathlib import Path

from shoeroot.events import FileStamp, content_id, file_stamps
from shoeroot.minitrees.store import Header

__all__ = ["Dataset"]


class Dataset:
    """A campaign folder or an event file.

    Parameters
    ----------
    path : path
        Where it is.

    Raises
    ------
    EventFileError
        There are no event files.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.name = self.path.name or str(self.path)
        # The moment comes first: what changes after it must show in the stamps.
        self.stamped_at = time.time_ns()
        self.stamps: tuple[FileStamp, ...] = file_stamps(path)

    @cached_property
    def content_id(self) -> str:
        """Hash of the events."""
        return content_id(self.path)

    def events_of(self, header: Header) -> str:
        """Give the content id, without opening the event files where a mini-tree proves it."""
        return header.lineage.events if header.proves(self.stamps) else self.content_id

    def has_changed(self) -> bool:
        """Say whether the files are others than before."""
        return file_stamps(self.path) != self.stamps
