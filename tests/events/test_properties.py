"""Random records of random types are read as they were written, whatever way they take."""

from __future__ import annotations

import contextlib

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from shoeroot.events import EventWriter, open_events
from shoeroot.events.salvage import salvage
from shoeroot.events.verify import verify
from shoeroot.records import (
    RecordType,
    columns_from_records,
    stripes_from_columns,
    stripes_from_records,
)
from shoeroot.testing import assert_same_records, record_types_with_records

SOME = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
drawn_records = record_types_with_records(max_size=5)


def columns_tell_all(record_type):
    """Whether columns can say which optional records are there.

    A missing record and a record whose values are all missing look the same in columns. That is
    of no matter where the record has a value that cannot be missing.
    """
    shared, clear = set(), set()
    for column in record_type.columns.values():
        kinds = [*(step.kind for step in column.steps), "value"]
        for step, following in zip(column.steps, kinds[1:], strict=True):
            if step.kind == "optional":
                (shared if following == "optional" else clear).add(step.stripe)
    return shared <= clear


@SOME
@given(drawn=drawn_records)
def test_columns_give_the_stripes_of_their_records(drawn):
    record_class, records = drawn
    record_type = RecordType.of(record_class)
    assume(columns_tell_all(record_type))

    stripes = stripes_from_records(record_type, records)
    columns = columns_from_records(record_type, records)
    again = stripes_from_columns(record_type, columns)

    for name, array in stripes.items():
        assert array.dtype == again[name].dtype
        assert array.tobytes() == again[name].tobytes(), name


@SOME
@given(drawn=drawn_records, batch=st.integers(1, 3), data=st.data())
def test_trees_keep_records(drawn, batch, data, tmp_path_factory):
    record_class, records = drawn
    folder = tmp_path_factory.mktemp("any")
    limit = data.draw(st.sampled_from([1e9, 1.0]), label="bytes a part")

    with EventWriter(folder, record_class, batch=batch, max_part_bytes=limit) as writer:
        writer.write(records)

    with open_events(folder, record_class=record_class) as events:
        assert_same_records(events.records(), records)
        place = data.draw(st.integers(0, len(records) - 1), label="place")
        assert_same_records([events[place]], [records[place]])
        assert_same_records(list(events), records)
        if columns_tell_all(events.record_type):
            again = stripes_from_columns(
                events.record_type,
                {name: events.column(name) for name in events.record_type.columns},
            )
            wanted = stripes_from_records(events.record_type, records)
            assert {name: array.tobytes() for name, array in again.items()} == {
                name: array.tobytes() for name, array in wanted.items()
            }
        mask = np.array(data.draw(st.lists(st.booleans(), min_size=5, max_size=5)))[: len(records)]
        assert_same_records(
            events.select(mask).records(),
            [record for record, kept in zip(records, mask, strict=True) if kept],
        )


@SOME
@given(drawn=drawn_records, first=st.integers(1, 4), batch=st.integers(1, 3))
def test_appended_records_follow_the_others(drawn, first, batch, tmp_path_factory):
    record_class, records = drawn
    path = tmp_path_factory.mktemp("any") / "events.root"
    with EventWriter(path, record_class, batch=batch) as writer:
        writer.write(records[:first])

    with EventWriter.append_to(path, record_class, batch=batch) as writer:
        writer.write(records[first:])

    with open_events(path, record_class=record_class) as events:
        assert_same_records(events.records(), records)
    assert verify(path).ok


class KilledError(Exception):
    """What ends a writer before it has completed its part."""


@SOME
@given(drawn=drawn_records, batch=st.integers(1, 3))
def test_salvaged_records_are_those_that_were_committed(drawn, batch, tmp_path_factory):
    record_class, records = drawn
    folder = tmp_path_factory.mktemp("any")
    with contextlib.suppress(KilledError), EventWriter(folder, record_class, batch=batch) as writer:
        writer.write(records)
        raise KilledError
    whole = len(records) // batch * batch
    if whole == 0:
        assert list(folder.iterdir()) == []
        return

    salvaged = salvage(folder / "part-0000.root.part")

    assert salvaged.events == whole
    with open_events(folder, record_class=record_class) as events:
        assert_same_records(events.records(), records[:whole])
