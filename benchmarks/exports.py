"""Time netCDF exports against xarray's own ways, on the same data with the same workers.

Usage: ``python benchmarks/exports.py [--simulations 20000] [--blocks 40] [--repeats 2]``, which is
1.4 GB. Each way writes the same dataset, (simulation, 2 zones, 8760 hours) of float32 made by Dask
from a cheap formula, with zlib 1 and shuffling, in a fresh process: alone, in the threads of that
process (`save_mfdataset` also in none), and with a `distributed.Client` of one thread a worker.
The ways take turns; the fastest of each counts for time, the largest for memory. Memory is that of
the process, beyond what it had before it began to write, without its workers; processor time is
that of both.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: By setting: our way first. The threads of `save_mfdataset` are no safe way: they may crash.
WAYS = {
    "alone": ("save", "save_mfdataset", "save_mfdataset threads", "to_netcdf"),
    "client": ("save", "save_mfdataset", "to_netcdf"),
}
#: Schedulers of Dask that the ways take where there is no client.
SCHEDULERS = {"save_mfdataset": "synchronous"}
CHUNKS = (100, 2, 744)


def dataset(simulations: int, blocks: int) -> Any:
    import dask.array as da
    import numpy as np
    import xarray as xr

    size = simulations // blocks
    hour = np.arange(8760, dtype="f4")

    def series(block_info: Any = None) -> Any:
        first = block_info[None]["array-location"][0][0]
        rng = np.random.default_rng(first)
        level = rng.uniform(0.5, 2, (size, 2, 1)).astype("f4")
        noise = rng.integers(0, 200, (size, 2, 8760), dtype="i2").astype("f4") / 100
        heat = level * (2 + np.cos(hour * (2 * np.pi / 8760)) + noise)
        heat[..., 3000:6000] = 0
        return heat

    values = da.map_blocks(
        series, chunks=((size,) * blocks, (2,), (8760,)), dtype="f4", meta=np.zeros((0, 0, 0), "f4")
    )
    times = np.datetime64("2001-01-01T00:30", "ns") + np.arange(8760) * np.timedelta64(1, "h")
    return xr.Dataset({"heating": (("simulation", "zone", "time"), values)}, {"time": times})


class PeakMemory(threading.Thread):
    """Looks at the memory of this process until it is stopped; `peak` is what was added."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        import psutil

        self._process = psutil.Process()
        self.before = self.peak = self._process.memory_info().rss
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.01):
            self.peak = max(self.peak, self._process.memory_info().rss)


def _import_all() -> None:
    """Import what any of the ways needs, once a worker, so that none pays for it alone."""
    import h5netcdf
    import netCDF4
    import xarray

    import shoeroot.exports  # noqa: F401

    assert h5netcdf.core
    assert netCDF4.Dataset
    assert xarray.Dataset


def processor_time(client: Any) -> float:
    """Add up the processor time of this process and all workers [s]."""
    workers = sum(client.run(time.process_time).values()) if client else 0.0
    return time.process_time() + workers


@contextmanager
def setting_of(name: str, way: str, workers: int) -> Iterator[Any]:
    """Give a client, or none, in which a way is to run."""
    if name == "alone":
        import dask

        _import_all()
        with dask.config.set(scheduler=SCHEDULERS.get(way, "threads")):
            yield None
        return
    import distributed

    cluster = distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, dashboard_address=None, processes=True
    )
    with cluster, distributed.Client(cluster) as client:
        client.wait_for_workers(workers)
        client.run(_import_all)
        _import_all()
        yield client


def write(way: str, data: Any, folder: Path) -> None:
    import xarray as xr

    from shoeroot.exports import save, split_by_chunks

    encoding = {"zlib": True, "complevel": 1, "shuffle": True, "chunksizes": CHUNKS}
    if way == "save":
        save(data, folder / "save", show_progress=False)
    elif way.startswith("save_mfdataset"):
        parts = list(split_by_chunks(data))
        (folder / "many").mkdir()
        for part in parts:
            part.heating.encoding = dict(encoding)
        paths = [folder / "many" / f"{number}.nc" for number in range(len(parts))]
        xr.save_mfdataset(parts, paths, engine="netcdf4")
    else:
        data.to_netcdf(folder / "one.nc", engine="netcdf4", encoding={"heating": encoding})


