"""Cuts: rows of a table that fulfil conditions; the table remembers how many each one left.

::

    from shoeroot.minitrees import cuts, cut_flow

    data = cuts.below(data, "eui", 100, name="efficient")
    data = cuts.selection(data, "status == 'ok' and heating > cooling")
    cut_flow(data)

Each gives a new table with the rows that pass, and takes a pandas or a Dask DataFrame. Give
``weights`` to the first of them to have sums of these columns counted as well. The rows that were
cut away stay in memory as long as the table does, because later cuts are tried on them too;
`restart` lets go of them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ConfigError, nearest
from shoeroot.minitrees.expression_values import column_of
from shoeroot.minitrees.expressions import Expression
from shoeroot.minitrees.kept_flow import ATTRIBUTE, keep_flow, trail_of
from shoeroot.minitrees.tables import cut_flow, is_dask

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Cut",
    "above",
    "apply",
    "below",
    "cut",
    "eval_cut",
    "eval_selection",
    "history",
    "isfinite",
    "notnan",
    "range_cut",
    "range_selection",
    "range_selections",
    "read_cuts",
    "restart",
    "selection",
]

Condition = str | Expression | Callable[[Any], Any] | Sequence[bool] | NDArray[np.bool_] | Any
Weights = str | Sequence[str]
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A condition with a name, to be used again.

    Attributes
    ----------
    name : str
        By default the condition's text.
    condition : str, Expression, callable or mask
        Of the rows that stay: a text such as ``"eui < 100"``, a function of the table that gives
        one bool a row, or one bool a row.
    text : str
        What the condition asks of a row; by default the condition itself.
    description : str
        What the cut is for.
    """

    name: str
    condition: Condition
    text: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.condition, str):
            object.__setattr__(self, "condition", Expression(self.condition))
        if not self.text:
            object.__setattr__(self, "text", _text_of(self.condition))
        if not self.name:
            object.__setattr__(self, "name", self.text)

    @property
    def fits_any_table(self) -> bool:
        """Whether it can be tried on another table; a mask belongs to one."""
        return isinstance(self.condition, Expression) or callable(self.condition)

    def mask(self, data: Any) -> NDArray[np.bool_]:
        """Say which rows of a table pass: (rows,) bool.

        Raises
        ------
        ConfigError
            A column is unknown, or the condition does not give one bool a row.
        """
        if isinstance(self.condition, Expression):
            return self.condition.mask(data)
        given = self.condition(data) if callable(self.condition) else self.condition
        return _checked_mask(given, data, self.name)


def _desc_too(function: Function) -> Function:
    """Let a cut's name be given as `desc`, as hax calls it."""

    @wraps(function)
    def called(*given: Any, desc: str = "", **options: Any) -> Any:
        return function(*given, **({"name": desc} if desc else {}), **options)

    return cast("Function", called)


@_desc_too
def selection(
    data: Any, condition: Condition, name: str = "", *, weights: Weights = (), text: str = ""
) -> Any:
    """Keep the rows that fulfil a condition.

    Parameters
    ----------
    data : pandas.DataFrame or dask.dataframe.DataFrame
    condition : str, callable or mask
        Such as ``"status == 'ok'"``, ``lambda data: data["eui"] < 100`` or ``data["eui"] < 100``.
    name : str
        How the cut flow calls it; by default the condition.
    weights : str or sequence of str
        Columns whose sums the cut flow has next to the counts.
    text : str
        What to show as condition where it is a mask or a function.
    """
    return apply(data, Cut(name, condition, text), weights=weights)


@_desc_too
def cut(
    data: Any, condition: Condition, name: str = "", *, weights: Weights = (), text: str = ""
) -> Any:
    """Remove the rows that fulfil a condition; otherwise as `selection`."""
    removed = Cut(name or text, condition, text)
    text = f"not ({removed.text})"
    opposite = Cut(name or text, partial(_opposite, removed), text)
    if not removed.fits_any_table:
        opposite = Cut(name or text, ~removed.mask(data), text)
    return apply(data, opposite, weights=weights)


#: For those who come from hax: conditions as text.
eval_selection, eval_cut = selection, cut


@_desc_too
def below(
    data: Any, column: str, threshold: float, name: str = "", *, weights: Weights = ()
) -> Any:
    """Keep the rows whose value in a column is less than the threshold."""
    return _compare(
        data, column, f"{column} < {threshold}", name, weights, partial(_less, threshold)
    )


