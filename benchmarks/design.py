"""Time what designs cost before they are simulated, as ratios of CPU time in one run.

Usage: ``python benchmarks/design.py [n_designs]``, 10,000 by default.

Schedule operations on all designs, against a plain Python loop over the rows: what one
writes first, for each design and each of its three schedules all 19 operations in their
order with numpy, year by year, whether they are asked for or not. "One by one" is our
function called once a design. All fill the same buffer, piece by piece, since 10,000
designs are 2.1 GB of schedules; the loops are timed on every fifth piece and scaled up.

The mix that counts is "each schedule varied in one way", as a campaign draws it: for each
schedule of each design one of 13 ways (kept, reversed, rolled, inverted, scaled, biased,
noisy, one sine added, two sines instead, always on, always off, a random week, pulses).
The others show what sparser and denser ones cost; where each schedule has noise and two
sines, drawing the random numbers alone takes a tenth of the plain loop's time. Sines of whole
frequencies, as here, cost half of what others cost.

Sampling all designs; building, checking and writing the models of some; simulating a few.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from shoeroot.building import (
    Template,
    TemplateLibrary,
    Weather,
    build_model,
    check_model,
    read_input_schema,
    read_shipped_library,
)
from shoeroot.campaign import sample_designs
from shoeroot.campaign.prepare import read_catalogue
from shoeroot.design import CLIMATE_ZONES, HOURS, Schema, apply_operations
from shoeroot.design.vocabulary import SCHEDULE_OPERATIONS
from shoeroot.engine import EngineModel, find_engine, run_model

PIECE = 1000
LOOP_EVERY = 5
TIME_OF_YEAR = np.linspace(0, 2 * np.pi, HOURS)
BUILT = 100
SIMULATED = 4
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
#: The ways in which a campaign varies a schedule.
WAYS: tuple[dict[str, float], ...] = (
    {},
    {"reverse": 1},
    {"roll": 30},
    {"invert": 1},
    {"scale": 0.7},
    {"bias": 0.1},
    {"noise": 0.2},
    {"sin_0_amp": 0.3, "sin_0_freq": 12, "sin_0_phase": 0.5},
    {
        "sin_overwrite": 1,
        "sin_0_amp": 0.3,
        "sin_0_freq": 12,
        "sin_0_phase": 0.5,
        "sin_1_amp": 0.2,
        "sin_1_freq": 365,
        "sin_1_phase": 0.1,
    },
    {"on/off": 1},
    {"on/off": -1},
    {"uniform_random_daily": 1},
    {"pulse_period": 24, "pulse_width": 8},
)
#: Ways a schedule (a whole number), or how often each operation is asked for (a share);
#: "all" leaves out those that hide the others.
MIXES: dict[str, int | float] = {
    "each schedule varied in one way": 1,
    "each schedule varied in two ways": 2,
    "each schedule varied in four ways": 4,
    "templates' schedules kept": 0,
    "each operation in 1 of 20": 0.05,
    "each operation in 3 of 10": 0.3,
    "all but those that hide others": 1.0,
}
HIDING = ("sin_overwrite", "on/off", "uniform_random_daily", "pulse_period")


def plain_row(schedule: np.ndarray, row: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """All operations on one schedule, as the specification lists them."""
    wanted = dict(zip(SCHEDULE_OPERATIONS, row, strict=True))
    noise, week = generator.random(HOURS), generator.random(168)
    values = schedule[::-1] if wanted["reverse"] == 1 else schedule
    values = np.roll(values, int(wanted["roll"]))
    values = 1 - values if wanted["invert"] == 1 else values
    values = np.clip(values * wanted["scale"], 0, 1)
    values = np.clip(values + wanted["bias"], 0, 1)
    values = np.clip(values + noise * wanted["noise"], 0, 1)
    if wanted["sin_overwrite"] == 1:
        values = np.zeros(HOURS)
    for sine in ("sin_0", "sin_1"):
        angle = wanted[f"{sine}_freq"] * (TIME_OF_YEAR + wanted[f"{sine}_phase"])
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


def draw_operations(n: int, mix: int | float) -> np.ndarray:
    schema = Schema()
    generator = np.random.default_rng(1)
    schedules = schema["schedules"]
    operations = schedules.extract_storage_values_batch(schema.generate_empty_storage_batch(n))
    if isinstance(mix, int):
        vary(operations, mix, generator)
        return operations
    for column, name in enumerate(SCHEDULE_OPERATIONS):
        if name == "synthetic" or (mix == 1 and name in HIDING):
            continue
        asked = generator.random(operations.shape[:2]) < mix
        operations[:, :, column][asked] = VALUES[name]
    return operations


def vary(operations: np.ndarray, times: int, generator: np.random.Generator) -> None:
    for _ in range(times):
        chosen = generator.integers(len(WAYS), size=operations.shape[:2])
        for number, way in enumerate(WAYS):
            for name, value in way.items():
                operations[:, :, SCHEDULE_OPERATIONS.index(name)][chosen == number] = value


def time_models(n: int) -> None:
    """Sample all designs, build every so many-th model, simulate some of those."""
    engine = find_engine()
    library, catalogue = read_shipped_library(), read_catalogue(None, engine)
    schema = Schema()
    rules = read_input_schema(engine.schema) if engine.schema else None
    begin = time.process_time()
    designs = sample_designs(n, library=library, weather=catalogue, schema=schema, seed=1)
    schema.check_batch(designs)
    sampling = (time.process_time() - begin) / n
    models = []
    chosen = designs[:: max(1, n // BUILT)]
    begin = time.process_time()
    for design, template, weather in matched(schema, chosen, library, catalogue):
        model = build_model(schema, design, template, weather)
        check_model(model, rules)
        models.append((EngineModel(model.text, model.files), weather.path))
    building = (time.process_time() - begin) / len(models)
    some = models[:: len(models) // SIMULATED][:SIMULATED]
    with tempfile.TemporaryDirectory() as folder:
        results = [
            run_model(engine, model, weather, Path(folder) / str(number))
            for number, (model, weather) in enumerate(some)
        ]
    simulating = sum(result.cpu_seconds for result in results) / len(results)
    share = (sampling + building) / simulating
    print(f"{n} designs sampled, {len(models)} models built and checked, {len(some)} simulated")
    print(
        f"CPU time a design: sampling {sampling * 1e3:.2f} ms, model {building * 1e3:.2f} ms, "
        f"simulation {simulating * 1e3:.0f} ms: share {share:.4f} (wanted: below 0.02)"
    )


def matched(
    schema: Schema, designs: np.ndarray, library: TemplateLibrary, catalogue: Sequence[Weather]
) -> Iterator[tuple[np.ndarray, Template, Weather]]:
    names = ("program_type", "vintage", "climate_zone", "base_epw")
    columns = [schema[name].start_storage for name in names]
    for design in designs:
        program, vintage, zone, epw = design[columns]
        template = library.select(int(program), vintage, CLIMATE_ZONES[int(zone)])
        yield design, template, catalogue[int(epw)]


def time_operations(n: int) -> None:
    schedules = np.random.default_rng(2).random((3, HOURS))
    seeds = np.arange(n)
    # Written to once: its pages are not the work of the first mix.
    out = np.zeros((PIECE, 3, HOURS)) + 1.0
    print(f"schedule operations, {n} designs, CPU seconds; Python {sys.version.split()[0]}")
    print(f"{'':36} {'plain loop':>10} {'one by one':>10} {'together':>9} {'ratio':>7}")
    for name, mix in MIXES.items():
        operations = draw_operations(n, mix)
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


def main() -> int:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    time_operations(n)
    time_models(n)
    return 0


if __name__ == "__main__":
    sys.exit(main())
