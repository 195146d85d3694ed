"""Cuts on tables, and the cut flow that stays with the table."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoeroot.errors import ConfigError, ExpressionError
from shoeroot.minitrees import compute, concat, cut_flow, cuts
from shoeroot.minitrees.cuts import Cut, read_cuts


def table(rows=200, seed=0, name="batch"):
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "dataset": [name] * rows,
            "event_id": np.arange(rows),
            "eui": np.where(random.random(rows) < 0.1, np.nan, random.gamma(3, 30, rows)),
            "status": random.choice(["ok", "ok", "fatal"], rows),
            "floor_area": random.uniform(50, 500, rows),
        }
    )


@pytest.mark.parametrize(
    ("cut", "wanted"),
    [
        (lambda data: cuts.below(data, "eui", 100), lambda data: data.eui < 100),
        (lambda data: cuts.above(data, "eui", 100), lambda data: data.eui > 100),
        (
            lambda data: cuts.range_selection(data, "eui", (50, 100)),
            lambda data: (data.eui >= 50) & (data.eui < 100),
        ),
        (
            lambda data: cuts.range_cut(data, "eui", (50, 100)),
            lambda data: ~((data.eui >= 50) & (data.eui < 100)),
        ),
        (lambda data: cuts.notnan(data, "eui"), lambda data: data.eui.notna()),
        (lambda data: cuts.isfinite(data, "eui"), lambda data: np.isfinite(data.eui)),
        (lambda data: cuts.selection(data, "status == 'ok'"), lambda data: data.status == "ok"),
        (lambda data: cuts.selection(data, data.eui < 9), lambda data: data.eui < 9),
        (lambda data: cuts.selection(data, lambda d: d.eui < 9), lambda data: data.eui < 9),
        (lambda data: cuts.cut(data, "eui < 9"), lambda data: ~(data.eui < 9)),
        (lambda data: cuts.cut(data, data.eui < 9), lambda data: ~(data.eui < 9)),
        (lambda data: cuts.eval_cut(data, "eui < 9"), lambda data: ~(data.eui < 9)),
        (lambda data: cuts.apply(data, "eui < 99", "eui > 9"), lambda d: d.eui.between(9, 99)),
    ],
)
def test_a_cut_keeps_the_rows_that_fulfil_it(cut, wanted):
    data = table()

    left = cut(data)

    pd.testing.assert_frame_equal(left, data[wanted(data)], check_flags=False)
    assert cut_flow(left).total == (200,)
    assert cut_flow(left).final == (len(left),)
    assert "cut_flow" not in data.attrs


def test_cuts_one_after_another_are_one_flow():
    data = cuts.below(table(), "eui", 100, name="efficient", weights="floor_area")
    data = cuts.selection(data, "status == 'ok'")

    flow = cut_flow(data)

    assert flow.names == ("efficient", "status == 'ok'")
    whole = table()
    assert flow["efficient"].n_minus_1[0] == (whole.status == "ok").sum()
    assert flow["status == 'ok'"].alone[0] == (whole.status == "ok").sum()
    assert flow.final == (len(data), pytest.approx(data.floor_area.sum()))


def test_a_column_may_be_added_to_what_is_left_without_a_warning():
    data = cuts.below(table(), "eui", 100)
    data["twice"] = 2 * data["eui"]
    data = cuts.below(data, "twice", 100)

    flow = cut_flow(data)

    # What the new column would have been in the rows that are gone is not known.
    assert flow["eui < 100"].n_minus_1 == (None,)
    assert flow["twice < 100"].n_minus_1 == (flow["eui < 100"].left[0],)
    assert "not known" in repr(flow)


def test_a_column_that_was_changed_since_is_not_taken_from_the_old_rows():
    data = cuts.selection(table(), "status == 'ok'")
    data["eui"] = data["eui"] / 2
    data = cuts.below(data, "eui", 40)

    assert cut_flow(data)["eui < 40"].alone == (None,)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.sort_values("eui"),
        lambda data: data.copy(),
        lambda data: data.assign(x=1),
        lambda data: data.sample(frac=1, random_state=3),
    ],
)
def test_rows_in_another_order_keep_the_flow_whole(change):
    data = change(cuts.below(table(), "eui", 100))
    data = cuts.selection(data, "status == 'ok'")

    assert cut_flow(data)["eui < 100"].n_minus_1[0] == (table().status == "ok").sum()


def test_a_new_index_is_not_taken_for_the_old_one():
    data = cuts.above(table(), "eui", 60).reset_index(drop=True)
    data = cuts.selection(data, "status == 'ok'")

    flow = cut_flow(data)

    assert flow.names == ("eui > 60", "status == 'ok'")
    assert flow.final[0] == ((table().eui > 60) & (table().status == "ok")).sum()
    assert flow["eui > 60"].n_minus_1 == (None,)


def test_rows_removed_by_other_means_stand_in_the_flow():
    data = cuts.below(table(), "eui", 100)
    data = data[data.floor_area > 100]

    assert cut_flow(data).names == ("eui < 100", "outside the cuts")
    data = cuts.selection(data, "status == 'ok'")
    assert cut_flow(data).names == ("eui < 100", "outside the cuts", "status == 'ok'")
    assert cut_flow(data).final == (len(data),)


def test_the_same_cut_again_gets_a_number():
    data = cuts.below(cuts.below(table(), "eui", 100), "eui", 100)

    assert cut_flow(data).names == ("eui < 100", "eui < 100 (2)")


def test_weights_may_be_asked_for_afterwards():
    data = cuts.below(table(), "eui", 100)

    flow = cut_flow(data, weights="floor_area")

    assert flow.total[1] == pytest.approx(table().floor_area.sum())
    with pytest.raises(ConfigError, match="no column 'flor_area'") as caught:
        cut_flow(data, weights="flor_area")
    assert "floor_area" in caught.value.hint
    with pytest.raises(ConfigError, match="is no weight"):
        cut_flow(data, weights="status")
    with pytest.raises(ConfigError, match="after rows are gone"):
        cut_flow(pickle.loads(pickle.dumps(data)), weights="floor_area")


def test_the_flow_survives_pickle_and_parquet(tmp_path):
    data = cuts.selection(cuts.below(table(), "eui", 100, weights="floor_area"), "status == 'ok'")
    data.to_parquet(tmp_path / "data.parquet")

    for again in (pickle.loads(pickle.dumps(data)), pd.read_parquet(tmp_path / "data.parquet")):
        assert cut_flow(again) == cut_flow(data)
        assert cut_flow(cuts.above(again, "eui", 20)).names[:2] == cut_flow(data).names


def test_tables_put_together_have_the_sum_of_their_flows():
    parts = [cuts.below(table(100, seed, f"batch {seed}"), "eui", 100) for seed in range(3)]

    data = concat(parts)

    whole = cuts.below(pd.concat([table(100, seed) for seed in range(3)]), "eui", 100)
    assert cut_flow(data) == cut_flow(whole)
    assert list(data.index) == list(range(len(data)))
    assert cut_flow(concat([parts[0], table(50, 9)])).total == (150,)
    kept = concat(parts, ignore_index=False)
    assert kept.index.equals(pd.concat(parts).index)


def test_pandas_own_concat_is_noticed():
    part = cuts.below(table(), "eui", 100)

    with pytest.raises(ConfigError, match="its cuts left") as caught:
        cut_flow(pd.concat([part, part]))
    assert "minitrees.concat" in caught.value.hint
    assert cut_flow(cuts.restart(pd.concat([part, part]))).names == ()
    with pytest.raises(ConfigError, match="no table"):
        concat([])


def test_no_row_left_is_no_problem():
    data = cuts.above(cuts.below(table(), "eui", -1, weights="floor_area"), "eui", 5)

    assert len(data) == 0
    assert cut_flow(data).final == (0, 0.0)
    assert "0.0 %" in repr(cut_flow(data))


@pytest.mark.parametrize(
    ("cut", "problem"),
    [
        (lambda data: cuts.below(data, "eiu", 3), "no column 'eiu'"),
        (lambda data: cuts.selection(data, "eiu < 3"), "no column 'eiu'"),
        (lambda data: cuts.below(data, "status", 3), "does not fit"),
        (lambda data: cuts.range_selection(data, "eui", (3, 1)), "no range"),
        (lambda data: cuts.range_selection(data, "eui", 3), "no range"),
        (lambda data: cuts.selection(data, data.eui), "float64"),
        (lambda data: cuts.selection(data, np.ones(3, bool)), r"shape \(3,\)"),
        (lambda data: cuts.selection(data, (data.eui < 3).iloc[::-1]), "another index"),
    ],
)
def test_bad_cuts_are_refused(cut, problem):
    with pytest.raises(ConfigError, match=problem):
        cut(table())


def test_named_cuts_come_from_a_file(tmp_path):
    (tmp_path / "cuts.toml").write_text(
        '[efficient]\ncondition = "eui < 100"\ndescription = "Less than most"\n'
        "[ran]\ncondition = \"status == 'ok'\"\n"
    )

    named = read_cuts(tmp_path / "cuts.toml")

    assert named["efficient"].description == "Less than most"
    flow = cut_flow(cuts.apply(table(), *named.values()))
    assert [(step.name, step.condition) for step in flow] == [
        ("efficient", "eui < 100"),
        ("ran", "status == 'ok'"),
    ]
    assert None not in [step.n_minus_1[0] for step in flow]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[a", "no cuts can be read"),
        ("[a]\ncondition = 3", "no condition"),
        ("a = 3", "no condition"),
        ('[a]\ncondition = "eui < 3"\ndescripton = "x"', "'descripton' is unknown"),
        ('[a]\ncondition = "eui < 3"\ndescription = 3', "no text"),
        ('[a]\ncondition = "f(eui)"', "a call"),
    ],
)
def test_a_file_of_cuts_is_checked(tmp_path, text, problem):
    (tmp_path / "cuts.toml").write_text(text)

    with pytest.raises(ConfigError, match=problem):
        read_cuts(tmp_path / "cuts.toml")
    with pytest.raises(ConfigError, match="no cuts can be read"):
        read_cuts(tmp_path / "none.toml")


CONDITIONS = st.lists(
    st.sampled_from(["eui < 100", "eui > 40", "status == 'ok'", "floor_area > 200", "eui == eui"]),
    min_size=1,
    max_size=4,
    unique=True,
)


@given(CONDITIONS, st.integers(0, 5))
def test_one_by_one_or_together_the_flow_is_the_same(conditions, seed):
    data = table(40, seed)

    together = cuts.apply(data, *conditions, weights="floor_area")
    one_by_one = data
    for condition in conditions:
        one_by_one = cuts.selection(one_by_one, condition, weights="floor_area")

    assert cut_flow(one_by_one) == cut_flow(together)
    pd.testing.assert_frame_equal(one_by_one, together, check_flags=False)


def test_a_dask_dataframe_keeps_its_flow():
    frames = pytest.importorskip("dask.dataframe")
    data = frames.from_pandas(table(), npartitions=3)

    left = cuts.selection(cuts.below(data, "eui", 100, weights="floor_area"), "status == 'ok'")

    wanted = cuts.selection(cuts.below(table(), "eui", 100, weights="floor_area"), "status == 'ok'")
    found = cut_flow(left)
    assert [(s.name, s.left[0], s.alone[0], s.n_minus_1[0]) for s in found] == [
        (s.name, s.left[0], s.alone[0], s.n_minus_1[0]) for s in cut_flow(wanted)
    ]
    assert found.final[1] == pytest.approx(wanted.floor_area.sum())
    computed = compute(left)
    assert cut_flow(computed) == found
    assert list(computed.event_id) == list(wanted.event_id)
    assert cut_flow(cuts.restart(left)).names == ()
    with pytest.raises(ConfigError, match="is a mask"):
        cuts.apply(data, Cut("", np.ones(200, bool)))
    with pytest.raises(ConfigError, match="needs no computing"):
        compute(table())
    with pytest.raises(ExpressionError):
        compute(cuts.below(data, "eiu", 3))
