"""Workers that vanish, and limits that stop a campaign: with an executor that simulates nothing."""

from __future__ import annotations

from collections import Counter, deque
from threading import Event

import numpy as np
import pytest

import shoeroot
from shoeroot.campaign import LostUnit, UnitResult, run_campaign
from shoeroot.campaign.failures import cause_of
from shoeroot.campaign.limits import Limits, Stops, parse_budget
from shoeroot.campaign.results import failed_event
from shoeroot.errors import ConfigError
from shoeroot.records import Message


class Failing:
    """Ends each simulation as a timeout; loses the worker of some of them, so many times."""

    slots = 4

    def __init__(self, unit_seconds=0.0, losses=None):
        self.unit_seconds = unit_seconds
        self.losses = Counter(losses or {})
        self.units = deque()
        self.sizes = []

    def start(self, context):
        self.context = context

    def submit(self, unit):
        self.units.append(unit)
        self.sizes.append(len(unit))

    def collect(self, timeout):
        if not self.units:
            return []
        unit = self.units.popleft()
        numbers = unit.numbers.tolist()
        lost = [number for number in numbers if self.losses[number] > 0]
        if lost:
            self.losses.subtract(lost)
            return [LostUnit(unit.unit_id, unit.numbers, "the power went out")]
        jobs = map(self.context.job, numbers, unit.designs, unit.timesteps_per_hour.tolist())
        told = [Message("fatal", "it took too long", 1)]
        events = [failed_event(self.context.schema, job, "timeout", told) for job in jobs]
        return [UnitResult(unit.unit_id, events, np.ones(len(unit)))]

    def stop(self):
        self.units.clear()


@pytest.fixture
def run(campaign, engine, library, tmp_path):
    designs = np.concatenate([campaign.designs] * 8)
    designs[:, shoeroot.Schema()["width"].start_storage] += np.arange(len(designs)) / 10

    def run(executor, **options):
        return run_campaign(
            designs,
            tmp_path / "campaign",
            engine=engine,
            library=library,
            executor=executor,
            show_progress=False,
            **options,
        )

    return run


def ids(ended):
    with ended.open() as events:
        return sorted(events.event_id.tolist())


def test_designs_of_a_lost_worker_are_simulated_again(run):
    executor = Failing(unit_seconds=100.0, losses={3: 2})

    ended = run(executor)

    assert ended.statuses == {"timeout": 64}
    assert ids(ended) == list(range(64))
    assert max(executor.sizes) > 1
    # What was lost comes back design by design: one that kills its workers takes no other along.
    assert executor.sizes.count(1) > 2


def test_a_design_whose_worker_is_lost_three_times_is_recorded_as_a_crash(run):
    ended = run(Failing(losses={3: 5}))

    assert ended.statuses == {"crash": 1, "timeout": 63}
    with ended.open() as events:
        crashed = events.select(events.event_id == 3)[0]
    assert crashed.status == "crash"
    assert "the power went out" in crashed.messages[0].text


def test_a_limit_ends_a_session_and_the_next_goes_on(run):
    first = run(Failing(unit_seconds=100.0), limit=10)
    second = run(Failing(), limit=1000)

    assert (first.waiting, first.stopped) == (54, "the limit of 10 simulations is reached")
    assert (second.waiting, second.stopped) == (0, "")
    assert ids(second) == list(range(64))


def test_too_many_failures_stop_a_campaign_with_a_reason(run):
    ended = run(Failing(), max_failures="5%")

    assert "20 of 20 simulations failed" in ended.stopped
    assert "more than 5 %" in ended.stopped
    assert 0 < ended.waiting == 64 - ended.failed


def test_the_failures_of_a_campaign_are_one_group(run):
    (group,) = run(Failing(), limit=9).failures()

    assert (group.count, group.status, group.cause) == (9, "timeout", "it took too long")


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("1h30m", 5400), ("2d", 172800), (5, 5)]
)
def test_budgets(text, seconds):
    assert parse_budget(text) == seconds


@pytest.mark.parametrize("text", ["30", "soon", "", "3 weeks", "0m", "-5m"])
def test_what_is_no_budget(text):
    with pytest.raises(ConfigError):
        parse_budget(text)


@pytest.mark.parametrize("text", ["5 percent", "101%", "1.5", "-1"])
def test_what_is_no_number_of_failures(text):
    with pytest.raises(ConfigError):
        Limits.of(max_failures=text)


def test_time_is_up_when_the_budget_is_used():
    now = 100.0
    stops = Stops(Limits.of(budget="30m"), Event(), clock=lambda: now)

    assert stops.reason() == ""
    assert stops.fits(1800.0)
    assert not stops.fits(1801.0)
    now += 1801
    assert "1800 s is used up" in stops.reason()


def test_causes_have_no_names_and_no_numbers():
    first = 'Severe: Material "WOOL 17" of Zone="BLOCK 3" is 17.5 m thick, return code -11'
    second = 'Severe: Material "STONE" of Zone="BLOCK 12" is 3e-4 m thick, return code -11'

    causes = {cause_of("fatal", [Message("severe", text, 1)])[0] for text in (first, second)}

    assert causes == {"Severe: Material … of Zone=… is # m thick, return code -11"}


def test_the_cause_is_the_first_severe_message_and_not_the_last_words():
    told = [
        Message("warning", "a warning", 1),
        Message("fatal", "Errors occurred on processing input. Preceding conditions terminate.", 1),
        Message("severe", "the wall is not planar", 2),
    ]

    assert cause_of("fatal", told) == ("the wall is not planar", "the wall is not planar")
