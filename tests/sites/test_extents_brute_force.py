"""Both rules against slow ones written anew: loops over cells, on small random grids."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from shoeroot.sites import Grid, settlement_classes, urban_extents

SIDES = [(-1, 0), (1, 0), (0, -1), (0, 1)]
ALL = [*SIDES, (-1, -1), (-1, 1), (1, -1), (1, 1)]


class Slow:
    """A grid of 1 km2 cells as a dict from (row, column); columns may go round."""

    def __init__(self, shape, round_the_earth=False):
        self.rows, self.columns = shape
        self.round = round_the_earth
        self.cells = [(row, column) for row in range(shape[0]) for column in range(shape[1])]

    def beside(self, cell, steps):
        for down, right in steps:
            row, column = cell[0] + down, cell[1] + right
            if self.round:
                column %= self.columns
            if 0 <= row < self.rows and 0 <= column < self.columns:
                yield row, column

    def clusters(self, cells, steps):
        left, found = set(cells), []
        for cell in self.cells:
            if cell not in left:
                continue
            left.remove(cell)
            cluster, waiting = {cell}, [cell]
            while waiting:
                for other in self.beside(waiting.pop(), steps):
                    if other in left:
                        left.remove(other)
                        cluster.add(other)
                        waiting.append(other)
            found.append(cluster)
        return found

    def at_edge(self, cell):
        if cell[0] in (0, self.rows - 1):
            return True
        return not self.round and cell[1] in (0, self.columns - 1)


def slow_gost(people, density, population, smooth, steps, round_the_earth):
    slow = Slow(people.shape, round_the_earth)

    def large(cells):
        return [
            cluster
            for cluster in slow.clusters(cells, steps)
            if sum(max(people[cell], 0) for cell in cluster) > population
        ]

    kept = large([cell for cell in slow.cells if people[cell] > density])
    if not smooth:
        return kept
    urban = set().union(*kept)
    for _ in range(100):
        new = {
            cell
            for cell in set(slow.cells) - urban
            if sum(other in urban for other in slow.beside(cell, ALL)) >= 5
        }
        if not new:
            break
        urban |= new
    return large(urban)


def slow_degurba(people, land, built, given, round_the_earth=False):
    """`given` are density, population, built_share, hole_km2, smooth and steps."""
    slow = Slow(people.shape, round_the_earth)

    def is_dense(cell):
        by_people = people[cell] >= given["density"] * land[cell]
        return land[cell] > 0 and (by_people or built[cell] >= given["built_share"] * land[cell])

    owner = {}
    for cluster in slow.clusters(filter(is_dense, slow.cells), given["steps"]):
        if sum(people[cell] for cell in cluster) >= given["population"]:
            owner |= dict.fromkeys(cluster, min(cluster))
    slow_fill(slow, owner, given["hole_km2"])
    if given["smooth"]:
        slow_smooth(slow, owner, people, land, built)
    return [{cell for cell in owner if owner[cell] == name} for name in set(owner.values())]


def slow_fill(slow, owner, limit):
    for hole in slow.clusters([cell for cell in slow.cells if cell not in owner], SIDES):
        around = {owner.get(other) for cell in hole for other in slow.beside(cell, SIDES)}
        around.discard(None)
        inside = not any(slow.at_edge(cell) for cell in hole)
        if len(hole) < limit and len(around) == 1 and inside:
            owner |= dict.fromkeys(hole, around.pop())


def slow_smooth(slow, owner, people, land, built):
    new = {None: None}
    while new:
        new = {}
        for cell in slow.cells:
            water = land[cell] < 0.5 and people[cell] <= 0 and built[cell] <= 0
            if cell in owner or water:
                continue
            near = list(slow.beside(cell, ALL))
            counted = [other for other in near if people[other] > 0 or land[other] > 0.5]
            total = len(counted) + 8 - len(near)
            for name in {owner[other] for other in counted if other in owner}:
                if 2 * sum(owner.get(other) == name for other in counted) > total:
                    new[cell] = name
        owner |= new


def as_sets(extents):
    return sorted(
        sorted(map(tuple, np.argwhere(extents.labels == number).tolist()))
        for number in range(1, len(extents) + 1)
    )


def expected(clusters):
    return sorted(sorted(cluster) for cluster in clusters)


shapes = st.tuples(st.integers(1, 9), st.integers(3, 10))


def drawn(kind, values):
    return shapes.flatmap(
        lambda shape: arrays.arrays(
            kind, shape, elements=st.sampled_from(values), fill=st.nothing()
        )
    )


people_of_cells = drawn("f8", [0.0, 0.0, 1.0, 10.0, 20.0, 20.0, 20.0, -9.0])


def globe(people):
    """Cells that go round the Earth."""
    width = 360 / people.shape[1]
    return Grid(people, Affine(width, 0, -180, 0, -1, 5), "EPSG:4326")


@settings(max_examples=60, deadline=None)
@given(
    people_of_cells,
    st.sampled_from([0, 5, 10]),
    st.sampled_from([20, 60, 100]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_gost_is_what_loops_find(draw_grid, people, density, population, smooth, queen, turn):
    grid = globe(people) if turn else draw_grid(people)

    found = urban_extents(
        grid, rule="gost", density=density, population=population, smooth=smooth, queen=queen
    )

    slow = slow_gost(people, density, population, smooth, ALL if queen else SIDES, turn)
    assert as_sets(found) == expected(slow)


surfaces = shapes.flatmap(
    lambda shape: st.tuples(
        arrays.arrays("f8", shape, elements=st.sampled_from([0.0, 0.0, 5.0, 20.0, 20.0, 20.0])),
        arrays.arrays("f8", shape, elements=st.sampled_from([0.0, 0.25, 0.5, 1.0, 1.0, 1.0])),
        arrays.arrays("f8", shape, elements=st.sampled_from([0.0, 0.0, 0.25])),
    )
)


@settings(max_examples=80, deadline=None)
@given(
    surfaces,
    st.sampled_from([20, 80]),
    st.sampled_from([2, 5]),
    st.booleans(),
    st.booleans(),
)
def test_degurba_is_what_loops_find(draw_grid, surface, population, hole, smooth, queen):
    people, land, built = surface
    changed = dict(density=20, population=population, built_share=0.5, hole_km2=hole, smooth=smooth)

    found = urban_extents(
        draw_grid(people),
        land=draw_grid(land * 1e6),
        built=draw_grid(built * 1e6),
        queen=queen,
        **changed,
    )

    slow = slow_degurba(people, land, built, changed | {"steps": ALL if queen else SIDES})
    assert as_sets(found) == expected(slow)


@settings(max_examples=30, deadline=None)
@given(drawn("f8", [0.0, 30.0, 30.0, 40.0]), st.booleans())
def test_degurba_goes_round_the_earth(people, smooth):
    grid = globe(people)
    # Cells differ by some percent near the equator: three are more than 2.5 of the largest.
    largest = grid.cell_areas_km2().max()

    found = urban_extents(
        grid, density=20 / largest, population=60, hole_km2=2.5 * largest, smooth=smooth
    )

    ones = np.ones(people.shape)
    given = dict(density=20, population=60, built_share=9, hole_km2=3, smooth=smooth, steps=SIDES)
    slow = slow_degurba(people, ones, 0 * ones, given, round_the_earth=True)
    assert as_sets(found) == expected(slow)


def slow_classes(people, land):
    slow = Slow(people.shape)
    known = dict(built_share=9.0, hole_km2=0, smooth=False)
    nothing = np.zeros(people.shape)

    def clusters(density, population, steps, inside):
        cells = [cell for cell in slow.cells if inside(cell) and land[cell] > 0]
        cells = [cell for cell in cells if people[cell] / land[cell] >= density]
        found = slow.clusters(cells, steps)
        return [each for each in found if sum(people[cell] for cell in each) >= population]

    classes = {}
    for cell in slow.cells:
        classes[cell] = 11
        if land[cell] > 0 and people[cell] / land[cell] >= 50:
            classes[cell] = 12
        elif land[cell] < 0.5 and people[cell] <= 0:
            classes[cell] = 10
    moderate = clusters(300, 500, ALL, lambda cell: True)
    for cluster in moderate:
        urban = sum(people[cell] for cell in cluster) >= 5000
        classes |= dict.fromkeys(cluster, 21 if urban else 13)
    centre = dict(density=1500, population=50_000, hole_km2=15, smooth=True, steps=SIDES)
    centres = slow_degurba(people, land, nothing, known | centre)
    centre_cells = set().union(*centres)
    dense = clusters(1500, 5000, SIDES, lambda cell: cell not in centre_cells)
    city = centre_cells.union(*dense)
    towns = slow.clusters(
        [cell for cell in slow.cells if classes[cell] == 21 and cell not in city], ALL
    )
    for town in towns:
        apart = all(
            max(abs(row - other_row), abs(column - other_column)) > 3
            for row, column in town
            for other_row, other_column in city
        )
        if apart and sum(people[cell] for cell in town) >= 5000:
            classes |= dict.fromkeys(town, 22)
    for cluster in dense:
        classes |= dict.fromkeys(cluster, 23)
    classes |= dict.fromkeys(centre_cells, 30)
    return np.array([classes[cell] for cell in slow.cells]).reshape(people.shape)


@settings(max_examples=40, deadline=None)
@given(
    arrays.arrays(
        "f8",
        st.tuples(st.integers(1, 10), st.integers(1, 14)),
        elements=st.sampled_from([0, 0, 0, 0, 40, 60, 300, 400, 2600, 5000, 1500, 12_000.0]),
    ),
    st.integers(0, 2**32 - 1),
)
def test_classes_are_what_loops_find(draw_grid, people, seed):
    land = np.random.default_rng(seed).choice([0.0, 0.25, 1.0, 1.0, 1.0], people.shape)

    found = settlement_classes(draw_grid(people), land=draw_grid(land * 1e6))

    np.testing.assert_array_equal(found.values, slow_classes(people, land))


def test_the_slow_rules_find_something():
    people = np.array([[20.0, 20, 20], [20, 0, 20], [20, 20, 20]])

    assert slow_gost(people, 10, 100, True, SIDES, False) == [
        {*map(tuple, np.argwhere(people > -1))}
    ]
    assert len(slow_gost(people, 10, 200, True, SIDES, False)) == 0
    assert slow_classes(people * 0 + 6000, people * 0 + 1).tolist() == [[30] * 3] * 3
    with pytest.raises(StopIteration):
        next(Slow((1, 1)).beside((0, 0), ALL))
