"""A design put into a template: each value lands in both zones, the template stays as it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shoeroot.building import CORE, PERIMETER, apply_design, template_values
from shoeroot.building.assemblies import massive_layer_of
from shoeroot.errors import DesignError, ModelError

from .handmade import (
    BY_DAY,
    FACADE,
    GROUND,
    PARTITION,
    SCHEMA,
    TEMPLATE,
    make_design,
    make_template,
    make_zone,
    set_beyond_range,
    year,
)

#: Where a template parameter ends up in a zone, and a value unlike the template's.
LANDS = {
    "HeatingSetpoint": (17.0, lambda zone: zone.conditioning.heating_setpoint),
    "CoolingSetpoint": (28.0, lambda zone: zone.conditioning.cooling_setpoint),
    "HeatingCoeffOfPerf": (4.0, lambda zone: zone.conditioning.heating_cop),
    "CoolingCoeffOfPerf": (4.5, lambda zone: zone.conditioning.cooling_cop),
    "FlowRatePerFloorArea": (0.001, lambda zone: zone.domestic_hot_water.flow_rate_per_floor_area),
    "LightingPowerDensity": (17.0, lambda zone: zone.loads.lighting_power_density),
    "EquipmentPowerDensity": (19.0, lambda zone: zone.loads.equipment_power_density),
    "PeopleDensity": (0.3, lambda zone: zone.loads.people_density),
    "Infiltration": (1.25, lambda zone: zone.ventilation.infiltration),
    "FacadeMass": (123_000.0, lambda zone: mass_of(zone.constructions.facade)),
    "RoofMass": (77_000.0, lambda zone: mass_of(zone.constructions.roof)),
    "FacadeRValue": (3.3, lambda zone: zone.constructions.facade.r_value),
    "RoofRValue": (4.4, lambda zone: zone.constructions.roof.r_value),
    "SlabRValue": (1.1, lambda zone: zone.constructions.slab.r_value),
}


def mass_of(construction) -> float:
    return construction.layers[massive_layer_of(construction)].mass


def own_core():
    """A template whose core is lit otherwise than its perimeter."""
    return make_template(make_zone("Perimeter"), make_zone("Core", lighting=3.0))


# Values land


@pytest.mark.parametrize("name", LANDS)
@pytest.mark.parametrize("zone", [PERIMETER, CORE])
@pytest.mark.parametrize("template", [TEMPLATE, own_core()], ids=["core is perimeter", "own core"])
def test_value_lands_in_the_zone(name, zone, template):
    value, read = LANDS[name]
    assert read(template.perimeter) != pytest.approx(value)

    shoebox = apply_design(SCHEMA, make_design(template, **{name: value}), template)

    assert read(shoebox.zone_templates[zone]) == pytest.approx(value)


def test_every_template_parameter_is_tried():
    assert set(LANDS) == set(template_values(SCHEMA, TEMPLATE)) - {"WindowSettings"}


def test_window_settings_make_the_window():
    shoebox = apply_design(SCHEMA, make_design(WindowSettings=[1.1, 0.33, 0.44]), TEMPLATE)

    window = shoebox.window
    assert (window.u_value, window.shgc, window.visible_transmittance) == (1.1, 0.33, 0.44)


def test_geometry_makes_the_box():
    box = apply_design(SCHEMA, make_design(width=7, wwr=0.2, orientation=3), TEMPLATE).box

    assert (box.width, box.wwr, box.orientation) == (7.0, 0.2, 3)


@pytest.mark.parametrize(
    ("row", "name"),
    [(0, "equipment_schedule"), (1, "lighting_schedule"), (2, "occupancy_schedule")],
)
def test_row_of_operations_changes_its_schedule_only(row, name):
    operations = SCHEMA["schedules"].extract_storage_values(make_design()).copy()
    operations[row, 2] = 1  # invert

    loads = apply_design(SCHEMA, make_design(schedules=operations), TEMPLATE).zone_templates[CORE]

    for other in ("equipment_schedule", "lighting_schedule", "occupancy_schedule"):
        before = getattr(TEMPLATE.core.loads, other).values
        after = getattr(loads.loads, other).values
        np.testing.assert_array_equal(after, 1 - before if other == name else before)


def test_seed_reaches_the_schedules():
    operations = SCHEMA["schedules"].extract_storage_values(make_design()).copy()
    operations[0, 5] = 0.5  # noise

    def equipment(seed: int) -> np.ndarray:
        design = make_design(schedules=operations, schedules_seed=seed)
        zone = apply_design(SCHEMA, design, TEMPLATE).zone_templates[PERIMETER]
        return zone.loads.equipment_schedule.values

    np.testing.assert_array_equal(equipment(1), equipment(1))
    assert (equipment(1) != equipment(2)).any()


# The template


def test_template_is_not_touched():
    before = {name: read(TEMPLATE.perimeter) for name, (_, read) in LANDS.items()}
    schedule = BY_DAY.values.copy()
    changes = {name: value for name, (value, _) in LANDS.items()}
    operations = SCHEMA["schedules"].extract_storage_values(make_design()).copy()
    operations[:, 0] = 1  # reverse

    apply_design(SCHEMA, make_design(**changes, schedules=operations), TEMPLATE)

    assert before == {name: read(TEMPLATE.perimeter) for name, (_, read) in LANDS.items()}
    np.testing.assert_array_equal(BY_DAY.values, schedule)


def test_core_that_is_the_perimeter_stays_the_same_object():
    zones = apply_design(SCHEMA, make_design(), TEMPLATE).zone_templates

    assert zones[CORE] is zones[PERIMETER]


def test_core_of_its_own_keeps_what_designs_leave_open():
    template = make_template(
        make_zone("Perimeter", internal_mass_per_floor_area=0.1),
        make_zone("Core", internal_mass_per_floor_area=0.9),
    )

    zones = apply_design(SCHEMA, make_design(template), template).zone_templates

    assert zones[PERIMETER].internal_mass_per_floor_area == 0.1
    assert zones[CORE].internal_mass_per_floor_area == 0.9


def test_constructions_without_parameters_stay():
    constructions = apply_design(SCHEMA, make_design(), TEMPLATE).zone_templates[CORE].constructions

    assert constructions.ground == GROUND
    assert constructions.partition == PARTITION


# Template values


def test_template_values_leave_loads_and_setpoints_as_they_are():
    zone = apply_design(SCHEMA, make_design(), TEMPLATE).zone_templates[PERIMETER]

    for name, (_, read) in LANDS.items():
        assert read(zone) == pytest.approx(read(TEMPLATE.perimeter)), name


def test_template_values_leave_the_assemblies_as_they_are():
    constructions = apply_design(SCHEMA, make_design(), TEMPLATE).zone_templates[CORE].constructions

    for layer, original in zip(constructions.facade.layers, FACADE.layers, strict=True):
        assert layer.material == original.material
        assert layer.thickness == pytest.approx(original.thickness)


def test_template_values_leave_the_window_as_it_is():
    window = apply_design(SCHEMA, make_design(), TEMPLATE).window

    assert (window.u_value, window.shgc, window.visible_transmittance) == (2.0, 0.6, 0.7)


def test_template_values_stay_within_the_ranges():
    values = template_values(SCHEMA, make_template(make_zone(lighting=99.0)))

    assert values["LightingPowerDensity"] == pytest.approx([20.0])


# Errors


def test_r_value_out_of_reach_names_its_parameter():
    with pytest.raises(ModelError, match=r"FacadeRValue = 0\.1 m2 K/W cannot be reached"):
        apply_design(SCHEMA, make_design(FacadeRValue=0.1), TEMPLATE)


def test_r_value_out_of_reach_names_the_mass_that_would_reach_it():
    with pytest.raises(ModelError) as caught:
        apply_design(SCHEMA, make_design(FacadeRValue=0.12, FacadeMass=200_000.0), TEMPLATE)

    # 10 cm of brick resist 0.1 m2 K/W: what is left is 4 cm of concrete.
    assert "or for FacadeMass of 80000 J/(m2 K) or less" in caught.value.hint
    apply_design(SCHEMA, make_design(FacadeRValue=0.12, FacadeMass=80_000.0), TEMPLATE)


def test_reserved_operation_is_refused():
    operations = SCHEMA["schedules"].extract_storage_values(make_design()).copy()
    operations[1, 14] = 1

    with pytest.raises(DesignError, match="synthetic"):
        apply_design(SCHEMA, make_design(schedules=operations), TEMPLATE)


@pytest.mark.parametrize(
    "name", ["width", "height", "facade_2_footprint", "perim_2_footprint", "FacadeMass", "RoofMass"]
)
@pytest.mark.parametrize("value", [0.0, -1.0])
def test_figure_that_leaves_no_building_is_refused(name, value):
    design = set_beyond_range(make_design(), name, value)

    with pytest.raises(ModelError, match=f"{name} = {value:g}"):
        apply_design(SCHEMA, design, TEMPLATE)


@pytest.mark.parametrize("value", [-1, 4])
def test_orientation_that_is_none_is_refused(value):
    design = set_beyond_range(make_design(), "orientation", value)

    with pytest.raises(DesignError, match=f"orientation = {value}"):
        apply_design(SCHEMA, design, TEMPLATE)


def test_number_that_is_not_finite_is_refused():
    design = set_beyond_range(make_design(), "wwr", np.nan)

    with pytest.raises(DesignError, match="wwr = nan is not finite"):
        apply_design(SCHEMA, design, TEMPLATE)


# Schedules that are kept


def test_schedules_without_operations_are_the_templates_own():
    loads = apply_design(SCHEMA, make_design(), TEMPLATE).zone_templates[CORE].loads

    assert loads.equipment_schedule is TEMPLATE.core.loads.equipment_schedule


def test_schedule_beyond_its_shares_is_clipped_even_without_operations():
    loads = replace(TEMPLATE.core.loads, lighting_schedule=year("Bright", 1.5))
    template = make_template(make_zone(loads=loads))

    designed = apply_design(SCHEMA, make_design(template), template).zone_templates[CORE].loads

    assert designed.lighting_schedule.values.max() == 1.0
