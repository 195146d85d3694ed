"""ASHRAE climate zones of places from their monthly normals, and those that suit a Koppen class."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["ashrae_zones", "degree_days", "zones_of_koppen"]

Floats = NDArray[np.float64]

_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
#: Spread of daily mean temperatures in a month [K]. With it, degree days of the 16 weather files
#: that come with the engines are met within 110 K d, a fifth of the width of a zone or less.
_DAILY_SPREAD = 3.5
_COOLING_BASE, _HEATING_BASE = 10.0, 18.0
_OCTOBER_TO_MARCH = np.array([0, 1, 2, 9, 10, 11])
_APRIL_TO_SEPTEMBER = np.array([3, 4, 5, 6, 7, 8])

#: Zones that are typical of a Koppen-Geiger class: table of R. S. Briggs, R. G. Lucas and
#: Z. T. Taylor, "Climate classification for building energy codes and standards", ASHRAE
#: Transactions 109 (2003) 109-121; winter-dry classes stand beside the humid ones, and zone 0,
#: which is younger, beside zone 1.
_OF_KOPPEN = {
    "Af": ("0A", "1A"),
    "Am": ("0A", "1A"),
    "As": ("0A", "1A", "2A"),
    "Aw": ("0A", "1A", "2A"),
    "BWh": ("0B", "1B", "2B", "3B"),
    "BSh": ("0B", "1B", "2B", "3B"),
    "BWk": ("3B", "4B", "5B", "6B"),
    "BSk": ("3B", "4B", "5B", "6B"),
    "Cfa": ("2A", "3A", "4A"),
    "Cwa": ("2A", "3A", "4A"),
    "Csa": ("3A", "3B", "3C", "4A", "4B"),
    "Csb": ("3B", "3C", "4B", "4C", "5B", "5C"),
    "Csc": ("4C", "5B", "5C", "6B"),
    "Cfb": ("3C", "4A", "4C", "5A", "5C"),
    "Cwb": ("3A", "3B", "3C", "4A", "4C"),
    "Cfc": ("5C", "6A", "7"),
    "Cwc": ("5C", "6A", "7"),
    "Dfa": ("4A", "5A", "6A"),
    "Dwa": ("4A", "5A", "6A"),
    "Dsa": ("4B", "5B", "6B"),
    "Dfb": ("5A", "6A", "7"),
    "Dwb": ("5A", "6A", "7"),
    "Dsb": ("5B", "6B", "7"),
    "Dfc": ("7", "8"),
    "Dwc": ("7", "8"),
    "Dsc": ("6B", "7", "8"),
    "Dfd": ("8",),
    "Dwd": ("8",),
    "Dsd": ("8",),
    "ET": ("7", "8"),
    "EF": ("8",),
}


def zones_of_koppen(koppen: str) -> tuple[str, ...]:
    """Return the ASHRAE zones that are typical of a Koppen-Geiger class such as ``Cfb``.

    A coarse comparison: a zone is made of degree days, a class of warmest and coldest months.
    Empty for a class that is not known.
    """
    return _OF_KOPPEN.get(koppen.strip(), ())


def degree_days(temperatures: Floats) -> tuple[Floats, Floats]:
    """Return cooling degree days above 10 degC and heating degree days below 18 degC.

    Daily means are taken to be spread normally around those of their month (S. J. Schoenau and
    R. A. Kehrig, Energy and Buildings 14 (1990) 299-302), by 3.5 K.

    Parameters
    ----------
    temperatures : (..., 12) float64
        Monthly mean air temperatures [degC].

    Returns
    -------
    cooling, heating : (...) float64
        [K d], of a year of 365 days.
    """
    above = (temperatures - _COOLING_BASE) / _DAILY_SPREAD
    below = (_HEATING_BASE - temperatures) / _DAILY_SPREAD
    cooling: Floats = _DAILY_SPREAD * (_mean_excess(above) * _DAYS).sum(axis=-1)
    heating: Floats = _DAILY_SPREAD * (_mean_excess(below) * _DAYS).sum(axis=-1)
    return cooling, heating


def ashrae_zones(normals: Floats, latitudes: Floats) -> list[str]:
    """Return the ASHRAE climate zone of places, such as ``4A``.

    ``4`` where precipitation is not known for all months, empty where temperature is not.

    Criteria of ASHRAE Standard 169-2006 (90.1-2010, table B-4); zone 0, of the 2013 standard,
    is where cooling degree days exceed 6000.

    Parameters
    ----------
    normals : (n, 12, 2) float64
        Mean air temperature [degC] and precipitation [mm] of each month.
    latitudes : (n,) float64
        They say which half of the year is the cold one [deg].
    """
    cooling, heating = degree_days(normals[..., 0])
    return [
        "" if not np.isfinite(one[:, 0]).all() else _zone(one, latitude, warm, cold)
        for one, latitude, warm, cold in zip(normals, latitudes, cooling, heating, strict=True)
    ]


def _mean_excess(z: Floats) -> Floats:
    """Return the mean of what a standard normal number, moved by z, is above 0."""
    from scipy.special import ndtr

    excess: Floats = z * ndtr(z) + np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return excess


def _zone(normals: Floats, latitude: float, cooling: float, heating: float) -> str:
    number = _thermal_zone(cooling, heating)
    if number >= 7:
        return str(number)
    temperature, rain = normals.T
    if not np.isfinite(rain).all():
        return str(number)
    if 3 <= number <= 5 and _is_marine(temperature, rain, latitude):
        return f"{number}C"
    is_dry = rain.sum() < 20 * ((temperature * _DAYS).sum() / _DAYS.sum() + 7)
    return f"{number}{'B' if is_dry else 'A'}"


def _thermal_zone(cooling: float, heating: float) -> int:
    for zone, limit in ((0, 6000), (1, 5000), (2, 3500), (3, 2500)):
        if cooling > limit:
            return zone
    for zone, limit in ((3, 2000), (4, 3000), (5, 4000), (6, 5000), (7, 7000)):
        if heating <= limit:
            return zone
    return 8


def _is_marine(temperature: Floats, rain: Floats, latitude: float) -> bool:
    cold, warm = _OCTOBER_TO_MARCH, _APRIL_TO_SEPTEMBER
    if latitude < 0:
        cold, warm = warm, cold
    return bool(
        -3 < temperature.min() < 18
        and temperature.max() < 22
        and np.count_nonzero(temperature > 10) >= 4
        and rain[cold].max() >= 3 * rain[warm].min()
    )
