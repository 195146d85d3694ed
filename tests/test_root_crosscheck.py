"""The event file of a real campaign read by the real ROOT framework: the same numbers."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import uproot

requires_root = pytest.mark.skipif(
    importlib.util.find_spec("ROOT") is None or shutil.which("g++") is None,
    reason='the ROOT framework or the C++ headers are missing: pip install "shoeroot[root]", '
    "apt-get install g++",
)

# Plain TTree reading: no dictionaries, no generated classes, no glue.
SCRIPT = """
import json, sys, ROOT
file = ROOT.TFile.Open(sys.argv[1])
events, hourly = file.Get("events"), file.Get("zones_hourly")
annual, months, rows, statuses = [], [], [], []
for event in events:
    statuses.append(str(events.GetLeaf("status").GetValueString()))
    annual.append(sum(event.zones_heating))
    months.append(sum(event.end_uses_total))
for row in hourly:
    rows.append((int(row.event_id), int(row.index), sum(row.heating), sum(row.cooling)))
drawn = events.Draw("zones_heating", "", "goff")
values = events.GetV1()
print(json.dumps({
    "version": ROOT.gROOT.GetVersion(),
    "annual": annual, "months": months, "rows": rows,
    "drawn": [values[i] for i in range(drawn)],
    "status": statuses,
}))
"""


@pytest.fixture(scope="module")
def root(campaign):
    path = campaign.folder / "events" / "part-0000.root"
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


@requires_root
def test_annual_sums_are_the_same(root, events):
    heating = [sum(zone.heating for zone in event.zones) for event in events]
    totals = [sum(month.total for month in event.end_uses) for event in events]

    np.testing.assert_allclose(root["annual"], heating, rtol=1e-12)
    np.testing.assert_allclose(root["months"], totals, rtol=1e-12)
    np.testing.assert_array_equal(
        root["drawn"], [zone.heating for event in events for zone in event.zones]
    )


@requires_root
def test_hourly_sums_are_the_same_and_belong_to_the_same_zones(root, events):
    expected = [
        (event.event_id, index, zone.heating, zone.cooling)
        for event in events
        for index, zone in enumerate(event.zones)
    ]

    assert [tuple(row[:2]) for row in root["rows"]] == [row[:2] for row in expected]
    np.testing.assert_allclose(np.array(root["rows"])[:, 2:], np.array(expected)[:, 2:], rtol=1e-6)


@requires_root
def test_statuses_are_the_same(root, events):
    assert root["status"] == list(events.status)


def test_uproot_lists_the_nested_branches(campaign):
    with uproot.open(campaign.folder / "events" / "part-0000.root") as file:
        keys = file["events"].keys()

    assert {"status", "design_width", "zones_n", "zones_heating", "messages_n"} <= set(keys)
