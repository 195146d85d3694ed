"""`Site`: its fields, and sites in ROOT files that uproot and the real ROOT read."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import uproot
from hypothesis import HealthCheck, given, settings

from shoeroot.events import EventWriter, open_events, verify
from shoeroot.minitrees import example_record
from shoeroot.records import RecordType, Site
from shoeroot.testing import assert_same_records, records_of

requires_root = pytest.mark.skipif(
    importlib.util.find_spec("ROOT") is None or shutil.which("g++") is None,
    reason='the ROOT framework or the C++ headers are missing: pip install "shoeroot[root]", '
    "apt-get install g++",
)

SCRIPT = """
import json, sys, ROOT
file = ROOT.TFile.Open(sys.argv[1])
events = file.Get("events")
lights, parts, lines = [], [], []
for event in events:
    lights.append(sum(event.ntl_sum))
    parts.append(int(event.admin_n))
    lines.append([int(one) for one in event.geometry])
drawn = events.Draw("population/area_km2", "", "goff")
values = events.GetV1()
print(json.dumps({"lights": lights, "parts": parts, "lines": lines,
                  "density": [values[i] for i in range(drawn)]}))
"""


@pytest.fixture(scope="module")
def sites():
    random = np.random.default_rng(3)
    return [example_record(Site, number, random) for number in range(7)]


@pytest.fixture(scope="module")
def path(sites, tmp_path_factory):
    target = tmp_path_factory.mktemp("sites") / "sites.root"
    with EventWriter(target, Site, batch=3) as writer:
        writer.write(sites)
    return target


def test_site_has_what_the_specification_lists():
    columns = RecordType.of(Site).columns

    for name in ("level", "name", "country", "lon", "lat", "area_km2", "population", "geometry"):
        assert name in columns
    for name in ("hd_id", "eca_id", "koppen", "admin_code", "ntl_month", "built_share"):
        assert name in columns
    for name in ("flood_return_period", "climate_t_mean", "pm25_population_mean", "routes_wkb"):
        assert name in columns
    assert all(column.value.description for column in columns.values())
    assert columns["ntl_sum"].value.unit == "nW/(cm2 sr)"


def test_sites_come_back_as_sites(path, sites):
    with open_events(path) as events:
        again = events.records()

    assert all(type(one) is Site for one in again)
    assert_same_records(again, sites)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(records=records_of(Site, min_size=1, max_size=3, max_items=2))
def test_any_sites_come_back(records, tmp_path_factory):
    target = tmp_path_factory.mktemp("any") / "sites.root"
    with EventWriter(target, Site, batch=2) as writer:
        writer.write(records)

    with open_events(target) as events:
        assert_same_records(events.records(), records)
    assert verify(target).ok


def test_uproot_reads_nested_lists(path, sites):
    with uproot.open(path) as file:
        months = file["events"]["admin_population"].array().to_list()
        bytes_of = file["events"]["geometry"].array().to_list()

    assert months == [[unit.population for unit in site.admin] for site in sites]
    assert bytes_of == [site.geometry for site in sites]


@requires_root
def test_the_real_root_reads_the_same(path, sites):
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    root = json.loads(run.stdout.splitlines()[-1])

    assert root["lights"] == pytest.approx([sum(one.sum for one in site.ntl) for site in sites])
    assert root["parts"] == [len(site.admin) for site in sites]
    assert root["lines"] == [site.geometry for site in sites]
    assert root["density"] == pytest.approx([site.population / site.area_km2 for site in sites])
