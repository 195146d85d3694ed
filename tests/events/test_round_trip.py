"""What is written is what is read: all kinds of fields, nested, as records and as columns."""

# ruff: noqa: RUF009 (a field's declaration is a call)

from __future__ import annotations

from dataclasses import dataclass

import awkward as ak
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoeroot.events import EventWriter, open_events
from shoeroot.records import (
    RecordType,
    Simulation,
    about,
    columns_from_records,
    records_equal,
)


@dataclass(frozen=True, slots=True)
class Leaf:
    weight: float = about("kg", "weight")
    label: str = about("", "label")
    spots: list[int] = about("", "spots")


@dataclass(frozen=True, slots=True)
class Series:
    values: np.ndarray = about("kWh", "values", dtype="f4", length=3)
    note: str = about("", "note")
    quality: float | None = about("", "quality")


@dataclass(frozen=True, slots=True)
class Branchlet:
    angle: int | None = about("deg", "angle")
    leaves: list[Leaf] = about("", "leaves")
    alive: bool = about("", "whether it is alive")
    series: Series = about("", "series", own_tree=True)


@dataclass(frozen=True, slots=True)
class Trunk:
    height: float = about("m", "height", dtype="f4")
    bark: str | None = about("", "bark")


@dataclass(frozen=True, slots=True)
class Plant:
    name: str = about("", "name")
    alive: bool = about("", "whether it is alive")
    age: int = about("year", "age", dtype="i2")
    trunk: Trunk | None = about("", "trunk")
    rings: np.ndarray | None = about("mm", "rings", dtype="i4", length=2)
    nicknames: tuple[str, ...] = about("", "nicknames")
    grid: list[list[float]] = about("", "grid")
    guesses: list[float | None] = about("", "guesses")
    boughs: tuple[Branchlet, ...] = about("", "boughs")


def plant(name="oak", boughs=(), **given):
    values = {
        "alive": True,
        "age": -3,
        "trunk": None,
        "rings": None,
        "nicknames": (),
        "grid": [],
        "guesses": [],
        **given,
    }
    return Plant(name=name, boughs=tuple(boughs), **values)


def branchlet(angle, leaves):
    number = float(angle or 0)
    series = Series(
        values=np.array([number, 1, 2], dtype="f4"), note=f"n{angle}", quality=angle and number
    )
    return Branchlet(angle=angle, leaves=leaves, alive=angle is None, series=series)


FULL = plant(
    name="Eiche “alt” 🌳",
    boughs=[
        branchlet(4, [Leaf(0.5, "é", [1, 2]), Leaf(float("nan"), "", [])]),
        branchlet(None, []),
    ],
    trunk=Trunk(height=2.5, bark=None),
    rings=np.array([1, -2], dtype="i4"),
    nicknames=("", "big", "x" * 300),
    grid=[[], [1.0, 2.0], [3.0]],
    guesses=[None, 1.0, None],
)


def round_trip(path, events, record_class, **options):
    with EventWriter(path, record_class, **options) as writer:
        writer.write(events)
    with open_events(path, record_class=record_class) as read:
        return read.records()


def assert_same(first, second):
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        assert records_equal(one, other), f"{one}\n{other}"


def test_simulations_come_back_as_they_were(campaign, simulations):
    with open_events(campaign) as events:
        assert_same(events.records(), simulations)
        assert isinstance(events[0], Simulation)


def test_every_kind_of_field_nested(tmp_path):
    plants = [FULL, plant(), plant(name="", boughs=[branchlet(0, [])]), FULL, plant()]

    read = round_trip(tmp_path / "plants", plants, Plant, batch=2)

    assert_same(read, plants)
    assert isinstance(read[0].boughs, tuple)
    assert isinstance(read[0].grid, list)


def test_columns_are_nested_as_the_records(tmp_path):
    with EventWriter(tmp_path, Plant) as writer:
        writer.write([plant(), FULL])
    with open_events(tmp_path) as events:
        assert events.trunk.height.to_list() == [None, 2.5]
        assert events.trunk.bark.to_list() == [None, None]
        assert events.boughs.leaves.label.to_list() == [[], [["é", ""], []]]
        assert events.boughs.leaves.spots.to_list() == [[], [[[1, 2], []], []]]
        assert events.boughs.series.values.to_list() == [[], [[4, 1, 2], [0, 1, 2]]]
        assert events.boughs.series.note.to_list() == [[], ["n4", "nNone"]]
        assert events.counts("boughs").tolist() == [0, 2]
        assert events.counts("boughs.leaves").to_list() == [[], [2, 0]]
        assert events["boughs.angle"].to_list() == [[], [4, None]]
        assert events.age.dtype == np.int16