@_desc_too
def above(
    data: Any, column: str, threshold: float, name: str = "", *, weights: Weights = ()
) -> Any:
    """Keep the rows whose value in a column is more than the threshold."""
    return _compare(
        data, column, f"{column} > {threshold}", name, weights, partial(_more, threshold)
    )


@_desc_too
def range_selection(
    data: Any, column: str, bounds: tuple[float, float], name: str = "", *, weights: Weights = ()
) -> Any:
    """Keep the rows with ``bounds[0] <= value < bounds[1]``, as bins of a histogram have it."""
    low, high = _bounds(bounds)
    text = f"{low} <= {column} < {high}"
    return _compare(data, column, text, name, weights, partial(_within, low, high))


@_desc_too
def range_cut(
    data: Any, column: str, bounds: tuple[float, float], name: str = "", *, weights: Weights = ()
) -> Any:
    """Remove the rows that `range_selection` would keep; NaN stays."""
    low, high = _bounds(bounds)
    text = f"not ({low} <= {column} < {high})"
    return _compare(data, column, text, name, weights, partial(_outside, low, high))


def range_selections(
    data: Any, *ranges: tuple[str, tuple[float, float]], weights: Weights = ()
) -> Any:
    """Keep the rows within several ranges, each given as ``(column, (lowest, highest))``."""
    for column, bounds in ranges:
        data = range_selection(data, column, bounds, weights=weights)
    return data


@_desc_too
def notnan(data: Any, column: str, name: str = "", *, weights: Weights = ()) -> Any:
    """Keep the rows that have a value in a column."""
    return _compare(data, column, f"{column} is not missing", name, weights, _present)


@_desc_too
def isfinite(data: Any, column: str, name: str = "", *, weights: Weights = ()) -> Any:
    """Keep the rows whose value in a column is neither missing nor infinite."""
    return _compare(data, column, f"{column} is finite", name, weights, np.isfinite)


def apply(data: Any, *cuts: Cut | str, weights: Weights = ()) -> Any:
    """Keep the rows that pass several cuts; each is tried on all rows.

    Parameters
    ----------
    data : pandas.DataFrame or dask.dataframe.DataFrame
    *cuts : Cut or str
        Conditions with names, or as text alone.
    weights : str or sequence of str
        Columns whose sums the cut flow has next to the counts.
    """
    wanted = [one if isinstance(one, Cut) else Cut("", one) for one in cuts]
    columns = (weights,) if isinstance(weights, str) else tuple(weights)
    if is_dask(data):
        _check_for_dask(wanted)
        return data.map_partitions(_applied, wanted, columns, meta=data._meta)
    return _applied(data, wanted, columns)


def history(data: Any) -> pd.DataFrame:
    """Give the cuts so far as hax does, a row for each; `cut_flow` knows more.

    Returns
    -------
    pandas.DataFrame
        ``selection_desc``, ``n_before``, ``n_after``, ``n_removed``, ``fraction_passed`` and
        ``cumulative_fraction_left``.
    """
    table = cut_flow(data).to_frame()
    counts = table[["before", "left", "removed"]].astype(np.int64)
    return (
        table[["cut"]]
        .assign(
            n_before=counts["before"],
            n_after=counts["left"],
            n_removed=counts["removed"],
            fraction_passed=table["passed"],
            cumulative_fraction_left=table["passed_of_all"],
        )
        .rename(columns={"cut": "selection_desc"})
    )


def restart(data: Any) -> Any:
    """Forget the cuts so far, and the rows that they removed: count from the rows that are left."""
    if is_dask(data):
        return data.map_partitions(restart, meta=data._meta)
    fresh = data.copy(deep=False)
    fresh.attrs.pop(ATTRIBUTE, None)
    return fresh


def read_cuts(path: str | Path) -> dict[str, Cut]:
    """Read named cuts from a TOML file: one table a cut.

    ::

        [efficient]
        condition = "eui < 100"
        description = "Uses less than most"

    Raises
    ------
    ConfigError
        The file cannot be read, or a cut has something else than condition and description.
    """
    try:
        with Path(path).open("rb") as file:
            found = tomllib.load(file)
    except (OSError, ValueError) as problem:
        raise ConfigError(f"no cuts can be read: {problem}", where=str(path)) from problem
    return {name: _named_cut(name, stored, path) for name, stored in found.items()}


