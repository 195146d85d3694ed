"""What a TreeMaker may return, and events as light objects."""

from __future__ import annotations

import numpy as np
import pytest

from shoeroot.errors import TreeMakerError
from shoeroot.events import UnknownFieldError
from shoeroot.minitrees import TreeMaker, sum_by_event, sum_series_by_event
from shoeroot.minitrees.extraction import extract_columns
from shoeroot.minitrees.source import source_of
from shoeroot.minitrees.view import views_of


def returning(values, declared=None):
    class Returning(TreeMaker):
        columns = declared or {}

        def extract(self, events):
            return values

    return Returning()


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"a": np.zeros(3)}, r"of shape \(3,\)"),
        ({"a": np.zeros((8, 2))}, r"of shape \(8, 2\)"),
        ({"a": np.array([object()] * 8)}, "of type object"),
    ],
)
def test_a_column_that_is_no_column_is_refused(events, values, problem):
    with pytest.raises(TreeMakerError, match=problem):
        extract_columns(returning(values), events)


def test_declared_and_returned_columns_must_agree(events):
    declared = {"area": ("m2", "An area")}
    with pytest.raises(TreeMakerError, match="undeclared column 'aria'") as caught:
        extract_columns(returning({"aria": np.zeros(8), "area": np.zeros(8)}, declared), events)
    assert "area" in caught.value.hint
    with pytest.raises(TreeMakerError, match="did not return its column 'area'"):
        extract_columns(returning({}, declared), events)


def test_a_treemaker_that_raises_is_named(events):
    class Broken(TreeMaker):
        def extract(self, events):
            return {"x": 1 / np.int64(0) if False else [].pop()}

    with pytest.raises(TreeMakerError, match="TreeMaker Broken failed: IndexError"):
        extract_columns(Broken(), events)


def test_a_treemaker_without_a_method_says_what_to_write(events):
    with pytest.raises(TreeMakerError, match="neither extract nor extract_data"):
        extract_columns(TreeMaker(), events)


def test_a_row_must_be_a_dict(events):
    class Listing(TreeMaker):
        def extract_data(self, event):
            return [1, 2]

    with pytest.raises(TreeMakerError, match="returned a list") as caught:
        extract_columns(Listing(), events)
    assert "event 0" in caught.value.where


def test_texts_numbers_and_flags_may_be_returned(events):
    class Mixed(TreeMaker):
        def extract_data(self, event):
            return {} if event.status != "ok" else {"name": event.zones[0].name, "n": 2, "f": True}

    columns = extract_columns(Mixed(), events)

    assert columns["name"][0] == "Block Perim Storey 0"
    assert columns["name"][2] == ""
    assert np.isnan(columns["n"][2])


def test_identity_follows_name_version_and_source():
    class First(TreeMaker):
        def extract(self, events):
            return {"a": events.floor_area}

    class Second(TreeMaker):
        def extract(self, events):
            return {"a": events.volume}

    assert source_of(First) == source_of(First)
    assert source_of(First) != source_of(Second)


def test_a_class_typed_at_a_prompt_has_an_identity_too():
    def typed(expression):
        space = {"TreeMaker": TreeMaker, "__name__": "prompt"}
        exec(  # the way a prompt makes classes
            "class Typed(TreeMaker):\n"
            f"    def extract(self, events):\n        return {{'a': {expression}}}\n",
            space,
        )
        return space["Typed"]

    assert source_of(typed("1.0")) == source_of(typed("1.0"))
    assert source_of(typed("1.0")) != source_of(typed("2.0"))


def test_an_event_view_has_what_the_record_has(events):
    record, view = events[0], next(iter(views_of(events)))

    assert view.status == record.status
    assert view.design.width == record.design.width
    assert len(view.zones) == len(record.zones)
    assert view.zones[-1].name == record.zones[-1].name
    assert [surface.area for surface in view.surfaces] == [one.area for one in record.surfaces]
    np.testing.assert_array_equal(
        view.zones[1].hourly.temperature, record.zones[1].hourly.temperature
    )
    np.testing.assert_array_equal(view.zones[0].monthly_heating, record.zones[0].monthly_heating)
    np.testing.assert_array_equal(view.design.schedules, record.design.schedules)


def test_an_event_view_names_the_nearest_field(events):
    view = next(iter(views_of(events)))

    with pytest.raises(UnknownFieldError, match="no field 'statis'") as caught:
        _ = view.statis
    assert "status" in caught.value.hint
    with pytest.raises(IndexError):
        _ = view.zones[2]


def test_sums_are_in_double_precision_and_nan_where_there_is_nothing(events):
    sums = sum_by_event(events.zones.heating)

    assert np.isnan(sums[[2, 4]]).all()
    assert sums[0] == sum(zone.heating for zone in events[0].zones)


def test_series_are_summed_by_event():
    series = np.arange(12.0, dtype=np.float32).reshape(4, 3)

    sums = sum_series_by_event(series, np.array([0, 1, 0, 3]))

    np.testing.assert_array_equal(sums, [[0, 1, 2], [18, 21, 24]])
    assert sums.dtype == np.float64
    assert sum_series_by_event(series[:0], np.array([0, 0])).shape == (0, 3)


@pytest.mark.parametrize("counts", [[2, 2, 2], [2, 0, 2, 2], [1, 5], [6], [1] * 6])
def test_sums_of_series_are_those_of_numpy(counts):
    series = np.random.default_rng(0).random((6, 40), dtype=np.float32)
    starts = np.unique(np.cumsum([0, *counts])[:-1])

    sums = sum_series_by_event(series, np.array(counts))

    wanted = np.add.reduceat(series, starts, axis=0, dtype=np.float64)
    np.testing.assert_array_equal(sums, wanted)
