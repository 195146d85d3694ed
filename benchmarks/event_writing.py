"""Time the writing of events against ZSTD alone, and weigh the files against HDF5.

Usage: ``python benchmarks/event_writing.py [FOLDER] [--events 2000] [--scratch FOLDER]``. Without
a folder (a campaign) a demo campaign of 64 designs is simulated. Its events are repeated, each
zone's series scaled a little, for 1 to 8 zones an event. In each of several turns the same events
are compressed by the peer and then written in each way; the ways are compared by all turns
together; the ratio of the median turn and that of processor times, which a busy machine disturbs
less, are printed beside it.

The peer is ``ZstdCompressor(level=1)`` of the package zstandard on the same bytes, already
big-endian and in memory, one thread, nothing written; two threads are printed as well. Throughputs
are bytes of uncompressed data a second. `EventWriter` takes records (dataclass instances) or
columns, and what is timed ends when the events are in the file. The size is compared with h5py:
gzip 4 with shuffle, a row of 8760 hours a chunk, everything else a data set a value.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from shoeroot.campaign import run_demo
from shoeroot.events import EventWriter, open_events
from shoeroot.records import RecordType, Simulation, column_from_stripes, stripes_from_records

Times = dict[str, NDArray[Any]]

TURN = 400
BATCH = 100
ZONES = 8
SIZE_EVENTS = 200
PEER = "ZSTD-1 alone, 1 thread"
PEER_2 = "ZSTD-1 alone, 2 threads"
TYPE = RecordType.of(Simulation)


def real_events(folder: str | None) -> list[Any]:
    if folder is not None:
        with open_events(folder) as events:
            return [event for event in events.records() if event.zones]
    with tempfile.TemporaryDirectory() as temporary:
        demo = Path(temporary) / "demo"
        run_demo(demo, designs=64, show_progress=False)
        return real_events(str(demo))


def perturbed(real: list[Any], count: int) -> Iterator[Any]:
    rng = np.random.default_rng(0)
    pool = [zone for event in real for zone in event.zones]
    for number in range(count):
        zones = []
        for place in range(number % ZONES + 1):
            zone = pool[(number * ZONES + place) % len(pool)]
            factors = rng.normal(1, 1e-3, size=4).astype("f4")
            fields = dataclasses.fields(zone.hourly)
            hourly = {
                field.name: getattr(zone.hourly, field.name) * factor
                for field, factor in zip(fields, factors, strict=True)
            }
            hourly = dataclasses.replace(zone.hourly, **hourly)
            zones.append(dataclasses.replace(zone, hourly=hourly))
        yield dataclasses.replace(real[number % len(real)], event_id=number, zones=zones)


def as_columns(stripes: dict[str, Any]) -> dict[str, Any]:
    return {
        name: column_from_stripes(column, {each: stripes[each] for each in column.stripe_names})
        for name, column in TYPE.columns.items()
    }


def compress(data: Sequence[bytes | memoryview]) -> int:
    compressor = zstandard.ZstdCompressor(level=1)
    return sum(len(compressor.compress(each)) for each in data)


def compress_in_two(data: list[bytes]) -> int:
    views = [memoryview(each) for each in data]
    pieces = [view[start : start + 2**22] for view in views for start in range(0, len(view), 2**22)]
    with ThreadPoolExecutor(2) as threads:
        return sum(threads.map(compress, (pieces[0::2], pieces[1::2])))


def seconds(work: Callable[[], Any]) -> NDArray[Any]:
    """Give the seconds that pass, and those of all processors."""
    start = time.perf_counter(), time.process_time()
    work()
    return np.array([time.perf_counter(), time.process_time()]) - start


def write(writer: EventWriter, events: Any) -> None:
    before = writer.committed
    if isinstance(events, dict):
        writer.write(events)
    else:  # as they come from a campaign: the next are converted while these are compressed
        for start in range(0, TURN, BATCH):
            writer.write(events[start : start + BATCH])
    # Reading `committed` waits until the events are in the file.
    assert writer.committed == before + TURN


def measure_turn(turn: list[Any], writers: dict[str, EventWriter]) -> tuple[int, Times]:
    """Give the bytes of the events and the seconds of each way."""
    stripes = stripes_from_records(TYPE, turn)
    data = [array.astype(array.dtype.newbyteorder(">")).tobytes() for array in stripes.values()]
    size = sum(map(len, data))
    times = {PEER: seconds(lambda: compress(data)), PEER_2: seconds(lambda: compress_in_two(data))}
    data = []
    columns = as_columns(stripes)
    for name, writer in writers.items():
        events = columns if name == "columns" else turn
        times[f"EventWriter, {name}"] = seconds(lambda w=writer, e=events: write(w, e))
    return size, times


def measure(real: list[Any], count: int, scratch: Path) -> None:
    writers = {
        "records": EventWriter(scratch / "records", Simulation, expected_events=count),
        "columns": EventWriter(scratch / "columns", Simulation, expected_events=count),
        "records, 12 bits": EventWriter(
            scratch / "rounded", Simulation, expected_events=count, mantissa_bits=12
        ),
    }
    events = perturbed(real, count)
    sizes, turns = [], []
    for _ in range(count // TURN):
        size, times = measure_turn([next(events) for _ in range(TURN)], writers)
        sizes.append(size)
        turns.append(times)
    for name, writer in writers.items():
        turns[-1][f"EventWriter, {name}"] += seconds(writer.close)
    report_times(sizes, turns)


def report_times(sizes: list[int], turns: list[Times]) -> None:
    print(f"{len(turns)} turns of {TURN} events, {sum(sizes) / 1e6:.0f} MB in all")
    print(f"{'':<32}{'MB/s':>8}{'ratio':>8}{'median turn':>13}{'processor time':>16}")
    peer = np.sum([times[PEER] for times in turns], axis=0)
    for name in turns[0]:
        spent = np.sum([times[name] for times in turns], axis=0)
        median = statistics.median(times[PEER][0] / times[name][0] for times in turns)
        ratio, of_processors = peer / spent
        speed = sum(sizes) / spent[0] / 1e6
        print(f"{name:<32}{speed:8.0f}{ratio:8.2f}{median:13.2f}{of_processors:16.2f}")
    print("wanted: a ratio of 0.7 or more")


def weigh(real: list[Any], scratch: Path) -> None:
    events = list(perturbed(real, SIZE_EVENTS))
    peer = hdf5_size(stripes_from_records(TYPE, events), scratch / "peer.h5")
    print(f"\n{SIZE_EVENTS} events, HDF5 gzip-4 with shuffle: {peer / 1e6:.1f} MB")
    for bits, wanted in ((None, 1.2), (16, None), (12, 0.8)):
        path = scratch / f"size-{bits}.root"
        with EventWriter(path, Simulation, mantissa_bits=bits) as writer:
            writer.write(events)
        size = path.stat().st_size
        name = "exact" if bits is None else f"{bits} bits"
        note = f"   (wanted: {wanted} or less)" if wanted else ""
        print(f"{name:<32}{size / 1e6:8.1f} MB{size / peer:8.2f}{note}")


def hdf5_size(stripes: dict[str, Any], path: Path) -> int:
    import h5py

    with h5py.File(path, "w") as file:
        for name, array in stripes.items():
            chunks = (1, array.shape[1]) if array.ndim == 2 and array.shape[1] > 1000 else True
            options = {"compression": "gzip", "compression_opts": 4, "shuffle": True}
            file.create_dataset(name, data=array, chunks=chunks, **options)
    return path.stat().st_size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", help="a campaign with simulated events")
    parser.add_argument("--events", type=int, default=2000, help=f"a multiple of {TURN}")
    parser.add_argument("--scratch", help="where the files are written, by default a temporary one")
    given = parser.parse_args()
    real = real_events(given.folder)
    print(f"from {len(real)} simulated events; zstandard {zstandard.__version__}")
    with tempfile.TemporaryDirectory(dir=given.scratch) as scratch:
        measure(real, given.events, Path(scratch))
    with tempfile.TemporaryDirectory(dir=given.scratch) as scratch:
        weigh(real, Path(scratch))


if __name__ == "__main__":
    main()
