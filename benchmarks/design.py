"""Time the schedule operations on 10,000 designs against a plain Python loop over the rows.

Usage: ``python benchmarks/design.py [n_designs]``. The loop is what one writes first:
for each design and each of its three schedules, all 19 operations in their order with
numpy, year by year. Both fill the same buffer, piece by piece, since 10,000 designs are
2.1 GB of schedules; the loop is timed on every 20th piece and scaled up. Times are CPU
time of one core.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from shoeroot.design import HOURS, Schema, apply_operations
from shoeroot.design.vocabulary import SCHEDULE_OPERATIONS

PIECE = 50
LOOP_EVERY = 20
#: Typical values of the operations where they are asked for.
VALUES = {
    "reverse": 1,
    "roll": 30,
    "invert": 1,
    "scale": 0.7,
    "bias": 0.1,
    "noise": 0.2,
    "sin_overwrite": 1,
    "sin_bias": 0.1,
    "sin_0_amp": 0.3,
    "sin_0_freq": 12,
    "sin_0_phase": 0.5,
    "sin_1_amp": 0.2,
    "sin_1_freq": 365,
    "sin_1_phase": 0.1,
    "on/off": 1,
    "uniform_random_daily": 1,
    "pulse_period": 24,
    "pulse_width": 8,
}
#: How often an operation is asked for; "all" leaves out those that hide the others.
MIXES = {
    "templates' schedules kept": 0.0,
    "each operation in 1 of 50 schedules": 0.02,
    "each operation in 1 of 20": 0.05,
    "each operation in 1 of 10": 0.1,
    "each operation in 3 of 10": 0.3,
    "all": 1.0,
}
HIDING = ("sin_overwrite", "on/off", "uniform_random_daily", "pulse_period")


def plain_row(schedule: np.ndarray, row: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """All operations on one schedule, as the specification lists them."""
    wanted = dict(zip(SCHEDULE_OPERATIONS, row, strict=True))
    noise, week = generator.random(HOURS), generator.random(168)
    values = schedule[::-1] if wanted["reverse"] == 1 else schedule
    values = np.roll(values, int(wanted["roll"]))
    values = 1 - values if wanted["invert"] == 1 else values
    values = values * wanted["scale"]
    values = values + wanted["bias"]
    values = values + noise * wanted["noise"]
    time_of_year = np.linspace(0, 2 * np.pi, HOURS)
    if wanted["sin_overwrite"] == 1:
        values = np.zeros(HOURS)
    for sine in ("sin_0", "sin_1"):
        angle = wanted[f"{sine}_freq"] * (time_of_year + wanted[f"{sine}_phase"])
        values = values + wanted[f"{sine}_amp"] * (0.5 * np.sin(angle) + 0.5)
    values = np.clip(values + wanted["sin_bias"], 0, 1)
    if wanted["on/off"] in (1, -1):
        values = np.full(HOURS, float(wanted["on/off"] == 1))
    if wanted["uniform_random_daily"] == 1:
        values = np.tile(week, 53)[:HOURS]
    if wanted["pulse_period"] > 0:
        phase = np.arange(HOURS) % wanted["pulse_period"]
        values = (phase < wanted["pulse_width"]).astype(float)
    return values


def plain_loop(
    schedules: np.ndarray, operations: np.ndarray, seeds: np.ndarray, out: np.ndarray
) -> None:
    for design, seed in enumerate(seeds):
        generator = np.random.default_rng(seed)
        for number in range(len(schedules)):
            out[design, number] = plain_row(
                schedules[number], operations[design, number], generator
            )


def loop_of_single_designs(
    schedules: np.ndarray, operations: np.ndarray, seeds: np.ndarray, out: np.ndarray
) -> None:
    for design, seed in enumerate(seeds):
        out[design] = apply_operations(schedules, operations[design], int(seed))


def draw_operations(n: int, share: float) -> np.ndarray:
    schema = Schema()
    generator = np.random.default_rng(1)
    schedules = schema["schedules"]
    operations = schedules.extract_storage_values_batch(schema.generate_empty_storage_batch(n))
    for column, name in enumerate(SCHEDULE_OPERATIONS):
        if name == "synthetic" or (share == 1 and name in HIDING):
            continue
        asked = generator.random(operations.shape[:2]) < share
        operations[:, :, column][asked] = VALUES[name]
    return operations


def main() -> int:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    schedules = np.random.default_rng(2).random((3, HOURS))
    seeds = np.arange(n)
    out = np.empty((PIECE, 3, HOURS))
    print(f"schedule operations, {n} designs, CPU seconds; Python {sys.version.split()[0]}")
    print(f"{'':36} {'plain loop':>10} {'one by one':>10} {'together':>9} {'ratio':>7}")
    for name, share in MIXES.items():
        operations = draw_operations(n, share)
        spent = dict.fromkeys(("plain", "single", "together"), 0.0)
        counted = dict.fromkeys(spent, 0)
        ways = {"plain": plain_loop, "single": loop_of_single_designs}
        for number, first in enumerate(range(0, n, PIECE)):
            some = slice(first, min(first + PIECE, n))
            size = some.stop - first
            work = (schedules, operations[some], seeds[some])
            begin = time.process_time()
            apply_operations(*work, out=out[:size])
            spent["together"] += time.process_time() - begin
            counted["together"] += size
            if number % LOOP_EVERY:
                continue
            for way, function in ways.items():
                begin = time.process_time()
                function(*work, out[:size])
                spent[way] += time.process_time() - begin
                counted[way] += size
        seconds = {way: spent[way] / counted[way] * n for way in spent}
        print(
            f"{name:36} {seconds['plain']:10.2f} {seconds['single']:10.2f} "
            f"{seconds['together']:9.2f} {seconds['plain'] / seconds['together']:6.1f}x"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
