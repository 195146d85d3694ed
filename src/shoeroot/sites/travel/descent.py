"""The way back down a field of travel times: from many places to the source at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shoeroot.sites.travel.lengths import NEIGHBOURS, Array

__all__ = ["Descent", "descend"]

# Pixels a step.
_STEP = 1.0
# Within this many pixels of the source a line ends straight in it.
_NEAR = 1.5


@dataclass(frozen=True, slots=True)
class Descent:
    """Lines from the source on, one after the other: rows and columns, and where each ends."""

    row: Array
    column: Array
    ends: Array


def descend(
    minutes: Array, source: tuple[float, float], row: Array, column: Array, *, wraps: bool
) -> Descent:
    """Follow the steepest descent of a field from some places to its source.

    A step that would not come nearer in time, as beside a barrier, goes to the lowest neighbour
    instead, so that every line ends.

    Parameters
    ----------
    minutes : array, shape (rows, columns)
        Infinite where nothing is reached; finite at the places.
    source : tuple of float
        Row and column of the source.
    row, column : array
        Places that lines begin at, in pixels.
    wraps : bool
        The last column lies beside the first.

    Returns
    -------
    Descent
    """
    down, right = _slopes(minutes, wraps=wraps)
    width = minutes.shape[1]
    place = np.stack([row, column], -1).astype(float)
    end = np.array(source)
    line = np.arange(len(row))
    level = np.full(len(row), np.inf)
    visited_line, visited = [line], [place.copy()]
    while True:
        here = place[line]
        away = here - end
        if wraps:
            away[:, 1] = (away[:, 1] + width / 2) % width - width / 2
        line = line[np.sqrt(np.sum(away**2, axis=1)) > _NEAR]
        if not len(line):
            break
        here = place[line]
        ahead, reached = _step(minutes, down, right, here, wraps=wraps)
        stuck = ~(reached < level[line])
        if stuck.any():
            ahead[stuck], reached[stuck] = _lowest(minutes, here[stuck], wraps=wraps)
            # A place where even that leads nowhere lies in the source's own pixel.
            going = ~stuck | (reached < level[line])
            line, ahead, reached = line[going], ahead[going], reached[going]
        place[line], level[line] = ahead, reached
        visited_line.append(line)
        visited.append(ahead)
    everywhere = np.arange(len(row))
    visited_line.append(everywhere)
    visited.append(np.broadcast_to(end, (len(row), 2)))
    lines, places = np.concatenate(visited_line)[::-1], np.concatenate(visited)[::-1]
    order = np.argsort(lines, kind="stable")
    ends = np.cumsum(np.bincount(lines, minlength=len(row)))
    return Descent(places[order, 0], places[order, 1], ends)


def _slopes(minutes: Array, *, wraps: bool) -> tuple[Array, Array]:
    """Give, for each axis, the slope towards the lower neighbour; 0 where there is none."""
    slopes = []
    for axis in (0, 1):
        before, after = (_shifted(minutes, shift, axis, wraps=wraps) for shift in (1, -1))
        lower = np.minimum(before, after)
        with np.errstate(invalid="ignore"):
            fall = np.where(lower < minutes, minutes - lower, 0.0)
        fall = np.where(np.isfinite(fall), fall, 0.0)
        slopes.append(np.where(before <= after, fall, -fall))
    return slopes[0], slopes[1]


def _shifted(values: Array, shift: int, axis: int, *, wraps: bool) -> Array:
    moved = np.roll(values, shift, axis)
    if axis == 0 or not wraps:
        edge = 0 if shift == 1 else -1
        moved[(edge, slice(None)) if axis == 0 else (slice(None), edge)] = np.inf
    return moved


def _step(
    minutes: Array, down: Array, right: Array, here: Array, *, wraps: bool
) -> tuple[Array, Array]:
    """Go a pixel down the slope between the four pixels around; infinite: into a barrier."""
    slope = np.stack([_between(field, minutes, here, wraps=wraps) for field in (down, right)], -1)
    steepness = np.sqrt(np.sum(slope**2, axis=1))
    flat = ~(np.isfinite(steepness) & (steepness > 0))
    slope, steepness = np.where(flat[:, None], 0, slope), np.where(flat, 1, steepness)
    ahead = here - _STEP * slope / steepness[:, None]
    own = minutes[_pixel(ahead, minutes.shape, wraps=wraps)]
    reached = _between(minutes, minutes, ahead, wraps=wraps)
    return ahead, np.where(np.isfinite(own) & ~flat, reached, np.inf)


def _between(field: Array, minutes: Array, place: Array, *, wraps: bool) -> Array:
    """Interpolate a field at some places from those of four pixels that are reached."""
    rows, columns = minutes.shape
    corner = np.floor(place).astype(np.int64)
    share = place - corner
    total, weights = np.zeros(len(place)), np.zeros(len(place))
    for i in (0, 1):
        for j in (0, 1):
            r, c = corner[:, 0] + i, corner[:, 1] + j
            c = c % columns if wraps else c
            inside = (r >= 0) & (r < rows) & (c >= 0) & (c < columns)
            r, c = np.where(inside, r, 0), np.where(inside, c, 0)
            inside &= np.isfinite(minutes[r, c])
            weight = np.abs(1 - i - share[:, 0]) * np.abs(1 - j - share[:, 1]) * inside
            total += np.where(inside, field[r, c], 0.0) * weight
            weights += weight
    return np.where(weights > 0, total / np.where(weights > 0, weights, 1), np.inf)


def _pixel(place: Array, shape: tuple[int, ...], *, wraps: bool) -> tuple[Array, Array]:
    row = np.clip(np.rint(place[:, 0]).astype(np.int64), 0, shape[0] - 1)
    column = np.rint(place[:, 1]).astype(np.int64)
    column = column % shape[1] if wraps else np.clip(column, 0, shape[1] - 1)
    return row, column


def _lowest(minutes: Array, here: Array, *, wraps: bool) -> tuple[Array, Array]:
    """Go to the centre of the lowest pixel around, not between two barriers."""
    row, column = _pixel(here, minutes.shape, wraps=wraps)

    def at(i: int, j: int) -> Array:
        r, c = row + i, column + j
        c = c % minutes.shape[1] if wraps else c
        inside = (r >= 0) & (r < minutes.shape[0]) & (c >= 0) & (c < minutes.shape[1])
        return np.where(inside, minutes[np.where(inside, r, 0), np.where(inside, c, 0)], np.inf)

    best = minutes[row, column].copy()
    ahead = np.stack([row, column], -1).astype(float)
    for i, j in NEIGHBOURS:
        value = at(i, j)
        if i and j:
            value = np.where(np.isfinite(at(i, 0)) | np.isfinite(at(0, j)), value, np.inf)
        lower = value < best
        best = np.where(lower, value, best)
        ahead[lower] = np.stack([row + i, column + j], -1)[lower]
    return ahead, best
