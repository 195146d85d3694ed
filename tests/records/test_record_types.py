"""Record types: what a dataclass declares, its JSON and id, and what cannot be declared."""

# ruff: noqa: RUF009 (a field's declaration is a call)

import json
from dataclasses import dataclass, fields

import numpy as np
import pytest
from numpy.typing import NDArray

from shoeroot.errors import RecordError
from shoeroot.records import (
    Design,
    RecordType,
    Simulation,
    about,
    class_from_type,
)


@dataclass(frozen=True, slots=True)
class Inner:
    area: float = about("m2", "area")
    series: NDArray[np.float32] = about("kWh", "series", dtype="f4", length=24)


@dataclass(frozen=True, slots=True)
class Outer:
    """An outer record."""

    name: str = about("", "name")
    ready: bool = about("", "whether it is ready")
    inner: Inner = about("", "one")
    many: list[Inner] = about("", "many")
    maybe: int | None = about("h", "perhaps")


def test_fields_carry_units_and_descriptions():
    record_type = RecordType.of(Outer)
    assert record_type.name == "Outer"
    assert record_type.root.description == "An outer record."
    assert [field.kind for field in record_type.fields] == [
        "str",
        "bool",
        "record",
        "list",
        "optional",
    ]
    area = record_type.root.child("inner").child("area")
    assert (area.unit, area.description, area.dtype) == ("m2", "area", "f8")
    assert list(record_type.columns) == [
        "name",
        "ready",
        "inner_area",
        "inner_series",
        "many_area",
        "many_series",
        "maybe",
    ]
    assert record_type.columns["many_series"].value.length == 24


def test_json_round_trip_and_content_id():
    for record_class in (Outer, Simulation):
        record_type = RecordType.of(record_class)
        again = RecordType.from_json(record_type.to_json())
        assert again == record_type
        assert again.content_id == record_type.content_id
    assert RecordType.of(Outer).content_id != RecordType.of(Simulation).content_id
    assert len(RecordType.of(Outer).content_id) == 64


def test_a_class_made_from_the_description_is_described_alike():
    for record_class in (Outer, Simulation):
        made = class_from_type(RecordType.of(record_class))
        assert [field.name for field in fields(made)] == [
            each.name for each in fields(record_class)
        ]
        assert RecordType.of(made) == RecordType.of(record_class)


def test_simulation_has_what_the_specification_lists():
    columns = RecordType.of(Simulation).columns
    design = [field.name for field in fields(Design)]
    assert len(design) == 32
    assert columns["design_schedules"].value.length == 57
    assert columns["zones_hourly_temperature"].value.length == 8760
    assert columns["zones_hourly_temperature"].tree == "zones_hourly"
    assert columns["zones_monthly_hot_water"].value.dtype == "f4"
    assert columns["zones_heating_peak_hour"].value.kind == "int"
    assert all(column.value.description for column in columns.values())


def declared(annotation, default=None):
    if default is None:
        default = about("", "a field")
    return dataclass(frozen=True)(
        type("Bad", (), {"__annotations__": {"field": annotation}, "field": default})
    )


@pytest.mark.parametrize(
    ("annotation", "default", "message"),
    [
        (complex, about("", "d"), "cannot be stored"),
        (int | str, about("", "d"), "cannot be stored"),
        (dict[str, int], about("", "d"), "cannot be stored"),
        (tuple[int, int], about("", "d"), "cannot be stored"),
        (float, about("m", ""), "no description"),
        (float, about("m", "two\nlines"), "one line"),
        (float, about("m", "d", dtype="i4"), "numpy type"),
        (int, about("m", "d", dtype="i1"), "numpy type"),
        (int, about("m", "d", dtype="nonsense"), "numpy type"),
        (np.ndarray, about("m", "d"), "length"),
        (np.ndarray, about("m", "d", length=-1), "length"),
        (float, about("m", "d", length=3), "length"),
        (Inner, about("", "d", own_tree=True), "own_tree"),
        (float, 1.0, "no unit"),
    ],
)
def test_what_cannot_be_declared(annotation, default, message):
    with pytest.raises(RecordError, match=message) as caught:
        RecordType.of(declared(annotation, default))
    assert "Bad.field" in str(caught.value)


def test_classes_that_are_no_record_types():
    @dataclass
    class Thawed:
        x: float = about("", "x")

    for record_class, message in ((Thawed, "frozen"), (int, "dataclass")):
        with pytest.raises(RecordError, match=message):
            RecordType.of(record_class)


def test_names_that_clash_when_flattened():
    @dataclass(frozen=True)
    class Flat:
        inner_area: float = about("m2", "area")
        inner: Inner = about("", "one")

    with pytest.raises(RecordError, match="inner_area"):
        RecordType.of(Flat)

    @dataclass(frozen=True)
    class Counted:
        many_n: int = about("", "count")
        many: list[Inner] = about("", "many")

    with pytest.raises(RecordError, match="many_n"):
        RecordType.of(Counted)


@pytest.mark.parametrize(
    "name", ["", "a b", "1a", "class", "__class__", "a\n", "é", "x" * 300, "f(x)", 3, None]
)
def test_names_from_a_file_are_checked(name):
    stored = json.loads(RecordType.of(Outer).to_json())
    stored["record"]["children"][0]["name"] = name
    with pytest.raises(RecordError):
        RecordType.from_json(json.dumps(stored))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": 2}',
        '{"format": 1}',
        '{"format": 1, "record": {"name": "x"}}',
        "[" * 100000,
    ],
)
def test_json_that_is_no_record_type(text):
    with pytest.raises(RecordError):
        RecordType.from_json(text)


def test_json_that_nests_without_end():
    field = {"name": "x", "kind": "float", "unit": "", "description": "d", "dtype": "f8"}
    for _ in range(60):
        field = {"name": "x", "kind": "list", "unit": "", "description": "d", "children": [field]}
    record = {**field, "kind": "record", "record": "R", "children": [field]}
    with pytest.raises(RecordError):
        RecordType.from_json(json.dumps({"format": 1, "record": record}))
