"""Columns of a mini-tree that are fields of records: unit and description come from there."""

from __future__ import annotations

from collections.abc import Collection

from shoeroot.errors import RecordError, nearest
from shoeroot.records import RecordType, Simulation

__all__ = ["record_columns"]

_SINGLE = ("bool", "int", "float", "str")


def record_columns(
    record: str,
    *,
    prefix: str = "",
    without: Collection[str] = (),
    record_class: type = Simulation,
) -> dict[str, tuple[str, str]]:
    """Declare a column for each single value of a record: no lists, arrays, or records in it.

    Parameters
    ----------
    record : str
        Where the record is, such as ``"design"`` or ``"zones"``.
    prefix : str
        Put before each name.
    without : collection of str
        Fields that are left out.
    record_class : type
        What an event is.

    Returns
    -------
    dict of str to (unit, description)
        In the order of the fields; descriptions begin with a capital.

    Raises
    ------
    RecordError
        There is no such record, or no such field to leave out.
    """
    field = RecordType.of(record_class).root
    for name in record.split("."):
        child = field.child(name)
        if child is None:
            known = [one.name for one in field.children]
            raise RecordError(
                f"{record_class.__name__} has no record {record!r}", hint=nearest(name, known)
            )
        field = child
        while field.kind in ("list", "optional"):
            field = field.item
    names = [child.name for child in field.children]
    for name in without:
        if name not in names:
            raise RecordError(f"{record!r} has no field {name!r}", hint=nearest(name, names))
    return {
        prefix + child.name: (child.unit, child.description[:1].upper() + child.description[1:])
        for child in field.children
        if child.kind in _SINGLE and child.name not in without
    }
