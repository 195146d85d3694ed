"""A machine without libX11: the real engines, their real loader, and libraries really hidden."""

from __future__ import annotations

import ctypes.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shoeroot.engine import candidates

SHOEROOT = Path(sys.executable).with_name("shoeroot")


def hide(*libraries: Path) -> list[str]:
    """Return a command prefix that runs what follows where the libraries are empty files."""
    mounts = [f'mount --bind /dev/null "{library}"' for library in libraries]
    script = " && ".join([*mounts, 'exec "$@"'])
    prefix = ["unshare", "--mount", "sh", "-c", script, "sh"]
    allowed = (
        shutil.which("unshare")
        and not subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode
    )
    if not allowed:
        pytest.skip("hiding a library needs the right to make a mount namespace (root)")
    return prefix


@pytest.fixture(scope="module")
def libx11():
    name = ctypes.util.find_library("X11")
    folders = ("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib")
    found = [Path(folder, name or "none").resolve() for folder in folders]
    libraries = [path for path in found if path.is_file()]
    if not libraries:
        pytest.skip("libX11 is not in a folder that this test knows, so it cannot be hidden")
    return libraries[0]


@pytest.fixture(scope="module")
def other_engine():
    found = [one.engine for one in candidates() if one.way == "wheel pyenergyplus-lbnl"]
    if not found or not found[0]:
        pytest.skip("needs the wheel pyenergyplus-lbnl")
    return found[0].library


@pytest.fixture(scope="module")
def without_libx11(libx11, other_engine):
    return hide(libx11)


@pytest.fixture(scope="module")
def without_both(libx11, other_engine):
    return hide(libx11, other_engine)


def run(prefix, *arguments, folder):
    return subprocess.run(
        [*prefix, str(SHOEROOT), *arguments],
        cwd=folder,
        env={**os.environ, "ENERGYPLUS_DIR": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_other_wheel_serves(without_libx11, tmp_path):
    looked = run(without_libx11, "doctor", folder=tmp_path)
    done = run(without_libx11, "demo", "--designs", "2", folder=tmp_path)

    assert looked.returncode == 0, looked.stdout
    assert "wheel pyenergyplus-lbnl" in looked.stdout
    assert "runs in worker processes" in looked.stdout
    assert "libx11-6" in looked.stdout
    assert done.returncode == 0, done.stderr


def test_doctor_names_the_package_to_install(without_both, tmp_path):
    done = run(without_both, "doctor", folder=tmp_path)

    assert done.returncode == 1
    assert "engine         MISSING" in done.stdout
    assert "libX11.so.6" in done.stdout
    assert "what to type: apt-get install libx11-6" in done.stdout


def test_the_demo_ends_with_the_same_advice_and_writes_nothing(without_both, tmp_path):
    done = run(without_both, "demo", folder=tmp_path)

    assert done.returncode == 2
    assert "libx11-6" in done.stderr
    assert list(tmp_path.iterdir()) == []
