"""ESO files: real ones, invented ones, and damaged ones."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoeroot.engine import Engine, EngineModel, EsoData, RunResult, parse_eso, run_model
from shoeroot.errors import EngineError, ShoerootError

HEADER = """\
Program Version,EnergyPlus, Version 25.2.0-cf7368216c, YMD=2026.01.01 00:00
1,5,Environment Title[],Latitude[deg],Longitude[deg],Time Zone[],Elevation[m]
2,8,Day of Simulation[],Month[],Day of Month[],DST Indicator[1=yes 0=no],\
Hour[],StartMinute[],EndMinute[],DayType
3,5,Cumulative Day of Simulation[],Month[],Day of Month[],DST Indicator[1=yes 0=no],\
DayType  ! When Daily Report Variables Requested
4,2,Cumulative Days of Simulation[],Month[]  ! When Monthly Report Variables Requested
5,1,Cumulative Days of Simulation[] ! When Run Period Report Variables Requested
6,1,Calendar Year of Simulation[] ! When Annual Report Variables Requested
"""
HOUR = "2,1, 1, 1, 0, 1, 0.00,60.00,Monday\n"
DESIGN_HOUR = "2,1, 1, 1, 0, 1, 0.00,60.00,WinterDesignDay\n"
ENVIRONMENT = "1,YEAR,  39.74,-105.18,  -7.00,1829.00\n"
MONTHLY = "Monthly [Value,Min,Day,Hour,Minute,Max,Day,Hour,Minute]"


def make_eso(dictionary: str, records: str, count: int) -> bytes:
    end = f"End of Data\n Number of Records Written={count:>12}\n"
    return (HEADER + dictionary + "End of Data Dictionary\n" + records + end).encode()


def naive(data: bytes) -> dict[str, dict[tuple[str, str], list[float]]]:
    """The same with a loop over lines, written to be obviously right."""
    head, _, body = data.decode().partition("End of Data Dictionary\n")
    names: dict[str, tuple[str, tuple[str, str]]] = {}
    series: dict[str, dict[tuple[str, str], list[float]]] = {"Hourly": {}, "Monthly": {}}
    for line in head.splitlines()[7:]:
        number, _, rest = line.split(",", 2)
        text, _, frequency = rest.partition(" !")
        key, _, variable = text.rpartition(" [")[0].rpartition(",")
        names[number] = frequency.split()[0], (key, variable)
        series.setdefault(names[number][0], {})[key, variable] = []
    for line in body.splitlines():
        number = line.split(",")[0]
        if number in names:
            frequency, name = names[number]
            series[frequency][name].append(float(line.split(",")[1]))
    return series


def assert_same(data: EsoData, expected: dict[str, dict[tuple[str, str], list[float]]]) -> None:
    for read, wanted in ((data.hourly, expected["Hourly"]), (data.monthly, expected["Monthly"])):
        assert list(read) == list(wanted)
        for key, values in wanted.items():
            assert read[key].dtype == np.float64
            assert read[key].tobytes() == np.array(values).tobytes()


def test_real_file_reads_as_with_a_loop(annual: tuple[RunResult, bytes]) -> None:
    data = parse_eso(annual[1])
    assert data.complete, data.problem
    assert_same(data, naive(annual[1]))
    assert ("SOUTH", "Zone Mean Air Temperature") in data.hourly


def test_other_frequencies_and_design_days_are_left_out(
    engine: Engine,
    weather: Path,
    tmp_path: Path,
    objects: dict[str, Any],
    as_engine_model: Callable[[dict[str, Any]], EngineModel],
) -> None:
    outputs = objects["Output:Variable"]
    for frequency in ("Detailed", "Timestep", "Daily", "RunPeriod", "Annual"):
        outputs[frequency] = {
            "key_value": "*",
            "variable_name": "Zone Mean Air Temperature",
            "reporting_frequency": frequency,
        }
    objects["Output:Meter"] = {
        "meter": {"key_name": "Electricity:Facility", "reporting_frequency": "Hourly"}
    }
    objects["SizingPeriod:DesignDay"] = {
        "cold": {
            "month": 1,
            "day_of_month": 21,
            "day_type": "WinterDesignDay",
            "maximum_dry_bulb_temperature": -15.0,
            "daily_dry_bulb_temperature_range": 0.0,
            "humidity_condition_type": "WetBulb",
            "wetbulb_or_dewpoint_at_maximum_dry_bulb": -15.0,
            "wind_speed": 3.0,
            "wind_direction": 0.0,
            "sky_clearness": 0.0,
            "solar_model_indicator": "ASHRAEClearSky",
        }
    }
    objects["SimulationControl"]["control"]["run_simulation_for_sizing_periods"] = "Yes"
    objects["RunPeriod"]["year"] |= {"end_month": 1, "end_day_of_month": 3}
    run_model(engine, as_engine_model(objects), weather, tmp_path / "run", keep=True)
    data = parse_eso((tmp_path / "run" / "eplusout.eso").read_bytes())
    assert data.complete, data.problem
    assert {len(values) for values in data.hourly.values()} == {72}
    assert {len(values) for values in data.monthly.values()} == {1}
    assert ("", "Electricity:Facility") in data.hourly


def test_cut_anywhere_is_flagged_or_an_error_of_ours(annual: tuple[RunResult, bytes]) -> None:
    _, whole = annual
    generator = random.Random(1)
    cuts = [0, 1, 100, len(whole) - 70, *(generator.randrange(len(whole)) for _ in range(60))]
    end = whole.index(b"\nEnd of Data\n")
    for cut in [*cuts, end, end + 5]:
        try:
            data = parse_eso(whole[:cut])
        except ShoerootError:
            assert cut < whole.index(b"End of Data Dictionary") + 30
        else:
            assert not data.complete
            assert data.problem


def test_last_line_that_was_cut_does_not_count() -> None:
    dictionary = "7,1,A,Temperature [C] !Hourly\n"
    whole = make_eso(dictionary, ENVIRONMENT + HOUR + "7,20.25\n" + HOUR + "7,21.75\n", 2)
    cut = whole[: whole.index(b"21.75") + 3]
    assert parse_eso(cut).hourly["A", "Temperature"].tolist() == [20.25]


@pytest.mark.parametrize(
    ("records", "count", "said"),
    [
        (HOUR + "7,1.0\nrubbish\n", 1, "not records"),
        (HOUR + "7,1.0\n7\n", 1, "not records"),
        (HOUR + "7,1.0\n,5\n", 1, "not records"),
        (HOUR + "7,1.0\n\n", 1, "not records"),
        (HOUR + "7,1.0\n99,5\n", 2, "not records"),
        (HOUR + "7,1.0\n12345678901234567890,5\n", 2, "not records"),
        (HOUR + "7,1.0\n", 2, "says 2 records and holds 1"),
    ],
)
def test_lines_that_make_no_sense_are_flagged(records: str, count: int, said: str) -> None:
    data = parse_eso(make_eso("7,1,A,B [C] !Hourly\n", records, count))
    assert not data.complete
    assert said in data.problem
    assert data.hourly["A", "B"].tolist() == [1.0]


@pytest.mark.parametrize("value", ["", "x", "1.0.0", "1_0", "********", "0x1p3", "1e", "\xff"])
def test_value_that_is_no_number_is_an_error(value: str) -> None:
    with pytest.raises(EngineError, match="not a number"):
        parse_eso(make_eso("7,1,A,B [C] !Hourly\n", f"{HOUR}7,{value}\n", 1))


def test_value_that_is_not_finite_is_read_as_it_is() -> None:
    data = parse_eso(make_eso("7,1,A,B [C] !Hourly\n", f"{HOUR}7,nan\n{HOUR}7,-Inf\n", 2))
    first, second = data.hourly["A", "B"].tolist()
    assert math.isnan(first)
    assert second == -math.inf


@pytest.mark.parametrize("data", [b"", b"\n", b"rubbish", HEADER.encode()])
def test_missing_dictionary_is_an_error(data: bytes) -> None:
    with pytest.raises(EngineError, match="data dictionary"):
        parse_eso(data)


def test_design_days_are_left_out() -> None:
    days = f"{ENVIRONMENT}{DESIGN_HOUR}7,1.0\n{ENVIRONMENT}{HOUR}7,2.0\n"
    data = parse_eso(make_eso("7,1,A,B [C] !Hourly\n", days, 2))
    assert data.complete
    assert data.hourly["A", "B"].tolist() == [2.0]


def test_names_with_commas_and_lower_case() -> None:
    data = parse_eso(
        make_eso(f"7,1,Flat 3, left,Zone B [W/m2-K] !Hourly\n8,9,x,C [] !{MONTHLY}\n", "", 0)
    )
    assert data.complete
    assert list(data.hourly) == [("FLAT 3, LEFT", "Zone B")]
    assert list(data.monthly) == [("X", "C")]
    assert data.units == {"Zone B": "W/m2-K", "C": ""}


finite = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None, max_examples=60)
@given(
    hours=st.lists(st.tuples(finite, finite), max_size=40),
    month=finite,
    numbers=st.lists(st.integers(7, 99_999), min_size=3, max_size=3, unique=True),
    windows=st.booleans(),
)
def test_invented_files_read_as_with_a_loop(
    hours: list[tuple[float, float]], month: float, numbers: list[int], windows: bool
) -> None:
    first, second, third = numbers
    dictionary = (
        f"{first},1,A,Temperature [C] !Hourly\n"
        f"{second},1,B,Energy [J] !Hourly\n"
        f"{third},9,B,Energy [J] !{MONTHLY}\n"
    )
    records = ENVIRONMENT + "".join(f"{HOUR}{first},{a!r}\n{second},{b!r}\n" for a, b in hours)
    records += f"4,31, 1\n{third},{month!r},0.0, 1, 1,30,7.5, 1, 9,30\n"
    data = make_eso(dictionary, records, 2 * len(hours) + 1)
    expected = naive(data)
    read = parse_eso(data.replace(b"\n", b"\r\n") if windows else data)
    assert read.complete, read.problem
    assert_same(read, expected)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200), st.sampled_from(["7,", "2,", "4,31,", ""]))
def test_rubbish_never_raises_outside_our_tree(rubbish: bytes, prefix: str) -> None:
    start = make_eso("7,1,A,B [C] !Hourly\n", "", 0).partition(b"End of Data\n")[0]
    with suppress(ShoerootError):
        parse_eso(start + prefix.encode() + rubbish + b"\n")
