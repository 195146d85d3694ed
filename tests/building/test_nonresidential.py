"""Templates of non-residential programs: what is in them, where it is from, that they run."""

from __future__ import annotations

import importlib
import json
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from shoeroot.building import TemplateLibrary, read_library
from shoeroot.building.library import shipped_library_paths
from shoeroot.campaign import read_templates, run_campaign, sample_designs
from shoeroot.design import CLIMATE_ZONES, PROGRAMS, Schema

TOOLS = Path(__file__).resolve().parents[2] / "tools"
SHIPPED = shipped_library_paths()[1]
YEARS = (1920, 1990, 2005, 2012, 2020)
OTHERS = range(4, 19)


@pytest.fixture(scope="module")
def others() -> TemplateLibrary:
    return read_library(SHIPPED)


@pytest.fixture(scope="module")
def tools() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(TOOLS)
        yield importlib.import_module


@pytest.fixture(scope="module")
def generator(tools: Any) -> ModuleType:
    """The script, where the tables that it reads are installed."""
    tables = tools("standards_tables")
    if tables.installed_version() != tables.VERSION:
        pytest.skip(f"building-energy-standards-data {tables.VERSION} is not installed")
    made: ModuleType = tools("make_nonresidential_templates")
    return made


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return tomllib.loads((TOOLS / "us_nonresidential_figures.toml").read_text(encoding="utf-8"))


def test_the_order_of_programs_is_fixed(figures: dict[str, Any]) -> None:
    # Designs on disk store the index.
    assert PROGRAMS[4:] == (
        *("Office", "Retail", "School", "Hotel", "Warehouse", "Restaurant", "Hospital"),
        *("Clinic", "Dormitory", "Library", "Museum", "Courthouse", "Religious Building"),
        *("Gymnasium", "Theater"),
    )
    assert tuple(figures["programs"]) == PROGRAMS[4:]
    assert len(PROGRAMS) == Schema().program_types


def test_both_shipped_files_are_read_as_one_library(
    library: TemplateLibrary, others: TemplateLibrary
) -> None:
    shipped = read_templates("")

    assert len(shipped) == len(library) + len(others)
    assert {template.program for template in shipped.templates} == set(PROGRAMS)
    assert shipped.sha256 == library.joined(others).sha256 != library.sha256
    assert shipped.of_program(7) == shipped.of_program("Hotel")
    assert len(shipped.of_program("Hotel")) == 2 * 16 + 3 * 10


@pytest.mark.parametrize("program", OTHERS)
def test_each_design_has_a_template(others: TemplateLibrary, program: int) -> None:
    for zone, name in enumerate(CLIMATE_ZONES):
        found = [others.select(program, year, zone) for year in YEARS]

        assert len({template.name for template in found}) == 5
        for template, year in zip(found, YEARS, strict=True):
            assert template.program == PROGRAMS[program]
            assert name in template.climate_zones
            assert (template.year_from or 0) <= year <= (template.year_to or 9999)


def test_script_reproduces_the_shipped_file(generator: ModuleType) -> None:
    assert generator.make_library(generator.read_figures()).encode() == SHIPPED.read_bytes()


def test_every_figure_has_a_source(figures: dict[str, Any]) -> None:
    def check(name: str, table: dict[str, Any]) -> None:
        inner = {key: value for key, value in table.items() if isinstance(value, dict)}
        holds_figures = any(
            not isinstance(value, dict | str) for key, value in table.items() if key != "source"
        )
        if holds_figures:
            assert table.get("source", "").strip(), name
        elif "source" not in table:
            for key, value in inner.items():
                check(f"{name}.{key}", value)

    check("figures", figures)
    assert "BSD 2-Clause" in figures["licences"]["standards"]


def test_components_name_table_and_row() -> None:
    groups = json.loads(SHIPPED.read_text(encoding="utf-8"))

    sources = {each["DataSource"] for group in groups.values() for each in group}
    assert len(sources) == 1
    assert "building-energy-standards-data 0.3.3 (PNNL, BSD 2-Clause)" in sources.pop()
    for name in ("ZoneLoads", "ZoneConditionings", "VentilationSettings", "WindowSettings"):
        assert all(each["Comments"] for each in groups[name]), name
    office = next(each for each in groups["ZoneLoads"] if each["Name"] == "loads Office 9.69 W/m2")
    assert "level_3_lighting_90_1_2010[BA, Office]: 0.9 W/ft2" in office["Comments"]
    assert "level_2_electric_equipment" in office["Comments"]
    outer = [each for each in groups["OpaqueConstructions"] if " 201" in each["Name"]]
    assert outer
    assert all("envelope_requirements_90_1[90.1-201" in each["Comments"] for each in outer)


