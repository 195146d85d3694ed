"""`KnownModels`: which models a campaign has run, as a compact index into its event files."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import xxhash

from shoeroot.campaign.result_cache import ModelKey
from shoeroot.errors import EventFileError
from shoeroot.events import open_events
from shoeroot.records import Simulation

__all__ = ["SHARED_STATUSES", "KnownModels"]

#: How a run ends because of its model; a crash, or one out of time, may end otherwise next time.
SHARED_STATUSES = ("ok", "fatal", "severe", "short")
#: Entries that are kept unsorted before they join the others.
_UNSORTED = 4096
#: Events that were read last stay: several designs of one model come one after another.
_IN_MEMORY = 8


class KnownModels:
    """Events of a campaign by the model that was run: 16 bytes an event in memory.

    Parameters
    ----------
    parts : callable
        Gives the event files, those included that are being written.
    """

    def __init__(self, parts: Callable[[], list[Path]]) -> None:
        self._parts = parts
        self._keys = np.empty(0, dtype=np.uint64)
        self._numbers = np.empty(0, dtype=np.int64)
        self._new: dict[int, int] = {}
        self._read: OrderedDict[int, Simulation] = OrderedDict()
        for part in parts():
            self._learn(part)

    def __len__(self) -> int:
        return len(self._keys) + len(self._new)

    def add(self, key: ModelKey, number: int) -> None:
        """Note that an event that is in the files is of a run of a model."""
        self._new.setdefault(_short(key), number)
        if len(self._new) >= _UNSORTED:
            self._sort()

    def find(self, key: ModelKey) -> Simulation | None:
        """Return an event of a model, read from its file; None if there is none."""
        short = _short(key)
        number = self._new.get(short, -1)
        if number < 0:
            place = int(np.searchsorted(self._keys, np.uint64(short)))
            if place == len(self._keys) or self._keys[place] != short:
                return None
            number = int(self._numbers[place])
        event = self._event(number)
        # 64 bits of a hash are no proof.
        if event is None or (event.model_hash, event.weather_hash, event.engine) != key:
            return None
        return event if event.status in SHARED_STATUSES else None

    def _event(self, number: int) -> Simulation | None:
        if number in self._read:
            self._read.move_to_end(number)
            return self._read[number]
        for part in reversed(self._parts()):
            try:
                with open_events([part], record_class=Simulation) as events:
                    place = np.flatnonzero(np.asarray(events["event_id"]) == number)
                    if len(place):
                        event: Simulation = events[int(place[0])]
                        break
            except EventFileError:
                # A file between two states of its writer: the model is run once more.
                continue
        else:
            return None
        self._read[number] = event
        while len(self._read) > _IN_MEMORY:
            self._read.popitem(last=False)
        return event

    def _learn(self, part: Path) -> None:
        with open_events([part], record_class=Simulation) as events:
            for chunk in events.chunks(5000):
                columns = (
                    chunk[name].tolist()
                    for name in ("model_hash", "weather_hash", "engine", "status", "event_id")
                )
                for model, weather, engine, status, number in zip(*columns, strict=True):
                    if model and status in SHARED_STATUSES:
                        self.add((model, weather, engine), number)

    def _sort(self) -> None:
        short = np.fromiter(self._new, dtype=np.uint64, count=len(self._new))
        numbers = np.fromiter(self._new.values(), dtype=np.int64, count=len(self._new))
        keys = np.concatenate([self._keys, short])
        _, first = np.unique(keys, return_index=True)
        self._keys = keys[first]
        self._numbers = np.concatenate([self._numbers, numbers])[first]
        self._new = {}


def _short(key: Iterable[str]) -> int:
    return xxhash.xxh3_64_intdigest(" ".join(key).encode())
