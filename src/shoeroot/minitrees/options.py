"""Options of TreeMakers: checked against their defaults, and as JSON for the lineage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from shoeroot.errors import TreeMakerError, nearest

__all__ = ["as_json", "checked_options"]


def checked_options(
    treemaker: str, defaults: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Give all options: those that are given, and the defaults of the others.

    Raises
    ------
    TreeMakerError
        An option is unknown, of another kind than its default, or not plain data.
    """
    for name, value in given.items():
        where = f"{treemaker}({name}={value!r})"
        if name not in defaults:
            raise TreeMakerError(
                f"TreeMaker {treemaker} has no option {name!r}",
                where=where,
                hint=nearest(name, defaults) or "it has no options",
            )
        wanted = _kind(defaults[name], where)
        if wanted != "nothing" and _kind(value, where) not in (wanted, "nothing"):
            raise TreeMakerError(
                f"the option {name!r} is a {_kind(value, where)}, not a {wanted}",
                where=where,
                hint=f"by default it is {defaults[name]!r}",
            )
    for name, value in defaults.items():
        _kind(value, f"{treemaker}.options[{name!r}]")
    return {name: _plain(given.get(name, value)) for name, value in defaults.items()}


def _plain(value: Any) -> Any:
    """Make lists tuples and numpy's numbers Python's, so that equal options are equal."""
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple):
        return tuple(_plain(one) for one in value)
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return value


def _kind(value: Any, where: str) -> str:
    plain = _plain(value)
    if plain is None:
        return "nothing"
    if isinstance(plain, bool):
        return "flag"
    if isinstance(plain, int | float):
        return "number"
    if isinstance(plain, str):
        return "text"
    if isinstance(plain, tuple):
        for one in plain:
            _kind(one, where)
        return "tuple"
    if isinstance(plain, dict) and all(isinstance(name, str) for name in plain):
        for one in plain.values():
            _kind(one, where)
        return "dict"
    raise TreeMakerError(
        f"an option is a {type(value).__name__}",
        where=where,
        hint="numbers, texts, flags, None, and tuples and dicts of them are kept in the lineage",
    )


def as_json(value: Any) -> Any:
    """Give an option as JSON holds it."""
    if isinstance(value, tuple):
        return [as_json(one) for one in value]
    if isinstance(value, dict):
        return {name: as_json(one) for name, one in value.items()}
    # An option 1 is the same as 1.0.
    return int(value) if isinstance(value, float) and value.is_integer() else value
