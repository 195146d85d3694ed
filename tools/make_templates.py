"""Writes the shipped UMI template library from its figures file.

Run ``python tools/make_templates.py`` after changing ``us_residential_figures.toml``;
the same figures always give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path
from typing import Any

from template_book import NO_ASSEMBLY, NO_COST, NO_TRANSPORT, Book, labels
from template_envelope import add_constructions, add_material, add_window
from template_figures import (
    MONTH_LENGTHS,
    SQUARE_FOOT,
    equipment,
    full_scale,
    infiltration,
    occupants,
    significant,
    weighted,
)

HERE = Path(__file__).resolve().parent
FIGURES = HERE / "us_residential_figures.toml"
TARGET = HERE.parent / "src/shoeroot/building/data/us_residential.umi.json"

GALLON = 0.003785412  # m3
HOURS = 8760


# ----------------------------------------------------------------------------- schedules


def add_schedule(book: Book, name: str, months: list[list[float]]) -> dict[str, str]:
    """Add a year schedule: one day of 24 values for the year, or one for each month."""
    parts = []
    for month, values in enumerate(months):
        label = name if len(months) == 1 else f"{name} month {month + 1}"
        day = book.add("DaySchedules", f"{label} day", "Day", Type="Fraction", Values=values)
        week = book.add("WeekSchedules", f"{label} week", "Week", Days=[day] * 7, Type="Fraction")
        last = 11 if len(months) == 1 else month
        parts.append(
            {
                "FromDay": 1,
                "FromMonth": month + 1,
                "ToDay": MONTH_LENGTHS[last],
                "ToMonth": last + 1,
                "Schedule": week,
            }
        )
    return book.add("YearSchedules", name, "Year", Parts=parts, Type="Fraction")


def add_loads(book: Book, figures: dict[str, Any], program: int) -> dict[str, str]:
    """Add people, equipment and lighting of a program."""
    short = figures["programs"]["short"][program]
    area = figures["floor_area"]["value"][program]
    shapes = figures["schedules"]
    presence, _ = full_scale([shapes["occupancy"]["values"]])
    lighting, lit = full_scale(
        [
            [value * month for value in shapes["lighting"]["values"]]
            for month in shapes["lighting"]["months"]
        ]
    )
    light_use = figures["lighting"]["constant"] + (
        figures["lighting"]["per_square_foot"] * area / SQUARE_FOOT
    )
    uses = equipment(figures, program)
    mixed = [
        sum(use * shapes[name]["values"][hour] for name, use in uses.items()) for hour in range(24)
    ]
    running, run = full_scale([mixed])
    return book.add(
        "ZoneLoads",
        f"loads {short}",
        "Residential",
        DimmingType=1,
        EquipmentAvailabilitySchedule=add_schedule(book, f"equipment {short}", running),
        EquipmentPowerDensity=significant(sum(uses.values()) * 1000 / HOURS / area / run),
        IlluminanceTarget=200,
        LightingPowerDensity=significant(light_use * 1000 / HOURS / area / lit),
        LightsAvailabilitySchedule=add_schedule(book, "lighting", lighting),
        OccupancySchedule=add_schedule(book, "occupancy", presence),
        IsEquipmentOn=True,
        IsLightingOn=True,
        IsPeopleOn=True,
        PeopleDensity=significant(occupants(figures, program) / area),
    )


# ------------------------------------------------------------------------ air and systems


def add_ventilation(
    book: Book, figures: dict[str, Any], program: int, vintage: int, zone: int, always: Any
) -> dict[str, str]:
    """Add infiltration; natural ventilation and scheduled ventilation are off."""
    rate = significant(infiltration(figures, program, vintage, zone))
    return book.add(
        "VentilationSettings",
        f"infiltration {rate:.3f} ACH",
        "Residential",
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


def add_conditioning(
    book: Book, figures: dict[str, Any], program: int, vintage: int, always: Any
) -> dict[str, str]:
    """Add setpoints, efficiencies and mechanical ventilation."""
    heat, cool, air = (
        figures[name] for name in ("heating_efficiency", "cooling_efficiency", "ventilation")
    )
    seer = weighted(cool["options"], cool["shares"])
    rooms = figures["bedrooms"]["value"][program]
    per_person = air["per_occupant_and_one_more"] * (rooms + 1) / occupants(figures, program)
    fan = vintage >= air["from_vintage"]
    short = figures["programs"]["short"][program]
    return book.add(
        "ZoneConditionings",
        f"conditioning {short}" + (" with fresh air" if fan else ""),
        "Residential",
        CoolingSchedule=always,
        CoolingCoeffOfPerf=significant((cool["linear"] + cool["quadratic"] * seer) * seer / 3.412),
        CoolingSetpoint=significant(figures["setpoints"]["cooling"]),
        CoolingLimitType=0,
        CoolingFuelType=1,
        EconomizerType=0,
        HeatingCoeffOfPerf=(
            heat["large_buildings"]
            if program == 3
            else significant(weighted(heat["options"], heat["shares"]))
        ),
        HeatingLimitType=0,
        HeatingFuelType=2,
        HeatingSchedule=always,
        HeatingSetpoint=significant(figures["setpoints"]["heating"]),
        HeatRecoveryEfficiencyLatent=0.65,
        HeatRecoveryEfficiencySensible=0.7,
        HeatRecoveryType=0,
        IsCoolingOn=True,
        IsHeatingOn=True,
        IsMechVentOn=fan,
        MaxCoolFlow=100,
        MaxCoolingCapacity=100,
        MaxHeatFlow=100,
        MaxHeatingCapacity=100,
        MechVentSchedule=always,
        MinFreshAirPerArea=air["per_area"] if fan else 0.0,
        MinFreshAirPerPerson=significant(per_person) if fan else 0.0,
    )


def add_hot_water(book: Book, figures: dict[str, Any], program: int, zone: int) -> dict[str, str]:
    """Add the hot water of a program in a climate."""
    figure = figures["hot_water"]
    rooms = figures["bedrooms"]["value"][program]
    gallons = (
        figure["fixtures"]["constant"]
        + figure["fixtures"]["per_bedroom"] * rooms
        + figure["waste"]["factor"] * rooms ** figure["waste"]["exponent"]
    )
    shape, mean = full_scale([figures["schedules"]["hot_water"]["values"]])
    peak = gallons * GALLON / 24.0 / mean / figures["floor_area"]["value"][program]
    air = figures["zones"]["mean_air_temperature"]["value"][zone]
    inlet = max(air + figure["mains"]["above_air"], figure["mains"]["least"])
    short = figures["programs"]["short"][program]
    return book.add(
        "DomesticHotWaterSettings",
        f"hot water {short} mains {inlet:.1f} C",
        "Residential",
        FlowRatePerFloorArea=significant(peak, 4),
        IsOn=True,
        WaterSchedule=add_schedule(book, "hot water", shape),
        WaterSupplyTemperature=figure["temperature"]["mixed"],
        WaterTemperatureInlet=round(inlet, 1),
    )


# ------------------------------------------------------------------------------- library


def add_template(
    book: Book, figures: dict[str, Any], program: int, vintage: int, zone: int, structure: Any
) -> None:
    """Add one building template and all it refers to."""
    always = add_schedule(book, "always on", [[1.0] * 24])
    label = (
        f"{figures['programs']['names'][program]}, {figures['vintages']['names'][vintage]}, "
        f"zone {figures['zones']['names'][zone]}"
    )
    constructions, mass = add_constructions(book, figures, program, vintage, zone)
    space = book.add(
        "Zones",
        label,
        "Residential",
        Conditioning=add_conditioning(book, figures, program, vintage, always),
        Constructions=constructions,
        DaylightMeshResolution=1.0,
        DaylightWorkplaneHeight=0.8,
        DomesticHotWater=add_hot_water(book, figures, program, zone),
        InternalMassConstruction=mass,
        InternalMassExposedPerFloorArea=figures["internal_mass"]["exposed_per_floor_area"],
        Loads=add_loads(book, figures, program),
        Ventilation=add_ventilation(book, figures, program, vintage, zone, always),
    )
    book.groups.setdefault("BuildingTemplates", []).append(
        {
            "Core": space,
            "Lifespan": 60,
            "PartitionRatio": 0.35,
            "Perimeter": space,
            "Structure": structure,
            "Windows": add_window(book, figures, program, vintage, zone, always),
            "DefaultWindowToWallRatio": 0.15,
            "YearFrom": figures["vintages"]["first"][vintage] or None,
            "YearTo": figures["vintages"]["last"][vintage] or None,
            "Country": ["USA"],
            "ClimateZone": [figures["zones"]["names"][zone]],
            "Authors": ["The shoeroot developers"],
            "AuthorEmails": [],
            "Version": "v1.0",
            **labels(label, figures["programs"]["names"][program]),
        }
    )


def make_library(figures: dict[str, Any]) -> str:
    """Return the text of the template library for some figures."""
    book = Book()
    book.add(
        "GasMaterials", "AIR", "Gases", Type="AIR", Conductivity=0.024, Density=1.2,
        **NO_COST, **NO_TRANSPORT,
    )  # fmt: skip
    wood = add_material(book, figures, "plywood", on_roof=False)
    ratios = [{"HighLoadRatio": 0, "Material": wood, "NormalRatio": 0}]
    structure = book.add(
        "StructureDefinitions", "structure", "Residential", MassRatios=ratios, **NO_ASSEMBLY
    )
    for program in range(len(figures["programs"]["names"])):
        for vintage in range(len(figures["vintages"]["names"])):
            for zone in range(len(figures["zones"]["names"])):
                add_template(book, figures, program, vintage, zone, structure)
    groups = dict(sorted(book.groups.items()))
    return json.dumps(groups, indent=1) + "\n"


def main() -> None:
    """Write the library."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figures", type=Path, default=FIGURES)
    parser.add_argument("--target", type=Path, default=TARGET)
    arguments = parser.parse_args()
    figures = tomllib.loads(arguments.figures.read_text(encoding="utf-8"))
    arguments.target.parent.mkdir(parents=True, exist_ok=True)
    arguments.target.write_text(make_library(figures), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
