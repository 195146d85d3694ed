"""Columns of several tables in one type: no value changes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from shoeroot.minitrees.dtypes import joined_column

LARGE = 2**60 + 1


def joined(*pieces, lengths=None):
    arrays = [None if piece is None else np.asarray(piece) for piece in pieces]
    return joined_column(arrays, lengths or [len(piece) for piece in arrays])


@pytest.mark.parametrize(
    ("pieces", "dtype", "values"),
    [
        (([1], np.array([2], np.int32)), np.int64, [1, 2]),
        ((np.array([1], np.uint64), [-2]), np.int64, [1, -2]),
        ((np.array([2**63], np.uint64), [2]), np.uint64, [2**63, 2]),
        (([1], [2.5]), np.float64, [1.0, 2.5]),
        ((np.array([1], np.float32), [2.5]), np.float64, [1.0, 2.5]),
        ((np.array([1], np.int8), np.array([2.5], np.float32)), np.float32, [1.0, 2.5]),
        (([True], [2]), np.int64, [1, 2]),
        (([LARGE], [2.5]), object, [LARGE, 2.5]),
        ((np.array([2**63], np.uint64), [-2]), object, [2**63, -2]),
        ((["a"], [2]), object, ["a", 2]),
        ((np.array([], np.float64), [LARGE]), np.int64, [LARGE]),
        ((np.array([], object), [2]), np.int64, [2]),
    ],
)
def test_the_type_holds_all_values(pieces, dtype, values):
    column = joined(*pieces)

    assert column.dtype == dtype
    assert column.tolist() == values


def test_large_integers_next_to_missing_ones_stay_integers():
    column = joined([LARGE], [np.nan, 3.0])

    assert str(column.dtype) == "Int64"
    assert column[0] == LARGE
    assert column[1] is pd.NA
    assert column[2] == 3


@pytest.mark.parametrize(
    ("pieces", "wanted"),
    [
        (([1, 2], None), [1.0, 2.0, np.nan]),
        (([True, False], None), [1.0, 0.0, np.nan]),
        ((np.array(["a", "b"], object), None), ["a", "b", ""]),
    ],
)
def test_a_table_that_lacks_a_column_has_nothing_there(pieces, wanted):
    np.testing.assert_array_equal(joined(*pieces, lengths=[2, 1]), wanted)


def test_tables_without_rows():
    assert joined(np.array([], np.int32), np.array([], np.float64)).dtype == np.int32
    assert len(joined(None, None, lengths=[0, 0])) == 0


NUMBERS = hnp.arrays(
    st.sampled_from([np.bool_, np.int8, np.int32, np.int64, np.uint8, np.uint64, np.float64]),
    st.integers(0, 4),
    elements=None,
)


@given(st.lists(NUMBERS, min_size=1, max_size=4))
def test_no_number_changes(pieces):
    column = joined(*pieces)

    wanted = [value for piece in pieces for value in piece.tolist()]
    found = [np.nan if value is pd.NA or value is None else value for value in column.tolist()]
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert one == other or (one != one and other != other)
