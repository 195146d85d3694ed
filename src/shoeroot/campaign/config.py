"""``campaign.toml``: what a campaign simulates and how, validated before anything runs."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shoeroot.errors import ConfigError, nearest

__all__ = ["CampaignConfig"]

FILE_NAME = "campaign.toml"


class CampaignConfig(BaseModel):
    """The settings of a campaign.

    Attributes
    ----------
    weather : tuple of str
        The weather catalogue: paths, or names of files that come with the
        engine. A design's `base_epw` is an index into it.
    templates : str
        Path of a UMI template library; empty for the one that ships with shoeroot.
    engine : str
        Path of the engine's command line; empty to search for it.
    timesteps_per_hour : int
        1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60.
    timeout : float
        Longest time for one simulation [s].
    check_models : bool
        Whether a model is checked before the engine runs it. Without, the
        engine judges alone, and some wrong models pass without a word.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    weather: tuple[str, ...] = Field(min_length=1)
    templates: str = ""
    engine: str = ""
    timesteps_per_hour: Literal[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60] = 4
    timeout: float = Field(default=600.0, gt=0)
    check_models: bool = True

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
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            unknown = first["type"] == "extra_forbidden"
            raise ConfigError(
                f"unknown setting {name!r}" if unknown else f"{name}: {first['msg']}",
                where=where,
                hint=nearest(name, cls.model_fields) if unknown else "correct the value",
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
                hint="is this a campaign folder?",
            ) from error
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"not TOML: {error}", where=str(path), hint="correct it") from error
        return cls.from_values(values, where=str(path))

    def write(self, folder: Path) -> None:
        """Write the settings into a campaign folder."""
        temporary = folder / f"{FILE_NAME}.part"
        temporary.write_text(tomli_w.dumps(self.model_dump()), encoding="utf-8")
        temporary.replace(folder / FILE_NAME)
