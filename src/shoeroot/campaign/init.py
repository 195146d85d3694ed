"""Begin a campaign folder with settings to look at before anything runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shoeroot.campaign.config import FILE_NAME, CampaignConfig
from shoeroot.campaign.prepare import default_weather, read_catalogue
from shoeroot.campaign.site_sampling import share_out, weather_for_sites
from shoeroot.campaign.site_settings import lasting_sites
from shoeroot.engine import find_engine
from shoeroot.errors import CampaignError, CampaignExistsError
from shoeroot.minitrees import find_treemaker

__all__ = ["init_campaign"]


def init_campaign(
    folder: str | Path,
    *,
    weather: Sequence[str | Path] = (),
    templates: str | Path = "",
    timesteps_per_hour: int = 4,
    make: Sequence[str] = (),
    engine: str | Path | None = None,
    sites: str | Path | Mapping[str, Any] = "",
) -> Path:
    """Write a commented ``campaign.toml``; the designs come from `sample` or `write_designs`.

    Parameters
    ----------
    folder : path
        Made if it is not there; it may have designs already.
    weather : sequence of paths or names
        By default those that come with the engine. With `sites` also folders of .epw files,
        of which those nearest to a site are taken.
    templates : path
        By default the library that ships with shoeroot.
    timesteps_per_hour : int
    make : sequence of str
        TreeMakers.
    engine : path, optional
        By default it is searched for.
    sites : path or mapping, optional
        The sites that the designs are to stand for: a folder, or settings with its ``path``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    CampaignExistsError
        The folder has settings already.
    ConfigError, WeatherError, TreeMakerError, EngineNotFoundError, SiteError
        A setting is wrong; nothing has been written.
    """
    target = Path(folder)
    path = target / FILE_NAME
    if path.exists():
        raise CampaignExistsError(
            "the campaign has its settings already",
            where=str(path.absolute()),
            hint="edit that file, or give another folder",
        )
    found = find_engine(engine)
    for name in make:
        find_treemaker(name)
    chosen = weather_for_sites(weather, lasting_sites(sites or ""))
    given = [str(Path(one).absolute()) if Path(one).is_file() else str(one) for one in chosen]
    values: dict[str, Any] = {
        "weather": given or default_weather(found),
        "templates": str(Path(templates).absolute()) if templates else "",
        "engine": str(found.path) if engine else "",
        "timesteps_per_hour": timesteps_per_hour,
        "make": list(make),
        "sites": lasting_sites(sites or ""),
    }
    config = CampaignConfig.from_values(values, where="init")
    catalogue = read_catalogue(config.weather, found)
    if config.sites:
        share_out(config.sites, catalogue)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CampaignError(
            f"the campaign folder cannot be made: {error.strerror or error}",
            where=str(target.absolute()),
            hint="give a folder on a disk with room that you may write to",
        ) from error
    config.write(target)
    return path
