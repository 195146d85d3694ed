"""Damaged in any way, a file gives an error of ours or the right numbers, or `verify` sees it.

``SHOEROOT_FUZZ=5000 pytest tests/events/test_fuzz.py`` tries that many cases more.
"""

# ruff: noqa: RUF009 (a field's declaration is a call)

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import uproot

from shoeroot.errors import EventFileError
from shoeroot.events import EventWriter, open_events, verify
from shoeroot.records import about

CASES = 250
SCRIPT = Path(__file__).with_name("fuzz.py")


@dataclass(frozen=True, slots=True)
class Hourly:
    load: np.ndarray = about("kW", "load", dtype="f4", length=24)


@dataclass(frozen=True, slots=True)
class Part:
    name: str = about("", "name")
    area: float = about("m2", "area")
    monthly: np.ndarray = about("kWh", "by month", length=3)
    hourly: Hourly = about("", "by hour", own_tree=True)


@dataclass(frozen=True, slots=True)
class Whole:
    event_id: int = about("", "number")
    status: str = about("", "how it ended")
    factor: float | None = about("", "perhaps a number")
    parts: list[Part] = about("", "parts")


def make(number):
    rng = np.random.default_rng(number)
    return Whole(
        event_id=number,
        status="ok" * number,
        factor=None if number % 2 else number / 3,
        parts=[
            Part(
                name=f"part {index}",
                area=float(rng.normal()),
                monthly=rng.normal(size=3),
                hourly=Hourly(load=rng.integers(0, 5, size=24).astype("f4")),
            )
            for index in range(number)
        ],
    )


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    path = tmp_path_factory.mktemp("fuzz") / "small.root"
    with EventWriter(path, Whole, batch=2, expected_events=4) as writer:
        writer.write([make(number) for number in range(5)])
    return path


def fuzz(path, seed, count):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(SCRIPT), str(path), str(seed), str(count)],
        capture_output=True,
        text=True,
        timeout=60 + count,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    shown = "\n\n".join(": ".join(map(str, failure)) for failure in found["failures"][:5])
    assert not found["failures"], f"{len(found['failures'])} failures\n{shown}"
    return found["outcomes"]


def test_damaged_files(small):
    outcomes = fuzz(small, 0, CASES)
    assert {"refused", "right"} <= set(outcomes)


@pytest.mark.skipif("SHOEROOT_FUZZ" not in os.environ, reason="a long run: set SHOEROOT_FUZZ")
def test_many_damaged_files(small):
    print(fuzz(small, 1_000_000, int(os.environ["SHOEROOT_FUZZ"])))


def refused(path):
    with pytest.raises(EventFileError) as caught:
        open_events(path)
    assert path.name in str(caught.value)
    assert not verify(path).ok


def test_files_of_uproot_with_something_else(tmp_path):
    path = tmp_path / "other.root"
    with uproot.recreate(path) as file:
        file["events"] = np.histogram(np.arange(9))
        file["meta/format"] = "shoeroot events 1"
    refused(path)
    with uproot.recreate(path) as file:
        file["events"] = {"x": np.arange(9)}
        file["meta"] = "no folder"
    refused(path)


OTHER = """
import json, sys
import ROOT
file = ROOT.TFile(sys.argv[1], "RECREATE")
folder = file.mkdir("meta")
folder.cd()
ROOT.TNamed("format", "shoeroot events 1").Write()
file.cd()
ROOT.TNtuple("events", "no events of ours", "x:y").Write()
file.Close()
print(json.dumps(True))
"""


def test_files_of_root_with_something_else(run_root, tmp_path):
    path = tmp_path / "other.root"
    run_root(OTHER, path)
    refused(path)
