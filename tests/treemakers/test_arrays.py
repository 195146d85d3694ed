"""What the TreeMakers share."""

import numpy as np

from shoeroot.treemakers.arrays import sorted_quantiles


def test_quantiles_of_sorted_rows_are_those_of_numpy():
    values = np.random.default_rng(0).normal(size=(5, 8760))
    shares = [0.0, 0.01, 0.5, 0.777, 1.0]

    found = sorted_quantiles(np.sort(values, axis=1), shares)

    np.testing.assert_allclose(found, np.quantile(values, shares, axis=1), rtol=1e-13)


def test_a_row_with_nan_has_no_quantiles():
    values = np.array([[3.0, np.nan, 1.0], [3.0, 2.0, 1.0]])

    found = sorted_quantiles(np.sort(values, axis=1), [0.5])

    np.testing.assert_array_equal(found, [[np.nan, 2.0]])
