"""The schema: what the positions of a storage vector mean, as the authors' notebook shows it."""

from __future__ import annotations

import numpy as np
import pytest

from shoeroot.design import CLIMATE_ZONES, NumericParameter, Schema, ShoeboxGeometryParameter
from shoeroot.errors import DesignError

NAMES = [
    "batch_id",
    "variation_id",
    "program_type",
    "vintage",
    "climate_zone",
    "base_epw",
    "width",
    "height",
    "facade_2_footprint",
    "perim_2_footprint",
    "roof_2_footprint",
    "footprint_2_ground",
    "shading_fact",
    "wwr",
    "orientation",
    "HeatingSetpoint",
    "CoolingSetpoint",
    "HeatingCoeffOfPerf",
    "CoolingCoeffOfPerf",
    "FlowRatePerFloorArea",
    "LightingPowerDensity",
    "EquipmentPowerDensity",
    "PeopleDensity",
    "Infiltration",
    "FacadeMass",
    "RoofMass",
    "FacadeRValue",
    "RoofRValue",
    "SlabRValue",
    "WindowSettings",
    "schedules_seed",
    "schedules",
]

#: As much of the printed schema as the notebook shows.
PRINTED = """\
-------- Schema --------
---- batch_id ----
shape storage: (1,) / shape ml: (0,)
location storage: 0->1 / location ml: 0->0

---- variation_id ----
shape storage: (1,) / shape ml: (0,)
location storage: 1->2 / location ml: 0->0

---- program_type ----
shape storage: (1,) / shape ml: (19,)
location storage: 2->3 / location ml: 0->19

---- vintage ----
shape storage: (1,) / shape ml: (1,)
location storage: 3->4 / location ml: 19->20

---- climate_zone ----
shape storage: (1,) / shape ml: (15,)
location storage: 4->5 / location ml: 20->35

---- base_epw ----
shape storage: (1,) / shape ml: (0,)
location storage: 5->6 / location ml: 35->35

---- width ----
shape storage: (1,) / shape ml: (1,)
location storage: 6->7 / location ml: 35->36

---- height ----
shape storage: (1,) / shape ml: (1,)
location storage: 7->8 / location ml: 36->37

---- facade_2_footprint ----
shape storage: (1,) / shape ml: (1,)
location storage: 8->9 / location ml: 37->38

---- perim_2_footprint ----
shape storage: ("""

PRINTED_EMPTY_DESIGN = """\
[0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.
 0.  0.  0.  0.  0.  0.  0.  0.  0.  2.5 0.  0.  0.  0.  0.  0.  0.  0.
 1.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.
 0.  1.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.
 0.  0.  1.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0.  0. ]"""


@pytest.fixture
def schema() -> Schema:
    return Schema()


@pytest.fixture
def batch(schema):
    """Twenty designs of zeros."""
    return schema.generate_empty_storage_batch(20)


# What the notebook shows


def test_names_are_those_of_the_notebook_in_its_order(schema):
    assert schema.parameter_names == NAMES


def test_a_design_is_90_numbers_and_26342_for_a_surrogate_model(schema):
    assert schema.storage_length == 90
    assert schema.ml_length == 26342


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("width", "---width---\nshape_storage=(1,), shape_ml=(1,), dtype=scalar\nWidth [m]"),
        (
            "schedules",
            "---schedules---\nshape_storage=(3, 19), shape_ml=(3, 8760), dtype=matrix\n"
            "A matrix in the storage vector with operations to apply to schedules; "
            "a matrix of timeseries in ml vector",
        ),
        (
            "orientation",
            "---orientation---\nshape_storage=(1,), shape_ml=(4,), dtype=onehot\n"
            "Shoebox Orientation",
        ),
    ],
)
def test_parameter_prints_as_in_the_notebook(schema, name, printed):
    assert str(schema[name]) == printed


def test_schema_prints_as_in_the_notebook(schema):
    assert str(schema).startswith(PRINTED)


def test_printed_schema_ends_with_the_lengths(schema):
    assert str(schema).endswith(
        "---- schedules ----\n"
        "shape storage: (3, 19) / shape ml: (3, 8760)\n"
        "location storage: 33->90 / location ml: 62->26342\n\n"
        "Total storage vector length: 90\n"
        "Total ml vector length: 26342"
    )


def test_value_that_was_set_comes_back_as_a_number(schema):
    design = schema.generate_empty_storage_vector()

    schema.update_storage_vector(storage_vector=design, parameter="RoofRValue", value=2.5)

    assert schema["RoofRValue"].extract_storage_values(design) == 2.5


def test_empty_design_prints_as_in_the_notebook(schema):
    design = schema.generate_empty_storage_vector()
    schema.update_storage_vector(design, "RoofRValue", 2.5)

    with np.printoptions(threshold=1000, linewidth=75):
        assert str(design) == PRINTED_EMPTY_DESIGN


