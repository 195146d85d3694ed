"""Columns as Dask arrays: the same numbers, read block by block."""

from __future__ import annotations

import numpy as np
import pytest

from shoeroot.events import UnknownFieldError

pytest.importorskip("dask.array", reason='Dask is not installed: pip install "shoeroot[dask]"')


@pytest.mark.parametrize("name", ["floor_area", "event_id", "design.schedules"])
@pytest.mark.parametrize("size", [3, 100])
def test_numbers_of_events_are_the_same(events, name, size):
    lazy = events.to_dask(name, size)

    assert lazy.numblocks[0] == -(-len(events) // size)
    np.testing.assert_array_equal(lazy.compute(), events[name])


def test_series_come_one_row_a_zone_and_failed_events_have_none(events):
    lazy = events.to_dask("zones.hourly.heating", size=2)

    rows = [zone.hourly.heating for event in events for zone in event.zones]
    assert lazy.shape == (len(rows), 8760)
    np.testing.assert_array_equal(lazy.compute(), np.stack(rows))
    sums = lazy.astype("f8").sum(axis=1).compute()
    np.testing.assert_allclose(sums, np.concatenate(events.zones.heating), rtol=1e-6)


def test_a_selection_stays_selected(events):
    chosen = events.select(np.asarray(events.status) == "ok")

    lazy = chosen.to_dask("floor_area", size=4)

    np.testing.assert_array_equal(lazy.compute(), np.asarray(events.floor_area)[[0, 1, 3, 5, 6, 7]])


def test_blocks_are_read_in_other_processes_too(events):
    lazy = events.to_dask("zones.hourly.temperature", size=4).mean(axis=1)

    here = lazy.compute(scheduler="synchronous")
    elsewhere = lazy.compute(scheduler="processes", num_workers=2)

    np.testing.assert_array_equal(elsewhere, here)


@pytest.mark.parametrize("name", ["status", "zones.name", "zones.heatin"])
def test_texts_and_unknown_names_are_refused(events, name):
    with pytest.raises(UnknownFieldError):
        events.to_dask(name)
