"""Units and descriptions are the branches' titles, and change nothing else."""

# ruff: noqa: RUF009 (a field's declaration is a call)

from dataclasses import dataclass

import numpy as np
import uproot

from shoeroot.events import EventWriter, Layout
from shoeroot.events.titles import branch_titles, set_titles
from shoeroot.records import RecordType, Simulation, about
from shoeroot.testing import assert_same_records


@dataclass(frozen=True, slots=True)
class Series:
    values: np.ndarray = about("kWh", "values, or x/D:y[3]", dtype="f4", length=3)


@dataclass(frozen=True, slots=True)
class Room:
    area: float = about("m2", "Fläche/I")
    tags: list[str] = about("", "tags")
    height: float | None = about("m", "height")
    series: Series = about("", "series", own_tree=True)


@dataclass(frozen=True, slots=True)
class House:
    name: str = about("", "name")
    rooms: list[Room] = about("", "rooms of the house")


def test_titles_of_a_file(tmp_path):
    houses = [
        House("é", [Room(k, ["a"] * k, k or None, Series(np.zeros(3, "f4"))) for k in range(count)])
        for count in range(5)
    ]
    with EventWriter(tmp_path, House, batch=2) as writer:
        writer.write(houses)

    with uproot.open(writer.paths[0]) as file:
        titles = {branch.name: branch.title for branch in file["events"].branches}
        own = {branch.name: branch.title for branch in file["rooms_series"].branches}

    assert titles == {
        "name": "name",
        "rooms_n": "number of elements: rooms of the house",
        "nrooms_area": "number of values in rooms_area",
        "rooms_area": "Fläche/I [m2]",
        "nrooms_tags_n": "number of values in rooms_tags_n",
        "rooms_tags_n": "number of elements: tags",
        "nrooms_tags_len": "number of values in rooms_tags_len",
        "rooms_tags_len": "bytes of: tags",
        "nrooms_tags_chars": "number of values in rooms_tags_chars",
        "rooms_tags_chars": "UTF-8 letters of: tags",
        "nrooms_height_valid": "number of values in rooms_height_valid",
        "rooms_height_valid": "whether there is a value: height",
        "nrooms_height": "number of values in rooms_height",
        "rooms_height": "height [m]",
    }
    assert own == {
        "event_id": "number of the event",
        "index": "place in its list",
        "values": "values, or x/D:y[3] [kWh]",
    }


def test_every_branch_has_a_title():
    layout = Layout.of(RecordType.of(Simulation))
    for tree in layout.trees.values():
        titles = branch_titles(layout.record_type, tree)
        names = {*tree.types(), *(branch.counter for branch in tree.branches if branch.counter)}
        assert set(titles) == names
        assert all(titles.values())


def test_an_uproot_that_keeps_its_header_elsewhere_is_left_alone():
    layout = Layout.of(RecordType.of(House))
    for stranger in (object(), type("Tree", (), {"_cascading": object()})()):
        set_titles(stranger, layout.record_type, layout.trees["events"])


def test_records_of_titled_files_are_the_same(tmp_path, simulations):
    from shoeroot.events import open_events

    with EventWriter(tmp_path, Simulation, batch=10) as writer:
        writer.write(simulations)
    with open_events(tmp_path) as events:
        assert_same_records(events.records(), simulations)
