"""Fixtures of tests of campaigns: sites as events."""

from __future__ import annotations

import pytest

from shoeroot.events import EventWriter
from shoeroot.records import BuiltUp, ClimateMonth, Site

PLACES = {
    "Oakland": (11, -122.27, 37.80, 400_000, "Csb"),
    "San Jose": (12, -121.89, 37.33, 1_000_000, "Csb"),
    "Boulder": (13, -105.27, 40.02, 100_000, "BSk"),
    "Milwaukee": (14, -87.91, 43.04, 600_000, "Dfa"),
}


def make_site(name: str, **values) -> Site:
    number, lon, lat, people, koppen = PLACES.get(name, (1, 0.0, 0.0, 1.0, ""))
    built = values.pop("built", {})
    normals = values.pop("normals", ())
    known = dict(
        event_id=number,
        level="urban_centre",
        name=name,
        country="US",
        lon=lon,
        lat=lat,
        area_km2=100.0,
        population=float(people),
        geometry=[],
        hd_id=0,
        eca_id="",
        koppen=koppen,
        admin=[],
        ntl=[],
        built=[BuiltUp(epoch, m2, m2 / 1e8) for epoch, m2 in built.items()],
        flood=[],
        climate=[
            ClimateMonth(month, mean, mean, mean, rain, float("nan"), float("nan"))
            for month, (mean, rain) in enumerate(normals, start=1)
        ],
        pm25=[],
        routes=[],
    )
    return Site(**{**known, **values})


@pytest.fixture
def site():
    """Make a site of a known place (or any other), with other values for some fields."""
    return make_site


@pytest.fixture
def write_sites(tmp_path):
    """Write sites as `shoeroot sites build` does; give their folder."""

    def write(*sites: Site, name: str = "sites"):
        folder = tmp_path / name
        with EventWriter(folder / "events", Site) as writer:
            writer.write(sites)
        return folder

    return write


@pytest.fixture
def california_and_colorado(site, write_sites):
    """Two sites near the weather station of San Francisco, one near that of Golden."""
    return write_sites(site("Oakland"), site("San Jose"), site("Boulder"))
