"""The distribution `shoeroot-minitrees` is built, installed apart, and used by name."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMES = ["DemandFlexibility", "RetrofitSavings", "ThermalResilience"]

SCRIPT = """
import json, sys
import shoeroot
from shoeroot.minitrees import find_treemaker, load, treemaker_names

folder, minitrees = sys.argv[1:]
data = load(folder, ["Basics", "ThermalResilience", "DemandFlexibility"], minitree_folder=minitrees)
print(json.dumps({
    "names": treemaker_names(),
    "file": sys.modules["shoeroot_minitrees"].__file__,
    "rows": len(data),
    "known": int(data["cold_hours_safe"].notna().sum()),
    "unit": data.attrs["columns"]["heat_capacity"]["unit"],
}))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder into which the distribution was installed as users install it."""
    copy, target = tmp_path_factory.mktemp("source") / "minitrees", tmp_path_factory.mktemp("site")
    shutil.copytree(
        ROOT / "minitrees", copy, ignore=shutil.ignore_patterns("*.pyc", "__pycache__", "*cache")
    )
    # Offline: what builds it is part of the extra dev.
    command = ["uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--no-build-isolation"]
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        [*command, "--python", sys.executable, "--target", str(target), str(copy)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return target


def test_its_treemakers_are_found_by_name_and_make_minitrees(installed, campaign, tmp_path):
    path = os.pathsep.join([str(installed), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, campaign.folder, tmp_path],
        env={**os.environ, "PYTHONPATH": path},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert set(NAMES) <= set(told["names"])
    assert Path(told["file"]).is_relative_to(installed)
    assert told["rows"] == 8
    assert told["known"] >= 4
    assert told["unit"] == "Wh/(m2 K)"


def test_it_carries_its_licence_types_and_entry_points(installed):
    information = next(installed.glob("shoeroot_minitrees-*.dist-info"))

    metadata = (information / "METADATA").read_text(encoding="utf-8")
    entries = (information / "entry_points.txt").read_text(encoding="utf-8")

    assert "License-Expression: BSD-3-Clause" in metadata
    assert "BSD 3-Clause" in (information / "licenses" / "LICENSE").read_text(encoding="utf-8")
    assert (installed / "shoeroot_minitrees" / "py.typed").is_file()
    assert all(f"{name} = shoeroot_minitrees:{name}" in entries for name in NAMES)