def test_lists_that_are_empty_in_all_events(tmp_path):
    plants = [plant(name=""), plant(name=""), plant(name="")]

    assert_same(round_trip(tmp_path, plants, Plant, batch=2), plants)


def test_columns_write_the_same_file_as_records(tmp_path, simulations):
    columns = columns_from_records(RecordType.of(Simulation), simulations)
    columns["status"] = np.array([each.status for each in simulations])
    columns["template"] = [each.template for each in simulations]

    with EventWriter(tmp_path, Simulation, batch=10) as writer:
        writer.write(columns)
    with open_events(tmp_path) as events:
        assert_same(events.records(), simulations)


def test_regular_numpy_columns_for_lists_of_equal_length(tmp_path):
    columns = columns_from_records(RecordType.of(Plant), [FULL, FULL, FULL])
    columns["boughs_series_values"] = np.arange(18, dtype="f4").reshape(3, 2, 3)

    with EventWriter(tmp_path, Plant, batch=2) as writer:
        writer.write(columns)
    with open_events(tmp_path) as events:
        assert events.boughs.series.values.to_list() == (columns["boughs_series_values"].tolist())


def test_without_the_class_events_are_made_from_the_schema(tmp_path):
    with EventWriter(tmp_path, Plant) as writer:
        writer.write([FULL])
    with open_events(tmp_path) as events:
        read = events[0]
    assert type(read).__name__ == "Plant"
    assert type(read) is not Plant
    assert read.boughs[0].leaves[0].spots == (1, 2)
    assert records_equal(read, FULL)


texts = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12
) | st.just("long " * 60)
floats = st.floats(width=64)
small = st.integers(-(2**15), 2**15 - 1)
leaves = st.builds(
    Leaf, weight=floats, label=texts, spots=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3)
)
series = st.builds(
    Series,
    values=st.lists(st.floats(width=32), min_size=3, max_size=3).map(
        lambda values: np.array(values, dtype="f4")
    ),
    note=texts,
    quality=st.none() | floats,
)
branchlets = st.builds(
    Branchlet,
    angle=st.none() | st.integers(-(2**31), 2**31),
    leaves=st.lists(leaves, max_size=3),
    alive=st.booleans(),
    series=series,
)
plants = st.builds(
    Plant,
    name=texts,
    alive=st.booleans(),
    age=small,
    trunk=st.none() | st.builds(Trunk, height=st.floats(width=32), bark=st.none() | texts),
    rings=st.none()
    | st.lists(small, min_size=2, max_size=2).map(lambda values: np.array(values, dtype="i4")),
    nicknames=st.lists(texts, max_size=3).map(tuple),
    grid=st.lists(st.lists(floats, max_size=3), max_size=3),
    guesses=st.lists(st.none() | floats, max_size=4),
    boughs=st.lists(branchlets, max_size=3).map(tuple),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(events=st.lists(plants, min_size=1, max_size=7), batch=st.integers(1, 4))
def test_any_values_come_back(events, batch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("any")

    assert_same(round_trip(folder, events, Plant, batch=batch), events)


@settings(max_examples=40, deadline=None)
@given(events=st.lists(plants, min_size=1, max_size=5), keep=st.lists(st.booleans(), min_size=5))
def test_any_selection_comes_back(events, keep, tmp_path_factory):
    folder = tmp_path_factory.mktemp("any")
    mask = np.array(keep[: len(events)])
    with EventWriter(folder, Plant, batch=2) as writer:
        writer.write(events)
    with open_events(folder, record_class=Plant) as read:
        chosen = read.select(mask)
        wanted = [event for event, kept in zip(events, mask, strict=True) if kept]
        assert_same(chosen.records(), wanted)
        assert ak.num(chosen.grid).tolist() == [len(each.grid) for each in wanted]
