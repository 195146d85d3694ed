"""The tables ``[layers.*]`` of ``sites.toml``: which rasters, and what their names say."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

__all__ = [
    "BuiltUpLayer",
    "ClimateLayer",
    "FloodLayer",
    "KoppenLayer",
    "Layer",
    "LayersSettings",
    "NightLightsLayer",
    "ParticulateMatterLayer",
    "Settings",
]


class Settings(BaseModel):
    """A table of settings: no other keys, no change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Layer(Settings):
    r"""Rasters of one kind.

    Attributes
    ----------
    files : tuple of str
        Paths, patterns such as ``"viirs/*.tif"``, addresses, or templates such as
        ``"/vsis3/bucket/lights_{year}{month:02d}.tif"``.
    date : str
        What the name of a file says: as for strptime (``"%Y%m"``), or a regular expression with
        named groups (``"_E(?P<epoch>\d{4})_"``).
    expand : dict
        Values for the names in a template, such as ``{year = [2019, 2020], month = [1, 2]}``.
    scale, offset : float
        What values are multiplied by, and what is added then, to have them in the unit of the
        layer.
    valid : (least, most)
        Values in that unit that count; others are nodata.
    band : int
        Counted from 1.
    """

    files: tuple[str, ...] = Field(min_length=1)
    date: str = ""
    expand: dict[str, tuple[int | str, ...]] = Field(default_factory=dict)
    scale: float = 1.0
    offset: float = 0.0
    valid: tuple[float, float] | None = None
    band: int = Field(default=1, ge=1)

    @field_validator("files", mode="before")
    @classmethod
    def _listed(cls, given: Any) -> Any:
        return (given,) if isinstance(given, str) else given

    @field_validator("valid")
    @classmethod
    def _rising(cls, given: tuple[float, float] | None) -> tuple[float, float] | None:
        if given is not None and not given[0] <= given[1]:
            raise ValueError("the least valid value comes first, then the most")
        return given

    def fixed(self) -> dict[str, str]:
        """Give what is the same for all files, and need not be in their names."""
        return {}


class NightLightsLayer(Layer):
    """Night lights by month: a name says ``year`` and ``month``."""

    valid: tuple[float, float] | None = (0.1, float("inf"))
    month: str = Field(default="", pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")

    def fixed(self) -> dict[str, str]:
        """Give the month of all files, where it is one."""
        if not self.month:
            return {}
        year, _, month = self.month.partition("-")
        return {"year": year, "month": month}


class BuiltUpLayer(Layer):
    """Built-up surface by epoch [m2 a cell]: a name says ``epoch``."""

    epoch: int | None = None

    def fixed(self) -> dict[str, str]:
        """Give the epoch of all files, where it is one."""
        return {} if self.epoch is None else {"epoch": str(self.epoch)}


class FloodLayer(Layer):
    """Flood depths [m]: a name says ``type``, ``return_period`` and ``year``, or the table does."""

    type: str = ""
    return_period: int | None = None
    year: int | None = None
    thresholds: tuple[float, ...] = Field(default=(0.0,), min_length=1)

    @field_validator("thresholds")
    @classmethod
    def _depths(cls, given: tuple[float, ...]) -> tuple[float, ...]:
        if any(not depth >= 0 for depth in given) or len(set(given)) < len(given):
            raise ValueError("thresholds are different depths in metres, 0 or more")
        return given

    def fixed(self) -> dict[str, str]:
        """Give what is the same for all files."""
        known = {"type": self.type, "return_period": self.return_period, "year": self.year}
        return {name: str(value) for name, value in known.items() if value not in ("", None)}


class ClimateLayer(Layer):
    """Temperature [degC] or precipitation [mm] by month.

    Attributes
    ----------
    variable : str
        "t_mean", "t_min", "t_max" or "precipitation".
    month : int, optional
        Month of a file whose name says none, 1 to 12.
    year : int, optional
        Year of all files; without one, and where names say none, they are normals.
    bands : str
        "one": `band` of each file, whose name says the month; "month": a file has the months as
        bands 1 to 12.
    """

    valid: None = None

    variable: Literal["t_mean", "t_min", "t_max", "precipitation"]
    month: int | None = Field(default=None, ge=1, le=12)
    year: int | None = None
    bands: Literal["one", "month"] = "one"

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.bands == "month" and self.month is not None:
            raise ValueError('with bands = "month" a file has all months: leave `month` out')
        return self

    def fixed(self) -> dict[str, str]:
        """Give the month and the year of all files, where they are one."""
        known = {"month": self.month, "year": self.year}
        return {name: str(value).zfill(2) for name, value in known.items() if value is not None}


class ParticulateMatterLayer(Layer):
    """Fine particles by year [ug/m3]: a name says ``year``."""

    year: int | None = None

    def fixed(self) -> dict[str, str]:
        """Give the year of all files, where it is one."""
        return {} if self.year is None else {"year": str(self.year)}


class KoppenLayer(Layer):
    """One raster of Koppen-Geiger classes, numbered 1 (Af) to 30 (EF)."""

    valid: None = None


class LayersSettings(Settings):
    """All layers; each kind is a table, or several."""

    night_lights: tuple[NightLightsLayer, ...] = ()
    built_up: tuple[BuiltUpLayer, ...] = ()
    flood: tuple[FloodLayer, ...] = ()
    climate: tuple[ClimateLayer, ...] = ()
    particulate_matter: tuple[ParticulateMatterLayer, ...] = ()
    koppen: tuple[KoppenLayer, ...] = ()

    @field_validator("*", mode="before")
    @classmethod
    def _several(cls, given: Any) -> Any:
        return (given,) if isinstance(given, dict) else given
