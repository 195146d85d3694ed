"""Time the making and loading of mini-trees against hax's way, uproot, Parquet and RDataFrame.

Usage: ``python benchmarks/minitrees.py [FOLDER] [--events 20000] [--rows 1000000] [--repeats 7]
[--scratch FOLDER]``. Without a folder (a campaign) a demo campaign of 32 designs is simulated.
Its events are repeated, each zone's series scaled a little, until there are enough; the file is
made once and everything that makes mini-trees reads it.

Making: Basics and Loads of all events, their files removed before each turn. hax's way is a loop
of our own in its style, in a process with the real ROOT: a loop over the events for each
TreeMaker, which activates the branches it wants; PyROOT gives one entry after the other as an
object, `extract_data` takes arrays as hax's own TreeMakers do, ``np.array(list(...))``, and returns
a dict; the DataFrame is made of the dicts. It runs on some of the events of the same file, and
counts per event. What it would take with numpy's views of ROOT's buffers, which hax did not have,
is printed as well. Both must give the numbers that the mini-trees have.

Loading: a mini-tree of 20 columns (10 float64, 6 float32, 4 int64 with the event's number) to a
pandas DataFrame by `load`, which also sees whether it is current. uproot and RDataFrame (warm: its
code is compiled before) read the same file, Parquet (pyarrow, zstd) has the same columns. The
numbers are noise to their last bit, as computed ones mostly are; then it is done again with the
same numbers rounded, which both formats make much smaller. A second `load` of 100 current datasets
stands against uproot reading the 100 files and doing nothing else.

Files are in the page cache for all. Ways take turns, in another order each round; before each,
memory is taken, written and given back, since memory that nobody had for a while is slow for
whoever comes first, on a virtual machine above all. Medians over the rounds count, of times and of
ratios within a round; the quartiles beside them say how far to trust them. The ratio of processor
times (all threads, and what the kernel does for them) is printed beside that of the clock: a busy
machine disturbs it less.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import uproot

from shoeroot.campaign import run_demo
from shoeroot.events import EventWriter, open_events
from shoeroot.minitrees import TreeMaker, load, load_single_minitree, make_minitrees
from shoeroot.records import (
    RecordType,
    Simulation,
    about,
    column_from_stripes,
    stripes_from_records,
)

TYPE = RecordType.of(Simulation)
BATCH = 100
DATASETS = 100
LOADINGS = 3
"""Rounds of loading for one of making."""
TOUCHED = 512 << 20
"""Bytes: more than a table and what is needed to read it."""

ROOT_SCRIPT = r"""
import json, sys, time
import numpy as np
import pandas as pd
import uproot
import ROOT
path, count, table, target = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
USES = ("heating", "cooling", "lighting", "equipment", "hot_water")
NUMBERS = ("batch_id", "variation_id", "floor_area", "facade_area", "window_area")
SERIES = ("heating", "cooling")
as_lists = lambda values: np.array(list(values))

class Basics:
    branches = {"events": ["event_id", "status", "end_uses_n", "design_program_type",
                           "design_vintage", "design_climate_zone", *NUMBERS,
                           *(f"*end_uses_{use}" for use in USES)]}
    def extract_data(self, event, array):
        result = {name: getattr(event, name) for name in NUMBERS}
        result["event_id"] = event.event_id
        result["status"] = str(event.status)
        result["program_type"] = int(event.design_program_type)
        result["vintage"] = event.design_vintage
        result["climate_zone"] = int(event.design_climate_zone)
        for use in USES:
            months = array(getattr(event, f"end_uses_{use}"))
            result[use] = months.sum() if len(months) else float("nan")
        result["eui"] = sum(result[use] for use in USES) / event.floor_area
        return result

class Loads:
    branches = {"events": ["event_id", "zones_n"], "zones_hourly": list(SERIES)}
    def extract_data(self, event, array):
        result = dict(event_id=event.event_id)
        loads = {name: 0.0 for name in SERIES}
        for zone in event.zones():
            for name in SERIES:
                loads[name] = loads[name] + array(getattr(zone, name)).astype("f8")
        for name in SERIES:
            if not event.zones_n:
                result[f"{name}_peak_hour"] = -1
                continue
            total = loads[name]
            peak = result[f"{name}_peak"] = total.max()
            result[f"{name}_peak_hour"] = int(total.argmax())
            result[f"{name}_load_factor"] = total.mean() / peak if peak > 0 else float("nan")
            for share in (1, 5, 10, 25, 50):
                result[f"{name}_load_{share}"] = np.quantile(total, 1 - share / 100)
        return result

