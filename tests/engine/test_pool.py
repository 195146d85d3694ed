"""Runs in worker processes: what lives, what dies, and what is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from shoeroot.engine import (
    Engine,
    EngineModel,
    PersistentRunner,
    Run,
    RunResult,
    SubprocessRunner,
    make_runner,
    stop_runs,
)
from shoeroot.errors import EngineError

Objects = dict[str, Any]
Pack = Callable[[Objects], EngineModel]


@pytest.fixture
def short(as_engine_model: Pack, objects: Objects, weather: Path) -> Run:
    """A run of two days, which ends as short."""
    objects["RunPeriod"]["year"] |= {"end_month": 1, "end_day_of_month": 2}
    return Run(as_engine_model(objects), weather)


@pytest.fixture
def endless(as_engine_model: Pack, objects: Objects, weather: Path) -> Run:
    """A run of many seconds, unless something ends it."""
    years = {"begin_year": 2001, "end_year": 2101, "end_month": 12, "end_day_of_month": 31}
    slow = objects | {"RunPeriod": {"year": objects["RunPeriod"]["year"] | years}}
    slow["RunPeriod"]["year"].pop("day_of_week_for_start_day")
    return Run(as_engine_model(slow), weather)


@pytest.fixture
def runner(engine: Engine) -> Iterator[PersistentRunner]:
    with PersistentRunner(engine, workers=2) as runner:
        yield runner


def worker_ids(parent: int | None = None) -> list[int]:
    """Process ids of the workers that a process has started, without those that have ended."""
    found = []
    for child in psutil.Process(parent).children():
        try:
            if "shoeroot.engine.worker" in child.cmdline():
                found.append(child.pid)
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return found


def wait_until(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def is_running(folder: Path) -> bool:
    """Whether the engine has begun with a run."""
    return (folder / "eplusout.err").exists()


def said(result: RunResult) -> str:
    return "\n".join(message.text for message in result.messages)


def begin(pool: ThreadPoolExecutor, runner: PersistentRunner, run: Run) -> Future[RunResult]:
    """Start a run in another thread and wait until the engine is in it."""
    assert run.folder
    future = pool.submit(runner.run, run)
    assert wait_until(lambda: is_running(run.folder))
    return future


def test_worker_makes_one_run_after_another(runner: PersistentRunner, short: Run) -> None:
    first = runner.run(short)
    (worker,) = worker_ids()
    second = runner.run(short)

    assert worker_ids() == [worker]
    assert first.status == second.status == "short"
    assert first.cpu_seconds > 0
    assert first.messages == second.messages


def test_worker_of_a_large_process_is_kept(
    engine: Engine, short: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the process that starts workers holds in memory is none of theirs."""
    most = 2**29
    monkeypatch.setattr("shoeroot.engine.pool._MOST_BYTES", most)
    held = np.ones(most // 8)
    with PersistentRunner(engine) as runner:
        runner.run(short)
        (worker,) = worker_ids()
        runner.run(short)

        assert worker_ids() == [worker]
    assert held.nbytes == most


def test_worker_is_replaced_when_it_is_old(engine: Engine, short: Run) -> None:
    seen = []
    with PersistentRunner(engine, recycle_after=2) as runner:
        for _ in range(4):
            runner.start()
            seen += worker_ids()
            runner.run(short)

    assert seen[0] == seen[1] != seen[2] == seen[3]
    assert worker_ids() == []


def test_worker_has_one_thread_and_the_memory_tunables(
    runner: PersistentRunner, endless: Run, tmp_path: Path
) -> None:
    with ThreadPoolExecutor() as pool:
        begin(pool, runner, replace(endless, folder=tmp_path / "run", timeout=2))
        (worker,) = worker_ids()
        assert psutil.Process(worker).num_threads() == 1
        assert "mmap_threshold" in psutil.Process(worker).environ()["GLIBC_TUNABLES"]


def test_more_callers_than_workers_wait_for_each_other(
    runner: PersistentRunner, short: Run
) -> None:
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(runner.run, [short] * 6))

    assert {result.status for result in results} == {"short"}
    assert len({result.messages for result in results}) == 1
    assert len(worker_ids()) == 2


