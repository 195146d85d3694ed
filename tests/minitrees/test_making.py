"""Making mini-trees: in chunks, once, kept; and what goes wrong on the way."""

from __future__ import annotations

import json
import multiprocessing
import shutil

import numpy as np
import pytest
import uproot

import shoeroot
from shoeroot.errors import ConfigError, EventFileError, TreeMakerError
from shoeroot.events import FlatFile, write_flat
from shoeroot.minitrees import (
    ManyRows,
    MultipleRowExtractor,
    TreeMaker,
    TreeMakerWarning,
    make_minitrees,
    minitree_frame,
    why,
)


def made(dataset, treemaker, **options):
    return minitree_frame(dataset, treemaker, folders=[dataset / "minitrees"], **options)


class Areas(TreeMaker):
    """Floor area, seven events at a time."""

    __version__ = "1"
    columns = {"area": ("m2", "Floor area"), "name": ("", "Name of the template")}
    chunk_events = 7
    calls: list[int] = []

    def extract(self, events):
        self.calls.append(len(events))
        return {"area": events.floor_area, "name": events.template}


@pytest.fixture(autouse=True)
def forget_calls():
    Areas.calls.clear()


def test_chunks_are_put_together_in_the_order_of_the_events(batch):
    minitree = made(batch, Areas)

    with shoeroot.open(batch) as events:
        np.testing.assert_array_equal(minitree.columns["area"], events.floor_area)
        np.testing.assert_array_equal(minitree.columns["event_id"], events.event_id)
    assert Areas.calls == [7, 7, 6]
    assert minitree.rows_per_event == "one"
    assert minitree.info["area"].unit == "m2"
    assert minitree.metadata["creator"]
    assert "20 rows" in repr(minitree)


def test_root_itself_reads_a_mini_tree(batch):
    ROOT = pytest.importorskip("ROOT")  # noqa: N806
    minitree = made(batch, "Basics")

    frame = ROOT.RDataFrame("minitree", str(minitree.path))

    assert frame.Count().GetValue() == 20
    total = frame.Filter("floor_area > 0").Sum("floor_area").GetValue()
    assert total == pytest.approx(minitree.columns["floor_area"].sum())


def test_what_it_was_made_from_is_in_the_file(batch):
    minitree = made(batch, Areas)

    with uproot.open(minitree.path) as file:
        text = str(file["meta"])
    assert '"treemaker": "Areas"' in text
    assert '"documentation": "Floor area, seven events at a time."' in text


class FailsOnce(TreeMaker):
    """Fails at event 15 as long as the file of a flag is there."""

    __version__ = "1"
    columns = {"area": ("m2", "Floor area")}
    chunk_events = 5
    flag = None
    seen: list[int] = []

    def extract(self, events):
        if self.flag.exists() and 15 in events.event_id:
            raise ZeroDivisionError("no such building")
        self.seen.append(int(events.event_id[0]))
        return {"area": events.floor_area}


def test_a_treemaker_that_raises_is_named_with_dataset_and_event_and_goes_on_later(batch, tmp_path):
    FailsOnce.flag = tmp_path / "flag"
    FailsOnce.flag.touch()
    FailsOnce.seen.clear()

    with pytest.raises(
        TreeMakerError, match="TreeMaker FailsOnce failed: ZeroDivisionError"
    ) as caught:
        made(batch, FailsOnce)
    assert "dataset batch_00023" in caught.value.where
    assert "event 15" in caught.value.where
    assert "test_making.py" in caught.value.where
    FailsOnce.flag.unlink()
    FailsOnce.seen.clear()
    minitree = made(batch, FailsOnce)

    assert FailsOnce.seen == [15]  # the three chunks before were kept
    assert len(minitree) == 20
    assert [path.name for path in minitree.path.parent.iterdir()] == ["FailsOnce.root"]


