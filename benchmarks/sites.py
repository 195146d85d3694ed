"""Time urban extents: against GOST's way, on 100 million cells, and by windows.

Usage: ``python benchmarks/sites.py [--population FILE] [--rows 900] [--columns 1450]
[--repeats 7] [--side 10000] [--scratch FOLDER] [--sections gost,large,windows,zonal]``.

gost: the rule "gost" on a grid of 900 x 1450 cells. GOST's way is a loop of our own in its style:
`rasterio.features.shapes` of the dense cells gives polygons; each becomes a shapely polygon, is
burnt into a mask of the whole grid, and people under the mask are summed; what is large enough is
joined to one geometry by a loop of unions, whose parts are the extents, which are burnt and summed
again. Both must find the same extents with the same people; theirs takes minutes. The grid is a
random one of cities with suburbs, or FILE repeated until it is large enough (some countries of
GHS-POP).

large: each step on a grid of `side` x `side` cells, in a process of its own, whose memory is
measured; scipy's `label` and `sum_labels`, which know no thresholds, stand beside the first two.

windows: the same raster as a file, by windows; what differs from the whole grid is an error.

zonal: `benchmarks/sites_zonal.py`, run as it is; see there.

Seconds are the processor's, of all threads; those of the clock are printed as well.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

DENSITY, POPULATION = 300, 5_000
CELL = 1000.0
GIGABYTE = 1e6  # of ru_maxrss, which counts kilobytes


def draw_people(rows: int, columns: int, seed: int = 1) -> Array:
    """People of cells of 1 km2: places of all sizes on a background of farms, float32."""
    from scipy import ndimage

    rng = np.random.default_rng(seed)
    # Noise of a grid of a quarter of the side is drawn finer: 10000 x 10000 cells in seconds.
    coarse = rng.standard_normal((-(-rows // 4), -(-columns // 4)), dtype=np.float32)
    field = ndimage.gaussian_filter(coarse, 1.2)
    field /= field.std()
    people = np.kron(field, np.ones((4, 4), dtype=np.float32))[:rows, :columns]
    for top in range(0, rows, 500):
        part = people[top : top + 500]
        part *= 1.6
        part += 0.8 * rng.standard_normal(part.shape, dtype=np.float32) + 3.4
        np.exp(part, out=part)
    return np.ascontiguousarray(people)


def grid_of(people: Array) -> Any:
    from affine import Affine

    from shoeroot.sites import Grid

    transform = Affine(CELL, 0, -5e6, 0, -CELL, 5e6)
    return Grid(people, transform, "ESRI:54009", "population of the benchmark")


def gosts_way(people: Array, transform: Any) -> list[tuple[float, float]]:
    """People and area of extents, by a loop over polygons."""
    import shapely
    from rasterio import features
    from shapely.geometry import shape

    def people_in(geometry: Any) -> float:
        outside = features.rasterize(
            [(geometry, 0)], out_shape=people.shape, fill=1, transform=transform
        )
        return float(np.ma.array(people, mask=outside.astype(bool)).sum(dtype="f8") or 0)

    kept = []
    dense = (people > DENSITY).astype("int16")
    for outline, value in features.shapes(dense, transform=transform):
        if value == 1:
            polygon = shape(outline)
            if people_in(polygon) > POPULATION:
                kept.append(polygon)
    joined = shapely.Polygon()
    for polygon in kept:
        joined = joined.union(polygon)
    parts = getattr(joined, "geoms", [joined])
    return sorted((people_in(part), part.area / 1e6) for part in parts)


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    begin = time.perf_counter(), time.process_time()
    result = work()
    return result, time.perf_counter() - begin[0], time.process_time() - begin[1]


def compare_with_gost(people: Array, repeats: int) -> None:
    from shoeroot.sites import urban_extents

    grid = grid_of(people)

    def ours(**given: Any) -> Any:
        return urban_extents(grid, **({"rule": "gost", "level": "urban_cluster"} | given))

    ways: dict[str, Callable[[], Any]] = {
        "gost, urban clusters": ours,
        "gost, urban centres, smoothed": lambda: ours(level="urban_centre"),
        "degurba, urban clusters": lambda: ours(rule="degurba"),
        "degurba, urban centres": lambda: ours(rule="degurba", level="urban_centre"),
    }
    ours()  # imports
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    found = {}
    for _ in range(repeats):
        for name, work in ways.items():
            found[name], clock, processor = timed(work)
            times[name].append((clock, processor))
    print(f"\nurban extents of {people.shape[0]} x {people.shape[1]} cells, tables and polygons")
    for name, spent in times.items():
        clock, processor = (statistics.median(each[kind] for each in spent) for kind in (0, 1))
        print(
            f"{name:>40}: {processor:8.3f} s (clock {clock:.3f} s), {len(found[name])} extents, "
            f"{(found[name].labels > 0).mean():.1%} of the cells"
        )
    theirs, clock, processor = timed(lambda: gosts_way(people, grid.transform))
    table = found["gost, urban clusters"].table
    mine = sorted(zip(table["population"], table["area_km2"], strict=True))
    # Parts that touch at a corner are one polygon for no one: both ways keep them apart.
    assert len(mine) == len(theirs), (len(mine), len(theirs))
    np.testing.assert_allclose(mine, theirs, rtol=1e-6)
    first = [
        statistics.median(each[kind] for each in times["gost, urban clusters"]) for kind in (0, 1)
    ]
    print(
        f"{'GOST`s way, urban clusters':>40}: {processor:8.3f} s (clock {clock:.3f} s)  "
        f"shoeroot is faster: {processor / first[1]:.0f} x (clock {clock / first[0]:.0f} x)  "
        "wanted >= 100"
    )


def peak() -> float:
    """Most memory that this process ever had [GB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIGABYTE


def steps(side: int) -> dict[str, list[float]]:
    """Each step on a large grid: seconds of the clock and the processor, peak memory [GB]."""
    from shoeroot.sites.degurba import fill_holes
    from shoeroot.sites.extents import surface_of, tabulate
    from shoeroot.sites.labelling import keep_labels, label_cells, rounded, sums_of_labels
    from shoeroot.sites.smoothing import join_majority_labels, join_majority_window

    grid = grid_of(draw_people(side, side))
    people = grid.values
    told = {"grid of people, for itself": [0.0, 0.0, peak()]}

    def step(name: str, work: Callable[[], Any]) -> Any:
        result, clock, processor = timed(work)
        told[name] = [clock, processor, peak()]
        return result

    label_cells(people[:10, :10] > DENSITY)  # imports
    dense = step("dense cells", lambda: people > DENSITY)
    labels, count = step("label", lambda: label_cells(dense))
    told["label"].append(count)
    sums = step("sum people of labels", lambda: sums_of_labels(labels, people, count, rounded))
    labels, count = step("keep the large ones", lambda: keep_labels(labels, sums > POPULATION))
    told["keep the large ones"].append(count)
    step("smooth, gost", lambda: join_majority_window(labels > 0))
    surface = surface_of(grid, None, None)
    labels = step("fill holes, degurba", lambda: fill_holes(labels, surface, 15))
    counted, free = people > 0, np.ones(people.shape, dtype=bool)
    labels = step("smooth, degurba", lambda: join_majority_labels(labels, counted, free))
    step("table and polygons", lambda: tabulate(labels, count, grid, "urban_cluster"))
    return told


def scipys_steps(side: int) -> dict[str, list[float]]:
    from scipy import ndimage

    people = draw_people(side, side)
    (labels, count), *label = timed(lambda: ndimage.label(people > DENSITY))
    _, *total = timed(lambda: ndimage.sum_labels(people, labels, np.arange(1, count + 1)))
    return {"label": [*label, peak()], "sum people of labels": [*total, peak()]}


def whole(side: int) -> dict[str, list[float]]:
    """`urban_extents` at a time on a large grid."""
    from shoeroot.sites import urban_extents

    grid = grid_of(draw_people(side, side))
    urban_extents(grid.part(slice(0, 100)))  # imports
    told = {}
    for rule, level in (
        ("gost", "urban_cluster"),
        ("gost", "urban_centre"),
        ("degurba", "urban_centre"),
    ):
        found, clock, processor = timed(
            lambda rule=rule, level=level: urban_extents(grid, rule=rule, level=level)
        )
        told[f"{rule}, {level}"] = [clock, processor, peak(), len(found)]
        del found
    return told


def by_windows(side: int, scratch: str) -> dict[str, list[float]]:
    from shoeroot.sites import urban_extents_by_window

    path = Path(scratch) / "people.tif"
    told = {}
    for rule in ("gost", "degurba"):
        found, clock, processor = timed(
            lambda rule=rule: urban_extents_by_window(path, rule=rule, scratch=scratch)
        )
        told[f"{rule}, urban_centre"] = [clock, processor, peak(), len(found)]
    return told


def in_a_process(name: str, *arguments: object) -> dict[str, list[float]]:
    command = [sys.executable, __file__, "--worker", name, *map(str, arguments)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    told: dict[str, list[float]] = json.loads(output.splitlines()[-1])
    return told


def show(title: str, told: dict[str, list[float]], peers: dict[str, list[float]]) -> None:
    print(f"\n{title}")
    for name, (clock, processor, memory, *count) in told.items():
        line = f"{name:>40}: {processor:7.2f} s (clock {clock:6.2f} s), peak {memory:5.2f} GB"
        if count:
            line += f", {count[0]:.0f} found"
        if name in peers:
            line += f"  scipy's way {peers[name][1]:.2f} s (clock {peers[name][0]:.2f} s)"
        print(line)


def compare_large(side: int) -> None:
    told = in_a_process("steps", side)
    title = f"{side * side / 1e6:.0f} million cells, step by step"
    show(title + "; wanted < 3 s a step, < 4 GB", told, in_a_process("scipy", side))
    show("the same at once: urban_extents", in_a_process("whole", side), {})


def compare_windows(side: int, scratch: Path) -> None:
    from shoeroot.sites import urban_extents, write_grid

    people = draw_people(side, side)
    grid = grid_of(people)
    path = write_grid(scratch / "people.tif", grid)
    told = in_a_process("windows", side, scratch)
    for rule in ("gost", "degurba"):
        assert told[f"{rule}, urban_centre"][3] == len(urban_extents(grid, rule=rule))
    size = path.stat().st_size / 1e6
    show(
        f"by windows from a file of {size:.0f} MB, {side * side / 1e6:.0f} million cells", told, {}
    )


def compare_zonal() -> None:
    script = Path(__file__).with_name("sites_zonal.py")
    print("\nzonal statistics")
    sys.stdout.flush()
    subprocess.run([sys.executable, str(script)], check=True)


WORKERS = {"steps": steps, "scipy": scipys_steps, "whole": whole, "windows": by_windows}


def read_people(path: Path | None, rows: int, columns: int) -> Array:
    if path is None:
        return draw_people(rows, columns)
    from shoeroot.sites import read_grid

    people = np.nan_to_num(read_grid(path).values, nan=0).astype(np.float32)
    times = -(-rows // people.shape[0]), -(-columns // people.shape[1])
    return np.ascontiguousarray(np.tile(people, times)[:rows, :columns])


def main() -> None:
    if sys.argv[1:2] == ["--worker"]:
        side, *rest = sys.argv[3:]
        print(json.dumps(WORKERS[sys.argv[2]](int(side), *rest)))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--population", type=Path, help="a raster of people, for the first section")
    parser.add_argument("--rows", type=int, default=900)
    parser.add_argument("--columns", type=int, default=1450)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--side", type=int, default=10_000)
    parser.add_argument("--scratch", type=Path, help="where files are written (2 GB)")
    parser.add_argument("--sections", default="gost,large,windows,zonal")
    given = parser.parse_args()
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, numpy {np.__version__}")
    sections = given.sections.split(",")
    if "gost" in sections:
        people = read_people(given.population, given.rows, given.columns)
        compare_with_gost(people, given.repeats)
    if "large" in sections:
        compare_large(given.side)
    if "windows" in sections:
        with tempfile.TemporaryDirectory(dir=given.scratch) as folder:
            compare_windows(given.side, Path(folder))
    if "zonal" in sections:
        compare_zonal()


if __name__ == "__main__":
    main()
