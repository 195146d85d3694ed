"""``campaign.toml``: what a campaign simulates and how, validated before anything runs."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal, get_args

import tomli_w
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from shoeroot.campaign.site_settings import SiteSettings, site_settings
from shoeroot.errors import CampaignError, ConfigError, nearest

__all__ = ["FILE_NAME", "CampaignConfig", "Fidelity"]

FILE_NAME = "campaign.toml"

_HEAD = """\
# What this campaign simulates, and how. `shoeroot run` reads it; the designs are in designs.root
# beside it. What shapes the results cannot change once simulations have ended, but for
# `shoeroot run --amend`.
"""


Steps = Literal[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60]


class Fidelity(BaseModel):
    """A level of fidelity: time steps an hour, and the share of designs that is run with them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: Steps
    share: float = Field(default=1.0, gt=0, le=1)


class CampaignConfig(BaseModel):
    """The settings of a campaign.

    Attributes
    ----------
    weather : tuple of str
        The weather catalogue: paths, or names of files that come with the
        engine. A design's `base_epw` is an index into it.
    templates : str
        Path of a UMI template library; empty for the one that ships with shoeroot.
    sites : SiteSettings or None
        The sites that the designs stand for. They say how many designs each weather file gets,
        and results are brought back to them; simulations do not depend on them.
    engine : str
        Path of the engine's command line; empty to search for it.
    timesteps_per_hour : int
        1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60.
    fidelity : tuple of Fidelity
        All designs are run at the first level, a random share of them again at the others, in
        ``fidelity/<steps>/events``. Empty for `timesteps_per_hour` alone.
    fidelity_seed : int
        Decides which designs those are.
    timeout : float
        Longest time for one simulation [s].
    check_models : bool
        Whether a model is checked before the engine runs it. Without, the
        engine judges alone, and some wrong models pass without a word.
    make : tuple of str
        TreeMakers whose mini-trees are made while the campaign runs.
    workers : int
        Simulations at once; 0 for one a processor.
    cache : str
        A folder in which campaigns share the results of identical models;
        empty for none.
    cache_gigabytes : float
        Above it, results in that folder that were not used for long go; 0 for no limit.
    commit_events, commit_seconds : int, float
        Events go to disk when so many wait, or the first has waited so long [s].
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    weather: tuple[str, ...] = Field(
        min_length=1,
        description="Weather files: paths (relative ones from this folder), or names of files "
        "that come with the engine.\nA design's base_epw counts them from 0.",
    )
    templates: str = Field(
        default="", description="A UMI template library; empty: the one that ships with shoeroot."
    )
    sites: SiteSettings | None = Field(
        default=None,
        description="A folder of sites that `shoeroot sites build` made: designs are shared out\n"
        "to weather files by the sites near them, and results brought back to them; empty: none.\n"
        'With settings: {path = "sites", weights = "built", floor_area = 2.5}; see docs/sites.md.',
    )
    engine: str = Field(
        default="", description="The engine's command line or its folder; empty: search for it."
    )
    timesteps_per_hour: Steps = Field(
        default=4, description="Zone time steps an hour: 1, 2, 4, 6, ..."
    )
    fidelity: tuple[Fidelity, ...] = Field(
        default=(),
        description="Several levels, such as [{steps = 2}, {steps = 6, share = 0.1}]: all designs\n"
        "are run with the steps of the first, which timesteps_per_hour then is, and a random\n"
        "share of them again with those of the others.",
    )
    fidelity_seed: int = Field(
        default=0, ge=0, description="Which designs those are: another seed gives others."
    )
    timeout: float = Field(default=600.0, gt=0, description="Longest time for a simulation [s].")
    check_models: bool = Field(
        default=True, description="Whether models are checked before the engine runs them."
    )
    make: tuple[str, ...] = Field(
        default=(), description='TreeMakers to make mini-trees with, such as ["Basics", "Loads"].'
    )
    workers: int = Field(
        default=0, ge=0, description="Simulations at once; 0: one for each processor."
    )
    cache: str = Field(
        default="",
        description="A folder in which campaigns share the results of identical models; "
        "empty: none.",
    )
    cache_gigabytes: float = Field(
        default=0.0,
        ge=0,
        description="Above it, results in that folder that were not used for long go; 0: no limit.",
    )
    commit_events: int = Field(
        default=100,
        ge=1,
        le=1000,
        description="Events go to disk when so many wait,",
    )
    commit_seconds: float = Field(
        default=15.0, gt=0, description="or when the first of them has waited so long [s]."
    )

    @model_validator(mode="before")
    @classmethod
    def _first_level(cls, values: Any) -> Any:
        """Let the first level of fidelity say how many steps there are."""
        levels = values.get("fidelity") if isinstance(values, dict) else None
        try:
            steps = dict(levels[0])["steps"] if levels else None
        except (TypeError, KeyError, ValueError, IndexError):
            steps = None
        # What is wrong with the levels is told by their own check.
        return {**values, "timesteps_per_hour": steps} if steps in get_args(Steps) else values

    @field_validator("sites", mode="before")
    @classmethod
    def _sites(cls, sites: Any) -> Any:
        return site_settings(sites)

    @field_validator("fidelity")
    @classmethod
    def _levels(cls, levels: tuple[Fidelity, ...]) -> tuple[Fidelity, ...]:
        if levels and levels[0].share < 1:
            raise ValueError("all designs are run at the first level: it has no share")
        if len({level.steps for level in levels}) < len(levels):
            raise ValueError("each level has other steps")
        return levels

    @classmethod
    def from_values(cls, values: dict[str, Any], *, where: str) -> CampaignConfig:
        """Check settings.

        Raises
        ------
        ConfigError
            A setting is unknown (names the nearest) or its value is wrong.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            # A misspelt name is why another one is missing: it is told first.
            found = sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
            first = found[0]
            name = ".".join(str(part) for part in first["loc"])
            unknown = first["type"] == "extra_forbidden"
            nested = len(first["loc"]) > 1
            inside = SiteSettings if first["loc"][:1] == ("sites",) else Fidelity
            known = inside.model_fields if nested else cls.model_fields
            missing = first["type"] == "missing"
            other = (
                "add it; `shoeroot init` writes all settings" if missing else "correct the value"
            )
            raise ConfigError(
                f"unknown setting {name!r}" if unknown else f"{name}: {first['msg']}",
                where=where,
                hint=nearest(str(first["loc"][-1]), known) if unknown else other,
            ) from error

    @classmethod
    def read(cls, folder: Path) -> CampaignConfig:
        """Read the settings of a campaign folder.

        Raises
        ------
        ConfigError
            The file is missing, no TOML, or a setting is wrong.
        """
        path = folder / FILE_NAME
        try:
            with path.open("rb") as file:
                values = tomllib.load(file)
        except OSError as error:
            raise ConfigError(
                f"the campaign's settings cannot be read: {error.strerror}",
                where=str(path),
                hint="is this a campaign folder? `shoeroot init` makes one",
            ) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"not TOML: {error}", where=str(path), hint="correct it") from error
        return cls.from_values(values, where=str(path))

    def changed(self, values: dict[str, Any], *, where: str) -> CampaignConfig:
        """Return these settings with other values for some; see `from_values`."""
        return self.from_values({**self.model_dump(), **values}, where=where)

    def text(self) -> str:
        """Return the settings as commented TOML."""
        lines = [_HEAD]
        for name, field in type(self).model_fields.items():
            comment = [f"# {line}" for line in (field.description or "").splitlines()]
            setting = _setting(name, getattr(self, name))
            lines += ["\n".join([*comment, setting, ""])]
        return "\n".join(lines)

    def write(self, folder: Path) -> None:
        """Write the settings into a campaign folder, with a comment for each.

        Raises
        ------
        CampaignError
            The folder cannot be written.
        """
        temporary = folder / f"{FILE_NAME}.part"
        try:
            temporary.write_text(self.text(), encoding="utf-8")
            temporary.replace(folder / FILE_NAME)
        except OSError as error:
            raise CampaignError(
                f"the campaign's settings cannot be written: {error.strerror or error}",
                where=str(folder / FILE_NAME),
                hint="give a folder on a disk with room that you may write to",
            ) from error


def _setting(name: str, value: Any) -> str:
    if name == "fidelity":
        # In one line: a table of its own would take the settings after it.
        levels = [f"{{steps = {one.steps}, share = {one.share!r}}}" for one in value]
        return f"{name} = [{', '.join(levels)}]"
    if isinstance(value, SiteSettings):
        told = [f"{key} = {_inline(one)}" for key, one in value.given().items()]
        return f"{name} = {{{', '.join(told)}}}"
    if value is None:
        value = ""
    plain = list(value) if isinstance(value, tuple) else value
    return tomli_w.dumps({name: plain}).strip()


def _inline(value: Any) -> str:
    """Write a value of a table that stands in one line."""
    if isinstance(value, list):
        return f"[{', '.join(map(_inline, value))}]"
    return tomli_w.dumps({"a": value}).strip().removeprefix("a = ")
