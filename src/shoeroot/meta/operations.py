"""ESP-r's patterns of use (``*.opr``): infiltration and casual gains by the hour of the day.

The format as the files that come with ESP-r have it (``src/training/pattern`` of
ESP-rCommunity/ESP-rSource), in versions 1 and 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shoeroot.meta.database_text import DatabaseLines, read_database_text

__all__ = ["DAY_TYPES", "Gain", "Operations", "read_operations", "read_operations_text"]

#: Types of days in a file's order, as the engine names them.
DAY_TYPES = ("Weekdays", "Saturday", "Sunday", "Holidays")
_HOURS = 24
_FLOW_VALUES, _GAIN_VALUES = 4, 7
_SLOTS = {1: "occupants", 2: "lights", 3: "equipment"}


@dataclass(frozen=True, slots=True, eq=False)
class Gain:
    """A casual gain.

    Attributes
    ----------
    kind : str
        ``"occupants"``, ``"lights"``, ``"equipment"`` or ``"gain N"``.
    per_area : bool
        Whether it is over floor area [W/m2] and not a whole [W].
    sensible, latent : (days, 24) float64
        By type of day and hour.
    radiant, convective : float
        Shares of the sensible heat, weighted by it.
    """

    kind: str
    per_area: bool
    sensible: NDArray[np.float64]
    latent: NDArray[np.float64]
    radiant: float
    convective: float


@dataclass(frozen=True, slots=True, eq=False)
class Operations:
    """A pattern of use.

    Attributes
    ----------
    infiltration : (days, 24) float64
        Air changes [1/h] by type of day and hour.
    ventilation : bool
        Whether there is air from other zones, which depends on the model.
    control : int
        Index of the control of air flow; 0 for none.
    gains : tuple of Gain
    """

    infiltration: NDArray[np.float64]
    ventilation: bool
    control: int
    gains: tuple[Gain, ...]


def read_operations(path: Path) -> Operations:
    """Read a pattern of use.

    Raises
    ------
    MetaError
        A line is wrong: names file and line.
    """
    return read_operations_text(read_database_text(path), str(path))


def read_operations_text(text: str, name: str = "operations") -> Operations:
    """Read the text of a pattern of use; see `read_operations`."""
    lines = DatabaseLines(name, text)
    if not lines.take("*Operations").lower().startswith("*operations"):
        raise lines.error("a pattern of use begins with *Operations")
    if lines.look().lower().startswith("*date"):
        lines.take("*date")
    lines.take("a sentence about the pattern")
    control = int(lines.numbers("control of air flow", 1)[0])
    flows, gains = _blocks(lines)
    if not 1 <= len(flows) <= len(DAY_TYPES) or len(flows) != len(gains):
        raise lines.error(f"{len(flows)} types of days have flows, and {len(gains)} have gains")
    infiltration = np.zeros((len(flows), _HOURS))
    ventilation = False
    for day, rows in enumerate(flows):
        for row in rows:
            infiltration[day, _hours(lines, row[0], row[1])] = max(row[2], 0.0)
            ventilation = ventilation or row[3] > 0
    return Operations(infiltration, ventilation, control, _gains(lines, gains))


Rows = list[list[float]]


def _blocks(lines: DatabaseLines) -> tuple[list[Rows], list[Rows]]:
    """Take blocks of rows, each behind its count: flows, then gains, for each type of day."""
    blocks: list[Rows] = []
    flows = 0
    while lines:
        first = lines.look().split()[0]
        if first.lower() == "*casual":
            flows = len(blocks)
            lines.take("*casual")
            lines.take("a sentence about the gains")
        elif first.startswith("*"):
            lines.take("types of gains")
        elif not first.isdecimal():
            break  # the labels of gains end a file of version 1
        else:
            count = int(lines.numbers("a count", 1)[0])
            blocks.append([lines.numbers("a period of the day", 4) for _ in range(count)])
    flows = flows or len(blocks) // 2
    return blocks[:flows], blocks[flows:]


def _hours(lines: DatabaseLines, start: float, stop: float) -> slice:
    if not 0 <= start <= stop <= _HOURS:
        raise lines.error(f"a period from {start:g} to {stop:g} h")
    return slice(int(start), int(stop))


def _gains(lines: DatabaseLines, days: list[Rows]) -> tuple[Gain, ...]:
    found: dict[int, tuple[NDArray[np.float64], list[list[float]]]] = {}
    for day, rows in enumerate(days):
        for row in rows:
            if len(row) < _GAIN_VALUES:
                raise lines.error(f"a casual gain has {len(row)} values instead of {_GAIN_VALUES}")
            slot = int(row[0])
            heat, shares = found.setdefault(slot, (np.zeros((2, len(days), _HOURS)), []))
            hours = _hours(lines, row[1], row[2])
            heat[0, day, hours] += row[3]
            heat[1, day, hours] += row[4]
            shares.append([max(row[3], 0.0) * (hours.stop - hours.start), row[5], row[6]])
    gains = []
    for slot, (heat, shares) in sorted(found.items(), key=lambda one: abs(one[0])):
        if not heat.any():
            continue
        table = np.array(shares)
        weight = table[:, 0] if table[:, 0].sum() > 0 else np.ones(len(table))
        radiant, convective = np.average(table[:, 1:], axis=0, weights=weight)
        kind = _SLOTS.get(abs(slot), f"gain {abs(slot)}")
        gains.append(Gain(kind, slot < 0, heat[0], heat[1], float(radiant), float(convective)))
    return tuple(gains)
