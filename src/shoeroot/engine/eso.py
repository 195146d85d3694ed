"""Read the hourly and monthly series of an `eplusout.eso` file, vectorised over its bytes.

An ESO file is text in two parts. The data dictionary gives each series a number::

    365,1,SOUTH IDEAL,Zone Ideal Loads Supply Air Total Heating Energy [J] !Hourly

The data follow, one record a line: the number, the value, and for monthly series
also when the least and the greatest value came. Numbers 1 to 6 are time stamps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import EngineError

__all__ = ["EsoData", "SeriesKey", "parse_eso"]

SeriesKey = tuple[str, str]
"""Key value in capitals, and name of the output variable."""

_END_OF_DICTIONARY = b"End of Data Dictionary"
_END_OF_DATA = b"\nEnd of Data"
_DICTIONARY_LINE = re.compile(
    r"(?P<number>\d{1,9}),\d+,(?:(?P<key>.*),)?(?P<variable>[^,\[\]]*?) ?\[(?P<units>[^\]]*)\]"
    r" *!(?P<frequency>Each Call|\w+)"
)
_RECORDS_WRITTEN = re.compile(rb"\s*Number of Records Written= *(\d+)")
# Environment, hour, day, month, run period and year: what a value record is not.
_STAMPS = 6
_ENVIRONMENT = 1
_HOUR = 2
_LONGEST_NUMBER = 9
_COMMA, _NEWLINE, _ZERO = b",\n0"


@dataclass(frozen=True, slots=True, eq=False)
class EsoData:
    """The series of one ESO file.

    Attributes
    ----------
    hourly, monthly : dict of (key value, variable name) to array of float64
        One value an hour or a month, in the unit of the variable, in the order of the
        file; 8760 and 12 values when a whole year was run. Design days are left out.
    units : dict of variable name to str
        Units as the engine writes them, such as ``"J"`` or ``"C"``.
    complete : bool
        Whether the file ends as the engine ends it and every line made sense.
    problem : str
        Why it is not complete, else empty.
    """

    hourly: dict[SeriesKey, NDArray[np.float64]]
    monthly: dict[SeriesKey, NDArray[np.float64]]
    units: dict[str, str] = field(default_factory=dict)
    complete: bool = True
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of the data dictionary."""

    number: int
    key: SeriesKey
    units: str
    frequency: str


@dataclass(frozen=True, slots=True)
class _Records:
    """Where the records of the data part are.

    `starts`, `stops` and `numbers` have one element a line: offset of its first byte
    after the record number and comma, offset of its newline, and its record number,
    -1 where a line does not begin with a number and a comma.
    """

    text: NDArray[np.uint8]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    numbers: NDArray[np.int64]


def parse_eso(data: bytes) -> EsoData:
    """Read the hourly and monthly series of an ESO file.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    EsoData
        Each value is what `float` makes of its text. A file that was cut short or holds
        lines that are not records is flagged (`complete` is False) and what could be
        read is returned.

    Raises
    ------
    EngineError
        The data dictionary is missing or cut, or a value is not a number.
    """
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    entries, body = _split(data)
    end = body.rfind(_END_OF_DATA)
    # A last line without newline may have lost its last digits: it does not count.
    content = body[: end + 1] if end >= 0 else body[: body.rfind(b"\n") + 1]
    records = _find_records(content[1:])
    problem = _problem(entries, records, body[end + 1 :] if end >= 0 else None)
    wanted = [entry for entry in entries if entry.frequency in {"Hourly", "Monthly"}]
    series = _read_series(wanted, records)
    return EsoData(
        hourly={e.key: series[e.number] for e in wanted if e.frequency == "Hourly"},
        monthly={e.key: series[e.number] for e in wanted if e.frequency == "Monthly"},
        units={entry.key[1]: entry.units for entry in wanted},
        complete=not problem,
        problem=problem,
    )


def _split(data: bytes) -> tuple[list[_Entry], bytes]:
    """Read the data dictionary; return it and what follows, from the newline on."""
    head, separator, body = data.partition(_END_OF_DICTIONARY)
    if not separator:
        raise EngineError(
            "the ESO file has no complete data dictionary",
            where=f"eplusout.eso, {len(data)} bytes",
            hint="the engine stopped before it wrote results; see its messages",
        )
    entries = []
    for line in head.decode("utf-8", errors="replace").split("\n"):
        match = _DICTIONARY_LINE.match(line)
        if match and int(match["number"]) > _STAMPS:
            key = ((match["key"] or "").upper(), match["variable"])
            entry = _Entry(int(match["number"]), key, match["units"], match["frequency"])
            entries.append(entry)
    return entries, body


