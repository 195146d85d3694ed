"""Emission factors that Carbon takes where it is given none, each with its source and year."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

__all__ = ["EMISSION_FACTORS", "EmissionFactor"]

#: Warming of a kilogram over 100 years against that of carbon dioxide: IPCC, Fifth Assessment
#: Report (2013), table 8.A.1, without feedbacks of the climate; the EPA's tables use these too.
_METHANE, _NITROUS_OXIDE = 28.0, 265.0
_KILOGRAM_PER_POUND = 0.45359237
#: A million British thermal units (ISO 31-4: 1055.056 J each).
_KWH_PER_MMBTU = 1055.056 / 3.6

_HUB = "EPA, Emission Factors for Greenhouse Gas Inventories (GHG Emission Factors Hub), 2024"
#: The law that the Hub takes its fuels from has the same figures.
_FUELS = f"{_HUB}, table 1; 40 CFR 98, tables C-1 and C-2"
#: Of boilers that make district heat, as the Hub assumes it.
_STEAM_EFFICIENCY = 0.8
_NATURAL_GAS = (53.06, 1.0, 0.10)


class EmissionFactor(NamedTuple):
    """Greenhouse gas per energy used [kg of CO2 equivalent per kWh], and where it is from."""

    value: float
    source: str


def _per_mmbtu(carbon_dioxide: float, methane: float, nitrous_oxide: float) -> float:
    """Convert kg of carbon dioxide and g of the other gases per mmBtu to kg/kWh."""
    others = (_METHANE * methane + _NITROUS_OXIDE * nitrous_oxide) / 1000.0
    return (carbon_dioxide + others) / _KWH_PER_MMBTU


def _per_megawatt_hour(carbon_dioxide: float, methane: float, nitrous_oxide: float) -> float:
    """Convert pounds of each gas per MWh to kg/kWh."""
    pounds = carbon_dioxide + _METHANE * methane + _NITROUS_OXIDE * nitrous_oxide
    return pounds * _KILOGRAM_PER_POUND / 1000.0


#: By energy carrier. Fuels per kWh of higher heating value, at the building, without what
#: extraction and transport emit; electricity as generated, mean of the United States, without
#: losses of the grid.
EMISSION_FACTORS: Mapping[str, EmissionFactor] = MappingProxyType(
    {
        "electricity": EmissionFactor(
            _per_megawatt_hour(823.149, 0.066, 0.009),
            f"EPA, eGRID2022 (data of 2022), total output emission rates, US average; {_HUB}, "
            "table 6",
        ),
        "natural_gas": EmissionFactor(_per_mmbtu(*_NATURAL_GAS), _FUELS),
        "fuel_oil": EmissionFactor(
            _per_mmbtu(73.96, 3.0, 0.60), f"{_FUELS}, distillate fuel oil no. 2"
        ),
        "propane": EmissionFactor(
            _per_mmbtu(62.87, 3.0, 0.60), f"{_FUELS}, petroleum products: propane"
        ),
        "district_heat": EmissionFactor(
            _per_mmbtu(*(gas / _STEAM_EFFICIENCY for gas in _NATURAL_GAS)),
            f"{_HUB}, table 7 (66.33, 1.250, 0.125): natural gas at an efficiency of 80 %",
        ),
    }
)
