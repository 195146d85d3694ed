"""The 19 schedule operations, each by values that can be worked out by hand."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoeroot.design import HOURS, apply_operations
from shoeroot.design.vocabulary import SCHEDULE_OPERATIONS
from shoeroot.design.waves import sine_of_turns
from shoeroot.errors import DesignError

#: Rises from 0 to 1 over the year.
RAMP = np.linspace(0.0, 1.0, HOURS)
#: 2 pi from the first hour to the last, as the sines have it.
TIME = np.linspace(0.0, 2.0 * np.pi, HOURS)


SINES = [
    "0x0.0p+0",
    "0x1.3c6ef372fe950p-2",
    "0x1.2cf2304755a5ep-1",
    "0x1.e6f0e134454ffp-1",
    "0x1.0000000000000p+0",
    "0x0.0p+0",
    "-0x1.2cf2304755a5cp-1",
    "0x1.bb67ae8584cacp-1",
]


def operations_of(rows: int = 1, **wanted: float) -> np.ndarray:
    """Operations that keep a schedule, but for those wanted; on_off stands for on/off."""
    operations = np.zeros((rows, len(SCHEDULE_OPERATIONS)))
    operations[:, SCHEDULE_OPERATIONS.index("scale")] = 1
    for name, value in wanted.items():
        operations[:, SCHEDULE_OPERATIONS.index(name.replace("on_off", "on/off"))] = value
    return operations


def apply(schedule: np.ndarray, *, seed: int = 0, **wanted: float) -> np.ndarray:
    return apply_operations(schedule[None, :], operations_of(**wanted), seed)[0]


def flat(value: float) -> np.ndarray:
    return np.full(HOURS, value)


def test_there_are_19_operations_in_their_order():
    assert (
        *("reverse", "roll", "invert", "scale", "bias", "noise", "sin_overwrite", "sin_bias"),
        *("sin_0_amp", "sin_0_freq", "sin_0_phase", "sin_1_amp", "sin_1_freq", "sin_1_phase"),
        *("synthetic", "on/off", "uniform_random_daily", "pulse_period", "pulse_width"),
    ) == SCHEDULE_OPERATIONS


# One operation each


def test_scale_of_one_keeps_the_schedule():
    np.testing.assert_array_equal(apply(RAMP), RAMP)


def test_schedules_given_are_not_changed():
    given_schedules = RAMP[None, :].copy()

    apply_operations(given_schedules, operations_of(scale=0.5, reverse=1), 0)

    np.testing.assert_array_equal(given_schedules[0], RAMP)


def test_reverse_turns_the_year_around():
    np.testing.assert_array_equal(apply(RAMP, reverse=1), RAMP[::-1])


@pytest.mark.parametrize(
    ("roll", "first"),
    [(3, HOURS - 3), (3.9, HOURS - 3), (-2, 2), (HOURS + 1, HOURS - 1), (0.9, 0)],
)
def test_roll_shifts_by_whole_hours_to_later(roll, first):
    result = apply(RAMP, roll=roll)

    assert result[0] == RAMP[first]
    np.testing.assert_array_equal(np.sort(result), RAMP)


def test_invert_takes_from_one():
    np.testing.assert_array_equal(apply(RAMP, invert=1), 1 - RAMP)


def test_scale_multiplies():
    np.testing.assert_array_equal(apply(RAMP, scale=0.5), 0.5 * RAMP)


def test_scale_of_zero_leaves_nothing():
    np.testing.assert_array_equal(apply(RAMP, scale=0), flat(0))


def test_bias_adds():
    np.testing.assert_allclose(apply(flat(0.25), bias=0.5), flat(0.75))


def test_noise_adds_up_to_its_amount():
    added = apply(flat(0.25), noise=0.5) - 0.25

    assert added.min() >= 0
    assert added.max() <= 0.5
    assert added.mean() == pytest.approx(0.25, abs=5 * 0.5 / np.sqrt(12 * HOURS))


def test_sine_goes_between_zero_and_its_amplitude():
    result = apply(flat(0), sin_0_amp=0.8, sin_0_freq=1)

    np.testing.assert_allclose(result, 0.8 * (0.5 * np.sin(TIME) + 0.5), atol=1e-15)


def test_sine_of_frequency_zero_is_half_its_amplitude():
    np.testing.assert_allclose(apply(flat(0.1), sin_0_amp=0.4), flat(0.3))


def test_sine_frequency_counts_waves_in_a_year():
    result = apply(flat(0), sin_0_amp=1, sin_0_freq=12, sin_0_phase=0.01)

    rises = np.count_nonzero(np.diff(np.sign(result - 0.5)) > 0)
    assert rises == 12


def test_sine_phase_shifts_in_radians_of_the_year():
    result = apply(flat(0), sin_0_amp=1, sin_0_freq=1, sin_0_phase=np.pi / 2)

    assert result[0] == pytest.approx(1.0)


def test_phase_is_multiplied_by_the_frequency():
    result = apply(flat(0), sin_0_amp=1, sin_0_freq=2, sin_0_phase=np.pi / 4)

    assert result[0] == pytest.approx(1.0)


def test_second_sine_is_like_the_first():
    wave = {"amp": 0.6, "freq": 3, "phase": 0.2}

    first = apply(RAMP, **{f"sin_0_{name}": value for name, value in wave.items()})
    second = apply(RAMP, **{f"sin_1_{name}": value for name, value in wave.items()})

    np.testing.assert_array_equal(first, second)


def test_both_sines_add_up():
    result = apply(flat(0), sin_0_amp=0.2, sin_1_amp=0.6)

    np.testing.assert_allclose(result, flat(0.1 + 0.3))


def test_sine_bias_adds():
    np.testing.assert_allclose(apply(flat(0.25), sin_bias=0.25), flat(0.5))


def test_sine_overwrites_the_schedule():
    result = apply(RAMP, sin_overwrite=1, sin_0_amp=0.5, sin_bias=0.1)

    np.testing.assert_allclose(result, flat(0.35))


@pytest.mark.parametrize("value", [1.0, -1.0])
def test_synthetic_is_reserved(value):
    operations = operations_of(rows=3)
    operations[1, SCHEDULE_OPERATIONS.index("synthetic")] = value

    with pytest.raises(DesignError, match=f"synthetic = {value:g}") as caught:
        apply_operations(np.zeros((3, HOURS)), operations, 0)

    assert caught.value.where == "schedules"


@pytest.mark.parametrize(("on_off", "value"), [(1, 1.0), (-1, 0.0)])
def test_on_off_is_always_one_or_zero(on_off, value):
    np.testing.assert_array_equal(apply(RAMP, on_off=on_off), flat(value))


def test_uniform_random_daily_is_one_week_repeated():
    result = apply(RAMP, uniform_random_daily=1)

    np.testing.assert_array_equal(result[168:], result[:-168])
    assert len(np.unique(result[:168])) == 168


def test_pulses_are_high_for_their_width_in_each_period():
    result = apply(RAMP, pulse_period=24, pulse_width=8)

    np.testing.assert_array_equal(result.reshape(365, 24), np.tile([1] * 8 + [0] * 16, (365, 1)))


def test_pulse_without_width_is_always_low():
    np.testing.assert_array_equal(apply(RAMP, pulse_period=24), flat(0))


def test_pulse_as_wide_as_its_period_is_always_high():
    np.testing.assert_array_equal(apply(RAMP, pulse_period=24, pulse_width=24), flat(1))


def test_pulse_width_alone_does_nothing():
    np.testing.assert_array_equal(apply(RAMP, pulse_width=8), RAMP)


# Their order


def test_roll_comes_after_reverse():
    np.testing.assert_array_equal(apply(RAMP, reverse=1, roll=5), np.roll(RAMP[::-1], 5))


def test_scale_comes_after_invert():
    np.testing.assert_array_equal(apply(RAMP, invert=1, scale=0.5), 0.5 * (1 - RAMP))


def test_bias_comes_after_scale():
    np.testing.assert_allclose(apply(flat(0.5), scale=0.5, bias=0.25), flat(0.5))


@pytest.mark.parametrize(
    ("wanted", "value"),
    [
        ({"scale": 3, "bias": -0.25}, 0.75),
        ({"scale": -3, "bias": 0.25}, 0.25),
        ({"scale": 3, "sin_bias": -0.25}, 0.75),
        ({"bias": 0.75, "sin_bias": -0.25}, 0.75),
        ({"bias": -0.75, "sin_0_amp": 0.5}, 0.25),
        ({"bias": 9, "noise": -1e-12, "sin_bias": -0.5}, 0.5),
        ({"noise": -9, "sin_bias": 0.25}, 0.25),
    ],
)
def test_values_are_clipped_after_scale_after_bias_after_noise_and_after_the_sines(wanted, value):
    result = apply(flat(0.5), **wanted)

    np.testing.assert_allclose(np.median(result), value, atol=1e-9)


def test_always_on_hides_what_came_before():
    np.testing.assert_array_equal(apply(RAMP, invert=1, sin_0_amp=1, on_off=1), flat(1))


def test_random_week_hides_always_on():
    assert apply(RAMP, on_off=1, uniform_random_daily=1).min() < 1


def test_pulses_hide_the_random_week():
    result = apply(RAMP, uniform_random_daily=1, pulse_period=2, pulse_width=1)

    np.testing.assert_array_equal(result, np.tile([1.0, 0.0], HOURS // 2))


# Clipping


@pytest.mark.parametrize(
    ("wanted", "value"),
    [({"scale": 9.0}, 1.0), ({"scale": -9.0}, 0.0), ({"bias": 2.0}, 1.0), ({"sin_bias": -2.0}, 0)],
)
def test_values_are_clipped_to_shares(wanted, value):
    np.testing.assert_array_equal(apply(flat(0.5), **wanted), flat(value))


# Random numbers


@pytest.mark.parametrize("wanted", [{"noise": 0.5}, {"uniform_random_daily": 1}])
def test_same_seed_gives_the_same_schedule(wanted):
    np.testing.assert_array_equal(apply(RAMP, seed=7, **wanted), apply(RAMP, seed=7, **wanted))


@pytest.mark.parametrize("wanted", [{"noise": 0.5}, {"uniform_random_daily": 1}])
def test_another_seed_gives_another_schedule(wanted):
    assert (apply(flat(0.2), seed=7, **wanted) != apply(flat(0.2), seed=8, **wanted)).any()


def test_seed_matters_only_where_something_is_random():
    np.testing.assert_array_equal(apply(RAMP, seed=7, bias=0.1), apply(RAMP, seed=8, bias=0.1))


@pytest.mark.parametrize("wanted", [{"noise": 0.5}, {"uniform_random_daily": 1}])
def test_each_schedule_draws_its_own_numbers(wanted):
    result = apply_operations(np.full((3, HOURS), 0.2), operations_of(rows=3, **wanted), 0)

    assert (result[0] != result[1]).any()
    assert (result[1] != result[2]).any()


def test_noise_of_one_schedule_does_not_move_the_week_of_another():
    schedules = np.full((3, HOURS), 0.2)
    operations = operations_of(rows=3)
    operations[2, SCHEDULE_OPERATIONS.index("uniform_random_daily")] = 1
    noisy = operations.copy()
    noisy[0, SCHEDULE_OPERATIONS.index("noise")] = 0.5

    quiet_week = apply_operations(schedules, operations, 5)[2]
    noisy_week = apply_operations(schedules, noisy, 5)[2]

    np.testing.assert_array_equal(quiet_week, noisy_week)


def test_random_numbers_stay_the_same_in_every_version():
    """Numbers of today: designs on disk must mean the same tomorrow."""
    result = apply(flat(0), seed=42, uniform_random_daily=1)

    generator = np.random.Generator(np.random.PCG64(42))
    generator.random(HOURS)
    np.testing.assert_array_equal(result[:168], generator.random(168))
    assert apply(flat(0), seed=42, noise=1)[0] == 0.7739560485559633


def test_seed_below_zero_is_refused():
    with pytest.raises(DesignError, match="schedules_seed = -1"):
        apply(RAMP, seed=-1, noise=0.5)


def test_rows_have_operations_of_their_own():
    operations = operations_of(rows=3)
    operations[1, SCHEDULE_OPERATIONS.index("invert")] = 1

    result = apply_operations(np.stack([RAMP] * 3), operations, 0)

    np.testing.assert_array_equal(result, [RAMP, 1 - RAMP, RAMP])


ANY_OPERATIONS = st.lists(st.floats(-50, 50, allow_nan=False), min_size=19, max_size=19).map(
    lambda row: np.array(row) * (np.array(SCHEDULE_OPERATIONS) != "synthetic")
)


@given(row=ANY_OPERATIONS, seed=st.integers(0, 2**31))
@settings(max_examples=150, deadline=None)
def test_values_are_shares_whatever_the_operations(row, seed):
    result = apply_operations(RAMP[None, :], row[None, :], seed)

    assert result.shape == (1, HOURS)
    assert result.min() >= 0
    assert result.max() <= 1


# Many designs at once


def random_operations(designs: int, *, share: float, seed: int = 3) -> np.ndarray:
    """Operations of all kinds, each in a share of the schedules: (designs, 3, 19)."""
    generator = np.random.default_rng(seed)
    shape = (designs, 3, len(SCHEDULE_OPERATIONS))
    values = generator.uniform(-0.5, 1.5, shape)
    for name in ("reverse", "invert", "sin_overwrite", "on/off", "uniform_random_daily"):
        values[..., SCHEDULE_OPERATIONS.index(name)] = 1
    values[..., SCHEDULE_OPERATIONS.index("roll")] *= 1000
    values[..., SCHEDULE_OPERATIONS.index("pulse_period")] = generator.choice([24, 30.5], shape[:2])
    asked = generator.random(shape) < share
    asked[..., SCHEDULE_OPERATIONS.index("synthetic")] = False
    return np.where(asked, values, operations_of()[0])


def shared_schedules() -> np.ndarray:
    return np.random.default_rng(4).random((3, HOURS))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.4])
def test_designs_together_give_the_bits_of_each_alone(share):
    operations, schedules = random_operations(40, share=share), shared_schedules()

    together = apply_operations(schedules, operations, np.arange(40))

    for design in range(40):
        alone = apply_operations(schedules, operations[design], design)
        assert alone.tobytes() == together[design].tobytes()


def test_sines_of_many_designs_are_those_of_each_alone():
    operations = random_operations(300, share=0.0)
    sines = [SCHEDULE_OPERATIONS.index(f"sin_0_{part}") for part in ("amp", "freq", "phase")]
    operations[:, 0, sines] = np.random.default_rng(1).random((300, 3)) * [0.5, 400, 7]

    together = apply_operations(shared_schedules(), operations, 0)

    for design in (0, 255, 256, 299):
        alone = apply_operations(shared_schedules(), operations[design], 0)
        assert alone.tobytes() == together[design].tobytes()


def test_designs_may_start_from_schedules_of_their_own():
    schedules = np.random.default_rng(4).random((5, 3, HOURS))
    operations = random_operations(5, share=0.1)

    together = apply_operations(schedules, operations, np.arange(5))

    for design in range(5):
        alone = apply_operations(schedules[design], operations[design], design)
        np.testing.assert_array_equal(together[design], alone)


def test_result_goes_where_it_is_asked_to():
    operations, out = random_operations(5, share=0.2), np.empty((5, 3, HOURS))

    result = apply_operations(shared_schedules(), operations, np.arange(5), out=out)

    assert np.may_share_memory(result, out)
    np.testing.assert_array_equal(
        out, apply_operations(shared_schedules(), operations, np.arange(5))
    )


def test_result_may_replace_the_schedules():
    schedules = np.random.default_rng(4).random((5, 3, HOURS))
    operations = random_operations(5, share=0.2)
    expected = apply_operations(schedules, operations, np.arange(5))

    apply_operations(schedules, operations, np.arange(5), out=schedules)

    np.testing.assert_array_equal(schedules, expected)


def test_schedules_of_single_precision_are_worked_on_in_double():
    schedules = shared_schedules().astype(np.float32)
    operations = random_operations(5, share=0.2)

    result = apply_operations(schedules, operations, 0)

    np.testing.assert_array_equal(
        result, apply_operations(schedules.astype(np.float64), operations, 0)
    )


def test_result_may_overlap_the_schedules():
    memory = np.random.default_rng(4).random((6, 3, HOURS))
    operations = random_operations(5, share=0.2)
    expected = apply_operations(memory[:5], operations, np.arange(5))

    result = apply_operations(memory[:5], operations, np.arange(5), out=memory[1:])

    np.testing.assert_array_equal(result, expected)


def test_schedules_outside_0_to_1_are_clipped_even_without_operations():
    result = apply_operations(np.full((3, HOURS), 1.5), random_operations(2, share=0.0), 0)

    np.testing.assert_array_equal(result, np.ones((2, 3, HOURS)))


def test_no_designs_give_no_schedules():
    assert apply_operations(shared_schedules(), np.zeros((0, 3, 19)), 0).shape == (0, 3, HOURS)


def test_memory_beside_the_result_does_not_grow_with_the_designs():
    operations, schedules = random_operations(400, share=0.3), shared_schedules()
    out = np.empty((400, 3, HOURS))

    tracemalloc.start()
    apply_operations(schedules, operations, np.arange(400), out=out)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 0.1 * out.nbytes


def test_error_among_many_designs_says_which_one():
    operations = random_operations(5, share=0.0)
    operations[3, 1, SCHEDULE_OPERATIONS.index("synthetic")] = 2

    with pytest.raises(DesignError, match="synthetic = 2") as caught:
        apply_operations(shared_schedules(), operations, 0)

    assert caught.value.where == "design 3, schedules"


def test_seed_below_zero_among_many_designs_says_which_one():
    operations = random_operations(5, share=0.0)
    operations[:, 0, SCHEDULE_OPERATIONS.index("noise")] = 0.1

    with pytest.raises(DesignError, match="schedules_seed = -2") as caught:
        apply_operations(shared_schedules(), operations, [0, 1, 2, 3, -2])

    assert caught.value.where == "design 4, schedules_seed"


def test_operation_that_is_not_a_number_is_refused():
    with pytest.raises(DesignError, match="an operation is nan"):
        apply(RAMP, bias=np.nan)


@pytest.mark.parametrize(
    ("schedules", "operations", "seeds"),
    [
        (np.zeros((3, 8784)), np.zeros((3, 19)), 0),
        (np.zeros((4, 3, HOURS)), np.zeros((5, 3, 19)), 0),
        (np.zeros((3, HOURS)), np.zeros((3, 18)), 0),
        (np.zeros((3, HOURS)), np.zeros((5, 3, 19)), [1, 2]),
        (np.zeros((3, HOURS)), np.zeros(19), 0),
    ],
)
def test_shapes_that_do_not_fit_are_refused(schedules, operations, seeds):
    with pytest.raises(DesignError, match="shape"):
        apply_operations(schedules, operations, seeds)


@pytest.mark.parametrize("out", [np.empty((3, 8784)), np.empty((3, HOURS), np.float32)])
def test_place_for_the_result_must_fit(out):
    with pytest.raises(DesignError, match="out has shape"):
        apply_operations(shared_schedules(), np.zeros((3, 19)), 0, out=out)


# Sines


def test_sines_are_those_of_the_library():
    turns = np.random.default_rng(1).uniform(-40, 40, 100_000)

    expected = np.sin(2 * np.pi * (turns - np.rint(turns)))

    np.testing.assert_allclose(sine_of_turns(turns), expected, rtol=0, atol=5e-16)


def test_sines_are_the_same_numbers_on_every_machine():
    """Numbers of today, which follow from IEEE 754 alone."""
    turns = np.array([0.0, 0.05, 0.1, 0.2, 0.25, 0.5, 0.6, 1 / 3])

    assert [value.hex() for value in sine_of_turns(turns).tolist()] == SINES