def _find_records(content: bytes) -> _Records:
    """Find every line of the data part, its record number and where its value begins."""
    text = np.frombuffer(content, dtype=np.uint8)
    stops = np.flatnonzero(text == _NEWLINE)
    starts = np.concatenate(([0], stops[:-1] + 1)) if len(stops) else stops
    numbers = np.zeros(len(starts), dtype=np.int64)
    cursor = starts.copy()
    open_lines = np.ones(len(starts), dtype=bool)
    # One pass a digit over all lines; none has more than nine. A newline or any other
    # byte that is neither digit nor comma closes the line as not a record.
    for position in range(_LONGEST_NUMBER + 1):
        byte = text[cursor]
        digit = byte - _ZERO  # wraps around in uint8, so one comparison is enough
        is_digit = digit <= 9
        ends_well = byte == _COMMA if position else np.zeros(len(byte), dtype=bool)
        numbers[open_lines & ~is_digit & ~ends_well] = -1
        open_lines &= is_digit
        if not open_lines.any():
            break
        numbers[open_lines] = numbers[open_lines] * 10 + digit[open_lines]
        cursor += open_lines
    numbers[open_lines] = -1
    return _Records(text, cursor + 1, stops, numbers)


def _problem(entries: list[_Entry], records: _Records, ending: bytes | None) -> str:
    """Say why the file is not complete; `ending` is its text from "End of Data" on."""
    known = np.array([*range(1, _STAMPS + 1), *(e.number for e in entries)])
    odd = int(np.count_nonzero(~np.isin(records.numbers, known)))
    if odd:
        return f"{odd} lines are not records of the data dictionary"
    if ending is None:
        return "the file does not end with 'End of Data'"
    written = _RECORDS_WRITTEN.match(ending.partition(b"\n")[2])
    if not written:
        return "the count of records at the end is missing"
    found = int(np.count_nonzero(records.numbers > _STAMPS))
    if int(written[1]) != found:
        return f"the file says {int(written[1])} records and holds {found}"
    return ""


def _read_series(entries: list[_Entry], records: _Records) -> dict[int, NDArray[np.float64]]:
    """Read the values of some series, by record number."""
    wanted = np.isin(records.numbers, [entry.number for entry in entries])
    wanted &= ~_in_design_day(records)
    values = _read_values(records, wanted)
    numbers = records.numbers[wanted]
    return {entry.number: values[numbers == entry.number] for entry in entries}


def _in_design_day(records: _Records) -> NDArray[np.bool_]:
    """Tell which lines belong to an environment whose first hour is of a design day."""
    environments = np.flatnonzero(records.numbers == _ENVIRONMENT)
    hours = np.flatnonzero(records.numbers == _HOUR)
    result = np.zeros(len(records.numbers), dtype=bool)
    bounds = [*environments.tolist(), len(result)]
    for first, last in pairwise(bounds):
        position = int(np.searchsorted(hours, first))
        if position < len(hours) and hours[position] < last:
            hour = hours[position]
            line = records.text[records.starts[hour] : records.stops[hour]].tobytes()
            result[first:last] = line.rstrip().endswith(b"DesignDay")
    return result


def _read_values(records: _Records, wanted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Turn the first value of each wanted line into a float."""
    starts, stops = records.starts[wanted], records.stops[wanted]
    if not len(starts):
        return np.empty(0)
    # Keep the bytes from each start up to and with its newline: +1 where one begins,
    # -1 after it ends, summed up.
    step = np.zeros(len(records.text) + 1, dtype=np.int8)
    step[starts] = 1
    step[stops + 1] -= 1
    kept = records.text[np.cumsum(step[:-1], dtype=np.int8).view(bool)]
    lines = kept.tobytes().split(b"\n")[:-1]
    commas = np.flatnonzero(kept == _COMMA)
    if len(commas):
        # Lines of monthly series: what follows the value is not ours.
        line_ends = np.flatnonzero(kept == _NEWLINE)
        for index in np.unique(np.searchsorted(line_ends, commas)).tolist():
            lines[index] = lines[index].partition(b",")[0]
    if b"_" in kept.tobytes():  # `float` reads 1_0 as ten
        raise EngineError("a value of the ESO file is not a number: it holds '_'")
    try:
        return np.fromiter(map(float, lines), dtype=np.float64, count=len(lines))
    except ValueError as error:
        raise EngineError(f"a value of the ESO file is not a number: {error}") from None
