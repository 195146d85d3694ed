"""Time the reading of events against its peers, on the hourly series of real simulations.

Usage: ``python benchmarks/events.py [FOLDER] [--events 2000] [--repeats 7]``. Without a folder
(a campaign, or one that an earlier run was told to keep) a demo campaign of 256 designs is
simulated; its events are repeated, each zone's series scaled a little, for 1 to 8 zones an event.
All times are of one run on the same data, read once before; the ways take turns, and medians
count. A ratio above 1 means that shoeroot is faster.

Peers: zstandard alone, on the same baskets; ROOT's RDataFrame with a function compiled with -O3,
its second run in a process; PyROOT's loop over entries with numpy inside, as hax has it; h5py with
Blosc (``pip install hdf5plugin h5py``); uproot. A peer that is not installed is left out.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import uproot
import zstandard

from shoeroot.campaign import run_demo
from shoeroot.events import EventWriter, open_events
from shoeroot.records import Simulation

SERIES = ("heating", "cooling", "electricity", "temperature")
FILES = 100
FROM_ROOT = ("RDataFrame -O3, 1 thread", "hax-style loop over events")

ROOT_SCRIPT = r"""
import json, sys, time
import numpy as np
import ROOT
SERIES = ("heating", "cooling", "electricity", "temperature")
ROOT.gInterpreter.Declare('''
#include <cmath>
struct Summary { double total; float peak; int hour; };
#pragma cling optimize(3)
Summary summarize(const ROOT::RVec<float> &x) {
    const float *values = x.data();
    const std::size_t count = x.size();
    // Four sums at once, as -O3 may not reorder them itself.
    double sums[4] = {0, 0, 0, 0};
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (int k = 0; k < 4; ++k) sums[k] += values[i + k];
    for (; i < count; ++i) sums[0] += values[i];
    float peak = values[0];
    int hour = 0;
    for (std::size_t j = 1; j < count; ++j)
        if (values[j] > peak) { peak = values[j]; hour = j; }
    return {sums[0] + sums[1] + sums[2] + sums[3], peak, hour};
}
void loop(ROOT::RDataFrame &frame, std::vector<double> &totals, std::vector<int> &hours) {
    frame.Foreach(
        [&](const ROOT::RVec<float> &a, const ROOT::RVec<float> &b, const ROOT::RVec<float> &c,
            const ROOT::RVec<float> &d) {
            for (const auto *x : {&a, &b, &c, &d}) {
                const auto s = summarize(*x);
                totals.push_back(s.total);
                hours.push_back(s.hour);
            }
        },
        {"heating", "cooling", "electricity", "temperature"});
}
''')
def events():
    # As hax has it: ROOT gives one entry after the other, numpy works inside the loop.
    file = ROOT.TFile.Open(sys.argv[1])
    tree = file.Get("zones_hourly")
    tree.SetBranchStatus("*", False)
    for name in SERIES:
        tree.SetBranchStatus(name, True)
    total, hours = 0.0, 0
    begin = time.perf_counter()
    for row in tree:
        for name in SERIES:
            values = np.asarray(getattr(row, name))
            total += float(values.sum(dtype="f8"))
            hours += int(values.argmax())
            values.max()
    return time.perf_counter() - begin, total, hours
def run():
    frame = ROOT.RDataFrame("zones_hourly", sys.argv[1])
    totals, hours = ROOT.std.vector("double")(), ROOT.std.vector("int")()
    begin = time.perf_counter()
    ROOT.loop(frame, totals, hours)
    return time.perf_counter() - begin, sum(totals), sum(hours)
run()
for line in sys.stdin:
    print(json.dumps(events() if line.startswith("events") else run()), flush=True)
