"""Runs of the real engine: what a good one gives, and how each kind of failure shows."""

from __future__ import annotations

import _thread
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shoeroot.engine import Engine, EngineModel, Run, RunResult, execute, run_model, stop_runs
from shoeroot.errors import EngineError, ModelError

Objects = dict[str, Any]
Pack = Callable[[Objects], EngineModel]
Simulate = Callable[[Objects], RunResult]


def severities(result: RunResult) -> set[str]:
    return {message.severity for message in result.messages}


def assert_failed(result: RunResult, status: str, said: str = "") -> None:
    """Check a failure: its status, that it has no numbers, and what its messages say."""
    assert result.status == status, result.messages
    assert result.hourly == {}
    assert result.monthly == {}
    assert said in "\n".join(message.text for message in result.messages)


def test_good_run_has_whole_years(annual: tuple[RunResult, bytes], engine: Engine) -> None:
    result, _ = annual
    assert result.status == "ok"
    assert result.return_code == 0
    assert severities(result) <= {"warning"}
    assert len(result.hourly) == 6
    assert {len(values) for values in result.hourly.values()} == {8760}
    assert {len(values) for values in result.monthly.values()} == {12}
    assert result.units["Zone Mean Air Temperature"] == "C"
    assert result.engine == engine.label
    assert 0 < result.cpu_seconds < 20


def test_monthly_values_are_sums_of_hourly_ones(annual: tuple[RunResult, bytes]) -> None:
    result, _ = annual
    key = ("SOUTH IDEAL", "Zone Ideal Loads Supply Air Total Heating Energy")
    month = np.repeat(
        np.arange(12), 24 * np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    )
    sums = np.bincount(month, weights=result.hourly[key])
    np.testing.assert_allclose(result.monthly[key], sums, rtol=1e-12)


def test_schedule_file_is_read(annual: tuple[RunResult, bytes]) -> None:
    result, _ = annual
    year = result.monthly["CORE", "Zone Lights Electricity Energy"].sum()
    assert year == pytest.approx(8.0 * 50 * 10 * 365 * 3600)  # W/m2, m2, h, d, s


def test_same_model_gives_the_same_bytes(
    annual: tuple[RunResult, bytes], objects: Objects, simulate: Simulate
) -> None:
    again = simulate(objects)
    for key, values in annual[0].hourly.items():
        assert values.tobytes() == again.hourly[key].tobytes()


def test_folder_is_removed_unless_kept(
    as_engine_model: Pack, engine: Engine, weather: Path, tmp_path: Path, objects: Objects
) -> None:
    objects["RunPeriod"]["year"] |= {"end_month": 1, "end_day_of_month": 2}
    model = as_engine_model(objects)
    gone, kept = tmp_path / "gone", tmp_path / "kept"
    assert execute(engine, Run(model, weather, gone)).folder is None
    assert not gone.exists()
    assert execute(engine, Run(model, weather, kept, keep=True)).folder == kept
    assert (kept / "eplusout.err").exists()
    with pytest.raises(EngineError, match="not empty"):
        run_model(engine, model, weather, kept)


def test_heating_setpoint_above_cooling_is_fatal(objects: Objects, simulate: Simulate) -> None:
    objects["Schedule:Constant"]["heating"]["hourly_value"] = 30.0
    result = simulate(objects)
    assert_failed(result, "fatal", "ThermostatSetPoint=30.00")
    assert result.return_code == 1
    assert {"severe", "fatal"} <= severities(result)


def test_window_larger_than_its_wall_is_not_ok(objects: Objects, simulate: Simulate) -> None:
    objects["WindowMaterial:SimpleGlazingSystem"] = {
        "glass": {"u_factor": 2.0, "solar_heat_gain_coefficient": 0.5}
    }
    objects["Construction"]["window"] = {"outside_layer": "glass"}
    corners = [(-1, 3.5), (-1, -1), (11, -1), (11, 3.5)]
    window = {"surface_type": "Window", "construction_name": "window"}
    window |= {"building_surface_name": "south south", "number_of_vertices": 4}
    for number, (x, z) in enumerate(corners, start=1):
        window |= {
            f"vertex_{number}_{axis}_coordinate": at
            for axis, at in zip("xyz", (x, 0, z), strict=True)
        }
    objects["FenestrationSurface:Detailed"] = {"too large": window}
    result = simulate(objects)
    assert_failed(result, "fatal", "too large".upper())


def test_missing_weather_is_fatal(
    as_engine_model: Pack, engine: Engine, tmp_path: Path, objects: Objects
) -> None:
    result = run_model(engine, as_engine_model(objects), tmp_path / "nowhere.epw")
    assert_failed(result, "fatal", "nowhere.epw")
    assert result.return_code == 1


