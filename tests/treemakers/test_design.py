"""Design against the vectors that the campaign was run with."""

import dataclasses

import pandas as pd
import pytest

from shoeroot import Schema
from shoeroot.design import SCHEDULE_OPERATIONS
from shoeroot.records import Design as DesignRecord
from shoeroot.treemakers import Design


def test_values_are_those_of_the_storage_vectors(made, campaign):
    data, schema = made("Design"), Schema()

    for parameter in schema:
        if parameter.name in data:
            wanted = campaign.designs[:, parameter.start_storage]
            assert data[parameter.name].to_numpy() == pytest.approx(wanted), parameter.name
    windows = campaign.designs[:, schema["WindowSettings"].slice_storage]
    names = ["window_u_value", "window_shgc", "window_vlt"]
    assert data[names].to_numpy() == pytest.approx(windows)


def test_schedule_operations_are_columns_in_the_order_of_the_array(made, campaign):
    operations = [name.replace("/", "_") for name in SCHEDULE_OPERATIONS]
    names = [
        f"{schedule}_{operation}"
        for schedule in ("equipment", "lights", "occupancy")
        for operation in operations
    ]

    wanted = campaign.designs[:, Schema()["schedules"].slice_storage]

    assert made("Design")[names].to_numpy() == pytest.approx(wanted)


def test_failed_simulations_keep_their_design(made, failed):
    assert made("Design").loc[failed].notna().all().all()


def test_units_and_descriptions_are_those_of_the_record():
    fields = {field.name: field.metadata["shoeroot"] for field in dataclasses.fields(DesignRecord)}

    unit, description = Design.columns["FacadeRValue"]

    assert unit == fields["FacadeRValue"]["unit"] == "m2 K/W"
    assert description.lower() == fields["FacadeRValue"]["description"].lower()


def test_indices_are_whole_numbers(made):
    data = made("Design")

    assert pd.api.types.is_integer_dtype(data["program_type"])
    assert pd.api.types.is_integer_dtype(data["climate_zone"])
