"""The TreeMaker for datasets when none is named: Basics, or SiteBasics of sites."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from shoeroot.errors import ConfigError, EventFileError
from shoeroot.events import open_events
from shoeroot.minitrees.kinds import BASICS
from shoeroot.minitrees.places import Folders, Place, find_places

__all__ = ["basics_of", "common_basics"]


def basics_of(place: Place) -> str:
    """Give the TreeMaker for a dataset when none was named: Basics, or SiteBasics of sites."""
    # What cannot be read is told by those who read it.
    with suppress(EventFileError), open_events(place.path) as events:
        return BASICS.get(events.record_type.name, "Basics")
    return "Basics"


def common_basics(datasets: Any, minitree_folder: Folders = None, *, gone: bool = False) -> str:
    """Give the TreeMaker for datasets that go into one table when none was named.

    Raises
    ------
    ConfigError
        Some hold simulations and others sites.
    """
    found = {
        basics_of(place): place.name for place in find_places(datasets, minitree_folder, gone=gone)
    }
    if len(found) > 1:
        (one, first), (other, second), *_ = found.items()
        raise ConfigError(
            f"the datasets are of different kinds: {first} would have {one}, {second} {other}",
            hint="load them one kind at a time, or name the TreeMakers",
        )
    return next(iter(found))
