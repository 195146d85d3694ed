"""Rounding to fewer bits of mantissa: how near, which numbers are kept, and what is rounded."""

# ruff: noqa: RUF009 (a field's declaration is a call)

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoeroot.errors import ConfigError
from shoeroot.events import EventWriter, open_events
from shoeroot.events.truncate import round_mantissa
from shoeroot.records import about


@dataclass(frozen=True, slots=True)
class Series:
    power: np.ndarray = about("kW", "power", dtype="f4", length=500)
    energy: np.ndarray = about("kWh", "energy, exact", dtype="f8", length=3)


@dataclass(frozen=True, slots=True)
class Room:
    series: Series = about("", "series", own_tree=True)


@dataclass(frozen=True, slots=True)
class House:
    peak: float = about("kW", "peak")
    monthly: np.ndarray = about("kWh", "by month", dtype="f4", length=12)
    rooms: list[Room] = about("", "rooms")


def numbers(*values):
    return np.array(values, dtype=np.float32)


@pytest.mark.parametrize(("bits", "error"), [(12, 1.23e-4), (16, 7.7e-6)])
@given(st.lists(st.floats(width=32, allow_subnormal=False, allow_nan=False), min_size=1))
def test_the_error_is_bounded(bits, error, values):
    array = numbers(*values)
    rounded = round_mantissa(array, bits)
    finite = np.isfinite(array)
    assert np.array_equal(rounded[~finite], array[~finite])
    assert np.isfinite(rounded[finite]).all()
    difference = np.abs(rounded[finite].astype("f8") - array[finite].astype("f8"))
    # The largest finite numbers have no neighbour above: they may be off by twice as much.
    allowed = np.where(np.abs(array[finite]) > 3.4e38, 2 * error, error)
    assert np.all(difference <= allowed * np.abs(array[finite].astype("f8")))


def test_nearest_and_even():
    step = np.float32(2.0**-12)
    one = np.float32(1)
    cases = numbers(1, one + step, one + step / 2, one + 3 * step / 2, one + step / 4)
    assert round_mantissa(cases, 12).tolist() == [1, 1 + step, 1, 1 + 2 * step, 1]
    assert np.array_equal(round_mantissa(-cases, 12), -round_mantissa(cases, 12))


def test_special_numbers_are_kept():
    special = numbers(np.nan, np.inf, -np.inf, 0.0, -0.0, np.finfo("f4").max)
    payload = np.array([0x7FFFFFFF, 0xFFFFFFFF, 0x7F800001], dtype=np.uint32).view(np.float32)
    rounded = round_mantissa(special, 12)
    assert np.array_equal(rounded[:5].view("u4"), special[:5].view("u4"))
    assert 3.4e38 < rounded[5] < np.inf
    assert np.array_equal(round_mantissa(payload, 12).view("u4"), payload.view("u4"))


def test_rounding_twice_changes_nothing():
    array = np.random.default_rng(1).normal(size=200_000).astype("f4").reshape(100, -1)
    once = round_mantissa(array, 16)
    assert np.array_equal(round_mantissa(once, 16), once)
    assert once.shape == array.shape


@pytest.mark.parametrize("bits", [12, 16])
def test_only_series_are_rounded_and_the_file_says_so(tmp_path, bits):
    rng = np.random.default_rng(bits)
    houses = [
        House(
            rng.normal(),
            rng.normal(size=12).astype("f4"),
            [Room(Series(rng.normal(size=500).astype("f4"), rng.normal(size=3)))],
        )
        for _ in range(20)
    ]
    for name, chosen in (("exact", None), ("rounded", bits)):
        with EventWriter(tmp_path / f"{name}.root", House, mantissa_bits=chosen) as writer:
            writer.write(houses)
    with (
        open_events(tmp_path / "exact.root") as exact,
        open_events(tmp_path / "rounded.root") as rounded,
    ):
        assert "mantissa_bits" not in exact.metadata
        assert rounded.metadata["mantissa_bits"] == str(bits)
        assert np.array_equal(exact.peak, rounded.peak)
        assert np.array_equal(exact.monthly, rounded.monthly)
        before, after = (next(events.rows("rooms.series")).arrays for events in (exact, rounded))
        assert np.array_equal(before["energy"], after["energy"])
        assert np.array_equal(after["power"], round_mantissa(before["power"], bits))
        assert not np.array_equal(after["power"], before["power"])
    sizes = {path.stem: path.stat().st_size for path in tmp_path.iterdir()}
    assert sizes["rounded"] < sizes["exact"]


@pytest.mark.parametrize("bits", [0, 8, 23, "12"])
def test_other_numbers_of_bits_are_refused(tmp_path, bits):
    with pytest.raises(ConfigError, match="mantissa_bits"):
        EventWriter(tmp_path, House, mantissa_bits=bits)