"""


def make_events(source: Path, folder: Path, count: int) -> Path:
    """Repeat the events of a campaign, scaled a little, with 1 to 8 zones each."""
    with open_events(source) as events:
        real = [each for each in events.records() if each.zones]
    rng = np.random.default_rng(0)
    with EventWriter(folder, Simulation, batch=100, expected_events=count) as writer:
        for first in range(0, count, 100):
            writer.write(
                [_scaled(real, rng, number) for number in range(first, min(first + 100, count))]
            )
    return writer.paths[0]


def _scaled(real: list[Simulation], rng: np.random.Generator, number: int) -> Simulation:
    event = real[number % len(real)]
    zones = []
    for index in range(int(rng.integers(1, 9))):
        zone = event.zones[index % len(event.zones)]
        factor = np.float32(rng.uniform(0.9, 1.1))
        hourly = {name: getattr(zone.hourly, name) * factor for name in SERIES}
        zones.append(dataclasses.replace(zone, hourly=dataclasses.replace(zone.hourly, **hourly)))
    return dataclasses.replace(event, event_id=number, zones=zones)


def stored_baskets(path: Path) -> Iterator[tuple[int, int, int]]:
    """Give place, bytes and key bytes of all baskets of the series, as uproot finds them."""
    with uproot.open({str(path): None}) as file:
        for name in SERIES:
            branch = file["zones_hourly"][name]
            for number in range(branch.num_baskets):
                key = branch.basket_key(number)
                yield key.fSeekKey, key.fNbytes, key.fKeylen


def decompress_alone(path: Path) -> Callable[[Any], int]:
    """Make what reads and decompresses the baskets in the fastest way that zstandard has."""
    baskets = list(stored_baskets(path))

    def work(chosen: list[tuple[int, int, int]]) -> int:
        decompressor, total = zstandard.ZstdDecompressor(), 0
        target = bytearray(1 << 24)
        with path.open("rb") as stream:
            for place, size, header in chosen:
                stream.seek(place + header)
                content = memoryview(stream.read(size - header))
                while len(content):
                    length = int.from_bytes(content[3:6], "little")
                    with decompressor.stream_reader(content[9 : 9 + length]) as reader:
                        total += reader.readinto(target)
                    content = content[9 + length :]
        return total

    def run(executor: Any = None) -> int:
        if executor is None:
            return work(baskets)
        return sum(executor.map(work, (baskets[::2], baskets[1::2])))

    return run


def reduce_with_shoeroot(path: Path, threads: int) -> Callable[[], tuple[float, int]]:
    events = open_events(path, threads=threads)

    def run() -> tuple[float, int]:
        found = events.reduce_rows("zones.hourly", SERIES)
        return (
            sum(float(each["total"].sum()) for each in found.values()),
            sum(int(each["peak_place"].sum()) for each in found.values()),
        )

    return run


def rows_with_shoeroot(path: Path) -> tuple[float, int]:
    """The same by whole batches and numpy."""
    total, hours = 0.0, 0
    with open_events(path) as events:
        for rows in events.rows("zones.hourly", SERIES):
            for values in rows.arrays.values():
                total += values.sum(axis=1, dtype="f8").sum()
                hours += int(values.argmax(axis=1).sum())
    return total, hours


def loop_over_events(path: Path) -> tuple[float, int]:
    """Read branches of a hundred events with uproot, and take the events one by one."""
    total, hours = 0.0, 0
    with uproot.open({str(path): None}) as file:
        counts = file["events"]["zones_n"].array(library="np")
        first = 0
        for start in range(0, len(counts), 100):
            wanted = counts[start : start + 100]
            arrays = file["zones_hourly"].arrays(
                SERIES, entry_start=first, entry_stop=first + int(wanted.sum()), library="np"
            )
            first += int(wanted.sum())
            row = 0
            for zones in wanted:
                for _ in range(zones):
                    for name in SERIES:
                        values = arrays[name][row]
                        total += values.sum(dtype="f8")
                        hours += int(values.argmax())
                        _ = values.max()
                    row += 1
    return total, hours


def write_hdf5(path: Path, target: Path) -> None:
    import h5py
    import hdf5plugin

    codec = hdf5plugin.Blosc(cname="zstd", clevel=1, shuffle=hdf5plugin.Blosc.SHUFFLE)
    with open_events(path) as events, h5py.File(target, "w") as file:
        count = int(events.counts("zones").sum())
        made = {
            name: file.create_dataset(name, (count, 8760), "f4", chunks=(64, 8760), **codec)
            for name in SERIES
        }
        first = 0
        for rows in events.rows("zones.hourly", SERIES):
            after = first + int(rows.counts.sum())
            for name, values in rows.arrays.items():
                made[name][first:after] = values
            first = after


def reduce_hdf5(path: Path) -> tuple[float, int]:
    import h5py

    total, hours = 0.0, 0
    with h5py.File(path) as file:
        for name in SERIES:
            data = file[name]
            block = np.empty(data.chunks, data.dtype)
            for start in range(0, len(data), len(block)):
                values = block[: min(len(block), len(data) - start)]
                data.read_direct(values, np.s_[start : start + len(values)])
                total += np.einsum("ij->i", values, dtype="f8").sum()
                place = values.argmax(axis=1)
                _ = values[np.arange(len(values)), place]
                hours += int(place.sum())
    return total, hours


class RootLoop:
    """A process with the real ROOT, which runs the loop again at each call."""

    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", ROOT_SCRIPT, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, way: str = "frame") -> tuple[float, float, int]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{way}\n")
        self._process.stdin.flush()
        return tuple(json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.communicate()


def measure(ways: dict[str, Callable[[], Any]], repeats: int) -> dict[str, list[float]]:
    """Seconds of each way, several times, one after the other in turns."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, work in ways.items():
            begin = time.perf_counter()
            result = work()
            seconds = time.perf_counter() - begin
            # ROOT's own clock leaves out the way between the processes.
            times[name].append(result[0] if name in FROM_ROOT else seconds)
    return times


