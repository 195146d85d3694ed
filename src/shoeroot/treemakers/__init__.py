"""The TreeMakers that come with shoeroot."""

from shoeroot.treemakers.basics import Basics
from shoeroot.treemakers.carbon import Carbon
from shoeroot.treemakers.comfort import Comfort
from shoeroot.treemakers.design import Design
from shoeroot.treemakers.diagnostics import Diagnostics
from shoeroot.treemakers.emission_factors import EMISSION_FACTORS, EmissionFactor
from shoeroot.treemakers.envelope import Envelope
from shoeroot.treemakers.loads import Loads
from shoeroot.treemakers.monthly import Monthly
from shoeroot.treemakers.quality import Quality
from shoeroot.treemakers.zones import Surfaces, Zones

__all__ = [
    "EMISSION_FACTORS",
    "Basics",
    "Carbon",
    "Comfort",
    "Design",
    "Diagnostics",
    "EmissionFactor",
    "Envelope",
    "Loads",
    "Monthly",
    "Quality",
    "Surfaces",
    "Zones",
]
