"""Time the reading of an ESO file against other readers, and the CPU cost of a run.

Usage: ``python benchmarks/engine.py``. One run of the tests' two-zone model with four
hourly and three monthly variables a zone; then all readers read the same file in turn,
and the least of several times counts. The peer is the package esoreader, which
archetypal uses; `pip install esoreader` if it is missing.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np

from shoeroot.engine import EngineModel, find_engine, parse_eso, run_model

REPEATS = 15
HOURLY = (
    "Zone Mean Air Temperature",
    "Zone Operative Temperature",
    "Zone Ideal Loads Supply Air Total Heating Energy",
    "Zone Ideal Loads Supply Air Total Cooling Energy",
)
MONTHLY = (*HOURLY[2:], "Zone Lights Electricity Energy")


def load_test_model() -> ModuleType:
    path = Path(__file__).parents[1] / "tests" / "engine" / "conftest.py"
    spec = importlib.util.spec_from_file_location("engine_test_model", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_model(steps: int) -> EngineModel:
    tests = load_test_model()
    objects = tests.make_model()
    objects["Timestep"]["Timestep 1"]["number_of_timesteps_per_hour"] = steps
    objects["Output:Variable"] = {
        f"{frequency} {name}": {
            "key_value": "*",
            "variable_name": name,
            "reporting_frequency": frequency,
        }
        for frequency, names in (("Hourly", HOURLY), ("Monthly", MONTHLY))
        for name in names
    }
    return EngineModel(json.dumps(objects).encode(), {"schedules.csv": tests.lights_file()})


def read_with_loop(path: Path) -> dict[str, np.ndarray]:
    """A plain loop over lines, for all series."""
    series: dict[str, list[float]] = {}
    with path.open() as file:
        for line in file:
            if line.startswith("End of Data Dictionary"):
                break
            number, _, rest = line.partition(",")
            if "!Hourly" in rest or "!Monthly" in rest:
                series[number] = []
        for line in file:
            fields = line.split(",")
            if fields[0] in series:
                series[fields[0]].append(float(fields[1]))
    return {number: np.array(values) for number, values in series.items()}


def read_with_shoeroot(path: Path) -> dict[tuple[str, str], np.ndarray]:
    data = parse_eso(path.read_bytes())
    assert data.complete
    return data.hourly


def readers() -> dict[str, Callable[[Path], object]]:
    found: dict[str, Callable[[Path], object]] = {
        "shoeroot": read_with_shoeroot,
        "plain loop": read_with_loop,
    }
    try:
        import esoreader
    except ImportError:
        print("esoreader is not installed: left out")
    else:
        found["esoreader"] = lambda path: esoreader.read_from_path(str(path))
    return found


def time_readers(path: Path) -> dict[str, float]:
    """Least time in seconds of each reader; they take turns, so that noise hits all."""
    best = dict.fromkeys(readers(), float("inf"))
    for _ in range(REPEATS):
        for name, read in readers().items():
            begin = time.perf_counter()
            read(path)
            best[name] = min(best[name], time.perf_counter() - begin)
    return best


def main() -> int:
    engine = find_engine()
    assert engine.weather_folder
    weather = next(engine.weather_folder.glob("*Golden*.epw"))
    print(f"EnergyPlus {engine.label}, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as parent:
        for steps in (2, 4):
            folder = Path(parent) / str(steps)
            result = run_model(engine, make_model(steps), weather, folder, keep=True)
            print(
                f"run, {steps} steps an hour: {result.status}, "
                f"{result.cpu_seconds:.2f} s CPU, {result.wall_seconds:.2f} s wall"
            )
        path = folder / "eplusout.eso"
        data = parse_eso(path.read_bytes())
        print(
            f"{len(data.hourly)} x 8760 hourly and {len(data.monthly)} x 12 monthly values, "
            f"{path.stat().st_size / 1e6:.2f} MB"
        )
        times = time_readers(path)
    for name, seconds in times.items():
        print(f"{name:>12}: {seconds * 1e3:7.1f} ms  {seconds / times['shoeroot']:5.2f} x shoeroot")
    return 0


if __name__ == "__main__":
    sys.exit(main())
