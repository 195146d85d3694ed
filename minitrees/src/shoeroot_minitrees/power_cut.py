"""How a building's temperature departs from what it was when heating, cooling and power end.

A building is close to linear: take away heat at some hours, and its temperature falls by the
answer to that heat alone, whatever sun, people and ground go on to do. The answer is that of the
simple hourly method of ISO 13790:2008, clause 7.2 and annex C: a node for the air and one for the
surfaces, which hold no heat, and one for the mass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Conductances", "departure"]

FloatArray = NDArray[np.float64]

#: Between air and surfaces, and surfaces and mass [W/(m2 K)]: ISO 13790, 7.2.2.2 and 12.2.2.
AIR_TO_SURFACES = 3.45
SURFACES_TO_MASS = 9.1
#: Of the heat of lights and appliances, half warms the air and half the surfaces (ISO 13790, C.2).
TO_AIR = 0.5
#: Operative temperature is the mean of air and surfaces (ISO 7726, air at rest).
AIR_IN_OPERATIVE = 0.5
#: Shortest time constant that the sums below hold without overflow [h].
SHORTEST = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Conductances:
    """What carries heat in and out of a building [W/K], one value an event.

    Attributes
    ----------
    air : array
        Leaks.
    windows : array
        To outside, without mass.
    opaque : array
        To outside and ground, through the mass.
    surfaces : array
        Area of all surfaces that the rooms see [m2].
    """

    air: FloatArray
    windows: FloatArray
    opaque: FloatArray
    surfaces: FloatArray


def departure(
    conductances: Conductances, capacity: FloatArray, system: FloatArray, electricity: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Give the change of operative temperature when these gains end.

    Parameters
    ----------
    conductances : Conductances
    capacity : (n_events,)
        Of the mass [Wh/K].
    system : (n_events, n_hours)
        Heat that the system would have given in each hour, less what it would have removed [Wh].
    electricity : (n_events, n_hours)
        That lights and appliances would have used in each hour [Wh].

    Returns
    -------
    departure : (n_events, n_hours)
        K at the end of each hour.
    time_constant : (n_events,)
        In hours; NaN where it is shorter than half an hour.
    """
    to_surfaces = AIR_TO_SURFACES * conductances.surfaces
    to_mass = SURFACES_TO_MASS * conductances.surfaces
    with np.errstate(all="ignore"):
        # The mass lies behind its own surface resistance (ISO 13790, equation 64).
        outwards = 1.0 / (1.0 / conductances.opaque - 1.0 / to_mass)
        outwards = np.where(conductances.opaque > 0, outwards, 0.0)
        share = to_surfaces / (conductances.air + to_surfaces)
        around = conductances.windows + to_mass + conductances.air * share
        loss = outwards + to_mass - to_mass**2 / around
        time_constant = capacity / loss
        time_constant = np.where(time_constant >= SHORTEST, time_constant, np.nan)
    lost_air = -(system + TO_AIR * electricity)
    lost_surfaces = -(1.0 - TO_AIR) * electricity
    on_surfaces = lost_surfaces + share[:, None] * lost_air
    drive = (to_mass / around / loss)[:, None] * on_surfaces
    mass = _answer(drive, time_constant)
    surfaces = (on_surfaces + to_mass[:, None] * mass) / around[:, None]
    air = (lost_air + to_surfaces[:, None] * surfaces) / (conductances.air + to_surfaces)[:, None]
    return AIR_IN_OPERATIVE * air + (1.0 - AIR_IN_OPERATIVE) * surfaces, time_constant


def _answer(drive: FloatArray, time_constant: FloatArray) -> FloatArray:
    """Give ``m[k] = a m[k-1] + (1 - a) drive[k]`` with ``a = exp(-1 / time_constant)``.

    As a sum of what each hour adds, weighted by how much of it is left: no loop over the hours.
    """
    ages = np.arange(drive.shape[1]) / time_constant[:, None]
    kept = -np.expm1(-1.0 / time_constant)[:, None]
    # exp stays below 1e146 for a week at the shortest time constant.
    answer: FloatArray = np.exp(-ages) * np.cumsum(np.exp(ages) * kept * drive, axis=1)
    return answer
