"""Mini-trees made while events arrive: the same as made afterwards."""

from __future__ import annotations

import time

import numpy as np
import pytest

import shoeroot
from shoeroot.errors import EventFileError
from shoeroot.events import EventWriter
from shoeroot.minitrees import IncrementalMaker, TreeMaker, TreeMakerWarning, minitree_frame
from shoeroot.minitrees.example import example_record
from shoeroot.records import Simulation


def records(count, seed=0):
    random = np.random.default_rng(seed)
    return [example_record(Simulation, number, random) for number in range(count)]


class Half(TreeMaker):
    """Half of what Basics has."""

    __version__ = "1"
    depends_on = ("Basics",)
    columns = {"half_area": ("m2", "Half of the floor area")}
    seen: list[int] = []

    def extract(self, events):
        self.seen.append(len(events))
        return {"half_area": events.minitrees["Basics"].floor_area / 2}


@pytest.fixture(autouse=True)
def forget():
    Half.seen.clear()


def test_events_are_worked_on_as_they_come_and_the_rest_at_the_end(tmp_path):
    dataset = tmp_path / "batch"
    maker = IncrementalMaker(dataset, [Half])
    assert maker.update() == 0

    with EventWriter(dataset / "events", Simulation, batch=4) as writer:
        for start in (0, 8):
            writer.write(records(16)[start : start + 8])
            for _ in range(100):  # the writer's thread may need a moment
                if maker.update():
                    break
                time.sleep(0.05)
        along = maker.events_done
    made = maker.finish()
    seen = list(Half.seen)

    assert along > 0
    assert sum(seen) == 16
    assert list(made) == ["Basics", "Half"]
    folder = dataset / "minitrees"
    for name, treemaker in (("Basics", "Basics"), ("Half", Half)):
        again = minitree_frame(dataset, treemaker, folders=[folder], remake="never")
        afresh = minitree_frame(dataset, treemaker, folders=[tmp_path / "afresh"])
        assert list(again.columns) == list(made[name].columns) == list(afresh.columns)
        for column, values in afresh.columns.items():
            np.testing.assert_array_equal(again.columns[column], values)
            np.testing.assert_array_equal(made[name].columns[column], values)
        assert again.lineage == afresh.lineage


def test_other_events_under_the_same_name_are_not_taken_for_those_that_were_seen(tmp_path):
    dataset = tmp_path / "batch"
    with EventWriter(dataset / "events", Simulation) as writer:
        writer.write(records(8))
    maker = IncrementalMaker(dataset, [Half])
    maker.update()
    for path in (dataset / "events").iterdir():
        path.unlink()
    with EventWriter(dataset / "events", Simulation) as writer:
        writer.write(records(8, seed=5))

    made = maker.finish()

    with shoeroot.open(dataset) as events:
        np.testing.assert_array_equal(made["Half"].columns["half_area"], events.floor_area / 2)


def test_a_treemaker_that_fails_stops_neither_the_others_nor_the_campaign(tmp_path):
    class Failing(TreeMaker):
        def extract(self, events):
            raise KeyError("nothing")

    class OnFailing(TreeMaker):
        depends_on = (Failing,)

        def extract(self, events):
            return {}

    dataset = tmp_path / "batch"
    with EventWriter(dataset / "events", Simulation) as writer:
        writer.write(records(4))
    maker = IncrementalMaker(dataset, [Half, OnFailing])

    with pytest.warns(TreeMakerWarning, match="Failing is not made along"):
        maker.update()
    made = maker.finish()

    assert list(made) == ["Basics", "Half"]
    assert set(maker.failures) == {"Failing", "OnFailing"}
    assert "event 0" in str(maker.failures["Failing"])


def test_a_campaign_without_events_is_an_error_at_the_end(tmp_path):
    maker = IncrementalMaker(tmp_path / "nowhere", ["Basics"])

    assert maker.update() == 0
    with pytest.raises(EventFileError):
        maker.finish()
