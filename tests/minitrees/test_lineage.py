"""Lineage: a mini-tree is current while all that it was made from stays the same; `why` tells."""

from __future__ import annotations

import os
import shutil

import cloudpickle
import numpy as np
import pytest

import shoeroot
from shoeroot.errors import TreeMakerError
from shoeroot.minitrees import TreeMaker, minitree_frame, why
from shoeroot.minitrees.source import source_of
from shoeroot.testing import example_dataset


class Peaks(TreeMaker):
    """Quantiles of the peaks."""

    __version__ = "1"
    options = {"quantiles": (0.5, 0.9), "series": "heating"}

    def describe_columns(self):
        return {
            f"peak_{round(100 * one)}": ("kW", f"Quantile {one}")
            for one in self.options["quantiles"]
        }

    def extract(self, events):
        peaks = events.zones[f"{self.options['series']}_peak"]
        return {
            name: np.array([np.quantile(one, q) if len(one) else np.nan for one in peaks])
            for name, q in zip(self.describe_columns(), self.options["quantiles"], strict=True)
        }


class PerArea(TreeMaker):
    """What depends on others, in columns."""

    __version__ = "1"
    depends_on = ("Basics", Peaks)
    columns = {"peak_density": ("kW/m2", "Peak over floor area")}
    chunk_events = 6

    def extract(self, events):
        return {
            "peak_density": events.minitrees["Peaks"].peak_50
            / events.minitrees["Basics"]["floor_area"]
        }


def made(dataset, treemaker):
    return minitree_frame(dataset, treemaker, folders=[dataset / "minitrees"])


def plugin(folder, text, name="Own"):
    """A TreeMaker in a file, read anew each time, as in a new session."""
    path = folder / f"{name.lower()}.py"
    path.write_text(text)
    os.utime(path, ns=(path.stat().st_mtime_ns,) * 2)
    space = {"__name__": "own_plugin"}
    exec(compile(text, str(path), "exec"), space)
    return space[name]


OWN = """
from shoeroot.minitrees import TreeMaker
FACTOR = {factor}
def helper(values):
    return values * {inner}
class Own(TreeMaker):
    __version__ = {version!r}
    options = {{"limit": {limit}}}
    def extract(self, events):
        # {comment}
        return {{"own": helper(events.floor_area) * FACTOR * self.inside}}
    inside = {inside}
"""
FIRST = {"factor": 2.0, "inner": 1.0, "version": "1", "limit": 3, "comment": "a", "inside": 1}


def test_a_mini_tree_that_was_not_made_is_not_current(batch):
    found = why("Basics", batch)

    assert not found.current
    assert found.reason == "it was not made yet"


def test_a_current_mini_tree_says_when_and_by_whom_it_was_made(batch):
    made(batch, "Basics")
    found = why("Basics", batch)

    assert found.current
    assert "Basics of batch_00023 is current: made 20" in str(found)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": "2"}, "the TreeMaker has version '2', it was made by '1'"),
        ({"limit": 4}, "the option 'limit' is 4, it was made with 3"),
        ({"comment": "b"}, "the source of Own has changed"),
        ({"inside": 2}, "the source of Own has changed"),
        ({"inner": 5.0}, "helper, which the TreeMaker uses, has changed"),
        ({"factor": 3.0}, "FACTOR, which the TreeMaker uses, has changed"),
    ],
)
def test_the_first_thing_that_differs_is_named(batch, tmp_path, change, reason):
    made(batch, plugin(tmp_path, OWN.format(**FIRST)))
    other = plugin(tmp_path, OWN.format(**(FIRST | change)))

    found = why(other, batch)

    assert (found.current, found.reason) == (False, reason)


