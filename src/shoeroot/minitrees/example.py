"""Events for tests of TreeMakers: every field filled, no engine needed, failed ones among them."""

from __future__ import annotations

import dataclasses
import types
import typing
from pathlib import Path
from typing import Any

import numpy as np

from shoeroot.events import EventWriter
from shoeroot.records import Field, RecordType, Simulation

__all__ = ["example_dataset", "example_record"]

#: How many elements lists have, by their name.
LENGTHS = {"zones": 2, "surfaces": 8, "end_uses": 12, "messages": 2}
#: Those that a failed simulation has, too.
KEPT = ("messages",)
STATUSES = ("ok", "ok", "fatal", "ok", "invalid")


def example_dataset(
    folder: str | Path, events: int = 10, *, record_class: type = Simulation, seed: int = 0
) -> Path:
    """Write events with made-up numbers, for tests of TreeMakers.

    Two of five simulations have failed: their lists of results are empty.

    Parameters
    ----------
    folder : path
        The campaign folder to make.
    events : int
        How many.
    record_class : type
        What an event is.
    seed : int
        The same seed gives the same events.

    Returns
    -------
    Path
        The folder: a dataset for `shoeroot.minitrees.load`.
    """
    random = np.random.default_rng(seed)
    target = Path(folder)
    with EventWriter(target / "events", record_class) as writer:
        writer.write([example_record(record_class, number, random) for number in range(events)])
    return target


def example_record(record_class: type, number: int, random: np.random.Generator) -> Any:
    """Make one record with made-up numbers; `number` is its id, and says whether it failed."""
    status = STATUSES[number % len(STATUSES)]
    known = {"event_id": number, "variation_id": number, "status": status}
    return _record(record_class, RecordType.of(record_class).root, random, known, status == "ok")


def _record(
    record_class: type, field: Field, random: np.random.Generator, known: dict[str, Any], good: bool
) -> Any:
    hints = typing.get_type_hints(record_class)
    values = {}
    for child in field.children:
        if child.name in known:
            values[child.name] = known[child.name]
        elif child.kind == "list":
            length = LENGTHS.get(child.name, 2) if good or child.name in KEPT else 0
            values[child.name] = [
                _value(_inner(hints[child.name]), child.item, random, place, good)
                for place in range(length)
            ]
        elif child.kind == "optional":
            values[child.name] = (
                _value(_inner(hints[child.name]), child.item, random, 0, good) if good else None
            )
        else:
            values[child.name] = _value(hints[child.name], child, random, 0, good)
    return record_class(**values)


def _value(hint: Any, field: Field, random: np.random.Generator, place: int, good: bool) -> Any:
    if field.kind == "record":
        known = {"month": place + 1, "name": f"{field.record.lower()} {place}"}
        kinds = {child.name: child.kind for child in field.children}
        if kinds.get("month") == "str":
            known["month"] = f"2020-{place + 1:02d}"
        kept = {name: value for name, value in known.items() if name in kinds}
        return _record(hint, field, random, kept, good)
    if field.kind == "array":
        values = random.uniform(0.5, 2.0, field.length)
        return values.astype(np.dtype(field.dtype))
    if field.kind == "bool":
        return bool(random.random() < 0.5)
    if field.kind == "int":
        return int(random.integers(0, 100))
    if field.kind == "float":
        return float(np.round(random.uniform(1.0, 10.0), 3))
    return field.name if place == 0 else f"{field.name} {place}"


def _inner(hint: Any) -> Any:
    """Give what a list or an optional value holds."""
    if typing.get_origin(hint) is typing.Annotated:
        return _inner(typing.get_args(hint)[0])
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return next(one for one in typing.get_args(hint) if one is not type(None))
    arguments = typing.get_args(hint)
    return arguments[0] if arguments and not dataclasses.is_dataclass(hint) else hint
