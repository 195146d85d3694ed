"""Draw designs into a campaign folder, or more of them, and look at their models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from shoeroot.building import TemplateLibrary, Weather, read_input_schema
from shoeroot.campaign.config import FILE_NAME, CampaignConfig
from shoeroot.campaign.inspection import Inspection, inspect_designs, match_designs
from shoeroot.campaign.prepare import default_weather, read_catalogue, read_templates
from shoeroot.campaign.sample import VINTAGES, draw_designs, refuse_to_go_on
from shoeroot.campaign.sampling_plan import SamplingPlan
from shoeroot.campaign.site_sampling import SiteShares, share_out, weather_for_sites
from shoeroot.campaign.site_settings import lasting_sites
from shoeroot.design import (
    CLIMATE_ZONES,
    FloatArray,
    Schema,
    read_designs,
    read_sampling,
    write_designs,
)
from shoeroot.engine import Engine, find_engine
from shoeroot.errors import CampaignExistsError, ConfigError, DesignError
from shoeroot.progress import progress

__all__ = ["Sampled", "sample_campaign"]

DESIGNS = "designs.root"


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """What was drawn into a campaign folder.

    Attributes
    ----------
    path : Path
        ``designs.root``, with all designs.
    designs, added : int
        How many there are, and how many of them are new.
    plan : SamplingPlan
    clipped : dict of str to int
        In how many of the new designs a number was moved to the end of its range.
    inspection : Inspection or None
        Of all designs; None if it was not asked for.
    sites : SiteShares or None
        The sites that the designs stand for, and how many designs each weather file has; None
        for a campaign without sites.
    """

    path: Path
    designs: int
    added: int
    plan: SamplingPlan
    clipped: dict[str, int]
    inspection: Inspection | None
    sites: SiteShares | None = None


def sample_campaign(
    folder: str | Path,
    plan: SamplingPlan | None = None,
    *,
    extend: int = 0,
    weather: Sequence[str | Path] = (),
    templates: str | Path = "",
    sites: str | Path | Mapping[str, Any] = "",
    engine: Engine | str | Path | None = None,
    inspect: bool = True,
    show_progress: bool = True,
) -> Sampled:
    """Draw designs, write ``designs.root``, and look at their models.

    Parameters
    ----------
    folder : path
        A campaign folder. Without ``campaign.toml`` it gets one, with the weather and
        templates given.
    plan : SamplingPlan, optional
        How to draw; not with `extend`.
    extend : int
        How many designs to add to those that are there, by their own plan: the earlier
        ones stay what they are.
    weather, templates : optional
        Weather files and a UMI template library; not where ``campaign.toml`` names them.
        With `sites` also folders of .epw files, of which those nearest to a site are taken.
    sites : path or mapping, optional
        The sites that the designs are to stand for, a folder or settings with its ``path``; not
        where ``campaign.toml`` names them. Designs are shared out to weather files by the weight
        of the sites near them.
    engine : Engine or path, optional
        By default it is searched for.
    inspect : bool
        Whether to build all models and compare them.
    show_progress : bool

    Raises
    ------
    CampaignExistsError
        The folder has designs, and they are not to be extended.
    DesignError, ConfigError, WeatherError, TemplateError, EngineNotFoundError, SiteError
        Something is missing or wrong; nothing has been written.
    """
    target = Path(folder)
    path = target / DESIGNS
    if extend and not path.exists():
        raise DesignError(
            "there is no batch of designs to add to",
            where=str(path),
            hint="draw the first ones: without --extend",
        )
    if path.exists() and not extend:
        raise CampaignExistsError(
            "the campaign has designs already",
            where=str(path),
            hint="give another folder, or add to them: --extend",
        )
    found = engine if isinstance(engine, Engine) else find_engine(engine)
    config, is_new = _settings(target, weather, templates, sites, found)
    catalogue = read_catalogue(config.weather, found)
    shared = share_out(config.sites, catalogue) if config.sites else None
    shares = shared.shares if shared else None
    with progress("Reading templates", 1, show=show_progress) as advance:
        library = read_templates(config.templates)
        advance(1)
    origin = _origin(library, catalogue)
    if shared:
        origin["weather_shares"] = shared.shares.tolist()
    if extend:
        schema, before, plan = _plan_of(path, extend, origin)
    else:
        plan = plan or SamplingPlan()
        schema = _schema_for(catalogue)
        before = schema.generate_empty_storage_batch(0)
    drawn, clipped = draw_designs(
        plan,
        library=library,
        weather=catalogue,
        weather_shares=shares,
        schema=schema,
        start=len(before),
    )
    batch = np.concatenate([before, drawn])
    inspection = None
    if inspect:
        templates_of, weathers_of = match_designs(schema, batch, library, catalogue)
        inspection = inspect_designs(
            schema,
            batch,
            templates_of,
            weathers_of,
            input_schema=read_input_schema(found.schema) if found.schema else None,
            timesteps_per_hour=config.timesteps_per_hour,
            show_progress=show_progress,
        )
    told = plan.as_dict() | {"designs": len(batch), "origin": origin}
    write_designs(path, schema, batch, sampling=told)
    if is_new:
        config.write(target)
    counted = None
    if shared:
        together = len(VINTAGES) if plan.method == "archetypes" else 1
        counted = shared.counted(batch[:, schema["base_epw"].start_storage], together)
    return Sampled(path, len(batch), len(drawn), plan, clipped, inspection, counted)


def _settings(
    folder: Path,
    weather: Sequence[str | Path],
    templates: str | Path,
    sites: str | Path | Mapping[str, Any],
    engine: Engine,
) -> tuple[CampaignConfig, bool]:
    """Return the settings of a campaign folder, or new ones."""
    if (folder / FILE_NAME).exists():
        if weather or templates or sites:
            raise ConfigError(
                "the campaign's settings say which weather, templates and sites it has",
                where=str(folder / FILE_NAME),
                hint="change them there, and leave them out here",
            )
        config = CampaignConfig.read(folder)
        names = [_beside(folder, name) for name in config.weather]
        own = _beside(folder, config.templates) if config.templates else ""
        read: dict[str, Any] = {"weather": tuple(names), "templates": own}
        if config.sites and (folder / config.sites.path).exists():
            there = str(folder / config.sites.path)
            read["sites"] = config.sites.model_copy(update={"path": there})
        return config.model_copy(update=read), False
    wanted = lasting_sites(sites or "")
    chosen = weather_for_sites(weather, wanted)
    names = [_lasting(one) for one in chosen or default_weather(engine)]
    values = {
        "weather": names,
        "templates": _lasting(templates) if templates else "",
        "sites": wanted,
    }
    return CampaignConfig.from_values(values, where=str(folder)), True


def _beside(folder: Path, name: str) -> str:
    """Return the path of a file that settings name from their own folder."""
    return str(folder / name) if (folder / name).is_file() else name


def _lasting(path: str | Path) -> str:
    """Write a file as an absolute path, so that the settings hold wherever they are read."""
    return str(Path(path).absolute()) if Path(path).is_file() else str(path)


def _origin(library: TemplateLibrary, catalogue: Sequence[Weather]) -> dict[str, Any]:
    """Say what the designs were drawn with besides their plan."""
    return {"templates": library.sha256, "weather": [one.sha256 for one in catalogue]}


def _schema_for(catalogue: Sequence[Weather]) -> Schema:
    """Return a schema that tells the climate zones of the weather files apart."""
    highest = max(CLIMATE_ZONES.index(one.climate_zone or CLIMATE_ZONES[0]) for one in catalogue)
    schema = Schema()
    if highest < schema.climate_zones:
        return schema
    return Schema(climate_zones=len(CLIMATE_ZONES))


def _plan_of(
    path: Path, more: int, origin: dict[str, Any]
) -> tuple[Schema, FloatArray, SamplingPlan]:
    """Return the designs of a campaign and the plan to draw more by."""
    schema, batch = read_designs(path)
    told = read_sampling(path)
    if not told:
        raise DesignError(
            "the designs do not say how they were drawn",
            where=str(path),
            hint="only those that `shoeroot sample` drew can be extended",
        )
    if told.get("origin") != origin:
        raise DesignError(
            "the designs were drawn with other templates, other weather files or other sites",
            where=str(path),
            hint="put those back, or draw all designs anew, into another folder",
        )
    refuse_to_go_on(told.get("method"))
    return schema, batch, SamplingPlan.from_dict(told | {"designs": more})
