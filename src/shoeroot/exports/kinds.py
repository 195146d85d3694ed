"""Exports of simulations refuse events of other kinds by name."""

from __future__ import annotations

from shoeroot.errors import ExportError
from shoeroot.events import Events

__all__ = ["check_simulations"]


def check_simulations(events: Events, beginning: str) -> None:
    """Check that events have columns that begin as only those of simulations do.

    Raises
    ------
    ExportError
        They have not: they are sites, or of a record type of one's own.
    """
    if not any(name.startswith(beginning) for name in events.record_type.columns):
        raise ExportError(
            f"these events are records of the type {events.record_type.name}, not simulations",
            where=str(events.paths[0]) if len(events.paths) else "",
            hint='events of any kind are written by "shoeroot export parquet|hdf5 --layout events"',
        )
