"""Writes the shipped UMI template library of non-residential programs.

Run ``python tools/make_nonresidential_templates.py`` after changing
``us_nonresidential_figures.toml``. It reads the tables of the package
building-energy-standards-data (extra ``dev``); the same version of it and the same
figures always give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path
from typing import Any

import nonresidential_figures as derived
from nonresidential_figures import Figures, Week
from nonresidential_materials import add_parts
from standards_tables import VERSION, installed_version
from template_book import NO_ASSEMBLY, NO_COST, NO_TRANSPORT, Book, labels
from template_envelope import add_glazing, add_material
from template_figures import significant

HERE = Path(__file__).resolve().parent
FIGURES = HERE / "us_nonresidential_figures.toml"
TARGET = HERE.parent / "src/shoeroot/building/data/us_nonresidential.umi.json"

CATEGORY = "Nonresidential"
SOURCE = (
    f"building-energy-standards-data {VERSION} (PNNL, BSD 2-Clause) through shoeroot: "
    "tools/us_nonresidential_figures.toml"
)


# ----------------------------------------------------------------------------- schedules


def add_schedule(book: Book, name: str, values: Week, comment: str = "") -> dict[str, str]:
    """Add a year of one week; the year starts on a Monday, holidays are working days."""
    days = [
        book.add("DaySchedules", f"{name} {day}", "Day", Type="Fraction", Values=list(hours))
        for day, hours in zip(("working day", "Saturday", "Sunday"), values, strict=True)
    ]
    whole = [days[0]] * 5 + days[1:]
    week = book.add("WeekSchedules", f"{name} week", "Week", Days=whole, Type="Fraction")
    part = {"FromDay": 1, "FromMonth": 1, "ToDay": 31, "ToMonth": 12, "Schedule": week}
    return book.add("YearSchedules", name, "Year", comment, Parts=[part], Type="Fraction")


def always_on(book: Book) -> dict[str, str]:
    """Add the schedule that is always 1."""
    return add_schedule(book, "always on", ((1.0,) * 24,) * 3)


def add_use(book: Book, figures: Figures, program: str, category: str) -> dict[str, str]:
    """Add the schedule of people, equipment or lighting of a program."""
    names = [figures["spaces"][each]["schedules"] for each in derived.shares(figures, program)]
    return add_schedule(
        book,
        f"{category.lower()} {program}",
        derived.mixed_week(figures, program, category),
        f"support_schedules[{category}]: {', '.join(names)}, by share of the floor area"
        + ("" if category == "Lighting" else f" and {category.lower()} density")
        + "; days: opening in us_nonresidential_figures.toml",
    )


def add_loads(book: Book, figures: Figures, program: str, vintage: int) -> dict[str, str]:
    """Add people, equipment and lighting."""
    light, source = derived.lighting(figures, program, vintage)
    spaces = derived.shares(figures, program)
    names = ", ".join(
        f"{share:g} {figures['spaces'][each]['schedules']}" for each, share in spaces.items()
    )
    return book.add(
        "ZoneLoads",
        f"loads {program} {significant(light):g} W/m2",
        CATEGORY,
        f"lighting: {source}; equipment: level_2_electric_equipment, average of {names}; "
        "people: level_3_ventilation_62_1_2010, occupancy_per_area of the same spaces",
        DimmingType=1,
        EquipmentAvailabilitySchedule=add_use(book, figures, program, "Equipment"),
        EquipmentPowerDensity=significant(
            derived.mean_of_spaces(figures, program, derived.equipment)
        ),
        IlluminanceTarget=500,
        LightingPowerDensity=significant(light),
        LightsAvailabilitySchedule=add_use(book, figures, program, "Lighting"),
        OccupancySchedule=add_use(book, figures, program, "Occupancy"),
        IsEquipmentOn=True,
        IsLightingOn=True,
        IsPeopleOn=True,
        PeopleDensity=significant(derived.mean_of_spaces(figures, program, derived.people)),
    )


# ------------------------------------------------------------------------ air and systems


def add_ventilation(
    book: Book, figures: Figures, program: str, vintage: int, always: Any
) -> dict[str, str]:
    """Add infiltration; natural ventilation and scheduled ventilation are off."""
    rate = significant(derived.infiltration(figures, program, vintage))
    return book.add(
        "VentilationSettings",
        f"infiltration {rate:g} ACH",
        CATEGORY,
        "infiltration in us_nonresidential_figures.toml, over the plan of the program",
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
    book: Book, figures: Figures, program: str, vintage: int, always: Any
) -> dict[str, str]:
    """Add setpoints, efficiencies and mechanical ventilation."""
    heat, cool, efficiency = derived.efficiencies(figures, vintage)
    per_person, per_area, air = derived.outdoor_air(figures, program, vintage)
    setpoints = figures["setpoints"][figures["programs"][program]["setpoints"]]
    return book.add(
        "ZoneConditionings",
        f"conditioning {program} {figures['vintages']['names'][vintage]}",
        CATEGORY,
        f"outdoor air: {air}, by share of the floor area; {efficiency}; setpoints: "
        "setpoints in us_nonresidential_figures.toml",
        CoolingSchedule=always,
        CoolingCoeffOfPerf=significant(cool),
        CoolingSetpoint=setpoints[1],
        CoolingLimitType=0,
        CoolingFuelType=1,
        EconomizerType=0,
        HeatingCoeffOfPerf=significant(heat),
        HeatingLimitType=0,
        HeatingFuelType=2,
        HeatingSchedule=always,
        HeatingSetpoint=setpoints[0],
        HeatRecoveryEfficiencyLatent=0.65,
        HeatRecoveryEfficiencySensible=0.7,
        HeatRecoveryType=0,
        IsCoolingOn=True,
        IsHeatingOn=True,
        IsMechVentOn=True,
        MaxCoolFlow=100,
        MaxCoolingCapacity=100,
        MaxHeatFlow=100,
        MaxHeatingCapacity=100,
        MechVentSchedule=add_schedule(
            book,
            f"fans {program}",
            derived.fan_week(figures, program),
            "fans in us_nonresidential_figures.toml",
        ),
        MinFreshAirPerArea=significant(per_area),
        MinFreshAirPerPerson=significant(per_person),
    )


def add_hot_water(book: Book, figures: Figures, program: str, zone: int) -> dict[str, str]:
    """Add the hot water of a program in a climate."""
    inlet = round(derived.mains(figures, zone), 1)
    peak = figures["programs"][program]["hot_water"] / 1000.0
    return book.add(
        "DomesticHotWaterSettings",
        f"hot water {program} mains {inlet:g} C",
        CATEGORY,
        f"programs.{program}.hot_water and hot_water in us_nonresidential_figures.toml",
        FlowRatePerFloorArea=significant(peak, 4),
        IsOn=peak > 0.0,
        WaterSchedule=add_use(book, figures, program, "Occupancy"),
        WaterSupplyTemperature=figures["hot_water"]["supply"],
        WaterTemperatureInlet=inlet,
    )


# ------------------------------------------------------------------------------- library


def add_template(
    book: Book, figures: Figures, program: str, vintage: int, zone: int, structure: Any
) -> None:
    """Add one building template and all it refers to."""
    always = always_on(book)
    years, climate = figures["vintages"], figures["zones"]
    place = f"zones {climate['names'][zone]}"
    label = f"{program}, {years['names'][vintage]}, {place}"
    parts, mass = add_parts(book, figures, program, vintage, zone, CATEGORY)
    *glazing, source = derived.window(figures, vintage, zone)
    space = book.add(
        "Zones",
        label,
        CATEGORY,
        f"programs.{program} in us_nonresidential_figures.toml",
        Conditioning=add_conditioning(book, figures, program, vintage, always),
        Constructions=parts,
        DaylightMeshResolution=1.0,
        DaylightWorkplaneHeight=0.8,
        DomesticHotWater=add_hot_water(book, figures, program, zone),
        InternalMassConstruction=mass,
        InternalMassExposedPerFloorArea=figures["internal_mass"]["exposed_per_floor_area"],
        Loads=add_loads(book, figures, program, vintage),
        Ventilation=add_ventilation(book, figures, program, vintage, always),
    )
    name = f"window {years['names'][vintage]} {place}"
    window = add_glazing(book, name, (glazing[0], glazing[1], glazing[2]), always, CATEGORY, source)
    book.groups.setdefault("BuildingTemplates", []).append(
        {
            "Core": space,
            "Lifespan": 60,
            "PartitionRatio": 0.35,
            "Perimeter": space,
            "Structure": structure,
            "Windows": window,
            "DefaultWindowToWallRatio": 0.3,
            "YearFrom": years["first"][vintage] or None,
            "YearTo": years["last"][vintage] or None,
            "Country": ["USA"],
            "ClimateZone": climate["members"][zone],
            "Authors": ["The shoeroot developers"],
            "AuthorEmails": [],
            "Version": "v1.0",
            **labels(label, program, "", SOURCE),
        }
    )


def make_library(figures: Figures) -> str:
    """Return the text of the template library for some figures."""
    book = Book(SOURCE)
    book.add(
        "GasMaterials", "AIR", "Gases", Type="AIR", Conductivity=0.024, Density=1.2,
        **NO_COST, **NO_TRANSPORT,
    )  # fmt: skip
    steel = add_material(book, figures, "Metal Siding", on_roof=False)
    ratios = [{"HighLoadRatio": 0, "Material": steel, "NormalRatio": 0}]
    structure = book.add(
        "StructureDefinitions", "structure", CATEGORY, MassRatios=ratios, **NO_ASSEMBLY
    )
    for program in figures["programs"]:
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
    if installed_version() != VERSION:
        parser.error(
            f"building-energy-standards-data is {installed_version() or 'not installed'}: "
            f"pip install building-energy-standards-data=={VERSION}"
        )
    arguments.target.write_text(
        make_library(read_figures(arguments.figures)), encoding="utf-8", newline="\n"
    )


def read_figures(path: Path = FIGURES) -> Figures:
    """Read the figures and the materials that they name."""
    from nonresidential_materials import materials

    figures = tomllib.loads(path.read_text(encoding="utf-8"))
    return {**figures, "materials": materials(figures)}


if __name__ == "__main__":
    main()
