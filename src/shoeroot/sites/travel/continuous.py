"""Travel without directions: the eikonal equation over the friction, solved by scikit-fmm."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from shoeroot.optional import import_optional
from shoeroot.sites.packages import require
from shoeroot.sites.travel.carrier import Carrier, carrier_of
from shoeroot.sites.travel.descent import descend
from shoeroot.sites.travel.graph import Cells
from shoeroot.sites.travel.lengths import Array
from shoeroot.sites.travel.search import SLACK, Lines, Ways

__all__ = ["ContinuousSearch"]

# Around a source straight lines are taken; where they have come this many pixels in the source's
# own friction the wave starts. A wave from one pixel would stay half a pixel late for good.
_RADIUS = 2.0
_REACH = 3
# Samples of the friction along these lines.
_SAMPLES = 7
_AROUND = np.moveaxis(np.indices((2 * _REACH + 1,) * 2), 0, -1).reshape(-1, 2) - _REACH


@dataclass(frozen=True, slots=True, eq=False)
class ContinuousSearch:
    """Fast marching over a conformal map of the cells.

    Parameters
    ----------
    cells : Cells
        The passable cells.

    Raises
    ------
    MissingExtraError
        scikit-fmm is not installed.
    """

    cells: Cells
    exact_bounds: bool = False
    seconds_a_cell: float = 2.5e-6
    _carrier: Carrier = field(init=False, repr=False)
    _march: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        module = import_optional(
            "skfmm",
            'solves the continuous metric ("scikit-fmm")',
            "pip install 'shoeroot[sites,continuous]'",
        )
        object.__setattr__(self, "_march", module.travel_time)
        object.__setattr__(self, "_carrier", carrier_of(self.cells))

    def parts(self) -> Array:
        """See `Search.parts`: pixels that share sides are connected."""
        from scipy.ndimage import label

        carrier = self._carrier
        labels, count = label(np.isfinite(carrier.minutes))
        if carrier.wraps:
            labels = _joined(labels, count)
        rows, columns = self._pixels(np.arange(self.cells.count))
        found = labels[rows, columns].astype(np.int64)
        # A cell that the map does not show reaches nothing but itself.
        return np.where((found > 0) & carrier.shown, found, -1 - np.arange(self.cells.count))

    def times(self, sources: Array, limit: float = np.inf) -> tuple[Array, Array]:
        """See `Search.times`."""
        minutes = self._marched(sources, limit)
        found = self._at_nodes(minutes, np.arange(self.cells.count))
        found[sources] = 0.0
        owner = self._owners(minutes, sources)
        rows, columns = self._pixels(np.arange(self.cells.count))
        number = owner[rows, columns]
        number[sources] = np.arange(len(sources))
        reached = (number >= 0) & (found <= limit)
        return np.where(reached, found, np.inf), np.where(reached, number, -1)

    def ways(self, source: int, targets: Array, limit: float, lines: bool) -> Ways:
        """See `Search.ways`; lines follow the steepest descent of the times."""
        carrier = self._carrier
        raster = self._marched(np.array([source]), limit * SLACK)
        minutes = self._at_nodes(raster, targets)
        minutes[targets == source] = 0.0
        with np.errstate(invalid="ignore"):
            reached = minutes <= limit * SLACK
        start = carrier.row[source], carrier.column[source]
        wanted = np.flatnonzero(reached)
        found = descend(
            raster,
            start,
            carrier.row[targets[wanted]],
            carrier.column[targets[wanted]],
            wraps=carrier.wraps,
        )
        lon, lat = carrier.lonlat(found.row, found.column)
        counts = np.zeros(len(targets), dtype=np.int64)
        counts[wanted] = np.diff(found.ends, prepend=0)
        whole = Lines(lon, lat, np.cumsum(counts))
        return Ways(
            np.where(reached, minutes, np.nan),
            np.where(reached, _lengths(whole) / 1000, np.nan),
            whole if lines else None,
        )

    def _pixels(self, nodes: Array) -> tuple[Array, Array]:
        """Give the pixels at the centres of cells."""
        carrier = self._carrier
        rows = np.rint(carrier.row[nodes]).astype(np.int64)
        columns = np.rint(carrier.column[nodes]).astype(np.int64)
        return (
            np.clip(rows, 0, carrier.minutes.shape[0] - 1),
            np.clip(columns, 0, carrier.minutes.shape[1] - 1),
        )

    def _marched(self, sources: Array, limit: float) -> Array:
        """Give the minutes of all pixels from the nearest source; infinite: not reached."""
        carrier = self._carrier
        starts = self._starts(sources)
        raster = np.full(carrier.minutes.shape, np.inf)
        if not len(starts.minutes):
            return raster
        np.minimum.at(raster, (starts.row, starts.column), starts.minutes)
        barrier = ~np.isfinite(carrier.minutes)
        inside = raster < starts.begin
        if not _touch(inside, ~inside & ~barrier, wraps=carrier.wraps):
            return np.where(inside, raster, np.inf)
        contour = np.where(np.isfinite(raster), raster, 10 * starts.begin) - starts.begin
        with np.errstate(divide="ignore", invalid="ignore"):
            speed = np.where(barrier, 1.0, 1 / carrier.minutes)
        # Beyond the limit there are pixels that the last places are interpolated with.
        band = limit + 2 * float(np.nanmax(carrier.minutes)) if np.isfinite(limit) else 0.0
        marched = self._march(
            np.ma.MaskedArray(contour, barrier),
            speed,
            dx=1.0,
            narrow=band,
            periodic=(False, carrier.wraps),
        )
        return np.where(inside, raster, np.ma.filled(marched, np.inf) + starts.begin)

    def _starts(self, sources: Array) -> _Starts:
        """Go straight from each source to the pixels around it."""
        carrier = self._carrier
        shape = carrier.minutes.shape
        known = np.flatnonzero(carrier.shown[sources])
        own = np.stack(self._pixels(sources[known]), -1)
        place = np.stack([carrier.row[sources[known]], carrier.column[sources[known]]], -1)
        pixels = own[:, None, :] + _AROUND
        away = pixels - place[:, None, :]
        slowness = np.zeros(away.shape[:2])
        for share in (np.arange(_SAMPLES) + 0.5) / _SAMPLES:
            slowness += self._crossing(place[:, None, :] + share * away) / _SAMPLES
        minutes = np.sqrt(np.sum(away**2, axis=-1)) * slowness
        minutes[~np.isfinite(self._crossing(pixels))] = np.inf
        # The wave starts within the pixels looked at, also where they are faster than the source.
        ring = np.abs(_AROUND).max(axis=1) == _REACH
        at_source = carrier.minutes[own[:, 0], own[:, 1]]
        begins = np.minimum(_RADIUS * at_source, minutes[:, ring].min(axis=1, initial=np.inf))
        begin = float(begins.min(initial=np.inf))
        # A slow source that has not come to any pixel by then starts a wave nevertheless.
        middle = (_AROUND == 0).all(axis=1)
        minutes[:, middle] = np.minimum(minutes[:, middle], begin * (1 - 1e-3))
        rows, columns = pixels[..., 0], pixels[..., 1]
        columns = columns % shape[1] if carrier.wraps else columns
        number = np.broadcast_to(known[:, None], rows.shape)
        kept = np.isfinite(minutes)
        return _Starts(rows[kept], columns[kept], minutes[kept], number[kept], begin)

    def _crossing(self, place: Array) -> Array:
        """Give the minutes across the pixels at some places (rows, columns); infinite: none."""
        carrier = self._carrier
        whole = np.rint(place).astype(np.int64)
        row, column = whole[..., 0], whole[..., 1]
        rows, columns = carrier.minutes.shape
        column = column % columns if carrier.wraps else column
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        minutes = carrier.minutes[np.where(inside, row, 0), np.where(inside, column, 0)]
        return np.where(inside & np.isfinite(minutes), minutes, np.inf)

    def _at_nodes(self, raster: Array, nodes: Array) -> Array:
        """Interpolate minutes at the centres of cells; NaN: not reached."""
        carrier = self._carrier
        rows, columns = self._pixels(nodes)
        with np.errstate(invalid="ignore"):  # differences of what is not reached
            here = raster[rows, columns]
            down, right = carrier.row[nodes] - rows, carrier.column[nodes] - columns
            for axis, shift in ((0, down), (1, right)):
                if not np.any(np.abs(shift) > 1e-9):
                    continue
                side = np.sign(shift).astype(np.int64)
                centre = raster[rows, columns]
                ahead = _beside(raster, rows, columns, side, axis, wraps=carrier.wraps) - centre
                behind = centre - _beside(raster, rows, columns, -side, axis, wraps=carrier.wraps)
                slope = np.where(np.isfinite(ahead), ahead, behind)
                here = here + np.abs(shift) * np.where(np.isfinite(slope), slope, 0)
        return np.where(np.isfinite(here) & carrier.shown[nodes], here, np.nan)

    def _owners(self, raster: Array, sources: Array) -> Array:
        """Say which source's wave came to each pixel first: back along the lowest neighbours."""
        carrier = self._carrier
        count = raster.size
        number = np.arange(count).reshape(raster.shape)
        lowest, before = raster.copy(), number.copy()
        for axis in (0, 1):
            for side in (-1, 1):
                beside = np.roll(raster, side, axis)
                if axis == 0 or not carrier.wraps:
                    edge = 0 if side == 1 else -1
                    beside[(edge, slice(None)) if axis == 0 else (slice(None), edge)] = np.inf
                lower = beside < lowest
                lowest = np.where(lower, beside, lowest)
                before = np.where(lower, np.roll(number, side, axis), before)
        owner = np.full(count, -1, dtype=np.int64)
        starts = self._starts(sources)
        # Where no other source is nearer.
        begun = starts.minutes <= raster[starts.row, starts.column]
        owner[number[starts.row[begun], starts.column[begun]]] = starts.source[begun]
        before = np.where(owner >= 0, number.reshape(-1), before.reshape(-1))
        while True:
            further = before[before]
            if np.array_equal(further, before):
                break
            before = further
        return np.where(np.isfinite(raster), owner[before].reshape(raster.shape), -1)


