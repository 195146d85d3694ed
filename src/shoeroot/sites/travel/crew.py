"""Searches from many places, one after the other or in worker processes.

scipy's Dijkstra and scikit-fmm hold Python's lock while they search, so that threads take turns;
processes do not. Workers map the arrays of the graph from files, which they share.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from shoeroot.errors import SiteError
from shoeroot.sites.packages import require
from shoeroot.sites.travel.graph import Cells
from shoeroot.sites.travel.lengths import Array
from shoeroot.sites.travel.search import GraphSearch, Search, Ways

if TYPE_CHECKING:
    from shoeroot.progress import Advance

__all__ = ["Crew", "Job", "available_workers", "crew_for"]

# Workers, and the files that they read, take a second or two to start with.
_WORTH_SECONDS = 8.0
# The packages are found, but their public names, which load pandas and more, are not made.
_CODE = """
import importlib.util, sys
for name in ("shoeroot.sites", "shoeroot.sites.travel"):
    sys.modules[name] = importlib.util.module_from_spec(importlib.util.find_spec(name))
from shoeroot.sites.travel.crew import serve
serve()
"""


@dataclass(frozen=True, slots=True)
class Job:
    """A search from one node to others, within a limit [min]."""

    source: int
    targets: Array
    limit: float
    lines: bool


class Crew:
    """Runs jobs, here or in workers."""

    def __init__(self, search: Search, workers: Sequence[subprocess.Popen[bytes]] = ()) -> None:
        self.search = search
        self._workers: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()
        self._count = len(workers)
        for worker in workers:
            self._workers.put(worker)

    def run(self, jobs: Sequence[Job], advance: Advance) -> Iterator[Ways]:
        """Give the ways of each job, in the order of the jobs."""
        if not self._count:
            for job in jobs:
                yield self.search.ways(job.source, job.targets, job.limit, job.lines)
                advance(1)
            return
        with ThreadPoolExecutor(self._count) as threads:
            try:
                for ways in threads.map(self._in_worker, jobs):
                    yield ways
                    advance(1)
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                raise

    def _in_worker(self, job: Job) -> Ways:
        worker = self._workers.get()
        try:
            _send(_pipe(worker.stdin), job)
            answer = _receive(_pipe(worker.stdout))
        except (EOFError, BrokenPipeError, pickle.UnpicklingError) as problem:
            raise SiteError(
                "A worker process of the travel times ended unexpectedly",
                hint="each needs about 150 bytes a cell: use fewer, or workers=1",
            ) from problem
        finally:
            self._workers.put(worker)
        if not isinstance(answer, Ways):
            raise SiteError(f"A worker process of the travel times failed: {answer}")
        return answer


def available_workers() -> int:
    """Count the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def crew_for(search: Search, jobs: int, workers: int | None) -> Iterator[Crew]:
    """Lend a crew for some jobs.

    Parameters
    ----------
    search : Search
        Finds the ways.
    jobs : int
        How many searches there will be.
    workers : int or None
        Worker processes; 1: none, search here. None: as many as processors, where that is
        faster.
    """
    if workers is None:
        seconds = search.cells.count * jobs * search.seconds_a_cell
        workers = available_workers() if seconds > _WORTH_SECONDS else 1
    if workers < 1:
        raise SiteError(f"There is at least one worker, not {workers}")
    workers = min(workers, jobs)
    if workers < 2:
        yield Crew(search)
        return
    with tempfile.TemporaryDirectory(prefix="shoeroot-travel-") as folder:
        try:
            _save(search, Path(folder))
        except OSError as problem:
            raise SiteError(
                f"The graph cannot be put into a file for workers: {problem}",
                where=folder,
                hint="set TMPDIR to a folder with more room, or workers=1",
            ) from problem
        started: list[subprocess.Popen[bytes]] = []
        try:
            for _ in range(workers):
                started.append(_start(folder))  # noqa: PERF401  # those started must be known
            yield Crew(search, started)
        finally:
            for worker in started:
                worker.kill()
            for worker in started:
                worker.communicate()


def serve() -> None:
    """Do jobs in a worker process, until the parent kills it or is gone."""
    # Ctrl-C reaches all processes of a terminal; the parent ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    # What libraries print must not get between the answers.
    os.dup2(2, 1)
    search = _load(Path(sys.argv[1]))
    while True:
        try:
            job = _receive(sys.stdin.buffer)
        except EOFError:
            break
        try:
            answer: object = search.ways(job.source, job.targets, job.limit, job.lines)
        except Exception as problem:  # the parent raises it
            answer = f"{type(problem).__name__}: {problem}"
        try:
            _send(answers, answer)
        except BrokenPipeError:
            break
    # A parent that lives kills its workers: this one has been killed itself.
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    os._exit(1)


def _start(folder: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", _CODE, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    )


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise BrokenPipeError
    return pipe


def _send(pipe: IO[bytes], message: object) -> None:
    pickle.dump(message, pipe, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> Any:
    # Only this module's two ends write into the pipe.
    return pickle.load(pipe)  # noqa: S301


def _save(search: Search, folder: Path) -> None:
    cells = search.cells
    arrays = {"values": cells.grid.values, "node_of": cells.node_of, "cell_of": cells.cell_of}
    if isinstance(search, GraphSearch):
        edges = search.edges
        arrays |= {"minutes": edges.data, "nodes": edges.indices, "starts": edges.indptr}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    about = {
        "metric": "graph" if isinstance(search, GraphSearch) else "continuous",
        "transform": list(cells.grid.transform)[:6],
        "crs": cells.grid.crs.to_wkt(),
        "name": cells.grid.name,
    }
    (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")


def _load(folder: Path) -> Search:
    from scipy.sparse import csr_array

    from shoeroot.sites.grid import Grid

    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    # Copied when written to, which nothing does: pages of the file are shared by all workers.
    load = {path.stem: np.load(path, mmap_mode="c") for path in folder.glob("*.npy")}
    crs = require("pyproj").CRS.from_wkt(about["crs"])
    transform = require("affine").Affine(*about["transform"])
    grid = Grid(np.asarray(load["values"]), transform, crs, about["name"])
    cells = Cells(grid, np.asarray(load["node_of"]), np.asarray(load["cell_of"]))
    if about["metric"] == "continuous":
        from shoeroot.sites.travel.continuous import ContinuousSearch

        return ContinuousSearch(cells)
    parts = [np.asarray(load[name]) for name in ("minutes", "nodes", "starts")]
    return GraphSearch(cells, csr_array(tuple(parts), shape=(cells.count, cells.count)))
