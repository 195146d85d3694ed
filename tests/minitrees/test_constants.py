"""Plain data as texts: the same for equal values, different for others, None for anything else."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from shoeroot.minitrees.constants import constant_text


@dataclass(frozen=True, slots=True)
class Limits:
    low: float
    high: float


class Kind(Enum):
    COLD = 1
    HOT = 2


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        (1.5, 1.5, 2.5),
        (1, 1, True),
        ("1", "1", 1),
        ((1, "a"), (1, "a"), (1, "b")),
        ({"a", "b"}, {"b", "a"}, {"a", "c"}),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}),
        (np.arange(3), np.arange(3), np.arange(3.0)),
        (Limits(1, 2), Limits(1, 2), Limits(1, 3)),
        (SimpleNamespace(a=1), SimpleNamespace(a=1), SimpleNamespace(a=2)),
        (Kind.COLD, Kind.COLD, Kind.HOT),
        (Path("a"), Path("a"), Path("b")),
        (datetime.date(2020, 1, 1), datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)),
        (range(3), range(3), range(4)),
        (pd.Series([1, 2]), pd.Series([1, 2]), pd.Series([1, 3])),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})),
    ],
)
def test_equal_values_have_the_same_text(one, same, other):
    assert constant_text(one) == constant_text(same)
    assert constant_text(one) is not None
    assert constant_text(one) != constant_text(other)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        len,
        [object()],
        {"a": len},
        SimpleNamespace(a=len),
        np.array([object()]),
        np.zeros(1 << 20),
        pd.Series(np.zeros(1 << 20)),
        pd.Series([[1], [2]]),
    ],
)
def test_anything_else_has_none(value):
    assert constant_text(value) is None
