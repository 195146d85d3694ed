"""The CPU cost of a run on every way to make it, and the time to read an ESO file.

Usage: ``python benchmarks/engine.py [ROUNDS]``.

Runs: the same shoebox models, drawn at random, on all ways in turn, and the median over
the rounds counts. It has all CPU time of the way: of this process, of a worker, of the
processes that it started. The peer, "bare loop", is a persistent process of a few lines
that calls the command-line entry of the library and does nothing else: it prepares no
folder and reads no result, which are made and thrown away outside of what is measured.
"simulate" is what a campaign does: from the design to the event.

Readers: one run of the tests' two-zone model with four hourly and three monthly variables
a zone; then all readers read the same file in turn, and the least of several times counts.
The peer is the package esoreader, which archetypal uses; `pip install esoreader` if it is
missing.
"""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType

import numpy as np
import psutil

from shoeroot.building import build_model, read_shipped_library
from shoeroot.campaign import sample_designs
from shoeroot.campaign.config import CampaignConfig
from shoeroot.campaign.prepare import default_weather, prepare, read_catalogue
from shoeroot.campaign.work import SimulationContext, WorkUnit, simulate
from shoeroot.design import Schema
from shoeroot.engine import (
    Engine,
    EngineModel,
    PersistentRunner,
    Run,
    SubprocessRunner,
    find_engine,
    parse_eso,
    run_model,
)

ROUNDS = 15
MODELS = 5
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


#: The peer: it reads a folder and a weather file a line, and runs what is there.
BARE_LOOP = """
import ctypes, os, struct, sys
library = ctypes.CDLL(sys.argv[1], mode=os.RTLD_NOW | os.RTLD_DEEPBIND)
entry = library["_Z13EnergyPlusPgmRKSt6vectorINSt7__cxx1112basic_stringIcSt11char_traitsIcE"
                "SaIcEEESaIS5_EERKS5_"]
def text(characters):
    memory = ctypes.create_string_buffer(characters)
    return memory, struct.pack("QQQQ", ctypes.addressof(memory), len(characters),
                               len(characters), 0)
answers = os.fdopen(os.dup(1), "w")
silence = os.open(os.devnull, os.O_WRONLY)
os.dup2(silence, 1), os.dup2(silence, 2)
for line in sys.stdin:
    folder, weather = line.rstrip().split("|")
    os.chdir(folder)
    words = ["energyplus", "-w", weather, "-d", folder, folder + "/in.epJSON"]
    kept, packed = zip(*(text(word.encode()) for word in words))
    array = ctypes.create_string_buffer(b"".join(packed))
    begin = ctypes.addressof(array)
    vector = ctypes.create_string_buffer(
        struct.pack("QQQ", begin, begin + 32 * len(words), begin + 32 * len(words)))
    empty, empty_string = text(b"")
    nowhere = ctypes.create_string_buffer(empty_string)
    entry(ctypes.c_void_p(ctypes.addressof(vector)), ctypes.c_void_p(ctypes.addressof(nowhere)))
    answers.write("done\\n"); answers.flush()
"""
TUNABLES = "glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=8589934592"


class Setting:
    """Models of random designs, as runs and as units of work of a campaign."""

    def __init__(self, engine: Engine, steps: int) -> None:
        schema = Schema()
        library = read_shipped_library()
        weather = read_catalogue(None, engine)
        designs = sample_designs(MODELS, library=library, weather=weather, seed=5)
        settings = {"weather": list(default_weather(engine)), "timesteps_per_hour": steps}
        config = CampaignConfig.from_values(settings, where="benchmark")
        ready = prepare(schema, designs, config, engine=engine, library=library)
        self.context: SimulationContext = ready.context(schema, config)
        self.runs, self.units = [], []
        for number, vector in enumerate(designs):
            weather_file = self.context.weather_of(vector)
            template = self.context.template_of(vector)
            model = build_model(schema, vector, template, weather_file, timesteps_per_hour=steps)
            self.runs.append(Run(EngineModel(model.text, model.files), weather_file.path))
            one = slice(number, number + 1)
            self.units.append(
                WorkUnit(number, np.arange(MODELS)[one], designs[one], np.array([steps]))
            )


