"""`Evolution`: the stripes of an older record type as those of a newer class.

A field that the class added has its default in old records. A field that was removed, renamed,
or has another type, unit or length is an error, unless a converter (`shoeroot.records.changes`)
says what became of it. Another description, name of a nested class, or tree changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import RecordError, nearest
from shoeroot.records.changes import Change, Compute, Drop, Fill, Rename, find_changes
from shoeroot.records.fields import NO_DEFAULT, Field
from shoeroot.records.pack import cut_column, pack_values
from shoeroot.records.record_type import RecordType
from shoeroot.records.stripes import Column, Stripes, frame_offsets
from shoeroot.records.text import type_label
from shoeroot.records.unpack import column_from_stripes

__all__ = ["Evolution"]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A stripe that is in old records, under the same or another name."""

    name: str


@dataclass(frozen=True, slots=True)
class _Filled:
    """A stripe of a value that all old records get."""

    one: NDArray[Any]
    frame: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Computed:
    """A stripe of a column that a function makes of old columns."""

    column: Column
    function: Callable[..., Any]
    arguments: tuple[Column, ...]
    frame: tuple[str, ...]
    where: str


@dataclass(frozen=True)
class Evolution:
    """How records of an older type are read as those of a class.

    Attributes
    ----------
    old, new : RecordType
        What the records are, and what they become.
    """

    old: RecordType
    new: RecordType
    _sources: dict[str, _Kept | _Filled | _Computed]

    @classmethod
    def between(cls, old: RecordType, new_class: type) -> Evolution:
        """Find out how records of an older type become those of a class.

        Raises
        ------
        RecordError
            If they do not: it names the field and what to do.
        """
        new = RecordType.of(new_class)
        planner = _Planner(old, new, dict(find_changes(old, new_class)))
        return cls(old, new, planner.plan())

    def kept(self, name: str) -> str | None:
        """Give the old name of a stripe that is in old records as it is, None for others."""
        source = self._sources[name]
        return source.name if isinstance(source, _Kept) else None

    def needs(self, names: Iterable[str]) -> list[str]:
        """Name the old stripes from which the new stripes `names` are made."""
        found: dict[str, None] = {}
        waiting = list(names)
        while waiting:
            source = self._sources[waiting.pop()]
            if isinstance(source, _Kept):
                found[source.name] = None
                continue
            waiting += source.frame
            if isinstance(source, _Computed):
                for column in source.arguments:
                    found.update(dict.fromkeys(column.stripe_names))
        return list(found)

    def apply(self, names: Iterable[str], old: Stripes, count: int) -> Stripes:
        """Give new stripes.

        Parameters
        ----------
        names : iterable of str
            Which ones.
        old : dict
            At least what they need (`needs`), for the same records.
        count : int
            Number of records.

        Raises
        ------
        RecordError
            If a converter's function returns what does not fit its field.
        """
        made: Stripes = {}
        return {name: self._make(name, old, count, made) for name in names}

    def _make(self, name: str, old: Stripes, count: int, made: Stripes) -> NDArray[Any]:
        if name in made:
            return made[name]
        source = self._sources[name]
        if isinstance(source, _Kept):
            made[name] = old[source.name]
            return made[name]
        counts = {outer: self._make(outer, old, count, made) for outer in source.frame}
        elements = int(frame_offsets(counts, source.frame, count)[-1])
        if isinstance(source, _Filled):
            made[name] = np.tile(source.one, (elements, *[1] * (source.one.ndim - 1)))
            return made[name]
        made.update(_computed(source, old, elements))
        return made[name]


def _computed(source: _Computed, old: Stripes, elements: int) -> Stripes:
    arguments = [column_from_stripes(column, old) for column in source.arguments]
    try:
        result = source.function(*arguments)
        length = len(result)
    except Exception as problem:
        raise RecordError(
            f"its converter failed: {type(problem).__name__}: {problem}", where=source.where
        ) from problem
    if length != elements:
        raise RecordError(
            f"its converter returned {length} values where {elements} are needed",
            where=source.where,
        )
    return cut_column(result, source.column, source.where)


@dataclass(frozen=True, slots=True)
class _Place:
    """A record in both types: paths and bases from the outermost one, and the lists around it."""

    path: str
    base: str
    old_base: str
    frame: tuple[str, ...]
    steps: int

    def inside(self, name: str, old_name: str) -> _Place:
        return _Place(
            f"{self.path}.{name}" if self.path else name,
            f"{self.base}_{name}" if self.base else name,
            f"{self.old_base}_{old_name}" if self.old_base else old_name,
            self.frame,
            self.steps,
        )