class Event:
    # A row of the tree of events, and after it its zones, which lie in another tree.
    def __init__(self, tree, series):
        self._tree, self._series, self._first = tree, series, 0
    def __getattr__(self, name):
        return getattr(self._tree, name)
    def zones(self):
        for place in range(self._tree.zones_n):
            self._series.GetEntry(self._first)
            self._first += 1
            yield self._series

def make(treemaker, array):
    file = ROOT.TFile.Open(path)
    trees = {name: file.Get(name) for name in ("events", "zones_hourly")}
    for name, one in trees.items():
        one.SetBranchStatus("*", False)
        for branch in treemaker.branches.get(name, ()):
            one.SetBranchStatus(branch, True)
    event, rows = Event(trees["events"], trees["zones_hourly"]), []
    for number in range(count):
        trees["events"].GetEntry(number)
        rows.append(treemaker.extract_data(event, array))
    return pd.DataFrame(rows)

def hax(array):
    begin = time.perf_counter(), time.process_time()
    basics, loads = make(Basics(), array), make(Loads(), array)
    for each in (basics, loads):
        with uproot.recreate(target) as file:
            file.mktree("data", {name: str if name == "status" else column.dtype
                                 for name, column in each.items()})
            file["data"].extend({name: list(column) if name == "status" else column.to_numpy()
                                 for name, column in each.items()})
    spent = time.perf_counter() - begin[0], time.process_time() - begin[1]
    return [*spent, {f"{name}": float(each[name].sum()) for each in (basics, loads)
                     for name in each if name != "status"}]

def frame():
    begin = time.perf_counter(), time.process_time()
    data = ROOT.RDataFrame("minitree", table).AsNumpy()
    spent = time.perf_counter() - begin[0], time.process_time() - begin[1]
    return [*spent, float(data["float_0"].sum())]

for line in sys.stdin:
    ways = {"lists": lambda: hax(as_lists), "views": lambda: hax(np.asarray), "frame": frame}
    print("result", json.dumps(ways[line.strip()]()), flush=True)
"""


class Root:
    """A process with the real ROOT, which does what it is told and says how long it took."""

    def __init__(self, events: Path, count: int, table: Path, target: Path) -> None:
        arguments = [str(events), str(count), str(table), str(target)]
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", ROOT_SCRIPT, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, way: str) -> tuple[float, float, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{way}\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith("result "):
                return tuple(json.loads(line.removeprefix("result ")))
        raise RuntimeError("ROOT ended")

    def close(self) -> None:
        self._process.communicate()


def make_events(source: Path, folder: Path, count: int) -> Path:
    """Repeat the events of a campaign, each zone's series scaled by a factor of its own."""
    with open_events(source) as events:
        real = events.records()
    rng = np.random.default_rng(0)
    batch = [
        dataclasses.replace(real[number % len(real)], event_id=number) for number in range(BATCH)
    ]
    stripes = stripes_from_records(TYPE, batch)
    series = [name for name, each in stripes.items() if each.ndim == 2 and each.shape[1] == 8760]
    with EventWriter(folder, Simulation, batch=BATCH, expected_events=count) as writer:
        for first in range(0, count, BATCH):
            now = dict(stripes, event_id=stripes["event_id"] + first)
            for name in series:
                factors = rng.uniform(0.9, 1.1, (len(stripes[name]), 1)).astype("f4")
                now[name] = stripes[name] * factors
            writer.write(
                {
                    name: column_from_stripes(one, {each: now[each] for each in one.stripe_names})
                    for name, one in TYPE.columns.items()
                }
            )
    return writer.paths[0]


@dataclasses.dataclass(frozen=True, slots=True)
class Number:
    """An event that is nothing but its number."""

    event_id: int = about("", "Number of the event")


