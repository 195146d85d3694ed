"""Cut flows: what the counts must fulfil, merging, storing, showing."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoeroot.errors import ConfigError
from shoeroot.minitrees import CutFlow
from shoeroot.minitrees.cut_counts import count_cuts

MASKS = st.integers(0, 30).flatmap(
    lambda rows: st.lists(st.lists(st.booleans(), min_size=rows, max_size=rows), max_size=5)
)


def stacked(masks):
    return np.array(masks, dtype=bool) if masks else np.zeros((0, 7), dtype=bool)


def flow_of(masks, weights=None):
    masks = [np.array(mask, dtype=bool) for mask in masks]
    rows = len(masks[0]) if masks else 7
    names = [(f"cut {number}", f"x{number} > 0") for number in range(len(masks))]
    return count_cuts(names, masks, [None] * len(masks), weights or {}, rows)


@given(MASKS)
def test_counts_are_what_the_masks_say(masks):
    flow = flow_of(masks)

    all_of = stacked(masks)
    for number, step in enumerate(flow):
        others = np.delete(all_of, number, axis=0)
        assert step.left[0] == all_of[: number + 1].all(axis=0).sum()
        assert step.alone[0] == all_of[number].sum()
        assert step.n_minus_1[0] == others.all(axis=0).sum()


@given(MASKS)
def test_a_sequence_falls_to_the_final_count_and_n_minus_1_never_below_it(masks):
    flow = flow_of(masks)
    table = flow.to_frame()

    assert table["removed"].sum() == flow.total[0] - flow.final[0]
    assert (table["removed"] >= 0).all()
    assert (table["n_minus_1"] >= flow.final[0]).all()
    assert (table["exclusive"] == table["n_minus_1"] - flow.final[0]).all()
    assert (table["exclusive"] <= table["removed"]).all()
    assert (table["alone"] >= table["left"]).all()


@given(MASKS)
def test_a_weight_of_1_counts_like_no_weight(masks):
    rows = len(masks[0]) if masks else 7
    flow = flow_of(masks, {"one": np.ones(rows)})

    left_out = ["cut", "condition"]
    counts, sums = flow.to_frame(), flow.to_frame("one")
    np.testing.assert_array_equal(counts.drop(columns=left_out), sums.drop(columns=left_out))


@given(MASKS, st.integers(0, 30))
def test_the_flows_of_two_halves_add_up_to_that_of_the_whole(masks, where):
    first, second = flow_of([m[:where] for m in masks]), flow_of([m[where:] for m in masks])

    assert not masks or first.merge(second) == flow_of(masks)


@given(MASKS, st.integers(0, 5))
def test_cuts_made_later_on_what_is_left_give_the_same_sequence(masks, where):
    whole = flow_of(masks)
    masks = stacked(masks)
    early = masks[:where].all(axis=0)
    names = [(step.name, step.condition) for step in whole]
    later = count_cuts(
        names[where:], list(masks[where:][:, early]), [None] * len(masks[where:]), {}, early.sum()
    )

    if len(masks):
        flow = flow_of(masks[:where].tolist() or [[True] * masks.shape[1]][:0])
        flow = flow.then(later) if where else later
        assert [step.left for step in flow] == [step.left for step in whole]
        for step, known in zip(flow, whole, strict=True):
            assert step.n_minus_1[0] in (None, known.n_minus_1[0])
            assert step.alone[0] in (None, known.alone[0])


@given(MASKS)
def test_a_flow_comes_back_from_json(masks):
    flow = flow_of(masks, {"area": np.linspace(0, 1, len(masks[0]) if masks else 7)})

    assert CutFlow.from_dict(flow.to_dict()) == flow


def test_a_cut_that_one_of_two_lacks_removes_nothing_there():
    a, b = ("a", "a"), ("b", "b")
    both = count_cuts(
        [a, b], [np.array([1, 1, 0], bool), np.array([1, 0, 0], bool)], [None] * 2, {}, 3
    )
    one = count_cuts([b], [np.array([1, 0], bool)], [None], {}, 2)

    merged = both.merge(one)

    assert merged.total == (5,)
    assert merged["a"].left == (4,)
    assert merged["b"].left == (2,)
    assert merged["a"].n_minus_1 == (2,)
    assert both.merge(CutFlow((4,)))["b"].left == (5,)


def test_the_same_cuts_in_another_order_cannot_be_merged():
    mask = np.array([True, False])
    names = [("a", "a"), ("b", "b")]
    one = count_cuts(names, [mask, mask], [None] * 2, {}, 2)
    other = count_cuts(names[::-1], [mask, mask], [None] * 2, {}, 2)

    with pytest.raises(ConfigError, match="another order"):
        one.merge(other)
    with pytest.raises(ConfigError, match="different weights"):
        one.merge(CutFlow((1, 2.0), ("area",)))


def test_missing_weights_count_as_nothing():
    flow = flow_of([[True, True, False]], {"energy": np.array([1.5, np.nan, 2.0])})

    assert flow.total == (3, 3.5)
    assert flow["cut 0"].left == (2, 1.5)


def test_unknown_names_are_told_with_the_nearest():
    flow = flow_of([[True]], {"floor_area": np.ones(1)})

    with pytest.raises(ConfigError, match="no cut 'cut 1'") as caught:
        flow["cut 1"]
    assert "cut 0" in caught.value.hint
    with pytest.raises(ConfigError, match="no weight 'flor_area'") as caught:
        flow.to_frame("flor_area")
    assert "floor_area" in caught.value.hint


def test_it_can_be_kept_in_a_file(tmp_path):
    flow = flow_of([[True, False]], {"area": np.array([2.0, 3.0])})
    flow.write(tmp_path / "flow.json")

    assert CutFlow.read(tmp_path / "flow.json") == flow
    assert [path.name for path in tmp_path.iterdir()] == ["flow.json"]


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"format": 1, "weights": [], "total": [1, 2], "steps": []}']
)
def test_a_file_that_holds_something_else_is_refused(tmp_path, content):
    (tmp_path / "flow.json").write_text(content)

    with pytest.raises(ConfigError):
        CutFlow.read(tmp_path / "flow.json")


def test_it_shows_itself_as_a_table():
    flow = flow_of([[True] * 9 + [False], [True] * 5 + [False] * 5], {"area": np.full(10, 1234.5)})

    lines = repr(flow).splitlines()

    assert " ".join(lines[0].split()) == "cut left removed passed of all alone only this N-1"
    assert lines[1].split() == ["all", "10"]
    assert lines[3].split() == ["cut", "1", "5", "4", "55.6", "%", "50.0", "%", "5", "4", "9"]
    assert "  cut 1: x1 > 0" in lines
    assert "sums of area" in lines


def test_in_html_names_are_escaped():
    names = [("<b>bold</b>", 'eui < 3 & "x"')]
    flow = count_cuts(names, [np.array([True])], [None], {}, 1)

    html = flow._repr_html_()

    assert "<b>" not in html
    assert "&lt;b&gt;bold" in html
    assert 'title="eui &lt; 3 &amp; &quot;x&quot;"' in html


def test_copies_are_the_same_object():
    flow = flow_of([[True]])

    assert copy.deepcopy(flow) is flow