def test_files_stay_small() -> None:
    assert SHIPPED.stat().st_size < 3e6


# ------------------------------------------------------------------------------- figures


def test_figures_are_plausible(others: TemplateLibrary) -> None:
    for template in others.templates:
        zone, parts = template.perimeter, template.perimeter.constructions
        assert 0.0 < parts.facade.r_value < 6.0
        assert 1.5 < parts.roof.r_value < 8.0
        assert 1e3 < parts.facade.mass < 600e3
        assert 1.5 < template.window.u_value < 5.9
        assert 0.2 < template.window.shgc < 0.65
        assert 0.1 < template.window.visible_transmittance < 0.6
        assert 0.02 <= zone.ventilation.infiltration < 0.5
        assert 1.0 < zone.loads.equipment_power_density < 10.0
        assert 5.0 < zone.loads.lighting_power_density < 35.0
        assert 0.001 < zone.loads.people_density < 1.0
        assert zone.ventilation.mechanical
        assert 0.0 <= zone.ventilation.outdoor_air_per_person < 0.015
        assert zone.ventilation.outdoor_air_per_area < 0.002
        assert 15.0 < zone.conditioning.heating_setpoint < zone.conditioning.cooling_setpoint < 27.0
        assert zone.conditioning.cooling_cop > 2.5
        assert 0.0 <= zone.domestic_hot_water.flow_rate_per_floor_area < 2e-3
        for schedule in (
            zone.loads.equipment_schedule,
            zone.loads.lighting_schedule,
            zone.loads.occupancy_schedule,
        ):
            assert 800.0 < schedule.values.sum() < 7500.0
            assert 0.0 <= schedule.values.min() <= schedule.values.max() <= 1.0


@pytest.mark.parametrize("program", OTHERS)
@pytest.mark.parametrize("zone", ["4A", "5A", "6B", "7", "8"])
def test_newer_is_better_insulated_where_it_is_cold(
    others: TemplateLibrary, program: int, zone: str
) -> None:
    newer = [others.select(program, year, zone) for year in YEARS[2:]]
    for before, after in pairwise(newer):
        for part in ("facade", "roof"):
            r_values = [
                getattr(each.perimeter.constructions, part).r_value for each in (before, after)
            ]
            assert r_values[1] >= r_values[0] - 0.01, part
        assert after.window.u_value <= before.window.u_value + 0.01
        assert (
            after.perimeter.loads.lighting_power_density
            <= 1.01 * before.perimeter.loads.lighting_power_density
        )


def test_an_assembly_resists_as_its_row_says(others: TemplateLibrary) -> None:
    # 90.1-2016, zone 5, steel framed: U 0.055 Btu/(h ft2 F); fixed metal windows 0.38, SHGC 0.38.
    office = others.select("Office", 2020, "5A")

    films = 0.68 + 0.17
    wanted = (1.0 / 0.055 - films) * 0.17611
    assert office.perimeter.constructions.facade.r_value == pytest.approx(wanted, rel=0.01)
    assert office.window.u_value == pytest.approx(0.38 * 5.678, rel=0.02)
    assert office.window.shgc == pytest.approx(0.38, abs=0.005)
    assert office.perimeter.loads.lighting_power_density == pytest.approx(0.79 * 10.764, rel=0.002)


