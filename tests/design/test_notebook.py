"""The authors' notebook, cell by cell, as one script: each printed result comes out the same.

Cells 4 to 29, without the upload of cell 28. Cells 12 and 13 draw from an unseeded
generator: there only the range can be compared. From cell 20 on the notebook's random
numbers follow from the last seed that it sets, so that they are compared as well.
"""

from __future__ import annotations

import numpy as np
import pytest

from shoeroot.design import (
    CLIMATE_ZONES,
    PROGRAMS,
    BuildingTemplateParameter,
    Parameter,
    Schema,
    ShoeboxGeometryParameter,
    WindowParameter,
    read_designs,
    write_designs,
)

h5py = pytest.importorskip("h5py")

SEEDED_WWR = [0.34444465, 0.05, 0.33708715, 0.16022385, 0.56547156]
SEEDED_WIDTH = [4.53980835, 7.08775209, 5.68124462, 5.36848356, 4.65878866]
PERTURBED_WIDTH = [
    4.50783096,
    7.10805712,
    5.70969198,
    5.27921971,
    4.61290778,
    4.44565827,
    7.10161841,
    5.69719431,
    5.2850572,
    4.58177482,
    4.47766668,
    7.1182584,
    5.75855261,
    5.42826064,
    4.59308603,
    4.57370062,
    7.10369615,
    5.5915765,
    5.33658159,
    4.63718082,
]
UNIFORM_WWR = [
    0.4432166,
    0.33710959,
    0.4739605,
    0.82761665,
    0.81276337,
    0.40249355,
    0.22704208,
    0.49019141,
    0.06389378,
    0.64614621,
    0.75214811,
    0.39788008,
    0.25404495,
    0.56076387,
    0.15108382,
    0.256085,
    0.34024429,
    0.42906409,
    0.47522886,
    0.61353465,
]
NORMAL_WWR = [
    0.21695047,
    0.6391094,
    0.29529725,
    0.05,
    0.32881206,
    0.43934897,
    0.28292817,
    0.05,
    0.82733875,
    0.15145752,
    0.27136917,
    0.09045884,
    0.26192168,
    0.24751366,
    0.39748335,
    0.28785416,
    0.49790465,
    0.52373069,
    0.35036656,
    0.14348296,
]
LIGHTING = [[5.73466772], [7.68669191], [9.37173696]]
WINDOWS = [
    [3.14958077, 0.60625715, 0.41883353],
    [6.04476975, 0.48973266, 0.66778925],
    [6.17792006, 0.45298213, 0.49137614],
]
#: A base design as cell 15 prints it, four numbers short of its end.
BASE_DESIGN = """\
0.00e+00, 0.00e+00, 3.00e+00, 1.92e+03, 1.20e+01, 2.00e+00,
0.00e+00, 0.00e+00, 0.00e+00, 0.00e+00, 0.00e+00, 0.00e+00,
0.00e+00, 0.00e+00, 0.00e+00, 0.00e+00, 0.00e+00, 0.00e+00,
0.00e+00, 0.00e+00, 7.20e+00, 0.00e+00, 0.00e+00, 0.00e+00,
0.00e+00, 0.00e+00, 2.30e+00, 3.10e+00, 0.00e+00, 0.00e+00,"""


def as_printed(values: np.ndarray, expected: list[float] | list[list[float]]) -> bool:
    """Tell whether values are the same to the eight digits that the notebook prints."""
    expected_column = np.array(expected).reshape(len(values), -1)
    return bool(np.allclose(values, expected_column, rtol=0, atol=5.1e-9))


def of_kind(schema: Schema, *kinds: type[Parameter]) -> list[tuple[int, Parameter]]:
    return [(i, one) for i, one in enumerate(schema.parameters) if isinstance(one, kinds)]


def test_notebook_gives_its_printed_results(tmp_path):
    schema, batch = designs_of_cells_4_to_14()
    batch = orientations_of_cells_15_to_19(schema, batch)
    random = seeded_draws_of_cells_20_to_22(schema, batch)
    further_draws_of_cells_23_to_25(schema, batch, random)
    template_values_of_cell_26(schema, batch, random)
    files_of_cells_28_and_29(schema, batch, tmp_path)


def designs_of_cells_4_to_14() -> tuple[Schema, np.ndarray]:
    schema = Schema()
    assert len(schema.parameter_names) == 32
    vector = schema.generate_empty_storage_vector()
    schema.update_storage_vector(storage_vector=vector, parameter="RoofRValue", value=2.5)
    assert schema["RoofRValue"].extract_storage_values(vector) == 2.5

    batch = schema.generate_empty_storage_batch(20)
    assert batch.shape == (20, 90)
    facade, slab = schema["FacadeRValue"], schema["SlabRValue"]
    schema.update_storage_batch(batch, parameter="FacadeRValue", value=1.2)
    assert (facade.extract_storage_values_batch(batch) == np.full((20, 1), 1.2)).all()

    random = np.random.RandomState(0)
    values = slab.unnormalize(random.rand(20, *slab.shape_storage))
    schema.update_storage_batch(batch, parameter="SlabRValue", value=values)
    assert (slab.extract_storage_values_batch(batch) == values).all()
    assert (slab.min <= values).all()
    assert (values <= slab.max).all()

    values = random.rand(8, *facade.shape_storage)
    schema.update_storage_batch(batch, index=(2, 10), parameter="FacadeRValue", value=values)
    column = facade.extract_storage_values_batch(batch)
    assert (column[2:10] == np.maximum(values, 0.1)).all()
    assert (np.delete(column, range(2, 10)) == 1.2).all()

    batch = schema.generate_empty_storage_batch(1)
    assert batch.shape == (1, 90)
    return schema, batch


