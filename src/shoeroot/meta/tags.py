"""What each tag means: how its data become a part of the typed model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from shoeroot.meta.model import (
    Action,
    Assessment,
    Boundary,
    Dialect,
    MonthlyGround,
    SimulationParameters,
    SiteExposure,
    SiteLocation,
)
from shoeroot.meta.statements import Statement, Values

__all__ = [
    "BOUNDARY_WORDS",
    "DATABASES",
    "HEADERS",
    "MODEL_TAGS",
    "PATHS",
    "ModelParts",
    "boundary_of",
]

#: Parts of a model by the names of its fields; lists grow until its end.
ModelParts = dict[str, Any]

HEADERS: Final[dict[str, Dialect]] = {
    "*silent_input": "1.1",
    "*meta_file": "1.2",
    "*meta_file_v3": "1.3",
}
PATHS: Final = (
    *("zonpth", "netpth", "ctlpth", "mscpth", "imgpth"),
    *("tmppth", "radpth", "dbspth", "docpth", "aimpth"),
)
DATABASES: Final = (
    *("mat", "prm", "stdmat", "mlc", "stdmlc", "opt", "stdopt", "prs", "stdprs"),
    *("evn", "stdevn", "mscldb", "stdmscldb", "pdb", "stdpdb", "mould", "stdmould"),
)
#: How dialect 1.3 writes the kind of a boundary.
BOUNDARY_WORDS: Final = {
    "UNKNOWN": -1,
    "EXTERIOR": 0,
    "SIMILAR": 1,
    "CONSTANT": 2,
    "ANOTHER": 3,
    "GROUND": 4,
    "ADIABATIC": 5,
    "BASESIMP": 6,
    "IDENT_CEN": 7,
}
_SEASONS = ("winter", "spring", "summer", "autumn", "three_season", "five_season")
_PERIODS = ("typical_week", "fortnight", "season")
#: Days of the year, first and last of each period, where the user gives them.
_DAYS = {"single": 2, "three_season": 6, "five_season": 10}
_MONTHS = 12


def boundary_of(values: Values, *, worded: bool) -> Boundary:
    """Take the three data that say what is behind a surface."""
    if worded:
        kind = BOUNDARY_WORDS[values.choice("boundary", BOUNDARY_WORDS)]
    else:
        kind = values.integer("kind of boundary", -1, 7)
    first, second = values.numbers("boundary", 2)
    return Boundary(kind, _whole(first), _whole(second))


def _whole(value: float) -> int | float:
    return int(value) if value == int(value) else value


def _text(name: str) -> Callable[[Statement, ModelParts], None]:
    def take(statement: Statement, parts: ModelParts) -> None:
        parts[name] = statement.text

    return take


def _named_path(group: str, name: str) -> Callable[[Statement, ModelParts], None]:
    def take(statement: Statement, parts: ModelParts) -> None:
        if not statement.text:
            raise statement.error(f"{statement.tag.text} names nothing")
        parts.setdefault(group, []).append((name, statement.text))

    return take


def _action(statement: Statement, parts: ModelParts) -> None:
    values = statement.values()
    how = values.choice("way", ("new", "within"))
    root = values.word("root name")
    layout = ""
    if len(values) and values.next_is("distributed", "single"):
        layout = values.word("layout")
    # A path takes the rest of the line.
    parts["action"] = Action(how, root, layout, values.rest())


def _site_location(statement: Statement, parts: ModelParts) -> None:
    # The document's own file has a fourth number here, which means nothing.
    parts["location"] = _location(statement.values())


def _location(values: Values) -> SiteLocation:
    latitude = values.number("latitude")
    if abs(latitude) > 90:
        raise values.statement.error(f"a latitude of {latitude:g} degrees")
    return SiteLocation(
        latitude, values.number("longitude difference"), values.number("hours from GMT")
    )


def _site_exposure(statement: Statement, parts: ModelParts) -> None:
    parts["exposure"] = _exposure(statement.values())


def _exposure(values: Values) -> SiteExposure:
    index = values.integer("exposure", 1, 8)
    views = values.all_numbers("view")
    if len(views) not in (0, 3) or (index == 8 and not views):
        raise values.statement.error(
            f"{len(views)} views instead of 3: sky, ground, buildings",
            hint="they are needed for exposure 8",
        )
    return SiteExposure(index, views)


def _site(statement: Statement, parts: ModelParts) -> None:
    values = statement.values()
    parts["location"] = _location(values)
    if len(values):
        parts["exposure"] = _exposure(values)


def _ground_reflectance(statement: Statement, parts: ModelParts) -> None:
    values = statement.values()
    parts["ground_reflectance"] = values.number("reflectance")
    values.end()


def _monthly_ground(statement: Statement, parts: ModelParts) -> None:
    values = statement.values()
    model = values.integer("ground model", 0, 3)
    months = values.numbers("reflectance by month", _MONTHS)
    snow = values.number("reflectance of snow") if len(values) else None
    values.end()
    parts["monthly_ground"] = MonthlyGround(model, months, snow)


def _snow_days(statement: Statement, parts: ModelParts) -> None:
    values = statement.values()
    parts["snow_days"] = values.numbers("days with snow", _MONTHS)
    values.end()


def _monthly_profile(statement: Statement, parts: ModelParts) -> None:
    values = statement.values()
    count = values.integer("number of profiles", 0)
    rows = tuple(values.numbers("temperature by month", _MONTHS) for _ in range(count))
    values.end()
    parts.setdefault("monthly_profiles", []).extend(rows)


def _parameters(statement: Statement, parts: ModelParts) -> None:
    values = statement.values()
    parts["parameters"] = SimulationParameters(
        values.integer("days of start-up", 0, 300),
        values.integer("zone steps an hour", 1, 60),
        values.integer("plant steps", 0, 100),
        values.integer("save level", 0, 6),
    )
    values.end()


def _assessments(statement: Statement, parts: ModelParts) -> None:
    values = statement.values()
    # ESP-r takes these words with a capital, too.
    season = values.choice("assessment", ("annual", "default", *_DAYS, *_SEASONS), any_case=True)
    period = ""
    days: tuple[int, ...] = ()
    if season in _SEASONS:
        periods = (*_PERIODS, "user") if season in _DAYS else _PERIODS
        period = values.choice("period", periods, any_case=True)
    elif season == "single" and len(values):
        period = values.choice("period", ("user",), any_case=True)
    if period == "user":
        days = tuple(values.integer("day of the year", 1, 365) for _ in range(_DAYS[season]))
    values.end()
    parts.setdefault("assessments", []).append(Assessment(season, period, days))


def _outputs(statement: Statement, parts: ModelParts) -> None:
    rows = tuple(body.strip() for _, body in statement.rows[1:])
    parts.setdefault("outputs", []).extend(rows)


def _nothing(statement: Statement, parts: ModelParts) -> None:
    """Take a tag that says nothing of its own: an end mark, or a placeholder of the format."""


MODEL_TAGS: Final[dict[str, Callable[[Statement, ModelParts], None]]] = {
    "*date": _text("date"),
    "*menu": _text("title"),
    "*title": _text("title"),
    "*doc": _text("doc"),
    "*action": _action,
    **{f"*{name}": _named_path("paths", name) for name in PATHS},
    **{f"*{name}": _named_path("databases", name) for name in DATABASES},
    "*weather_station": _text("weather_station"),
    "*site": _site,
    "*site_loc": _site_location,
    "*site_exp": _site_exposure,
    "*ground_refl_annual": _ground_reflectance,
    "*ground_refl_monthly": _monthly_ground,
    "*monthly_snow_days": _snow_days,
    "*hourly_snow_depth": _text("snow_depth_file"),
    "*monthly_profile": _monthly_profile,
    "*sim_parameters": _parameters,
    "*assessments": _assessments,
    "*start_xml": _outputs,
    "*end_xml": _nothing,
    "*ipv": _nothing,
}


def dialect_of(statement: Statement) -> Dialect:
    """Tell the dialect from the first statement.

    Raises
    ------
    MetaError
        It is no header.
    """
    from shoeroot.errors import nearest

    tag = statement.tag.text
    if tag not in HEADERS:
        raise statement.error(
            f"{tag!r} is not how a META file begins", statement.tag, nearest(tag, HEADERS)
        )
    return HEADERS[tag]
