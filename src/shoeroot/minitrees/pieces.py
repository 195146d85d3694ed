"""Pieces of a mini-tree, one a chunk of events, checked against each other and put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from shoeroot.errors import TreeMakerError
from shoeroot.minitrees.array_columns import as_arrays, no_arrays
from shoeroot.minitrees.extraction import KEY, Columns, Piece
from shoeroot.minitrees.treemaker import TreeMaker, is_columnar

__all__ = ["Pieces"]


@dataclass(slots=True)
class Pieces:
    """What a TreeMaker has made so far of a dataset, chunk by chunk.

    Attributes
    ----------
    maker : TreeMaker
        Who made them.
    dataset : str
        Name of the dataset, for errors.
    done : list of Piece
        In the order of the events.
    """

    maker: TreeMaker
    dataset: str
    done: list[Piece] = field(default_factory=list)

    @property
    def events(self) -> int:
        """Number of events that are done: those from the first on."""
        return self.done[-1].first + self.done[-1].count if self.done else 0

    def add(self, piece: Piece) -> None:
        """Add the next piece.

        Raises
        ------
        TreeMakerError
            Its columns are not those of the pieces before it, or of another type.
        """
        if piece.count == 0 and self.done:
            return
        for before in self.done[:1] if is_columnar(self.maker) else self.done:
            self._compare(before, piece)
        self.done.append(piece)

    def _compare(self, before: Piece, piece: Piece) -> None:
        where = (
            f"dataset {self.dataset}, events {_told(before)} and {_told(piece)} "
            "(by their place in the dataset)"
        )
        names = {*before.columns, *piece.columns}
        for name in sorted(names):
            if name not in before.columns or name not in piece.columns:
                if not is_columnar(self.maker):
                    continue  # an event may leave values out, so may all of a chunk
                raise TreeMakerError(
                    f"TreeMaker {self.maker.name} returned {name!r} for some events only",
                    where=where,
                    hint="extract returns the same columns each time; NaN is for no value",
                )
            one, other = before.columns[name].dtype, piece.columns[name].dtype
            # Texts and arrays ("O") do not go together with anything else.
            kinds = {each.kind if each.kind in "UO" else "" for each in (one, other)}
            if kinds == {"U"} or one == other or (kinds == {""} and not is_columnar(self.maker)):
                continue
            if len(kinds) == 2 and not is_columnar(self.maker) and _is_empty(before, piece, name):
                continue
            raise TreeMakerError(
                f"TreeMaker {self.maker.name} returned {name!r} as {_kind(one)} and then as "
                f"{_kind(other)}",
                where=where,
                hint=_one_type(one, other),
            )

    def joined(self) -> Columns:
        """Put all pieces together; what a piece leaves out is NaN, or "" among texts."""
        names = list(dict.fromkeys(name for piece in self.done for name in piece.columns))
        return {name: self._column(name) for name in names}

    def _column(self, name: str) -> np.ndarray:
        parts = [piece.columns.get(name) for piece in self.done]
        if any(part is not None and part.dtype.kind == "O" for part in parts):
            return as_arrays(one for piece in self.done for one in _arrays_of(piece, name))
        is_text = any(part is not None and part.dtype.kind == "U" for part in parts)
        missing = "" if is_text else np.nan
        filled = [
            np.full(len(piece.columns[KEY]), missing)
            if part is None or (is_text and part.dtype.kind != "U")
            else part
            for piece, part in zip(self.done, parts, strict=True)
        ]
        # A piece without rows has no type to bring.
        kept = [part for part in filled if len(part)] or filled[:1]
        return np.concatenate(kept)


def _arrays_of(piece: Piece, name: str) -> np.ndarray:
    column = piece.columns.get(name)
    if column is None or column.dtype.kind != "O":
        return no_arrays(len(piece.columns[KEY]))
    return column


def _is_empty(before: Piece, piece: Piece, name: str) -> bool:
    """Say whether the one of the two that is no text has no values."""
    columns = (before.columns[name], piece.columns[name])
    return all(bool(np.isnan(each).all()) for each in columns if each.dtype.kind == "f") and any(
        each.dtype.kind == "f" for each in columns
    )


def _told(piece: Piece) -> str:
    return f"{piece.first} to {piece.first + piece.count - 1}"


def _kind(dtype: np.dtype) -> str:
    return "arrays" if dtype.kind == "O" else str(dtype)


def _one_type(one: np.dtype, other: np.dtype) -> str:
    kinds = (one.kind, other.kind)
    if "O" in kinds:
        return "give an array for each event, an empty one where there is nothing to tell"
    common = "str" if "U" in kinds else f"np.{np.result_type(one, other)}"
    return f"give it one type: np.asarray(..., dtype={common})"


def counts_of(pieces: Iterable[Piece]) -> np.ndarray:
    """Give the number of rows of each event."""
    return np.concatenate(
        [np.ones(each.count, np.int64) if each.counts is None else each.counts for each in pieces]
    )
