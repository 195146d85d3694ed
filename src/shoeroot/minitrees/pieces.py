"""Pieces of a mini-tree, one a chunk of events, checked against each other and put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from shoeroot.errors import TreeMakerError
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
            texts = (one.kind == "U") + (other.kind == "U")
            if texts == 2 or one == other or (texts == 0 and not is_columnar(self.maker)):
                continue
            if texts == 1 and not is_columnar(self.maker) and _is_empty(before, piece, name):
                continue
            raise TreeMakerError(
                f"TreeMaker {self.maker.name} returned {name!r} as {one} and then as {other}",
                where=where,
                hint=f"give it one type: np.asarray(..., dtype={_common(one, other)})",
            )

    def joined(self) -> Columns:
        """Put all pieces together; what a piece leaves out is NaN, or "" among texts."""
        names = list(dict.fromkeys(name for piece in self.done for name in piece.columns))
        return {name: self._column(name) for name in names}

    def _column(self, name: str) -> np.ndarray:
        parts = [piece.columns.get(name) for piece in self.done]
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


def _is_empty(before: Piece, piece: Piece, name: str) -> bool:
    """Say whether the one of the two that is no text has no values."""
    columns = (before.columns[name], piece.columns[name])
    return all(bool(np.isnan(each).all()) for each in columns if each.dtype.kind == "f") and any(
        each.dtype.kind == "f" for each in columns
    )


def _told(piece: Piece) -> str:
    return f"{piece.first} to {piece.first + piece.count - 1}"


def _common(one: np.dtype, other: np.dtype) -> str:
    return "str" if "U" in (one.kind, other.kind) else f"np.{np.result_type(one, other)}"


def counts_of(pieces: Iterable[Piece]) -> np.ndarray:
    """Give the number of rows of each event."""
    return np.concatenate(
        [np.ones(each.count, np.int64) if each.counts is None else each.counts for each in pieces]
    )
