"""Where a DataFrame keeps its cut flow: counts in ``attrs``, and while it lives the rows cut away.

The counts are plain data, which pandas copies, pickles and writes to Parquet. The rows that cuts
removed are kept next to them, unseen by pandas, because a later cut must be tried on them too to
know what it would leave without the earlier ones (N-1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.errors import ConfigError, nearest
from shoeroot.minitrees.cut_counts import count_cuts
from shoeroot.minitrees.cutflow import CutFlow, CutStep, unique_name

if TYPE_CHECKING:
    import pandas as pd

    from shoeroot.minitrees.cuts import Cut

__all__ = ["ATTRIBUTE", "Trail", "keep_flow", "kept_flow", "trail_of"]

#: Key of the cut flow in ``df.attrs``.
ATTRIBUTE = "cut_flow"
#: What a row is known by, where a table has it.
KEYS = ("dataset", "event_id")
OUTSIDE = "outside the cuts"


class KeptFlow(dict[str, Any]):
    """`CutFlow.to_dict`, and the rows that were cut away, which no copy and no file takes along."""

    __slots__ = ("trail",)

    def __init__(self, stored: dict[str, Any], trail: Trail | None = None) -> None:
        super().__init__(stored)
        self.trail = trail

    def __deepcopy__(self, memo: object) -> KeptFlow:
        return self  # pandas copies attrs with each frame; nobody writes into this one

    def __reduce__(self) -> tuple[Any, ...]:
        return (KeptFlow, (dict(self),))


@dataclass(frozen=True, slots=True)
class Trail:
    """The cuts of a table since a source table that still has all rows.

    Attributes
    ----------
    source : pandas.DataFrame
    base : CutFlow or None
        What was cut before that, of which only the counts are left.
    weights : tuple of str
    names : tuple of (name, condition)
    passed : tuple of (n_source,) bool
        By cut, which rows pass.
    known : tuple of (n_source,) bool or None
        By cut, for which rows that is known; None for all.
    places : (n_rows,) int
        Where the rows that are left are in the source.
    index : pandas.Index
        Of the rows that are left.
    """

    source: pd.DataFrame
    base: CutFlow | None
    weights: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    passed: tuple[NDArray[np.bool_], ...]
    known: tuple[NDArray[np.bool_] | None, ...]
    places: NDArray[np.int64]
    index: pd.Index[Any]

    def flow(self) -> CutFlow:
        """Count."""
        weights = {name: _weight(self.source, name) for name in self.weights}
        counted = count_cuts(self.names, self.passed, self.known, weights, len(self.source))
        return counted if self.base is None else self.base.then(counted)

    def tried(self, cut: Cut, data: pd.DataFrame) -> tuple[Trail, NDArray[np.bool_]]:
        """Try a cut on the rows that are left, and where it can be done on those that are gone."""
        now = cut.mask(data)
        passed = np.zeros(len(self.source), dtype=np.bool_)
        known: NDArray[np.bool_] | None = None
        passed[self.places] = now
        if len(self.places) < len(self.source):
            everywhere = _mask_or_none(cut, self.source)
            # A column may have been changed since, then the removed rows have the old one.
            if everywhere is not None and np.array_equal(everywhere[self.places], now):
                passed = everywhere
            else:
                known = np.zeros(len(self.source), dtype=np.bool_)
                known[self.places] = True
        taken = [name for name, _ in self.names]
        name = (unique_name(cut.name, taken), cut.text)
        grown = replace(
            self,
            names=(*self.names, name),
            passed=(*self.passed, passed),
            known=(*self.known, known),
        )
        return grown, now

    def left_with(self, data: pd.DataFrame, places: NDArray[np.int64]) -> Trail:
        """Go on with the rows at `places` of the source, which `data` has."""
        return replace(self, places=places, index=data.index)


def keep_flow(data: pd.DataFrame, flow: CutFlow, trail: Trail | None = None) -> None:
    """Put a cut flow into the attrs of a DataFrame."""
    data.attrs[ATTRIBUTE] = KeptFlow(flow.to_dict(), trail)


def kept_flow(data: pd.DataFrame, weights: Sequence[str] = ()) -> CutFlow:
    """Give the cut flow of a DataFrame; without cuts it has the count of rows alone.

    Rows that were removed by other means than cuts stand in a last step.
    """
    kept = data.attrs.get(ATTRIBUTE)
    if isinstance(kept, dict) and not set(weights) - set(kept.get("weights", ())):
        flow = CutFlow.from_dict(kept)
        if flow.final[0] == len(data):
            return flow
    return trail_of(data, weights).flow()


def trail_of(data: pd.DataFrame, weights: Sequence[str]) -> Trail:
    """Give the trail to which the next cut of a table is added.

    Raises
    ------
    ConfigError
        The table has more rows than its cuts left, or a weight is unknown or comes too late.
    """
    kept = data.attrs.get(ATTRIBUTE)
    trail = kept.trail if isinstance(kept, KeptFlow) else None
    if trail is not None:
        places = _places(trail, data)
        if places is not None:
            return _weighted(_without_others(trail, data, places), weights)
    flow = None if kept is None else CutFlow.from_dict(kept)
    if flow is not None and len(data) > flow.final[0]:
        raise ConfigError(
            f"the table has {len(data)} rows, but its cuts left {flow.final[0]}",
            hint="put tables together by minitrees.concat, or begin a new cut flow by "
            "minitrees.cuts.restart(data)",
        )
    known = () if flow is None else flow.weights
    if flow is not None and not flow.steps and len(data) == flow.final[0]:
        flow = None  # nothing was cut: all can still be counted
    fresh = _fresh(data, flow, known)
    if flow is not None and len(data) < flow.final[0]:
        left = _sums(data, flow.weights)
        step = CutStep(OUTSIDE, "", left, left, flow.final)
        fresh = replace(fresh, base=flow.then(CutFlow(flow.final, flow.weights, (step,))))
    return _weighted(fresh, weights)


def _fresh(data: pd.DataFrame, base: CutFlow | None, weights: tuple[str, ...]) -> Trail:
    source = data.copy(deep=False)
    source.attrs = {}
    return Trail(source, base, weights, (), (), (), np.arange(len(data)), data.index)


def _weighted(trail: Trail, weights: Sequence[str]) -> Trail:
    late = [name for name in weights if name not in trail.weights]
    if not late:
        return trail
    if trail.base is not None:
        raise ConfigError(
            f"the weight {late[0]!r} comes after rows are gone",
            hint="give weights to load, or to the first cut",
        )
    for name in late:
        _weight(trail.source, name)  # raises where it is none
    return replace(trail, weights=(*trail.weights, *late))


def _weight(data: pd.DataFrame, name: str) -> NDArray[np.float64]:
    if name not in data:
        known = [str(one) for one in data]
        raise ConfigError(f"there is no column {name!r} for a weight", hint=nearest(name, known))
    try:
        return data[name].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as problem:
        raise ConfigError(
            f"the column {name!r} is no weight: {problem}", hint="a weight is a number"
        ) from problem


def _sums(data: pd.DataFrame, weights: tuple[str, ...]) -> tuple[float, ...]:
    return (len(data), *(float(np.nansum(_weight(data, name))) for name in weights))


def _places(trail: Trail, data: pd.DataFrame) -> NDArray[np.int64] | None:
    """Find the rows of a table in its source; None where they cannot be told for sure."""
    if data.index is trail.index or data.index.equals(trail.index):
        places = trail.places
    elif data.index.is_unique and trail.index.is_unique:
        found = trail.index.get_indexer(data.index)
        if np.any(found < 0):
            return None
        places = trail.places[found]
    else:
        return None
    for key in KEYS:
        if key in data and key in trail.source:
            before = trail.source[key].to_numpy()[places]
            if not np.array_equal(before, data[key].to_numpy()):
                return None
    return np.asarray(places, dtype=np.int64)


def _without_others(trail: Trail, data: pd.DataFrame, places: NDArray[np.int64]) -> Trail:
    """Note rows that were removed by other means than cuts, such as data[data.eui < 100]."""
    if len(places) == len(trail.places):
        return trail.left_with(data, places)
    passed = np.zeros(len(trail.source), dtype=np.bool_)
    known = np.zeros(len(trail.source), dtype=np.bool_)
    passed[places] = True
    known[trail.places] = True
    noted = replace(
        trail,
        names=(*trail.names, (unique_name(OUTSIDE, [name for name, _ in trail.names]), "")),
        passed=(*trail.passed, passed),
        known=(*trail.known, None if known.all() else known),
    )
    return noted.left_with(data, places)


def _mask_or_none(cut: Cut, data: pd.DataFrame) -> NDArray[np.bool_] | None:
    """Try a cut on a table that it was not given; it may need columns that came later."""
    if not cut.fits_any_table:
        return None
    try:
        return cut.mask(data)
    except Exception:  # a function of the user's may raise anything
        return None