def test_finished_chunks_of_other_events_are_not_taken(batch, tmp_path):
    FailsOnce.flag = tmp_path / "flag"
    FailsOnce.flag.touch()
    with pytest.raises(TreeMakerError):
        made(batch, FailsOnce)
    FailsOnce.flag.unlink()
    FailsOnce.seen.clear()
    shutil.rmtree(batch / "events")
    shoeroot.testing.example_dataset(batch, 20, seed=9)

    minitree = made(batch, FailsOnce)

    assert FailsOnce.seen == [0, 5, 10, 15]
    with shoeroot.open(batch) as events:
        np.testing.assert_array_equal(minitree.columns["area"], events.floor_area)


def test_an_event_that_fails_by_itself_is_named(batch):
    class Broken(TreeMaker):
        def extract_data(self, event):
            return {"first": event.zones[0].floor_area}

    with pytest.raises(TreeMakerError, match="IndexError") as caught:
        made(batch, Broken)

    assert "dataset batch_00023, event 2, line" in caught.value.where


def returning(values, rows=None, name="Returning"):
    base = MultipleRowExtractor if rows == "many" else TreeMaker

    def extract(self, events):
        return values(events)

    return type(name, (base,), {"extract": extract, "chunk_events": 5, "__version__": "1"})


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (lambda events: {"a": np.zeros(3)}, r"'a' of shape \(3,\)"),
        (lambda events: {"a": events.zones.floor_area}, "'a' of shape"),
        (lambda events: {"a": 1.0}, r"'a' of shape \(\)"),
        (lambda events: [1, 2], "returned a list"),
        (lambda events: {"a": events.floor_area * 1j}, "of type complex"),
        (lambda events: {"a b": events.floor_area}, "a column called 'a b'"),
        (
            lambda events: {"a": events.floor_area.astype("f4" if events.event_id[0] else "f8")},
            "'a' as float64 and then as float32",
        ),
        (
            lambda events: {"a" if events.event_id[0] else "b": events.floor_area},
            "for some events only",
        ),
    ],
)
def test_what_is_no_column_is_refused_and_nothing_is_written(batch, values, problem):
    with pytest.raises(TreeMakerError, match=problem) as caught:
        made(batch, returning(values))

    assert "Returning" in str(caught.value)
    assert not list(batch.rglob("Returning.root"))


def test_a_column_called_as_that_of_the_dataset_is_refused(batch):
    class Named(TreeMaker):
        __version__ = "1"

        def extract_data(self, event):
            return {"dataset": "mine", "area": event.floor_area}

    with pytest.raises(TreeMakerError, match="a column called 'dataset'"):
        made(batch, Named)


def test_an_undeclared_column_is_refused_with_the_nearest(batch):
    class Declared(TreeMaker):
        columns = {"floor_area": ("m2", "Floor area")}

        def extract(self, events):
            return {"flor_area": events.floor_area}

    with pytest.raises(TreeMakerError, match="undeclared column 'flor_area'") as caught:
        made(batch, Declared)
    assert "did you mean 'floor_area'" in caught.value.hint


@pytest.mark.parametrize("branch", ["zones.heating_peek", "flor_area", "zones.heeting*"])
def test_a_missing_branch_is_named_with_the_nearest_before_anything_is_made(batch, branch):
    class Asking(TreeMaker):
        extra_branches = branch

        def extract_data(self, event):
            raise AssertionError("it is not asked")

    with pytest.raises(TreeMakerError, match="needs the branch") as caught:
        made(batch, Asking)
    assert "did you mean" in caught.value.hint


def test_a_field_that_is_not_there_is_named_with_the_nearest(batch):
    class Misspelt(TreeMaker):
        def extract(self, events):
            return {"a": events.flor_area}

    with pytest.raises(TreeMakerError, match="no field 'flor_area'") as caught:
        made(batch, Misspelt)
    assert "floor_area" in caught.value.hint


