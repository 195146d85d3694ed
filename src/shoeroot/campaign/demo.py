"""The demo: the whole way from designs to a table and a picture, on the real engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shoeroot.campaign.prepare import default_weather, read_catalogue, read_templates
from shoeroot.campaign.run import Campaign, refuse_existing, run_campaign
from shoeroot.campaign.sample import sample_designs
from shoeroot.design import Schema
from shoeroot.engine import find_engine
from shoeroot.errors import CampaignError
from shoeroot.minitrees import load
from shoeroot.progress import progress

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DEMO_DESIGNS", "DEMO_TREEMAKERS", "Demo", "run_demo"]

DEMO_DESIGNS = 16
DEMO_TREEMAKERS = ("Basics", "Loads")


@dataclass(frozen=True, slots=True, eq=False)
class Demo:
    """What the demo made: a campaign and its mini-trees in one DataFrame."""

    campaign: Campaign
    data: pd.DataFrame


def run_demo(
    folder: str | Path,
    *,
    designs: int = DEMO_DESIGNS,
    seed: int = 0,
    templates: str | Path = "",
    weather: tuple[str, ...] = (),
    engine: str | Path | None = None,
    workers: int | None = None,
    show_progress: bool = True,
) -> Demo:
    """Sample designs, simulate a year of each, and load their mini-trees.

    Parameters
    ----------
    folder : path
        The campaign folder to make.
    designs : int
        How many.
    seed : int
        The same seed samples the same designs.
    templates : path, optional
        A UMI template library instead of the one that ships with shoeroot.
    weather : tuple of str, optional
        Weather files instead of those that come with the engine.
    engine : path, optional
        The engine's command line, instead of searching for it.
    workers : int, optional
        Simulations at once; by default one for each processor.
    show_progress : bool

    Raises
    ------
    ShoerootError
        Something is missing or wrong; nothing has been written then.
    """
    refuse_existing(Path(folder))
    found = find_engine(engine)
    names = weather or default_weather(found)
    catalogue = read_catalogue(names, found)
    with progress("Reading templates", 1, show=show_progress) as advance:
        library = read_templates(str(templates))
        advance(1)
    schema = Schema()
    batch = sample_designs(designs, library=library, weather=catalogue, schema=schema, seed=seed)
    campaign = run_campaign(
        batch,
        folder,
        schema=schema,
        weather=names,
        templates=templates,
        engine=found,
        workers=workers,
        library=library,
        show_progress=show_progress,
    )
    if not campaign.statuses:
        raise CampaignError(
            "interrupted before the first simulation had ended",
            where=str(folder),
            hint="remove the folder and start again",
        )
    return Demo(campaign, load(campaign.folder, DEMO_TREEMAKERS))