def _named_cut(name: str, stored: Any, path: str | Path) -> Cut:
    where = f"{path}: [{name}]"
    known = ("condition", "description")
    if not isinstance(stored, dict) or not isinstance(stored.get("condition"), str):
        raise ConfigError(
            f"the cut {name!r} has no condition", where=where, hint='condition = "eui < 100"'
        )
    for key, value in stored.items():
        if key not in known or not isinstance(value, str):
            problem = "is unknown" if key not in known else "is no text"
            raise ConfigError(f"{key!r} {problem}", where=where, hint=nearest(key, known))
    return Cut(name, stored["condition"], description=stored.get("description", ""))


def _applied(data: Any, cuts: Sequence[Cut], weights: tuple[str, ...]) -> Any:
    trail = trail_of(data, weights)
    keep = np.ones(len(data), dtype=np.bool_)
    for one in cuts:
        trail, passed = trail.tried(one, data)
        keep &= passed
    # Not data[keep]: pandas would warn when the user adds a column.
    left = data.take(np.flatnonzero(keep))
    trail = trail.left_with(left, trail.places[keep])
    keep_flow(left, trail.flow(), trail)
    return left


def _compare(
    data: Any,
    column: str,
    text: str,
    name: str,
    weights: Weights,
    test: Callable[[NDArray[Any]], NDArray[np.bool_]],
) -> Any:
    return apply(data, Cut(name or text, partial(_on_column, column, test), text), weights=weights)


def _on_column(
    column: str, test: Callable[[NDArray[Any]], NDArray[np.bool_]], data: Any
) -> NDArray[np.bool_]:
    values = column_of(column, data, f"a cut on {column}")
    try:
        return test(values)
    except TypeError as problem:
        raise ConfigError(
            f"the column {column!r} does not fit the cut: {problem}",
            hint="compare texts by minitrees.cuts.selection(data, \"status == 'ok'\")",
        ) from problem


def _less(threshold: float, values: NDArray[Any]) -> NDArray[np.bool_]:
    return np.asarray(values < threshold)


def _more(threshold: float, values: NDArray[Any]) -> NDArray[np.bool_]:
    return np.asarray(values > threshold)


def _within(low: float, high: float, values: NDArray[Any]) -> NDArray[np.bool_]:
    return np.logical_and(values >= low, values < high)


def _outside(low: float, high: float, values: NDArray[Any]) -> NDArray[np.bool_]:
    return ~_within(low, high, values)


def _present(values: NDArray[Any]) -> NDArray[np.bool_]:
    import pandas as pd

    return np.asarray(pd.notna(values))


def _opposite(removed: Cut, data: Any) -> NDArray[np.bool_]:
    return ~removed.mask(data)


def _bounds(bounds: tuple[float, float]) -> tuple[float, float]:
    try:
        low, high = bounds
        in_order = bool(low <= high)
    except (TypeError, ValueError):
        in_order = False
    if not in_order:
        raise ConfigError(f"{bounds!r} is no range", hint="give (lowest, highest)")
    return low, high


def _text_of(condition: Condition) -> str:
    if isinstance(condition, Expression):
        return condition.text
    return getattr(condition, "__name__", "a function") if callable(condition) else "a mask"


def _checked_mask(given: Any, data: Any, name: str) -> NDArray[np.bool_]:
    index = getattr(given, "index", None)
    if index is not None and hasattr(given, "iloc") and not index.equals(data.index):
        raise ConfigError(
            f"the mask of the cut {name!r} has another index than the table",
            hint="compute it from this table, or give mask.to_numpy()",
        )
    flags = np.asarray(given)
    if flags.dtype == object and all(isinstance(flag, bool | np.bool_) for flag in flags.flat):
        flags = flags.astype(np.bool_)
    if flags.dtype != np.bool_ or flags.shape != (len(data),):
        raise ConfigError(
            f"the cut {name!r} gives {flags.dtype} of shape {flags.shape}",
            hint=f"give one bool for each of the {len(data)} rows",
        )
    return flags


def _check_for_dask(cuts: Sequence[Cut]) -> None:
    for one in cuts:
        if not one.fits_any_table:
            raise ConfigError(
                f"the cut {one.name!r} is a mask, which a Dask DataFrame has in pieces",
                hint='give a text such as "eui < 100" or a function of a table',
            )
