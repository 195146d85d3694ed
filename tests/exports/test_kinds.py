"""Exports of simulations refuse events of other kinds by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shoeroot.errors import ExportError
from shoeroot.events import EventWriter
from shoeroot.exports import to_ml, to_xarray, write_results
from shoeroot.records import about


@dataclass(frozen=True, slots=True)
class Place:
    """A place."""

    event_id: int = about("", "number of the place")


@pytest.fixture
def places(tmp_path: Path) -> Path:
    """Events that are no simulations."""
    with EventWriter(tmp_path / "places", Place) as writer:
        writer.write([Place(event_id=1)])
    return tmp_path / "places"


@pytest.mark.parametrize(
    "export",
    [
        pytest.param(to_xarray, id="to_xarray"),
        pytest.param(to_ml, id="to_ml"),
        pytest.param(lambda places: write_results(places, places / "x.parquet"), id="results"),
    ],
)
def test_events_that_are_no_simulations_are_refused_by_the_name_of_their_type(
    places: Path, export: Callable[[Path], Any]
) -> None:
    pytest.importorskip("xarray")
    pytest.importorskip("pyarrow")

    with pytest.raises(ExportError, match="records of the type Place, not simulations") as caught:
        export(places)

    assert "--layout events" in str(caught.value)
