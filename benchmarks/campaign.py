"""The CPU cost of a simulation in a campaign against archetypal's `IDF.simulate`.

Usage: ``python benchmarks/campaign.py [ROUNDS]``. Both simulate the same building with the
same weather in turn; medians count, CPU time of all processes together.

archetypal's own writers do not fit EnergyPlus 25.2, so it gets our model, converted to IDF
by the engine's own tool. It looks for an engine in a folder named like an installation:
`Archetypal` makes one of links, and tells eppy, which looks elsewhere, to take it. Twice:
with the outputs that archetypal asks for by default and two series read from them by
archetypal, which is what its users pay; and with our outputs, which nobody reads. Its
importing (5 s) is not counted.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import warnings
from contextlib import redirect_stderr
from pathlib import Path

import numpy as np

import engine as costs  # the benchmark beside this one
from shoeroot.campaign.work import simulate
from shoeroot.engine import Engine, PersistentRunner, Run, find_engine

ROUNDS = 7
STEPS = 4
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


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    warnings.simplefilter("ignore")
    engine = find_engine()
    seconds: dict[str, list[float]] = {}
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with (
        tempfile.TemporaryDirectory(dir=parent) as name,
        PersistentRunner(engine) as worker,
    ):
        peer = Archetypal(engine, Path(name))  # before archetypal is imported by others
        setting = costs.Setting(engine, STEPS)
        ways = {"archetypal, its outputs": True, "archetypal, our outputs": False}
        for round_ in range(rounds + 1):
            place = round_ % costs.MODELS
            run, unit = setting.runs[place], setting.units[place]
            now = {"shoeroot": costs.cost_of(lambda u=unit: simulate(setting.context, u, worker))}
            for way, own in ways.items():
                idf = peer.convert(run, own_outputs=own)
                now[way] = costs.cost_of(
                    lambda i=idf, r=run, o=own: peer.simulate(i, r.weather, own_outputs=o)
                )
            if round_:
                for way, cost in now.items():
                    seconds.setdefault(way, []).append(cost)
    print(f"CPU seconds of a simulation, {STEPS} steps an hour, median of {rounds} in turn:")
    for way, values in seconds.items():
        ratio = np.median(np.array(seconds["shoeroot"]) / np.array(values))
        print(f"{way:>24}: {np.median(values) * 1e3:7.1f} ms  shoeroot is {ratio:.3f} x this")
    return 0


if __name__ == "__main__":
    sys.exit(main())