def test_empty_batch_has_zeros_but_a_scale_of_one_for_each_schedule(schema, batch):
    operations = schema["schedules"].extract_storage_values_batch(batch)

    assert batch.shape == (20, 90)
    assert operations.shape == (20, 3, 19)
    assert (operations[:, :, 3] == 1).all()
    assert batch.sum() == 20 * 3


def test_update_without_index_sets_the_whole_batch(schema, batch):
    schema.update_storage_batch(batch, parameter="FacadeRValue", value=1.2)

    values = schema["FacadeRValue"].extract_storage_values_batch(batch)
    np.testing.assert_array_equal(values, np.full((20, 1), 1.2))


def test_update_with_an_integer_sets_one_design(schema, batch):
    schema.update_storage_batch(batch, index=3, parameter="width", value=7)

    width = schema["width"].extract_storage_values_batch(batch)[:, 0]
    np.testing.assert_array_equal(np.flatnonzero(width), [3])


def test_update_counts_from_the_end_as_python_does(schema, batch):
    schema.update_storage_batch(batch, index=-1, parameter="width", value=7)

    width = schema["width"].extract_storage_values_batch(batch)[:, 0]
    np.testing.assert_array_equal(np.flatnonzero(width), [19])


def test_update_with_a_range_leaves_its_end_out(schema, batch):
    schema.update_storage_batch(batch, parameter="FacadeRValue", value=1.2)
    values = np.linspace(0.3, 0.9, 8).reshape(8, 1)

    schema.update_storage_batch(batch, index=(2, 10), parameter="FacadeRValue", value=values)

    resistance = schema["FacadeRValue"].extract_storage_values_batch(batch)[:, 0]
    np.testing.assert_array_equal(resistance[2:10], values[:, 0])
    assert (resistance[:2] == 1.2).all()
    assert (resistance[10:] == 1.2).all()


def test_update_takes_one_value_a_design_as_a_plain_series(schema, batch):
    schema.update_storage_batch(batch, parameter="variation_id", value=np.arange(20))

    numbers = schema["variation_id"].extract_storage_values_batch(batch)
    np.testing.assert_array_equal(numbers[:, 0], np.arange(20))


def test_update_spreads_a_window_over_the_batch(schema, batch):
    schema.update_storage_batch(batch, parameter="WindowSettings", value=[2.0, 0.4, 0.5])

    windows = schema["WindowSettings"].extract_storage_values_batch(batch)
    np.testing.assert_array_equal(windows, np.tile([2.0, 0.4, 0.5], (20, 1)))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("wwr", [0.34444465, 0.05, 0.33708715, 0.16022385, 0.56547156]),
        ("width", [4.53980835, 7.08775209, 5.68124462, 5.36848356, 4.65878866]),
    ],
)
def test_seeded_normal_draws_are_those_that_the_notebook_prints(schema, batch, name, shown):
    for start in range(0, 20, 5):
        for number, parameter in enumerate(schema.parameters):
            if isinstance(parameter, ShoeboxGeometryParameter):
                draw = np.random.RandomState(number + 20923).normal(
                    loc=parameter.mean, scale=parameter.std, size=(5, *parameter.shape_storage)
                )
                schema.update_storage_batch(
                    batch, index=(start, start + 5), parameter=parameter.name, value=draw
                )

    values = schema[name].extract_storage_values_batch(batch)

    np.testing.assert_allclose(values[:, 0], np.tile(shown, 4), rtol=0, atol=5e-9)


def test_parameters_stand_one_after_the_other(schema):
    ends = [parameter.slice_storage.stop for parameter in schema]
    starts = [parameter.slice_storage.start for parameter in schema]

    assert starts == [0, *ends[:-1]]
    assert ends[-1] == 90


# Ranges


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [("wwr", 0.0, 0.05), ("wwr", 2.0, 0.9), ("width", 5.0, 5.0), ("vintage", 1800, 1920)],
)
def test_values_are_clipped_to_the_range(schema, name, given, kept):
    design = schema.generate_empty_storage_vector()

    schema.update_storage_vector(design, name, given)

    assert schema[name].extract_storage_values(design) == kept


def test_window_is_clipped_element_by_element(schema):
    design = schema.generate_empty_storage_vector()

    schema.update_storage_vector(design, "WindowSettings", [9.0, 0.5, 0.0])

    window = schema["WindowSettings"].extract_storage_values(design)
    np.testing.assert_array_equal(window, [7.0, 0.5, 0.05])


def test_numbers_without_a_range_are_not_clipped(schema):
    design = schema.generate_empty_storage_vector()

    schema.update_storage_vector(design, "batch_id", 1e9)

    assert schema["batch_id"].extract_storage_values(design) == 1e9


