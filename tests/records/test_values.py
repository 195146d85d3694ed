"""Values that fit their field are kept exactly; others are errors that name the field."""

# ruff: noqa: RUF009 (a field's declaration is a call)

from dataclasses import dataclass

import awkward as ak
import numpy as np
import pytest

from shoeroot.errors import RecordError
from shoeroot.records import (
    RecordType,
    about,
    columns_from_records,
    records_equal,
    records_from_stripes,
    stripes_from_columns,
    stripes_from_records,
)


@dataclass(frozen=True, slots=True)
class Point:
    point_id: int = about("", "number")
    small: int = about("", "small number", dtype="i2")
    short: float = about("m", "short float", dtype="f4")
    good: bool = about("", "whether it is good")
    text: str = about("", "text")
    values: np.ndarray = about("", "values", length=2)
    tags: list[str] = about("", "tags")
    perhaps: float | None = about("", "perhaps")


TYPE = RecordType.of(Point)
GOOD = {
    "point_id": 1,
    "small": 2,
    "short": 0.5,
    "good": True,
    "text": "é",
    "values": np.array([1.0, 2.0]),
    "tags": ["a", ""],
    "perhaps": None,
}


def test_records_to_flat_arrays_and_back():
    points = [Point(**GOOD), Point(**{**GOOD, "perhaps": 2.0, "tags": []})]
    stripes = stripes_from_records(TYPE, points)
    assert stripes["tags_n"].tolist() == [2, 0]
    assert stripes["tags_len"].tolist() == [1, 0]
    assert stripes["perhaps_valid"].tolist() == [False, True]
    assert stripes["text_chars"].tobytes() == "éé".encode()
    assert all(map(records_equal, records_from_stripes(TYPE, stripes, Point), points))


def test_columns_and_records_give_the_same_arrays():
    points = [Point(**GOOD), Point(**{**GOOD, "perhaps": 2.0, "tags": []})]
    stripes = stripes_from_records(TYPE, points)
    again = stripes_from_columns(TYPE, columns_from_records(TYPE, points))
    assert list(again) == list(stripes)
    for name, array in stripes.items():
        assert array.dtype == again[name].dtype
        assert np.array_equal(array, again[name])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("point_id", 1.5),
        ("point_id", "1"),
        ("point_id", None),
        ("point_id", 2**53),
        ("point_id", 2**70),
        ("point_id", [1]),
        ("small", 40_000),
        ("short", 1e300),
        ("short", "x"),
        ("short", None),
        ("good", 1),
        ("text", b"bytes"),
        ("text", None),
        ("text", "a\0b"),
        ("text", "\ud800"),
        ("values", [1.0]),
        ("values", ["a", "b"]),
        ("values", None),
        ("tags", None),
        ("tags", "text"),
        ("tags", [1]),
        ("perhaps", "x"),
    ],
)
def test_values_that_do_not_fit(field, value):
    with pytest.raises(RecordError, match=rf"Point\.{field}"):
        stripes_from_records(TYPE, [Point(**GOOD), Point(**{**GOOD, field: value})])


def test_small_and_very_large_unsigned_integers_together():
    @dataclass(frozen=True)
    class Large:
        number: int = about("", "number", dtype="u8")

    record_type = RecordType.of(Large)
    written = [Large(0), Large(2**64 - 1), Large(2**63)]
    assert stripes_from_records(record_type, written)["number"].tolist() == [0, 2**64 - 1, 2**63]
    for wrong in (-1, 0.5, 2**64):
        with pytest.raises(RecordError, match="number"):
            stripes_from_records(record_type, [*written, Large(wrong)])


def test_a_record_without_a_field():
    with pytest.raises(RecordError, match="point_id"):
        stripes_from_records(TYPE, [object()])


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("point_id", np.array([1.5, 2.5])),
        ("point_id", np.array([1])),
        ("good", np.array([0, 1])),
        ("text", np.array([1, 2])),
        ("text", ak.Array(["a", "b\0"])),
        ("values", np.zeros((2, 3))),
        ("values", np.zeros(2)),
        ("tags", ak.Array(["a", "b"])),
        ("tags", ak.Array([["a"], None])),
        ("short", ak.Array([1.0, None])),
    ],
)
def test_columns_that_do_not_fit(name, column):
    columns = columns_from_records(TYPE, [Point(**GOOD), Point(**GOOD)])
    with pytest.raises(RecordError):
        stripes_from_columns(TYPE, {**columns, name: column})


def test_columns_that_are_missing_or_unknown():
    columns = columns_from_records(TYPE, [Point(**GOOD)])
    with pytest.raises(RecordError, match="did you mean 'text'"):
        stripes_from_columns(TYPE, {**columns, "txt": columns["text"]})
    del columns["tags"]
    with pytest.raises(RecordError, match="missing: tags"):
        stripes_from_columns(TYPE, columns)


def test_equality_looks_inside():
    one, same = Point(**GOOD), Point(**GOOD)
    other = Point(**{**GOOD, "values": np.array([1.0, np.nan])})
    assert records_equal(one, same)
    assert records_equal(other, other)
    assert not records_equal(one, other)
    assert not records_equal(one, Point(**{**GOOD, "tags": []}))