class BareLoop:
    """A persistent process that does nothing but to call the engine's library."""

    def __init__(self, engine: Engine) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", BARE_LOOP, str(engine.library)],
            env={**os.environ, "GLIBC_TUNABLES": TUNABLES, "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, folder: Path, weather: Path) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{folder}|{weather}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"
        assert "Successfully" in (folder / "eplusout.end").read_text()

    def close(self) -> None:
        self.process.communicate()


@contextmanager
def filled_folder(run: Run) -> Iterator[Path]:
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=parent) as name:
        folder = Path(name)
        (folder / "in.epJSON").write_bytes(run.model.epjson)
        for file, content in run.model.files.items():
            (folder / file).write_bytes(content)
        yield folder


def process_cpu(identifier: int) -> float:
    """CPU seconds of a running process, to the nanosecond: clock_getcpuclockid(3)."""
    return time.clock_gettime((~identifier << 3) | 2)


def all_cpu() -> float:
    """CPU seconds of this process, its running children and those it has waited for."""
    gone = resource.getrusage(resource.RUSAGE_CHILDREN)
    alive = [os.getpid(), *(child.pid for child in psutil.Process().children())]
    return gone.ru_utime + gone.ru_stime + sum(process_cpu(one) for one in alive)


def cost_of(call: Callable[[], object]) -> float:
    before = all_cpu()
    call()
    return all_cpu() - before


def time_ways(engine: Engine, steps: int, rounds: int) -> dict[str, list[float]]:
    """CPU seconds of each run on each way; all ways take turns with the same model."""
    setting = Setting(engine, steps)
    costs: dict[str, list[float]] = {}
    with ExitStack() as stack:
        loop = BareLoop(engine)
        stack.callback(loop.close)
        worker = stack.enter_context(PersistentRunner(engine))
        process = SubprocessRunner(engine)
        seen: dict[str, float] = {}

        def engine_only(run: Run) -> None:
            seen["engine"] = worker.run(run).cpu_seconds

        def whole(unit: WorkUnit) -> None:
            (event,) = simulate(setting.context, unit, worker).events
            assert event.status == "ok"
            seen["engine"] = event.cpu_seconds

        for round_ in range(rounds + 1):
            place = round_ % MODELS
            run, unit = setting.runs[place], setting.units[place]
            with filled_folder(run) as folder:
                now = {"bare loop": cost_of(lambda f=folder, r=run: loop.run(f, r.weather))}
            now["worker"] = cost_of(lambda r=run: engine_only(r))
            now["simulate"] = cost_of(lambda u=unit: whole(u))
            now["Python side of simulate"] = now["simulate"] - seen["engine"]
            now["process"] = cost_of(lambda r=run: process.run(r))
            if round_:  # in the first, workers read their schema
                for way, seconds in now.items():
                    costs.setdefault(way, []).append(seconds)
    return costs


def print_costs(engine: Engine, rounds: int) -> None:
    for steps in (2, 4):
        costs = time_ways(engine, steps, rounds)
        print(f"CPU seconds of a run, {steps} steps an hour, median of {rounds} in turn:")
        for way, seconds in costs.items():
            ratios = " ".join(
                f"{np.median(np.array(seconds) / np.array(costs[peer])):6.3f} x {peer}"
                for peer in ("bare loop", "process")
            )
            print(f"{way:>24}: {np.median(seconds) * 1e3:7.1f} ms  {ratios}")


def main() -> int:
    engine = find_engine()
    assert engine.weather_folder
    weather = next(engine.weather_folder.glob("*Golden*.epw"))
    print(f"EnergyPlus {engine.label}, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    warnings.simplefilter("ignore")  # archetypal's
    print_costs(engine, int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
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
