"""Schedules of the templates that events were simulated with, from the events' own files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.design import HOURS
from shoeroot.errors import ExportError
from shoeroot.events import open_events

__all__ = ["stored_schedules"]

FloatArray = NDArray[np.float64]
#: The text of a file's metadata that holds templates as JSON, each part by its hash.
TEXT = "templates"
#: In the order of the design schema.
_KINDS = ("equipment_schedule", "lighting_schedule", "occupancy_schedule")


def stored_schedules(paths: tuple[Path, ...], hashes: set[str]) -> dict[str, FloatArray]:
    """Read equipment, lighting and occupancy schedules of templates.

    Parameters
    ----------
    paths : tuple of Path
        Event files; each holds the templates of its events.
    hashes : set of str
        Of the templates.

    Returns
    -------
    dict of str to (3, 8760) float64
        By the hash of the template.

    Raises
    ------
    ExportError
        The files do not hold a template, or it is damaged.
    """
    found: dict[str, FloatArray] = {}
    for path in paths:
        missing = hashes - found.keys()
        if not missing:
            break
        with open_events(path) as events:
            text = events.metadata.get(TEXT, "{}")
        try:
            parts = json.loads(text)
            found |= {one: _schedules(parts, one) for one in missing if one in parts}
        except (ValueError, KeyError, TypeError, IndexError) as problem:
            raise ExportError(
                f"the templates in the file cannot be read: {type(problem).__name__}: {problem}",
                where=str(path),
            ) from problem
    if hashes - found.keys():
        raise ExportError(
            "the event files do not hold the templates of all events",
            where=str(paths[0]) if paths else "",
            hint="give schedules=... (an array or a function), or schedules=False to do without",
        )
    return found


def _schedules(parts: dict[str, Any], template: str) -> FloatArray:
    loads = parts[parts[parts[template]["perimeter"]]["loads"]]
    years = []
    for kind in _KINDS:
        schedule = parts[loads[kind]]
        days = np.array(schedule["days"], dtype=np.float64)
        years.append(days[np.array(schedule["year"], dtype=np.int64)].reshape(HOURS))
    return np.stack(years)
