"""Means of a stock from samples of its parts, with standard errors: numbers only.

A stock consists of strata (climates, or sites), and of each some designs were drawn. For one
stratum, with values y, design weights w, and m clusters of designs that were drawn together
(each design is one, but where several share a box):

    mean       = sum(w y) / sum(w)
    z_c        = sum over cluster c of w (y - mean) / sum(w)
    variance   = (1 - n / N) m / (m - 1) sum over clusters of z_c^2

which for equal weights and clusters of one design is the (1 - n / N) s^2 / n of simple random
sampling. N is the number of buildings that the n designs were drawn from, without limit where it
is not known. Of a group of strata whose shares a of the floor area are known:

    mean       = sum(a mean)
    variance   = sum(a^2 variance)
    degrees    = variance^2 / sum(a^4 variance^2 / (m - 1))

W. G. Cochran, Sampling Techniques, 3rd edition (1977), chapters 2, 5 and 9; K. M. Wolter,
Introduction to Variance Estimation, 2nd edition (2007), chapter 6 (linearisation); F. E.
Satterthwaite, Biometrics Bulletin 2 (1946) 110-114 (degrees of freedom).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["GroupEstimate", "Sample", "StratumEstimate", "bootstrap_errors", "half_widths"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

#: Draws of clusters at once, so that memory stays small.
_DRAWS = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class StratumEstimate:
    """Means of strata, (n_strata,) each; NaN where nothing was drawn.

    `variance` is of the mean, NaN for fewer than two clusters; `n` counts designs.
    """

    mean: Floats
    variance: Floats
    n: Numbers
    clusters: Numbers

    def of_groups(self, shares: Floats) -> GroupEstimate:
        """Join strata to groups.

        A stratum of one cluster has no variance of its own: it is taken to vary as much as
        that which varies most.

        Parameters
        ----------
        shares : (n_groups, n_strata) float64
            What each stratum has of each group, in any unit.
        """
        known = self.n > 0
        sums = shares.sum(axis=1)
        covered = shares[:, known].sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            a = shares[:, known] / covered[:, None]
            spread = np.where(self.clusters > 1, self.variance * self.clusters, np.nan)
            widest = np.nanmax(spread) if np.isfinite(spread).any() else np.nan
            own = np.where(self.clusters > 1, self.variance, widest)[known]
            parts = a**2 * own
            variance = np.where(a > 0, parts, 0.0).sum(axis=1)
            freedom = np.maximum(self.clusters[known] - 1, 1)
            degrees = variance**2 / np.where(a > 0, parts**2 / freedom, 0.0).sum(axis=1)
            mean = np.where(a > 0, a * self.mean[known], 0.0).sum(axis=1)
            some = covered > 0
            return GroupEstimate(
                mean=np.where(some, mean, np.nan),
                error=np.where(some, np.sqrt(variance), np.nan),
                degrees=np.where(some, degrees, np.nan),
                covered=np.where(sums > 0, covered / sums, 0.0),
            )


@dataclass(frozen=True, slots=True, eq=False)
class GroupEstimate:
    """Means of groups of strata, their standard errors and degrees of freedom, (n_groups,) each.

    `covered` is the share of the group that lies in strata of which something was drawn.
    """

    mean: Floats
    error: Floats
    degrees: Floats
    covered: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What was drawn of strata, (n,) each.

    Attributes
    ----------
    values, weights : float64
    stratum : int64
        Its number, from 0.
    cluster : int64
        Designs of one stratum with the same number were drawn together.
    strata : int
        How many there are.
    buildings : (strata,) float64
        How many each stratum was drawn from; infinity where that is not known.
    """

    values: Floats
    weights: Floats
    stratum: Numbers
    cluster: Numbers
    strata: int
    buildings: Floats

    def estimate(self) -> StratumEstimate:
        """Estimate the mean of each stratum."""
        n = np.bincount(self.stratum, minlength=self.strata)
        of_cluster, weight, weighted = self._clusters()
        m = np.bincount(of_cluster, minlength=self.strata)
        with np.errstate(divide="ignore", invalid="ignore"):
            total = np.bincount(of_cluster, weights=weight, minlength=self.strata)
            mean = np.bincount(of_cluster, weights=weighted, minlength=self.strata) / total
            z = (weighted - mean[of_cluster] * weight) / total[of_cluster]
            squares = np.bincount(of_cluster, weights=z**2, minlength=self.strata)
            variance = self._left(n) * m / (m - 1) * squares
        return StratumEstimate(mean, np.where(m > 1, variance, np.nan), n, m)

    def replicates(self, count: int, generator: np.random.Generator) -> Floats:
        """Draw the means of the strata again by the bootstrap.

        Of the m clusters of a stratum m - 1 are drawn with replacement, which gives the variance
        above without bias, and what they deviate is shortened where the population is finite
        (J. N. K. Rao and C. F. J. Wu, Journal of the American Statistical Association 83 (1988)
        231-241).

        Returns
        -------
        (count, strata) float64
            The mean itself where a stratum has one cluster.
        """
        estimated = self.estimate()
        of_cluster, weight, weighted = self._clusters()
        shrink = np.sqrt(self._left(estimated.n))
        drawn = np.tile(estimated.mean, (count, 1))
        for stratum in np.flatnonzero(estimated.clusters > 1).tolist():
            inside = of_cluster == stratum
            w, wy = weight[inside], weighted[inside]
            step = max(1, _DRAWS // len(w))
            for start in range(0, count, step):
                rows = min(step, count - start)
                times = generator.multinomial(len(w) - 1, np.full(len(w), 1 / len(w)), size=rows)
                again = (times @ wy) / (times @ w)
                moved = (again - estimated.mean[stratum]) * shrink[stratum]
                drawn[start : start + rows, stratum] += moved
        return drawn

    def _clusters(self) -> tuple[Numbers, Floats, Floats]:
        """Return of each cluster its stratum, sum of weights, and weighted sum of values."""
        size = int(self.cluster.max(initial=0)) + 1
        keys, which = np.unique(self.stratum * size + self.cluster, return_inverse=True)
        of_cluster = keys // size
        weight = np.asarray(np.bincount(which, weights=self.weights), dtype=np.float64)
        sums = np.bincount(which, weights=self.weights * self.values)
        weighted = np.asarray(sums, dtype=np.float64)
        return of_cluster, weight, weighted

    def _left(self, n: Numbers) -> Floats:
        """Return the share of the buildings that was not drawn."""
        left: Floats = np.clip(1 - n / self.buildings, 0, 1)
        return left


def bootstrap_errors(
    sample: Sample, shares: Floats, count: int, generator: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return standard errors of strata and of groups of them by the bootstrap.

    Parameters
    ----------
    shares : (n_groups, n_strata) float64
        As `StratumEstimate.of_groups` takes them.
    count : int
        How many times to draw, 2 or more.

    Returns
    -------
    of_strata : (n_strata,) float64
        NaN for fewer than two clusters.
    of_groups : (n_groups,) float64
        NaN for groups with a stratum of one cluster.
    """
    clusters = sample.estimate().clusters
    drawn = sample.replicates(count, generator)
    known = clusters > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        a = shares[:, known] / shares[:, known].sum(axis=1, keepdims=True)
    of_groups = (drawn[:, known] @ a.T).std(axis=0, ddof=1)
    alone = (shares[:, clusters == 1] > 0).any(axis=1)
    of_strata = np.full(len(clusters), np.nan)
    several = clusters > 1
    of_strata[several] = drawn[:, several].std(axis=0, ddof=1)
    return of_strata, np.where(alone, np.nan, of_groups)


def half_widths(error: Floats, degrees: Floats, confidence: float) -> Floats:
    """Return half the width of confidence intervals, by Student's t."""
    from scipy.special import stdtrit

    quantile: Floats = stdtrit(degrees, (1 + confidence) / 2)
    return quantile * error