def one_way(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    with setting_of(options.setting, options.way, options.workers) as client:
        data = dataset(options.simulations, options.blocks)
        before = processor_time(client)
        memory = PeakMemory()
        memory.start()
        start = time.perf_counter()
        write(options.way, data, folder)
        seconds = time.perf_counter() - start
        memory.done.set()
        memory.join()
        processor = processor_time(client) - before
    size = sum(path.stat().st_size for path in folder.rglob("*.nc"))
    return {
        "seconds": seconds,
        "processor": processor,
        "peak": memory.peak,
        "added": memory.peak - memory.before,
        "size": size,
    }


def resume(folder: Path) -> dict[str, float]:
    """Time a call for a finished export of 40 files, and the reading of its bytes."""
    from shoeroot.exports import load, save

    data = dataset(400, 40)
    save(data, folder, show_progress=False)
    times, reads = [], []
    for _ in range(5):
        start = time.perf_counter()
        save(data, folder, show_progress=False)
        times.append(time.perf_counter() - start)
        start = time.perf_counter()
        load(folder).heating.sum().compute(scheduler="threads")
        reads.append(time.perf_counter() - start)
    return {"seconds": min(times), "reading": min(reads)}


def measured(options: argparse.Namespace, way: str, setting: str = "alone") -> dict[str, Any]:
    """Run one way in a fresh process."""
    command = [sys.executable, __file__, "--way", way, "--setting", setting]
    for name in ("simulations", "blocks", "workers"):
        command += [f"--{name}", str(getattr(options, name))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1] if done.stderr else "killed"}
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--simulations", type=int, default=20_000)
    parser.add_argument("--blocks", type=int, default=40)
    parser.add_argument("--workers", type=int, default=min(4, os.cpu_count() or 1))
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--setting", choices=tuple(WAYS), help="only one of them")
    parser.add_argument("--way", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        with tempfile.TemporaryDirectory() as folder:
            if options.way == "resume":
                print(json.dumps(resume(Path(folder) / "export")))
            else:
                print(json.dumps(one_way(options, Path(folder))))
        return
    volume = options.simulations * 2 * 8760 * 4 / 1e6
    print(f"{volume:.0f} MB in {options.blocks} blocks")
    for setting in [options.setting] if options.setting else WAYS:
        runs: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS[setting]}
        for _ in range(options.repeats):
            for way, found in runs.items():
                found.append(measured(options, way, setting))
                print(setting, way, found[-1], file=sys.stderr, flush=True)
        print(f"{setting}, {options.workers} workers" if setting == "client" else setting)
        report(runs)
    again = measured(options, "resume")
    print(
        f"resume of 40 finished files: {again['seconds']:.2f} s, "
        f"{again['seconds'] / again['reading']:.2f} of the time to read them"
    )


def report(runs: dict[str, list[dict[str, Any]]]) -> None:
    best: dict[str, dict[str, float]] = {}
    for way, found in runs.items():
        good = [one for one in found if "failed" not in one]
        if not good:
            print(f"{way:>24}: failed: {found[0]['failed']}")
            continue
        least = {name: min(one[name] for one in good) for name in ("seconds", "processor")}
        best[way] = {**least, "added": max(one["added"] for one in good)}
        print(
            f"{way:>24}: {best[way]['seconds']:6.1f} s, {best[way]['processor']:6.1f} s of "
            f"processors; {best[way]['added'] / 1e6:5.0f} MB added, "
            f"{max(one['peak'] for one in good) / 1e6:5.0f} MB in all; "
            f"{good[0]['size'] / 1e6:.0f} MB written"
        )
    ours = best.pop("save", None)
    if ours is None or not best:
        return
    for name, told in (("seconds", "time"), ("processor", "processors"), ("added", "memory")):
        least = min(one[name] for one in best.values())
        each = ", ".join(f"{ours[name] / one[name]:.2f} of {way}" for way, one in best.items())
        print(f"  {told}: {ours[name] / least:.2f} of the least ({each})")


if __name__ == "__main__":
    main()
