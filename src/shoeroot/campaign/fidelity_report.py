"""`fidelity_report`: what the time step changes, from designs that were run with several."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shoeroot.campaign.fidelity import REPEAT, event_folders
from shoeroot.errors import CampaignError
from shoeroot.events import Events, open_events
from shoeroot.minitrees import sum_by_event, sum_series_by_event

__all__ = ["Correction", "FidelityReport", "fidelity_report"]

CONFIDENCE = 0.95
UNITS = {
    "heating": "kWh",
    "cooling": "kWh",
    "eui": "kWh/m2",
    "heating_peak": "kW",
    "cooling_peak": "kW",
}
SERIES = ("heating", "cooling")

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Correction:
    """What a quantity at one level is to be multiplied with to be that of another.

    Attributes
    ----------
    quantity, unit : str
        ``heating``, ``cooling``: heat delivered and removed in the year; ``eui``: all end uses
        over floor area; ``heating_peak``, ``cooling_peak``: highest hourly load of the building.
    steps, reference_steps : int
        Time steps an hour of the campaign, and of the level that it is compared with.
    n : int
        Designs that were run successfully with both.
    ratio : float
        Sum over those designs at the reference level, over the sum at the campaign's.
    error : float
        Standard error of the ratio; NaN with fewer than two designs.
    low, high : float
        Confidence interval of 95 %.
    spread : float
        What the correction leaves of a single design: standard deviation, over the mean.
    """

    quantity: str
    unit: str
    steps: int
    reference_steps: int
    n: int
    ratio: float
    error: float
    low: float
    high: float
    spread: float


@dataclass(frozen=True, slots=True)
class FidelityReport:
    """Corrections of a campaign, level by level and quantity by quantity."""

    folder: Path
    corrections: tuple[Correction, ...]

    def __str__(self) -> str:
        lines = []
        for one in self.corrections:
            if one.quantity == next(iter(UNITS)):
                lines.append(
                    f"from {one.steps} to {one.reference_steps} time steps an hour: "
                    f"n = {one.n} designs, 95 % confidence"
                )
            lines.append(
                f"  {one.quantity:<13} x {one.ratio:.4f} +- {one.error:.4f}  "
                f"[{one.low:.4f}, {one.high:.4f}]  ({one.spread:.4f} for one design)"
            )
        return "\n".join(lines)


def fidelity_report(campaign: str | Path) -> FidelityReport:
    """Compare the designs of a campaign that were run at several levels of fidelity.

    The correction is the ratio of sums over the same designs (Cochran, Sampling Techniques, 3rd
    edition, section 6.4), with the standard error of its linear form and Student's t for the
    confidence interval.

    Raises
    ------
    CampaignError
        There are no two levels to compare.
    """
    folder = Path(campaign)
    first, *repeated = event_folders(folder)
    found = [one for one in repeated if any(one.glob("part-*.root"))]
    if not found or not any(first.glob("part-*.root")):
        raise CampaignError(
            "no design was run at two levels of fidelity",
            where=str(folder),
            hint="campaign.toml: fidelity = [{steps = 2}, {steps = 6, share = 0.1}]",
        )
    corrections: list[Correction] = []
    for events_folder in found:
        corrections += _compared(first, events_folder)
    return FidelityReport(folder, tuple(corrections))


def _compared(first: Path, repeated: Path) -> list[Correction]:
    with open_events(repeated) as events, open_events(first) as all_events:
        finished = events.select(np.asarray(events["status"]) == "ok")
        designs = np.asarray(finished["event_id"]) % REPEAT
        numbers = np.asarray(all_events["event_id"])
        ok = np.asarray(all_events["status"]) == "ok"
        same = all_events.select(np.isin(numbers, designs) & ok)
        both = np.intersect1d(designs, np.asarray(same["event_id"]))
        finished = finished.select(np.isin(designs, both))
        before, after = _quantities(same), _quantities(finished)
        steps = _steps(same), _steps(finished)
        order = (
            np.argsort(np.asarray(same["event_id"])),
            np.argsort(np.asarray(finished["event_id"])),
        )
    return [
        _correction(name, *steps, before[name][order[0]], after[name][order[1]]) for name in UNITS
    ]


def _steps(events: Events) -> int:
    steps = np.asarray(events["timesteps_per_hour"])
    return int(steps[0]) if len(steps) else 0


def _quantities(events: Events) -> dict[str, FloatArray]:
    """Return the quantities that are compared, (n_events,) each."""
    found = {name: sum_by_event(events["zones"][name]) for name in SERIES}
    found["eui"] = sum_by_event(events["end_uses"]["total"]) / np.asarray(events["floor_area"])
    pieces: dict[str, list[FloatArray]] = {name: [] for name in SERIES}
    for rows in events.rows("zones.hourly", SERIES):
        for name in SERIES:
            pieces[name].append(sum_series_by_event(rows.arrays[name], rows.counts).max(axis=1))
    for name, peaks in pieces.items():
        found[f"{name}_peak"] = np.concatenate(peaks) if peaks else np.empty(0)
    return found


def _correction(
    name: str, steps: int, reference_steps: int, before: FloatArray, after: FloatArray
) -> Correction:
    from scipy import stats

    n = len(before)
    total = float(before.sum())
    ratio = float(after.sum()) / total if total else np.nan
    error = half = spread = np.nan
    if n > 1 and total:
        residuals = after - ratio * before
        error = float(np.sqrt((residuals**2).sum() / (n - 1) / n) / (total / n))
        half = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * error
        spread = error * float(np.sqrt(n))
    return Correction(
        quantity=name,
        unit=UNITS[name],
        steps=steps,
        reference_steps=reference_steps,
        n=n,
        ratio=ratio,
        error=error,
        low=ratio - half,
        high=ratio + half,
        spread=spread,
    )
