"""The answer to lost heat against a loop over the hours, and its limits."""

import numpy as np
import pytest

from shoeroot_minitrees.night_fit import fit_nights
from shoeroot_minitrees.power_cut import Conductances, departure

BUILDING = Conductances(
    air=np.array([20.0]),
    windows=np.array([30.0]),
    opaque=np.array([60.0]),
    surfaces=np.array([200.0]),
)


def test_steady_loss_ends_at_heat_over_conductance():
    # 1100 W into the air; through air and surfaces to outside at 110 W/K: some 10 K in the end.
    heat = np.full((1, 168), 1100.0)

    change, time_constant = departure(BUILDING, np.array([1000.0]), heat, np.zeros((1, 168)))

    assert 8 < time_constant[0] < 12
    assert change[0, -1] == pytest.approx(-10.0, rel=0.12)
    assert (np.diff(change[0]) <= 1e-12).all()


def test_each_hour_follows_from_the_one_before():
    rng = np.random.default_rng(3)
    heat, power = rng.uniform(-2000, 2000, (1, 168)), rng.uniform(0, 500, (1, 168))

    change, time_constant = departure(BUILDING, np.array([4000.0]), heat, power)

    # The nodes of ISO 13790 solved hour by hour as linear equations.
    a, m = 3.45 * 200, 9.1 * 200
    outwards = 1 / (1 / 60.0 - 1 / m)
    mass, left = 0.0, np.exp(-1 / time_constant[0])
    for hour in range(168):
        air_heat, surface_heat = -heat[0, hour] - power[0, hour] / 2, -power[0, hour] / 2
        # Where the mass would end with this heat for ever:
        matrix = np.array([[20 + a, -a, 0], [-a, 30 + a + m, -m], [0, -m, m + outwards]])
        end = np.linalg.solve(matrix, [air_heat, surface_heat, 0.0])[2]
        mass = left * mass + (1 - left) * end
        nodes = np.linalg.solve(matrix[:2, :2], [air_heat, surface_heat + m * mass])
        assert change[0, hour] == pytest.approx(nodes.mean(), abs=1e-8)


def test_no_heat_no_change_and_no_capacity_no_answer():
    nothing = np.zeros((1, 168))

    still, _ = departure(BUILDING, np.array([4000.0]), nothing, nothing)
    unknown, _ = departure(BUILDING, np.array([np.nan]), nothing + 1.0, nothing)

    assert (still == 0).all()
    assert np.isnan(unknown).all()


def test_nights_give_back_the_capacity_they_were_made_with():
    rng = np.random.default_rng(1)
    gain = rng.uniform(-3000, 500, (2, 8760))
    steps = gain / np.array([[2500.0], [6000.0]]) + 0.05 + rng.normal(0, 0.05, gain.shape)
    free = rng.random((2, 8760)) < 0.3
    # Changes of the hours that are not free say nothing, whatever they are.
    steps += ~free * 7.0

    fit = fit_nights(np.cumsum(steps, axis=1), gain, free)

    assert fit.capacity == pytest.approx([2500.0, 6000.0], rel=0.02)
    assert (fit.error < 0.02).all()


def test_nights_that_tell_nothing_give_nan():
    rng = np.random.default_rng(2)
    gain, noise = rng.normal(size=(2, 2, 8760))
    few = np.zeros((2, 8760), dtype=bool)
    few[:, :40] = True

    assert np.isnan(fit_nights(noise, gain, np.ones((2, 8760), dtype=bool)).capacity).all()
    assert np.isnan(fit_nights(noise, gain, few).capacity).all()
