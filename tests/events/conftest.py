import dataclasses
import importlib.util
import json
import subprocess
import sys

import numpy as np
import pytest

from shoeroot.events import EventWriter
from shoeroot.records import (
    Design,
    EndUse,
    Message,
    Simulation,
    Surface,
    Zone,
    ZoneHourly,
)

TEXTS = ("", "ok", "Zoné ✓", "a long text " * 30)


def _random(rng, record_class, **given):
    values = {}
    for field in dataclasses.fields(record_class):
        about = field.metadata["shoeroot"]
        if field.name in given:
            values[field.name] = given[field.name]
        elif about["length"]:
            values[field.name] = rng.normal(size=about["length"]).astype(about["dtype"])
        else:
            values[field.name] = {
                "int": int(rng.integers(0, 8760)),
                "float": float(rng.normal()),
                "str": str(rng.choice(TEXTS)),
            }[field.type]
    return record_class(**values)


def _simulation(number, zones=2, **given):
    """A simulation with random content; without zones it has no results, as a failed one."""
    rng = np.random.default_rng(number)
    return _random(
        rng,
        Simulation,
        **{
            "event_id": 1000 + number,
            "status": "ok" if zones else "fatal",
            "design": _random(rng, Design),
            "zones": [_random(rng, Zone, hourly=_random(rng, ZoneHourly)) for _ in range(zones)],
            "surfaces": [_random(rng, Surface) for _ in range(6 * zones)],
            "end_uses": [_random(rng, EndUse, month=m) for m in range(1, 13)] if zones else [],
            "messages": [_random(rng, Message) for _ in range(int(rng.integers(0, 4)))],
            **given,
        },
    )


@pytest.fixture(scope="session")
def simulation():
    return _simulation


@pytest.fixture(scope="session")
def simulations():
    """Twenty-five simulations, every third one failed and without zones."""
    return [_simulation(number, zones=number % 3) for number in range(25)]


@pytest.fixture(scope="session")
def campaign(tmp_path_factory, simulations):
    """A campaign folder with the simulations in several parts of small batches."""
    folder = tmp_path_factory.mktemp("campaign")
    with EventWriter(
        folder / "events", Simulation, metadata={"site": "Žilina"}, batch=4, max_part_bytes=1.2e6
    ) as writer:
        writer.write(simulations[:7])
        writer.write(simulations[7:])
    assert len(writer.paths) > 2
    return folder


@pytest.fixture(scope="session")
def run_root():
    """Run a script with the real ROOT, in a process of its own; it prints JSON last."""
    if importlib.util.find_spec("ROOT") is None:
        pytest.skip("the real ROOT is not installed (pip install 'shoeroot[root]')")

    def run(script, *arguments):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script, *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "Error" not in done.stderr, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run
