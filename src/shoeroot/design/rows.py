"""`DesignRows`: designs by their numbers, from memory or from a file, some at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from shoeroot.design.batches import BLOCK, HDF5_SUFFIXES, TREE, read_designs, schema_of
from shoeroot.design.parameters import FloatArray
from shoeroot.design.schema import Schema
from shoeroot.errors import DesignError

__all__ = ["DesignRows"]


class DesignRows:
    """Designs that may be too many for memory; `open` and `of` make one.

    Attributes
    ----------
    schema : Schema

    Notes
    -----
    A file that `write_designs` wrote as ROOT is read in blocks of a few thousand designs, of
    which two stay in memory. Other files are read whole.
    """

    def __init__(self, schema: Schema, batch: FloatArray | None, file: Any = None) -> None:
        self.schema = schema
        self._batch = batch
        self._file = file
        self._tree = None if file is None else file[TREE]
        self._blocks: dict[int, FloatArray] = {}

    @classmethod
    def of(cls, schema: Schema, storage_batch: FloatArray) -> Self:
        """Give the rows of an array: (n_designs, 90) float64, which is not copied."""
        return cls(schema, storage_batch)

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a file of designs.

        Raises
        ------
        DesignError
            It is missing, damaged, or not a batch of designs.
        """
        path = Path(path)
        if path.suffix in HDF5_SUFFIXES or not path.exists():
            return cls(*read_designs(path))
        import uproot

        file = None
        try:
            # Without its cache, which would hold 100 MB of designs that come once.
            file = uproot.open(path, array_cache=None)
            if file.file.fEND > path.stat().st_size:
                raise EOFError("the file is cut short")
            return cls(schema_of(file), None, file)
        except Exception as error:  # a damaged file raises whatever its bytes lead to
            if file is not None:
                file.close()
            raise DesignError(
                f"not a readable batch of designs: {error}",
                where=str(path),
                hint="write it with shoeroot.design.write_designs",
            ) from error

    def __len__(self) -> int:
        if self._batch is not None:
            return len(self._batch)
        return int(self._tree.num_entries) if self._tree is not None else 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()

    def take(self, numbers: ArrayLike) -> FloatArray:
        """Give some designs: (len(numbers), 90) float64, in the order of `numbers`.

        Raises
        ------
        DesignError
            There is no design of such a number, or the file is damaged.
        """
        wanted = np.asarray(numbers, dtype=np.int64)
        if len(wanted) and not 0 <= wanted.min() <= wanted.max() < len(self):
            raise DesignError(f"there are designs 0 to {len(self) - 1}", where=str(wanted))
        if self._batch is not None:
            return np.asarray(self._batch[wanted], dtype=np.float64)
        rows = np.empty((len(wanted), self.schema.storage_length))
        blocks = wanted // BLOCK
        for block in np.unique(blocks).tolist():
            here = blocks == block
            rows[here] = self._block(block)[wanted[here] - block * BLOCK]
        return rows

    def blocks(self) -> Iterator[tuple[int, FloatArray]]:
        """Go through all designs: number of the first, and (n, 90) float64 of them."""
        for start in range(0, len(self), BLOCK):
            yield start, self.take(np.arange(start, min(start + BLOCK, len(self))))

    def _block(self, block: int) -> FloatArray:
        if block not in self._blocks:
            while len(self._blocks) > 1:
                self._blocks.pop(next(iter(self._blocks)))
            self._blocks[block] = self._read(block * BLOCK)
        return self._blocks[block]

    def _read(self, start: int) -> FloatArray:
        stop = min(start + BLOCK, len(self))
        assert self._tree is not None  # noqa: S101 (tells the type checker)
        try:
            pieces = [
                self._tree[parameter.name]
                .array(library="np", entry_start=start, entry_stop=stop)
                .reshape(stop - start, parameter.length_storage)
                for parameter in self.schema
            ]
        except Exception as error:
            raise DesignError(
                f"the designs cannot be read: {error}",
                where=f"{self._file.file_path}, rows {start} to {stop - 1}",
                hint="the file is damaged: write it again",
            ) from error
        return np.hstack(pieces).astype(np.float64)
