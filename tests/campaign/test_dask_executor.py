"""Units on a real Dask cluster of processes: the events of a local run, whatever happens."""

from __future__ import annotations

import os
import shutil
import signal
import time
from dataclasses import replace

import numpy as np
import psutil
import pytest

from shoeroot.building import read_weather
from shoeroot.campaign import sample_designs
from shoeroot.campaign.config import CampaignConfig
from shoeroot.campaign.dask_executor import DaskExecutor, executor_of
from shoeroot.campaign.work import (
    LostUnit,
    SimulationContext,
    WorkUnit,
    simulate,
    template_key,
)
from shoeroot.design import CLIMATE_ZONES, Schema
from shoeroot.engine import make_runner
from shoeroot.errors import CampaignError, ConfigError, EngineError
from shoeroot.records import RecordType, Simulation, stripes_from_records

distributed = pytest.importorskip(
    "distributed", reason='Dask is not installed: pip install "shoeroot[dask]"'
)

DESIGNS, A_UNIT = 8, 2


@pytest.fixture(scope="module")
def designs(library):
    made = sample_designs(DESIGNS, library=library, seed=8)
    made[5, Schema()["wwr"].start_storage] = 3.0  # refused: larger than its wall
    return made


@pytest.fixture(scope="module")
def context(engine, library, designs):
    schema = Schema()
    names = [str(path) for path in sorted(engine.weather_folder.glob("*.epw"))]
    config = CampaignConfig.from_values({"weather": names}, where="test")
    weathers = tuple(read_weather(path) for path in sorted(engine.weather_folder.glob("*.epw")))
    zones = Schema()["climate_zone"].start_storage
    templates = {
        template_key(schema, vector): library.select(
            int(vector[2]), vector[3], CLIMATE_ZONES[int(vector[zones])]
        )
        for vector in designs
    }
    return SimulationContext(schema, config, templates, weathers, engine, None)


def units_of(designs, size=A_UNIT):
    numbers = np.arange(len(designs))
    return [
        WorkUnit(index, part, designs[part], np.ones(len(part), dtype=np.int64))
        for index, part in enumerate(np.array_split(numbers, -(-len(designs) // size)))
    ]


@pytest.fixture(scope="module")
def expected(context, designs):
    """The events as a local run makes them, by number."""
    with make_runner(context.engine) as runner:
        results = [simulate(context, unit, runner) for unit in units_of(designs, DESIGNS)]
    return {event.event_id: event for result in results for event in result.events}


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50
    ) as cluster:
        yield cluster


@pytest.fixture
def executor(cluster):
    executor = DaskExecutor(cluster)
    yield executor
    executor.stop()


def collect_all(executor, count, resubmit=()):
    """Collect until `count` units have ended; lost ones are submitted again."""
    units = {unit.unit_id: unit for unit in resubmit}
    ended, lost = [], []
    patience = time.monotonic() + 120
    while len(ended) < count:
        assert time.monotonic() < patience, (len(ended), lost)
        for one in executor.collect(timeout=0.5):
            if isinstance(one, LostUnit):
                lost.append(one)
                executor.submit(units[one.unit_id])
            else:
                ended.append(one)
    return ended, lost


def assert_same_events(results, expected):
    """Every event is there once, and each number and text that a file would hold is the same."""
    made = sorted(
        (event for result in results for event in result.events), key=lambda one: one.event_id
    )
    assert [event.event_id for event in made] == sorted(expected)
    kind = RecordType.of(Simulation)
    ours = stripes_from_records(kind, made)
    theirs = stripes_from_records(kind, [expected[number] for number in sorted(expected)])
    for name in ours.keys() - {"cpu_seconds"}:  # which is measured
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)


def test_the_events_are_those_of_a_local_run(executor, context, designs, expected):
    units = units_of(designs)

    executor.start(context)
    for unit in units:
        executor.submit(unit)
    results, lost = collect_all(executor, len(units))

    assert executor.slots == 2
    assert not lost
    assert_same_events(results, expected)
    assert {event.status for event in expected.values()} == {"ok", "invalid"}
    for result in results:
        assert ((result.wall_seconds > 0) | (units[result.unit_id].numbers == 5)).all()


def test_a_worker_killed_in_the_middle_costs_no_event_and_doubles_none(
    executor, cluster, context, designs, expected
):
    units = units_of(designs)
    executor.start(context)
    for unit in units:
        executor.submit(unit)
    first, _ = collect_all(executor, 1)

    victim, engines = busy_worker(cluster)
    os.kill(victim, signal.SIGKILL)
    rest, _ = collect_all(executor, len(units) - len(first), resubmit=units)

    assert_same_events(first + rest, expected)
    _, alive = psutil.wait_procs(engines, timeout=30)
    assert not alive, "its engines die with it"


def busy_worker(cluster):
    """Wait for a worker with an engine that runs: its process id, and its engine processes."""
    patience = time.monotonic() + 60
    while time.monotonic() < patience:
        for worker in cluster.workers.values():
            process = psutil.Process(worker.pid)
            engines = process.children(recursive=True)
            if engines and any(sum(one.cpu_times()[:2]) > 0.3 for one in engines):
                return worker.pid, engines
        time.sleep(0.02)
    raise AssertionError("no worker has an engine")


def test_a_unit_that_dask_gives_up_comes_back_and_runs_elsewhere(
    executor, cluster, context, designs, expected, monkeypatch
):
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)  # by default 3
    units = units_of(designs[:4])
    executor.start(context)
    for unit in units:
        executor.submit(unit)

    victim, _ = busy_worker(cluster)
    os.kill(victim, signal.SIGKILL)
    results, lost = collect_all(executor, len(units), resubmit=units)

    assert_same_events(results, {number: expected[number] for number in range(4)})
    assert "died" in lost[0].reason
    np.testing.assert_array_equal(lost[0].numbers, units[lost[0].unit_id].numbers)


