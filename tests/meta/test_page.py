"""The page on META models is true: its snippets run, print what it says, and it names all codes."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "meta.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
CHECKS = ("file_checks", "zone_checks", "shell_checks", "diagnostics")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the snippets run, one after another: later ones read what earlier ones wrote."""
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="module")
def outputs(folder):
    made = []
    for (language, code), (_, expected) in itertools.pairwise(BLOCKS):
        if language != "python":
            continue
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        made.append((run.stderr, run.stdout, expected))
    return made


def test_snippets_print_what_the_page_says(outputs):
    assert len(outputs) == 3
    for errors, printed, expected in outputs:
        assert not errors
        assert printed == expected


def test_a_change_writes_two_lines_and_keeps_the_rest(outputs, folder):
    assert outputs
    before = (folder / "office.meta").read_text().splitlines()
    after = (folder / "warmer.meta").read_text().splitlines()

    assert [line for line in after if line not in before] == ["*heating,22,18", "*ideal_control,1"]
    assert [line for line in after if line in before] == before


def test_every_code_is_on_the_page():
    rooms = (ROOT / "src" / "shoeroot" / "meta" / f"{name}.py" for name in CHECKS)
    text = "\n".join(room.read_text(encoding="utf-8") for room in rooms)
    codes = set(re.findall(r"(?:error|warn)\(\s*\"([a-z-]+)\"", text))
    codes |= set(re.findall(r"\"(?:error|warning)\",\s*\"([a-z-]+)\"", text))

    told = set(re.findall(r"`([a-z-]+)`", PAGE))

    assert len(codes) > 30
    assert codes <= told
