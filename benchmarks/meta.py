"""Time META files: a house of 141 surfaces is read, expanded and reported on; and a thousand of it.

Usage: ``python benchmarks/meta.py [--files 1000] [--turns 15] [--profile]``.

The house has two storeys of three by two rooms, a bay and a roof of polygons: 14 zones, 20 windows,
24 doors between rooms, four desks. Processor seconds of one process are counted, and the median
turn; the ways take turns. The first peer only parts the same text into numbers and words, with the
standard csv module: no reader of the format can do with less. The second one, numpy, works out the
areas of the expanded polygons one after another. Then files with other measures are read, expanded
and reported on one after another, as `shoeroot meta check` and `stats` do.
"""

from __future__ import annotations

import argparse
import cProfile
import csv
import pstats
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from shoeroot import meta
from shoeroot.meta import MetaModel, MetaSurface, MetaZone
from shoeroot.meta.model import Boundary, Door, Glazing, Mass, SurfaceChoice

WANTED_SECONDS, WANTED_FILES = 0.1, 40.0
WIDTH, DEPTH, HEIGHT = 4.0, 5.0, 2.7
COLUMNS, ROWS, STOREYS = 3, 2, 2
#: Walls of a box from 1, and the step to the room behind each: column, row.
STEPS = {1: (0, -1), 2: (1, 0), 3: (0, 1), 4: (-1, 0)}
NAMES = {1: "front", 2: "right", 3: "back", 4: "left", 5: "ceiling", 6: "floor"}
OUTSIDE, ANOTHER, GROUND = 0, 3, 4
ROOF = COLUMNS * ROWS * STOREYS + 2
PEER_TEXT, PEER_AREAS = "csv and float alone", "areas alone, numpy"

Room = tuple[int, int, int]
ROOMS: list[Room] = [
    (column, row, storey)
    for storey in range(STOREYS)
    for row in range(ROWS)
    for column in range(COLUMNS)
]


def number_of(room: Room) -> int:
    column, row, storey = room
    return (storey * ROWS + row) * COLUMNS + column + 1


def behind(room: Room, wall: int) -> Room | None:
    """Give the room behind a wall."""
    column, row, storey = room[0] + STEPS[wall][0], room[1] + STEPS[wall][1], room[2]
    return (column, row, storey) if 0 <= column < COLUMNS and 0 <= row < ROWS else None


def walls_with_doors(room: Room) -> list[int]:
    """Give the walls through which one goes: along both rows, and between them at the left."""
    found = []
    for wall in STEPS:
        other = behind(room, wall)
        across = wall in (1, 3) and room[0] == COLUMNS - 1
        if other is not None and not across:
            found.append(wall)
    return found


def opposite(wall: int) -> int:
    return (wall + 1) % 4 + 1


def room_zone(room: Room) -> MetaZone:
    column, row, storey = room
    doors = walls_with_doors(room)
    windows = [wall for wall in STEPS if behind(room, wall) is None]
    rows = [
        MetaSurface(NAMES[wall], "extern_wall", boundary(room, wall)) for wall in (1, 2, 3, 4, 5, 6)
    ]
    for wall in doors:
        other = behind(room, wall)
        assert other is not None
        place = 7 + walls_with_doors(other).index(opposite(wall))
        partner = Boundary(ANOTHER, number_of(other), place)
        rows.append(MetaSurface(f"door_{NAMES[wall]}", "door", partner))
    rows += [MetaSurface(f"glz_{NAMES[wall]}", "dbl_glz", Boundary(OUTSIDE)) for wall in windows]
    corner = (column * WIDTH, row * DEPTH, storey * HEIGHT)
    desk = Mass(True, (corner[0] + 1, corner[1] + 2, corner[2]), 1.6, 0.8, 180.0, "desk", "door")
    return MetaZone(
        f"room_{column}{row}{storey}",
        "box",
        origin=corner,
        size=(WIDTH, DEPTH, HEIGHT),
        doors=tuple(Door(wall, 0.9) for wall in doors),
        glazings=tuple(Glazing(wall, 25.0) for wall in windows),
        surfaces=tuple(rows),
        masses=(desk,) if column == 0 else (),
        insolation=SurfaceChoice("list", (len(rows),)),
        heating=(20.0, 16.0),
        cooling=(26.0, 30.0),
        ideal_control=True,
    )


def boundary(room: Room, wall: int) -> Boundary:
    column, row, storey = room
    if wall == 5:
        above = (column, row, storey + 1)
        if storey + 1 < STOREYS:
            return Boundary(ANOTHER, number_of(above), 6)
        return Boundary(ANOTHER, ROOF, row * COLUMNS + column + 1)
    if wall == 6:
        return (
            Boundary(ANOTHER, number_of((column, row, storey - 1)), 5) if storey else Boundary(4, 1)
        )
    other = behind(room, wall)
    return Boundary(ANOTHER, number_of(other), opposite(wall)) if other else Boundary(OUTSIDE)


