"""DemandFlexibility: how much electric load could move to cheaper hours under a tariff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import TreeMakerError
from shoeroot.minitrees import TreeMaker, sum_series_by_event

if TYPE_CHECKING:
    from shoeroot.minitrees import EventChunk

__all__ = ["DemandFlexibility"]

FloatArray = NDArray[np.float64]
HOURS = 8760
SERIES = ("heating", "cooling", "electricity")
#: An example, of no utility: dear from 16 to 21 h, as afternoon peaks are priced in the US.
EXAMPLE_TARIFF = (0.15,) * 16 + (0.35,) * 5 + (0.15,) * 3


class DemandFlexibility(TreeMaker):
    """Electric load that could move to cheaper hours, and what that would save.

    Heating and cooling come earlier, by warming or cooling the building ahead; lights and
    appliances come later. Of each hour's load a share moves to the cheapest hour within reach,
    if that is cheaper. Heating counts where its coefficient of performance is above 1, which no
    boiler reaches.

    This is an upper bound: the building's inertia and comfort are not asked whether the heat
    keeps (`ThermalResilience` tells the time constant), no limit is set to the load of the cheap
    hours, and the shares are assumptions of whoever sets them. A failed simulation has NaN.

    Options
    -------
    tariff : tuple of float
        Price of a kWh, 24 for the hours of each day, 168 for a week from Sunday, the first day of
        the simulated year, or 8760, in any currency. By default an example with dear evenings.
    reach : int
        How many hours a load can move, 0 to 23.
    system_share, plug_share : float
        Which share of the load of heating and cooling, and of lights and appliances, can move.
    """

    __version__ = "1"
    events_of: ClassVar[str] = "Simulation"
    options: Mapping[str, Any] = {
        "tariff": EXAMPLE_TARIFF,
        "reach": 3,
        "system_share": 0.5,
        "plug_share": 0.1,
    }
    columns: ClassVar = {
        "electricity": ("kWh", "Electricity for cooling, electric heating, lights and appliances"),
        "electricity_cost": ("currency", "What it costs under the tariff"),
        "dear_share": ("1", "Share of it in hours with a price above the mean of the year"),
        "shiftable": ("kWh", "Load that can move to a cheaper hour"),
        "shiftable_share": ("1", "That load over all electricity"),
        "shift_saving": ("currency", "What moving it saves"),
        "shiftable_peak": ("kW", "Most load that can leave one hour"),
    }

    def extract(self, events: EventChunk) -> dict[str, Any]:
        """Weigh the electric load of each hour with the tariff."""
        tariff = _year_of(self.options["tariff"])
        earlier, later = _savings(tariff, self._reach())
        design = events.design
        heating_cop = np.asarray(design.HeatingCoeffOfPerf)
        cooling_cop = np.asarray(design.CoolingCoeffOfPerf)
        columns = {name: np.full(len(events), np.nan) for name in self.columns}
        for rows in events.rows("zones.hourly", SERIES):
            places = rows.start + np.flatnonzero(rows.counts > 0)
            loads = {name: sum_series_by_event(rows.arrays[name], rows.counts) for name in SERIES}
            cop = heating_cop[places, None]
            heating = np.where(cop > 1.0, loads["heating"] / cop, 0.0)
            system = heating + loads["cooling"] / cooling_cop[places, None]
            for name, values in self._weighed(
                system, loads["electricity"], tariff, earlier, later
            ).items():
                columns[name][places] = values
        return columns

    def _reach(self) -> int:
        reach = self.options["reach"]
        if reach != int(reach) or not 0 <= reach < 24:
            raise TreeMakerError(
                f"{reach!r} is no number of hours from 0 to 23",
                where="DemandFlexibility(reach=...)",
            )
        for name in ("system_share", "plug_share"):
            if not 0 <= self.options[name] <= 1:
                raise TreeMakerError(
                    f"{self.options[name]!r} is no share",
                    where=f"DemandFlexibility({name}=...)",
                    hint="give a number from 0 to 1",
                )
        return int(reach)

    def _weighed(
        self,
        system: FloatArray,
        plugs: FloatArray,
        tariff: FloatArray,
        earlier: FloatArray,
        later: FloatArray,
    ) -> dict[str, FloatArray]:
        total = system + plugs
        moving = self.options["system_share"] * system * (earlier > 0)
        moving += self.options["plug_share"] * plugs * (later > 0)
        energy, shifted = total.sum(axis=1), moving.sum(axis=1)
        saving = self.options["system_share"] * (system @ earlier)
        saving += self.options["plug_share"] * (plugs @ later)
        dear = total @ (tariff > tariff.mean()).astype(np.float64)
        return {
            "electricity": energy,
            "electricity_cost": total @ tariff,
            "dear_share": _over(dear, energy),
            "shiftable": shifted,
            "shiftable_share": _over(shifted, energy),
            "shift_saving": saving,
            "shiftable_peak": moving.max(axis=1),
        }


def _over(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole != 0)


def _year_of(tariff: tuple[float, ...]) -> FloatArray:
    """Give the price of each hour of the year.

    Raises
    ------
    TreeMakerError
        They are no prices, or of another count.
    """
    where = "DemandFlexibility(tariff=...)"
    try:
        prices = np.asarray(tariff, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise TreeMakerError("a price is no number", where=where) from problem
    if prices.shape not in ((24,), (168,), (HOURS,)):
        raise TreeMakerError(
            f"there are {prices.size} prices",
            where=where,
            hint="give 24 for a day, 168 for a week, or 8760 for the year",
        )
    if not np.isfinite(prices).all():
        raise TreeMakerError("a price is infinite or not a number", where=where)
    return np.resize(prices, HOURS)


def _savings(tariff: FloatArray, reach: int) -> tuple[FloatArray, FloatArray]:
    """Give what a kWh of each hour saves in the cheapest hour before, and after; 0 for nothing.

    Loads do not move out of the year.
    """
    earlier, later = np.zeros(HOURS), np.zeros(HOURS)
    for hours in range(1, reach + 1):
        np.maximum(earlier[hours:], tariff[hours:] - tariff[:-hours], out=earlier[hours:])
        np.maximum(later[:-hours], tariff[:-hours] - tariff[hours:], out=later[:-hours])
    return earlier, later