# U-values with films [Btu/(h ft2 F)], window U-value and SHGC of existing reference buildings in
# NREL openstudio-standards, doe_ref_*.construction_properties.json.
@pytest.mark.parametrize(
    ("program", "year", "zone", "wall", "roof", "u_value", "shgc"),
    [
        ("Office", 1970, "3A", 0.225, 0.1, 1.22, 0.54),
        ("Office", 1970, "3C", 0.224, 0.1, 1.22, 0.54),
        ("Office", 1970, "4B", 0.184, 0.089, 1.22, 0.54),
        ("Office", 1970, "5A", 0.156, 0.072, 0.62, 0.41),
        ("Office", 1990, "3B", 0.16, 0.048, 1.22, 0.25),
        ("Office", 1990, "4A", 0.089, 0.058, 0.59, 0.36),
        ("Office", 1990, "4B", 0.1, 0.059, 0.72, 0.36),
        ("Office", 1990, "8", 0.045, 0.031, 0.52, 0.615),
        ("Warehouse", 1990, "5B", 0.082, 0.076, 0.59, 0.39),
        ("Hospital", 1990, "3A", 0.29, 0.072, 0.72, 0.25),
    ],
)
def test_older_buildings_are_the_existing_reference_buildings(
    others: TemplateLibrary, program, year, zone, wall, roof, u_value, shgc
) -> None:
    template = others.select(program, year, zone)

    parts = template.perimeter.constructions
    assert parts.facade.r_value == pytest.approx((1 / wall - 0.85) * 0.17611, abs=0.02)
    assert parts.roof.r_value == pytest.approx((1 / roof - 0.78) * 0.17611, abs=0.02)
    # Glass of no resistance between still air and a wind of 5.5 m/s: UMI layers cannot have more.
    assert template.window.u_value == pytest.approx(min(u_value * 5.678, 5.85), rel=0.02)
    assert template.window.shgc == pytest.approx(shgc, abs=0.006)


def test_older_envelope_has_a_figure_for_each_zone(figures: dict[str, Any]) -> None:
    columns = figures["older_envelope"]["columns"]["zones"]
    for era in ("pre_1980", "1980_2004"):
        table = figures["older_envelope"][era]
        lists = [*table["walls"].values(), *table["roofs"].values()]
        for values in (*lists, table["window_u"], table["window_shgc"]):
            assert len(values) == len(columns) == 16

    for groups in (figures["zones"]["older"], figures["zones"]["newer"]):
        assert [zone for group in groups["members"] for zone in group] == list(CLIMATE_ZONES)


# Lighting [W/ft2] of spaces and their shares of the floor: NREL openstudio-standards,
# doe_ref_*.space_types.json, and the prototypes.
@pytest.mark.parametrize(
    ("program", "year", "expected"),
    [
        ("Office", 1970, 1.57),
        ("Office", 1990, 1.57),
        ("Restaurant", 1970, 0.727 * 2.54 + 0.273 * 1.52),
        ("Warehouse", 1990, 0.663 * 0.3103 + 0.288 * 1.0814 + 0.049 * 2.015),
        ("Retail", 1970, 0.834 * 3.37 + 0.166 * 1.17),
        ("Courthouse", 1970, 1.976),
        ("Courthouse", 1990, 1.702),
    ],
)
def test_older_lighting_is_that_of_the_existing_reference_buildings(
    others: TemplateLibrary, program, year, expected
) -> None:
    loads = others.select(program, year, "5A").perimeter.loads

    assert loads.lighting_power_density == pytest.approx(expected * 10.764, rel=0.005)


def test_shares_of_spaces_make_a_building(figures: dict[str, Any]) -> None:
    buildings = {name: each for name, each in figures["older_lighting"].items() if name != "source"}

    assert set(buildings) < set(figures["programs"])
    for name, building in buildings.items():
        spaces = building["spaces"].values()
        assert 0.75 < sum(share for share, *_ in spaces) < 1.005, name
        assert all(0.2 < value < 10.0 for _, *values in spaces for value in values), name


def test_offices_are_empty_at_night_and_on_sundays(others: TemplateLibrary) -> None:
    people = others.select("Office", 2020, "5A").perimeter.loads.occupancy_schedule.values
    days = people.reshape(365, 24)

    assert days[0, 10] > 0.5  # a Monday
    assert days[0, 2] < 0.05
    assert days[6].max() < 0.2
    assert np.array_equal(days[0], days[7])


# ---------------------------------------------------------------------------- simulation


def test_one_design_of_each_program_runs(engine, others, library, tmp_path) -> None:
    both = library.joined(others)
    designs = sample_designs(4 * len(PROGRAMS), library=both, seed=3)
    schema = Schema()
    last = designs[3::4][4:].copy()
    for parameter, value in (("width", 5.0), ("height", 3.0), ("facade_2_footprint", 0.5)):
        schema.update_storage_batch(last, parameter=parameter, value=value)

    done = run_campaign(last, tmp_path / "c", library=both, engine=engine)

    with done.open() as events:
        assert list(events.design.program_type) == list(OTHERS)
        assert {str(status) for status in events.status} == {"ok"}
        assert [text.split(",")[0] for text in events.template] == list(PROGRAMS[4:])
