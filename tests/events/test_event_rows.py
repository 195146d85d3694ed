"""Rows of own trees that are reduced event by event while they are read."""

import numpy as np
import pytest

from shoeroot.events import open_events
from shoeroot.events import rows as rows_module
from shoeroot.events.event_rows import _whole_events


@pytest.fixture
def events(campaign):
    with open_events(campaign) as opened:
        yield opened


def in_order(rows, counts):
    """Name each event by its first and last value, and say how many rows it has."""
    ends = np.cumsum(counts)
    return {"first": rows[ends - counts, 0], "last": rows[ends - 1, -1], "counts": counts}


@pytest.mark.parametrize("part", [slice(None), slice(3, 11), slice(2, 23, 5), slice(0, 0)])
@pytest.mark.parametrize("rows_at_a_time", [1, 2, 3, 1000])
def test_events_are_reduced_in_one_piece(events, simulations, monkeypatch, part, rows_at_a_time):
    monkeypatch.setattr(rows_module, "BLOCK", 8760 * 4 * rows_at_a_time)

    reduced = events[part].reduce_events("zones.hourly", ["heating", "cooling"], in_order)

    with_zones = [each for each in simulations[part] if each.zones]
    for field, found in reduced.items():
        series = [[getattr(zone.hourly, field) for zone in each.zones] for each in with_zones]
        assert found["first"].tolist() == [zones[0][0] for zones in series]
        assert found["last"].tolist() == [zones[-1][-1] for zones in series]
        assert found["counts"].tolist() == [len(zones) for zones in series]


def test_selected_events_are_reduced(events, simulations):
    mask = np.arange(len(simulations)) % 7 == 1

    found = events.select(mask).reduce_events("zones.hourly", ["heating"], in_order)["heating"]

    chosen = [each for each, kept in zip(simulations, mask, strict=True) if kept and each.zones]
    assert found["first"].tolist() == [each.zones[0].hourly.heating[0] for each in chosen]


def test_an_error_of_the_kernel_is_not_hidden(campaign):
    with open_events(campaign) as events, pytest.raises(ZeroDivisionError):
        events.reduce_events("zones.hourly", ["heating"], lambda rows, counts: {"x": 1 // 0})


@pytest.mark.parametrize("size", [1, 2, 3, 5, 20])
@pytest.mark.parametrize("start", [0, 2, 4])
def test_events_may_begin_and_end_anywhere_in_the_blocks(size, start):
    counts = np.array([3, 1, 5, 2])
    edges = np.array([0, 3, 4, 9, 11])
    memory = np.empty((size, 1))

    def blocks():
        # As they are read: in the same memory, overwritten by the next.
        for first in range(start, 14, size):
            rows = np.arange(first, min(first + size, 14))[:, None]
            memory[: len(rows)] = rows
            yield memory[: len(rows)]

    first_event = int(np.searchsorted(edges, start))
    found = []
    for rows, of in _whole_events(blocks(), start, edges, counts, first_event):
        found += [piece.ravel().tolist() for piece in np.split(rows, np.cumsum(of)[:-1])]

    whole = [list(range(edges[k], edges[k + 1])) for k in range(first_event, 4)]
    assert found == whole
