"""Drawn record types are what can be stored, and have every kind of field among them."""

# ruff: noqa: RUF009 (a field's declaration is a call)

import sys
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import find, given, settings

from shoeroot.errors import MissingExtraError
from shoeroot.records import RecordType, about, stripes_from_records
from shoeroot.testing import (
    assert_same_records,
    record_types,
    record_types_with_records,
)


@settings(max_examples=50, deadline=None)
@given(drawn=record_types_with_records(min_size=2, max_size=4))
def test_drawn_records_can_be_stored(drawn):
    record_class, records = drawn
    record_type = RecordType.of(record_class)

    stripes = stripes_from_records(record_type, records)

    assert 2 <= len(records) <= 4
    assert list(stripes) == list(record_type.stripes)
    assert RecordType.from_json(record_type.to_json()) == record_type


def kinds_of(record_class):
    def walk(field):
        yield field.kind, field.dtype, field.own_tree
        for child in field.children:
            yield from walk(child)

    return {found for field in RecordType.of(record_class).fields for found in walk(field)}


@pytest.mark.parametrize(
    "wanted",
    [
        ("float", "f4", False),
        ("array", "?", False),
        ("int", "u8", False),
        ("str", "", False),
        ("record", "", True),
        ("optional", "", False),
    ],
)
def test_every_kind_is_drawn(wanted):
    assert find(
        record_types(), lambda drawn: wanted in kinds_of(drawn), settings=settings(deadline=None)
    )


@settings(max_examples=40, deadline=None)
@given(drawn=record_types(max_depth=1, max_fields=2, own_trees=False, optionals=False))
def test_limits_are_kept(drawn):
    record_type = RecordType.of(drawn)
    assert len([field for field in record_type.fields if field.name != "event_id"]) <= 2
    assert all(len(column.path) == 1 for column in record_type.columns.values())
    assert all(field.kind not in ("list", "optional") for field in record_type.fields)


@dataclass(frozen=True)
class Inner:
    series: np.ndarray = about("m", "series", length=2)


@dataclass(frozen=True)
class Outer:
    inners: list[Inner] = about("", "records")
    weight: float = about("kg", "weight")


def outer(second=2.0, count=2, weight=float("nan")):
    return Outer([Inner(np.array([1.0, second]))] * count, weight)


def test_a_difference_is_named():
    assert_same_records([outer(), outer()], (outer(), outer()))
    for other, message in (
        (outer(second=3.0), r"record 1\.inners\[0\]\.series\[1\]: 2\.0 and 3\.0"),
        (outer(count=3), "record 1.inners: 2 elements and 3"),
        (outer(weight=1.0), "record 1.weight: nan and 1.0"),
        (Inner(np.zeros(2)), "fields inners, weight and series"),
    ):
        with pytest.raises(AssertionError, match=message):
            assert_same_records([outer(), outer()], [outer(), other])
    with pytest.raises(AssertionError, match="1 records where 2"):
        assert_same_records([outer()], [outer(), outer()])


def test_without_hypothesis_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "hypothesis.strategies", None)
    with pytest.raises(MissingExtraError, match="pip install hypothesis"):
        record_types()
