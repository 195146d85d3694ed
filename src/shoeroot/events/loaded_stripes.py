"""`LoadedStripes`: the flat arrays of some events, read when asked for, checked, and kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import EventFileError
from shoeroot.events.parts import Parts
from shoeroot.events.selection import take, windows
from shoeroot.records import Stripes, frame_offsets

__all__ = ["LoadedStripes"]


class LoadedStripes:
    """What has been read of some events so far.

    Parameters
    ----------
    parts : Parts
        The files.
    entries : range or array, optional
        Which events, by their number in all files, increasing; by default all.
    """

    def __init__(self, parts: Parts, entries: range | NDArray[np.int64] | None = None) -> None:
        self._parts = parts
        self._entries = entries
        self._stripes: Stripes = {}

    @property
    def entries(self) -> range | NDArray[np.int64]:
        """Which events."""
        # All events, unless said otherwise: known only when needed, since it reads each tree.
        if self._entries is None:
            self._entries = range(int(self._parts.starts[-1]))
        return self._entries

    @property
    def names(self) -> tuple[str, ...]:
        """Which stripes were read."""
        return tuple(self._stripes)

    def stripe(self, name: str) -> NDArray[Any]:
        """Give one flat array.

        Raises
        ------
        EventFileError
            It cannot be read, or does not fit the lists or texts that it belongs to.
        """
        self.load([name])
        return self._stripes[name]

    def load(self, names: Iterable[str]) -> None:
        """Read stripes that were not read yet, all of them at once; errors as in `stripe`."""
        missing = [name for name in dict.fromkeys(names) if name not in self._stripes]
        if not missing:
            return
        pieces: dict[str, list[NDArray[Any]]] = {}
        for piece in self._pieces(missing):
            for key, array in piece.items():
                pieces.setdefault(key, []).append(array)
        for key, arrays in pieces.items():
            self._stripes[key] = arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
        for name in missing:
            self._check_length(name)

    def _pieces(self, names: Sequence[str]) -> Iterator[Stripes]:
        layout = self._parts.layout
        for reader, start, stop, picked in windows(self._parts, self.entries):
            piece = reader.read(layout, names, start, stop)
            if picked is not None:
                piece = take(self._parts, reader, piece, start, stop, picked)
            yield piece

    def _check_length(self, name: str) -> None:
        about = self._parts.record_type.stripes[name]
        counts = {outer: self.stripe(outer) for outer in about.frame}
        wanted = int(frame_offsets(counts, about.frame, len(self.entries))[-1])
        if len(self._stripes[name]) != wanted:
            raise self._damaged(
                f"{name!r} has {len(self._stripes[name])} values where its lists need {wanted}"
            )
        if about.role == "text":
            self._check_letters(name, counts[about.frame[-1]])

    def _check_letters(self, name: str, lengths: NDArray[Any]) -> None:
        letters = self._stripes[name]
        starts = (np.cumsum(lengths) - lengths)[lengths > 0]
        try:
            letters.tobytes().decode()
            # A text that starts within a letter of UTF-8 would only fail when it is taken out.
            broken = bool(np.any(letters[starts] & 0xC0 == 0x80))
        except UnicodeDecodeError:
            broken = True
        if broken:
            raise self._damaged(f"{name!r} has texts that are not UTF-8")

    def _damaged(self, problem: str) -> EventFileError:
        where = ", ".join(str(reader.path) for reader in self._parts.readers[:3])
        return EventFileError(problem, where=where, hint="the file is damaged")
