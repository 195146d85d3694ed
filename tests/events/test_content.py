"""The content id of a dataset: follows what is in the events, not where or when they lie."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace

import pytest

from shoeroot.errors import EventFileError
from shoeroot.events import EventWriter, content_id, file_stamps, merge
from shoeroot.records import about


@dataclass(frozen=True, slots=True)
class Small:
    """A small event."""

    event_id: int = about("", "number")
    area: float = about("m2", "area")


RECORDS = [Small(number, number * 1.5) for number in range(10)]


def written(folder, records, **metadata):
    with EventWriter(folder, Small, metadata=metadata) as writer:
        writer.write(records)
    return folder


def test_the_same_events_have_the_same_id_wherever_they_lie(tmp_path):
    first = written(tmp_path / "a", RECORDS)
    second = written(tmp_path / "b", RECORDS)
    copy = shutil.copytree(first, tmp_path / "c")

    assert content_id(first) == content_id(second) == content_id(copy)


@pytest.mark.parametrize(
    "change",
    [
        lambda records: [*records[:-1], replace(records[-1], area=1.0)],
        lambda records: records[:-1],
        lambda records: records[::-1],
    ],
)
def test_other_events_have_another_id(tmp_path, change):
    first = written(tmp_path / "a", RECORDS)
    second = written(tmp_path / "b", change(RECORDS))

    assert content_id(first) != content_id(second)


def test_metadata_belong_to_the_content(tmp_path):
    first = written(tmp_path / "a", RECORDS, engine="25.1")
    second = written(tmp_path / "b", RECORDS, engine="25.2")

    assert content_id(first) != content_id(second)


def test_a_file_that_changes_in_place_gets_another_id(tmp_path):
    folder = written(tmp_path / "a", RECORDS)
    before = content_id(folder)
    stamps = file_stamps(folder)
    shutil.rmtree(folder)
    written(folder, [replace(one, area=7.0) for one in RECORDS])

    assert content_id(folder) != before
    assert file_stamps(folder) != stamps


def test_files_without_checksums_are_hashed_as_a_whole(tmp_path):
    pytest.importorskip("uproot")
    folder = tmp_path / "a"
    with EventWriter(folder, Small, backend="rntuple") as writer:
        writer.write(RECORDS)
    (part,) = folder.glob("*.root")
    before = content_id(folder)
    with part.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last[0] ^ 1]))

    assert content_id(folder) != before


def test_a_merged_file_has_an_id(tmp_path):
    one, two = written(tmp_path / "a", RECORDS[:5]), written(tmp_path / "b", RECORDS[5:])
    merge([one, two], tmp_path / "all.root")

    assert content_id(tmp_path / "all.root") != content_id(one)


def test_a_stamp_is_settled_when_a_later_change_would_show(tmp_path):
    (stamp,) = file_stamps(written(tmp_path / "a", RECORDS))

    assert not stamp.settled(stamp.modified)
    assert stamp.settled(max(stamp.modified, stamp.changed) + 10**10)


def test_a_missing_dataset_is_an_error(tmp_path):
    with pytest.raises(EventFileError, match="no such"):
        content_id(tmp_path / "nowhere")
