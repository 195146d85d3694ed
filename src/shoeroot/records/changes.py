"""What became of the fields of an older record type: converters, registered for a newer class.

::

    @converter("House", House, when=lambda old: "girth" in old.columns)
    def from_version_1(old):
        return {
            "rooms.area": rename("size"),
            "height": compute(lambda feet: 0.3048 * feet, "height_in_feet"),
            "storeys": fill(1),
            "girth": drop(),
        }

Keys are fields of the newer type (of the older one for `drop`); names in `rename` and `compute`
are seen from the record that the field is in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shoeroot.errors import RecordError
from shoeroot.records.record_type import RecordType

__all__ = [
    "Change",
    "Compute",
    "Drop",
    "Fill",
    "Rename",
    "compute",
    "converter",
    "drop",
    "fill",
    "find_changes",
    "rename",
]


@dataclass(frozen=True, slots=True)
class Rename:
    """The field had another name in the same record."""

    name: str


@dataclass(frozen=True, slots=True)
class Fill:
    """The field is new; all old records get one value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Compute:
    """The field is computed from old ones, all records at once."""

    function: Callable[..., Any]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drop:
    """The old field is wanted no more."""


Change = Rename | Fill | Compute | Drop
Converter = Callable[[RecordType], Mapping[str, Change]]


def rename(name: str) -> Rename:
    """Say that a field was called `name` before, in the same record."""
    return Rename(name)


def fill(value: Any) -> Fill:
    """Say that a field has `value` in all old records."""
    return Fill(value)


def compute(function: Callable[..., Any], *names: str) -> Compute:
    """Say that a field is computed from old ones.

    Parameters
    ----------
    function : callable
        Gets one array for each of `names` and returns one of the same length: an element for
        each record that has the field, in all events at once. They are numpy for numbers and
        fixed arrays, awkward for texts, optional values and lists.
    *names : str
        Old fields, seen from the record that the new field is in; ``"series.heating"`` for what
        is in a record inside.
    """
    return Compute(function, names)


def drop() -> Drop:
    """Say that an old field is wanted no more."""
    return Drop()


@dataclass(frozen=True, slots=True)
class _Registered:
    old: str
    new: type
    when: Callable[[RecordType], bool] | None
    make: Converter

    def fits(self, old: RecordType) -> bool:
        known = self.old in (old.content_id, old.name)
        return known and (self.when is None or bool(self.when(old)))


_CONVERTERS: list[_Registered] = []


def converter(
    old: str, new: type, *, when: Callable[[RecordType], bool] | None = None
) -> Callable[[Converter], Converter]:
    """Register what turns records of an older type into those of a class.

    Parameters
    ----------
    old : str
        The id of the older record type (`RecordType.content_id`, ``meta/schema_id`` in a file),
        or its name.
    new : type
        The newer dataclass.
    when : callable, optional
        Gets the older record type and says whether the converter is for it.

    Returns
    -------
    callable
        A decorator for a function that gets the older `RecordType` and returns the changes by
        the path of their field: `rename`, `fill`, `compute` or `drop`. Fields that are left out
        are as they were, or have the default of the class.
    """

    def register(make: Converter) -> Converter:
        _CONVERTERS.append(_Registered(old, new, when, make))
        return make

    return register


def find_changes(old: RecordType, new: type) -> Mapping[str, Change]:
    """Give the changes from an older record type to a class, {} where none are registered.

    Raises
    ------
    RecordError
        If several converters fit, or one does not return changes.
    """
    fitting = [known for known in _CONVERTERS if known.new is new and known.fits(old)]
    exact = [known for known in fitting if known.old == old.content_id]
    chosen = exact or fitting
    if not chosen:
        return {}
    names = [getattr(known.make, "__qualname__", repr(known.make)) for known in chosen]
    if len(chosen) > 1:
        raise RecordError(
            f"several converters fit: {', '.join(names)}",
            where=f"{old.name} to {new.__name__}",
            hint="name the older type by its id, or tell them apart by when=",
        )
    changes = chosen[0].make(old)
    if not isinstance(changes, Mapping) or not all(
        isinstance(change, Rename | Fill | Compute | Drop) for change in changes.values()
    ):
        raise RecordError(
            "a converter returns a dict of rename, fill, compute and drop", where=names[0]
        )
    return changes
