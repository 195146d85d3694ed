"""Campaigns: designs in, events out; sampling, settings, running."""

from shoeroot.campaign.config import CampaignConfig
from shoeroot.campaign.demo import DEMO_DESIGNS, DEMO_TREEMAKERS, Demo, run_demo
from shoeroot.campaign.doctor import Check, examine
from shoeroot.campaign.executors import Executor
from shoeroot.campaign.prepare import (
    Preparation,
    default_weather,
    prepare,
    read_catalogue,
    read_templates,
)
from shoeroot.campaign.run import Campaign, run_campaign
from shoeroot.campaign.sample import sample_designs
from shoeroot.campaign.whitebox import ShoeboxView, WhiteboxSimulation
from shoeroot.campaign.work import (
    LostUnit,
    SimulationContext,
    UnitResult,
    WorkUnit,
    simulate,
)

__all__ = [
    "DEMO_DESIGNS",
    "DEMO_TREEMAKERS",
    "Campaign",
    "CampaignConfig",
    "Check",
    "Demo",
    "Executor",
    "LostUnit",
    "Preparation",
    "ShoeboxView",
    "SimulationContext",
    "UnitResult",
    "WhiteboxSimulation",
    "WorkUnit",
    "default_weather",
    "examine",
    "prepare",
    "read_catalogue",
    "read_templates",
    "run_campaign",
    "run_demo",
    "sample_designs",
    "simulate",
]
