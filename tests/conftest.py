"""Fixtures of all tests: a small real campaign, made once a session for all worker processes,
and a UMI template library that is not ours."""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import settings

import shoeroot
from shoeroot.building import TemplateLibrary, read_library, read_weather, shipped_library_path
from shoeroot.campaign import run_campaign, sample_designs
from shoeroot.engine import Engine, find_engine

# Where a change is judged, it is judged by the same examples each time; developers draw new ones.
settings.register_profile("judge", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("judge")

#: Refused by our own check, and refused by the engine.
INVALID, FATAL = 2, 4


def pytest_collection_modifyitems(items):
    """The longest test begins first: others run beside it, and nobody waits for it at the end."""
    items.sort(key=lambda item: item.path.name != "test_readme.py")


@pytest.fixture(scope="session", autouse=True)
def _templates_kept_for_the_session(tmp_path_factory):
    """Templates are kept beside the session's campaign, and not in the home of who runs tests."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOEROOT_TEMPLATE_CACHE", str(shared / "templates"))
        yield


@pytest.fixture(scope="session")
def engine() -> Engine:
    return find_engine()


@pytest.fixture(scope="session")
def library() -> TemplateLibrary:
    return read_library(shipped_library_path())


@dataclass(frozen=True)
class Made:
    """A finished campaign: where it lies, the designs, how its events ended."""

    folder: Path
    designs: np.ndarray
    statuses: dict[str, int]


@pytest.fixture(scope="session")
def campaign(tmp_path_factory, engine, library) -> Made:
    """Eight designs simulated for real, of which two fail on purpose.

    Design 2 has its heating setpoint above its cooling setpoint, which the check of
    models sees; design 4 has a wall so heavy that the engine cannot solve it.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "campaign"
    done = shared / "campaign.json"
    with FileLock(str(done) + ".lock"):
        if not done.is_file():
            designs = sample_campaign(engine, library)
            ended = run_campaign(designs, folder, engine=engine, library=library)
            done.write_text(json.dumps({"statuses": ended.statuses, "designs": designs.tolist()}))
    made = json.loads(done.read_text())
    return Made(folder, np.array(made["designs"]), made["statuses"])


def sample_campaign(engine: Engine, library: TemplateLibrary) -> np.ndarray:
    schema = shoeroot.Schema()
    weather = [read_weather(path) for path in sorted(engine.weather_folder.glob("*.epw"))]
    designs = sample_designs(8, library=library, weather=weather, seed=3)
    schema.update_storage_batch(designs, index=INVALID, parameter="HeatingSetpoint", value=26)
    schema.update_storage_batch(designs, index=INVALID, parameter="CoolingSetpoint", value=22)
    # Beyond the range of the schema, which would clip it.
    designs[FATAL, schema["FacadeMass"].start_storage] = 6e6
    designs[FATAL, schema["FacadeRValue"].start_storage] = 60
    return designs


@pytest.fixture
def events(campaign):
    with shoeroot.open(campaign.folder) as opened:
        yield opened


@pytest.fixture(scope="session")
def other_library_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A UMI library that is not ours: own names, a core of its own, an air gap, a leap day."""
    path = tmp_path_factory.mktemp("other") / "offices.json"
    # archetypal warns when it is imported and used; tests turn warnings into errors.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _write_other_library(path)
    return path


@pytest.fixture(scope="session")
def other_library(other_library_path: Path) -> TemplateLibrary:
    return read_library(other_library_path)


def _write_other_library(path: Path) -> None:
    from archetypal.template.building_template import BuildingTemplate
    from archetypal.template.conditioning import ZoneConditioning
    from archetypal.template.constructions.opaque_construction import OpaqueConstruction
    from archetypal.template.constructions.window_construction import WindowConstruction
    from archetypal.template.dhw import DomesticHotWaterSetting
    from archetypal.template.load import ZoneLoad
    from archetypal.template.materials.gas_layer import GasLayer
    from archetypal.template.materials.gas_material import GasMaterial
    from archetypal.template.materials.glazing_material import GlazingMaterial
    from archetypal.template.materials.material_layer import MaterialLayer
    from archetypal.template.materials.opaque_material import OpaqueMaterial
    from archetypal.template.schedule import (
        DaySchedule,
        WeekSchedule,
        YearSchedule,
        YearSchedulePart,
    )
    from archetypal.template.structure import MassRatio, StructureInformation
    from archetypal.template.ventilation import VentilationSetting
    from archetypal.template.window_setting import WindowSetting
    from archetypal.template.zone_construction_set import ZoneConstructionSet
    from archetypal.template.zonedefinition import ZoneDefinition
    from archetypal.umi_template import UmiTemplateLibrary

    weekday = DaySchedule("weekday", [0.0] * 8 + [1.0] * 10 + [0.0] * 6)
    weekend = DaySchedule("weekend", [0.0] * 24)
    summer_day = DaySchedule("summer day", [0.5] * 24)
    week = WeekSchedule("week", [weekday] * 5 + [weekend] * 2)
    summer_week = WeekSchedule("summer week", [summer_day] * 5 + [weekend] * 2)
    presence = YearSchedule(
        "presence",
        Parts=[
            YearSchedulePart(1, 1, 29, 2, week),
            YearSchedulePart(1, 3, 31, 8, summer_week),
            YearSchedulePart(1, 9, 31, 12, week),
        ],
    )
    concrete = OpaqueMaterial("concrete", 1.7, 900, Density=2300, Roughness="Smooth")
    wool = OpaqueMaterial("wool", 0.04, 840, Density=20)
    air = GasMaterial("AIR")
    clear = GlazingMaterial(
        "clear glass",
        Conductivity=1.0,
        SolarTransmittance=0.83,
        SolarReflectanceFront=0.08,
        SolarReflectanceBack=0.08,
        VisibleTransmittance=0.9,
        VisibleReflectanceFront=0.08,
        VisibleReflectanceBack=0.08,
        IREmissivityFront=0.84,
        IREmissivityBack=0.84,
    )
    wall = OpaqueConstruction(
        "cavity wall",
        [
            MaterialLayer(concrete, 0.1),
            GasLayer(air, 0.05),
            MaterialLayer(wool, 0.08),
            MaterialLayer(concrete, 0.15),
        ],
    )
    floor = OpaqueConstruction("floor", [MaterialLayer(concrete, 0.2)])
    double = WindowConstruction(
        "double clear",
        [MaterialLayer(clear, 0.003), GasLayer(air, 0.013), MaterialLayer(clear, 0.003)],
    )
    constructions = ZoneConstructionSet(
        "set", Facade=wall, Ground=floor, Partition=floor, Roof=wall, Slab=floor
    )
    water = DomesticHotWaterSetting("water", WaterSchedule=presence, IsOn=False)
    air_exchange = VentilationSetting(
        "air", 0.35, NatVentSchedule=presence, ScheduledVentilationSchedule=presence
    )
    conditioning = ZoneConditioning(
        "conditioning",
        IsHeatingOn=True,
        HeatingSchedule=presence,
        CoolingSchedule=presence,
        IsMechVentOn=True,
        MechVentSchedule=presence,
        MinFreshAirPerArea=0.001,
        MinFreshAirPerPerson=0.008,
        HeatRecoveryType=2,
        HeatRecoveryEfficiencySensible=0.75,
    )

    def zone(name: str, lighting: float) -> ZoneDefinition:
        loads = ZoneLoad(
            f"loads {name}",
            12.0,
            presence,
            lighting,
            presence,
            0.1,
            presence,
            IsPeopleOn=True,
        )
        return ZoneDefinition(
            name,
            Constructions=constructions,
            Loads=loads,
            Conditioning=conditioning,
            Ventilation=air_exchange,
            DomesticHotWater=water,
            InternalMassConstruction=floor,
            InternalMassExposedPerFloorArea=0.5,
        )

    windows = WindowSetting(
        "windows",
        double,
        AfnWindowAvailability=presence,
        ShadingSystemAvailabilitySchedule=presence,
        ZoneMixingAvailabilitySchedule=presence,
    )
    structure = StructureInformation("structure", [MassRatio(1, concrete, 1)])
    templates = [
        BuildingTemplate(
            name,
            Core=zone(f"{name} core", 8.0),
            Perimeter=zone(f"{name} perimeter", 10.0),
            Structure=structure,
            Windows=windows,
            Category="Offices",
        )
        for name in ("small office", "tall office")
    ]
    library = UmiTemplateLibrary("offices", BuildingTemplates=templates)
    library.update_components_list()
    library.save(str(path))
