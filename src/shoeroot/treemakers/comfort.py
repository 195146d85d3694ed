"""Comfort: hours in which the zones are too cold or too warm, and how far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from shoeroot.minitrees import TreeMaker
from shoeroot.treemakers.arrays import among_all, flat, joined, zone_rows

if TYPE_CHECKING:
    from shoeroot.minitrees import EventChunk

__all__ = ["Comfort"]

FloatArray = NDArray[np.float64]


class Comfort(TreeMaker):
    """Unmet hours, overheating and underheating, in operative temperature.

    An hour counts where it is so in at least one zone, as in the engine's reports of unmet
    hours. All hours of the year count, since events do not tell when people are in. Thermostats
    keep the air at its setpoint while cold or warm surfaces keep the operative temperature from
    it: unmet hours here are hours that people feel, not hours in which the system is too small.
    A failed simulation has NaN.

    Options
    -------
    tolerance : float
        How far beyond its setpoint a zone may be before the hour is unmet [K].
    overheating_limit : float
        Above it is overheating [degC]. By default 26: CIBSE TM59:2017, criterion b, for
        bedrooms, and the upper end of category II of EN 16798-1:2019, table B.2, for offices
        and dwellings in summer.
    underheating_limit : float
        Below it is underheating [degC]. By default 18: WHO Housing and Health Guidelines, 2018.
    """

    __version__ = "1"
    events_of: ClassVar[str] = "Simulation"
    options: Mapping[str, Any] = {
        "tolerance": 1.0,
        "overheating_limit": 26.0,
        "underheating_limit": 18.0,
    }
    columns: ClassVar = {
        "heating_unmet_hours": ("h", "Hours below the heating setpoint less the tolerance"),
        "cooling_unmet_hours": ("h", "Hours above the cooling setpoint and the tolerance"),
        "unmet_hours": ("h", "Hours with a zone too cold or a zone too warm"),
        "overheating_hours": ("h", "Hours above the overheating limit"),
        "overheating_degree_hours": ("K h", "Warmest zone above that limit, summed over hours"),
        "underheating_hours": ("h", "Hours below the underheating limit"),
        "underheating_degree_hours": ("K h", "Coldest zone below that limit, summed over hours"),
        "temperature_min": ("degC", "Lowest hourly temperature of a zone"),
        "temperature_max": ("degC", "Highest hourly temperature of a zone"),
        "temperature_mean": ("degC", "Mean over the year and over the floor area"),
    }

    def extract(self, events: EventChunk) -> dict[str, Any]:
        """Compare the temperature of each zone and hour with the limits."""
        zones = events.zones
        per_zone = {
            "low": flat(zones.heating_setpoint) - self.options["tolerance"],
            "high": flat(zones.cooling_setpoint) + self.options["tolerance"],
            "area": flat(zones.floor_area),
        }
        pieces = [
            self._reduced(
                rows.counts,
                rows.arrays["temperature"],
                {name: values[place] for name, values in per_zone.items()},
            )
            for rows, place in zone_rows(events, ("temperature",))
        ]
        return joined(pieces, self.columns)

    def _reduced(
        self, counts: NDArray[Any], temperature: NDArray[Any], zones: dict[str, FloatArray]
    ) -> dict[str, FloatArray]:
        present = counts > 0
        if not present.any():
            return {name: np.full(len(counts), np.nan) for name in self.columns}
        starts = (np.cumsum(counts) - counts)[present]
        cold = np.logical_or.reduceat(temperature < zones["low"][:, None], starts, axis=0)
        warm = np.logical_or.reduceat(temperature > zones["high"][:, None], starts, axis=0)
        coldest = np.minimum.reduceat(temperature, starts, axis=0)
        warmest = np.maximum.reduceat(temperature, starts, axis=0)
        over = np.maximum(warmest - np.float64(self.options["overheating_limit"]), 0.0)
        under = np.maximum(np.float64(self.options["underheating_limit"]) - coldest, 0.0)
        means = temperature.mean(axis=1, dtype=np.float64) * zones["area"]
        reduced = {
            "heating_unmet_hours": _hours(cold),
            "cooling_unmet_hours": _hours(warm),
            "unmet_hours": _hours(cold | warm),
            "overheating_hours": _hours(over > 0),
            "overheating_degree_hours": over.sum(axis=1),
            "underheating_hours": _hours(under > 0),
            "underheating_degree_hours": under.sum(axis=1),
            "temperature_min": coldest.min(axis=1),
            "temperature_max": warmest.max(axis=1),
            "temperature_mean": np.add.reduceat(means, starts)
            / np.add.reduceat(zones["area"], starts),
        }
        # A temperature that is not a number compares as neither cold nor warm.
        unknown = np.isnan(reduced["temperature_min"])
        for name, values in reduced.items():
            reduced[name] = among_all(np.where(unknown, np.nan, values), present)
        return reduced


def _hours(flags: NDArray[np.bool_]) -> FloatArray:
    hours: FloatArray = np.count_nonzero(flags, axis=1).astype(np.float64)
    return hours
