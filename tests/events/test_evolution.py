"""Files written with an older record class are read as records of the newer one."""

# ruff: noqa: RUF009 (a field's declaration is a call)

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoeroot.errors import EventFileError
from shoeroot.events import EventWriter, open_events
from shoeroot.records import (
    RecordType,
    Simulation,
    about,
    class_from_type,
    compute,
    converter,
    drop,
    fill,
    rename,
)
from shoeroot.testing import assert_same_records, record_types_with_records


@dataclass(frozen=True, slots=True)
class Series:
    heat: np.ndarray = about("kWh", "heat", dtype="f4", length=3)


@dataclass(frozen=True, slots=True)
class Room:
    area: float = about("m2", "area")
    tags: list[str] = about("", "tags")
    series: Series = about("", "series", own_tree=True)


@dataclass(frozen=True, slots=True)
class House:
    event_id: int = about("", "number")
    name: str = about("", "name")
    girth: float | None = about("m", "girth")
    rooms: list[Room] = about("", "rooms")


def house(number):
    rooms = [
        Room(number + k, ["a", ""][: k + 1], Series(np.array([k, number, 1], dtype="f4")))
        for k in range(number % 3)
    ]
    return House(number, "é" * number, number / 2 if number % 2 else None, rooms)


HOUSES = [house(number) for number in range(7)]


def make(name, changed, base=House, leave=()):
    """A later version of a class: `changed` fields over those of `base`, without `leave`."""
    kept = [
        (
            field.name,
            field.type if not isinstance(field.type, str) else TYPES[field.type],
            about_of(field),
        )
        for field in dataclasses.fields(base)
        if field.name not in changed and field.name not in leave
    ]
    new = [(field, kind, declared) for field, (kind, declared) in changed.items()]
    return dataclasses.make_dataclass(name, [*kept, *new], frozen=True, kw_only=True)


TYPES = {
    "int": int,
    "str": str,
    "float": float,
    "float | None": float | None,
    "list[str]": list[str],
    "list[Room]": list[Room],
    "Series": Series,
    "np.ndarray": np.ndarray,
}


def about_of(field):
    return about(**field.metadata["shoeroot"])


@pytest.fixture(scope="module")
def old_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("old")
    with EventWriter(folder, House, batch=2, max_part_bytes=1.0) as writer:
        writer.write(HOUSES)
    assert len(writer.paths) > 2
    return folder


def read(folder, record_class):
    with open_events(folder, record_class=record_class) as events:
        return events.records()


Attic = dataclasses.make_dataclass(
    "Attic",
    [("height", float, about("m", "height")), ("names", list[str], about("", "names"))],
    frozen=True,
)
Room2 = make(
    "Room",
    {
        "windows": (int, about("", "windows", default=2)),
        "note": (str, about("", "note", default="ü")),
        "u_values": (list[float], about("W/(m2 K)", "u", default=[0.5, 1.5])),
    },
    Room,
)
House2 = make(
    "House",
    {
        "rooms": (list[Room2], about("", "rooms, described anew")),
        "storeys": (int, about("", "storeys", dtype="i2", default=1)),
        "year": (int | None, about("year", "year", default=None)),
        "rings": (np.ndarray, about("mm", "rings", length=2, default=np.array([1.0, np.nan]))),
        "attic": (Attic, about("", "attic", default=Attic(2.5, ["x", ""]))),
    },
)


def test_added_fields_have_their_default(old_files):
    with open_events(old_files, record_class=House2) as events:
        assert events.storeys.dtype == np.int16
        assert events.storeys.tolist() == [1] * len(HOUSES)
        assert events.rooms.windows.to_list() == [[2] * len(each.rooms) for each in HOUSES]
        assert events.rooms.u_values.to_list() == [[[0.5, 1.5]] * len(h.rooms) for h in HOUSES]
        assert events.attic.names.to_list() == [["x", ""]] * len(HOUSES)
        found = events[5]
        chosen = events.select(events.storeys == 1)[1:].records()

    assert type(found) is House2
    assert (found.name, found.year, found.storeys) == ("é" * 5, None, 1)
    assert found.rooms[1].note == "ü"
    assert found.rooms[1].series.heat.tolist() == [1, 5, 1]
    assert found.attic == Attic(2.5, ["x", ""])
    assert len(chosen) == len(HOUSES) - 1
    assert_same_records(chosen[4:5], [found])


def test_new_records_do_not_share_a_default():
    one, other = (
        House2(event_id=1, name="", girth=None, rooms=[], attic=Attic(1.0, [])) for _ in range(2)
    )
    assert one.rings is not other.rings


