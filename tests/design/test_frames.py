"""Designs as a table: one column a number, named, with units, and back bit for bit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoeroot.design import Schema, sample_normal
from shoeroot.errors import DesignError

SCHEMA = Schema()


@pytest.fixture
def batch():
    batch = SCHEMA.generate_empty_storage_batch(5)
    for name, values in sample_normal(SCHEMA, 5, ["width", "WindowSettings"], seed=1).items():
        SCHEMA.update_storage_batch(batch, parameter=name, value=values)
    return batch


@pytest.fixture
def frame(batch) -> pd.DataFrame:
    return SCHEMA.to_frame(batch)


def test_table_has_a_column_for_each_number(frame):
    assert frame.shape == (5, 90)
    assert list(frame.columns[:4]) == ["batch_id", "variation_id", "program_type", "vintage"]
    assert frame.columns.is_unique


def test_numbers_stand_under_their_names(frame, batch):
    window = SCHEMA["WindowSettings"].extract_storage_values_batch(batch)

    np.testing.assert_array_equal(frame["width"], batch[:, 6])
    np.testing.assert_array_equal(frame["WindowSettings.shgc"], window[:, 1])
    assert (frame["schedules.OccupancySchedule.scale"] == 1).all()
    assert (frame["schedules.OccupancySchedule.roll"] == 0).all()


def test_table_says_units_and_meanings(frame):
    columns = frame.attrs["columns"]

    assert columns["width"] == {"unit": "m", "description": "Width [m]"}
    assert columns["WindowSettings.u_value"]["unit"] == "W/(m2 K)"
    assert columns["schedules.LightsAvailabilitySchedule.roll"]["unit"] == "h"
    assert list(columns) == list(frame.columns)


def test_table_says_which_schema(frame):
    assert frame.attrs["schema"] == {"program_types": 19, "climate_zones": 15}


def test_table_is_a_copy(frame, batch):
    frame.loc[0, "width"] = 7.5

    assert batch[0, 6] != 7.5


def test_designs_come_back_bit_for_bit(frame, batch):
    assert SCHEMA.from_frame(frame).tobytes() == batch.tobytes()


def test_columns_may_stand_in_any_order_and_rows_have_any_index(frame, batch):
    shuffled = frame[frame.columns[::-1]].set_index(pd.Index(list("abcde")))

    np.testing.assert_array_equal(SCHEMA.from_frame(shuffled), batch)


def test_designs_come_back_from_csv(frame, batch, tmp_path):
    path = tmp_path / "designs.csv"
    frame.to_csv(path, index=False)

    np.testing.assert_array_equal(
        SCHEMA.from_frame(pd.read_csv(path, float_precision="round_trip")), batch
    )


def test_unknown_column_suggests_the_nearest(frame):
    with pytest.raises(DesignError, match="column 'FacadeRvalue'") as caught:
        SCHEMA.from_frame(frame.rename(columns={"FacadeRValue": "FacadeRvalue"}))

    assert "'FacadeRValue'" in caught.value.hint


def test_missing_columns_are_counted(frame):
    with pytest.raises(DesignError, match="lacks the column 'width', and 1 more"):
        SCHEMA.from_frame(frame.drop(columns=["width", "wwr"]))


def test_column_that_stands_twice_is_refused(frame):
    with pytest.raises(DesignError, match="'width' more than once"):
        SCHEMA.from_frame(pd.concat([frame, frame[["width"]]], axis=1))


def test_value_that_is_no_number_names_row_and_column(frame):
    texts = frame.astype({"wwr": object})
    texts.loc[3, "wwr"] = "much"

    with pytest.raises(DesignError, match="wwr = 'much' is not a number") as caught:
        SCHEMA.from_frame(texts)

    assert caught.value.where == "design 3"


def test_gap_in_the_table_names_row_and_column(frame):
    frame.loc[2, "WindowSettings.vlt"] = np.nan

    with pytest.raises(DesignError, match=r"WindowSettings\.vlt = nan is not finite") as caught:
        SCHEMA.from_frame(frame)

    assert caught.value.where == "design 2"


def test_batch_of_a_wrong_shape_makes_no_table():
    with pytest.raises(DesignError, match="90 values a design"):
        SCHEMA.to_frame(np.zeros((3, 89)))


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(values=st.lists(NUMBERS, min_size=86, max_size=86))
@settings(max_examples=50, deadline=None)
def test_any_finite_numbers_come_back(values):
    batch = SCHEMA.generate_empty_storage_batch(1)
    onehots = [SCHEMA[n].start_storage for n in ("program_type", "climate_zone", "orientation")]
    free = np.setdiff1d(np.arange(90), onehots)[:86]
    batch[0, free] = values

    assert SCHEMA.from_frame(SCHEMA.to_frame(batch)).tobytes() == batch.tobytes()
