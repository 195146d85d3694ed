"""What names the events of a record type in trees of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.records import RecordType, Stripes

__all__ = ["event_ids", "has_event_ids"]


def has_event_ids(record_type: RecordType) -> bool:
    """Say whether the records have a whole number ``event_id`` that names each of them."""
    column = record_type.columns.get("event_id")
    return column is not None and not column.steps and column.value.kind == "int"


def event_ids(record_type: RecordType, stripes: Stripes, first: int, count: int) -> NDArray[Any]:
    """Give what names the events in own trees: their ids, or running numbers from `first`."""
    if has_event_ids(record_type):
        return stripes["event_id"]
    return np.arange(first, first + count, dtype=np.int64)
