"""What the figures file says of each template: resistances, windows, loads, air leakage."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from shoeroot.building.glazing import Pane, simple_glazing_resistance, solar_heat_gain

R_VALUE = 0.1761  # m2 K/W in one h ft2 F/Btu
U_VALUE = 5.678  # W/(m2 K) in one Btu/(h ft2 F)
MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
VINTAGE_KEYS = ("before_1940", "from_1940_to_1979", "from_1980_to_2003", "from_2004")
SQUARE_FOOT = 0.09290304  # m2


def weighted(values: Sequence[float], weights: Sequence[float]) -> float:
    """Mean of some values with weights that need not sum to 1."""
    total = sum(weights)
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / total


def significant(value: float, digits: int = 3) -> float:
    """Round to as many significant digits as archetypal writes."""
    return float(f"{value:.{digits - 1}e}")


def wall_layer(figures: dict[str, Any], nominal: float) -> float:
    """Resistance of a framed wall layer with insulation of a nominal R-value [m2 K/W]."""
    framing = figures["framing"]
    depth = framing["depth"]["from_r19" if nominal >= 19.0 else "usual"]
    cavity = nominal * R_VALUE if nominal else figures["air_space"]["wall"]
    share = framing["fraction"]
    return float(1.0 / (share * framing["wood"]["conductivity"] / depth + (1.0 - share) / cavity))


def stock_resistance(
    figures: dict[str, Any], what: str, region: str, vintage: int, layer: list[float]
) -> float:
    """Resistance whose conductance is the mean over the homes of a region and vintage [m2 K/W].

    `layer` is the resistance for each insulation option.
    """
    stock = figures["decades"]["stock"]
    share = figures["decades"]["share"][VINTAGE_KEYS[vintage]]
    conductance = total = 0.0
    for decade, homes in enumerate(figures[what]["shares"][region]):
        weight = stock[decade] * share[decade]
        conductance += weight * weighted([1.0 / each for each in layer], homes)
        total += weight
    return total / conductance


def wall_resistance(figures: dict[str, Any], region: str, vintage: int) -> float:
    """Resistance of the insulated wall layer of a region and vintage [m2 K/W]."""
    layer = [wall_layer(figures, nominal) for nominal in figures["wall_insulation"]["options"]]
    return stock_resistance(figures, "wall_insulation", region, vintage, layer)


def ceiling_resistance(figures: dict[str, Any], region: str, vintage: int) -> float:
    """Resistance of ceiling insulation and roof space of a region and vintage [m2 K/W]."""
    space = figures["roof_space"]["resistance"]
    layer = [nominal * R_VALUE + space for nominal in figures["ceiling_insulation"]["options"]]
    return stock_resistance(figures, "ceiling_insulation", region, vintage, layer)


def window_figures(
    figures: dict[str, Any], program: int, vintage: int, zone: int
) -> tuple[float, float, float]:
    """Mean U-value [W/(m2 K)], solar gain and visible transmittance of the stock's windows."""
    windows = figures["windows"]
    kind = "single_family" if program < 2 else "multi_family"
    rows = windows[kind][figures["zones"]["window_group"]["of"][zone]]
    periods = windows["share_of_period"][VINTAGE_KEYS[vintage]]
    homes = [weighted(column, periods) for column in zip(*rows, strict=True)]
    options = windows["options"]["values"]
    u_value = weighted([option[0] for option in options], homes) * U_VALUE
    shgc = weighted([option[1] for option in options], homes)
    visible = weighted([option[1] * option[2] for option in options], homes)
    return u_value, shgc, visible


def equivalent_layer(u_value: float) -> tuple[float, float]:
    """Thickness [m] and conductivity [W/(m K)] of the layer of a simple glazing system.

    UMI libraries keep the one to the millimetre and the other to 0.01 W/(m K): of those,
    the pair next to the resistance.
    """
    resistance = simple_glazing_resistance(u_value)
    pairs = [(mm / 1000.0, k / 100.0) for mm in range(1, 61) for k in range(1, 60)]
    return min(pairs, key=lambda pair: (abs(pair[0] / pair[1] - resistance), pair))


def equivalent_optics(shgc: float, resistance: float) -> tuple[float, float]:
    """Solar transmittance and reflectance, to 0.01, of the layer with this solar gain."""
    best = (math.inf, 0.0, 0.0)
    for transmitted in range(1, 95):
        for absorbed in range(4, 16):
            reflected = 100 - transmitted - absorbed
            if reflected < 1:
                continue
            pane = Pane(transmitted / 100, reflected / 100, reflected / 100)
            miss = abs(solar_heat_gain([pane], [resistance]) - shgc)
            best = min(best, (round(miss, 9), pane.transmittance, pane.reflectance_front))
    return best[1], best[2]


def full_scale(months: list[list[float]]) -> tuple[list[list[float]], float]:
    """Scale a schedule to a highest value of 1, to 3 decimals; return its mean over the year."""
    highest = max(max(values) for values in months)
    scaled = [[round(value / highest, 3) for value in values] for values in months]
    lengths = MONTH_LENGTHS if len(months) == 12 else (365,)
    daily = [sum(values) / 24.0 for values in scaled]
    return scaled, weighted(daily, lengths)


def equipment(figures: dict[str, Any], program: int) -> dict[str, float]:
    """Annual consumption of each kind of equipment of a dwelling [kWh]."""
    figure = figures["equipment"]
    people, rooms = occupants(figures, program), figures["bedrooms"]["value"][program]
    area = figures["floor_area"]["value"][program] / SQUARE_FOOT
    uses = {
        name: figure[name]["constant"][program]
        + figure[name]["per_occupant"][program] * people
        + figure[name]["per_square_foot"][program] * area
        for name in ("other", "television")
    }
    for name in ("refrigerator", "cooking"):
        uses[name] = figure[name]["constant"] + figure[name]["per_bedroom"] * rooms
    return uses


def occupants(figures: dict[str, Any], program: int) -> float:
    """Residents of a dwelling."""
    figure = figures["occupants"]
    rooms = figures["bedrooms"]["value"][program]
    return float((rooms - figure["constant"][program]) / figure["slope"][program])


def infiltration(figures: dict[str, Any], program: int, vintage: int, zone: int) -> float:
    """Annual mean infiltration [air changes per hour]."""
    leakage, zones = figures["leakage"], figures["zones"]
    warm = zones["names"][zone][0] in "0123"
    logarithm = (
        leakage["vintage"]["coefficient"][vintage]
        + zones["leakage"]["coefficient"][zone]
        + leakage["area"]["coefficient"] * leakage["area"]["value"]
        + leakage["height"]["coefficient"] * leakage["height"]["value"][program]
        + leakage["foundation"]["slab" if warm else "basement"]
        + leakage["ducts"]["coefficient"]
    )
    factor = zones["weather_factor"]["value"][zone] * leakage["to_air_changes"]["factor"]
    return float(math.exp(logarithm) * factor)
