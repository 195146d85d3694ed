"""The memory and time of the process that runs a campaign, as the campaign grows.

Usage: ``python benchmarks/campaign_scale.py [--designs N N ...] [--most N]``, by default campaigns
of 1000 and of 100000 designs. With `--most` only so many of them are run before the campaign is
stopped and resumed, for a quick look; the journal has a row for each all the same.

NOTHING IS SIMULATED AT THIS SCALE: the workers hand back copies of results that were simulated
before, under the numbers of the designs. All else is a campaign as it is: each design is read,
its model built and looked up, its event written, the journal kept. Each campaign runs in a
process of its own, all but its last design. Then another process goes on with it for one design,
which gives the time to resume: from the call to the design that a worker gets.

100,000 designs take some 10 minutes of a processor and 4 GB of disk.
"""

from __future__ import annotations

import argparse
import copy
import json
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shoeroot.campaign import (
    SamplingPlan,
    SimulationContext,
    UnitResult,
    WorkUnit,
    resume_campaign,
    sample_campaign,
    simulate,
)
from shoeroot.campaign.journal import Journal
from shoeroot.campaign.lock import locked
from shoeroot.campaign.reconcile import recover_campaign
from shoeroot.engine import PersistentRunner, find_engine

SIZES = (1_000, 100_000)
STORED = 3
SAID = f"nothing is simulated at this scale, the workers replay {STORED} stored results"


@dataclass
class Cost:
    """Seconds of processor and of the clock."""

    cpu: float = 0.0
    wall: float = 0.0

    @classmethod
    def now(cls) -> Cost:
        return cls(time.process_time(), time.perf_counter())

    def since(self, begin: Cost) -> Cost:
        return Cost(self.cpu - begin.cpu, self.wall - begin.wall)


class ReplayingExecutor:
    """Gives each design a copy of a result that is there; the first designs make them."""

    slots = 8
    unit_seconds = 0.0

    def __init__(self) -> None:
        self.units: deque[WorkUnit] = deque()
        self.stored: list[Any] = []
        self.first_submit = Cost()

    def start(self, context: SimulationContext) -> None:
        self.context = context

    def submit(self, unit: WorkUnit) -> None:
        if not self.first_submit.wall:
            self.first_submit = Cost.now()
        self.units.append(unit)

    def collect(self, timeout: float) -> list[UnitResult]:
        ended = []
        while self.units:
            unit = self.units.popleft()
            if len(self.stored) < STORED:
                self._store(unit)
            ended.append(UnitResult(unit.unit_id, self._replay(unit), unit.numbers * 0.0 + 1.0))
        return ended

    def _store(self, unit: WorkUnit) -> None:
        with PersistentRunner(find_engine()) as runner:
            self.stored.extend(simulate(self.context, unit, runner).events)

    def _replay(self, unit: WorkUnit) -> list[Any]:
        return [
            replace(copy.deepcopy(self.stored[number % len(self.stored)]), event_id=number)
            for number in unit.numbers.tolist()
        ]

    def stop(self) -> None:
        self.units.clear()


def peak_memory() -> float:
    """Return the most memory that this process had at once [MB]; getrusage has its parent's."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return float(line.split()[1]) / 1e3


def run(folder: Path, most: int) -> dict[str, float]:
    """Run `most` designs of a campaign, in this process."""
    begin = Cost.now()
    executor = ReplayingExecutor()
    ended = resume_campaign(folder, executor=executor, limit=most, show_progress=False)
    assert sum(ended.statuses.values()) == most, ended
    assert set(ended.statuses) == {"ok"}, ended
    work = Cost.now().since(executor.first_submit)
    ready = executor.first_submit.since(begin)
    return {"work_cpu": work.cpu, "ready_cpu": ready.cpu, "peak": peak_memory()}


def resume(folder: Path) -> dict[str, float]:
    """Go on for one design with a campaign that was stopped, in this process."""
    begin = Cost.now()
    with locked(folder), Journal.create(folder) as rows:
        recover_campaign(folder, rows)
        rows.waiting()
    journal = Cost.now().since(begin)
    begin = Cost.now()
    executor = ReplayingExecutor()
    resume_campaign(folder, executor=executor, limit=1, show_progress=False)
    first = executor.first_submit.since(begin)
    return {
        "journal": journal.wall,
        "journal_cpu": journal.cpu,
        "first": first.wall,
        "first_cpu": first.cpu,
    }


def in_a_process(verb: str, folder: Path, most: int) -> dict[str, float]:
    command = [sys.executable, "-W", "ignore", __file__, verb, str(folder), str(most)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, float] = json.loads(told.splitlines()[-1])
    return found


def measure(sizes: Sequence[int] = SIZES, most: int | None = None) -> None:
    """Print memory, CPU and the time to resume of campaigns of these sizes."""
    print(f"The process that runs a campaign; {SAID}:")
    peaks = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "campaign"
            plan = SamplingPlan("uniform", designs=size, seed=5)
            sample_campaign(folder, plan, inspect=False, show_progress=False)
            number = min(size - 1, most or size)
            ran = in_a_process("run", folder, number)
            again = in_a_process("resume", folder, 1)
        peaks.append(ran["peak"])
        print(
            f"{size:>10,} designs, {number:,} of them run: peak memory {ran['peak']:.0f} MB, "
            f"{ran['ready_cpu']:.1f} s CPU to begin, {ran['work_cpu'] / number * 1e3:.1f} ms CPU "
            f"a design"
        )
        print(
            f"{'':>10} to resume: journal and events {again['journal']:.2f} s "
            f"({again['journal_cpu']:.2f} s CPU), with settings, templates and designs "
            f"{again['first']:.2f} s ({again['first_cpu']:.2f} s CPU)",
            flush=True,
        )
    print(f"{'':>10} peak memory of the last over the first: {peaks[-1] / peaks[0]:.3f}")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `measure`."""
    parser.add_argument("--designs", type=int, nargs="+", default=SIZES)
    parser.add_argument("--most", type=int)


def main() -> int:
    if sys.argv[1:2] == ["run"]:
        print(json.dumps(run(Path(sys.argv[2]), int(sys.argv[3]))))
    elif sys.argv[1:2] == ["resume"]:
        print(json.dumps(resume(Path(sys.argv[2]))))
    else:
        parser = argparse.ArgumentParser(description=__doc__)
        add_options(parser)
        given = parser.parse_args()
        measure(given.designs, given.most)
    return 0


if __name__ == "__main__":
    sys.exit(main())
