"""`ResultCache`: a folder in which campaigns share the results of identical models.

A result is the event of a run, one small compressed file. Its name is a hash of what decides the
numbers: the model, the weather, the build of the engine, and the record type that they are stored
as. Several processes may use a folder at once: files appear whole or not at all, and one that is
damaged is taken for one that is not there.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from shoeroot.errors import CampaignError, ShoerootError
from shoeroot.records import (
    RecordType,
    Simulation,
    Stripes,
    records_from_stripes,
    stripes_from_records,
)

__all__ = ["ModelKey", "ResultCache"]

ModelKey = tuple[str, str, str]
"""Hash of the model, hash of the weather, build of the engine."""

_MAGIC = b"shoeroot result 1\n"
_SUFFIX = ".result"
_HASH_BYTES = 32
_LEVEL = 3
_LARGEST = 1 << 28
#: How many results are added between two looks at the size of the folder.
_ADDED_BETWEEN = 50


class ResultCache:
    """Results of models by what decides them.

    Parameters
    ----------
    folder : Path
        Made where it is missing.
    max_bytes : float
        Above it, the results that were not used for the longest time are removed; 0 for no limit.

    Raises
    ------
    CampaignError
        The folder cannot be made.
    """

    def __init__(self, folder: Path, max_bytes: float = 0.0) -> None:
        self.folder = folder
        self._limit = max_bytes
        self._type = RecordType.of(Simulation)
        self._added = 0
        self._writes = True
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CampaignError(
                f"the folder of shared results cannot be made: {error.strerror or error}",
                where=str(folder),
                hint='cache = "" in campaign.toml goes without',
            ) from error
        self.prune()

    def find(self, key: ModelKey) -> Simulation | None:
        """Return the event of a run of a model; None if there is none."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        try:
            event = self._unpacked(data)
            if (event.model_hash, event.weather_hash, event.engine) != key:
                raise ValueError("of another model")
        except (ValueError, KeyError, TypeError, IndexError, ShoerootError, zstandard.ZstdError):
            with suppress(OSError):
                path.unlink()
            return None
        with suppress(OSError):
            os.utime(path)
        return event

    def keep(self, event: Simulation) -> None:
        """Store the event of a run. A folder that cannot be written is left alone, with a word."""
        path = self._path((event.model_hash, event.weather_hash, event.engine))
        if not self._writes or path.exists():
            return
        try:
            path.parent.mkdir(exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(self._packed(event))
                Path(temporary).replace(path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            self._writes = False
            warnings.warn(
                f"results are not shared: {self.folder}: {error.strerror or error}", stacklevel=2
            )
            return
        self._added += 1
        if self._added % _ADDED_BETWEEN == 0:
            self.prune()

    def prune(self) -> int:
        """Remove the results that were not used for the longest time; return how many."""
        if not self._limit:
            return 0
        found = sorted(self._sizes())
        excess = sum(size for _, size, _ in found) - self._limit
        removed = 0
        for _, size, path in found:
            if excess <= 0:
                break
            with suppress(OSError):
                path.unlink()
            excess -= size
            removed += 1
        return removed

    def _sizes(self) -> Iterator[tuple[float, int, Path]]:
        for path in self.folder.glob(f"??/*{_SUFFIX}"):
            # Another process may have removed it.
            with suppress(OSError):
                state = path.stat()
                yield state.st_mtime, state.st_size, path

    def _path(self, key: ModelKey) -> Path:
        told = json.dumps([self._type.content_id, *key]).encode()
        digest = hashlib.sha256(_MAGIC + told).hexdigest()
        return self.folder / digest[:2] / f"{digest[2:]}{_SUFFIX}"

    def _packed(self, event: Simulation) -> bytes:
        stripes = stripes_from_records(self._type, [event])
        head = json.dumps(
            {name: [array.dtype.str, *array.shape] for name, array in stripes.items()}
        ).encode()
        blocks = [_shuffled(array) for array in stripes.values()]
        body = zstandard.compress(b"".join([head, b"\n", *blocks]), _LEVEL)
        return _MAGIC + hashlib.sha256(body).digest() + body

    def _unpacked(self, data: bytes) -> Simulation:
        begin = len(_MAGIC) + _HASH_BYTES
        body = data[begin:]
        if (
            data[: len(_MAGIC)] != _MAGIC
            or hashlib.sha256(body).digest() != data[begin - 32 : begin]
        ):
            raise ValueError("damaged")
        content = zstandard.ZstdDecompressor().decompress(body, max_output_size=_LARGEST)
        head, _, blocks = content.partition(b"\n")
        stripes: Stripes = {}
        place = 0
        for name, (kind, *shape) in json.loads(head).items():
            dtype = np.dtype(kind)
            size = dtype.itemsize * int(np.prod(shape, dtype=np.int64))
            stripes[name] = _ordered(blocks[place : place + size], dtype, shape)
            place += size
        event: Simulation = records_from_stripes(self._type, stripes, Simulation)[0]
        return event


def _shuffled(array: NDArray[Any]) -> bytes:
    """Return first bytes of all values, second bytes of all values, ...: they compress better."""
    values = np.ascontiguousarray(array).reshape(-1)
    return values.view(np.uint8).reshape(-1, values.itemsize).T.tobytes()


def _ordered(block: bytes, dtype: np.dtype[Any], shape: list[int]) -> NDArray[Any]:
    table = np.frombuffer(block, dtype=np.uint8).reshape(dtype.itemsize, -1)
    return np.ascontiguousarray(table.T).reshape(-1).view(dtype).reshape(shape)
