"""Columns declared from records."""

import pytest

from shoeroot.errors import RecordError
from shoeroot.minitrees import record_columns


def test_columns_are_the_single_values_of_a_record():
    columns = record_columns("surfaces", prefix="surface_", without=["zone"])

    assert columns["surface_area"] == ("m2", "Gross area, windows included")
    assert "surface_zone" not in columns
    assert "monthly_heating" not in record_columns("zones")
    assert "hourly" not in record_columns("zones")


def test_unknown_records_and_fields_name_the_nearest():
    with pytest.raises(RecordError, match="zones"):
        record_columns("zone")
    with pytest.raises(RecordError, match="volume"):
        record_columns("zones", without=["volum"])
