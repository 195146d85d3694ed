"""Carbon: what the energy used emits, by a table of emission factors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import TreeMakerError, nearest
from shoeroot.minitrees import TreeMaker, sum_series_by_event
from shoeroot.treemakers.arrays import (
    HOURS,
    MONTH_OF_HOUR,
    MONTHS,
    among_all,
    zone_rows,
)
from shoeroot.treemakers.emission_factors import EMISSION_FACTORS
from shoeroot.treemakers.monthly import Monthly, month_columns

if TYPE_CHECKING:
    from shoeroot.minitrees import EventChunk

__all__ = ["Carbon"]

FloatArray = NDArray[np.float64]

USES = ("heating", "cooling", "lighting", "equipment", "hot_water")
#: The hourly series that tells when a use draws energy; of hot water only months are known.
SERIES_OF_USE = {
    "heating": "heating",
    "cooling": "cooling",
    "lighting": "electricity",
    "equipment": "electricity",
}
AUTO = "auto"
#: What `auto` chooses between, by the coefficient of performance.
BURNED, DRIVEN = "natural_gas", "electricity"


class Carbon(TreeMaker):
    """Greenhouse gas emissions of the energy used, by end use.

    Emissions are the energy of each month times the month's mean factor. With a factor for each
    hour, the mean is weighted by the load of the use in each hour. Lighting and equipment have one
    hourly series together; hot water has none and counts by the plain mean. A failed simulation
    has NaN.

    Options
    -------
    factors : dict of str to number or tuple
        Emission factors [kg of CO2 equivalent per kWh] by energy carrier: one number, 12 for the
        months or 8760 for the hours. Carriers that are not given keep their default:
        electricity, natural_gas, fuel_oil, propane and district_heat as the EPA gives them for
        the United States (2022 and 2024; `shoeroot.treemakers.EMISSION_FACTORS` has values and
        sources). Carriers of any other name can be added.
    carriers : dict of str to str
        Energy carrier of each end use; uses that are not given keep their default. ``auto``, the
        default of heating, is electricity where the coefficient of performance is above 1, which
        no boiler reaches, and natural gas elsewhere.
    """

    __version__ = "1"
    events_of: ClassVar[str] = "Simulation"
    options: Mapping[str, Any] = {"factors": {}, "carriers": {}}
    depends_on: ClassVar = (Monthly,)
    columns: ClassVar = {
        **{
            f"carbon_{use}": ("kg", f"CO2 equivalent of the energy for {use.replace('_', ' ')}")
            for use in USES
        },
        "carbon": ("kg", "CO2 equivalent of all end uses"),
        "carbon_intensity": ("kg/m2", "CO2 equivalent of all end uses over floor area"),
    }

    def extract(self, events: EventChunk) -> dict[str, Any]:
        """Multiply the months of each use by its factor."""
        factors = _factors(self.options["factors"])
        carriers = _carriers(self.options["carriers"], factors)
        monthly = events.minitrees["Monthly"]
        energy = {
            use: np.stack([monthly[name] for name in month_columns(use)], axis=1) for use in USES
        }
        emitted = {
            use: self._emitted(events, use, carrier, factors, energy[use])
            for use, carrier in carriers.items()
        }
        total = sum(emitted.values())
        return {
            **{f"carbon_{use}": emitted[use] for use in USES},
            "carbon": total,
            "carbon_intensity": total / events.floor_area,
        }

    def _emitted(
        self,
        events: EventChunk,
        use: str,
        carrier: str,
        factors: Mapping[str, FloatArray],
        energy: FloatArray,
    ) -> FloatArray:
        if carrier != AUTO:
            return _nansum(energy * _by_month(events, use, factors[carrier]))
        name = "CoolingCoeffOfPerf" if use == "cooling" else "HeatingCoeffOfPerf"
        driven, burned = (
            self._emitted(events, use, each, factors, energy) for each in (DRIVEN, BURNED)
        )
        return np.where(events.design[name] > 1.0, driven, burned)


def _nansum(months: FloatArray) -> FloatArray:
    """Sum the months that there are; NaN where there are none."""
    unknown = np.isnan(months)
    total: FloatArray = np.where(unknown, 0.0, months).sum(axis=1)
    total[unknown.all(axis=1)] = np.nan
    return total


def _by_month(events: EventChunk, use: str, factor: FloatArray) -> FloatArray:
    """Give a factor for each event and month, or for each month."""
    if len(factor) != HOURS:
        return factor
    mean = np.bincount(MONTH_OF_HOUR, weights=factor) / np.bincount(MONTH_OF_HOUR)
    if use not in SERIES_OF_USE:
        return mean
    in_month = (MONTH_OF_HOUR[:, None] == np.arange(MONTHS)).astype(np.float64)
    series = SERIES_OF_USE[use]
    pieces = []
    for rows, _ in zone_rows(events, (series,)):
        loads = sum_series_by_event(rows.arrays[series], rows.counts)
        load, emitted = loads @ in_month, loads @ (in_month * factor[:, None])
        weighted = np.broadcast_to(mean, load.shape).copy()
        np.divide(emitted, load, out=weighted, where=load > 0)
        pieces.append(among_all(weighted, rows.counts > 0))
    return np.concatenate(pieces) if pieces else np.zeros((0, MONTHS))


def _factors(given: Mapping[str, Any]) -> dict[str, FloatArray]:
    """Give the factors of all carriers as 12 or 8760 numbers.

    Raises
    ------
    TreeMakerError
        One is no number, or they are of another count.
    """
    known = {name: np.full(MONTHS, factor.value) for name, factor in EMISSION_FACTORS.items()}
    for carrier, value in given.items():
        where = f"Carbon(factors={{{carrier!r}: ...}})"
        try:
            numbers = np.atleast_1d(np.asarray(value, dtype=np.float64))
        except (TypeError, ValueError) as problem:
            raise TreeMakerError(
                "an emission factor is no number", where=where, hint="in kg per kWh"
            ) from problem
        if numbers.shape not in ((1,), (MONTHS,), (HOURS,)):
            raise TreeMakerError(
                f"there are {numbers.size} emission factors",
                where=where,
                hint="give 1, 12 for the months, or 8760 for the hours",
            )
        if not np.isfinite(numbers).all():
            raise TreeMakerError(
                "an emission factor is infinite or not a number", where=where, hint="in kg per kWh"
            )
        known[carrier] = np.broadcast_to(numbers, MONTHS) if numbers.size == 1 else numbers
    return known


def _carriers(given: Mapping[str, Any], factors: Mapping[str, Any]) -> dict[str, str]:
    """Give the carrier of each use.

    Raises
    ------
    TreeMakerError
        A use or a carrier is unknown.
    """
    chosen = {
        "heating": AUTO,
        "cooling": "electricity",
        "lighting": "electricity",
        "equipment": "electricity",
        "hot_water": "natural_gas",
    }
    for use, carrier in given.items():
        where = f"Carbon(carriers={{{use!r}: {carrier!r}}})"
        if use not in chosen:
            raise TreeMakerError(
                f"there is no end use {use!r}", where=where, hint=nearest(use, chosen)
            )
        automatic = carrier == AUTO and use in ("heating", "cooling")
        if carrier not in factors and not automatic:
            raise TreeMakerError(
                f"there is no emission factor of {carrier!r}",
                where=where,
                hint=nearest(str(carrier), factors),
            )
        chosen[use] = carrier
    return chosen
