"""Events made by hand: every value is 0 or "" unless a test says otherwise."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from shoeroot.events import EventWriter, open_events
from shoeroot.records import Design, EndUse, Message, Simulation, Surface, Zone, ZoneHourly


def _made(record_class, **given):
    values = {}
    for field in dataclasses.fields(record_class):
        about = field.metadata["shoeroot"]
        if about["length"]:
            values[field.name] = np.zeros(about["length"], dtype=about["dtype"] or "f8")
        elif field.type.startswith("list"):
            values[field.name] = []
        else:
            values[field.name] = {"int": 0, "float": 0.0, "str": ""}.get(field.type)
    assert given.keys() <= values.keys()
    return record_class(**(values | given))


class Handmade:
    """Makes records, and writes them so that they can be read as events."""

    def __init__(self, new_folder):
        self._new_folder = new_folder

    def design(self, **given):
        return _made(Design, **({"HeatingCoeffOfPerf": 1.0, "CoolingCoeffOfPerf": 1.0} | given))

    def zone(self, *, hourly=None, **given):
        series = {name: _series(values) for name, values in (hourly or {}).items()}
        return _made(Zone, **given, hourly=_made(ZoneHourly, **series))

    def surface(self, **given):
        return _made(Surface, **given)

    def month(self, month, **given):
        uses = {field.name for field in dataclasses.fields(EndUse)} - {"month", "total"}
        total = sum(value for name, value in given.items() if name in uses)
        return _made(EndUse, **({"month": month, "total": total} | given))

    def message(self, severity, text="", count=1):
        return _made(Message, severity=severity, text=text, count=count)

    def simulation(self, **given):
        return _made(Simulation, **({"status": "ok", "design": self.design()} | given))

    def write(self, simulations, **options):
        folder = self._new_folder()
        numbered = [
            dataclasses.replace(simulation, event_id=number)
            for number, simulation in enumerate(simulations)
        ]
        with EventWriter(folder / "events", Simulation, **options) as writer:
            writer.write(numbered)
        return folder

    def extract(self, treemaker, *simulations, **options):
        """Give what a TreeMaker makes of these events."""
        with open_events(self.write(simulations, **options)) as events:
            return treemaker.extract(events)


def _series(values):
    array = np.zeros(8760, dtype=np.float32)
    array[...] = 0.0
    if isinstance(values, dict):
        for hour, value in values.items():
            array[hour] = value
    else:
        array[...] = values
    return array


@pytest.fixture(scope="session")
def handmade(tmp_path_factory):
    numbers = itertools.count()
    return Handmade(lambda: tmp_path_factory.mktemp(f"handmade{next(numbers)}"))


#: How the events of the fixture `campaign` ended.
GOOD = [0, 1, 3, 5, 6, 7]
FAILED = [2, 4]


@pytest.fixture(scope="session")
def good():
    return GOOD


@pytest.fixture(scope="session")
def failed():
    return FAILED


@pytest.fixture(scope="session")
def records(campaign):
    """The real campaign's events as records."""
    with open_events(campaign.folder) as events:
        return events.records()


@pytest.fixture(scope="session")
def made(campaign, tmp_path_factory):
    """Give the mini-tree of a TreeMaker of the real campaign."""
    from shoeroot.minitrees import load

    folder = tmp_path_factory.mktemp("minitrees")

    def load_one(treemaker):
        return load(campaign.folder, treemaker, minitree_folder=folder)

    return load_one
