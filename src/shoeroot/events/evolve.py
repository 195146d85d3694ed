"""Files of older record types, read as records of one class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import EventFileError, RecordError
from shoeroot.events.layout import Layout, text_stripes
from shoeroot.records import Evolution, RecordType, Simulation, Site, Stripes, frame_offsets

__all__ = ["EvolvedPart", "read_as", "stored_type"]

_Result = TypeVar("_Result")


def read_as(readers: list[Any], record_class: type | None) -> RecordType:
    """Make all open files have one record type; those of older types are wrapped, in place.

    Parameters
    ----------
    readers : list
        Open files.
    record_class : type, optional
        The dataclass that all are read as. By default `Simulation` or `Site` where they hold those
        and can be read as this version knows them, otherwise what they all say they hold. A
        file without metadata, written by ROOT, is taken for what the class says.

    Returns
    -------
    RecordType
        What they hold now.

    Raises
    ------
    EventFileError
        If a file does not say what it holds, or cannot be read as the class; it names the file,
        the field and what to do.
    """
    types = _types(readers, record_class)
    first = types[0]
    # One object a type: comparing those of hundred files field by field would take its time.
    differing = next((place for place, each in enumerate(types) if each is not first), None)
    chosen = record_class
    if chosen is None:
        chosen = next((one for one in (Simulation, Site) if one.__name__ == first.name), None)
    if chosen is not None:
        try:
            return _evolve(readers, types, chosen)
        except EventFileError:
            if record_class is not None or differing is not None:
                raise
    if differing is not None:
        raise EventFileError(
            f"the part has another schema than {readers[0].path.name}",
            where=str(readers[differing].path),
            hint="open parts of one record type at a time, or say with record_class what all "
            "are to be read as",
        )
    return first


def _types(readers: Sequence[Any], record_class: type | None) -> list[RecordType]:
    known: dict[str, RecordType] = {}
    types = []
    for reader in readers:
        # A file with an RNTuple is only opened if it is described.
        if record_class is not None and not getattr(reader, "described", True):
            types.append(_assumed(reader, known, record_class))
            continue
        claimed = reader.text("schema_id")
        if claimed not in known:
            known[claimed] = stored_type(reader)
        types.append(known[claimed])
    return types


def _assumed(reader: Any, known: dict[str, RecordType], record_class: type) -> RecordType:
    """Take a class for what a file holds that does not say it, if it has the branches."""
    wanted = RecordType.of(record_class)
    wanted = known.setdefault(wanted.content_id, wanted)
    for tree in Layout.of(wanted).trees.values():
        # A second tree without any row need not be there; types are checked when it is read.
        if not tree.is_main and tree.name not in reader.tree_names:
            continue
        present = reader.tree(tree.name)
        missing = [name for name in tree.types() if name not in present]
        if missing:
            raise EventFileError(
                f"the file has no metadata, and in its tree {tree.name!r} there is no "
                f"{', '.join(missing[:5])}, as {wanted.name} has",
                where=str(reader.path),
                hint="give the record_class that the file was written for",
            )
    return wanted


def stored_type(reader: Any) -> RecordType:
    """Give the record type that an open file holds.

    Raises
    ------
    EventFileError
        If the schema in it is not valid, or not what its id says.
    """
    try:
        record_type = RecordType.from_json(reader.text("schema"))
    except RecordError as problem:
        raise EventFileError(
            f"the schema in the file is not valid: {problem}", where=str(reader.path)
        ) from problem
    if record_type.content_id != reader.text("schema_id"):
        raise EventFileError(
            "the schema in the file does not have the id it claims", where=str(reader.path)
        )
    return record_type


def _evolve(readers: list[Any], types: Sequence[RecordType], record_class: type) -> RecordType:
    wanted = RecordType.of(record_class)
    evolutions: dict[str, Evolution] = {}
    for reader, old in zip(readers, types, strict=True):
        if old.content_id == wanted.content_id or old.content_id in evolutions:
            continue
        try:
            evolutions[old.content_id] = Evolution.between(old, record_class)
        except RecordError as problem:
            raise EventFileError(
                f"the file holds {old.name} and cannot be read as {record_class.__name__}: "
                f"{problem.problem}",
                where=f"{reader.path} ({problem.where})",
                hint=problem.hint or "leave record_class out to get what the file describes",
            ) from problem
    readers[:] = [
        EvolvedPart(reader, evolutions[old.content_id]) if old.content_id in evolutions else reader
        for reader, old in zip(readers, types, strict=True)
    ]
    return wanted


class EvolvedPart:
    """An open file whose stripes are given as those of a newer record type.

    Parameters
    ----------
    reader : object
        The open file, a `PartReader` or its like.
    evolution : Evolution
        From the type of the file to the newer one.
    """

    def __init__(self, reader: Any, evolution: Evolution) -> None:
        self._reader = reader
        self._evolution = evolution
        self._old = Layout.of(evolution.old)
        self._offsets: dict[tuple[str, ...], NDArray[np.int64]] = {}
        self.path: Path = reader.path

    def __getattr__(self, name: str) -> Any:
        # What does not depend on the record type: texts, clusters, the trees themselves.
        return getattr(self._reader, name)

    @property
    def count(self) -> int:
        """Number of events."""
        return int(self._reader.count)

    @property
    def clusters(self) -> NDArray[np.int64]:
        """First entries of what was written together, and the number of events at the end."""
        clusters: NDArray[np.int64] = self._reader.clusters
        return clusters

    def read(self, layout: Layout, names: Iterable[str], start: int, stop: int) -> Stripes:
        """Read stripes of the newer type, of events `start` to `stop`.

        Returns
        -------
        dict
            The stripes; of a text also the other stripe that is in the same branch, as all
            readers give them.
        """
        wanted: dict[str, None] = {}
        for name in names:
            _, branch = layout.places[name]
            both = text_stripes(branch.stripe) if branch.kind == "text" else (name,)
            wanted.update(dict.fromkeys(both))
        needed = self._evolution.needs(wanted)
        old: Stripes = {}
        if needed:
            old = self._reader.read(self._old, needed, start, stop)
        return self._guard(lambda: self._evolution.apply(wanted, old, stop - start))

    def _guard(self, work: Callable[[], _Result]) -> _Result:
        try:
            return work()
        except RecordError as problem:
            raise EventFileError(
                f"an older record cannot be converted: {problem.problem}",
                where=f"{self.path} ({problem.where})",
                hint=problem.hint,
            ) from problem

    def offsets(self, layout: Layout, frame: tuple[str, ...]) -> NDArray[np.int64]:
        """Say where each event of the whole file starts in a flat array cut by `frame`."""
        if frame not in self._offsets:
            counts: Stripes = {}
            for name in frame:
                counts |= self.read(layout, [name], 0, self.count)
            self._offsets[frame] = frame_offsets(counts, frame, self.count)
        return self._offsets[frame]

    def row_baskets(
        self, layout: Layout, name: str, first: int, after: int
    ) -> Iterator[tuple[int, Callable[[int], Iterator[NDArray[Any]]]]]:
        """Give a stripe of fixed arrays of an own tree, piece by piece.

        Yields
        ------
        tuple
            The first row of each piece, and what gives its rows.
        """
        kept = self._evolution.kept(name)
        tree, _ = layout.places[name]
        if kept is not None and self._old.places[kept][0].name != self._old_main:
            yield from self._reader.row_baskets(self._old, kept, first, after)
            return
        offsets = self.offsets(layout, tree.frame)
        for low, high in zip(self.clusters[:-1], self.clusters[1:], strict=True):
            start = int(offsets[low])
            if start < after and int(offsets[high]) > first:
                # Read here, not where it is reduced: those threads may be all there are.
                rows = self.read(layout, [name], int(low), int(high))[name]
                yield start, partial(_whole, rows)

    @property
    def _old_main(self) -> str:
        return next(iter(self._old.trees))

    def close(self) -> None:
        """Close the file."""
        self._reader.close()


def _whole(rows: NDArray[Any], count: int) -> Iterator[NDArray[Any]]:
    yield rows