def bay_zone() -> MetaZone:
    plan = ((-3.0, 1.0), (-0.2, 1.0), (-0.2, 4.0), (-2.0, 4.0), (-3.0, 3.0))
    names = [*(f"wall_{place}" for place in range(1, 6)), "roof", "floor"]
    kinds = [*(Boundary(OUTSIDE) for _ in range(6)), Boundary(GROUND, 1)]
    rows = zip(names, kinds, strict=True)
    return MetaZone(
        "bay",
        "extrude",
        origin=(0.0, 2.5, 0.0),
        cords=plan,
        wall_count=5,
        surfaces=tuple(MetaSurface(name, "extern_wall", kind) for name, kind in rows),
    )


def roof_zone() -> MetaZone:
    base = HEIGHT * STOREYS
    grid = [(x * WIDTH, y * DEPTH, base) for y in range(ROWS + 1) for x in range(COLUMNS + 1)]
    ridge = [(x * WIDTH, DEPTH, base + 2.0) for x in (0, COLUMNS)]
    rows = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            one = row * (COLUMNS + 1) + column + 1
            corners = (one, one + COLUMNS + 1, one + COLUMNS + 2, one + 1)
            partner = Boundary(ANOTHER, number_of((column, row, STOREYS - 1)), 5)
            rows.append(MetaSurface(f"base_{column}{row}", "susp_ceil", partner, corners))
    outer = {
        "south": (1, 2, 3, 4, 14, 13),
        "north": (12, 11, 10, 9, 13, 14),
        "east": (4, 8, 12, 14),
        "west": (9, 5, 1, 13),
    }
    rows += [MetaSurface(name, "roof_1", Boundary(OUTSIDE), ring) for name, ring in outer.items()]
    return MetaZone(
        "roof", "poly", cords=(*grid, *ridge), wall_count=len(rows), surfaces=tuple(rows)
    )


def house() -> MetaModel:
    """Make the house: 14 zones, and 141 surfaces when it is expanded."""
    zones = (*(room_zone(room) for room in ROOMS), bay_zone(), roof_zone())
    return MetaModel(title="A house of 141 surfaces", zones=zones)


def processor_seconds(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def all_of_it(text: str) -> None:
    model = meta.read_text(text)
    expanded = meta.expand(model)
    meta.statistics(model)
    meta.diagnostics(model)
    assert len(expanded.zones) == len(model.zones)


def ways_of(text: str) -> dict[str, Callable[[], Any]]:
    model = meta.read_text(text)
    polygons = [
        np.array(zone.cords)[np.array(surface.vertices) - 1]
        for zone in meta.expand(model).zones
        for surface in zone.surfaces
    ]
    lines = text.splitlines()
    return {
        PEER_TEXT: lambda: [list(map(as_number, row)) for row in csv.reader(lines)],
        PEER_AREAS: lambda: [
            np.linalg.norm(np.cross(one, np.roll(one, -1, axis=0)).sum(axis=0)) / 2
            for one in polygons
        ],
        "read": lambda: meta.read_text(text),
        "expand": lambda: meta.expand(model),
        "statistics": lambda: meta.statistics(model),
        "diagnostics": lambda: meta.diagnostics(model),
        "write, unchanged": lambda: meta.to_text(model),
        "read, expand, statistics, diagnostics": lambda: all_of_it(text),
    }


def as_number(word: str) -> float | str:
    try:
        return float(word)
    except ValueError:
        return word


def measure(text: str, turns: int) -> None:
    ways = ways_of(text)
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(turns):
        for name, work in ways.items():
            taken[name].append(processor_seconds(work))
    peers = [statistics.median(taken[peer]) for peer in (PEER_TEXT, PEER_AREAS)]
    print(f"{'':<40}{'ms':>8}{'x csv':>8}{'x areas':>9}")
    for name, times in taken.items():
        median = statistics.median(times)
        ratios = [median / peer for peer in peers]
        print(f"{name:<40}{1000 * median:8.2f}{ratios[0]:8.1f}{ratios[1]:9.1f}")
    print(f"wanted: {1000 * WANTED_SECONDS:.0f} ms or less for all of it")


def measure_files(count: int) -> None:
    model = house()
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number in range(count):
            # No two of them alike.
            bay = replace(model.zones[-2], origin=(0.0, 2.5 + number / 1000, 0.0))
            zones = (*model.zones[:-2], bay, model.zones[-1])
            paths.append(Path(folder) / f"house_{number}.meta")
            meta.write(replace(model, zones=zones), paths[-1])
        start = time.process_time()
        for path in paths:
            all_of_it(path.read_text("latin-1"))
        seconds = time.process_time() - start
    print(f"\n{count} files: {seconds:.1f} s, {1000 * seconds / count:.1f} ms each")
    print(f"wanted: {WANTED_FILES * count / 1000:.0f} s or less")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--profile", action="store_true", help="where the time goes, and no more")
    given = parser.parse_args()
    text = meta.to_text(house())
    expanded = meta.expand(meta.read_text(text))
    surfaces = sum(len(zone.surfaces) for zone in expanded.zones)
    print(f"{len(expanded.zones)} zones, {surfaces} surfaces, {len(text)} bytes")
    # Imports and caches are paid once.
    all_of_it(text)
    if given.profile:
        profile = cProfile.Profile()
        profile.runcall(lambda: [all_of_it(text) for _ in range(20)])
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
        return
    measure(text, given.turns)
    measure_files(given.files)


if __name__ == "__main__":
    main()