@pytest.mark.parametrize("place", [0.2, 0.5, 0.9])
def test_a_mini_tree_with_a_flipped_byte_is_made_again_with_a_warning(batch, place):
    first = made(batch, Areas)
    content = bytearray(first.path.read_bytes())
    content[int(len(content) * place)] ^= 0xFF
    first.path.write_bytes(content)

    try:
        with pytest.warns(TreeMakerWarning, match="is damaged"):
            again = made(batch, Areas)
    except pytest.fail.Exception:
        again = made(batch, Areas)  # a byte that nothing depends on

    np.testing.assert_array_equal(again.columns["area"], first.columns["area"])


def test_a_mini_tree_of_another_format_is_not_called_damaged(batch, recwarn):
    path = made(batch, Areas).path
    with FlatFile(path) as file:
        columns, told = file.read("minitree"), json.loads(file.text("meta"))
    told["lineage"] = {"format": 1, "treemaker": "Areas"}
    write_flat(path, "minitree", columns, texts={"meta": json.dumps(told)})

    found = why(Areas, batch)
    again = made(batch, Areas)

    assert found.reason == "mini-trees have format 2, it has format 1"
    assert not found.damaged
    assert len(again) == 20
    assert why(Areas, batch).current
    assert not recwarn.list


def test_whether_a_mini_tree_is_current_is_seen_without_reading_it(batch, monkeypatch):
    path = made(batch, Areas).path
    with monkeypatch.context() as patch:
        patch.setattr(FlatFile, "read", None)
        assert why(Areas, batch).current

    path.write_bytes(path.read_bytes()[:-400])

    assert why(Areas, batch).damaged


def test_making_many_tells_that_one_was_damaged(batch):
    path = made(batch, Areas).path
    whole = path.read_bytes()
    place = whole.index(b"ZS\x01") + 40  # among the first compressed values
    path.write_bytes(whole[:place] + b"damage" + whole[place + 6 :])

    with pytest.warns(TreeMakerWarning, match="damaged"):
        (first,) = make_minitrees(batch, Areas)
    (second,) = make_minitrees(batch, Areas)

    assert (first.outcome, first.reason) == ("made", "it was damaged")
    assert (second.outcome, second.reason) == ("current", "")


def test_a_dataset_that_disappeared_is_an_error_that_names_what_is_left(batch, tmp_path):
    folder = tmp_path / "elsewhere"
    minitree_frame(batch, Areas, folders=[folder])
    shutil.rmtree(batch)

    with pytest.raises(EventFileError, match="no such file or folder") as caught:
        minitree_frame(batch, Areas, folders=[folder])
    assert "Areas.root" in caught.value.hint
    with pytest.warns(TreeMakerWarning, match="the events are gone"):
        left = minitree_frame(batch, Areas, folders=[folder], remake="stale")
    assert len(left) == 20


def test_never_says_why_and_stale_takes_what_there_is(batch):
    with pytest.raises(TreeMakerError, match="is not current: it was not made yet"):
        made(batch, Areas, remake="never")
    made(batch, Areas)
    assert len(made(batch, Areas, remake="never")) == 20

    newer = type("Areas", (Areas,), {"__version__": "2", "__module__": Areas.__module__})
    with pytest.raises(TreeMakerError, match="version '2', it was made by '1'"):
        made(batch, newer, remake="never")
    with pytest.warns(TreeMakerWarning, match="loaded as it is"):
        assert len(made(batch, newer, remake="stale")) == 20
    with pytest.raises(ConfigError, match="no remake='nevr'") as caught:
        made(batch, Areas, remake="nevr")
    assert "'never'" in caught.value.hint


def test_some_events_are_taken_from_the_mini_tree_of_all(batch):
    made(batch, Areas)
    Areas.calls.clear()

    some = made(batch, Areas, event_list=[7, 3, 999])

    assert some.columns["event_id"].tolist() == [3, 7]
    assert not Areas.calls


def test_some_events_are_made_alone_and_kept(batch):
    some = made(batch, Areas, event_list=[3, 7, 11])
    Areas.calls.clear()
    again = made(batch, Areas, event_list=[11, 7, 3])

    assert some.columns["event_id"].tolist() == again.columns["event_id"].tolist() == [3, 7, 11]
    assert not Areas.calls
    assert some.metadata["event_list"] == [3, 7, 11]