def test_worker_that_was_killed_says_so_and_is_replaced(
    runner: PersistentRunner, short: Run, endless: Run, tmp_path: Path
) -> None:
    with ThreadPoolExecutor() as pool:
        future = begin(pool, runner, replace(endless, folder=tmp_path / "run"))
        os.kill(worker_ids()[0], signal.SIGKILL)
        result = future.result(timeout=10)

    assert result.status == "crash"
    assert result.return_code == -9
    assert result.was_killed
    assert "killed by signal 9, not by its model" in said(result)
    assert not (tmp_path / "run").exists()
    assert runner.run(short).status == "short"


def test_idle_worker_that_was_killed_is_not_noticed(runner: PersistentRunner, short: Run) -> None:
    runner.start()
    (worker,) = worker_ids()
    os.kill(worker, signal.SIGKILL)

    assert runner.run(short).status == "short"
    assert worker_ids() != [worker]


def test_crash_and_timeout_leave_the_others_alone(
    runner: PersistentRunner,
    as_engine_model: Pack,
    short: Run,
    endless: Run,
    objects: Objects,
    weather: Path,
    tmp_path: Path,
) -> None:
    objects["Lights"]["south lights"]["schedule_name"] = "none"
    crashing = Run(as_engine_model(objects), weather)
    with ThreadPoolExecutor() as pool:
        late = begin(pool, runner, replace(endless, folder=tmp_path / "late", timeout=3))
        (worker,) = worker_ids()
        crashed = runner.run(crashing)
        good = runner.run(short)
        others = set(worker_ids()) - {worker}
        timed_out = late.result(timeout=20)

    assert (crashed.status, crashed.return_code) == ("crash", -signal.SIGSEGV)
    assert not crashed.was_killed
    assert "item not found" in said(crashed)
    assert good.status == "short"
    assert (timed_out.status, timed_out.return_code) == ("timeout", -9)
    assert not timed_out.was_killed
    assert 0 < timed_out.cpu_seconds <= timed_out.wall_seconds + 0.1
    assert others
    assert set(worker_ids()) == others


def test_folder_is_removed_unless_kept(
    runner: PersistentRunner, short: Run, tmp_path: Path
) -> None:
    gone, kept = tmp_path / "gone", tmp_path / "kept"

    assert runner.run(replace(short, folder=gone)).folder is None
    assert not gone.exists()
    assert runner.run(replace(short, folder=kept, keep=True)).folder == kept
    assert (kept / "eplusout.err").exists()
    assert (kept / "printed.txt").read_text()
    with pytest.raises(EngineError, match="not empty"):
        runner.run(replace(short, folder=kept))


@pytest.mark.parametrize("end", ["stop", "close"])
def test_stop_and_close_end_what_runs(
    runner: PersistentRunner, endless: Run, tmp_path: Path, end: str
) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    with ThreadPoolExecutor() as pool:
        futures = [begin(pool, runner, replace(endless, folder=folder)) for folder in folders]
        if end == "stop":
            assert stop_runs() == 2
        else:
            runner.close()
        for future in futures:
            with pytest.raises(EngineError, match="stopped" if end == "stop" else "closed"):
                future.result(timeout=5)

    assert wait_until(lambda: not worker_ids())
    assert not any(folder.exists() for folder in folders)
    assert stop_runs() == 0


def test_after_a_stop_it_goes_on_and_after_a_close_not(
    runner: PersistentRunner, short: Run
) -> None:
    runner.start()
    assert stop_runs() == 0  # nothing ran
    assert runner.run(short).status == "short"
    runner.close()
    runner.close()
    with pytest.raises(EngineError, match="closed"):
        runner.run(short)