def test_parts_of_old_and_new_records_together(old_files, tmp_path):
    for path in old_files.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    new = read(old_files, House2)[:3]
    new = [dataclasses.replace(each, storeys=9) for each in new]
    with EventWriter(tmp_path, House2) as writer:
        writer.write(new)

    with open_events(tmp_path, record_class=House2) as events:
        assert events.storeys.tolist() == [1] * len(HOUSES) + [9] * 3
        assert_same_records(events.records()[-3:], new)
        rows = np.concatenate([rows.arrays["heat"] for rows in events.rows("rooms.series")])
        assert len(rows) == sum(len(each.rooms) for each in events)
    with pytest.raises(EventFileError, match="another schema"):
        open_events(tmp_path)


FIELD = about("", "a field")


@pytest.mark.parametrize(
    ("changed", "leave", "message", "where", "hint"),
    [
        ({}, ("girth",), "'girth' .* was removed or renamed", "House.girth", "drop()"),
        (
            {"width": (float | None, FIELD)},
            ("girth",),
            "'width' was added",
            "House.width",
            "rename",
        ),
        ({"age": (int, FIELD)}, (), "'age' was added", "House.age", "default="),
        (
            {"name": (int, FIELD)},
            (),
            "type .*'name' was text and is int64",
            "House.name",
            "compute",
        ),
        ({"girth": (float, about("m", "g"))}, (), "type", "House.girth", "compute"),
        ({"girth": (float | None, about("mm", "g"))}, (), "unit", "House.girth", "compute"),
        ({"girth": (float | None, about("m", "g", dtype="f4"))}, (), "type", "girth", "compute"),
        ({"event_id": (list[int], FIELD)}, (), "type", "event_id", "compute"),
    ],
)
def test_what_cannot_be_read_names_the_field(old_files, changed, leave, message, where, hint):
    newer = make("House", changed, leave=leave)
    with pytest.raises(EventFileError, match=message) as caught:
        open_events(old_files, record_class=newer)
    assert where in caught.value.where
    assert "part-0000.root" in caught.value.where
    assert hint in caught.value.hint
    assert "converter" in caught.value.hint


def test_changes_deep_inside_are_seen(old_files):
    longer = make("Series", {"heat": (np.ndarray, about("kWh", "h", dtype="f4", length=4))}, Series)
    room = make("Room", {"series": (longer, about("", "series", own_tree=True))}, Room)
    newer = make("House", {"rooms": (list[room], about("", "rooms"))})
    with pytest.raises(EventFileError, match=r"'rooms.series.heat' was float32\[3\] and is"):
        open_events(old_files, record_class=newer)


SeriesWh = make(
    "Series",
    {
        "heat": (np.ndarray, about("Wh", "heat", dtype="f8", length=3)),
        "total": (float, about("kWh", "sum of heat")),
    },
    Series,
)
Chamber = make(
    "Chamber",
    {
        "floor_area": (float, about("m2", "area")),
        "labels": (str, about("", "tags in one text")),
        "hours": (SeriesWh, about("", "series", own_tree=True)),
    },
    Room,
    leave=("area", "tags", "series"),
)
House3 = make(
    "House",
    {
        "label": (str, about("", "name")),
        "chambers": (list[Chamber], about("", "rooms")),
        "inches": (int | None, about("in", "girth")),
        "owner": (str, about("", "owner")),
    },
    leave=("name", "rooms", "girth"),
)


@converter("House", House3, when=lambda old: "girth" in old.columns)
def from_the_first(old):
    return {
        "label": rename("name"),
        "chambers": rename("rooms"),
        "chambers.floor_area": rename("area"),
        "chambers.labels": compute(
            lambda tags: ["/".join(each) for each in tags.to_list()], "tags"
        ),
        "chambers.hours": rename("series"),
        "chambers.hours.heat": compute(lambda heat: heat.astype("f8") * 1000, "heat"),
        "chambers.hours.total": compute(lambda heat: heat.sum(axis=1, dtype="f8"), "heat"),
        "inches": compute(
            lambda metres: [None if m is None else int(m * 40) for m in metres.to_list()], "girth"
        ),
        "owner": fill("nobody"),
    }


def test_a_converter_renames_computes_and_fills(old_files):
    records = read(old_files, House3)

    for old, new in zip(HOUSES, records, strict=True):
        assert (new.label, new.owner, new.event_id) == (old.name, "nobody", old.event_id)
        assert new.inches == (None if old.girth is None else int(old.girth * 40))
        for room, chamber in zip(old.rooms, new.chambers, strict=True):
            assert chamber.floor_area == room.area
            assert chamber.labels == "/".join(room.tags)
            assert chamber.hours.heat.tolist() == (room.series.heat * 1000).tolist()
            assert chamber.hours.total == room.series.heat.sum()


