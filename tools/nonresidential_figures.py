"""What each non-residential template is made of: figures in SI units, each with its source."""

from __future__ import annotations

import re
from collections.abc import Callable
from statistics import median
from typing import Any

from standards_tables import Row, reference, row, rows
from template_figures import R_VALUE, SQUARE_FOOT, U_VALUE, weighted

CFM = 0.0004719474  # m3/s
FOOT = 0.3048  # m
EER = 3.412  # Btu/(W h) in a coefficient of performance of 1
#: Days of a year that starts on a Monday: working days, Saturdays, Sundays.
YEAR_OF_DAYS = (261, 52, 52)

Figures = dict[str, Any]
#: 24 values of a working day, a Saturday and a Sunday.
Week = tuple[tuple[float, ...], ...]


# ------------------------------------------------------------------------------ envelope


def zones_of(figures: Figures, vintage: int) -> dict[str, Any]:
    """Return the groups of climate zones that share the templates of a vintage."""
    edition = figures["vintages"]["envelope"]["edition"][vintage]
    groups: dict[str, Any] = figures["zones"]["older" if edition.startswith("older") else "newer"]
    return groups


def older(figures: Figures, vintage: int, zone: int) -> tuple[dict[str, Any], int, str] | None:
    """Return the older envelope of a vintage, the column of a zone in it, and their names.

    None where an edition of 90.1 gives the envelope.
    """
    edition = figures["vintages"]["envelope"]["edition"][vintage]
    if not edition.startswith("older"):
        return None
    envelope = figures["older_envelope"]
    table = envelope[edition.split()[1]]
    name = figures["zones"]["older"]["columns"][zone]
    return (
        table,
        envelope["columns"]["zones"].index(name),
        f"{table['template']}, ClimateZone {name}",
    )


def resistance(
    figures: Figures, part: str, kind: str, vintage: int, zone: int
) -> tuple[float, str]:
    """Resistance of an exterior wall or roof without films [m2 K/W], and its source."""
    surface = f"Exterior{part.capitalize()}"
    if existing := older(figures, vintage, zone):
        table, column, place = existing
        u_value = table[f"{part}s"][kind][column]
        key = f"openstudio-standards construction_properties[{place}, {surface}, {kind}]"
    else:
        edition = figures["vintages"]["envelope"]["edition"][vintage]
        name = "envelope_requirements_90_1"
        found = of_zone(
            figures,
            zone,
            lambda zones: rows(
                name,
                template=edition,
                climate_zone_set=zones,
                intended_surface_type=surface,
                standards_construction_type=kind,
                building_category="Nonresidential",
            ),
        )
        u_value = found["assembly_maximum_u_value"]
        key = reference(name, edition, found["climate_zone_set"], surface, kind, "Nonresidential")
    source = f"{key}: U {u_value} Btu/(h ft2 F)"
    return max(1.0 / u_value - figures["films"][part], 0.0) * R_VALUE, source


def of_zone(figures: Figures, zone: int, find: Callable[[str], list[Row]]) -> Row:
    """Return the first row for the climate zone sets that a group of zones may be under."""
    sets = [f"ClimateZone {name}" for name in figures["zones"]["newer"]["sets"][zone]]
    found = [each for name in sets for each in find(name)]
    if len(found) != 1:
        raise LookupError(f"{len(found)} rows for {sets}")
    return found[0]


def window(figures: Figures, vintage: int, zone: int) -> tuple[float, float, float, str]:
    """U-value [W/(m2 K)], solar gain, visible transmittance of the windows, and their source."""
    if existing := older(figures, vintage, zone):
        return older_window(*existing)
    edition = figures["vintages"]["envelope"]["edition"][vintage]
    name, kind = "envelope_requirements_90_1", figures["windows"]["rows"][edition]
    share = figures["windows"]["percent"]
    found = of_zone(
        figures,
        zone,
        lambda zones: [
            each
            for each in rows(
                name,
                template=edition,
                climate_zone_set=zones,
                intended_surface_type="ExteriorWindow",
                standards_construction_type=kind,
                building_category="Nonresidential",
            )
            if each["minimum_percent_of_surface"] < share <= each["maximum_percent_of_surface"]
            and each["orientation"] in (None, "SEW")
        ],
    )
    shgc = found["assembly_maximum_solar_heat_gain_coefficient"]
    if shgc is None:
        # Not limited in cold zones; the construction of the row has one.
        shgc = float(re.search(r"SHGC ([\d.]+)", found["construction"])[1])  # type: ignore[index]
    ratio = found["assembly_minimum_vt_shgc"] or figures["windows"]["visible_over_solar"]
    u_value = found["assembly_maximum_u_value"]
    key = reference(name, edition, found["climate_zone_set"], "ExteriorWindow", kind)
    source = f"{key}: U {u_value} Btu/(h ft2 F), SHGC {shgc}"
    return u_value * U_VALUE, shgc, min(ratio * shgc, 0.9), source


