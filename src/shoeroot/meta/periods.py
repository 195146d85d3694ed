"""Assessments of a META model as run periods, by the typical weeks and seasons of the weather."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Any

from shoeroot.building import Weather
from shoeroot.errors import MetaError
from shoeroot.meta.losses import Loss
from shoeroot.meta.model import Assessment, MetaModel

__all__ = ["Period", "periods_of", "run_periods"]

_LAST_DAY = 365
_YEAR = 2001  # any that is no leap year
#: Months of the seasons in the north; in the south they are half a year later.
_SEASONS = {"winter": (12, 1, 2), "spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11)}
_SEVERAL = {
    "three_season": ("winter", "spring", "summer"),
    "five_season": ("winter", "spring", "summer", "autumn"),
}
_WEEK_BEFORE, _WEEK_AFTER = 3, 4


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the year that are simulated, from 1, both included, and what they are."""

    name: str
    first: int
    last: int

    @property
    def days(self) -> int:
        """How many."""
        return self.last - self.first + 1


_WHOLE_YEAR = Period("Year", 1, _LAST_DAY)


def periods_of(model: MetaModel, weather: Weather | None, losses: list[Loss]) -> list[Period]:
    """Say which days ``*assessments`` asks for: the whole year where it asks for nothing else.

    Returns
    -------
    list of Period
        In the order of the year; none overlap.

    Raises
    ------
    MetaError
        The weather file tells no typical week of a season, or there is no weather.
    """
    found: list[Period] = []
    for one in model.assessments:
        if one.season in ("annual", "default"):
            return [_WHOLE_YEAR]
        if one.season == "single" and not one.days:
            losses.append(Loss("*assessments", "single has no days: the whole year is simulated"))
            return [_WHOLE_YEAR]
        found += _of(one, weather)
    return _apart(found) or [_WHOLE_YEAR]


def run_periods(periods: list[Period]) -> dict[str, dict[str, Any]]:
    """Write periods as the engine's input has them."""
    return {
        period.name: {
            **_date("begin", period.first),
            **_date("end", period.last),
            "use_weather_file_holidays_and_special_days": "No",
            "use_weather_file_daylight_saving_period": "No",
            "apply_weekend_holiday_rule": "No",
        }
        for period in periods
    }


def _date(which: str, day: int) -> dict[str, int]:
    date = datetime.date(_YEAR, 1, 1) + datetime.timedelta(days=day - 1)
    return {f"{which}_month": date.month, f"{which}_day_of_month": date.day}


def _of(assessment: Assessment, weather: Weather | None) -> list[Period]:
    if assessment.days:
        name = f"{assessment.season} user"
        pairs = zip(assessment.days[::2], assessment.days[1::2], strict=True)
        return [part for pair in pairs for part in _within_year(name, *pair)]
    if weather is None:
        raise MetaError(
            f"*assessments,{assessment.season} needs a weather file, which tells the seasons",
            hint="give weather=",
        )
    periods = []
    for season in _SEVERAL.get(assessment.season, (assessment.season,)):
        name = f"{season} {assessment.period.replace('_', ' ')}"
        if assessment.period == "season":
            periods += _season(name, season, south=weather.latitude < 0)
            continue
        first, last = _typical_week(weather, season)
        if assessment.period == "fortnight":
            first, last = first - _WEEK_BEFORE, last + _WEEK_AFTER
        periods += _within_year(name, first, last)
    return periods


def _season(name: str, season: str, *, south: bool) -> list[Period]:
    months = [(month + 5) % 12 + 1 if south else month for month in _SEASONS[season]]
    starts = [_day(month, 1) for month in range(1, 13)] + [_LAST_DAY + 1]
    return [Period(name, starts[month - 1], starts[month] - 1) for month in sorted(months)]


def _day(month: int, day: int) -> int:
    return datetime.date(_YEAR, month, day).timetuple().tm_yday


def _typical_week(weather: Weather, season: str) -> tuple[int, int]:
    """Read from the weather file's header the week nearest to the season's average."""
    with weather.path.open(encoding="latin-1") as file:
        for line in file:
            words = [word.strip() for word in line.split(",")]
            if words[0].upper() != "TYPICAL/EXTREME PERIODS":
                continue
            for place in range(2, len(words) - 3, 4):
                name, kind, first, last = words[place : place + 4]
                if name.lower().startswith(season) and kind.lower() == "typical":
                    week = _written(first), _written(last)
                    if None not in week:
                        return week  # type: ignore[return-value]
            break
    raise MetaError(
        f"the weather file tells no typical week of {season}",
        where=f"{weather.path}, TYPICAL/EXTREME PERIODS",
        hint=f"ask for *assessments,{season},season or *assessments,annual, or take other weather",
    )


def _written(date: str) -> int | None:
    match = re.fullmatch(r"(\d+)\s*/\s*(\d+)", date)
    try:
        return _day(int(match[1]), int(match[2])) if match else None
    except ValueError:
        return None


def _within_year(name: str, first: int, last: int) -> list[Period]:
    """Part days that run over the end of the year."""
    if last < first:
        last += _LAST_DAY
    if first < 1:
        first, last = first + _LAST_DAY, last + _LAST_DAY
    if last <= _LAST_DAY:
        return [Period(name, first, last)]
    return [Period(name, 1, last - _LAST_DAY), Period(name, first, _LAST_DAY)]


def _apart(periods: list[Period]) -> list[Period]:
    """Sort periods, join those that touch or overlap, and tell their names apart."""
    joined: list[Period] = []
    for period in sorted(periods, key=lambda one: (one.first, one.last)):
        if joined and period.first <= joined[-1].last + 1:
            before = joined[-1]
            name = before.name if period.name in before.name else f"{before.name}, {period.name}"
            joined[-1] = Period(name, before.first, max(before.last, period.last))
        else:
            joined.append(period)
    names: dict[str, int] = {}
    told = []
    for period in joined:
        names[period.name] = count = names.get(period.name, 0) + 1
        name = period.name if count == 1 else f"{period.name} {count}"
        told.append(Period(name, period.first, period.last))
    return told
