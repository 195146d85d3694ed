"""Time origin-destination matrices against scikit-image's MCP_Geometric.

Usage: ``python benchmarks/travel.py [--side 1000] [--origins 20] [--repeats 3] [--continuous]
[--peer ENV/bin/python]``.

The raster: side x side cells in longitude and latitude with random friction from 12 to 120 km/h and
some barriers. Points are in random passable cells; all ways between each two of them are wanted,
minutes and kilometres. The peer runs in another environment, which has scikit-image (``python -m
venv ENV; ENV/bin/pip install scikit-image``), and does what is customary there: for each origin
`find_costs`, then `traceback` to each destination. It knows no lengths on the ground; each cell is
given one. On a small raster of square cells, which this script sees to first, both give the same
times.

Ways take turns and medians count. "cpu" is the processor time of all processes: a busy machine
disturbs it less than the clock.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
from affine import Affine

from shoeroot.sites import Grid, friction_graph
from shoeroot.sites.travel.graph import Cells
from shoeroot.sites.travel.search import GraphSearch

PEER = """
import json, resource, sys, time
import numpy as np
from skimage.graph import MCP_Geometric

folder = sys.argv[1]
costs = np.load(folder + "/costs.npy")
cells = [tuple(cell) for cell in np.load(folder + "/cells.npy").tolist()]
clock, cpu = time.perf_counter(), time.process_time()
paths = MCP_Geometric(costs)
made = time.process_time() - cpu
matrix = []
for start in cells:
    times, _ = paths.find_costs([start])
    matrix.append([float(times[cell]) for cell in cells])
    for cell in cells:
        if np.isfinite(times[cell]):
            paths.traceback(cell)
print(json.dumps({
    "clock": time.perf_counter() - clock,
    "cpu": time.process_time() - cpu,
    "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "matrix": matrix,
}))
"""


def make_raster(side: int) -> np.ndarray:
    random = np.random.default_rng(1)
    values = random.uniform(0.0005, 0.005, (side, side))
    values[random.random((side, side)) < 0.1] = np.inf
    return values


def make_grid(values: np.ndarray) -> Grid:
    step = 0.008333333333333333
    return Grid(values, Affine(step, 0, 60, 0, -step, 52), pyproj.CRS(4326), "friction")


def cpu_seconds() -> float:
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def ours(grid: Grid, points: gpd.GeoDataFrame, workers: int | None, metric: str) -> dict:
    clock, cpu = time.perf_counter(), cpu_seconds()
    graph = friction_graph(grid, workers=workers, metric=metric)
    built = cpu_seconds() - cpu
    table = graph.matrix(points)
    return {
        "clock": time.perf_counter() - clock,
        "cpu": cpu_seconds() - cpu,
        "built": built,
        "reached": int(table.minutes.notna().sum()),
    }


def run_peer(python: str, values: np.ndarray, cells: np.ndarray) -> dict | None:
    if not python:
        return None
    with tempfile.TemporaryDirectory() as folder:
        # MCP takes negative costs for barriers; a NaN makes it crash.
        np.save(Path(folder) / "costs.npy", np.where(np.isfinite(values), values * 1000, -1))
        np.save(Path(folder) / "cells.npy", cells)
        try:
            done = subprocess.run(
                [python, "-c", PEER, folder], capture_output=True, text=True, check=True
            )
        except (OSError, subprocess.CalledProcessError) as problem:
            print(getattr(problem, "stderr", "") or problem, file=sys.stderr)
            return None
        return json.loads(done.stdout)


def square_costs(values: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """What our search gives for cells of 1000 m, without barriers' corners being the question."""
    from scipy.sparse import csr_array

    rows, columns = values.shape
    number = np.arange(values.size).reshape(values.shape)
    parts = []
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        one = number[: rows - down, max(0, -right) : columns - max(0, right)].reshape(-1)
        other = number[down:, max(0, right) : columns + min(0, right)].reshape(-1)
        flat = values.reshape(-1)
        parts.append((one, other, 500 * (flat[one] + flat[other]) * np.hypot(down, right)))
    one, other, minutes = (np.concatenate(part) for part in zip(*parts, strict=True))
    edges = csr_array(
        (np.tile(minutes, 2), (np.r_[one, other], np.r_[other, one])), shape=(values.size,) * 2
    )
    grid = make_grid(values)
    search = GraphSearch(Cells(grid, number.astype(np.int32), number.reshape(-1)), edges)
    nodes = number[cells[:, 0], cells[:, 1]]
    return np.array([search.ways(int(node), nodes, np.inf, False).minutes for node in nodes])


def check(python: str) -> bool:
    random = np.random.default_rng(2)
    values, cells = random.uniform(0.0005, 0.005, (60, 60)), random.integers(0, 60, (8, 2))
    peer = run_peer(python, values, cells)
    if peer is None:
        return False
    np.testing.assert_allclose(square_costs(values, cells), peer["matrix"], rtol=1e-12, atol=1e-12)
    print("on square cells without barriers both give the same times")
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=1000)
    parser.add_argument("--origins", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peer", default="", help="a Python that has scikit-image")
    parser.add_argument("--continuous", action="store_true", help="the other metric as well")
    options = parser.parse_args()

    values = make_raster(options.side)
    grid = make_grid(values)
    random = np.random.default_rng(3)
    passable = np.argwhere(np.isfinite(values))
    cells = passable[random.permutation(len(passable))[: options.origins]]
    x = grid.transform.c + (cells[:, 1] + 0.5) * grid.transform.a
    y = grid.transform.f + (cells[:, 0] + 0.5) * grid.transform.e
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=4326)

    there = check(options.peer)
    if not there:
        print("THE PEER IS MISSING, nothing is compared: --peer names no Python with scikit-image")
    ways = {
        "shoeroot, 1 process": lambda: ours(grid, points, 1, "graph"),
        "shoeroot, 2 processes": lambda: ours(grid, points, 2, "graph"),
    }
    if options.continuous:
        ways["shoeroot, continuous"] = lambda: ours(grid, points, 1, "continuous")
    if there:
        ways["MCP_Geometric"] = lambda: run_peer(options.peer, values, cells)
    taken: dict[str, list[dict]] = {name: [] for name in ways}
    for _ in range(options.repeats):
        for name, way in ways.items():
            taken[name].append(way())
    print(f"{options.side} x {options.side} cells, {options.origins} points, medians of "
          f"{options.repeats} [s]")  # fmt: skip
    medians = {
        name: {key: statistics.median(one[key] for one in runs) for key in ("clock", "cpu")}
        for name, runs in taken.items()
    }
    for name, seconds in medians.items():
        line = f"{name:24s} clock {seconds['clock']:7.2f}   cpu {seconds['cpu']:7.2f}"
        if there and name != "MCP_Geometric":
            peer = medians["MCP_Geometric"]
            line += (
                f"   faster than MCP_Geometric: clock {peer['clock'] / seconds['clock']:.2f} x, "
                f"cpu {peer['cpu'] / seconds['cpu']:.2f} x"
            )
        print(line)
    built = statistics.median(one["built"] for one in taken["shoeroot, 1 process"])
    print(f"of which the graph takes {built:.2f} (cpu), once a raster")


if __name__ == "__main__":
    main()
