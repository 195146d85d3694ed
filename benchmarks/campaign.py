"""What a campaign costs, all in one run: CPU of a simulation, memory of the parent, resuming.

Usage: ``python benchmarks/campaign.py [--rounds N] [--designs N N ...] [--most N]``.

CPU: all ways simulate the same building with the same weather in turn, CPU time of all processes
together; the ratio is the median over the rounds. The peers are a persistent process that calls
the command-line entry of the engine's library and nothing else ("bare loop" of engine.py), a
process of the engine started anew for each run, with the same model and only an ESO to write,
whose results nobody reads, and archetypal's `IDF.simulate`. Memory and resuming:
campaign_scale.py, which says what is not simulated there.

archetypal's own writers do not fit EnergyPlus 25.2, so it gets our model, converted to IDF
by the engine's own tool. It looks for an engine in a folder named like an installation:
`Archetypal` makes one of links, and tells eppy, which looks elsewhere, to take it. Twice:
with the outputs that archetypal asks for by default and two series read from them by
archetypal, which is what its users pay; and with our outputs, which nobody reads. Its
importing (5 s) is not counted.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import warnings
from contextlib import ExitStack, redirect_stderr
from pathlib import Path

import campaign_scale  # a benchmark beside this one, as engine is
import numpy as np

import engine as costs
from shoeroot.campaign.work import simulate
from shoeroot.engine import Engine, PersistentRunner, Run, find_engine

ROUNDS = 7
STEPS = 4
#: What a simulation may cost of each peer's.
TARGETS = {
    "bare loop": 1.10,
    "process, ESO only": 0.80,
    "archetypal, its outputs": 0.55,
}
SERIES = (
    "Zone Ideal Loads Supply Air Total Heating Energy",
    "Zone Ideal Loads Supply Air Total Cooling Energy",
)


class Archetypal:
    """Simulates models as archetypal does: IDF, ExpandObjects, engine."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.folder = folder
        self.home = folder / f"EnergyPlus-{engine.version.replace('.', '-')}"
        shutil.copytree(engine.folder, self.home, copy_function=os.symlink)
        for name in ("ConvertInputFormat", "Energy+.idd"):  # that are looked at where they are
            (self.home / name).unlink()
            shutil.copy(engine.folder / name, self.home)
            (self.home / name).chmod(0o755)
        os.environ["ENERGYPLUS_LOCATION"] = str(self.home)
        os.environ["ENERGYPLUS_VERSION"] = self.home.name.partition("-")[2]
        import archetypal
        import eppy.runner.run_functions

        paths = str(self.home / "energyplus"), str(self.home / "WeatherData")
        eppy.runner.run_functions.install_paths = lambda *_, **__: paths
        from archetypal.reportdata import ReportData

        self.open = archetypal.IDF
        self.read = ReportData.from_sqlite

    def convert(self, run: Run, *, own_outputs: bool) -> Path:
        """Write a model as IDF; without `own_outputs` it asks for what we ask for."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        objects = json.loads(run.model.epjson)
        if own_outputs:
            del objects["OutputControl:Files"]
        (folder / "in.epJSON").write_text(json.dumps(objects))
        for name, content in run.model.files.items():
            (folder / name).write_bytes(content)
        command = [str(self.home / "ConvertInputFormat"), "in.epJSON"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        return folder / "in.idf"

    def simulate(self, idf: Path, weather: Path, *, own_outputs: bool) -> None:
        # It starts two preprocessors that are not there and not needed; their threads fail.
        threading.excepthook = lambda _: None
        with redirect_stderr(io.StringIO()), tempfile.TemporaryDirectory(dir=self.folder) as out:
            model = self.open(
                str(idf),
                epw=str(weather),
                as_version=os.environ["ENERGYPLUS_VERSION"],
                output_directory=out,
                prep_outputs=own_outputs,
                include=[str(path) for path in idf.parent.glob("*.csv")],
                annual=True,
            )
            model.simulate()
            verdict = Path(model.simulation_dir, "eplusout.end").read_text()
            assert "Completed Successfully" in verdict
            if own_outputs:
                for name in SERIES:
                    assert len(self.read(model.sql_file, table_name=(name,))) >= 8760
        threading.excepthook = threading.__excepthook__


def run_process(engine: Engine, folder: Path, weather: Path) -> None:
    """Start the engine for one run, as a script would."""
    command = [str(engine.executable), "-w", str(weather), "-d", str(folder), "in.epJSON"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    assert (folder / "eplusout.eso").stat().st_size


def time_ways(engine: Engine, rounds: int) -> dict[str, list[float]]:
    """Return CPU seconds of each round on each way; all take turns with the same model."""
    seconds: dict[str, list[float]] = {}
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with ExitStack() as stack:
        name = stack.enter_context(tempfile.TemporaryDirectory(dir=parent))
        worker = stack.enter_context(PersistentRunner(engine))
        loop = costs.BareLoop(engine)
        stack.callback(loop.close)
        peer = Archetypal(engine, Path(name))  # before archetypal is imported by others
        setting = costs.Setting(engine, STEPS)
        for round_ in range(rounds + 1):
            place = round_ % costs.MODELS
            run, unit = setting.runs[place], setting.units[place]
            now = {"shoeroot": costs.cost_of(lambda u=unit: simulate(setting.context, u, worker))}
            with costs.filled_folder(run) as folder:
                now["bare loop"] = costs.cost_of(lambda f=folder, r=run: loop.run(f, r.weather))
            if engine.executable:
                with costs.filled_folder(run) as folder:
                    now["process, ESO only"] = costs.cost_of(
                        lambda f=folder, r=run: run_process(engine, f, r.weather)
                    )
            for way, own in (("its", True), ("our", False)):
                idf = peer.convert(run, own_outputs=own)
                now[f"archetypal, {way} outputs"] = costs.cost_of(
                    lambda i=idf, r=run, o=own: peer.simulate(i, r.weather, own_outputs=o)
                )
            if round_:  # in the first, workers read their schema
                for way, cost in now.items():
                    seconds.setdefault(way, []).append(cost)
    return seconds


def print_costs(engine: Engine, rounds: int) -> None:
    """Print what a simulation costs on each way, and how a campaign compares."""
    seconds = time_ways(engine, rounds)
    own = np.array(seconds["shoeroot"])
    print(f"CPU seconds of a simulation, {STEPS} steps an hour, median of {rounds} in turn:")
    for way, values in seconds.items():
        ratio = np.median(own / np.array(values))
        wanted = f", wanted: <= {TARGETS[way]:.2f}" if way in TARGETS else ""
        told = "" if way == "shoeroot" else f"  shoeroot is {ratio:.3f} x this{wanted}"
        print(f"{way:>24}: {np.median(values) * 1e3:7.1f} ms{told}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    campaign_scale.add_options(parser)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    engine = find_engine()
    print(f"EnergyPlus {engine.label}, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    print_costs(engine, given.rounds)
    campaign_scale.measure(given.designs, given.most)
    return 0


if __name__ == "__main__":
    sys.exit(main())
