"""What is drawn for a campaign and how: a method, a seed, and the numbers that vary.

A plan and the templates and weather that it is drawn with fix every design, so that a
batch can be drawn again, and extended where the method allows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from shoeroot.design import (
    FloatArray,
    NumericParameter,
    OneHotParameter,
    Parameter,
    Schema,
    ShoeboxGeometryParameter,
)
from shoeroot.errors import DesignError, nearest

__all__ = [
    "EXTENDABLE",
    "METHODS",
    "SamplingMethod",
    "SamplingPlan",
    "Variation",
    "parse_variation",
]

SamplingMethod = Literal["archetypes", "normal", "uniform", "lhs", "sobol", "grid"]
METHODS: tuple[SamplingMethod, ...] = get_args(SamplingMethod)
#: Methods whose earlier designs stay what they are when there are to be more.
EXTENDABLE: tuple[SamplingMethod, ...] = ("uniform", "sobol")
#: What chooses a design's template and weather; drawn unless a variation says otherwise.
PLACES = ("program_type", "vintage", "base_epw")
#: Numbers that are counted, and so are drawn as whole ones.
WHOLE = ("vintage", "base_epw", "schedules_seed")
MOST_ON_A_GRID = 10**7


@dataclass(frozen=True, slots=True)
class Variation:
    """The values that one number of a design takes.

    Attributes
    ----------
    column : str
        As in `Schema.to_frame`: ``wwr``, ``WindowSettings.shgc``.
    low, high : float or None
        A range; None for that of its parameter.
    values : tuple of float
        These and no others, instead of a range.
    count : int
        How many values of the range a grid has.
    """

    column: str
    low: float | None = None
    high: float | None = None
    values: tuple[float, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """How a batch of designs is drawn.

    Attributes
    ----------
    method : str
        ``archetypes``: `sample_designs`, boxes from normal distributions, each in every
        vintage. ``normal``: normal distributions, spread as a Latin hypercube; ``uniform``:
        each number alone; ``lhs``: a Latin hypercube; ``sobol``: a scrambled Sobol
        sequence; ``grid``: all combinations.
    designs : int
        How many; 0 for as many as a grid has.
    seed : int
    vary : tuple of Variation
        What varies besides program, vintage and weather; nothing for the eight figures of
        the box and its orientation.
    """

    method: SamplingMethod = "archetypes"
    designs: int = 16
    seed: int = 0
    vary: tuple[Variation, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise DesignError(
                f"there is no method {self.method!r}",
                where="method",
                hint=nearest(str(self.method), METHODS),
            )
        names = [one.column for one in self.vary]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise DesignError(
                f"{twice} is to vary in two ways", where=twice, hint="give it one range"
            )
        if self.method == "archetypes" and self.vary:
            raise DesignError(
                f"{names[0]} cannot be varied with the method 'archetypes'",
                where=names[0],
                hint="choose another: " + ", ".join(METHODS[1:]),
            )
        if (self.designs != 0) == (self.method == "grid") or self.designs < 0:
            raise DesignError(
                f"{self.designs} designs cannot be drawn by the method {self.method!r}",
                where="designs",
                hint="ask for 1 or more; a grid has its own number",
            )
        if self.method == "grid" and not self.vary:
            raise DesignError(
                "a grid of nothing",
                where="vary",
                hint="say what varies, such as wwr=0.2:0.6:5 or orientation=0,1,2,3",
            )

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as plain figures and texts; `from_dict` takes them."""
        return {
            "method": self.method,
            "designs": self.designs,
            "seed": self.seed,
            "vary": [
                {
                    "column": one.column,
                    "low": one.low,
                    "high": one.high,
                    "values": list(one.values),
                    "count": one.count,
                }
                for one in self.vary
            ],
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> SamplingPlan:
        """Return the plan that `as_dict` told.

        Raises
        ------
        DesignError
            That is no plan.
        """
        try:
            vary = tuple(
                Variation(
                    str(one["column"]),
                    one["low"],
                    one["high"],
                    tuple(map(float, one["values"])),
                    int(one["count"]),
                )
                for one in told["vary"]
            )
            return cls(told["method"], int(told["designs"]), int(told["seed"]), vary)
        except (KeyError, TypeError, ValueError) as error:
            raise DesignError(
                f"the designs do not say how they were drawn: {error!r}",
                hint="draw them anew, into another folder",
            ) from error


def parse_variation(text: str) -> Variation:
    """Read ``wwr``, ``wwr=0.2:0.6``, ``wwr=0.2:0.6:5`` (of a grid) or ``orientation=0,2``.

    Raises
    ------
    DesignError
        The text says nothing of that kind.
    """
    column, equals, told = (part.strip() for part in text.partition("="))
    try:
        if not column or (equals and not told):
            raise ValueError
        if not told:
            return Variation(column)
        if ":" not in told:
            return Variation(column, values=tuple(float(one) for one in told.split(",")))
        low, high, *count = told.split(":")
        if len(count) > 1:
            raise ValueError
        return Variation(column, float(low), float(high), count=int(count[0]) if count else 0)
    except ValueError:
        raise DesignError(
            f"{text!r} says of no number how it varies",
            where=text,
            hint="write name=lowest:highest, name=lowest:highest:count or name=value,value",
        ) from None


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """A number that varies, matched with the schema: the values that it can take.

    `values` is empty for a range from `low` to `high`; `whole` tells that only whole
    numbers of it count.
    """

    column: str
    parameter: Parameter
    position: int
    low: float
    high: float
    values: FloatArray
    whole: bool
    count: int

    def spread(self, shares: FloatArray) -> FloatArray:
        """Map shares in 0..1 evenly to values."""
        if len(self.values):
            last = len(self.values) - 1
            chosen: FloatArray = self.values[np.minimum(shares * (last + 1), last).astype(int)]
            return chosen
        if self.whole:
            number: FloatArray = np.floor(self.low + shares * (self.high - self.low + 1))
            return number.clip(self.low, self.high)
        return self.low + shares * (self.high - self.low)

    def spread_normally(self, shares: FloatArray) -> tuple[FloatArray, int]:
        """Map shares to the parameter's normal distribution; tell how many were clipped."""
        if len(self.values) or not isinstance(self.parameter, NumericParameter):
            return self.spread(shares), 0
        from scipy.stats import norm

        offset = self.position - self.parameter.start_storage
        mean, std = (
            float(np.ravel(one)[offset]) for one in (self.parameter.mean, self.parameter.std)
        )
        values = mean + std * norm.ppf(shares)
        values = np.floor(values) if self.whole else values
        kept = np.clip(values, self.low, self.high)
        return kept, int(np.count_nonzero(kept != values))

    def points(self) -> FloatArray:
        """Return its values on a grid."""
        if len(self.values):
            return self.values
        if self.whole:
            return np.arange(self.low, self.high + 1)
        if self.count < 1:
            raise DesignError(
                f"a grid needs to know how many values of {self.column}",
                where=self.column,
                hint=f"write {self.column}={self.low:g}:{self.high:g}:5, or the values",
            )
        return np.linspace(self.low, self.high, self.count)


def axes_of(plan: SamplingPlan, schema: Schema, catalogue: int) -> list[Axis]:
    """Match what varies with a schema and the number of weather files.

    Raises
    ------
    DesignError
        A name is unknown, or a range or value is outside that of its parameter.
    """
    where = {
        column: (parameter, parameter.start_storage + offset)
        for parameter in schema
        for offset, column in enumerate(parameter.columns)
    }
    wanted: Iterable[Variation] = plan.vary or (
        Variation(one.name)
        for one in schema
        if isinstance(one, ShoeboxGeometryParameter) or one.name == "orientation"
    )
    axes = []
    for one in wanted:
        if one.column not in where:
            raise DesignError(
                f"designs have no number {one.column!r}",
                where=one.column,
                hint=nearest(one.column, where),
            )
        axes.append(_axis(one, *where[one.column], catalogue))
    return axes


def _axis(told: Variation, parameter: Parameter, position: int, catalogue: int) -> Axis:
    lowest, highest = _limits(parameter, position, catalogue)
    whole = parameter.name in WHOLE or isinstance(parameter, OneHotParameter)
    low = lowest if told.low is None else told.low
    high = highest if told.high is None else told.high
    named = np.array(told.values or (low, high))
    if not np.isfinite(named).all():
        raise DesignError(
            f"{told.column} has no range of its own",
            where=told.column,
            hint=f"say which: {told.column}=lowest:highest",
        )
    outside = (named < lowest) | (named > highest)
    outside |= whole & (named != np.floor(named))
    if outside.any() or low > high:
        value = named[outside][0] if outside.any() else low
        kind = "a whole number" if whole else "a number"
        limits = f" from {lowest:g} to {highest:g}" if np.isfinite(lowest + highest) else ""
        raise DesignError(
            f"{told.column} cannot be {value:g}"
            if outside.any()
            else f"{told.column} cannot go from {low:g} to {high:g}",
            where=told.column,
            hint=f"it is {kind}{limits}",
        )
    return Axis(
        told.column,
        parameter,
        position,
        low,
        high,
        np.array(told.values, dtype=np.float64),
        whole,
        told.count,
    )


def _limits(parameter: Parameter, position: int, catalogue: int) -> tuple[float, float]:
    if isinstance(parameter, NumericParameter):
        offset = position - parameter.start_storage
        low, high = (float(np.ravel(one)[offset]) for one in (parameter.min, parameter.max))
        return low, high
    if isinstance(parameter, OneHotParameter):
        return 0.0, float(parameter.count - 1)
    if parameter.name == "base_epw":
        return 0.0, float(catalogue - 1)
    return (0.0, np.inf) if parameter.name == "schedules_seed" else (-np.inf, np.inf)


def combine(axes: Sequence[Axis]) -> dict[str, FloatArray]:
    """Return all combinations of the axes' values on a grid; the last one changes fastest."""
    points = [axis.points() for axis in axes]
    total = float(np.prod([float(len(one)) for one in points]))
    if total > MOST_ON_A_GRID:
        raise DesignError(
            f"a grid of {total:.0f} designs",
            where="vary",
            hint=f"choose at most {MOST_ON_A_GRID}",
        )
    crossed = np.meshgrid(*points, indexing="ij")
    return {axis.column: one.ravel() for axis, one in zip(axes, crossed, strict=True)}
