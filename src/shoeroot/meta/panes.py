"""Panes of a glazing, found so that together they have the optics that a database tells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shoeroot.building import Pane, transmit

__all__ = ["panes_of", "visible_transmittance_of_panes"]

#: How much panes are drawn to be alike, against values that are known to 0.001: a glazing has
#: one value fewer than its panes have unknowns.
_ALIKE = 1e-3
_DARKEST = 1e-4


def panes_of(
    transmittance: float, absorptances: Sequence[float]
) -> tuple[tuple[float, float], ...]:
    """Find solar transmittance and reflectance of each pane.

    Parameters
    ----------
    transmittance : float
        Solar, of all panes, at normal incidence.
    absorptances : sequence of float
        Share of the sun that each pane takes in, from outside.

    Returns
    -------
    tuple of (float, float)
        Transmittance and reflectance, the same from both sides, from outside.
    """
    from scipy.optimize import least_squares

    count = len(absorptances)
    if count == 1:
        reflectance = max(1.0 - transmittance - absorptances[0], 0.0)
        return ((max(transmittance, _DARKEST), reflectance),)
    wanted = np.array([transmittance, *absorptances])

    def amiss(unknown: NDArray[np.float64]) -> NDArray[np.float64]:
        # A pane passes on what it does not reflect: that keeps the sum below 1.
        passed, reflected = unknown[:count], unknown[count:]
        panes = [
            Pane(share * (1 - back), back, back)
            for share, back in zip(passed.tolist(), reflected.tolist(), strict=True)
        ]
        total, taken = transmit(panes)
        found = np.array([total, *taken])
        apart = (
            unknown.reshape(2, count) - unknown.reshape(2, count).mean(axis=1)[:, None]
        ).ravel()
        return np.concatenate([found - wanted, _ALIKE * apart])

    start = np.concatenate([np.full(count, max(transmittance, 0.1) ** (1 / count)), [0.1] * count])
    bounds = np.full(2 * count, _DARKEST), np.full(2 * count, 1 - _DARKEST)
    found = least_squares(amiss, start, bounds=bounds).x
    return tuple(
        (float(share * (1 - back)), float(back))
        for share, back in zip(found[:count], found[count:], strict=True)
    )


def visible_transmittance_of_panes(
    total: float, panes: Sequence[tuple[float, float]]
) -> list[float]:
    """Give each pane the visible transmittance with which all have `total`.

    They reflect light as they reflect the sun.
    """

    def together(share: float) -> float:
        return transmit([Pane(share * (1 - back), back, back) for _, back in panes])[0]

    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if together(middle) < total else (low, middle)
    return [max(low * (1 - back), _DARKEST) for _, back in panes]
