"""Events added to a complete file: all or nothing of it changes."""

# ruff: noqa: RUF009 (a field's declaration is a call)

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from shoeroot.errors import EventFileError
from shoeroot.events import EventWriter, merge, open_events
from shoeroot.events.salvage import salvage
from shoeroot.records import about


@dataclass(frozen=True, slots=True)
class Point:
    event_id: int = about("", "number")
    x: float = about("m", "place")
    tags: list[str] = about("", "tags")


@dataclass(frozen=True, slots=True)
class Other:
    event_id: int = about("", "number")
    x: float = about("km", "place")
    tags: list[str] = about("", "tags")


def points(start, stop):
    return [Point(number, number / 4, ["a"] * (number % 3)) for number in range(start, stop)]


@pytest.fixture
def path(tmp_path):
    with EventWriter(tmp_path / "all.root", Point, batch=4, metadata={"town": "Brno"}) as writer:
        writer.write(points(0, 10))
    return tmp_path / "all.root"


def read(path):
    with open_events(path, record_class=Point) as events:
        return events.records()


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_events_are_added_after_those_that_are_there(path):
    with EventWriter.append_to(path, Point, batch=4) as writer:
        writer.write(points(10, 15))
        assert read(path) == points(0, 10)
    assert read(path) == points(0, 15)
    with EventWriter.append_to(path) as writer:
        writer.write(points(15, 17))
    with open_events(path) as events:
        assert events.event_id.tolist() == list(range(17))
        assert events.metadata["town"] == "Brno"
    assert names(path.parent) == ["all.root"]


def test_without_new_events_nothing_changes(path):
    before = path.read_bytes()
    with EventWriter.append_to(path):
        pass
    assert path.read_bytes() == before
    assert names(path.parent) == ["all.root"]


def test_a_killed_append_leaves_the_file_alone(path):
    before = path.read_bytes()

    def kill():
        with EventWriter.append_to(path, batch=2) as writer:
            writer.write(points(10, 15))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kill()
    assert path.read_bytes() == before
    assert names(path.parent) == ["all.appended.root.part", "all.root"]
    added = salvage(path.parent / "all.appended.root.part")
    merge([path, added.path], path.parent / "both.root")
    assert read(path.parent / "both.root") == points(0, 14)


def test_another_record_type_is_refused(path):
    with pytest.raises(EventFileError, match=r"another record type.*x"):
        EventWriter.append_to(path, Other)
    assert names(path.parent) == ["all.root"]


def test_an_id_that_is_there_is_refused(path):
    before = path.read_bytes()
    with (
        pytest.raises(EventFileError, match="event_id 9 is in the file"),
        EventWriter.append_to(path, batch=1) as writer,
    ):
        writer.write(points(9, 12))
    assert path.read_bytes() == before


def test_what_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(EventFileError):
        EventWriter.append_to(tmp_path / "missing.root")
    (tmp_path / "text.root").write_bytes(b"text" * 100)
    with pytest.raises(EventFileError):
        EventWriter.append_to(tmp_path / "text.root")


@dataclass(frozen=True, slots=True)
class Series:
    power: np.ndarray = about("kW", "power", dtype="f4", length=30)


@dataclass(frozen=True, slots=True)
class Meter:
    series: Series = about("", "what it counted", own_tree=True)


@dataclass(frozen=True, slots=True)
class Metered:
    meters: list[Meter] = about("", "meters")


def test_rounded_files_stay_rounded(tmp_path):
    path = tmp_path / "rounded.root"
    rng = np.random.default_rng(0)
    series = [Metered([Meter(Series(rng.normal(size=30).astype("f4")))]) for _ in range(4)]
    with EventWriter(path, Metered, mantissa_bits=12) as writer:
        writer.write(series[:2])
    with EventWriter.append_to(path) as writer:
        writer.write(series[2:])
    with open_events(path) as events:
        assert events.metadata["mantissa_bits"] == "12"
        found = np.concatenate([rows.arrays["power"] for rows in events.rows("meters.series")])
    assert not np.any(np.ascontiguousarray(found).view("u4") & 0x7FF)
    wanted = [each.meters[0].series.power for each in series]
    assert np.allclose(found, wanted, rtol=2**-13, atol=0)
