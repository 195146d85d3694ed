"""Writes the shipped UMI template library from its figures file.

Run ``python tools/make_templates.py`` after changing ``us_residential_figures.toml``;
the same figures always give the same bytes.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from template_book import Book
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

FIGURES = Path(__file__).resolve().parent / "us_residential_figures.toml"
TARGET = DATA / "us_residential.umi.json"

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
    """Add infiltration."""
    rate = significant(infiltration(figures, program, vintage, zone))
    return add_air_leakage(book, f"infiltration {rate:.3f} ACH", "Residential", rate, always)


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
    heating = (
        heat["large_buildings"]
        if program == 3
        else significant(weighted(heat["options"], heat["shares"]))
    )
    setpoints = figures["setpoints"]
    return add_ideal_system(
        book,
        f"conditioning {short}" + (" with fresh air" if fan else ""),
        "Residential",
        always,
        setpoints=(significant(setpoints["heating"]), significant(setpoints["cooling"])),
        efficiencies=(
            heating,
            significant((cool["linear"] + cool["quadratic"] * seer) * seer / 3.412),
        ),
        fans=always if fan else None,
        air_per_area=air["per_area"] if fan else 0.0,
        air_per_person=significant(per_person) if fan else 0.0,
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
    space = add_zone(
        book,
        figures,
        label,
        "Residential",
        add_constructions(book, figures, program, vintage, zone),
        conditioning=add_conditioning(book, figures, program, vintage, always),
        hot_water=add_hot_water(book, figures, program, zone),
        loads=add_loads(book, figures, program),
        ventilation=add_ventilation(book, figures, program, vintage, zone, always),
    )
    years = figures["vintages"]
    add_building(
        book,
        label,
        figures["programs"]["names"][program],
        space,
        structure=structure,
        window=add_window(book, figures, program, vintage, zone, always),
        window_to_wall=0.15,
        years=(years["first"][vintage], years["last"][vintage]),
        climate_zones=[figures["zones"]["names"][zone]],
    )


def make_library(figures: dict[str, Any]) -> str:
    """Return the text of the template library for some figures."""
    book = Book()
    add_air(book)
    wood = add_material(book, figures, "plywood", on_roof=False)
    structure = add_structure(book, "Residential", wood)
    for program in range(len(figures["programs"]["names"])):
        for vintage in range(len(figures["vintages"]["names"])):
            for zone in range(len(figures["zones"]["names"])):
                add_template(book, figures, program, vintage, zone, structure)
    return text_of(book)


def main() -> None:
    """Write the library."""
    write_library(
        __doc__,
        FIGURES,
        TARGET,
        lambda path: make_library(tomllib.loads(path.read_text(encoding="utf-8"))),
    )


if __name__ == "__main__":
    main()