PARTS = """
from functools import partial
from types import SimpleNamespace
import pandas as pd
from shoeroot.minitrees import TreeMaker
settings = SimpleNamespace(factor=1.0)
prices = pd.DataFrame({"price": [1.0]})
def scaled(values, by):
    return values * by
twice = partial(scaled, by=2.0)
steps = {"last": lambda values: values + 1.0}
class Own(TreeMaker):
    __version__ = "1"
    fields = ("floor_area",)
    offset = 1.5
    def extract(self, events):
        values = twice(getattr(events, self.fields[0])) * settings.factor * prices.price[0]
        return {"own": steps["last"](values)}
"""


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("settings.factor = 3.0", "settings"),
        ("prices = prices * 2", "prices"),
        ("twice = partial(scaled, by=4.0)", "twice[by]"),
        ("steps['last'] = lambda values: values + 5.0", "<lambda>"),
        ("Own.fields = ('volume',)", "Own.fields"),
        ("Own.limit = 3", "Own.limit"),
    ],
)
def test_settings_tables_and_partial_functions_count(batch, tmp_path, change, name):
    first = made(batch, plugin(tmp_path, PARTS)).columns["own"]
    assert why(plugin(tmp_path, PARTS), batch).current
    other = plugin(tmp_path, f"{PARTS}{change}\n")

    found = why(other, batch)

    assert found.reason == f"{name}, which the TreeMaker uses, has changed"
    again = made(batch, other).columns["own"]
    assert np.array_equal(first, again) == (name == "Own.limit")


def test_what_a_treemaker_collects_in_its_class_does_not_count():
    class Collects(TreeMaker):
        """Notes what it has seen."""

        __version__ = "1"
        seen: list[int] = []
        count = 0

        def extract_data(self, event):
            self.seen.append(event.event_id)
            type(self).count += 1
            return {"one": 1}

    before = source_of(Collects)
    Collects.seen = [3]
    Collects.count = 5

    assert source_of(Collects) == before


def test_a_class_from_another_process_has_the_same_source():
    own = {"__name__": "__main__"}
    exec(PARTS, own)

    sent = cloudpickle.loads(cloudpickle.dumps(own["Own"]))

    assert source_of(sent) == source_of(own["Own"])


def test_nothing_differs_in_another_session_or_another_place(batch, tmp_path):
    made(batch, plugin(tmp_path, OWN.format(**FIRST)))
    other = tmp_path / "other"
    other.mkdir()

    assert why(plugin(other, OWN.format(**FIRST)), batch).current


@pytest.mark.parametrize(("what", "name"), [("inner", "helper"), ("inside", "Own")])
def test_a_file_edited_after_its_import_is_not_taken_for_what_runs(tmp_path, what, name):
    running = plugin(tmp_path, OWN.format(**FIRST))
    (tmp_path / "own.py").write_text(OWN.format(**(FIRST | {what: 7.0})))
    before = source_of(running)

    edited = plugin(tmp_path, OWN.format(**(FIRST | {what: 7.0})))

    assert source_of(edited)[name] != before[name]
    assert source_of(running) == before


def test_other_events_make_it_again_and_the_same_elsewhere_do_not(batch, tmp_path):
    made(batch, "Basics")
    copy = shutil.copytree(batch, tmp_path / "copy")

    assert why("Basics", copy).current
    shutil.rmtree(batch / "events")
    example_dataset(batch, 20, seed=1)
    assert why("Basics", batch).reason == "the events have changed"


def test_a_second_look_does_not_open_the_event_files(batch, monkeypatch):
    # Times long past, as those of a campaign of yesterday: later changes would show in them.
    made(batch, "Basics")
    (part,) = (batch / "events").glob("*.root")
    opened = []
    original = shoeroot.minitrees.dataset.content_id
    monkeypatch.setattr(
        shoeroot.minitrees.dataset, "content_id", lambda path: opened.append(path) or original(path)
    )
    monkeypatch.setattr(shoeroot.events.content, "SETTLED", -(10**15))
    made(batch, "Basics")
    assert not opened

    part.write_bytes(part.read_bytes())
    made(batch, "Basics")
    assert opened