@pytest.mark.parametrize("damage", ["cut", "garbage"])
def test_damaged_weather_is_fatal(
    as_engine_model: Pack,
    engine: Engine,
    weather: Path,
    tmp_path: Path,
    objects: Objects,
    damage: str,
) -> None:
    lines = weather.read_text().splitlines()
    damaged = lines[:500] if damage == "cut" else [*lines[:500], "garbage", *lines[501:]]
    path = tmp_path / "damaged.epw"
    path.write_text("\n".join(damaged) + "\n")
    result = run_model(engine, as_engine_model(objects), path)
    assert_failed(result, "fatal")
    assert result.return_code == 1


def test_missing_schedule_crashes_the_engine_only(objects: Objects, simulate: Simulate) -> None:
    objects["Lights"]["south lights"]["schedule_name"] = "none"
    result = simulate(objects)
    assert_failed(result, "crash", "item not found")
    assert result.return_code == -11


def test_wall_that_is_not_planar_is_severe(objects: Objects, simulate: Simulate) -> None:
    corner = objects["BuildingSurface:Detailed"]["south south"]["vertices"][0]
    corner["vertex_y_coordinate"] = -0.5
    result = simulate(objects)
    assert_failed(result, "severe", "non-planar")
    assert result.return_code == 0


def test_recurring_message_has_its_count(objects: Objects, simulate: Simulate) -> None:
    objects["Schedule:Constant"]["heating"]["hourly_value"] = 5.0
    objects["Schedule:Constant"]["cooling"]["hourly_value"] = 10.0  # supply air has 13 degC
    result = simulate(objects)
    assert_failed(result, "severe", "error continues")
    counts = {m.count for m in result.messages if "error continues" in m.text}
    assert min(counts) > 1000


def test_year_that_stops_early_is_short(objects: Objects, simulate: Simulate) -> None:
    objects["RunPeriod"]["year"] |= {"end_month": 2, "end_day_of_month": 28}
    result = simulate(objects)
    assert_failed(result, "short", f"{59 * 24} values instead of 8760")
    assert result.return_code == 0


def test_no_outputs_is_short(objects: Objects, simulate: Simulate) -> None:
    del objects["Output:Variable"]
    objects["Output:Meter"] = {
        "meter": {"key_name": "Electricity:Facility", "reporting_frequency": "Daily"}
    }
    objects["RunPeriod"]["year"] |= {"end_month": 1, "end_day_of_month": 2}
    assert_failed(simulate(objects), "short", "no hourly and no monthly")


def test_unknown_output_is_named_in_a_warning(objects: Objects, simulate: Simulate) -> None:
    objects["Output:Variable"]["odd"] = {
        "key_value": "*",
        "variable_name": "Zone Happiness",
        "reporting_frequency": "Hourly",
    }
    result = simulate(objects)
    assert result.status == "ok"
    assert any("ZONE HAPPINESS" in message.text.upper() for message in result.messages)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"Version": {}}'])
def test_input_that_is_no_model_is_a_failure(engine: Engine, weather: Path, text: bytes) -> None:
    result = run_model(engine, EngineModel(text), weather)
    assert_failed(result, result.status)
    assert result.status in {"fatal", "crash"}
    assert severities(result) & {"severe", "fatal"}


def test_input_that_vanished_is_fatal(
    as_engine_model: Pack, engine: Engine, weather: Path, tmp_path: Path, objects: Objects
) -> None:
    # A program that removes its input before it hands over to the real engine.
    wrapper = tmp_path / "wrapper"
    wrapper.write_text(f'#!/bin/sh\nrm -f in.epJSON\nexec "{engine.executable}" "$@"\n')
    wrapper.chmod(0o755)
    result = run_model(replace(engine, executable=wrapper), as_engine_model(objects), weather)
    assert_failed(result, "fatal", "File does not exist: in.epJSON")
    assert result.return_code == 105


@pytest.mark.parametrize(
    ("after", "status", "said"),
    [
        ("rm eplusout.end", "crash", "ended without a reason"),
        ("rm eplusout.eso", "short", "cannot be read"),
        ("truncate -s -100 eplusout.eso", "short", "not complete"),
        ("truncate -s 300 eplusout.eso", "short", "data dictionary"),
        ("sed -i 's/^167,[0-9.]*$/167,nan/' eplusout.eso", "short", "not finite"),
        ("sed -i 's/^167,[0-9.]*$/167,****/' eplusout.eso", "short", "not a number"),
        ("echo '   ** Severe  ** Odd' >> eplusout.err", "severe", "Odd"),
        ("echo 'EnergyPlus Terminated--Odd' >> eplusout.err", "fatal", "without a reason"),
        ("kill -9 $$", "crash", "return code -9"),
        ("exit 139", "crash", "return code 139"),
    ],
)
def test_output_spoilt_after_a_good_run_is_seen(
    engine: Engine,
    weather: Path,
    tmp_path: Path,
    objects: Objects,
    as_engine_model: Pack,
    after: str,
    status: str,
    said: str,
) -> None:
    # The real engine runs; then its output is damaged before anybody reads it.
    wrapper = tmp_path / "wrapper"
    wrapper.write_text(f'#!/bin/sh\n"{engine.executable}" "$@"\n{after}\n')
    wrapper.chmod(0o755)
    result = run_model(replace(engine, executable=wrapper), as_engine_model(objects), weather)
    assert_failed(result, status, said)


