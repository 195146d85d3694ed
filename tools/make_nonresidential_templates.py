"""Writes the shipped UMI template library of non-residential programs.

Run ``python tools/make_nonresidential_templates.py`` after changing
``us_nonresidential_figures.toml``. It reads the tables of the package
building-energy-standards-data (extra ``dev``); the same version of it and the same
figures always give the same bytes.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import nonresidential_figures as derived
from nonresidential_figures import Figures, Week
from nonresidential_materials import add_parts, materials
from standards_tables import VERSION, installed_version
from template_book import Book
from template_envelope import add_glazing, add_material
from template_figures import significant
from template_parts import (
    DATA,
    add_air,
    add_air_leakage,
    add_building,
    add_ideal_system,
    add_structure,
    add_zone,
    text_of,
    write_library,
)

FIGURES = Path(__file__).resolve().parent / "us_nonresidential_figures.toml"
TARGET = DATA / "us_nonresidential.umi.json"

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
    """Add infiltration."""
    rate = significant(derived.infiltration(figures, program, vintage))
    return add_air_leakage(
        book,
        f"infiltration {rate:g} ACH",
        CATEGORY,
        rate,
        always,
        "infiltration in us_nonresidential_figures.toml, over the plan of the program",
    )


def add_conditioning(
    book: Book, figures: Figures, program: str, vintage: int, always: Any
) -> dict[str, str]:
    """Add setpoints, efficiencies and mechanical ventilation."""
    heat, cool, efficiency = derived.efficiencies(figures, vintage)
    per_person, per_area, air = derived.outdoor_air(figures, program, vintage)
    fans = add_schedule(
        book,
        f"fans {program}",
        derived.fan_week(figures, program),
        "fans in us_nonresidential_figures.toml",
    )
    return add_ideal_system(
        book,
        f"conditioning {program} {figures['vintages']['names'][vintage]}",
        CATEGORY,
        always,
        setpoints=tuple(figures["setpoints"][figures["programs"][program]["setpoints"]]),
        efficiencies=(significant(heat), significant(cool)),
        fans=fans,
        air_per_area=significant(per_area),
        air_per_person=significant(per_person),
        comment=f"outdoor air: {air}, by share of the floor area; {efficiency}; setpoints: "
        "setpoints in us_nonresidential_figures.toml",
    )


def add_hot_water(
    book: Book, figures: Figures, program: str, vintage: int, zone: int
) -> dict[str, str]:
    """Add the hot water of a program in a climate."""
    inlet = round(derived.mains(figures, vintage, zone), 1)
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
    years, climate = figures["vintages"], derived.zones_of(figures, vintage)
    place = f"zones {climate['names'][zone]}"
    label = f"{program}, {years['names'][vintage]}, {place}"
    constructions = add_parts(book, figures, program, vintage, zone, CATEGORY)
    *glazing, source = derived.window(figures, vintage, zone)
    space = add_zone(
        book,
        figures,
        label,
        CATEGORY,
        constructions,
        comment=f"programs.{program} in us_nonresidential_figures.toml",
        conditioning=add_conditioning(book, figures, program, vintage, always),
        hot_water=add_hot_water(book, figures, program, vintage, zone),
        loads=add_loads(book, figures, program, vintage),
        ventilation=add_ventilation(book, figures, program, vintage, always),
    )
    name = f"window {years['names'][vintage]} {place}"
    window = add_glazing(book, name, (glazing[0], glazing[1], glazing[2]), always, CATEGORY, source)
    add_building(
        book,
        label,
        program,
        space,
        structure=structure,
        window=window,
        window_to_wall=0.3,
        years=(years["first"][vintage], years["last"][vintage]),
        climate_zones=climate["members"][zone],
    )


def make_library(figures: Figures) -> str:
    """Return the text of the template library for some figures."""
    book = Book(SOURCE)
    add_air(book)
    steel = add_material(book, figures, "Metal Siding", on_roof=False)
    structure = add_structure(book, CATEGORY, steel)
    for program in figures["programs"]:
        for vintage in range(len(figures["vintages"]["names"])):
            for zone in range(len(derived.zones_of(figures, vintage)["names"])):
                add_template(book, figures, program, vintage, zone, structure)
    return text_of(book)


def main() -> None:
    """Write the library."""
    if installed_version() != VERSION:
        raise SystemExit(
            f"building-energy-standards-data is {installed_version() or 'not installed'}: "
            f"pip install building-energy-standards-data=={VERSION}"
        )
    write_library(__doc__, FIGURES, TARGET, lambda path: make_library(read_figures(path)))


def read_figures(path: Path = FIGURES) -> Figures:
    """Read the figures and the materials that they name."""
    figures = tomllib.loads(path.read_text(encoding="utf-8"))
    return {**figures, "materials": materials(figures)}


if __name__ == "__main__":
    main()
