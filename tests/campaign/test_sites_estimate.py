"""Means of strata and groups with their errors: against hand computation and by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from shoeroot.campaign.stock_estimate import Sample, bootstrap_errors, half_widths

NO_LIMIT = np.inf


def sample(values, stratum, *, weights=None, cluster=None, strata=None, buildings=None) -> Sample:
    count = len(values)
    size = strata or max(stratum) + 1
    return Sample(
        values=np.array(values, dtype=float),
        weights=np.ones(count) if weights is None else np.array(weights, dtype=float),
        stratum=np.array(stratum),
        cluster=np.arange(count) if cluster is None else np.array(cluster),
        strata=size,
        buildings=np.full(size, NO_LIMIT) if buildings is None else np.array(buildings, float),
    )


def test_equal_weights_give_the_formula_of_simple_random_sampling():
    values = [[100.0, 120.0, 170.0], [50.0, 60.0]]

    found = sample([*values[0], *values[1]], [0, 0, 0, 1, 1], strata=3).estimate()

    np.testing.assert_allclose(found.mean, [130, 55, np.nan])
    by_hand = [np.var(one, ddof=1) / len(one) for one in values]
    np.testing.assert_allclose(found.variance, [*by_hand, np.nan])
    assert found.n.tolist() == found.clusters.tolist() == [3, 2, 0]


def test_drawing_all_buildings_leaves_no_error():
    found = sample([1.0, 2.0, 6.0, 1.0, 2.0, 6.0], [0, 0, 0, 1, 1, 1], buildings=[3, 6]).estimate()

    assert found.variance[0] == 0
    # Half of the buildings were drawn: half of the variance is left.
    assert found.variance[1] == pytest.approx(0.5 * np.var([1, 2, 6], ddof=1) / 3)


def test_weights_give_the_linearised_variance_of_a_ratio():
    values, weights = np.array([100.0, 150.0, 80.0, 90.0]), np.array([1.0, 2.0, 1.0, 4.0])

    found = sample(values, [0] * 4, weights=weights).estimate()

    mean = (values * weights).sum() / weights.sum()
    residuals = weights * (values - mean) / weights.sum()
    assert found.mean[0] == pytest.approx(mean)
    assert found.variance[0] == pytest.approx(4 / 3 * (residuals**2).sum())


def test_designs_that_were_drawn_together_count_as_one():
    boxes = np.array([100.0, 130.0, 70.0])
    alone = sample(boxes, [0, 0, 0]).estimate()

    four_times = sample(np.repeat(boxes, 4), [0] * 12, cluster=np.repeat([5, 6, 9], 4)).estimate()

    assert four_times.clusters.tolist() == [3]
    assert four_times.n.tolist() == [12]
    np.testing.assert_allclose(four_times.mean, alone.mean)
    np.testing.assert_allclose(four_times.variance, alone.variance)


def test_the_same_cluster_number_in_two_strata_is_two_clusters():
    found = sample([1.0, 2.0, 3.0, 5.0], [0, 1, 0, 1], cluster=[7, 7, 8, 8]).estimate()

    assert found.clusters.tolist() == [2, 2]


def test_groups_add_strata_by_their_shares():
    values = [100.0, 120.0, 170.0, 50.0, 60.0]
    found = sample(values, [0, 0, 0, 1, 1]).estimate()
    shares = np.array([[3e6, 1e6], [0.0, 2.0]])

    groups = found.of_groups(shares)

    a, v = np.array([0.75, 0.25]), found.variance
    error = np.sqrt((a**2 * v).sum())
    np.testing.assert_allclose(groups.mean, [0.75 * 130 + 0.25 * 55, 55])
    np.testing.assert_allclose(groups.error, [error, np.sqrt(v[1])])
    degrees = error**4 / ((a**2 * v) ** 2 / [2, 1]).sum()
    np.testing.assert_allclose(groups.degrees, [degrees, 1])
    np.testing.assert_allclose(groups.covered, [1, 1])


def test_what_was_not_drawn_is_not_covered():
    found = sample([1.0, 3.0], [0, 0], strata=2).estimate()

    groups = found.of_groups(np.array([[3.0, 1.0], [0.0, 1.0]]))

    np.testing.assert_allclose(groups.covered, [0.75, 0])
    np.testing.assert_allclose(groups.mean, [2, np.nan])
    np.testing.assert_allclose(groups.error, [1, np.nan])


def test_a_stratum_of_one_design_varies_as_the_worst_of_the_others():
    found = sample([1.0, 3.0, 10.0, 30.0, 7.0], [0, 0, 1, 1, 2]).estimate()

    groups = found.of_groups(np.array([[1.0, 1.0, 2.0]]))

    assert np.isnan(found.variance[2])
    variances = np.array([1.0, 100.0, 200.0])
    assert groups.error[0] == pytest.approx(np.sqrt((np.array([1, 1, 4]) / 16 * variances).sum()))


def test_one_design_alone_has_no_error():
    groups = sample([5.0], [0]).estimate().of_groups(np.array([[1.0]]))

    assert groups.mean[0] == 5
    assert np.isnan(groups.error[0])


def test_the_bootstrap_gives_the_same_errors():
    generator = np.random.default_rng(3)
    stratum = np.repeat([0, 1, 2, 3], [30, 12, 60, 1])
    drawn = sample(
        generator.gamma(4, 30, len(stratum)),
        stratum,
        weights=generator.uniform(0.5, 2, len(stratum)),
        cluster=np.arange(len(stratum)) // 2,
        buildings=[NO_LIMIT, 24, NO_LIMIT, NO_LIMIT],
    )
    shares = np.array([[5.0, 2.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0]])

    of_strata, of_groups = bootstrap_errors(drawn, shares, 4000, np.random.default_rng(1))

    estimated = drawn.estimate()
    np.testing.assert_allclose(of_strata[:3], np.sqrt(estimated.variance)[:3], rtol=0.06)
    assert of_groups[0] == pytest.approx(estimated.of_groups(shares).error[0], rel=0.05)
    assert np.isnan(of_strata[3])
    assert np.isnan(of_groups[1])


@pytest.mark.parametrize(
    ("sizes", "least"),
    # Five designs of a skewed climate are too few for Student's t by a little.
    [([16, 12, 8, 8], 0.94), ([40, 30, 20, 10], 0.94), ([5, 8, 15, 30], 0.91)],
)
def test_intervals_cover_the_truth_as_often_as_they_say(sizes, least):
    """Of 1500 samples of a stock of four climates, 95 % intervals hold the stock's mean."""
    generator = np.random.default_rng(20)
    shares = np.array([0.4, 0.3, 0.2, 0.1])
    shape, scale = np.array([6.0, 8.0, 10.0, 12.0]), np.array([30.0, 20.0, 12.0, 8.0])
    truth = (shares * shape * scale).sum()
    stratum = np.repeat(np.arange(4), sizes)
    means, errors, covered = [], [], []
    for _ in range(1500):
        drawn = sample(generator.gamma(shape[stratum], scale[stratum]), stratum)

        group = drawn.estimate().of_groups(shares[None])

        half = half_widths(group.error, group.degrees, 0.95)
        means.append(group.mean[0])
        errors.append(group.error[0])
        covered.append(abs(group.mean[0] - truth) <= half[0])
    # The standard error of a share of 0.95 in 1500 samples is 0.006.
    assert least <= np.mean(covered) <= 0.965
    assert np.mean(means) == pytest.approx(truth, rel=0.005)
    assert np.mean(np.square(errors)) == pytest.approx(np.var(means), rel=0.1)


