"""Splits never put a group into two parts; scalers are fitted in pieces as they are at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoeroot.errors import ExportError
from shoeroot.exports import Scaler, split_groups
from shoeroot.exports.scalers import Moments

THREE = {"train": 0.7, "validation": 0.15, "test": 0.15}


@given(st.lists(st.integers(0, 12), min_size=3, max_size=300), st.integers(0, 5))
def test_no_group_is_in_two_parts_and_no_row_is_lost(groups, seed):
    groups = np.array(groups)
    if len(np.unique(groups)) < 3:
        with pytest.raises(ExportError, match="3 parts need as many groups"):
            split_groups(groups, THREE, seed)
        return

    parts = split_groups(groups, THREE, seed)

    inside = [set(groups[rows].tolist()) for rows in parts.values()]
    assert all(inside)
    assert sum(map(len, inside)) == len(set.union(*inside))
    together = np.sort(np.concatenate(list(parts.values())))
    assert together.tolist() == list(range(len(groups)))


@given(st.permutations(range(40)), st.integers(0, 3))
def test_the_order_of_rows_does_not_matter(order, seed):
    groups = np.arange(40) // 3
    straight = split_groups(groups, THREE, seed)

    shuffled = split_groups(groups[list(order)], THREE, seed)

    for name in THREE:
        assert set(groups[list(order)][shuffled[name]]) == set(groups[straight[name]])


def test_many_small_groups_meet_the_shares():
    parts = split_groups(np.arange(1000), THREE)

    assert {name: len(rows) for name, rows in parts.items()} == {
        "train": 700,
        "validation": 150,
        "test": 150,
    }
    assert not np.array_equal(parts["test"], split_groups(np.arange(1000), THREE, 1)["test"])


@pytest.mark.parametrize("shares", [{}, {"train": 0.5}, {"train": 1.5, "test": -0.5}])
def test_shares_that_are_none(shares):
    with pytest.raises(ExportError, match="1 in all"):
        split_groups(np.arange(10), shares)


@given(st.integers(1, 40), st.integers(0, 10_000), st.sampled_from([(), (12,)]))
def test_moments_of_pieces_are_those_of_the_whole(size, offset, length):
    values = np.random.default_rng(0).normal(offset, [1, 5], size=(101, *length, 2))
    values = np.moveaxis(values, -1, 1)
    moments = Moments(("a", "b"))

    for start in range(0, len(values), size):
        moments.add(values[start : start + size])

    axes = (0, *range(2, values.ndim))
    scaler = moments.scaler()
    np.testing.assert_allclose(scaler.mean, values.mean(axis=axes))
    np.testing.assert_allclose(scaler.std, values.std(axis=axes), rtol=1e-9)
    np.testing.assert_allclose(scaler.inverse(scaler.transform(values)), values)


def test_scalers_keep_every_digit_and_leave_constants():
    moments = Moments(("changing", "constant"))
    moments.add(np.array([[0.1, 7.0], [0.2, 7.0], [0.4, 7.0]]))
    scaler = moments.scaler()

    again = Scaler.from_dict(scaler.to_dict())

    assert again.mean.tolist() == scaler.mean.tolist()
    assert again.std.tolist() == scaler.std.tolist()
    assert scaler.std[1] == 1.0
    assert scaler.transform(np.array([[0.1, 7.0]]))[0, 1] == 0.0
    with pytest.raises(ExportError, match="do not fit a scaler of 2 columns"):
        scaler.transform(np.zeros((4, 3)))
    with pytest.raises(ExportError, match="cannot be read"):
        Scaler.from_dict({"names": ["a"]})


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ("train", "are no shares"),
        ([0.5, 0.5], "are no shares"),
        ({"train": "much"}, "are no shares"),
        ({"a/b": 0.5, "c": 0.5}, "cannot be called 'a/b'"),
        ({"": 1.0}, "cannot be called ''"),
    ],
)
def test_what_is_no_share_is_refused(shares, message):
    with pytest.raises(ExportError, match=message):
        split_groups(np.arange(4), shares)