def test_force_makes_it_anew(batch):
    made(batch, Areas)
    Areas.calls.clear()
    made(batch, Areas, force=True)

    assert Areas.calls


def test_the_folders_are_searched_in_their_order_and_the_first_is_written_to(batch, tmp_path):
    mine, shared = tmp_path / "mine", tmp_path / "shared"
    minitree_frame(batch, Areas, folders=[shared])
    Areas.calls.clear()

    found = minitree_frame(batch, Areas, folders=[mine, shared])

    assert found.path.is_relative_to(shared)
    assert not Areas.calls
    assert minitree_frame(batch, "Basics", folders=[mine, shared]).path.is_relative_to(mine)


def test_many_rows_by_arrays_with_a_list_for_each_event(batch):
    by_lists = returning(
        lambda events: {"zone_area": events.zones.floor_area, "whole": events.floor_area}, "many"
    )
    by_counts = returning(
        lambda events: ManyRows(
            np.asarray(events.counts("zones")),
            {"zone_area": np.concatenate(events.zones.floor_area)},
        ),
        "many",
        "ByCounts",
    )

    rows, counted = made(batch, by_lists), made(batch, by_counts)

    with shoeroot.open(batch) as events:
        wanted = [(one.event_id, zone.floor_area) for one in events for zone in one.zones]
    found = list(zip(rows.columns["event_id"], rows.columns["zone_area"], strict=True))
    assert found == wanted
    assert rows.rows_per_event == "many"
    np.testing.assert_array_equal(counted.columns["zone_area"], rows.columns["zone_area"])


def test_rows_of_different_counts_are_refused(batch):
    unequal = returning(
        lambda events: {"a": events.zones.floor_area, "b": events.surfaces.area}, "many"
    )

    with pytest.raises(TreeMakerError, match="other counts than 'a'"):
        made(batch, unequal)


def test_of_no_events_there_are_no_rows_but_the_columns_with_their_types(batch):
    minitree = made(batch, Areas, event_list=[999])

    assert len(minitree) == 0
    assert list(minitree.columns) == ["event_id", "area", "name"]
    assert minitree.columns["area"].dtype == np.float64
    assert minitree.columns["name"].dtype == object


def test_what_a_treemaker_keeps_in_itself_does_not_reach_the_next_dataset(batch, tmp_path):
    class Counting(TreeMaker):
        def __init__(self):
            super().__init__()
            self.count = 0

        def extract_data(self, event):
            self.count += 1
            return {"count": self.count}

    other = shutil.copytree(batch, tmp_path / "other")
    maker = Counting()

    assert made(batch, maker).columns["count"][-1] == 20
    assert made(other, maker).columns["count"][0] == 1


def test_events_that_cannot_be_read_are_not_the_treemakers_fault(batch):
    (part,) = (batch / "events").glob("*.root")
    content = bytearray(part.read_bytes())
    for place in range(20_000, len(content) - 40_000, 5_000):
        content[place] ^= 0xFF
    part.write_bytes(content)

    with pytest.raises(EventFileError, match="cannot be read"):
        made(batch, "Loads")


def _make_slowly(dataset, log):
    class Slow(Areas):
        def extract(self, events):
            with log.open("a") as file:
                file.write("made\n")
            import time

            time.sleep(0.05)
            return super().extract(events)

    minitree_frame(dataset, Slow, folders=[dataset / "minitrees"])


def test_two_processes_at_once_make_it_once(batch, tmp_path):
    log = tmp_path / "log"
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_make_slowly, args=(batch, log)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert len(log.read_text().split()) == 3  # the chunks of one of them


def test_a_folder_that_cannot_be_written_is_said_before_the_work(batch):
    (batch / "minitrees").write_text("a file where a folder should be")

    with pytest.raises(TreeMakerError, match="cannot be written"):
        made(batch, Areas)
    assert not Areas.calls
