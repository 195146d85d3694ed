"""Whether two records hold the same values, and where they first differ."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

__all__ = ["first_difference", "records_equal"]


def records_equal(first: Any, second: Any) -> bool:
    """Say whether two records hold the same values; NaN equals NaN, classes may differ."""
    return first_difference(first, second) == ""


def first_difference(first: Any, second: Any) -> str:
    """Say where two records differ first, "" if they hold the same values.

    NaN equals NaN, a list may be a tuple, and classes may differ where their fields do not.

    Returns
    -------
    str
        Such as ``.zones[2].area: 1.0 and 2.0``.
    """
    if dataclasses.is_dataclass(first) and dataclasses.is_dataclass(second):
        return _between_records(first, second)
    if isinstance(first, np.ndarray) or isinstance(second, np.ndarray):
        return _between_arrays(first, second)
    if isinstance(first, list | tuple) and isinstance(second, list | tuple):
        return _between_lists(first, second)
    if isinstance(first, float) and isinstance(second, float):
        same = first == second or (first != first and second != second)
    else:
        same = bool(first == second)
    return "" if same else f": {first!r} and {second!r}"


def _between_records(first: Any, second: Any) -> str:
    names = [field.name for field in dataclasses.fields(first)]
    others = [field.name for field in dataclasses.fields(second)]
    if names != others:
        return f": fields {', '.join(names)} and {', '.join(others)}"
    for name in names:
        difference = first_difference(getattr(first, name), getattr(second, name))
        if difference:
            return f".{name}{difference}"
    return ""


def _between_lists(first: Any, second: Any) -> str:
    if len(first) != len(second):
        return f": {len(first)} elements and {len(second)}"
    for place, (one, other) in enumerate(zip(first, second, strict=True)):
        difference = first_difference(one, other)
        if difference:
            return f"[{place}]{difference}"
    return ""


def _between_arrays(first: Any, second: Any) -> str:
    if first is None or second is None:
        return f": {first!r} and {second!r}"
    one, other = np.asarray(first), np.asarray(second)
    if one.dtype != other.dtype or one.shape != other.shape:
        return f": {one.dtype}{one.shape} and {other.dtype}{other.shape}"
    same = one == other
    if one.dtype.kind == "f":
        same |= np.isnan(one) & np.isnan(other)
    if np.all(same):
        return ""
    place = int(np.argmin(same))
    return f"[{place}]: {one.flat[place]} and {other.flat[place]}"