class Wide(TreeMaker):
    """Columns of the types that mini-trees have."""

    __version__ = "1"
    chunk_events = 100_000

    def extract(self, events: Any) -> dict[str, Any]:
        rng = np.random.default_rng(int(events.event_id[0]))
        count = len(events)
        return (
            {f"float_{place}": rng.normal(100, 20, count) for place in range(10)}
            | {f"single_{place}": rng.normal(9, 2, count).astype("f4") for place in range(6)}
            | {f"whole_{place}": rng.integers(0, 8760, count) for place in range(3)}
        )


class Rounded(Wide):
    """The same columns, with two digits after the point, or one."""

    def extract(self, events: Any) -> dict[str, Any]:
        return {
            name: values.round(2 if values.dtype == np.float64 else 1)
            for name, values in super().extract(events).items()
        }


Times = dict[str, list[tuple[float, float]]]


def measure(ways: dict[str, Callable[[], Any]], repeats: int) -> Times:
    """Seconds of the clock and of the processor of each way, in rounds of changing order."""
    times: Times = {name: [] for name in ways}
    order = random.Random(0)
    for _ in range(repeats):
        for name in order.sample(list(ways), len(ways)):
            np.empty(TOUCHED, dtype=np.uint8).fill(1)
            begin = time.perf_counter(), time.process_time()
            result = ways[name]()
            spent = time.perf_counter() - begin[0], time.process_time() - begin[1]
            # A way that is another process has measured itself.
            times[name].append(result if isinstance(result, tuple) else spent)
    return times


def report(title: str, times: Times, wanted: dict[str, tuple[float, bool]]) -> None:
    """Print medians with quartiles, and ratios to the first way, of the clock and the processor.

    `wanted` says how many times is wanted, and whether faster.
    """
    first = next(iter(times))
    print(f"\n{title}, {len(times[first])} rounds")
    for name, spent in times.items():
        clock, processor = (spread([each[kind] * 1e3 for each in spent], ".1f") for kind in (0, 1))
        print(f"{name:>34}: {clock} ms, processor {processor} ms")
        if name == first:
            continue
        limit, faster = wanted.get(name, (0.0, True))
        ratios = [
            [
                (other[kind] / own[kind]) ** (1 if faster else -1)
                for own, other in zip(times[first], spent, strict=True)
            ]
            for kind in (0, 1)
        ]
        what = "shoeroot is faster" if faster else "shoeroot takes of it"
        line = f"{what}: {spread(ratios[0], '.2f')} x (processor {spread(ratios[1], '.2f')} x)"
        if limit:
            line += f"  wanted {'>=' if faster else '<='} {limit}"
        print(f"{'':>36}{line}")


def spread(values: list[float], form: str) -> str:
    """Give the median, and the quartiles in brackets."""
    low, middle, high = np.percentile(values, [25, 50, 75])
    return f"{middle:{form}} [{low:{form}}, {high:{form}}]"


def compare_making(events: Path, folder: Path, root: Root | None, some: int, repeats: int) -> None:
    with open_events(events) as opened:
        count = len(opened)
    minitrees = folder / "made"

    def ours() -> None:
        shutil.rmtree(minitrees, ignore_errors=True)
        made = make_minitrees(events, ["Basics", "Loads"], minitree_folder=minitrees)
        assert [one.outcome for one in made] == ["made", "made"], made

    ways: dict[str, Callable[[], Any]] = {"shoeroot": ours}
    if root is not None:
        check_agreement(events, minitrees, root, some)

        def per_event(way: str) -> Callable[[], tuple[float, float]]:
            return lambda: tuple(each * count / some for each in root(way)[:2])

        ways["hax's way"] = per_event("lists")
        ways["hax's way with numpy's views"] = per_event("views")
    size = sum(path.stat().st_size for path in events.iterdir())
    title = f"make Basics and Loads of {count} events, {size / 1e6:.0f} MB"
    note = f" (hax's way: of {some} of them, times {count / some:.0f})" if root else ""
    report(title + note, measure(ways, repeats), {"hax's way": (50, True)})


def check_agreement(events: Path, minitrees: Path, root: Root, some: int) -> None:
    """hax's way must find the same; this also compiles what ROOT needs."""
    with open_events(events) as opened:
        ids = np.asarray(opened[:some].event_id)
    ours = load(
        events, ["Basics", "Loads"], event_list=ids, minitree_folder=minitrees
    ).select_dtypes("number")
    for way in ("lists", "views"):
        theirs = root(way)[2]
        assert set(theirs) == set(ours), set(theirs) ^ set(ours)
        for name, total in theirs.items():
            assert np.isclose(ours[name].sum(), total, rtol=1e-9), (way, name, total)