def test_rows_of_a_converted_tree(old_files):
    with open_events(old_files, record_class=House3) as events:
        pieces = [rows.arrays for rows in events.rows("chambers.hours")]
        heat = np.concatenate([piece["heat"] for piece in pieces])
        assert heat.dtype == np.float64
        assert np.array_equal(heat.sum(axis=1), np.concatenate([p["total"] for p in pieces]) * 1000)
        reduced = events.reduce_rows("chambers.hours", ["heat"])
        assert np.array_equal(reduced["heat"]["total"], heat.sum(axis=1))


def converted(changes, changed, leave=()):
    newer = make("House", changed, leave=leave)
    converter(RecordType.of(House).content_id, newer)(lambda old: changes)
    return newer


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"age": rename("agee")}, "was 'agee', and there was none"),
        ({"age": compute(len, "agee")}, "needs 'agee'"),
        ({"age": compute(lambda ids: ids[:1], "event_id")}, "1 values where"),
        ({"age": compute(lambda ids: 1 / 0, "event_id")}, "ZeroDivisionError"),
        ({"age": compute(lambda ids: ids + 0.5, "event_id")}, "cannot hold"),
        ({"age": fill("old")}, "cannot hold"),
        ({"age": fill(1), "agee": fill(1)}, "no such field"),
        ({"age": 1}, "returns a dict"),
    ],
)
def test_converters_that_are_wrong(old_files, changes, message):
    newer = converted(changes, {"age": (int, about("", "age"))})
    with pytest.raises(EventFileError, match=message) as caught:
        read(old_files, newer)
    assert "age" in caught.value.where or "lambda" in caught.value.where


def test_dropped_fields_and_two_converters(old_files):
    newer = converted({"girth": drop(), "rooms": drop()}, {}, leave=("girth", "rooms"))
    assert [each.name for each in read(old_files, newer)] == [each.name for each in HOUSES]

    converter(RecordType.of(House).content_id, newer)(lambda old: {})
    with pytest.raises(EventFileError, match="several converters fit"):
        read(old_files, newer)


def older_simulation(**changed):
    """`Simulation` as another version had it."""
    described = RecordType.of(Simulation)
    children = tuple(
        dataclasses.replace(child, **changed.get(child.name, {}))
        for child in described.fields
        if child.name not in changed or changed[child.name]
    )
    return class_from_type(RecordType(dataclasses.replace(described.root, children=children)))


def test_old_simulations_are_simulations_where_that_is_possible(tmp_path, simulations):
    described = older_simulation(status={"description": "as it was described before"})
    removed = older_simulation(volume=None)
    for name, record_class in (("a.root", described), ("b.root", removed)):
        with EventWriter(tmp_path / name, record_class) as writer:
            writer.write(simulations[:3])

    with open_events(tmp_path / "a.root") as events:
        assert type(events[0]) is Simulation
        assert_same_records(events.records(), simulations[:3])
    with open_events(tmp_path / "b.root") as events:
        assert type(events[0]) is not Simulation
        assert not hasattr(events[0], "volume")
    with pytest.raises(EventFileError, match="'volume' was added"):
        open_events([tmp_path / "a.root", tmp_path / "b.root"])
    with pytest.raises(EventFileError, match="'volume' was added"):
        open_events(tmp_path / "b.root", record_class=Simulation)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    drawn=record_types_with_records(max_size=4),
    added=record_types_with_records(min_size=1, max_size=1),
    data=st.data(),
)
def test_any_field_with_a_default_can_be_added(drawn, added, data, tmp_path_factory):
    record_class, records = drawn
    inner, [default] = added
    newer = dataclasses.make_dataclass(
        record_class.__name__,
        [
            *((each.name, each.type, about_of(each)) for each in dataclasses.fields(record_class)),
            ("added", inner, about("", "added", default=default)),
        ],
        frozen=True,
    )
    folder = tmp_path_factory.mktemp("any")
    with EventWriter(folder, record_class, batch=2) as writer:
        writer.write(records)

    found = read(folder, newer)

    for old, new in zip(records, found, strict=True):
        assert_same_records([new.added], [default])
        before = record_class(
            **{each.name: getattr(new, each.name) for each in dataclasses.fields(record_class)}
        )
        assert_same_records([before], [old])
