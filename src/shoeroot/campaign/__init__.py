"""Campaigns: designs in, events out; sampling, settings, running."""

from shoeroot.campaign.batch_simulator import BatchSimulator
from shoeroot.campaign.config import CampaignConfig, Fidelity
from shoeroot.campaign.dask_executor import DaskExecutor, executor_of
from shoeroot.campaign.demo import DEMO_DESIGNS, DEMO_TREEMAKERS, Demo, run_demo
from shoeroot.campaign.deviations import Deviation
from shoeroot.campaign.display import duration_text
from shoeroot.campaign.doctor import Check, examine
from shoeroot.campaign.executors import Executor
from shoeroot.campaign.fidelity_report import Correction, FidelityReport, fidelity_report
from shoeroot.campaign.init import init_campaign
from shoeroot.campaign.inspection import (
    InertParameter,
    Inspection,
    InvalidDesign,
    inspect_designs,
)
from shoeroot.campaign.local import LocalExecutor
from shoeroot.campaign.meta_run import MetaRun, meta_files, simulate_meta
from shoeroot.campaign.prepare import (
    Preparation,
    default_weather,
    prepare,
    read_catalogue,
    read_templates,
)
from shoeroot.campaign.replay import Replay, replay
from shoeroot.campaign.run import Campaign, open_campaign, resume_campaign, run_campaign
from shoeroot.campaign.sample import draw_designs, sample_designs
from shoeroot.campaign.sample_folder import Sampled, sample_campaign
from shoeroot.campaign.sampling_plan import (
    METHODS,
    SamplingPlan,
    Variation,
    parse_variation,
)
from shoeroot.campaign.site_aggregation import aggregate_to_sites
from shoeroot.campaign.site_sampling import SiteShares, share_out
from shoeroot.campaign.site_settings import SiteSettings
from shoeroot.campaign.site_table import SiteTable, read_sites
from shoeroot.campaign.site_weather import match_weather, nearest_files
from shoeroot.campaign.site_weights import site_weights, weather_shares
from shoeroot.campaign.status import (
    CampaignStatus,
    FailureGroup,
    GenerationStatus,
    campaign_status,
    failure_groups,
)
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
    "METHODS",
    "BatchSimulator",
    "Campaign",
    "CampaignConfig",
    "CampaignStatus",
    "Check",
    "Correction",
    "DaskExecutor",
    "Demo",
    "Deviation",
    "Executor",
    "FailureGroup",
    "Fidelity",
    "FidelityReport",
    "GenerationStatus",
    "InertParameter",
    "Inspection",
    "InvalidDesign",
    "LocalExecutor",
    "LostUnit",
    "MetaRun",
    "Preparation",
    "Replay",
    "Sampled",
    "SamplingPlan",
    "ShoeboxView",
    "SimulationContext",
    "SiteSettings",
    "SiteShares",
    "SiteTable",
    "UnitResult",
    "Variation",
    "WhiteboxSimulation",
    "WorkUnit",
    "aggregate_to_sites",
    "campaign_status",
    "default_weather",
    "draw_designs",
    "duration_text",
    "examine",
    "executor_of",
    "failure_groups",
    "fidelity_report",
    "init_campaign",
    "inspect_designs",
    "match_weather",
    "meta_files",
    "nearest_files",
    "open_campaign",
    "parse_variation",
    "prepare",
    "read_catalogue",
    "read_sites",
    "read_templates",
    "replay",
    "resume_campaign",
    "run_campaign",
    "run_demo",
    "sample_campaign",
    "sample_designs",
    "share_out",
    "simulate",
    "simulate_meta",
    "site_weights",
    "weather_shares",
]