def compare_reductions(path: Path, folder: Path, repeats: int) -> None:
    executor = ThreadPoolExecutor(2)
    alone = decompress_alone(path)
    size = alone()
    ways: dict[str, Callable[[], Any]] = {
        "shoeroot, 2 threads": reduce_with_shoeroot(path, 2),
        "shoeroot, 1 thread": reduce_with_shoeroot(path, 1),
        "shoeroot, rows and numpy": lambda: rows_with_shoeroot(path),
        "decompression alone, 1 thread": lambda: alone(),
        "decompression alone, 2 threads": lambda: alone(executor),
        "loop over batches of uproot": lambda: loop_over_events(path),
    }
    root = None
    if importlib.util.find_spec("hdf5plugin"):
        other = folder / "series.h5"
        write_hdf5(path, other)
        print(f"HDF5 with blosc-zstd1: {other.stat().st_size / 1e6:.0f} MB")
        ways["HDF5 blosc-zstd1"] = lambda: reduce_hdf5(other)
    if importlib.util.find_spec("ROOT"):
        root = RootLoop(path)
        ways["RDataFrame -O3, 1 thread"] = root
        ways["hax-style loop over events"] = lambda: root("events")
    check_agreement(ways)
    times = measure(ways, repeats)
    ours = statistics.median(times["shoeroot, 2 threads"])
    targets = {
        "decompression alone, 1 thread": 0.75,
        "RDataFrame -O3, 1 thread": 2,
        "hax-style loop over events": 3.5,
        "HDF5 blosc-zstd1": 1,
    }
    print(f"sum, peak and hour of peak of {size / 1e9:.2f} GB of series:")
    for name, seconds in times.items():
        median = statistics.median(seconds)
        wanted = f"  wanted >= {targets[name]}" if name in targets else ""
        print(
            f"{name:>32}: {median * 1e3:7.0f} ms (least {min(seconds) * 1e3:.0f})"
            f"  {size / median / 1e9:5.2f} GB/s  ratio {median / ours:5.2f}{wanted}"
        )
    single = statistics.median(times["shoeroot, 1 thread"])
    for name in ("decompression alone, 1 thread", "RDataFrame -O3, 1 thread"):
        if name in times:
            ratio = statistics.median(times[name]) / single
            print(f"shoeroot in 1 thread against {name}: {ratio:.2f}")
    if root is not None:
        root.close()


def check_agreement(ways: dict[str, Callable[[], Any]]) -> None:
    """Run each way once: all must find the same."""
    found = {
        name: work()[-2:] for name, work in ways.items() if not name.startswith("decompression")
    }
    total, hours = found["shoeroot, 2 threads"]
    for name, (other, places) in found.items():
        assert abs(other - total) < 1e-9 * abs(total), (name, other, total)
        assert places == hours, (name, places, hours)


def compare_opening(source: Path, folder: Path, repeats: int) -> None:
    with open_events(source) as events:
        some = events[:4].records()
    parts = folder / "many"
    for _ in range(FILES):
        with EventWriter(parts, Simulation, metadata={"site": "Berlin"}) as writer:
            writer.write(some)
    paths = sorted(parts.iterdir())

    def with_shoeroot(count: bool) -> None:
        with open_events(parts) as events:
            assert events.metadata["site"] == "Berlin"
            assert events.record_type.name == "Simulation"
            assert not count or len(events) == FILES * len(some)

    def with_uproot(texts: bool) -> None:
        files = [uproot.open(path) for path in paths]
        for file in files:
            if texts:
                _ = [str(file[f"meta/{key}"]) for key in ("format", "schema_id")]
            file.close()

    ways = {
        "shoeroot": lambda: with_shoeroot(False),
        "shoeroot and number of events": lambda: with_shoeroot(True),
        "uproot.open": lambda: with_uproot(False),
        "uproot.open and two texts": lambda: with_uproot(True),
    }
    times = measure(ways, repeats)
    plain = statistics.median(times["uproot.open"])
    print(f"open {FILES} files, with metadata, record type and its id in each file:")
    for name, seconds in times.items():
        median = statistics.median(seconds)
        wanted = "  wanted <= 1.2" if name == "shoeroot" else ""
        print(f"{name:>32}: {median * 1e3:7.1f} ms  {median / plain:5.2f} x uproot.open{wanted}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="a campaign with simulations")
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=7)
    given = parser.parse_args()
    print(
        f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, uproot {uproot.__version__}"
    )
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        source = given.folder
        if source is None:
            source = folder / "demo"
            run_demo(source, designs=256, show_progress=False)
        compare_opening(source, folder, given.repeats)
        path = make_events(source, folder / "events", given.events)
        print(f"{given.events} events: {path.stat().st_size / 1e6:.0f} MB")
        compare_reductions(path, folder, given.repeats)
        writing = Path(__file__).with_name("event_writing.py")
        sys.stdout.flush()
        count = str(given.events)
        return subprocess.call([sys.executable, writing, source, "--events", count])


if __name__ == "__main__":
    sys.exit(main())
