"""`load` and its relatives: preselection, event lists, caches, backends, Dask, more columns."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pandas as pd
import pytest

import shoeroot
from shoeroot import minitrees
from shoeroot.errors import ConfigError, EventFileError, ExpressionError, TreeMakerError
from shoeroot.minitrees import TreeMaker, cut_flow, cuts, load

GOOD = [0, 1, 3, 5, 6, 7]
pytestmark = pytest.mark.filterwarnings("ignore:.*is not current and loaded as it is")


@pytest.fixture(scope="module")
def folder(campaign, tmp_path_factory):
    """Two datasets of the same events, with their mini-trees Basics and Loads."""
    folder = tmp_path_factory.mktemp("datasets")
    left_out = shutil.ignore_patterns("minitrees")
    for name in ("first", "second"):
        shutil.copytree(campaign.folder, folder / name, ignore=left_out)
    load([folder / "first", folder / "second"], ["Basics", "Loads"])
    return folder


@pytest.fixture
def both(folder):
    return [folder / "first", folder / "second"]


class Watched(TreeMaker):
    """Notes which events it is asked for."""

    __version__ = "1"
    columns = {"watched": ("", "The id again")}
    never_store = True
    asked: list = []

    def extract(self, events):
        type(self).asked.extend(np.asarray(events.event_id).tolist())
        return {"watched": events.event_id}


class Rooms(minitrees.MultipleRowExtractor):
    """Many rows an event."""

    def extract_data(self, event):
        return [dict(room=number) for number in range(len(event.zones))]


class Undeclared(TreeMaker):
    """A column that it does not declare."""

    def extract(self, events):
        return {"storeys": events.floor_area * 0 + 1}


def test_what_a_preselection_removes_is_not_asked_of_later_treemakers(folder):
    Watched.asked = []

    data = load(folder / "first", [Watched, "Basics"], "status == 'ok'")

    assert Watched.asked == GOOD
    assert list(data["event_id"]) == GOOD
    assert list(data["watched"]) == GOOD
    assert list(data.columns[:3]) == ["dataset", "event_id", "watched"]
    assert cut_flow(data)["status == 'ok'"].left == (6,)


def test_a_condition_on_two_treemakers_is_split_where_it_can_be(folder):
    whole = load(folder / "first", ["Basics", "Loads"])
    limit = float(whole["heating_peak"].median())

    data = load(
        folder / "first",
        ["Basics", "Loads", Undeclared],
        f"status == 'ok' and heating_peak > {limit} and storeys == 1",
    )

    wanted = whole[(whole["status"] == "ok") & (whole["heating_peak"] > limit)]
    assert list(data["event_id"]) == list(wanted["event_id"])
    assert cut_flow(data).total == (8,)
    assert cut_flow(data).final == (len(wanted),)


def test_counts_of_a_preselection_come_first_in_the_flow_of_later_cuts(both):
    whole = load(both, ["Basics", "Loads"])

    data = load(both, ["Basics", "Loads"], ["status == 'ok'", "eui > 60"], weights="floor_area")
    data = cuts.above(data, "heating_peak", 1, weights="floor_area")

    flow = cut_flow(data)
    assert flow.names == ("status == 'ok'", "eui > 60", "heating_peak > 1")
    assert flow.total == (16, pytest.approx(whole["floor_area"].sum()))
    assert flow["status == 'ok'"].left[0] == 12
    assert flow["eui > 60"].alone[0] == (whole["eui"] > 60).sum()
    passing = (whole["status"] == "ok") & (whole["eui"] > 60) & (whole["heating_peak"] > 1)
    assert flow.final == (passing.sum(), pytest.approx(whole["floor_area"][passing].sum()))


@pytest.mark.parametrize(
    ("preselection", "problem"),
    [
        ("statis == 'ok'", "no column 'statis'"),
        ("log(eui) > 1", "a call"),
        ("eui.values > 1", "an attribute"),
        ("lambda: eui", "a lambda"),
        ("[eui for x in eui]", "a comprehension"),
    ],
)
def test_a_bad_preselection_is_refused_before_anything_is_made(folder, preselection, problem):
    Watched.asked = []

    with pytest.raises(ExpressionError, match=problem):
        load(folder / "first", ["Basics", Watched], preselection)

    assert Watched.asked == []
    with pytest.raises(ExpressionError, match="no column 'storey'") as caught:
        load(folder / "first", ["Basics", Undeclared], "storey == 1")
    assert "storeys" in caught.value.hint
    with pytest.raises(ConfigError, match="is no text"):
        load(folder / "first", "Basics", cuts.Cut("good", np.ones(8, bool)))


def test_a_preselection_may_leave_nothing(both):
    data = load(both, ["Basics", Undeclared, "Loads"], cuts.Cut("impossible", "eui < 0"))

    whole = load(both, ["Basics", Undeclared, "Loads"])
    assert len(data) == 0
    assert list(data.columns) == list(whole.columns)
    assert cut_flow(data)["impossible"].left == (0,)
    assert load(both[0], "Basics", "dataset == 'second'").empty


def test_only_some_events_may_be_asked_for(both):
    data = load(both, ["Basics", "Loads"], event_list=[5, 1])
    assert list(data["event_id"]) == [1, 5, 1, 5]

    data = load(both, "Basics", event_list={"second": [3], "first": []})
    assert list(zip(data["dataset"], data["event_id"], strict=True)) == [("second", 3)]


@pytest.mark.parametrize(
    ("event_list", "problem"),
    [
        ([1, 99], "1 events of the event list do not exist: 99"),
        ({"first": [77]}, "do not exist: 77"),
        ({"frist": [1]}, "'frist' that is not loaded"),
        ([1.5], "no event id"),
        (["a"], "no event id"),
        (3, "3 is no list of events"),
    ],
)
def test_events_that_do_not_exist_are_refused(both, event_list, problem):
    with pytest.raises(ConfigError, match=problem):
        load(both, "Basics", event_list=event_list)


def test_many_rows_an_event_repeat_the_event(folder, events):
    counts = [len(event.zones) for event in events]

    data = load(folder / "first", ["Basics", Rooms], "status == 'ok'")

    assert len(data) == sum(counts)
    assert (data["event_id"].to_numpy()[1:] >= data["event_id"].to_numpy()[:-1]).all()
    assert data.groupby("event_id")["floor_area"].nunique().eq(1).all()
    assert cut_flow(data).names == ("status == 'ok'", "rows of Rooms")

    class Doors(Rooms):
        def extract_data(self, event):
            return [dict(door=1), dict(door=2)]

    with pytest.raises(TreeMakerError, match="many rows an event"):
        load(folder / "first", [Rooms, Doors])


def test_a_cache_file_answers_the_same_question_only(both, tmp_path):
    file = tmp_path / "cache" / "data.root"
    asked = {"preselection": "status == 'ok'", "weights": "floor_area", "cache_file": file}
    first = load(both, ["Basics", Watched], **asked)
    Watched.asked = []

    second = load(both, ["Basics", Watched], **asked)

    pd.testing.assert_frame_equal(first, second)
    assert cut_flow(second) == cut_flow(first)
    assert Watched.asked == []
    with pytest.raises(ConfigError, match="made for other preselection"):
        load(both, ["Basics", Watched], cache_file=file, weights="floor_area")
    load(both, ["Basics", Watched], **asked, remake_cache=True)
    assert len(Watched.asked) == 12
    assert [path.name for path in file.parent.iterdir()] == ["data.root"]


def test_a_cache_file_is_made_again_when_events_or_treemakers_change(both, tmp_path):
    file = tmp_path / "data.root"

    def version(number):
        class Scaled(TreeMaker):
            __version__ = str(number)
            never_store = True

            def extract(self, events):
                return {"scaled": events.floor_area * number}

        return Scaled

    first = load(both, version(1), cache_file=file)
    raised = load(both, version(2), cache_file=file)
    np.testing.assert_allclose(raised["scaled"], 2 * first["scaled"])

    Watched.asked = []
    load(both, Watched, cache_file=tmp_path / "other.root")
    part = both[0] / "events" / "part-0000.root"
    os.utime(part, ns=(1, 1))
    load(both, Watched, cache_file=tmp_path / "other.root")
    assert len(Watched.asked) == 32


def test_a_damaged_cache_is_made_again_and_a_foreign_file_is_left(both, tmp_path):
    file = tmp_path / "data.root"
    first = load(both, "Basics", cache_file=file)
    file.write_bytes(file.read_bytes()[:400])

    with pytest.warns(minitrees.TreeMakerWarning, match="damaged and made again"):
        again = load(both, "Basics", cache_file=file)
    pd.testing.assert_frame_equal(first, again)

    foreign = tmp_path / "thesis.txt"
    foreign.write_text("important")
    with pytest.raises(ConfigError, match="no ROOT file"):
        load(both, "Basics", cache_file=foreign)
    assert foreign.read_text() == "important"
    with pytest.raises(ConfigError, match="no ROOT file"):
        load(both, "Basics", cache_file=tmp_path)


def test_several_workers_give_the_same(both):
    one = load(both, ["Basics", "Loads"], "status == 'ok'")

    pd.testing.assert_frame_equal(
        load(both, ["Basics", "Loads"], "status == 'ok'", num_workers=2), one
    )
    pytest.importorskip("dask")
    by_dask = load(both, ["Basics", "Loads"], "status == 'ok'", compute_options={"num_workers": 2})
    pd.testing.assert_frame_equal(by_dask, one)
    assert cut_flow(by_dask) == cut_flow(one)
    with pytest.raises(ConfigError, match="0 workers"):
        load(both, num_workers=0)


def test_delayed_is_a_dask_dataframe_with_the_cut_flow_kept(both):
    frames = pytest.importorskip("dask.dataframe")

    data = load(both, ["Basics", "Loads"], "status == 'ok'", delayed=True)
    data = cuts.above(data, "eui", 60)

    assert isinstance(data, frames.DataFrame)
    wanted = cuts.above(load(both, ["Basics", "Loads"], "status == 'ok'"), "eui", 60)
    computed = minitrees.compute(data)
    pd.testing.assert_frame_equal(
        computed, wanted.reset_index(drop=True), check_flags=False, check_index_type=False
    )
    assert cut_flow(data).names == cut_flow(wanted).names
    assert cut_flow(computed).final == cut_flow(data).final == cut_flow(wanted).final
    with pytest.raises(ConfigError, match="no cache file"):
        load(both, delayed=True, backend="arrow")


@pytest.mark.parametrize("backend", ["arrow", "polars"])
def test_other_kinds_of_tables_have_the_same_values(both, backend):
    pytest.importorskip({"arrow": "pyarrow", "polars": "polars"}[backend])
    wanted = load(both, ["Basics", "Loads"], "status == 'ok'")

    found = load(both, ["Basics", "Loads"], "status == 'ok'", backend=backend)

    values = {name: np.asarray(found[name]) for name in wanted.columns}
    for name in wanted.columns:
        np.testing.assert_array_equal(values[name], wanted[name].to_numpy(), err_msg=name)
    assert cut_flow(found) == cut_flow(wanted)


def test_an_unknown_backend_is_refused(both):
    with pytest.raises(ConfigError, match="no backend 'polar'") as caught:
        load(both, backend="polar")
    assert "polars" in caught.value.hint


def test_extend_adds_columns_to_what_survived_cuts(both):
    data = load(both, "Basics")
    data = cuts.above(data, "eui", 60).sort_values("eui", ascending=False)
    data["mine"] = 1

    grown = minitrees.extend(data, ["Loads", Watched])

    whole = load(both, ["Basics", "Loads"]).set_index(["dataset", "event_id"])
    keys = list(zip(grown["dataset"], grown["event_id"], strict=True))
    np.testing.assert_array_equal(grown["heating_peak"], whole.loc[keys, "heating_peak"])
    assert grown.index.equals(data.index)
    assert list(grown["watched"]) == list(grown["event_id"])
    assert grown.attrs["columns"]["heating_peak"]["unit"] == "kW"
    assert cut_flow(grown) == cut_flow(data)
    assert "heating_peak" not in data
    assert minitrees.extend(data[:0], "Loads").empty


def test_the_working_folder_may_change_after_loading(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(folder)
    data = load("first", "Basics")
    delayed = load(["first", "second"], "Basics", delayed=True, minitree_folder="made")
    single = minitrees.load_single_minitree("first", "Basics")

    monkeypatch.chdir(tmp_path)

    assert "heating_peak" in minitrees.extend(data, "Loads")
    assert len(minitrees.function_over_events(lambda event: event.event_id, data)) == len(data)
    assert len(minitrees.compute(delayed)) == 2 * len(data)
    assert single.attrs["datasets"] == {"first": str(folder / "first")}
    assert not list(tmp_path.iterdir())


def test_extend_refuses_what_it_cannot_add(both):
    data = load(both, "Basics")

    with pytest.raises(TreeMakerError, match="column 'batch_id' already"):
        minitrees.extend(data, "Basics")
    with pytest.raises(TreeMakerError, match="cannot extend"):
        minitrees.extend(data, Rooms)
    with pytest.raises(ConfigError, match="no column 'event_id'"):
        minitrees.extend(data.drop(columns="event_id"), "Loads")
    data["event_id"] += 100
    with pytest.raises(ConfigError, match="no event 100"):
        minitrees.extend(data, "Loads")


def test_a_function_is_called_for_each_event_or_row(both, events):
    zones = [len(event.zones) for event in events]

    counted = minitrees.function_over_events(lambda event: len(event.zones), both, ["zones.name"])
    assert counted == zones + zones

    data = load(both, "Basics", "status == 'ok'").sort_values("eui")
    ids = minitrees.function_over_events(lambda event: int(event.event_id), data)
    assert ids == data["event_id"].tolist()
    with pytest.raises(shoeroot.events.UnknownFieldError, match="'zone'") as caught:
        minitrees.function_over_events(len, both, "zone")
    assert "zones" in caught.value.hint


def test_one_dataset_and_one_minitree(folder):
    first = folder / "first"

    assert len(minitrees.load_single_dataset(first, "Basics", "status == 'ok'")) == 6
    data = minitrees.load_single_minitree(first, "Loads", event_list=[1, 2])
    assert list(data["event_id"]) == [1, 2]
    assert (
        data.attrs["metadata"]["version"] == shoeroot.minitrees.find_treemaker("Loads").__version__
    )
    with pytest.raises(ConfigError, match="one dataset"):
        minitrees.load_single_dataset([first], "Basics")


def test_one_dataset_is_not_a_pattern_of_several(folder):
    for ask in (
        lambda: minitrees.load_single_minitree(str(folder / "*"), "Basics"),
        lambda: minitrees.why("Basics", str(folder / "*")),
    ):
        with pytest.raises(ConfigError, match="stands for 2 datasets where one is needed"):
            ask()


def test_what_is_no_treemaker_is_refused(folder):
    with pytest.raises(TreeMakerError, match="3 is no TreeMaker"):
        load(folder / "first", 3)


def test_check_makes_nothing(folder):
    class Fresh(Undeclared):
        pass

    first, other = minitrees.check(folder / "first", ["Basics", Fresh])

    assert (first.current, other.current) == (True, False)
    assert "not made" in other.reason
    assert not (folder / "first" / "minitrees" / "Fresh").exists()


def test_minitrees_are_found_in_all_folders_and_made_in_the_first(folder, tmp_path, monkeypatch):
    class Elsewhere(Undeclared):
        pass

    shared, mine = tmp_path / "shared", tmp_path / "mine"
    load(folder / "first", Elsewhere, minitree_folder=shared)

    (found,) = minitrees.check(folder / "first", Elsewhere, minitree_folder=[mine, shared])
    assert found.current
    monkeypatch.setenv("SHOEROOT_MINITREE_PATH", f"{mine}{os.pathsep}{shared}")
    assert minitrees.why(Elsewhere, folder / "first").current
    load(folder / "second", [Elsewhere])
    assert (mine / "second" / "Elsewhere").is_dir()
    assert not (folder / "second" / "minitrees" / "Elsewhere").exists()


def test_datasets_are_found_by_pattern_and_search_path(folder, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHOEROOT_DATA_PATH", str(folder))

    assert len(load("first")) == 8
    assert dict.fromkeys(load("[fs]*")["dataset"]) == {"first": None, "second": None}
    assert len(load(str(folder / "sec*"))) == 8
    with pytest.raises(EventFileError, match="no such dataset") as caught:
        load("frist")
    assert "'first'" in caught.value.hint
    with pytest.raises(TreeMakerError, match="given twice"):
        load(["first", folder / "first"])


def test_datasets_of_the_same_name_are_told_apart(folder, tmp_path):
    shutil.copytree(folder / "first", tmp_path / "first")

    data = load([folder / "first", tmp_path / "first"])

    assert set(data["dataset"]) == {f"{folder.name}/first", f"{tmp_path.name}/first"}
    assert len(minitrees.extend(data, "Loads")) == 16


def test_a_dataset_that_disappeared_is_named_and_its_minitree_can_be_taken(folder, tmp_path):
    dataset = shutil.copytree(
        folder / "first", tmp_path / "gone", ignore=shutil.ignore_patterns("minitrees")
    )
    data = load(dataset, minitree_folder=tmp_path / "kept")
    shutil.rmtree(dataset / "events")

    with pytest.raises(EventFileError, match="no part-0000") as caught:
        load(dataset, minitree_folder=tmp_path / "kept")
    assert "remake='stale'" in caught.value.hint
    left = load(dataset, minitree_folder=tmp_path / "kept", remake="stale")
    pd.testing.assert_frame_equal(left, data)
    shutil.rmtree(dataset)
    with pytest.raises(EventFileError, match="no such dataset"):
        load(dataset)
    assert len(load(dataset, minitree_folder=tmp_path / "kept", remake="stale")) == 8


def test_columns_of_another_type_in_another_dataset_lose_nothing(folder):
    class Changing(TreeMaker):
        never_store = True

        def extract(self, events):
            first = np.asarray(events.event_id)
            return {"large": first + 2**60 if type(self).whole else first / 2}

    Changing.whole = True
    one = load(folder / "first", Changing)
    Changing.whole = False
    other = load(folder / "second", Changing)

    data = minitrees.concat([one, other])

    assert data["large"].tolist() == [*(2**60 + one["event_id"]), *(other["event_id"] / 2)]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".root"])
def test_a_table_can_be_written_and_read(both, tmp_path, suffix):
    data = load(both, ["Basics", "Loads"], "status == 'ok'")

    minitrees.write_data(data, tmp_path / f"data{suffix}")
    again = minitrees.read_data(tmp_path / f"data{suffix}")

    pd.testing.assert_frame_equal(again, data, check_dtype=suffix != ".csv", check_flags=False)
    if suffix != ".csv":
        assert again.attrs["columns"] == data.attrs["columns"]
        assert cut_flow(again) == cut_flow(data)
    assert [path.name for path in tmp_path.iterdir()] == [f"data{suffix}"]
    with pytest.raises(ConfigError, match="cannot be written"):
        minitrees.write_data(data, tmp_path / "data.xlsx")
    with pytest.raises(ConfigError, match="cannot be read"):
        minitrees.read_data(tmp_path / f"none{suffix}")


def test_many_datasets_are_made_and_one_that_fails_stops_nothing(folder, tmp_path):
    shutil.copytree(folder / "first", tmp_path / "a")
    broken = shutil.copytree(folder / "first", tmp_path / "b")
    part = broken / "events" / "part-0000.root"
    part.write_bytes(part.read_bytes()[:1000])

    done = minitrees.make_minitrees(str(tmp_path / "*"), ["Basics", "Monthly"], num_workers=2)

    assert [(one.dataset, one.treemaker, one.outcome) for one in done] == [
        ("a", "Basics", "current"),
        ("a", "Monthly", "made"),
        ("b", "Basics", "failed"),
        ("b", "Monthly", "failed"),
    ]
    assert all(one.reason for one in done if one.outcome != "current")


def test_watching_takes_up_datasets_that_come(folder, tmp_path):
    looks = minitrees.watch_minitrees(
        str(tmp_path / "new*"),
        "Basics",
        rounds=3,
        interval=5,
        sleep=lambda _: shutil.copytree(
            folder / "first",
            tmp_path / "new",
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("minitrees"),
        ),
    )

    outcomes = [[one.outcome for one in news] for news in looks]

    assert outcomes == [[], ["made"], []]
