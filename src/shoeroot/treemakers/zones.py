"""Zones and Surfaces: a row for each zone, or each surface, of each event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import awkward as ak

from shoeroot.minitrees import MultipleRowExtractor, record_columns

if TYPE_CHECKING:
    from shoeroot.minitrees import EventChunk

__all__ = ["Surfaces", "Zones"]


class Zones(MultipleRowExtractor):
    """A row for each zone: geometry, settings, annual loads and peaks.

    Loads are heat and cold delivered, before the coefficients of performance. A failed
    simulation has no rows.
    """

    __version__ = "1"
    events_of: ClassVar[str] = "Simulation"
    columns: ClassVar = {
        "zone": ("", "Number of the zone in its event, from 0"),
        **record_columns("zones", prefix="zone_"),
    }

    def extract(self, events: EventChunk) -> dict[str, Any]:
        """Take the values as they are stored."""
        return _rows(events.zones, "zone", record_columns("zones"))


class Surfaces(MultipleRowExtractor):
    """A row for each surface: what it is, what is behind it, areas and transmittance.

    A failed simulation has no rows.
    """

    __version__ = "1"
    events_of: ClassVar[str] = "Simulation"
    columns: ClassVar = {
        "surface": ("", "Number of the surface in its event, from 0"),
        **record_columns("surfaces", prefix="surface_"),
    }

    def extract(self, events: EventChunk) -> dict[str, Any]:
        """Take the values as they are stored."""
        return _rows(events.surfaces, "surface", record_columns("surfaces"))


def _rows(records: Any, name: str, fields: dict[str, tuple[str, str]]) -> dict[str, Any]:
    values = {f"{name}_{field}": records[field] for field in fields}
    return {name: ak.local_index(next(iter(values.values())), axis=1), **values}
