"""Identical models are simulated once: in a campaign, when it goes on, and between campaigns."""

from __future__ import annotations

import dataclasses
import os

import numpy as np
import pytest

import shoeroot
from shoeroot.building import read_weather
from shoeroot.campaign import (
    CampaignConfig,
    UnitResult,
    WorkUnit,
    prepare,
    replay,
    run_campaign,
    sample_designs,
)
from shoeroot.campaign.known_models import KnownModels
from shoeroot.campaign.result_cache import ResultCache
from shoeroot.campaign.sharing import SharingExecutor
from shoeroot.campaign.work import LostUnit
from shoeroot.records import records_equal

SCHEMA = shoeroot.Schema()
COP = SCHEMA["HeatingCoeffOfPerf"].start_storage
OWN = ("event_id", "batch_id", "variation_id", "design", "cpu_seconds", "end_uses")


@pytest.fixture(scope="module")
def designs(engine, library):
    """Two designs; the first again as it is; the second with a better heat pump."""
    weather = [read_weather(path) for path in sorted(engine.weather_folder.glob("*.epw"))]
    two = sample_designs(2, library=library, weather=weather, seed=9)
    four = np.concatenate([two, two])
    four[3, COP] *= 2
    return four


@pytest.fixture(scope="module")
def first(tmp_path_factory, designs, engine, library):
    """A campaign that was stopped after one design and went on, with a cache folder."""
    folder = tmp_path_factory.mktemp("sharing")
    options = dict(engine=engine, library=library, timesteps_per_hour=1, show_progress=False)
    options["cache"] = folder / "cache"
    run_campaign(designs, folder / "first", limit=1, **options)
    run_campaign(designs, folder / "first", **options)
    return folder, options


def events_of(folder):
    with shoeroot.open(folder) as events:
        return events.records()


def test_each_model_is_run_once(first):
    events = events_of(first[0] / "first")
    assert [one.event_id for one in events] == [0, 1, 2, 3]
    assert {one.status for one in events} == {"ok"}
    assert [one.cpu_seconds > 0 for one in events] == [True, True, False, False]
    assert events[0].model_hash == events[2].model_hash
    assert events[1].model_hash == events[3].model_hash


def test_events_of_shared_results_are_complete(first):
    events = events_of(first[0] / "first")
    for one, other in ((0, 2), (1, 3)):
        known = {name: getattr(events[one], name) for name in OWN}
        assert records_equal(dataclasses.replace(events[other], **known), events[one])
    before, after = (
        np.array([month.heating for month in events[number].end_uses]) for number in (1, 3)
    )
    assert before.sum() > 0
    assert after == pytest.approx(before / 2)
    assert replay(first[0] / "first", 3).exact


def test_another_campaign_takes_the_results_from_the_cache(first, designs):
    folder, options = first
    run_campaign(designs[::-1].copy(), folder / "second", **options)
    events = events_of(folder / "second")
    assert sum(one.cpu_seconds for one in events) == 0
    before = events_of(folder / "first")
    for one, other in zip(events, before[::-1], strict=True):
        own = {name: getattr(other, name) for name in ("event_id", "cpu_seconds")}
        assert records_equal(dataclasses.replace(one, **own), other)


def test_results_of_other_time_steps_are_not_shared(first, designs):
    folder, options = first
    run_campaign(designs[:1], folder / "finer", **{**options, "timesteps_per_hour": 2})
    assert events_of(folder / "finer")[0].cpu_seconds > 0


def key_of(event):
    return event.model_hash, event.weather_hash, event.engine


def test_damaged_results_are_made_again(first, tmp_path):
    event = events_of(first[0] / "first")[0]
    cache = ResultCache(tmp_path / "cache")
    cache.keep(event)
    (path,) = (tmp_path / "cache").glob("*/*.result")
    whole = path.read_bytes()
    assert records_equal(cache.find(key_of(event)), event)
    for damaged in (b"", whole[:100], whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1])):
        path.write_bytes(damaged)
        assert cache.find(key_of(event)) is None
        assert not path.exists()
        cache.keep(event)
        assert path.read_bytes() == whole
    assert cache.find(("0" * 64, event.weather_hash, event.engine)) is None


def test_a_result_under_another_name_is_not_believed(first, tmp_path):
    one, other = events_of(first[0] / "first")[:2]
    cache = ResultCache(tmp_path)
    cache.keep(one)
    (path,) = tmp_path.glob("*/*.result")
    content = path.read_bytes()
    cache.keep(other)
    target = next(each for each in tmp_path.glob("*/*.result") if each != path)
    target.write_bytes(content)
    assert cache.find(key_of(other)) is None


