"""Record types: the tree of fields of a frozen dataclass, its JSON and its content id."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Union

import numpy as np

from shoeroot.errors import RecordError
from shoeroot.records.fields import DTYPES, METADATA_KEY, NO_DEFAULT, Field, check_field, check_name
from shoeroot.records.stripes import Column, Stripe, columns_of, stripes_of
from shoeroot.records.text import describe_fields

__all__ = ["RecordType"]

FORMAT = 1
MAX_DEPTH = 32


@dataclass(frozen=True)
class RecordType:
    """A typed nested record, apart from the Python class that declares it.

    Attributes
    ----------
    root : Field
        The record itself, whose children are its fields.
    """

    root: Field

    def __post_init__(self) -> None:
        if self.root.kind != "record":
            raise RecordError("a record type is a record", where=self.root.name)
        check_field(self.root, self.root.record)
        # Computing the names finds clashes between flattened names.
        _ = self.stripes

    @classmethod
    def of(cls, record_class: type) -> RecordType:
        """Describe a frozen dataclass whose fields are declared with `about`.

        Raises
        ------
        RecordError
            If a field cannot be stored; it names the class and the field.
        """
        return _described_class(record_class)

    @classmethod
    def from_json(cls, text: str) -> RecordType:
        """Rebuild a record type from `to_json`'s text.

        Raises
        ------
        RecordError
            If the text is not the JSON of a record type.
        """
        try:
            stored = json.loads(text)
        except (ValueError, RecursionError) as problem:
            raise RecordError(f"the record type is not JSON: {problem}") from problem
        if not isinstance(stored, dict) or stored.get("format") != FORMAT:
            raise RecordError(
                "this is not the JSON of a record type that this version knows",
                hint="was the file written by a later version?",
            )
        return cls(_field_from_dict(stored.get("record"), "record type", 0))

    def to_json(self) -> str:
        """Give the canonical JSON: the same record type always gives the same text."""
        stored = {"format": FORMAT, "record": self.root.to_dict()}
        return json.dumps(stored, sort_keys=True, separators=(",", ":"), ensure_ascii=True)

    def __str__(self) -> str:
        return f"{self.name}: {self.root.description}\n{describe_fields(self.fields)}"

    def _repr_html_(self) -> str:
        # html.py needs this class; the table is made only where there is a notebook.
        from shoeroot.records.html import html_of_type

        return html_of_type(self)

    @property
    def name(self) -> str:
        """Name of the class that declared the record type."""
        return self.root.record

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of the outermost record."""
        return self.root.children

    @cached_property
    def content_id(self) -> str:
        """sha256 of the canonical JSON, in hexadecimal."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @cached_property
    def columns(self) -> dict[str, Column]:
        """The values of the record type by their flattened name, in order."""
        return columns_of(self.root)

    @cached_property
    def stripes(self) -> dict[str, Stripe]:
        """The flat arrays that hold all values, by name, in order."""
        return stripes_of(self.columns.values(), self.name)


@lru_cache(maxsize=256)
def _described_class(record_class: type) -> RecordType:
    first_line = (record_class.__doc__ or "").strip().split("\n")[0] or record_class.__name__
    return RecordType(_record(record_class, record_class.__name__, "", first_line, False, ()))


def _record(
    record_class: type,
    name: str,
    unit: str,
    description: str,
    own_tree: bool,
    above: tuple[type, ...],
) -> Field:
    where = record_class.__name__
    if not dataclasses.is_dataclass(record_class):
        raise RecordError("a record type is a dataclass", where=where)
    if not record_class.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        raise RecordError("a record type is a frozen dataclass", where=where)
    if record_class in above:
        raise RecordError("a record cannot contain itself", where=where)
    try:
        hints = typing.get_type_hints(record_class)
    except NameError as problem:
        raise RecordError(f"an annotation cannot be resolved: {problem}", where=where) from problem
    children = tuple(
        _declared(declared, hints[declared.name], where, (*above, record_class))
        for declared in dataclasses.fields(record_class)
    )
    return Field(
        name, "record", unit, description, own_tree=own_tree, record=where, children=children
    )


def _declared(
    declared: dataclasses.Field[Any], hint: Any, owner: str, above: tuple[type, ...]
) -> Field:
    where = f"{owner}.{declared.name}"
    described = declared.metadata.get(METADATA_KEY)
    if described is None:
        raise RecordError(
            "the field has no unit and no description",
            where=where,
            hint='declare it as `name: type = about("unit", "what it is")`',
        )
    described_field = _described(declared.name, hint, described, where, above)
    return dataclasses.replace(described_field, default=_default(declared))


def _default(declared: dataclasses.Field[Any]) -> Any:
    if declared.default_factory is not dataclasses.MISSING:
        return declared.default_factory()
    return NO_DEFAULT if declared.default is dataclasses.MISSING else declared.default


def _described(
    name: str, hint: Any, described: dict[str, Any], where: str, above: tuple[type, ...]
) -> Field:
    unit, description = described["unit"], described["description"]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        inner = [argument for argument in arguments if argument is not type(None)]
        if len(inner) == 1 and len(arguments) == 2:
            item = _described("item", inner[0], described, where, above)
            return Field(name, "optional", unit, description, children=(item,))
    elif origin is list or (origin is tuple and arguments[1:] == (Ellipsis,)):
        item = _described("item", arguments[0], described, where, above)
        return Field(name, "list", unit, description, children=(item,))
    elif hint is np.ndarray or origin is np.ndarray:
        return Field(
            name,
            "array",
            unit,
            description,
            dtype=_dtype("array", described),
            length=described["length"] or 0,
        )
    elif hint in (bool, int, float, str):
        length = described["length"] or 0
        dtype = _dtype(hint.__name__, described)
        return Field(name, hint.__name__, unit, description, dtype=dtype, length=length)
    elif isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _record(hint, name, unit, description, described["own_tree"], above)
    raise RecordError(
        f"a field of type {hint!r} cannot be stored",
        where=where,
        hint="bool, int, float, str, numpy.ndarray, a record, X | None, list[X], tuple[X, ...]",
    )


def _dtype(kind: str, described: dict[str, Any]) -> str:
    asked = described["dtype"]
    if asked is None:
        return DTYPES[kind][0]
    try:
        return str(np.dtype(asked).str[1:]).replace("b1", "?")
    except TypeError:
        return str(asked)


_ENTRIES = {
    "name": str,
    "kind": str,
    "unit": str,
    "description": str,
    "dtype": str,
    "length": int,
    "own_tree": bool,
    "record": str,
    "children": list,
}


def _field_from_dict(stored: object, where: str, depth: int) -> Field:
    if not isinstance(stored, dict) or depth > MAX_DEPTH:
        raise RecordError("a field is not described as it should be", where=where)
    for key, value in stored.items():
        if key not in _ENTRIES or type(value) is not _ENTRIES[key]:
            raise RecordError(f"unexpected {key!r} in a field", where=where)
    missing = {"name", "kind", "unit", "description"} - stored.keys()
    if missing:
        raise RecordError(f"a field lacks {sorted(missing)}", where=where)
    name = check_name(stored["name"], where)
    if stored["kind"] not in ("bool", "int", "float", "str", "array", "optional", "list", "record"):
        raise RecordError(f"unknown kind {stored['kind']!r}", where=f"{where}.{name}")
    children = tuple(
        _field_from_dict(child, f"{where}.{name}", depth + 1)
        for child in stored.get("children", ())
    )
    return Field(**{**stored, "children": children})
