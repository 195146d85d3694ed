"""Expected seconds and forecasts, judged by real runs that they have not seen.

`data/runs.csv` has 150 designs, the steps per hour that each was simulated at, and the processor
time that EnergyPlus took.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from shoeroot.campaign.chunks import UnitSize, wall_time_for
from shoeroot.campaign.forecast import CONFIDENCE, Forecast
from shoeroot.campaign.runtime import MEMORY, RuntimeModel, longest_first
from shoeroot.design import Schema
from shoeroot.errors import ConfigError, DesignError

#: Half width of the interval that holds 80 % of a normal distribution, in deviations.
EIGHTY = 1.2816


@dataclass(frozen=True)
class Runs:
    """Real runs: what was simulated and how long it took."""

    designs: np.ndarray
    steps: np.ndarray
    seconds: np.ndarray

    def __len__(self):
        return len(self.seconds)

    def __getitem__(self, rows):
        return Runs(self.designs[rows], self.steps[rows], self.seconds[rows])


@pytest.fixture(scope="module")
def runs():
    path = Path(__file__).with_name("data") / "runs.csv"
    table = np.genfromtxt(path, delimiter=",", skip_header=2, names=True)
    names = table.dtype.names[:-2]
    designs = Schema().generate_empty_storage_batch(len(table))
    designs[:, : len(names)] = np.stack([table[name] for name in names], axis=1)
    return Runs(designs, table["timesteps_per_hour"].astype(np.int64), table["cpu_seconds"])


def learned(runs):
    model = RuntimeModel(Schema())
    model.learn(runs.designs, runs.steps, runs.seconds)
    return model


def halves(runs, seed, first=75):
    order = np.random.default_rng(seed).permutation(len(runs))
    return runs[order[:first]], runs[order[first:]]


def log_error(model, runs):
    return np.log(model.predict(runs.designs, runs.steps) / runs.seconds)


def test_more_steps_are_expected_to_take_longer_before_any_run_has_ended(runs):
    four = runs.designs[[0, 0, 0, 0]]

    seconds = RuntimeModel(Schema()).predict(four, np.array([1, 2, 4, 6]))

    assert (np.diff(seconds) > 0).all()
    assert 0.1 < seconds[0] < 5


def test_runs_that_were_not_seen_are_predicted_within_a_tenth(runs):
    errors = [log_error(learned(seen), rest) for seen, rest in (halves(runs, n) for n in range(5))]

    assert np.median(np.abs(errors)) < 0.06
    assert np.std(errors) < 0.10


def test_a_handful_of_runs_sets_the_speed_of_the_computer(runs):
    slow = Runs(runs.designs, runs.steps, 4 * runs.seconds)
    seen, rest = halves(slow, seed=1, first=5)

    assert abs(np.median(log_error(learned(seen), rest))) < 0.15


def test_the_sum_of_the_rest_lies_in_its_interval_as_often_as_it_says(runs):
    inside, widths = [], []
    for seed in range(60):
        seen, rest = halves(runs, seed, first=15 + seed)
        total = learned(seen).total(rest.designs, rest.steps)
        off = abs(rest.seconds.sum() - total.seconds)
        inside.append(off < EIGHTY * total.deviation)
        widths.append(total.deviation / total.seconds)

    assert np.mean(inside) >= 0.75
    assert np.mean(widths) < 0.05, "an interval that holds everything tells nothing"


def test_disturbed_runs_do_not_spoil_the_estimates_but_are_in_the_sum(runs):
    disturbed = runs.seconds.copy()
    disturbed[::20] *= 30
    model = learned(Runs(runs.designs, runs.steps, disturbed))

    quiet = learned(runs)
    ratio = model.predict(runs.designs, runs.steps) / quiet.predict(runs.designs, runs.steps)
    total = model.total(runs.designs, runs.steps)

    # One in twenty takes thirty times as long: 2.45 times on average, for all alike.
    assert ratio == pytest.approx(2.45, rel=0.1)
    assert total.seconds == pytest.approx(disturbed.sum(), rel=0.1)


def test_learning_bit_by_bit_is_learning_at_once(runs):
    model = RuntimeModel(Schema())
    for start in range(0, len(runs), 7):
        part = runs[start : start + 7]
        model.learn(part.designs, part.steps, part.seconds)
        model.predict(part.designs, part.steps)

    at_once = learned(runs).predict(runs.designs, runs.steps)

    assert model.seen == len(runs)
    np.testing.assert_allclose(model.predict(runs.designs, runs.steps), at_once, rtol=0.05)


def test_the_past_is_forgotten_when_there_is_much_of_it(runs):
    model = RuntimeModel(Schema())
    times = -(-MEMORY // len(runs))
    for _ in range(times):
        model.learn(runs.designs, runs.steps, 10 * runs.seconds)
    for _ in range(times):
        model.learn(runs.designs, runs.steps, runs.seconds)

    assert abs(np.median(log_error(model, runs))) < 0.05


def test_results_that_cost_nothing_teach_nothing(runs):
    model = RuntimeModel(Schema())
    model.learn(runs.designs[:3], runs.steps[:3], np.array([0.0, np.nan, 1.0]))

    assert model.seen == 1


def test_seconds_that_do_not_fit_the_designs_are_refused(runs):
    with pytest.raises(DesignError, match="3 designs"):
        RuntimeModel(Schema()).learn(runs.designs[:3], runs.steps[:3], np.ones(2))


def test_no_designs_take_no_time():
    model = RuntimeModel(Schema())
    nothing = np.empty((0, Schema().storage_length))

    assert model.predict(nothing, np.empty(0, dtype=np.int64)).shape == (0,)
    assert model.total(nothing, np.empty(0, dtype=np.int64)).seconds == 0


def test_the_longest_come_first_and_those_that_hardly_differ_stay_in_order():
    seconds = np.array([1.0, 1.02, 3.0, 1.01, 9.0, 2.99, 1.0])

    assert longest_first(seconds).tolist() == [4, 2, 5, 0, 1, 3, 6]


def ends_of(seconds, slots):
    """Hand one simulation after the other to the slot that is free first; when each ends."""
    free, ends = [0.0] * slots, []
    for one in seconds:
        ends.append(heapq.heappop(free) + one)
        heapq.heappush(free, ends[-1])
    return np.array(ends)


def test_longest_first_ends_sooner_with_real_times(runs):
    """With four simulations for each slot, what is long must not come last."""
    model = learned(runs[:50])
    rest = runs[50:]
    order = longest_first(model.predict(rest.designs, rest.steps))
    ideal = rest.seconds.sum() / 24

    as_numbered = ends_of(rest.seconds, slots=24).max()
    sorted_ends = ends_of(rest.seconds[order], slots=24).max()

    assert sorted_ends < as_numbered
    assert sorted_ends < 1.12 * ideal


def forecasts_of(runs, slots, seed, count=120, at=(0.1, 0.25, 0.5, 0.75, 0.9)):
    """Replay a campaign of real times; yield forecasts and how long it really took from there."""
    runs = runs[np.random.default_rng(seed).integers(0, len(runs), count)]
    model, forecast = RuntimeModel(Schema()), Forecast(0.0)
    order = longest_first(model.predict(runs.designs, runs.steps))
    ends = ends_of(runs.seconds[order], slots)
    by_end = np.argsort(ends)
    for done, place in enumerate(by_end, start=1):
        one = runs[order[place : place + 1]]
        forecast.finished(ends[place], float(model.predict(one.designs, one.steps)[0]), slots)
        model.learn(one.designs, one.steps, one.seconds)
        if done in {int(share * count) for share in at}:
            rest = runs[order[by_end[done:]]]
            total = model.total(rest.designs, rest.steps)
            longest = float(model.predict(rest.designs, rest.steps).max())
            doubt = total.deviation / total.seconds
            told = forecast.left(total.seconds, slots, longest=longest, doubt=doubt)
            yield told, ends.max() - ends[place]


@pytest.mark.parametrize("slots", [2, 8])
def test_forecasts_hold_what_comes_as_often_as_they_say(runs, slots):
    told, left = zip(*(one for n in range(5) for one in forecasts_of(runs, slots, n)), strict=True)

    inside = [one.low <= real <= one.high for one, real in zip(told, left, strict=True)]
    ratios = [one.seconds / real for one, real in zip(told, left, strict=True)]

    assert np.mean(inside) >= CONFIDENCE - 0.05
    assert np.median(ratios) == pytest.approx(1, abs=0.15)
    assert np.median([(one.high - one.low) / one.seconds for one in told]) < 1.0


def test_the_first_forecast_is_the_belief_and_says_that_it_is_unsure():
    told = Forecast(0.0).left(1000.0, slots=10)

    assert told.seconds == pytest.approx(100)
    assert told.low < 50
    assert told.high > 200


def test_a_cluster_that_grows_ends_sooner():
    forecast = Forecast(0.0)
    for number in range(1, 101):
        forecast.finished(float(number), 2.0, slots=2)

    small, large = forecast.left(1000.0, slots=2), forecast.left(1000.0, slots=20)

    assert small.seconds == pytest.approx(500, rel=0.05)
    assert large.seconds == pytest.approx(50, rel=0.1)


def test_nothing_left_takes_no_time():
    assert Forecast(0.0).left(0.0, slots=4).high == 0


def test_units_are_cut_to_their_aim():
    size = UnitSize(seconds=10.0, most=64)

    assert size.take(np.full(64, 1.0), left=1e6, slots=10) == 10
    assert size.take(np.full(64, 2.5), left=1e6, slots=10) == 4
    assert size.take(np.full(64, 100.0), left=1e6, slots=10) == 1
    assert size.take(np.full(64, 1e-3), left=1e6, slots=10) == 64
    assert size.take(np.empty(0), left=0.0, slots=10) == 0


def test_units_shrink_towards_the_end_and_slots_end_together(runs):
    size, slots = UnitSize(seconds=20.0), 4
    model = learned(runs[:50])
    many = runs[np.random.default_rng(0).integers(0, len(runs), 400)]
    expected = model.predict(many.designs, many.steps)
    order = longest_first(expected)

    units, start = [], 0
    while start < len(order):
        count = size.take(expected[order[start:]], float(expected[order[start:]].sum()), slots)
        units.append(order[start : start + count])
        start += count
    ends = ends_of([many.seconds[unit].sum() for unit in units], slots)

    sizes = [len(unit) for unit in units]
    assert sum(sizes) == len(many)
    assert max(sizes) > 10
    assert sizes[-4:] == [1, 1, 1, 1]
    assert len(units) < len(many) / 5
    # From the fullest slot to a perfect division: less than one of the simulations.
    assert ends.max() - many.seconds.sum() / slots < many.seconds.max()


def test_units_of_many_slots_last_longer_so_that_the_scheduler_sees_few():
    assert wall_time_for(2) == 10
    assert wall_time_for(1000) == 40
    assert wall_time_for(1_000_000) == 300


@pytest.mark.parametrize("wrong", [{"seconds": -1.0}, {"most": 0}, {"rounds": 0.5}])
def test_sizes_that_cannot_be_are_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        UnitSize(**wrong)