def test_weather_files_that_workers_lack_are_sent_once(
    executor, context, designs, expected, tmp_path, monkeypatch
):
    # A relative path that means a file to this process alone: the workers' folder is another.
    monkeypatch.chdir(tmp_path)
    elsewhere = []
    for number, weather in enumerate(context.weathers):
        path = tmp_path / f"only-here-{number}.epw"
        shutil.copy(weather.path, path)
        elsewhere.append(replace(weather, path=path.relative_to(tmp_path)))
    units = units_of(designs)

    executor.start(replace(context, weathers=tuple(elsewhere)))
    for unit in units:
        executor.submit(unit)
    results, _ = collect_all(executor, len(units))

    renamed = {
        number: replace(expected[number], weather=elsewhere[place].name)
        for number, place in enumerate(designs[:, Schema()["base_epw"].start_storage].astype(int))
    }
    assert_same_events(results, renamed)


def test_another_engine_on_the_workers_is_refused(executor, context, designs):
    executor.start(context.with_engine(replace(context.engine, build="0123456789")))
    executor.submit(units_of(designs)[0])

    with pytest.raises(
        EngineError, match=r"25\.2\.0-0123456789; a Dask worker has 25\.2"
    ) as caught:
        collect_all(executor, 1)

    assert caught.value.where.startswith("tcp://")
    assert "same build" in caught.value.hint


def test_another_shoeroot_on_the_workers_is_refused(executor, context, designs, monkeypatch):
    monkeypatch.setattr("shoeroot.__version__", "9.9")  # here, not there
    executor.start(context)
    executor.submit(units_of(designs)[0])

    with pytest.raises(CampaignError, match=r"the campaign 9\.9"):
        collect_all(executor, 1)


def test_the_scheduler_sees_few_units_however_many_wait(executor, cluster, context, designs):
    hopeless = np.repeat(designs[5:6], 60, axis=0)
    units = units_of(hopeless, 1)
    executor.start(context)

    for unit in units:
        executor.submit(unit)
    # Two for each slot and two more, what has been released meanwhile, and the context.
    seen = [len(cluster.scheduler.tasks)]
    done = 0
    while done < len(units):
        done += len(executor.collect(timeout=5))
        seen.append(len(executor._flying))

    assert max(seen) <= 2 * 2 + 2 + 1
    assert done == len(units)


