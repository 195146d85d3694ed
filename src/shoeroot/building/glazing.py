"""Window figures from panes: solar gain, visible transmittance and U-value of a glazing.

archetypal gives a U-value with films, but its solar heat gain is only defined for
two panes and supposes fixed absorptances: here any number of panes is resolved.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "Pane",
    "is_equivalent_layer",
    "simple_glazing_resistance",
    "simple_glazing_u_value",
    "solar_heat_gain",
    "transmit",
]

# Film resistances in summer conditions [m2 K/W]: what the engine's simple window model
# gives for common windows, within 10 %.
_SUMMER_INSIDE = 1.0 / 8.0
_SUMMER_OUTSIDE = 1.0 / 21.0

# Up to this U-value [W/(m2 K)] the bare resistance tells the U-value.
_LARGEST_U_VALUE = 5.85

# No real pane conducts less [W/(m K)]; equivalent layers of a simple glazing system do.
_LEAST_GLASS_CONDUCTIVITY = 0.6


@dataclass(frozen=True, slots=True)
class Pane:
    """Normal-incidence optics of a pane in one band: transmittance, reflectances, all in 0..1."""

    transmittance: float
    reflectance_front: float
    reflectance_back: float


def transmit(panes: Sequence[Pane]) -> tuple[float, tuple[float, ...]]:
    """Follow light through a stack of panes.

    Parameters
    ----------
    panes : sequence of Pane
        From outside to inside.

    Returns
    -------
    transmittance : float
        Share of the incident light that leaves the innermost pane.
    absorptances : tuple of float
        Share absorbed by each pane.
    """
    behind = [0.0]  # reflectance of everything behind a pane, seen from outside
    for pane in reversed(panes):
        below = behind[0]
        echo = 1.0 - pane.reflectance_back * below
        behind.insert(0, pane.reflectance_front + pane.transmittance**2 * below / echo)
    inward = 1.0
    absorbed = []
    for index, pane in enumerate(panes):
        below = behind[index + 1]
        onward = pane.transmittance * inward / (1.0 - pane.reflectance_back * below)
        absorbed.append(inward * (1.0 - behind[index]) - onward * (1.0 - below))
        inward = onward
    return inward, tuple(absorbed)


def solar_heat_gain(panes: Sequence[Pane], resistances: Sequence[float]) -> float:
    """Solar heat gain coefficient in 0..1.

    Parameters
    ----------
    panes : sequence of Pane
        Solar optics from outside to inside.
    resistances : sequence of float
        Thermal resistance [m2 K/W] of pane, gap, pane, ... from outside to inside:
        one fewer than twice the panes.
    """
    transmitted, absorbed = transmit(panes)
    total = _SUMMER_OUTSIDE + sum(resistances) + _SUMMER_INSIDE
    gain = transmitted
    for index, share in enumerate(absorbed):
        position = 2 * index
        to_outside = _SUMMER_OUTSIDE + sum(resistances[:position]) + 0.5 * resistances[position]
        gain += share * to_outside / total
    return min(max(gain, 0.0), 1.0)


def is_equivalent_layer(conductivity: float) -> bool:
    """Tell whether a single pane stands for a simple glazing system rather than for real glass."""
    return conductivity < _LEAST_GLASS_CONDUCTIVITY


def simple_glazing_resistance(u_value: float) -> float:
    """Bare resistance [m2 K/W] of the layer that stands for a simple glazing system.

    Step 1 of the engine's simple window model (EnergyPlus Engineering Reference,
    "Simple Window Model").

    Parameters
    ----------
    u_value : float
        With films, in W/(m2 K), up to 7.
    """
    return 1.0 / u_value - _winter_films(u_value)


def simple_glazing_u_value(resistance: float) -> float:
    """U-value with films [W/(m2 K)] of the simple glazing system with this bare resistance.

    The inverse of `simple_glazing_resistance`, up to 5.85: above, the engine's model gives
    all U-values about the same resistance, so they cannot be told apart.

    Parameters
    ----------
    resistance : float
        Glass-to-glass resistance of the equivalent layer [m2 K/W].
    """
    low, high = 0.05, _LARGEST_U_VALUE
    for _ in range(60):
        middle = 0.5 * (low + high)
        # The bare resistance falls as the U-value rises.
        if simple_glazing_resistance(middle) > resistance:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _winter_films(u_value: float) -> float:
    if u_value < _LARGEST_U_VALUE:
        inside = 1.0 / (0.359073 * math.log(u_value) + 6.949915)
    else:
        inside = 1.0 / (1.788041 * u_value - 2.886625)
    return inside + 1.0 / (0.025342 * u_value + 29.163853)
