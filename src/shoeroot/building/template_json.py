"""Templates as canonical JSON: each of their parts once, named by the hash of its content.

A text of templates is one JSON object. Its keys are SHA-256 hashes, its values parts of templates
(a material, a schedule, a zone, a whole template) with the parts in them replaced by their hashes::

    {"3f0c...": {"is": "Material", "name": "concrete", "conductivity": 1.7, ...},
     "91aa...": {"is": "Construction", "layers": [{"material": "3f0c...", ...}], ...}, ...}

A hash is that of the part's own JSON with sorted keys and without spaces, so that equal templates
have equal hashes wherever they come from, and texts are united by taking the keys of both. Numbers
are written so that they are read back exactly. Of a schedule the days are kept, each once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.building.template import (
    Conditioning,
    Construction,
    Constructions,
    DomesticHotWater,
    Layer,
    Loads,
    Material,
    Template,
    Ventilation,
    Window,
    YearSchedule,
    ZoneTemplate,
)
from shoeroot.errors import TemplateError

__all__ = [
    "template_from_json",
    "template_hash",
    "templates_from_parts",
    "templates_to_json",
    "templates_to_parts",
]

Parts = dict[str, dict[str, Any]]

_CLASSES: dict[str, type] = {
    one.__name__: one
    for one in (
        Conditioning,
        Construction,
        Constructions,
        DomesticHotWater,
        Layer,
        Loads,
        Material,
        Template,
        Ventilation,
        Window,
        YearSchedule,
        ZoneTemplate,
    )
}
#: Parts that are not worth a hash of their own: they stand where they are used.
_INLINE = (Layer,)
_HOURS_OF_DAY = 24
_DIGITS = 64


@lru_cache(maxsize=4096)
def template_hash(template: Template) -> str:
    """Return the SHA-256 of a template's content, 64 hexadecimal digits."""
    return _add(template, {}, {})


def templates_to_json(templates: Iterable[Template]) -> str:
    """Write templates, and all that they are made of, as one text.

    Parameters
    ----------
    templates : iterable of Template
        What is the same in several of them is written once.
    """
    return _canonical(templates_to_parts(templates)[0])


def templates_to_parts(templates: Iterable[Template]) -> tuple[Parts, list[str]]:
    """Return what `templates_to_json` writes, and the hashes of the templates in their order."""
    parts: Parts = {}
    seen: dict[int, tuple[Any, str]] = {}
    hashes = [_add(template, parts, seen) for template in templates]
    return parts, hashes


def template_from_json(text: str, digest: str) -> Template:
    """Read one template from a text that has it.

    Parameters
    ----------
    text : str
        Of `templates_to_json`, or several of those united.
    digest : str
        Its hash.

    Raises
    ------
    TemplateError
        It is not there, or is not what its hash says.
    """
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(digest, error) from error
    return templates_from_parts(parts, [digest])[0]


def templates_from_parts(parts: Parts, digests: Iterable[str]) -> tuple[Template, ...]:
    """Read templates from the parsed text of `templates_to_json`; what they share stays shared.

    Parameters
    ----------
    parts : dict of str to dict
        By their hashes.
    digests : iterable of str
        The hashes of the templates.

    Raises
    ------
    TemplateError
        One is not there, or is not what its hash says.
    """
    reader = _Reader(parts)
    return tuple(_template(reader, digest) for digest in digests)


def _template(reader: _Reader, digest: str) -> Template:
    try:
        made = reader.part(digest)
    except TemplateError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _unreadable(digest, error) from error
    if not isinstance(made, Template):
        raise TemplateError("this is no template", where=digest[:12])
    return made


def _unreadable(digest: str, error: Exception) -> TemplateError:
    return TemplateError(
        f"a stored template cannot be read: {type(error).__name__}: {error}",
        where=f"template {digest[:12]}",
        hint="the text of templates is damaged, or written by a newer shoeroot",
    )


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _digest(part: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(part).encode()).hexdigest()


def _add(part: Any, parts: Parts, seen: dict[int, tuple[Any, str]]) -> str:
    """Add a part and all in it; return its hash."""
    known = seen.get(id(part))
    if known is not None:
        return known[1]
    described = {"is": type(part).__name__, **_described(part, parts, seen)}
    digest = _digest(described)
    parts[digest] = described
    # With the part, whose id would belong to another object were it gone.
    seen[id(part)] = (part, digest)
    return digest


def _described(part: Any, parts: Parts, seen: dict[int, tuple[Any, str]]) -> dict[str, Any]:
    if isinstance(part, YearSchedule):
        return {"name": part.name, **_days(part.values)}
    return {field.name: _plain(getattr(part, field.name), parts, seen) for field in fields(part)}


def _plain(value: Any, parts: Parts, seen: dict[int, tuple[Any, str]]) -> Any:
    if isinstance(value, _INLINE):
        return _described(value, parts, seen)
    if is_dataclass(value):
        return _add(value, parts, seen)
    if isinstance(value, tuple):
        return [_plain(one, parts, seen) for one in value]
    if isinstance(value, np.generic):
        return value.item()
    return value


def _days(values: NDArray[np.float64]) -> dict[str, Any]:
    """Return the different days of a year, and which is when."""
    table = np.ascontiguousarray(values, dtype=np.float64).reshape(-1, _HOURS_OF_DAY)
    # Bit by bit, so that -0.0 and NaN are read back, too.
    _, first, which = np.unique(
        table.view(np.uint64), axis=0, return_index=True, return_inverse=True
    )
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return {"days": table[np.sort(first)].tolist(), "year": rank[which.reshape(-1)].tolist()}


class _Reader:
    """Makes parts from their JSON, each once."""

    def __init__(self, parts: Mapping[str, Any]) -> None:
        self._parts = parts
        self._made: dict[str, Any] = {}

    def part(self, digest: str) -> Any:
        if digest not in self._made:
            described = self._parts.get(digest)
            if described is None:
                raise TemplateError(
                    "a template, or a part of one, is not stored", where=digest[:12]
                )
            if _digest(described) != digest:
                raise TemplateError("a stored template was changed", where=digest[:12])
            values = dict(described)
            self._made[digest] = self._made_of(_CLASSES[values.pop("is")], values)
        return self._made[digest]

    def _made_of(self, kind: type, values: dict[str, Any]) -> Any:
        if kind is YearSchedule:
            days = np.array(values["days"], dtype=np.float64)
            hours = days[np.array(values["year"], dtype=np.int64)].reshape(-1)
            hours.setflags(write=False)
            return YearSchedule(values["name"], hours)
        return kind(**{name: self._value(name, value) for name, value in values.items()})

    def _value(self, name: str, value: Any) -> Any:
        if name == "layers":
            return tuple(self._made_of(Layer, one) for one in value)
        if isinstance(value, list):
            return tuple(value)
        is_reference = isinstance(value, str) and len(value) == _DIGITS and value in self._parts
        return self.part(value) if is_reference else value
