"""The ways to run an engine give the same bytes, and tell the same of the same failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shoeroot.engine import (
    Engine,
    EngineModel,
    Message,
    PersistentRunner,
    Run,
    Runner,
    RunResult,
    SubprocessRunner,
)
from shoeroot.engine.wire import (
    Answer,
    Request,
    pack_answer,
    pack_request,
    unpack_answer,
    unpack_request,
)

Objects = dict[str, Any]
Pack = Callable[[Objects], EngineModel]


@pytest.fixture(scope="module")
def runners(engine: Engine, library_engine: Engine) -> Iterator[dict[str, Runner]]:
    """All ways; the first starts the program for each run, as everybody does."""
    with ExitStack() as stack:
        found: dict[str, Runner] = {
            "program": SubprocessRunner(engine),
            "worker": PersistentRunner(engine),
            "other library, worker": PersistentRunner(library_engine),
            "other library, process": SubprocessRunner(library_engine),
        }
        for runner in found.values():
            stack.enter_context(runner)
        yield found


def set_constant(name: str, value: float) -> Callable[[Objects], None]:
    def change(objects: Objects) -> None:
        objects["Schedule:Constant"][name]["hourly_value"] = value

    return change


def set_steps(objects: Objects) -> None:
    objects["Timestep"]["Timestep 1"]["number_of_timesteps_per_hour"] = 4


def set_wall(objects: Objects) -> None:
    objects["Material"]["concrete"] |= {"thickness": 0.3, "conductivity": 1.1}


def spoil_corner(objects: Objects) -> None:
    corner = objects["BuildingSurface:Detailed"]["south south"]["vertices"][0]
    corner["vertex_y_coordinate"] = -0.5


def flatten(objects: Objects) -> None:
    for corner in objects["BuildingSurface:Detailed"]["south south"]["vertices"]:
        corner["vertex_z_coordinate"] = 0.0


def add_window_larger_than_wall(objects: Objects) -> None:
    objects["WindowMaterial:SimpleGlazingSystem"] = {
        "glass": {"u_factor": 2.0, "solar_heat_gain_coefficient": 0.5}
    }
    objects["Construction"]["window"] = {"outside_layer": "glass"}
    window = {"surface_type": "Window", "construction_name": "window"}
    window |= {"building_surface_name": "south south", "number_of_vertices": 4}
    for number, (x, z) in enumerate([(-1, 3.5), (-1, -1), (11, -1), (11, 3.5)], start=1):
        window |= {f"vertex_{number}_x_coordinate": x, f"vertex_{number}_z_coordinate": z}
        window |= {f"vertex_{number}_y_coordinate": 0}
    objects["FenestrationSurface:Detailed"] = {"too large": window}


def break_adjacency(objects: Objects) -> None:
    objects["BuildingSurface:Detailed"]["south north"] |= {
        "outside_boundary_condition": "Surface",
        "outside_boundary_condition_object": "nowhere",
    }


def exceed_limits(objects: Objects) -> None:
    objects["ScheduleTypeLimits"]["share"] = {"lower_limit_value": 0, "upper_limit_value": 1}
    odd = {"schedule_type_limits_name": "share", "hourly_value": 7.5}
    objects["Schedule:Constant"]["odd"] = odd
    objects["Lights"]["south lights"]["schedule_name"] = "odd"


def make_wall_unsolvable(objects: Objects) -> None:
    heavy = {"thickness": 3.0, "conductivity": 0.02, "density": 7000, "specific_heat": 4000}
    objects["Material"]["concrete"] |= heavy


def forget_schedule(objects: Objects) -> None:
    objects["Lights"]["south lights"]["schedule_name"] = "none"


def leave_gaps_in_year(objects: Objects) -> None:
    objects["Schedule:Day:Interval"] = {
        "day": {
            "schedule_type_limits_name": "any",
            "data": [{"time": "24:00", "value_until_time": 1}],
        }
    }
    objects["Schedule:Week:Compact"] = {
        "week": {"data": [{"daytype_list": "AllDays", "schedule_day_name": "day"}]}
    }
    part = {"schedule_week_name": "week", "start_month": 1, "start_day": 1}
    part |= {"end_month": 6, "end_day": 30}
    year = {"schedule_type_limits_name": "any", "schedule_weeks": [part]}
    objects["Schedule:Year"] = {"gaps": year}
    objects["Lights"]["south lights"]["schedule_name"] = "gaps"


def stop_early(objects: Objects) -> None:
    objects["RunPeriod"]["year"] |= {"end_month": 1, "end_day_of_month": 2}


def remove_floor(objects: Objects) -> None:
    del objects["BuildingSurface:Detailed"]["core floor"]


def add_unknown_field(objects: Objects) -> None:
    objects["Lights"]["south lights"]["brightness"] = 1.0


#: Two of them are wrong, but the engine says nothing.
GOOD = {
    "as it is": lambda objects: None,
    "other setpoint": set_constant("heating", 18.0),
    "other wall": set_wall,
    "other steps": set_steps,
    "no floor": remove_floor,
    "unknown field": add_unknown_field,
}
#: How to spoil a model, how the run ends, and what it says.
FAILURES: dict[str, tuple[Callable[[Objects], None], str, int, str]] = {
    "zero area": (flatten, "fatal", 1, "Surface Area <= 0.0"),
    "window larger than wall": (add_window_larger_than_wall, "fatal", 1, "TOO LARGE"),
    "bad adjacency": (break_adjacency, "fatal", 1, "NOWHERE"),
    "value over a limit": (exceed_limits, "fatal", 1, "values that are < 0 and/or > 1"),
    "heating above cooling": (set_constant("heating", 30.0), "fatal", 1, "higher than effective"),
    "unsolvable wall": (make_wall_unsolvable, "fatal", 1, "CTF calculation convergence"),
    "missing schedule": (forget_schedule, "crash", -11, "item not found"),
    "year with gaps": (leave_gaps_in_year, "fatal", 1, "missing days"),
    "wall that is not planar": (spoil_corner, "severe", 0, "non-planar"),
    "stopped early": (stop_early, "short", 0, "48 values instead of 8760"),
}


def assert_same(result: RunResult, expected: RunResult) -> None:
    """Compare all that a run tells but how long it took; the numbers bit by bit."""
    assert (result.status, result.return_code) == (expected.status, expected.return_code)
    assert result.messages == expected.messages
    assert result.units == expected.units
    assert result.engine == expected.engine
    for series, other in ((result.hourly, expected.hourly), (result.monthly, expected.monthly)):
        assert list(series) == list(other)
        for key, values in other.items():
            assert series[key].dtype == values.dtype
            assert series[key].tobytes() == values.tobytes()


def test_numbers_are_the_same_bit_by_bit_in_any_order(
    runners: dict[str, Runner], as_engine_model: Pack, make_objects: Any, weather: Path
) -> None:
    runs = {}
    for name, change in (GOOD | {name: one[0] for name, one in FAILURES.items()}).items():
        objects = make_objects()
        change(objects)
        runs[name] = Run(as_engine_model(objects), weather)
    oracle = {name: runners["program"].run(run) for name, run in runs.items()}
    assert {oracle[name].status for name in GOOD} == {"ok"}
    assert len({hash_of(oracle[name]) for name in GOOD}) >= 4
    # Each good one right after each kind of failure, and after other good ones.
    order = np.random.default_rng(7).permutation([*runs, *GOOD])
    for way in ("worker", "other library, worker"):
        for name in order:
            assert_same(runners[way].run(runs[name]), oracle[name])
    assert_same(runners["other library, process"].run(runs["as it is"]), oracle["as it is"])


def hash_of(result: RunResult) -> int:
    return hash(b"".join(values.tobytes() for values in result.hourly.values()))


@pytest.mark.parametrize("name", FAILURES)
def test_failure_is_recognised_on_every_way(
    runners: dict[str, Runner],
    as_engine_model: Pack,
    objects: Objects,
    weather: Path,
    name: str,
) -> None:
    spoil, status, code, text = FAILURES[name]
    spoil(objects)
    run = Run(as_engine_model(objects), weather)
    for runner in runners.values():
        result = runner.run(run)
        assert (result.status, result.return_code) == (status, code), result.messages
        assert text in "\n".join(message.text for message in result.messages)
        assert result.hourly == {}
        assert result.monthly == {}


@pytest.mark.parametrize("damage", ["missing", "cut", "garbage"])
def test_bad_weather_is_fatal_on_every_way(
    runners: dict[str, Runner],
    as_engine_model: Pack,
    objects: Objects,
    weather: Path,
    tmp_path: Path,
    damage: str,
) -> None:
    path = tmp_path / "damaged.epw"
    lines = weather.read_text().splitlines()
    if damage != "missing":
        spoilt = lines[:500] if damage == "cut" else [*lines[:500], "garbage", *lines[501:]]
        path.write_text("\n".join(spoilt) + "\n")
    run = Run(as_engine_model(objects), path)
    expected = runners["program"].run(run)
    assert (expected.status, expected.return_code) == ("fatal", 1)
    for runner in runners.values():
        assert_same(runner.run(run), expected)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff\xfe", b'{"Version": {}}'])
def test_input_that_is_no_model_is_the_same_failure_on_every_way(
    runners: dict[str, Runner], weather: Path, text: bytes
) -> None:
    run = Run(EngineModel(text), weather)
    expected = runners["program"].run(run)
    assert expected.status in {"fatal", "crash"}
    for runner in runners.values():
        result = runner.run(run)
        assert (result.status, result.return_code) == (expected.status, expected.return_code)


def test_input_that_the_engine_trips_over_is_a_failure_on_every_way(
    runners: dict[str, Runner], weather: Path
) -> None:
    # The engine looks for objects where there are none: whether it crashes is a matter of luck.
    run = Run(EngineModel(b"null"), weather)
    for runner in runners.values():
        assert runner.run(run).status in {"fatal", "crash"}


def test_input_that_vanished_ends_the_worker_and_is_fatal(
    runners: dict[str, Runner],
    as_engine_model: Pack,
    objects: Objects,
    weather: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The engine ends its process then, and with it the worker.
    stop_early(objects)
    run = Run(as_engine_model(objects), weather)
    runner = runners["worker"]
    with monkeypatch.context() as patch:
        patch.setattr("shoeroot.engine.folders.INPUT", "gone.epJSON")
        result = runner.run(run)

    assert (result.status, result.return_code) == ("fatal", 105)
    assert "File does not exist" in result.messages[-1].text
    assert runner.run(run).status == "short"


def test_nothing_changes_on_the_way_from_a_worker() -> None:
    odd = np.array([0.0, -0.0, np.nan, np.inf, 5e-324, 1 / 3])
    result = RunResult(
        status="ok",
        return_code=0,
        cpu_seconds=0.1,
        wall_seconds=1 / 3,
        messages=(Message("warning", "température\n\u2028 \ud800", 3),),
        hourly={("A", "x"): odd, ("B", "x"): odd[:0]},
        monthly={("A", "x"): odd[::-1]},
        units={"x": "°C"},
        engine="25.2.0-cf7368216c",
    )

    answer = unpack_answer(pack_answer(Answer(result, "", 1 / 7, 2**40)))

    assert answer.result
    assert_same(answer.result, result)
    assert (answer.result.cpu_seconds, answer.result.wall_seconds) == (0.1, 1 / 3)
    assert (answer.cpu_seconds, answer.peak_bytes, answer.problem) == (1 / 7, 2**40, "")
    answer.result.hourly["A", "x"][0] = 1.0  # it is the caller's own
    request = Request(Path("/a b"), Path("/ü.epw"), 0.5)
    assert unpack_request(pack_request(request)) == request
