"""Mini-trees: made once, kept, made anew when they must be, joined into one DataFrame."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
import uproot

import shoeroot
from shoeroot.errors import EventFileError, TreeMakerError
from shoeroot.minitrees import TreeMaker, TreeMakerWarning, load

GOOD = [0, 1, 3, 5, 6, 7]


@pytest.fixture
def dataset(campaign, tmp_path):
    """A copy of the campaign, for tests that write into it."""
    return shutil.copytree(
        campaign.folder, tmp_path / "batch_00023", ignore=shutil.ignore_patterns("minitrees")
    )


class CorePeak(TreeMaker):
    """In the style of hax: one event at a time."""

    __version__ = "0.0.1"
    extra_branches = ("zones.heating_peak",)
    calls = 0

    def extract_data(self, event):
        type(self).calls += 1
        if not len(event.zones):
            return dict()
        return dict(core_peak=event.zones[-1].heating_peak, n_zones=len(event.zones))


class Glazing(TreeMaker):
    """Columnar: all events at once."""

    __version__ = "1"
    columns = {"glazed": ("m2/m2", "Window area over facade area")}

    def extract(self, events):
        return {"glazed": events.window_area / events.facade_area}


def test_both_styles_load_into_one_frame(dataset, events):
    data = load(dataset, ["Basics", CorePeak, Glazing])

    assert list(data["event_id"]) == list(range(8))
    assert set(data["dataset"]) == {"batch_00023"}
    wanted = [event.zones[-1].heating_peak if event.zones else np.nan for event in events]
    np.testing.assert_allclose(data["core_peak"], wanted)
    np.testing.assert_allclose(data["glazed"], [event.design.wwr for event in events])


def test_an_event_that_returns_nothing_is_nan_and_is_kept(dataset):
    data = load(dataset, CorePeak)

    assert len(data) == 8
    assert list(data.index[data["core_peak"].isna()]) == [2, 4]


def test_a_current_mini_tree_is_not_made_again(dataset):
    CorePeak.calls = 0
    first = load(dataset, CorePeak)
    second = load(dataset, CorePeak)

    assert CorePeak.calls == 8
    pd.testing.assert_frame_equal(first, second)


def test_force_reload_makes_it_again(dataset):
    load(dataset, CorePeak)
    CorePeak.calls = 0
    load(dataset, CorePeak, force_reload=True)

    assert CorePeak.calls == 8


def test_a_new_version_or_source_makes_it_again(dataset):
    def version(number, factor):
        class Scaled(TreeMaker):
            __version__ = number

            def extract(self, events):
                return {"scaled": events.floor_area * factor}

        return Scaled

    first = load(dataset, version("1", 2.0))
    raised = load(dataset, version("2", 3.0))

    np.testing.assert_allclose(raised["scaled"], first["scaled"] * 1.5)


def test_other_events_under_the_same_name_make_it_again(dataset, campaign, tmp_path):
    CorePeak.calls = 0
    load(dataset, CorePeak)
    part = dataset / "events" / "part-0000.root"
    with shoeroot.open(part) as events:
        fewer = [events[0], events[1]]
    part.unlink()
    with shoeroot.events.EventWriter(dataset / "events", shoeroot.records.Simulation) as writer:
        writer.write(fewer)

    assert len(load(dataset, CorePeak)) == 2


@pytest.mark.parametrize("damage", ["truncated", "foreign", "empty"])
def test_a_damaged_mini_tree_is_made_again(dataset, damage):
    first = load(dataset, CorePeak)
    path = dataset / "minitrees" / "CorePeak" / "CorePeak.root"
    content = path.read_bytes()
    path.write_bytes({"truncated": content[:300], "foreign": b"not ROOT", "empty": b""}[damage])

    with pytest.warns(TreeMakerWarning, match="is damaged"):
        again = load(dataset, CorePeak)

    pd.testing.assert_frame_equal(again, first)


def test_nothing_but_the_mini_tree_is_left_in_its_folder(dataset):
    load(dataset, CorePeak)

    assert [path.name for path in (dataset / "minitrees" / "CorePeak").iterdir()] == [
        "CorePeak.root"
    ]


def test_a_mini_tree_is_a_plain_root_file(dataset):
    data = load(dataset, "Basics")

    with uproot.open(dataset / "minitrees" / "Basics" / "Basics.root") as file:
        tree = file["minitree"]
        np.testing.assert_array_equal(tree["eui"].array(library="np"), data["eui"])
        assert list(tree["status"].array(library="np")) == list(data["status"])


def test_several_datasets_come_one_after_the_other(dataset, campaign, tmp_path):
    other = shutil.copytree(dataset, tmp_path / "batch_00024")

    data = load([dataset, other], [Glazing])

    assert list(data["dataset"]) == ["batch_00023"] * 8 + ["batch_00024"] * 8


def test_mini_trees_can_be_kept_elsewhere(dataset, tmp_path):
    load(dataset, Glazing, minitree_folder=tmp_path / "mine")

    assert not (dataset / "minitrees").exists()
    assert (tmp_path / "mine" / "batch_00023" / "Glazing" / "Glazing.root").is_file()


def test_units_and_descriptions_come_along(dataset):
    load(dataset, ["Basics", Glazing])
    columns = load(dataset, ["Basics", Glazing]).attrs["columns"]

    assert columns["eui"]["unit"] == "kWh/m2"
    assert columns["glazed"]["description"] == "Window area over facade area"


def test_missing_datasets_and_treemakers_are_refused(dataset, tmp_path):
    with pytest.raises(EventFileError):
        load(tmp_path / "nowhere", "Basics")
    with pytest.raises(TreeMakerError, match="no TreeMaker 'Basic'") as caught:
        load(dataset, "Basic")
    assert "Basics" in caught.value.hint
    with pytest.raises(TreeMakerError, match="is no TreeMaker"):
        load(dataset, dict)
    with pytest.raises(TreeMakerError, match="two TreeMakers are called"):
        load(dataset, ["Basics", "Basics"])
    with pytest.raises(TreeMakerError, match="no dataset"):
        load([], "Basics")


def test_a_column_of_two_treemakers_is_refused(dataset):
    class Other(TreeMaker):
        def extract(self, events):
            return {"glazed": events.window_area}

    with pytest.raises(TreeMakerError, match="column 'glazed' comes from two"):
        load(dataset, [Glazing, Other])


def test_a_folder_that_cannot_be_written_is_an_error_that_says_so(dataset):
    (dataset / "minitrees").write_text("a file where a folder should be")

    with pytest.raises(TreeMakerError, match="cannot be written") as caught:
        load(dataset, Glazing)
    assert "minitree_folder" in caught.value.hint
