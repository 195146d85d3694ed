"""What is wrong with a model is said before the engine runs it, in the words of its design."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest

from shoeroot.building import (
    CORE,
    PERIMETER,
    Model,
    build_model,
    check_model,
    read_input_schema,
)
from shoeroot.building.template import Ventilation
from shoeroot.errors import EngineError

from .handmade import (
    AT_HOME,
    SCHEMA,
    TEMPLATE,
    WEATHER,
    make_design,
    make_template,
    make_zone,
    set_beyond_range,
    year,
)

#: What is wrong with a template comes from what picked it.
_TEMPLATE = ("program_type", "vintage", "climate_zone")


def model_beyond(name: str, value: float) -> Model:
    """A model of a design with a value that an update would have clipped."""
    return build_model(SCHEMA, set_beyond_range(make_design(), name, value), TEMPLATE, WEATHER)


@pytest.fixture
def spoilt() -> Model:
    """A good model whose input may be spoilt."""
    model = build_model(SCHEMA, make_design(), TEMPLATE, WEATHER)
    return replace(model, epjson=copy.deepcopy(model.epjson), files=dict(model.files))


def problems(model: Model) -> list[str]:
    return [finding.problem for finding in check_model(model)]


# Good models


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"perim_2_footprint": 1.0},
        {"shading_fact": 1.0, "orientation": 2},
        {"wwr": 0.9, "width": 3.0},
        {"wwr": 0.9, "width": 3.0, "height": 6.0, "orientation": 1},
        {"roof_2_footprint": 0.01, "footprint_2_ground": 0.01},
        {"FacadeRValue": 0.2, "FacadeMass": 1000.0},
        {"LightingPowerDensity": 0.0, "PeopleDensity": 0.0},
    ],
)
def test_design_within_the_ranges_has_nothing_wrong(changes):
    assert check_model(build_model(SCHEMA, make_design(**changes), TEMPLATE, WEATHER)) == []


# Designs


@pytest.mark.parametrize(("heating", "cooling"), [(24.0, 22.0), (22.0, 22.0)])
def test_setpoints_out_of_order_name_both(heating, cooling):
    design = make_design(HeatingSetpoint=heating, CoolingSetpoint=cooling)

    (finding,) = check_model(build_model(SCHEMA, design, TEMPLATE, WEATHER))

    assert finding.parameters == ("HeatingSetpoint", "CoolingSetpoint")
    assert f"HeatingSetpoint = {heating:g} degC" in finding.problem
    assert f"CoolingSetpoint = {cooling:g} degC" in finding.problem


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("wwr", 0.0),
        ("wwr", 1.0),
        ("roof_2_footprint", 1.2),
        ("footprint_2_ground", -0.1),
        ("perim_2_footprint", 1.5),
        ("shading_fact", 1.1),
        ("shading_fact", -0.1),
        ("Infiltration", 1000.0),
        ("Infiltration", -1.0),
        ("LightingPowerDensity", -1.0),
        ("EquipmentPowerDensity", -1.0),
        ("PeopleDensity", -1.0),
        ("HeatingCoeffOfPerf", 0.0),
        ("CoolingCoeffOfPerf", -3.0),
        ("FlowRatePerFloorArea", -0.001),
        ("WindowSettings", 0.0),
    ],
)
def test_figure_that_no_building_has_names_its_parameter(name, value):
    findings = check_model(model_beyond(name, value))

    assert (name,) in [finding.parameters for finding in findings]
    assert f"{value:g}" in str(findings[0])


@pytest.mark.parametrize("element", [1, 2])
def test_window_that_lets_all_light_in_is_none(element):
    design = make_design()
    design[SCHEMA["WindowSettings"].start_storage + element] = 1.0

    (finding,) = check_model(build_model(SCHEMA, design, TEMPLATE, WEATHER))

    assert finding.parameters == ("WindowSettings",)


def test_window_larger_than_its_wall_is_seen():
    # A ribbon of 99.9 % of the area cannot leave a margin at its sides.
    (finding,) = check_model(model_beyond("wwr", 0.999))

    assert finding.parameters == ("wwr", "width")
    assert "larger than" in finding.problem


def test_perimeter_that_the_engine_would_merge_names_its_parameters_and_their_limits():
    design = make_design(height=2.5, facade_2_footprint=2.0)
    design = set_beyond_range(design, "perim_2_footprint", 0.004)

    (finding,) = check_model(build_model(SCHEMA, design, TEMPLATE, WEATHER))

    assert finding.parameters == ("perim_2_footprint", "facade_2_footprint")
    assert "5 mm deep; the engine needs 10 mm" in finding.problem
    assert "perim_2_footprint to 0.008 or more" in finding.hint
    assert "facade_2_footprint to 1 or less" in finding.hint


@pytest.mark.parametrize(("share", "facade"), [(0.008, 2.0), (0.004, 1.0)])
def test_limits_that_the_finding_gives_are_enough(share, facade):
    design = make_design(height=2.5, facade_2_footprint=facade)
    design = set_beyond_range(design, "perim_2_footprint", share)

    assert check_model(build_model(SCHEMA, design, TEMPLATE, WEATHER)) == []


@pytest.mark.parametrize(
    ("name", "value", "parameters"),
    [
        ("width", 1e7, ("width",)),
        ("facade_2_footprint", 1e-5, ("facade_2_footprint", "height")),
    ],
)
def test_box_larger_than_any_building_names_what_makes_it_so(name, value, parameters):
    (finding,) = check_model(model_beyond(name, value))

    assert finding.parameters == parameters


def test_everything_wrong_is_said_at_once():
    design = make_design(HeatingSetpoint=25.0, CoolingSetpoint=20.0)
    design = set_beyond_range(design, "shading_fact", 2.0)

    named = [
        finding.parameters
        for finding in check_model(build_model(SCHEMA, design, TEMPLATE, WEATHER))
    ]

    assert named == [("shading_fact",), ("HeatingSetpoint", "CoolingSetpoint")]


def test_schedule_that_is_no_year_is_seen():
    short = replace(year("Short", 1.0), values=np.linspace(0.0, 1.0, 8784))
    conditioning = replace(TEMPLATE.perimeter.conditioning, heating_schedule=short)
    template = make_template(make_zone(conditioning=conditioning))

    found = problems(build_model(SCHEMA, make_design(template), template, WEATHER))

    assert len(found) == 1
    assert "has 8784 hours" in found[0]


@pytest.mark.parametrize(
    ("kind", "name", "field", "parameters"),
    [
        ("Lights", f"{CORE} Lights", "watts_per_floor_area", ("LightingPowerDensity",)),
        ("People", f"{CORE} People", "people_per_floor_area", ("PeopleDensity",)),
        ("Material", "Brick", "density", ("program_type", "vintage", "climate_zone")),
        ("Material", "Brick", "thickness", ("FacadeMass", "FacadeRValue")),
        ("WindowMaterial:SimpleGlazingSystem", "Glazing", "u_factor", ("WindowSettings",)),
    ],
)
def test_number_that_is_not_finite_names_where_it_comes_from(spoilt, kind, name, field, parameters):
    spoilt.epjson[kind][name][field] = float("nan")

    assert [finding.parameters for finding in check_model(spoilt)] == [parameters]


# The engine's own rules


@pytest.fixture(scope="module")
def rules(engine):
    return read_input_schema(engine.schema)


@pytest.mark.parametrize(
    "changes", [{}, {"shading_fact": 0.97, "orientation": 3}, {"perim_2_footprint": 1.0}]
)
def test_engine_refuses_nothing_of_a_good_model(rules, changes):
    template = make_template(
        make_zone(ventilation=Ventilation(0.5, 0.0003, 0.001, True, AT_HOME, 0.7))
    )
    model = build_model(SCHEMA, make_design(template, **changes), template, WEATHER)

    assert check_model(model, rules) == []


@pytest.mark.parametrize(
    ("kind", "name", "field", "value", "problem", "parameters"),
    [
        (*("Material", "Brick", "density", -1.0), "is not above 0", _TEMPLATE),
        (*("Material", "Brick", "specific_heat", 50.0), "is below the engine's least", _TEMPLATE),
        (*("Material", "Brick", "solar_absorptance", 1.5), "greatest, 1", _TEMPLATE),
        (*("Material", "Brick", "roughness", "Soft"), "among the engine's words", _TEMPLATE),
        (*("Material", "Brick", "roughness", 3.0), "nothing that the engine takes", _TEMPLATE),
        (*("Material", "Brick", "colour", "red"), "engine does not know", _TEMPLATE),
        (
            *("WindowMaterial:SimpleGlazingSystem", "Glazing", "u_factor", 0.0),
            *("is not above 0", ("WindowSettings",)),
        ),
    ],
)
def test_field_that_the_engine_refuses_is_seen(
    spoilt, rules, kind, name, field, value, problem, parameters
):
    spoilt.epjson[kind][name][field] = value

    (finding,) = check_model(spoilt, rules)

    assert finding.parameters == parameters
    assert problem in finding.problem
    assert f"{field} of {kind} {name!r}" in finding.problem


def test_field_that_is_missing_is_seen(spoilt, rules):
    del spoilt.epjson["Material"]["Brick"]["density"]

    assert "density of Material 'Brick' is missing" in check_model(spoilt, rules)[0].problem


def test_kind_that_the_engine_does_not_know_is_seen(spoilt, rules):
    spoilt.epjson["Matter"] = {"Brick": {}}

    assert "the engine knows no Matter" in check_model(spoilt, rules)[0].problem


def test_field_of_a_list_that_the_engine_does_not_know_is_seen(spoilt, rules):
    spoilt.epjson["BuildingSurface:Detailed"][f"{CORE} Roof"]["vertices"][0]["w"] = 1.0

    assert "w of BuildingSurface:Detailed" in check_model(spoilt, rules)[0].problem


def test_description_that_is_none_is_an_error_that_names_the_file(tmp_path):
    path = tmp_path / "Energy+.schema.epJSON"
    path.write_text("[]")

    with pytest.raises(EngineError) as caught:
        read_input_schema(path)

    assert caught.value.where == str(path)


def test_finding_reads_as_a_sentence():
    (finding,) = check_model(model_beyond("shading_fact", 1.1))

    assert str(finding) == "shading_fact = 1.1 is not a share (set it within 0 and 1)"


# Input that cannot come from a design: what the engine would crash on or take in silence


_SHAPE = ("width", "height", "facade_2_footprint", "perim_2_footprint")
_FACADE = ("FacadeMass", "FacadeRValue")
_SCHEDULES = ("schedules", *_TEMPLATE)


@pytest.mark.parametrize(
    ("kind", "name", "field", "parameters"),
    [
        ("Lights", f"{CORE} Lights", "schedule_name", _SCHEDULES),
        ("People", f"{CORE} People", "activity_level_schedule_name", _SCHEDULES),
        ("BuildingSurface:Detailed", f"{CORE} Roof", "construction_name", _SHAPE),
        ("BuildingSurface:Detailed", f"{CORE} Roof", "zone_name", _SHAPE),
        (
            *("BuildingSurface:Detailed", f"{CORE} Partition"),
            *("outside_boundary_condition_object", _SHAPE),
        ),
        (
            *("BuildingSurface:Detailed", f"{CORE} Ground"),
            *("outside_boundary_condition_object", _SHAPE),
        ),
        (
            *("FenestrationSurface:Detailed", f"{PERIMETER} Facade Window"),
            *("building_surface_name", ("width", "height", "wwr")),
        ),
        ("Construction", "Facade", "outside_layer", _FACADE),
        ("Construction", "Facade", "layer_3", _FACADE),
        ("Construction", "Window", "outside_layer", ("WindowSettings",)),
        ("Construction", "Partition", "outside_layer", _TEMPLATE),
        ("InternalMass", f"{CORE} Internal Mass", "zone_or_zonelist_name", _SHAPE),
        ("ZoneControl:Thermostat", f"{CORE} Thermostat", "control_1_name", _TEMPLATE),
        (
            *("ZoneHVAC:IdealLoadsAirSystem", f"{CORE} Ideal Loads Air System"),
            *("heating_availability_schedule_name", _TEMPLATE),
        ),
        (
            *("ZoneHVAC:EquipmentConnections", f"{CORE} Connections"),
            *("zone_conditioning_equipment_list_name", _TEMPLATE),
        ),
    ],
)
def test_name_of_nothing_names_what_it_comes_from(spoilt, kind, name, field, parameters):
    spoilt.epjson[kind][name][field] = "Nothing"

    (finding,) = check_model(spoilt)

    assert finding.problem == f"{field} of {kind} {name!r} names 'Nothing', which does not exist"
    assert finding.parameters == parameters


def test_name_of_nothing_in_a_list_is_seen(spoilt):
    equipment = spoilt.epjson["ZoneHVAC:EquipmentList"][f"{CORE} Equipment List"]["equipment"]
    equipment[0]["zone_equipment_name"] = "Nothing"

    assert "names 'Nothing'" in problems(spoilt)[0]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_number_that_is_not_finite_is_seen(spoilt, value):
    spoilt.epjson["Material"]["Brick"]["thickness"] = float(value)

    assert problems(spoilt) == [f"thickness of Material 'Brick' is {value}"]


def test_corner_that_is_not_finite_is_seen(spoilt):
    corners = spoilt.epjson["BuildingSurface:Detailed"][f"{CORE} Roof"]["vertices"]
    corners[2]["vertex_y_coordinate"] = float("nan")

    assert "vertex_y_coordinate" in problems(spoilt)[0]


def test_schedule_file_that_is_missing_is_seen(spoilt):
    spoilt.files.pop("series_0.csv")

    assert problems(spoilt) == ["schedule 'Series 0' has 0 hours"]


@pytest.mark.parametrize("word", [b"nan", b"inf", b"-inf"])
def test_schedule_value_that_is_not_finite_is_seen(spoilt, word):
    lines = spoilt.files["series_0.csv"].split(b"\n")
    spoilt.files["series_0.csv"] = b"\n".join([*lines[:100], word, *lines[101:]])

    (finding,) = check_model(spoilt)

    assert finding.parameters == ("schedules", *_TEMPLATE)
    assert finding.problem == "schedule 'Series 0' has values that are not finite"


def test_zone_without_floor_is_seen(spoilt):
    surfaces = [
        surface
        for surface in spoilt.surfaces
        if not (surface.zone == CORE and surface.part in ("ground", "floor"))
    ]

    (finding,) = check_model(replace(spoilt, surfaces=surfaces))

    assert finding.problem == f"zone {CORE!r} has no floor"
    assert finding.parameters == (*_SHAPE, "footprint_2_ground")


def test_surface_without_area_is_seen(spoilt):
    flat = [replace(spoilt.surfaces[0], corners=np.zeros((4, 3))), *spoilt.surfaces[1:]]

    assert "has no area" in problems(replace(spoilt, surfaces=flat))[0]


@pytest.mark.parametrize(
    ("corner", "moved", "problem"),
    [(1, (0.0, 0.0, 0.5), "is not flat"), (2, (-8.0, 4.0, 0.0), "is not convex")],
)
def test_surface_that_is_crooked_is_seen(spoilt, corner, moved, problem):
    roof = next(surface for surface in spoilt.surfaces if surface.part == "roof")
    corners = roof.corners.copy()
    corners[corner] += moved
    others = [surface for surface in spoilt.surfaces if surface is not roof]

    found = problems(replace(spoilt, surfaces=[*others, replace(roof, corners=corners)]))

    assert found == [f"surface {roof.name!r} {problem}"]
