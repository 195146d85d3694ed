"""Targets of surrogate models: annual, monthly or hourly results of simulations as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ExportError, nearest
from shoeroot.events import Events

__all__ = ["Resolution", "TargetPlan", "Zones", "zone_values"]

Resolution = Literal["annual", "monthly", "hourly"]
Zones = Literal["sum", "each"]

#: Prefix of the columns of a zone, and how many values each has.
_COLUMNS = {"annual": ("zones_", ()), "monthly": ("zones_monthly_", (12,))}
_HOURLY = ("zones_hourly_", (8760,))
_KNOWN = {
    "annual": ("heating", "cooling", "lighting", "equipment", "hot_water"),
    "monthly": ("heating", "cooling", "lighting", "equipment", "hot_water"),
    "hourly": ("heating", "cooling", "electricity", "temperature"),
}
#: What is not added up over zones.
_INTENSIVE = ("temperature",)
ZONE_NAMES = ("perimeter", "core")


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """Which results become targets.

    Attributes
    ----------
    resolution : str
        ``"annual"``, ``"monthly"`` or ``"hourly"``.
    series : tuple of str
        Such as ``("heating", "cooling")``.
    zones : str
        ``"sum"`` over the building, or ``"each"``: of the perimeter, then of the core.
    per_area : bool
        Divided by the floor area (of the building, or of the zone).
    """

    resolution: Resolution
    series: tuple[str, ...]
    zones: Zones = "sum"
    per_area: bool = False

    def check(self) -> None:
        """Refuse what there is not.

        Raises
        ------
        ExportError
        """
        if self.resolution not in _KNOWN:
            raise ExportError(
                f"there are no {self.resolution!r} targets",
                where="targets",
                hint=nearest(self.resolution, _KNOWN),
            )
        if self.zones not in ("sum", "each"):
            raise ExportError(f"zones={self.zones!r}", where="zones", hint="'sum' or 'each'")
        known = _KNOWN[self.resolution]
        for name in self.series:
            if name not in known:
                raise ExportError(
                    f"there is no {self.resolution} series {name!r}",
                    where="series",
                    hint=nearest(name, known),
                )
            if name in _INTENSIVE and (self.zones == "sum" or self.per_area):
                raise ExportError(
                    f"{name} cannot be added up or divided by an area",
                    where="series",
                    hint="ask for zones='each' and per_area=False",
                )
        if not self.series:
            raise ExportError("no series is asked for", where="series", hint="such as 'heating'")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the targets, in their order."""
        if self.zones == "sum":
            return self.series
        return tuple(f"{zone} {name}" for zone in ZONE_NAMES for name in self.series)

    @property
    def units(self) -> tuple[str, ...]:
        """Unit of each target."""
        energy = "kWh/m2" if self.per_area else "kWh"
        units = ["degC" if name in _INTENSIVE else energy for name in self.series]
        return tuple(units * (1 if self.zones == "sum" else len(ZONE_NAMES)))

    def read(self, events: Events) -> NDArray[np.float32]:
        """Give the targets of events, all of which have results.

        Returns
        -------
        (n_events, n_targets) or (n_events, n_targets, 12 or 8760) float32
        """
        prefix, length = _COLUMNS.get(self.resolution, _HOURLY)
        each = np.stack(
            [zone_values(events, f"{prefix}{name}", length) for name in self.series], axis=2
        )
        shape = (len(events), len(ZONE_NAMES), 1, *[1] * len(length))
        areas = zone_values(events, "zones_floor_area").reshape(shape)
        if self.zones == "sum":
            values = each.sum(axis=1)
            if self.per_area:
                values /= areas.sum(axis=1)
        else:
            # A zone that is not there has no results, per area or at all.
            values = each / np.where(areas > 0, areas, 1.0) if self.per_area else each
            values = values.reshape(len(events), len(self.names), *length)
        return np.ascontiguousarray(values, dtype=np.float32)


def zone_values(events: Events, column: str, length: Sequence[int] = ()) -> NDArray[np.float64]:
    """Give a column of zones as (n_events, 2, *length) float64: perimeter, core; 0 where none is.

    Raises
    ------
    ExportError
        An event has more than two zones.
    """
    counts = np.asarray(events.counts("zones"))
    if counts.max(initial=0) > len(ZONE_NAMES):
        raise ExportError(
            f"an event has {counts.max()} zones, not a perimeter and a core", where=column
        )
    flat = np.asarray(ak.flatten(events.column(column), axis=1))
    placed = np.zeros((len(events), len(ZONE_NAMES), *length))
    event = np.repeat(np.arange(len(events)), counts)
    place = np.arange(len(flat)) - np.repeat(np.cumsum(counts) - counts, counts)
    placed[event, place] = flat
    return placed
