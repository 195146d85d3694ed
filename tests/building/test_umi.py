"""Reading UMI template libraries: ours, others, and files that are none."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shoeroot.building.glazing import (
    Pane,
    simple_glazing_resistance,
    simple_glazing_u_value,
    solar_heat_gain,
    transmit,
)
from shoeroot.building.library import TemplateLibrary, shipped_library_path
from shoeroot.building.template import YearSchedule
from shoeroot.building.umi import read_library
from shoeroot.building.umi_convert import Converter
from shoeroot.errors import TemplateError


@contextmanager
def quiet_archetypal() -> Iterator[None]:
    """archetypal warns when it is imported and used; tests turn warnings into errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Paths at which two plain objects differ."""
    if isinstance(one, np.ndarray):
        return [] if np.array_equal(one, other) else [path]
    if is_dataclass(one):
        return [
            found
            for field in fields(one)
            for found in differences(
                getattr(one, field.name), getattr(other, field.name), f"{path}.{field.name}"
            )
        ]
    if isinstance(one, tuple) and len(one) == len(other):
        return [
            found
            for index, (left, right) in enumerate(zip(one, other, strict=True))
            for found in differences(left, right, f"{path}[{index}]")
        ]
    return [] if one == other else [path]


def schedules(library: TemplateLibrary) -> list[YearSchedule]:
    found: dict[int, YearSchedule] = {}
    for template in library.templates:
        for zone in (template.perimeter, template.core):
            parts = (zone.loads, zone.conditioning, zone.ventilation, zone.domestic_hot_water)
            for part in parts:
                for field in fields(part):
                    value = getattr(part, field.name)
                    if isinstance(value, YearSchedule):
                        found[id(value)] = value
    return list(found.values())


def test_archetypal_opens_the_shipped_library() -> None:
    with quiet_archetypal():
        from archetypal.umi_template import UmiTemplateLibrary

        opened = UmiTemplateLibrary.open(str(shipped_library_path()))

    assert len(opened.BuildingTemplates) == 4 * 4 * 19


def test_shipped_library_survives_archetypal(library: TemplateLibrary, tmp_path: Path) -> None:
    saved = tmp_path / "saved.json"
    with quiet_archetypal():
        from archetypal.umi_template import UmiTemplateLibrary

        UmiTemplateLibrary.open(str(shipped_library_path())).save(str(saved))

    again = read_library(saved)

    of_name = {template.name: template for template in again.templates}
    assert len(of_name) == len(library)
    for template in library.templates:
        assert differences(template, of_name[template.name]) == []


def test_components_stay_shared(library: TemplateLibrary) -> None:
    templates = library.templates

    assert all(template.core is template.perimeter for template in templates)
    assert len({id(template.perimeter.loads) for template in templates}) == 4
    materials = {
        id(layer.material)
        for template in templates
        for layer in template.perimeter.constructions.facade.layers
    }
    assert len(materials) == 7


def test_schedules_are_hours_of_a_year(library: TemplateLibrary) -> None:
    found = schedules(library)

    assert len(found) == 9
    for schedule in found:
        assert schedule.values.shape == (8760,)
        assert schedule.values.dtype == np.float64
        assert not schedule.values.flags.writeable
        assert schedule.values.min() >= 0.0
        assert schedule.values.max() == (0.0 if schedule.name == "always off" else 1.0)


def test_reading_is_silent_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOEROOT_TEMPLATE_CACHE", "off")
    code = (
        "from shoeroot.building.umi import read_library\n"
        "from shoeroot.building.library import shipped_library_path\n"
        "import sys\n"
        "assert 'archetypal' not in sys.modules\n"
        "read_library(shipped_library_path())\n"
        "assert 'archetypal' in sys.modules\n"
    )

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_other_library(other_library: TemplateLibrary) -> None:
    template = other_library.templates[0]
    facade = template.perimeter.constructions.facade

    assert [each.name for each in other_library.templates] == ["small office", "tall office"]
    assert (template.program, template.climate_zones) == ("Offices", ())
    assert (template.year_from, template.year_to) == (None, None)
    assert template.core is not template.perimeter
    assert template.core.loads.lighting_power_density == 8.0
    assert template.perimeter.loads.lighting_power_density == 10.0
    assert template.core.constructions is template.perimeter.constructions
    assert [layer.material.name for layer in facade.layers] == [
        "concrete",
        "AIR of 0.05 m",
        "wool",
        "concrete",
    ]
    assert facade.layers[0].thickness == 0.1  # outside first
    assert facade.layers[1].r_value == pytest.approx(0.18, rel=1e-3)
    assert facade.layers[1].mass < 2000.0
    assert template.perimeter.internal_mass_per_floor_area == 0.5


def test_switches_of_other_library(other_library: TemplateLibrary) -> None:
    zone = other_library.templates[0].perimeter

    assert zone.conditioning.heating_schedule.values.max() == 1.0
    assert zone.conditioning.cooling_schedule.values.max() == 0.0  # IsCoolingOn is false
    assert zone.domestic_hot_water.flow_rate_per_floor_area == 0.0
    assert zone.ventilation.infiltration == 0.35
    assert zone.ventilation.outdoor_air_per_area == 0.001
    assert zone.ventilation.outdoor_air_per_person == 0.008
    assert zone.ventilation.heat_recovery == 0.75
    assert zone.ventilation.mechanical


def test_weeks_run_through_seasons(other_library: TemplateLibrary) -> None:
    values = other_library.templates[0].perimeter.loads.occupancy_schedule.values.reshape(365, 24)
    works = values.max(axis=1) > 0.0

    # 1 January is a Monday; 1 March, where the season changes, a Thursday.
    assert all(works[day] == (day % 7 < 5) for day in range(365))
    assert values[59].tolist() == [0.5] * 24
    assert values[58, 8] == 1.0


def test_window_of_other_library(other_library: TemplateLibrary) -> None:
    window = other_library.templates[0].window

    assert window.u_value == pytest.approx(2.8, abs=0.15)
    assert window.shgc == pytest.approx(0.76, abs=0.02)
    assert window.visible_transmittance == pytest.approx(0.82, abs=0.01)


def test_a_byte_order_mark_and_missing_groups(other_library_path: Path, tmp_path: Path) -> None:
    data = json.loads(other_library_path.read_text())
    data["ZoneDefinitions"] = data.pop("Zones")
    data["BuildingTemplates"][0] |= {"YearFrom": 0, "YearTo": 1975, "ClimateZone": ["4A"]}
    path = tmp_path / "umi.json"
    path.write_text(json.dumps(data), encoding="utf-8-sig")

    template = read_library(path).templates[0]

    assert (template.year_from, template.year_to) == (None, 1975)
    assert template.climate_zones == ("4A",)


@pytest.mark.parametrize("group", ["NoMassMaterials", "OpaqueMaterials"])
def test_massless_material_keeps_its_resistance(
    other_library_path: Path, tmp_path: Path, group: str
) -> None:
    with quiet_archetypal():
        from archetypal.template.materials.nomass_material import NoMassMaterial

        board = NoMassMaterial("board", 2.5, Roughness="VeryRough").to_dict()
    data = json.loads(other_library_path.read_text())
    data.setdefault(group, []).append(board)
    wall = next(each for each in data["OpaqueConstructions"] if each["Name"] == "cavity wall")
    wall["Layers"][2] = {"Material": {"$ref": board["$id"]}}
    path = tmp_path / "massless.json"
    path.write_text(json.dumps(data))

    layer = read_library(path).templates[0].perimeter.constructions.facade.layers[2]

    assert layer.r_value == pytest.approx(2.5)
    assert layer.mass < 500.0
    assert layer.material.roughness == "VeryRough"


@pytest.mark.parametrize("pane_count", [1, 2, 3])
def test_light_is_conserved(pane_count: int) -> None:
    pane = Pane(0.7, 0.1, 0.2)

    transmitted, absorbed = transmit([pane] * pane_count)

    assert 0.0 < transmitted <= 0.7
    assert all(share > 0.0 for share in absorbed)
    assert transmitted + sum(absorbed) < 1.0


def test_gain_of_glass_that_absorbs_nothing_is_its_transmittance() -> None:
    assert solar_heat_gain([Pane(0.6, 0.4, 0.4)], [0.003]) == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("u_value", "shgc"), [(5.8, 0.8), (4.2, 0.5), (3.0, 0.7), (2.0, 0.4), (1.2, 0.25)]
)
def test_simple_glazing_of_archetypal(u_value: float, shgc: float) -> None:
    with quiet_archetypal():
        from archetypal.template.constructions.window_construction import WindowConstruction

        source = WindowConstruction.from_shgc("simple", shgc, u_value, 0.5)

        window = Converter().window(source)

    assert window.u_value == pytest.approx(u_value, rel=1e-3)
    assert window.shgc == pytest.approx(shgc, abs=0.01)
    assert window.visible_transmittance == 0.5


def test_simple_glazing_resistance_is_inverted() -> None:
    for u_value in (0.3, 1.0, 2.5, 5.0, 5.8):
        resistance = simple_glazing_resistance(u_value)
        assert simple_glazing_u_value(resistance) == pytest.approx(u_value, rel=1e-6)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="cannot be read") as caught:
        read_library(tmp_path / "none.json")

    assert "none.json" in caught.value.where
    assert isinstance(caught.value.__cause__, FileNotFoundError)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"not json", "is not JSON"),
        (b"\xff\xfe\x00", "is not JSON"),
        (b"[1, 2]", "not a UMI template library"),
        (b'{"name": "something"}', "not a UMI template library"),
        (b'{"BuildingTemplates": []}', "no building templates"),
        (b'{"BuildingTemplates": [{}], "Zones": 3}', "group 'Zones'"),
        (b'{"BuildingTemplates": [{"Core": {"$ref": "1"}}]}', "archetypal cannot read"),
    ],
)
def test_files_that_are_no_library(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content)

    with pytest.raises(TemplateError, match=problem) as caught:
        read_library(path)

    assert caught.value.where == str(path)
    assert caught.value.hint


def test_dangling_reference(other_library_path: Path, tmp_path: Path) -> None:
    data = json.loads(other_library_path.read_text())
    data["Zones"][0]["Loads"]["$ref"] = "nowhere"
    path = tmp_path / "dangling.json"
    path.write_text(json.dumps(data))

    with pytest.raises(TemplateError, match="archetypal cannot read") as caught:
        read_library(path)

    assert isinstance(caught.value.__cause__, KeyError)


def test_schedule_with_gaps(other_library_path: Path, tmp_path: Path) -> None:
    data = json.loads(other_library_path.read_text())
    for schedule in data["YearSchedules"]:
        schedule["Parts"] = schedule["Parts"][:2]
    path = tmp_path / "gaps.json"
    path.write_text(json.dumps(data))

    with pytest.raises(TemplateError, match="'presence' does not give a value") as caught:
        read_library(path)

    assert caught.value.where == str(path)
