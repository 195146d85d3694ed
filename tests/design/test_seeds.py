"""Generators set to many seeds at once draw what numpy's own draw."""

from __future__ import annotations

import numpy as np

from shoeroot.design.seeds import SeededGenerator


def test_numbers_are_those_of_numpy() -> None:
    generator = np.random.default_rng(1)
    some = [0, 1, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 2**53, 2**63 - 1]
    seeds = np.concatenate([some, np.arange(2, 300), generator.integers(0, 2**63 - 1, 300)])

    seeded = SeededGenerator(seeds.astype(np.int64))

    for number, seed in enumerate(seeds.tolist()):
        seeded.start(number)
        expected = np.random.Generator(np.random.PCG64(seed)).random(3)
        assert np.array_equal(seeded.generator.random(3), expected), seed


def test_a_position_skips_draws() -> None:
    seeded = SeededGenerator(np.array([5, 6]))

    seeded.start(1)
    seeded.generator.integers(10, dtype=np.uint32)  # leaves half a word behind
    seeded.start(0, 100)

    expected = np.random.Generator(np.random.PCG64(5)).random(101)
    assert seeded.generator.random() == expected[100]
