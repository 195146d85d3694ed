"""What the weather file of an event tells: outdoor temperature, dark hours, extreme weeks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shoeroot.building import read_weather, weather_catalogue, weather_folders
from shoeroot.errors import WeatherError

__all__ = ["WEEK", "Outdoors", "find_outdoors"]

HOURS = 8760
WEEK = 168
HEADER_LINES = 8
#: Columns of an EPW file: month, day, dry bulb [degC], direct normal and diffuse [Wh/m2].
COLUMNS = (1, 2, 6, 14, 15)


@dataclass(frozen=True, slots=True, eq=False)
class Outdoors:
    """A year outdoors.

    Attributes
    ----------
    temperature : (8760,) float64
        Dry bulb [degC].
    dark : (8760,) bool
        Hours without sun.
    coldest, hottest : int
        First hour of the seven days, from midnight, with the lowest and the highest mean.
    """

    temperature: NDArray[np.float64]
    dark: NDArray[np.bool_]
    coldest: int
    hottest: int


def find_outdoors(
    weathers: Iterable[tuple[str, str]], folders: Sequence[str]
) -> dict[tuple[str, str], Outdoors]:
    """Read the weather files that can be found.

    Parameters
    ----------
    weathers : iterable of (name, sha256)
        As events have them.
    folders : sequence of paths
        Searched before those that come with the engine.

    Returns
    -------
    dict
        Without files that are missing, unreadable, or have another content.
    """
    known = weather_catalogue([Path(folder) for folder in folders] + weather_folders())
    found = {}
    for name, digest in set(weathers):
        outdoors = _read(known[name], digest) if name in known else None
        if outdoors is not None:
            found[name, digest] = outdoors
    return found


@lru_cache(maxsize=64)
def _read(path: Path, digest: str) -> Outdoors | None:
    try:
        if read_weather(path).sha256 != digest:
            return None
    except WeatherError:
        return None
    month, day, temperature, direct, diffuse = np.genfromtxt(
        path, delimiter=",", skip_header=HEADER_LINES, usecols=COLUMNS, encoding="latin-1"
    ).T
    kept = ~((month == 2) & (day == 29))  # simulated years have no leap day
    if np.count_nonzero(kept) != HOURS:
        return None
    temperature = temperature[kept]
    weeks = np.convolve(temperature, np.full(WEEK, 1.0 / WEEK), "valid")[::24]
    dark = (direct[kept] <= 0) & (diffuse[kept] <= 0)
    return Outdoors(temperature, dark, 24 * int(weeks.argmin()), 24 * int(weeks.argmax()))
