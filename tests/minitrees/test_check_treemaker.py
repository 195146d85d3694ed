"""The check that authors of TreeMakers run, and the start that `new_treemaker` writes."""

from __future__ import annotations

import runpy

import numpy as np
import pytest

import shoeroot
from shoeroot.errors import ConfigError, TreeMakerError
from shoeroot.minitrees import TreeMaker, new_treemaker, registry
from shoeroot.testing import check_treemaker, example_dataset


class Good(TreeMaker):
    """Areas."""

    __version__ = "1"
    columns = {"area": ("m2", "Floor area"), "glazed": ("1", "Window over facade")}

    def extract(self, events):
        return {"area": events.floor_area, "glazed": events.window_area / events.facade_area}


def test_a_good_one_passes_and_what_it_made_comes_back():
    columns = check_treemaker(Good)

    assert list(columns) == ["event_id", "area", "glazed"]
    assert (columns["area"] > 0).all()


def changed(**members):
    return type("Changed", (Good,), {"__doc__": "Areas.", "__version__": "1", **members})


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"__doc__": ""}, "no docstring"),
        (
            {"columns": {"area": ("", "Floor area"), "glazed": ("1", "Share")}},
            "column 'area' has no unit",
        ),
        (
            {"columns": {"area": ("m2", ""), "glazed": ("1", "Share")}},
            "column 'area' has no description",
        ),
        ({"columns": {}}, "declares no columns"),
        (
            {
                "extract": lambda self, events: {
                    "area": events.floor_area - events.floor_area.mean(),
                    "glazed": events.floor_area,
                }
            },
            "column 'area' is different when events come 1 at a time",
        ),
        (
            {
                "extract": lambda self, events: {
                    "area": events.floor_area,
                    "glazed": np.random.default_rng().random(len(events)),
                }
            },
            "column 'glazed' is different when it is made again",
        ),
    ],
)
def test_what_is_missing_or_not_to_be_relied_on_fails(members, problem):
    with pytest.raises(AssertionError, match=problem):
        check_treemaker(changed(**members))


def test_one_that_does_not_run_is_an_error():
    with pytest.raises(TreeMakerError, match="IndexError"):
        check_treemaker(changed(extract=lambda self, events: [].pop()))


def test_example_events_are_the_same_each_time_and_some_have_failed(tmp_path):
    one, other = example_dataset(tmp_path / "one"), example_dataset(tmp_path / "other")

    assert shoeroot.events.content_id(one) == shoeroot.events.content_id(other)
    with shoeroot.open(one) as events:
        assert set(events.status) == {"ok", "fatal", "invalid"}


@pytest.mark.parametrize("style", ["columnar", "by-event", "many-rows"])
def test_a_new_one_works_and_passes_its_own_test(tmp_path, monkeypatch, style):
    monkeypatch.setattr(registry, "_folders", [])
    made = new_treemaker("ShadedHours", tmp_path, style=style)

    own_tests = runpy.run_path(str(made.test))
    own_tests["test_shaded_hours_keeps_to_the_rules"]()
    own_tests["test_shaded_hours_loads"](tmp_path)

    assert made.file.name == "shaded_hours.py"


def test_names_that_cannot_be_or_are_taken_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot be the name"):
        new_treemaker("shaded/hours", tmp_path)
    with pytest.raises(TreeMakerError, match="'Basics' already"):
        new_treemaker("Basics", tmp_path)
    new_treemaker("ShadedHours", tmp_path)
    with pytest.raises(TreeMakerError, match="file exists already"):
        new_treemaker("ShadedHours", tmp_path)
    with pytest.raises(ConfigError, match="no style 'rows'"):
        new_treemaker("Other", tmp_path, style="rows")
