"""The parts of UMI templates that both shipped libraries fill in alike."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from template_book import NO_ASSEMBLY, NO_COST, NO_TRANSPORT, Book, labels

Reference = dict[str, str]

DATA = Path(__file__).resolve().parent.parent / "src/shoeroot/building/data"


def add_air_leakage(
    book: Book, name: str, category: str, rate: float, always: Reference, comment: str = ""
) -> Reference:
    """Add infiltration [air changes per hour]; natural and scheduled ventilation are off."""
    return book.add(
        "VentilationSettings",
        name,
        category,
        comment,
        Afn=False,
        IsBuoyancyOn=False,
        Infiltration=rate,
        IsInfiltrationOn=True,
        IsNatVentOn=False,
        IsScheduledVentilationOn=False,
        NatVentMaxRelHumidity=90,
        NatVentMaxOutdoorAirTemp=30,
        NatVentMinOutdoorAirTemp=0,
        NatVentSchedule=always,
        NatVentZoneTempSetpoint=18,
        ScheduledVentilationAch=0.6,
        ScheduledVentilationSchedule=always,
        ScheduledVentilationSetpoint=18,
        IsWindOn=False,
    )


def add_ideal_system(
    book: Book,
    name: str,
    category: str,
    always: Reference,
    *,
    setpoints: tuple[float, float],
    efficiencies: tuple[float, float],
    fans: Reference | None,
    air_per_area: float,
    air_per_person: float,
    comment: str = "",
) -> Reference:
    """Add heating and cooling without limits, and mechanical ventilation where fans have hours.

    `setpoints` [degC] and `efficiencies` are those of heating and cooling; outdoor air is in
    m3/(s m2) and m3/(s person).
    """
    return book.add(
        "ZoneConditionings",
        name,
        category,
        comment,
        CoolingSchedule=always,
        CoolingCoeffOfPerf=efficiencies[1],
        CoolingSetpoint=setpoints[1],
        CoolingLimitType=0,
        CoolingFuelType=1,
        EconomizerType=0,
        HeatingCoeffOfPerf=efficiencies[0],
        HeatingLimitType=0,
        HeatingFuelType=2,
        HeatingSchedule=always,
        HeatingSetpoint=setpoints[0],
        HeatRecoveryEfficiencyLatent=0.65,
        HeatRecoveryEfficiencySensible=0.7,
        HeatRecoveryType=0,
        IsCoolingOn=True,
        IsHeatingOn=True,
        IsMechVentOn=fans is not None,
        MaxCoolFlow=100,
        MaxCoolingCapacity=100,
        MaxHeatFlow=100,
        MaxHeatingCapacity=100,
        MechVentSchedule=fans or always,
        MinFreshAirPerArea=air_per_area,
        MinFreshAirPerPerson=air_per_person,
    )


def add_zone(
    book: Book,
    figures: Mapping[str, Any],
    label: str,
    category: str,
    constructions: tuple[Reference, Reference],
    *,
    comment: str = "",
    **parts: Reference,
) -> Reference:
    """Add a zone of its constructions and internal mass, loads, air, systems and hot water."""
    return book.add(
        "Zones",
        label,
        category,
        comment,
        Conditioning=parts["conditioning"],
        Constructions=constructions[0],
        DaylightMeshResolution=1.0,
        DaylightWorkplaneHeight=0.8,
        DomesticHotWater=parts["hot_water"],
        InternalMassConstruction=constructions[1],
        InternalMassExposedPerFloorArea=figures["internal_mass"]["exposed_per_floor_area"],
        Loads=parts["loads"],
        Ventilation=parts["ventilation"],
    )


def add_building(
    book: Book,
    label: str,
    program: str,
    zone: Reference,
    *,
    structure: Reference,
    window: Reference,
    window_to_wall: float,
    years: tuple[int, int],
    climate_zones: Sequence[str],
) -> None:
    """Add a building template; 0 stands for an open year."""
    book.groups.setdefault("BuildingTemplates", []).append(
        {
            "Core": zone,
            "Lifespan": 60,
            "PartitionRatio": 0.35,
            "Perimeter": zone,
            "Structure": structure,
            "Windows": window,
            "DefaultWindowToWallRatio": window_to_wall,
            "YearFrom": years[0] or None,
            "YearTo": years[1] or None,
            "Country": ["USA"],
            "ClimateZone": list(climate_zones),
            "Authors": ["The shoeroot developers"],
            "AuthorEmails": [],
            "Version": "v1.0",
            **labels(label, program, "", book.source),
        }
    )


def add_air(book: Book) -> None:
    """Add the gas that every UMI library has."""
    book.add(
        "GasMaterials", "AIR", "Gases", Type="AIR", Conductivity=0.024, Density=1.2,
        **NO_COST, **NO_TRANSPORT,
    )  # fmt: skip


def add_structure(book: Book, category: str, material: Reference) -> Reference:
    """Add the structure that building templates must name; shoeboxes have none."""
    ratios = [{"HighLoadRatio": 0, "Material": material, "NormalRatio": 0}]
    return book.add("StructureDefinitions", "structure", category, MassRatios=ratios, **NO_ASSEMBLY)


def text_of(book: Book) -> str:
    """Return the text of a library: its groups by name."""
    return json.dumps(dict(sorted(book.groups.items())), indent=1) + "\n"


def write_library(
    description: str | None, figures: Path, target: Path, make: Callable[[Path], str]
) -> None:
    """Write the library that `make` makes of a file of figures, as the command line asks."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--figures", type=Path, default=figures)
    parser.add_argument("--target", type=Path, default=target)
    arguments = parser.parse_args()
    arguments.target.parent.mkdir(parents=True, exist_ok=True)
    arguments.target.write_text(make(arguments.figures), encoding="utf-8", newline="\n")