@dataclass(frozen=True, slots=True, eq=False)
class _Starts:
    """Pixels around sources, the minutes straight there, and when the wave starts."""

    row: Array
    column: Array
    minutes: Array
    source: Array
    begin: float


def _touch(one: Array, other: Array, *, wraps: bool) -> bool:
    """Whether a pixel of the one set shares a side with one of the other."""
    down = (one[1:] & other[:-1]).any() or (one[:-1] & other[1:]).any()
    right = (one[:, 1:] & other[:, :-1]).any() or (one[:, :-1] & other[:, 1:]).any()
    across = wraps and ((one[:, 0] & other[:, -1]) | (one[:, -1] & other[:, 0])).any()
    return bool(down or right or across)


def _beside(
    raster: Array, rows: Array, columns: Array, side: Array, axis: int, *, wraps: bool
) -> Array:
    """Give the values of the neighbours on one side; infinite outside."""
    place = [rows, columns]
    place[axis] = place[axis] + side
    if axis == 1 and wraps:
        place[1] = place[1] % raster.shape[1]
    inside = (place[axis] >= 0) & (place[axis] < raster.shape[axis])
    place[axis] = np.where(inside, place[axis], 0)
    return np.where(inside, raster[place[0], place[1]], np.inf)


def _joined(labels: Array, count: int) -> Array:
    """Give parts the same number that touch across the edge of the map."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    left, right = labels[:, 0], labels[:, -1]
    both = (left > 0) & (right > 0)
    ones = np.ones(int(both.sum()), dtype=np.int8)
    pairs = coo_array((ones, (left[both], right[both])), shape=(count + 1, count + 1))
    number = connected_components(pairs, directed=False)[1]
    return np.where(labels > 0, number[labels] + 1, 0)


def _lengths(lines: Lines) -> Array:
    """Give the lengths [m] of lines on the ellipsoid."""
    if not len(lines.lon):
        return np.zeros(len(lines.ends))
    geod = require("pyproj").Geod(ellps="WGS84")
    steps = geod.inv(lines.lon[:-1], lines.lat[:-1], lines.lon[1:], lines.lat[1:])[2]
    along = np.concatenate([[0.0], np.cumsum(steps)])
    starts = np.concatenate([[0], lines.ends[:-1]])
    last = np.maximum(lines.ends - 1, 0)
    return np.where(lines.ends > starts, along[last] - along[np.minimum(starts, last)], 0.0)
