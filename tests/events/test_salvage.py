"""What a killed writer leaves, and files cut or damaged anywhere: all whole batches come back."""

# ruff: noqa: RUF009 (a field's declaration is a call)

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import uproot

from shoeroot.errors import EventFileError
from shoeroot.events import EventWriter, open_events
from shoeroot.events.file_bytes import FileBytes
from shoeroot.events.salvage import salvage
from shoeroot.events.scan import find_baskets
from shoeroot.records import RecordType, about, stripes_from_records


@dataclass(frozen=True, slots=True)
class Series:
    power: np.ndarray = about("kW", "power", dtype="f4", length=40)


@dataclass(frozen=True, slots=True)
class Room:
    name: str = about("", "name")
    area: float = about("m2", "area")
    series: Series = about("", "series", own_tree=True)


@dataclass(frozen=True, slots=True)
class House:
    number: int = about("", "number")
    note: str = about("", "note")
    heated: bool = about("", "whether it is heated")
    rooms: list[Room] = about("", "rooms")


def house(number):
    rng = np.random.default_rng(number)
    rooms = [
        Room(f"room {place} ✓", float(rng.normal()), Series(rng.normal(size=40).astype("f4")))
        for place in range(number % 4)
    ]
    return House(number, "é" * (number * 41 % 300), number % 2 == 0, rooms)


def houses(start, stop):
    return [house(number) for number in range(start, stop)]


def same(found, wanted):
    record_type = RecordType.of(House)
    first, second = (stripes_from_records(record_type, each) for each in (found, wanted))
    return all(np.array_equal(first[name], second[name]) for name in first)


def killed(folder, count=23, batch=5):
    """Write houses and leave the part as a killed writer does, with all batches committed."""

    def kill():
        with EventWriter(folder, House, batch=batch, metadata={"town": "Žilina"}) as writer:
            writer.write(houses(0, count))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kill()
    return folder / "part-0000.root.part"


def basket_bytes(path):
    """All places in a file at which there are baskets."""
    file = FileBytes(path)
    found = [basket.key for baskets in find_baskets(file).values() for basket in baskets.values()]
    file.close()
    return np.concatenate([np.arange(key.place, key.place + key.stored) for key in found])


def left_behind(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_all_committed_batches_come_back(tmp_path):
    part = killed(tmp_path)
    done = salvage(part)
    assert (done.path, done.events) == (tmp_path / "part-0000.root", 20)
    assert done.lost_events_at_least == 0
    assert "between two batches" in done.reason
    assert left_behind(tmp_path) == ["part-0000.root", "part-0000.root.part"]
    with open_events(tmp_path, record_class=House) as events:
        assert same(events.records(), houses(0, 20))
        assert events.metadata["town"] == "Žilina"
        assert events.metadata["salvaged_from"] == "part-0000.root.part"
    with uproot.open(done.path) as file:
        ids = file["rooms_series/event_id"].array(library="np")
        assert ids.tolist() == [n for n in range(20) for _ in range(n % 4)]


def test_a_complete_file_can_be_salvaged_too(tmp_path):
    with EventWriter(tmp_path / "all.root", House, batch=5) as writer:
        writer.write(houses(0, 12))
    done = salvage(tmp_path / "all.root", tmp_path / "again.root")
    assert done.events == 12
    with open_events(done.path, record_class=House) as events:
        assert same(events.records(), houses(0, 12))


def test_a_file_with_a_moved_header(tmp_path):
    with EventWriter(tmp_path / "all.root", House, batch=1, expected_events=1) as writer:
        writer.write(houses(0, 40))
    assert salvage(tmp_path / "all.root", tmp_path / "again.root").events == 40
    with open_events(tmp_path / "again.root", record_class=House) as events:
        assert same(events.records(), houses(0, 40))


def test_cut_anywhere(tmp_path):
    whole = killed(tmp_path).read_bytes()
    cut, target = tmp_path / "cut.part", tmp_path / "cut.root"
    rng = np.random.default_rng(5)
    seen = set()
    for length in [0, 1, 100, len(whole) - 1, *rng.integers(0, len(whole), size=30).tolist()]:
        cut.write_bytes(whole[:length])
        try:
            done = salvage(cut, target)
        except EventFileError:
            seen.add(0)
            assert not target.exists()
            continue
        assert done.events % 5 == 0
        seen.add(done.events)
        with open_events(target, record_class=House) as events:
            assert same(events.records(), houses(0, done.events))
        target.unlink()
    assert {0, 20} < seen
    assert left_behind(tmp_path) == ["cut.part", "part-0000.root.part"]


def test_damaged_anywhere_gives_only_right_events(tmp_path):
    part = killed(tmp_path)
    whole, baskets = part.read_bytes(), basket_bytes(part)
    damaged, target = tmp_path / "damaged.part", tmp_path / "damaged.root"
    rng = np.random.default_rng(6)
    lost = 0
    for place in rng.choice(baskets, size=25):
        content = bytearray(whole)
        content[place] ^= 1 << int(rng.integers(8))
        damaged.write_bytes(bytes(content))
        done = salvage(damaged, target)
        with open_events(target, record_class=House) as events:
            numbers = events.number.tolist()
            assert same(events.records(), [house(number) for number in numbers])
        assert len(numbers) == done.events
        lost += done.events < 20
        target.unlink()
    assert lost > 5


def test_what_is_no_part_is_refused(tmp_path):
    (tmp_path / "text.root.part").write_bytes(b"not a ROOT file " * 100)
    with pytest.raises(EventFileError, match="does not say what"):
        salvage(tmp_path / "text.root.part")
    with pytest.raises(EventFileError, match="cannot be opened"):
        salvage(tmp_path / "missing.root.part")
    with pytest.raises(EventFileError, match=r"end in \.part"):
        salvage(tmp_path / "text.root")
    (tmp_path / "text.root").write_bytes(b"something")
    with pytest.raises(EventFileError, match="exists already"):
        salvage(tmp_path / "text.root.part")