def older_window(table: dict[str, Any], column: int, place: str) -> tuple[float, float, float, str]:
    """Return what `window` does for an existing reference building."""
    u_value, shgc = table["window_u"][column], table["window_shgc"][column]
    glazing = row("support_materials", name=f"U {u_value:g} SHGC {shgc:g} Simple Glazing")
    source = (
        f"openstudio-standards construction_properties[{place}, ExteriorWindow]: "
        f"U {u_value} Btu/(h ft2 F), SHGC {shgc}; VT: support_materials[{glazing['name']}]"
    )
    return u_value * U_VALUE, shgc, glazing["visible_transmittance"], source


# --------------------------------------------------------------------------------- loads


def lighting(figures: Figures, program: str, vintage: int) -> tuple[float, str]:
    """Lighting power density [W/m2] and its source."""
    table = figures["vintages"]["lighting"]["table"][vintage]
    if not table.startswith("older"):
        return _lighting_row(figures, program, table)
    era = table.split()[1]
    if program in figures["older_lighting"]:
        return older_lighting(figures, program, era)
    name = "level_3_lighting_90_1_2004"
    ratio = median(
        older_lighting(figures, other, era)[0] / _lighting_row(figures, other, name)[0]
        for other in figures["programs"]
        if other in figures["older_lighting"]
    )
    value, source = _lighting_row(figures, program, name)
    return value * ratio, f"derived: {source} * {ratio:.3f}, as other programs"


def older_lighting(figures: Figures, program: str, era: str) -> tuple[float, str]:
    """Return the mean over the spaces of an existing reference building [W/m2], and its source."""
    building = figures["older_lighting"][program]
    spaces = building["spaces"]
    column = ("pre_1980", "1980_2004").index(era) + 1
    value = weighted(
        [each[column] for each in spaces.values()], [each[0] for each in spaces.values()]
    )
    same = all(each[1] == each[2] for each in spaces.values())
    eras = ("pre_1980", "1980_2004") if same else (era,)
    templates = " and ".join(figures["older_envelope"][each]["template"] for each in eras)
    place = f"{templates}, {building['building']}"
    told = next(iter(spaces)) if len(spaces) == 1 else f"{len(spaces)} spaces by floor area"
    source = f"openstudio-standards space_types[{place}]: {told}, {value:.3f} W/ft2"
    return value / SQUARE_FOOT, source


def _lighting_row(figures: Figures, program: str, name: str) -> tuple[float, str]:
    for spelling in figures["programs"][program]["lighting"]:
        found = rows(name, method="BA", lighting_primary_space_type=spelling)
        if len(found) == 1:
            value = found[0]["lighting_power_density"]
            key = reference(name, "BA", found[0]["lighting_primary_space_type"])
            return value / SQUARE_FOOT, f"{key}: {value} W/ft2"
    raise LookupError(f"{name} has no row for {program}")


def equipment(figures: Figures, space: str) -> float:
    """Electric equipment of a space [W/m2]."""
    name = f"{figures['spaces'][space]['schedules']}_electric_equipment"
    found = row("level_2_electric_equipment", electric_equipment_space_type_name=name)
    return float(found["electric_equipment_average_epd"]) / SQUARE_FOOT


def air_row(figures: Figures, space: str, older: bool) -> tuple[str, Row] | None:
    """Return the table and the row of a space's outdoor air, None where it has none."""
    new = ("level_3_ventilation_62_1_2010", figures["spaces"][space]["air"])
    old = ("level_3_ventilation_62_1_1999", figures["spaces"][space]["older_air"])
    for name, key in (old, new) if older else (new, old):
        if key:
            primary, secondary = key
            found = row(
                name,
                ventilation_primary_space_type=primary,
                ventilation_secondary_space_type=secondary,
            )
            return name, found
    return None


def people(figures: Figures, space: str) -> float:
    """People in a space [1/m2]: the default of ASHRAE 62.1."""
    found = air_row(figures, space, older=False)
    return float(found[1]["occupancy_per_area"] or 0) / 1000.0 / SQUARE_FOOT if found else 0.0


def shares(figures: Figures, program: str) -> dict[str, float]:
    """Share of each space in the floor area of a program."""
    spaces: dict[str, float] = figures["programs"][program]["spaces"]
    return spaces


def mean_of_spaces(
    figures: Figures, program: str, density: Callable[[Figures, str], float]
) -> float:
    """Density of a program [per m2]: the mean over its spaces."""
    return sum(share * density(figures, each) for each, share in shares(figures, program).items())