def test_slow_run_times_out(
    as_engine_model: Pack, engine: Engine, weather: Path, objects: Objects
) -> None:
    objects["Timestep"]["Timestep 1"]["number_of_timesteps_per_hour"] = 60
    result = run_model(engine, as_engine_model(objects), weather, timeout=0.5)
    assert_failed(result, "timeout", "longer than 0.5 s")
    assert result.return_code == -9
    assert 0.5 <= result.wall_seconds < 10
    assert result.cpu_seconds > 0


def test_timeout_kills_what_the_engine_started(
    as_engine_model: Pack, engine: Engine, weather: Path, tmp_path: Path, objects: Objects
) -> None:
    wrapper = tmp_path / "wrapper"
    wrapper.write_text(f'#!/bin/sh\nsleep 60 &\necho $! > "{tmp_path}/child"\nwait\n')
    wrapper.chmod(0o755)
    slow = replace(engine, executable=wrapper)
    run_model(slow, as_engine_model(objects), weather, timeout=0.3)
    child = int((tmp_path / "child").read_text())
    assert wait_until(lambda: not is_running(child))


def is_running(identifier: int) -> bool:
    try:
        state = Path(f"/proc/{identifier}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def test_engine_that_vanished_is_an_error(
    as_engine_model: Pack, engine: Engine, weather: Path, tmp_path: Path, objects: Objects
) -> None:
    gone = replace(engine, executable=tmp_path / "energyplus")
    with pytest.raises(EngineError, match="cannot be started"):
        run_model(gone, as_engine_model(objects), weather, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_threads_give_what_one_run_gives(
    as_engine_model: Pack,
    annual: tuple[RunResult, bytes],
    engine: Engine,
    weather: Path,
    objects: Objects,
) -> None:
    model = as_engine_model(objects)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: run_model(engine, model, weather), range(4)))
    for result in results:
        assert result.status == "ok"
        for key, values in annual[0].hourly.items():
            np.testing.assert_array_equal(result.hourly[key], values)


@pytest.fixture
def endless(
    as_engine_model: Pack, engine: Engine, weather: Path, objects: Objects
) -> Callable[[Path], RunResult]:
    """A run of many seconds, unless something ends it."""
    objects["Timestep"]["Timestep 1"]["number_of_timesteps_per_hour"] = 60
    model = as_engine_model(objects)
    return lambda folder: run_model(engine, model, weather, folder)


def test_stop_ends_the_runs_of_all_threads(
    endless: Callable[[Path], RunResult], tmp_path: Path
) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(endless, folder) for folder in folders]
        assert wait_until(lambda: all((f / "eplusout.err").exists() for f in folders))
        assert stop_runs() == 2
        for future in futures:
            with pytest.raises(EngineError, match="stopped"):
                future.result(timeout=5)
    assert not any(folder.exists() for folder in folders)
    assert stop_runs() == 0


def test_interrupt_kills_the_engine_and_removes_the_folder(
    endless: Callable[[Path], RunResult], tmp_path: Path
) -> None:
    folder = tmp_path / "run"

    def interrupt() -> None:
        wait_until((folder / "eplusout.err").exists)
        _thread.interrupt_main()

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        endless(folder)
    thread.join()
    assert not folder.exists()
    listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert str(folder) not in listing.stdout
    assert stop_runs() == 0


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "/etc/x", "../x", "a/../../b", "a/./b", "a//b", "a\\b", "a\0", "in.epJSON",
     "IN.epjson", "eplusout.err", "Energy+.ini", "printed.txt"],
)  # fmt: skip
def test_file_names_stay_inside_the_folder(name: str) -> None:
    with pytest.raises(ModelError):
        EngineModel(b"{}", {name: b""})


def test_file_in_a_subfolder_is_written(
    as_engine_model: Pack, engine: Engine, weather: Path, tmp_path: Path, objects: Objects
) -> None:
    model = as_engine_model(objects)
    objects["Schedule:File"]["lights"]["file_name"] = "deep/down/schedules.csv"
    objects["RunPeriod"]["year"] |= {"end_month": 1, "end_day_of_month": 2}
    files = {"deep/down/schedules.csv": model.files["schedules.csv"]}
    result = run_model(engine, replace(as_engine_model(objects), files=files), weather)
    assert_failed(result, "short")