class _Planner:
    """Walks both types at once."""

    def __init__(self, old: RecordType, new: RecordType, changes: dict[str, Change]) -> None:
        self._old, self._new, self._changes = old, new, changes
        self._sources: dict[str, _Kept | _Filled | _Computed] = {}

    def plan(self) -> dict[str, _Kept | _Filled | _Computed]:
        self._record(self._new.root, self._old.root, _Place("", "", "", (), 0))
        for path in self._changes:
            raise RecordError(
                f"a converter changes {path!r}, and there is no such field",
                where=self._where(path),
                hint="keys are fields of the newer type, of the older one for drop()",
            )
        return {name: self._sources[name] for name in self._new.stripes}

    def _where(self, path: str) -> str:
        return f"{self._new.name}.{path}" if path else self._new.name

    def _record(self, new: Field, old: Field, place: _Place) -> None:
        unused = {child.name: child for child in old.children}
        for child in new.children:
            path = place.inside(child.name, child.name).path
            change = self._changes.get(path)
            if isinstance(change, Drop):
                change = None
            elif change is not None:
                del self._changes[path]
            if isinstance(change, Fill):
                self._fill(child, change.value, place)
            elif isinstance(change, Compute):
                self._compute(child, change, place)
                for name in change.names:
                    unused.pop(name.split(".")[0], None)
            else:
                self._child(child, change, old, unused, place)
        for name, left in unused.items():
            self._left_over(name, left, new, place)

    def _child(
        self,
        child: Field,
        change: Rename | None,
        old: Field,
        unused: dict[str, Field],
        place: _Place,
    ) -> None:
        path = place.inside(child.name, child.name).path
        name = change.name if change else child.name
        before = old.child(name)
        if before is not None:
            unused.pop(name, None)
            self._match(child, before, place.inside(child.name, name), "", "")
        elif change is not None:
            raise RecordError(
                f"a converter says that the field was {name!r}, and there was none",
                where=self._where(path),
                hint=nearest(name, [known.name for known in old.children]),
            )
        elif child.default is not NO_DEFAULT:
            self._fill(child, child.default, place)
        else:
            gone = [known.name for known in old.children if known.name in unused]
            raise RecordError(
                f"the field {path!r} was added, and old records have no value for it",
                where=self._where(path),
                hint="give it about(..., default=...), or register a converter "
                f"(shoeroot.records.converter){_was_it(path, child, gone)}",
            )

    def _left_over(self, name: str, left: Field, new: Field, place: _Place) -> None:
        path = place.inside(name, name).path
        if isinstance(self._changes.get(path), Drop):
            del self._changes[path]
        elif new.child(name) is None:
            raise RecordError(
                f"the field {path!r} ({left.description}) was removed or renamed",
                where=self._where(path),
                hint="register a converter (shoeroot.records.converter) that says "
                f"rename({name!r}) or {{{path!r}: drop()}}",
            )

    def _match(self, new: Field, old: Field, place: _Place, marker: str, old_marker: str) -> None:
        if new.kind != old.kind or (new.dtype, new.length) != (old.dtype, old.length):
            self._changed(type_label(old), type_label(new), "type", place)
        if new.kind == "record":
            self._record(new, old, place)
            return
        if new.unit != old.unit:
            self._changed(repr(old.unit), repr(new.unit), "unit", place)
        name, old_name = f"{place.base}{marker}", f"{place.old_base}{old_marker}"
        if new.kind == "list":
            self._sources[f"{name}_n"] = _Kept(f"{old_name}_n")
            inside = _Place(
                place.path,
                place.base,
                place.old_base,
                (*place.frame, f"{name}_n"),
                place.steps + 1,
            )
            self._match(new.item, old.item, inside, f"{marker}_item", f"{old_marker}_item")
        elif new.kind == "optional":
            self._sources[f"{name}_valid"] = _Kept(f"{old_name}_valid")
            inside = _Place(place.path, place.base, place.old_base, place.frame, place.steps + 1)
            self._match(new.item, old.item, inside, marker, old_marker)
        else:
            endings = ("_len", "_chars") if new.kind == "str" else ("",)
            for ending in endings:
                self._sources[f"{place.base}{ending}"] = _Kept(f"{place.old_base}{ending}")

    def _changed(self, before: str, after: str, what: str, place: _Place) -> None:
        raise RecordError(
            f"the {what} of the field {place.path!r} was {before} and is {after}",
            where=self._where(place.path),
            hint="register a converter (shoeroot.records.converter) that says "
            f"{{{place.path!r}: compute(function, ...)}}",
        )

    def _fill(self, child: Field, value: Any, place: _Place) -> None:
        inside = place.inside(child.name, child.name)
        packed = pack_values(child, [value], inside.base, self._where(inside.path))
        for name, array in packed.items():
            self._sources[name] = _Filled(array, place.frame)

    def _compute(self, child: Field, change: Compute, place: _Place) -> None:
        inside = place.inside(child.name, child.name)
        where = self._where(inside.path)
        column = self._new.columns.get(inside.base)
        if column is None:
            raise RecordError("compute gives one value or a list of them, no record", where=where)
        inner = _below(column, place.steps)
        arguments = tuple(self._argument(name, place, where) for name in change.names)
        source = _Computed(inner, change.function, arguments, place.frame, where)
        for name in inner.stripe_names:
            self._sources[name] = source

    def _argument(self, name: str, place: _Place, where: str) -> Column:
        full = "_".join(part for part in (place.old_base, *name.split(".")) if part)
        column = self._old.columns.get(full)
        if column is None:
            raise RecordError(
                f"a converter needs {name!r}, and old records have no such value",
                where=where,
                hint=nearest(full, self._old.columns),
            )
        return _below(column, place.steps)


def _below(column: Column, steps: int) -> Column:
    """Give a column as it is seen from inside `steps` lists and options."""
    return Column(column.name, column.path, column.steps[steps:], column.value, column.tree)


def _was_it(path: str, child: Field, gone: list[str]) -> str:
    if not gone:
        return f" that says {{{path!r}: fill(...)}}"
    return f"; if it was {gone[0]!r} before: {{{path!r}: rename({gone[0]!r})}}"