def test_normalize_maps_the_range_to_0_and_1(schema):
    np.testing.assert_allclose(schema["width"].normalize([3, 7.5, 12]), [0, 0.5, 1])


def test_unnormalize_is_the_way_back(schema):
    np.testing.assert_allclose(schema["width"].unnormalize([0, 0.5, 1]), [3, 7.5, 12])


def test_window_is_normalized_element_by_element(schema):
    windows = np.array([[0.3, 0.52, 0.99], [7.0, 0.05, 0.52]])

    shares = schema["WindowSettings"].normalize(windows)

    np.testing.assert_allclose(shares, [[0, 0.5, 1], [1, 0, 0.5]])


def test_window_comes_back_from_its_shares(schema):
    windows = np.array([[0.3, 0.52, 0.99], [7.0, 0.05, 0.52]])
    window = schema["WindowSettings"]

    np.testing.assert_allclose(window.unnormalize(window.normalize(windows)), windows)


def test_window_has_a_distribution_for_each_element(schema):
    window = schema["WindowSettings"]

    np.testing.assert_array_equal(window.mean, [5, 0.5, 0.5])
    np.testing.assert_array_equal(window.std, [2, 0.1, 0.1])


# Errors


def test_unknown_name_suggests_the_nearest(schema):
    with pytest.raises(DesignError, match=r"no parameter 'FacadeRvalue'") as caught:
        schema["FacadeRvalue"]

    assert "'FacadeRValue'" in caught.value.hint


def test_unknown_name_in_an_update_suggests_the_nearest(schema, batch):
    with pytest.raises(DesignError, match="did you mean 'width'"):
        schema.update_storage_batch(batch, parameter="widht", value=5)


def test_value_of_a_wrong_shape_is_refused(schema, batch):
    with pytest.raises(DesignError, match=r"shape \(7,\) do not fit 'width'") as caught:
        schema.update_storage_batch(batch, parameter="width", value=np.ones(7))

    assert "(20, 1)" in caught.value.hint


def test_value_for_more_designs_than_the_range_has_is_refused(schema, batch):
    with pytest.raises(DesignError, match="do not fit 'width'"):
        schema.update_storage_batch(batch, index=(2, 10), parameter="width", value=np.ones((9, 1)))


@pytest.mark.parametrize("index", [20, -21, (15, 21), (8, 3)])
def test_index_that_leaves_the_batch_is_refused(schema, batch, index):
    with pytest.raises(DesignError, match="20 designs"):
        schema.update_storage_batch(batch, index=index, parameter="width", value=5)


def test_batch_of_a_wrong_width_cannot_be_updated(schema):
    with pytest.raises(DesignError, match=r"shape \(4, 89\)"):
        schema.update_storage_batch(np.zeros((4, 89)), parameter="width", value=5)


def test_vector_of_a_wrong_length_cannot_be_updated(schema):
    with pytest.raises(DesignError, match="90 values"):
        schema.update_storage_vector(np.zeros(89), "width", 5)


@pytest.mark.parametrize("shape", [(90,), (4, 89), (1, 4, 90)])
def test_array_that_is_no_batch_is_refused(schema, shape):
    with pytest.raises(DesignError, match="90 values a design"):
        schema.check_batch(np.zeros(shape))


def test_empty_designs_pass_as_a_batch(schema, batch):
    schema.check_batch(batch)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_number_that_is_not_finite_names_row_parameter_and_value(schema, batch, value):
    batch[4, schema["wwr"].start_storage] = value

    with pytest.raises(DesignError) as caught:
        schema.check_batch(batch)

    assert caught.value.where == "design 4"
    assert caught.value.problem == f"wwr = {value} is not finite"


def test_several_bad_rows_are_counted(schema, batch):
    batch[[4, 7, 9], schema["wwr"].start_storage] = np.nan

    with pytest.raises(DesignError, match=r"\(3 rows\)"):
        schema.check_batch(batch)


def test_climate_zone_beyond_the_count_says_how_to_have_more(schema, batch):
    batch[2, schema["climate_zone"].start_storage] = CLIMATE_ZONES.index("7")

    with pytest.raises(DesignError) as caught:
        schema.check_batch(batch)

    assert caught.value.problem == "climate_zone = 17 is not a category"
    assert caught.value.where == "design 2"
    assert "from 0 to 14" in caught.value.hint
    assert "Schema(climate_zones=19)" in caught.value.hint


def test_schema_with_all_climate_zones_takes_the_coldest():
    schema = Schema(climate_zones=19)
    batch = schema.generate_empty_storage_batch(1)
    schema.update_storage_batch(batch, parameter="climate_zone", value=CLIMATE_ZONES.index("8"))

    schema.check_batch(batch)

    assert schema.ml_length == 26342 + 4


