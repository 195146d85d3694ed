"""Schedules of the engine's input: constants, months, and hours by type of day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["ANY_NUMBER", "constant_schedule", "daily_schedule", "monthly_schedule"]

ANY_NUMBER = "Any Number"
_LIMITS = {"schedule_type_limits_name": ANY_NUMBER}

_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def constant_schedule(value: float) -> dict[str, Any]:
    """Give the fields of a ``Schedule:Constant``."""
    return {**_LIMITS, "hourly_value": value}


def monthly_schedule(months: Sequence[float]) -> dict[str, Any]:
    """Give the fields of a ``Schedule:Compact`` of twelve values."""
    words: list[str | float] = []
    for month, (value, last) in enumerate(zip(months, _DAYS, strict=True), start=1):
        words += [f"Through: {month}/{last}", "For: AllDays", "Until: 24:00", value]
    return {**_LIMITS, "data": [{"field": word} for word in words]}


def daily_schedule(hours: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Give the fields of a ``Schedule:Compact`` that is the same all year.

    Parameters
    ----------
    hours : mapping of str to 24 float
        Values by type of day as the engine names them; the last type is for all other days.
    """
    words: list[str | float] = ["Through: 12/31"]
    *named, last = hours
    for day in (*named, last):
        words.append(f"For: {'AllOtherDays' if day == last else day}")
        for hour, value in enumerate(hours[day], start=1):
            if hour == 24 or hours[day][hour] != value:
                words += [f"Until: {hour}:00", value]
    return {**_LIMITS, "data": [{"field": word} for word in words]}
