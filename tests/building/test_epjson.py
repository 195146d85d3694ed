"""The engine's input: it fits the engine's own schema, shares what is equal, and its hash."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import numpy as np
import pytest

from shoeroot.building import CORE, PERIMETER, Box, build_model
from shoeroot.building.template import Construction, Layer, Ventilation
from shoeroot.design.vocabulary import SCHEDULE_OPERATIONS
from shoeroot.errors import ModelError

from .handmade import (
    BOX,
    BY_DAY,
    CONCRETE,
    FACADE,
    SCHEMA,
    TEMPLATE,
    WEATHER,
    WOOL,
    make_design,
    make_template,
    make_zone,
    set_beyond_range,
    year,
)

VENTILATED = make_template(
    make_zone(
        ventilation=Ventilation(0.5, 0.0003, 0.008, True, BY_DAY, heat_recovery=0.75),
        internal_mass=None,
    )
)

MODELS = {
    "plain": (TEMPLATE, {}),
    "shaded": (TEMPLATE, {"shading_fact": 0.97, "orientation": 3}),
    "single zone": (TEMPLATE, {"perim_2_footprint": 1.0, "roof_2_footprint": 1.0}),
    "extremes": (TEMPLATE, {"wwr": 0.9, "footprint_2_ground": 0.01, "FacadeRValue": 0.2}),
    "ventilated": (VENTILATED, {}),
}


def build(template=TEMPLATE, weather=WEATHER, **changes):
    return build_model(SCHEMA, make_design(template, **changes), template, weather)


@pytest.fixture(scope="module")
def classes(engine) -> dict:
    """The engine's description of its input, by class."""
    return json.loads(engine.schema.read_text())["properties"]


@pytest.fixture(params=MODELS)
def objects(request) -> dict:
    template, changes = MODELS[request.param]
    return json.loads(build(template, **changes).text)


# The engine's own schema


def test_every_object_fits_the_engines_schema(objects, classes):
    for kind, named in objects.items():
        validator = jsonschema.Draft7Validator(classes[kind])
        assert [error.message for error in validator.iter_errors(named)] == [], kind


def test_every_field_is_one_that_the_engine_knows(objects, classes):
    for kind, named in objects.items():
        (described,) = classes[kind]["patternProperties"].values()
        for fields in named.values():
            assert set(fields) <= set(described["properties"]), kind


def test_required_classes_are_there(objects, classes):
    required = {kind for kind, described in classes.items() if described.get("minProperties")}

    assert required <= set(objects)


# Schedules


def schedule_names(model, kind: str, field: str) -> set[str]:
    return {fields[field] for fields in model.epjson[kind].values()}


def test_equal_schedules_are_written_once():
    model = build()

    # Equipment, lights and people, the same in both zones.
    assert sorted(model.files) == ["series_0.csv", "series_1.csv", "series_2.csv"]
    assert len(schedule_names(model, "Lights", "schedule_name")) == 1


def test_schedules_of_other_names_but_equal_values_are_one():
    same = year("Another name", BY_DAY.values)
    loads = replace(TEMPLATE.perimeter.loads, lighting_schedule=same)

    assert len(build(make_template(make_zone(loads=loads))).files) == 2


def test_constant_schedules_need_no_file():
    operations = SCHEMA["schedules"].extract_storage_values(make_design()).copy()
    operations[:, SCHEDULE_OPERATIONS.index("on/off")] = 1

    model = build(schedules=operations)

    assert model.files == {}
    (name,) = schedule_names(model, "Lights", "schedule_name")
    assert model.epjson["Schedule:Constant"][name]["hourly_value"] == 1.0


def test_schedule_file_holds_the_hours_exactly():
    model = build()
    (name,) = schedule_names(model, "ElectricEquipment", "schedule_name")
    file = model.epjson["Schedule:File"][name]["file_name"]

    values = [float(line) for line in model.files[file].split(b"\n")]

    np.testing.assert_array_equal(values, BY_DAY.values)


