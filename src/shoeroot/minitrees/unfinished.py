"""What a TreeMaker had made when it was stopped: kept beside its mini-tree, to go on from."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.minitrees.array_columns import as_arrays
from shoeroot.minitrees.extraction import KEY, Piece
from shoeroot.minitrees.lineage import Lineage
from shoeroot.minitrees.pieces import Pieces

__all__ = ["Unfinished"]

#: Time between two saves of a TreeMaker that runs well [s].
INTERVAL = 30.0


class Unfinished:
    """Finished pieces of a mini-tree that is being made.

    Parameters
    ----------
    path : Path
        Where the mini-tree will lie; the pieces are in a hidden folder beside it.
    lineage : Lineage
        What it is made from: pieces of another lineage are thrown away.
    """

    def __init__(self, path: Path, lineage: Lineage) -> None:
        self._folder = path.with_name(f".{path.stem}.unfinished")
        self._lineage = lineage.content_id
        self._saved = 0
        self._last = time.monotonic()

    def restore(self, pieces: Pieces) -> None:
        """Add the pieces that are there, as far as they are whole."""
        try:
            kept = json.loads((self._folder / "lineage.json").read_text())
        except (OSError, ValueError):
            return self.remove()
        if kept != self._lineage:
            return self.remove()
        for number in range(len(list(self._folder.glob("*.npz")))):
            try:
                piece = _read(self._folder / f"{number:06d}.npz")
            except Exception:
                break  # the rest is made again
            if piece.first != pieces.events:
                break
            pieces.add(piece)
        self._saved = len(pieces.done)
        return None

    def save_now_and_then(self, pieces: Pieces) -> None:
        """Save the pieces where the last time was long ago: a killed process loses little."""
        if time.monotonic() - self._last >= INTERVAL:
            self.save(pieces)

    def save(self, pieces: Pieces) -> None:
        """Save the pieces that are not yet saved; a full disk is no reason to stop."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / "lineage.json").write_text(json.dumps(self._lineage))
            while self._saved < len(pieces.done):
                _write(self._folder / f"{self._saved:06d}.npz", pieces.done[self._saved])
                self._saved += 1
        except OSError:
            return
        self._last = time.monotonic()

    def remove(self) -> None:
        """Throw the pieces away."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _write(path: Path, piece: Piece) -> None:
    arrays: dict[str, Any] = {}
    for name, each in piece.columns.items():
        if each.dtype.kind == "O":
            lengths = np.fromiter(map(len, each), dtype=np.int64, count=len(each))
            arrays[f"lengths.{name}"] = lengths
            each = np.concatenate([np.zeros(0, _type_in(each)), *each])
        arrays[f"column.{name}"] = each
    if piece.counts is not None:
        arrays["counts"] = piece.counts
    arrays["place"] = np.array([piece.first, piece.count])
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    temporary.replace(path)


def _type_in(arrays: NDArray[Any]) -> np.dtype[Any]:
    dtype: np.dtype[Any] = arrays[0].dtype if len(arrays) else np.dtype(np.float64)
    return dtype


def _split(numbers: NDArray[Any], lengths: NDArray[Any]) -> NDArray[Any]:
    if lengths.sum() != len(numbers):
        raise ValueError("not a piece")
    return as_arrays(np.split(numbers, np.cumsum(lengths)[:-1])) if len(lengths) else as_arrays([])


def _read(path: Path) -> Piece:
    with np.load(path, allow_pickle=False) as arrays:
        first, count = map(int, arrays["place"])
        columns = {
            name.removeprefix("column."): arrays[name]
            for name in arrays.files
            if name.startswith("column.")
        }
        for name in list(columns):
            if f"lengths.{name}" in arrays.files:
                columns[name] = _split(columns[name], arrays[f"lengths.{name}"])
        counts = arrays["counts"] if "counts" in arrays.files else None
    rows = count if counts is None else int(counts.sum())
    if KEY not in columns or any(each.shape != (rows,) for each in columns.values()):
        raise ValueError("not a piece")
    return Piece(first, count, columns, counts)