def test_stopping_ends_the_engines_and_leaves_the_cluster_as_it_was(cluster, context, designs):
    with distributed.Client(cluster, set_as_default=False) as client:
        executor = DaskExecutor(client)
        executor.start(context)
        for unit in units_of(np.repeat(designs[:1], 40, axis=0) + one_each(40), 20):
            executor.submit(unit)
        _, engines = busy_worker(cluster)

        executor.stop()
        executor.stop()  # again is no harm

        _, alive = psutil.wait_procs(engines, timeout=20)
        assert not alive
        assert client.submit(sum, [1, 2]).result() == 3
        assert len(client.nthreads()) == 2


def one_each(count):
    """Make designs differ, for the same model is simulated once: other widths."""
    change = np.zeros((count, Schema().storage_length))
    change[:, Schema()["width"].start_storage] = 1e-3 * np.arange(count)
    return change


def test_an_engine_lives_from_unit_to_unit(executor, cluster, context, designs):
    executor.start(context)
    runs = units_of(designs[:4], 1)
    for unit in runs[:2]:
        executor.submit(unit)
    collect_all(executor, 2)
    before = engines_of(cluster)

    for unit in runs[2:]:
        executor.submit(unit)
    collect_all(executor, 2)

    assert before
    assert before <= engines_of(cluster)


def engines_of(cluster):
    return {
        child.pid
        for worker in cluster.workers.values()
        for child in psutil.Process(worker.pid).children(recursive=True)
    }


def test_engines_end_when_their_worker_closes(context, designs):
    me = psutil.Process()
    before = {child.pid for child in me.children(recursive=True)}
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0", silence_logs=50
    ) as cluster:
        executor = DaskExecutor(cluster)
        executor.start(context)
        executor.submit(units_of(designs[:1])[0])
        collect_all(executor, 1)
        engines = [child for child in me.children(recursive=True) if child.pid not in before]
        assert engines

        cluster.scale(0)
        cluster.sync(cluster._correct_state)
        _, alive = psutil.wait_procs(engines, timeout=20)
        executor.stop()

    assert not alive


def test_a_worker_that_joins_late_gets_units(context, designs, expected):
    few = units_of(designs[:4])
    with distributed.LocalCluster(
        n_workers=0, threads_per_worker=1, dashboard_address=":0", silence_logs=50
    ) as cluster:
        executor = DaskExecutor(cluster)
        executor.start(context)
        assert executor.slots == 1  # so that there is something to scale up for
        for unit in few:
            executor.submit(unit)
        assert executor.collect(timeout=0.1) == []

        cluster.scale(1)
        results, _ = collect_all(executor, len(few))
        executor.stop()

    assert_same_events(results, {number: expected[number] for number in range(4)})


def test_a_scheduler_that_is_gone_is_an_error_of_the_campaign(context, designs):
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0", silence_logs=50
    ) as cluster:
        executor = DaskExecutor(cluster)
        executor.start(context)
        executor.submit(units_of(designs)[0])
    with pytest.raises(CampaignError, match="gone"):
        collect_all(executor, 1)
    executor.stop()


def test_the_address_of_a_cluster_and_its_scheduler_file_will_do(cluster, context, tmp_path):
    path = tmp_path / "scheduler.json"
    path.write_text(f'{{"address": "{cluster.scheduler_address}"}}')

    for text in (cluster.scheduler_address, str(path)):
        executor = executor_of(text)
        executor.start(context)
        assert executor.slots == 2
        executor.stop()


@pytest.mark.parametrize("text", ["", "somewhere", "local:none", "local:0"])
def test_what_names_no_cluster_is_refused(text):
    with pytest.raises(ConfigError, match=r"no Dask cluster|number of workers"):
        executor_of(text)


@pytest.mark.parametrize("wrong", [None, 8786, object()])
def test_what_is_no_cluster_is_refused(wrong):
    with pytest.raises(ConfigError, match="no Dask cluster"):
        DaskExecutor(wrong)


def test_a_scheduler_that_does_not_answer_is_an_error(context, monkeypatch):
    monkeypatch.setattr("shoeroot.campaign.dask_executor.CONNECT_SECONDS", 0.3)

    with pytest.raises(CampaignError, match="no Dask scheduler answers"):
        DaskExecutor("tcp://127.0.0.1:9").start(context)