def test_close_wakes_those_who_wait(engine: Engine, endless: Run, tmp_path: Path) -> None:
    with PersistentRunner(engine) as runner, ThreadPoolExecutor() as pool:
        running = begin(pool, runner, replace(endless, folder=tmp_path / "run"))
        waiting = pool.submit(runner.run, endless)
        runner.close()
        for future in (running, waiting):
            with pytest.raises(EngineError, match="closed"):
                future.result(timeout=5)


def test_runner_that_is_forgotten_leaves_no_workers(engine: Engine) -> None:
    PersistentRunner(engine).start()

    assert wait_until(lambda: not worker_ids())


PARENT = """
import sys
from pathlib import Path
from shoeroot.engine import EngineModel, Run, find_engine, folders, make_runner

folder, weather, memory = sys.argv[1:]
folders._MEMORY_FOLDER = Path(memory)
files = {"schedules.csv": Path(folder, "schedules.csv").read_bytes()}
model = EngineModel(Path(folder, "in.epJSON").read_bytes(), files)
with make_runner(find_engine()) as runner:
    print(runner.run(Run(model, Path(weather))).status)
"""


def test_worker_dies_with_its_parent_and_its_folder_is_swept(
    runner: PersistentRunner,
    endless: Run,
    short: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Runs are somewhere else than those of all others, so that nobody else sweeps them.
    memory = tmp_path / "memory"
    memory.mkdir()
    monkeypatch.setattr("shoeroot.engine.folders._MEMORY_FOLDER", memory)
    (tmp_path / "in.epJSON").write_bytes(endless.model.epjson)
    (tmp_path / "schedules.csv").write_bytes(endless.model.files["schedules.csv"])
    command = [sys.executable, "-c", PARENT, str(tmp_path), str(endless.weather), str(memory)]
    with subprocess.Popen(command) as parent:
        assert wait_until(lambda: worker_ids(parent.pid), 30)
        (worker,) = worker_ids(parent.pid)
        process = psutil.Process(worker)
        assert wait_until(lambda: "run-" in process.cwd(), 30)
        folder = Path(process.cwd())
        assert memory in folder.parents
        assert wait_until(lambda: is_running(folder))
        runner.run(short)
        assert is_running(folder)  # its owner lives
        parent.kill()
    assert wait_until(lambda: not psutil.pid_exists(worker))
    assert folder.exists()

    subprocess.run(
        [sys.executable, "-c", PARENT, *pack_into(tmp_path / "short", short), str(memory)],
        check=True,
    )

    assert not folder.parent.exists()


def pack_into(folder: Path, run: Run) -> list[str]:
    folder.mkdir()
    (folder / "in.epJSON").write_bytes(run.model.epjson)
    (folder / "schedules.csv").write_bytes(run.model.files["schedules.csv"])
    return [str(folder), str(run.weather)]


def test_make_runner_takes_the_fastest_way_there_is(
    engine: Engine, library_engine: Engine, tmp_path: Path
) -> None:
    broken = tmp_path / "libenergyplusapi.so"
    broken.write_text("rubbish")
    for chosen, kind in (
        (engine, PersistentRunner),
        (library_engine, PersistentRunner),
        (replace(engine, library=None), SubprocessRunner),
        (replace(engine, library=broken), SubprocessRunner),
        # A library of another build than the program would give other numbers.
        (replace(engine, build="0123456789"), SubprocessRunner),
    ):
        with make_runner(chosen) as runner:
            assert isinstance(runner, kind)
    with pytest.raises(EngineError, match="cannot be used"):
        make_runner(replace(library_engine, library=broken))
    with pytest.raises(EngineError, match="no library"):
        PersistentRunner(replace(engine, library=None))
    assert worker_ids() == []


def test_worker_that_cannot_start_says_why(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, short: Run, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'no such luck' >&2\nexit 3\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with PersistentRunner(engine) as runner:
        with pytest.raises(EngineError, match="ended before it began: no such luck"):
            runner.run(short)
        python.unlink()
        with pytest.raises(EngineError, match="cannot be started: No such file"):
            runner.run(short)
