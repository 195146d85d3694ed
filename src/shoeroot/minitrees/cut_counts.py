"""Count what cuts leave, from which rows pass each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shoeroot.minitrees.cutflow import CutFlow, CutStep, Sums

__all__ = ["count_cuts"]


def count_cuts(
    names: Sequence[tuple[str, str]],
    passed: Sequence[NDArray[np.bool_]],
    known: Sequence[NDArray[np.bool_] | None],
    weights: Mapping[str, NDArray[Any]],
    rows: int,
) -> CutFlow:
    """Count what cuts leave.

    Parameters
    ----------
    names : sequence of (name, condition)
    passed : sequence of (rows,) bool
        Which rows pass each cut.
    known : sequence of (rows,) bool, or None for all
        Where that is known. A row may be unknown to a cut only where an earlier one removed it.
    weights : dict of str to (rows,) numbers
        NaN counts as nothing.
    rows : int
        How many rows there are.
    """
    columns = [np.nan_to_num(np.asarray(one, dtype=np.float64)) for one in weights.values()]

    def sums(mask: NDArray[np.bool_]) -> Sums:
        return (int(np.count_nonzero(mask)), *(float(one[mask].sum()) for one in columns))

    everyone = np.ones(rows, dtype=np.bool_)
    unsure = [np.zeros(rows, dtype=np.bool_) if one is None else ~one for one in known]
    fails = [~(one | doubt) for one, doubt in zip(passed, unsure, strict=True)]
    failed = np.sum(fails, axis=0, dtype=np.int32) if fails else np.zeros(rows, np.int32)
    doubted = np.sum(unsure, axis=0, dtype=np.int32) if unsure else np.zeros(rows, np.int32)
    left, steps = everyone, []
    for (name, condition), one, fail, doubt in zip(names, passed, fails, unsure, strict=True):
        left = left & one
        others_pass = failed - fail == 0
        others_doubted = bool(np.any(others_pass & (doubted - doubt > 0)))
        unknown = (None,) * (1 + len(columns))
        steps.append(
            CutStep(
                name,
                condition,
                sums(left),
                unknown if doubt.any() else sums(one),
                unknown if others_doubted else sums(others_pass),
            )
        )
    return CutFlow(sums(everyone), tuple(weights), tuple(steps))
