"""The TreeMakers that come with shoeroot."""

from shoeroot.treemakers.admin_join import AdminJoin
from shoeroot.treemakers.basics import Basics
from shoeroot.treemakers.built_up import BuiltUp
from shoeroot.treemakers.carbon import Carbon
from shoeroot.treemakers.comfort import Comfort
from shoeroot.treemakers.design import Design
from shoeroot.treemakers.diagnostics import Diagnostics
from shoeroot.treemakers.emission_factors import EMISSION_FACTORS, EmissionFactor
from shoeroot.treemakers.envelope import Envelope
from shoeroot.treemakers.loads import Loads
from shoeroot.treemakers.monthly import Monthly
from shoeroot.treemakers.night_lights import NightLights
from shoeroot.treemakers.od_matrix import ODMatrix
from shoeroot.treemakers.quality import Quality
from shoeroot.treemakers.site_basics import SiteBasics
from shoeroot.treemakers.zones import Surfaces, Zones

__all__ = [
    "EMISSION_FACTORS",
    "AdminJoin",
    "Basics",
    "BuiltUp",
    "Carbon",
    "Comfort",
    "Design",
    "Diagnostics",
    "EmissionFactor",
    "Envelope",
    "Loads",
    "Monthly",
    "NightLights",
    "ODMatrix",
    "Quality",
    "SiteBasics",
    "Surfaces",
    "Zones",
]
