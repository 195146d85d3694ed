"""Cutting and joining the stripes of many events."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shoeroot.records import RecordType, Stripes, frame_offsets

__all__ = ["count_events", "join", "slice_events"]


def count_events(record_type: RecordType, stripes: Stripes) -> int:
    """Say how many events the stripes hold."""
    # A record has at least one field, whose first stripe is cut by no list.
    return len(stripes[next(iter(record_type.stripes))])


def slice_events(
    record_type: RecordType, stripes: Stripes, start: int, stop: int, count: int
) -> Stripes:
    """Give the stripes of events `start` to `stop` of `count`, as views."""
    if start == 0 and stop == count:
        return stripes
    sliced: Stripes = {}
    for name, stripe in record_type.stripes.items():
        offsets = frame_offsets(stripes, stripe.frame, count)
        sliced[name] = stripes[name][offsets[start] : offsets[stop]]
    return sliced


def join(record_type: RecordType, pieces: Sequence[Stripes]) -> Stripes:
    """Put stripes of several groups of events one after the other."""
    if len(pieces) == 1:
        return pieces[0]
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in record_type.stripes}
