"""When a campaign will end: how fast it has been lately, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["CONFIDENCE", "Forecast", "TimeLeft"]

CONFIDENCE = 0.8
"""Share of forecasts whose interval is to hold what comes."""

#: Stretches of time that are remembered; when there are twice as many, neighbours are joined.
STRETCHES = 16
#: No forecast is surer than this share of itself: a computer has more to do tomorrow.
LEAST_DOUBT = 0.03
#: How far off the belief may be before anything has ended, as log seconds.
FIRST_DOUBT = 0.7
#: Share of the scatter between stretches of time that does not average out.
LASTING = 0.2


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """Seconds until the end: the best guess, and from where to where it is 80 % sure."""

    seconds: float
    low: float
    high: float


class Forecast:
    """Follows a campaign and tells when it will end.

    Work is counted in expected seconds (`RuntimeModel.predict`), so that long simulations that
    come first do not make it pessimistic. Its speed is work over slot-seconds, so that a
    cluster that grows is no surprise; it holds all that costs time: building models, writing
    events, a computer that is shared.

    Parameters
    ----------
    now : float
        When the first units start [s], on a clock that never goes back.
    """

    def __init__(self, now: float) -> None:
        self._last = now
        self._stretches: list[_Stretch] = []
        self._fill = 0

    def finished(self, now: float, work: float, slots: int) -> None:
        """Note that a unit has ended.

        Parameters
        ----------
        now : float
            On the same clock [s].
        work : float
            What its simulations were expected to take together [s], by a model that has
            learned from the units before.
        slots : int
            Simulations at once, since the last note.
        """
        elapsed, self._last = max(now - self._last, 0.0) * max(slots, 1), now
        # A stretch has a wave of units at least: their ends come in bursts.
        self._fill = max(self._fill, 4, slots)
        if not self._stretches or self._stretches[-1].units >= self._fill:
            self._stretches.append(_Stretch())
        self._stretches[-1] = self._stretches[-1].joined(_Stretch(elapsed, work, 1))
        if len(self._stretches) > 2 * STRETCHES:
            self._join_neighbours()

    def left(
        self, work: float, slots: int, *, longest: float = 0.0, doubt: float = 0.0
    ) -> TimeLeft:
        """Tell how long the rest takes.

        Parameters
        ----------
        work : float
            What all simulations that have not ended are expected to take together [s].
        slots : int
            Simulations at once from now on.
        longest : float
            What the longest of them is expected to take [s]: nothing ends before that.
        doubt : float
            Share by which `work` may be wrong: deviation over seconds of `RuntimeModel.total`.
        """
        if work <= 0:
            return TimeLeft(0.0, 0.0, 0.0)
        speed, width = self._speed(work, slots)
        seconds = work / (speed * max(slots, 1))
        width = float(np.hypot(width, doubt * _quantile(30)))
        # At the end some slots have nothing left to do while the last simulations run.
        tail = longest / speed if slots > 1 else 0.0
        best = max(seconds, longest / speed)
        return TimeLeft(
            best, min(seconds * np.exp(-width), best), best * float(np.exp(width)) + tail / 2
        )

    def _speed(self, work: float, slots: int) -> tuple[float, float]:
        """Return work a slot-second, and the half width of the interval of its logarithm."""
        times = np.array([stretch.time for stretch in self._stretches])
        done = np.array([stretch.work for stretch in self._stretches])
        if not times.sum() > 0 or not done.sum() > 0:
            return 1.0, FIRST_DOUBT * _quantile(30)
        units = sum(stretch.units for stretch in self._stretches)
        # Units that run are between not begun and nearly done: a half of each, give or take.
        running = 0.25 * max(slots, 1) / units
        speed = float(done.sum() / times.sum()) * (1 + running)
        if len(times) < 3:
            doubt = np.hypot(FIRST_DOUBT / np.sqrt(1 + units), running)
            return speed, float(doubt) * _quantile(30)
        # Stretches differ by chance and because the computer has other work. What comes will
        # differ from the mean as they do, and the mean is not known better either.
        share = times / times.sum()
        ratios = done / np.maximum(times, 1e-9) / (done.sum() / times.sum()) - 1
        scatter = float(share @ ratios**2) * len(times) / (len(times) - 1)
        independent = 1.0 / float(np.square(share).sum())
        to_come = max(independent * work / float(done.sum()), 1.0)
        # Some of it lasts: a computer is slow for an hour, not for a second.
        variance = scatter * (1 / independent + 1 / to_come + LASTING) + running**2
        return speed, float(np.hypot(np.sqrt(variance), LEAST_DOUBT) * _quantile(len(times) - 1))

    def _join_neighbours(self) -> None:
        pairs = zip(self._stretches[::2], self._stretches[1::2], strict=False)
        joined = [first.joined(second) for first, second in pairs]
        self._stretches = joined + self._stretches[2 * len(joined) :]
        self._fill = max(stretch.units for stretch in joined)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch of time: slot-seconds, the work that was done in it, the units that ended."""

    time: float = 0.0
    work: float = 0.0
    units: int = 0

    def joined(self, other: _Stretch) -> _Stretch:
        return _Stretch(self.time + other.time, self.work + other.work, self.units + other.units)


def _quantile(freedom: int) -> float:
    """Return how many standard deviations the interval goes to either side: Student's t."""
    # Takes half a second to import: verbs that forecast nothing do without.
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + CONFIDENCE / 2))