def test_what_was_not_used_for_long_goes_first(first, tmp_path):
    event = events_of(first[0] / "first")[0]
    cache = ResultCache(tmp_path)
    several = [dataclasses.replace(event, model_hash=f"{number:064d}") for number in range(4)]
    for one in several:
        cache.keep(one)
    sizes = {path: path.stat().st_size for path in tmp_path.glob("*/*.result")}
    for path in sizes:
        os.utime(path, (1, 1))
    assert cache.find(key_of(several[2])) is not None
    bounded = ResultCache(tmp_path, max_bytes=1.5 * max(sizes.values()))
    assert [bounded.find(key_of(one)) is not None for one in several] == [
        False,
        False,
        True,
        False,
    ]


def test_a_folder_that_cannot_be_written_is_left_alone(first, tmp_path):
    event = events_of(first[0] / "first")[0]
    cache = ResultCache(tmp_path / "cache")
    (tmp_path / "cache").rmdir()
    (tmp_path / "cache").write_text("a file stands where the folder was")
    with pytest.warns(UserWarning, match="results are not shared"):
        cache.keep(event)
    cache.keep(event)
    assert cache.find(key_of(event)) is None


def test_the_index_finds_events_by_their_model(first):
    parts = sorted((first[0] / "first" / "events").glob("part-*.root"))
    known = KnownModels(lambda: parts)
    assert len(known) == 2
    for event in events_of(first[0] / "first"):
        found = known.find(key_of(event))
        assert found is not None
        assert key_of(found) == key_of(event)
    for number in range(5000):
        known.add((str(number), "", ""), number)
    assert known.find(key_of(event)) is not None
    # Known by name, but there is no such event.
    assert known.find(("4999", "", "")) is None


class ByHand:
    """An executor whose units end when the test says so: no engine is in play."""

    slots, unit_seconds = 2, 0.0

    def __init__(self):
        self.units, self.ended = [], []

    def start(self, context):
        pass

    def stop(self):
        pass

    def submit(self, unit):
        self.units.append(unit)

    def collect(self, timeout):
        ended, self.ended = self.ended, []
        return ended


@pytest.fixture
def shared(designs, engine, library, first):
    """A sharing executor around one by hand, and what makes units and events for it."""
    config = CampaignConfig(
        weather=tuple(p.name for p in sorted(engine.weather_folder.glob("*.epw")))
    )
    inner = ByHand()
    executor = SharingExecutor(inner, KnownModels(list))
    executor.start(
        prepare(SCHEMA, designs, config, engine=engine, library=library).context(SCHEMA, config)
    )
    events = events_of(first[0] / "first")

    def unit(number, *places):
        some = np.array(places)
        return WorkUnit(number, some, designs[some], np.ones(len(some), dtype=np.int64))

    def end(sent, status="ok"):
        made = [dataclasses.replace(events[place], status=status) for place in sent.numbers]
        inner.ended.append(UnitResult(sent.unit_id, made, np.ones(len(sent))))
        return executor.collect(0.0)

    return executor, inner, unit, end


def test_a_design_waits_for_its_model_that_is_being_run(shared):
    executor, inner, unit, end = shared
    executor.submit(unit(10, 0, 1))
    executor.submit(unit(11, 2))
    executor.submit(unit(12, 3))
    assert [sent.numbers.tolist() for sent in inner.units] == [[0, 1]]
    ended = end(inner.units[0])
    assert sorted(one.unit_id for one in ended) == [10, 11, 12]
    assert [event.event_id for one in ended for event in one.events] == [2, 3, 0, 1]


def test_a_crash_is_not_shared(shared):
    executor, inner, unit, end = shared
    executor.submit(unit(10, 0))
    executor.submit(unit(11, 2))
    (crashed,) = end(inner.units[0], status="crash")
    assert crashed.unit_id == 10
    assert [sent.numbers.tolist() for sent in inner.units] == [[0], [2]]
    (ended,) = end(inner.units[1])
    assert (ended.unit_id, ended.events[0].status) == (11, "ok")


def test_a_lost_unit_goes_back_whole_and_others_run_on(shared):
    executor, inner, unit, end = shared
    executor.submit(unit(10, 0, 1))
    executor.submit(unit(11, 2))
    sent = inner.units[0]
    inner.ended.append(LostUnit(sent.unit_id, sent.numbers, "gone"))
    (lost,) = executor.collect(0.0)
    assert isinstance(lost, LostUnit)
    assert (lost.unit_id, lost.numbers.tolist()) == (10, [0, 1])
    assert inner.units[1].numbers.tolist() == [2]
    executor.submit(unit(12, 0))
    assert sorted(one.unit_id for one in end(inner.units[1])) == [11, 12]
