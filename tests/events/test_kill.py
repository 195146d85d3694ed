"""A writer killed at any moment never loses a batch that it said was committed."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import textwrap

import numpy as np

from shoeroot.errors import EventFileError
from shoeroot.events import open_events
from shoeroot.events.salvage import salvage

KILLS = 50
BATCH = 4

# One process imports everything and forks the writers, which are killed one after the other.
WRITERS = textwrap.dedent(
    """
    # ruff: noqa
    import json, os, random, select, signal, sys, time
    from dataclasses import dataclass
    import numpy as np
    from shoeroot.events import EventWriter
    from shoeroot.records import about

    @dataclass(frozen=True, slots=True)
    class Series:
        power: np.ndarray = about("kW", "power", dtype="f4", length=200)

    @dataclass(frozen=True, slots=True)
    class Zone:
        name: str = about("", "name")
        hourly: Series = about("", "series in a tree of their own", own_tree=True)

    @dataclass(frozen=True, slots=True)
    class Run:
        number: int = about("", "number")
        note: str = about("", "note")
        values: list[float] = about("", "values")
        series: list[Series] = about("", "series")
        zones: list[Zone] = about("", "zones")

    def run(number):
        rng = np.random.default_rng(number)
        def series():
            return Series(rng.normal(size=200).astype("f4"))
        return Run(number, f"run {number}", rng.normal(size=number % 5).tolist(),
                   [series() for _ in range(number % 3)],
                   [Zone("é" * number, series()) for _ in range(number % 2)])

    def write(folder, pipe, batch):
        writer = EventWriter(folder, Run, batch=batch, expected_events=20, max_part_bytes=3e5)
        number = 0
        while True:
            writer.write([run(number)])
            number += 1
            if number % batch == 0:
                os.write(pipe, writer.committed.to_bytes(4, "little"))

    def kill_one(folder, batch, wait):
        read, pipe = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            try:
                write(folder, pipe, batch)
            finally:
                os._exit(1)
        os.close(pipe)
        said = os.read(read, 4)
        time.sleep(wait)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        while more := os.read(read, 4096):
            said += more
        os.close(read)
        return int.from_bytes(said[-4:], "little")

    root, kills, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    rng = random.Random(7)
    print(json.dumps([
        kill_one(os.path.join(root, str(number)), batch, rng.uniform(0, 0.06))
        for number in range(kills)
    ]))
    """
)


def test_no_committed_event_is_lost(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WRITERS, tmp_path, str(KILLS), str(BATCH)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    for number, committed in enumerate(json.loads(done.stdout)):
        folder = tmp_path / str(number)
        for part in folder.glob("*.part"):
            with contextlib.suppress(EventFileError):  # killed before the first commit of a part
                salvage(part)
        with open_events(folder) as events:
            assert committed <= len(events) <= committed + 2 * BATCH
            assert_as_written(events)


def assert_as_written(events):
    numbers = events.number.tolist()
    assert numbers == list(range(len(numbers)))
    assert events.note.to_list() == [f"run {number}" for number in numbers]
    values, series, hours = (
        column.to_list()
        for column in (events["values"], events.series.power, events.zones.hourly.power)
    )
    for number in numbers:
        rng = np.random.default_rng(number)
        assert values[number] == rng.normal(size=number % 5).tolist()
        wanted = [
            rng.normal(size=200).astype("f4").tolist() for _ in range(number % 3 + number % 2)
        ]
        assert series[number] + hours[number] == wanted