def orientations_of_cells_15_to_19(schema: Schema, batch: np.ndarray) -> np.ndarray:
    base = {
        "FacadeRValue": 2.3,
        "RoofRValue": 3.1,
        "LightingPowerDensity": 7.2,
        "program_type": PROGRAMS.index("Multi-Family with 5+ Units"),
        "vintage": 1920,
        "climate_zone": CLIMATE_ZONES.index("5A"),
        "base_epw": 2,
    }
    for name, value in base.items():
        schema.update_storage_batch(batch, parameter=name, value=value)
    batch = np.concatenate([batch for _ in range(4)], axis=0)
    with np.printoptions(threshold=10_000, linewidth=75):
        printed = repr(batch).removeprefix("array([[").replace("\n" + 8 * " ", "\n")
    assert printed.startswith(BASE_DESIGN)

    orientation = schema["orientation"]
    values = np.arange(4).reshape(-1, 1)
    schema.update_storage_batch(batch, parameter="orientation", value=values)
    assert orientation.extract_storage_values_batch(batch).tolist() == [[0], [1], [2], [3]]

    batch = np.repeat(batch, 5, axis=0)
    assert batch.shape == (20, 90)
    column = orientation.extract_storage_values_batch(batch)
    assert column.ravel().tolist() == [0] * 5 + [1] * 5 + [2] * 5 + [3] * 5
    return batch


def seeded_draws_of_cells_20_to_22(schema: Schema, batch: np.ndarray) -> np.random.RandomState:
    for start in range(0, 20, 5):
        for number, parameter in of_kind(schema, ShoeboxGeometryParameter):
            random = np.random.RandomState(number + 20923)
            shape = (5, *parameter.shape_storage)
            values = random.normal(loc=parameter.mean, scale=parameter.std, size=shape)
            schema.update_storage_batch(
                batch, index=(start, start + 5), parameter=parameter.name, value=values
            )
    assert as_printed(schema["wwr"].extract_storage_values_batch(batch), SEEDED_WWR * 4)
    assert as_printed(schema["width"].extract_storage_values_batch(batch), SEEDED_WIDTH * 4)
    return random


def further_draws_of_cells_23_to_25(
    schema: Schema, batch: np.ndarray, random: np.random.RandomState
) -> None:
    for _, parameter in of_kind(schema, ShoeboxGeometryParameter):
        values = parameter.extract_storage_values_batch(batch)
        values += random.rand(20, *parameter.shape_storage) * 0.2 - 0.1
        schema.update_storage_batch(batch, parameter=parameter.name, value=values)
    assert as_printed(schema["width"].extract_storage_values_batch(batch), PERTURBED_WIDTH)

    for _, parameter in of_kind(schema, ShoeboxGeometryParameter):
        values = parameter.unnormalize(random.rand(20, *parameter.shape_storage))
        schema.update_storage_batch(batch, parameter=parameter.name, value=values)
    assert as_printed(schema["wwr"].extract_storage_values_batch(batch), UNIFORM_WWR)

    draw_normal(schema, batch, random, ShoeboxGeometryParameter)
    assert as_printed(schema["wwr"].extract_storage_values_batch(batch), NORMAL_WWR)


def template_values_of_cell_26(
    schema: Schema, batch: np.ndarray, random: np.random.RandomState
) -> None:
    draw_normal(schema, batch, random, BuildingTemplateParameter, WindowParameter)

    lighting = schema["LightingPowerDensity"].extract_storage_values_batch(batch)
    windows = schema["WindowSettings"].extract_storage_values_batch(batch)
    assert as_printed(lighting[:3], LIGHTING)
    assert as_printed(windows[:3], WINDOWS)


def draw_normal(
    schema: Schema, batch: np.ndarray, random: np.random.RandomState, *kinds: type[Parameter]
) -> None:
    for _, parameter in of_kind(schema, *kinds):
        shape = (20, *parameter.shape_storage)
        values = random.normal(loc=parameter.mean, scale=parameter.std, size=shape)
        schema.update_storage_batch(batch, parameter=parameter.name, value=values)


def files_of_cells_28_and_29(schema: Schema, batch: np.ndarray, folder) -> None:
    schema.update_storage_batch(batch, parameter="batch_id", value=23)
    schema.update_storage_batch(batch, parameter="variation_id", value=np.arange(len(batch)))
    path = folder / "batch_00023.hdf5"
    with h5py.File(path, "w") as file:
        file.create_dataset(
            name="storage_vectors", shape=batch.shape, dtype=batch.dtype, data=batch
        )
    with h5py.File(path, "r") as file:
        vector = file["storage_vectors"][0]
    shown = [schema[name].extract_storage_values(vector) for name in ("batch_id", "variation_id")]
    assert shown == [23.0, 0.0]

    # The same file, read and written by shoeroot.
    np.testing.assert_array_equal(read_designs(path)[1], batch)
    write_designs(path, schema, batch)
    with h5py.File(path, "r") as file:
        np.testing.assert_array_equal(file["storage_vectors"][...], batch)
