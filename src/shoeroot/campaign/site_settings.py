"""Settings of ``campaign.toml`` about sites: which there are, and what each of them weighs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

__all__ = ["SiteSettings", "SiteWeight", "lasting_sites", "site_settings"]

SiteWeight = Literal["population", "built"]


class SiteSettings(BaseModel):
    """The sites that a campaign stands for.

    Attributes
    ----------
    path : str
        A folder of `Site` events, as ``shoeroot sites build`` makes it, the ``sites.toml`` that it
        was made by, or one file of them.
    weights : str
        ``population``: people; ``built``: built-up surface.
    epoch : int
        Year of the built-up surface; 0 for the newest.
    level : str
        Only sites of this level: ``urban_centre`` or ``urban_cluster``; empty for all.
    places : tuple of str
        Only sites of these names or ids; empty for all.
    power : float
        Designs a climate are proportional to its sites' weight to this power, which is 1 for
        the smallest error of the sum of all sites and 0 for as many in each climate (power
        allocation, M. D. Bankier, The American Statistician 42 (1988) 174-177).
    floor_area : float
        Floor area a person, or a m2 of built-up surface [m2]; 0 where it is not known.
    max_distance : float
        Sites whose nearest weather station is farther are refused [km]; 0 for no limit.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(min_length=1)
    weights: SiteWeight = "population"
    epoch: int = Field(default=0, ge=0)
    level: str = ""
    places: tuple[str, ...] = ()
    power: float = Field(default=1.0, ge=0, le=1)
    floor_area: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    max_distance: float = Field(default=0.0, ge=0, allow_inf_nan=False)

    @field_validator("places", mode="before")
    @classmethod
    def _texts(cls, places: Any) -> Any:
        """Take the ids of sites as numbers, too."""
        if isinstance(places, list | tuple):
            return tuple(str(one) if isinstance(one, int) else one for one in places)
        return places

    def given(self) -> dict[str, Any]:
        """Return the settings that are not as by default, as plain values."""
        told = self.model_dump(exclude_defaults=True)
        return {name: list(one) if isinstance(one, tuple) else one for name, one in told.items()}


def site_settings(value: Any) -> Any:
    """Read ``sites = "folder"`` as settings with that path; an empty one is none."""
    if isinstance(value, Path):
        value = str(value)
    if isinstance(value, str):
        return {"path": value} if value else None
    return value


def lasting_sites(sites: Any) -> Any:
    """Write the path of sites as an absolute one, so that settings hold wherever they are read."""
    value = site_settings(sites)
    if isinstance(value, SiteSettings):
        value = value.given()
    if isinstance(value, dict) and isinstance(value.get("path"), str | Path):
        path = Path(value["path"])
        return {**value, "path": str(path.absolute()) if path.exists() else str(path)}
    return value
