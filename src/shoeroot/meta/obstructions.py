"""Blocks that shade: their corners and faces."""

from __future__ import annotations

import numpy as np

from shoeroot.meta.geometry import Points, Ring
from shoeroot.meta.model import Obstruction

__all__ = ["BLOCK_FACES", "corners_of"]

#: Sides, top and base of a block, anticlockwise from outside, from 0.
BLOCK_FACES: tuple[Ring, ...] = (
    *((0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)),
    *((4, 5, 6, 7), (0, 3, 2, 1)),
)


def corners_of(block: Obstruction) -> Points:
    """Give the eight corners of a block: four at its base anticlockwise, then four above.

    The second angle lifts the +x end, then the first one turns the block about z. The third
    has no meaning: ESP-r never had one for it.

    Returns
    -------
    (8, 3) float64
        [m].
    """
    if block.kind == "obsp":
        return np.array(block.points, dtype=np.float64)
    corners = np.array([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], dtype=np.float64)
    unit = np.concatenate([corners, corners + np.array([0.0, 0.0, 1.0])])
    local = unit * np.array(block.size)
    angles = (*block.angles, 0.0, 0.0)
    turn, lift = np.radians(angles[0]), np.radians(angles[1])
    lifted = np.column_stack(
        [
            local[:, 0] * np.cos(lift) - local[:, 2] * np.sin(lift),
            local[:, 1],
            local[:, 0] * np.sin(lift) + local[:, 2] * np.cos(lift),
        ]
    )
    turned = np.column_stack(
        [
            lifted[:, 0] * np.cos(turn) - lifted[:, 1] * np.sin(turn),
            lifted[:, 0] * np.sin(turn) + lifted[:, 1] * np.cos(turn),
            lifted[:, 2],
        ]
    )
    placed: Points = turned + np.array(block.origin)
    return placed
