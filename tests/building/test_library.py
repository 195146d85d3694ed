"""The shipped template library: what is in it, where it is from, and which template is picked."""

from __future__ import annotations

import importlib
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from shoeroot.building.library import TemplateLibrary, shipped_library_path
from shoeroot.building.template import Template
from shoeroot.design import CLIMATE_ZONES, PROGRAMS
from shoeroot.errors import TemplateError

TOOLS = Path(__file__).resolve().parents[2] / "tools"
YEARS = (1920, 1960, 1990, 2015)


@pytest.fixture(scope="module")
def generator() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(TOOLS)
        yield importlib.import_module("make_templates")


@pytest.fixture(scope="module")
def derived(generator: ModuleType) -> ModuleType:
    return sys.modules["template_figures"]


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    text = (TOOLS / "us_residential_figures.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def tables(figures: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, value in figures.items():
        if isinstance(value, dict):
            yield f"{path}.{name}", value
            yield from tables(value, f"{path}.{name}")


def vintages(library: TemplateLibrary, program: int, zone: str) -> list[Template]:
    return [library.select(program, year, zone) for year in YEARS]


def test_script_reproduces_the_shipped_file(generator: ModuleType, figures: dict[str, Any]) -> None:
    assert generator.make_library(figures).encode() == shipped_library_path().read_bytes()


def test_every_figure_has_a_source(figures: dict[str, Any]) -> None:
    for name, table in tables(figures):
        holds_figures = any(not isinstance(value, dict | str) for value in table.values())
        if holds_figures:
            assert table.get("source", "").strip(), name
    assert all(figures["licences"].values())


def test_shares_are_shares(figures: dict[str, Any]) -> None:
    for what in ("wall_insulation", "ceiling_insulation"):
        for region, decades in figures[what]["shares"].items():
            if region != "source":
                assert all(sum(homes) == pytest.approx(1.0, abs=0.031) for homes in decades)
    for kind in ("single_family", "multi_family"):
        for group, periods in figures["windows"][kind].items():
            if group != "source":
                assert all(sum(homes) == pytest.approx(1.0, abs=1e-3) for homes in periods)


@pytest.mark.parametrize("program", range(4))
@pytest.mark.parametrize("zone", range(19))
def test_each_design_has_its_own_template(
    library: TemplateLibrary, program: int, zone: int
) -> None:
    found = [library.select(program, year, zone) for year in YEARS]

    assert len({template.name for template in found}) == 4
    for template, year in zip(found, YEARS, strict=True):
        assert template.program == PROGRAMS[program]
        assert template.climate_zones == (CLIMATE_ZONES[zone],)
        assert (template.year_from or 0) <= year <= (template.year_to or 9999)


@pytest.mark.parametrize(
    ("vintage", "first"),
    [(1939.9, None), (1940.0, 1940), (1979.99, 1940), (1980, 1980), (2004, 2004)],
)
def test_edges_of_vintages(library: TemplateLibrary, vintage: float, first: int | None) -> None:
    assert library.select(0, vintage, "5A").year_from == first


def test_names_select_like_indices(library: TemplateLibrary) -> None:
    assert library.select(PROGRAMS[2], 1990, "3C") is library.select(2, 1990, 8)


@pytest.mark.parametrize("program", range(4))
@pytest.mark.parametrize("zone", CLIMATE_ZONES)
def test_newer_is_better_insulated_and_tighter(
    library: TemplateLibrary, program: int, zone: str
) -> None:
    found = vintages(library, program, zone)
    for older, newer in pairwise(found):
        before, after = older.perimeter, newer.perimeter
        for part in ("facade", "roof", "slab", "partition", "ground"):
            assert (
                getattr(after.constructions, part).r_value
                >= getattr(before.constructions, part).r_value
            ), part
        assert after.ventilation.infiltration < before.ventilation.infiltration
    assert found[-1].window.u_value < found[0].window.u_value
    assert [template.perimeter.ventilation.mechanical for template in found] == [False] * 3 + [True]


def test_figures_are_plausible(library: TemplateLibrary) -> None:
    for template in library.templates:
        zone = template.perimeter
        parts = zone.constructions
        assert 0.4 < parts.facade.r_value < 4.0
        assert 1.0 < parts.roof.r_value < 9.0
        assert 20e3 < parts.facade.mass < 600e3
        assert 2.0 < template.window.u_value < 5.8
        assert 0.4 < template.window.shgc < template.window.visible_transmittance < 0.8
        assert 0.1 <= zone.ventilation.infiltration < 1.0
        assert 3.0 < zone.loads.equipment_power_density < 7.0
        assert 3.0 < zone.loads.lighting_power_density < 6.0
        assert 0.01 < zone.loads.people_density < 0.05
        assert zone.conditioning.heating_setpoint < zone.conditioning.cooling_setpoint
        assert 1e-5 < zone.domestic_hot_water.flow_rate_per_floor_area < 2e-3
        assert (
            zone.domestic_hot_water.inlet_temperature < zone.domestic_hot_water.supply_temperature
        )


def test_insulation_conducts_least(library: TemplateLibrary) -> None:
    for template in library.templates:
        parts = template.perimeter.constructions
        slab = "carpet" if template.program == PROGRAMS[3] else "insulation"
        for construction, name in (
            (parts.facade, "insulation"),
            (parts.roof, "insulation"),
            (parts.slab, slab),
        ):
            least = min(construction.layers, key=lambda layer: layer.material.conductivity)
            assert least.material.name == name


def test_windows_are_those_of_the_figures(
    library: TemplateLibrary, derived: ModuleType, figures: dict[str, Any]
) -> None:
    for program in range(4):
        for zone in range(19):
            for vintage, year in enumerate(YEARS):
                window = library.select(program, year, zone).window
                u_value, shgc, visible = derived.window_figures(figures, program, vintage, zone)
                assert window.u_value == pytest.approx(u_value, rel=5e-3)
                assert window.shgc == pytest.approx(shgc, abs=3e-3)
                assert window.visible_transmittance == pytest.approx(visible, abs=6e-3)


def test_infiltration_by_hand(library: TemplateLibrary) -> None:
    # Chicago, before 1940: 0.60 times the exponential of
    # -0.250 + 0.112 - 0.00208 * 160 + 0.064 * 3.75 + 0.109 + 0.071
    template = library.select(0, 1930, "5A")

    assert template.perimeter.ventilation.infiltration == pytest.approx(0.570, abs=1e-3)


def test_library_says_where_it_is_from(library: TemplateLibrary) -> None:
    assert library.path == shipped_library_path()
    assert len(library.sha256) == 64


@pytest.mark.parametrize(
    ("program", "zone", "words"),
    [
        (19, "5A", "program type 19"),
        (-1, "5A", "program type -1"),
        ("Single-Family", "5A", "did you mean 'Single-Family"),
        (0, 19, "climate zone index 19"),
        (0, "9Z", "'9Z' is not a climate zone"),
    ],
)
def test_what_no_library_has(
    library: TemplateLibrary, program: int | str, zone: int | str, words: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        library.select(program, 1990, zone)

    assert words in str(caught.value)
    assert str(library.path) in caught.value.where
    assert caught.value.hint


def test_what_a_small_library_lacks(library: TemplateLibrary) -> None:
    kept = [library.select(0, year, "5A") for year in (1990, 2015)]
    small = TemplateLibrary(Path("small.json"), "", tuple(kept))

    with pytest.raises(TemplateError, match="vintage 1930, climate zone 5A") as no_year:
        small.select(0, 1930, "5A")
    with pytest.raises(TemplateError, match="vintage 1990, climate zone 2A") as no_zone:
        small.select(0, 1990, "2A")
    with pytest.raises(TemplateError, match="'Single-Family Attached', vintage 1990") as no_program:
        small.select(1, 1990, "5A")

    assert "1980 to 2003, 2004 to ..." in no_year.value.hint
    assert no_zone.value.hint.endswith("5A")
    assert "Single-Family Detached" in no_program.value.hint


def test_template_without_climate_zones_fits_all(library: TemplateLibrary) -> None:
    cold = library.select(0, 1990, "7")
    anywhere = replace(library.select(0, 1990, "4A"), climate_zones=())
    library = TemplateLibrary(Path("two.json"), "", (anywhere, cold))

    assert library.select(0, 1990, "7") is cold
    assert library.select(0, 1990, "2A") is anywhere


def test_other_library_counts_its_templates(other_library: TemplateLibrary) -> None:
    assert not other_library.knows_programs
    assert other_library.select(1, 1850, 3).name == "tall office"
    assert other_library.select("small office", 2000).name == "small office"
    with pytest.raises(TemplateError, match="the library has 2") as caught:
        other_library.select(2, 2000, 3)
    assert "0 small office, 1 tall office" in caught.value.hint
    with pytest.raises(TemplateError, match="did you mean 'tall office'"):
        other_library.select("tal office", 2000)
