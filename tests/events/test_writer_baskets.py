"""Baskets as we write them: checksums, blocks, commits, and uproot's own way when it must do."""

# ruff: noqa: RUF009 (a field's declaration is a call)

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import uproot

from shoeroot.events import EventWriter, Layout, open_events, part_writer
from shoeroot.events.commits import read_commits, tree_checksum
from shoeroot.events.compress import BLOCK
from shoeroot.events.salvage import salvage
from shoeroot.records import (
    RecordType,
    Simulation,
    about,
    records_equal,
    stripes_from_records,
)


@dataclass(frozen=True, slots=True)
class Noise:
    small: np.ndarray = about("", "noise", dtype="f8", length=3)
    large: np.ndarray = about("", "noise", dtype="f4", length=60_000)
    note: str = about("", "note")


def noise(number):
    rng = np.random.default_rng(number)
    bits = rng.integers(0, 2**30, size=60_000).astype("u4").view("f4")
    return Noise(rng.normal(size=3), bits, "ž" * (number * 100 % 700))


def write(path, events, **options):
    with EventWriter(path, type(events[0]), **options) as writer:
        writer.write(events)
    return writer.paths[0]


def test_noise_is_stored_with_checksums(tmp_path):
    events = [noise(number) for number in range(9)]
    path = write(tmp_path / "noise.root", events, batch=4)
    content = path.read_bytes()
    # Bit 2 of a frame's descriptor says that a checksum of the content follows.
    starts = [at for at in range(len(content) - 5) if content[at : at + 4] == b"\x28\xb5\x2f\xfd"]
    assert len(starts) > 9 * 60_000 * 4 // BLOCK
    assert all(content[at + 4] & 4 for at in starts)
    with uproot.open(path) as file:
        tree = file["events"]
        for name in ("small", "large"):
            wanted = np.stack([getattr(event, name) for event in events])
            assert np.array_equal(tree[name].array(library="np"), wanted)
            for number in range(tree[name].num_baskets):
                basket = tree[name].basket(number)
                assert basket.compressed_bytes < basket.uncompressed_bytes
    with open_events(path, record_class=Noise) as opened:
        assert all(map(records_equal, opened.records(), events))


def test_a_flipped_bit_is_an_error_for_uproot(tmp_path):
    path = write(tmp_path / "noise.root", [noise(number) for number in range(3)])
    with uproot.open(path) as file:
        basket = file["events/large"].basket(0)
        place = basket.cursor.index + basket.member("fNbytes") // 2
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))
    with (
        uproot.open(path) as file,
        pytest.raises(Exception, match=r"(?i)corrupt|checksum|decompress"),
    ):
        file["events/large"].array(library="np")


def test_commits_say_what_each_batch_was(tmp_path, simulations):
    path = write(tmp_path / "all.root", simulations[:9], batch=4)
    layout = Layout.of(RecordType.of(Simulation))
    with uproot.open(path) as file:
        commits = read_commits(file, layout)
    assert [commit.rows["events"] for commit in commits] == [4, 4, 1]
    for commit, first in zip(commits, (0, 4, 8), strict=True):
        batch = simulations[first : first + 4][: commit.rows["events"]]
        stripes = stripes_from_records(layout.record_type, batch)
        counts = [len(event.zones) for event in batch]
        assert commit.rows["zones_hourly"] == sum(counts)
        own = {
            "event_id": np.repeat([event.event_id for event in batch], counts).astype("i8"),
            "index": np.concatenate([np.arange(count) for count in counts]).astype("i4"),
        }
        for name, tree in layout.trees.items():
            arrays = stripes if tree.is_main else {**stripes, **own}
            assert tree_checksum(tree, arrays) == commit.checksums[name]


def test_an_uproot_of_another_making_writes_the_same(tmp_path, simulations, monkeypatch):
    ours = write(tmp_path / "ours.root", simulations[:9], batch=4)
    monkeypatch.setattr(part_writer, "can_add", lambda trees: False)
    theirs = write(tmp_path / "theirs.root", simulations[:9], batch=4)
    again = salvage(theirs, tmp_path / "again.root")
    assert again.events == 9
    layout = Layout.of(RecordType.of(Simulation))
    commits = []
    for path in (ours, theirs, again.path):
        with uproot.open(path) as file:
            commits.append(read_commits(file, layout))
        with open_events(path) as events:
            assert all(map(records_equal, events.records(), simulations[:9]))
    assert commits[0] == commits[1] == commits[2]


def test_arrays_may_be_used_again_after_writing_columns(tmp_path):
    @dataclass(frozen=True, slots=True)
    class Row:
        x: np.ndarray = about("", "values", dtype="f8", length=50)

    array = np.empty((3, 50))
    with EventWriter(tmp_path / "rows.root", Row, batch=5) as writer:
        for number in range(7):
            array[:] = number
            writer.write({"x": array})
    with open_events(tmp_path / "rows.root") as events:
        assert np.array_equal(events.x[:, 7], np.repeat(np.arange(7), 3))


def test_an_error_in_the_background_closes_the_writer(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    writer = EventWriter(tmp_path / "all.root", Noise, batch=1)
    writer.write([noise(0)])
    assert writer.committed == 1
    monkeypatch.setattr(part_writer, "write_batch", fail)
    writer.write([noise(1)])
    with pytest.raises(part_writer.EventFileError, match="No space left"):
        writer.write([noise(2)])
    with pytest.raises(part_writer.EventFileError, match="closed"):
        writer.write([noise(3)])
    monkeypatch.undo()
    assert salvage(tmp_path / "all.root.part").events == 1