def outdoor_air(figures: Figures, program: str, vintage: int) -> tuple[float, float, str]:
    """Outdoor air of a program [m3/(s person)] and [m3/(s m2)], and its source."""
    older = figures["vintages"]["ventilation"]["table"][vintage].endswith("1999")
    flow_of_people = flow_of_area = 0.0
    sources = []
    for space, share in shares(figures, program).items():
        found = air_row(figures, space, older)
        if found is not None:
            name, rates = found
            flow_of_people += (
                share * people(figures, space) * (rates["ventilation_rate_occupant"] or 0) * CFM
            )
            flow_of_area += share * (rates["ventilation_rate_area"] or 0) * CFM / SQUARE_FOOT
            sources.append(reference(name, rates["ventilation_secondary_space_type"]))
    all_people = mean_of_spaces(figures, program, people)
    per_person = flow_of_people / all_people if all_people else 0.0
    return per_person, flow_of_area, "; ".join(dict.fromkeys(sources))


# ----------------------------------------------------------------------------- schedules


def hours(figures: Figures, space: str, category: str, day: str) -> tuple[float, ...]:
    """Hourly values of a space on a kind of day; "closed" is the quietest hour all day."""
    name = figures["spaces"][space]["schedules"]
    kind = "Wkdy" if day == "closed" else day
    found = [
        each
        for each in rows("support_schedules", name=name, category=category)
        if kind in each["day_types"].split("|")
    ]
    if len(found) != 1:
        raise LookupError(f"support_schedules: {len(found)} rows of {name} {category} {kind}")
    values = tuple(float(found[0][f"hr_{hour}"]) for hour in range(1, 25))
    return (min(values),) * 24 if day == "closed" else values


def mixed_week(figures: Figures, program: str, category: str) -> Week:
    """Hourly values of a program in a week: the mean of its spaces by what they have."""
    density: Callable[[Figures, str], float] = {
        "Occupancy": people,
        "Equipment": equipment,
        # One lighting power density for the whole building.
        "Lighting": lambda figures, space: 1.0,
    }[category]
    spaces = shares(figures, program)
    weights = [share * density(figures, space) for space, share in spaces.items()]
    opening = figures["opening"].get(program, figures["opening"]["usual"])
    week = []
    for day in opening:
        columns = zip(*(hours(figures, space, category, day) for space in spaces), strict=True)
        week.append(tuple(round(weighted(column, weights), 3) for column in columns))
    return tuple(week)


def fan_week(figures: Figures, program: str) -> Week:
    """When mechanical ventilation runs: 0 or 1."""
    occupied = mixed_week(figures, program, "Occupancy")
    least = figures["fans"]["from_share_of_peak"] * max(map(max, occupied))
    return tuple(tuple(float(value >= least) for value in day) for day in occupied)


def mean_of_year(values: Week) -> float:
    """Mean of a week's values over the year."""
    return weighted([sum(day) / 24.0 for day in values], YEAR_OF_DAYS)


# ------------------------------------------------------------------------ air and systems


def infiltration(figures: Figures, program: str, vintage: int) -> float:
    """Annual mean infiltration [air changes per hour]."""
    figure = figures["infiltration"]
    length, width = (side * FOOT for side in figures["programs"][program]["plan"])
    # Wall area over volume: the height cancels.
    walls = 2.0 * (length + width) / (length * width)
    running = mean_of_year(fan_week(figures, program))
    pressure = 1.0 - (1.0 - figure["while_fans_run"]) * running
    wind = figure["mean_wind"] / figure["design_wind"]
    return float(figure["flow_per_wall"][vintage] * 3600.0 * walls * wind * pressure)


def efficiencies(figures: Figures, vintage: int) -> tuple[float, float, str]:
    """Coefficients of performance of heating and cooling, and their source."""
    edition = figures["vintages"]["systems"]["edition"][vintage]
    cooling = row(
        "hvac_minimum_requirements_unitary_air_conditioners_90_1",
        template=edition,
        equipment_type="Air Conditioners",
        cooling_type="AirCooled",
        heating_type="All Other",
        subcategory="Single Package",
        minimum_capacity=65000,
    )
    heating = row(
        "hvac_minimum_requirements_furnaces_90_1",
        template=edition,
        equipment_type="Warm Air Furnace",
        fuel_type="NaturalGas",
        minimum_capacity=225000,
    )
    thermal = heating["minimum_thermal_efficiency"] or heating["minimum_combustion_efficiency"]
    eer = cooling["minimum_energy_efficiency_ratio"]
    source = (
        f"cooling: hvac_minimum_requirements_unitary_air_conditioners_90_1[{edition}, AirCooled, "
        f"All Other, Single Package, 65000]: EER {eer}; heating: "
        f"hvac_minimum_requirements_furnaces_90_1[{edition}, Warm Air Furnace, NaturalGas, "
        f"225000]: {thermal}"
    )
    return float(thermal), float(eer) / EER, source


def mains(figures: Figures, vintage: int, zone: int) -> float:
    """Annual mean temperature of mains water in a group of zones [degC]."""
    groups = zones_of(figures, vintage)["members"]
    first = sum(len(group) for group in groups[:zone])
    air = figures["mean_air_temperature"]["value"][first : first + len(groups[zone])]
    figure = figures["hot_water"]
    return float(max(sum(air) / len(air) + figure["mains_above_air"], figure["least_mains"]))
