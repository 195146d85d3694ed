"""What the results of a campaign come from, and in what it differs from another time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.campaign.config import CampaignConfig
from shoeroot.campaign.journal import Generation
from shoeroot.campaign.prepare import Preparation
from shoeroot.errors import CampaignError

__all__ = ["changed_designs", "differences", "lineage_of", "refuse"]

#: Settings that shape results; the others say how the work is done.
SETTINGS = ("timesteps_per_hour", "timeout", "check_models")
SHOWN = 10

Numbers = NDArray[np.int64]


def lineage_of(config: CampaignConfig, preparation: Preparation) -> dict[str, Any]:
    """Return all but the designs that results come from, as plain JSON."""
    lineage: dict[str, Any] = {
        **{name: getattr(config, name) for name in SETTINGS},
        "engine": preparation.engine.label,
        "templates": [preparation.library.path.name, preparation.library.sha256],
        "weather": [[weather.name, weather.sha256] for weather in preparation.catalogue],
    }
    if config.fidelity:
        lineage["fidelity"] = [[level.steps, level.share] for level in config.fidelity]
        lineage["fidelity_seed"] = config.fidelity_seed
    plain: dict[str, Any] = json.loads(json.dumps(lineage))
    return plain


def changed_designs(before: NDArray[np.uint64], now: NDArray[np.uint64]) -> Numbers:
    """Return the designs that are not what they were; those that were added are not among them."""
    both = min(len(before), len(now))
    return np.flatnonzero(before[:both] != now[:both])


def differences(last: Generation, lineage: dict[str, Any], hashes: NDArray[np.uint64]) -> list[str]:
    """Say in what settings, inputs and designs differ from a generation; one line each."""
    told = []
    for name in dict.fromkeys((*last.lineage, *lineage)):
        before, now = last.lineage.get(name), lineage.get(name)
        if before != now:
            told += _difference(name, before, now)
    changed = changed_designs(last.hashes, hashes)
    if len(changed):
        told.append(f"designs: {_listed(changed.tolist())} changed")
    if len(hashes) != len(last.hashes):
        told.append(f"designs: {len(last.hashes)} before, {len(hashes)} now")
    return told


def refuse(told: list[str], where: str, hint: str) -> CampaignError:
    """Return the error of a campaign that is not what it was."""
    lines = "".join(f"\n  {line}" for line in told)
    return CampaignError(
        f"the campaign is not what it was when it was started:{lines}", where=where, hint=hint
    )


def _difference(name: str, before: Any, now: Any) -> list[str]:
    if name != "weather" or not isinstance(before, list) or not isinstance(now, list):
        return [f"{name}: {_shown(before)} before, {_shown(now)} now"]
    told = []
    if len(before) != len(now):
        told.append(f"weather: {len(before)} files before, {len(now)} now")
    for place, (old, new) in enumerate(zip(before, now, strict=False)):
        if old != new:
            told.append(f"weather {place}: {_shown(old)} before, {_shown(new)} now")
    return told


def _shown(value: Any) -> str:
    if isinstance(value, list) and len(value) == 2:
        name, digest = value
        return f"{name} (sha256 {str(digest)[:12]})"
    return "not there" if value is None else json.dumps(value)


def _listed(numbers: Iterable[int]) -> str:
    all_numbers = list(numbers)
    shown = ", ".join(map(str, all_numbers[:SHOWN]))
    more = len(all_numbers) - SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
