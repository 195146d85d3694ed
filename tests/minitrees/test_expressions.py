"""Conditions as text: what they compute, and what they refuse."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoeroot.errors import ExpressionError
from shoeroot.minitrees import Expression

COLUMNS = {
    "eui": np.array([5.0, 50.0, np.nan, 200.0]),
    "peak": np.array([1, 2, 3, 200], dtype=np.uint8),
    "status": np.array(["ok", "ok", "fatal", "ok"], dtype=object),
    "heated": np.array([True, False, True, True]),
}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("10 < eui <= 100", [False, True, False, False]),
        ("eui > 10 & status == 'ok'", [False, True, False, True]),
        ("eui > 100 | peak == 3", [False, False, True, True]),
        ("status in ['ok', 'warm']", [True, True, False, True]),
        ("status not in ('ok',)", [False, False, True, False]),
        ("peak in []", [False] * 4),
        ("~heated", [False, True, False, False]),
        ("not heated or eui == eui", [True, True, False, True]),
        ("heated + heated == 2", [True, False, True, True]),
        ("peak * peak == 40000", [False, False, False, True]),
        ("-peak < -2", [False, False, True, True]),
        ("peak ** -1 < 0.6", [False, True, True, True]),
        ("eui / 0 > 1", [True, True, False, True]),
        ("eui > 1 and\n  peak < 3  # a comment", [True, True, False, False]),
        ("9 ** 99999 > peak", [True] * 4),
    ],
)
def test_a_condition_says_which_rows_fulfil_it(text, wanted):
    assert Expression(text).mask(COLUMNS).tolist() == wanted


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("eiu < 100", "no column 'eiu'", "'eui'"),
        ("log(eui) > 1", r"a call: log\(eui\)", "compute a column first"),
        ("__import__('os').system('true')", "a call", ""),
        ("eui.values > 1", "an attribute: eui.values", "without dots"),
        ("eui[0] > 1", "indexing", "whole column"),
        ("lambda: eui", "a lambda", "condition"),
        ("[x for x in eui]", "a comprehension", "list the values"),
        ("(eui := 3) > 1", "an assignment", "=="),
        ("eui > 1 if heated else peak", "an if", "and, or, not"),
        ("f'{eui}' == 'a'", "the expression", ""),
        ("eui is heated", "by `is`", "=="),
        ("eui = 3", "cannot be read", "=="),
        ("@limit > 1", "cannot be read", "f-string"),
        ("eui > 1; heated", "cannot be read", ""),
        ("1)(eui", "a call", ""),
        ("status > 1", "a text is compared with a number", "quotes"),
        ("eui == 'ok'", "a text is compared with a number", "quotes"),
        ("status + 'a' == 'oka'", "no number", "=="),
        ("eui and heated", "need conditions on both sides", "compare first"),
        ("eui", "no condition", "compare"),
        ("1 < 2", "no column in the expression", "name a column"),
        ("", "not empty", ""),
        ("eui == None", "neither a number nor a text", "eui != eui"),
        ("'o' in status", "needs a list of values", "mask"),
        ("peak in [1, 'a']", "mixes texts and numbers", ""),
        ("peak in [eui]", "no number and no text", ""),
        ("eui < " + "9" * 30, "64 bits", "1e30"),
        ("eui < " + "+" * 5000 + "1", "cannot be read", ""),
        ("not " * 120 + "heated", "nested too deeply", "split"),
        ("eui < 1 " + "and eui < 1 " * 3000, "letters", "several"),
    ],
)
def test_anything_else_is_refused(text, problem, hint):
    with pytest.raises(ExpressionError, match=problem) as caught:
        Expression(text).mask(COLUMNS)
    assert hint in caught.value.hint
    assert len(str(caught.value)) < 1000


def test_columns_of_pandas_with_missing_values_and_categories():
    data = pd.DataFrame({"n": pd.array([1, None, 3], dtype="Int64")})
    data["kind"] = pd.Categorical(["a", "b", "a"])
    data["text"] = pd.array(["x", None, "z"], dtype="string")
    data["mixed"] = pd.Series([1, None, 2.5], dtype=object)
    data["time"] = pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01"])

    assert Expression("n > 0").mask(data).tolist() == [True, False, True]
    assert Expression("kind == 'a'").mask(data).tolist() == [True, False, True]
    assert Expression("text == 'x'").mask(data).tolist() == [True, False, False]
    assert Expression("mixed > 1").mask(data).tolist() == [False, False, True]
    assert Expression("time >= '2021-01-01'").mask(data).tolist() == [False, True, True]


def test_a_column_that_is_there_twice_or_has_dimensions_is_refused():
    doubled = pd.DataFrame(np.zeros((2, 2)), columns=["a", "a"])

    with pytest.raises(ExpressionError, match="2 dimensions"):
        Expression("a > 1").mask(doubled)


def test_parts_are_the_conditions_that_and_joins():
    parts = Expression("a > 1 & (b < 2 and c == 'x') and (d > 1 or e > 2)").parts()

    assert [part.text for part in parts] == ["a > 1", "b < 2", "c == 'x'", "d > 1 or e > 2"]
    assert Expression("a > 1").parts() == (Expression("a > 1"),)


def test_an_expression_can_be_sent_to_other_processes():
    expression = Expression("eui < 100")

    assert pickle.loads(pickle.dumps(expression)) == expression


def test_evaluate_computes_formulas_too():
    np.testing.assert_array_equal(
        Expression("(eui - 5) / 3").evaluate(COLUMNS), (COLUMNS["eui"] - 5) / 3
    )


NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))
LEAVES = st.one_of(
    st.sampled_from(["x", "y"]).map(lambda name: (name, lambda x, y: {"x": x, "y": y}[name])),
    NUMBERS.map(lambda number: (repr(number), lambda x, y: number)),
)
OPERATIONS = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.true_divide,
    "//": np.floor_divide,
    "%": np.remainder,
}
COMPARISONS = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


def _both(symbols, functions, operands):
    def joined(drawn):
        symbol, (left, of_left), (right, of_right) = drawn
        function = functions[symbol]
        return (
            f"({left} {symbol} {right})",
            lambda x, y: function(of_left(x, y), of_right(x, y)),
        )

    return st.tuples(st.sampled_from(symbols), operands, operands).map(joined)


FORMULAS = st.recursive(LEAVES, lambda inner: _both(list(OPERATIONS), OPERATIONS, inner))
SIMPLE = _both(list(COMPARISONS), COMPARISONS, FORMULAS)
LOGIC = {"and": np.logical_and, "or": np.logical_or, "&": np.logical_and, "|": np.logical_or}
CONDITIONS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        _both(list(LOGIC), LOGIC, inner),
        inner.map(lambda one: (f"(not {one[0]})", lambda x, y: np.logical_not(one[1](x, y)))),
    ),
    max_leaves=8,
)
COLUMN = st.lists(
    st.one_of(st.floats(width=64), st.integers(-5, 5).map(float)), min_size=3, max_size=3
)


@given(CONDITIONS, COLUMN, COLUMN)
def test_a_condition_is_what_numpy_makes_of_it(condition, x, y):
    text, function = condition
    columns = {"x": np.array(x), "y": np.array(y)}
    text = f"x == x and {text} or x != x and {text}"  # a column is needed

    with np.errstate(all="ignore"):
        holds = np.broadcast_to(function(columns["x"], columns["y"]), 3)

    np.testing.assert_array_equal(Expression(text).mask(columns), holds)


@given(st.text(max_size=40))
def test_no_text_does_anything_but_give_a_mask_or_an_error(text):
    try:
        mask = Expression(text).mask(COLUMNS)
    except ExpressionError:
        return
    assert mask.dtype == np.bool_
