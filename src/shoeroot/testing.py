"""For tests of your own: checks of TreeMakers, events without an engine, random record types.

::

    from shoeroot.testing import check_treemaker

    def test_my_treemaker():
        columns = check_treemaker(MyTreeMaker)
        assert (columns["area"] > 0).all()

::

    from hypothesis import given
    from shoeroot.testing import assert_same_records, record_types_with_records

    @given(record_types_with_records())
    def test_my_export(drawn):
        record_class, records = drawn
        ...
        assert_same_records(read_back, records)

The strategies (`record_types`, `record_types_with_records`, `records_of`) need the package
``hypothesis``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shoeroot.minitrees import check_treemaker, example_dataset
from shoeroot.records import first_difference
from shoeroot.records.strategies import record_types, record_types_with_records, records_of

__all__ = [
    "assert_same_records",
    "check_treemaker",
    "example_dataset",
    "record_types",
    "record_types_with_records",
    "records_of",
]


def assert_same_records(found: Sequence[Any], wanted: Sequence[Any]) -> None:
    """Check that two sequences of records hold the same values.

    NaN equals NaN; a list may be a tuple, and classes may differ when their fields do not.

    Raises
    ------
    AssertionError
        Naming the first value that differs, and both values.
    """
    if len(found) != len(wanted):
        raise AssertionError(f"{len(found)} records where {len(wanted)} are wanted")
    for place, (one, other) in enumerate(zip(found, wanted, strict=True)):
        difference = first_difference(one, other)
        if difference:
            raise AssertionError(f"record {place}{difference}")
