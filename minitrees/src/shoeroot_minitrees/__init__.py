"""Contributed TreeMakers for shoeroot, and an example of a distribution that brings TreeMakers."""

from shoeroot_minitrees.demand_flexibility import DemandFlexibility
from shoeroot_minitrees.retrofit_savings import RetrofitSavings
from shoeroot_minitrees.thermal_resilience import ThermalResilience

__all__ = ["DemandFlexibility", "RetrofitSavings", "ThermalResilience"]
