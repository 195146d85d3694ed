"""The tree of errors: everything that shoeroot raises on purpose.

::

    ShoerootError
    ├── ConfigError              a setting or an argument is wrong
    │   └── ExpressionError      a condition on columns cannot be read or computed
    ├── MissingExtraError        an optional package is not installed
    ├── RecordError              a record type or a record is not storable
    ├── EventFileError           an event file cannot be read or written
    ├── DesignError              a design vector is wrong
    ├── TemplateError            a template library is unreadable or lacks something
    ├── WeatherError             a weather file is missing or implausible
    ├── ModelError               a model would not do what its design says
    ├── EngineError              the simulation engine cannot be used
    │   └── EngineNotFoundError  no usable engine was found
    ├── TreeMakerError           a TreeMaker is unknown, clashes, or failed
    ├── CampaignError            a campaign folder cannot be used
    │   └── CampaignExistsError  it exists already
    ├── ExportError              an export cannot be written, resumed or read
    ├── MetaError                an ESP-r META file cannot be read or converted
    └── SiteError                rasters, units or extents of sites cannot be used

Each says what was wrong, where, and what to do. `SiteWarning` is a warning: some of the places
have no figures, the others have.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "CampaignError",
    "CampaignExistsError",
    "ConfigError",
    "DesignError",
    "EngineError",
    "EngineNotFoundError",
    "EventFileError",
    "ExportError",
    "ExpressionError",
    "MetaError",
    "MissingExtraError",
    "ModelError",
    "RecordError",
    "ShoerootError",
    "SiteError",
    "SiteWarning",
    "TemplateError",
    "TreeMakerError",
    "WeatherError",
    "nearest",
]


class ShoerootError(Exception):
    """Base of all errors raised by shoeroot.

    Parameters
    ----------
    problem : str
        What was wrong.
    where : str, optional
        File, line, branch or parameter.
    hint : str, optional
        What to do about it.
    """

    def __init__(self, problem: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(problem, where, hint)
        self.problem = problem
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        lines = [self.problem]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.hint:
            lines.append(f"  what to do: {self.hint}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments are lost by the default; errors cross processes.
        return (_rebuild, (type(self), self.problem, self.where, self.hint))


def _rebuild(kind: type[ShoerootError], problem: str, where: str, hint: str) -> ShoerootError:
    return kind(problem, where=where, hint=hint)


class ConfigError(ShoerootError):
    """A setting or an argument is wrong."""


class ExpressionError(ConfigError):
    """A condition or formula on columns cannot be read, or does not fit the columns."""


class MissingExtraError(ShoerootError):
    """An optional package is not installed."""


class RecordError(ShoerootError):
    """A record type or a record cannot be stored."""


class EventFileError(ShoerootError):
    """An event file cannot be read or written."""


class DesignError(ShoerootError):
    """A design vector is wrong."""


class TemplateError(ShoerootError):
    """A template library is unreadable or lacks something."""


class WeatherError(ShoerootError):
    """A weather file is missing or implausible."""


class ModelError(ShoerootError):
    """A model would not do what its design says."""


class EngineError(ShoerootError):
    """The simulation engine cannot be used."""


class EngineNotFoundError(EngineError):
    """No usable engine was found."""


class TreeMakerError(ShoerootError):
    """A TreeMaker is unknown, clashes with another, or failed."""


class CampaignError(ShoerootError):
    """A campaign folder cannot be used."""


class CampaignExistsError(CampaignError):
    """The campaign folder exists already."""


class ExportError(ShoerootError):
    """An export cannot be written, resumed or read."""


class MetaError(ShoerootError):
    """An ESP-r META file cannot be read or converted."""


class SiteError(ShoerootError):
    """Rasters, units or extents of sites cannot be used."""


class SiteWarning(UserWarning):
    """Some places have no figures, or their geometry was repaired; the message names them."""


def nearest(name: str, known: Iterable[str], count: int = 3) -> str:
    """Say which known names are close to `name`, as a sentence for a hint."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=count, cutoff=0.5)
    if close:
        return "did you mean " + " or ".join(repr(match) for match in close) + "?"
    shown = ", ".join(sorted(names)[:20])
    return f"known names: {shown}" if names else ""
