"""Fixtures that make one small real campaign a test session, for all worker processes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

import shoeroot
from shoeroot.building import TemplateLibrary, read_library, read_weather, shipped_library_path
from shoeroot.campaign import run_campaign, sample_designs
from shoeroot.engine import Engine, find_engine

N_GOOD = 6
#: Refused by our own check, and refused by the engine.
INVALID, FATAL = 2, 4


@pytest.fixture(scope="session")
def engine() -> Engine:
    return find_engine()


@pytest.fixture(scope="session")
def library() -> TemplateLibrary:
    return read_library(shipped_library_path())


@dataclass(frozen=True)
class Made:
    """A finished campaign: where it lies, the designs, how its events ended."""

    folder: Path
    designs: np.ndarray
    statuses: dict[str, int]


@pytest.fixture(scope="session")
def campaign(tmp_path_factory, engine, library) -> Made:
    """Eight designs simulated for real, of which two fail on purpose.

    Design 2 has its heating setpoint above its cooling setpoint, which the check of
    models sees; design 4 has a wall so heavy that the engine cannot solve it.
    """
    shared = tmp_path_factory.getbasetemp().parent
    folder = shared / "campaign"
    done = shared / "campaign.json"
    with FileLock(str(done) + ".lock"):
        if not done.is_file():
            designs = sample_campaign(engine, library)
            ended = run_campaign(designs, folder, engine=engine, library=library)
            done.write_text(json.dumps({"statuses": ended.statuses, "designs": designs.tolist()}))
    made = json.loads(done.read_text())
    return Made(folder, np.array(made["designs"]), made["statuses"])


def sample_campaign(engine: Engine, library: TemplateLibrary) -> np.ndarray:
    schema = shoeroot.Schema()
    weather = [read_weather(path) for path in sorted(engine.weather_folder.glob("*.epw"))]
    designs = sample_designs(8, library=library, weather=weather, seed=3)
    schema.update_storage_batch(designs, index=INVALID, parameter="HeatingSetpoint", value=26)
    schema.update_storage_batch(designs, index=INVALID, parameter="CoolingSetpoint", value=22)
    # Beyond the range of the schema, which would clip it.
    designs[FATAL, schema["FacadeMass"].start_storage] = 6e6
    designs[FATAL, schema["FacadeRValue"].start_storage] = 60
    return designs


@pytest.fixture
def events(campaign):
    with shoeroot.open(campaign.folder) as opened:
        yield opened
