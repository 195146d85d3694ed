"""`verify` finds what reading cannot: changed values, and says where they are."""

# ruff: noqa: RUF009 (a field's declaration is a call)

import shutil
from dataclasses import dataclass

import awkward as ak
import numpy as np
import pytest
import uproot

from shoeroot.errors import EventFileError
from shoeroot.events import EventWriter, open_events, verify
from shoeroot.records import Simulation, about


@dataclass(frozen=True, slots=True)
class Lists:
    values: list[float] = about("m", "places")


@dataclass(frozen=True, slots=True)
class Point:
    x: float = about("m", "place")


@pytest.fixture
def part(campaign, tmp_path):
    """A copy of the first part of the campaign, to be damaged."""
    with open_events(campaign) as events:
        return shutil.copy(events.paths[0], tmp_path / "part-0000.root")


def basket_of(path, tree, branch, number=0):
    """Place of a basket's data in the file, and how many bytes they are."""
    with uproot.open({str(path): None}) as file:
        key = file[tree][branch].basket_key(number)
        return key.fSeekKey + key.fKeylen, key.fNbytes - key.fKeylen


def uncompressed(path):
    """Tree, branch and place of values that are so few that they are stored as they are."""
    with uproot.open({str(path): None}) as file:
        for branch in file["events"].branches:
            key = branch.basket_key(0)
            place = key.fSeekKey + key.fKeylen
            if branch.typename == "double[]" and key.fNbytes - key.fKeylen == key.fObjlen:
                return "events", branch.name, place + 7
    raise AssertionError("all baskets are compressed")


def flip(path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def test_a_campaign_as_it_was_written(campaign, simulations):
    found = verify(campaign)
    assert found.ok
    assert found.problems == ()
    assert found.events == len(simulations)
    assert len(found.parts) > 2
    assert all(part.has_checksums and part.batches for part in found.parts)
    assert {part.schema_id for part in found.parts} != {""}
    assert sum(part.rows["zones_hourly"] for part in found.parts) == sum(
        len(each.zones) for each in simulations
    )
    assert "checksums compared, no problems" in str(found)


def test_a_changed_value_that_reading_does_not_see(part):
    tree, branch, place = uncompressed(part)
    flip(part, place)
    with open_events(part) as events:
        events.records()

    (problem,) = verify(part).problems

    assert (problem.file, problem.tree, problem.entries) == (part, tree, (0, 4)), branch
    assert "checksum" in problem.what
    assert str(part) in str(problem)


def test_changed_compressed_data(part):
    place, size = basket_of(part, "zones_hourly", "cooling")
    flip(part, place + size // 2)
    with open_events(part) as events, pytest.raises(EventFileError, match="cooling"):
        _ = events.zones.hourly.cooling

    (problem,) = verify(part).problems

    assert (problem.tree, problem.branch) == ("zones_hourly", "cooling")
    assert problem.entries is not None


def test_lists_that_are_not_as_counted(tmp_path):
    path = tmp_path / "lists.root"
    with EventWriter(tmp_path / "right.root", Lists) as writer:
        writer.write([Lists(values=[1.0]), Lists(values=[2.0, 3.0])])
    with uproot.open({str(writer.paths[0]): None}) as right, uproot.recreate(path) as file:
        for key in ("format", "schema", "schema_id"):
            file[f"meta/{key}"] = str(right[f"meta/{key}"])
        types = {"values_n": np.dtype("i4"), "values": right["events/values"].array().type.content}
        tree = file.mktree("events", types)
        tree.extend({"values_n": np.array([2, 1], "i4"), "values": ak.Array([[1.0], [2.0, 3.0]])})

    (problem,) = verify(path).problems

    assert (problem.tree, problem.branch, problem.entries) == ("events", "", (0, 2))
    assert "not as long as counted" in problem.what


def without_commits(path):
    """Rename the tree of commits in the file's list of keys, as if it were another."""
    path.write_bytes(path.read_bytes().replace(b"\x07commits", b"\x07comment"))


def test_a_file_without_commits(part):
    without_commits(part)
    found = verify(part)
    assert found.ok
    assert not found.parts[0].has_checksums
    assert found.parts[0].batches == 1
    assert "no checksums to compare" in str(found)


def test_files_that_cannot_be_opened(tmp_path, part):
    part.write_bytes(part.read_bytes()[:-50])
    (problem,) = verify(part).problems
    assert "cut short" in problem.what
    with pytest.raises(EventFileError, match="no such file"):
        verify(tmp_path / "missing.root")


def test_parts_of_different_record_types(part, tmp_path):
    other = tmp_path / "points.root"
    with EventWriter(other, Point) as writer:
        writer.write([Point(x=1.0)])
    (problem,) = verify([part, other]).problems
    assert problem.file == other
    assert "record type" in problem.what


def test_an_rntuple_is_read_through(tmp_path, simulations):
    path = tmp_path / "rntuple.root"
    with EventWriter(path, Simulation, backend="rntuple", batch=2) as writer:
        writer.write(simulations[:4])
    found = verify(path)
    assert found.ok
    assert found.events == 4
