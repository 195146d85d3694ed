"""The engine's own description of its input, read once, and what a model has that it refuses.

The engine checks its input itself but ends in its own words; it also takes fields
that it does not know in some places without one. A general JSON-schema validator
needs several times the time that building the model does, and knows nothing of
designs: the few rules that the engine's description is made of are applied here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from shoeroot.building.collect import Epjson
from shoeroot.errors import EngineError

__all__ = ["InputSchema", "Refusal", "read_input_schema"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A field of an object that the engine would refuse, and why."""

    kind: str
    name: str
    field: str
    problem: str


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a field may be: a number within limits, one of some words, any text, or a list."""

    numbers: bool
    texts: bool
    low: float | None
    above: float | None
    high: float | None
    below: float | None
    words: frozenset[str]
    items: _Object | None


@dataclass(frozen=True, slots=True)
class _Object:
    """The fields of an object, those that it must have, and those that form its list."""

    rules: dict[str, _Rule]
    required: frozenset[str]


class InputSchema:
    """The rules of the kinds of objects that the engine knows.

    Parameters
    ----------
    description : dict
        What ``Energy+.schema.epJSON`` holds.
    """

    def __init__(self, description: dict[str, Any]) -> None:
        self._described: dict[str, Any] = description["properties"]
        self._kinds: dict[str, _Object] = {}

    def refusals(self, epjson: Epjson) -> Iterator[Refusal]:
        """Yield every field of a model that the engine would refuse or not know."""
        for kind, objects in epjson.items():
            rules = self._rules(kind)
            if rules is None:
                yield Refusal(kind, "", "", f"the engine knows no {kind}")
                continue
            for name, fields in objects.items():
                for field, problem in _refused(rules, fields):
                    yield Refusal(kind, name, field, problem)

    def _rules(self, kind: str) -> _Object | None:
        rules = self._kinds.get(kind)
        if rules is None and kind in self._described:
            # An object of any name, or of the one name that there may be.
            (described,) = self._described[kind]["patternProperties"].values()
            rules = self._kinds[kind] = _object(described)
        return rules


@lru_cache(maxsize=4)
def read_input_schema(path: Path) -> InputSchema:
    """Read the engine's description of its input.

    Raises
    ------
    EngineError
        The file is missing or no such description.
    """
    try:
        return InputSchema(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(
            f"the engine's description of its input cannot be read: {error}",
            where=str(path),
            hint="install the engine anew",
        ) from error


def _object(described: dict[str, Any]) -> _Object:
    return _Object(
        {field: _rule(rule) for field, rule in described.get("properties", {}).items()},
        frozenset(described.get("required", ())),
    )


def _rule(described: dict[str, Any]) -> _Rule:
    """Read one field; where it may be of several types, all of them count."""
    ways = described.get("anyOf", [described])
    numeric: dict[str, Any] = next(
        (way for way in ways if way.get("type") in ("number", "integer")), {}
    )
    words = {word for way in ways for word in way.get("enum", ())}
    texts = [way for way in ways if way.get("type") == "string"]
    return _Rule(
        numbers=bool(numeric),
        texts=bool(texts),
        low=numeric.get("minimum"),
        above=numeric.get("exclusiveMinimum"),
        high=numeric.get("maximum"),
        below=numeric.get("exclusiveMaximum"),
        words=frozenset(str(word).lower() for word in words),
        items=_object(described["items"]) if described.get("type") == "array" else None,
    )


def _refused(rules: _Object, fields: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for field, value in fields.items():
        rule = rules.rules.get(field)
        if rule is None:
            yield field, "is a field that the engine does not know"
        elif isinstance(value, list) and rule.items is not None:
            for entry in value:
                yield from _refused(rule.items, entry)
        else:
            problem = _not_a_word(rule, value) if isinstance(value, str) else _beyond(rule, value)
            if problem:
                yield field, problem
    for field in rules.required:
        if field not in fields:
            yield field, "is missing"


def _not_a_word(rule: _Rule, value: str) -> str:
    """Say that a text is none of the engine's words; empty if it is one, or any text will do."""
    if rule.texts and (not rule.words or value.lower() in rule.words):
        return ""
    return f"= {value!r} is not among the engine's words"


def _beyond(rule: _Rule, value: Any) -> str:
    """Say how a number leaves the limits of the engine; empty if it does not."""
    if not rule.numbers or not isinstance(value, (int, float)):
        return f"= {value!r} is nothing that the engine takes there"
    if rule.low is not None and value < rule.low:
        return f"= {value:g} is below the engine's least, {rule.low:g}"
    if rule.above is not None and value <= rule.above:
        return f"= {value:g} is not above {rule.above:g}"
    if rule.high is not None and value > rule.high:
        return f"= {value:g} is above the engine's greatest, {rule.high:g}"
    if rule.below is not None and value >= rule.below:
        return f"= {value:g} is not below {rule.below:g}"
    return ""
