"""Record types and records as people see them: text, and tables in notebooks."""

# ruff: noqa: RUF009 (a field's declaration is a call)

import re
from dataclasses import dataclass
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings

from shoeroot.errors import RecordError
from shoeroot.minitrees import example_record
from shoeroot.records import (
    RecordType,
    Simulation,
    about,
    class_from_type,
    html_of_type,
    render,
)
from shoeroot.testing import record_types_with_records


@dataclass(frozen=True, slots=True)
class Room:
    area: float = about("m2", "floor <area> & co")
    series: np.ndarray = about("kWh", "series", dtype="f4", length=24)


@dataclass(frozen=True, slots=True)
class House:
    """A house."""

    name: str = about("", "name")
    heated: bool = about("", "whether it is heated")
    age: int | None = about("year", "age", dtype="i2")
    notes: list[str] = about("", "notes")
    flags: np.ndarray = about("", "flags", dtype="?", length=8)
    small: np.ndarray = about("m", "three numbers", length=3)
    rooms: list[Room] = about("", "rooms")


def room(area, first=1.0):
    return Room(area, np.array([first, *[2.0] * 23], dtype="f4"))


def test_a_type_as_text():
    assert str(RecordType.of(House)).splitlines() == [
        "House: A house.",
        "name      text                    name",
        "heated    bool                    whether it is heated",
        "age       int16 or missing  year  age",
        "notes     list of text            notes",
        "flags     bool[8]                 flags",
        "small     float64[3]        m     three numbers",
        "rooms     list of Room            rooms",
        "  area    float64           m2    floor <area> & co",
        "  series  float32[24]       kWh   series",
    ]


def test_a_record_as_text():
    house = House(
        "Haus\n1",
        True,
        None,
        ["a", ""],
        np.array([True] * 3 + [False] * 5),
        np.array([1.0, 2.5, -3.0]),
        [room(20.125), room(1e-9, np.nan), room(3), room(4), room(5)],
    )
    assert render(house, max_items=2).splitlines() == [
        "House",
        r"  name    'Haus\n1'",
        "  heated  yes",
        "  age     -",
        "  notes   ['a', '']",
        "  flags   8 flags, 3 of them yes",
        "  small   [1, 2.5, -3] m",
        "  rooms   5 Room",
        "    [0]",
        "      area    20.125 m2",
        "      series  24 numbers, 1 to 2, mean 1.95833 kWh",
        "    [1]",
        "      area    1e-09 m2",
        "      series  24 numbers, 2 to 2, mean 2 kWh, 1 NaN",
        "    and 3 more",
    ]


@pytest.mark.parametrize("thing", [3, None, House])
def test_only_records_are_rendered(thing):
    with pytest.raises(RecordError, match="not a record"):
        render(thing)


class Cells(HTMLParser):
    """Collects the texts of a table, and sees that tags are closed in order."""

    def __init__(self, page):
        super().__init__()
        self.rows, self._open = [], []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self.rows:
            self.rows[-1][-1] += data


def test_a_type_as_a_table():
    page = RecordType.of(House)._repr_html_()
    assert "<area>" not in page
    assert Cells(page).rows[0] == ["field", "type", "unit", "description"]
    assert Cells(page).rows[-2] == ["area", "float64", "m2", "floor <area> & co"]
    indents = [float(indent) for indent in re.findall(r"padding-left:([\d.]+)em", page)]
    assert indents == [0.5] * 7 + [2.0] * 2
    assert "mine" in html_of_type(RecordType.of(House), "mine")


def test_the_table_of_simulations_has_every_field():
    record_type = RecordType.of(Simulation)
    rows = Cells(record_type._repr_html_()).rows[1:]
    values = [row for row in rows if row[0] in {c.path[-1] for c in record_type.columns.values()}]
    assert len(values) >= len(record_type.columns)


@settings(max_examples=50, deadline=None)
@given(drawn=record_types_with_records(max_size=1))
def test_any_type_and_record_can_be_shown(drawn):
    record_class, [record] = drawn
    record_type = RecordType.of(record_class)
    Cells(record_type._repr_html_())
    assert str(record_type).startswith(record_class.__name__)
    assert render(record).startswith(record_class.__name__)


def test_a_missing_record_in_a_list_is_shown_as_missing():
    @dataclass(frozen=True)
    class Inner:
        flag: bool = about("", "a flag")

    @dataclass(frozen=True)
    class Outer:
        inner: list[Inner | None] = about("", "some of them missing")

    assert "[1] -" in render(Outer([Inner(True), None]))
    assert "[0] -" in render(Outer([None, Inner(True)]))


@pytest.mark.parametrize("kept", [Simulation, class_from_type(RecordType.of(Simulation))])
def test_events_print_a_line_a_field_and_no_series(kept):
    event = example_record(kept, 0, np.random.default_rng(1))

    printed = str(event)

    assert printed.startswith("Simulation\n  event_id")
    assert "8760 numbers, " in printed
    assert printed.count("\n") < 150
    assert repr(event).startswith("Simulation(event_id=")


def test_a_notebook_shows_an_event_as_it_is_printed():
    pretty = pytest.importorskip("IPython.lib.pretty", reason="needs IPython").pretty
    event = example_record(Simulation, 0, np.random.default_rng(1))

    assert pretty(event) == str(event)
