"""`CutFlow`: how many rows each cut leaves; in sequence, alone, and with all cuts but one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ConfigError, nearest

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CutFlow", "CutStep", "Sums", "unique_name"]

Sums = tuple[float, ...]
#: None where it is not known: the rows were gone, or never read, when the cut was made.
MaybeSums = tuple[float | None, ...]

#: Of the dictionaries that cut flows are stored as.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class CutStep:
    """What one cut does; each tuple has the count of rows, then the sum of each weight.

    Attributes
    ----------
    name : str
    condition : str
        What it asks of a row; the same as the name where it was given no name.
    left : tuple of float
        Rows that pass this cut and all before it.
    alone : tuple of float or None
        Rows that pass this cut, whatever the others say.
    n_minus_1 : tuple of float or None
        Rows that pass all other cuts, those after it too.
    """

    name: str
    condition: str
    left: Sums
    alone: MaybeSums
    n_minus_1: MaybeSums


@dataclass(frozen=True, slots=True)
class CutFlow:
    """The cuts of a table in the order they were made, and what each of them leaves.

    It never changes: a further cut, or `merge`, makes another one. In a notebook it shows
    itself as a table.

    Attributes
    ----------
    total : tuple of float
        Rows before the first cut, then the sum of each weight over them.
    weights : tuple of str
        Columns whose sums are kept next to the counts; NaN counts as nothing.
    steps : tuple of CutStep
    """

    total: Sums
    weights: tuple[str, ...] = ()
    steps: tuple[CutStep, ...] = ()

    def __deepcopy__(self, memo: object) -> CutFlow:
        return self  # it never changes, and pandas copies attrs with each frame

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[CutStep]:
        return iter(self.steps)

    def __getitem__(self, name: str) -> CutStep:
        for step in self.steps:
            if step.name == name:
                return step
        raise ConfigError(f"there is no cut {name!r}", hint=nearest(name, self.names))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the cuts, in their order."""
        return tuple(step.name for step in self.steps)

    @property
    def final(self) -> Sums:
        """What passes all cuts."""
        return self.steps[-1].left if self.steps else self.total

    def to_frame(self, weight: str = "") -> pd.DataFrame:
        """Give the cut flow as a table, one row a cut.

        Parameters
        ----------
        weight : str
            Sums of this weight instead of counts.

        Returns
        -------
        pandas.DataFrame
            ``cut``, ``condition``; ``before``, ``left`` and ``removed`` in sequence;
            ``passed`` = left / before and ``passed_of_all`` = left / total; ``alone``;
            ``exclusive``: what only this cut removes; ``n_minus_1``. NaN: not known.
        """
        import pandas as pd

        place = self._place(weight)
        before = [one[place] for one in (self.total, *(step.left for step in self.steps))][:-1]
        left = np.array([step.left[place] for step in self.steps], dtype=float)
        n_minus_1 = _numbers(step.n_minus_1[place] for step in self.steps)
        earlier = np.array(before[: len(left)], dtype=float)
        with np.errstate(all="ignore"):
            passed, passed_of_all = left / earlier, left / self.total[place]
        return pd.DataFrame(
            {
                "cut": list(self.names),
                "condition": [step.condition for step in self.steps],
                "before": earlier,
                "left": left,
                "removed": _difference(earlier, left),
                "passed": passed,
                "passed_of_all": passed_of_all,
                "alone": _numbers(step.alone[place] for step in self.steps),
                "exclusive": _difference(n_minus_1, self.final[place]),
                "n_minus_1": n_minus_1,
            }
        )

    def merge(self, other: CutFlow) -> CutFlow:
        """Add up the cut flows of two tables with different rows, such as of two datasets.

        A cut that one of them lacks removes nothing there.

        Raises
        ------
        ConfigError
            The same cuts were made in another order, or the weights differ.
        """
        if self.weights != other.weights:
            raise ConfigError(
                "the cut flows have different weights",
                where=f"{list(self.weights)} and {list(other.weights)}",
                hint="give the same weights where the cuts are made",
            )
        order = _common_order(_keys(self), _keys(other))
        one, two = _spread(self, order), _spread(other, order)
        steps = tuple(
            CutStep(
                a.name,
                a.condition,
                _added(a.left, b.left),
                _maybe_added(a.alone, b.alone),
                _maybe_added(a.n_minus_1, b.n_minus_1),
            )
            for a, b in zip(one, two, strict=True)
        )
        return CutFlow(_added(self.total, other.total), self.weights, steps)

    def with_weights(self, weights: Sequence[str]) -> CutFlow:
        """Keep the counts and the sums of some of the weights."""
        if tuple(weights) == self.weights:
            return self
        places = [0, *(self._place(name) for name in weights)]
        steps = tuple(
            replace(
                step,
                left=tuple(step.left[place] for place in places),
                alone=tuple(step.alone[place] for place in places),
                n_minus_1=tuple(step.n_minus_1[place] for place in places),
            )
            for step in self.steps
        )
        return CutFlow(tuple(self.total[place] for place in places), tuple(weights), steps)

    def then(self, later: CutFlow) -> CutFlow:
        """Go on with the cuts `later` of the rows that this flow left.

        What the rows that are gone would have done is not known: counts that need it are None.
        """
        gone = self.final != self.total
        names = list(self.names)
        steps = [_followed(step, self.final, later) for step in self.steps]
        for step in later.steps:
            name = unique_name(step.name, names)
            names.append(name)
            alone = tuple(None for _ in step.alone) if gone else step.alone
            steps.append(replace(step, name=name, alone=alone))
        return CutFlow(self.total, self.weights, tuple(steps))

    def to_dict(self) -> dict[str, Any]:
        """Give it as dictionaries, lists, texts and numbers, for JSON."""
        steps = [
            {
                "name": step.name,
                "condition": step.condition,
                "left": list(step.left),
                "alone": list(step.alone),
                "n_minus_1": list(step.n_minus_1),
            }
            for step in self.steps
        ]
        return {
            "format": FORMAT,
            "weights": list(self.weights),
            "total": list(self.total),
            "steps": steps,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> CutFlow:
        """Read what `to_dict` gave.

        Raises
        ------
        ConfigError
            It is something else.
        """
        try:
            weights, total = tuple(map(str, stored["weights"])), _floats(stored["total"])
            steps = tuple(
                CutStep(
                    str(step["name"]),
                    str(step["condition"]),
                    _floats(step["left"]),
                    _maybe_floats(step["alone"]),
                    _maybe_floats(step["n_minus_1"]),
                )
                for step in stored["steps"]
            )
            lengths = {len(sums) for step in steps for sums in (step.left, step.alone)}
            if (
                stored["format"] != FORMAT
                or lengths - {len(total)}
                or len(total) != 1 + len(weights)
            ):
                raise ValueError("its counts do not belong together")
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise ConfigError(
                f"this is no cut flow: {problem!r}", hint="give what CutFlow.to_dict gave"
            ) from problem
        return cls(total, weights, steps)

    def write(self, path: str | Path) -> None:
        """Write it as JSON, under a temporary name first."""
        path = Path(path)
        temporary = path.with_name(path.name + ".part")
        temporary.write_text(json.dumps(self.to_dict(), indent=2) + "\n", encoding="utf-8")
        temporary.replace(path)

    @classmethod
    def read(cls, path: str | Path) -> CutFlow:
        """Read what `write` wrote."""
        try:
            return cls.from_dict(json.loads(Path(path).read_text(encoding="utf-8")))
        except (OSError, ValueError) as problem:
            raise ConfigError(f"no cut flow can be read: {problem}", where=str(path)) from problem

    def __repr__(self) -> str:
        from shoeroot.minitrees.cutflow_tables import text_of

        return text_of(self)

    def _repr_html_(self) -> str:
        from shoeroot.minitrees.cutflow_tables import html_of

        return html_of(self)

    def _place(self, weight: str) -> int:
        if weight and weight not in self.weights:
            raise ConfigError(
                f"the cut flow has no weight {weight!r}",
                hint=nearest(weight, self.weights) or "ask for it: cut_flow(data, weights=...)",
            )
        return 1 + self.weights.index(weight) if weight else 0


def unique_name(name: str, taken: Sequence[str]) -> str:
    """Give a cut that is made again a number: "efficient (2)"."""
    again, number = name, 1
    while again in taken:
        number += 1
        again = f"{name} ({number})"
    return again


def _keys(flow: CutFlow) -> list[tuple[str, str]]:
    return [(step.name, step.condition) for step in flow.steps]


def _common_order(one: list[tuple[str, str]], two: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Give one order in which the cuts of both stand in theirs."""
    shared = [key for key in one if key in two]
    if shared != [key for key in two if key in one]:
        raise ConfigError(
            "the same cuts were made in another order",
            where=" and ".join(str([name for name, _ in keys]) for keys in (one, two)),
            hint="make them in the same order, or merge tables before the cuts",
        )
    order: list[tuple[str, str]] = []
    first, second = list(one), list(two)
    for key in [*shared, None]:
        for rest in (first, second):
            while rest and rest[0] != key:
                order.append(rest.pop(0))
        if key is not None:
            order.append(key)
            first.pop(0), second.pop(0)
    return order


def _spread(flow: CutFlow, order: list[tuple[str, str]]) -> list[CutStep]:
    """Give all steps of `order`; one that the flow lacks removes nothing."""
    own = dict(zip(_keys(flow), flow.steps, strict=True))
    spread: list[CutStep] = []
    left = flow.total
    for name, condition in order:
        step = own.get((name, condition))
        if step is None:
            step = CutStep(name, condition, left, flow.total, flow.final)
        spread.append(step)
        left = step.left
    return spread


def _followed(step: CutStep, final: Sums, later: CutFlow) -> CutStep:
    """Give a step after which others came whose word on the removed rows is not known."""
    if not later.steps:
        return step
    # Where nothing was removed by this cut only, nothing is missing behind the later ones.
    nothing_missing = step.n_minus_1[0] == final[0]
    n_minus_1: MaybeSums = later.final if nothing_missing else tuple(None for _ in final)
    return replace(step, n_minus_1=n_minus_1)


def _added(one: Sums, two: Sums) -> Sums:
    return tuple(a + b for a, b in zip(one, two, strict=True))


def _maybe_added(one: MaybeSums, two: MaybeSums) -> MaybeSums:
    return tuple(None if a is None or b is None else a + b for a, b in zip(one, two, strict=True))


def _numbers(values: Iterator[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _difference(one: NDArray[np.float64], two: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Subtract sums of the same numbers in another order: what rounding left is 0."""
    close = np.isclose(one, two, rtol=1e-12, atol=0)
    return np.where(close, 0.0, one - two)


def _floats(values: Sequence[Any]) -> Sums:
    return (int(values[0]), *(float(value) for value in values[1:]))


def _maybe_floats(values: Sequence[Any]) -> MaybeSums:
    if any(value is None for value in values):
        return tuple(None for _ in values)
    return _floats(values)