def test_operations_reach_the_file():
    operations = SCHEMA["schedules"].extract_storage_values(make_design()).copy()
    operations[0, SCHEDULE_OPERATIONS.index("scale")] = 0.5

    model = build(schedules=operations)

    (name,) = schedule_names(model, "ElectricEquipment", "schedule_name")
    file = model.epjson["Schedule:File"][name]["file_name"]
    assert float(model.files[file].split(b"\n")[12]) == 0.5


# Envelope


def layers_of(model, surface: str) -> list[str]:
    name = model.epjson["BuildingSurface:Detailed"][surface]["construction_name"]
    fields = model.epjson["Construction"][name]
    return [fields[key] for key in ("outside_layer", "layer_2", "layer_3") if key in fields]


def test_wall_between_the_zones_has_its_layers_reversed_on_the_other_side():
    model = build()

    front = layers_of(model, f"{PERIMETER} Partition")

    assert len(front) == 2
    assert layers_of(model, f"{CORE} Partition") == front[::-1]


def test_ceiling_shows_the_lower_side_of_the_slab():
    model = build()

    assert layers_of(model, f"{CORE} Ceiling") == layers_of(model, f"{CORE} Floor")[::-1]


def test_equal_layers_are_one_material():
    wall = Construction("Wall", (Layer(WOOL, 0.05), Layer(CONCRETE, 0.2)))
    constructions = replace(TEMPLATE.perimeter.constructions, ground=wall, partition=wall)

    materials = build(make_template(make_zone(constructions=constructions))).epjson["Material"]

    figures = [json.dumps(fields) for fields in materials.values()]
    assert len(figures) == len(set(figures))


def test_construction_that_is_called_like_the_window_stays_apart():
    walls = Construction("window", FACADE.layers)
    constructions = replace(TEMPLATE.perimeter.constructions, facade=walls)

    model = build(make_template(make_zone(constructions=constructions)))

    window = model.epjson["FenestrationSurface:Detailed"][f"{PERIMETER} Facade Window"]
    glass = model.epjson["Construction"][window["construction_name"]]["outside_layer"]
    assert glass in model.epjson["WindowMaterial:SimpleGlazingSystem"]
    assert len(layers_of(model, f"{PERIMETER} Facade")) == 3
    names = [name.lower() for name in model.epjson["Construction"]]
    assert len(names) == len(set(names))


def test_material_that_is_called_like_the_glazing_stays_apart():
    glazing = replace(CONCRETE, name="GLAZING")
    ground = Construction("Ground", (Layer(glazing, 0.1),))
    constructions = replace(TEMPLATE.perimeter.constructions, ground=ground)

    model = build(make_template(make_zone(constructions=constructions)))

    kinds = ("Material", "WindowMaterial:SimpleGlazingSystem")
    names = [name.lower() for kind in kinds for name in model.epjson[kind]]
    assert len(names) == len(set(names))


def test_ground_has_the_temperatures_of_the_weather():
    model = build()

    data = model.epjson["Schedule:Compact"]["Ground by Month"]["data"]

    values = tuple(entry["field"] for entry in data if isinstance(entry["field"], float))
    assert values == WEATHER.ground_temperatures


def test_ground_without_temperatures_has_18_degrees():
    model = build(weather=replace(WEATHER, ground_temperatures=None))

    data = model.epjson["Schedule:Compact"]["Ground by Month"]["data"]

    assert [entry["field"] for entry in data if isinstance(entry["field"], float)] == [18.0] * 12


def test_surfaces_of_the_model_are_those_of_the_input():
    model = build()

    assert {surface.name for surface in model.surfaces} == set(
        model.epjson["BuildingSurface:Detailed"]
    )


def test_internal_mass_is_a_share_of_the_floor():
    masses = build(perim_2_footprint=0.3).epjson["InternalMass"]

    areas = {fields["zone_or_zonelist_name"]: fields["surface_area"] for fields in masses.values()}
    assert areas == pytest.approx({PERIMETER: 0.5 * 30, CORE: 0.5 * 70})


# The hash

