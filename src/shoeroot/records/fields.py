"""What one field of a record type is: kind, numpy type, unit, description and what is inside."""

from __future__ import annotations

import keyword
import re
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from shoeroot.errors import RecordError

__all__ = ["DTYPES", "KINDS", "NO_DEFAULT", "VALUE_KINDS", "Field", "about", "check_name"]


class _NoDefault:
    """Says that a field has no default."""

    def __repr__(self) -> str:
        return "NO_DEFAULT"


NO_DEFAULT: Final = _NoDefault()

VALUE_KINDS = ("bool", "int", "float", "str", "array")
"""Kinds that hold values; the others hold fields."""

KINDS = (*VALUE_KINDS, "optional", "list", "record")

DTYPES = {
    "bool": ("?",),
    "int": ("i8", "i2", "i4", "u2", "u4", "u8"),
    "float": ("f8", "f4"),
    "str": ("",),
    "array": ("f8", "f4", "i2", "i4", "i8", "u2", "u4", "u8", "?"),
}
"""numpy types (without byte order) that a kind may have, its default first.

8-bit integers are left out: ROOT takes a signed one for a character.
"""

MAX_LENGTH = 10_000_000
METADATA_KEY = "shoeroot"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def about(
    unit: str,
    description: str,
    *,
    dtype: str | None = None,
    length: int | None = None,
    own_tree: bool = False,
    default: Any = NO_DEFAULT,
) -> Any:
    """Declare a field of a record type: use it as the default in a frozen dataclass.

    Parameters
    ----------
    unit : str
        Unit, "" for a number without one and for text, records and lists.
    description : str
        One line that says what the field is.
    dtype : str, optional
        numpy type of the stored number, for instance "f4"; by default "?" for bool, "i8" for
        int and "f8" for float and arrays.
    length : int, optional
        Number of elements of a fixed array.
    own_tree : bool
        For a record inside a list: store it in a second tree, one row a list element.
    default : object, optional
        What the field is where it is not given, and in files from before it was added. As in
        any dataclass, fields without a default come first, or the class is ``kw_only``.
    """
    described = {
        "unit": unit,
        "description": description,
        "dtype": dtype,
        "length": length,
        "own_tree": own_tree,
    }
    if default is NO_DEFAULT:
        return field(metadata={METADATA_KEY: described})
    # A factory, so that no two records share a list or an array.
    return field(default_factory=lambda: deepcopy(default), metadata={METADATA_KEY: described})


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record type.

    Attributes
    ----------
    name : str
        Name of the dataclass field; "item" for what an optional or a list holds.
    kind : str
        One of `KINDS`.
    unit, description : str
        What the numbers are in, and what they are.
    dtype : str
        numpy type without byte order; "" where it does not apply.
    length : int
        Number of elements of an array, otherwise 0.
    own_tree : bool
        Whether this record of a list's element has a tree of its own.
    record : str
        Class name of a record, otherwise "".
    children : tuple of Field
        The fields of a record, or the one item of an optional or a list.
    default : object
        What the class gives where the field is not given, or `NO_DEFAULT`; it is no part of
        what a file says of the type.
    """

    name: str
    kind: str
    unit: str
    description: str
    dtype: str = ""
    length: int = 0
    own_tree: bool = False
    record: str = ""
    children: tuple[Field, ...] = ()
    default: Any = field(default=NO_DEFAULT, compare=False, repr=False)

    @property
    def item(self) -> Field:
        """What an optional or a list holds."""
        return self.children[0]

    def child(self, name: str) -> Field | None:
        """Give the field of a record by its name."""
        return next((child for child in self.children if child.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """Give what JSON stores of this field, without what is empty."""
        stored: dict[str, Any] = {
            "name": self.name,
            "kind": self.kind,
            "unit": self.unit,
            "description": self.description,
        }
        optional_entries: dict[str, Any] = {
            "dtype": self.dtype,
            "length": self.length,
            "own_tree": self.own_tree,
            "record": self.record,
            "children": [child.to_dict() for child in self.children],
        }
        stored.update({key: value for key, value in optional_entries.items() if value})
        return stored


def check_name(name: object, where: str) -> str:
    """Return `name` if it can name a branch, a dataclass field and a C++ variable.

    Raises
    ------
    RecordError
        If it cannot. Names from files reach `dataclasses.make_dataclass`, which compiles them,
        so nothing but a plain name may pass.
    """
    if not isinstance(name, str) or not _NAME.match(name) or len(name) > 200:
        raise RecordError(
            f"{name!r} cannot name a field",
            where=where,
            hint="use letters, digits and underscores, not starting with a digit",
        )
    if keyword.iskeyword(name) or name.startswith("__"):
        raise RecordError(f"{name!r} is a reserved name", where=where, hint="use another name")
    return name


def check_field(
    checked: Field, where: str, *, in_list: bool = False, in_tree: bool = False
) -> None:
    """Check a field and everything below it.

    Raises
    ------
    RecordError
        Naming the record type and the field (`where`) and what is wrong.
    """
    check_name(checked.name, where)
    _check_texts(checked, where)
    if checked.kind in VALUE_KINDS:
        _check_value(checked, where)
        return
    if not checked.children:
        raise RecordError(f"a {checked.kind} needs something inside", where=where)
    if checked.kind == "record":
        check_name(checked.record, where)
        names = [child.name for child in checked.children]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise RecordError(f"fields named twice: {sorted(twice)}", where=where)
    elif len(checked.children) != 1:
        raise RecordError(f"a {checked.kind} holds one kind of item", where=where)
    if checked.kind == "optional" and checked.item.kind == "optional":
        raise RecordError("an optional of an optional", where=where)
    _check_own_tree(checked, where, in_list=in_list, in_tree=in_tree)
    for child in checked.children:
        below = f"{where}.{child.name}" if checked.kind == "record" else where
        check_field(
            child,
            below,
            in_list=checked.kind == "list" or (in_list and checked.kind == "record"),
            in_tree=in_tree or checked.own_tree,
        )


def _check_texts(checked: Field, where: str) -> None:
    for label, text in (("unit", checked.unit), ("description", checked.description)):
        if not isinstance(text, str) or any(ord(letter) < 32 for letter in text):
            raise RecordError(f"the {label} must be one line of text", where=where)
    if not checked.description.strip():
        raise RecordError(
            "the field has no description", where=where, hint='declare it with about("unit", "...")'
        )


def _check_value(checked: Field, where: str) -> None:
    if checked.own_tree or checked.children or checked.record:
        raise RecordError(f"a {checked.kind} has no fields and no tree of its own", where=where)
    if checked.dtype not in DTYPES[checked.kind]:
        raise RecordError(
            f"numpy type {checked.dtype!r} is not stored for a {checked.kind}",
            where=where,
            hint=f"one of {', '.join(map(repr, DTYPES[checked.kind]))}",
        )
    limit = range(1, MAX_LENGTH + 1) if checked.kind == "array" else range(1)
    if checked.length not in limit:
        raise RecordError(
            f"length {checked.length!r} of a {checked.kind}",
            where=where,
            hint="give a fixed array about(..., length=12); other kinds have no length",
        )


def _check_own_tree(checked: Field, where: str, *, in_list: bool, in_tree: bool) -> None:
    if not checked.own_tree:
        return
    if checked.kind != "record" or not in_list or in_tree:
        raise RecordError(
            "own_tree is for a record that belongs to each element of a list",
            where=where,
            hint="put it in a record that is in a list, not in an optional or another own tree",
        )
    for child in checked.children:
        if child.name in ("event_id", "index"):
            raise RecordError(f"the tree has its own {child.name!r}", where=f"{where}.{child.name}")