def test_options_are_part_of_the_lineage_and_lie_side_by_side(batch):
    default = made(batch, Peaks)
    other = made(batch, Peaks(quantiles=[0.1]))
    same = made(batch, Peaks.with_options(quantiles=(0.1,)))

    assert list(default.columns) == ["event_id", "peak_50", "peak_90"]
    assert list(other.columns) == ["event_id", "peak_10"]
    assert other.path != default.path
    assert same.path == other.path
    assert why(Peaks, batch).current
    assert why(Peaks(quantiles=(0.1,)), batch).current


@pytest.mark.parametrize(
    ("options", "problem", "hint"),
    [
        ({"quantile": 1}, "no option 'quantile'", "did you mean 'quantiles'"),
        ({"quantiles": "all"}, "is a text, not a tuple", "by default it is (0.5, 0.9)"),
        ({"series": object()}, "an option is a object", "kept in the lineage"),
    ],
)
def test_wrong_options_are_refused(options, problem, hint):
    with pytest.raises(TreeMakerError, match=problem) as caught:
        Peaks(**options)
    assert hint in caught.value.hint


def test_what_it_depends_on_is_made_first_and_handed_over(batch):
    minitree = made(batch, PerArea)

    peaks, basics = made(batch, Peaks), made(batch, "Basics")
    np.testing.assert_allclose(
        minitree.columns["peak_density"],
        peaks.columns["peak_50"] / basics.columns["floor_area"],
    )
    assert set(minitree.lineage.depends_on) == {"Basics", "Peaks"}


def test_it_depends_on_the_lineage_of_what_it_depends_on(batch):
    made(batch, PerArea)

    newer = type("Peaks", (Peaks,), {"__version__": "2"})
    depends_on = PerArea.depends_on
    PerArea.depends_on = ("Basics", newer)
    try:
        found = why(PerArea, batch)
    finally:
        PerArea.depends_on = depends_on

    assert found.reason == (
        "Peaks, on which it depends: the TreeMaker has version '2', it was made by '1'"
    )


def test_two_classes_of_one_name_both_count(tmp_path):
    text = OWN.format(**FIRST) + (
        "class Own(Own):\n    def extract_data(self, event):\n        return {}\n"
    )

    one = source_of(plugin(tmp_path, text))
    other = source_of(plugin(tmp_path, text.replace("inside = 1", "inside = 5")))

    assert one["Own"] == other["Own"]
    assert one["Own (2)"] != other["Own (2)"]


def test_event_by_event_too_and_many_rows_as_lists(batch):
    class Zonal(shoeroot.minitrees.MultipleRowExtractor):
        __version__ = "1"

        def extract(self, events):
            return {"a": events.zones.floor_area}

    class Share(TreeMaker):
        depends_on = ("Basics", Zonal)
        chunk_events = 6

        def extract_data(self, event):
            areas = event.minitrees["Zonal"].a
            return {"n": len(areas), "area": event.minitrees["Basics"].floor_area}

    class Sums(TreeMaker):
        depends_on = Zonal
        chunk_events = 6

        def extract(self, events):
            import awkward as ak

            return {"sum": np.asarray(ak.sum(events.minitrees["Zonal"].a, axis=1))}

    share, sums = made(batch, Share), made(batch, Sums)

    with shoeroot.open(batch) as events:
        assert share.columns["n"].tolist() == [len(one.zones) for one in events]
        wanted = [sum(zone.floor_area for zone in one.zones) for one in events]
        np.testing.assert_allclose(share.columns["area"], events.floor_area)
    np.testing.assert_allclose(sums.columns["sum"], wanted)


def test_circles_and_undeclared_dependencies_are_refused(batch):
    class One(TreeMaker):
        pass

    class Other(TreeMaker):
        depends_on = One

    One.depends_on = (Other,)

    class Undeclared(TreeMaker):
        def extract(self, events):
            return {"a": events.minitrees["Basics"].eui}

    with pytest.raises(TreeMakerError, match="depend on each other: One -> Other -> One"):
        made(batch, One)
    with pytest.raises(TreeMakerError, match="does not depend on 'Basics'") as caught:
        made(batch, Undeclared)
    assert 'depends_on = ("Basics",)' in caught.value.hint