def test_intervals_cover_a_finite_stock_that_was_drawn_in_boxes():
    """Clusters of four of 40 boxes a climate, drawn without replacement."""
    generator = np.random.default_rng(8)
    boxes = 40
    level = generator.gamma(9, 12, (2, boxes, 1))
    stock = level + generator.normal(0, 8, (2, boxes, 4))
    truth = stock.mean(axis=(1, 2)) @ [0.7, 0.3]
    covered, naive = [], []
    for _ in range(800):
        picked = [generator.choice(boxes, size=12, replace=False) for _ in range(2)]
        values = np.concatenate([stock[one, rows].ravel() for one, rows in enumerate(picked)])
        cluster = np.concatenate([np.repeat(rows, 4) for rows in picked])
        drawn = sample(values, np.repeat([0, 1], 48), cluster=cluster, buildings=[160, 160])
        alone = sample(values, np.repeat([0, 1], 48))
        for one, told in ((drawn, covered), (alone, naive)):
            group = one.estimate().of_groups(np.array([[0.7, 0.3]]))
            half = half_widths(group.error, group.degrees, 0.95)
            told.append(abs(group.mean[0] - truth) <= half[0])
    assert np.mean(covered) == pytest.approx(0.95, abs=0.025)
    # Were the designs of a box taken as drawn alone, the error bars would be far too short.
    assert np.mean(naive) < 0.85