#: What does not reach the engine's input: numbers for books, parameters that act through the
#: choice of the template or of the weather, and those that act after the engine.
INERT = {
    "batch_id": 7,
    "variation_id": 7,
    "program_type": 2,
    "vintage": 1950,
    "climate_zone": 12,
    "base_epw": 3,
    "HeatingCoeffOfPerf": 4.0,
    "CoolingCoeffOfPerf": 4.0,
    "FlowRatePerFloorArea": 0.001,
}
#: Only where a schedule is random.
SEED = "schedules_seed"
WINDOWS = {"U": [2.5, 0.6, 0.7], "SHGC": [2.0, 0.5, 0.7], "VLT": [2.0, 0.6, 0.6]}


def design_changed(name: str) -> np.ndarray:
    """A design with another value of one number, within its range."""
    low, high = SCHEMA[name].min, SCHEMA[name].max
    before = SCHEMA[name].extract_storage_values(make_design())
    return make_design(**{name: low + 0.77 * (high - low) if before < 0.5 * high else 0.4 * high})


def hash_of(design: np.ndarray) -> str:
    return build_model(SCHEMA, design, TEMPLATE, WEATHER).hash


def test_every_parameter_is_tried():
    matters = set(SCHEMA.parameter_names) - set(INERT) - {SEED, "schedules", "WindowSettings"}

    assert matters == {*BOX, *MATTERS}


MATTERS = (
    *("HeatingSetpoint", "CoolingSetpoint", "LightingPowerDensity", "EquipmentPowerDensity"),
    *("PeopleDensity", "Infiltration", "FacadeMass", "RoofMass"),
    *("FacadeRValue", "RoofRValue", "SlabRValue"),
)


@pytest.mark.parametrize("name", [*(name for name in BOX if name != "orientation"), *MATTERS])
def test_hash_changes_with_what_matters(name):
    assert hash_of(design_changed(name)) != hash_of(make_design())


@pytest.mark.parametrize("window", WINDOWS)
def test_hash_changes_with_each_figure_of_the_window(window):
    assert hash_of(make_design(WindowSettings=WINDOWS[window])) != hash_of(make_design())


def test_hash_changes_with_each_orientation():
    assert len({hash_of(make_design(orientation=way)) for way in range(4)}) == 4


@pytest.mark.parametrize("row", [0, 1, 2])
def test_hash_changes_with_each_schedule(row):
    operations = SCHEMA["schedules"].extract_storage_values(make_design()).copy()
    operations[row, SCHEDULE_OPERATIONS.index("scale")] = 0.5

    assert hash_of(make_design(schedules=operations)) != hash_of(make_design())


def test_hash_changes_with_the_seed_where_a_schedule_is_random():
    operations = SCHEMA["schedules"].extract_storage_values(make_design()).copy()
    operations[0, SCHEDULE_OPERATIONS.index("noise")] = 0.5
    random = make_design(schedules=operations)

    assert hash_of(random) != hash_of(set_beyond_range(random, SEED, 9))
    assert hash_of(make_design()) == hash_of(make_design(**{SEED: 9}))


@pytest.mark.parametrize("name", INERT)
def test_hash_stays_with_what_the_engine_does_not_see(name):
    assert hash_of(make_design(**{name: INERT[name]})) == hash_of(make_design())


def test_hash_is_stable():
    assert build().hash == build().hash


def test_hash_changes_with_the_time_step():
    fine = build_model(SCHEMA, make_design(), TEMPLATE, WEATHER, timesteps_per_hour=6)

    assert fine.hash != build().hash


@pytest.mark.parametrize("steps", [0, 7, 61, 2.5, -4])
def test_time_step_that_does_not_divide_the_hour_is_refused(steps):
    with pytest.raises(ModelError, match="timesteps_per_hour") as caught:
        build_model(SCHEMA, make_design(), TEMPLATE, WEATHER, timesteps_per_hour=steps)

    assert "1, 2, 3, 4, 5, 6, 10" in caught.value.hint


def test_hash_changes_with_the_ground():
    warmer = replace(WEATHER, ground_temperatures=(20.0,) * 12)

    assert build(weather=warmer).hash != build().hash


def test_box_of_a_model_is_the_designs():
    box = build(width=6, height=3, facade_2_footprint=0.5).shoebox.box

    assert box == Box(6.0, 3.0, 0.5, 0.5, 0.5, 0.5, 0.0, 0.4, 0)
