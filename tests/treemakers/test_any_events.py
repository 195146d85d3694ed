"""Every TreeMaker on any events: strange numbers and texts, empty lists, no events at all."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from shoeroot import treemakers
from shoeroot.events import EventWriter
from shoeroot.minitrees import TreeMaker, load
from shoeroot.records import Simulation
from shoeroot.testing import check_treemaker, records_of

NAMES = [
    name
    for name in treemakers.__all__
    if isinstance(getattr(treemakers, name), type)
    and issubclass(getattr(treemakers, name), TreeMaker)
    and getattr(treemakers, name).events_of == "Simulation"
]
ONE_ROW = [name for name in NAMES if getattr(treemakers, name).rows_per_event == "one"]
numbers = itertools.count()


def test_there_are_the_eleven_that_the_documentation_lists():
    wanted = {"Basics", "Loads", "Monthly", "Comfort", "Design", "Envelope", "Quality", "Carbon"}

    assert set(NAMES) == wanted | {"Zones", "Surfaces", "Diagnostics"}


# Numbers at the ends of their range overflow, in the sums of any TreeMaker.
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(records=records_of(Simulation, min_size=1, max_size=3, max_items=2))
def test_any_records_give_a_row_each(records, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"any{next(numbers)}")
    with EventWriter(folder / "events", Simulation, batch=2) as writer:
        writer.write(records)

    for name in NAMES:
        data = load(folder, name)
        declared = getattr(treemakers, name)().columns_made()
        assert set(declared) <= set(data)
        if name in ONE_ROW:
            assert len(data) == len(records)


@pytest.mark.parametrize("name", NAMES)
def test_failed_simulations_only(name, handmade):
    failed = [handmade.simulation(status="fatal") for _ in range(3)]
    treemaker = getattr(treemakers, name)

    data = load(handmade.write(failed, batch=2), name)

    assert len(data) == (3 if name in ONE_ROW else 0)
    for column in treemaker().columns_made():
        values = data[column]
        if name not in ("Basics", "Design", "Diagnostics", "Quality", "Zones", "Surfaces"):
            # The hour of a peak is a whole number.
            assert values.isna().all() or (values == -1).all(), column


def test_columns_have_the_same_type_for_failed_and_good(made, handmade):
    failed = handmade.write([handmade.simulation(status="fatal")])

    for name in ONE_ROW:
        good, bad = made(name).dtypes, load(failed, name).dtypes
        for column in getattr(treemakers, name)().columns_made():
            same = good[column] == bad[column]
            assert same or np.dtype(good[column]).kind == np.dtype(bad[column]).kind, column


@pytest.mark.parametrize("name", NAMES)
def test_units_descriptions_and_chunks_are_checked(name):
    check_treemaker(name)


def test_all_with_a_row_an_event_stand_in_one_table(campaign, tmp_path):
    data = load(campaign.folder, ONE_ROW, minitree_folder=tmp_path)

    assert len(data) == 8
    assert not data.columns.duplicated().any()
    # Basics and Design both tell the vintage.
    assert set(data.attrs["columns"]) == set(data)