def test_program_beyond_the_count_says_how_to_have_more(schema, batch):
    batch[:, schema["program_type"].start_storage] = 19

    with pytest.raises(DesignError, match=r"Schema\(program_types=20\)"):
        schema.check_batch(batch)


@pytest.mark.parametrize("value", [-1, 4, 0.5])
def test_orientation_is_one_of_four(schema, batch, value):
    batch[0, schema["orientation"].start_storage] = value

    with pytest.raises(DesignError, match="an index from 0 to 3"):
        schema.check_batch(batch)


@pytest.mark.parametrize("count", [0, 20])
def test_there_are_19_climate_zones(count):
    with pytest.raises(DesignError, match=f"cannot have {count} climate zones"):
        Schema(climate_zones=count)


def test_schema_needs_a_program():
    with pytest.raises(DesignError, match="cannot have 0 program types"):
        Schema(program_types=0)


# Reports and further checks


def test_update_reports_how_many_values_were_clipped(schema, batch):
    values = np.array([9.0, 0.5, 0.0])

    count = schema.update_storage_batch(
        batch, parameter="WindowSettings", value=values, report=True
    )

    assert count == 2 * 20


def test_update_of_one_design_reports_too(schema):
    design = schema.generate_empty_storage_vector()

    assert schema.update_storage_vector(design, "wwr", 2.0, report=True) == 1
    assert schema.update_storage_vector(design, "wwr", 0.5, report=True) == 0


def test_update_that_is_not_asked_reports_nothing(schema, batch):
    assert schema.update_storage_batch(batch, parameter="wwr", value=2.0) is None


def test_update_with_a_value_that_is_not_a_number_names_the_design(schema, batch):
    with pytest.raises(DesignError, match="width = nan is not a number") as caught:
        schema.update_storage_batch(
            batch, index=(5, 8), parameter="width", value=[4.0, np.nan, 5.0]
        )

    assert caught.value.where == "design 6"
    assert not batch[:, 6].any()


def sensible(schema, batch):
    """Designs in the middle of all ranges, heated to 20 and cooled to 25 degC."""
    for parameter in schema:
        if isinstance(parameter, NumericParameter):
            middle = parameter.unnormalize(np.full(parameter.shape_storage, 0.5))
            schema.update_storage_batch(batch, parameter=parameter.name, value=middle)
    schema.update_storage_batch(batch, parameter="HeatingSetpoint", value=20)
    schema.update_storage_batch(batch, parameter="CoolingSetpoint", value=25)
    return batch


def test_sensible_designs_pass(schema, batch):
    schema.check_designs(sensible(schema, batch))


def test_heating_above_cooling_setpoint_names_both(schema, batch):
    sensible(schema, batch)
    schema.update_storage_batch(batch, index=(3, 5), parameter="HeatingSetpoint", value=26)

    with pytest.raises(DesignError) as caught:
        schema.check_designs(batch)

    assert caught.value.problem == (
        "HeatingSetpoint = 26 degC is above CoolingSetpoint = 25 degC (2 rows)"
    )
    assert caught.value.where == "design 3"


def test_value_outside_its_range_names_range_row_and_value(schema, batch):
    sensible(schema, batch)
    batch[7, schema["FacadeRValue"].start_storage] = 60

    with pytest.raises(DesignError, match=r"FacadeRValue = 60 is outside its range") as caught:
        schema.check_designs(batch)

    assert caught.value.where == "design 7"
    assert "between 0.1 and 5" in caught.value.hint


def test_number_of_a_window_is_named(schema, batch):
    batch[2, schema["WindowSettings"].start_storage + 1] = np.nan

    with pytest.raises(DesignError, match=r"WindowSettings.shgc = nan is not finite"):
        schema.check_batch(batch)


def test_array_of_texts_is_no_batch(schema, batch):
    with pytest.raises(DesignError, match="needs numbers"):
        schema.check_batch(batch.astype(str))


def test_a_category_that_does_not_exist_is_refused_when_it_is_set() -> None:
    schema = Schema()
    batch = schema.generate_empty_storage_batch(4)

    with pytest.raises(DesignError) as caught:
        schema.update_storage_batch(
            batch, index=(1, 4), parameter="climate_zone", value=np.array([3, 14, 18])
        )

    assert "climate_zone = 18" in str(caught.value)
    assert "design 3" in str(caught.value)
    assert "Schema(climate_zones=19)" in str(caught.value)
    assert not batch[:, schema["climate_zone"].slice_storage].any()


def test_a_text_is_no_value() -> None:
    schema = Schema()

    with pytest.raises(DesignError, match="wwr = 'large' is not a number"):
        schema.update_storage_vector(schema.generate_empty_storage_vector(), "wwr", "large")
