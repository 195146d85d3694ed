"""Time zonal statistics against exactextract alone: 500 polygons that share out 25 million cells.

Usage: ``python benchmarks/sites_zonal.py [--side 5000] [--polygons 500] [--repeats 5]``. Each way
runs in a process of its own, from the same file (float32, tiled, with nodata), and the ways take
turns; the fastest of each counts. Times are CPU times of the statistics alone, without imports and
without making the polygons. Memory is the peak of the process beyond what it had before.

``--large GB`` makes a raster of that size, sparse on disk, and says how much memory sums over it
take.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

WAYS = ("exactextract", "shoeroot", "exactextract, four statistics", "shoeroot, four statistics")
FOUR = ("sum", "min", "max", "mean")
CRS, CELL, WEST, NORTH = "EPSG:3035", 100.0, 4e6, 3.5e6


def make_raster(path: Path, side: int) -> None:
    import rasterio
    from affine import Affine

    rng = np.random.default_rng(1)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=side,
        width=side,
        count=1,
        dtype="float32",
        nodata=-9999,
        crs=CRS,
        transform=Affine(CELL, 0, WEST, 0, -CELL, NORTH),
        tiled=True,
        compress="deflate",
    ) as file:
        for top in range(0, side, 500):
            values = rng.poisson(3, (min(500, side - top), side)).astype("f4")
            values[rng.random(values.shape) < 0.1] = -9999
            file.write(values, 1, window=rasterio.windows.Window(0, top, side, values.shape[0]))


def make_places(side: int, count: int) -> Any:
    """Share the raster out to the surroundings of random points."""
    import geopandas
    import shapely

    extent = side * CELL
    corner = np.array([WEST, NORTH - extent])
    points = corner + np.random.default_rng(2).uniform(0, extent, (count, 2))
    frame = shapely.box(WEST, NORTH - extent, WEST + extent, NORTH)
    parts = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=frame))
    parts = shapely.segmentize(
        shapely.intersection(parts, frame), 500.0
    )  # as many vertices as units
    return geopandas.GeoDataFrame({"id": range(len(parts))}, geometry=parts, crs=CRS)


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def one_way(way: str, path: Path, side: int, count: int) -> dict[str, float]:
    from exactextract import exact_extract

    from shoeroot.sites import zonal_statistics

    places = make_places(side, count)
    statistics = FOUR if "four" in way else ("sum",)
    # Whatever loads when it is first used has loaded.
    little = places.iloc[:1].set_geometry(places.iloc[:1].representative_point().buffer(CELL))
    run = {
        "exactextract": lambda some: exact_extract(path, some, [*statistics], output="pandas"),
        "shoeroot": lambda some: zonal_statistics(path, some, statistics),
    }[way.partition(",")[0]]
    run(little)
    before, started = peak(), time.process_time()
    table = run(places)
    seconds = time.process_time() - started
    return {
        "seconds": seconds,
        "megabytes": (peak() - before) / 1e6,
        "sum": float(table["sum"].sum()),
    }


def large(gigabytes: float, folder: Path) -> None:
    import rasterio
    from affine import Affine

    side = int((gigabytes * 1e9 / 4) ** 0.5) // 512 * 512
    path = folder / "large.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=side,
        width=side,
        count=1,
        dtype="float32",
        nodata=-9999,
        crs=CRS,
        transform=Affine(CELL, 0, WEST, 0, -CELL, NORTH),
        tiled=True,
        blockxsize=512,
        blockysize=512,
        sparse_ok=True,
        bigtiff=True,
    ) as file:
        file.write(np.ones((512, side), "f4"), 1, window=rasterio.windows.Window(0, 512, side, 512))
    arguments = ["--worker", "shoeroot", "--path", str(path), "--side", str(side)]
    found = worker([*arguments, "--polygons", "20"])
    print(
        f"sum over {side * side / 1e6:.0f} million cells ({side * side * 4 / 1e9:.1f} GB): "
        f"{found['seconds']:.1f} s CPU, {found['megabytes']:.0f} MB"
    )
    assert round(found["sum"]) == 512 * side


def worker(arguments: list[str]) -> dict[str, float]:
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def compare(side: int, count: int, repeats: int, folder: Path) -> None:
    path = folder / "raster.tif"
    make_raster(path, side)
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(repeats):
        for way in WAYS:
            arguments = ["--worker", way, "--path", str(path)]
            sizes = ["--side", str(side), "--polygons", str(count)]
            found[way].append(worker([*arguments, *sizes]))
    print(f"{count} polygons, {side * side / 1e6:.0f} million cells, {repeats} repeats")
    for way, runs in found.items():
        seconds = [run["seconds"] for run in runs]
        memory = max(run["megabytes"] for run in runs)
        shown = ", ".join(f"{each:.2f}" for each in seconds)
        print(f"{way:30} {min(seconds):.2f} s CPU ({shown}), {memory:.0f} MB, sum {runs[0]['sum']}")
    for peer, own in zip(WAYS[::2], WAYS[1::2], strict=True):
        ratio = min(run["seconds"] for run in found[own]) / min(
            run["seconds"] for run in found[peer]
        )
        print(f"{own} / {peer}: {ratio:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=5000)
    parser.add_argument("--polygons", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--large", type=float, metavar="GB")
    parser.add_argument("--worker", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker:
        print(json.dumps(one_way(asked.worker, asked.path, asked.side, asked.polygons)))
        return
    with tempfile.TemporaryDirectory() as folder:
        if asked.large:
            large(asked.large, Path(folder))
        else:
            compare(asked.side, asked.polygons, asked.repeats, Path(folder))


if __name__ == "__main__":
    main()
