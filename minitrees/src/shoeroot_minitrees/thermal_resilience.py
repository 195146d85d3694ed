"""ThermalResilience: how long a building stays safe when the power goes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from shoeroot.minitrees import TreeMaker, sum_by_event, sum_series_by_event
from shoeroot_minitrees.night_fit import fit_nights
from shoeroot_minitrees.outdoors import WEEK, Outdoors, find_outdoors
from shoeroot_minitrees.power_cut import Conductances, departure

if TYPE_CHECKING:
    from shoeroot.minitrees import EventChunk

__all__ = ["ThermalResilience"]

FloatArray = NDArray[np.float64]
SERIES = ("heating", "cooling", "electricity", "temperature")


class ThermalResilience(TreeMaker):
    """Hours to unsafe temperature after a power cut in the coldest and in the hottest week.

    At the first hour of the week heating, cooling, lights and appliances end. The temperature is
    the mean of the zones, weighted by floor area.

    Nothing is simulated again; this is an estimate from what the event holds. The time constant
    comes from the hours in which the building ran free in the dark: how fast its temperature
    changed for the heat that it lost through its envelope (`Envelope`) to the outdoor temperature
    of its weather file. The temperature after the cut is that of the event less the answer to
    the heat that is gone, by the simple hourly method of ISO 13790 (module `power_cut`).
    Zones are one; air that fans bring counts as heat of the system. Against cuts simulated by
    EnergyPlus for 12 houses in 3 climates, temperatures were 0.8 K off (root mean square over two
    days and all cuts), and hours within 6 h in 22 of 24 cuts.

    Where the weather file is not at hand (in `weather_folders`, or with the engine) or has changed,
    where too few hours ran free, or where they tell no time constant, there is NaN; so there is
    for a failed simulation.

    Options
    -------
    unsafe_cold, unsafe_hot : float
        Limits of the temperature [degC]. By default 12.2 and 30 (54 and 86 degF): the limits of
        "livable" of the LEED pilot credit IPpc100, Passive Survivability, which are of standard
        effective temperature.
    weather_folders : tuple of str
        Folders with weather files.
    """

    __version__ = "1"
    events_of: ClassVar[str] = "Simulation"
    options: Mapping[str, Any] = {
        "unsafe_cold": 12.2,
        "unsafe_hot": 30.0,
        "weather_folders": (),
    }
    depends_on: ClassVar = ("Envelope",)
    columns: ClassVar = {
        "cold_hours_safe": ("h", "Hours above unsafe_cold after a cut in the coldest week, to 168"),
        "cold_lowest": ("degC", "Lowest temperature in the week of that cut"),
        "cold_start": ("h", "First hour of the coldest week, from 0; -1 where it is not known"),
        "hot_hours_safe": ("h", "Hours below unsafe_hot after a cut in the hottest week, to 168"),
        "hot_highest": ("degC", "Highest temperature in the week of that cut"),
        "hot_start": ("h", "First hour of the hottest week, from 0; -1 where it is not known"),
        "time_constant": ("h", "Heat capacity over heat loss of the building's mass"),
        "heat_capacity": ("Wh/(m2 K)", "Heat capacity over floor area, fitted to dark free hours"),
        "heat_capacity_error": ("1", "Standard error of the heat capacity over its value"),
        "free_hours": ("h", "Dark hours that ran free, to which it was fitted"),
    }

    def extract(self, events: EventChunk) -> dict[str, Any]:
        """Fit the nights of each event and let the power go out."""
        weathers = list(
            zip(ak.to_list(events.weather), ak.to_list(events.weather_hash), strict=True)
        )
        outdoors = find_outdoors(weathers, self.options["weather_folders"])
        columns = {name: np.full(len(events), np.nan) for name in self.columns}
        for name in ("cold_start", "hot_start"):
            columns[name] = np.full(len(events), -1, dtype=np.int32)
        building = _conductances(events)
        floor = np.asarray(events.floor_area)
        areas = np.asarray(ak.flatten(events.zones.floor_area))
        zone = 0
        for rows in events.rows("zones.hourly", SERIES):
            after = zone + int(rows.counts.sum())
            series = _of_buildings(rows, areas[zone:after])
            present = rows.start + np.flatnonzero(rows.counts > 0)
            zone = after
            for weather, found in outdoors.items():
                mine = np.array([weathers[place] == weather for place in present], dtype=np.bool_)
                chosen = present[mine]
                if not len(chosen):
                    continue
                made = self._reduced(
                    {name: values[mine] for name, values in series.items()},
                    found,
                    Conductances(*(values[chosen] for values in building)),
                    floor[chosen],
                )
                for name, values in made.items():
                    columns[name][chosen] = values
        return columns

    def _reduced(
        self,
        series: dict[str, FloatArray],
        outdoors: Outdoors,
        building: Conductances,
        floor: FloatArray,
    ) -> dict[str, Any]:
        loss = building.air + building.windows + building.opaque
        indoors = series["temperature"]
        gain = loss[:, None] * (outdoors.temperature - indoors) + series["electricity"]
        fit = fit_nights(indoors, gain, (series["idle"] > 0) & outdoors.dark)
        made: dict[str, Any] = {
            "heat_capacity": fit.capacity / floor,
            "heat_capacity_error": fit.error,
            "free_hours": fit.hours,
        }
        for season, start in (("cold", outdoors.coldest), ("hot", outdoors.hottest)):
            week = slice(start, start + WEEK)
            change, time_constant = departure(
                building, fit.capacity, series["system"][:, week], series["electricity"][:, week]
            )
            temperature = indoors[:, week] + change
            cold = season == "cold"
            unsafe = (
                temperature < self.options["unsafe_cold"]
                if cold
                else temperature > self.options["unsafe_hot"]
            )
            hours = np.where(unsafe.any(axis=1), unsafe.argmax(axis=1), WEEK).astype(np.float64)
            known = np.isfinite(temperature).all(axis=1)
            extreme = temperature.min(axis=1) if cold else temperature.max(axis=1)
            made |= {
                f"{season}_hours_safe": np.where(known, hours, np.nan),
                "cold_lowest" if cold else "hot_highest": np.where(known, extreme, np.nan),
                f"{season}_start": start,
                "time_constant": time_constant,
            }
        return made


def _conductances(events: EventChunk) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    envelope = events.minitrees["Envelope"]
    windows = envelope["ua_window"]
    return (
        envelope["ua_infiltration"],
        windows,
        envelope["ua_total"] - windows,
        sum_by_event(events.surfaces.area),
    )


def _of_buildings(rows: Any, areas: FloatArray) -> dict[str, FloatArray]:
    """Add up the zones of each building: energy in Wh, the mean temperature, and idle hours."""
    counts, arrays = rows.counts, rows.arrays
    weighted = sum_series_by_event(arrays["temperature"] * areas[:, None], counts)
    running = (arrays["heating"] != 0) | (arrays["cooling"] != 0)
    system = arrays["heating"].astype(np.float64) - arrays["cooling"]
    return {
        "temperature": weighted / sum_series_by_event(areas[:, None], counts),
        "system": 1000.0 * sum_series_by_event(system, counts),
        "electricity": 1000.0 * sum_series_by_event(arrays["electricity"], counts),
        "idle": (sum_series_by_event(running, counts) == 0).astype(np.float64),
    }
