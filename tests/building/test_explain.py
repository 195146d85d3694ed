"""What each parameter does to a model is told as it is: the input itself is the witness."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shoeroot.building import (
    CORE,
    PERIMETER,
    Effect,
    Template,
    build_model,
    explain_design,
)
from shoeroot.building.template import Construction, Constructions, Layer

from .handmade import (
    CONCRETE,
    FACADE,
    GROUND,
    PARTITION,
    ROOF,
    SCHEMA,
    SLAB,
    TEMPLATE,
    WEATHER,
    make_design,
    make_template,
    make_zone,
)

#: A design that leaves no figure of the template as it is.
CHANGED = {
    "HeatingSetpoint": 17.0,
    "CoolingSetpoint": 28.0,
    "HeatingCoeffOfPerf": 4.0,
    "CoolingCoeffOfPerf": 4.5,
    "FlowRatePerFloorArea": 0.001,
    "LightingPowerDensity": 17.0,
    "EquipmentPowerDensity": 19.0,
    "PeopleDensity": 0.3,
    "Infiltration": 1.25,
    "FacadeMass": 123_000.0,
    "RoofMass": 77_000.0,
    "FacadeRValue": 3.3,
    "RoofRValue": 4.4,
    "SlabRValue": 1.1,
    "WindowSettings": [1.5, 0.4, 0.5],
}
#: What follows when a kind of object changes.
FOLLOWS = {"Schedule:Constant", "Schedule:File"}


def built(template: Template = TEMPLATE, **changes):
    design = make_design(template, **changes)
    return design, build_model(SCHEMA, design, template, WEATHER)


def explained(template: Template = TEMPLATE, **changes) -> dict[str, list[Effect]]:
    design, model = built(template, **changes)
    effects = explain_design(SCHEMA, design, template, model)
    return {
        name: [one for one in effects if one.parameter == name] for name in SCHEMA.parameter_names
    }


def test_every_parameter_is_explained():
    effects = explained()

    assert all(effects.values())
    assert {one.unit for one in effects["Infiltration"]} == {"1/h"}


@pytest.mark.parametrize(
    "name",
    [
        *("LightingPowerDensity", "EquipmentPowerDensity", "PeopleDensity", "Infiltration"),
        *("FacadeMass", "RoofMass", "FacadeRValue", "RoofRValue", "SlabRValue", "WindowSettings"),
    ],
)
def test_field_of_the_input_has_the_figure_that_is_told(name):
    epjson = built(**CHANGED)[1].epjson

    for effect in explained(**CHANGED)[name]:
        assert epjson[effect.kind][effect.name][effect.field] == effect.after
        assert effect.before != effect.after


@pytest.mark.parametrize("name", ["HeatingSetpoint", "CoolingSetpoint"])
def test_setpoint_of_the_input_is_the_one_that_is_told(name):
    epjson = built(**CHANGED)[1].epjson

    for effect in explained(**CHANGED)[name]:
        schedule = epjson[effect.kind][effect.name][effect.field]
        assert epjson["Schedule:Constant"][schedule]["hourly_value"] == effect.after


@pytest.mark.parametrize("name", list(CHANGED))
def test_only_what_is_told_changes(name):
    changed = CHANGED | {name: 1.01 * np.asarray(CHANGED[name])}
    with_it, without = built(**CHANGED)[1].epjson, built(**changed)[1].epjson

    told = {(one.kind, one.name) for one in explained(**CHANGED)[name] if one.kind != "event"}
    differ = {
        (kind, key)
        for kind in with_it
        for key in with_it[kind]
        if kind not in FOLLOWS and with_it[kind][key] != without[kind].get(key)
    }
    assert differ <= told | {
        # A new mass changes the resistance, which the insulation evens out.
        (one.kind, one.name)
        for one in explained(**CHANGED)[name.replace("Mass", "RValue")]
    }
    assert told <= differ


def test_before_is_the_templates_own_figure():
    effects = explained(**CHANGED)

    assert [one.before for one in effects["LightingPowerDensity"]] == [8.0, 8.0]
    assert [one.before for one in effects["FacadeMass"]] == [0.1]
    assert [one.before for one in effects["WindowSettings"]] == [2.0, 0.6, 0.7]


def test_zones_of_their_own_have_rows_of_their_own():
    template = make_template(make_zone("Front"), make_zone("Back", lighting=3.0))

    before = {one.name: one.before for one in explained(template)["LightingPowerDensity"]}

    assert before == {f"{PERIMETER} Lights": 8.0, f"{CORE} Lights": 3.0}


def test_figures_that_the_engine_does_not_see_are_those_of_the_event():
    effects = explained(**CHANGED)

    assert [one.kind for one in effects["HeatingCoeffOfPerf"]] == ["event"]
    assert effects["HeatingCoeffOfPerf"][0].field == "end_uses.heating"
    assert {one.field for one in effects["FlowRatePerFloorArea"]} == {"zones.hot_water"}


def test_geometry_is_told_in_metres():
    effects = explained(orientation=3, shading_fact=0.5)

    assert {one.after for one in effects["width"]} == {30.0}
    assert [one.after for one in effects["perim_2_footprint"]] == [5.0, 5.0]
    assert [one.after for one in effects["wwr"]] == pytest.approx([12.0])
    assert [one.after for one in effects["orientation"]] == pytest.approx([270.0])
    assert [one.after for one in effects["footprint_2_ground"]] == pytest.approx([25.0, 25.0])
    (blocks,) = effects["shading_fact"]
    assert blocks.name == "12 blocks"
    # 20 m away, seen from 1.5 m above the ground, up to 30 degrees.
    assert blocks.after == pytest.approx(1.5 + 20.0 * np.tan(np.radians(30.0)))


def test_parameters_that_choose_name_what_they_chose():
    effects = explained()

    for name in ("program_type", "vintage", "climate_zone"):
        assert [one.after for one in effects[name]] == ["Handmade"]
    assert [one.after for one in effects["base_epw"]] == ["Somewhere.epw"]


def with_operations(**operations):
    from shoeroot.design import SCHEDULE_OPERATIONS

    matrix = np.zeros((3, 19))
    matrix[:, SCHEDULE_OPERATIONS.index("scale")] = 1.0
    for name, value in operations.items():
        matrix[0, SCHEDULE_OPERATIONS.index(name)] = value
    return matrix


def test_operations_are_named_with_their_full_load_hours():
    effects = explained(schedules=with_operations(scale=0.5, roll=3.0))["schedules"]

    assert [one.value for one in effects[::2]] == [
        "roll = 3, scale = 0.5",
        "as in the template",
        "as in the template",
    ]
    assert effects[0].after == pytest.approx(0.5 * effects[0].before)
    assert effects[2].after == effects[2].before


def test_seed_says_whether_it_counts():
    (idle,) = explained()["schedules_seed"]
    (busy,) = explained(schedules=with_operations(noise=0.1))["schedules_seed"]

    assert "no effect" in idle.quantity
    assert "no effect" not in busy.quantity


def test_insulation_that_is_dropped_has_no_thickness_left():
    effects = explained(FacadeRValue=0.15, FacadeMass=200_000.0)

    assert [(one.name, one.after) for one in effects["FacadeRValue"]] == [("Wool", 0.0)]
    (mass,) = effects["FacadeMass"]
    assert mass.after == pytest.approx(0.1)


def test_insulation_that_is_added_had_no_thickness_before():
    bare = Construction("Bare", (Layer(CONCRETE, 0.2),))
    template = make_template(
        make_zone(constructions=Constructions(bare, ROOF, PARTITION, SLAB, GROUND))
    )

    (effect,) = explained(template, FacadeRValue=2.0, FacadeMass=200_000.0)["FacadeRValue"]

    assert (effect.name, effect.before) == ("Added mineral wool", 0.0)
    # 10 cm of concrete resist 0.05 m2 K/W.
    assert effect.after == pytest.approx((2.0 - 0.05) * 0.035)


def test_layer_that_no_surface_has_says_so():
    (effect,) = explained(roof_2_footprint=0.01, width=3.0, height=3.0)["RoofRValue"]
    (there,) = explained()["RoofRValue"]

    assert "which no surface has" not in there.quantity
    # A strip of 3 cm is a roof still; one of 1 cm is not built.
    assert "which no surface has" not in effect.quantity
    thin = make_design(roof_2_footprint=0.01)
    thin[SCHEMA["roof_2_footprint"].start_storage] = 0.001
    model = build_model(SCHEMA, thin, TEMPLATE, WEATHER)
    (gone,) = (
        one
        for one in explain_design(SCHEMA, thin, TEMPLATE, model)
        if one.parameter == "RoofRValue"
    )
    assert "which no surface has" in gone.quantity


def test_slab_under_a_whole_ground_is_found_in_the_ceiling():
    design, model = built(footprint_2_ground=1.0, SlabRValue=1.1)

    (effect,) = (
        one
        for one in explain_design(SCHEMA, design, TEMPLATE, model)
        if one.parameter == "SlabRValue"
    )

    assert model.epjson["Material"][effect.name]["thickness"] == effect.after


def test_facade_of_the_core_is_told_once_where_both_are_alike():
    alike = make_template(make_zone("Front"), make_zone("Back"))
    other = replace(FACADE, name="Other", layers=(Layer(CONCRETE, 0.3), *FACADE.layers))
    constructions = Constructions(other, ROOF, PARTITION, SLAB, GROUND)
    unlike = make_template(make_zone("Front"), make_zone("Back", constructions=constructions))

    assert len(explained(alike)["FacadeRValue"]) == 1
    assert len(explained(unlike)["FacadeRValue"]) == 2