def compare_loading(
    dataset: Path, maker: type[TreeMaker], root: Root | None, folder: Path, repeats: int
) -> None:
    path = minitree_of(dataset, maker)
    data = load(dataset, maker)
    parquet = folder / "columns.parquet"
    data.drop(columns="dataset").to_parquet(parquet, compression="zstd")
    check_same(data, pd.read_parquet(parquet))
    ways: dict[str, Callable[[], Any]] = {
        "shoeroot, load": lambda: len(load(dataset, maker)),
        'uproot, library="pd"': lambda: len(uproot.open(path)["minitree"].arrays(library="pd")),
        "Parquet, pyarrow with zstd": lambda: len(pd.read_parquet(parquet)),
    }
    if root is not None:
        assert np.isclose(root("frame")[2], data["float_0"].sum())
        ways["RDataFrame.AsNumpy, warm"] = lambda: root("frame")[:2]
    wanted = {
        'uproot, library="pd"': (1.1, False),
        "Parquet, pyarrow with zstd": (1.4, False),
        "RDataFrame.AsNumpy, warm": (8, True),
    }
    sizes = [each.stat().st_size / 1e6 for each in (path, parquet)]
    title = (
        f"load {len(data)} rows of {len(data.columns) - 1} columns ({maker.__name__}), "
        f"{sizes[0]:.0f} MB, Parquet {sizes[1]:.0f} MB"
    )
    report(title, measure(ways, repeats), wanted)


def check_same(data: pd.DataFrame, other: pd.DataFrame) -> None:
    for name, values in other.items():
        assert values.dtype == data[name].dtype, name
        assert np.array_equal(values, data[name]), name


def minitree_of(dataset: Path, maker: type[TreeMaker]) -> Path:
    found: Path = load_single_minitree(dataset, maker).attrs["path"]
    return Path(found)


def compare_many(source: Path, folder: Path, repeats: int) -> None:
    datasets = []
    for number in range(DATASETS):
        events = folder / f"dataset_{number:03d}" / "events"
        shutil.copytree(source / "events", events)
        datasets.append(events.parent)
    rows = len(load(datasets, "Basics"))
    paths = [path / "minitrees" / "Basics" / "Basics.root" for path in datasets]

    def read() -> None:
        for path in paths:
            with uproot.open(path) as file:
                file["minitree"].arrays(library="np")

    ways = {
        "shoeroot, load": lambda: len(load(datasets, "Basics")),
        "uproot": read,
    }
    title = f"load {DATASETS} datasets that are current, {rows} rows"
    report(title, measure(ways, repeats), {"uproot": (1.3, False)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="a campaign with simulations")
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--hax-events", type=int, default=500, help="events of hax's way")
    parser.add_argument("--scratch", type=Path, help="where files are written (5 GB)")
    given = parser.parse_args()
    print(
        f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, numpy {np.__version__}, "
        f"uproot {uproot.__version__}"
    )
    with tempfile.TemporaryDirectory(dir=given.scratch) as temporary:
        folder = Path(temporary)
        source = given.folder
        if source is None:
            source = folder / "demo"
            run_demo(source, designs=32, show_progress=False)
        first = make_events(source, folder / "events", given.events)
        wide = folder / "wide"
        with EventWriter(wide / "events", Number, expected_events=given.rows) as writer:
            writer.write({"event_id": np.arange(given.rows)})
        root = None
        if importlib.util.find_spec("ROOT"):
            root = Root(first, given.hax_events, minitree_of(wide, Wide), folder / "hax.root")
        else:
            print("without ROOT: hax's way and RDataFrame are left out")
        compare_making(first.parent, folder, root, given.hax_events, given.repeats)
        compare_loading(wide, Wide, root, folder, LOADINGS * given.repeats)
        compare_loading(wide, Rounded, None, folder, LOADINGS * given.repeats)
        compare_many(source, folder, LOADINGS * given.repeats)
        if root is not None:
            root.close()


if __name__ == "__main__":
    main()
