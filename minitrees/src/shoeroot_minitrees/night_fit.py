"""Heat capacity from the nights in which a building runs free: a line through hourly changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["NightFit", "fit_nights"]

FloatArray = NDArray[np.float64]

#: Fewer hours tell too little.
LEAST_HOURS = 48
#: A slope that is less than this many standard errors from 0 is none.
LEAST_SIGNIFICANCE = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class NightFit:
    """Heat capacities of buildings, and what they rest on; one value an event.

    Attributes
    ----------
    capacity : array
        Wh/K; NaN where the nights cannot tell.
    error : array
        Standard error over value.
    hours : array
        Number of hours that were used.
    """

    capacity: FloatArray
    error: FloatArray
    hours: FloatArray


def fit_nights(temperature: FloatArray, gain: FloatArray, free: NDArray[np.bool_]) -> NightFit:
    """Fit ``change of temperature = gain / capacity + constant`` to hours that run free.

    The constant stands for what the series do not say: people, and heat from the ground.

    Parameters
    ----------
    temperature : (n_events, 8760)
        Indoors [degC].
    gain : (n_events, 8760)
        Heat that the building gets in the hour without sun [Wh], negative where it loses.
    free : (n_events, 8760) bool
        Dark hours without heating or cooling.
    """
    used = (free[:, 1:] & free[:, :-1]).astype(np.float64)
    hours = used.sum(axis=1)
    enough = hours >= LEAST_HOURS
    count = np.where(enough, hours, np.nan)
    x, y = gain[:, 1:], np.diff(temperature, axis=1)
    x = (x - (np.einsum("ij,ij->i", used, x) / count)[:, None]) * used
    y = (y - (np.einsum("ij,ij->i", used, y) / count)[:, None]) * used
    xx, xy, yy = (np.einsum("ij,ij->i", a, b) for a, b in ((x, x), (x, y), (y, y)))
    with np.errstate(all="ignore"):
        slope = xy / xx
        error = np.sqrt(np.maximum(yy - slope * xy, 0.0) / (count - 2) / xx) / slope
        known = enough & (slope > 0) & (error * LEAST_SIGNIFICANCE < 1)
        capacity = np.where(known, 1.0 / slope, np.nan)
    return NightFit(capacity, np.where(known, error, np.nan), hours)
